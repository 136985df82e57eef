"""The argument of a call, as the client script sends it."""

from __future__ import annotations

import typing as t
from types import NoneType

from .javascript import JavaScriptLiteral
from .javascript import number_text


def value_of(value: t.Any) -> t.Any:
    """Get the value that an argument has in the browser: the value of a literal, or the
    argument itself.

    :raises TypeError: it is a literal joined with other source, which only a browser
        can evaluate.
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
    """Get the text for a value in an attribute or a reference, which the client script
    sends: as JavaScript writes it, but an integer with all its digits. ``None`` if the
    value has no text.
    """
    if value is None:
        return ""

    if isinstance(value, bool):
        return "true" if value else "false"

    if isinstance(value, (int, float)):
        return number_text(value)

    # A member of an enumeration has a str() that is not its text.
    return str.__str__(value) if isinstance(value, str) else None


def argument_to_send(value: t.Any) -> str:
    """Get the text that the client script sends for a value or its literal.

    :raises TypeError: it would not send a text.
    """
    text = text_sent_for(value_of(value))

    if text is None:
        raise TypeError(
            f"The argument is text, a number or a boolean here, not {value!r}. Send"
            " other data as the text of its JSON."
        )

    return text


def argument_to_post(value: t.Any) -> str:
    """Get the text that a post back sends for a value: as :func:`argument_to_send`
    writes it, with the line breaks of :func:`unify_line_breaks`.

    :raises TypeError: the value has no text.
    :raises ValueError: a form cannot send its text.
    """
    text = argument_to_send(value)

    if not text.isascii():
        try:
            # A browser joins two halves of a character that follow each other.
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError as error:
            raise ValueError(
                f"A post back cannot send {text!a}: a form would replace the half of a"
                " surrogate pair in it. Leave it out, or write the text as JSON."
            ) from error

    return unify_line_breaks(text)


def unify_line_breaks(text: str) -> str:
    r"""Write line breaks as ``\n``. A form sends all of them as ``\r\n``, so no other
    kind comes back.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def require_expression(given: object, name: str) -> None:
    """Check that a part of a reference is an expression, or left out.

    :param name: its name.
    :raises TypeError: it is not text.
    """
    if not isinstance(given, (str, NoneType)):
        raise TypeError(
            f"The {name} is a JavaScript expression, not {given!r}: use"
            f" js_literal({given!r})."
        )


def text_sent_by(expression: str | None) -> str | None:
    """Get the text that the client script sends for a reference's argument, which is an
    expression; ``None`` if only the browser knows it.
    """
    if isinstance(expression, JavaScriptLiteral) and hasattr(expression, "value"):
        return text_sent_for(expression.value)

    return None if expression else ""
