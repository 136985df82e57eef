"""The targets of a page."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from werkzeug.local import LocalProxy

from flask_clientcallback import CallbackTargetError
from flask_clientcallback.targets.controls import Controls
from flask_clientcallback.targets.interface import takes_events


class Handler:
    """A control that handles callbacks."""

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


class Label:
    """A control that does not."""


class Equal(Handler):
    """A control that is equal to every other."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


@pytest.fixture
def page() -> object:
    """What stands for the page."""
    return object()


@pytest.fixture
def view() -> Handler:
    """The page's view."""
    return Handler()


@pytest.fixture
def controls(page: object, view: Handler) -> Controls:
    """The controls of a page without any but its view."""
    return Controls(page, view)


def test_view(controls: Controls, page: object, view: Handler) -> None:
    """The page, its view, a proxy of either and the name mean the view."""
    assert controls.find("__Page") is view

    for control in (page, view, "__Page", LocalProxy(lambda: page)):
        assert controls.id_of(control) == "__Page"
        assert controls.callback_id_of(control) == "__Page"


def test_control(controls: Controls) -> None:
    """A control is known by its id, as itself and through a proxy."""
    grid = Handler()
    controls.add("grid", grid)
    assert controls.find("grid") is grid

    for control in (grid, "grid", LocalProxy(lambda: grid)):
        assert controls.id_of(control) == "grid"
        assert controls.callback_id_of(control) == "grid"


def test_two_ids_of_one_control(controls: Controls) -> None:
    """A control that was added twice is known by its first id."""
    grid = Handler()
    controls.add("first", grid)
    controls.add("second", grid)
    assert controls.id_of(grid) == "first"
    assert controls.id_of("second") == "second"


def test_equal_controls(controls: Controls) -> None:
    """Controls are told apart by identity."""
    first, second = Equal(), Equal()
    controls.add("first", first)
    controls.add("second", second)
    assert controls.id_of(second) == "second"

    with pytest.raises(CallbackTargetError):
        controls.id_of(Equal())


@pytest.mark.parametrize(
    "name",
    [
        "",
        "grid",
        "raise_callback_event",
        "__init__",
        "__class__",
        "__Page.raise_callback_event",
        "__page",
        "__Page ",
        "_by_id",
    ],
)
def test_unknown(controls: Controls, name: str) -> None:
    """Nothing is found but what was added: no attribute, no path, no near miss."""
    assert controls.find(name) is None

    with pytest.raises(CallbackTargetError, match="The page has no control"):
        controls.id_of(name)

    with pytest.raises(CallbackTargetError, match="The page has no control"):
        controls.callback_id_of(name)


def test_unknown_object(controls: Controls) -> None:
    """The error names the control, what to do, and what is known."""
    controls.add("grid", Handler())

    with pytest.raises(CallbackTargetError) as caught:
        controls.id_of(Label())

    message = str(caught.value)
    assert "no control of type Label" in message
    assert "current_page.add_control()" in message
    assert "__Page, grid" in message

    with pytest.raises(LookupError, match="'other'"):
        controls.id_of("other")


def test_control_without_the_interface(controls: Controls) -> None:
    """A control that does not handle callbacks is named with its class."""
    label = Label()
    controls.add("label", label)
    assert controls.id_of(label) == "label"

    for control in (label, "label"):
        with pytest.raises(CallbackTargetError, match=r"'label', a Label, does not"):
            controls.callback_id_of(control)


@pytest.mark.parametrize(
    "control_id", ["a", "0", "_", "grid", "ctl00$main$grid", "a:b-c", "x" * 200]
)
def test_ids(controls: Controls, control_id: str) -> None:
    """ASP.NET's ids are good."""
    grid = Handler()
    controls.add(control_id, grid)
    assert controls.find(control_id) is grid


@pytest.mark.parametrize(
    "control_id",
    [
        "",
        " ",
        "a b",
        "a'b",
        'a"b',
        "a.b",
        "a\\b",
        "a\n",
        "\0",
        "<a>",
        "$a",
        "-a",
        ":a",
        "é",
        "٣",
        "x" * 201,
    ],
    ids=ascii,
)
def test_ids_that_cannot_be(controls: Controls, control_id: str) -> None:
    """An id that would leave its place in a script or a request is refused."""
    with pytest.raises(ValueError, match="cannot be a control's id"):
        controls.add(control_id, Handler())

    assert controls.find(control_id) is None


@settings(deadline=None)
@given(st.text().filter(lambda control_id: control_id != "__Page"))
def test_any_id(control_id: str) -> None:
    """An id that is taken can stand between quotes as it is."""
    controls = Controls(object(), Handler())

    try:
        controls.add(control_id, Handler())
    except ValueError:
        assert controls.find(control_id) is None
    else:
        assert control_id.isascii()
        assert set("'\"\\.<>& \r\n").isdisjoint(control_id)


@pytest.mark.parametrize("control_id", ["grid", "__Page"])
def test_id_that_is_taken(controls: Controls, control_id: str) -> None:
    """An id stays with the control that had it first."""
    controls.add("grid", Handler())
    known = controls.find(control_id)

    with pytest.raises(ValueError, match="already"):
        controls.add(control_id, Handler())

    assert controls.find(control_id) is known


@pytest.mark.parametrize(
    ("control", "handles"),
    [
        pytest.param(Handler(), True, id="handler"),
        (Handler, True),
        pytest.param(Label(), False, id="label"),
        (None, False),
        ("raise_callback_event", False),
        (type("Shadowed", (Handler,), {"raise_callback_event": None}), False),
    ],
    ids=str,
)
def test_interface(control: t.Any, handles: bool) -> None:
    """What handles callbacks has the method raise_callback_event."""
    assert takes_events(control) is handles
