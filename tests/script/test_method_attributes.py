"""Callback attributes that call methods: bound when they are rendered."""

from __future__ import annotations

import json
import typing as t
from datetime import date
from decimal import Decimal
from enum import Enum
from html.parser import HTMLParser

import pytest
from flask import Flask
from markupsafe import Markup
from werkzeug.datastructures import FileStorage

from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackTargetError
from flask_clientcallback import current_page
from flask_clientcallback import FromForm
from flask_clientcallback import js_literal
from flask_clientcallback.testing import CallbackClient

from ..helpers.methods import open_page
from ..helpers.pages import add_page
from ..helpers.pages import Page


class Colour(Enum):
    """A colour."""

    RED = "red"


class Cart:
    """A control with methods, and no handler of events."""

    @callback_method
    def remove(self, product: str, count: int = 1, *, all: bool = False) -> str:
        return product

    @callback_method
    def clear(self) -> None: ...

    @callback_method
    def order(self, name: FromForm[str], quantity: FromForm[int]) -> None: ...

    @callback_method
    def only(self, *, symbol: str, note: FromForm[str]) -> None: ...

    @callback_method
    def unnamed(self, product: str, /) -> None: ...

    @callback_method
    def upload(self, file: FileStorage, title: str = "") -> None: ...


class Label:
    """A control without anything."""


@callback_handler
class Shop(Page):
    """Has a control that is declared and one that is added."""

    cart = callback_control(Cart)

    def page_init(self) -> None:
        current_page.add_control("added", Cart())
        current_page.add_control("label", Label())

    @callback_method
    def price(self, symbol: str = "A") -> str:
        return symbol


def write(app: Flask, control: t.Any, **options: t.Any) -> dict[str, str | None]:
    """Write attributes in a page, and read them as a browser does."""
    app.testing = True
    found: list[dict[str, str | None]] = []

    class Writing(Shop):
        def page_load(self) -> None:
            given = control(self) if callable(control) else control
            script = current_page.client_script
            written.append(script.get_callback_attributes(given, **options))

    class Parser(HTMLParser):
        def handle_starttag(
            self, tag: str, attrs: list[tuple[str, str | None]]
        ) -> None:
            found.append(dict(attrs))

    written: list[Markup] = []
    add_page(app, Writing)
    t.cast(CallbackClient, app.test_client()).get_page("/")
    Parser().feed(f"<button{written[0]}>")
    [attributes] = found
    assert attributes.pop("data-callback-page")
    return attributes


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"method": "clear"}, {"target": "cart.clear"}),
        ({"method": "clear", "args": []}, {"target": "cart.clear"}),
        (
            {"method": "remove", "args": ["pen"]},
            {"target": "cart.remove", "argument": '["pen"]'},
        ),
        (
            {"method": "remove", "args": ("pen", 2)},
            {"target": "cart.remove", "argument": '["pen",2]'},
        ),
        (
            {"method": "remove", "args": ["pen"], "value": True},
            {"target": "cart.remove", "argument": '["pen"]', "value": ""},
        ),
        (
            {"method": "remove", "value": True, "event": "change"},
            {"target": "cart.remove", "value": "", "event": "change"},
        ),
        (
            {"method": "remove", "args": ["pen", 2, {"all": True}]},
            {"target": "cart.remove", "argument": '["pen",2,{"all":true}]'},
        ),
        (
            {"method": "only", "args": [{"symbol": "A"}]},
            {"target": "cart.only", "argument": '[{"symbol":"A"}]'},
        ),
        ({"method": "order"}, {"target": "cart.order"}),
        (
            {"method": "order", "args": ["Ada"]},
            {"target": "cart.order", "argument": '["Ada"]'},
        ),
        (
            {"method": "unnamed", "args": ["pen"]},
            {"target": "cart.unnamed", "argument": '["pen"]'},
        ),
        (
            {"method": "clear", "output": "lines", "policy": "latest", "files": True},
            {
                "target": "cart.clear",
                "output": "lines",
                "policy": "latest",
                "files": "",
            },
        ),
        (
            {"method": "clear", "postback": True},
            {"name": "__EVENTTARGET", "value": "cart.clear", "target": "cart.clear"},
        ),
        (
            {"method": "remove", "args": ["pen"], "postback": True, "output": "x"},
            {
                "name": "__EVENTTARGET",
                "value": 'cart.remove["pen"]',
                "target": "cart.remove",
                "argument": '["pen"]',
                "output": "x",
            },
        ),
        (
            {"method": "remove", "args": [date(2026, 1, 2), Decimal("1.10")]},
            {"target": "cart.remove", "argument": '["2026-01-02","1.10"]'},
        ),
        (
            {"method": "remove", "args": [Colour.RED, None]},
            {"target": "cart.remove", "argument": '["red",null]'},
        ),
        (
            {"method": "remove", "args": [js_literal("pen"), js_literal(2)]},
            {"target": "cart.remove", "argument": '["pen",2]'},
        ),
        (
            {"method": "remove", "args": [Markup("<b>")]},
            {"target": "cart.remove", "argument": '["<b>"]'},
        ),
    ],
)
def test_attributes(
    app: Flask, options: dict[str, t.Any], expected: dict[str, str]
) -> None:
    """What is called stands in the target, its arguments in the argument."""
    found = write(app, "cart", **options)
    plain = {"name", "value"} if "name" in expected else set()
    assert found == {
        key if key in plain else f"data-callback-{key}": value
        for key, value in expected.items()
    }


