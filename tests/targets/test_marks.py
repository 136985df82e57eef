"""Which methods a page may call, and which marks are mistakes."""

from __future__ import annotations

import functools
import typing as t
from collections.abc import Callable

import pytest
from flask import abort
from flask import Flask

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import HandlerInterfaceError

from ..helpers.methods import call
from ..helpers.methods import open_page
from ..helpers.pages import Page

Function = Callable[..., t.Any]


def wrapping(function: Function) -> Function:
    """Decorate as one should."""

    @functools.wraps(function)
    def wrapper(*args: t.Any, **keywords: t.Any) -> t.Any:
        return f"wrapped {function(*args, **keywords)}"

    return wrapper


def hiding(function: Function) -> Function:
    """Decorate without functools.wraps()."""

    def wrapper(*args: t.Any, **keywords: t.Any) -> t.Any:
        return function(*args, **keywords)

    return wrapper


class Hiding:
    """Decorates with an object."""

    def __init__(self, function: Function) -> None:
        self.function = function

    def __get__(self, owner: object, kind: type) -> Function:
        return functools.partial(self.function, owner)


class Keyed:
    """Decorates with an object that has a place for the function and nothing else."""

    __slots__ = ("func",)

    def __init__(self, func: Function) -> None:
        self.func = func

    def __get__(self, owner: object, kind: type) -> Function:
        return functools.partial(self.func, owner)


def forbidding(function: Function) -> Function:
    """Let nobody in."""

    @functools.wraps(function)
    def wrapper(*args: t.Any, **keywords: t.Any) -> t.Any:
        abort(403, "Not you.")

    return wrapper


@pytest.mark.parametrize(
    "decorate",
    [
        lambda f: callback_method(forbidding(f)),
        lambda f: forbidding(callback_method(f)),
    ],
    ids=["below the mark", "above the mark"],
)
def test_decorator_holds(app: Flask, decorate: Function) -> None:
    """A decorator holds wherever it stands: the call goes through the attribute."""
    ran: list[str] = []

    @callback_handler
    class Shop(Page):
        @decorate
        def wipe(self) -> None:
            ran.append("wiped")

    answer = open_page(app, Shop).callback([], "__Page.wipe")
    assert (answer.status, answer.error) == (
        403,
        {"kind": "http", "message": "Not you."},
    )
    assert ran == []


def test_decorator_in_a_subclass(app: Flask) -> None:
    """So does what a subclass puts around a marked method."""

    @callback_handler
    class Shop(Page):
        @callback_method
        def price(self, symbol: str) -> str:
            return symbol

    class Special(Shop):
        price = wrapping(Shop.price)

    assert call(open_page(app, Special), "price", "A") == "wrapped A"


