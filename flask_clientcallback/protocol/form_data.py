"""Form-encoded bodies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote_plus
from urllib.parse import unquote_to_bytes

_QUOTED = re.compile("(?:%[89A-F][0-9A-F])+")
_PLAIN = "!'()*~"
"""What some clients do not encode, besides letters, digits, ``-._``."""


def read_fields(body: bytes) -> list[tuple[str, str]]:
    """Read the fields of a form-encoded body, as :func:`urllib.parse.parse_qsl` does
    with blank values kept. Only encoded text is decoded: most of a callback is not
    encoded.

    :raises UnicodeDecodeError: the body is not UTF-8.
    """
    fields: list[tuple[str, str]] = []

    for field in body.decode().split("&"):
        name, _, value = field.partition("=")

        if "%" in field or "+" in field:
            fields.append((_decode(name), _decode(value)))
        elif field:
            fields.append((name, value))

    return fields


def _decode(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")

    return unquote_to_bytes(text).decode() if "%" in text else text


def lost_bytes(fields: Sequence[tuple[str, str]], length: int) -> bool:
    """Tell whether a form that Werkzeug read lacks a part of its body. Werkzeug reads a
    byte that is not UTF-8 as the text ``%FF``, as if this had been sent. The text is
    two bytes longer than the byte, so the body is too short for what was read.

    :param length: the length of the body in bytes.
    """
    if not any(map(_has_stray_bytes, fields)):
        return False

    needed = len(fields) - 1

    for name, value in fields:
        needed += len(quote_plus(name, _PLAIN)) + len(quote_plus(value, _PLAIN)) + 1

    return length < needed


def _has_stray_bytes(field: tuple[str, str]) -> bool:
    for run in _QUOTED.findall("=".join(field)):
        try:
            unquote_to_bytes(run).decode()
        except UnicodeDecodeError:
            return True

    return False
