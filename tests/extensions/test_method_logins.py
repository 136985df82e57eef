"""Methods that are for Flask-Login's users only."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask_login import current_user
from flask_login import login_required
from flask_login import login_user
from flask_login import LoginManager
from flask_login import UserMixin

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import Page


class User(UserMixin):
    """A user who is known by a name."""

    def __init__(self, name: str) -> None:
        self.id = name


@callback_handler
class Diary(Page):
    """Has methods with and without a guard."""

    @callback_method
    @login_required
    def below(self, text: str) -> list[str]:
        return [current_user.get_id(), text]

    @login_required
    @callback_method
    def above(self, text: str) -> list[str]:
        return [current_user.get_id(), text]

    @login_required
    @callback_method
    async def later(self, text: str) -> list[str]:
        return [current_user.get_id(), text]

    @callback_method
    def public(self, text: str) -> list[str]:
        return [text]


@pytest.fixture(params=["no login page", "login page"])
def app(request: pytest.FixtureRequest) -> Flask:
    """An application with Flask-Login, with a login page or without."""
    app = make_app()
    manager = LoginManager()
    manager.user_loader(User)
    manager.init_app(app)
    ClientCallback(app)

    if request.param == "login page":
        manager.login_view = "login"

    app.add_url_rule("/login", "login", lambda: "Log in")
    app.add_url_rule("/login/<name>", view_func=log_in)
    add_page(app, Diary)
    return app


def log_in(name: str) -> str:
    """Log a user in."""
    login_user(User(name))
    return ""


def check_unauthorized(app: Flask, page: ClientPage, name: str) -> None:
    """See that a call ends as the application says for strangers."""
    answer = page.callback(["x"], f"__Page.{name}")

    if t.cast(t.Any, app).login_manager.login_view:
        check_redirect_to_login(answer)
    else:
        assert answer.error is not None
        assert (answer.status, answer.error["kind"]) == (401, "auth")
        assert answer.result is None


def check_redirect_to_login(answer: t.Any) -> None:
    """See that the browser is sent to the login page."""
    assert (answer.status, answer.redirect) == (200, "/login?next=%2F")
    assert answer.result is None


@pytest.mark.parametrize("name", ["below", "above", "later"])
def test_guarded_method(app: Flask, client: CallbackClient, name: str) -> None:
    """A guard holds below and above the mark, and for this method alone."""
    page = client.get_page("/")
    check_unauthorized(app, page, name)
    assert page.callback(["x"], "__Page.public").result == ["x"]
    client.get("/login/ada")
    page = client.get_page("/")
    assert page.callback(["x"], f"__Page.{name}").result == ["ada", "x"]


@pytest.mark.parametrize("name", ["below", "above"])
def test_post_back(app: Flask, client: CallbackClient, name: str) -> None:
    """So it does in a post back."""
    again = client.get_page("/").post_back(f'__Page.{name}["x"]')
    assert again.status in (302, 401)
    assert "raise_postback_event" in again.stages
    assert "pre_render" not in again.stages


def test_arguments_come_first(app: Flask, client: CallbackClient) -> None:
    """Arguments are checked before the guard of a method is asked."""
    page = client.get_page("/")
    assert page.callback([], "__Page.above").status == 422
    assert page.callback([1], "__Page.below").status == 422
