"""What the guard and the answer tell the envelope of one request."""

from __future__ import annotations

import secrets
import typing as t
from dataclasses import dataclass

from ..protocol.wire import CallbackRequest
from ..protocol.wire import Failure
from ..protocol.wire import MARKER_ENVIRON
from ..state.user import ArrivedSession

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MARK_HEADER = "X-Client-Callback-Mark"
"""Carries the mark of a request's own answer as far as the outermost envelope."""

_ENVIRON = "clientcallback.exchange"


@dataclass(slots=True)
class Exchange:
    """One object for all of them, so that a middleware may copy the environment.

    :param is_marked: whether the client script sent the request.
    """

    is_marked: bool
    endpoint: str | None = None
    """Whose answer it is, as far as the request was routed."""
    session: ArrivedSession | None = None
    """The session of a page's request, as it came."""
    callback: CallbackRequest | None = None
    """What is asked for, if the request is a callback and may be one."""
    is_classic: bool = False
    """Whether it is a callback of a classic client script."""
    refused: Failure | None = None
    """What a refused request is answered with."""
    raised: Failure | None = None
    """What a view raised before its life cycle began."""
    error_id: str | None = None
    """The id under which a handler's exception is logged."""
    passes_through: bool = False
    """Whether the answer is a response that a handler made itself."""
    is_over: bool = False
    """Whether the request is answered, so that the environment may be used again."""
    _is_taken: bool = False
    _mark: str = ""

    @property
    def mark(self) -> str:
        """What tells the answer to this request from that to any other, which a cache
        may bring in its place.
        """
        if not self._mark:
            self._mark = secrets.token_hex(8)

        return self._mark

    @property
    def is_callback(self) -> bool:
        """Whether the answer has the protocol's form."""
        # The guard tells a classic callback when it has seen the fields.
        return self.is_marked or self.is_classic

    def take_callback(self) -> CallbackRequest | None:
        """Get what is asked for, once: a page inside the page is not asked."""
        taken, self._is_taken = self._is_taken, True
        return None if taken else self.callback


def find_exchange(environ: WSGIEnvironment) -> Exchange | None:
    """Get that of a request, where one has begun."""
    found: Exchange | None = environ.get(_ENVIRON)
    return None if found is None or found.is_over else found


def exchange_of(environ: WSGIEnvironment) -> Exchange:
    """Get that of a request, which begins here at the latest."""
    found = find_exchange(environ)

    if found is None:
        found = environ[_ENVIRON] = Exchange(MARKER_ENVIRON in environ)

    return found
