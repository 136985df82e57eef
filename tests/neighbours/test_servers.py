"""Pages on servers that need a setting or an adapter, or at another path."""

from __future__ import annotations

import socket
import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackClient

from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import Echo
from .documented import documented
from .servers import CROSS_SITE
from .servers import LONG
from .servers import PROGRAMS
from .servers import serving
from .servers import Visitor

HERE = Path(__file__).parent
GUNICORN = ("gunicorn", "--bind=127.0.0.1:PORT", "--no-control-socket")
UWSGI = (
    *("uwsgi", "--socket=127.0.0.1:PORT", "--master", "--die-on-term", "--threads=4"),
    *(f"--virtualenv={sys.prefix}", "--module=application:app"),
)


def options(program: str) -> list[str]:
    """Give the options that the documentation gives a program."""
    [_, *given] = documented(f"{program} ").split()
    return [option for option in given if option.startswith("--")]


def ask_uwsgi(port: int, body: bytes) -> str:
    """Send a callback that is refused as nginx does: in uWSGI's protocol, and the whole
    body before the answer is read.
    """
    names = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": CROSS_SITE["Content-Type"],
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "localhost",
        "HTTP_X_CLIENT_CALLBACK": "1",
        "HTTP_SEC_FETCH_SITE": "cross-site",
    }
    texts = [text.encode() for pair in names.items() for text in pair]
    packet = b"".join(struct.pack("<H", len(text)) + text for text in texts)
    head = struct.pack("<BHB", 0, len(packet), 0)

    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(head + packet + body)
        return connection.makefile("rb").read().decode()


# There is no wheel for other systems.
@pytest.mark.skipif(
    not (PROGRAMS / "uwsgi").exists(), reason="uWSGI is not installed for this system."
)
def test_uwsgi(tmp_path: Path) -> None:
    """With one option uWSGI takes a body that nobody reads, and the refusal arrives.
    Without, the connection breaks.
    """
    body = LONG.encode()

    with serving(tmp_path, *UWSGI) as port, pytest.raises(ConnectionError):
        ask_uwsgi(port, body)

    with serving(tmp_path, *UWSGI, *options("uwsgi")) as port:
        for _ in range(3):
            answer = ask_uwsgi(port, body)
            assert answer.startswith("HTTP/1.1 403 ")
            assert '"kind":"rejected"' in answer


def ask_twice(port: int) -> tuple[str | None, bool]:
    """Send a long callback that is refused, and a request over the same connection.

    :return: what the server says of the connection, and whether it answered twice.
    """
    lines = ["POST / HTTP/1.1", "Host: localhost", f"Content-Length: {len(LONG)}"]
    lines += [f"{name}: {value}" for name, value in CROSS_SITE.items()]

    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        # The body may follow when the answer is there already, as nginx sends it.
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = connection.makefile("rb")
        assert answer.readline().startswith(b"HTTP/1.1 403 ")
        headers = dict(
            line.decode().rstrip().lower().split(": ", 1)
            for line in iter(answer.readline, b"\r\n")
        )
        answer.read(int(headers["content-length"]))

        try:
            connection.sendall(LONG.encode())
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            is_answered = answer.readline().startswith(b"HTTP/1.1 200 ")
        except ConnectionError:
            is_answered = False

        return headers.get("connection"), is_answered


def test_gunicorn(tmp_path: Path) -> None:
    """A worker with threads ends the connection after a body that nobody read. With one
    option it says so, and a proxy sends nothing else over that connection.
    """
    given = options("gunicorn")
    assert given == ["--worker-class=gthread", "--keep-alive=0"]

    with serving(tmp_path, *GUNICORN, given[0], "application:app") as port:
        assert ask_twice(port) == ("keep-alive", False)

    with serving(tmp_path, *GUNICORN, *given, "application:app") as port:
        assert ask_twice(port) == ("close", False)
        assert Visitor(port).call("x") == "x"


ASGI = {
    "uvicorn": ("uvicorn", "--port=PORT", "--log-level=warning"),
    "hypercorn": ("hypercorn", "--bind=127.0.0.1:PORT"),
}
both = pytest.mark.parametrize("server", ASGI)


def meet(port: int, path: str = "/") -> list[bool]:
    """Let two calls run that wait for one another, and tell whether they met."""
    visitors = [Visitor(port, path) for _ in range(2)]

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda visitor: visitor.call("meet"), visitors))


def read_stream(port: int, seen: Path) -> str:
    """Read a streamed answer, and tell the server when its first part is there."""
    with Visitor(port).begin(f"stream {seen}") as response:
        first = response.readline()
        seen.touch()
        return (first + response.read()).decode()


def test_documented_adapter() -> None:
    """The application of these tests has the adapter as it is documented."""
    application = (HERE / "application.py").read_text(encoding="utf-8").splitlines()
    assert set(documented("a2wsgi").splitlines()) <= set(application)


@both
def test_a2wsgi(tmp_path: Path, server: str) -> None:
    """With a2wsgi callbacks run side by side, streams come part by part, and a refusal
    arrives whose body nobody read.
    """
    with serving(tmp_path, *ASGI[server], "application:asgi_app") as port:
        visitor = Visitor(port)
        assert visitor.call("Grüße") == "Grüße"
        assert meet(port) == [True, True]
        assert read_stream(port, tmp_path / "seen") == "first\nread True"
        status, content = visitor.post("a=b", CROSS_SITE)
        assert (status, content["error"]["kind"]) == (403, "rejected")


@both
def test_asgiref(tmp_path: Path, server: str) -> None:
    """With asgiref callbacks run one after the other; streams come part by part."""
    with serving(tmp_path, *ASGI[server], "application:over_asgiref") as port:
        visitor = Visitor(port)
        assert visitor.call("Grüße") == "Grüße"
        assert meet(port) == [False, False]
        assert read_stream(port, tmp_path / "seen") == "first\nread True"
        status, content = visitor.post("a=b", CROSS_SITE)
        assert (status, content["error"]["kind"]) == (403, "rejected")


def test_mounted(tmp_path: Path) -> None:
    """Mounted in an application of Starlette, a page calls itself below that path."""
    with serving(tmp_path, *ASGI["uvicorn"], "application:mounted") as port:
        visitor = Visitor(port, "/inner/")
        assert visitor.address == "/inner/"
        assert visitor.call("x") == "x"


def test_changed_paths(caplog: pytest.LogCaptureFixture) -> None:
    """Under DispatcherMiddleware, or ProxyFix with x_prefix, a page calls the address
    that the browser has, and the log has nothing of a changed path.
    """
    app = make_app()
    ClientCallback(app)
    add_page(app, Echo, "/page")
    app.wsgi_app = DispatcherMiddleware(make_app(), {"/inner": app.wsgi_app})  # type: ignore[method-assign]
    page = CallbackClient(app).get_page("/inner/page")
    assert 'data-callback-url="/inner/page"' in page.text
    app = make_app()
    ClientCallback(app)
    add_page(app, Echo, "/page")
    app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)  # type: ignore[method-assign]
    page = CallbackClient(app).get_page(
        "/page", headers={"X-Forwarded-Prefix": "/outer"}
    )
    assert 'data-callback-url="/outer/page"' in page.text
    assert caplog.records == []
