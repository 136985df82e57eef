"""What real JavaScript makes of the sources that the package writes."""

from __future__ import annotations

import math
import typing as t
from decimal import Decimal
from enum import Enum
from enum import IntEnum
from enum import StrEnum
from urllib.parse import unquote

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from markupsafe import escape
from markupsafe import Markup

from flask_clientcallback import js_literal
from flask_clientcallback.protocol.arguments import argument_to_post
from flask_clientcallback.protocol.arguments import argument_to_send
from flask_clientcallback.protocol.arguments import text_sent_by
from flask_clientcallback.protocol.arguments import text_sent_for
from flask_clientcallback.script.references import postback_reference

from ..helpers.aspnet import REFERENCE
from ..helpers.engine import evaluate
from ..helpers.engine import HOSTILE
from ..helpers.engine import texts

REFERENCES = REFERENCE["references"]

NUMBERS: list[float] = [
    0,
    -0.0,
    1,
    -1,
    1.0,
    0.1,
    1.5,
    100,
    1e6,
    1e20,
    123456789012345680000.0,
    1e21,
    1.5e21,
    -1e21,
    1e-6,
    1.5e-6,
    1e-7,
    1.25e-7,
    5e-324,
    2.2250738585072014e-308,
    1.7976931348623157e308,
    1e100,
    2**53,
    -(2**53),
    0.1 + 0.2,
]


class Colour(str, Enum):  # noqa: UP042
    """Text with a name, as it was written before StrEnum."""

    RED = "red"


class Size(StrEnum):
    """Text with a name."""

    SMALL = "small"


class Count(IntEnum):
    """A number with a name."""

    TWO = 2


class Amount(int):
    """An integer with a text of its own, as other libraries have them."""

    __str__ = __repr__ = lambda self: "many"


class Ratio(float):
    """The same of a float."""

    __str__ = __repr__ = lambda self: "some"
    __float__ = lambda self: 0.0  # noqa: E731


def test_numbers() -> None:
    """A number's text is the one that JavaScript writes."""
    written = evaluate([f"String({js_literal(number)})" for number in NUMBERS])
    assert [text_sent_for(number) for number in NUMBERS] == written


numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(
    -(2**53), 2**53
)


@settings(deadline=None, max_examples=5)
@given(st.lists(numbers, min_size=50, max_size=200))
def test_any_number(values: list[float]) -> None:
    """Any number has the text that JavaScript writes."""
    written = evaluate([f"String({js_literal(value)})" for value in values])
    assert [text_sent_for(value) for value in values] == written


@given(st.integers())
@example(2**53 + 1)
@example(-(10**400))
def test_digits_of_an_integer(number: int) -> None:
    """The text of an integer is the integer, also where JavaScript would round it."""
    assert int(text_sent_for(number) or "") == number
    assert argument_to_send(Amount(number)) == str(number)


@pytest.mark.parametrize(
    ("number", "text"),
    [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")],
)
def test_number_that_is_not_finite(number: float, text: str) -> None:
    """The numbers that JSON lacks have texts too."""
    assert text_sent_for(number) == text
    assert evaluate([f"String({text})"]) == [text]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        ("", ""),
        ("x", "x"),
        (Markup("<b>"), "<b>"),
        (Size.SMALL, "small"),
        (Count.TWO, "2"),
        (Amount(2), "2"),
        (Ratio(1.5), "1.5"),
        (Ratio(2), "2"),
        (Colour.RED, "red"),
    ],
    ids=repr,
)
def test_argument(value: t.Any, text: str) -> None:
    """Each value has the text that its literal has in the browser."""
    given = text_sent_for(value)
    assert (given, type(given)) == (text, str)

    if value is not None:
        assert evaluate([f"String({js_literal(value)})"]) == [text]


SOURCE = js_literal("a") + "b"
"""What was put together with a literal, and is none any more."""


@pytest.mark.parametrize(
    "value",
    [
        [],
        [1],
        {},
        {"a": 1},
        b"x",
        pytest.param(object(), id="object"),
        Decimal(1),
        js_literal([1]),
        SOURCE,
    ],
    ids=repr,
)
def test_argument_that_is_no_text(value: t.Any) -> None:
    """What the client script does not send as text is refused."""
    with pytest.raises(TypeError, match=r"argument is .* not "):
        argument_to_send(value)


NAMES = [None, True, False, 1, 2**60, -0.0, 1.0, 1e21, 1.5]
NAMED = [Count.TWO, Size.SMALL, Colour.RED, Amount(3), Ratio(4)]


