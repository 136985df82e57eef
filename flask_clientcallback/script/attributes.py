"""Attributes of elements that make callbacks."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from markupsafe import Markup

from ..protocol.arguments import argument_to_send
from ..protocol.arguments import value_of
from ..protocol.compact_json import decode_json
from ..protocol.event_tokens import EventKind
from ..protocol.method_calls import canonical_text
from ..protocol.method_calls import encode_arguments
from ..protocol.method_calls import first_arguments
from ..protocol.method_calls import method_target
from ..protocol.wire import EVENT_TARGET_FIELD
from ..typing import Policy
from .html import html_attributes
from .html import text_of
from .references import EventReferences

CLIENT_EVENTS = (
    "click",
    "submit",
    "change",
    "input",
    "keydown",
    "keyup",
    "focusin",
    "focusout",
    "load",
)
"""The events that an element with callback attributes may wait for. ``load`` comes when
the page is there."""


_A_FUNCTION = "a name under which ClientCallback.register() knows a function"


class CallbackAttributes(EventReferences):
    """Writes attributes beside references. ASP.NET has no name for them.

    .. versionadded:: 0.1
    """

    def get_callback_attributes(
        self,
        control: t.Any,
        argument: str | float | None = None,
        on_result: str | None = None,
        on_error: str | None = None,
        *,
        method: str | None = None,
        args: Sequence[t.Any] = (),
        value: bool = False,
        output: str | None = None,
        postback: bool = False,
        event: str = "click",
        policy: Policy | None = None,
        group: str | None = None,
        timeout: int | None = None,
        delay: int | None = None,
        indicator: str | None = None,
        progress: str | None = None,
        on_progress: str | None = None,
        confirm: str | None = None,
        disable: bool = False,
        files: bool = False,
    ) -> Markup:
        """Write the attributes of an element that makes a callback. It needs no inline
        script.

        :param control: ``current_page``, a control, or its id.
        :param argument: a value for ``raise_callback_event``. Without it, and without
            ``method``, the element's own value is sent.
        :param on_result: the function that gets the result, by the name under which
            ``ClientCallback.register`` knows it.
        :param on_error: the function that gets the error, named in the same way.
        :param method: the name of a method of the control, which is called instead of
            ``raise_callback_event``.
        :param args: the first arguments of the method. Default: none.
        :param value: whether the element's own value is the last argument. Default
            ``False``.
        :param output: the id of the element that shows the result.
        :param postback: whether the element is a submit button. If scripts do not run,
            it calls the method, or raises the control's post-back event. Default
            ``False``.
        :param event: what the element waits for: ``click``, ``submit``, ``change``,
            ``input``, ``keydown``, ``keyup``, ``focusin``, ``focusout``, or ``load``:
            the page is there. Default ``click``.
        :param policy: what happens to calls that overlap: ``parallel``, ``queue``,
            ``latest`` or ``drop``. Default: ``queue`` if the page keeps a view state,
            else ``parallel``.
        :param group: a name for the calls that the policy applies to. Default: all of
            the page, for ``latest`` and ``drop`` all of the same target.
        :param timeout: milliseconds until the call is given up. Default:
            ``CLIENTCALLBACK_TIMEOUT``, 30 seconds.
        :param delay: milliseconds that must pass without another such event before the
            call. Default: it is made at once.
        :param indicator: the id of an element that is shown while the call runs, after
            its first 200 milliseconds.
        :param progress: the id of a ``<progress>`` that is shown while the call runs.
            First it shows how much of the files is sent, then how much of the work is
            done: the number from 0 to 1 that a generator yields, or its ``value``.
        :param on_progress: the function that gets what a generator yields, named
            likewise.
        :param confirm: a question. The call is made only if the user says yes.
        :param disable: whether the element is marked as disabled while the call runs,
            and makes no other call meanwhile. Default ``False``.
        :param files: whether the form's files are sent too. Default ``False``.
        :raises CallbackTargetError: the control is unknown or not a handler, or has no
            such method.
        :raises TypeError: the argument is not text, a number or a boolean; the method
            would get too few or too many arguments; or a name or an id is not text.
        :raises ValueError: there is no such event or policy; a name, an id or the
            question is empty; a time is not a number; a post back cannot send the
            argument; or HTML cannot carry it.

        .. versionadded:: 0.1
        """
        _check_choice("event", event, CLIENT_EVENTS)
        _check_choice("policy", policy, (None, *t.get_args(Policy)))
        _check_name("on_result", on_result, _A_FUNCTION)
        _check_name("on_error", on_error, _A_FUNCTION)
        _check_name("on_progress", on_progress, _A_FUNCTION)
        _check_name("output", output, "the id of the element that shows the result")
        _check_name("indicator", indicator, "the id of the element that is shown")
        _check_name("progress", progress, "the id of a <progress>")
        _check_name("group", group, "a name for the calls that the policy applies to")
        # A lazy translation is not text yet.
        question = None if confirm is None else text_of(confirm)
        _check_name("confirm", question, "a question to the user")

        for name, given in (("timeout", timeout), ("delay", delay)):
            if given is not None and not (type(given) is int and given >= 0):
                raise ValueError(f"{name} is a number of milliseconds, not {given!r}.")

        kind: EventKind = "either" if postback else "callback"

        if method is not None:
            if argument is not None:
                raise TypeError("The arguments of a method are given as args=[...].")

            target, sent = self._call_of(kind, control, method, args, value)
            button = f"{target}{sent or ''}"
        elif args or value:
            raise TypeError("args and value are for a method: give its name, method=.")
        else:
            target = button = self._controls.callback_id_of(control)
            sent = None if argument is None else argument_to_send(argument)

            if postback and sent:
                raise ValueError(
                    "A button that posts back names its control and has no room for an"
                    " argument. Let it call a method, method= with args=, or give each"
                    " command a control of its own."
                )

            sent = "" if postback else sent
            self._offer(kind, target, sent)

        self._scripts.need_client_script = True
        return html_attributes(
            name=EVENT_TARGET_FIELD if postback else None,
            value=button if postback else None,
            data_callback_page=self._events.page_id,
            data_callback_target=target,
            data_callback_argument=sent,
            data_callback_value="" if value else None,
            data_callback_output=output,
            data_callback_on_result=on_result,
            data_callback_on_error=on_error,
            data_callback_on_progress=on_progress,
            data_callback_event=None if event == "click" else event,
            data_callback_policy=policy,
            data_callback_group=group,
            data_callback_timeout=None if timeout is None else str(timeout),
            data_callback_delay=None if delay is None else str(delay),
            data_callback_indicator=indicator,
            data_callback_progress=progress,
            data_callback_confirm=question,
            data_callback_disable="" if disable else None,
            data_callback_files="" if files else None,
        )

    def _call_of(
        self,
        kind: EventKind,
        control: t.Any,
        name: str,
        args: Sequence[t.Any],
        has_value: bool,
    ) -> tuple[str, str | None]:
        """Write the target and the arguments of a method call, and offer it."""
        if has_value and kind == "either":
            raise ValueError(
                "A button that posts back has no value of the element to send: leave"
                " out value or postback, or read a field by FromForm."
            )

        if isinstance(args, (str, bytes)) or not isinstance(args, Sequence):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"args is a list of arguments, not {args!r}.")

        control_id, method = self._controls.method_of(control, name)
        target = method_target(control_id, name)
        given = [value_of(argument) for argument in args]

        hint = (
            " Give its arguments in args=[...]. What the form has, a parameter gets by"
            " its hint: FromForm[...]."
        )

        try:
            method.parameters.check(given, has_value=has_value)
            hint = ""
            sent = encode_arguments(given)
        except (TypeError, ValueError) as error:
            call = f"{method.qualname}{method.signature}"
            error.add_note(f"The call is that of {call}.{hint}")
            raise

        # As the browser sends it, for example with lists for tuples.
        arguments: list[t.Any] = decode_json(sent)
        text = first_arguments if has_value else canonical_text
        self._offer(kind, target, text(arguments))
        return target, sent if given else None


def _check_name(name: str, given: str | None, meaning: str) -> None:
    if given is None:
        return

    advice = f"{name} is {meaning}, not {given!r}."

    if not isinstance(given, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(advice)

    if not given.strip():
        raise ValueError(f"{advice} Leave it out where there is none.")


def _check_choice(name: str, given: str | None, choices: Sequence[str | None]) -> None:
    if given not in choices:
        raise ValueError(
            f"There is no {name} {given!r} for callback_attributes(); there are"
            f" {', '.join(filter(None, choices))}."
        )
