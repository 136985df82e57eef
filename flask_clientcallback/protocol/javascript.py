"""JavaScript made from Python values."""

from __future__ import annotations

import json
import math
import typing as t
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from string import ascii_letters
from string import digits

from markupsafe import Markup


class _Escapes(dict[int, str]):
    """The escape of each character, for :meth:`str.translate`, made on demand."""

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
"""The same for ASCII, in a plain dictionary, which is faster."""
_quoted_escapes = _Escapes(_WORD + " !#$()*+,-./:;=?@[]^{|}~")
"""For text in single quotes that also stands in a "javascript:" address."""
_BINARY: tuple[type, ...] = (bytes, bytearray, memoryview)
MOST_EXACT = 2**53
"""JavaScript cannot tell all integers apart beyond this."""


class JavaScriptLiteral(Markup):
    """A JavaScript literal that remembers the value it was made from.

    .. versionadded:: 0.1
    """

    __slots__ = ("value",)
    value: t.Any


def js_literal(value: t.Any) -> JavaScriptLiteral:
    """Write a value as a JavaScript literal. It is safe in a ``<script>`` and in a
    double-quoted, single-quoted or unquoted attribute, whether or not the template
    autoescapes.

    :param value: text, a number, a boolean, ``None``, or a list or mapping of these.
    :raises TypeError: the value is none of these.
    :raises ValueError: a number is NaN or infinite, or an integer beyond 2**53, which
        the browser would round; or two keys of a mapping have the same text.

    .. versionadded:: 0.1
    """
    # Markup() would look for an __html__, which such source cannot have.
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

    if isinstance(value, int):
        if not -MOST_EXACT <= value <= MOST_EXACT:
            raise ValueError(
                "js_literal cannot write an integer beyond 2**53, which the browser"
                " would round. Write it as text: js_literal(str(number))."
            )

        return json.dumps(value)

    if isinstance(value, float):
        if not math.isfinite(value):
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
    named = {_name_of(key): item for key, item in value.items()}

    if len(named) < len(value):
        raise ValueError(
            "js_literal cannot write a mapping with two keys of the same text, as 1"
            " and '1' are: JavaScript would keep one of them."
        )

    # A computed name is written like any other text. So "__proto__" becomes a member
    # like any other too.
    members = (f"[{_source(name)}]:{_source(item)}" for name, item in named.items())
    return f"{{{','.join(members)}}}"


def _name_of(key: t.Any) -> str:
    """Get the name that JavaScript gives a member for a key."""
    if isinstance(key, str):
        # A member of an enumeration has a str() that is not its text.
        return str.__str__(key)

    if key is None or isinstance(key, bool):
        return json.dumps(key)

    if isinstance(key, (int, float)):
        return number_text(key)

    raise TypeError(
        "js_literal takes mappings whose keys are text, numbers, booleans or None, not"
        f" {type(t.cast(object, key)).__name__}. Convert the keys to text first."
    )


def _array_source(value: Sequence[t.Any]) -> str:
    return f"[{','.join(map(_source, value))}]"


def quote(text: str) -> str:
    """Write text in single quotes, so that a ``javascript:`` URL can carry it too."""
    return f"'{str.translate(text, _quoted_escapes)}'"


def number_text(value: float) -> str:
    """Write a number as JavaScript does. An integer keeps all its digits, even if
    JavaScript would round it.
    """
    if isinstance(value, int):
        # A subclass may have a text of its own.
        return int.__repr__(value)

    number = float.__repr__(value)

    if not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[number]

    # Python and JavaScript write the same digits, the fewest that give the number back.
    # They place the point and the exponent differently.
    _, numerals, exponent = Decimal(number).normalize().as_tuple()
    text = "".join(map(str, numerals))
    point = len(text) + t.cast(int, exponent)
    sign = "-" * (value < 0)

    if 0 < point <= 21:
        text = text.ljust(point, "0")
        text = f"{text[:point]}.{text[point:]}".rstrip(".")
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{text}"
    else:
        text = f"{text[0]}.{text[1:]}".rstrip(".") + f"e{point - 1:+}"

    return sign + text
