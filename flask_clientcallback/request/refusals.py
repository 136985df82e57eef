"""The answer to a refused request, and the signals for refusals and exceptions."""

from __future__ import annotations

import typing as t

from blinker import NamedSignal
from werkzeug.exceptions import HTTPException

from ..errors import RefusedError
from ..globals import application
from ..globals import current_request
from ..globals import logger
from ..page.page import Page
from ..protocol.failures import Failure
from ..protocol.failures import give_error_id
from ..signals import callback_error
from ..signals import callback_rejected
from .exchange import exchange_of

if t.TYPE_CHECKING:
    from flask import Flask


def report(refusal: RefusedError) -> None:
    """Log a refusal, send the signal, and give the envelope the answer. In debug mode
    the refusal itself tells the reason too.
    """
    asked = current_request()
    logger.warning(
        "Refused with %d %s: %s (endpoint %s, address %s)",
        refusal.status,
        refusal.kind,
        refusal.reason,
        asked.endpoint,
        asked.remote_addr,
    )
    app = application()
    failure = Failure(refusal.kind, refusal.status, refusal.message)

    if app.debug:
        failure = failure.explained(refusal.reason)
        # For a post back, which is answered with a page.
        refusal.description = failure.message

    exchange_of(asked.environ).refused = failure
    _tell(callback_rejected, app, reason=refusal.reason)


def report_error(app: Flask, page: Page, error: Exception) -> None:
    """Send the signal for an exception that ended a callback. If the exception takes
    Flask's usual way into the log, it gets the id that the visitor sees.
    """
    error_id = None

    if not isinstance(error, HTTPException):
        error_id = give_error_id(error)
        exchange_of(current_request().environ).error_id = error_id

    _tell(callback_error, app, page=page, exception=error, error_id=error_id)


def _tell(signal: NamedSignal, app: Flask, **keywords: t.Any) -> None:
    """Send a signal about an error. An exception of a receiver is logged, so that the
    request is answered all the same.
    """
    try:
        signal.send(app, _async_wrapper=app.ensure_sync, **keywords)
    except Exception:
        logger.exception("A receiver of the signal %s failed", signal.name)
