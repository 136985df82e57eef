"""What the page on deployment adds to an application does what it says."""

from __future__ import annotations

import typing as t

import pytest
from flask import abort
from flask import Flask
from flask import redirect
from flask import request
from flask import session
from flask import url_for

from flask_clientcallback import ClientCallback
from flask_clientcallback import ConfigurationError
from flask_clientcallback.testing import CallbackClient

from ..helpers.documentation import blocks
from ..helpers.documentation import code_with
from ..helpers.pages import add_page
from ..helpers.pages import Echo

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIEnvironment

NAME = "docs/deployment.rst"


@pytest.mark.parametrize("key", ["CLIENTCALLBACK_TIMEOUT", "SECRET_KEY"])
def test_wrong_settings(key: str) -> None:
    """An application does not start with a wrong setting, or without a key."""
    code = code_with(NAME, "registration.tokens_of")
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "a long secret key"
    ClientCallback(app)
    exec(code, {"app": app})
    other = Flask(__name__)
    other.config |= {"SECRET_KEY": "a long secret key", key: ""}
    ClientCallback(other)

    with pytest.raises(ConfigurationError):
        exec(code, {"app": other})


def test_changed_path(app: Flask) -> None:
    """A page is called at the path that a middleware takes a prefix from."""
    code = code_with(NAME, 'environ["SCRIPT_NAME"]')
    inner = app.wsgi_app

    def middleware(environ: WSGIEnvironment, start: StartResponse) -> t.Any:
        exec(code, {"environ": environ})
        return inner(environ, start)

    app.wsgi_app = middleware  # type: ignore
    add_page(app, Echo, "/page")
    page = CallbackClient(app).get_page("/de/page")
    assert 'data-callback-url="/de/page"' in page.text
    assert page.callback("x").result == "x"


def test_login_for_the_whole_site(app: Flask) -> None:
    """Visitors get the login page and its script, and nothing else."""
    names = {"app": app, "request": request, "session": session}
    names |= {"redirect": redirect, "url_for": url_for}
    exec(code_with(NAME, "def require_login"), names)
    add_page(app, Echo)
    add_page(app, type("Login", (Echo,), {}), "/login")
    client = CallbackClient(app)
    page = client.get_page("/login")
    assert page.callback("x").result == "x"
    [script] = [word for word in page.text.split('"') if "clientcallback.js" in word]
    assert client.get(script).status_code == 200
    assert client.get("/").location == "/login"

    with client.session_transaction() as data:
        data["user"] = "Ada"

    assert client.get("/").status_code == 200


def test_counted_refusals(app: Flask) -> None:
    """Refusals are counted by a short reason, without ids of the page."""
    [block] = blocks(NAME, "metrics.py")
    names: dict[str, t.Any] = {}
    exec(block.code, names)
    add_page(app, Echo)
    page = CallbackClient(app).get_page("/")
    page.callback("x", target="cart")
    page.callback("x", target="list")
    assert names["refused"] == {"target unknown": 2}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"headers": {"X-Client-Callback": "1"}}, 410),
        ({"data": {"__VIEWSTATE": "x"}}, 410),
        ({"data": {"name": "x"}}, 200),
    ],
)
def test_calls_of_a_page_that_is_open_still(
    sent: dict[str, t.Any], status: int
) -> None:
    """Calls and post backs of a page that is open from before are refused, any other
    POST is not.
    """
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "posted", methods=["POST"])
    code = code_with(NAME, "def refuse_calls")
    exec(code, {"app": app, "request": request, "abort": abort})
    assert app.test_client().post("/", **sent).status_code == status
