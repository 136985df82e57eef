"""Which callers are admitted: the checks that need no page, the cheapest first."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from itertools import chain

from flask import after_this_request
from werkzeug.routing import Rule
from werkzeug.wsgi import get_content_length

from ..config import accepts_post
from ..config import OPTIONS_ATTRIBUTE
from ..config import options_of
from ..config import origin_of
from ..config import Settings
from ..errors import RefusedError
from ..globals import application
from ..globals import current_request
from ..globals import registration_of
from ..page.limits import find_limit
from ..protocol.wire import read_callback
from ..protocol.wire import take_argument_files
from ..protocol.wire import take_protocol_fields
from ..state.user import take_session
from .body import check_length
from .body import check_post
from .body import FORM_TYPE
from .body import keep_form
from .body import names_target
from .body import read_form
from .body import type_of
from .cached_pages import warn_of_cached_page
from .exchange import Exchange
from .exchange import exchange_of
from .refusals import report

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Request


def admit(endpoint: str | None, values: dict[str, t.Any] | None) -> None:
    """Refuse what no other code may see: a callback, or a POST that the page has no use
    for. This is a :meth:`~flask.Flask.url_value_preprocessor`, because these run before
    another extension can read the form.

    :raises RefusedError: the request is not admitted.
    """
    app, asked = application(), current_request()
    page = find_page(app, endpoint)
    exchange = exchange_of(asked.environ)
    exchange.endpoint = endpoint
    exchange.page = page
    exchange.is_settled = True

    if asked.routing_exception is not None:
        return

    try:
        if exchange.is_marked:
            _admit_marked(app, asked, exchange, page)
        elif asked.method == "POST" and page is not None:
            _admit_unmarked(app, asked, exchange, page)
    except RefusedError as refusal:
        report(refusal)
        raise

    if page is not None:
        exchange.session = take_session(app, asked)

        if not exchange.is_callback:
            after_this_request(warn_of_cached_page)


def _admit_marked(
    app: Flask, asked: Request, exchange: Exchange, page: type[t.Any] | None
) -> None:
    if asked.method != "POST":
        raise RefusedError(405, "method is not POST")

    settings = registration_of(app).settings
    check_origin(asked, settings)

    if page is None:
        raise RefusedError(404, "the endpoint is not a class marked @callback_handler")

    check_length(app, asked, options_of(page), settings)
    _take_callback(asked, exchange, settings.max_fields)


def _admit_unmarked(
    app: Flask, asked: Request, exchange: Exchange, page: type[t.Any]
) -> None:
    options = options_of(page)
    settings = registration_of(app).settings
    speaks = settings.classic if options.classic is None else options.classic

    if speaks and _take_classic(app, asked, exchange, page, settings):
        return

    if not accepts_post(page):
        check_post(app, asked, options, settings, methods_beside_post(asked))


def _take_classic(
    app: Flask,
    asked: Request,
    exchange: Exchange,
    page: type[t.Any],
    settings: Settings,
) -> bool:
    """Recognise a callback that has no mark except its fields, and take it."""
    if type_of(asked) != FORM_TYPE:
        return False

    options = options_of(page)
    limit = find_limit(app, options, settings)
    length = get_content_length(asked.environ)

    if length is None or length > limit.highest:
        # Too long to examine. A view that accepts POST itself has its own limits.
        if accepts_post(page):
            return False
    else:
        asked.max_content_length = limit.highest

        if not names_target(asked):
            return False

    exchange.is_classic = True
    check_origin(asked, settings)
    check_length(app, asked, options, settings)
    _take_callback(asked, exchange, settings.max_fields)
    return True


def methods_beside_post(asked: Request) -> list[str]:
    """List the methods of a URL whose page has no use for a POST."""
    rule = t.cast(Rule, asked.url_rule)
    return sorted((rule.methods or set()) - {"POST"})


def _take_callback(asked: Request, exchange: Exchange, max_fields: int) -> None:
    """Separate the form's own fields from the protocol's."""
    own, protocol = take_protocol_fields(read_form(asked, max_fields))
    files, argument_files = take_argument_files(asked.files)

    if argument_files:
        _close_with(asked, chain.from_iterable(argument_files.values()))

    exchange.callback = read_callback(
        protocol, asked.files, argument_files, is_classic=exchange.is_classic
    )
    keep_form(asked, own, files if argument_files else None)


def _close_with(asked: Request, files: Iterable[t.Any]) -> None:
    """Close the files outside of the form together with the form's files."""

    def close() -> None:
        # Werkzeug's own method, without a cycle.
        del asked.close
        asked.close()

        for file in files:
            file.close()

    # For this request alone; mypy takes it for a method of all requests.
    asked.close = close  # type: ignore[method-assign]


def check_origin(asked: Request, settings: Settings) -> None:
    """Refuse a request from another site's page. Browsers tell the origin in a header
    that no script can set.

    :raises RefusedError: it is from another site.
    """
    site = asked.environ.get("HTTP_SEC_FETCH_SITE")
    origin = asked.environ.get("HTTP_ORIGIN")

    # A form under the policy "no-referrer" has the Origin "null" all the same.
    if site == "same-origin" or (site is None and origin is None):
        return

    if origin is not None and origin.lower() in settings.trusted_origins:
        return

    if site is not None:
        raise RefusedError(403, "cross-site, by Sec-Fetch-Site")

    if t.cast(str, origin).lower() != _own_origin(asked):
        raise RefusedError(
            403,
            "cross-site, by Origin: not this application's scheme and host; behind a"
            " proxy it needs ProxyFix",
        )


def _own_origin(asked: Request) -> str | None:
    """Tell the origin that the request was sent to, as a browser writes it; ``None`` if
    it names no host.
    """
    # As it was sent: Werkzeug would decode the name of an international host.
    host = asked.environ.get("HTTP_HOST")
    origin = origin_of(asked.scheme, asked.host if host is None else host)
    return None if origin.endswith("/") else origin


def find_page(app: Flask, endpoint: str | None) -> type[t.Any] | None:
    """Get the class of the page at an endpoint, or ``None`` if there is no page."""
    view = app.view_functions.get(endpoint or "")
    page = getattr(view, "view_class", None)
    return page if hasattr(page, OPTIONS_ATTRIBUTE) else None
