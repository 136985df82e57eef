"""A result as the client script shows it, for a page that is rendered without it."""

from __future__ import annotations

import json
import typing as t
from decimal import Decimal

from markupsafe import escape
from markupsafe import Markup

from ..protocol.method_calls import split_target
from ..protocol.wire import PAGE_TARGET
from .live_page import LivePage
from .results import explain_unwritable
from .results import write_result

_quote = json.JSONEncoder(ensure_ascii=False).encode


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
        owner = PAGE_TARGET if control is None else control
        meant, method = controls.method_of(owner, name)
        is_meant = (control_id, called) == (meant, method.name)
    else:
        is_meant = control is None or control_id == controls.id_of(control)

    result = page.result

    if result is None or not is_meant:
        return Markup()

    if isinstance(result, Markup):
        return result

    try:
        text = write_result(page.app.json, result, live.writer)
    except Exception as error:
        owner = controls.find(control_id)
        target = page.callback_target or ""
        explain_unwritable(error, getattr(owner, called or "", owner), target)
        raise

    # The browser has one kind of number.
    return escape(_as_shown(json.loads(text, parse_int=float)))


def _as_shown(result: t.Any) -> str:
    """Write a result's value as JavaScript's ``String()`` does, and a list or an object
    as ``JSON.stringify()`` does.
    """
    if result is None:
        return ""

    return result if isinstance(result, str) else _stringify(result)


def _stringify(value: object) -> str:
    if isinstance(value, dict):
        members = t.cast("dict[str, t.Any]", value).items()
        return f"{{{','.join(f'{_quote(k)}:{_stringify(v)}' for k, v in members)}}}"

    if isinstance(value, list):
        return f"[{','.join(map(_stringify, t.cast(list[object], value)))}]"

    return _number_text(value) if isinstance(value, float) else _quote(value)


def _number_text(number: float) -> str:
    if not number:
        return "0"  # negative zero too

    if 1e-6 <= abs(number) < 1e21:
        return f"{Decimal(repr(number)):f}".removesuffix(".0")

    # Python writes two digits of an exponent or more.
    return repr(number).replace("e-0", "e-")
