"""Who may call: the checks that need no page, cheapest first."""

from __future__ import annotations

import logging
import typing as t

from flask import current_app
from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from .config import HandlerOptions
from .config import OPTIONS_ATTRIBUTE
from .errors import RefusedError
from .globals import application
from .globals import registration
from .signals import callback_rejected
from .wire import Failure
from .wire import FAILURE_ENVIRON
from .wire import MARKER_ENVIRON

logger = logging.getLogger("flask_clientcallback")

_FORM_TYPE = "application/x-www-form-urlencoded"
_MULTIPART_TYPE = "multipart/form-data"


def is_marked() -> bool:
    """Tell whether the request says that it is a callback."""
    return MARKER_ENVIRON in request.environ


def admit(endpoint: str | None, values: dict[str, t.Any] | None) -> None:
    """Refuse a callback that must not reach any other code. A
    :meth:`~flask.Flask.url_value_preprocessor`, because these run before
    another extension can read the form.

    :raises RefusedError: it must not.
    """
    if not is_marked() or request.routing_exception is not None:
        return

    try:
        _check_method()
        check_origin()
        options = _check_page()
        _check_length(options.max_content_length)
        _check_body()
    except RefusedError as refusal:
        report(refusal)
        raise


def report(refusal: RefusedError) -> None:
    """Log a refusal, tell the signal, and note it for the answer."""
    logger.warning(
        "Refused with %d %s: %s (endpoint %s, address %s)",
        refusal.status,
        refusal.kind,
        refusal.reason,
        request.endpoint,
        request.remote_addr,
    )
    request.environ[FAILURE_ENVIRON] = Failure(
        refusal.kind, refusal.status, refusal.message
    )
    app = application()
    callback_rejected.send(app, _async_wrapper=app.ensure_sync, reason=refusal.reason)


def check_origin() -> None:
    """Refuse what another site's page sent. A browser tells by itself, in a
    header that no script can set.

    :raises RefusedError: it did.
    """
    headers = request.headers
    site = headers.get("Sec-Fetch-Site")

    if site is not None:
        # A form sent under "no-referrer" has the Origin "null" all the same.
        if site != "same-origin":
            raise RefusedError(403, "cross-site, by Sec-Fetch-Site")

        return

    origin = headers.get("Origin")

    if origin is not None and origin.lower() != request.host_url[:-1].lower():
        raise RefusedError(403, "cross-site, by Origin")


def _check_method() -> None:
    if request.method != "POST":
        raise RefusedError(405, "method is not POST")


def _check_page() -> HandlerOptions:
    view = current_app.view_functions.get(request.endpoint or "")
    options = getattr(getattr(view, "view_class", None), OPTIONS_ATTRIBUTE, None)

    if options is None:
        raise RefusedError(404, "the endpoint is not a class marked @callback_handler")

    return t.cast(HandlerOptions, options)


def _check_length(max_content_length: int | None) -> None:
    length = request.content_length

    if length is None:
        raise RefusedError(411, "no Content-Length")

    if max_content_length is None:
        max_content_length = registration().settings.max_content_length

        if request.max_content_length is not None:
            max_content_length = min(max_content_length, request.max_content_length)

    if length > max_content_length:
        raise RefusedError(413, f"body longer than {max_content_length} bytes")

    # A field may be as long as the body, whatever the limit for other forms.
    request.max_content_length = max_content_length
    request.max_form_memory_size = max_content_length


def _check_body() -> None:
    max_fields = registration().settings.max_fields

    if request.mimetype == _FORM_TYPE:
        body = request.get_data()

        if body.count(b"&") >= max_fields:
            raise RefusedError(413, f"more than {max_fields} fields")

        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise RefusedError(400, "body is not UTF-8") from error
    elif request.mimetype == _MULTIPART_TYPE:
        request.max_form_parts = max_fields

        try:
            request.form  # noqa: B018 - the limit is checked as the form is parsed
        except RequestEntityTooLarge as error:
            raise RefusedError(413, f"more than {max_fields} fields") from error
    else:
        raise RefusedError(415, "body is not form-encoded or multipart")
