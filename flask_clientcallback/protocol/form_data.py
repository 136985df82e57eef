"""Form-encoded bodies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote_plus
from urllib.parse import unquote_to_bytes

_QUOTED = re.compile("(?:%[89A-F][0-9A-F])+")
_PLAIN = "!'()*~"
"""What some client or other does not encode, beside letters, digits, ``-._``."""


def read_fields(body: bytes) -> list[tuple[str, str]]:
    """Read the fields of a form-encoded body, as :func:`urllib.parse.parse_qsl` does
    where it keeps blank values. It decodes only what is encoded: most of a callback
    is not.

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
    """Tell whether a form that Werkzeug read lacks what its body held. A byte that is
    not UTF-8 is the text ``%FF`` there, as if that had been sent. Such a text takes two
    bytes more than the byte does, so that the body is too short for what was read.

    :param length: of the body, in bytes.
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
