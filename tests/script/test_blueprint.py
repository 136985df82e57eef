"""Where the files of the client script are served, and who stands in their way."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable

import pytest
from flask import Flask
from flask import redirect
from flask import request
from flask.typing import ResponseReturnValue

from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Echo

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIEnvironment


def address(text: str) -> str:
    """Find the address of the script in a page."""
    [found] = re.findall(r'src="([^"]+clientcallback\.js)"', text)
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize(
    "host", ["shop.example", "ann.shop.example", "a.b.shop.example"]
)
def test_subdomains(host: str) -> None:
    """A page of a subdomain gets the script from its own host."""
    app = Flask(__name__, subdomain_matching=True)
    app.secret_key = "x"
    app.config["SERVER_NAME"] = "shop.example"
    ClientCallback(app)
    view = Echo.as_view("page")
    app.add_url_rule("/", view_func=view)
    app.add_url_rule("/", view_func=lambda of: view(), endpoint="of", subdomain="<of>")
    client = CallbackClient(app)
    base_url = f"http://{host}/"
    found = address(client.get("/", base_url=base_url).text)
    assert found.startswith("/_clientcallback/")
    response = client.get(found, base_url=base_url)
    assert (response.status_code, response.mimetype) == (200, "text/javascript")
    wrong = client.get("/_clientcallback/0/clientcallback.js", base_url=base_url)
    assert (wrong.status_code, wrong.headers["Cache-Control"]) == (404, "no-store")


def test_mounted_at_a_strange_path(app: Flask, client: CallbackClient) -> None:
    """The address of the script is percent-encoded as that of the page is."""
    add_page(app, Echo)
    base_url = "http://localhost/a%20b%23c"
    text = client.get("/", base_url=base_url).text
    assert address(text).startswith("/a%20b%23c/_clientcallback/")
    path = address(text).removeprefix("/a%20b%23c")
    assert client.get(path, base_url=base_url).status_code == 200


def test_server_without_a_script_name(app: Flask, client: CallbackClient) -> None:
    """A server need not name the path that the application is mounted at."""
    add_page(app, Echo)
    inner = app.wsgi_app

    def leave_out(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        assert environ.pop("SCRIPT_NAME") == ""
        return inner(environ, start_response)

    app.wsgi_app = leave_out  # type: ignore[method-assign]
    assert address(client.get("/").text).startswith("/_clientcallback/")


@pytest.mark.parametrize("status", [200, 302, 401])
def test_guard_of_the_whole_site(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """Where a function for all requests answers in the place of the script, the log
    tells which endpoint it has to let through.
    """
    add_page(app, Echo, "/login")

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        if request.endpoint in ("echo", "let through"):
            return None

        return redirect("/login", 302) if status == 302 else ("Log in", status)

    found = address(client.get("/login").text)
    assert client.get(found).status_code == status
    [message] = caplog.messages
    assert f"with status {status}" in message
    assert "the endpoint clientcallback.resource" in message


@pytest.mark.parametrize("path", ["clientcallback.js", "nothing.js"])
def test_nobody_in_the_way(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    """The script itself, and an address that is none, are nothing to tell of."""
    add_page(app, Echo)
    found = address(client.get("/").text).replace("clientcallback.js", path)
    assert client.get(found).status_code in (200, 404)
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"REQUEST_URI": "/de/page?a=b"}, True),
        ({"RAW_URI": "/pa%67e"}, False),
        ({"SCRIPT_NAME": "/de", "REQUEST_URI": "/de/page"}, False),
        # A proxy takes the prefix away, and ProxyFix puts it back.
        ({"SCRIPT_NAME": "/de", "REQUEST_URI": "/page"}, False),
        ({"REQUEST_URI": "http://localhost/page"}, False),
    ],
)
def test_rewritten_path(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    overrides: dict[str, str],
    told: bool,
) -> None:
    """The log tells of a page whose path was changed on the way to the application,
    as its calls go to the inner one.
    """
    add_page(app, Echo, "/page")
    plain = {"PATH_INFO": "/page", "REQUEST_URI": None, "RAW_URI": None}
    environ = {**plain, **overrides}
    client.get("/page", environ_overrides=environ)
    assert len(caplog.messages) == told
    assert all("add it to SCRIPT_NAME" in message for message in caplog.messages)
