"""The test client: calls of named methods, and what goes over the wire for them."""

from __future__ import annotations

import copy
import enum
import io
import pickle
import typing as t
from datetime import date
from datetime import datetime
from datetime import UTC
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Flask
from flask import redirect
from flask import request
from markupsafe import Markup
from werkzeug.datastructures import FileStorage

from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallbackError
from flask_clientcallback import current_page
from flask_clientcallback import FromForm
from flask_clientcallback import js_literal
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.pages import add_page
from ..helpers.pages import Page


class Colour(enum.Enum):
    """A member of it is sent as its value."""

    RED = "red"


class Cart:
    """A control with a method."""

    @callback_method
    def remove(self, product: str) -> str:
        return f"removed {product}"


@callback_handler
class Shop(Page):
    """A page with methods."""

    template = """
    <form method="post">{{ callback_fields() }}
      <input name="symbol" value="ACME"><input name="quantity" value="2">
      <button{{ callback_attributes(current_page, method="order", postback=true) }}
        >Order</button>
      <button{{ callback_attributes("cart", method="remove", args=["pen"],
        postback=true) }}>x</button>
    </form>
    <form id="other"><input name="symbol" value="XYZ"></form>
    {{ callback_scripts() }}<p>{{ callback_result() }}</p>"""
    cart = callback_control(Cart)

    @callback_method
    def price(self, symbol: str, quantity: int = 1) -> Decimal:
        if symbol == "none":
            raise CallbackError("No such share.", fields={"symbol": "Choose one."})

        return Decimal("12.50") * quantity

    @callback_method
    def find(self, text: str, *, limit: int = 10) -> list[str]:
        return [text] * limit

    @callback_method
    def when(self, moment: datetime, day: date, key: UUID, colour: Colour) -> t.Any:
        return f"{moment.isoformat()} {day.isoformat()} {key} {colour}"

    @callback_method
    def upload(self, photo: FileStorage, caption: str = "none") -> str:
        return f"{photo.filename} {photo.read().decode()} {caption}"

    @callback_method
    def album(self, photos: list[FileStorage]) -> list[str]:
        return [f"{photo.filename} {photo.read().decode()}" for photo in photos]

    @callback_method
    def order(self, symbol: FromForm[str], quantity: FromForm[int]) -> str:
        return f"{quantity} {symbol}"

    @callback_method
    def rows(self) -> Markup:
        return Markup("<b>rows</b>")

    @callback_method
    def count(self) -> int:
        current_page.view_state["count"] = current_page.view_state.get("count", 0) + 1
        return t.cast(int, current_page.view_state["count"])

    @callback_method
    def leave(self) -> t.Any:
        return redirect("/elsewhere")

    @callback_method
    def header(self) -> str:
        return request.headers.get("X-A", "none")


@pytest.fixture
def page(app: Flask, client: CallbackClient) -> ClientPage:
    """The shop."""
    add_page(app, Shop)
    return client.get_page("/")


def test_results(page: ClientPage) -> None:
    """Methods of the page and of its controls are called by their names."""
    assert page.call.price("ACME", 3).result == "37.50"
    assert page.call.price("ACME").result == "12.50"
    assert page.target("cart").remove("pen").result == "removed pen"
    assert page.target().price("ACME", 2).result == "25.00"


def test_names(page: ClientPage) -> None:
    """Arguments may have names, all of them or some."""
    assert page.call.price(symbol="ACME", quantity=2).result == "25.00"
    assert page.call.price("ACME", quantity=2).result == "25.00"
    assert page.call.find("a", limit=3).result == ["a"] * 3


def test_errors(page: ClientPage) -> None:
    """A call that fails has an error, as any callback."""
    answer = page.call.price("none")
    assert (answer.status, answer.result) == (422, None)
    assert answer.error == {
        "kind": "invalid",
        "message": "No such share.",
        "fields": {"symbol": ["Choose one."]},
    }
    assert page.call.price("ACME", "many").error["fields"].keys() == {"quantity"}  # type: ignore[index]
    assert page.call.price().status == page.call.price("a", 1, 2).status == 422
    assert page.call.unknown().status == page.target("none").price("a").status == 404
    assert page.call.leave().error["kind"] == "redirect"  # type: ignore[index]


def test_form(page: ClientPage) -> None:
    """The page's form goes along, or the one that is given."""
    page.form["quantity"] = "3"
    assert page.call.order().result == "3 ACME"
    assert page.target(form="other").order(quantity=4).result == "4 XYZ"


def test_headers(page: ClientPage) -> None:
    """Headers may go along."""
    assert page.target(headers={"X-A": "1"}).header().result == "1"
    assert page.call.header().result == "none"


def test_html(page: ClientPage) -> None:
    """HTML is told from text."""
    answer = page.call.rows()
    assert answer.result == "<b>rows</b>"
    assert isinstance(answer.result, Markup)
    assert not isinstance(page.target("cart").remove("<b>").result, Markup)


def test_state(page: ClientPage) -> None:
    """A call renews the page's state, as any callback."""
    assert [page.call.count().result for _ in range(3)] == [1, 2, 3]


