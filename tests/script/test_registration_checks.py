"""What cannot be registered, and what is told of what is registered twice."""

from __future__ import annotations

import inspect
import logging
import typing as t

import pytest
from flask import Flask
from markupsafe import Markup

from flask_clientcallback import current_page
from flask_clientcallback.script.client_script import ClientScriptManager
from flask_clientcallback.script.registered_scripts import RegisteredScripts
from flask_clientcallback.script.registered_scripts import ScriptKind
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Echo

KINDS: tuple[ScriptKind, ...] = t.get_args(ScriptKind)
KEYED = {
    "register_client_script_block": "script",
    "register_client_script_include": "url",
    "register_startup_script": "script",
    "register_on_submit_statement": "script",
}


class Grid:
    """Stands for a control's class."""


class Tree:
    """Stands for another."""


def in_a_page(
    app: Flask, client: CallbackClient, work: t.Callable[[t.Any], object]
) -> str:
    """Do something with the scripts of a page, and get its text."""
    app.testing = True

    def page_load(page: t.Any) -> None:
        work(current_page.client_script)

    add_page(app, type("Registering", (Echo,), {"page_load": page_load}))
    return client.get_page("/").text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("sort", "'sort'"),
        ("", "''"),
        (None, "''"),
        ((Grid, "sort"), f"({Grid!r}, 'sort')"),
        (5, "5"),
        (frozenset("a"), "frozenset({'a'})"),
    ],
    ids=str,
)
def test_second_source(
    caplog: pytest.LogCaptureFixture, kind: ScriptKind, key: t.Any, told: str
) -> None:
    """Another source under a key is logged with the key; the first stays. The same
    again is silent.
    """
    scripts = RegisteredScripts()
    scripts.add(kind, key, "/one.js")
    scripts.add(kind, key, "/one.js")
    scripts.add(kind, key, Markup("/one.js"))
    assert caplog.messages == []
    scripts.add(kind, key, "/two.js")
    [message] = caplog.messages
    assert message.startswith(
        f"The script {told} is registered already with another source, and the first"
    )
    assert caplog.records[0].levelno == logging.WARNING
    text = "".join(scripts.render_scripts(None))
    assert text.count("/one.js") == 1
    assert "/two.js" not in text


def test_second_value_of_a_field(caplog: pytest.LogCaptureFixture) -> None:
    """So is another value of a hidden field. An array has as many as one likes."""
    scripts = RegisteredScripts()

    for value in ("red", "red", "blue"):
        scripts.add_field("colour", value)
        scripts.add_to_array("colours", f"'{value}'")

    [message] = caplog.messages
    assert message.startswith("The hidden field 'colour' is registered already")
    assert 'value="red"' in scripts.render_fields()


