"""The address that the test client calls."""

from __future__ import annotations

import pytest
from flask import Flask
from flask import render_template_string
from flask import request
from flask.views import MethodView
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import TEMPLATE

ENVIRON = ("SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")
SIGNS = "!\"$&'()*+,-./:;<=>@[]^_`{|}~"


@callback_handler
class Placed(MethodView):
    """Keeps where its requests came to, and tells all of it."""

    template = TEMPLATE

    def page_load(self) -> None:
        seen = current_page.view_state.setdefault("seen", [])
        seen.append([request.environ[name] for name in ENVIRON] + [request.path])

    def get(self, anything: str = "") -> tuple[str, dict[str, str]]:
        text = render_template_string(self.template)
        return text, {"X-Seen": ascii(current_page.view_state["seen"])}

    def raise_callback_event(self, event_argument: str) -> str:
        return ascii(current_page.view_state["seen"])


@callback_handler
class Scriptless(Placed):
    """Is only posted back."""

    template = TEMPLATE.replace("{{ callback_scripts() }}", "")


@pytest.fixture(params=[Placed, Scriptless])
def client(app: Flask, request: pytest.FixtureRequest) -> CallbackClient:
    """The client of an application with a page at every path."""
    add_page(app, request.param, "/<path:anything>")
    add_page(app, type("Root", (request.param,), {}))
    return CallbackClient(app)


def check(page: ClientPage, *where: str) -> None:
    """See that a page's GET came to a place, and so did all that came from the page."""
    assert page.response.headers["X-Seen"] == ascii([[*where]])
    second = page.post_back()
    assert second.response.headers["X-Seen"] == ascii([[*where]] * 2)

    if "<script" in page.text:
        assert page.callback().result == ascii([[*where]] * 2)
        assert second.callback().result == ascii([[*where]] * 3)


@pytest.mark.parametrize(
    ("address", "path", "query"),
    [
        ("/", "/", ""),
        ("/a%23b?c%23d", "/a#b", "c%23d"),
        ("/a%3Fb?c?d", "/a?b", "c?d"),
        ("/100%25?100%", "/100%", "100%"),
        ("/%2541?%2541", "/%41", "%2541"),
        ("/a%5Cb?c\\d", "/a\\b", "c\\d"),
        ("/a\\b", "/a\\b", ""),
        ("/a%2F..%2Fb?../c", "/a/../b", "../c"),
        ("/a/../b", "/a/../b", ""),
        ("/a/.", "/a/.", ""),
        ("/%2E%2E/..", "/../..", ""),
        ("/a%20?b%20", "/a ", "b%20"),
        ("/a b ? c ", "/a b ", " c "),
        ("/a%00%0D%09b?%00%0D%0A%09", "/a\0\r\tb", "%00%0D%0A%09"),
        ("/\N{SNOWMAN}?\N{SNOWMAN}", "/\xe2\x98\x83", "\xe2\x98\x83"),
        ("/%E2%98%83?%E2%98%83", "/\xe2\x98\x83", "%E2%98%83"),
        (f"/{SIGNS}?{SIGNS}", f"/{SIGNS}", SIGNS),
        ("/%2F%2Fa/b", "///a/b", ""),
    ],
)
def test_addresses(client: CallbackClient, address: str, path: str, query: str) -> None:
    """Callbacks and post backs come to the path and the query of the GET, whatever
    their characters.
    """
    told = "/" + path.lstrip("/").encode("latin-1").decode()
    check(client.get_page(address), "", path, query, told)


@pytest.mark.parametrize(
    ("script_name", "path", "query", "told"),
    [
        ("", "/\xff\xe9", "\xff\xe9", "/\ufffd\ufffd"),
        ("", "//a/b", "c", "/a/b"),
        ("/app", "/", "", "/"),
        ("/app/", "/a", "", "/a"),
        ("/a#b?c%41\xff", "/..", "", "/.."),
        ("/..", "/a", "", "/a"),
        ("//far.example", "//a", "", "/a"),
    ],
)
def test_addresses_that_a_server_may_tell(
    client: CallbackClient, script_name: str, path: str, query: str, told: str
) -> None:
    """The same holds of what Werkzeug's client asks for in no address."""
    texts = script_name, path, query
    overrides = dict(zip(ENVIRON, texts, strict=True))
    check(client.get_page("/", environ_overrides=overrides), *texts, told)


@pytest.mark.parametrize(
    ("base_url", "script_name"),
    [
        ("http://localhost/", "/c?d"),
        ("https://shop.example/a%23b/", "/a#b/c?d"),
    ],
)
def test_mounted(base_url: str, script_name: str) -> None:
    """So it does of an application that is mounted below another one."""
    outer, inner = make_app(), make_app()
    ClientCallback(inner)
    add_page(inner, Placed, "/<path:anything>")
    outer.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
        outer.wsgi_app, {"/c?d": inner}
    )
    client = CallbackClient(outer)
    page = client.get_page("/c%3Fd/e%25?f", base_url=base_url)
    check(page, script_name, "/e%", "f", "/e%")


def test_query_of_a_post_back(client: CallbackClient) -> None:
    """A post back may be given a query, where the page's address has none."""
    where = [["", "/a", "", "/a"], ["", "/a", "b=%25", "/a"]]
    page = client.get_page("/a").post_back(query_string={"b": "%"})
    assert page.response.headers["X-Seen"] == ascii(where)

    with pytest.raises(ValueError, match="Query string is defined"):
        page.post_back(query_string="c")


def test_environment_of_a_post_back(client: CallbackClient) -> None:
    """A post back may be given variables of its environment."""
    page = client.get_page("/a?b")
    second = page.post_back(environ_overrides={"QUERY_STRING": "c"})
    assert second.response.headers["X-Seen"] == ascii(
        [["", "/a", "b", "/a"], ["", "/a", "c", "/a"]]
    )
