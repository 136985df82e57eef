"""Two applications: what keeps the state and the events of the one from the other."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import render_template_string

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackClient

from ..helpers.offers import BUY
from ..helpers.pages import Page
from ..helpers.pages import TEMPLATE

KEY = "the key of both applications"

Made = tuple[Flask, str]


class Vault(Page):
    """Tells which application it belongs to."""

    owner = ""

    def get(self, **values: t.Any) -> str:
        return render_template_string(TEMPLATE + BUY)

    def raise_callback_event(self, event_argument: str) -> str:
        return self.owner


def make(
    owner: str,
    *,
    rule: str = "/vault",
    endpoint: str = "vault",
    key: str = KEY,
    user: str | None = None,
    **keywords: t.Any,
) -> Flask:
    """Make an application with a page."""
    app = Flask(owner, **keywords)
    app.secret_key = key
    ClientCallback(app, user_key=lambda: user)
    made = callback_handler(event_validation=True)(
        type(f"Vault{owner}", (Vault,), {"owner": owner})
    )
    options = {"host": "<host>"} if keywords.get("host_matching") else {}
    app.add_url_rule(rule, endpoint, made.as_view(endpoint), **options)
    return app


def carry(
    source: Flask,
    target: Flask,
    *,
    roots: tuple[str, str] = ("http://localhost/", "http://localhost/"),
    paths: tuple[str, str] = ("/vault", "/vault"),
) -> tuple[int, str | None]:
    """Get a page of one application and make its callback at another: its status, and
    who answered.
    """
    page = CallbackClient(source).get_page(paths[0], base_url=roots[0])
    assert page.status == 200
    there = CallbackClient(target).get_page(paths[1], base_url=roots[1])
    assert there.status == 200
    there.state, there.events = page.state, page.events
    answer = there.callback("buy")
    return answer.status, answer.result


ACCEPTED: dict[str, t.Callable[[], tuple[int, str | None]]] = {
    "name": lambda: carry(make("a"), make("b")),
    "host": lambda: carry(
        make("a"), make("b"), roots=("http://a.example/", "http://b.example/")
    ),
    "APPLICATION_ROOT": lambda: carry(rooted("a"), rooted("b")),
    "user of the same id": lambda: carry(make("a", user="1"), make("b", user="1")),
    "rule": lambda: carry(make("a", rule="/<name>"), make("b")),
}
REFUSED: dict[str, t.Callable[[], tuple[int, str | None]]] = {
    "endpoint": lambda: carry(make("a"), make("b", endpoint="other")),
    "path": lambda: carry(make("a"), make("b", rule="/b"), paths=("/vault", "/b")),
    "SCRIPT_NAME": lambda: carry(
        make("a"), make("b"), roots=("http://localhost/a", "http://localhost/b")
    ),
    "host that is routed by": lambda: carry(
        hosted("a"), hosted("b"), roots=("http://a.example/", "http://b.example/")
    ),
    "user": lambda: carry(make("a", user="1"), make("b", user="2")),
}


def rooted(owner: str) -> Flask:
    """Make an application whose configuration names a root of its own."""
    app = make(owner)
    app.config["APPLICATION_ROOT"] = f"/{owner}"
    return app


def hosted(owner: str) -> Flask:
    """Make an application that routes by host."""
    return make(owner, host_matching=True, static_folder=None)


@pytest.mark.parametrize("carried", ACCEPTED.values(), ids=ACCEPTED)
def test_one_key(carried: t.Callable[[], tuple[int, str | None]]) -> None:
    """With one key the other application accepts what was signed, whatever else of
    the two differs.
    """
    assert carried() == (200, "b")


@pytest.mark.parametrize("carried", REFUSED.values(), ids=REFUSED)
def test_other_place(carried: t.Callable[[], tuple[int, str | None]]) -> None:
    """It does not where endpoint, SCRIPT_NAME, path or user differ, or the host where
    both route by it.
    """
    assert carried() == (400, None)


def test_key_of_its_own() -> None:
    """With a key of its own nothing of the one is good in the other."""
    assert carry(make("a"), make("b", key="another key")) == (400, None)


def test_key_as_a_fallback() -> None:
    """Nor is it, unless the one's key is the other's fallback."""
    other = make("b", key="another key")
    other.config["SECRET_KEY_FALLBACKS"] = [KEY]
    assert carry(make("a"), other) == (200, "b")
