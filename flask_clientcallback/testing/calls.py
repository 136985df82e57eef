"""The named methods of a page and of its controls."""

from __future__ import annotations

import typing as t

from .answer import CallbackAnswer
from .call_arguments import SentArguments
from .call_arguments import write_arguments


class CallbackTarget:
    """The named methods of the page or of a control: ``page.call.price("ACME", 3)``
    works like ``ClientCallback.page.price("ACME", 3)`` in the client script.

    .. versionadded:: 0.1
    """

    def __init__(
        self, control_id: str, send: t.Callable[[str, SentArguments], CallbackAnswer]
    ) -> None:
        self._id = control_id
        self._send = send

    def __getattr__(self, name: str) -> t.Callable[..., CallbackAnswer]:
        # No method has such a name, but copy and pickle look for some.
        if name.startswith("_"):
            raise AttributeError(f"There is no method {name}: it would be private.")

        target = f"{self._id}.{name}"
        send = self._send

        def call(*arguments: t.Any, **named: t.Any) -> CallbackAnswer:
            return send(target, write_arguments(arguments, named))

        call.__name__ = name
        call.__qualname__ = target
        return call

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._id}>"
