"""The ClientScriptManager: what a page's template gets from its controls."""

from __future__ import annotations

import sys
import typing as t

from flask import current_app
from flask import request
from flask import url_for
from markupsafe import Markup

from .controls import Controls
from .errors import RegistrationError
from .globals import current_page
from .globals import registration
from .javascript import CallbackReference
from .javascript import expression
from .javascript import inline_script
from .javascript import JavaScriptLiteral
from .javascript import reference_halves
from .javascript import script_element
from .wire import PAGE_TARGET

RESOURCE_ENDPOINT = "clientcallback.resource"
SCRIPT_NAME = "clientcallback.js"


class ClientScriptManager:
    """Writes references to the page's callbacks and collects the scripts that
    its controls need. ASP.NET's ``ClientScriptManager``.

    :param controls: the targets of the page.

    .. versionadded:: 0.1
    """

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._blocks: dict[str, str] = {}
        self._startup: dict[str, str] = {}
        self._rendered = False
        self._references: dict[tuple[t.Any, ...], CallbackReference] = {}
        self._halves: dict[tuple[t.Any, ...], tuple[str, str]] = {}

    def get_callback_event_reference(
        self,
        control: t.Any,
        argument: str | None,
        client_callback: str,
        context: str | None = None,
        client_error_callback: str | None = None,
        use_async: bool = False,
    ) -> CallbackReference:
        """Write the JavaScript call that makes a callback. ASP.NET's
        ``GetCallbackEventReference``, byte for byte.

        All but ``control`` and ``use_async`` are JavaScript expressions written
        by the page's author. Data goes through
        :func:`~flask_clientcallback.js_literal`.

        :param control: ``current_page``, a control, or its id.
        :param argument: gives the argument of ``raise_callback_event``.
        :param client_callback: gives the function that gets the result and the
            context.
        :param context: gives a value that stays in the browser.
        :param client_error_callback: gives the function that gets the message,
            the context and the error.
        :param use_async: whether the call may overtake others of the page.
        :raises CallbackTargetError: the control is unknown or not a handler.
        :raises ValueError: there is no ``client_callback``.

        .. versionadded:: 0.1
        """
        if control is current_page:
            target = PAGE_TARGET
        elif type(control) is str:
            target = control
        else:
            target = self._controls.callback_id_of(control)

        call = (target, client_callback, context, client_error_callback, use_async)

        if type(argument) is JavaScriptLiteral:
            # A table may have another one in each row.
            return self._write_reference(call, argument)

        reference = self._references.get((argument, call))

        if reference is None:
            reference = self._write_reference(call, argument)
            self._references[argument, call] = reference

        return reference

    def _write_reference(
        self, call: tuple[t.Any, ...], argument: str | None
    ) -> CallbackReference:
        halves = self._halves.get(call)

        if halves is None:
            self._controls.callback_id_of(call[0])
            halves = self._halves[call] = reference_halves(*call)

        before, after = halves
        source = argument or expression(argument)
        return CallbackReference("".join((before, source, after)))

    def register_client_script_block(self, key: str, script: str) -> None:
        """Add JavaScript to the page, before its startup scripts. ASP.NET's
        ``RegisterClientScriptBlock``.

        :param key: names the script. The first with a key wins.
        :param script: the source, without ``<script>`` tags.
        :raises RegistrationError: the page's scripts are rendered already.
        :raises ValueError: the source would end its element.

        .. versionadded:: 0.1
        """
        self._register(self._blocks, key, script)

    def is_client_script_block_registered(self, key: str) -> bool:
        """Tell whether there is a script block with a key. ASP.NET's
        ``IsClientScriptBlockRegistered``.

        .. versionadded:: 0.1
        """
        return key in self._blocks

    def register_startup_script(self, key: str, script: str) -> None:
        """Add JavaScript that runs after all script blocks. ASP.NET's
        ``RegisterStartupScript``.

        :param key: names the script. The first with a key wins.
        :param script: the source, without ``<script>`` tags.
        :raises RegistrationError: the page's scripts are rendered already.
        :raises ValueError: the source would end its element.

        .. versionadded:: 0.1
        """
        self._register(self._startup, key, script)

    def is_startup_script_registered(self, key: str) -> bool:
        """Tell whether there is a startup script with a key. ASP.NET's
        ``IsStartupScriptRegistered``.

        .. versionadded:: 0.1
        """
        return key in self._startup

    def get_web_resource_url(self, resource_name: str) -> str:
        """Give the address of a file of the package, ``clientcallback.mjs`` say.
        It changes when the file does. ASP.NET's ``GetWebResourceUrl``.

        :param resource_name: the file's name.

        .. versionadded:: 0.1
        """
        values: dict[str, t.Any] = {
            "version": registration().resource_version,
            "name": resource_name,
        }

        if current_app.url_map.host_matching:
            values["host"] = request.host

        return url_for(RESOURCE_ENDPOINT, **values)

    def render(self, nonce: str | None, state: str | None) -> Markup:
        """Write the client script, the registered blocks and the startup
        scripts, once.

        :param nonce: admits them under a Content-Security-Policy.
        :param state: the page's state, where no field carries it.
        """
        if self._rendered:
            return Markup()

        self._rendered = True
        address = request.full_path if request.query_string else request.path
        elements = [
            script_element(
                nonce=nonce,
                src=self.get_web_resource_url(SCRIPT_NAME),
                data_callback_url=request.script_root + address,
                data_callback_state=state,
                data_callback_csrf=_csrf_token(),
            )
        ]
        scripts = (*self._blocks.values(), *self._startup.values())
        elements += (inline_script(script, nonce) for script in scripts)
        return Markup("\n").join(elements)

    def _register(self, scripts: dict[str, str], key: str, script: str) -> None:
        if self._rendered:
            raise RegistrationError(
                f"The script {key!r} is too late: callback_scripts() is rendered"
                " already. Register it in a hook such as page_load, or move"
                " callback_scripts() to the end of the page."
            )

        inline_script(script, None)
        scripts.setdefault(key, script)


def _csrf_token() -> str | None:
    """Get the token that Flask-WTF wants to see, where it protects every POST."""
    flask_wtf_csrf = sys.modules.get("flask_wtf.csrf")

    if flask_wtf_csrf is None or not isinstance(
        current_app.extensions.get("csrf"), flask_wtf_csrf.CSRFProtect
    ):
        return None

    return t.cast(str, flask_wtf_csrf.generate_csrf())
