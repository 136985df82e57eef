"""Calls of named methods: how a target names one, and how arguments are written."""

from __future__ import annotations

import json
import math
import typing as t
from collections.abc import Mapping
from datetime import date
from datetime import time
from decimal import Decimal
from enum import Enum
from uuid import UUID

from .compact_json import MOST_NESTED
from .javascript import MOST_EXACT

Arguments = list[t.Any] | dict[str, t.Any]
"""By place, or by name. A place may be a name too: ``"0"`` is the first."""


def method_target(control_id: str, method: str) -> str:
    """Write the target of a call: no id of a control has a dot."""
    return f"{control_id}.{method}"


def split_target(target: str) -> tuple[str, str | None]:
    """Read the control that a target names, and its method, if any."""
    control_id, dot, method = target.partition(".")
    return control_id, method if dot else None


def names_method(target: str) -> bool:
    """Tell whether a target is a method, and not a control."""
    return "." in target


def is_too_deep(value: t.Any) -> bool:
    """Tell whether a value is nested so deeply that code which goes through it may
    fail.
    """
    level = [value]

    for _ in range(MOST_NESTED + 1):
        inner: list[t.Any] = []

        for holder in level:
            if isinstance(holder, dict):
                inner += t.cast("dict[str, t.Any]", holder).values()
            elif isinstance(holder, list):
                inner += holder  # pyright: ignore

        level = inner

    return bool(level)


def encode_arguments(arguments: Arguments) -> str:
    """Write arguments as JSON that a browser reads without loss.

    :raises TypeError: JSON has no form for the type of one.
    :raises ValueError: one is NaN or infinite, or an integer beyond 2**53.
    """
    _require_exact(arguments)
    return _encoder.encode(arguments)


def _require_exact(value: t.Any) -> None:
    if isinstance(value, Mapping):
        for item in t.cast("Mapping[t.Any, object]", value).values():
            _require_exact(item)
    elif isinstance(value, (list, tuple)):
        for item in t.cast("list[object]", value):
            _require_exact(item)
    elif isinstance(value, int) and not -MOST_EXACT <= value <= MOST_EXACT:
        raise ValueError(
            f"An argument is {value:d}, an integer beyond 2**53, which the browser"
            " would round. Give it as text: str(number)."
        )


def _default(value: t.Any) -> t.Any:
    if isinstance(value, Enum):
        _require_exact(value.value)
        return value.value

    if isinstance(value, (date, time)):
        return value.isoformat()

    if isinstance(value, (Decimal, UUID)):
        return str(value)

    raise TypeError(
        "An argument is text, a number, a boolean, None, a date or time, a Decimal, a"
        f" UUID, or a list or mapping of those, not a {type(value).__qualname__}."
    )


_encoder = json.JSONEncoder(default=_default, allow_nan=False, separators=(",", ":"))
_canonical = json.JSONEncoder(separators=(",", ":"), sort_keys=True)


def canonical_text(arguments: t.Any) -> str:
    """Write arguments so that equal ones have the same text, whoever wrote their JSON:
    browsers and Python write numbers in different ways.
    """
    return _canonical.encode(_with_floats(arguments))


def _with_floats(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        members = t.cast("dict[str, t.Any]", value)
        return {key: _with_floats(item) for key, item in members.items()}

    if isinstance(value, list):
        return [_with_floats(item) for item in t.cast("list[object]", value)]

    if isinstance(value, int) and not isinstance(value, bool):
        return _as_float(value)

    # Negative zero is zero.
    return value + 0.0 if isinstance(value, float) else value


def _as_float(value: int) -> t.Any:
    """Give the number that an integer is in a browser; the integer itself if a browser
    would write it differently. A method gets the integer as it was sent.
    """
    try:
        number = float(value)
    except OverflowError:
        return value

    # A browser writes only the digits that tell the number from its neighbours.
    is_written_so = value in (int(number), int(Decimal(repr(number))))
    return number if is_written_so else value


def all_arguments() -> str:
    """Give the text of an event that allows any arguments."""
    # The text of certain arguments ends in a bracket.
    return "*"


def first_arguments(arguments: list[t.Any]) -> str:
    """Give the text of an event that allows these arguments with one more."""
    return f"{canonical_text(arguments)}*"


def texts_of_call(arguments: t.Any, *, has_files: bool) -> list[str]:
    """List the texts of the events that allow a call: any one is enough.

    :param arguments: the arguments that were sent.
    :param has_files: whether files are among the arguments. Only an event for any
        arguments allows them.
    """
    texts = [all_arguments()]

    if not has_files:
        texts.append(canonical_text(arguments))

        if isinstance(arguments, list) and arguments:
            texts.append(first_arguments(arguments[:-1]))  # pyright: ignore

    return texts


def split_postback_target(text: str) -> tuple[str, str]:
    """Read the method that such a button calls, and the JSON of its arguments."""
    places = [place for place in (text.find("["), text.find("{")) if place >= 0]
    target = text[: min(places)] if places else text

    # Text that names no method is a control's id, which has no brackets.
    if target == text or not names_method(target):
        return text, "[]"

    return target, text[len(target) :]


def is_finite(value: t.Any) -> bool:
    """Tell whether JSON can write all numbers in a value."""
    if isinstance(value, float):
        return math.isfinite(value)

    if isinstance(value, dict):
        return all(map(is_finite, t.cast("dict[str, object]", value).values()))

    if isinstance(value, (list, tuple, set, frozenset)):
        return all(map(is_finite, t.cast("list[object]", value)))

    return True
