"""Parts of an application that the page on named methods shows do what it says."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.views import MethodView
from jinja2 import DictLoader
from wtforms import Form
from wtforms import StringField
from wtforms.i18n import get_translations
from wtforms.validators import InputRequired

import flask_clientcallback
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback
from flask_clientcallback import FromForm
from flask_clientcallback.testing import CallbackClient

from ..helpers.documentation import code_with
from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import Page

NAME = "docs/methods.rst"


def run(code: str, **names: t.Any) -> dict[str, t.Any]:
    """Run code that has some names, and give all that there are then."""
    names |= vars(flask_clientcallback) | {"MethodView": MethodView}
    exec(code, names)
    return names


class Named(Page):
    """Has a method that needs a field."""

    @callback_method
    def rename(self, name: FromForm[int]) -> None: ...


def test_translations() -> None:
    """The messages are in the user's language, by the translations of Flask-WTF."""
    app = make_app()
    run(code_with(NAME, "import translations"), app=app)
    add_page(app, callback_handler(Named))
    answer = CallbackClient(app).get_page("/").call.rename()
    assert answer.error is not None
    [message] = answer.error["fields"]["name"]
    assert message == get_translations(["de"]).gettext("Not a valid integer value.")
    assert message.startswith("Kein")


def test_own_validator(app: Flask) -> None:
    """The text of a validator is the message of the field."""
    hint = run(code_with(NAME, "AfterValidator"), Annotated=t.Annotated)["Mail"]

    def subscribe(self: object, mail: str) -> str:
        return mail

    subscribe.__annotations__["mail"] = hint
    page = type("Page", (Page,), {"subscribe": callback_method(subscribe)})
    add_page(app, callback_handler(page))
    call = CallbackClient(app).get_page("/").call
    error = call.subscribe("ada").error
    assert error is not None
    assert error["fields"] == {"mail": ["Write a mail address."]}
    assert call.subscribe("ada@example.com").result == "ada@example.com"


class OrderForm(Form):
    """A form of WTForms."""

    name = StringField(validators=[InputRequired()])


@pytest.mark.parametrize("name", ["Ada", ""])
def test_form(app: Flask, name: str) -> None:
    """The method gets a form that is valid, or ends the call with its errors."""
    order = run(code_with(NAME, "validated_form"), OrderForm=OrderForm)["order"]
    add_page(app, callback_handler(type("Order", (Page,), {"order": order})))
    page = CallbackClient(app).get_page("/")
    page.form["name"] = name
    answer = page.call.order()
    assert answer.result == ("Thank you, Ada." if name else None)
    fields = {"name": ["This field is required."]}
    assert name or (answer.error or {})["fields"] == fields


def test_fragment(app: Flask) -> None:
    """The method gives a template's HTML, in which values are escaped."""
    app.jinja_loader = DictLoader({"cart.html": "<b>{{ cart|join(', ') }}</b>"})
    remove = run(code_with(NAME, "render_fragment"))["remove"]
    attributes = {"remove": remove, "cart": {"pen", "<i>"}}
    add_page(app, callback_handler(type("Shop", (Page,), attributes)))
    answer = CallbackClient(app).get_page("/").call.remove("pen")
    assert answer.result == "<b>&lt;i&gt;</b>"


def test_control() -> None:
    """Scripts call the method of a declared control, which a subclass may remove."""
    shop = run(code_with(NAME, "callback_control"))["Shop"]
    statuses = []

    for attributes in ({}, {"cart": None}):
        app = make_app()
        ClientCallback(app)
        page = {"get": Page.get, "template": Page.template}
        add_page(app, type("Sub", (shop,), page | attributes))
        cart = CallbackClient(app).get_page("/").target("cart")
        statuses.append(cart.remove("pen").status)

    assert statuses == [200, 404]


def test_rows(app: Flask) -> None:
    """Each button of the table carries its call, with scripts and without."""
    products = {7: SimpleNamespace(id=7), 8: SimpleNamespace(id=8)}

    class Cart:
        @callback_method
        def remove(self, product: int) -> str:
            del products[product]
            return f"{product} is gone."

    @callback_handler
    class Shop(Page):
        cart = flask_clientcallback.callback_control(Cart)
        template = f"""<form method="post">{{{{ callback_fields() }}}}
          {{% set cart = products.values() %}}{code_with(NAME, "for product in cart")}
          <output id="cart">{{{{ callback_result() }}}}</output></form>
          {{{{ callback_scripts() }}}}"""

    app.jinja_env.globals["products"] = products
    add_page(app, Shop)
    page = CallbackClient(app).get_page("/").submit("cart.remove[8]")
    assert ">8 is gone.</output>" in page.text
    assert page.text.count("Remove</button>") == 1
    assert page.target("cart").remove(7).result == "7 is gone."


@pytest.mark.parametrize("is_offered", [True, False])
def test_offered_method(app: Flask, is_offered: bool) -> None:
    """A method that no element offers is called only if the hook offers it."""
    hook = run(code_with(NAME, "register_for_event_validation"))["page_load"]

    @callback_handler(event_validation=True)
    class Shop(Page):
        @callback_method
        def price(self, symbol: str) -> str:
            return symbol

    add_page(app, type("Sub", (Shop,), {"page_load": hook} if is_offered else {}))
    answer = CallbackClient(app).get_page("/").call.price("ACME")
    assert answer.status == (200 if is_offered else 403)
