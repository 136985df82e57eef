"""Pages of sites that let nobody in who has not logged in."""

from __future__ import annotations

import re
import typing as t

from flask import Flask
from flask import redirect
from flask import request
from flask_login import current_user
from flask_login import login_user
from flask_login import LoginManager
from flask_login import UserMixin
from flask_security.core import RoleMixin
from flask_security.core import Security
from flask_security.core import UserMixin as SecurityUserMixin
from flask_security.datastore import UserDatastore

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackClient

from ..helpers.outcomes import check_redirect
from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import Echo
from ..helpers.pages import Page
from .documented import documented


class Ann(UserMixin):
    """The user."""

    id = "ann"


@callback_handler
class Login(Page):
    """Looks a name up in a callback, and logs the user in."""

    def post(self) -> t.Any:
        login_user(Ann())
        return redirect("/")

    def raise_callback_event(self, event_argument: str) -> bool:
        return event_argument == "ann"


def guard(app: Flask, endpoint: str = "login") -> None:
    """Guard the site as it is documented.

    :param endpoint: that of the login page.
    """
    code = documented("require_login").replace('"login"', f'"{endpoint}"')
    exec(code, {"app": app, "request": request, "current_user": current_user})


def test_flask_login() -> None:
    """A visitor gets the login page's script and makes its callbacks, and no other
    page's; who has logged in makes these.
    """
    app = make_app()
    ClientCallback(app)
    manager = LoginManager(app)
    manager.login_view = "login"
    manager.user_loader(lambda user_id: Ann())
    guard(app)
    add_page(app, Login, "/login")
    add_page(app, Echo)
    client = CallbackClient(app)
    login = client.get_page("/login")
    [script] = re.findall(r'src="([^"]+clientcallback\.js)', login.text)
    assert client.get(script).status_code == 200
    assert login.callback("ann").result is True
    assert client.get("/").location == "/login?next=%2F"
    login.post_back()
    page = client.get_page("/")
    assert page.callback("x").result == "x"
    client.delete_cookie("session")
    check_redirect(page.callback("x"), "/login?next=%2F")


class Member(SecurityUserMixin):
    """A user of Flask-Security."""

    fs_uniquifier = "a"
    active = True
    email = "ann@example.org"


class Members(UserDatastore):
    """Knows one user."""

    def __init__(self) -> None:
        super().__init__(Member, RoleMixin)

    def find_user(self, *values: t.Any, **names: t.Any) -> Member:
        return Member()


def test_flask_security() -> None:
    """The same with Flask-Security, which has a login page of its own."""
    app = make_app()
    app.config["SECURITY_PASSWORD_SALT"] = "x"
    ClientCallback(app)
    Security(app, Members())
    guard(app, "security.login")
    add_page(app, Echo)
    client = CallbackClient(app)
    assert client.get("/").location == "/login?next=/"
    assert client.get("/login").status_code == 200

    with client.session_transaction() as session:
        session.update(_user_id="a", _fresh=True, fs_cc="set", fs_paa=0)

    page = client.get_page("/")
    [script] = re.findall(r'src="([^"]+clientcallback\.js)', page.text)
    assert page.callback("x").result == "x"
    client.delete_cookie("session")
    assert client.get(script).status_code == 200
    check_redirect(page.callback("x"), "/login?next=/")
