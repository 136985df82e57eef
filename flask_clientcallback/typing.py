"""Protocols and aliases of the public signatures."""

from __future__ import annotations

import typing as t
from collections.abc import Awaitable
from collections.abc import Callable

JSONValue: t.TypeAlias = t.Any
"""A value that Flask's JSON provider can encode."""

UserKey: t.TypeAlias = Callable[[], str | None]
"""Returns the key of the user to whom a page's state is bound."""


SupportsCallback: t.TypeAlias = Callable[[], bool]
"""Tells whether the browser of the current request can make callbacks."""


class Translations(t.Protocol):
    """Translates WTForms' messages, which invalid arguments get too: for example
    ``flask_wtf.i18n.translations``.

    .. versionadded:: 0.1
    """

    def gettext(self, string: str) -> str: ...
    def ngettext(self, singular: str, plural: str, n: int) -> str: ...


class Untranslated:
    """Leaves the messages as they are."""

    def gettext(self, string: str) -> str:
        """Return the message as it is."""
        return string

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the message for a number."""
        return singular if n == 1 else plural


class LaterResult:
    """A result that comes later. A handler may return it: it is a
    :class:`~flask_clientcallback.Job`.
    """


Overlap = t.Literal["parallel", "keep", "replace", "refuse"]
"""What happens to background jobs that overlap."""

StartJob: t.TypeAlias = Callable[[str], object]
"""Gets a job's id, and arranges a call of :func:`~flask_clientcallback.run_job` with
it: for example Celery's ``task.delay``.
"""


class Store(t.Protocol):
    """Keeps bytes under a key for a limited time, beyond the request. All processes
    that run the application share it.

    .. versionadded:: 0.1
    """

    def get(self, key: str, /) -> bytes | None:
        """Get a value, or ``None`` if there is none or its time is over.

        :param key: its key.
        """
        ...

    def set(self, key: str, value: bytes, ttl: float, /) -> None:
        """Keep a value.

        :param key: its key.
        :param value: the value.
        :param ttl: how long to keep the value, in seconds.
        """
        ...

    def add(self, key: str, value: bytes, ttl: float, /) -> bool:
        """Keep a value if the key has none, and tell whether it had none. If several
        callers try at once, only one of them gets ``True``.

        :param key: its key.
        :param value: the value.
        :param ttl: how long to keep the value, in seconds.
        """
        ...

    def swap(self, key: str, old: bytes, new: bytes, ttl: float, /) -> bool:
        """Replace a value if it is still ``old``, and tell whether it was. If several
        callers try at once, only one of them gets ``True``.

        :param key: its key.
        :param old: the value to replace.
        :param new: the new value.
        :param ttl: how long to keep the value, in seconds.
        """
        ...

    def delete(self, key: str, /) -> None:
        """Delete a value.

        :param key: its key.
        """
        ...


Policy = t.Literal["parallel", "queue", "latest", "drop"]
"""What happens to callbacks that overlap."""


class RaiseCallbackEvent(t.Protocol):
    """The interface with one method, of ASP.NET's 2004 beta: the return value is the
    result.

    .. versionadded:: 0.1
    """

    def raise_callback_event(
        self, event_argument: str
    ) -> JSONValue | Awaitable[JSONValue]:
        """Receive the argument of a callback.

        :param event_argument: the text that the page sent.
        """
        ...


class CallbackEventHandler(RaiseCallbackEvent, t.Protocol):
    """ASP.NET's ``ICallbackEventHandler``: one method gets the argument, the other
    returns the result.

    .. versionadded:: 0.1
    """

    def get_callback_result(self) -> JSONValue | Awaitable[JSONValue]:
        """Return the result, a value that Flask's JSON provider can encode."""
        ...


class PostBackEventHandler(t.Protocol):
    """ASP.NET's ``IPostBackEventHandler``: the method gets the argument if a post back
    names the control.

    .. versionadded:: 0.1
    """

    def raise_postback_event(self, argument: str) -> object:
        """Receive the argument of a post back.

        :param argument: the text that the button or the reference sent.
        :return: a response that is the answer, in place of the page. Anything else goes
            nowhere. The method may be a coroutine function or a generator.
        """
        ...
