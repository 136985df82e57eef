"""A real server for an application, in a thread."""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import ExitStack

from werkzeug.serving import make_server
from werkzeug.serving import WSGIRequestHandler

from ..engines.gateway import Application

ANSWER = "tests.answer"
"""Where the environment of a request has what is to be closed."""


class _Handler(WSGIRequestHandler):
    """Writes no line for each request, and closes each answer."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def connection_dropped(
        self, error: BaseException, environ: dict[str, t.Any] | None = None
    ) -> None:
        """Close the answer. Werkzeug's own server leaves it open if what it reads of
        the request shows first that the connection broke.
        """
        if environ is not None and ANSWER in environ:
            environ[ANSWER].close()


def _keep(app: Application) -> Application:
    """Keep each answer, so that it can be closed once."""

    def run(environ: dict[str, t.Any], start_response: t.Any) -> Iterable[bytes]:
        answer = app(environ, start_response)
        environ[ANSWER] = closed = _Closed(answer)
        return closed

    return run


class _Closed:
    """An answer that is closed once."""

    def __init__(self, answer: Iterable[bytes]) -> None:
        self._answer = answer
        self._stack = ExitStack()
        self._stack.callback(getattr(answer, "close", lambda: None))
        self.close = self._stack.close

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)


@contextmanager
def serving(app: Application, port: int = 0) -> Generator[int]:
    """Serve an application, and give the port."""
    server = make_server(
        "127.0.0.1", port, _keep(app), threaded=True, request_handler=_Handler
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()

    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
