"""The elements that a page's template gets."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from flask_clientcallback import js_literal
from flask_clientcallback.protocol.javascript import JavaScriptLiteral
from flask_clientcallback.script.html import hidden_field
from flask_clientcallback.script.html import html_attributes
from flask_clientcallback.script.html import inline_script
from flask_clientcallback.script.html import script_element

from ..helpers.engine import CARRIED
from ..helpers.engine import HOSTILE
from ..helpers.engine import UNCARRIED


@pytest.mark.parametrize("with_id", [True, False])
def test_hidden_field(with_id: bool) -> None:
    """A hidden field is escaped, and the browser does not restore its value."""
    field = hidden_field('a"b', '"><script>', with_id=with_id)
    identity = ' id="a&#34;b"' if with_id else ""
    assert field == (
        f'<input type="hidden" name="a&#34;b"{identity}'
        ' value="&#34;&gt;&lt;script&gt;" autocomplete="off">'
    )


def test_script_element() -> None:
    """Attributes are escaped and hyphenated, and those without a value left out."""
    element = script_element(nonce='n"', src="/a?b&c", data_callback_url=None)
    assert element == '<script src="/a?b&amp;c" nonce="n&#34;"></script>'
    element = script_element(nonce=None, data_callback_state="x", content="a < b")
    assert element == '<script data-callback-state="x">a < b</script>'


def test_inline_script() -> None:
    """JavaScript stays as it is."""
    source = "if (a < b && c) f(\"d\", 'e', {})"
    assert inline_script(source, None) == f"<script>{source}</script>"
    assert inline_script(source, "n") == f'<script nonce="n">{source}</script>'


@pytest.mark.parametrize(
    "source",
    [
        "f('</script>')",
        "f('</SCRIPT')",
        "<script>f()",
        "f('<sCript')",
        "<!-- f()",
    ],
)
def test_inline_script_that_would_end(source: str) -> None:
    """Source that would end its element or open a comment is refused."""
    with pytest.raises(ValueError, match="JavaScript only"):
        inline_script(source, None)


@pytest.mark.parametrize("text", HOSTILE)
def test_inline_script_with_literals(text: str) -> None:
    """Any data is welcome in a script when it is written as a literal."""
    source = f"f({js_literal(text)})"
    assert inline_script(source, None) == f"<script>{source}</script>"


def test_attributes() -> None:
    """Attributes keep their order, and each has a space before it."""
    written = html_attributes(name="a", data_x_y="", title=None, value="1")
    assert written == ' name="a" data-x-y="" value="1"'
    assert isinstance(written, Markup)
    assert html_attributes() == ""


@pytest.mark.parametrize("text", CARRIED)
def test_attributes_of_any_text(text: str) -> None:
    """No value leaves its quotes, whatever it is."""
    written = html_attributes(value=text)
    assert set(written[8:-1]).isdisjoint("\"'<>")
    assert written == f' value="{Markup.escape(text)}"'.replace("\r", "&#13;")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_attributes_that_are_parsed(text: str) -> None:
    """A parser, which first makes all line breaks line feeds, finds the value."""
    found: list[list[tuple[str, str | None]]] = []

    class Parser(HTMLParser):
        def handle_starttag(
            self, tag: str, attrs: list[tuple[str, str | None]]
        ) -> None:
            found.append(attrs)

    written = f"<a{html_attributes(value=text)}>"
    Parser().feed(written.replace("\r\n", "\n").replace("\r", "\n"))
    assert found == [[("value", text)]]


@pytest.mark.parametrize("text", [*UNCARRIED, Markup("&\0"), "\U0001f600\udc00"])
def test_text_that_html_cannot_carry(text: str) -> None:
    """What would arrive as another text is refused, with what and where it is."""
    wrong = next(character for character in text if character in "\0\ud800\udfff\udc00")
    named = re.escape(f"the character {wrong!a} in ")

    with pytest.raises(ValueError, match=f"{named}the attribute value"):
        html_attributes(value=text)

    for name, value in ((text, ""), ("", text)):
        with pytest.raises(ValueError, match=f"{named}the attribute"):
            hidden_field(name, value, with_id=True)

    with pytest.raises(ValueError, match=f"{named}a script.*js_literal"):
        inline_script(f"'{text}'", None)


def test_values_that_are_markup_or_numbers() -> None:
    """Carriage returns are written for Markup too, and a number is its text."""
    assert html_attributes(value=Markup("&\r\n")) == ' value="&amp;&#13;\n"'
    assert html_attributes(value=t.cast(str, 1)) == ' value="1"'


class Lazy:
    """A text that is made when it is asked for, and says what it is as HTML."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        return self.text


class LazyMarkup(Lazy):
    """The same, made of Markup."""

    def __str__(self) -> str:
        return Markup(self.text)


class Loud(str):
    """Text that says what it is as HTML, and formats as something else."""

    def __str__(self) -> str:
        return '"><script>'

    def __html__(self) -> str:
        return '"><script>'

    def __format__(self, spec: str) -> str:
        return '"><script>'


def literal_of(source: str) -> JavaScriptLiteral:
    """Make a literal of any source."""
    return str.__new__(JavaScriptLiteral, source)


KINDS = [str, Markup, Lazy, LazyMarkup, Loud, literal_of]


def attributes_in(text: str) -> list[dict[str, str | None]]:
    """Read the attributes of all elements."""
    found: list[dict[str, str | None]] = []

    class Parser(HTMLParser):
        def handle_starttag(
            self, tag: str, attrs: list[tuple[str, str | None]]
        ) -> None:
            found.append(dict(attrs))

    Parser().feed(text)
    return found


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    st.sampled_from(KINDS),
)
@example('"><script>alert(1)</script>', Markup)
@example("a&amp;b", Markup)
def test_values_are_text(text: str, kind: Callable[[str], t.Any]) -> None:
    """A value is text and nothing else, whatever it says of itself as HTML: it may be
    a user's.
    """
    value = kind(text)
    written = str(Markup.escape(text)).replace("\r", "&#13;")
    assert html_attributes(value=value) == f' value="{written}"'
    field = hidden_field(value, value, with_id=True)
    assert field == hidden_field(text, text, with_id=True)
    element = script_element(nonce=value, src=value)
    assert element == f'<script src="{written}" nonce="{written}"></script>'


def test_hidden_field_of_markup() -> None:
    """A parser finds one element with the text in it, and no other element."""
    text = '"><script>alert(1)</script>'
    field = hidden_field(Markup(text), Markup(text), with_id=True)
    assert attributes_in(field) == [
        {
            "type": "hidden",
            "name": text,
            "id": text,
            "value": text,
            "autocomplete": "off",
        }
    ]


def test_number_as_a_value() -> None:
    """What is no text is written as its text."""
    assert html_attributes(value=t.cast(t.Any, 5)) == ' value="5"'


def test_source_is_not_what_it_says_as_html() -> None:
    """The source that is written is the one that was checked."""

    class Source(str):
        def __html__(self) -> str:
            return "</script><script>"

    assert inline_script(Source("f()"), None) == "<script>f()</script>"
    assert inline_script(Markup("a < b"), None) == "<script>a < b</script>"
