"""The methods that a page may call: of which kinds, and of which classes."""

from __future__ import annotations

import functools
import gc
import typing as t
import weakref
from abc import ABC
from abc import abstractmethod
from collections.abc import Callable

import pytest
from flask import Flask
from flask import request
from werkzeug.local import LocalProxy

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import current_page
from flask_clientcallback import HandlerInterfaceError
from flask_clientcallback.testing import CallbackClient

from ..helpers.methods import call
from ..helpers.methods import open_page
from ..helpers.pages import add_page
from ..helpers.pages import Page


def later(function: Callable[..., t.Any]) -> Callable[..., t.Any]:
    """Put a plain function around a coroutine function."""

    @functools.wraps(function)
    def wrapper(*args: t.Any, **keywords: t.Any) -> t.Any:
        return function(*args, **keywords)

    return wrapper


class Base(ABC):
    """Has an abstract method, and one of each kind."""

    @callback_method
    @abstractmethod
    def first(self, number: int) -> str: ...

    @abstractmethod
    @callback_method
    def second(self, number: int) -> str: ...


@callback_handler
class Kinds(Base, Page):
    """Has a method of each kind."""

    @callback_method
    def plain(self, number: int) -> str:
        return f"plain {number!r}"

    @callback_method
    async def coroutine(self, number: int) -> str:
        return f"coroutine {number!r}"

    @later
    @callback_method
    async def wrapped(self, number: int) -> str:
        return f"wrapped {number!r}"

    @callback_method
    @staticmethod
    def static(number: int) -> str:
        return f"static {number!r}"

    @staticmethod
    @callback_method
    def static_above(number: int) -> str:
        return f"static_above {number!r}"

    @callback_method
    @classmethod
    def of_class(cls, number: int) -> str:
        return f"of_class {number!r} {cls.__name__}"

    @classmethod
    @callback_method
    def of_class_above(cls, number: int) -> str:
        return f"of_class_above {number!r} {cls.__name__}"

    @callback_method
    @staticmethod
    async def static_coroutine(number: int) -> str:
        return f"static_coroutine {number!r}"

    @callback_method
    @classmethod
    async def class_coroutine(cls, number: int) -> str:
        return f"class_coroutine {number!r}"

    @callback_method
    def first(self, number: int) -> str:
        return f"first {number!r}"

    @callback_method
    def second(self, number: int) -> str:
        return f"second {number!r}"


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "coroutine",
        "wrapped",
        "static",
        "static_above",
        "of_class Kinds",
        "of_class_above Kinds",
        "static_coroutine",
        "class_coroutine",
        "first",
        "second",
    ],
)
def test_kinds(app: Flask, name: str) -> None:
    """Methods of all kinds are called, with arguments that are converted."""
    name, *rest = name.split()
    assert call(open_page(app, Kinds), name, "7") == " ".join([name, "7", *rest])


def test_slots(app: Flask) -> None:
    """A control may have slots."""

    class Cart:
        __slots__ = ("count",)

        def __init__(self) -> None:
            self.count = 3

        @callback_method
        def total(self, factor: int) -> int:
            return self.count * factor

    class Shop(Page):
        def page_init(self) -> None:
            current_page.add_control("cart", Cart())

    page = open_page(app, callback_handler(Shop))
    assert page.callback(["2"], "cart.total").result == 6


@pytest.mark.parametrize(
    "name", ["app", "method", "args", "arguments", "named", "page"]
)
@pytest.mark.parametrize("is_async", [False, True])
def test_any_name_of_a_parameter(app: Flask, name: str, is_async: bool) -> None:
    """A parameter may have any name."""
    space: dict[str, t.Any] = {}
    keyword = "async def" if is_async else "def"
    exec(f"{keyword} echo(self, {name}): return {name}", space)
    view_class = type("Shop", (Page,), {"echo": callback_method(space["echo"])})
    page = open_page(app, callback_handler(view_class))
    assert call(page, "echo", 7) == 7
    assert call(page, "echo", **{name: 8}) == 8


