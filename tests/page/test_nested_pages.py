"""A page inside a page: a request that a page makes, and a view that it calls."""

from __future__ import annotations

import typing as t

import pytest
from flask import current_app
from flask import Flask
from flask import render_template_string
from flask import stream_template_string

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Echo
from ..helpers.pages import Page
from ..helpers.pages import TEMPLATE

WAYS = ["request", "view", "callback"]


@callback_handler
class Widget(Echo):
    """The page inside."""

    def get(self) -> str:
        current_page.view_state["of"] = "widget"
        return super().get()

    def post(self) -> str:
        return "posted"


@callback_handler
class Streamed(Echo):
    """One that is streamed."""

    def get(self) -> t.Any:
        return stream_template_string(self.template)


def look_inside(way: str, endpoint: str) -> None:
    """Answer a request to another page from inside a page."""
    page = current_page._get_current_object()  # type: ignore[attr-defined]

    if way == "view":
        current_app.make_response(current_app.view_functions[endpoint]())
    else:
        client = CallbackClient(current_app._get_current_object())  # type: ignore[attr-defined]
        inner = client.get_page(f"/{endpoint}")

        if way == "callback":
            assert inner.callback("inner").result == "inner"

    assert current_page._get_current_object() is page  # type: ignore[attr-defined]


class Outer(Page):
    """The page outside."""

    way = ""
    inner = "widget"

    def get(self) -> str:
        current_page.view_state["of"] = "outer"
        look_inside(self.way, self.inner)
        return render_template_string(TEMPLATE)

    def raise_callback_event(self, event_argument: str) -> t.Any:
        look_inside(self.way, self.inner)
        return [event_argument, current_page.view_state["of"]]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("inner", ["widget", "streamed"])
def test_page_inside_a_page(
    app: Flask, client: CallbackClient, way: str, inner: str
) -> None:
    """The outer page is the current one again, with its own state, in a GET and in a
    callback.
    """
    if (way, inner) == ("view", "streamed"):
        # A view that only takes a GET cannot be called in a callback.
        Streamed.post = Widget.post  # type: ignore[attr-defined]

    add_page(app, Widget, "/widget")
    add_page(app, Streamed, "/streamed")
    outer: t.Any = type("Outer", (Outer,), {"way": way, "inner": inner})
    add_page(app, callback_handler(outer))
    page = client.get_page("/")
    assert page.status == 200
    assert page.callback("x").result == ["x", "outer"]
    assert not current_page


def test_view_inside_a_callback_is_not_called_back(
    app: Flask, client: CallbackClient
) -> None:
    """The call is for the page that it came to, and for no view that this calls."""
    heard: list[str] = []

    class Listening(Widget):
        def raise_callback_event(self, event_argument: str) -> None:
            heard.append(event_argument)

    add_page(app, Listening, "/listening")
    outer: t.Any = type("Outer", (Outer,), {"way": "view", "inner": "listening"})
    add_page(app, callback_handler(outer))
    assert client.get_page("/").callback("x").result == ["x", "outer"]
    assert heard == []
