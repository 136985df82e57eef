"""The view state: what survives in it, and what it refuses."""

from __future__ import annotations

import math
import typing as t
from base64 import b64decode
from collections import Counter
from collections import defaultdict
from collections import OrderedDict
from collections import UserDict
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from datetime import timezone
from datetime import tzinfo
from datetime import UTC
from decimal import Decimal
from enum import IntEnum
from enum import StrEnum
from fractions import Fraction
from io import BytesIO
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from flask_clientcallback import js_literal
from flask_clientcallback import ViewState
from flask_clientcallback import ViewStateError
from flask_clientcallback.protocol.compact_json import MOST_NESTED
from flask_clientcallback.state.view_state import EMPTY

TAG_LIKE = [
    " t",
    " b",
    " m",
    " u",
    " d",
    " di",
    " t__",
    " di__",
    "",
    "__class__",
    "__class__.__init__.__globals__",
    "__proto__",
    "\ud800",
]


def is_scalar_text(text: str) -> bool:
    """Tell whether JSON holds a text as it is: two lone surrogates that follow
    each other would be one character there.
    """
    units = text.encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "surrogatepass") == text


texts = st.text(st.characters(exclude_categories=()), max_size=20).filter(
    is_scalar_text
)
keys = st.sampled_from(TAG_LIKE) | texts
ZONES = ["Europe/Rome", "America/St_Johns", "Africa/Monrovia", "UTC"]
offsets = st.integers(-86399, 86399).map(lambda n: timezone(timedelta(seconds=n)))
zones = st.none() | st.just(UTC) | offsets | st.sampled_from(ZONES).map(ZoneInfo)
moments = st.builds(
    lambda moment, fold: moment.replace(fold=fold),
    st.datetimes(timezones=zones, allow_imaginary=True),
    st.sampled_from([0, 1]),
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | texts.map(Markup)
    | st.binary()
    | st.uuids()
    | moments,
    lambda children: (
        st.lists(children, max_size=3)
        | st.lists(children, max_size=3).map(tuple)
        | st.dictionaries(keys, children, max_size=3)
    ),
    max_leaves=10,
)
states = st.dictionaries(keys, values, max_size=3)


def restored(text: str) -> ViewState:
    """Make the view state of a page that comes back."""
    view_state = ViewState()
    view_state.restore(text)
    return view_state


def text_of(values: t.Mapping[str, t.Any]) -> str:
    """Write values as the text of a view state."""
    view_state = ViewState()
    view_state.update(values)
    return view_state.to_text()


def with_types(value: t.Any) -> t.Any:
    """Give a value with the types of all its parts, for equality forgives some."""
    if isinstance(value, (list, tuple)):
        return type(value), [with_types(item) for item in value]

    if isinstance(value, dict):
        return dict, {key: with_types(item) for key, item in value.items()}

    # It tells a zero's sign too, and a moment's fold and time zone.
    return type(value), value, repr(value)


@settings(deadline=None)
@given(states)
def test_round_trip(values: dict[str, t.Any]) -> None:
    """Every supported value comes back exactly and of its type, from ASCII text."""
    text = text_of(values)
    assert text.isascii()
    view_state = restored(text)
    assert with_types(dict(view_state)) == with_types(values)
    assert view_state.to_text() == text
    assert not view_state.changed


@pytest.mark.parametrize("key", TAG_LIKE)
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_keys_that_look_like_tags(key: str, depth: int) -> None:
    """Keys are data: none selects a type, none is looked up on an object."""
    value: t.Any = {key: "x"}

    for _ in range(depth):
        value = {key: value}

    assert dict(restored(text_of(value))) == value
    assert dict(restored(text_of({"a": [value]}))) == {"a": [value]}


def test_text_is_json() -> None:
    """The text of plain values is their JSON."""
    assert ViewState().to_text() == EMPTY == "{}"
    assert text_of({"a": [1, None, "é"]}) == '{"a":[1,null,"\\u00e9"]}'


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(object(), id="object"),
        {1},
        1j,
        math.nan,
        math.inf,
        [math.nan],
        pytest.param({"x": object()}, id="object in a mapping"),
        pytest.param((object(),), id="object in a tuple"),
        timedelta(1),
        len,
        ViewState(),
    ],
    ids=repr,
)
def test_values_that_are_not_json(value: t.Any) -> None:
    """The error names the key of what cannot be kept."""
    view_state = ViewState()
    view_state["good"] = 1
    view_state["bad one"] = value

    with pytest.raises(ViewStateError, match=r"view_state\['bad one'\]"):
        view_state.to_text()


class Number(IntEnum):
    """A number with a name."""

    ONE = 1


class Word(StrEnum):
    """Text with a name."""

    RED = "red"


