"""The session that a page's state belongs to, when the application writes there."""

from __future__ import annotations

import time
import typing as t

import pytest
from flask import Flask
from flask import request
from flask import session

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Counter
from ..helpers.pages import Page


@callback_handler
class Desk(Page):
    """Does with the session what its argument says, and changes its view state."""

    def raise_callback_event(self, event_argument: str) -> t.Any:
        current_page.view_state["calls"] = current_page.view_state.get("calls", 0) + 1

        if event_argument:
            session.clear()

        if event_argument.startswith("as "):
            session["user"] = event_argument

        return session.get("user")


@pytest.fixture
def desk(app: Flask) -> Flask:
    """An application with such a page, and an address that begins a session."""
    app.add_url_rule("/login/<name>", view_func=lambda name: log_in(name))
    add_page(app, Desk)
    return app


def log_in(name: str) -> str:
    """Begin a session."""
    session["user"] = name
    return ""


@pytest.mark.parametrize("argument", ["clear", "as Bob"])
def test_session_that_a_handler_empties(
    desk: Flask, client: CallbackClient, argument: str
) -> None:
    """A page of before does not act in the session that follows, though the answer
    signed its view state anew.
    """
    client.get("/login/Ann")
    leaving, other = client.get_page("/"), client.get_page("/")
    assert other.callback("").result == "Ann"
    assert leaving.callback(argument).status == 200
    client.get("/login/Bob")

    for page in (other, leaving):
        answer = page.callback("")
        assert answer.error is not None
        assert answer.error["kind"] == "stale"

    assert client.get_page("/").callback("").result == "Bob"


def test_session_that_a_before_request_function_writes(
    desk: Flask, client: CallbackClient
) -> None:
    """Tabs that are opened at once agree, though each request writes the session."""

    @desk.before_request
    def note() -> None:
        if "user" not in session:
            session["seen"] = time.monotonic_ns()

    client.get("/login/Ann")
    with client.session_transaction() as held:
        held.clear()
        held["seen"] = 0

    cookie = client.get_cookie("session")
    assert cookie is not None
    first = client.get_page("/")
    # The second request left before the first answer was there.
    client.set_cookie("session", cookie.value)
    second = client.get_page("/")
    assert first.callback("").status == 200
    assert second.callback("").status == 200


def test_session_that_a_before_request_function_empties(
    desk: Flask, client: CallbackClient
) -> None:
    """A callback is refused when its session ended before it came to its page; a page
    that is rendered then belongs to the session that follows.
    """

    @desk.before_request
    def expire() -> None:
        if (request.args and request.method == "GET") or "X-Expire" in request.headers:
            session.clear()
            session["user"] = "Bob"

    client.get("/login/Ann")
    expired = client.get_page("/").callback("", headers={"X-Expire": "1"})
    assert expired.error is not None
    assert expired.error["kind"] == "stale"
    client.get("/login/Ann")
    old = client.get_page("/")
    assert old.callback("").result == "Ann"
    new = client.get_page("/?expire=1")
    assert new.callback("").result == "Bob"
    answer = old.callback("")
    assert answer.error is not None
    assert answer.error["kind"] == "stale"


def test_page_that_empties_the_session(app: Flask, client: CallbackClient) -> None:
    """A page that ends the session itself belongs to the visitor who follows."""

    class Leaving(Counter):
        def page_load(self) -> None:
            if not current_page.is_postback:
                session.clear()

    app.add_url_rule("/login/<name>", view_func=lambda name: log_in(name))
    add_page(app, Leaving)
    client.get("/login/Ann")
    page = client.get_page("/")
    assert page.callback("x").result == 1


def test_user_key_that_a_before_request_function_sets() -> None:
    """The key of the user is asked for when the view begins."""
    app = Flask(__name__)
    app.secret_key = "x"
    who: list[str] = []
    ClientCallback(app, user_key=lambda: who[-1])

    @app.before_request
    def set_user() -> None:
        who.append(request.headers.get("X-User", "Ann"))

    add_page(app, Counter)
    page = CallbackClient(app).get_page("/")
    assert page.callback("x").result == 1
    answer = page.callback("x", headers={"X-User": "Bob"})
    assert answer.error is not None
    assert answer.error["kind"] == "stale"


def test_new_session_that_is_replaced_at_once(
    desk: Flask, client: CallbackClient
) -> None:
    """A page of a session that was not known yet does not act in the one that takes its
    place, though both requests came with the same cookie.
    """

    @desk.before_request
    def replace() -> None:
        if request.args and request.method == "GET":
            session.clear()
            session["guest"] = "Bob"

    client.get("/login/Ann")
    cookie = client.get_cookie("session")
    assert cookie is not None
    old = client.get_page("/")
    # The second request left before the first answer was there.
    client.set_cookie("session", cookie.value)
    new = client.get_page("/?replace=1")
    assert new.callback("").status == 200
    answer = old.callback("")
    assert answer.error is not None
    assert answer.error["kind"] == "stale"
