"""A page inside a page: a request that a page makes, and a view that it calls."""

from __future__ import annotations

import functools
import typing as t

import pytest
from flask import current_app
from flask import Flask
from flask import render_template_string
from flask import stream_template_string
from flask.views import MethodView

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

    template = f"of the page: {{{{ current_page.view_state.of }}}} {TEMPLATE}"

    def get(self) -> str:
        current_page.view_state["of"] = "widget"
        return super().get()

    def post(self) -> str:
        return "posted"


@callback_handler
class Streamed(Widget):
    """One that is streamed."""

    def get(self) -> t.Any:
        current_page.view_state["of"] = "widget"
        return stream_template_string(self.template)


def look_inside(way: str, endpoint: str) -> None:
    """Answer a request to another page from inside a page."""
    page = current_page._get_current_object()  # type: ignore[attr-defined]

    if way == "view":
        inner = current_app.make_response(current_app.view_functions[endpoint]())
        assert "of the page: widget" in inner.get_data(as_text=True)
        inner.close()
    else:
        client = CallbackClient(current_app._get_current_object())  # type: ignore[attr-defined]
        page_inside = client.get_page(f"/{endpoint}")
        assert "of the page: widget" in page_inside.text

        if way == "callback":
            assert page_inside.callback("inner").result == "inner"

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
    add_page(app, Widget, "/widget")
    add_page(app, Streamed, "/streamed")
    outer: t.Any = type("Outer", (Outer,), {"way": way, "inner": inner})
    add_page(app, callback_handler(outer))
    page = client.get_page("/")
    assert page.status == 200
    assert page.callback("x").result == ["x", "outer"]


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


def embed(app: Flask, *, before: bool) -> tuple[type[t.Any], list[t.Any]]:
    """Make a page that shows another one: inside of it, or by a decorator before it."""
    heard: list[t.Any] = []

    @callback_handler
    class Menu(Page):
        def get(self) -> str:
            heard.append(("menu", current_page.is_postback, "of" in _view_state()))
            return "menu"

        def post(self) -> str:
            heard.append("menu posted")
            return ""

        def raise_callback_event(self, event_argument: str) -> None:
            heard.append("menu called")

        def raise_postback_event(self, argument: str) -> None:
            heard.append("menu raised")

    add_page(app, Menu, "/menu")

    def show_menu() -> None:
        current_app.make_response(app.view_functions["menu"]())

    def with_menu(view: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        @functools.wraps(view)
        def shown(**values: t.Any) -> t.Any:
            show_menu()
            return view(**values)

        return shown

    @callback_handler
    class Shop(Page):
        decorators: t.ClassVar = [with_menu] if before else []

        def get(self) -> str:
            current_page.view_state["of"] = "shop"

            if not before:
                show_menu()

            return super().get()

        def raise_callback_event(self, event_argument: str) -> str:
            heard.append("shop called")
            return event_argument

        def raise_postback_event(self, argument: str) -> None:
            heard.append("shop raised")

    return Shop, heard


def _view_state() -> t.Any:
    return current_page.view_state


@pytest.mark.parametrize("before", [True, False])
def test_request_is_for_its_own_page(
    app: Flask, client: CallbackClient, before: bool
) -> None:
    """Call, state and event are for the page that the request came to, and for no page
    that is called before it or inside of it: that is rendered anew.
    """
    shop, heard = embed(app, before=before)
    add_page(app, shop)
    page = client.get_page("/")
    assert page.callback("x").result == "x"
    assert page.post_back("__Page", "x").status == 200
    assert heard.count("shop called") == heard.count("shop raised") == 1
    assert set(heard) == {"shop called", "shop raised", ("menu", False, False)}


@pytest.mark.parametrize("has_post", [True, False])
@pytest.mark.parametrize("by", ["decorator", "dispatch_request"])
def test_callback_that_is_tried_again(
    app: Flask, client: CallbackClient, by: str, has_post: bool
) -> None:
    """A decorator or a base class may call the view again, after a conflict say: that
    is the callback once more, and not a plain POST.
    """
    tries: list[str] = []

    def again(view: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        @functools.wraps(view)
        def tried(*args: t.Any, **values: t.Any) -> t.Any:
            try:
                return view(*args, **values)
            except ZeroDivisionError:
                return view(*args, **values)

        return tried

    class Trying(Page):
        def raise_callback_event(self, event_argument: str) -> str:
            tries.append(event_argument)
            return str(1 // (len(tries) - 1))

    members: dict[str, t.Any] = {}

    if has_post:
        members["post"] = lambda self: tries.append("post ran") or ""

    if by == "decorator":
        members["decorators"] = [again]
    else:
        members["dispatch_request"] = again(Trying.dispatch_request)

    add_page(app, callback_handler(type("Trying", (Trying,), members)))
    assert client.get_page("/").callback("x").result == "1"
    assert tries == ["x", "x"]


@pytest.mark.parametrize("has_hook", [True, False])
def test_inner_page_that_is_not_rendered(
    app: Flask, client: CallbackClient, has_hook: bool
) -> None:
    """A hook of the inner page may answer for it; one without a ``get`` is an error."""

    @callback_handler
    class Closed(MethodView):
        def post(self) -> str:
            return "posted"

        def page_load(self) -> str | None:
            return "closed today" if has_hook else None

        def raise_callback_event(self, event_argument: str) -> None: ...

    @callback_handler
    class Asking(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            view = current_app.view_functions["closed"]
            return current_app.make_response(view()).get_data(as_text=True)

    if has_hook:
        Closed.get = Closed.post  # type: ignore[attr-defined]

    add_page(app, Closed, "/closed")
    add_page(app, Asking)
    answer = client.get_page("/").callback("x")

    if has_hook:
        assert answer.result == "closed today"
    else:
        assert answer.error is not None
        assert answer.status == 405
