"""Form-encoded bodies."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes


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
