"""What a refused request is answered, and who is told of it."""

from __future__ import annotations

from ..errors import RefusedError
from ..globals import application
from ..globals import current_request
from ..globals import logger
from ..protocol.wire import Failure
from ..signals import callback_rejected
from .exchange import exchange_of


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
    message = refusal.message

    if app.debug:
        message = f"{message} ({refusal.reason})"

    exchange_of(asked.environ).refused = Failure(refusal.kind, refusal.status, message)
    callback_rejected.send(app, _async_wrapper=app.ensure_sync, reason=refusal.reason)