TEXTS = [
    '" onmouseover=alert(1) y="',
    "' onclick='x",
    "</script><!--",
    "&quot;&#34;&amp;",
    "a\r\nb\tc\x00\u2028\ud800",
    "`${x}`\\",
    "\u00e9\U0001f600",
]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
@pytest.mark.parametrize("postback", [False, True])
def test_any_text(app: Flask, text: str, postback: bool) -> None:
    """Any text arrives as it was, and breaks out of no attribute."""

    found = write(app, "cart", method="remove", args=[text], postback=postback)
    argument = found["data-callback-argument"]
    assert argument is not None
    assert json.loads(argument) == [text]
    assert not any(name.startswith("on") for name in found)

    if postback:
        assert found["value"] == f"cart.remove{argument}"


def test_any_text_in_a_post_back(app: Flask) -> None:
    """So it does when the button's value is posted back."""

    class Telling(Shop):
        @callback_method
        def price(self, symbol: str = "A") -> str:
            told.append(symbol)
            return symbol

    told: list[str] = []
    page = open_page(app, Telling)

    for text in TEXTS:
        found = json_of(text)
        assert page.post_back(f"__Page.price{found}").status == 200

    assert told == TEXTS


def json_of(text: str) -> str:
    """Write the arguments as the attribute does."""

    return json.dumps([text], separators=(",", ":"))


@pytest.mark.parametrize(
    ("control", "target"),
    [
        (lambda view: current_page, "__Page.price"),
        (lambda view: view, "__Page.price"),
        ("__Page", "__Page.price"),
        (lambda view: current_page.view, "__Page.price"),
    ],
    ids=["proxy", "view", "id", "page's view"],
)
def test_methods_of_the_page(app: Flask, control: t.Any, target: str) -> None:
    """The page stands for its view, which needs no handler of events."""
    found = write(app, control, method="price")
    assert found == {"data-callback-target": target}


@pytest.mark.parametrize(
    ("control", "target"),
    [
        (lambda view: view.cart, "cart.clear"),
        ("cart", "cart.clear"),
        ("'cart'", "cart.clear"),
        (lambda view: current_page.find_control("added"), "added.clear"),
        ("added", "added.clear"),
    ],
    ids=["declared", "its id", "quoted", "added", "id of the added"],
)
def test_methods_of_controls(app: Flask, control: t.Any, target: str) -> None:
    """A control is given itself, or by its id."""
    found = write(app, control, method="clear")
    assert found == {"data-callback-target": target}


