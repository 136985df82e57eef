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
from .shared_store import digest
from .shared_store import store_of
from .snapshots import is_whole
from .snapshots import Snapshots
from .user import ArrivedSession
from .user import identify_user
from .user import UserBinding
from .view_state import EMPTY

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Request

_BEGINS_WITHIN = 60
"""Seconds during which requests share a new session. After that, anybody else who gets
hold of the page begins a session of their own.
"""


def _location(app: Flask, asked: Request) -> str:
    """Get the address that the request is for: its endpoint and path, and its host if
    the application routes by host.
    """
    place = f"{asked.endpoint} {asked.script_root}{asked.path}"

    if app.url_map.host_matching or app.subdomain_matching:
        return f"{asked.host} {place}"

    return place


class StateBinding:
    """Opens and issues the state of one page, for the user and the address of the
    request. Created before any code of the page runs.

    :param app: the application.
    :param asked: the request.
    :param session: the session that it came with, if sessions are in use.
    """

    def __init__(
        self, app: Flask, asked: Request, session: ArrivedSession | None
    ) -> None:
        registration = registration_of(app)
        self._app = app
        self._asked = asked
        self._settings = registration.settings
        self.tokens: Tokens = registration.tokens_of(app)
        """The tokens of the application's current keys."""
        self._location = _location(app, asked)
        self._user = identify_user(app, asked, registration, self.tokens, session)
        self._now = int(time.time())
        self._page_id: str | None = None
        self._page_stays = False
        self._opened_user: str | None = None
        self._begun: UserBinding | None = None
        self.text: str = EMPTY
        """The view state that came back."""
        self._snapshots: Snapshots | None = None
        self._size = 0
        self.event_count: int = 0
        """How many events the page may raise, as far as this is known."""
        self.due: bool = False
        """Whether the token has to be renewed although nothing changed."""

    def open(self, token: str | None) -> None:
        """Take over the state that came back from the browser.

        :raises RefusedError: it is missing or not good here.
        :raises StoreError: it is in the store, which does not answer.
        """
        try:
            opened = self._verify(token)
        except TokenError as error:
            raise RefusedError(400, error.reason, "stale") from error

        age = self._now - opened.issued_at
        self.due = opened.by_fallback_key or age * 2 > self._settings.max_age
        self._page_id = opened.page_id
        self._page_stays = True
        self._opened_user = opened.user
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

        if is_whole(opened.text):
            return opened

        self._snapshots = Snapshots(self._app, opened.page_id, page_stays=True)
        return opened._replace(text=self._snapshots.find(opened.text))

    @property
    def is_named(self) -> bool:
        """Whether the page has its id. Everything that is rendered of it has the id."""
        return self._page_id is not None

    @property
    def page_id(self) -> str:
        """The page's id. It stays the same while the browser shows the page."""
        if self._page_id is None:
            self._page_id = new_page_id()

        return self._page_id

    def begin_page(self) -> None:
        """Give a new id to the page that replaces this one."""
        self._page_id = None
        self._page_stays = False
        self._opened_user = None
        self._snapshots = None

    def owners(self) -> list[str]:
        """Tell who owns what is kept at this address: the user, who may have several
        names if keys change; the page too, if its holder is its user.
        """
        return self._owners(self._page_id)

    def _owners(self, page_id: str | None) -> list[str]:
        user = self._begun or self._user
        named = [digest(bound, self._location) for bound in user.names()]

        opened_user = self._opened_user
        is_bound = self._user.is_known if opened_user is None else bool(opened_user)

        if not is_bound and page_id is not None:
            named.append(digest("page", page_id, self._location))

        return named

    def begin_owners(self) -> list[str]:
        """Tell the same for something new. If nothing else identifies the user, a
        session begins, so that it is found again.
        """
        # The page's own state stays valid for a browser without cookies.
        self._begun = self._user.begin(self._name_session)
        self._begun.keep()
        return self._owners(self.page_id)

    def _name_session(self) -> str:
        """Give the name of a session that begins. It is the same for all calls of a
        page until the first answer brings the cookie.
        """
        value = new_page_id()

        if not self._page_stays:
            return value

        store, key = store_of(self._app), f"session:{digest(self.page_id)}"

        while not store.add(key, value.encode(), _BEGINS_WITHIN):
            begun = store.get(key)

            if begun is not None:
                return begun.decode()

        return value

    def keep_user(self) -> None:
        """Make sure that the session still identifies the user when the state comes
        back. Call this while the session can still be saved.
        """
        self._user.keep()

    def issue(self, text: str) -> str:
        """Sign a view state for the page.

        :raises ViewStateError: it is too large.
        :raises StoreError: it belongs in the store, which does not answer.
        """
        self._size = len(text)
        self.check_size()

        if not self._page_stays:
            self._user = self._user.after_changes(self._app, self._asked)
            self._user.keep()

        kept_from = self._settings.store_view_state_from
        is_kept = kept_from is not None and self._size >= kept_from

        if is_kept or self._snapshots is not None:
            text = self._carry(text, is_kept=is_kept)

        state = PageState(self.page_id, self._location, self._user.bound(), text)
        return self.tokens.issue(state, self._now)

    def _carry(self, text: str, *, is_kept: bool) -> str:
        if self._snapshots is None:
            self._snapshots = Snapshots(
                self._app, self.page_id, page_stays=self._page_stays
            )

        return self._snapshots.carry(text, is_kept=is_kept)

    def check_size(self) -> None:
        """Check that the page keeps no more than it may: view state and events
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
