"""Controls that a view's class declares: one for each request."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest
from flask import Flask

from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import current_page
from flask_clientcallback import HandlerInterfaceError

from ..helpers.methods import call
from ..helpers.methods import open_page
from ..helpers.pages import Page


class Cart:
    """A control that tells which one it is."""

    made: t.ClassVar[list[Cart]] = []

    def __init__(self, count: int = 0) -> None:
        self.count = count
        self.stages: list[str] = []
        self.made.append(self)

    def page_pre_init(self) -> None:
        self.stages.append("pre_init")

    def page_init(self) -> None:
        self.stages.append("init")

    def page_load(self) -> None:
        self.stages.append("load")

    @callback_method
    def told(self) -> list[str]:
        return self.stages

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


class Grid(Cart):
    """Another one."""


@callback_handler
class Shop(Page):
    """Declares a control and nothing else."""

    cart = callback_control(Cart)


@pytest.fixture(autouse=True)
def none_made() -> None:
    """Forget the controls of other tests."""
    Cart.made.clear()


def test_one_for_each_request(app: Flask) -> None:
    """Each request has a control of its own, known before the life cycle begins."""
    seen: list[t.Any] = []

    class Watched(Shop):
        def page_pre_init(self) -> None:
            seen.append([self.cart, current_page.find_control("cart")])

        @callback_method
        def same(self) -> bool:
            seen.append(self.cart)
            return self.cart is current_page.find_control("cart")

    page = open_page(app, Watched)
    assert call(page, "same") is True
    assert page.callback([], "cart.told").result == ["pre_init", "init", "load"]
    assert page.callback("x", "cart").result == "x"
    assert len(Cart.made) == 4
    assert [seen[0][0], seen[1][0]] == [seen[0][1], seen[1][1]] == Cart.made[:2]


def test_control_that_is_used_early(app: Flask) -> None:
    """A view may use it before its page is there."""

    class Early(Shop):
        def __init__(self) -> None:
            self.cart.count = 7

        @callback_method
        def count(self) -> int:
            return self.cart.count

    assert call(open_page(app, Early), "count") == 7
    assert len(Cart.made) == 2


def test_class_attribute() -> None:
    """The class itself tells what is declared."""
    assert Shop.cart.control_class is Cart


def test_inherited_controls(app: Flask) -> None:
    """A subclass has the controls of its bases, theirs first; one that it declares anew
    is its own, and one that it sets to None is gone.
    """

    class Mixin:
        grid = callback_control(Grid)
        gone = callback_control(Grid)

    class Special(Mixin, Shop):
        last = callback_control(Cart)
        gone = None
        cart = callback_control(Grid)  # type: ignore[assignment]

        @callback_method
        def ids(self) -> list[str]:
            names = ["cart", "gone", "grid", "last"]
            found = [current_page.find_control(name) for name in names]
            return [type(control).__name__ for control in found]

    page = open_page(app, Special)
    order = [type(control).__name__ for control in Cart.made]
    assert order == ["Grid", "Grid", "Cart"]
    assert call(page, "ids") == ["Grid", "NoneType", "Grid", "Cart"]


def test_id_that_is_taken(app: Flask) -> None:
    """A hook cannot add a control under its id."""

    class Adding(Shop):
        def page_init(self) -> None:
            current_page.add_control("cart", Cart())

    app.testing = True

    with pytest.raises(ValueError, match="has a control 'cart' already"):
        open_page(app, Adding)


def no_class() -> None:
    callback_control(5)  # type: ignore[arg-type]


def an_object() -> None:
    callback_control(Cart())  # type: ignore[arg-type]


def with_parameters() -> None:
    class Needy:
        def __init__(self, name: str) -> None: ...

    callback_control(Needy)


def two_names() -> None:
    class Twice(Page):
        cart = again = callback_control(Cart)

    callback_handler(Twice).as_view("twice")


def set_later() -> None:
    class Later(Page): ...

    Later.cart = callback_control(Cart)  # type: ignore[attr-defined]
    callback_handler(Later).as_view("later")


def value_in_its_place() -> None:
    class Special(Shop):
        cart = 5  # type: ignore[assignment]

    Special.as_view("special")


def method_in_its_place() -> None:
    class Special(Shop):
        def cart(self) -> None: ...  # type: ignore[override]

    Special.as_view("special")


def bad_hint_of_a_method() -> None:
    class Untyped:
        @callback_method
        def price(self, *args: t.Any) -> None: ...

    class Special(Shop):
        other = callback_control(Untyped)

    Special.as_view("special")


def on_a_control() -> None:
    class Inner:
        cart = callback_control(Cart)

    class Special(Shop):
        inner = callback_control(Inner)

    Special.as_view("special")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (no_class, "takes the class of a control, not 5"),
        (an_object, "takes the class of a control, not <"),
        (with_parameters, r"calls .*Needy\(\), which lacks arguments.*'name'"),
        (two_names, r"Twice\.(cart|again) .* a callback_control\(\) of its own"),
        (set_later, r"Later\.cart .* a callback_control\(\) of its own"),
        (value_in_its_place, r"Special\.cart overrides a control.*cart = None"),
        (method_in_its_place, r"Special\.cart overrides a control.*cart = None"),
        (bad_hint_of_a_method, r"Untyped\.price takes \*args"),
        (on_a_control, r"Inner is a control, and declares cart: only a view"),
    ],
)
def test_mistakes(make: Callable[[], None], message: str) -> None:
    """What cannot be a declared control is an error when the application starts."""
    with pytest.raises(HandlerInterfaceError, match=message):
        make()


def test_added_control_that_declares(app: Flask) -> None:
    """A control that is added declares none either."""

    class Inner:
        cart = callback_control(Cart)

    class Adding(Shop):
        def page_init(self) -> None:
            current_page.add_control("inner", Inner())

    app.testing = True

    with pytest.raises(HandlerInterfaceError, match="Inner is a control, and declares"):
        open_page(app, Adding)


def test_class_without_a_signature(app: Flask) -> None:
    """A class of which Python knows no parameters is made without any."""

    class Listed(Page):
        rows = callback_control(type("Rows", (dict,), {}))

        @callback_method
        def length(self) -> int:
            return len(self.rows)

    assert call(open_page(app, callback_handler(Listed)), "length") == 0


def test_ids_that_cannot_be() -> None:
    """A name that cannot be an id is an error, as for add_control()."""
    with pytest.raises((ValueError, RuntimeError)):

        class Named(Page):
            preis_für = callback_control(Cart)


def test_nothing_to_call() -> None:
    """A page that has neither methods, events nor controls is an error, which names
    all three.
    """

    class Empty(Page): ...

    with pytest.raises(
        HandlerInterfaceError,
        match=r"raise_callback_event.*@callback_method.*callback_control\(\)",
    ):
        callback_handler(Empty)
