"""Callbacks where Flask-Session keeps the sessions, on the server's disk."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from cachelib import FileSystemCache
from flask import current_app
from flask import Flask
from flask import session
from flask_session import Session

from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackClient

from ..helpers.outcomes import check_error
from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import Counter


def start() -> str:
    """Begin a session."""
    session["cart"] = ["pen"]
    return ""


def clear() -> str:
    """Empty the session, as at a logout."""
    session.clear()
    return ""


def restart(name: str) -> str:
    """Begin another one in its place, as at another user's login."""
    session.clear()
    session["user_id"] = name
    return ""


def regenerate() -> str:
    """Give the session another id."""
    t.cast(t.Any, current_app.session_interface).regenerate(session)
    return ""


@pytest.fixture(params=["before", "after"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    """An application with Flask-Session, registered before or after the package."""
    app = make_app()
    app.config["SESSION_TYPE"] = "cachelib"
    app.config["SESSION_CACHELIB"] = FileSystemCache(str(tmp_path))

    if request.param == "before":
        Session(app)
        ClientCallback(app)
    else:
        ClientCallback(app)
        Session(app)

    app.add_url_rule("/start", view_func=start)
    app.add_url_rule("/clear", view_func=clear)
    app.add_url_rule("/restart/<name>", view_func=restart)
    app.add_url_rule("/regenerate", view_func=regenerate)
    add_page(app, Counter)
    return app


def session_id(client: CallbackClient) -> str:
    """Get the id of a client's session, which is all that its cookie has."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def test_sessions_are_on_the_server(app: Flask, client: CallbackClient) -> None:
    """What the tests below rest on: the cookie stays the same when the session
    changes, and is worth nothing without what is stored.
    """
    client.get("/start")
    first = session_id(client)
    client.get("/restart/ada")
    assert session_id(client) == first
    app.config["SESSION_CACHELIB"].clear()
    page = client.get_page("/")
    assert page.callback("x").result == 1
    client.get("/start")
    assert session_id(client) != first


def test_tabs(client: CallbackClient) -> None:
    """The pages of a session work side by side."""
    client.get("/start")
    tabs = [client.get_page("/") for _ in range(3)]
    results = [tab.callback("x").result for _ in range(2) for tab in tabs]
    assert results == [1, 1, 1, 2, 2, 2]


def test_stranger(app: Flask, client: CallbackClient) -> None:
    """The page of a session is good in no other, and not without one."""
    client.get("/start")
    page = client.get_page("/")
    other = CallbackClient(app)
    visitor = other.get_page("/")
    visitor.state = page.state
    check_error(visitor.callback("x"), 400, "stale")
    other.get("/start")
    stranger = other.get_page("/")
    stranger.state = page.state
    check_error(stranger.callback("x"), 400, "stale")
    assert page.callback("x").result == 1


@pytest.mark.parametrize("forged", ["", "x", "../../etc/passwd"])
def test_forged_id(client: CallbackClient, forged: str) -> None:
    """An id that the server did not give is no session."""
    client.get("/start")
    page = client.get_page("/")
    client.set_cookie("session", forged)
    check_error(page.callback("x"), 400, "stale")


def test_write_that_is_lost(app: Flask, client: CallbackClient) -> None:
    """A page that a slower request takes the session from is out of date, and the
    next one works: a value of the session that is gone could be another user's.
    """
    pages = []

    def slow() -> str:
        session["slow"] = True
        pages.append(client.get_page("/"))
        return ""

    app.add_url_rule("/slow", view_func=slow)
    client.get("/start")
    client.get("/slow")
    later = client.get_page("/")
    check_error(pages[0].callback("x"), 400, "stale")
    assert later.callback("x").result == 1


def test_regeneration(app: Flask, client: CallbackClient) -> None:
    """A session that gets another id is the same session; the id before is none."""
    client.get("/start")
    page = client.get_page("/")
    assert page.callback("x").result == 1
    before = session_id(client)
    client.get("/regenerate")
    assert session_id(client) != before
    assert page.callback("x").result == 2
    thief = CallbackClient(app)
    thief.set_cookie("session", before)
    taken = thief.get_page("/")
    taken.state = page.state
    check_error(taken.callback("x"), 400, "stale")


def test_session_begins_later(client: CallbackClient) -> None:
    """A page from before a session goes on, and so does what it renews."""
    page = client.get_page("/")
    client.get("/start")
    assert page.callback("x").result == 1
    assert page.callback("x").result == 2
    client.get("/regenerate")
    assert page.callback("x").result == 3


def test_session_that_ends(app: Flask, client: CallbackClient) -> None:
    """A session that is emptied takes its pages along."""
    client.get("/start")
    tabs = [client.get_page("/"), client.get_page("/")]
    assert tabs[0].callback("x").result == 1
    client.get("/clear")

    for tab in tabs:
        check_error(tab.callback("x"), 400, "stale")

    client.get("/start")

    for tab in tabs:
        check_error(tab.callback("x"), 400, "stale")

    assert client.get_page("/").callback("x").result == 1


def test_session_that_ends_on_the_server(app: Flask, client: CallbackClient) -> None:
    """So does one that the server forgets, although the cookie is still there."""
    client.get("/start")
    page = client.get_page("/")
    app.config["SESSION_CACHELIB"].clear()
    check_error(page.callback("x"), 400, "stale")


def test_another_session_at_once(client: CallbackClient) -> None:
    """So does one that is emptied and filled anew in one request, as at the login
    of another user.
    """
    client.get("/restart/ada")
    page = client.get_page("/")
    assert page.callback("x").result == 1
    client.get("/restart/grace")
    check_error(page.callback("x"), 400, "stale")


@pytest.mark.parametrize("cookie", [None, "theme"])
def test_visitor(client: CallbackClient, tmp_path: Path, cookie: str | None) -> None:
    """A visitor without a session gets none, and nothing is stored."""
    stored = set(tmp_path.iterdir())

    if cookie is not None:
        client.set_cookie(cookie, "dark")

    page = client.get_page("/")
    answer = page.callback("x")
    assert answer.result == 1
    assert "Set-Cookie" not in page.response.headers
    assert "Set-Cookie" not in answer.response.headers
    assert set(tmp_path.iterdir()) == stored


def test_handler_writes_the_session(app: Flask, client: CallbackClient) -> None:
    """What a handler puts into the session is stored, and its page goes on."""

    class Shop(Counter):
        def raise_callback_event(self, event_argument: str) -> None:
            session["cart"] = [*session.get("cart", []), event_argument]
            super().raise_callback_event(event_argument)

    app.add_url_rule("/cart", "cart", lambda: session["cart"])
    add_page(app, Shop, "/shop")
    page = client.get_page("/shop")
    assert page.callback("pen").result == 1
    assert page.callback("ink").result == 2
    assert client.get("/cart").json == ["pen", "ink"]
