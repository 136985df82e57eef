"""Event validation: only what a page offered may come back as an event."""

from __future__ import annotations

import typing as t

from ..errors import RefusedError
from ..errors import RegistrationError
from ..errors import TokenError
from ..protocol.arguments import unify_line_breaks
from ..protocol.event_tokens import EventKind
from ..protocol.event_tokens import Events
from ..protocol.method_calls import texts_of_call
from .binding import StateBinding

_OFFERED_AS_THE_OTHER: dict[EventKind, str] = {
    "callback": (
        "target and argument were offered as a post-back event and came as a callback:"
        " write a callback's reference, or call register_for_event_validation(), which"
        " offers both"
    ),
    "postback": (
        "target and argument were offered as a callback and came as a post-back event:"
        " write a post-back reference or callback_attributes(..., postback=True), or"
        " call register_for_event_validation(), which offers both"
    ),
}

_EVENT_NAMES: dict[EventKind, str] = {
    "callback": "callback",
    "postback": "post-back event",
}


class EventValidation:
    """The events that one page may raise: which control may get which argument, by
    a callback, by a post back or by either.

    :param binding: ties the events to the page.
    :param required: whether every callback and post-back event is checked.
    """

    def __init__(self, binding: StateBinding, *, required: bool) -> None:
        self.required: bool = required
        self.changed: bool = False
        """Whether events were registered that the page does not have yet."""
        self.due: bool = False
        """Whether the token must be renewed although nothing changed."""
        self._binding = binding
        self._tokens = binding.tokens.events
        self._offered: Events = {}
        self._registered: Events = {}
        self._page_stays = False
        self._closed = False

    @property
    def page_id(self) -> str:
        """The id of the page whose events these are."""
        return self._binding.page_id

    def restore(self, token: str | None, *, page_stays: bool) -> None:
        """Take over the token that came back.

        :param page_stays: whether the browser still shows the page, so that its events
            stay valid: in a callback, but not in a post back.
        :raises RefusedError: it is missing or not valid here.
        """
        self._page_stays = page_stays

        if not token:
            if self.required:
                raise RefusedError(400, "events missing", "stale")

            return

        try:
            self._offered, self.due = self._tokens.open(token, self.page_id)
        except TokenError as error:
            raise RefusedError(400, error.reason, "stale") from error

        self._binding.event_count = _count(self._known_before())

    def close(self) -> None:
        """Refuse every later registration."""
        self._closed = True

    @property
    def in_use(self) -> bool:
        """Whether the page needs a token of its events."""
        return self.required or self.changed or bool(self._known_before())

    def register(self, kind: EventKind, control_id: str, argument: str) -> None:
        """Allow an argument for a control.

        :param kind: by a callback, by a post back or by either.
        :raises RegistrationError: the page is rendered already.
        """
        if self._closed:
            raise RegistrationError(
                f"The event of {control_id!r} is too late: the page's events are"
                " rendered already. Register it in a hook such as page_load; in a"
                " page that is streamed, put callback_fields() or, where there are"
                " none, callback_scripts() after the references."
            )

        mark = self._tokens.mark
        known = self._known_before()
        current = {mark: known[mark]} if mark in known else {}

        if self._is_among(current, kind, control_id, argument):
            return

        digest = self._tokens.digest(mark, kind, control_id, argument)
        self._registered.setdefault(mark, set()).add(digest)

        # An event that the page has is issued again under a new key.
        if self._is_among(known, kind, control_id, argument):
            self.due = True
        else:
            self.changed = True

    def check(self, control_id: str, argument: str) -> None:
        """Check that the page offered an event of the request's kind.

        :raises RefusedError: it did not.
        """
        if not self._page_stays:
            # A post back sends no other line breaks.
            argument = unify_line_breaks(argument)

        self._check_any(control_id, [argument])

    def check_call(
        self, target: str, arguments: t.Any, *, has_files: bool = False
    ) -> None:
        """Check that the page offered a call of a method in the request's way: with
        these arguments, with all but the last of them, or with any.

        :param target: a control's id with the method's name.
        :param arguments: the arguments that were sent.
        :param has_files: whether files are among the arguments.
        :raises RefusedError: it did not.
        """
        self._check_any(target, texts_of_call(arguments, has_files=has_files))

    def _check_any(self, target: str, texts: list[str]) -> None:
        raised: EventKind = "callback" if self._page_stays else "postback"
        other: EventKind = "postback" if self._page_stays else "callback"

        if any(self._is_among(self._offered, raised, target, text) for text in texts):
            return

        if any(self._is_among(self._offered, other, target, text) for text in texts):
            raise RefusedError(403, _OFFERED_AS_THE_OTHER[raised])

        raise RefusedError(
            403,
            f"the page did not offer this {_EVENT_NAMES[raised]}, or not with this"
            " argument: write the argument with js_literal() or into"
            " callback_attributes(), or call register_for_event_validation(); what a"
            " cache keeps of a template was offered by another page",
        )

    def issue(self) -> str:
        """Sign the page's events.

        :raises ViewStateError: there are too many.
        """
        events = {mark: set(known) for mark, known in self._known_before().items()}

        for mark, registered in self._registered.items():
            events.setdefault(mark, set()).update(registered)

        self._binding.event_count = _count(events)
        self._binding.check_size()
        return self._tokens.issue(self.page_id, events)

    def _is_among(
        self, events: Events, kind: EventKind, control_id: str, argument: str
    ) -> bool:
        kinds: tuple[EventKind, ...] = (kind, "either")
        return any(
            self._tokens.digest(mark, of, control_id, argument) in digests
            for mark, digests in events.items()
            for of in kinds
        )

    def _known_before(self) -> Events:
        """Give the offered events that stay valid: none in a new page."""
        return self._offered if self._page_stays else {}


def _count(events: Events) -> int:
    return sum(map(len, events.values()))
