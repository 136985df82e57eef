"""The host that a request names, and the origin beside it, as they are sent."""

from __future__ import annotations

import re
import socket
import typing as t
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask

from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackClient

from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import Counter
from ..helpers.pages import Page
from ..helpers.serving import serving

INTERNATIONAL = "xn--bcher-kva.example"


class Hosted(Counter):
    """A page of any host."""

    def get(self, host: str = "") -> str:
        return Page.get(self)


def plain() -> Flask:
    """An application whose rules name no hosts."""
    app = make_app()
    ClientCallback(app)
    add_page(app, Hosted)
    return app


def matching_hosts() -> Flask:
    """One whose rules do, but for one."""
    app = Flask(__name__, host_matching=True, static_host="static.example")
    app.secret_key = "x"
    ClientCallback(app)
    app.add_url_rule("/", view_func=Hosted.as_view("hosted"), host="<host>")
    app.add_url_rule("/", view_func=Hosted.as_view("nowhere"))
    return app


def matching_subdomains() -> Flask:
    """One whose rules name subdomains."""
    app = Flask(__name__, subdomain_matching=True)
    app.config["SERVER_NAME"] = "shop.example"
    app.secret_key = "x"
    ClientCallback(app)
    add_page(app, Hosted)
    app.add_url_rule("/", view_func=Hosted.as_view("sub"), subdomain="<host>")
    return app


@pytest.fixture(params=[plain, matching_hosts, matching_subdomains])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """Where an application is served."""
    app: Flask = request.param()
    app.logger.disabled = True

    with serving(app) as port:
        yield port


def send(port: int, head: list[str], body: bytes = b"") -> tuple[int, str]:
    """Send a request as it is, and give status and text of the answer."""
    sent = "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""])

    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(sent.encode("latin-1") + body)

        with connection.makefile("rb") as file:
            got = file.read()

    return int(got.split()[1]), got.decode()


MALFORMED = [
    "",
    "[",
    "[1:2]",
    "[::1]:x",
    "a b",
    "a:99999",
    ":80",
    "a/b?c#d",
    "user@a",
    "b\xc3\xbccher.example",
    "<host>",
    "a..b",
    "xn--",
    "xn--example",
    f"xn--{'a' * 70}.example",
    "\x01",
]


@pytest.mark.filterwarnings("ignore:Current server name")
@pytest.mark.filterwarnings("ignore:Couldn't determine current subdomain")
@pytest.mark.parametrize("host", [None, *MALFORMED])
def test_malformed_host(port: int, host: str | None) -> None:
    """Whatever a request gives as its host, or leaves out, is no error of the server:
    for the page, its script, a callback and a post back, from its own or another
    origin.
    """
    named = [] if host is None else [f"Host: {host}"]
    status, text = send(port, ["GET / HTTP/1.0", *named])
    assert status in (200, 400, 404)
    fields = {"__CALLBACKID": "__Page", "__CALLBACKPARAM": '"x"'}

    if status == 200:
        script = re.search('src="([^"]+)"', text)
        state = re.search('name="__VIEWSTATE"[^>]* value="([^"]+)"', text)
        assert script is not None and state is not None
        fields["__VIEWSTATE"] = state[1]
        path = re.sub("^(http:)?//[^/]*", "", script[1])
        assert send(port, [f"GET {path} HTTP/1.0", *named])[0] in (200, 404)

    head = [
        "POST / HTTP/1.0",
        *named,
        "Content-Type: application/x-www-form-urlencoded",
    ]
    marked = [*head, "X-Client-Callback: 1"]
    post_back = {"__VIEWSTATE": fields.get("__VIEWSTATE", "")}

    for lines, sent in ((marked, fields), (head, post_back)):
        body = urlencode(sent).encode()
        refused = 403 if status == 200 else status
        own = refused if host in (None, "", ":80") else status

        for origin, expected in (
            (None, status),
            ("http://", refused),
            ("http://[1:3]", refused),
            (f"http://{host}", own),
        ):
            named_too = [] if origin is None else [f"Origin: {origin}"]
            assert send(port, [*lines, *named_too], body)[0] == expected


@pytest.mark.parametrize(
    ("host", "origin", "admitted"),
    [
        (INTERNATIONAL, INTERNATIONAL, True),
        (INTERNATIONAL.upper(), INTERNATIONAL, True),
        (INTERNATIONAL, "b\u00fccher.example", False),
        (f"{INTERNATIONAL}:8000", f"{INTERNATIONAL}:8000", True),
        ("shop.example:80", "shop.example", True),
        ("shop.example", "shop.example:443", False),
        ("shop.example:443", "shop.example", False),
        ("shop.example:443", "shop.example:443", True),
        ("shop.example:8080", "shop.example", False),
        ("shop.example.", "shop.example.", True),
        ("shop.example.", "shop.example", False),
        ("shop.example", "shop.example.", False),
        ("shop.example", "shop.example ", False),
        ("shop.example", "shop.example/", False),
        ("shop.example", "user@shop.example", False),
        ("[::1]", "[::1]", True),
        ("[::1]:80", "[::1]", True),
        ("[::1]:8000", "[::1]:8000", True),
        ("[2001:DB8::1]", "[2001:db8::1]", True),
        ("[::80]", "[::80]", True),
        ("[::1]", "[::2]", False),
        ("", "", False),
    ],
)
@pytest.mark.parametrize("way", ["callback", "post back"])
def test_origin_as_it_is_sent(
    app: Flask, client: CallbackClient, host: str, origin: str, admitted: bool, way: str
) -> None:
    """The origin is compared with scheme and host as both were sent, but for upper
    case and the port that browsers leave out.
    """
    add_page(app, Counter)
    page = client.get_page("/")
    headers = {"Host": host, "Origin": f"http://{origin}"}
    call = page.callback if way == "callback" else page.post_back
    answer = t.cast(t.Any, call)("x", headers=headers)
    assert answer.status == (200 if admitted else 403)


def test_secure_origin(app: Flask, client: CallbackClient) -> None:
    """The port that browsers leave out is the scheme's."""
    add_page(app, Counter)
    page = client.get_page("/", base_url="https://shop.example")

    for host, origin, status in (
        ("shop.example:443", "https://shop.example", 200),
        ("shop.example:80", "https://shop.example", 403),
        (INTERNATIONAL, f"https://{INTERNATIONAL}", 200),
        (INTERNATIONAL, f"http://{INTERNATIONAL}", 403),
    ):
        headers = {"Host": host, "Origin": origin}
        assert page.callback("x", headers=headers).status == status
