"""JavaScript literals."""

from __future__ import annotations

import math
import re
import typing as t
from collections import UserDict
from decimal import Decimal
from enum import IntEnum
from html.parser import HTMLParser
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from markupsafe import escape
from markupsafe import Markup

from flask_clientcallback import js_literal
from flask_clientcallback.protocol.javascript import JavaScriptLiteral

from ..helpers.engine import HOSTILE
from ..helpers.engine import texts

UNSAFE = re.compile(r"[\s\"'=<>&]|[^\x21-\x7e]")


class Reader:
    """Reads the literals of a small part of JavaScript: ``null``, booleans,
    numbers, template literals, arrays, and objects whose names are computed.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0

    def take(self, pattern: str) -> str | None:
        """Take what matches here, if anything does."""
        match = re.compile(pattern).match(self.source, self.position)

        if match is None:
            return None

        self.position = match.end()
        return match.group()

    def need(self, pattern: str) -> str:
        """Take what has to match here."""
        text = self.take(pattern)
        assert text is not None, self.source[self.position :]
        return text

    def value(self) -> t.Any:
        """Take a literal."""
        if (word := self.take("null|true|false")) is not None:
            return {"null": None, "true": True, "false": False}[word]

        if self.take("`") is not None:
            return self.text()

        if self.take(r"\[") is not None:
            return self.members(self.value, "]")

        if self.take(r"\{") is not None:
            return dict(self.members(self.member, "}"))

        number = self.need(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?")
        return float(number) if re.search("[.e]", number) else int(number)

    def text(self) -> str:
        """Take the rest of a template literal, which holds UTF-16 units."""
        units = b""

        while self.take("`") is None:
            if self.take(r"\\u") is not None:
                units += int(self.need("[0-9a-f]{4}"), 16).to_bytes(2, "little")
            else:
                units += self.need("[A-Za-z0-9_]").encode("utf-16-le")

        return units.decode("utf-16-le", "surrogatepass")

    def members(self, read: t.Callable[[], t.Any], end: str) -> list[t.Any]:
        """Take members up to a closing bracket."""
        found: list[t.Any] = []

        while self.take(re.escape(end)) is None:
            if found:
                self.need(",")

            found.append(read())

        return found

    def member(self) -> tuple[str, t.Any]:
        """Take a member of an object."""
        self.need(r"\[`")
        name = self.text()
        self.need("]:")
        return name, self.value()


def read(source: str) -> t.Any:
    """Read a literal to its end."""
    reader = Reader(source)
    value = reader.value()
    assert reader.position == len(source)
    return value


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(texts, children, max_size=3)
    ),
    max_leaves=10,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_text(text: str) -> None:
    """Text arrives exactly and cannot leave an attribute or a script."""
    literal = js_literal(text)
    assert UNSAFE.search(literal) is None
    assert read(literal) == text
    assert escape(literal) == literal


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("quote", ['"', "'", ""])
def test_text_in_an_attribute(text: str, quote: str) -> None:
    """A browser's parser finds the attribute's value as it was written."""
    parsed: list[list[tuple[str, str | None]]] = []

    class Parser(HTMLParser):
        def handle_starttag(
            self, tag: str, attrs: list[tuple[str, str | None]]
        ) -> None:
            parsed.append(attrs)

    literal = js_literal(text)
    Parser().feed(f"<a onclick={quote}f({literal}){quote}>")
    assert parsed == [[("onclick", f"f({literal})")]]


@settings(deadline=None)
@given(values)
def test_values_arrive_exactly(value: t.Any) -> None:
    """Any value is read back as it was, from harmless characters alone."""
    literal = js_literal(value)
    assert UNSAFE.search(literal) is None
    assert read(literal) == value
    assert literal.value == value


@pytest.mark.parametrize(
    ("value", "source"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-1, "-1"),
        (1.5, "1.5"),
        (1e300, "1e+300"),
        ("a_1", "`a_1`"),
        ("é\n", r"`\u00e9\u000a`"),
        ("\U0001f600", r"`\ud83d\ude00`"),
        ([], "[]"),
        ({}, "{}"),
        ((1, "a"), "[1,`a`]"),
        (range(3), "[0,1,2]"),
        ([[None], {"a": []}], "[[null],{[`a`]:[]}]"),
        ({"__proto__": {"x": 1}}, "{[`__proto__`]:{[`x`]:1}}"),
        ({"a b": 1, "c": True}, r"{[`a\u0020b`]:1,[`c`]:true}"),
        (UserDict({"a": 1}), "{[`a`]:1}"),
        (IntEnum("Size", ["SMALL"]).SMALL, "1"),
    ],
)
def test_sources(value: t.Any, source: str) -> None:
    """Each kind of value has its one way of being written."""
    assert js_literal(value) == source


@pytest.mark.parametrize("text", ["<b>&amp;</b>", "</script>", '"'])
def test_markup_is_text(text: str) -> None:
    """Markup is data like any other text: neither trusted nor escaped twice."""
    assert read(js_literal(Markup(text))) == text
    assert js_literal(Markup(text)) == js_literal(text)


def test_literal_of_a_literal() -> None:
    """A literal that is given again is text, not code."""
    literal = js_literal("x")
    assert read(js_literal(literal)) == "`x`"


@pytest.mark.parametrize("value", ["x", 3, None, [1, {"a": "</script>"}]])
def test_value_is_remembered(value: t.Any) -> None:
    """A literal is Markup that knows what it was made from."""
    literal = js_literal(value)
    assert isinstance(literal, Markup)
    assert isinstance(literal, JavaScriptLiteral)
    assert literal.value is value


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks(number: float) -> None:
    """NaN and the infinities are refused, however deep they are."""
    with pytest.raises(ValueError, match="js_literal cannot write"):
        js_literal(number)

    with pytest.raises(ValueError, match="js_literal cannot write"):
        js_literal({"a": [number]})


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b"x", "bytes"),
        (bytearray(), "bytearray"),
        ({1}, "set"),
        (object(), "object"),
        (1j, "complex"),
        (len, "builtin_function_or_method"),
        (iter([1]), "list_iterator"),
    ],
)
def test_unsupported_types(value: t.Any, name: str) -> None:
    """What is no JSON value is refused by its type, also within a list."""
    with pytest.raises(TypeError, match=f"not {name}"):
        js_literal(value)

    with pytest.raises(TypeError, match=f"not {name}"):
        js_literal([value])


def test_a_literal_does_not_change_later_ones() -> None:
    """Characters beyond the first plane are written without a trace."""
    assert js_literal("\U00010022\U00010041") == r"`\ud800\udc22\ud800\udc41`"
    assert js_literal('A"') == r"`A\u0022`"


@pytest.mark.parametrize(
    "number", [2**53 + 1, -(2**53) - 1, 2**60, 10**400, 10**5000], ids=hex
)
def test_integer_that_a_browser_rounds(number: int) -> None:
    """One that not every number in JavaScript is next to is refused, however deep it
    is, and the error tells what to write.
    """
    for value in (number, IntEnum("Id", {"ROW": number}).ROW, [{"id": number}]):
        with pytest.raises(ValueError, match=r"js_literal\(str\(number\)\)"):
            js_literal(value)


@pytest.mark.parametrize("number", [2**53, -(2**53), 2**53 - 1])
def test_integer_that_a_browser_keeps(number: int) -> None:
    """An integer of up to 2**53 is written with all its digits."""
    assert js_literal(number) == str(number)


@pytest.mark.parametrize("key", [b"a", (1,), UUID(int=1), Decimal(1), 1j], ids=repr)
def test_key_that_has_no_text(key: t.Any) -> None:
    """What JavaScript has no member for is refused."""
    with pytest.raises(TypeError, match="Convert the keys to text first"):
        js_literal([{key: 1}])


@pytest.mark.parametrize("pair", [(1, "1"), (None, "null"), (True, "true")], ids=repr)
def test_keys_of_the_same_text(pair: tuple[t.Any, t.Any]) -> None:
    """Of two members with one name JavaScript would keep the last."""
    with pytest.raises(ValueError, match="two keys of the same text"):
        js_literal(dict.fromkeys(pair, "x"))


def test_binary_is_no_list() -> None:
    """Bytes of any type are refused."""
    with pytest.raises(TypeError, match="memoryview"):
        js_literal(memoryview(b"ab"))
