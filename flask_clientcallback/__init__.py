"""ASP.NET's client callbacks for Flask: a page's JavaScript calls server code of
that same page.
"""

from .client_script import ClientScriptManager
from .errors import CallbackError
from .errors import CallbackTargetError
from .errors import ClientCallbackError
from .errors import ConfigurationError
from .errors import HandlerInterfaceError
from .errors import OutsidePageError
from .errors import RefusedError
from .errors import RegistrationError
from .errors import ViewStateError
from .extension import ClientCallback
from .globals import current_page
from .handler import callback_handler
from .javascript import CallbackReference
from .javascript import JavaScriptLiteral
from .javascript import js_literal
from .page import Page
from .view_state import ViewState

__all__ = [
    "CallbackError",
    "CallbackReference",
    "CallbackTargetError",
    "ClientCallback",
    "ClientCallbackError",
    "ClientScriptManager",
    "ConfigurationError",
    "HandlerInterfaceError",
    "JavaScriptLiteral",
    "OutsidePageError",
    "Page",
    "RefusedError",
    "RegistrationError",
    "ViewState",
    "ViewStateError",
    "callback_handler",
    "current_page",
    "js_literal",
]