class Point(t.NamedTuple):
    """A tuple with names."""

    x: int


class Text(str):
    """Text that is more than text."""


class Amount(int):
    """The same of an integer."""


class Ratio(float):
    """The same of a float."""


class Data(bytes):
    """The same of bytes."""


class Row(list[int]):
    """The same of a list."""


class Moment(datetime):
    """The same of a moment, as other libraries have them."""


class Identity(UUID):
    """The same of a UUID."""


class Html:
    """An object that can be written as HTML, as a text that is translated late."""

    def __html__(self) -> str:
        return "<b>"


class Zone(tzinfo):
    """A time zone of another library."""

    def utcoffset(self, dt: datetime | None) -> timedelta:
        return timedelta(hours=1)

    def dst(self, dt: datetime | None) -> None:
        return None


LOSSY: list[t.Any] = [
    Number.ONE,
    Word.RED,
    Point(1),
    Text("a"),
    Amount(1),
    Ratio(1),
    Data(b"a"),
    bytearray(b"a"),
    Row([1]),
    OrderedDict(a=1),
    defaultdict(list, a=[1]),
    Counter("a"),
    UserDict(a=1),
    MultiDict([("a", 1), ("a", 2)]),
    MappingProxyType({"a": 1}),
    Moment(2026, 1, 1),
    date(2026, 1, 1),
    time(1),
    Identity(int=1),
    Html(),
    js_literal("a"),
    frozenset("a"),
    range(3),
    Decimal(1),
    Fraction(1),
    math.nan,
    -math.inf,
    10**5000,
    "\ud83d\ude00",
    "é\ud83d\ude00",
    Markup("\ud83d\ude00"),
    {"\ud83d\ude00": 1},
    {Text("a"): 1},
    {Word.RED: 1},
    datetime(2026, 1, 1, tzinfo=Zone()),
    datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1), "CET")),
    datetime(2026, 1, 1, tzinfo=timezone(timedelta(0), "GMT")),
]
"""What the text of a state would not bring back."""
WRAPPERS: dict[str, t.Callable[[t.Any], t.Any]] = {
    "list": lambda value: [value],
    "tuple": lambda value: (1, value),
    "mapping": lambda value: {"a": value},
    "mapping with the name of a tag": lambda value: {" t": value},
    "longer mapping": lambda value: {"a": 1, "b": value},
}


@pytest.mark.parametrize("number", range(len(LOSSY)))
@given(wrappers=st.lists(st.sampled_from([*WRAPPERS.values()]), max_size=4))
def test_values_that_would_be_others(
    number: int, wrappers: list[t.Callable[[t.Any], t.Any]]
) -> None:
    """What would come back as another value or type is refused, at any depth, and
    the error tells which of the values it is, and what is taken.
    """
    value = LOSSY[number]

    for wrap in wrappers:
        value = wrap(value)

    view_state = restored('{"good":1}')
    view_state["bad one"] = value

    with pytest.raises(ViewStateError, match=r"view_state\['bad one'\].*It takes"):
        view_state.to_text()


@pytest.mark.parametrize(
    ("value", "because"),
    [
        (Number.ONE, "a Number would come back as a int"),
        ([Moment(2026, 1, 1)], "a Moment would come back as a datetime"),
        ({"a": MultiDict()}, "a MultiDict would come back as a dict"),
        (date(2026, 1, 1), "date is no type that it takes"),
        ({"a": {1: 2}}, "the key 1 of a mapping in it is not text"),
        (datetime(2026, 1, 1, tzinfo=Zone()), "the time zone .* use UTC, ZoneInfo"),
        ("\ud83d\ude00", "two halves of a character"),
    ],
    ids=str,
)
def test_reasons(value: t.Any, because: str) -> None:
    """The error says why a value cannot be kept."""
    with pytest.raises(ViewStateError, match=rf"cannot be kept: {because}"):
        text_of({"a": value})


def test_zones_from_elsewhere() -> None:
    """A time zone that was read from a file may have a name that gives no zone, or
    another one.
    """
    packed = b64decode(
        "VFppZjIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAQAAAAAAABVVEMAVFppZjIA"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAQAAAAAAABVVEMAClVUQzAK"
    )

    for key in (None, "UTC", "No/Where", "../etc/passwd"):
        zone = ZoneInfo.from_file(BytesIO(packed), key=key)

        with pytest.raises(ViewStateError, match=r"view_state\['at'\]"):
            text_of({"at": datetime(2026, 1, 1, tzinfo=zone)})


