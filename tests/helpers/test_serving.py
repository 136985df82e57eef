"""The server that tests use."""

from __future__ import annotations

import socket
import struct
import threading
import typing as t
from collections.abc import Iterable
from collections.abc import Iterator

import pytest

from .serving import serving


class Answer:
    """An answer that goes on when its connection has ended."""

    def __init__(self, rest: list[bytes]) -> None:
        self.rest = rest
        self.has_ended = threading.Event()
        self.closed = threading.Semaphore(0)

    def __iter__(self) -> Iterator[bytes]:
        yield b"x"
        assert self.has_ended.wait(10)
        yield from self.rest

    def close(self) -> None:
        self.closed.release()


@pytest.mark.parametrize("rest", [[], [b"y"]])
@pytest.mark.parametrize("is_reset", [True, False])
def test_broken_connection(is_reset: bool, rest: list[bytes]) -> None:
    """The answer is closed, and only once, however the connection ends."""
    answer = Answer(rest)

    def app(environ: dict[str, t.Any], start_response: t.Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", str(1 + len(rest)))])
        return answer

    with serving(app) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            got = b""

            while not got.endswith(b"x"):
                got += connection.recv(1000)

            linger = struct.pack("ii", is_reset, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

        answer.has_ended.set()
        assert answer.closed.acquire(timeout=10)

    assert not answer.closed.acquire(blocking=False)
