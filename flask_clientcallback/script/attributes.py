"""Attributes of elements that make callbacks."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from markupsafe import Markup

from ..protocol.arguments import argument_to_send
from ..protocol.wire import EVENT_TARGET_FIELD
from ..typing import Policy
from .html import html_attributes
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
"""What an element with callback attributes may wait for. ``load`` is when the page
is there."""


class CallbackAttributes(EventReferences):
    """Writes attributes beside references: what ASP.NET has no name for.

    .. versionadded:: 0.1
    """

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
        :param group: the calls that the policy is about; without it those of the
            page, or for ``latest`` and ``drop`` those of the same target.
        :param timeout: milliseconds until the call is given up.
        :param delay: milliseconds without another such event before the call.
        :param indicator: the id of an element that is shown while a call takes
            longer than a moment.
        :param disable: whether the element is said to be disabled while the call
            runs, and makes no other meanwhile.
        :param files: whether the form's files go along.
        :param postback: whether the element is a submit button that raises the
            control's post-back event where scripts do not run.
        :raises CallbackTargetError: the control is unknown or not a handler.
        :raises TypeError: the argument is no text, number or boolean, or what names a
            function is no text.
        :raises ValueError: there is no such event or policy, a name is empty, a time
            is no number, a post back would lack the argument, or HTML cannot carry it.

        .. versionadded:: 0.1
        """
        target = self._controls.callback_id_of(control)
        self._scripts.need_client_script = True
        _check_choice("event", event, CLIENT_EVENTS)
        _check_choice("policy", policy, (None, *t.get_args(Policy)))
        _check_name("on_result", on_result)
        _check_name("on_error", on_error)

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

        self._offer("either" if postback else "callback", target, sent)
        return html_attributes(
            name=EVENT_TARGET_FIELD if postback else None,
            value=target if postback else None,
            data_callback_page=self._events.page_id,
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


def _check_name(name: str, given: str | None) -> None:
    if given is None:
        return

    advice = (
        f"{name} is a name under which ClientCallback.register() knows a function, not"
        f" {given!r}."
    )

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
