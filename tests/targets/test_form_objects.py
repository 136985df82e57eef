"""Objects that are made of a whole form."""

from __future__ import annotations

import typing as t

import pytest
import typing_extensions
from flask import Flask
from flask import render_template_string
from flask.views import MethodView

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import FromForm
from flask_clientcallback.testing import CallbackClient


class Order(typing_extensions.TypedDict):
    product: str
    quantity: int
    gift: bool


class Discount(typing_extensions.TypedDict, total=False):
    product: typing_extensions.Required[str]
    percent: int


@callback_handler
class Page(MethodView):
    def get(self) -> str:
        return render_template_string(
            "<form method='post'>{{ callback_fields() }}"
            "<input name='product' value='pen'><input name='quantity' value='3'>"
            "<input name='percent'></form>"
            "{{ callback_scripts() }}"
        )

    @callback_method
    def order(self, order: FromForm[Order]) -> dict[str, t.Any]:
        return {**order}

    @callback_method
    def reduce(self, discount: FromForm[Discount]) -> dict[str, t.Any]:
        return {**discount}


@pytest.mark.parametrize(
    ("method", "result"),
    [
        ("order", {"product": "pen", "quantity": 3, "gift": False}),
        ("reduce", {"product": "pen"}),
    ],
)
def test_typed_dict(app: Flask, method: str, result: object) -> None:
    """A TypedDict has the whole form, also one of typing_extensions, as pydantic wants
    it before Python 3.12.
    """
    app.add_url_rule("/", view_func=Page.as_view("page"))
    page = CallbackClient(app).get_page("/")
    assert getattr(page.call, method)().result == result
