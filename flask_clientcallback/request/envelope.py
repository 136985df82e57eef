"""The WSGI wrapper: it gives each answer to a callback the protocol's form, whatever
part made it.
"""

from __future__ import annotations

import functools
import itertools
import typing as t
from collections.abc import Iterable

from werkzeug.wsgi import ClosingIterator

from ..protocol.answers import Headers
from ..protocol.failures import crash_failure
from .exchange import begin_exchange
from .exchange import end_exchange
from .exchange import Exchange
from .exchange import MARK
from .raised_errors import log_crash
from .sender import complete
from .sender import Sender

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask


class Envelope:
    """Wraps an application and replaces each answer to a callback that does not have
    the protocol's form: answers of other views, extensions, error handlers and of Flask
    itself.

    An ``after_request`` function could not do this: functions that were registered
    earlier run later.

    :param wsgi_app: the wrapped WSGI application.
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
        # The end of the request may still fail.
        held: list[tuple[t.Any, ...]] = []
        written: list[bytes] = []
        started = returned = False

        def start(status: str, headers: Headers, *exc_info: t.Any) -> t.Any:
            nonlocal started
            started = True
            foreign.clear()
            held.clear()
            mark = _find_mark(headers)

            if mark is None and not exchange.is_callback:
                return start_response(status, headers, *exc_info)

            if mark == exchange.mark:
                exchange.has_begun = True
                headers = complete(headers, exchange, is_outermost=is_outermost)

                if returned:
                    return start_response(status, headers, *exc_info)

                held.append((status, headers, *exc_info))
                return written.append

            foreign.append((int(status[:3]), headers))
            return _discard

        try:
            body = self._wsgi_app(environ, start)

            if not started and exchange.is_callback:
                # A generator starts its response when its first part is taken.
                body = _with_first_part(body)

            returned = True
        except Exception as error:
            _end_stream(exchange)

            if (
                not exchange.is_callback
                or self._app.testing
                or self._app.config["PROPAGATE_EXCEPTIONS"]
            ):
                raise

            log_crash(self._app, environ, error)
            sender = Sender(exchange, environ, start_response, is_outermost)
            debug = self._app.debug
            failure = crash_failure(error, exchange.error_id, debug=debug)
            return sender.send(failure, [])
        finally:
            exchange.is_settled |= is_outermost and started
            end_exchange(environ, outer)

        if held:
            write = start_response(*held[0])

            for data in written:
                write(data)

        if not foreign:
            if exchange.stream is None:
                return body

            # Another body may replace it, and not close it.
            return ClosingIterator(body, functools.partial(_end_stream, exchange))

        _close(body)
        _end_stream(exchange)
        sender = Sender(exchange, environ, start_response, is_outermost)

        if not exchange.is_callback:
            return sender.send_strange()

        return sender.replace(*foreign[0], debug=self._app.debug)


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


def _end_stream(exchange: Exchange) -> None:
    """End an answer in lines if nobody reads it any more. Its request ends with it."""
    if exchange.stream is not None:
        exchange.stream.close()


def _close(body: t.Any) -> None:
    if hasattr(body, "close"):
        body.close()


def _discard(data: bytes) -> None:
    """Drop what is written to a replaced response."""
