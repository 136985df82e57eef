"""Who may call: the checks that need no page, cheapest first."""

from __future__ import annotations

import logging
import typing as t
from collections.abc import Iterable
from urllib.parse import parse_qsl

from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from .config import HandlerOptions
from .config import OPTIONS_ATTRIBUTE
from .config import Settings
from .errors import RefusedError
from .globals import application
from .globals import current_request
from .globals import registration
from .globals import setting
from .signals import callback_rejected
from .wire import CLASSIC_ENVIRON
from .wire import Failure
from .wire import FAILURE_ENVIRON
from .wire import MARKER_ENVIRON
from .wire import read_callback
from .wire import REQUEST_ENVIRON
from .wire import take_protocol_fields
from .wire import TARGET_FIELD

if t.TYPE_CHECKING:
    from flask import Request

logger: logging.Logger = logging.getLogger("flask_clientcallback")

_FORM_TYPE = "application/x-www-form-urlencoded"
_MULTIPART_TYPE = "multipart/form-data"


def admit(endpoint: str | None, values: dict[str, t.Any] | None) -> None:
    """Refuse a callback that must not reach any other code. A
    :meth:`~flask.Flask.url_value_preprocessor`, because these run before
    another extension can read the form.

    :raises RefusedError: it must not.
    """
    asked = current_request()

    if asked.routing_exception is not None:
        return

    try:
        if MARKER_ENVIRON in asked.environ:
            _admit_marked(asked, endpoint)
        elif asked.method == "POST":
            _admit_classic(asked, endpoint)
    except RefusedError as refusal:
        report(refusal)
        raise


def _admit_marked(asked: Request, endpoint: str | None) -> None:
    if asked.method != "POST":
        raise RefusedError(405, "method is not POST")

    settings = registration().settings
    check_origin(asked, settings)
    options = _find_options(endpoint)

    if options is None:
        raise RefusedError(404, "the endpoint is not a class marked @callback_handler")

    _check_length(asked, options, settings)
    own, protocol = take_protocol_fields(_read_fields(asked, settings.max_fields))
    asked.environ[REQUEST_ENVIRON] = read_callback(protocol, asked.files)
    _keep_form(asked, own)


def _admit_classic(asked: Request, endpoint: str | None) -> None:
    """Recognise a callback that has no mark but its fields."""
    options = _find_options(endpoint)

    if options is None or asked.mimetype != _FORM_TYPE:
        return

    settings = registration().settings
    speaks = settings.classic if options.classic is None else options.classic

    if not speaks or not _names_target(asked, options, settings):
        return

    asked.environ[CLASSIC_ENVIRON] = True
    check_origin(asked, settings)
    _check_length(asked, options, settings)
    own, protocol = take_protocol_fields(_read_fields(asked, settings.max_fields))
    asked.environ[REQUEST_ENVIRON] = read_callback(protocol, (), is_classic=True)
    _keep_form(asked, own)


def _names_target(asked: Request, options: HandlerOptions, settings: Settings) -> bool:
    length = asked.content_length

    if length is None or length > _find_limit(options, settings):
        # Read as any other post back, and no further than Flask's own limits.
        return TARGET_FIELD in asked.form

    return f"{TARGET_FIELD}=".encode() in asked.get_data()


def _keep_form(asked: Request, own: list[tuple[str, str]]) -> None:
    """Leave the page's own fields to all who ask for the form."""
    asked.form = ImmutableMultiDict(own)  # pyright: ignore - can be set


def report(refusal: RefusedError) -> None:
    """Log a refusal, tell the signal, and note it for the answer."""
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

    asked.environ[FAILURE_ENVIRON] = Failure(refusal.kind, refusal.status, message)
    callback_rejected.send(app, _async_wrapper=app.ensure_sync, reason=refusal.reason)


def check_origin(asked: Request, settings: Settings) -> None:
    """Refuse what another site's page sent. A browser tells by itself, in a
    header that no script can set.

    :raises RefusedError: it did.
    """
    site = asked.environ.get("HTTP_SEC_FETCH_SITE")
    origin = asked.environ.get("HTTP_ORIGIN")

    # A form sent under "no-referrer" has the Origin "null" all the same.
    if site == "same-origin" or (site is None and origin is None):
        return

    if origin is not None and origin.lower() in settings.trusted_origins:
        return

    if site is not None:
        raise RefusedError(403, "cross-site, by Sec-Fetch-Site")

    if t.cast(str, origin).lower() != asked.host_url[:-1].lower():
        raise RefusedError(403, "cross-site, by Origin")


def _find_options(endpoint: str | None) -> HandlerOptions | None:
    view = application().view_functions.get(endpoint or "")
    return getattr(getattr(view, "view_class", None), OPTIONS_ATTRIBUTE, None)


def _check_length(asked: Request, options: HandlerOptions, settings: Settings) -> None:
    length = asked.content_length

    if length is None:
        raise RefusedError(411, "no Content-Length")

    limit = _find_limit(options, settings)

    if length > limit:
        raise RefusedError(413, f"body longer than {limit} bytes")

    asked.max_content_length = limit


def _find_limit(options: HandlerOptions, settings: Settings) -> int:
    if options.max_content_length is not None:
        return options.max_content_length

    limit_of_all = setting(application(), "MAX_CONTENT_LENGTH")
    limit = settings.max_content_length
    return limit if limit_of_all is None else min(limit, limit_of_all)


def _read_fields(asked: Request, max_fields: int) -> Iterable[tuple[str, str]]:
    mimetype = asked.mimetype

    if mimetype == _FORM_TYPE:
        body = asked.get_data()

        if body.count(b"&") >= max_fields:
            raise RefusedError(413, f"more than {max_fields} fields")

        # Werkzeug would let through what is not UTF-8.
        asked.files = ImmutableMultiDict()  # pyright: ignore - can be set

        try:
            return parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
        except UnicodeDecodeError as error:
            raise RefusedError(400, "body is not UTF-8") from error

    if mimetype == _MULTIPART_TYPE:
        # A field may be as long as the body, whatever the limit for other forms.
        asked.max_form_memory_size = asked.max_content_length
        asked.max_form_parts = max_fields

        try:
            return asked.form.items(multi=True)
        except RequestEntityTooLarge as error:
            raise RefusedError(413, f"more than {max_fields} fields") from error

    raise RefusedError(415, "body is not form-encoded or multipart")
