"""What a page sends through the browser, as ASP.NET's ``PageStatePersister`` does."""

from __future__ import annotations

import secrets
import typing as t

from ..errors import RegistrationError
from ..errors import ViewStateError
from ..globals import logger
from ..protocol.answers import NewToken
from ..state.binding import StateBinding
from ..state.event_validation import EventValidation
from ..state.view_state import EMPTY
from ..state.view_state import ViewState
from .hooks import Stages

if t.TYPE_CHECKING:
    from flask import Response


class Renewal(t.NamedTuple):
    """The tokens that a callback gives the page; ``None`` for a token that stays."""

    state: NewToken | None
    events: NewToken | None
    is_stateful: bool = False
    """Whether the new state keeps anything."""


NOTHING = Renewal(None, None)


class PageStatePersister:
    """Saves a page's view state and events into what the template renders.

    :param stages: runs the stages of saving.
    :param binding: binds both to the page, its address and its user.
    """

    def __init__(
        self,
        stages: Stages,
        view_state: ViewState,
        binding: StateBinding,
        events: EventValidation,
    ) -> None:
        self._stages = stages
        self._view_state = view_state
        self._binding = binding
        self._events = events
        self._provisional: str | None = None
        self._saved: str | None = None
        self._token: str | None = None
        self._placeholder: str | None = None
        self._events_have_a_place = False
        self._is_streamed = False

    @property
    def is_rendered(self) -> bool:
        """Whether the page's HTML carries the state."""
        return self._token is not None or self._provisional is not None

    def keep_user(self) -> None:
        """Make sure that the session identifies the user when the page comes back."""
        self._binding.keep_user()

    def restore(self) -> None:
        """Take over the values that came back."""
        self._view_state.restore(self._binding.text)

    def save(self) -> str:
        """Save the view state and return its token, the same each time."""
        if self._token is None:
            self._stages.run("save_state")
            self._saved = self._view_state.to_text()
            self._token = self._binding.issue(self._saved)
            self._view_state.close(
                "The view state is saved: callback_fields() is rendered. Change it"
                " in a hook, or before the template is."
            )
            self._stages.run("save_state_complete")

        return self._token

    def give_current(self) -> str:
        """Give a token of a callback's present state, for HTML that the callback
        returns. This does not save the page.
        """
        return self._binding.issue(self._view_state.to_text())

    def save_provisionally(self) -> str | None:
        """Give a token of the present state, if no field carries it."""
        if self._token is not None:
            return None

        self._provisional = self._view_state.to_text()
        return self._binding.issue(self._provisional)

    def save_events(self) -> str | None:
        """Give the token of the page's events, or a placeholder until the whole page is
        rendered; ``None`` if no token is needed.
        """
        if self._is_streamed:
            self._events.close()

        if not self._events.in_use:
            return None

        self._events_have_a_place = True

        if self._is_streamed:
            return self._events.issue()

        if self._placeholder is None:
            self._placeholder = f"events-{secrets.token_hex(16)}"

        return self._placeholder

    def check_saved(self) -> None:
        """Check that the template rendered the page's final state and events.

        :raises ViewStateError: the view state has changed since.
        :raises RegistrationError: there are events, but no place for them.
        """
        if self._saved is None and self._provisional is not None:
            # No fields followed the scripts, so the scripts carry the state.
            self.save()
            self._saved = self._provisional

        if self._saved is None:
            return

        if self._saved != self._view_state.to_text():
            raise ViewStateError(
                "The view state changed after the template had rendered it. Change"
                " it in a hook, or before the template is rendered, or render"
                " callback_fields() after the change."
            )

        if self._events.changed and not self._events_have_a_place:
            raise RegistrationError(
                "Events were registered after callback_fields() was rendered. Register"
                " them before, in a hook such as page_load, or mark the class"
                " @callback_handler(event_validation=True)."
            )

    def begin_stream(self) -> None:
        """Begin to send the page while it is rendered.

        :raises RegistrationError: the page's events can only be written when the page
            is complete.
        """
        if self._placeholder is not None:
            raise RegistrationError(
                "callback_fields() or callback_scripts() was rendered before the page"
                " began to be streamed. With event validation render them in the"
                " stream, after the references."
            )

        self._is_streamed = True

    def complete(self, response: Response) -> None:
        """Put the token of the page's events in the place kept for it."""
        self._events.close()

        if self._placeholder is not None:
            body = response.get_data()
            token = self._events.issue().encode("ascii")
            response.set_data(body.replace(self._placeholder.encode("ascii"), token))

    @property
    def page_id(self) -> str:
        """The page's id."""
        return self._binding.page_id

    @property
    def is_stateful(self) -> bool:
        """Whether calls may change what the page keeps: its view state, or what event
        validation lets it offer.
        """
        return self._events.required or not self._view_state.is_empty

    @property
    def changed(self) -> bool:
        """Whether the page needs new tokens."""
        return self._view_state.changed or self._events.changed

    def events_token(self) -> str | None:
        """Give the token of the page's events, if it has any."""
        return self._events.issue() if self._events.in_use else None

    def renew(self) -> Renewal:
        """Give the tokens that a callback changed, or that are due."""
        state = events = None
        state_changed, events_changed = self._view_state.changed, self._events.changed

        if state_changed or self._binding.due:
            self.keep_user()
            token = self._binding.issue(self._view_state.to_text())
            state = NewToken(token, state_changed)

        if events_changed or self._events.due:
            events = NewToken(self._events.issue(), events_changed)

        return Renewal(state, events, state is not None and self.is_stateful)

    def renew_as_it_came(self) -> Renewal:
        """Give the token of the state if it is due. It ignores what hooks changed since
        the state came back: a mere look changes nothing.
        """
        if self.changed:
            logger.info(
                "What hooks changed in the view state, or registered, is discarded: the"
                " page only followed a background job."
            )

        if not self._binding.due:
            return NOTHING

        self.keep_user()
        state = NewToken(self._binding.issue(self._binding.text), False)
        kept = self._events.required or self._binding.text != EMPTY
        return Renewal(state, None, kept)

    def renew_classic(self) -> Renewal:
        """Give the token that a classic client script takes with each answer."""
        if self._view_state.changed:
            logger.info("A classic client script cannot take a changed view state.")

        token = self.events_token()
        return NOTHING if token is None else Renewal(None, NewToken(token, True))
