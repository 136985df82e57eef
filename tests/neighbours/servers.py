"""Other servers, and a visitor who calls over a connection."""

from __future__ import annotations

import http.client
import json
import re
import socket
import subprocess
import sys
import time
import typing as t
from collections.abc import Generator
from contextlib import AbstractContextManager
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from flask_clientcallback.protocol.wire import ARGUMENT_FIELD
from flask_clientcallback.protocol.wire import MARKER_HEADER
from flask_clientcallback.protocol.wire import PAGE_TARGET
from flask_clientcallback.protocol.wire import STATE_FIELD
from flask_clientcallback.protocol.wire import TARGET_FIELD

PROGRAMS = Path(sys.executable).parent
HEADERS = {MARKER_HEADER: "1", "Content-Type": "application/x-www-form-urlencoded"}
CROSS_SITE = {**HEADERS, "Sec-Fetch-Site": "cross-site"}
LONG = "a=" + "x" * 16_000_000
"""A body that no buffer of a connection holds."""


@contextmanager
def serving(folder: Path, *command: str) -> Generator[int]:
    """Run a server in this folder, and give its port.

    :param folder: where its log goes.
    :param command: the program's name and what it gets; ``PORT`` stands for the port.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]

    name, *given = (part.replace("PORT", str(port)) for part in command)
    log = folder / "log"

    with log.open("wb") as written:
        process = subprocess.Popen(
            [str(PROGRAMS / name), *given],
            cwd=Path(__file__).parent,
            stdout=written,
            stderr=written,
        )

    try:
        end = time.monotonic() + 30

        while not _listens(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.02)

        yield port
    finally:
        process.terminate()

        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


class Visitor:
    """Somebody with a page, who calls over connections of HTTP.

    :param path: the page's address.
    """

    def __init__(self, port: int, path: str = "/") -> None:
        self._port = port

        with self._ask("GET", path) as response:
            text = response.read().decode()

        assert response.status == 200, text
        found = re.search(rf'name="{STATE_FIELD}"[^>]* value="([^"]+)', text)
        address = re.search(r'data-callback-url="([^"]+)', text)
        assert found is not None and address is not None, text
        self.state = found[1]
        self.address = address[1]
        """What the client script calls."""

    @contextmanager
    def _ask(self, *request: t.Any) -> Generator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)

        with closing(connection):
            connection.request(*request)

            with connection.getresponse() as response:
                yield response

    def begin(self, argument: str) -> AbstractContextManager[http.client.HTTPResponse]:
        """Make a callback, and give its answer whose body is yet to be read."""
        fields = {
            TARGET_FIELD: PAGE_TARGET,
            ARGUMENT_FIELD: json.dumps(argument),
            STATE_FIELD: self.state,
        }
        return self._ask("POST", self.address, urlencode(fields), HEADERS)

    def call(self, argument: str) -> t.Any:
        """Make a callback, and give its result."""
        with self.begin(argument) as response:
            text = response.read().decode()

        assert response.status == 200, text
        return json.loads(text)["result"]

    def post(self, body: str, headers: dict[str, str]) -> tuple[int, t.Any]:
        """Send any body to the page, and give status and content of the answer."""
        with self._ask("POST", self.address, body, headers) as response:
            return response.status, json.loads(response.read())