def test_kinds_do_not_meet(caplog: pytest.LogCaptureFixture) -> None:
    """One key may stand for a script of each kind."""
    scripts = RegisteredScripts()

    for kind in KINDS:
        scripts.add(kind, "x", f"/{kind}")

    assert caplog.messages == []
    assert all(f"/{kind}" in "".join(scripts.render_scripts(None)) for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_pairs(caplog: pytest.LogCaptureFixture, kind: ScriptKind) -> None:
    """A pair of class and name keeps apart what two classes call by one name."""
    scripts = RegisteredScripts()
    scripts.add(kind, (Grid, "sort"), "/grid.js")
    assert scripts.has(kind, (Grid, "sort"))
    assert not scripts.has(kind, (Tree, "sort"))
    assert not scripts.has(kind, "sort")
    scripts.add(kind, (Tree, "sort"), "/tree.js")
    text = "".join(scripts.render_scripts(None))
    assert "/grid.js" in text
    assert "/tree.js" in text
    assert caplog.messages == []


def test_missing_key() -> None:
    """As in ASP.NET a key may be missing, which is the same as the empty text."""
    scripts = RegisteredScripts()
    scripts.add("startup", None, "one()")
    assert scripts.has("startup", None)
    assert scripts.has("startup", "")
    assert not scripts.has("startup", "None")


@pytest.mark.parametrize(
    "key", [[], {}, set(), ["a"], (Grid, []), bytearray()], ids=str
)
def test_key_that_is_not_hashable(key: t.Any) -> None:
    """A key that cannot be one is a TypeError that says what to do."""
    scripts = RegisteredScripts()

    with pytest.raises(TypeError, match=r"is text, or anything.*hashable, a tuple"):
        scripts.add("startup", key, "x()")

    with pytest.raises(TypeError, match="hashable"):
        scripts.has("startup", key)

    assert scripts.render_scripts(None) == []


Work = t.Callable[[ClientScriptManager, t.Any], None]
TEXTS: dict[str, tuple[Work, bool]] = {
    "block": (lambda script, x: script.register_client_script_block("k", x), True),
    "startup": (lambda script, x: script.register_startup_script("k", x), True),
    "on submit": (lambda script, x: script.register_on_submit_statement("k", x), True),
    "include": (lambda script, x: script.register_client_script_include("k", x), False),
    "field": (lambda script, x: script.register_hidden_field(x, "v"), False),
    "value": (lambda script, x: script.register_hidden_field("k", x), True),
    "array": (lambda script, x: script.register_array_declaration(x, "1"), False),
}


@pytest.mark.parametrize("given", [None, "", 5, b"x", ["x"], True, object], ids=str)
@pytest.mark.parametrize(("work", "may_be_empty"), TEXTS.values(), ids=TEXTS)
def test_names_addresses_and_sources(
    app: Flask,
    client: CallbackClient,
    work: Work,
    may_be_empty: bool,
    given: t.Any,
) -> None:
    """What is missing, or no text, is refused, as is an empty name or address. An empty
    source is one, as in ASP.NET. What is refused leaves nothing behind.
    """
    errors: list[Exception] = []

    def register(script: ClientScriptManager) -> None:
        try:
            work(script, given)
        except (TypeError, ValueError) as error:
            errors.append(error)

    text = in_a_page(app, client, register)

    if given == "" and may_be_empty:
        assert errors == []
        return

    [error] = errors
    assert type(error) is (ValueError if given == "" else TypeError)
    assert "name=k" not in text
    assert text.count("<script") == 1


def test_value_that_is_refused_declares_nothing() -> None:
    """An array whose first value is refused is not there."""
    scripts = RegisteredScripts()

    with pytest.raises(TypeError, match=r"js_literal\(5\)"):
        scripts.add_to_array("names", t.cast(str, 5))

    assert (scripts.render_scripts(None), scripts.left(), scripts.count) == ([], [], 0)


@pytest.mark.parametrize("rest", [(), (True,), (False,)])
@pytest.mark.parametrize(("method", "source"), KEYED.items())
def test_type_as_first_argument(
    app: Flask,
    client: CallbackClient,
    method: str,
    source: str,
    rest: tuple[t.Any, ...],
) -> None:
    """ASP.NET's overloads begin with a type; the error shows the call to write."""

    def register(script: t.Any) -> None:
        with pytest.raises(TypeError) as caught:
            getattr(script, method)(Grid, "sort", "x()", *rest)

        assert str(caught.value) == (
            f"{method}() takes no type. Write {method}((Grid, 'sort'), {source})."
        )

    assert "x()" not in in_a_page(app, client, register)


@pytest.mark.parametrize(
    ("call", "right"),
    [
        (
            lambda script: script.register_startup_script(Grid, "x()"),
            "register_startup_script((Grid, 'x()'), script)",
        ),
        (
            lambda script: script.register_startup_script(Grid, None, None),
            "register_startup_script((Grid, key), script)",
        ),
        (
            lambda script: script.register_startup_script(script="y()", key=Grid),
            "register_startup_script((Grid, 'y()'), script)",
        ),
        (
            lambda script: script.is_startup_script_registered(Grid, "sort"),
            "is_startup_script_registered((Grid, 'sort'))",
        ),
        (
            lambda script: script.is_client_script_block_registered(Grid),
            "is_client_script_block_registered((Grid, key))",
        ),
        (
            lambda script: script.is_client_script_include_registered(Grid, "sort"),
            "is_client_script_include_registered((Grid, 'sort'))",
        ),
        (
            lambda script: script.is_on_submit_statement_registered(Grid, "sort"),
            "is_on_submit_statement_registered((Grid, 'sort'))",
        ),
        (
            lambda script: script.get_web_resource_url(Grid, "clientcallback.mjs"),
            "get_web_resource_url('clientcallback.mjs')",
        ),
    ],
)
def test_types_elsewhere(
    app: Flask, client: CallbackClient, call: t.Callable[[t.Any], object], right: str
) -> None:
    """So it does in the other methods that take a type in ASP.NET."""

    def register(script: t.Any) -> None:
        with pytest.raises(TypeError) as caught:
            call(script)

        assert str(caught.value).endswith(f"() takes no type. Write {right}.")

    in_a_page(app, client, register)


@pytest.mark.parametrize("method", KEYED)
def test_script_tags(app: Flask, client: CallbackClient, method: str) -> None:
    """ASP.NET's overloads end with whether to add script tags; the error shows the call
    to write.
    """

    def register(script: t.Any) -> None:
        with pytest.raises(TypeError) as caught:
            getattr(script, method)("sort", "x()", True)

        assert str(caught.value) == (
            f"{method}() takes fewer arguments. Write {method}(key, {KEYED[method]})."
        )

    assert "x()" not in in_a_page(app, client, register)


@pytest.mark.parametrize("method", KEYED)
def test_signatures(method: str) -> None:
    """What help() shows is what is to be written."""
    parameters = [*inspect.signature(getattr(ClientScriptManager, method)).parameters]
    assert parameters == ["self", "key", KEYED[method]]
