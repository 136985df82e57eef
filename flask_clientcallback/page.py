"""The page and its life cycle: full for a GET and a post back, partial for a
callback, each in ASP.NET's order.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from functools import cached_property

from flask import current_app
from flask import has_app_context
from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response as BaseResponse

from . import signals
from .binding import StateBinding
from .client_script import ClientScriptManager
from .config import HandlerOptions
from .controls import Controls
from .controls import handles_callbacks
from .errors import RefusedError
from .errors import ViewStateError
from .globals import bind_page
from .globals import unbind_page
from .javascript import hidden_field
from .view_state import ViewState
from .wire import EVENT_ARGUMENT_FIELD
from .wire import EVENT_TARGET_FIELD
from .wire import PROTOCOL_FIELDS
from .wire import STATE_FIELD
from .wire import CallbackRequest

if t.TYPE_CHECKING:
    from flask import Flask
    from flask.views import View
    from werkzeug.datastructures import FileStorage
    from werkzeug.datastructures import MultiDict

RequestKind = t.Literal["get", "postback", "callback"]
_Answer = t.TypeVar("_Answer")

_SIGNALS = {
    name: signal for name, signal in vars(signals).items() if name.startswith("page_")
}


class HookAnswered(Exception):  # noqa: N818 - it is no error
    """A hook ended the life cycle with a response of its own."""

    def __init__(self, response: ResponseReturnValue) -> None:
        self.response = response


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
        self.view = view
        self.stage: str | None = None
        """The stage of the life cycle that is running, ``load`` say."""
        self.view_state = ViewState(
            None
            if options.view_state
            else "This page keeps no view state: its class is marked"
            " @callback_handler(view_state=False)."
        )
        """Values kept from one request to the next. ASP.NET's ``ViewState``."""
        self._controls = Controls(self, view)
        self.client_script = ClientScriptManager(self._controls)
        """References and scripts. ASP.NET's ``ClientScript``."""
        self._kind = kind
        self._state = state
        self._app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        self._provisional: str | None = None
        self._saved: str | None = None
        self._token: str | None = None
        self._streams = False

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
    def form(self) -> MultiDict[str, str]:
        """What the form's controls hold now, without the protocol's fields."""
        items = request.form.items(multi=True)
        return ImmutableMultiDict(i for i in items if i[0] not in PROTOCOL_FIELDS)

    @property
    def files(self) -> MultiDict[str, FileStorage]:
        """The files that came with the form."""
        return request.files

    def add_control(self, control_id: str, handler: object) -> None:
        """Make an object a target of callbacks and references. To be called in
        a hook, so that the control is there in every request.

        :param control_id: letters, digits and ``_ $ : -``.
        :param handler: the control.
        :raises ValueError: the id is taken or cannot be one.

        .. versionadded:: 0.1
        """
        self._controls.add(control_id, handler)

    def find_control(self, control_id: str) -> t.Any | None:
        """Get the control with an id, or ``None``. ASP.NET's ``FindControl``.

        .. versionadded:: 0.1
        """
        return self._controls.find(control_id)

    def live(self, body: Callable[[], _Answer]) -> _Answer:
        """Run one life cycle's work. Whatever comes of it, the page is unloaded
        and no longer current, so that an error page cannot hand out its state.
        """
        bind_page(self)

        try:
            return body()
        finally:
            if not self._streams:
                try:
                    self._enter("unload")
                finally:
                    unbind_page()

    def render(
        self, method: Callable[[], ResponseReturnValue]
    ) -> ResponseReturnValue:
        """Run the stages of a GET or a post back.

        :param method: the view's own method.
        :raises HookAnswered: a hook answered instead.
        """
        self._begin()
        self._run("pre_render")
        self._run("pre_render_complete")
        response = self.until_closed(method())

        if not self._streams:
            self._check_saved()

        self._run("render")
        return response

    def run_callback(self, call: CallbackRequest) -> t.Any:
        """Run the stages of a callback and give its result.

        :raises HookAnswered: a hook answered instead.
        :raises RefusedError: the target is unknown or not a handler.
        """
        self._begin()
        handler = self._controls.find(call.target)

        if not handles_callbacks(handler):
            raise RefusedError(404, "target unknown, or not a handler")

        ensure_sync = self._app.ensure_sync
        self._run("raise_callback_event")
        result = ensure_sync(handler.raise_callback_event)(call.argument)
        self._run("get_callback_result")
        get_callback_result = getattr(handler, "get_callback_result", None)

        if get_callback_result is not None:
            result = ensure_sync(get_callback_result)()

        return result

    def until_closed(self, response: ResponseReturnValue) -> ResponseReturnValue:
        """Keep the page while a response is streamed: its unload is then when
        the response is closed. Any other response is given back as it is.
        """
        body = response[0] if isinstance(response, tuple) else response

        if isinstance(body, BaseResponse):
            streamed = body.is_streamed
        else:
            streamed = isinstance(body, Iterator)

        if not streamed:
            return response

        self._streams = True
        closing = self._app.make_response(response)
        closing.call_on_close(self._unload_streamed)
        return closing

    def renewed_state(self) -> str | None:
        """Give the token of a state that a callback changed, or whose token is
        due; ``None`` for any other.
        """
        token = None

        if self.view_state.changed or self._state.due:
            self._state.keep_user()
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

    def _begin(self) -> None:
        if self._kind != "callback":
            self._state.keep_user()

        for stage in ("pre_init", "init", "init_complete"):
            self._run(stage)

        if self._kind != "get":
            self.view_state.restore(self._state.text)
            self._run("load_state")

        self._run("pre_load")
        self._run("load")

        if self._kind == "postback":
            self._raise_postback_event()

        self._run("load_complete")

    def _raise_postback_event(self) -> None:
        target = self._controls.find(request.form.get(EVENT_TARGET_FIELD, ""))

        if target is None:
            return

        self._run("raise_postback_event")
        raise_postback_event = getattr(target, "raise_postback_event", None)

        if raise_postback_event is not None:
            argument = request.form.get(EVENT_ARGUMENT_FIELD, "")
            self._app.ensure_sync(raise_postback_event)(argument)

    def _run(self, stage: str) -> None:
        """Run a stage that a hook may end the life cycle in."""
        response = self._enter(stage)

        if response is not None:
            raise HookAnswered(response)

    def _enter(self, stage: str) -> ResponseReturnValue | None:
        self.stage = stage
        name = f"page_{stage}"
        signal = _SIGNALS[name]
        app = self._app

        if signal.receivers:
            signal.send(app, _async_wrapper=app.ensure_sync, page=self)

        hook = getattr(self.view, name, None)

        if hook is None:
            return None

        return t.cast("ResponseReturnValue | None", app.ensure_sync(hook)())

    def _save_state(self) -> str:
        if self._token is None:
            self._run("save_state")
            self._saved = self.view_state.to_text()
            self._token = self._state.issue(self._saved)
            self.view_state.close(
                "The view state is saved: callback_fields() is rendered. Change it"
                " in a hook, or before the template is."
            )
            self._run("save_state_complete")

        return self._token

    def _check_saved(self) -> None:
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

    def _unload_streamed(self) -> None:
        with self._app.app_context():
            self._streams = False
            self.live(self._check_saved)

        if has_app_context():
            unbind_page()
