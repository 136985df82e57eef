"""Callbacks of Flask-Login's users, whose login ends or changes in an open page."""

from __future__ import annotations

import typing as t

import pytest
from flask import abort
from flask import current_app
from flask import Flask
from flask import redirect
from flask import request
from flask import session
from flask_login import current_user
from flask_login import fresh_login_required
from flask_login import login_required
from flask_login import login_user
from flask_login import LoginManager
from flask_login import logout_user
from flask_login import UserMixin
from werkzeug.wrappers import Request

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient

from ..helpers.outcomes import check_error
from ..helpers.outcomes import check_redirect
from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import Page

ELSEWHERE = {"User-Agent": "another browser"}


class User(UserMixin):
    """A user who is known by a name."""

    def __init__(self, name: str) -> None:
        self.id = name


@callback_handler
class Diary(Page):
    """Tells who is calling, and how often in this page."""

    def raise_callback_event(self, event_argument: str) -> t.Any:
        count = current_page.view_state.get("count", 0) + 1
        current_page.view_state["count"] = count
        return [current_user.get_id(), count]


class ByDecorator(Diary):
    """Is for users only."""

    decorators: t.ClassVar = [login_required]


class ForUsers(Page):
    """Lets users in and nobody else, whatever they ask for."""

    def dispatch_request(self, **values: t.Any) -> t.Any:
        if not current_user.is_authenticated:
            return manager_of(current_app).unauthorized()

        if current_user.get_id() == "mallory":
            abort(403, "Not you.")

        return super().dispatch_request(**values)


@callback_handler
class ByBaseClass(ForUsers):
    """Is for whom its base class lets in."""

    raise_callback_event = Diary.raise_callback_event


def manager_of(app: Flask) -> LoginManager:
    """Get an application's manager."""
    return t.cast(t.Any, app).login_manager


@pytest.fixture(params=["before", "after"])
def app(request: pytest.FixtureRequest) -> Flask:
    """An application with Flask-Login, registered before or after the package."""
    app = make_app()
    manager = LoginManager()
    manager.user_loader(User)

    if request.param == "before":
        manager.init_app(app)
        ClientCallback(app)
    else:
        ClientCallback(app)
        manager.init_app(app)

    app.add_url_rule("/login", "login", lambda: "Log in")
    app.add_url_rule("/login/<name>", view_func=log_in)
    app.add_url_rule("/logout", "logout", lambda: str(logout_user()))
    app.add_url_rule("/clear", view_func=clear)
    return app


def log_in(name: str) -> str:
    """Log a user in, for this session or for longer."""
    login_user(User(name), remember="remember" in request.args)
    return ""


def clear() -> str:
    """Empty the session."""
    session.clear()
    return ""


@pytest.fixture(params=["decorator", "outside", "base class"])
def private(request: pytest.FixtureRequest, app: Flask) -> Flask:
    """The application, with a page for users only, guarded in one of the ways that
    there are.
    """
    if request.param == "outside":
        app.add_url_rule("/", view_func=login_required(Diary.as_view("diary")))
    else:
        add_page(app, ByDecorator if request.param == "decorator" else ByBaseClass)

    return app


def end_login(client: CallbackClient, way: str) -> None:
    """End a login elsewhere than in its page."""
    if way == "cookie":
        client.delete_cookie("session")
    else:
        client.get(way)


def test_user(private: Flask, client: CallbackClient) -> None:
    """A user's callbacks are the user's."""
    client.get("/login/ada")
    page = client.get_page("/")
    assert page.callback("x").result == ["ada", 1]
    assert page.callback("x").result == ["ada", 2]


@pytest.mark.parametrize("way", ["/logout", "/clear", "cookie"])
def test_logged_out(private: Flask, client: CallbackClient, way: str) -> None:
    """A login that ended is one error of its own kind, and the page goes on when
    the user is back.
    """
    client.get("/login/ada")
    page = client.get_page("/")
    end_login(client, way)
    check_error(page.callback("x"), 401, "auth")
    client.get("/login/ada")
    assert page.callback("x").result == ["ada", 1]


