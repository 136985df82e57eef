"""The reference of the interface tells each parameter by itself."""

from __future__ import annotations

import importlib
import inspect
import re
import typing as t

import pytest

from flask_clientcallback import ClientScriptManager
from flask_clientcallback.page import templates

from ..helpers.documentation import read

DIRECTIVE = re.compile(
    r"^\.\. (?:(?:current)?module:: (?P<module>\S+)"
    r"|auto(?P<kind>class|exception|function):: (?P<name>[\w.]+)(?P<bare>\(\))?)"
    r"(?P<options>(?:\n {4}.*)*)",
    re.MULTILINE,
)


def find(module: str, name: str) -> t.Any:
    """Find what a directive documents."""
    path, _, last = name.rpartition(".")
    return getattr(importlib.import_module(path or module), last)


def members(owner: type, options: str) -> t.Iterator[str]:
    """List the methods that the reference of a class has."""
    found = re.search(r":members:((?:[ \n]+[\w,]+)*)", options)

    if found is None:
        return

    inherited = ":inherited-members:" in options
    listed = dir(owner) if inherited else vars(owner)
    named = re.findall(r"\w+", found[1])

    for name in named or listed:
        if not name.startswith("_") and inspect.isfunction(getattr(owner, name, None)):
            yield name


def documented() -> t.Iterator[tuple[str, t.Any]]:
    """List what the reference documents and can be called, by its name."""
    module = "flask_clientcallback"

    for found in DIRECTIVE.finditer(read("docs/api.rst")):
        module = found["module"] or module

        if found["kind"] is None:
            continue

        held = find(module, found["name"])

        # Most errors take what any error does, and most objects are made by nobody.
        own = found["kind"] != "exception" or "__init__" in vars(held)

        if own and not found["bare"]:
            yield found["name"], held

        if found["kind"] != "function":
            for name in members(held, found["options"]):
                yield f"{found['name']}.{name}", getattr(held, name)


DOCUMENTED = dict(documented())


def test_functions_are_found() -> None:
    """What the tests below go by is really found."""
    assert {
        "ClientCallback",
        "ClientCallback.init_app",
        "callback_attributes",
        "callback_handler",
        "flask_clientcallback.typing.Store.swap",
        "ClientScriptManager.get_callback_attributes",
        "ClientScriptManager.register_hidden_field",
        "Page.start_job",
    } <= DOCUMENTED.keys()


@pytest.mark.parametrize("name", DOCUMENTED)
def test_parameters(name: str) -> None:
    """The description of a function names the parameters that it accepts, in order,
    and none of them in a bundle, unless any name is good.
    """
    held = DOCUMENTED[name]
    accepted = [
        parameter.name
        for parameter in inspect.signature(held).parameters.values()
        if parameter.name != "self"
    ]
    described = re.findall(r"^ *:param (\w+):", held.__doc__ or "", re.MULTILINE)
    assert described == accepted
    assert "options" not in described


@pytest.mark.parametrize("name", ["callback_attributes"])
def test_keywords(name: str) -> None:
    """A template global that hands its arguments on shows the keywords that it
    takes.
    """
    method = inspect.signature(getattr(ClientScriptManager, f"get_{name}"))
    shown = inspect.signature(getattr(templates, name)).parameters
    assert [(key, held.default) for key, held in shown.items()] == [
        (key, held.default) for key, held in method.parameters.items() if key != "self"
    ]
