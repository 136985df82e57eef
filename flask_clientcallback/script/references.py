"""References to the events of a page, as its JavaScript raises them."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from markupsafe import Markup

from ..protocol.arguments import argument_to_send
from ..protocol.arguments import require_expression
from ..protocol.arguments import text_sent_by
from ..protocol.javascript import CallbackReference
from ..protocol.javascript import expression
from ..protocol.javascript import JavaScriptLiteral
from ..protocol.javascript import postback_reference
from ..protocol.javascript import reference_halves
from ..protocol.wire import EVENT_TARGET_FIELD
from ..state.event_validation import EventValidation
from ..targets.controls import Controls
from ..typing import CLIENT_EVENTS
from ..typing import Policy
from .html import html_attributes
from .registered_scripts import RegisteredScripts


class EventReferences:
    """Writes references: the half of ASP.NET's ``ClientScriptManager`` that is about
    events.

    :param controls: the targets of the page.
    :param scripts: are told that the page makes callbacks.
    :param events: the events that the page may raise.

    .. versionadded:: 0.1
    """

    def __init__(
        self, controls: Controls, scripts: RegisteredScripts, events: EventValidation
    ) -> None:
        self._controls = controls
        self._scripts = scripts
        self._events = events
        self._validated = events.required
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
        :param argument: gives the argument of ``raise_callback_event``, which is
            empty for ``None``.
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
        if type(control) is str:
            target = control
        else:
            found = self._controls.find_id(control)
            target = found or self._controls.callback_id_of(control)

        # A table has one in each row, so that what is quick to tell goes first.
        kind = type(argument)

        if kind is JavaScriptLiteral:
            call = (target, client_callback, context, client_error_callback, use_async)
            before, after = self._halves.get(call) or self._write_halves(call)

            if self._validated:
                self._register(target, text_sent_by(argument))

            source = argument or expression(argument)
            return CallbackReference("".join((before, source, after)))

        if kind is not str:
            require_expression(argument)

        key = (
            argument,
            target,
            client_callback,
            context,
            client_error_callback,
            use_async,
        )
        reference = self._references.get(key)

        if reference is None:
            before, after = self._write_halves(key[1:])
            self._register(target, text_sent_by(argument))
            source = argument or expression(argument)
            reference = CallbackReference("".join((before, source, after)))
            self._references[key] = reference

        return reference

    def _write_halves(self, call: tuple[t.Any, ...]) -> tuple[str, str]:
        self._controls.callback_id_of(call[0])
        self._scripts.need_client_script = True
        halves = self._halves[call] = reference_halves(*call)
        return halves

    def _register(self, target: str, sent: str | None) -> None:
        if self._validated and sent is not None:
            self._events.register(target, sent)

    def get_postback_event_reference(
        self, control: t.Any, argument: str | float | None = ""
    ) -> CallbackReference:
        """Write the JavaScript call that posts the page back. ASP.NET's
        ``GetPostBackEventReference``, byte for byte.

        :param control: ``current_page``, a control, or its id. It gets the event
            if it has ``raise_postback_event(argument)``.
        :param argument: a value for it, not a JavaScript expression.
        :raises CallbackTargetError: the page does not know the control.
        :raises TypeError: the argument is no text, number or boolean.

        .. versionadded:: 0.1
        """
        target, sent = self._controls.id_of(control), argument_to_send(argument)
        self._register(target, sent)
        return postback_reference(target, sent)

    def get_postback_client_hyperlink(
        self, control: t.Any, argument: str | float | None = ""
    ) -> CallbackReference:
        """Write the same call as an address for a link. ASP.NET's
        ``GetPostBackClientHyperlink``. A strict Content-Security-Policy forbids
        such addresses; a button named ``__EVENTTARGET`` needs no JavaScript.

        :param control: as for :meth:`get_postback_event_reference`.
        :param argument: the same.

        .. versionadded:: 0.1
        """
        reference = self.get_postback_event_reference(control, argument)
        return CallbackReference(f"javascript:{reference}")

    def get_callback_attributes(
        self,
        control: t.Any,
        argument: str | float | None = None,
        on_result: str | None = None,
        on_error: str | None = None,
        *,
        event: str = "click",
        policy: Policy | None = None,
        group: str | None = None,
        timeout: int | None = None,
        delay: int | None = None,
        indicator: str | None = None,
        disable: bool = False,
        files: bool = False,
        postback: bool = False,
    ) -> Markup:
        """Write the attributes of an element that makes a callback: the way to do
        so without any inline script.

        :param control: ``current_page``, a control, or its id.
        :param argument: a value; that of the element where it is ``None``.
        :param on_result: the name under which ``ClientCallback.register`` knows
            the function that gets the result.
        :param on_error: the same for the one that gets the error.
        :param event: what the element waits for, ``change`` or ``load`` say.
        :param policy: ``parallel``, ``queue``, ``latest`` or ``drop``.
        :param group: the calls that the policy is about.
        :param timeout: milliseconds until the call is given up.
        :param delay: milliseconds without another such event before the call.
        :param indicator: the id of an element that is shown while a call takes
            longer than a moment.
        :param disable: whether the element is disabled while the call runs.
        :param files: whether the form's files go along.
        :param postback: whether the element is a submit button that raises the
            control's post-back event where scripts do not run.
        :raises CallbackTargetError: the control is unknown or not a handler.
        :raises TypeError: the argument is no text, number or boolean.
        :raises ValueError: there is no such event or policy, a time is no number,
            or a post back would lack the argument.

        .. versionadded:: 0.1
        """
        target = self._controls.callback_id_of(control)
        self._scripts.need_client_script = True
        _check_choice("event", event, CLIENT_EVENTS)
        _check_choice("policy", policy, (None, *t.get_args(Policy)))

        for name, given in (("timeout", timeout), ("delay", delay)):
            if given is not None and not (isinstance(given, int) and given >= 0):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise ValueError(f"{name} is a number of milliseconds, not {given!r}.")

        sent = None if argument is None else argument_to_send(argument)

        if postback and sent:
            raise ValueError(
                "A button that posts back names its control and has no room for an"
                " argument. Give each command a control of its own."
            )

        if postback:
            sent = ""

        self._register(target, sent)
        return html_attributes(
            name=EVENT_TARGET_FIELD if postback else None,
            value=target if postback else None,
            data_callback_target=target,
            data_callback_argument=sent,
            data_callback_on_result=on_result,
            data_callback_on_error=on_error,
            data_callback_event=None if event == "click" else event,
            data_callback_policy=policy,
            data_callback_group=group,
            data_callback_timeout=None if timeout is None else str(timeout),
            data_callback_delay=None if delay is None else str(delay),
            data_callback_indicator=indicator,
            data_callback_disable="" if disable else None,
            data_callback_files="" if files else None,
        )


def _check_choice(name: str, given: str | None, choices: Sequence[str | None]) -> None:
    if given not in choices:
        raise ValueError(
            f"There is no {name} {given!r} for callback_attributes(); there are"
            f" {', '.join(filter(None, choices))}."
        )
