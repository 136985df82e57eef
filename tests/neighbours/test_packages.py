"""Pages beside the packages that the page "Neighbours" of the documentation is about,
with the lines of code that it gives.
"""

from __future__ import annotations

import gzip
import json
import logging
import re
import typing as t
from collections.abc import Iterator

import pytest
import structlog
from apiflask import APIFlask
from flask import make_response
from flask import redirect
from flask import request
from flask import request_started
from flask_babel import Babel
from flask_babel import lazy_gettext
from flask_caching import Cache
from flask_compress import Compress
from flask_debugtoolbar import DebugToolbarExtension
from flask_httpauth import HTTPBasicAuth
from flask_jwt_extended import create_access_token
from flask_jwt_extended import get_csrf_token
from flask_jwt_extended import get_jwt_identity
from flask_jwt_extended import jwt_required
from flask_jwt_extended import JWTManager
from flask_jwt_extended import set_access_cookies
from flask_jwt_extended import verify_jwt_in_request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_minify import Minify
from flask_smorest import Api
from flask_smorest import Blueprint
from flask_socketio import SocketIO
from quart import Quart

from flask_clientcallback import ClientCallback
from flask_clientcallback import RefusedError
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.outcomes import check_error
from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import Counter
from ..helpers.pages import Echo
from ..helpers.pages import TEMPLATE
from ..helpers.static_files import read_served
from ..helpers.streams import begin
from .documented import documented
from .documented import run_documented

CROSS_SITE = {"Sec-Fetch-Site": "cross-site"}


def script_of(page: ClientPage) -> str:
    """Find the address of a page's client script."""
    found = re.search(r'src="?([^" >]+clientcallback\.js)', page.text)
    assert found is not None
    return found[1]


def test_apiflask() -> None:
    """APIFlask registers a page without a post, and leaves POST out of its OpenAPI."""
    app = APIFlask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    add_page(app, Echo)
    client = CallbackClient(app)
    assert client.get_page("/").callback("x").result == "x"
    [path] = client.get("/openapi.json").json["paths"].values()
    assert set(path) == {"get"}


def test_flask_smorest() -> None:
    """So does flask-smorest."""
    app = make_app()
    app.config.update(API_TITLE="x", API_VERSION="1", OPENAPI_VERSION="3.0.2")
    ClientCallback(app)
    blueprint = Blueprint("pages", __name__)
    blueprint.route("/")(Echo)
    api = Api(app)
    api.register_blueprint(blueprint)
    assert CallbackClient(app).get_page("/").callback("x").result == "x"
    [path] = api.spec.to_dict()["paths"].values()
    assert set(path) == {"get"}


@pytest.mark.parametrize("others", [[Minify], [Compress], [Compress, Minify]])
@pytest.mark.parametrize("encoding", ["gzip", "br", "identity"])
def test_minified_and_compressed(others: list[t.Any], encoding: str) -> None:
    """Flask-Minify and Flask-Compress leave the client script what it is."""
    app = make_app()
    app.config["COMPRESS_ALGORITHM"] = ["gzip"]
    ClientCallback(app)

    for other in others:
        other(app=app)

    add_page(app, Echo)
    client = CallbackClient(app)
    page = client.get_page("/")
    assert page.callback("x").result == "x"
    response = client.get(script_of(page), headers={"Accept-Encoding": encoding})
    assert response.status_code == 200
    is_compressed = response.content_encoding == "gzip"
    assert is_compressed == (encoding == "gzip")
    content = gzip.decompress(response.data) if is_compressed else response.data
    assert b"WebForm_DoCallback" in content

    if Minify not in others:
        assert content == read_served("clientcallback.min.js")


@pytest.mark.parametrize("encoding", ["gzip", "br, gzip"])
def test_compressed_stream(encoding: str) -> None:
    """Flask-Compress leaves an answer in lines alone, so that each part is sent when it
    is there.
    """
    app = make_app()
    ClientCallback(app)
    Compress(app)
    text = "x" * 2000

    def work() -> Iterator[str]:
        yield text
        yield text

    response, parts = begin(app, work, **{"Accept-Encoding": encoding})
    assert response.content_encoding is None
    assert [json.loads(next(parts)) for _ in range(2)] == [{"progress": text}] * 2
    response.close()


