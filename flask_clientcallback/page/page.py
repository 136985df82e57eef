"""The page of one request, as its users see it."""

from __future__ import annotations

import typing as t
from functools import cached_property

from werkzeug.datastructures import ImmutableMultiDict

from ..errors import CallbackError
from ..globals import current_request
from ..globals import registration_of
from ..protocol.wire import PROTOCOL_FIELDS
from ..script.client_script import ClientScriptManager
from ..script.registered_scripts import RegisteredScripts
from ..spelling import explain_attribute
from ..state.binding import StateBinding
from ..state.event_validation import EventValidation
from ..state.view_state import ViewState
from ..targets.controls import Controls
from ..work.background import BackgroundFunction
from ..work.jobs import Job
from ..work.starting import JobStarter
from .hooks import catch_up

if t.TYPE_CHECKING:
    from flask import Flask
    from flask.views import View
    from werkzeug.datastructures import FileStorage
    from werkzeug.datastructures import MultiDict

_Parameters = t.ParamSpec("_Parameters")
_Result = t.TypeVar("_Result")

RequestKind = t.Literal["get", "postback", "callback"]


class Page:
    """A view object while it answers one request. ASP.NET's ``Page``. Use it through
    :data:`~flask_clientcallback.current_page`.

    :param app: the application.
    :param view: the view object.
    :param kind: the kind of the request.
    :param view_state: the values that the page keeps.
    :param events: the events that the page may raise.
    :param state: binds values and events to the page, its address and its user.

    .. versionadded:: 0.1
    """

    def __init__(
        self,
        app: Flask,
        view: View,
        kind: RequestKind,
        view_state: ViewState,
        events: EventValidation,
        state: StateBinding,
    ) -> None:
        self.app: Flask = app
        """The application, not a proxy of it."""
        self.view: View = view
        """The view object of this request. ASP.NET's ``Page`` itself."""
        self.stage: str | None = None
        """The stage of the life cycle that is running, for example ``load``."""
        self.callback_target: str | None = None
        """What a callback or a post back calls: the id of a control, or ``__Page`` for
        the view. The name of a method follows: ``cart.remove``. ``None`` before the
        stage ``raise_callback_event`` or ``raise_postback_event``, and if nothing is
        called.
        """
        self.view_state: ViewState = view_state
        """Values kept from one request to the next. ASP.NET's ``ViewState``."""
        self.result: t.Any = None
        """The return value of the method that a post back called."""
        self.error: CallbackError | None = None
        """Why this method has no result: its text is the message for the user."""
        self._kind = kind
        self._controls = Controls(self, view)
        self._events = events
        self._state = state
        self._scripts: RegisteredScripts | None = None

    if not t.TYPE_CHECKING:

        def __getattr__(self, name: str) -> t.Any:
            script = dir(ClientScriptManager)
            places = {"current_page": dir(self), "current_page.client_script": script}
            return explain_attribute(self, name, places)

    @property
    def is_callback(self) -> bool:
        """Whether the request is a callback. ASP.NET's ``IsCallback``."""
        return self._kind == "callback"

    @property
    def is_postback(self) -> bool:
        """Whether the request brings back the page's state: a post back or a callback.
        ASP.NET's ``IsPostBack``.
        """
        return self._kind != "get"

    @cached_property
    def client_script(self) -> ClientScriptManager:
        """Writes references and collects scripts. ASP.NET's ``ClientScript``."""
        return ClientScriptManager(self._controls, scripts_of(self), self._events)

    @cached_property
    def supports_callback(self) -> bool:
        """Whether the browser can make callbacks. ``True``, unless the application
        decides otherwise. ASP.NET's ``Request.Browser.SupportsCallback``.
        """
        decide = registration_of(self.app).supports_callback
        return True if decide is None else decide()

    @property
    def supports_xml_http(self) -> bool:
        """The same as :attr:`supports_callback`, as there is no other transport.
        ASP.NET's ``Request.Browser.SupportsXmlHttp``.
        """
        return self.supports_callback

    @property
    def errors(self) -> dict[str, list[str]]:
        """The messages of :attr:`error`, by the name of the field."""
        return (self.error and self.error.fields) or {}

    @property
    def form(self) -> MultiDict[str, str]:
        """The current values of the form's controls, without the protocol's fields."""
        # The guard has removed them from a callback's form.
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
        """Make an object a target of callbacks and references. Call this in a hook, so
        that the control exists in every request. The control's hooks run after the
        view's. For stages that are over, up to ``page_load``, they run at once.

        :param control_id: letters, digits and ``_ $ : -``.
        :param handler: the control.
        :raises ValueError: the id is taken or not allowed.
        :raises RegistrationError: a coroutine adds the control, and a hook that it
            missed is a coroutine function too.

        .. versionadded:: 0.1
        """
        if self._controls.add(control_id, handler):
            catch_up(self, handler)

    def find_control(self, control_id: str) -> t.Any | None:
        """Get the control with an id, or ``None``. ASP.NET's ``FindControl``.

        :param control_id: the id.

        .. versionadded:: 0.1
        """
        return self._controls.find(control_id)

    def unique_id(self, control: object) -> str:
        """Get the id of a control. A reference and a button named ``__EVENTTARGET``
        need it. ASP.NET's ``UniqueID``.

        :param control: the control.
        :raises CallbackTargetError: the page does not know the control.

        .. versionadded:: 0.1
        """
        return self._controls.id_of(control)

    def start_job(
        self,
        function: BackgroundFunction[_Parameters, t.Any, _Result],
        /,
        *args: _Parameters.args,
        **keywords: _Parameters.kwargs,
    ) -> Job[_Result]:
        """Run a function that is marked :func:`.background` outside of the request. The
        job belongs to the page's user at the page's address. If nothing identifies the
        user, a session begins, so that the job can be found again. If ``user_key`` says
        that there is no user, the job belongs to this one page.

        :param function: the function.
        :param args: its arguments, JSON values.
        :param keywords: its keyword arguments, JSON values.
        :return: the job. If a handler returns it, the call lasts as long as the job.
        :raises CallbackError: a job is under way, and the function refuses another.
        :raises StoreError: the store does not answer.
        :raises TypeError: the function is not marked, does not take the arguments, or
            they are no JSON values.

        .. versionadded:: 0.1
        """
        return self._jobs.start(function, args, keywords)

    def find_job(
        self, function: BackgroundFunction[..., t.Any, _Result], /
    ) -> Job[_Result] | None:
        """Find the newest job of a function, even if it is over. The page's user
        started it at the page's address. ``None`` if there is none.

        :param function: the function.
        :raises StoreError: the store does not answer.
        :raises TypeError: the function is not marked.

        .. versionadded:: 0.1
        """
        return self._jobs.find(function)

    @cached_property
    def _jobs(self) -> JobStarter:
        return JobStarter(self.app, self._state)


# Other modules need these of a page; its users do not. They are no attributes, so that
# nobody finds them by accident.


def controls_of(page: Page) -> Controls:
    """Get the targets of a page."""
    return page._controls


def jobs_of(page: Page) -> JobStarter:
    """Get the object that starts and finds the jobs of a page's user."""
    return page._jobs


def scripts_of(page: Page) -> RegisteredScripts:
    """Get what the controls of a page registered."""
    if page._scripts is None:
        page._scripts = RegisteredScripts()

    return page._scripts


def scripts_of_if_any(page: Page) -> RegisteredScripts | None:
    """Get the same, or ``None`` if nobody has asked for it yet."""
    return page._scripts
