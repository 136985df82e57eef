"""A page's state as one request sees it: bound to an address of the
application, and to a user.
"""

from __future__ import annotations

import time
import typing as t

from ..config import MAX_VIEW_STATE
from ..errors import RefusedError
from ..errors import TokenError
from ..errors import ViewStateError
from ..globals import registration_of
from ..protocol.event_tokens import EVENT_BYTES
from ..protocol.state_tokens import new_page_id
from ..protocol.state_tokens import OpenedState
from ..protocol.state_tokens import PageState
from ..protocol.state_tokens import Tokens
from .user import ArrivedSession
from .user import identify_user
from .view_state import EMPTY

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Request


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
    :param session: the session that it came with, where that is in use.
    """

    def __init__(
        self, app: Flask, asked: Request, session: ArrivedSession | None
    ) -> None:
        registration = registration_of(app)
        self._app = app
        self._asked = asked
        self._settings = registration.settings
        self.tokens: Tokens = registration.tokens_of(app)
        """Those of the application's current keys."""
        self._location = _location(app, asked)
        self._user = identify_user(app, asked, registration, self.tokens, session)
        self._now = int(time.time())
        self._page_id: str | None = None
        self._page_stays = False
        self.text: str = EMPTY
        """The view state that came back."""
        self._size = 0
        self.event_count: int = 0
        """How many events the page may raise, as far as they are known."""
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
        self._page_stays = True
        self.text = opened.text
        self._size = len(opened.text)

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
    def is_named(self) -> bool:
        """Whether the page has its id, as everything has that is rendered of it."""
        return self._page_id is not None

    @property
    def page_id(self) -> str:
        """The page's id, which stays the same while it stands in the browser."""
        if self._page_id is None:
            self._page_id = new_page_id()

        return self._page_id

    def begin_page(self) -> None:
        """Give the page that takes the place of this one an id of its own."""
        self._page_id = None
        self._page_stays = False

    def keep_user(self) -> None:
        """See that the session will still tell the user when the state comes
        back. To be called while the session can still be saved.
        """
        self._user.keep()

    def issue(self, text: str) -> str:
        """Sign a view state for the page.

        :raises ViewStateError: it is too large.
        """
        self._size = len(text)
        self.check_size()

        if not self._page_stays:
            self._user = self._user.after_changes(self._app, self._asked)
            self._user.keep()

        state = PageState(self.page_id, self._location, self._user.bound(), text)
        return self.tokens.issue(state, self._now)

    def check_size(self) -> None:
        """See that the page keeps no more than it may: view state and events
        together.

        :raises ViewStateError: it does.
        """
        limit, size, count = self._settings.max_view_state, self._size, self.event_count

        if size + count * EVENT_BYTES <= limit:
            return

        if not count:
            raise ViewStateError(
                f"The view state takes {size} bytes, more than the {limit} of"
                f" {MAX_VIEW_STATE}. Keep ids in it and the data on the server."
            )

        raise ViewStateError(
            f"The page's {count} events take {count * EVENT_BYTES} bytes, {EVENT_BYTES}"
            f" each, and its view state {size}: together more than the {limit} of"
            f" {MAX_VIEW_STATE}. Offer fewer events, one for each command say, with the"
            " row's key in a field of the form; keep ids in the view state and the data"
            " on the server; or raise the setting."
        )
