"""The address that a page calls, in a browser."""

from __future__ import annotations

import re
import typing as t

import pytest
from flask import Flask
from flask import render_template_string
from flask import request
from flask.views import MethodView
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page

if t.TYPE_CHECKING:
    from .conftest import Serve

TEMPLATE = """<!doctype html>
<link rel="icon" href="data:,">
<output id="seen">{{ seen }}</output>
<form method="post">{{ callback_fields() }}<button>Post</button></form>
{{ callback_scripts() }}
"""
SIGNS = "!\"$&'()*+,-./:;<=>@[]^_`{|}~"
HARD = {
    "/": ("/", ""),
    "/a%23b?c%23d": ("/a#b", "c%23d"),
    "/a%3Fb?c?d": ("/a?b", "c?d"),
    "/a?": ("/a", ""),
    "/100%25?100%": ("/100%", "100%"),
    "/%2541?%2541": ("/%41", "%2541"),
    "/%?%": ("/%", "%"),
    "/a%5Cb?c\\d%5Ce": ("/a\\b", "c\\d%5Ce"),
    "/%5C%5Ca": ("/\\\\a", ""),
    "/a%2F..%2Fb?../c": ("/a/../b", "../c"),
    "/a/..%2Fb?c%2F..": ("/a/../b", "c%2F.."),
    "/a%2F.%2Fb": ("/a/./b", ""),
    "/a%2F..": ("/a/..", ""),
    "/..%2F..": ("/../..", ""),
    "/.%2Fa": ("/./a", ""),
    "/%252e%252e/a?%2e%2e/": ("/%2e%2e/a", "%2e%2e/"),
    "/a%20?b%20": ("/a ", "b%20"),
    "/%20a?%20b+c": ("/ a", "%20b+c"),
    "/a b?c d": ("/a b", "c%20d"),
    "/a%00%01%0D%09%7Fb?%00%0D%0A%09%7F": ("/a\0\1\r\t\x7fb", "%00%0D%0A%09%7F"),
    "/\N{SNOWMAN}?\N{SNOWMAN}": ("/\xe2\x98\x83", "%E2%98%83"),
    "/%E2%98%83?%e2%98%83": ("/\xe2\x98\x83", "%e2%98%83"),
    # Werkzeug's server puts a sign of its own for a byte that is no UTF-8.
    "/%FF%E9?%FF%E9": ("/\xef\xbf\xbd\xef\xbf\xbd", "%FF%E9"),
    f"/{SIGNS}?{SIGNS}": (
        f"/{SIGNS}",
        "!%22$&%27()*+,-./:;%3C=%3E@[]^_`{|}~",
    ),
    "/%2F127.0.0.2/a": ("//127.0.0.2/a", ""),
    "/%2F%2Fa//b//": ("///a//b//", ""),
    "//a/b?c": ("/a/b", "c"),
    "/a//b?c//d": ("/a//b", "c//d"),
    "/%2F..": ("//..", ""),
}
"""What each address is to the server: its path, and its query."""


@callback_handler
class Placed(MethodView):
    """Tells where each request came to."""

    def get(self, anything: str = "") -> str:
        return render_template_string(TEMPLATE, seen=place())

    def page_load(self) -> None:
        current_page.view_state.setdefault("got", place())

    def raise_callback_event(self, event_argument: str) -> list[str]:
        return [current_page.view_state["got"], place()]


def place() -> str:
    """Tell where a request came to."""
    environ = request.environ
    return ascii((environ["PATH_INFO"], environ["QUERY_STRING"], request.path))


@pytest.fixture
def origin(serve: Serve) -> str:
    """Serve a page at every path."""
    app = Flask(__name__)
    app.secret_key = "x"
    app.logger.disabled = True
    ClientCallback(app)
    view = Placed.as_view("page")
    app.add_url_rule("/", view_func=view)
    app.add_url_rule("/<path:anything>", view_func=view)
    return serve(app)


def test_addresses(page: Page, origin: str, console: list[str], engine: str) -> None:
    """A call and a post back come to the path and the query that the page was got at,
    whatever their characters.
    """
    for address, (path, query) in HARD.items():
        if engine == "webkit":
            # It writes each escape in capitals, and dots as they are.
            query = re.sub("%..", lambda found: found[0].upper(), query)
            query = query.replace("%2E", ".")

        told = "/" + path.lstrip("/").encode("latin-1").decode()
        expected = ascii((path, query, told))
        page.goto(origin + address)
        assert page.inner_text("#seen") == expected
        call = "ClientCallback.call('__Page')"
        assert page.evaluate(call) == [expected, expected]
        page.click("button")
        assert page.inner_text("#seen") == expected
        assert page.evaluate(call) == [expected, expected]

    assert console == []
