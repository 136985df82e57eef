"""Clients that make callbacks as the client script would, many at once, and look
whether each answer belongs to the user and to the argument that asked.
"""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
import typing as t
from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlencode

from flask_clientcallback.protocol.answers import CONTENT_TYPE
from flask_clientcallback.protocol.wire import ARGUMENT_FIELD
from flask_clientcallback.protocol.wire import MARKER_HEADER
from flask_clientcallback.protocol.wire import PAGE_TARGET
from flask_clientcallback.protocol.wire import STATE_FIELD
from flask_clientcallback.protocol.wire import TARGET_FIELD
from flask_clientcallback.testing.page_parser import PageParser

from .connections import Line
from .connections import Reply
from .servers import wait_until

FORM_TYPE = "application/x-www-form-urlencoded"
Problem = t.Literal["", "failed", "crossed"]


class Call(t.NamedTuple):
    """What became of a call."""

    argument: str
    began: float
    ended: float
    problem: Problem = ""
    text: str = ""
    """What came instead of the answer that was expected."""


class Visitor:
    """A user with a page in the browser."""

    def __init__(self, name: str, path: str = "/") -> None:
        self.name = name
        self.path = path
        self.state = ""
        self._cookie = ""
        self._count = 0
        self._numbers = itertools.count()

    def open_page(self, line: Line) -> None:
        """Begin a session unless there is one, and get the page anew."""
        if not self._cookie:
            self._take(line.exchange("GET", f"/enter/{self.name}", {}))

        reply = line.exchange("GET", self.path, {"Cookie": self._cookie})
        assert reply.status == 200, reply
        self._take(reply)
        parser = PageParser()
        parser.feed(reply.text)
        parser.close()
        self.state = parser.page_at(self.path)["state"]
        self._count = 0

    def ask(self, line: Line) -> Call:
        """Make a callback and look whether its answer is this user's own."""
        argument = f"{self.name}-{next(self._numbers)}"
        began = time.monotonic()

        try:
            reply = self.send(line, argument)
        except (OSError, http.client.HTTPException) as error:
            return Call(argument, began, time.monotonic(), "failed", repr(error))

        ended = time.monotonic()

        if reply.status != 200 or reply.content_type != CONTENT_TYPE:
            return Call(argument, began, ended, "failed", str(reply))

        answer = json.loads(reply.text)
        own = {
            "user": self.name,
            "argument": argument,
            "note": f"note of {argument}",
            "count": self._count + 1,
        }

        if answer["result"] != own:
            return Call(argument, began, ended, "crossed", reply.text)

        self._count += 1
        self.state = answer["viewState"]
        return Call(argument, began, ended)

    def send(self, line: Line, argument: str, state: str | None = None) -> Reply:
        """Make a callback.

        :param state: what is sent in place of the page's state.
        """
        return line.exchange("POST", self.path, *self.write(argument, state))

    def write(
        self, argument: str, state: str | None = None
    ) -> tuple[dict[str, str], str]:
        """Write headers and body of a callback."""
        fields = {
            "note": f"note of {argument}",
            TARGET_FIELD: PAGE_TARGET,
            ARGUMENT_FIELD: json.dumps(argument),
            STATE_FIELD: self.state if state is None else state,
        }
        headers = {MARKER_HEADER: "1", "Content-Type": FORM_TYPE}
        headers["Cookie"] = self._cookie
        return headers, urlencode(fields)

    def _take(self, reply: Reply) -> None:
        self._cookie = reply.cookie or self._cookie


Step = Callable[[Visitor, Line], Call]


class Crowd:
    """Threads that make calls, each for several users in turn, so that calls which
    follow each other on a connection belong to different users.

    :param ports: the servers. A user's calls take turns among them.
    :param step: makes one call.
    :param gives_up: whether a thread ends with its first call that failed.
    """

    def __init__(
        self,
        *ports: int,
        path: str = "/",
        threads: int = 16,
        users: int = 5,
        keep: bool = True,
        step: Step = Visitor.ask,
        gives_up: bool = False,
    ) -> None:
        self.calls: list[Call] = []
        self.users: int = threads * users
        self._ports = ports
        self._users_each = users
        self._path = path
        self._keep = keep
        self._step = step
        self._gives_up = gives_up
        self._stop = threading.Event()
        self._ready = threading.Barrier(threads)
        self._pool = ThreadPoolExecutor(threads)
        self._running: Sequence[Future[None]] = [
            self._pool.submit(self._make_calls, number) for number in range(threads)
        ]

    def __enter__(self) -> t.Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()
        self._pool.shutdown()

        for thread in self._running:
            thread.result()

    def wait_for(self, calls: int) -> None:
        """Wait until so many more calls are answered."""
        goal = len(self.calls) + calls
        wait_until(lambda: len(self.calls) >= goal or self._ended(), 3600)
        assert len(self.calls) >= goal, "The crowd ended early."

    def problems(self, problem: Problem) -> list[Call]:
        """List the calls that had a problem."""
        return [call for call in self.calls if call.problem == problem]

    def _ended(self) -> bool:
        return all(thread.done() for thread in self._running)

    def _make_calls(self, number: int) -> None:
        visitors = [
            Visitor(f"u{number}.{n}", self._path) for n in range(self._users_each)
        ]

        with ExitStack() as stack:
            lines = [Line(port, keep=self._keep) for port in self._ports]

            for line in lines:
                stack.callback(line.close)

            stack.callback(self._ready.abort)

            for visitor in visitors:
                visitor.open_page(lines[0])

            self._ready.wait(60)

            for line, visitor in itertools.cycle(itertools.product(lines, visitors)):
                call = self._step(visitor, line)
                self.calls.append(call)

                if self._stop.is_set() or (call.problem and self._gives_up):
                    break
