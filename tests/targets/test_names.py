"""The names of methods: those that cannot be, and those that reach nothing."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import HandlerInterfaceError

from ..helpers.methods import call
from ..helpers.methods import open_page
from ..helpers.pages import Page


@pytest.mark.parametrize(
    "name",
    [
        "_private",
        "__call__",
        "preis_für",
        "get",
        "post",
        "trace",
        "page_load",
        "page_init",
        "raise_callback_event",
        "raise_postback_event",
        "get_callback_result",
        "as_view",
        "dispatch_request",
        "decorators",
        "then",
        "toJSON",
        "toString",
        "valueOf",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
    ],
)
def test_forbidden_names(name: str) -> None:
    """A name that means something else to a view or to JavaScript is an error."""

    def method(self: object) -> None: ...

    method.__name__ = name

    with pytest.raises(HandlerInterfaceError, match=f"{name} cannot be a method"):
        callback_handler(type("Shop", (Page,), {name: callback_method(method)}))


@pytest.mark.parametrize("name", ["call", "page", "name", "target", "length", "price2"])
def test_allowed_names(app: Flask, name: str) -> None:
    """All other names do."""

    def method(self: object) -> str:
        return "called"

    method.__name__ = name
    view_class = type("Shop", (Page,), {name: callback_method(method)})
    assert call(open_page(app, callback_handler(view_class)), name) == "called"


@pytest.mark.parametrize(
    "name",
    [
        "__class__",
        "__init__",
        "_private",
        "page_init",
        "get",
        "dispatch_request",
        "unmarked",
        "template",
        "price.__func__",
        "price.__self__",
        "",
        ".",
        " price",
        "price ",
        "PRICE",
        "pr\u0131ce",
        "price\x00",
        "price[0]",
        'price["x"]',
    ],
)
def test_names_from_outside(app: Flask, name: str) -> None:
    """A name that was not marked reaches nothing, whatever it is."""
    ran: list[str] = []

    class Shop(Page):
        @callback_method
        def price(self) -> None:
            ran.append("price")

        def unmarked(self) -> None:
            ran.append("unmarked")

        def _private(self) -> None:
            ran.append("private")

        def page_init(self) -> None: ...

    page = open_page(app, callback_handler(Shop))
    answer = page.callback([], f"__Page.{name}")
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (404, "rejected")
    assert ran == []