def test_post_back(page: ClientPage) -> None:
    """The button of a method calls it without scripts."""
    page.form["quantity"] = "5"
    assert "<p>5 ACME</p>" in page.submit("Order").text
    assert "<p>removed pen</p>" in page.submit('cart.remove["pen"]').text


def test_values(page: ClientPage) -> None:
    """Values that JSON lacks are sent as the text that a browser sends."""
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    key = UUID(int=1)
    assert page.call.when(moment, date(2026, 1, 2), key, Colour.RED).result == (
        f"2026-01-02T03:04:05+00:00 2026-01-02 {key} Colour.RED"
    )
    assert page.call.price("ACME", Decimal("2")).result == "25.00"
    assert page.call.price(js_literal("ACME")).result == "12.50"


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ({1, 2}, TypeError, "not a set"),
        (b"x", TypeError, "not a bytes"),
        (object(), TypeError, "not a object"),
        ([io.BytesIO(), "x"], TypeError, "not a BytesIO"),
        ({"a": io.BytesIO()}, TypeError, "not a BytesIO"),
        (js_literal("x") + "y", TypeError, "js_literal"),
        (2**53 + 1, ValueError, "Give it as text"),
        (float("nan"), ValueError, "not JSON compliant"),
    ],
    ids=["set", "bytes", "object", "list", "member", "source", "large", "NaN"],
)
def test_value_that_is_not_sent(
    page: ClientPage, value: t.Any, error: type[Exception], message: str
) -> None:
    """What the client script would not send is an error of the test."""
    with pytest.raises(error, match=message):
        page.call.price(value)

    with pytest.raises(error, match=message):
        page.call.price(symbol=value)


@pytest.mark.parametrize(
    "file",
    [
        (io.BytesIO(b"pixels"), "a.png"),
        (io.BytesIO(b"pixels"), "a.png", "image/png"),
        FileStorage(io.BytesIO(b"pixels"), "a.png"),
    ],
    ids=["pair", "triple", "FileStorage"],
)
def test_file(page: ClientPage, file: t.Any) -> None:
    """A file is an argument of its own, by place or by name."""
    assert page.call.upload(file).result == "a.png pixels none"


def test_files(page: ClientPage) -> None:
    """Files and other arguments go together."""
    assert page.call.upload(io.BytesIO(b"x"), "cap").result == "blob x cap"
    assert page.call.upload(photo=io.BytesIO(b"x"), caption="c").result == "blob x c"
    files = [(io.BytesIO(b"a"), "a"), (io.BytesIO(b"b"), "b")]
    assert page.call.album(files).result == ["a a", "b b"]
    assert page.call.album(tuple([io.BytesIO(b"a")])).result == ["blob a"]


@pytest.mark.parametrize(
    ("call", "target", "sent"),
    [
        (lambda page: page.call.told(), "__Page.told", "[]"),
        (lambda page: page.call.told("A", 3), "__Page.told", '["A",3]'),
        (lambda page: page.call.told(a=1), "__Page.told", '{"a":1}'),
        (lambda page: page.call.told("x", a=3), "__Page.told", '{"0":"x","a":3}'),
        (lambda page: page.call.told([], ()), "__Page.told", "[[],[]]"),
        (lambda page: page.target("cart").remove("x"), "cart.remove", '["x"]'),
        (lambda page: page.call.told(io.BytesIO()), "__Page.told", "{}"),
        (lambda page: page.call.told(io.BytesIO(), 1), "__Page.told", '{"1":1}'),
    ],
    ids=[
        "none",
        "places",
        "names",
        "both",
        "lists",
        "control",
        "file",
        "file and more",
    ],
)
def test_wire(
    app: Flask, page: ClientPage, call: t.Any, target: str, sent: str
) -> None:
    """The arguments are an array, or an object where it takes names."""
    got: list[dict[str, t.Any]] = []
    inner = app.wsgi_app

    def record(environ: t.Any, start_response: t.Any) -> t.Any:
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(body)

        with app.request_class(dict(environ)) as seen:
            got.append(seen.form.to_dict())

        environ["wsgi.input"] = io.BytesIO(body)
        return inner(environ, start_response)

    app.wsgi_app = record  # type: ignore[method-assign]
    call(page)
    assert [(fields["__CALLBACKID"], fields["__CALLBACKPARAM"]) for fields in got] == [
        (target, sent)
    ]


def test_private_names(page: ClientPage) -> None:
    """A private name is no method, so that copies and pickles work as ever."""
    with pytest.raises(AttributeError, match="no method _x"):
        page.call._x()  # pyright: ignore

    assert not hasattr(page.call, "__wrapped__")
    assert copy.copy(page.call).price("ACME").result == "12.50"
    assert repr(page.call) == "<CallbackTarget __Page>"
    assert repr(page.target("cart")) == "<CallbackTarget cart>"
    assert page.call.price.__qualname__ == "__Page.price"

    # What it calls with is bound to an application, and so it is itself.
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(page.call)


def test_page_without_scripts(app: Flask, client: CallbackClient) -> None:
    """A page that a browser could make no call of is an error of its test."""
    template = "{{ callback_fields() }}"
    add_page(app, type("Bare", (Shop,), {"template": template}))

    with pytest.raises(ClientCallbackError, match="callback_scripts"):
        client.get_page("/").call.price("ACME")
