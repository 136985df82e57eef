"""Event validation: only what a page offered may come back as an event."""

from __future__ import annotations

from .binding import StateBinding
from .errors import RefusedError
from .errors import RegistrationError
from .errors import TokenError
from .event_tokens import Events


class EventValidation:
    """The events that one page may raise: which control may get which argument.

    :param binding: ties the events to the page.
    :param required: whether every callback and post-back event is checked.
    """

    def __init__(self, binding: StateBinding, *, required: bool) -> None:
        self.required: bool = required
        self.changed: bool = False
        """Whether events were registered that the page does not know of."""
        self.due: bool = False
        """Whether the token has to be renewed although nothing changed."""
        self._binding = binding
        self._tokens = binding.tokens.events
        self._token: str | None = None
        self._events: Events | None = None
        self._closed = False

    def restore(self, token: str | None) -> None:
        """Take up the token that came back. It is read when first needed."""
        self._token = token

    def close(self) -> None:
        """Refuse every later registration."""
        self._closed = True

    @property
    def in_use(self) -> bool:
        """Whether the page needs a token of its events."""
        return self.required or self.changed or bool(self._token)

    def register(self, control_id: str, argument: str) -> None:
        """Let a control get an argument.

        :raises RegistrationError: the page is rendered already.
        """
        if self._closed:
            raise RegistrationError(
                f"The event of {control_id!r} is too late: the page's events are"
                " rendered already. Register it in a hook such as page_load; in a"
                " page that is streamed, put callback_fields() after the references."
            )

        mark = self._tokens.mark
        digest = self._tokens.digest(mark, control_id, argument)
        registered = self._opened().setdefault(mark, set())

        if digest not in registered:
            registered.add(digest)
            self.changed = True

    def check(self, control_id: str, argument: str) -> None:
        """See that a control may get an argument.

        :raises RefusedError: it may not.
        """
        for mark, registered in self._opened().items():
            if self._tokens.digest(mark, control_id, argument) in registered:
                return

        raise RefusedError(403, "argument not registered for event validation")

    def issue(self) -> str:
        """Sign the page's events."""
        return self._tokens.issue(self._binding.page_id, self._opened())

    def _opened(self) -> Events:
        if self._events is None:
            self._events = self._open()

        return self._events

    def _open(self) -> Events:
        if not self._token:
            if self.required and self._binding.is_restored:
                raise RefusedError(400, "events missing", "stale")

            return {}

        try:
            events, due = self._tokens.open(self._token, self._binding.page_id)
        except TokenError as error:
            raise RefusedError(400, error.reason, "stale") from error

        self.due = due
        return events
