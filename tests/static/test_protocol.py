"""The client script and the server speak the same protocol."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest

import flask_clientcallback
from flask_clientcallback.protocol import answers
from flask_clientcallback.protocol import failures
from flask_clientcallback.protocol import wire
from flask_clientcallback.script.attributes import CLIENT_EVENTS
from flask_clientcallback.typing import Policy

from ..helpers.static_files import read


def script_constants(name: str = "clientcallback.js") -> dict[str, str]:
    """Find a client script's text constants."""
    found = re.findall(r'^  const ([A-Z_]+) = "([^"]*)"$', read(name), re.MULTILINE)
    return dict(found)


def wire_constant(name: str) -> str | None:
    """Find the constant of the protocol that the script calls by a shorter name."""
    for candidate in (name, f"{name}_FIELD", f"{name}_HEADER"):
        value = getattr(wire, candidate, None) or getattr(answers, candidate, None)

        if isinstance(value, str):
            return value

    return None


@pytest.mark.parametrize("name", sorted(script_constants()))
def test_constants_of_the_script(name: str) -> None:
    """A name of the protocol is the same in the browser and on the server."""
    assert script_constants()[name] == wire_constant(name)


@pytest.mark.parametrize("name", ["CONTENT_TYPE", "MARKER", "TARGET", "STATE"])
def test_constants_of_the_debug_script(name: str) -> None:
    """The debug script has the names that the other one has."""
    constants = script_constants("clientcallback.debug.js")
    assert constants[name] == script_constants()[name]


def test_types_of_answers() -> None:
    """The script asks for lines, and knows both types of answers, as on the server."""
    script = read()
    assert re.findall(r'set\("Accept", "(.+)"\)', script) == [answers.STREAM_TYPE]
    [pattern] = re.findall(r"if \(!/\^(.+)/\.test\(type\)\)", script)
    known = re.compile(pattern.replace(r"\/", "/"))
    assert all(map(known.fullmatch, (answers.CONTENT_TYPE, answers.STREAM_TYPE)))


def test_csrf_header() -> None:
    """The usual header of the CSRF token is the same on both sides."""
    written = re.findall('let csrfHeader = "(.+)"', read("clientcallback.js"))
    assert written == [wire.CSRF_HEADER]


def test_attributes_of_the_debug_script() -> None:
    """The debug script knows each attribute that the server writes, and no other."""
    source = read("clientcallback.debug.js")
    lists = re.findall(r"const OF_(?:ELEMENTS|MARKS) = (\[[^]]*\])", source)
    known = {name for names in lists for name in re.findall(r'"([\w-]+)"', names)}
    package = Path(flask_clientcallback.__file__).parent
    written = {
        name.replace("_", "-")
        for path in package.rglob("*.py")
        for name in re.findall(r"\bdata_callback_(\w+)", path.read_text("utf-8"))
    }
    # That one an author writes.
    assert known == written | {"ignore"}


def test_script_has_its_constants() -> None:
    """The names that every call needs are among them."""
    assert {"ARGUMENT", "CONTENT_TYPE", "MARKER", "STATE", "TARGET"} <= set(
        script_constants()
    )


def test_script_has_no_other_fields() -> None:
    """The script writes no field whose name the server does not know."""
    fields = set(re.findall(r'"(__[A-Z]+)"', read()))
    assert fields <= wire.PROTOCOL_FIELDS
    assert set(script_constants().values()) >= fields


def test_kinds_of_the_script() -> None:
    """The script knows every kind of error that the server tells."""
    declared = read("clientcallback.d.ts").partition("CallbackErrorKind")[2]
    kinds = set(re.findall(r'\| "(\w+)"', declared.partition("/**")[0]))
    assert set(failures.ErrorKind.__args__) <= kinds  # type: ignore[attr-defined]


def listed(pattern: str, name: str = "clientcallback.js") -> set[str]:
    """Find the texts in the place of a file that a pattern captures."""
    found = re.search(pattern, read(name))
    assert found is not None
    return set(re.findall(r'"(\w+)"', found[1]))


def test_policies_of_the_script() -> None:
    """The script, its declarations and the server have the same policies."""
    policies = set(t.get_args(Policy))
    tested = re.search(r"\^\(([\w|]*)\)\$/\.test\(policy\)", read("clientcallback.js"))
    assert tested is not None
    assert set(tested[1].split("|")) == policies
    assert listed(r"policy\?: (.*)", "clientcallback.d.ts") == policies
    debug = "clientcallback.debug.js"
    assert listed(r"const POLICIES = (\[.*?\])", debug) == policies


def test_options_of_the_debug_script() -> None:
    """The debug script knows the options that are declared, and no others."""
    declared = read("clientcallback.d.ts").partition("interface CallOptions {")[2]
    options = set(
        re.findall(r"^  (\w+)\?:", declared.partition("\n}")[0], re.MULTILINE)
    )
    assert listed(r"const OPTIONS = (\[.*?\])", "clientcallback.debug.js") == options


def test_events_of_the_script() -> None:
    """The script waits for each event that an attribute may name, and for the end of
    an input.
    """
    types = listed(r"const TYPES = (\[.*?\])")
    assert types == {*CLIENT_EVENTS, "compositionend"} - {"load"}
