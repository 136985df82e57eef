"""What a client is told of an error that a handler or a view raised."""

from __future__ import annotations

import typing as t

from werkzeug.exceptions import BadRequestKeyError
from werkzeug.exceptions import HTTPException

from ..errors import CallbackError
from ..globals import application
from ..globals import current_request
from ..globals import logger
from ..protocol.failures import ErrorKind
from ..protocol.failures import Failure
from ..protocol.failures import kind_of_status
from .exchange import exchange_of


def note_failure(view: object, error: HTTPException) -> None:
    """Keep the message of an error that takes Flask's usual way, for the envelope.

    :param error: what a view raised before the life cycle of a callback.
    """
    exchange = exchange_of(current_request().environ)

    if (
        exchange.callback is not None
        and exchange.page is type(view)
        and error.response is None
    ):
        exchange.raised = failure_of(error)


def failure_of(error: HTTPException) -> Failure:
    """Tell what is wrong, as far as the client may know."""
    if isinstance(error, BadRequestKeyError):
        _explain_missing_field(error)

    if not isinstance(error, CallbackError):
        status = t.cast(int, error.code)
        # A text that is translated when it is asked for is never false.
        message = str(error.description or "") or str(error.name)
        return Failure(kind_of_status(status), status, message)

    kind: ErrorKind = "auth" if error.status == 401 else "server"

    if error.fields is not None:
        kind = "invalid"

    return Failure(kind, error.status, error.message, fields=error.fields)


def _explain_missing_field(error: BadRequestKeyError) -> None:
    hint = ""

    if not current_request().form:
        hint = (
            ", nor was any other: put callback_fields() into the page's form, or name"
            " the form in the call"
        )

    logger.warning(
        "A handler asked for the form field %r: not sent%s", error.args[0], hint
    )
    error.show_exception = application().debug
