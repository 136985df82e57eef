"""Calls of methods in the life cycle of their page."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from flask import Flask
from flask import render_template_string
from flask.views import View

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page

from ..helpers.methods import call
from ..helpers.methods import open_page
from ..helpers.methods import send
from ..helpers.pages import Page


def test_page_with_methods_only(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """A page needs no more than methods. A call of none of them is refused, and the log
    lists them.
    """

    @callback_handler
    class Shop(Page):
        @callback_method
        def price(self) -> None: ...

        @callback_method
        def order(self) -> None: ...

    page = open_page(app, Shop)

    for target in ("__Page", "__Page.prices", "cart", "cart.price", "__Page.price.x"):
        caplog.clear()
        answer = page.callback("x" if target in ("__Page", "cart") else [], target)
        assert answer.error is not None
        assert (answer.status, answer.error["kind"]) == (404, "rejected")
        assert "target" not in answer.response.text
        [record] = [r for r in caplog.records if r.name == "flask_clientcallback"]
        assert "price" in record.getMessage() and "order" in record.getMessage()


def test_stages(app: Flask) -> None:
    """A call of a method goes through the stages of an event, and asks for no other
    result.
    """
    ran: list[str] = []

    class Shop(Page):
        def page_raise_callback_event(self) -> None:
            ran.append("hook")

        @callback_method
        def price(self) -> str:
            ran.append(f"method in {current_page.stage}")
            return "price"

        def raise_callback_event(self, event_argument: str) -> None:
            ran.append("event")

        def get_callback_result(self) -> str:
            ran.append("result")
            return "result"

    page = open_page(app, callback_handler(Shop))
    answer = page.callback([], "__Page.price")
    assert answer.result == "price"
    assert ran == ["hook", "method in raise_callback_event"]
    assert answer.stages[-3:] == [
        "raise_callback_event",
        "get_callback_result",
        "unload",
    ]
    ran.clear()
    assert page.callback("", "__Page").result == "result"
    assert ran == ["hook", "event", "result"]


def test_plain_view(app: Flask) -> None:
    """A view that is no MethodView has methods too, which do not run its rendering."""
    ran: list[str] = []

    class Shop(View):
        def dispatch_request(self) -> str:
            ran.append("rendered")
            return render_template_string(
                "<form>{{ callback_fields() }}</form>{{ callback_scripts() }}"
            )

        @callback_method
        def price(self, symbol: str) -> str:
            return symbol

    page = open_page(app, callback_handler(Shop))
    assert call(page, "price", "A") == "A"
    assert ran == ["rendered"]
    assert page.post_back('__Page.price["A"]').status == 200
    assert ran == ["rendered"] * 2


def test_view_state_of_a_method(app: Flask) -> None:
    """What a method changes in the view state goes back to the page; where it fails,
    nothing does.
    """

    @callback_handler
    class Counting(Page):
        @callback_method
        def count(self, step: int) -> int:
            state = current_page.view_state
            state["count"] = state.get("count", 0) + step

            if step > 5:
                raise CallbackError("Too many.")

            return t.cast(int, state["count"])

    page = open_page(app, Counting)
    assert [call(page, "count", 2), call(page, "count", 3)] == [2, 5]
    answer = page.callback([9], "__Page.count")
    assert (answer.status, answer.state) == (400, None)
    assert call(page, "count", 1) == 6


def test_methods_in_threads(app: Flask) -> None:
    """Calls at once each have objects and arguments of their own."""

    @callback_handler
    class Shop(Page):
        @callback_method
        def slow(self, number: int) -> list[int]:
            self.number = number
            sleep(0.02)
            return [self.number, number]

    page = open_page(app, Shop)

    def ask(number: int) -> object:
        return send(app, page, "__Page.slow", f"[{number}]").result

    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(ask, range(24))] == [[n, n] for n in range(24)]
