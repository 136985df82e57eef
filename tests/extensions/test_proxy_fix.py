"""Callbacks behind a reverse proxy, with Werkzeug's ProxyFix and without it, and of
applications that are mounted below others.
"""

from __future__ import annotations

import re
import typing as t

import pytest
from flask import Flask
from flask import Response
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.outcomes import check_error
from ..helpers.outcomes import CONTENT_TYPE
from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import Counter

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment

SHOP = "https://shop.example"
INTERNAL = "http://10.0.0.7:8000"


class ReverseProxy:
    """Passes on what the clients ask of it, to an application on another host, over
    plain http and without the prefix. As proxies do, it adds what it knows to what
    the client claims.
    """

    def __init__(self, wsgi_app: WSGIApplication) -> None:
        self._wsgi_app = wsgi_app

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> t.Iterable[bytes]:
        for name, value in (
            ("PROTO", environ["wsgi.url_scheme"]),
            ("HOST", environ["HTTP_HOST"]),
            ("PREFIX", environ["SCRIPT_NAME"]),
        ):
            name = f"HTTP_X_FORWARDED_{name}"
            environ[name] = ", ".join(filter(None, (environ.get(name), value)))

        environ["wsgi.url_scheme"], _, environ["HTTP_HOST"] = INTERNAL.partition("://")
        environ["SERVER_NAME"], environ["SERVER_PORT"] = "10.0.0.7", "8000"
        environ["SCRIPT_NAME"] = ""
        return self._wsgi_app(environ, start_response)


def behind_proxy(app: Flask) -> None:
    """Put the proxy before an application."""
    app.wsgi_app = ReverseProxy(app.wsgi_app)  # type: ignore[method-assign]


def trust_proxy(app: Flask) -> None:
    """Tell an application of the proxy."""
    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
        app.wsgi_app, x_proto=1, x_host=1, x_prefix=1
    )


@pytest.fixture(params=["before", "after"])
def app(request: pytest.FixtureRequest) -> Flask:
    """An application with ProxyFix, set up before or after the package."""
    app = make_app()

    if request.param == "before":
        trust_proxy(app)
        ClientCallback(app)
    else:
        ClientCallback(app)
        trust_proxy(app)

    behind_proxy(app)
    add_page(app, Counter)
    return app


@pytest.fixture
def untold() -> Flask:
    """An application behind the proxy that knows nothing of it."""
    app = make_app()
    ClientCallback(app)
    behind_proxy(app)
    add_page(app, Counter)
    return app


def call(page: ClientPage, **headers: str) -> CallbackAnswer:
    """Make a callback with headers."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return page.callback("x", headers=sent)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        (SHOP, SHOP),
        ("http://shop.example", "http://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("https://shop.example:443", SHOP),
        ("https://SHOP.example", SHOP),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        (f"{SHOP}/app/", SHOP),
    ],
)
def test_own_origin(client: CallbackClient, address: str, origin: str) -> None:
    """The address that the browser knows is the application's."""
    page = client.get_page("/", base_url=address)
    assert call(page, Origin=origin).result == 1
    assert call(page).result == 2


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://shop.example",
        "https://shop.example:8443",
        INTERNAL,
        "http://localhost",
        "null",
    ],
)
def test_other_origin(client: CallbackClient, origin: str) -> None:
    """No other address is, not even the one behind the proxy."""
    page = client.get_page("/", base_url=SHOP)
    check_error(call(page, Origin=origin), 403, "rejected")
    assert call(page, Origin=SHOP).result == 1


@pytest.mark.parametrize(
    "forged",
    [
        {"X_Forwarded_Host": "evil.example"},
        {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "http"},
        {"X_Forwarded_Host": "evil.example, evil.example"},
        {"Forwarded": "host=evil.example;proto=https"},
    ],
)
def test_forged_headers_through_the_proxy(
    client: CallbackClient, forged: dict[str, str]
) -> None:
    """What a client claims beside what the proxy says is not believed."""
    page = client.get_page("/", base_url=SHOP)
    answer = call(page, Origin="https://evil.example", **forged)
    check_error(answer, 403, "rejected")
    assert call(page, Origin=SHOP, **forged).result == 1


@pytest.mark.parametrize(
    ("scheme", "forged"),
    [
        ("http", {"X_Forwarded_Host": "evil.example"}),
        ("http", {"X_Forwarded_Server": "evil.example"}),
        ("http", {"Forwarded": "host=evil.example"}),
        ("https", {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "https"}),
        ("https", {"X_Forwarded_Host": "evil.example", "X_Forwarded_Ssl": "on"}),
    ],
)
def test_forged_headers_without_proxy_fix(scheme: str, forged: dict[str, str]) -> None:
    """Without ProxyFix, no such header changes anything."""
    app = make_app()
    ClientCallback(app)
    add_page(app, Counter)
    page = CallbackClient(app).get_page("/")
    answer = call(page, Origin=f"{scheme}://evil.example", **forged)
    check_error(answer, 403, "rejected")
    assert call(page, Origin="http://localhost", **forged).result == 1