@pytest.mark.parametrize("way", ["/logout", "/clear", "cookie"])
def test_login_page(private: Flask, client: CallbackClient, way: str) -> None:
    """With a login page the browser goes there, and from there back to the page."""
    manager_of(private).login_view = "login"
    client.get("/login/ada")
    page = client.get_page("/?day=1")
    end_login(client, way)
    check_redirect(page.callback("x"), "/login?next=%2F%3Fday%3D1")


def test_message_for_the_login_page(private: Flask, client: CallbackClient) -> None:
    """What Flask-Login has to say there is not lost."""
    manager_of(private).login_view = "login"
    client.get("/login/ada")
    page = client.get_page("/")
    client.get("/logout")
    page.callback("x")

    with client.session_transaction() as held:
        assert held["_flashes"] == [("message", "Please log in to access this page.")]


def test_own_answer_for_strangers(private: Flask, client: CallbackClient) -> None:
    """An HTML page of the application's own becomes an error."""
    manager_of(private).unauthorized_handler(lambda: ("<h1>Log in</h1>", 403))
    client.get("/login/ada")
    page = client.get_page("/")
    client.get("/logout")
    check_error(page.callback("x"), 403, "http")


def test_user_without_permission(app: Flask, client: CallbackClient) -> None:
    """A base class refuses a user's callbacks as it refuses the page."""
    add_page(app, ByBaseClass)
    client.get("/login/ada")
    page = client.get_page("/")
    client.get("/login/mallory")
    assert client.get("/").status_code == 403
    check_error(page.callback("x"), 403, "http")


def test_login_after_the_page(app: Flask, client: CallbackClient) -> None:
    """State of before a login is out of date, in every tab."""
    add_page(app, Diary)
    tabs = [client.get_page("/"), client.get_page("/")]
    assert tabs[0].callback("x").result == [None, 1]
    client.get("/login/ada")

    for tab in tabs:
        check_error(tab.callback("x"), 400, "stale")

    assert client.get_page("/").callback("x").result == ["ada", 1]


@pytest.mark.parametrize("way", ["/logout", "/clear", "cookie"])
def test_logout_after_the_page(app: Flask, client: CallbackClient, way: str) -> None:
    """So is state of before a logout, in a page that anybody may see."""
    add_page(app, Diary)
    client.get("/login/ada")
    page = client.get_page("/")
    end_login(client, way)
    check_error(page.callback("x"), 400, "stale")


def test_state_of_another_user(private: Flask, client: CallbackClient) -> None:
    """Nobody can use another user's page."""
    client.get("/login/ada")
    page = client.get_page("/")
    other = CallbackClient(private)
    other.get("/login/grace")
    taken = other.get_page("/")
    taken.state = page.state
    check_error(taken.callback("x"), 400, "stale")
    assert page.callback("x").result == ["ada", 1]


def test_another_user_in_the_same_browser(
    private: Flask, client: CallbackClient
) -> None:
    """The page of a user is no longer good when another one logs in over it."""
    client.get("/login/ada")
    page = client.get_page("/")
    client.get("/login/grace")
    check_error(page.callback("x"), 400, "stale")
    client.get("/login/ada")
    assert page.callback("x").result == ["ada", 1]


def test_remembered(private: Flask, client: CallbackClient) -> None:
    """A user whom only the cookie remembers is the same user."""
    client.get("/login/ada?remember=1")
    page = client.get_page("/")
    client.delete_cookie("session")
    assert page.callback("x").result == ["ada", 1]
    client.delete_cookie("session")
    remembered = client.get_page("/")
    client.delete_cookie("session")
    assert remembered.callback("x").result == ["ada", 1]


@pytest.mark.parametrize("value", ["", "grace", "grace|forged"])
def test_forged_memory(app: Flask, client: CallbackClient, value: str) -> None:
    """A cookie that Flask-Login did not sign names nobody."""
    add_page(app, Diary)
    client.set_cookie("remember_token", value)
    page = client.get_page("/")
    assert page.callback("x").result == [None, 1]
    client.get("/login/grace")
    check_error(page.callback("x"), 400, "stale")


def test_memory_by_another_name(app: Flask, client: CallbackClient) -> None:
    """The cookie may have another name."""
    app.config["REMEMBER_COOKIE_NAME"] = "known"
    add_page(app, Diary)
    client.get("/login/ada?remember=1")
    page = client.get_page("/")
    client.delete_cookie("session")
    assert page.callback("x").result == ["ada", 1]
    client.delete_cookie("session")
    client.delete_cookie("known")
    check_error(page.callback("x"), 400, "stale")


