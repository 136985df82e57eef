"""JSON without white space."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Callable

_decoder = json.JSONDecoder()
# What decode() itself calls, between two looks for white space.
_scan: Callable[[str, int], tuple[t.Any, int]] = t.cast(t.Any, _decoder).scan_once

encode_json: Callable[[t.Any], str] = json.JSONEncoder(separators=(",", ":")).encode


def decode_json(text: str) -> t.Any:
    """Read JSON, quicker than :func:`json.loads` where no white space is around it.

    :raises ValueError: the text is not JSON.
    :raises RecursionError: it is nested too deeply.
    """
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        value, end = None, -1

    return value if end == len(text) else _decoder.decode(text)
