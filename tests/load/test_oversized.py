"""Clients that send more than the package reads, while others make calls."""

from __future__ import annotations

import http.client
import socket
import time
import typing as t

import pytest

from flask_clientcallback.protocol.answers import CONTENT_TYPE
from flask_clientcallback.protocol.wire import MARKER_HEADER

from .clients import Crowd
from .clients import FORM_TYPE
from .conftest import Scale
from .conftest import Serve
from .connections import Reply
from .figures import Figures

QUICKLY = 5.0
"""Seconds that a refusal may take, on a machine that is busy."""
MANY_FIELDS = "&".join(f"{number}=" for number in range(100_000)).encode()
PART = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n\r\n'
MANY_PARTS = "".join(map(PART.format, range(12_000))).encode() + b"--x--\r\n"


class Oversized(t.NamedTuple):
    """A request that is too large in some way, and what it is refused with."""

    status: int
    headers: dict[str, str | int]
    body: bytes = b""


OVERSIZED = {
    "2 MiB said, none sent": Oversized(413, {"Content-Length": 2 * 1024 * 1024}),
    "1 TB said, none sent": Oversized(413, {"Content-Length": 10**12}),
    "chunked, none sent": Oversized(411, {"Transfer-Encoding": "chunked"}),
    "chunked, 64 KiB": Oversized(
        411,
        {"Transfer-Encoding": "chunked"},
        b"10000\r\n" + b"x" * 65536 + b"\r\n0\r\n\r\n",
    ),
    "100,000 fields": Oversized(413, {"Content-Length": len(MANY_FIELDS)}, MANY_FIELDS),
    "12,000 parts": Oversized(
        413,
        {
            "Content-Length": len(MANY_PARTS),
            "Content-Type": "multipart/form-data; boundary=x",
        },
        MANY_PARTS,
    ),
}


def send(port: int, request: Oversized) -> Reply:
    """Send the request and read what comes, without sending what is missing."""
    headers = {
        "Host": "127.0.0.1",
        MARKER_HEADER: "1",
        "Content-Type": FORM_TYPE,
        "Connection": "close",
        **request.headers,
    }
    lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
    head = "".join(["POST / HTTP/1.1\r\n", *lines, "\r\n"])

    with socket.create_connection(("127.0.0.1", port), 30) as client:
        client.sendall(head.encode() + request.body)

        with http.client.HTTPResponse(client) as response:
            response.begin()
            content_type = response.getheader("Content-Type")
            return Reply(response.status, content_type, response.read().decode(), None)


@pytest.mark.parametrize("worker_class", ["gthread", "gevent"])
def test_oversized(
    serve: Serve, scale: Scale, figures: Figures, worker_class: str
) -> None:
    """Each is refused at once, in the package's own form, and no call of others
    fails meanwhile.
    """
    server = serve(worker_class)
    slowest: dict[str, float] = {}
    rounds = scale(3, 100)

    with Crowd(server.port, threads=4) as crowd:
        crowd.wait_for(100)

        for _ in range(rounds):
            for name, request in OVERSIZED.items():
                began = time.monotonic()
                reply = send(server.port, request)
                seconds = time.monotonic() - began
                slowest[name] = max(slowest.get(name, 0), seconds)
                assert (reply.status, reply.content_type) == (
                    request.status,
                    CONTENT_TYPE,
                )
                assert reply.error_kind() == "rejected"

    failed = crowd.problems("failed")

    for name, seconds in slowest.items():
        figures.add(
            "Oversized requests, and the calls of others meanwhile",
            {
                "workers": worker_class,
                "request": name,
                "sent": rounds,
                "status": OVERSIZED[name].status,
                "slowest answer, s": seconds,
                "calls of others": len(crowd.calls),
                "failed": len(failed),
                "slowest, s": max(call.ended - call.began for call in crowd.calls),
            },
        )

    assert failed == crowd.problems("crossed") == []
    assert max(slowest.values()) < QUICKLY
