"""Clients that send the head of a callback and never its body."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait
from contextlib import ExitStack
from pathlib import Path

from flask_clientcallback.protocol.wire import MARKER_HEADER

from .clients import FORM_TYPE
from .clients import Visitor
from .conftest import Scale
from .conftest import Serve
from .connections import Line
from .figures import Figure
from .figures import Figures
from .servers import descriptors
from .servers import descriptors_at_rest
from .servers import nginx
from .servers import wait_until

TABLE = "Another user's calls while clients stall"
THREADS = 8
"""Threads that each gthread worker has."""
STALLED = 200
"""Clients that stall where nobody is starved."""
PATIENCE = 1.0
"""Seconds for which a call is seen to wait, on a machine of whatever speed."""
HEAD = (
    "POST / HTTP/1.1\r\n"
    "Host: 127.0.0.1\r\n"
    f"{MARKER_HEADER}: 1\r\n"
    f"Content-Type: {FORM_TYPE}\r\n"
    "Content-Length: 1000\r\n"
    "\r\n"
)


class StalledClients(ExitStack):
    """Clients that stall until the end of the ``with`` block."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.count = 0
        self._port = port

    def add(self, count: int) -> None:
        """Let some more clients connect."""
        for _ in range(count):
            client = socket.create_connection(("127.0.0.1", self._port))
            self.enter_context(client)
            client.sendall(HEAD.encode())

        self.count += count


class Bystander:
    """A user who has a page, and whose calls have a connection of their own."""

    def __init__(self, port: int) -> None:
        self._visitor = Visitor("bystander")
        self._visitor.open_page(Line(port, keep=False))
        self._line = Line(port, keep=False)
        self.slowest = 0.0

    def is_served(self) -> bool:
        """Make a call, and tell whether it is answered."""
        call = self._visitor.ask(self._line)
        self.slowest = max(self.slowest, call.ended - call.began)
        assert not call.problem or "TimeoutError" in call.text, call
        return not call.problem

    def is_served_for(self, seconds: float) -> bool:
        """Tell whether all calls of some time are answered."""
        end = time.monotonic() + seconds

        while self.is_served():
            if time.monotonic() > end:
                return True

        return False


def held_by(idle: dict[int, int]) -> dict[int, int]:
    """Tell how many clients each worker has.

    :param idle: how many descriptors each has without any.
    """
    return {worker: descriptors(worker) - count for worker, count in idle.items()}


def row(
    server: str, stalled: StalledClients, bystander: Bystander, served: bool
) -> dict[str, Figure]:
    """Write the figures of a server."""
    return {
        "server": server,
        "stalled": stalled.count,
        "served": "yes" if served else "no",
        "slowest, s": bystander.slowest if served else "-",
    }


def test_threads_are_starved(serve: Serve, figures: Figures) -> None:
    """Stalled clients take all of two workers' eight threads each, and nobody else
    is served until they go.
    """
    server = serve("gthread")
    bystander = Bystander(server.port)
    idle = {worker: descriptors_at_rest(worker) for worker in server.workers()}

    with StalledClients(server.port) as stalled:
        held = dict.fromkeys(idle, 0)

        # One worker may take more of them than the other.
        while min(held.values()) < THREADS:
            stalled.add(THREADS)
            wait_until(lambda: sum(held_by(idle).values()) >= stalled.count)
            held = held_by(idle)

        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(bystander.is_served)
            served, _ = wait([call], PATIENCE)
            stalled.close()
            assert call.result()

    figures.add(TABLE, row("gthread, 2 x 8", stalled, bystander, bool(served)))
    assert not served


def test_greenlets_are_not_starved(
    serve: Serve, scale: Scale, figures: Figures
) -> None:
    """Each stalled client has a greenlet, and others are served."""
    server = serve("gevent")
    bystander = Bystander(server.port)

    with StalledClients(server.port) as stalled:
        stalled.add(STALLED)
        served = bystander.is_served_for(scale(1, 10))

    figures.add(TABLE, row("gevent, 2", stalled, bystander, served))
    assert served


def test_proxy_cures(
    serve: Serve, scale: Scale, figures: Figures, tmp_path: Path, nginx_executable: str
) -> None:
    """A proxy that reads requests to their end keeps stalled clients away from the
    threads, and others are served.
    """
    with nginx(nginx_executable, serve("gthread"), tmp_path / "nginx") as proxy:
        bystander = Bystander(proxy.port)

        with StalledClients(proxy.port) as stalled:
            stalled.add(STALLED)
            served = bystander.is_served_for(scale(1, 10))

    figures.add(TABLE, row("nginx before gthread, 2 x 8", stalled, bystander, served))
    assert served
