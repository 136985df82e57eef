"""The user of a request, as far as a page's state needs it."""

from __future__ import annotations

import sys
import typing as t
from collections.abc import Callable

from ..errors import ConfigurationError
from ..globals import current_session
from ..globals import Registration
from ..protocol.state_tokens import Tokens

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Request
    from flask.sessions import SessionMixin

SESSION_KEY = "_clientcallback"


class ArrivedSession:
    """A session in use, as it came with a request, before the application can change
    it.

    :param cookie: the session's cookie.
    :param session: the session.
    """

    def __init__(self, cookie: str, session: SessionMixin) -> None:
        self._session = session
        self._kept: str | None = session.get(SESSION_KEY)
        self._text = ""
        self._keys: frozenset[str] = frozenset()

        if self._kept is None:
            # Tabs that are opened at once send the same cookie and find the same
            # session. So their values agree, whichever answer sets the session last.
            # The cookie of a session on the server is not enough: it stays the same
            # when the session is emptied for another user.
            self._text = f"{cookie} {dict(session)!r}"
            self._keys = frozenset(session)

    def value(self, tokens: Tokens) -> str:
        """Give the name of the session in a page's state."""
        return self._kept or tokens.digest(self._text)

    def is_there(self) -> bool:
        """Tell whether the session is still the same: the application may have emptied
        it, for example for another user.
        """
        session = self._session

        if self._kept is not None:
            return session.get(SESSION_KEY) == self._kept

        # An application may well write the values of a session anew in each request.
        return any(key in session for key in self._keys)

    def keep(self, value: str) -> None:
        """Make sure that the session is still known when the state comes back."""
        if self._kept is None and self.is_there():
            self._session[SESSION_KEY] = self._kept = value


def take_session(app: Flask, asked: Request) -> ArrivedSession | None:
    """Look at the session of a request; ``None`` if it is not in use."""
    if "HTTP_COOKIE" not in asked.environ:
        return None

    cookie = asked.cookies.get(app.session_interface.get_cookie_name(app))
    session = current_session()
    return ArrivedSession(cookie, session) if cookie is not None and session else None


class UserBinding(t.NamedTuple):
    """The user, or else the session of an unknown user."""

    tokens: Tokens
    user: str | None = None
    """The key of a known user."""
    session_value: str | None = None
    """The name of an unknown user's session."""
    session: ArrivedSession | None = None
    is_configured: bool = False
    """Whether the application identifies the user, even as nobody."""

    @property
    def is_known(self) -> bool:
        """Whether anything identifies the user."""
        return self.user is not None or self.session_value is not None

    def names(self) -> list[str]:
        """List the names of the user in a token, one for each key."""
        if self.user is not None:
            return [f"user:{digest}" for digest in self.tokens.digests(self.user)]

        return [self.bound()] if self.is_known else []

    def begin(self, name_session: Callable[[], str]) -> UserBinding:
        """Begin a session if nothing identifies the user, the application included.

        :param name_session: gives its name.
        """
        if self.is_known or self.is_configured:
            return self

        session = current_session()

        if SESSION_KEY not in session:
            session[SESSION_KEY] = name_session()

        return self._replace(session_value=session[SESSION_KEY])

    def bound(self) -> str:
        """Give the text for this user in a token."""
        if self.user is not None:
            return f"user:{self.tokens.digest(self.user)}"

        return "" if self.session_value is None else f"session:{self.session_value}"

    def accepts(self, bound: str) -> bool:
        """Tell whether state with this binding is this user's. The state of a visitor
        without a session stays valid when a session begins.
        """
        kind, _, value = bound.partition(":")

        if self.user is not None:
            return kind == "user" and self.tokens.is_digest_of(self.user, value)

        if self.session_value is not None:
            return not bound or (kind == "session" and value == self.session_value)

        return not bound

    def after_changes(self, app: Flask, asked: Request) -> UserBinding:
        """Give the user of a page that begins now: if the application emptied the
        session since the request came, the user of the new session.
        """
        if self.session is None or self.session.is_there():
            return self

        return _user_of(self.tokens, take_session(app, asked))

    def keep(self) -> None:
        """Make sure that the session still identifies the user when the state comes
        back. A session that is not in use stays so. A session that the application
        emptied stays empty.
        """
        if self.session is not None and self.session_value is not None:
            self.session.keep(self.session_value)


def identify_user(
    app: Flask,
    asked: Request,
    registration: Registration,
    tokens: Tokens,
    session: ArrivedSession | None,
) -> UserBinding:
    """Identify the user when a view begins.

    :param session: the session that the request came with.
    """
    if registration.user_key is not None:
        user = _configured_key(registration.user_key())
        return UserBinding(tokens, user=user, is_configured=True)

    login = _login_id(app)

    if login is not None:
        return UserBinding(tokens, user=login)

    if session is None:
        return UserBinding(tokens)

    return _user_of(tokens, session).after_changes(app, asked)


def _user_of(tokens: Tokens, session: ArrivedSession | None) -> UserBinding:
    if session is None:
        return UserBinding(tokens)

    return UserBinding(tokens, session_value=session.value(tokens), session=session)


def _configured_key(key: t.Any) -> str | None:
    if key is None or isinstance(key, str):
        return key

    raise ConfigurationError(
        f"The user_key of ClientCallback returns text or None, not {key!r}."
    )


def _login_id(app: Flask) -> str | None:
    """Get the id of the user that Flask-Login knows for the request, by any of its
    ways.
    """
    flask_login = sys.modules.get("flask_login")

    if flask_login is None or not hasattr(app, "login_manager"):
        return None

    user = flask_login.current_user
    return str(user.get_id()) if user.is_authenticated else None