@pytest.mark.parametrize("key", ["No/Where", "../x", "Europe"])
def test_zone_that_is_gone(key: str) -> None:
    """A zone that the server does not know is an error, and no value that lacks."""
    state = restored(f'{{"at":{{" d":["2026-01-01T00:00:00",0,"{key}"]}}}}')

    with pytest.raises(ValueError, match="install tzdata"):
        state.get("at")


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
def test_depth(wrap: t.Callable[[t.Any], t.Any]) -> None:
    """What is written can be read, also where the reader is called from far down;
    what is nested more deeply is refused.
    """
    value: t.Any = "x"

    for _ in range(MOST_NESTED):
        value = wrap(value)

    def read_below(depth: int) -> t.Any:
        return read_below(depth - 1) if depth else restored(text)["a"]

    text = text_of({"a": value})
    assert read_below(300) == value

    with pytest.raises(ViewStateError, match="nested more than"):
        text_of({"a": wrap(value)})


def test_keys_with_a_name() -> None:
    """A key that is text with a name is the text."""
    view_state = ViewState()
    view_state[Word.RED] = 1
    assert [(key, type(key)) for key in view_state] == [("red", str)]
    assert restored(view_state.to_text())[Word.RED] == view_state["red"] == 1


def test_keys_that_would_be_others() -> None:
    """A key that would come back as another one is refused when it is set."""
    view_state = ViewState()
    view_state["é\ud800"] = 1

    with pytest.raises(ViewStateError, match="two halves of a character"):
        view_state["\ud83d\ude00"] = 1

    assert dict(restored(view_state.to_text())) == {"é\ud800": 1}


@pytest.mark.parametrize(
    "value",
    [Number.ONE, datetime(2026, 1, 1, tzinfo=Zone()), math.nan, 10**5000],
    ids=["enumeration", "time zone", "not a number", "too many digits"],
)
def test_changes_in_place_that_cannot_be_kept(value: t.Any) -> None:
    """What cannot be kept is refused too where it was put into a list that is kept."""
    view_state = restored('{"a":[1]}')
    view_state["a"].append(value)
    assert view_state.changed

    with pytest.raises(ViewStateError, match=r"view_state\['a'\]"):
        view_state.to_text()


def test_value_that_holds_itself() -> None:
    """So does that of a list without an end."""
    endless: list[t.Any] = []
    endless.append(endless)
    view_state = ViewState()
    view_state["endless"] = endless

    with pytest.raises(ViewStateError, match=r"view_state\['endless'\]"):
        view_state.to_text()


def test_values_of_a_refused_state() -> None:
    """The values of a state that cannot be written stay as they are."""
    view_state = ViewState()
    view_state["a"] = values = [object()]

    with pytest.raises(ViewStateError):
        view_state.to_text()

    assert view_state["a"] is values


@pytest.mark.parametrize("key", [1, None, True, ("a",), b"a", UUID(int=1)], ids=repr)
def test_keys_that_are_not_text(key: t.Any) -> None:
    """A key that JSON would turn into text is refused."""
    view_state = ViewState()

    with pytest.raises(ViewStateError, match="key of the view state is text"):
        view_state[key] = 1

    with pytest.raises(ViewStateError, match="key of the view state is text"):
        view_state.setdefault(key, 1)

    assert len(view_state) == 0


@pytest.mark.parametrize("text", [EMPTY, '{"a":1}'])
def test_not_changed(text: str) -> None:
    """A state that was only read, or set to what it was, has not changed."""
    view_state = restored(text)
    assert not view_state.changed
    assert view_state.get("a") in (1, None)
    assert not view_state.changed
    view_state["a"] = 2
    assert view_state.changed
    view_state.clear()
    view_state.update({"a": 1} if text != EMPTY else {})
    assert not view_state.changed


