"""What a refused request is answered, and who is told of it."""

from __future__ import annotations

import typing as t

from blinker import NamedSignal

from ..errors import RefusedError
from ..globals import application
from ..globals import current_request
from ..globals import logger
from ..protocol.failures import Failure
from ..signals import callback_rejected
from .exchange import exchange_of

if t.TYPE_CHECKING:
    from flask import Flask


def report(refusal: RefusedError) -> None:
    """Log a refusal, tell the signal, and note for the envelope what it is answered."""
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
    exchange_of(asked.environ).refused = (
        failure.explained(refusal.reason) if app.debug else failure
    )
    tell(callback_rejected, app, reason=refusal.reason)


def tell(signal: NamedSignal, app: Flask, **keywords: t.Any) -> None:
    """Send the signal of something that went wrong. A receiver that raises is logged,
    so that what it was told of is answered all the same.
    """
    try:
        signal.send(app, _async_wrapper=app.ensure_sync, **keywords)
    except Exception:
        logger.exception("A receiver of the signal %s failed", signal.name)
