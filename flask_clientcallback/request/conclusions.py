"""How a callback ends: in an exception, or with the last line of its answer."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from flask import got_request_exception

from ..errors import RefusedError
from ..globals import logger
from ..page.hooks import HookAnswered
from ..page.live_page import LivePage
from ..protocol.compact_json import decode_json
from ..protocol.compact_json import encode_json
from ..protocol.failures import Failure
from ..protocol.failures import foreign_failure
from .exchange import Exchange
from .exchange import MARK_HEADER
from .raised_errors import propagates
from .refusals import report
from .refusals import report_error
from .responses import respond_early
from .responses import respond_error

if t.TYPE_CHECKING:
    from types import TracebackType

    from flask import Flask
    from flask import Response


def respond_failed(
    app: Flask, exchange: Exchange, live: LivePage, error: Exception
) -> Response:
    """Answer for an exception that ended a callback and its page.

    :raises HookAnswered: a hook answered instead.
    :raises RefusedError: for example, the target is unknown.
    :raises Exception: it takes Flask's usual way.
    """
    if isinstance(error, (HookAnswered, RefusedError)):
        raise error

    report_error(app, live.page, error)
    return respond_error(app, exchange, error)


def respond_hook(app: Flask, exchange: Exchange, answered: HookAnswered) -> Response:
    """Answer a callback that a hook ended, and name the hook if it may not."""
    response = app.make_response(answered.response)

    if response.status_code < 300:
        logger.info(
            "%s ended a callback; only a redirect or an error may.", answered.hook
        )

    return respond_early(app, exchange, response)


def conclude_lines(
    app: Flask, exchange: Exchange, live: LivePage, end: Callable[[], Response]
) -> str:
    """End a callback that is answered in lines, and its page. Return the last line.

    :param end: returns the plain answer, or raises what ended the callback.
    :raises Exception: no error handler of the application answers it; or it can still
        take Flask's usual way, as code inside the request reads the answer.
    """
    try:
        return _text_of(exchange, _conclude(app, exchange, live, end))
    except HookAnswered as answered:
        return _text_of(exchange, respond_hook(app, exchange, answered))
    except RefusedError as refusal:
        report(refusal)
        return t.cast(Failure, exchange.refused).body(has_status=True)
    except Exception as error:
        if not exchange.has_begun:
            raise

        return _text_of(exchange, _handle(app, exchange, error))


def _conclude(
    app: Flask, exchange: Exchange, live: LivePage, end: Callable[[], Response]
) -> Response:
    try:
        with live:
            return end()
    except Exception as error:
        return respond_failed(app, exchange, live, error)


def _handle(app: Flask, exchange: Exchange, error: Exception) -> Response:
    try:
        returned = app.handle_user_exception(error)
    except Exception as unhandled:
        report_crash(app, unhandled)
        raise

    return respond_early(app, exchange, returned)


def report_crash(app: Flask, error: Exception) -> None:
    """Tell Flask's signal and its log of an exception that nobody handles."""
    got_request_exception.send(app, _async_wrapper=app.ensure_sync, exception=error)

    if not propagates(app):
        traceback = t.cast("TracebackType", error.__traceback__)
        app.log_exception((type(error), error, traceback))


def _text_of(exchange: Exchange, response: Response) -> str:
    """Write the content of an answer as the last line."""
    status = response.status_code

    # The answer of an error handler, for example, knows nothing of callbacks.
    if response.headers.get(MARK_HEADER) != exchange.mark:
        return foreign_failure(status, exchange.error_id).body(has_status=True)

    text = response.get_data(as_text=True)

    if status == 200:
        return text

    return encode_json({"error": {**decode_json(text)["error"], "status": status}})