def test_forgotten(app: Flask, client: CallbackClient) -> None:
    """A user who logs out is not remembered either."""
    add_page(app, Diary)
    client.get("/login/ada?remember=1")
    page = client.get_page("/")
    client.get("/logout")
    check_error(page.callback("x"), 400, "stale")


class Careful(Diary):
    """Asks for the password again, of users who are only remembered."""

    decorators: t.ClassVar = [fresh_login_required]


@pytest.mark.parametrize("refresh_view", [None, "login"])
def test_fresh_login(
    app: Flask, client: CallbackClient, refresh_view: str | None
) -> None:
    """Where a fresh login is needed, one that is not is told as Flask-Login does."""
    manager_of(app).refresh_view = refresh_view
    add_page(app, Careful)
    client.get("/login/ada?remember=1")
    page = client.get_page("/")
    assert page.callback("x").result == ["ada", 1]
    client.delete_cookie("session")
    answer = page.callback("x")

    if refresh_view is None:
        check_error(answer, 401, "auth")
    else:
        check_redirect(answer, "/login?next=%2F")

    client.get("/login/ada")
    assert page.callback("x").result == ["ada", 2]


@pytest.mark.parametrize("protection", ["strong", "basic", None])
def test_protected_session(
    private: Flask, client: CallbackClient, protection: str | None
) -> None:
    """A protected session works in its own browser, and elsewhere as it is set."""
    manager_of(private).session_protection = protection
    client.get("/login/ada")
    page = client.get_page("/")
    assert page.callback("x").result == ["ada", 1]
    answer = page.callback("x", headers=ELSEWHERE)

    if protection == "strong":
        check_error(answer, 401, "auth")
    else:
        assert answer.result == ["ada", 2]


def test_session_taken_elsewhere(app: Flask, client: CallbackClient) -> None:
    """Where nobody need log in, a session that is taken elsewhere is nobody's, and
    so is not good for its user's page.
    """
    manager_of(app).session_protection = "strong"
    add_page(app, Diary)
    client.get("/login/ada")
    page = client.get_page("/")
    check_error(page.callback("x", headers=ELSEWHERE), 400, "stale")


def test_user_who_was_deleted(app: Flask, client: CallbackClient) -> None:
    """A session whose user is no more is nobody's either."""
    add_page(app, Diary)
    client.get("/login/ada")
    page = client.get_page("/")
    manager_of(app).user_loader(lambda name: None)
    check_error(page.callback("x"), 400, "stale")


def test_user_of_a_header(app: Flask, client: CallbackClient) -> None:
    """A user whom Flask-Login knows by the request itself is a user like others."""

    def load(asked: Request) -> User | None:
        name = asked.headers.get("X-Token")
        return User(name) if name else None

    manager_of(app).request_loader(load)
    add_page(app, Diary)
    page = client.get_page("/", headers={"X-Token": "ada"})
    answer = page.callback("x", headers={"X-Token": "ada"})
    assert answer.result == ["ada", 1]
    check_error(page.callback("x", headers={"X-Token": "grace"}), 400, "stale")


@callback_handler
class Door(Page):
    """Logs in and out in a callback."""

    def raise_callback_event(self, event_argument: str) -> t.Any:
        if event_argument:
            login_user(User(event_argument), remember=True)
        else:
            logout_user()

        return redirect("/diary")


def test_login_in_a_callback(app: Flask, client: CallbackClient) -> None:
    """A handler may log in and send the browser on, cookies and all."""
    add_page(app, Door)
    add_page(app, ByDecorator, "/diary")
    answer = client.get_page("/").callback("ada")
    assert answer.redirect == "/diary"
    page = client.get_page("/diary")
    assert page.callback("x").result == ["ada", 1]
    client.delete_cookie("session")
    assert page.callback("x").result == ["ada", 2]


def test_logout_in_a_callback(app: Flask, client: CallbackClient) -> None:
    """And may log out."""
    add_page(app, Door)
    add_page(app, ByDecorator, "/diary")
    client.get("/login/ada?remember=1")
    page = client.get_page("/diary")
    assert client.get_page("/").callback("").redirect == "/diary"
    check_error(page.callback("x"), 401, "auth")
