"""The page of one request: its state, its controls and what it renders."""

from __future__ import annotations

import typing as t
from functools import cached_property

from markupsafe import Markup
from werkzeug.datastructures import ImmutableMultiDict

from .binding import StateBinding
from .client_script import ClientScriptManager
from .config import HandlerOptions
from .controls import Controls
from .errors import ViewStateError
from .globals import application
from .globals import current_request
from .javascript import hidden_field
from .stages import run
from .view_state import ViewState
from .wire import PROTOCOL_FIELDS
from .wire import STATE_FIELD

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Response
    from flask.views import View
    from werkzeug.datastructures import FileStorage
    from werkzeug.datastructures import MultiDict

RequestKind = t.Literal["get", "postback", "callback"]


class Page:
    """A view object as it answers one request, as ASP.NET's ``Page``. Reached
    through :data:`~flask_clientcallback.current_page`.

    :param view: the view object.
    :param kind: what the request is.
    :param state: the page's state.
    :param options: what the view's class says of itself.

    .. versionadded:: 0.1
    """

    def __init__(
        self,
        view: View,
        kind: RequestKind,
        state: StateBinding,
        options: HandlerOptions,
    ) -> None:
        self.app: Flask = application()
        """The application, not a proxy of it."""
        self.view: View = view
        """The view object of this request. ASP.NET's ``Page`` itself."""
        self.stream: Response | None = None
        """A streamed response that still uses the page."""
        self.stage: str | None = None
        """The stage of the life cycle that is running, ``load`` say."""
        self.view_state: ViewState = ViewState(
            None
            if options.view_state
            else "This page keeps no view state: its class is marked"
            " @callback_handler(view_state=False)."
        )
        """Values kept from one request to the next. ASP.NET's ``ViewState``."""
        self._controls = Controls(self, view)
        self._kind = kind
        self._state = state
        self._provisional: str | None = None
        self._saved: str | None = None
        self._token: str | None = None

    @property
    def is_callback(self) -> bool:
        """Whether the request is a callback. ASP.NET's ``IsCallback``."""
        return self._kind == "callback"

    @property
    def is_postback(self) -> bool:
        """Whether the page comes back with its state: in a post back, and in a
        callback. ASP.NET's ``IsPostBack``.
        """
        return self._kind != "get"

    @cached_property
    def client_script(self) -> ClientScriptManager:
        """References and scripts. ASP.NET's ``ClientScript``."""
        return ClientScriptManager(self._controls)

    @cached_property
    def form(self) -> MultiDict[str, str]:
        """What the form's controls hold now, without the protocol's fields."""
        form = current_request().form

        if self.is_callback:
            return form  # which the guard freed of them

        lists = form.lists()
        own = {name: held for name, held in lists if name not in PROTOCOL_FIELDS}
        return ImmutableMultiDict(own)

    @property
    def files(self) -> MultiDict[str, FileStorage]:
        """The files that came with the form."""
        return current_request().files

    def add_control(self, control_id: str, handler: object) -> None:
        """Make an object a target of callbacks and references. To be called in
        a hook, so that the control is there in every request.

        :param control_id: letters, digits and ``_ $ : -``.
        :param handler: the control.
        :raises ValueError: the id is taken or cannot be one.

        .. versionadded:: 0.1
        """
        self._controls.add(control_id, handler)

    def known_controls(self) -> str:
        """List the ids of the controls there are, for a message."""
        return self._controls.known()

    def find_control(self, control_id: str) -> t.Any | None:
        """Get the control with an id, or ``None``. ASP.NET's ``FindControl``.

        .. versionadded:: 0.1
        """
        return self._controls.find(control_id)

    def keep_user(self) -> None:
        """See that the session will still tell the user when the page comes back."""
        self._state.keep_user()

    def restore_state(self) -> None:
        """Take up the values that came back."""
        self.view_state.restore(self._state.text)

    def renewed_state(self) -> str | None:
        """Give the token of a state that a callback changed, or whose token is
        due; ``None`` for any other.
        """
        token = None

        if self.view_state.changed or self._state.due:
            self.keep_user()
            token = self._state.issue(self.view_state.to_text())

        self.view_state.close("The view state is saved: the callback is over.")
        return token

    def fields(self) -> Markup:
        """Write the page's hidden fields; what ``callback_fields()`` gives."""
        first = self._token is None
        return hidden_field(STATE_FIELD, self._save_state(), with_id=first)

    def scripts(self, nonce: str | None) -> Markup:
        """Write the page's scripts; what ``callback_scripts()`` gives. Where no
        fields are rendered yet they carry the state as it is now.
        """
        state = None

        if self._token is None:
            self._provisional = self.view_state.to_text()
            state = self._state.issue(self._provisional)

        return self.client_script.render(nonce, state)

    def _save_state(self) -> str:
        if self._token is None:
            run(self, "save_state")
            self._saved = self.view_state.to_text()
            self._token = self._state.issue(self._saved)
            self.view_state.close(
                "The view state is saved: callback_fields() is rendered. Change it"
                " in a hook, or before the template is."
            )
            run(self, "save_state_complete")

        return self._token

    def check_saved(self) -> None:
        """See that what the template rendered is the state that the page has.

        :raises ViewStateError: it is not.
        """
        if self._saved is None and self._provisional is not None:
            # No fields followed the scripts: what these carry is the state.
            self._save_state()
            self._saved = self._provisional

        if self._saved is not None and self._saved != self.view_state.to_text():
            raise ViewStateError(
                "The view state changed after the template had rendered it. Change"
                " it in a hook, or before the template is rendered, or render"
                " callback_fields() after the change."
            )