CHANGES: dict[str, t.Callable[[ViewState], object]] = {
    "value added": lambda state: state.update(b=1),
    "value removed": lambda state: state.pop("list"),
    "list grown": lambda state: state["list"].append(1),
    "mapping changed": lambda state: state["dict"].update(x=2),
    "deep mapping emptied": lambda state: state["dict"]["deep"][0].clear(),
    "integer to float": lambda state: state.update(number=1.0),
    "tuple to list": lambda state: state.update(tuple=[1]),
    "emptied": lambda state: state.clear(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_changed(change: t.Callable[[ViewState], object]) -> None:
    """A change is seen at any depth, also one of a type alone."""
    view_state = restored(
        text_of({"list": [], "dict": {"deep": [{"x": 1}]}, "number": 1, "tuple": (1,)})
    )
    assert not view_state.changed
    change(view_state)
    assert view_state.changed


def test_new_state_changes() -> None:
    """A page's first state is empty and changes with its first value."""
    view_state = ViewState()
    assert not view_state.changed
    view_state["a"] = 1
    assert view_state.changed


LATE_CHANGES: dict[str, t.Callable[[ViewState], object]] = {
    "value replaced": lambda state: state.update(a=2),
    "value added": lambda state: state.update(b=2),
    "default set": lambda state: state.setdefault("b", 2),
    "value popped": lambda state: state.pop("a"),
    "item popped": lambda state: state.popitem(),
    "emptied": lambda state: state.clear(),
    "value deleted": lambda state: state.__delitem__("a"),
}


@pytest.mark.parametrize("change", LATE_CHANGES.values(), ids=LATE_CHANGES)
def test_closed(change: t.Callable[[ViewState], object]) -> None:
    """A closed state refuses every change, says why, and can still be read."""
    view_state = restored('{"a":1}')
    view_state.close("It is saved.")

    with pytest.raises(ViewStateError, match=r"^It is saved\.$"):
        change(view_state)

    assert dict(view_state) == {"a": 1}
    assert not view_state.changed


def test_closed_state_sees_nested_changes() -> None:
    """What is changed within a closed state can be told afterwards."""
    view_state = restored('{"a":[]}')
    view_state.close("It is saved.")
    view_state["a"].append(1)
    assert view_state.changed
    assert view_state.to_text() == '{"a":[1]}'


def test_closed_from_the_start() -> None:
    """A page that keeps no state refuses its first value."""
    view_state = ViewState("This page keeps none.")

    with pytest.raises(ViewStateError, match="keeps none"):
        view_state["a"] = 1

    assert view_state.to_text() == EMPTY


def test_restored_when_looked_at() -> None:
    """The text is parsed when a value is first needed, and given back unparsed."""
    view_state = restored("no JSON at all")
    assert view_state.to_text() == "no JSON at all"
    assert not view_state.changed

    with pytest.raises(ValueError, match="Expecting value"):
        len(view_state)


def test_restored_over_earlier_values() -> None:
    """Saved values are laid over those that were set before them."""
    view_state = ViewState()
    view_state["a"] = "early"
    view_state["b"] = "early"
    view_state.restore('{"b":"saved","c":"saved"}')
    assert dict(view_state) == {"a": "early", "b": "saved", "c": "saved"}
    assert view_state.changed


def test_restored_over_the_same_values() -> None:
    """A value that is set to what is saved of it changes nothing."""
    view_state = ViewState()
    view_state["a"] = 1
    view_state.restore('{"a":1,"b":2}')
    assert not view_state.changed


def test_mapping() -> None:
    """A state is a mutable mapping like any other."""
    view_state = restored('{"a":1,"b":2}')
    assert list(view_state) == ["a", "b"]
    assert len(view_state) == 2
    assert "a" in view_state
    assert "c" not in view_state
    assert view_state == {"a": 1, "b": 2}
    assert repr(view_state) == "ViewState({'a': 1, 'b': 2})"
    assert view_state.setdefault("a", 3) == 1
    del view_state["a"]

    with pytest.raises(KeyError):
        view_state["a"]

    with pytest.raises(KeyError):
        del view_state["a"]


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 1, 2, 3, 4, 5, 999),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
        datetime.max.replace(tzinfo=timezone(timedelta(seconds=-1))),
        datetime(2026, 10, 25, 2, 30, fold=1),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Rome")),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Rome")),
    ],
    ids=repr,
)
def test_moments(moment: datetime) -> None:
    """A moment comes back as it was: naive or not, of any year, to the microsecond,
    with its fold and its time zone.
    """
    assert repr(restored(text_of({"at": moment}))["at"]) == repr(moment)


def test_text_of_moments() -> None:
    """The text of a moment is short where its offset says all."""
    assert text_of({"at": datetime(2026, 1, 1)}) == (
        '{"at":{" d":"2026-01-01T00:00:00"}}'
    )
    assert text_of({"at": datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC"))}) == (
        '{"at":{" d":["2026-01-01T00:00:00",0,"UTC"]}}'
    )


@pytest.mark.parametrize("key", [1, None, True, b"a", UUID(int=1)], ids=repr)
def test_nested_keys_that_are_not_text(key: t.Any) -> None:
    """So is one of a mapping within a value: it would come back as another key."""
    for value in ({key: 1}, [{"b": {key: 1}}], ({"b": 2, key: 1},)):
        view_state = ViewState()
        view_state["a"] = value

        with pytest.raises(ViewStateError, match=r"view_state\['a'\].*is not text"):
            view_state.to_text()


def test_order_is_no_change() -> None:
    """Saved values in another order than their defaults are no change."""
    saved = ViewState()
    saved.update(x=1, y=2)
    del saved["x"]
    saved["x"] = 1
    restored = ViewState()
    restored.update(x=0, y=0)
    restored.restore(saved.to_text())
    assert dict(restored) == dict(saved)
    assert not restored.changed
