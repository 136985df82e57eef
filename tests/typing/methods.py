"""Named methods as an application writes them. Type checkers read this file; nothing
runs it.
"""

from __future__ import annotations

import typing as t

from flask.views import MethodView
from markupsafe import Markup
from werkzeug.datastructures import FileStorage

from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page
from flask_clientcallback import FormValue
from flask_clientcallback import FromForm
from flask_clientcallback import page_form
from flask_clientcallback import render_fragment
from flask_clientcallback import validated_form


class Cart:
    count: int = 0

    @callback_method
    def remove(self, product: str, *, all: bool = False) -> Markup:
        return render_fragment("cart.html", product=product, name="cart")


@callback_handler
class Shop(MethodView):
    cart = callback_control(Cart)

    @callback_method
    def price(self, symbol: str, quantity: int = 1) -> float:
        return len(symbol) * quantity + self.cart.count

    @callback_method
    async def later(self, symbol: str) -> int:
        return len(symbol)

    @callback_method
    @staticmethod
    def static(symbol: str) -> str:
        return symbol

    @staticmethod
    @callback_method
    def static_above(symbol: str) -> str:
        return symbol

    @callback_method
    @classmethod
    def of_class(cls, symbol: str) -> str:
        return cls.__name__ + symbol

    @callback_method
    def order(
        self,
        quantity: FromForm[int],
        tags: FromForm[list[str]],
        photo: FromForm[FileStorage | None] = None,
        number: t.Annotated[int, FormValue("n")] = 1,
    ) -> str:
        t.assert_type(quantity, int)
        t.assert_type(tags, list[str])
        t.assert_type(photo, FileStorage | None)
        t.assert_type(number, int)
        return f"{quantity + number}"

    @callback_method
    def save(self) -> str:
        form = validated_form(OrderForm)
        t.assert_type(form, OrderForm)
        t.assert_type(page_form(OrderForm, prefix="a"), OrderForm)

        if current_page.errors:
            raise CallbackError.from_form(form, "Wrong.")

        return form.title


class Special(Shop):
    # Taking a method or a control away.
    price = None  # type: ignore[assignment]
    cart = None  # type: ignore[assignment]


class OrderForm:
    title: str


def use_methods(shop: Shop) -> None:
    t.assert_type(shop.cart, Cart)
    t.assert_type(Shop.cart.control_class, type[Cart])
    t.assert_type(shop.price("A"), float)
    t.assert_type(shop.price("A", quantity=2), float)
    t.assert_type(shop.cart.remove("pen", all=True), Markup)
    t.assert_type(Shop.static("A"), str)
    t.assert_type(Shop.static_above("A"), str)
    t.assert_type(Shop.of_class("A"), str)
    t.assert_type(shop.order(3, ["a"]), str)
    t.assert_type(current_page.error, CallbackError | None)
    t.assert_type(current_page.errors, dict[str, list[str]])
    shop.price(5)  # type: ignore[arg-type]
    shop.price()  # type: ignore[call-arg]
    shop.order("3", [])  # type: ignore[arg-type]
    callback_control(Cart())  # type: ignore[arg-type]
    callback_method(5)  # type: ignore[type-var]
    script = current_page.client_script
    script.get_callback_attributes(
        shop.cart, method="remove", args=["pen"], value=True, output="lines"
    )
    script.register_for_event_validation(shop.cart, method="remove")


async def use_coroutine(shop: Shop) -> None:
    t.assert_type(await shop.later("A"), int)