def test_inherited_methods(app: Flask, client: CallbackClient) -> None:
    """A subclass has the methods of its bases and of its mixins; one that it marks anew
    is its own, and one that it sets to None is gone.
    """

    @callback_handler
    class Shop(Page):
        @callback_method
        def price(self) -> str:
            return "price"

        @callback_method
        def stock(self) -> str:
            return "stock"

        @callback_method
        def order(self) -> str:
            return "order"

    class Mixin:
        @callback_method
        def mixed(self) -> str:
            return "mixed"

    class Special(Mixin, Shop):
        stock = None  # type: ignore[assignment]

        @callback_method
        def price(self, factor: int = 2) -> str:
            return f"special {super().price()} {factor}"

    class Again(Special):
        @callback_method
        def stock(self) -> str:  # type: ignore[override]
            return "again"

    add_page(app, Again, "/again")
    page = open_page(app, Special)
    assert call(page, "price", "3") == "special price 3"
    assert [call(page, name) for name in ("order", "mixed")] == ["order", "mixed"]
    assert page.callback([], "__Page.stock").status == 404
    again = client.get_page("/again")
    assert call(again, "stock") == "again"


def test_method_taken_away_in_a_mixin(app: Flask) -> None:
    """So does a mixin take a method away."""

    @callback_handler
    class Shop(Page):
        @callback_method
        def price(self) -> None: ...

        @callback_method
        def stock(self) -> None: ...

    class Without:
        price = None

    class Special(Without, Shop): ...

    page = open_page(app, Special)
    assert page.callback([], "__Page.price").status == 404
    assert page.callback([], "__Page.stock").status == 200


def test_control_of_an_added_class(app: Flask) -> None:
    """The mistakes of a control's class show when it is first added."""

    class Cart:
        @callback_method
        def remove(self) -> None: ...

    class Special(Cart):
        def remove(self) -> None: ...

    class Shop(Page):
        def page_init(self) -> None:
            current_page.add_control("cart", Special())

    app.testing = True

    with pytest.raises(HandlerInterfaceError, match=r"Special\.remove overrides"):
        open_page(app, callback_handler(Shop))


def test_method_without_the_object() -> None:
    """A method that lacks the parameter for its object is an error."""

    class Shop(Page):
        @callback_method
        def price() -> None: ...  # type: ignore[misc]

    with pytest.raises(HandlerInterfaceError, match=r"price takes no object.*self"):
        callback_handler(Shop).as_view("shop")


@pytest.mark.parametrize("parameter", ["*symbols", "**named", "*symbols: int"])
def test_parameters_without_a_name(parameter: str) -> None:
    """A method that takes any arguments is an error."""
    space: dict[str, t.Any] = {}
    exec(f"def price(self, {parameter}): ...", space)
    view_class = type("Shop", (Page,), {"price": callback_method(space["price"])})

    with pytest.raises(HandlerInterfaceError, match="says nothing of what a page may"):
        callback_handler(view_class).as_view("shop")


def test_class_that_is_gone(app: Flask) -> None:
    """A class of a control that is made for a request leaves the memory with it."""
    made: list[weakref.ref[type]] = []

    class Shop(Page):
        def page_init(self) -> None:
            class Cart:
                @callback_method
                def total(self, count):  # type: ignore[no-untyped-def]
                    return count

            made.append(weakref.ref(Cart))
            current_page.add_control("cart", Cart())

    page = open_page(app, callback_handler(Shop))
    assert page.callback([3], "cart.total").result == 3
    gc.collect()
    assert [reference() for reference in made] == [None, None]


class Hostile:
    """An object that has no more than it shows."""

    def __getattr__(self, name: str) -> t.Any:
        raise RuntimeError(f"Nobody may ask for {name}.")


def test_attributes_that_are_not_asked(app: Flask) -> None:
    """A class may have attributes that work in a request alone, or not at all."""

    @callback_handler
    class Shop(Page):
        asked = request
        user = LocalProxy(lambda: request.path)
        hostile = Hostile()

        @callback_method
        def price(self) -> str:
            return self.asked.path

    assert call(open_page(app, Shop), "price") == "/"
