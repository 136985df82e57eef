"""A result as the client script shows it, for a page that is rendered without it."""

from __future__ import annotations

import json
import math
import re
import typing as t
from decimal import Decimal

from markupsafe import escape
from markupsafe import Markup

from ..protocol.method_calls import split_target
from ..protocol.wire import PAGE_TARGET
from .live_page import LivePage
from .results import explain_unwritable
from .results import value_of
from .results import write_result

_encoder = json.JSONEncoder(ensure_ascii=False)
_HALVES = re.compile("[\ud800-\udfff]")
_INDEXES = 2**32 - 1
"""So many indexes has an array of JavaScript at most."""


def show_result(live: LivePage, control: object, name: str | None) -> Markup:
    """Write what the method that a post back called has returned.

    :param live: the page.
    :param control: the control whose result it may be; ``None`` for any.
    :param name: the name of the method whose result it may be; ``None`` for any.
    :raises CallbackTargetError: the page has no such control or method.
    :raises Exception: the result cannot be written, or does not fit its hint.
    """
    page, controls = live.page, live.controls
    control_id, called = split_target(page.callback_target or "")

    if name is not None:
        of = PAGE_TARGET if control is None else control
        meant, method_meant = controls.method_of(of, name)
        is_meant = (control_id, called) == (meant, method_meant.name)
    else:
        is_meant = control is None or control_id == controls.id_of(control)

    result = page.result

    if result is None or not is_meant:
        return Markup()

    returned, writer = live.returned

    if result is not value_of(returned):
        returned, writer = result, None

    try:
        text = write_result(page.app.json, returned, writer)
    except Exception as error:
        method = handler = controls.find(control_id)

        if called is not None:
            method = getattr(handler, called)

        explain_unwritable(error, method, page.callback_target or "")
        raise

    if isinstance(result, Markup):
        return result

    # The browser has one kind of number.
    return escape(_as_shown(json.loads(text, parse_int=float)))


def _as_shown(result: t.Any) -> str:
    """Write a result's value as JavaScript's ``String()`` does, and a list or an object
    as ``JSON.stringify()`` does.
    """
    if result is None:
        return ""

    if isinstance(result, str):
        # What a browser shows of half a character.
        return _HALVES.sub("\ufffd", result)

    if isinstance(result, float) and math.isinf(result):
        return "Infinity" if result > 0 else "-Infinity"

    return _stringify(result)


def _stringify(value: object) -> str:
    if isinstance(value, dict):
        members = sorted(t.cast("dict[str, t.Any]", value).items(), key=_place_of)
        return f"{{{','.join(f'{_quote(k)}:{_stringify(v)}' for k, v in members)}}}"

    if isinstance(value, list):
        return f"[{','.join(map(_stringify, t.cast(list[object], value)))}]"

    return _number_text(value) if isinstance(value, float) else _quote(value)


def _place_of(member: tuple[str, t.Any]) -> float:
    """Tell where JavaScript has a member: what could be an index of an array is first,
    all else in the order in which it was added.
    """
    name, _ = member
    is_index = name.isascii() and name.isdecimal() and str(int(name[:10])) == name
    return int(name) if is_index and int(name) < _INDEXES else _INDEXES


def _quote(value: object) -> str:
    return _HALVES.sub(lambda half: f"\\u{ord(half[0]):x}", _encoder.encode(value))


def _number_text(number: float) -> str:
    if not number:
        return "0"  # negative zero too

    if math.isinf(number):
        return "null"

    if 1e-6 <= abs(number) < 1e21:
        return f"{Decimal(repr(number)):f}".removesuffix(".0")

    # Python writes two digits of an exponent or more.
    return repr(number).replace("e-0", "e-")
