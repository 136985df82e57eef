"""Callbacks under Flask-Talisman: https, and a strict Content-Security-Policy. What
a browser makes of that policy is tested in a browser.
"""

from __future__ import annotations

import re
import typing as t
from html.parser import HTMLParser

import pytest
from flask import session
from flask_talisman import Talisman

from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.outcomes import check_error
from ..helpers.outcomes import check_redirect
from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import Counter
from ..helpers.pages import TEMPLATE

SECURE = "https://localhost"
MARK = {"X-Client-Callback": "1"}
POLICY = {
    "default-src": "'self'",
    "script-src": "'strict-dynamic'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}


class Scripted(Counter):
    """Has scripts of all kinds, with the nonce of the request."""

    template = TEMPLATE.replace(
        "callback_scripts()", "callback_scripts(nonce=csp_nonce())"
    )

    def page_load(self) -> None:
        manager = current_page.client_script
        manager.register_client_script_block("block", "let a = 1")
        manager.register_client_script_include("include", "/static/a.js")
        manager.register_on_submit_statement("submit", "a = 2")
        manager.register_array_declaration("names", "'Ada'")
        manager.register_startup_script("startup", "a = 3")


@pytest.fixture(params=["before", "after"])
def order(request: pytest.FixtureRequest) -> str:
    """When Talisman is registered."""
    return t.cast(str, request.param)


def secured(order: str, **options: t.Any) -> CallbackClient:
    """Make an application with Talisman, and a client of it."""
    app = make_app()

    if order == "after":
        ClientCallback(app)

    # An application may need the object for its views.
    app.extensions["talisman"] = Talisman(
        app,
        content_security_policy=POLICY,
        content_security_policy_nonce_in=["script-src"],
        **options,
    )

    if order == "before":
        ClientCallback(app)

    add_page(app, Scripted)
    return CallbackClient(app)


class Scripts(HTMLParser):
    """Collects the attributes of a page's script elements."""

    def __init__(self, page: ClientPage) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.found.append(dict(attrs))


def nonce_of(page: ClientPage) -> str:
    """Get the nonce that the policy of a page admits."""
    policy = page.response.headers["Content-Security-Policy"]
    found = re.search("script-src 'strict-dynamic' 'nonce-([^']+)'", policy)
    assert found is not None, policy
    return found[1]


def test_nonce(order: str) -> None:
    """Each script of the page has the nonce of its policy, and no page that of
    another.
    """
    client = secured(order)
    pages = [client.get_page("/", base_url=SECURE) for _ in range(2)]

    for page in pages:
        scripts = Scripts(page).found
        assert len(scripts) == 6
        assert {script.get("nonce") for script in scripts} == {nonce_of(page)}

    assert nonce_of(pages[0]) != nonce_of(pages[1])


def test_callback(order: str) -> None:
    """A callback passes, and its answer has Talisman's headers and those of the
    package, each once.
    """
    page = secured(order).get_page("/", base_url=SECURE)
    answer = page.callback("x")
    assert answer.result == 1
    assert page.callback("x").result == 2
    headers = answer.response.headers
    assert headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert headers.getlist("Cache-Control") == ["no-store"]
    assert "max-age" in headers["Strict-Transport-Security"]
    assert "trusted-types 'none'" in headers["Content-Security-Policy"]


def test_headers_of_replaced_answers(order: str) -> None:
    """So does an answer that replaces an error page."""
    client = secured(order)
    response = client.post("/nowhere", base_url=SECURE, headers=MARK)
    check_error(CallbackAnswer(response, []), 404, "http")
    assert response.headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert "max-age" in response.headers["Strict-Transport-Security"]


def test_script(order: str) -> None:
    """The client script is served as everything else is, and can be cached."""
    client = secured(order)
    page = client.get_page("/", base_url=SECURE)
    address = Scripts(page).found[0]["src"]
    assert address is not None
    response = client.get(address, base_url=SECURE)
    assert response.status_code == 200
    assert "immutable" in response.headers["Cache-Control"]
    assert "Set-Cookie" not in response.headers
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("permanent", [False, True])
def test_plain_http(order: str, permanent: bool) -> None:
    """A callback over plain http is told to go to https, and runs no handler."""
    client = secured(order, force_https_permanent=permanent)
    page = client.get_page("/", base_url=SECURE)
    fields = {
        "__CALLBACKID": "__Page",
        "__CALLBACKPARAM": '"x"',
        "__VIEWSTATE": page.state,
    }
    response = client.post("/?a=1", data=fields, headers=MARK)
    check_redirect(CallbackAnswer(response, []), "https://localhost/?a=1")
    assert "Location" not in response.headers
    assert page.callback("x").result == 1


def test_refusal_over_plain_http(order: str) -> None:
    """A request that would be refused over https is refused over http."""
    client = secured(order)
    headers = {**MARK, "Sec-Fetch-Site": "cross-site"}
    response = client.post("/", data={"a": "b"}, headers=headers)
    check_error(CallbackAnswer(response, []), 403, "rejected")


def test_https_of_a_proxy(order: str) -> None:
    """A proxy that speaks https for the application is enough for a browser that
    tells where it calls from.
    """
    client = secured(order)
    proxied = {"X-Forwarded-Proto": "https"}
    page = client.get_page("/", headers=proxied)
    assert page.status == 200
    headers = {
        **proxied,
        "Sec-Fetch-Site": "same-origin",
        "Origin": "https://localhost",
    }
    assert page.callback("x", headers=headers).result == 1


def test_options_of_a_view(order: str) -> None:
    """A view's own options hold for its callbacks."""
    client = secured(order)
    talisman = client.application.extensions["talisman"]

    class Open(Counter):
        decorators: t.ClassVar = [
            talisman(force_https=False, content_security_policy="default-src *")
        ]

    add_page(client.application, Open, "/open")
    page = client.get_page("/open")
    answer = page.callback("x")
    assert answer.result == 1
    assert answer.response.headers["Content-Security-Policy"] == "default-src *"
    assert client.get("/").status_code == 302


def test_session_of_a_secure_page(order: str) -> None:
    """State is bound to a session that only travels over https."""
    client = secured(order)
    client.application.add_url_rule(
        "/start", view_func=lambda: str(session.setdefault("cart", []))
    )
    client.get("/start", base_url=SECURE)
    cookie = client.get_cookie("session")
    assert cookie is not None and cookie.secure
    page = client.get_page("/", base_url=SECURE)
    assert page.callback("x").result == 1
    client.delete_cookie("session")
    check_error(page.callback("x"), 400, "stale")
