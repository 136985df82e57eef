"""The type hints of methods: found when the application starts, whoever decorates."""

from __future__ import annotations

import functools
import inspect
import subprocess
import sys
import typing as t
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from flask import Flask
from flask import Response
from markupsafe import Markup

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import current_page
from flask_clientcallback import FromForm
from flask_clientcallback import HandlerInterfaceError

from ..helpers.methods import call
from ..helpers.methods import errors_of
from ..helpers.methods import open_page
from ..helpers.methods import page_of
from ..helpers.pages import Page

if t.TYPE_CHECKING:
    from fractions import Fraction


@dataclass
class Line:
    """One line of an order."""

    product: str
    quantity: int


@dataclass
class Lost:
    """Has a field whose type is not known."""

    share: Fraction


@callback_method
def nested(self: object, lines: list["Line"], other: t.Optional["Line"] = None) -> int:  # noqa: UP037, UP045
    return sum(line.quantity for line in lines)


@callback_method
def optional(self: object, name: t.Annotated["str | None", "x"] = None) -> str | None:  # noqa: UP037
    return name


def test_hints_as_text(app: Flask) -> None:
    """Names in hints are those of the module, also inside other hints."""
    page = open_page(app, page_of(nested, optional))
    assert call(page, "nested", [{"product": "pen", "quantity": "2"}]) == 2
    answer = page.callback([[{"product": "pen", "quantity": "x"}]], "__Page.nested")
    assert errors_of(answer) == {"lines.0.quantity": ["Not a valid integer value."]}
    assert call(page, "optional", "A") == "A"


def hint_under_type_checking() -> type[t.Any]:
    @callback_method
    def price(self: object, share: Fraction) -> None: ...

    return page_of(price)


def result_under_type_checking() -> type[t.Any]:
    @callback_method
    def price(self: object) -> Fraction: ...

    return page_of(price)


def local_class() -> type[t.Any]:
    class Order: ...

    @callback_method
    def price(self: object, order: Order) -> None: ...

    return page_of(price)


def local_class_inside() -> type[t.Any]:
    class Order: ...

    @callback_method
    def price(self: object, order: list[Order] | None = None) -> None: ...

    return page_of(price)


def field_under_type_checking() -> type[t.Any]:
    @callback_method
    def price(self: object, lost: Lost) -> None: ...

    return page_of(price)


def form_field_under_type_checking() -> type[t.Any]:
    @callback_method
    def price(self: object, lost: FromForm[Lost]) -> None: ...

    return page_of(price)


@pytest.mark.parametrize(
    "make",
    [
        hint_under_type_checking,
        result_under_type_checking,
        local_class,
        local_class_inside,
        field_under_type_checking,
        form_field_under_type_checking,
    ],
)
def test_unknown_names(make: Callable[[], type[t.Any]]) -> None:
    """A name that is not known at run time is an error when the application starts."""
    view_class = make()

    with pytest.raises(
        HandlerInterfaceError,
        match=r"Methods\.price name (Fraction|Order), which is not known at run time"
        r".*outside of TYPE_CHECKING",
    ):
        view_class.as_view("shop")


@pytest.mark.parametrize(
    "hint", ["1 +", "Decimal.nothing", "5", "list[", "Callable[5]"]
)
def test_hints_that_cannot_be(hint: str) -> None:
    """So is a hint that is none."""

    def price(self: object, share: t.Any) -> None: ...

    price.__annotations__["share"] = hint

    with pytest.raises(HandlerInterfaceError, match=r"hints? of .*Methods\.price"):
        page_of(callback_method(price)).as_view("shop")


class NoSchema:
    """A class that pydantic cannot check."""


@pytest.mark.parametrize("place", ["share", "return"])
def test_hint_without_a_use(place: str) -> None:
    """So is a hint that pydantic has no use for."""

    def price(self: object, share: t.Any) -> t.Any: ...

    price.__annotations__[place] = NoSchema

    with pytest.raises(
        HandlerInterfaceError, match=r"no use for a type hint of .*price"
    ):
        page_of(callback_method(price)).as_view("shop")


def test_hints_of_an_added_control(app: Flask) -> None:
    """Those of a control's class show when it is first added."""

    class Cart:
        @callback_method
        def remove(self, share: Fraction) -> None: ...

    class Shop(Page):
        def page_init(self) -> None:
            current_page.add_control("cart", Cart())

    app.testing = True

    with pytest.raises(HandlerInterfaceError, match=r"Cart\.remove name Fraction"):
        open_page(app, callback_handler(Shop))


def with_user(function: Callable[..., t.Any]) -> Callable[..., t.Any]:
    """Supply the first argument, and say so."""

    @functools.wraps(function)
    def wrapper(self: object, **named: t.Any) -> t.Any:
        return function(self, "Ada", **named)

    signature = inspect.signature(function)
    parameters = [p for p in signature.parameters.values() if p.name != "user"]
    wrapper.__signature__ = signature.replace(parameters=parameters)  # type: ignore
    return wrapper


