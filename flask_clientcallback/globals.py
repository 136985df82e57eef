"""The current request's application record, and the place of the page that answers the
request.
"""

from __future__ import annotations

import logging
import typing as t
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property

from flask import current_app
from flask import g
from flask import request
from flask import session
from flask.globals import app_ctx
from werkzeug.local import LocalProxy

from .config import Settings
from .errors import ConfigurationError
from .errors import OutsidePageError
from .protocol.state_tokens import Tokens
from .protocol.state_tokens import TokensCache
from .typing import StartJob
from .typing import SupportsCallback
from .typing import Translations
from .typing import Untranslated
from .typing import UserKey

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Request
    from flask.sessions import SessionMixin

EXTENSION_NAME = "clientcallback"

_PAGES = "_clientcallback_pages"

logger: logging.Logger = logging.getLogger("flask_clientcallback")


def one_line(value: object) -> str:
    """Write a value as one line for a log. No client can turn it into two lines, and no
    terminal obeys it.
    """
    text = str(value)

    if text.isprintable():
        return text

    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape").decode()
        for character in text
    )


class _OneLine(logging.Filter):
    """Makes each record one line, whatever its parts are."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()

        if not message.isprintable():
            record.msg, record.args = one_line(message), None

        return True


logger.addFilter(_OneLine())

# The objects behind the proxies: one access through a proxy costs as much as ten to the
# object, and signals tell their senders apart by identity. Flask types the proxies as
# their objects, which lack this method.
application: Callable[[], Flask] = current_app._get_current_object  # type: ignore[attr-defined]
current_request: Callable[[], Request] = request._get_current_object  # type: ignore[attr-defined]
current_session: Callable[[], SessionMixin] = session._get_current_object  # type: ignore[attr-defined]
_current_app_context: Callable[[], object] = app_ctx._get_current_object  # type: ignore[attr-defined]
_current_g: Callable[[], t.Any] = g._get_current_object


@dataclass(frozen=True)
class Registration:
    """What ``app.extensions["clientcallback"]`` holds. It has no data of a request.

    .. versionadded:: 0.1
    """

    user_key: UserKey | None = None
    supports_callback: SupportsCallback | None = None
    translations: Translations = field(default_factory=Untranslated)
    start_job: StartJob | None = None
    warned: set[str] = field(default_factory=set[str], repr=False)
    """The endpoints for which a once-only warning was logged."""
    made: dict[str, t.Any] = field(default_factory=dict[str, t.Any], repr=False)
    """What later modules make when they first need it: the store, the job runner."""
    _tokens: TokensCache = field(default_factory=TokensCache, repr=False)

    @cached_property
    def settings(self) -> Settings:
        """The application's settings, read when first needed."""
        return Settings.from_config(current_app.config)

    def tokens_of(self, app: Flask) -> Tokens:
        """Get the tokens of the application's current keys.

        :raises ConfigurationError: it has none.
        """
        secret_key = app.secret_key

        if not secret_key:
            raise ConfigurationError(
                "Client callbacks sign the page's state: set the application's"
                " SECRET_KEY to a long random value."
            )

        fallback_keys = setting(app, "SECRET_KEY_FALLBACKS") or ()
        return self._tokens.get(secret_key, fallback_keys)


def setting(app: Flask, key: str, default: t.Any = None) -> t.Any:
    """Get an application's setting that belongs to another package."""
    return app.config.get(key, default)  # pyright: ignore - Config is untyped


def registration_of(app: Flask) -> Registration:
    """Get an application's record.

    :raises ConfigurationError: the extension was not initialised on it.
    """
    found: Registration | None = app.extensions.get(EXTENSION_NAME)

    if found is None:
        raise ConfigurationError(
            f"The application {app.name!r} has no client callbacks: call"
            " ClientCallback(app), or init_app(app), when it is created."
        )

    return found


def current_context() -> t.Any:
    """Get the context of the current request. Newer versions of Flask have one context
    for application and request.

    :raises RuntimeError: there is no request.
    """
    context: t.Any = _current_app_context()
    kind: type[object] = context.__class__
    return context if hasattr(kind, "request") else _request_context_of_its_own()


def _request_context_of_its_own() -> t.Any:
    # Newer versions warn of this import.
    from flask.globals import request_ctx

    return t.cast(t.Any, request_ctx)._get_current_object()


def live_pages() -> list[t.Any]:
    """Get the pages that answer the current request, the innermost last. The request
    holds them, as a nested request shares everything else. If the request is over, the
    application's context holds them.

    :raises RuntimeError: there is no application context.
    """
    try:
        held: dict[str, t.Any] = current_request().__dict__
    except RuntimeError:
        held = _current_g().__dict__

    pages: list[t.Any] | None = held.get(_PAGES)

    if pages is None:
        pages = held[_PAGES] = []

    return pages


def find_live_page() -> t.Any | None:
    """Get the current page with its life, or ``None`` if there is none.

    :raises RuntimeError: there is no application context.
    """
    pages = live_pages()
    return pages[-1] if pages else None


def get_live_page() -> t.Any:
    """Get the same. Only later modules know its type.

    :raises OutsidePageError: there is none.
    """
    try:
        live_page = find_live_page()
    except RuntimeError:
        live_page = None

    if live_page is None:
        raise OutsidePageError(
            "There is no page here. current_page and the template globals of client"
            " callbacks work while a view class marked @callback_handler answers a"
            " GET, a post back or a callback. Is the class of this view marked? In a"
            " template that other views and error pages share, write"
            ' "{% if current_page %}" around them. A thread has the page by'
            " copy_current_request_context(), until the request is answered: what it"
            " needs later, give it when it starts."
        )

    return live_page


page_proxy: t.Any = LocalProxy(lambda: get_live_page().page)
"""Stands for the page of the current request, wherever it is used."""
