"""The view state: what survives in it, and what it refuses."""

from __future__ import annotations

import math
import typing as t
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from datetime import UTC
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from markupsafe import Markup

from flask_clientcallback import ViewState
from flask_clientcallback import ViewStateError
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
datetimes = st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
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
    | datetimes,
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

    return type(value), value


@settings(deadline=None)
@given(states)
def test_round_trip(values: dict[str, t.Any]) -> None:
    """Every supported value comes back equal and of its type, from ASCII text."""
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
        object(),
        {1},
        1j,
        math.nan,
        math.inf,
        [math.nan],
        {"x": object()},
        (object(),),
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


def test_moments() -> None:
    """A moment comes back as it was: naive or not, of any year, to the microsecond."""
    for moment in (
        datetime(2026, 1, 2, 3, 4, 5, 999),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
    ):
        assert restored(text_of({"at": moment}))["at"] == moment


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
