"""What the client script sends as the argument of a call."""

from __future__ import annotations

import math
import typing as t
from decimal import Decimal
from types import NoneType

from .javascript import JavaScriptLiteral


def value_of(value: t.Any) -> t.Any:
    """Get the value that an argument is in the browser: that which a literal stands
    for, or else itself.

    :raises TypeError: it is a literal put together with other source, which only a
        browser can evaluate.
    """
    if not isinstance(value, JavaScriptLiteral):
        return value

    if not hasattr(value, "value"):
        raise TypeError(
            f"The argument is a value here, not an expression: {str(value)!r} is a"
            " js_literal() put together with other source."
        )

    return value.value


def text_sent_for(value: t.Any) -> str | None:
    """Tell the text that the client script sends for a value, as JavaScript
    writes it; ``None`` where it would not send a text.
    """
    if value is None:
        return ""

    if isinstance(value, bool):
        return "true" if value else "false"

    if isinstance(value, (int, float)):
        return _number_text(value)

    # A member of an enumeration has a str() that is not its text.
    return str.__str__(value) if isinstance(value, str) else None


def argument_to_send(value: t.Any) -> str:
    """Tell the text that the client script sends for a value or its literal.

    :raises TypeError: it would not send a text.
    """
    text = text_sent_for(value_of(value))

    if text is None:
        raise TypeError(
            f"The argument is text, a number or a boolean here, not {value!r}. Send"
            " other data as the text of its JSON."
        )

    return text


def _number_text(value: float) -> str:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf if value > 0 else -math.inf

    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else f"{'-' * (number < 0)}Infinity"

    # Python's digits are JavaScript's: the fewest that give the number back. The
    # places of point and exponent are not.
    _, numerals, exponent = Decimal(repr(abs(number))).normalize().as_tuple()
    text = "".join(map(str, numerals))
    point = len(text) + t.cast(int, exponent)
    sign = "-" * (number < 0)

    if 0 < point <= 21:
        text = text.ljust(point, "0")
        text = f"{text[:point]}.{text[point:]}".rstrip(".")
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{text}"
    else:
        text = f"{text[0]}.{text[1:]}".rstrip(".") + f"e{point - 1:+}"

    return sign + text


def require_expression(given: object, name: str) -> None:
    """See that a part of a reference is an expression, or left out.

    :param name: what it is called.
    :raises TypeError: it is a value.
    """
    if not isinstance(given, (str, NoneType)):
        raise TypeError(
            f"The {name} is a JavaScript expression, not {given!r}: use"
            f" js_literal({given!r})."
        )


def text_sent_by(expression: str | None) -> str | None:
    """Tell the text that the client script sends for a reference's argument, which is
    an expression; ``None`` where only the browser knows.
    """
    if isinstance(expression, JavaScriptLiteral) and hasattr(expression, "value"):
        return text_sent_for(expression.value)

    return None if expression else ""
