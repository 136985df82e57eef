"""Protocols and aliases of the public signatures."""

from __future__ import annotations

import typing as t
from collections.abc import Awaitable
from collections.abc import Callable

JSONValue: t.TypeAlias = t.Any
"""A value that Flask's JSON provider can encode."""

UserKey: t.TypeAlias = Callable[[], str | None]
"""Gives the key of the user whom a page's state is bound to."""


SupportsCallback: t.TypeAlias = Callable[[], bool]
"""Tells whether the browser of the current request can make callbacks."""


class Translations(t.Protocol):
    """Translates the messages for arguments that do not hold, as WTForms' own
    ``translations`` do: ``flask_wtf.i18n.translations`` say.

    .. versionadded:: 0.1
    """

    def gettext(self, string: str) -> str: ...
    def ngettext(self, singular: str, plural: str, n: int) -> str: ...


class Untranslated:
    """Leaves the messages as they are."""

    def gettext(self, string: str) -> str:
        """Give a message."""
        return string

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Give the message for a number."""
        return singular if n == 1 else plural


Policy = t.Literal["parallel", "queue", "latest", "drop"]
"""What becomes of callbacks that meet."""


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


class PostBackEventHandler(t.Protocol):
    """ASP.NET's ``IPostBackEventHandler``: the method gets the argument of a post
    back that names the control.

    .. versionadded:: 0.1
    """

    def raise_postback_event(self, argument: str) -> Awaitable[None] | None: ...