OWN_VALUE = "no parameter for \"the element's value"


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"method": "remov"}, CallbackTargetError, "no method 'remov'.*'remove'"),
        ({"method": "xyz"}, CallbackTargetError, "method=: remove, clear, order"),
        ({"method": ""}, CallbackTargetError, "no method ''"),
        ({"method": 5}, CallbackTargetError, "no method 5"),
        ({"method": "__class__"}, CallbackTargetError, "no method '__class__'"),
        ({"method": "remove"}, TypeError, "lacks arguments for product"),
        ({"method": "unnamed"}, TypeError, "lacks arguments for product"),
        ({"method": "upload"}, TypeError, "lacks arguments for file"),
        ({"method": "only"}, TypeError, "lacks arguments for symbol"),
        ({"method": "clear", "args": [1]}, TypeError, "no parameter for 1"),
        (
            {"method": "clear", "value": True},
            TypeError,
            OWN_VALUE,
        ),
        (
            {"method": "remove", "args": ["a", 1, 2]},
            TypeError,
            "no parameter for 2",
        ),
        (
            {"method": "remove", "args": ["a", 1, {"al": True}]},
            TypeError,
            "no parameter for al",
        ),
        (
            {"method": "remove", "args": ["a", 1], "value": True},
            TypeError,
            OWN_VALUE,
        ),
        ({"method": "remove", "args": "pen"}, TypeError, "args is a list.*'pen'"),
        ({"method": "remove", "args": b"pen"}, TypeError, "args is a list"),
        ({"method": "remove", "args": {"a": 1}}, TypeError, "args is a list"),
        ({"method": "remove", "args": {1}}, TypeError, "args is a list"),
        ({"method": "remove", "args": 5}, TypeError, "args is a list"),
        ({"method": "remove", "args": None}, TypeError, "args is a list"),
        ({"method": "remove", "args": [object()]}, TypeError, "not a object"),
        ({"method": "remove", "args": [2**53 + 1]}, ValueError, "beyond 2"),
        ({"method": "remove", "args": [float("nan")]}, ValueError, "JSON compliant"),
        (
            {"method": "remove", "args": [js_literal("x") + "y"]},
            TypeError,
            "put together with other source",
        ),
        ({"method": "remove", "argument": "x"}, TypeError, r"given as args=\[...\]"),
        ({"method": "remove", "argument": ""}, TypeError, r"given as args=\[...\]"),
        ({"args": ["x"]}, TypeError, "args and value are for a method"),
        ({"value": True}, TypeError, "args and value are for a method"),
        (
            {"method": "remove", "value": True, "postback": True},
            ValueError,
            "no value of the element",
        ),
        ({"method": "clear", "output": ""}, ValueError, "output is the id"),
        ({"method": "clear", "output": 5}, TypeError, "output is the id"),
        ({"method": "clear", "event": "hover"}, ValueError, "no event 'hover'"),
        ({"method": "clear", "policy": "all"}, ValueError, "no policy 'all'"),
        ({"method": "clear", "methods": "x"}, TypeError, "unexpected keyword"),
        ({}, CallbackTargetError, "no method raise_callback_event.*method=: remove"),
    ],
)
def test_mistakes(
    app: Flask, options: dict[str, t.Any], kind: type[Exception], message: str
) -> None:
    """What could not be called is an error where it is written, not at the click."""
    with pytest.raises(kind, match=message):
        write(app, "cart", **options)


@pytest.mark.parametrize("control", ["nowhere", None, "label"])
def test_controls_without_the_method(app: Flask, control: str | None) -> None:
    """So is a control that is unknown, or has no methods."""
    with pytest.raises(CallbackTargetError):
        write(app, control, method="remove")


def test_note_of_a_mistake(app: Flask) -> None:
    """The error tells the whole signature."""
    with pytest.raises(TypeError) as caught:
        write(app, "cart", method="remove")

    [note, *_] = caught.value.__notes__
    assert "Cart.remove(product: str, count: int = 1, *, all: bool = False)" in note


def test_template_global(app: Flask) -> None:
    """The template global takes the same, and knows a slip."""
    shop: type[t.Any] = type("Slip", (Shop,), {})
    template = "{{ callback_attributes(current_page, metod='price') }}"
    app.testing = True

    with pytest.raises(TypeError, match=r"no keyword 'metod'\. Is it method"):
        open_page(app, shop, template)


def test_template_of_rows(app: Flask) -> None:
    """A row of a table calls with its own arguments, and the call arrives."""
    template = """
    {{ callback_scripts() }}
    {% for name in ["pen", "it's \\"ink\\""] %}
    <button{{ callback_attributes(current_page.view.cart, method="remove", args=[name],
      postback=true) }}>x</button>
    {% endfor %}
    """
    page = open_page(app, Shop, template)
    assert 'value="cart.remove[&#34;pen&#34;]"' in page.text
    assert page.callback(["pen"], "cart.remove").result == "pen"