@pytest.mark.parametrize("is_first", [True, False])
def test_flask_socketio(is_first: bool) -> None:
    """Flask-SocketIO, registered before or after, leaves the answers as they are."""
    app = make_app()

    if is_first:
        SocketIO(app, async_mode="threading")

    ClientCallback(app)

    if not is_first:
        SocketIO(app, async_mode="threading")

    add_page(app, Echo)
    page = CallbackClient(app).get_page("/")
    assert page.callback("x").result == "x"
    check_error(page.callback("x", headers=CROSS_SITE), 403, "rejected")
    page.state = "x"
    check_error(page.callback("x"), 400, "stale")


def test_flask_httpauth() -> None:
    """A page that Flask-HTTPAuth guards is called with the user's name and password,
    and its state is that user's.
    """
    app = make_app()
    auth = HTTPBasicAuth()
    auth.verify_password(lambda name, password: name if password == "p" else None)
    run_documented("auth.username", app=app, auth=auth, ClientCallback=ClientCallback)

    class Guarded(Echo):
        decorators: t.ClassVar = [auth.login_required]

    add_page(app, Guarded)
    client = CallbackClient(app)
    page = client.get_page("/", auth=("ada", "p"))
    check_error(page.callback("x"), 401, "auth")
    headers = {"Authorization": "Basic YWRhOnA="}
    assert page.callback("x", headers=headers).result == "x"
    check_error(
        page.callback("x", headers={"Authorization": "Basic YmV0OnA="}), 400, "stale"
    )


def test_flask_jwt_extended() -> None:
    """With two lines a page has the cookies of Flask-JWT-Extended, and its user."""
    app = make_app()
    app.config.update(
        JWT_SECRET_KEY="j" * 32, JWT_TOKEN_LOCATION=["cookies"], JWT_COOKIE_SECURE=False
    )
    run_documented("JWT_ACCESS_CSRF_HEADER_NAME", app=app)
    JWTManager(app)

    def user() -> t.Any:
        verify_jwt_in_request(optional=True)
        return get_jwt_identity()

    ClientCallback(app, user_key=user)

    class Guarded(Counter):
        decorators: t.ClassVar = [jwt_required()]
        template = documented("csrf_access_token") + TEMPLATE

    add_page(app, Guarded)

    @app.route("/login")
    def login() -> t.Any:
        token = create_access_token("ann")
        response = make_response(get_csrf_token(token))
        set_access_cookies(response, token)
        return response

    client = CallbackClient(app)
    sent = client.get("/login").text
    page = client.get_page("/")
    # What the client script sends.
    assert re.findall('csrf-token" content="(.+?)"', page.text) == [sent]
    assert page.callback("x", headers={"X-CSRFToken": sent}).result == 1
    check_error(page.callback("x"), 401, "auth")


def test_flask_limiter() -> None:
    """Flask-Limiter counts callbacks, and its 429 is an error of the call."""
    app = make_app()
    ClientCallback(app)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")

    class Limited(Echo):
        decorators = run_documented("limiter.limit", limiter=limiter)["decorators"]

    add_page(app, Limited)
    page = CallbackClient(app).get_page("/")
    assert [page.callback("x").result for _ in range(2)] == ["x", "x"]
    check_error(page.callback("x"), 429, "http")


def test_flask_caching() -> None:
    """A part of a template that has nothing of the package is cached."""
    app = make_app()
    Cache(app, config={"CACHE_TYPE": "SimpleCache"})
    ClientCallback(app)
    made: list[str] = []
    app.add_template_global(lambda: made.append("x") or "news", "read_news")

    class Partly(Echo):
        template = (
            f"{{% cache 60, 'news' %}}{{{{ read_news() }}}}{{% endcache %}}{TEMPLATE}"
        )

    add_page(app, Partly)

    for _ in range(2):
        page = CallbackClient(app).get_page("/")
        assert page.text.startswith("news")
        assert page.callback("x").result == "x"

    assert made == ["x"]


