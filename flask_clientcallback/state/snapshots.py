"""View states that are too large to travel. The store keeps them, and the page's token
names them.
"""

from __future__ import annotations

import secrets
import typing as t

from ..errors import TokenError
from ..globals import registration_of
from .shared_store import digest
from .shared_store import outage_is_logged
from .shared_store import store_of

if t.TYPE_CHECKING:
    from flask import Flask

_REPLACED_LIVES = 60
"""Seconds for running calls that still use a replaced view state."""
_DIGEST_LENGTH = len(digest())


def is_whole(carried: str) -> bool:
    """Tell whether a token carries a view state itself: the names of snapshots end in
    no bracket.
    """
    return carried.endswith("}")


class Snapshots:
    """The view states of one page that the store keeps.

    The snapshot of a rendering stays as long as the page may come back as it was
    rendered. A callback's snapshot stays until the page has shown that it has a newer
    one: if the answer with the newer one is lost, the page goes on with what it has. So
    each token also names the callback's snapshot before its own.

    :param app: the application.
    :param page_id: the page's id.
    :param page_stays: whether this is a callback, so no page is rendered.
    """

    def __init__(self, app: Flask, page_id: str, *, page_stays: bool) -> None:
        self._store = store_of(app)
        self._max_age = registration_of(app).settings.max_age
        self._page_id = page_id
        # Each callback has its own, even if another one keeps the same value: a call
        # that goes on from one does not delete the other.
        self._salt = secrets.token_hex(4) if page_stays else ""
        self._kept: set[str] = set()
        self._came = ""
        """The snapshot that came back, if a callback made it."""
        self._replaced = ""
        """The snapshot of the callback before."""

    @outage_is_logged()
    def find(self, carried: str) -> str:
        """Get the view state that a token stands for.

        :raises TokenError: it is gone, or replaced by another one.
        :raises StoreError: the store does not answer.
        """
        text, _, names = carried.rpartition("\n")
        name, _, self._replaced = names.partition(" ")

        if not name:
            return text

        value = self._store.get(_key(name))

        if value is None:
            raise TokenError("state gone from the store")

        text = value.decode("ascii", "replace")

        if name[:_DIGEST_LENGTH] != digest(self._page_id, text):
            raise TokenError("state altered in the store")

        if len(name) > _DIGEST_LENGTH:
            self._came = name

        return text

    @outage_is_logged()
    def carry(self, text: str, *, is_kept: bool) -> str:
        """Give what a token carries in place of a view state.

        :param is_kept: whether the store keeps it.
        :raises StoreError: the store does not answer.
        """
        name = ""

        if is_kept:
            name = f"{digest(self._page_id, text)}{self._salt}"
            text, kept = "", text

            if name not in self._kept:
                self._store.set(_key(name), kept.encode("ascii"), self._max_age)
                self._kept.add(name)

        self._let_go()
        return f"{text}\n{name} {self._came}" if name or self._came else text

    def _let_go(self) -> None:
        replaced, self._replaced = self._replaced, ""
        value = self._store.get(_key(replaced)) if replaced else None

        if value is not None:
            self._store.set(_key(replaced), value, _REPLACED_LIVES)


def _key(name: str) -> str:
    return f"view_state:{name}"