def test_forged_prefix_without_proxy_fix() -> None:
    """Nor does a prefix, neither in what is rendered nor in what state is good for."""
    app = make_app()
    ClientCallback(app)
    add_page(app, Counter)
    client = CallbackClient(app)
    forged = {"X-Forwarded-Prefix": "//evil.example"}
    page = client.get_page("/", headers=forged)
    assert 'data-callback-url="/"' in page.text
    assert "evil" not in page.text
    assert page.callback("x").result == 1
    assert page.callback("x", headers=forged).result == 2


def test_without_proxy_fix(untold: Flask) -> None:
    """Without ProxyFix the application does not know its own address: browsers that
    tell where they call from are admitted, the others are refused.
    """
    page = CallbackClient(untold).get_page("/", base_url=SHOP)
    check_error(call(page, Origin=SHOP), 403, "rejected")
    assert call(page, Origin=SHOP, Sec_Fetch_Site="same-origin").result == 1
    answer = call(page, Origin=SHOP, Sec_Fetch_Site="same-site")
    check_error(answer, 403, "rejected")


def test_prefix(client: CallbackClient) -> None:
    """An application below a prefix makes addresses with it, and its state is good
    nowhere else.
    """
    page = client.get_page("/", base_url=f"{SHOP}/app/")
    assert 'data-callback-url="/app/"' in page.text
    script = re.search('src="/app(/_clientcallback/[^"]+)"', page.text)
    assert script is not None
    assert client.get(script[1], base_url=f"{SHOP}/app/").status_code == 200
    assert page.callback("x").result == 1
    other = client.get_page("/", base_url=f"{SHOP}/other/")
    other.state = page.state
    check_error(other.callback("x"), 400, "stale")


class Mounted(t.NamedTuple):
    """Two applications, the second below the first."""

    client: CallbackClient
    first: ClientPage
    second: ClientPage


@pytest.fixture(params=["before", "after"])
def mounted(request: pytest.FixtureRequest) -> Mounted:
    """Applications with the same key and the same page, the second mounted before or
    after the package is set up on the first.
    """
    first, second = make_app(), make_app()
    ClientCallback(second)

    if request.param == "after":
        ClientCallback(first)

    first.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
        first.wsgi_app, {"/two": second}
    )

    if request.param == "before":
        ClientCallback(first)

    add_page(first, Counter)
    add_page(second, Counter)
    client = CallbackClient(first)
    return Mounted(client, client.get_page("/"), client.get_page("/two/"))


def test_mounted(mounted: Mounted) -> None:
    """Both work, each with its own state."""
    assert 'data-callback-url="/two/"' in mounted.second.text
    answers = [mounted.first.callback("x") for _ in range(2)]
    answers.append(mounted.second.callback("x"))
    assert [answer.result for answer in answers] == [1, 2, 1]
    assert {answer.response.content_type for answer in answers} == {CONTENT_TYPE}


def test_state_of_the_other_application(mounted: Mounted) -> None:
    """The state of one is not good in the other, whatever their keys and routes."""
    _, first, second = mounted
    first.state, second.state = second.state, first.state
    check_error(first.callback("x"), 400, "stale")
    check_error(second.callback("x"), 400, "stale")


def test_script_of_a_mounted_application(mounted: Mounted) -> None:
    """Each serves its own client script."""
    for prefix, page in ("", mounted.first), ("/two", mounted.second):
        found = re.search('src="([^"]+)"', page.text)
        assert found is not None
        assert found[1].startswith(f"{prefix}/_clientcallback/")
        assert mounted.client.get(found[1]).status_code == 200


def test_error_of_a_mounted_application(mounted: Mounted) -> None:
    """Errors are told in one answer, however many applications it passes."""
    headers = {"X-Client-Callback": "1"}
    response = mounted.client.post("/two/nowhere", headers=headers)
    check_error(CallbackAnswer(response, []), 404, "http")
    mounted.second.state = "forged"
    check_error(mounted.second.callback("x"), 400, "stale")


def test_mounted_application_without_callbacks() -> None:
    """An application that knows nothing of callbacks may be mounted too. What it
    answers is no callback's result.
    """
    app = make_app()
    app.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
        app.wsgi_app, {"/legacy": Response("<h1>legacy</h1>")}
    )
    ClientCallback(app)
    client = CallbackClient(app)
    assert client.get("/legacy").text == "<h1>legacy</h1>"
    response = client.post("/legacy", headers={"X-Client-Callback": "1"})
    check_error(CallbackAnswer(response, []), 502, "http")


def test_mounted_behind_a_proxy(mounted: Mounted) -> None:
    """A mounted application may be behind a proxy, below another prefix."""
    app = mounted.client.application
    trust_proxy(app)
    behind_proxy(app)
    page = mounted.client.get_page("/two/", base_url=f"{SHOP}/app/")
    assert 'data-callback-url="/app/two/"' in page.text
    assert call(page, Origin=SHOP).result == 1
    check_error(call(page, Origin=INTERNAL), 403, "rejected")
    page.state = mounted.second.state
    check_error(call(page, Origin=SHOP), 400, "stale")