def test_flask_caching_of_a_page() -> None:
    """What a cache has of another visitor's callback reaches nobody."""
    app = make_app()
    cache = Cache(app, config={"CACHE_TYPE": "SimpleCache"})
    ClientCallback(app)

    class Cached(Echo):
        decorators: t.ClassVar = [
            cache.cached(60, unless=lambda: request.method == "GET")
        ]

    add_page(app, Cached)
    ann, bob = (CallbackClient(app).get_page("/") for _ in range(2))
    assert ann.callback("Ann's").result == "Ann's"
    answer = bob.callback("Bob's")
    assert answer.result is None
    assert "Ann" not in answer.response.text


@pytest.mark.parametrize("place", ["decorators", "get", "dispatch_request", "rule"])
def test_warning_of_flask_caching(place: str, caplog: pytest.LogCaptureFixture) -> None:
    """The log warns of a page that goes out of a cache, once, wherever it was kept."""
    app = make_app()
    cache = Cache(app, config={"CACHE_TYPE": "SimpleCache"})
    ClientCallback(app)
    cached = cache.cached(60)
    members: dict[str, t.Any] = {
        "decorators": {"decorators": [cached]},
        "get": {"get": cached(Echo.get)},
        "dispatch_request": {"dispatch_request": cached(Echo.dispatch_request)},
        "rule": {},
    }[place]
    view = type("Cached", (Echo,), members).as_view("cached")
    app.add_url_rule("/", view_func=cached(view) if place == "rule" else view)
    ann, bob = CallbackClient(app), CallbackClient(app)
    ann.get_page("/")
    assert caplog.records == []
    bob.get_page("/")
    bob.get_page("/")
    [record] = caplog.records
    assert "a cache keeps it" in record.getMessage()
    assert "(endpoint cached)" in record.getMessage()


def test_structlog() -> None:
    """The line of a refusal has nothing that another request bound."""
    app = make_app()
    ClientCallback(app)
    add_page(app, Echo)
    bound: list[t.Any] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            bound.append(structlog.contextvars.get_contextvars())

    @app.before_request
    def bind() -> None:
        structlog.contextvars.bind_contextvars(path=request.path)

    handler = Handler()
    logger = logging.getLogger("flask_clientcallback")
    logger.addHandler(handler)

    try:
        page = CallbackClient(app).get_page("/")
        page.callback("x", headers=CROSS_SITE)
        run_documented(
            "structlog", app=app, structlog=structlog, request_started=request_started
        )
        page.callback("x", headers=CROSS_SITE)
    finally:
        logger.removeHandler(handler)
        structlog.contextvars.clear_contextvars()

    assert bound == [{"path": "/"}, {}]


def test_flask_debugtoolbar() -> None:
    """The toolbar's page in place of a redirect is for pages alone."""
    app = make_app()
    app.debug = True
    DebugToolbarExtension(app)
    ClientCallback(app)

    class Moving(Echo):
        template = f"{TEMPLATE}</body>"

        def raise_callback_event(self, event_argument: str) -> t.Any:
            return redirect("/elsewhere")

    add_page(app, Moving)
    assert CallbackClient(app).get_page("/").callback("x").redirect == "/elsewhere"


def test_flask_babel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of a refusal may be translated when it is written."""
    app = make_app()
    Babel(app)
    ClientCallback(app)
    add_page(app, Echo)
    # To be as before after the test.
    monkeypatch.setitem(RefusedError.messages, "stale", "")
    run_documented("messages", RefusedError=RefusedError, lazy_gettext=lazy_gettext)
    page = CallbackClient(app).get_page("/")
    page.state = "x"
    answer = page.callback("x")
    assert answer.error == {"kind": "stale", "message": "Load this page anew."}


def test_quart() -> None:
    """An application of Quart is refused, and stays as it is."""
    app: t.Any = Quart(__name__)

    with pytest.raises(TypeError, match=r"a flask\.Flask, not <Quart"):
        ClientCallback(app)

    assert app.extensions == {}
