"""Protocols and aliases of the public signatures."""

from __future__ import annotations

import typing as t
from collections.abc import Awaitable
from collections.abc import Callable

JSONValue: t.TypeAlias = t.Any
"""A value that Flask's JSON provider can encode."""

UserKey: t.TypeAlias = Callable[[], str | None]
"""Gives the key of the user whom a page's state is bound to."""


class RaiseCallbackEvent(t.Protocol):
    """The one-method interface of the 2004 beta: the return value is the
    result.

    .. versionadded:: 0.1
    """

    def raise_callback_event(
        self, event_argument: str
    ) -> JSONValue | Awaitable[JSONValue]: ...


class CallbackEventHandler(RaiseCallbackEvent, t.Protocol):
    """ASP.NET's ``ICallbackEventHandler``: one method takes the argument, the
    other gives the result.

    .. versionadded:: 0.1
    """

    def get_callback_result(self) -> JSONValue | Awaitable[JSONValue]: ...
