"""Handlers that yield progress, on real servers and behind a proxy."""

from __future__ import annotations

import http.client
import json
import random
import select
import sys
import time
import typing as t
from collections.abc import Callable
from collections.abc import Generator
from contextlib import AbstractContextManager
from contextlib import closing
from contextlib import contextmanager
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from flask_clientcallback.protocol.answers import ACCEPTED
from flask_clientcallback.protocol.answers import STREAM_TYPE

from .clients import Visitor
from .conftest import Scale
from .connections import Line
from .figures import Figures
from .servers import gunicorn
from .servers import HTTP
from .servers import nginx
from .servers import PLAIN
from .servers import Server
from .servers import uvicorn
from .servers import UWSGI
from .servers import uwsgi
from .servers import UWSGI_PROGRAM
from .servers import wait_until
from .servers import waitress
from .servers import werkzeug

pytestmark = pytest.mark.skipif(
    sys.platform != "linux",
    reason="These tests look at processes in /proc, which Linux has.",
)

PATIENCE = 0.2
"""Seconds in which an answer would arrive that was sent too early."""
SERVERS: dict[str, Callable[[Path], AbstractContextManager[Server]]] = {
    "sync": partial(gunicorn, "sync"),
    "gthread": partial(gunicorn, "gthread"),
    "gevent": partial(gunicorn, "gevent"),
    "waitress": waitress,
    "werkzeug": werkzeug,
}


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> t.Iterator[Server]:
    """A server."""
    with SERVERS[request.param](tmp_path / "server") as server:
        yield server


@contextmanager
def calling(
    port: int, argument: str, path: str = "/working"
) -> Generator[http.client.HTTPConnection]:
    """Make a callback over a connection, on which the answer is yet to be read. At the
    end the caller goes.
    """
    visitor = Visitor("ann", path)
    line = Line(port)
    visitor.open_page(line)
    line.close()
    headers, body = visitor.write(argument)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)

    with closing(connection):
        connection.request("POST", path, body, {**headers, "Accept": ACCEPTED})
        yield connection


def notes_of(server: Server) -> list[str]:
    """Read what the handler noted."""
    return [note for _, note in server.journal()]


def read_line(response: http.client.HTTPResponse) -> t.Any:
    """Read a line of an answer, as soon as it is there."""
    return json.loads(response.readline())


def check_parts(server: Server, port: int) -> None:
    """See that each part is there before the handler goes on."""
    with calling(port, "x") as connection, connection.getresponse() as response:
        assert response.status == 200
        assert response.getheader("Content-Type") == STREAM_TYPE
        assert read_line(response) == {"progress": 1}
        server.open_gate("second")
        assert read_line(response) == {"progress": 2}
        server.open_gate("end")
        assert read_line(response) == {"result": "done"}
        # The request has ended by then.
        assert notes_of(server) == ["worked", "ended-NoneType"]
        assert response.read() == b""


def test_parts(server: Server) -> None:
    """Each part arrives when it is made, and the result after the request's end."""
    check_parts(server, server.port)


def test_nothing_before_the_first_part(server: Server) -> None:
    """Not even the head of the answer is sent before the first part."""
    with calling(server.port, "first") as connection:
        wait_until(lambda: notes_of(server) == ["began"])
        readable, _, _ = select.select([connection.sock], [], [], PATIENCE)
        assert not readable
        server.open_gate("first")

        with connection.getresponse() as response:
            assert read_line(response) == {"progress": 1}


def check_leaving(server: Server, port: int) -> None:
    """See that the work ends when its caller goes."""
    with calling(port, "beat") as connection, connection.getresponse() as response:
        assert read_line(response) == {"progress": 1}
        assert response.readline() == b"\n"

    wait_until(lambda: notes_of(server) == ["left", "ended-GeneratorExit"])


def test_caller_who_goes(server: Server) -> None:
    """If the caller goes, the work ends at one of its next parts, and the request is
    told why.
    """
    check_leaving(server, server.port)


def test_more_calls_than_threads(tmp_path: Path) -> None:
    """Each stream takes a thread. Where all of them have one, others wait until one of
    them ends.
    """
    with (
        gunicorn("gthread", tmp_path / "server", workers=1, threads=4) as server,
        ExitStack() as stack,
    ):
        enter = stack.enter_context

        for _ in range(4):
            connection = enter(calling(server.port, "x"))
            assert read_line(enter(connection.getresponse())) == {"progress": 1}

        address = ("127.0.0.1", server.port)
        other = enter(closing(http.client.HTTPConnection(*address, timeout=20)))
        other.request("GET", "/working")
        readable, _, _ = select.select([other.sock], [], [], PATIENCE)
        assert not readable
        server.open_gate("second")
        server.open_gate("end")
        assert enter(other.getresponse()).status == 200


