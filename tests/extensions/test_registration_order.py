"""All extensions at once, registered in any order."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
from cachelib import FileSystemCache
from flask import Flask
from flask_login import current_user
from flask_login import login_required
from flask_login import login_user
from flask_login import LoginManager
from flask_login import logout_user
from flask_login import UserMixin
from flask_session import Session
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackClient

from ..helpers.outcomes import check_error
from ..helpers.outcomes import check_redirect
from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import Counter

BASE = "https://localhost"
# As a browser sends them.
BROWSER = {"Sec-Fetch-Site": "same-origin", "Origin": BASE, "Referer": f"{BASE}/"}


class Account(Counter):
    """Counts its user's callbacks."""

    decorators: t.ClassVar = [login_required]

    def get_callback_result(self) -> t.Any:
        return [current_user.get_id(), super().get_callback_result()]


class User(UserMixin):
    """The user."""

    id = "ada"


def add_login(app: Flask) -> None:
    """Register Flask-Login."""
    manager = LoginManager(app)
    manager.login_view = "login"
    manager.user_loader(lambda user_id: User())


def add_proxy_fix(app: Flask) -> None:
    """Put ProxyFix around what is there."""
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]


OTHERS: tuple[Callable[[Flask], t.Any], ...] = (
    CSRFProtect,
    add_login,
    Talisman,
    Session,
    add_proxy_fix,
)


def orders() -> Iterator[tuple[Callable[[Flask], t.Any], ...]]:
    """Give the package each place among the others, with those in two orders."""
    for others in (OTHERS, OTHERS[::-1]):
        for place in range(len(others) + 1):
            yield (*others[:place], ClientCallback, *others[place:])


def names_of(order: tuple[Callable[[Flask], t.Any], ...]) -> str:
    """Name an order."""
    return "-".join(extension.__name__ for extension in order)


@pytest.mark.parametrize("order", list(orders()), ids=names_of)
def test_order(tmp_path: Path, order: tuple[Callable[[Flask], t.Any], ...]) -> None:
    """Each does its part, whichever came first."""
    app = make_app()
    app.config["SESSION_TYPE"] = "cachelib"
    app.config["SESSION_CACHELIB"] = FileSystemCache(str(tmp_path))

    for extension in order:
        extension(app)

    app.add_url_rule("/login", "login", lambda: str(login_user(User())))
    app.add_url_rule("/logout", "logout", lambda: str(logout_user()))
    add_page(app, Account)
    client = CallbackClient(app)
    client.get("/login", base_url=BASE)
    page = client.get_page("/", base_url=BASE)
    assert page.callback("x", headers=BROWSER).result == ["ada", 1]
    assert page.callback("x", headers=BROWSER).result == ["ada", 2]
    state, page.state = page.state, "forged"
    check_error(page.callback("x", headers=BROWSER), 400, "stale")
    page.state = state
    forged = {**BROWSER, "X-CSRFToken": "forged"}
    check_error(page.callback("x", headers=forged), 400, "http")
    foreign = {**BROWSER, "Sec-Fetch-Site": "cross-site"}
    check_error(page.callback("x", headers=foreign), 403, "rejected")
    client.get("/logout", base_url=BASE)
    check_redirect(page.callback("x", headers=BROWSER), "/login?next=%2F")
