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
from .event_validation import EventValidation
from .globals import application
from .globals import current_request
from .globals import registration
from .html import hidden_field
from .persister import PageStatePersister
from .registered_scripts import RegisteredScripts
from .stages import catch_up
from .stages import warn_of_misspellings
from .view_state import ViewState
from .wire import PROTOCOL_FIELDS
from .wire import STATE_FIELD
from .wire import VALIDATION_FIELD

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Response
    from flask.views import View
    from werkzeug.datastructures import FileStorage
    from werkzeug.datastructures import MultiDict

RequestKind = t.Literal["get", "postback", "callback"]


def set_cache_headers(response: Response) -> Response:
    """Keep a page with tokens, which are its user's, out of shared caches."""
    response.vary.add("Cookie")

    if "Cache-Control" not in response.headers:
        response.cache_control.private = True

    return response


class Page:
    """A view object as it answers one request, as ASP.NET's ``Page``. Reached
    through :data:`~flask_clientcallback.current_page`.

    :param view: the view object.
    :param kind: what the request is.
    :param state: the page's state.
    :param events: the events that the page may raise.
    :param options: what the view's class says of itself.

    .. versionadded:: 0.1
    """

    def __init__(
        self,
        view: View,
        kind: RequestKind,
        state: StateBinding,
        events: EventValidation,
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
        self.persister: PageStatePersister = PageStatePersister(
            self, self.view_state, state, events
        )
        """Carries the state through the browser. ASP.NET's ``PageStatePersister``."""
        self._controls = Controls(self, view)
        self.targets: list[object] = self._controls.in_order
        """The view, then its controls in the order they were added: who has hooks
        for the stages of the life cycle.
        """
        self._events = events
        self._kind = kind

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
    def scripts(self) -> RegisteredScripts:
        """What the page's controls registered."""
        return RegisteredScripts()

    @cached_property
    def client_script(self) -> ClientScriptManager:
        """References and scripts. ASP.NET's ``ClientScript``."""
        return ClientScriptManager(self._controls, self.scripts, self._events)

    @cached_property
    def supports_callback(self) -> bool:
        """Whether the browser can make callbacks: yes, unless the application
        decides otherwise. ASP.NET's ``Request.Browser.SupportsCallback``.
        """
        decide = registration().supports_callback
        return True if decide is None else decide()

    @property
    def supports_xml_http(self) -> bool:
        """The same: there is no other transport here. ASP.NET's
        ``Request.Browser.SupportsXmlHttp``.
        """
        return self.supports_callback

    @property
    def form(self) -> MultiDict[str, str]:
        """What the form's controls hold now, without the protocol's fields."""
        # The guard freed a callback's form of them.
        return current_request().form if self.is_callback else self._own_form

    @cached_property
    def _own_form(self) -> MultiDict[str, str]:
        lists = current_request().form.lists()
        own = {name: held for name, held in lists if name not in PROTOCOL_FIELDS}
        return ImmutableMultiDict(own)

    @property
    def files(self) -> MultiDict[str, FileStorage]:
        """The files that came with the form."""
        return current_request().files

    def add_control(self, control_id: str, handler: object) -> None:
        """Make an object a target of callbacks and references. To be called in
        a hook, so that the control is there in every request. Its own hooks run
        after the view's; those of earlier stages, up to ``page_load``, at once.

        :param control_id: letters, digits and ``_ $ : -``.
        :param handler: the control.
        :raises ValueError: the id is taken or cannot be one.
        :raises RegistrationError: a coroutine adds it, and one of the hooks that it
            missed is another.

        .. versionadded:: 0.1
        """
        if self._controls.add(control_id, handler):
            warn_of_misspellings(type(handler))
            catch_up(self, handler)

    def known_controls(self) -> str:
        """List the ids of the controls there are, for a message."""
        return self._controls.known()

    def find_control(self, control_id: str) -> t.Any | None:
        """Get the control with an id, or ``None``. ASP.NET's ``FindControl``.

        .. versionadded:: 0.1
        """
        return self._controls.find(control_id)

    def unique_id(self, control: object) -> str:
        """Get the id under which the page knows a control, as a reference and
        a button named ``__EVENTTARGET`` need it. ASP.NET's ``UniqueID``.

        :raises CallbackTargetError: the page does not know it.

        .. versionadded:: 0.1
        """
        return self._controls.id_of(control)

    def fields(self) -> Markup:
        """Write the page's hidden fields; what ``callback_fields()`` gives."""
        first = not self.persister.is_saved
        state = hidden_field(STATE_FIELD, self.persister.save(), with_id=first)
        events = self._save_events()

        if events is not None:
            state += hidden_field(VALIDATION_FIELD, events, with_id=first)

        return state + self.scripts.render_fields()

    def render_scripts(self, nonce: str | None) -> Markup:
        """Write the page's scripts; what ``callback_scripts()`` gives. Where no
        fields are rendered yet they carry the state as it is now.
        """
        state = self.persister.save_provisionally()
        events = None if state is None else self._save_events()
        return self.client_script.render(nonce, state, events)

    def _save_events(self) -> str | None:
        if self.is_callback:
            # What a callback renders is never put together with a page.
            return self.persister.events_token() or None

        return self.persister.save_events(at_once=self.stream is not None)

    def missing(self) -> list[str]:
        """Tell what the page lacks, when the whole of it is rendered."""
        missing: list[str] = []
        left = self.scripts.left()
        rule = current_request().url_rule

        if left:
            missing.append(
                f"Registered and not in the page: {', '.join(left)}. Render"
                " callback_scripts() for scripts and arrays, callback_fields() for"
                " hidden fields."
            )

        if self.client_script.are_written and not self.scripts.are_rendered:
            missing.append(
                "The page makes callbacks and has no client script: render"
                " callback_scripts() above the scripts that use it."
            )

        if self.scripts.are_rendered and rule and "POST" not in (rule.methods or ()):
            missing.append(
                "The rule of the page takes no POST, so that no callback can reach it:"
                " leave out its methods."
            )

        return missing

    def complete(self, response: Response) -> Response:
        """Do what can be done only when the whole page is rendered."""
        return self.persister.complete(set_cache_headers(response))
