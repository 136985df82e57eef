"""The WSGI wrapper: whoever answers a callback, the answer has the protocol's
form.
"""

from __future__ import annotations

import functools
import itertools
import traceback
import typing as t
from collections.abc import Iterable

from werkzeug.datastructures import Headers as HeaderMap
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wsgi import ClosingIterator

from ..globals import one_line
from ..protocol.wire import ANSWER_HEADERS
from ..protocol.wire import CLASSIC_CONTENT_TYPE
from ..protocol.wire import CONTENT_TYPE
from ..protocol.wire import CONTENT_TYPE_HEADER
from ..protocol.wire import Failure
from ..protocol.wire import foreign_failure
from ..protocol.wire import Headers
from ..protocol.wire import MARKER_CLASSIC
from ..protocol.wire import MARKER_ENVIRON
from ..protocol.wire import MARKER_HEADER
from ..protocol.wire import MARKER_RESPONSE
from ..protocol.wire import redirect_body
from .exchange import Exchange
from .exchange import exchange_of

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask

_OF_THE_BODY = frozenset(
    (
        "accept-ranges",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "etag",
        "expires",
        "last-modified",
        "location",
        "transfer-encoding",
        "x-content-type-options",
    )
)
"""Headers that describe a body which is replaced. All others survive."""


_CLASSIC_CONTENT_TYPE_HEADER = ("Content-Type", CLASSIC_CONTENT_TYPE)
_OURS = frozenset(name.lower() for name, _ in ANSWER_HEADERS)


class Envelope:
    """Wraps an application and replaces each answer to a callback that does not
    have the protocol's form: those of other views and extensions, of error
    handlers and of Flask itself.

    An ``after_request`` function could not do this: functions that were
    registered before it run after it.

    :param wsgi_app: what is wrapped.
    :param app: the application, for its ``debug`` and ``testing``.
    """

    def __init__(self, wsgi_app: WSGIApplication, app: Flask) -> None:
        self._wsgi_app = wsgi_app
        self._app = app

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" and MARKER_ENVIRON not in environ:
            return self._wsgi_app(environ, start_response)

        exchange = exchange_of(environ)
        foreign: list[tuple[int, Headers]] = []
        started = False

        def start(status: str, headers: Headers, *exc_info: t.Any) -> t.Any:
            nonlocal started
            started = True
            foreign.clear()

            if not exchange.is_callback:
                return start_response(status, headers, *exc_info)

            if _is_ours(headers, exchange):
                return start_response(status, _complete(headers), *exc_info)

            if _is_passed_through(headers, exchange):
                return start_response(status, headers, *exc_info)

            foreign.append((int(status[:3]), headers))
            return _discard

        try:
            body = self._wsgi_app(environ, start)

            if not started and exchange.is_callback:
                # A generator starts its response when its first part is taken.
                parts = iter(body)
                closed = functools.partial(_close, body)
                body = ClosingIterator(
                    itertools.chain([next(parts, b"")], parts), closed
                )
        except Exception as error:
            if (
                not exchange.is_callback
                or self._app.testing
                or self._app.config["PROPAGATE_EXCEPTIONS"]
            ):
                raise

            self._app.logger.error(
                "Exception on %s [%s]",
                one_line(environ.get("PATH_INFO")),
                one_line(environ["REQUEST_METHOD"]),
                exc_info=error,
            )
            failure = self._crash(error, exchange.error_id)
            return _send(failure, [], exchange, start_response)

        if not foreign:
            return body

        _close(body)
        return _replace(*foreign[0], exchange, start_response)

    def _crash(self, error: Exception, error_id: str | None) -> Failure:
        if not self._app.debug:
            return foreign_failure(500, error_id)

        return Failure(
            "server",
            500,
            f"{type(error).__name__}: {error}",
            error_id,
            traceback="".join(traceback.format_exception(error)),
        )


def _is_ours(headers: Headers, exchange: Exchange) -> bool:
    # The package's own answers begin with their content type.
    if headers and headers[0] == CONTENT_TYPE_HEADER:
        return True

    found = HeaderMap(headers)

    if exchange.is_marked:
        return found.get("Content-Type") == CONTENT_TYPE

    return found.get(MARKER_HEADER) == MARKER_CLASSIC


def _is_passed_through(headers: Headers, exchange: Exchange) -> bool:
    return (
        exchange.is_marked and HeaderMap(headers).get(MARKER_HEADER) == MARKER_RESPONSE
    )


def _complete(headers: Headers) -> Headers:
    """Put the headers of every answer in the place of what others set. Here they
    are a list; each one that a Response carries costs more than this.
    """
    return [*(h for h in headers if h[0].lower() not in _OURS), *ANSWER_HEADERS]


def _replace(
    status: int,
    headers: Headers,
    exchange: Exchange,
    start_response: StartResponse,
) -> Iterable[bytes]:
    kept = [item for item in headers if item[0].lower() not in _OF_THE_BODY]
    location = HeaderMap(headers).get("Location")

    if exchange.refused is not None:
        return _send(exchange.refused, kept, exchange, start_response)

    if 300 <= status < 400 and location is not None and exchange.is_marked:
        kept = [CONTENT_TYPE_HEADER, *kept]
        return _send_text(redirect_body(location), 200, kept, start_response)

    raised = exchange.raised

    # An error handler of the application may have made something else of it.
    if raised is not None and raised.status == status:
        return _send(raised, kept, exchange, start_response)

    failure = foreign_failure(status, exchange.error_id)
    return _send(failure, kept, exchange, start_response)


def _send(
    failure: Failure,
    kept: Headers,
    exchange: Exchange,
    start_response: StartResponse,
) -> Iterable[bytes]:
    if exchange.is_marked:
        text, content_type = failure.body(), CONTENT_TYPE_HEADER
    else:
        text, content_type = failure.classic_body(), _CLASSIC_CONTENT_TYPE_HEADER

    return _send_text(text, failure.status, [content_type, *kept], start_response)


def _send_text(
    text: str, status: int, headers: Headers, start_response: StartResponse
) -> Iterable[bytes]:
    body = text.encode()
    phrase = HTTP_STATUS_CODES.get(status, "Unknown")
    length = ("Content-Length", str(len(body)))
    start_response(f"{status} {phrase}", [*headers, *ANSWER_HEADERS, length])
    return [body]


def _close(body: t.Any) -> None:
    if hasattr(body, "close"):
        body.close()


def _discard(data: bytes) -> None:
    """Drop what is written to a response that is replaced."""
