"""A page's state as one request sees it: bound to an address of the
application, and to a user.
"""

from __future__ import annotations

import sys
import time
import typing as t

from ..config import MAX_VIEW_STATE
from ..errors import ConfigurationError
from ..errors import RefusedError
from ..errors import TokenError
from ..errors import ViewStateError
from ..globals import current_session
from ..globals import Registration
from ..globals import registration_of
from ..protocol.state_tokens import new_page_id
from ..protocol.state_tokens import OpenedState
from ..protocol.state_tokens import PageState
from ..protocol.state_tokens import Tokens
from .view_state import EMPTY

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Request

SESSION_KEY = "_clientcallback"


class UserBinding(t.NamedTuple):
    """Who the user of a request is, as far as a page's state cares."""

    tokens: Tokens
    user: str | None = None
    """The key of a known user."""
    session_value: str | None = None
    """A value of the session of an unknown one."""

    def bound(self) -> str:
        """Give what a token says of this user."""
        if self.user is not None:
            return f"user:{self.tokens.digest(self.user)}"

        return "" if self.session_value is None else f"session:{self.session_value}"

    def accepts(self, bound: str) -> bool:
        """Tell whether state with this binding is this user's. State of a
        visitor without a session is still good when a session has begun.
        """
        kind, _, value = bound.partition(":")

        if self.user is not None:
            return kind == "user" and self.tokens.is_digest_of(self.user, value)

        if self.session_value is not None:
            return not bound or (kind == "session" and value == self.session_value)

        return not bound

    def keep(self) -> None:
        """See that the session will still tell the user when the state comes
        back. A session that is not in use stays so.
        """
        if self.session_value is not None:
            held = current_session()

            if held.get(SESSION_KEY) != self.session_value:
                held[SESSION_KEY] = self.session_value


def _identify_user(
    app: Flask, asked: Request, registration: Registration, tokens: Tokens
) -> UserBinding:
    """Tell who the user is when the request arrives."""
    if registration.user_key is not None:
        return UserBinding(tokens, user=_configured_key(registration.user_key()))

    login = _login_id(app)

    if login is not None:
        return UserBinding(tokens, user=login)

    if "HTTP_COOKIE" not in asked.environ:
        return UserBinding(tokens)

    cookie = asked.cookies.get(app.session_interface.get_cookie_name(app))
    held = current_session()

    if cookie is None or not held:
        return UserBinding(tokens)

    value = held.get(SESSION_KEY)

    if value is None:
        # Tabs that are opened at once send the same cookie and find the same
        # session. What they derive from both agrees, whichever answer sets the
        # session last. The cookie of a session on the server is not enough: it
        # stays the same when the session is emptied for another user.
        value = tokens.digest(f"{cookie} {dict(held)!r}")

    return UserBinding(tokens, session_value=value)


def _configured_key(key: t.Any) -> str | None:
    if key is None or isinstance(key, str):
        return key

    raise ConfigurationError(
        f"The user_key of ClientCallback returns text or None, not {key!r}."
    )


def _login_id(app: Flask) -> str | None:
    """Get the id of the user that Flask-Login knows for the request, in whatever
    way it does.
    """
    flask_login = sys.modules.get("flask_login")

    if flask_login is None or not hasattr(app, "login_manager"):
        return None

    user = flask_login.current_user
    return str(user.get_id()) if user.is_authenticated else None


def _location(app: Flask, asked: Request) -> str:
    """Tell the address that the request is for: its endpoint and path, and its
    host where the application routes by host.
    """
    place = f"{asked.endpoint} {asked.script_root}{asked.path}"

    if app.url_map.host_matching or app.subdomain_matching:
        return f"{asked.host} {place}"

    return place


class StateBinding:
    """Opens and issues the state of one page, for the user and the address of
    the request. Made before any code of the page runs.

    :param app: the application.
    :param asked: the request.
    """

    def __init__(self, app: Flask, asked: Request) -> None:
        registration = registration_of(app)
        self._settings = registration.settings
        self.tokens: Tokens = registration.tokens_of(app)
        """Those of the application's current keys."""
        self._location = _location(app, asked)
        self._user = _identify_user(app, asked, registration, self.tokens)
        self._now = int(time.time())
        self._page_id: str | None = None
        self.text: str = EMPTY
        """The view state that came back."""
        self.due: bool = False
        """Whether the token has to be renewed although nothing changed."""

    def open(self, token: str | None) -> None:
        """Take up the state that came back from the browser.

        :raises RefusedError: it is missing or not good here.
        """
        try:
            opened = self._verify(token)
        except TokenError as error:
            raise RefusedError(400, error.reason, "stale") from error

        age = self._now - opened.issued_at
        self.due = opened.by_fallback_key or age * 2 > self._settings.max_age
        self._page_id = opened.page_id
        self.text = opened.text

    def _verify(self, token: str | None) -> OpenedState:
        if not token:
            raise TokenError("state missing")

        opened = self.tokens.open(token, self._now, self._settings.max_age)

        if opened.location != self._location:
            raise TokenError("state of another page")

        if not self._user.accepts(opened.user):
            raise TokenError("state of another user")

        return opened

    @property
    def page_id(self) -> str:
        """The page's id, which stays the same while it stands in the browser."""
        if self._page_id is None:
            self._page_id = new_page_id()

        return self._page_id

    def begin_page(self) -> None:
        """Give the page that takes the place of this one an id of its own."""
        self._page_id = None

    def keep_user(self) -> None:
        """See that the session will still tell the user when the state comes
        back. To be called while the session can still be saved.
        """
        self._user.keep()

    def issue(self, text: str) -> str:
        """Sign a view state for the page.

        :raises ViewStateError: it is too large.
        """
        limit = self._settings.max_view_state

        if len(text) > limit:
            raise ViewStateError(
                f"The view state takes {len(text)} bytes, more than the {limit} of"
                f" {MAX_VIEW_STATE}. Keep ids in it and the data on the server."
            )

        state = PageState(self.page_id, self._location, self._user.bound(), text)
        return self.tokens.issue(state, self._now)
