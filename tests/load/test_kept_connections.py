"""Connections that a proxy and a server keep. What comes over one in answer to a HEAD,
or to a refused call, is not the beginning of another visitor's answer.
"""

from __future__ import annotations

import json
import sys
import typing as t
from contextlib import ExitStack
from pathlib import Path

import pytest

from flask_clientcallback.protocol.answers import CONTENT_TYPE
from flask_clientcallback.protocol.wire import MARKER_HEADER

from .clients import FORM_TYPE
from .clients import Visitor
from .conftest import Scale
from .connections import Line
from .servers import gunicorn
from .servers import HTTP
from .servers import nginx
from .servers import Server
from .servers import UWSGI
from .servers import uwsgi
from .servers import UWSGI_PROGRAM
from .servers import waitress

pytestmark = pytest.mark.skipif(
    sys.platform != "linux",
    reason="These tests look at processes in /proc, which Linux has.",
)

MARKED = {MARKER_HEADER: "1"}
CROSS_SITE = {**MARKED, "Sec-Fetch-Site": "cross-site", "Content-Type": FORM_TYPE}


def disturb(line: Line) -> None:
    """Ask for what is refused, with a body and without."""
    head = line.exchange("HEAD", "/", MARKED)
    assert (head.status, head.content_type, head.text) == (405, CONTENT_TYPE, "")
    refused = line.exchange("POST", "/", CROSS_SITE, f"note={'x' * 2000}")
    assert refused.status == 403
    assert json.loads(refused.text)["error"]["kind"] == "rejected"
    assert line.exchange("HEAD", "/nowhere", MARKED).text == ""


def check_turns(port: int, rounds: int) -> None:
    """Let users call in turns with somebody who is refused."""
    line, other = Line(port), Line(port)

    with ExitStack() as stack:
        stack.callback(line.close)
        stack.callback(other.close)
        visitors = [Visitor("ann"), Visitor("bob")]

        for visitor in visitors:
            visitor.open_page(line)

        for _ in range(rounds):
            for visitor in visitors:
                disturb(other)
                call = visitor.ask(line)
                assert not call.problem, call
                disturb(line)
                call = visitor.ask(line)
                assert not call.problem, call


@pytest.mark.parametrize("name", ["waitress", "gunicorn"])
def test_server(name: str, scale: Scale, tmp_path: Path) -> None:
    """A server that keeps its clients' connections."""
    with start(name, tmp_path) as server:
        check_turns(server.port, scale(10, 200))


@pytest.mark.parametrize("name", ["waitress", "gunicorn", "uwsgi"])
def test_proxy(name: str, scale: Scale, tmp_path: Path, nginx_executable: str) -> None:
    """A proxy that gives one connection to the server to many visitors."""
    pass_on = UWSGI if name == "uwsgi" else HTTP

    with (
        start(name, tmp_path) as server,
        nginx(nginx_executable, server, tmp_path / "nginx", pass_on) as proxy,
    ):
        check_turns(proxy.port, scale(10, 200))


def start(name: str, folder: Path) -> t.ContextManager[Server]:
    """Start a server by its name."""
    if name == "uwsgi" and not UWSGI_PROGRAM.exists():
        pytest.skip('uWSGI is not installed: "pip install pyuwsgi".')

    if name == "gunicorn":
        return gunicorn("gthread", folder / name)

    return {"waitress": waitress, "uwsgi": uwsgi}[name](folder / name)
