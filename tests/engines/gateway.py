"""What stands before a test's application, and does what a browser's driver cannot:
it notes requests and answers, holds requests back, breaks connections, and writes
scripts into pages.
"""

from __future__ import annotations

import re
import socket
import struct
import typing as t
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from io import BytesIO
from itertools import chain

from werkzeug.wrappers import Response as ServedResponse

from .traffic import Environ
from .traffic import Request
from .traffic import Response
from .traffic import Route
from .wake import Wake

START_PATH = "/tests-engine-start.js"
"""Where the scripts are that run first, for pages whose policy wants an address."""

WITHOUT_SCRIPTS = "script-src 'none'"
"""The policy of a page in which no script runs."""

Application: t.TypeAlias = Callable[..., Iterable[bytes]]


class User(t.Protocol):
    """A page in a browser, which has sent the requests that come in."""

    @property
    def is_plain(self) -> bool:
        """Whether it runs no scripts."""
        ...

    @property
    def is_offline(self) -> bool:
        """Whether it reaches no server."""
        ...

    @property
    def has_routes(self) -> bool:
        """Whether the test decides about some of its requests."""
        ...

    @property
    def first_scripts(self) -> str:
        """What is to run before the scripts of a page, if the server writes it."""
        ...

    def tell(self, name: str, event: t.Any) -> None:
        """Tell what happened to those that listen."""
        ...

    def decide(self, route: Route) -> None:
        """Ask the test what becomes of a request, or let the server answer it."""
        ...


class Gateway:
    """Stands before the applications of a test."""

    def __init__(self, wake: Wake) -> None:
        self._wake = wake
        self.user: User | None = None

    def wrap(self, app: Application) -> Application:
        """Put it before an application."""

        def gateway(environ: Environ, start_response: t.Any) -> Iterable[bytes]:
            return self._answer(app, environ)(environ, start_response)

        return gateway

    def _answer(self, app: Application, environ: Environ) -> ServedResponse:
        user = self.user

        if user is None:
            return ServedResponse.from_app(app, environ)

        if environ["PATH_INFO"] == START_PATH:
            return ServedResponse(user.first_scripts, mimetype="text/javascript")

        if user.is_offline:
            _break(environ)

        size = int(environ.get("CONTENT_LENGTH") or 0)
        data = environ["wsgi.input"].read(size) if size else b""
        environ["wsgi.input"] = BytesIO(data)
        asked = Request(environ, data)
        served = self._meet(user, asked, environ)

        if served is None:
            served = ServedResponse.from_app(app, environ)

        if asked.is_navigation_request() and served.mimetype == "text/html":
            _prepare(served, user)

        answer = self._note(user, asked, served)

        if asked.resource_type == "script":
            # No test gets what another page has kept, as where Playwright decides.
            answer.headers["Cache-Control"] = "no-store"

        return answer

    def _meet(
        self, user: User, asked: Request, environ: Environ
    ) -> ServedResponse | None:
        """Tell of a request, and let the test decide about it."""
        if not user.has_routes:
            self._tell(user, "request", asked)
            return None

        route = Route(asked, environ.get("werkzeug.socket"))

        def meet() -> None:
            user.tell("request", asked)
            user.decide(route)

        # As one piece of work: who waited for the request finds it held.
        self._wake.add(meet)
        asked.waits = True
        decision = route.wait()
        asked.waits = False

        if decision in ("abort", "closed"):
            asked.failure = decision
            self._tell(user, "requestfailed", asked)
            _break(environ)

        return route.fulfilment

    def _note(
        self, user: User, asked: Request, served: ServedResponse
    ) -> ServedResponse:
        answer = Response(asked, served)
        parts = t.cast("Iterable[bytes]", served.response)
        served.response = _Parts(answer, parts)
        asked.answer(answer)
        self._tell(user, "response", answer)
        return served

    def _tell(self, user: User, name: str, event: t.Any) -> None:
        self._wake.add(lambda: user.tell(name, event))


class _Parts:
    """The body of an answer, which is noted as it is sent."""

    def __init__(self, answer: Response, parts: Iterable[bytes]) -> None:
        self._answer = answer
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            self._answer.add(part)
            yield part

    def close(self) -> None:
        """See that it has ended, also if it was not asked for."""
        self._answer.finish()
        close = getattr(self._parts, "close", None)

        if close is not None:
            close()


def _prepare(served: ServedResponse, user: User) -> None:
    """Take all scripts from a page, or write those that are to run first into it."""
    if user.is_plain:
        served.headers.add("Content-Security-Policy", WITHOUT_SCRIPTS)
        return

    if not user.first_scripts:
        return

    policy = served.headers.get("Content-Security-Policy", "")
    nonce = re.search(r"'nonce-([^']+)'", policy)
    allowed = f' nonce="{nonce[1]}"' if nonce else ""

    if nonce or not policy:
        script = f"<script{allowed}>{user.first_scripts}</script>"
    else:
        script = f'<script src="{START_PATH}"></script>'

    served.call_on_close(getattr(served.response, "close", lambda: None))
    parts = iter(t.cast("Iterable[bytes]", served.response))
    # The rest may come later.
    first = next(parts, b"")
    begin = re.match(rb"\s*<!doctype[^>]*>", first, re.IGNORECASE)
    end = begin.end() if begin else 0
    served.response = chain([first[:end], script.encode(), first[end:]], parts)
    served.headers.pop("Content-Length", None)


def _break(environ: Environ) -> t.NoReturn:
    """Break the connection of a request."""
    connection = t.cast("socket.socket | None", environ.get("werkzeug.socket"))

    if connection is not None:
        # It is closed without a word, and the server waits for no other request.
        now = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        connection.shutdown(socket.SHUT_RDWR)

    raise ConnectionAbortedError