def test_caller_of_uvicorn(tmp_path: Path) -> None:
    """uvicorn sends each part on, and never tells that the caller has gone: the work
    goes on to its end.
    """
    with uvicorn(tmp_path / "server") as server:
        check_parts(server, server.port)

    with uvicorn(tmp_path / "second") as server:
        with calling(server.port, "x") as line, line.getresponse() as response:
            assert read_line(response) == {"progress": 1}

        server.open_gate("second")
        server.open_gate("end")
        wait_until(lambda: notes_of(server) == ["worked", "ended-NoneType"])


def test_event_loops_of_gevent(tmp_path: Path) -> None:
    """A greenlet waits in its event loop, and the thread has no other: who asks for a
    second one gets an error, and the first goes on.
    """
    path = "/working-async"

    with gunicorn("gevent", tmp_path / "server", workers=1) as server:
        with (
            calling(server.port, "x", path) as line,
            line.getresponse() as response,
        ):
            assert read_line(response) == {"progress": 1}
            wait_until(lambda: notes_of(server) == ["waits"])

            with calling(server.port, "x", path) as other, other.getresponse() as late:
                assert late.status == 500
                assert read_line(late)["error"]["kind"] == "server"

            server.open_gate("end")
            assert read_rest(response) == [{"progress": 2}, {"result": "done"}]


@pytest.mark.parametrize(
    ("name", "pass_on"),
    [*((name, PLAIN) for name in SERVERS), ("gthread", HTTP), ("uwsgi", UWSGI)],
    ids=[*SERVERS, "kept", "uwsgi"],
)
def test_proxy(name: str, pass_on: str, tmp_path: Path, nginx_executable: str) -> None:
    """nginx passes each part on, with the shortest setting that there is, and tells the
    server that the caller has gone.
    """
    if name == "uwsgi" and not UWSGI_PROGRAM.exists():
        pytest.skip('uWSGI is not installed: "pip install pyuwsgi".')

    start = {**SERVERS, "uwsgi": uwsgi}[name]

    with (
        start(tmp_path / "server") as server,
        nginx(nginx_executable, server, tmp_path / "nginx", pass_on) as proxy,
    ):
        check_parts(server, proxy.port)

    with (
        start(tmp_path / "second") as server,
        nginx(nginx_executable, server, tmp_path / "proxy", pass_on) as proxy,
    ):
        check_leaving(server, proxy.port)


def read_rest(response: http.client.HTTPResponse) -> list[t.Any]:
    """Read the lines that follow, up to the end of an answer, in order or not."""
    lines: list[t.Any] = []

    try:
        while line := response.readline():
            lines.append(json.loads(line))
    except (http.client.IncompleteRead, ConnectionError):
        pass

    return lines


@pytest.mark.parametrize("has_proxy", [False, True], ids=["alone", "behind nginx"])
def test_worker_that_is_killed(
    has_proxy: bool,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    scale: Scale,
    figures: Figures,
) -> None:
    """The streams of a killed worker end without a last line, and all others with their
    own result. No work is done twice.
    """
    kills, count, cut, waited = scale(1, 10), scale(6, 14), 0, 0.0

    for number in range(kills):
        names = [f"stream-{number}-{one}" for one in range(count)]

        with ExitStack() as stack:
            enter = stack.enter_context
            folder = tmp_path / f"server-{number}"
            # Either worker may get all of them.
            server = enter(gunicorn("gthread", folder, threads=count + 1))
            port = server.port

            if has_proxy:
                program = request.getfixturevalue("nginx_executable")
                folder = tmp_path / f"proxy-{number}"
                port = enter(nginx(program, server, folder, PLAIN)).port

            answers: dict[str, http.client.HTTPResponse] = {}

            for name in names:
                connection = enter(calling(port, name, "/working-for-one"))
                answers[name] = enter(connection.getresponse())
                assert read_line(answers[name]) == {"progress": 1}

            begun = [(pid, note) for pid, note in server.journal() if note in names]
            assert sorted(note for _, note in begun) == sorted(names)
            killed = random.choice(sorted({pid for pid, _ in begun}))
            dead = server.kill(killed)

            for pid, name in begun:
                if pid == killed:
                    assert read_rest(answers[name]) == []
                    cut += 1

            waited = max(waited, time.monotonic() - dead)
            server.open_gate("second")
            server.open_gate("end")

            for pid, name in begun:
                if pid != killed:
                    rest = [{"progress": 2}, {"result": name}]
                    assert read_rest(answers[name]) == rest

            notes = notes_of(server)
            assert [name for name in names if notes.count(name) != 1] == []

    figures.add(
        "Streams whose worker is killed",
        {
            "server": "gthread behind nginx" if has_proxy else "gthread",
            "kills": kills,
            "streams": kills * count,
            "own result": kills * count - cut,
            "no last line": cut,
            "ended after, s": waited,
        },
    )
