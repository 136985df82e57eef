"""What the threads of a test's servers have for the test, in its own thread."""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from collections.abc import Callable


class Wake:
    """Carry work from other threads to the one that runs the test.

    That thread does it whenever it waits for a browser.
    """

    def __init__(self) -> None:
        self._work: deque[Callable[[], None]] = deque()
        self._reading, self._writing = socket.socketpair()
        self._reading.setblocking(False)
        self._writing.setblocking(False)

    def add(self, work: Callable[[], None]) -> None:
        """Add what the test's thread is to do. Any thread may call it."""
        self._work.append(work)

        try:
            self._writing.send(b"x")
        except BlockingIOError:
            # There is more than enough that wakes it.
            pass

    def do_all(self) -> None:
        """Do what there is."""
        try:
            self._reading.recv(4096)
        except BlockingIOError:
            pass

        while self._work:
            self._work.popleft()()

    def wait_for(self, connection: socket.socket, timeout: float) -> None:
        """Wait until a browser answers, and do meanwhile what comes in.

        :param timeout: in seconds.
        """
        end = time.monotonic() + timeout

        while True:
            left = max(0.0, end - time.monotonic())
            ready, _, _ = select.select([connection, self._reading], [], [], left)

            if self._reading in ready:
                self.do_all()

            if connection in ready:
                return

            if not ready:
                raise TimeoutError(f"The browser gave no answer in {timeout} s.")

    def close(self) -> None:
        """Wait for nothing any more."""
        self._reading.close()
        self._writing.close()

    def sleep(self, seconds: float) -> None:
        """Do what comes in, for a while."""
        ready, _, _ = select.select([self._reading], [], [], seconds)

        if ready:
            self.do_all()
