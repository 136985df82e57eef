"""The call of a named method, with the arguments and the form that were sent."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from collections.abc import Mapping

from ..errors import CallbackError
from ..globals import logger
from ..globals import registration_of
from ..targets.form_values import fields_of
from ..targets.form_values import FormFields
from ..targets.form_values import Sent
from ..targets.methods import CallbackMethod
from ..targets.parameters import Parameters
from ..work.streams import awaited
from .hooks import call
from .page import Page


def call_method(
    page: Page,
    target: object,
    method: CallbackMethod,
    arguments: t.Any,
    files: Mapping[str, list[t.Any]] | None,
) -> t.Any:
    """Call a method of the view or of a control.

    :param target: the view or the control.
    :param arguments: the arguments that were sent: a list or a mapping.
    :param files: the files among them, by place or name.
    :raises CallbackError: an argument is missing or invalid, or there is one too many.
    """
    sent = Sent(arguments, files or {}, FormFields(page.form, page.files))
    translations = registration_of(page.app).translations

    try:
        places, named = method.parameters.bind(sent, translations)
    except CallbackError as error:
        # Users see the messages in the page; a developer who forgot an argument in a
        # script looks here.
        if page.app.debug:
            hint = _missing_fields(page, method.parameters, error)
            name = method.qualname
            logger.warning("%s got invalid input: %s%s", name, error.fields, hint)

        raise

    # By the attribute, so that each of its decorators runs.
    result = call(page.app, getattr(target, method.name), *places, **named)
    # A plain decorator of a coroutine function returns the coroutine.
    return awaited(page.app, result)


def _missing_fields(page: Page, parameters: Parameters, error: CallbackError) -> str:
    """Say which fields the form does not have, if these are what is wrong."""
    known = [*page.form, *page.files]
    wrong = error.fields or {}
    missing = [
        name for name in _form_names(parameters) if name in wrong and name not in known
    ]

    if not missing:
        return ""

    if not known:
        return (
            ". No field was sent: put the element into a form, or callback_fields()"
            " into the page's form."
        )

    names = ", ".join(map(repr, missing))
    return f". The form that was sent has no field {names}: it has {', '.join(known)}."


def _form_names(parameters: Parameters) -> Iterator[str]:
    for name, field in parameters.form_names.items():
        yield from fields_of(parameters.hints[name]) or [field]