@pytest.mark.parametrize(
    "decorate",
    [
        lambda f: callback_method(with_user(f)),
        lambda f: with_user(callback_method(f)),
    ],
    ids=["below the mark", "above the mark"],
)
def test_decorator_that_supplies_an_argument(
    app: Flask, decorate: Callable[..., t.Any]
) -> None:
    """A decorator that supplies an argument sets the signature, whose hints may be text
    still.
    """

    class Shop(Page):
        @decorate
        def order(self, user: str, line: Line, price: Decimal = Decimal(1)) -> str:
            return f"{user}: {line.quantity!r} {price!r}"

    page = open_page(app, callback_handler(Shop))
    line = {"product": "pen", "quantity": "2"}
    assert call(page, "order", line, "3") == "Ada: 2 Decimal('3')"
    answer = page.callback({"user": "Eve", "line": line}, "__Page.order")
    assert errors_of(answer) == {"user": ["Unexpected argument."]}


def test_object_with_another_name(app: Flask) -> None:
    """The object may have any name, and no hint."""

    @callback_method
    def price(this, symbol: str) -> str:  # type: ignore[no-untyped-def]
        return symbol

    assert call(open_page(app, page_of(price)), "price", "A") == "A"


WITHOUT_PYDANTIC = """
import sys

class Hider:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pydantic", "pydantic_core", "wtforms"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hider())

import typing as t
from flask import Flask, Response
from flask.views import MethodView
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from flask_clientcallback import *
from flask_clientcallback.testing import CallbackClient

app = Flask(__name__)
app.secret_key = "x"
app.test_client_class = CallbackClient
ClientCallback(app)

class Shop(MethodView):
    def get(self):
        return str(callback_scripts())

    @callback_method
    def price(self, {parameters}) {result}:
        return "done"

from flask_clientcallback.page.templates import callback_scripts

try:
    view = callback_handler(Shop).as_view("shop")
except TypeError as error:
    print(type(error).__name__, error)
else:
    app.add_url_rule("/", view_func=view)
    page = app.test_client().get_page("/")
    print(page.callback(["A"], "__Page.price").response.text)
    print(page.callback([], "__Page.price").response.text)
"""
MISSING = '{"symbol":["This field is required."]}'


def run_without_pydantic(parameters: str, result: str) -> list[str]:
    """Start an application where pydantic is not installed, and make two calls."""
    source = WITHOUT_PYDANTIC.replace("{parameters}", parameters)
    source = source.replace("{result}", result)
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("parameters", "result"),
    [
        ("symbol", "-> None"),
        ("symbol: t.Any", "-> t.Any"),
        ("symbol", "-> Response"),
        ("symbol", "-> Markup | None"),
        ("symbol", "-> Response | Markup"),
    ],
)
def test_without_pydantic(parameters: str, result: str) -> None:
    """Methods without type hints need no pydantic, nor do some results."""
    good, bad = run_without_pydantic(parameters, result)
    assert good == '{"result":"done"}'
    assert f'"kind":"invalid","message":"Invalid input.","fields":{MISSING}' in bad


@pytest.mark.parametrize(
    ("parameters", "result"),
    [
        ("symbol: str", ""),
        ("symbol: object", ""),
        ("symbol: FileStorage", ""),
        ("symbol: FromForm[str]", ""),
        ("symbol", "-> str"),
        ("symbol", "-> str | Response"),
    ],
)
def test_hints_without_pydantic(parameters: str, result: str) -> None:
    """All others are an error at the start, which says what to install."""
    [line] = run_without_pydantic(parameters, result)
    assert line.startswith("HandlerInterfaceError Shop.price has type hints")
    assert 'pip install "flask-clientcallback[typed]"' in line


@pytest.mark.parametrize("place", ["symbol", "return"])
def test_message_without_pydantic(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """The error says what to install."""

    def price(self: object, symbol: t.Any) -> t.Any: ...

    price.__annotations__[place] = int
    monkeypatch.setitem(sys.modules, "pydantic", None)

    with pytest.raises(HandlerInterfaceError, match=r"flask-clientcallback\[typed\]"):
        page_of(callback_method(price)).as_view("shop")


def test_what_pydantic_is_loaded_for() -> None:
    """The package itself loads neither pydantic nor WTForms."""
    source = "import sys, flask_clientcallback; print(*sys.modules)"
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert {"pydantic", "wtforms"}.isdisjoint(done.stdout.split())


@pytest.mark.parametrize("hint", [None, Response, Markup, t.Any, object])
def test_results_that_are_not_checked(app: Flask, hint: t.Any) -> None:
    """Such results are what the method returns."""

    def price(self: object) -> t.Any:
        return {"a": [1.5]}

    price.__annotations__["return"] = hint
    assert call(open_page(app, page_of(callback_method(price))), "price") == {
        "a": [1.5]
    }
