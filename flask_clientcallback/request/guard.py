"""Who may call: the checks that need no page, cheapest first."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wsgi import get_content_length

from ..config import accepts_post
from ..config import HandlerOptions
from ..config import OPTIONS_ATTRIBUTE
from ..config import options_of
from ..config import Settings
from ..errors import RefusedError
from ..globals import application
from ..globals import current_request
from ..globals import logger
from ..globals import registration_of
from ..globals import setting
from ..protocol.form_data import read_fields
from ..protocol.wire import CLASSIC_ENVIRON
from ..protocol.wire import Failure
from ..protocol.wire import FAILURE_ENVIRON
from ..protocol.wire import MARKER_ENVIRON
from ..protocol.wire import read_callback
from ..protocol.wire import REQUEST_ENVIRON
from ..protocol.wire import take_protocol_fields
from ..protocol.wire import TARGET_FIELD
from ..signals import callback_rejected

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Request

_FORM_TYPE = "application/x-www-form-urlencoded"
_MULTIPART_TYPE = "multipart/form-data"
_NO_FILES: ImmutableMultiDict[str, t.Any] = ImmutableMultiDict()


def admit(endpoint: str | None, values: dict[str, t.Any] | None) -> None:
    """Refuse a callback that must not reach any other code. A
    :meth:`~flask.Flask.url_value_preprocessor`, because these run before
    another extension can read the form.

    :raises RefusedError: it must not.
    """
    app, asked = application(), current_request()

    if asked.routing_exception is not None:
        return

    try:
        if MARKER_ENVIRON in asked.environ:
            _admit_marked(app, asked, endpoint)
        elif asked.method == "POST":
            _admit_classic(app, asked, endpoint)
    except RefusedError as refusal:
        report(refusal)
        raise


def _admit_marked(app: Flask, asked: Request, endpoint: str | None) -> None:
    if asked.method != "POST":
        raise RefusedError(405, "method is not POST")

    settings = registration_of(app).settings
    check_origin(asked, settings)
    page = _find_page(app, endpoint)

    if page is None:
        raise RefusedError(404, "the endpoint is not a class marked @callback_handler")

    _check_length(app, asked, options_of(page), settings)
    own, protocol = take_protocol_fields(_read_fields(asked, settings.max_fields))
    asked.environ[REQUEST_ENVIRON] = read_callback(protocol, asked.files)
    _keep_form(asked, own)


def _admit_classic(app: Flask, asked: Request, endpoint: str | None) -> None:
    """Recognise a callback that has no mark but its fields."""
    page = _find_page(app, endpoint)

    if page is None or _mimetype(asked) != _FORM_TYPE:
        return

    options = options_of(page)
    settings = registration_of(app).settings
    speaks = settings.classic if options.classic is None else options.classic

    if not speaks:
        return

    limit = _find_limit(app, options, settings)
    length = get_content_length(asked.environ)

    if length is None or length > limit:
        # Too long to look into. A view that takes POST itself has limits of its own.
        if accepts_post(page):
            return
    else:
        asked.max_content_length = limit

        if not _names_target(asked.get_data()):
            return

    asked.environ[CLASSIC_ENVIRON] = True
    check_origin(asked, settings)
    _check_length(app, asked, options, settings)
    own, protocol = take_protocol_fields(_read_fields(asked, settings.max_fields))
    asked.environ[REQUEST_ENVIRON] = read_callback(protocol, (), is_classic=True)
    _keep_form(asked, own)


def _names_target(body: bytes) -> bool:
    name = f"{TARGET_FIELD}=".encode()
    return body.startswith(name) or b"&" + name in body


def check_post(app: Flask, asked: Request, options: HandlerOptions) -> None:
    """Refuse a POST to a page that takes none but its own post backs, before its
    form is parsed: Werkzeug has no limit for a form without files.

    :raises RefusedError: it is too long, or does not say how long it is.
    """
    if _mimetype(asked) == _FORM_TYPE:
        settings = registration_of(app).settings
        _check_length(app, asked, options, settings)
        _check_fields(asked.get_data(), settings.max_fields)


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
        raise RefusedError(
            403,
            "cross-site, by Origin: not this application's scheme and host; behind a"
            " proxy it needs ProxyFix",
        )


def _find_page(app: Flask, endpoint: str | None) -> type[t.Any] | None:
    view = app.view_functions.get(endpoint or "")
    page = getattr(view, "view_class", None)
    return page if hasattr(page, OPTIONS_ATTRIBUTE) else None


def _mimetype(asked: Request) -> str:
    # Werkzeug would take apart its parameters too.
    content_type: str = asked.environ.get("CONTENT_TYPE", "")
    return content_type.partition(";")[0].strip().lower()


def _check_length(
    app: Flask, asked: Request, options: HandlerOptions, settings: Settings
) -> None:
    length = get_content_length(asked.environ)

    if length is None:
        raise RefusedError(411, "no Content-Length")

    limit = _find_limit(app, options, settings)

    if length > limit:
        raise RefusedError(413, f"body longer than {limit} bytes")

    asked.max_content_length = limit


def _find_limit(app: Flask, options: HandlerOptions, settings: Settings) -> int:
    if options.max_content_length is not None:
        return options.max_content_length

    limit_of_all = setting(app, "MAX_CONTENT_LENGTH")
    limit = settings.max_content_length
    return limit if limit_of_all is None else min(limit, limit_of_all)


def _check_fields(body: bytes, max_fields: int) -> None:
    if body.count(b"&") >= max_fields:
        raise RefusedError(413, f"more than {max_fields} fields")


def _read_fields(asked: Request, max_fields: int) -> Iterable[tuple[str, str]]:
    mimetype = _mimetype(asked)

    if mimetype == _FORM_TYPE:
        body = asked.get_data()
        _check_fields(body, max_fields)
        # Werkzeug would let through what is not UTF-8.
        asked.files = _NO_FILES  # pyright: ignore - can be set

        try:
            return read_fields(body)
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
