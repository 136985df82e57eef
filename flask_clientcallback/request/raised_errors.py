"""What a client learns about an error that a handler or a view raised."""

from __future__ import annotations

import typing as t

from werkzeug.exceptions import BadRequestKeyError
from werkzeug.exceptions import HTTPException

from ..globals import application
from ..globals import current_request
from ..globals import logger
from ..globals import one_line
from ..globals import setting
from ..protocol.failures import Failure
from ..protocol.failures import raised_failure
from .exchange import exchange_of

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask


def note_failure(view: object, error: HTTPException) -> None:
    """Keep the message of an error that takes Flask's usual way, for the envelope.

    :param error: raised by a view before the life cycle of a callback.
    """
    exchange = exchange_of(current_request().environ)

    if (
        exchange.callback is not None
        and exchange.page is type(view)
        and error.response is None
    ):
        exchange.raised = failure_of(error)


def failure_of(error: HTTPException) -> Failure:
    """Tell what is wrong, as much as the client may know."""
    if isinstance(error, BadRequestKeyError):
        _explain_missing_field(error)

    return raised_failure(error)


def propagates(app: Flask) -> bool:
    """Tell whether exceptions go on to the server. Debug mode answers them too."""
    said: bool | None = setting(app, "PROPAGATE_EXCEPTIONS")
    return app.testing if said is None else said


def log_crash(app: Flask, environ: WSGIEnvironment, error: BaseException) -> None:
    """Log an exception as Flask does, when no request is current."""
    app.logger.error(
        "Exception on %s [%s]",
        one_line(environ.get("PATH_INFO")),
        one_line(environ["REQUEST_METHOD"]),
        exc_info=error,
    )


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
