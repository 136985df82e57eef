"""JavaScript made from Python values."""

from __future__ import annotations

import json
import math
import typing as t
from collections.abc import Mapping
from collections.abc import Sequence
from string import ascii_letters
from string import digits

from markupsafe import Markup


class _Escapes(dict[int, str]):
    """What :meth:`str.translate` writes for each character, made on demand."""

    def __init__(self, kept: str) -> None:
        self._kept = kept

    def __missing__(self, code: int) -> str:
        character = chr(code)

        if character in self._kept:
            text = character
        elif code > 0xFFFF:
            code -= 0x10000
            text = f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
        else:
            text = f"\\u{code:04x}"

        if character.isascii():
            self[code] = text

        return text


_WORD = ascii_letters + digits + "_"
_escapes = _Escapes(_WORD)
_ascii_escapes = {code: _escapes[code] for code in range(128)}
"""The same for ASCII, in a plain dictionary, which is quicker to ask."""
_quoted_escapes = _Escapes(_WORD + " !#$()*+,-./:;=?@[]^{|}~")
"""For text in single quotes that also stands in a "javascript:" address."""
_BINARY: tuple[type, ...] = (bytes, bytearray, memoryview)


class JavaScriptLiteral(Markup):
    """A JavaScript literal that remembers the value it was made from.

    .. versionadded:: 0.1
    """

    __slots__ = ("value",)
    value: t.Any


def js_literal(value: t.Any) -> JavaScriptLiteral:
    """Write a value as a JavaScript literal that is safe as it stands in a
    ``<script>`` and in a double-quoted, single-quoted or unquoted attribute,
    whether or not the template escapes by itself.

    :param value: text, a number, a boolean, ``None``, or a list or mapping of
        those.
    :raises TypeError: the value is none of these.
    :raises ValueError: a number is NaN or infinite.

    .. versionadded:: 0.1
    """
    # Markup's own way would look for an __html__ that a source cannot have.
    if type(value) is str:
        escapes = _ascii_escapes if value.isascii() else _escapes
        source = f"`{value.translate(escapes)}`"
    else:
        source = _source(value)

    literal = str.__new__(JavaScriptLiteral, source)
    literal.value = value
    return literal


def _source(value: t.Any) -> str:
    if isinstance(value, str):
        # Markup has a translate of its own, which escapes what it is given.
        return f"`{str.translate(value, _escapes)}`"

    if value is None or isinstance(value, bool):
        return json.dumps(value)

    if isinstance(value, (int, float)):
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(
                f"js_literal cannot write {value}: JSON has no such value."
            )

        return json.dumps(value)

    if isinstance(value, Mapping):
        return _object_source(value)  # pyright: ignore[reportUnknownArgumentType]

    if isinstance(value, Sequence) and not isinstance(value, _BINARY):
        return _array_source(value)  # pyright: ignore[reportUnknownArgumentType]

    kind = type(t.cast(object, value)).__name__
    raise TypeError(
        "js_literal writes text, numbers, booleans, None, lists and mappings,"
        f" not {kind}. Convert the value to one of these first."
    )


def _object_source(value: Mapping[t.Any, t.Any]) -> str:
    # A computed name is written like any other text, and makes a member of its
    # own also of "__proto__".
    members = (f"[{_source(str(key))}]:{_source(item)}" for key, item in value.items())
    return f"{{{','.join(members)}}}"


def _array_source(value: Sequence[t.Any]) -> str:
    return f"[{','.join(map(_source, value))}]"


def quote(text: str) -> str:
    """Write text in single quotes, as an address that begins with ``javascript:`` can
    hold it too.
    """
    return f"'{str.translate(text, _quoted_escapes)}'"