def test_keys() -> None:
    """The key of a mapping is the text that its value would be."""
    keys = [*NAMES, *NAMED]
    texts = ["null" if key is None else text_sent_for(key) for key in keys]
    members = evaluate([f"({js_literal({key: 1})})" for key in keys])
    assert members == [{text: 1} for text in texts]


@settings(deadline=None, max_examples=5)
@given(st.lists(texts, min_size=20, max_size=40))
@example(HOSTILE)
def test_literals(values: list[str]) -> None:
    """A literal is the text that it was made from, and the argument is the same."""
    assert evaluate([js_literal(value) for value in values]) == values
    assert [text_sent_for(value) for value in values] == values
    literals = [js_literal(value) for value in values]
    assert [argument_to_send(literal) for literal in literals] == values
    assert [text_sent_by(literal) for literal in literals] == values


@pytest.mark.parametrize("value", ["a", HOSTILE, 1, None])
def test_literal_of_a_literal(value: t.Any) -> None:
    """The source of a literal is a text like any other."""
    source = js_literal(value)
    (sent,) = evaluate([js_literal(source)])
    assert sent == str(source) == text_sent_by(js_literal(source))


RAISED = """source => {
  let raised
  globalThis.__doPostBack = (target, argument) => { raised = [target, argument] };
  (0, eval)(source)
  return raised
}"""


@settings(deadline=None, max_examples=5)
@given(st.lists(texts, min_size=20, max_size=40))
@example(HOSTILE)
def test_post_back_references(arguments: list[str]) -> None:
    """The event's argument is the text that was given, and the reference stands
    in a script, a double-quoted attribute and an address as it is.
    """
    references = [postback_reference("grid", argument) for argument in arguments]
    raised = evaluate(references, RAISED)
    assert raised == [["grid", argument] for argument in arguments]

    for reference in references:
        assert reference.isascii()
        assert reference.isprintable()
        quoted = reference.removeprefix("__doPostBack('grid','").removesuffix("')")
        assert set(quoted).isdisjoint("<>&\"'%`")
        assert unquote(reference) == reference
        assert str(escape(reference)) == reference


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("a\r\n\rb\n")
def test_posted_argument(text: str) -> None:
    """A post back brings any text but for its line breaks."""
    given = argument_to_post(text)
    assert given == "\n".join(text.replace("\r\n", "\n").split("\r"))
    assert argument_to_post(given) == given


def test_posted_argument_in_halves() -> None:
    """Two halves of a character are it, and one alone cannot be sent."""
    assert argument_to_post("\ud83d\ude00") == "\U0001f600"

    for text in ("\ud83d", "é\udfff\ud800"):
        with pytest.raises(ValueError, match="write the text as JSON"):
            argument_to_post(text)


FOLLOWED = f"""source => ({RAISED})(
  decodeURIComponent(new URL(source).href.replace(/^javascript:/, ""))
)"""


@settings(deadline=None, max_examples=5)
@given(st.lists(texts, min_size=20, max_size=40))
@example([*HOSTILE, "100% #1 ?a=b", "%27);alert(1)//", " "])
def test_post_back_addresses(arguments: list[str]) -> None:
    """So it does when a browser has parsed it as the address of a link."""
    addresses = [f"javascript:{postback_reference('g', a)}" for a in arguments]
    assert evaluate(addresses, FOLLOWED) == [["g", a] for a in arguments]


@pytest.mark.parametrize(
    "case", [case for case in REFERENCES if "postback" in case], ids=str
)
def test_post_back_references_of_asp_net(case: dict[str, t.Any]) -> None:
    """Plain text is written as ASP.NET's own tests expect it."""
    assert postback_reference(*case["postback"]) == case["gives"]


@pytest.mark.parametrize("argument", [Markup("<b>&amp;"), Colour.RED, Size.SMALL])
def test_post_back_references_of_text_with_a_type(argument: str) -> None:
    """Markup, and text with a name, are text like any other."""
    reference = postback_reference("grid", argument)
    assert evaluate([reference], RAISED) == [["grid", str.__str__(argument)]]


@pytest.mark.parametrize("text", ["", "edit:5", "Page$Next", "a b, c;d", "{[(^|~)]}"])
def test_plain_text_stays(text: str) -> None:
    """What means nothing in a script, an attribute or an address is not escaped."""
    assert postback_reference("g", text) == f"__doPostBack('g','{text}')"
