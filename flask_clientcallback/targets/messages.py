"""What a user is told of an argument that does not hold, in WTForms' words: its
translations know these.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from collections.abc import Mapping

from ..errors import CallbackError
from ..field_errors import FieldErrors
from ..typing import Translations

INVALID = "Invalid input."
REQUIRED = "This field is required."

_TEXTS = {
    "missing": REQUIRED,
    "greater_than": "Number must be greater than %(min)s.",
    "greater_than_equal": "Number must be at least %(min)s.",
    "less_than": "Number must be less than %(max)s.",
    "less_than_equal": "Number must be at most %(max)s.",
    "enum": "Not a valid choice.",
    "literal_error": "Not a valid choice.",
    "url_parsing": "Invalid URL.",
    "url_syntax_violation": "Invalid URL.",
    "url_type": "Invalid URL.",
    "url_scheme": "Invalid URL.",
    "uuid_parsing": "Invalid UUID.",
    "uuid_type": "Invalid UUID.",
    "ip_any_address": "Invalid IP address.",
    "ip_v4_address": "Invalid IP address.",
    "ip_v6_address": "Invalid IP address.",
}
"""The text for each of pydantic's types of error."""
_BEGINNINGS = {
    "int_": "Not a valid integer value.",
    "float_": "Not a valid float value.",
    "finite_number": "Not a valid float value.",
    "decimal_": "Not a valid decimal value.",
    "datetime_": "Not a valid datetime value.",
    "timezone_": "Not a valid datetime value.",
    "date_": "Not a valid date value.",
    "time_": "Not a valid time value.",
}
_LENGTHS = {
    "string_too_short": (
        "Field must be at least %(min)d character long.",
        "Field must be at least %(min)d characters long.",
    ),
    "string_too_long": (
        "Field cannot be longer than %(max)d character.",
        "Field cannot be longer than %(max)d characters.",
    ),
}
_BOUNDS = {
    "ge": "min",
    "gt": "min",
    "le": "max",
    "lt": "max",
    "min_length": "min",
    "max_length": "max",
}
"""What WTForms calls the bounds that an error tells."""
_OWN_TEXTS = {"value_error": "Value error, ", "assertion_error": "Assertion failed, "}
"""Whose text is that of a validator, and what pydantic puts before it."""


def _message_of(error: Mapping[str, t.Any], translations: Translations) -> str:
    """Tell a user what one of pydantic's errors says.

    :param error: has ``type``, ``msg`` and perhaps ``ctx``.
    """
    kind: str = error["type"]
    context: dict[str, t.Any] = error.get("ctx", {})
    bounds = {_BOUNDS[name]: n for name, n in context.items() if name in _BOUNDS}

    if kind in _OWN_TEXTS:
        return str(error["msg"]).removeprefix(_OWN_TEXTS[kind])

    if kind in _LENGTHS:
        [number] = bounds.values()
        return translations.ngettext(*_LENGTHS[kind], number) % bounds

    text = _TEXTS.get(kind)

    if text is None:
        beginnings = (
            text for name, text in _BEGINNINGS.items() if kind.startswith(name)
        )
        text = next(beginnings, INVALID)

    return translations.gettext(text) % bounds


def explain(
    errors: Iterable[tuple[str, Mapping[str, t.Any]]], translations: Translations
) -> CallbackError:
    """Make the error that tells a user what is wrong.

    :param errors: pydantic's, each with the key that its text goes under.
    """
    fields: FieldErrors = {}

    for key, error in errors:
        text = _message_of(error, translations)
        texts = fields.setdefault(key, [])

        # The branches of a union often say the same.
        if text not in texts:
            texts.append(text)

    return CallbackError(translations.gettext(INVALID), fields=fields)
