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


class LaterResult:
    """What a handler may return in the place of a result that comes later: a
    :class:`~flask_clientcallback.Job`.
    """


Overlap = t.Literal["parallel", "keep", "replace", "refuse"]
"""What becomes of background jobs that meet."""

StartJob: t.TypeAlias = Callable[[str], object]
"""Sees to it that :func:`~flask_clientcallback.run_job` is called somewhere, with the
job's id that it gets: ``task.delay`` of Celery, say.
"""


class Store(t.Protocol):
    """Keeps what outlives a request: bytes under a key, for a time. All who run the
    application share it.

    .. versionadded:: 0.1
    """

    def get(self, key: str, /) -> bytes | None:
        """Get a value; ``None`` where there is none, or none any more.

        :param key: its key.
        """
        ...

    def set(self, key: str, value: bytes, ttl: float, /) -> None:
        """Keep a value.

        :param key: its key.
        :param value: the value.
        :param ttl: for so many seconds.
        """
        ...

    def add(self, key: str, value: bytes, ttl: float, /) -> bool:
        """Keep a value, and tell whether there was none. Of several who try at once,
        one is told so.

        :param key: its key.
        :param value: the value.
        :param ttl: for so many seconds.
        """
        ...

    def swap(self, key: str, old: bytes, new: bytes, ttl: float, /) -> bool:
        """Put a value in the place of another, and tell whether that was there. Of
        several who try at once, one is told so.

        :param key: the key of both.
        :param old: the value that is replaced.
        :param new: the value that takes its place.
        :param ttl: for so many seconds.
        """
        ...

    def delete(self, key: str, /) -> None:
        """Keep a value no longer.

        :param key: its key.
        """
        ...


Policy = t.Literal["parallel", "queue", "latest", "drop"]
"""What becomes of callbacks that meet."""


class RaiseCallbackEvent(t.Protocol):
    """The one-method interface of the 2004 beta: the return value is the
    result.

    .. versionadded:: 0.1
    """

    def raise_callback_event(
        self, event_argument: str
    ) -> JSONValue | Awaitable[JSONValue]:
        """Take the argument of a callback.

        :param event_argument: the text that the page sent.
        """
        ...


class CallbackEventHandler(RaiseCallbackEvent, t.Protocol):
    """ASP.NET's ``ICallbackEventHandler``: one method takes the argument, the
    other gives the result.

    .. versionadded:: 0.1
    """

    def get_callback_result(self) -> JSONValue | Awaitable[JSONValue]:
        """Give the result, a value that Flask's JSON provider can encode."""
        ...


class PostBackEventHandler(t.Protocol):
    """ASP.NET's ``IPostBackEventHandler``: the method gets the argument of a post
    back that names the control.

    .. versionadded:: 0.1
    """

    def raise_postback_event(self, argument: str) -> Awaitable[None] | None:
        """Take the argument of a post back.

        :param argument: the text that the button or the reference brought.
        """
        ...
