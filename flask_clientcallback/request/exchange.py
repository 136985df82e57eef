"""What envelope, guard, handler and answer share about one request."""

from __future__ import annotations

import os
import typing as t

from ..protocol.failures import Failure
from ..protocol.wire import CallbackRequest
from ..protocol.wire import MARKER_ENVIRON
from ..state.user import ArrivedSession

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class Body(t.Protocol):
    """The body of an answer in lines."""

    def close(self) -> None:
        """End the work."""


MARK_HEADER = "X-Client-Callback-Mark"
"""Carries the mark of a request's own answer to the outermost envelope."""

MARK = MARK_HEADER.lower()
_ENVIRON = "clientcallback.exchange"


class Exchange:
    """One object for all of them, in the WSGI environment: a middleware may copy this.

    :param is_marked: whether the client script sent the request.
    """

    page: type[t.Any] | None = None
    """The class of the page that the request reached."""
    endpoint: str | None = None
    """Who answers, if the request was routed."""
    session: ArrivedSession | None = None
    """The session of a page's request, as it arrived."""
    callback: CallbackRequest | None = None
    """The call, if the request is a callback and is allowed."""
    is_classic: bool = False
    """Whether it is a callback of a classic client script."""
    refused: Failure | None = None
    """The answer to a refused request."""
    raised: Failure | None = None
    """The exception that a view raised before its life cycle began."""
    has_rendered: bool = False
    """Whether anything was rendered with the id of a page of this request."""
    error_id: str | None = None
    """The id under which an exception of a handler is logged."""
    passes_through: bool = False
    """Whether the answer is a response that a handler made itself."""
    is_streamed: bool = False
    """Whether the answer is one in lines."""
    stream: Body | None = None
    """The body of this answer, until it has ended."""
    has_begun: bool = False
    """Whether the headers of the request's own answer are sent."""
    is_enveloped: bool = False
    """Whether an envelope is around the request already."""
    is_settled: bool = False
    """Whether the request has reached the application that answers it, or is answered.
    From then on, other code with its environment has a new request: one that the
    application makes, or the next one of a server.
    """
    _is_running: bool = False
    _mark: str = ""

    def __init__(self, is_marked: bool) -> None:
        self.is_marked = is_marked

    @property
    def mark(self) -> str:
        """A mark that tells this request's answer from any other, which a cache may
        return in its place.
        """
        if not self._mark:
            self._mark = os.urandom(8).hex()

        return self._mark

    @property
    def is_callback(self) -> bool:
        """Whether the answer has the protocol's form."""
        # The guard recognises a classic callback after it has read the fields.
        return self.is_marked or self.is_classic

    def begin_page(self, view_class: type[t.Any]) -> bool:
        """Tell whether a view is the page that the request reached, and not another one
        that is called on the way or inside it. If so, call :meth:`end_page` later.
        """
        is_asked = not self._is_running and self.page in (None, view_class)
        self._is_running = self._is_running or is_asked
        return is_asked

    def end_page(self) -> None:
        """Allow another try of the page, as a decorator may make."""
        self._is_running = False


def begin_exchange(environ: WSGIEnvironment) -> tuple[Exchange, Exchange | None]:
    """Begin the exchange of a request, or join the one that another envelope began.

    :return: it, and the exchange of the request around this one, if any.
    """
    found: Exchange | None = environ.get(_ENVIRON)

    if found is not None and not found.is_settled:
        return found, None

    return _begin(environ), found


def end_exchange(environ: WSGIEnvironment, outer: Exchange | None) -> None:
    """Return the environment to the request around this one."""
    if outer is not None:
        environ[_ENVIRON] = outer


def exchange_of(environ: WSGIEnvironment) -> Exchange:
    """Get the exchange of a request. It begins here at the latest."""
    found: Exchange | None = environ.get(_ENVIRON)
    return _begin(environ) if found is None else found


def _begin(environ: WSGIEnvironment) -> Exchange:
    begun = environ[_ENVIRON] = Exchange(MARKER_ENVIRON in environ)
    return begun
