"""The call of a named method, with the arguments and the form that were sent."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from collections.abc import Mapping

from werkzeug.datastructures import FileStorage

from ..errors import CallbackError
from ..globals import logger
from ..globals import registration_of
from ..targets.form_values import fields_of
from ..targets.form_values import FormFields
from ..targets.form_values import Sent
from ..targets.hints import parts_of
from ..targets.methods import CallbackMethod
from ..targets.parameters import Parameters
from ..work.streams import awaited
from .hooks import call
from .page import Page

_MOST_NAMES = 20
"""So many fields of a form are listed in the log."""


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
            hint = _missing_fields(sent, method.parameters, error)
            name = method.qualname
            logger.warning("%s got invalid input: %s%s", name, error.fields, hint)

        raise

    # By the attribute, so that each of its decorators runs.
    result = call(page.app, getattr(target, method.name), *places, **named)
    # A plain decorator of a coroutine function returns the coroutine.
    return awaited(page.app, result)


def _missing_fields(sent: Sent, parameters: Parameters, error: CallbackError) -> str:
    """Say which fields the form does not have, if these are what is wrong."""
    form, files = sent.form
    known = list(dict.fromkeys([*form, *files]))
    wrong = error.fields or {}
    read = {k: hint for k, hint in _fields_read(sent, parameters) if k in wrong}

    if any(_takes_files(hint) and name not in files for name, hint in read.items()):
        return (
            ". A file is sent only with files=True, and without scripts only if its"
            ' form has enctype="multipart/form-data".'
        )

    # A checkbox that is not checked is not sent.
    missing = [
        name
        for name, hint in read.items()
        if name not in known and bool not in parts_of(hint)
    ]

    if not missing:
        return ""

    if not known:
        return (
            ". No field was sent: put the fields into the form of the element, or into"
            " one with callback_fields()."
        )

    # A client may have sent any names.
    names = ", ".join(map(repr, known[:_MOST_NAMES]))
    what = ", ".join(map(repr, missing))
    return f". The form that was sent has no field {what}: it has {names}."


def _fields_read(sent: Sent, parameters: Parameters) -> Iterator[tuple[str, t.Any]]:
    """List the fields of the form that parameters are read from, and their hints."""
    given, _ = parameters.assign(sent)

    for name, field in parameters.form_names.items():
        if name not in given:
            hint = parameters.hints[name]
            yield from (fields_of(hint) or {field: hint}).items()


def _takes_files(hint: t.Any) -> bool:
    return any(FileStorage in (part, *t.get_args(part)) for part in parts_of(hint))
