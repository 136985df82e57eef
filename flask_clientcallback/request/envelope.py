"""The WSGI wrapper: whoever answers a callback, the answer has the protocol's
form.
"""

from __future__ import annotations

import functools
import itertools
import traceback
import typing as t
from collections.abc import Iterable

from werkzeug.wsgi import ClosingIterator

from ..globals import one_line
from ..protocol.answers import Headers
from ..protocol.failures import Failure
from ..protocol.failures import foreign_failure
from .exchange import begin_exchange
from .exchange import end_exchange
from .exchange import MARK
from .sender import complete
from .sender import Sender

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask


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
        exchange, outer = begin_exchange(environ)
        # Another application's envelope may be around this one.
        is_outermost = not exchange.is_enveloped
        exchange.is_enveloped = True
        foreign: list[tuple[int, Headers]] = []
        started = False

        def start(status: str, headers: Headers, *exc_info: t.Any) -> t.Any:
            nonlocal started
            started = True
            foreign.clear()
            mark = _find_mark(headers)

            if mark is None and not exchange.is_callback:
                return start_response(status, headers, *exc_info)

            if mark == exchange.mark:
                headers = complete(headers, exchange, is_outermost=is_outermost)
                return start_response(status, headers, *exc_info)

            foreign.append((int(status[:3]), headers))
            return _discard

        try:
            body = self._wsgi_app(environ, start)

            if not started and exchange.is_callback:
                # A generator starts its response when its first part is taken.
                body = _with_first_part(body)
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
            sender = Sender(exchange, environ, start_response, is_outermost)
            return sender.send(self._crash(error, exchange.error_id), [])
        finally:
            exchange.is_settled |= is_outermost and started
            end_exchange(environ, outer)

        if not foreign:
            return body

        _close(body)
        sender = Sender(exchange, environ, start_response, is_outermost)

        if not exchange.is_callback:
            return sender.send_strange()

        return sender.replace(*foreign[0], debug=self._app.debug)

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


def _find_mark(headers: Headers) -> str | None:
    for name, value in headers:
        if name.lower() == MARK:
            return value

    return None


def _with_first_part(body: Iterable[bytes]) -> Iterable[bytes]:
    """Take the first part of a body, and put it back."""
    parts = iter(body)

    try:
        first = next(parts, b"")
    except BaseException:
        _close(body)
        raise

    return ClosingIterator(
        itertools.chain([first], parts), functools.partial(_close, body)
    )


def _close(body: t.Any) -> None:
    if hasattr(body, "close"):
        body.close()


def _discard(data: bytes) -> None:
    """Drop what is written to a response that is replaced."""
