"""ASP.NET's client callbacks for Flask: a page's JavaScript calls server code of
that same page.
"""

from .errors import CallbackError
from .errors import CallbackTargetError
from .errors import ClientCallbackError
from .errors import ConfigurationError
from .errors import HandlerInterfaceError
from .errors import OutsidePageError
from .errors import RefusedError
from .errors import RegistrationError
from .errors import StoreError
from .errors import StreamError
from .errors import ViewStateError
from .extension import ClientCallback
from .handler import callback_handler
from .page.current import current_page
from .page.page import Page
from .page.templates import render_fragment
from .protocol.javascript import JavaScriptLiteral
from .protocol.javascript import js_literal
from .script.client_script import ClientScriptManager
from .script.references import CallbackReference
from .state.view_state import ViewState
from .targets.declared_controls import callback_control
from .targets.form_values import FormValue
from .targets.form_values import FromForm
from .targets.forms import page_form
from .targets.forms import validated_form
from .targets.marks import callback_method
from .work.background import background
from .work.background import BackgroundFunction
from .work.jobs import Job
from .work.running import run_job

__all__ = [
    "BackgroundFunction",
    "CallbackError",
    "CallbackReference",
    "CallbackTargetError",
    "ClientCallback",
    "ClientCallbackError",
    "ClientScriptManager",
    "ConfigurationError",
    "FormValue",
    "FromForm",
    "HandlerInterfaceError",
    "JavaScriptLiteral",
    "Job",
    "OutsidePageError",
    "Page",
    "RefusedError",
    "RegistrationError",
    "StoreError",
    "StreamError",
    "ViewState",
    "ViewStateError",
    "background",
    "callback_control",
    "callback_handler",
    "callback_method",
    "current_page",
    "js_literal",
    "page_form",
    "render_fragment",
    "run_job",
    "validated_form",
]
