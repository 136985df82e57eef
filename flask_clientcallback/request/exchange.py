"""What the guard and the answer tell the envelope of one request."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..protocol.wire import CallbackRequest
from ..protocol.wire import Failure
from ..protocol.wire import MARKER_ENVIRON

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_ENVIRON = "clientcallback.exchange"


@dataclass(slots=True)
class Exchange:
    """One object for all of them, so that a middleware may copy the environment.

    :param is_marked: whether the client script sent the request.
    """

    is_marked: bool
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

    @property
    def is_callback(self) -> bool:
        """Whether the answer has the protocol's form."""
        # The guard tells a classic callback when it has seen the fields.
        return self.is_marked or self.is_classic


def exchange_of(environ: WSGIEnvironment) -> Exchange:
    """Get that of a request, from its WSGI environment."""
    found: Exchange | None = environ.get(_ENVIRON)

    if found is None:
        found = environ[_ENVIRON] = Exchange(MARKER_ENVIRON in environ)

    return found
