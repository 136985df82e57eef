"""Messages for invalid arguments, in WTForms' words: its translations know them."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from collections.abc import Mapping
from decimal import Decimal

from ..errors import CallbackError
from ..field_errors import FieldErrors
from ..typing import Translations

INVALID = "Invalid input."
REQUIRED = "This field is required."
SURPLUS = {"type": "surplus_argument"}
"""An error that pydantic does not have."""

_TEXTS = {
    "missing": REQUIRED,
    "enum": "Not a valid choice.",
    "literal_error": "Not a valid choice.",
    "url_parsing": "Invalid URL.",
    "url_syntax_violation": "Invalid URL.",
    "url_type": "Invalid URL.",
    "url_scheme": "Invalid URL.",
    "uuid_parsing": "Invalid UUID.",
    "uuid_type": "Invalid UUID.",
    "uuid_version": "Invalid UUID.",
    "ip_any_address": "Invalid IP address.",
    "ip_v4_address": "Invalid IP address.",
    "ip_v6_address": "Invalid IP address.",
    # WTForms has no text for these.
    SURPLUS["type"]: "Unexpected argument.",
    "date_past": "Date must be in the past.",
    "datetime_past": "Date must be in the past.",
    "date_future": "Date must be in the future.",
    "datetime_future": "Date must be in the future.",
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
_BY_BOUND = {
    "greater_than": "gt",
    "greater_than_equal": "ge",
    "less_than": "lt",
    "less_than_equal": "le",
    "string_too_short": "min_length",
    "string_too_long": "max_length",
    "decimal_max_digits": "max_digits",
    "decimal_max_places": "decimal_places",
    "decimal_whole_digits": "whole_digits",
}
"""pydantic's name for the bound in this error."""
_LENGTHS = {
    "string_too_short": (
        "Field must be at least %(min)d character long.",
        "Field must be at least %(min)d characters long.",
        "min",
    ),
    "string_too_long": (
        "Field cannot be longer than %(max)d character.",
        "Field cannot be longer than %(max)d characters.",
        "max",
    ),
    "decimal_max_digits": (
        "Number must have at most %(max)d digit.",
        "Number must have at most %(max)d digits.",
        "max",
    ),
    "decimal_max_places": (
        "Number must have at most %(max)d decimal place.",
        "Number must have at most %(max)d decimal places.",
        "max",
    ),
    "decimal_whole_digits": (
        "Number must have at most %(max)d digit before the decimal point.",
        "Number must have at most %(max)d digits before the decimal point.",
        "max",
    ),
}
"""WTForms has no text for digits."""
_NUMBERS = {
    "greater_than": ("Number must be greater than %(min)s.", "min"),
    "greater_than_equal": ("Number must be at least %(min)s.", "min"),
    "less_than": ("Number must be less than %(max)s.", "max"),
    "less_than_equal": ("Number must be at most %(max)s.", "max"),
}
"""WTForms has no text for exclusive bounds."""
_NEXT = {
    "greater_than": ("greater_than_equal", 1),
    "less_than": ("less_than_equal", -1),
}
"""The inclusive bound for integers."""
_OWN_TEXTS = {"value_error": "Value error, ", "assertion_error": "Assertion failed, "}
"""The errors with a validator's own text, and what pydantic puts before it."""


def _message_of(error: Mapping[str, t.Any], translations: Translations) -> str:
    """Write one of pydantic's errors for a user.

    :param error: has ``type``, ``msg``, perhaps ``ctx``, and ``is_own`` if it is not
        from pydantic's core.
    """
    kind: str = error["type"]

    if kind in _OWN_TEXTS:
        return str(error["msg"]).removeprefix(_OWN_TEXTS[kind])

    if error.get("is_own") and kind not in _TEXTS:
        return str(error["msg"])

    if kind in _BY_BOUND:
        return _message_of_bound(error, translations)

    text = _TEXTS.get(kind)

    if text is None:
        beginnings = (
            text for name, text in _BEGINNINGS.items() if kind.startswith(name)
        )
        text = next(beginnings, INVALID)

    return translations.gettext(text)


def _message_of_bound(error: Mapping[str, t.Any], translations: Translations) -> str:
    kind: str = error["type"]
    bound: t.Any = error.get("ctx", {}).get(_BY_BOUND[kind])

    if bound is None:
        # An error of the application's validator, under a name of pydantic's.
        return str(error["msg"])

    if kind in _LENGTHS:
        singular, plural, name = _LENGTHS[kind]
        return translations.ngettext(singular, plural, bound) % {name: bound}

    # For example a date.
    if not isinstance(bound, (int, float, Decimal)):
        return translations.gettext(INVALID)

    if type(bound) is int and kind in _NEXT:
        kind, step = _NEXT[kind]
        bound += step
    elif isinstance(bound, float) and bound.is_integer():
        bound = int(bound)

    text, name = _NUMBERS[kind]
    return translations.gettext(text) % {name: bound}


def explain(
    errors: Iterable[tuple[str, Mapping[str, t.Any]]], translations: Translations
) -> CallbackError:
    """Make an error that tells a user what is wrong.

    :param errors: pydantic's errors, each with the key for its text.
    """
    # A message that belongs to no field has an empty key.
    fields: FieldErrors = {}

    for key, error in errors:
        text = _message_of(error, translations)
        texts = fields.setdefault(key, [])

        # The branches of a union often have the same message.
        if text not in texts:
            texts.append(text)

    message = " ".join(fields.pop("", ())) or translations.gettext(INVALID)
    return CallbackError(message, fields=fields)
