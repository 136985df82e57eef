"""The elements that a page's template gets: scripts, hidden fields, attributes."""

from __future__ import annotations

from markupsafe import escape
from markupsafe import Markup


def text_of(value: object) -> str:
    """Give a value as plain text. How it writes itself as HTML does not count."""
    # A member of an enumeration has a str() that is not its text, and the str() of a
    # lazy translation may be Markup.
    return str.__str__(value if isinstance(value, str) else str(value))


def inline_script(script: str, nonce: str | None) -> Markup:
    """Wrap JavaScript source in a script element.

    :raises ValueError: the source would close the element or open a comment, or HTML
        cannot carry it.
    """
    source = text_of(script)
    _require_html(source, "a script", "Write data that may hold it with js_literal().")
    folded = source.lower()

    if "</script" in folded or "<script" in folded or "<!--" in folded:
        raise ValueError(
            "A registered script is JavaScript only: leave out <script> tags and"
            " <!-- comments, and write data that may hold them with js_literal()."
        )

    return script_element(nonce=nonce, content=source)


def script_element(
    *, nonce: str | None, content: str = "", **attributes: str | None
) -> Markup:
    """Write a script element.

    :param content: the element's source, which is not changed.
    :param attributes: as for :func:`html_attributes`.
    :raises ValueError: HTML cannot carry an attribute's value.
    """
    written = html_attributes(**attributes, nonce=nonce)
    return Markup(f"<script{written}>{content}</script>")


def html_attributes(**attributes: str | None) -> Markup:
    """Write attributes, each with a space before it. Those that are ``None`` are left
    out. An underscore in a name stands for a hyphen.

    Each value is text, and escaped: even a :class:`~markupsafe.Markup` may contain a
    user's text, and is escaped for elements, not for quotes.

    :raises ValueError: HTML cannot carry a value.
    """
    return Markup(
        "".join(
            _attribute(name.replace("_", "-"), text_of(value))
            for name, value in attributes.items()
            if value is not None
        )
    )


def _attribute(name: str, text: str) -> str:
    _require_html(
        text, f"the attribute {name}", "Leave it out, or write the text as JSON."
    )
    # A parser reads a bare carriage return as a line feed.
    value = str(escape(text)).replace("\r", "&#13;")
    return f' {name}="{value}"'


def _require_html(text: str, place: str, remedy: str) -> None:
    wrong = "\0" if "\0" in text else ""

    try:
        text.encode()
    except UnicodeEncodeError as error:
        wrong = text[error.start]

    if wrong:
        raise ValueError(
            f"HTML cannot carry the character {wrong!a} in {place}: a browser would"
            f" read another one. {remedy}"
        )


def hidden_field(
    name: str, value: str, *, with_id: bool, **attributes: str | None
) -> Markup:
    """Write a hidden input whose value the browser does not restore.

    :param attributes: more attributes, as for :func:`html_attributes`.
    :raises ValueError: HTML cannot carry the name or the value.
    """
    written = html_attributes(
        name=name,
        id=name if with_id else None,
        value=value,
        autocomplete="off",
        **attributes,
    )
    return Markup(f'<input type="hidden"{written}>')


def error_place(name: str, text: str) -> Markup:
    """Write the element that shows the error of a field, or any.

    :param name: the field's name; empty for any error.
    :param text: the text that it shows now.
    """
    written = html_attributes(
        data_callback_error=name,
        id=f"{name}-error" if name else None,
        role=None if name else "alert",
    )
    return Markup(f"<span{written}>{escape(text_of(text))}</span>")