def test_patched_method(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test may put another function into the place of a method."""

    @callback_handler
    class Shop(Page):
        @callback_method
        def price(self, symbol: str) -> str:
            return symbol

    page = open_page(app, Shop)
    monkeypatch.setattr(Shop, "price", lambda self, symbol: f"patched {symbol}")
    assert call(page, "price", "A") == "patched A"


def test_arguments_before_decorators(app: Flask) -> None:
    """Arguments are converted before a method's own decorators run, so that a stranger
    is told what is wrong with them before that they may not call it.
    """
    got: list[t.Any] = []

    def forbid(function: Function) -> Function:
        @functools.wraps(function)
        def wrapper(self: t.Any, **named: t.Any) -> t.Any:
            got.append(named)
            abort(403)

        return wrapper

    @callback_handler
    class Shop(Page):
        @forbid
        @callback_method
        def remove(self, number: int) -> None: ...

    page = open_page(app, Shop)
    assert page.callback(["x"], "__Page.remove").status == 422
    assert got == []
    assert page.callback(["7"], "__Page.remove").status == 403
    assert got == [{"number": 7}]


def test_function_beside_a_method(app: Flask) -> None:
    """A function around a marked one, under another name, is none of the page's."""

    @callback_handler
    class Shop(Page):
        @callback_method
        def price(self) -> str:
            return "price"

    class Special(Shop):
        cost = hiding(Shop.price)

    page = open_page(app, Special)
    assert call(page, "price") == "price"
    assert page.callback([], "__Page.cost").status == 404


def below_without_wraps() -> None:
    class Shop(Page):
        @callback_method
        @hiding
        def price(self) -> None: ...

    callback_handler(Shop)


def above_without_wraps() -> None:
    class Shop(Page):
        @hiding
        @callback_method
        def price(self) -> None: ...

        @callback_method
        def other(self) -> None: ...

    callback_handler(Shop)


def far_above_without_wraps() -> None:
    class Shop(Page):
        @hiding
        @hiding
        @wrapping
        @callback_method
        def price(self) -> None: ...

    callback_handler(Shop)


def object_above() -> None:
    class Shop(Page):
        @Hiding
        @callback_method
        def price(self) -> None: ...

    callback_handler(Shop)


def slots_above() -> None:
    class Shop(Page):
        @Keyed
        @callback_method
        def price(self) -> None: ...

    callback_handler(Shop)


def cached_property_above() -> None:
    class Shop(Page):
        @functools.cached_property
        @callback_method
        def price(self) -> int:
            return 1

    callback_handler(Shop)


def property_above() -> None:
    class Shop(Page):
        @property
        @callback_method
        def price(self) -> int:
            return 1

    callback_handler(Shop)


def property_below() -> None:
    class Shop(Page):
        @callback_method  # type: ignore[arg-type]
        @property
        def price(self) -> int:
            return 1

    callback_handler(Shop)


def partial_method() -> None:
    class Shop(Page):
        def price(self, symbol: str) -> None: ...

        cheap = callback_method(functools.partialmethod(price, "A"))  # type: ignore

    callback_handler(Shop)


def a_lambda() -> None:
    class Shop(Page):
        price = callback_method(lambda self: 1)

    callback_handler(Shop)


def an_alias() -> None:
    class Shop(Page):
        @callback_method
        def price(self) -> None: ...

        cost = price

    callback_handler(Shop)


def a_class() -> None:
    class Shop(Page):
        @callback_method
        class Price: ...

    callback_handler(Shop)


def a_builtin() -> None:
    class Shop(Page):
        upper = callback_method(str.upper)

    callback_handler(Shop)


def a_number() -> None:
    callback_method(5)  # type: ignore[type-var]


def override_without_mark() -> None:
    @callback_handler
    class Shop(Page):
        @callback_method
        def price(self) -> None: ...

    class Special(Shop):
        def price(self) -> None: ...


def mixin_that_shadows() -> None:
    class Mixin:
        def price(self) -> None: ...

    @callback_handler
    class Shop(Page):
        @callback_method
        def price(self) -> None: ...

    class Special(Mixin, Shop): ...


def value_in_its_place() -> None:
    @callback_handler
    class Shop(Page):
        @callback_method
        def price(self) -> None: ...

    class Special(Shop):
        price = 5  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (below_without_wraps, "is a function named 'wrapper'.*functools.wraps"),
        (above_without_wraps, "above @callback_method hides the mark.*wraps"),
        (far_above_without_wraps, "hides the mark of .*Shop.price"),
        (object_above, "hides the mark of .*Shop.price"),
        (slots_above, "hides the mark of .*Shop.price"),
        (cached_property_above, "hides the mark of .*Shop.price"),
        (property_above, "hides the mark of .*Shop.price"),
        (property_below, "marks a method, not <property"),
        (partial_method, "marks a method, not functools.partialmethod"),
        (a_lambda, "Shop.price is a function named '<lambda>'"),
        (an_alias, "Shop.cost is a function named 'price'"),
        (a_class, "marks a method, not <class"),
        (a_builtin, "marks a method, not <method 'upper'"),
        (a_number, "marks a method, not 5"),
        (override_without_mark, r"Special\.price overrides.*Mark it too.*price = None"),
        (mixin_that_shadows, r"Special\.price overrides"),
        (value_in_its_place, r"Special\.price overrides"),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_mistakes(make: Callable[[], None], message: str) -> None:
    """A mark that a page could not use, or that hides a method, is an error when the
    class is made.
    """
    with pytest.raises(HandlerInterfaceError, match=message):
        make()
