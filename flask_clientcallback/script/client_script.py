"""The ClientScriptManager: references and scripts for a page's template."""

from __future__ import annotations

import typing as t
from collections.abc import Hashable

from ..globals import application
from ..protocol.arguments import argument_to_send
from ..protocol.arguments import unify_line_breaks
from ..protocol.method_calls import all_arguments
from ..protocol.method_calls import method_target
from ..spelling import explain_attribute
from .attributes import CallbackAttributes
from .blueprint import get_url
from .overloads import without_overloads
from .resources import get_names


class ClientScriptManager(CallbackAttributes):
    """Writes references to the page's callbacks and collects the scripts that
    its controls need. ASP.NET's ``ClientScriptManager``.

    :param controls: the targets of the page.
    :param scripts: the scripts that the controls register.
    :param events: the events that the page may raise.

    .. versionadded:: 0.1
    """

    if not t.TYPE_CHECKING:

        def __getattr__(self, name: str) -> t.Any:
            places = {"current_page.client_script": dir(self)}
            return explain_attribute(self, name, places)

    def register_for_event_validation(
        self,
        control: t.Any,
        argument: str | float | None = "",
        *,
        method: str | None = None,
    ) -> None:
        """Allow an argument for a control, by a callback and by a post back; or allow a
        method with any arguments. ASP.NET's ``RegisterForEventValidation``. If the
        class is marked ``@callback_handler(event_validation=True)``, attributes
        register themselves. So do references whose argument
        :func:`~flask_clientcallback.js_literal` made.

        :param control: ``current_page``, a control, or its id.
        :param argument: a value. Default: the empty text.
        :param method: the name of a method of the control. Scripts call it by
            ``ClientCallback.page`` or ``ClientCallback.target()``.
        :raises CallbackTargetError: the page does not know the control, or the control
            has no such method.
        :raises RegistrationError: the page is rendered already.
        :raises TypeError: the argument is not text, a number or a boolean.

        .. versionadded:: 0.1
        """
        if method is not None:
            control_id, found = self._controls.method_of(control, method)
            target = method_target(control_id, found.name)
            self._events.register("either", target, all_arguments())
            return

        control_id, sent = self._controls.id_of(control), argument_to_send(argument)
        posted = unify_line_breaks(sent)

        if posted == sent:
            self._events.register("either", control_id, sent)
        else:
            # A callback brings the text itself, a post back what a form makes of it.
            self._events.register("callback", control_id, sent)
            self._events.register("postback", control_id, posted)

    def validate_event(self, control: t.Any, argument: str | float | None = "") -> None:
        """Check that the page offered an event: in a callback as a callback, in a post
        back as a post-back event. ASP.NET's ``ValidateEvent``.

        :param control: ``current_page``, a control, or its id.
        :param argument: a value. Default: the empty text.
        :raises CallbackTargetError: the page does not know the control.
        :raises RefusedError: the event was not registered. The answer has status 403.
        :raises TypeError: the argument is not text, a number or a boolean.

        .. versionadded:: 0.1
        """
        self._events.check(self._controls.id_of(control), argument_to_send(argument))

    @without_overloads
    def register_client_script_block(self, key: Hashable, script: str) -> None:
        """Add JavaScript to the page, before its startup scripts. ASP.NET's
        ``RegisterClientScriptBlock``.

        :param key: names the script: text or another hashable value. The first script
            with a key stays. If a later one differs, a warning is logged.
        :param script: the source, without ``<script>`` tags.
        :raises RegistrationError: the page's scripts are rendered already.
        :raises TypeError: the source is not text, or the key is not hashable.
        :raises ValueError: the source would close its element, or HTML cannot carry it.

        .. versionadded:: 0.1
        """
        self._scripts.add("block", key, script)

    @without_overloads
    def is_client_script_block_registered(self, key: Hashable) -> bool:
        """Tell whether there is a script block with a key. ASP.NET's
        ``IsClientScriptBlockRegistered``.

        :param key: the key that it was registered with.

        .. versionadded:: 0.1
        """
        return self._scripts.has("block", key)

    @without_overloads
    def register_client_script_include(self, key: Hashable, url: str) -> None:
        """Add a script file to the page, among its script blocks. ASP.NET's
        ``RegisterClientScriptInclude``.

        :param key: names the script: text or another hashable value. The first script
            with a key stays. If a later one differs, a warning is logged.
        :param url: the file's address.
        :raises RegistrationError: the page's scripts are rendered already.
        :raises TypeError: the address is not text, or the key is not hashable.
        :raises ValueError: the address is empty.

        .. versionadded:: 0.1
        """
        self._scripts.add("include", key, url)

    @without_overloads
    def is_client_script_include_registered(self, key: Hashable) -> bool:
        """Tell whether there is a script file with a key. ASP.NET's
        ``IsClientScriptIncludeRegistered``.

        :param key: the key that it was registered with.

        .. versionadded:: 0.1
        """
        return self._scripts.has("include", key)

    @without_overloads
    def register_startup_script(self, key: Hashable, script: str) -> None:
        """Add JavaScript that runs after all other scripts. ASP.NET's
        ``RegisterStartupScript``.

        :param key: names the script: text or another hashable value. The first script
            with a key stays. If a later one differs, a warning is logged.
        :param script: the source, without ``<script>`` tags.
        :raises RegistrationError: the page's scripts are rendered already.
        :raises TypeError: the source is not text, or the key is not hashable.
        :raises ValueError: the source would close its element, or HTML cannot carry it.

        .. versionadded:: 0.1
        """
        self._scripts.add("startup", key, script)

    @without_overloads
    def is_startup_script_registered(self, key: Hashable) -> bool:
        """Tell whether there is a startup script with a key. ASP.NET's
        ``IsStartupScriptRegistered``.

        :param key: the key that it was registered with.

        .. versionadded:: 0.1
        """
        return self._scripts.has("startup", key)

    @without_overloads
    def register_on_submit_statement(self, key: Hashable, script: str) -> None:
        """Add JavaScript statements that run before the page's form is sent.
        ``return false`` stops it. ASP.NET's ``RegisterOnSubmitStatement``.

        :param key: names the statements: text or another hashable value. The first ones
            with a key stay. If later ones differ, a warning is logged.
        :param script: the statements, without ``<script>`` tags.
        :raises RegistrationError: the page's scripts are rendered already.
        :raises TypeError: the source is not text, or the key is not hashable.
        :raises ValueError: the source would close its element, or HTML cannot carry it.

        .. versionadded:: 0.1
        """
        self._scripts.add("on_submit", key, script)

    @without_overloads
    def is_on_submit_statement_registered(self, key: Hashable) -> bool:
        """Tell whether there are on-submit statements with a key. ASP.NET's
        ``IsOnSubmitStatementRegistered``.

        :param key: the key that it was registered with.

        .. versionadded:: 0.1
        """
        return self._scripts.has("on_submit", key)

    def register_array_declaration(self, name: str, value: str | None) -> None:
        """Add a value to a JavaScript array. Controls that give the same name share the
        array. ASP.NET's ``RegisterArrayDeclaration``.

        :param name: the array's name.
        :param value: a JavaScript expression; ``None`` declares the array only.
        :raises RegistrationError: the page's scripts are rendered already.
        :raises TypeError: name or expression is not text.
        :raises ValueError: the name is not an identifier, the expression would close
            its element, or HTML cannot carry it.

        .. versionadded:: 0.1
        """
        self._scripts.add_to_array(name, value)

    def register_hidden_field(self, name: str, value: str) -> None:
        """Add a hidden field to the page's form. ASP.NET's ``RegisterHiddenField``.

        :param name: the field's name. The first field with a name stays. If a later one
            has another value, a warning is logged.
        :param value: its value. A callback sends its line breaks as they are, a post
            back as ``\\r\\n``, as with any field.
        :raises RegistrationError: the page's fields are rendered already.
        :raises TypeError: name or value is not text.
        :raises ValueError: the name is empty, HTML cannot carry the field, or the
            protocol has it: only the two that name a post back's event are allowed.

        .. versionadded:: 0.1
        """
        self._scripts.add_field(name, value)

    @without_overloads
    def get_web_resource_url(self, resource_name: str) -> str:
        """Get the URL of a file of the package, for example ``clientcallback.mjs``. The
        URL changes when the file does. ASP.NET's ``GetWebResourceUrl``.

        :param resource_name: the file's name.
        :raises ValueError: the package has no such file.

        .. versionadded:: 0.1
        """
        app = application()
        names = get_names(app.debug)

        if resource_name not in names:
            raise ValueError(
                f"The package serves no file {resource_name!r}; there are"
                f" {', '.join(names)}."
            )

        return get_url(app, resource_name)
