"""A Redis of a test's own, where the machine has one to run."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = "redis-server"


class RedisServer:
    """A Redis that keeps its data when it is ended in order.

    :param folder: where it keeps them.
    :param options: further ones of its command.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = options
        self.process: subprocess.Popen[bytes] | None = None

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def url(self, database: int = 0) -> str:
        """Give the address of one of its databases."""
        return f"redis://127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Run it, and wait until it answers."""
        command = [
            PROGRAM,
            *("--port", str(self.port), "--bind", "127.0.0.1"),
            *("--dir", str(self._folder), "--save", "3600 1", "--loglevel", "warning"),
            *self._options,
        ]
        log = (self._folder / "redis.log").open("ab")

        with log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

        until = time.monotonic() + 20

        while not self._answers():
            assert self.process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)

    def stop(self) -> None:
        """End it in order, so that it saves what it has."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def kill(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(20)
            self.process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


@contextlib.contextmanager
def running_redis(folder: Path, *options: str) -> Iterator[RedisServer]:
    """Run one for as long as a test lasts. The test is skipped where there is none."""
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"needs {PROGRAM}: apt-get install {PROGRAM}")

    pytest.importorskip("redis", reason="needs redis-py")
    folder.mkdir(parents=True, exist_ok=True)
    server = RedisServer(folder, *options)

    try:
        server.start()
        yield server
    finally:
        server.stop()
