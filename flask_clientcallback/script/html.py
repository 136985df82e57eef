"""The elements that a page's template gets: scripts, hidden fields, attributes."""

from __future__ import annotations

from markupsafe import escape
from markupsafe import Markup


def text_of(value: object) -> str:
    """Give a value as text that is nothing else: what it says of itself as HTML does
    not count.
    """
    # A member of an enumeration has a str() that is not its text, and a translation
    # that is made late may have one that is Markup.
    return str.__str__(value if isinstance(value, str) else str(value))


def inline_script(script: str, nonce: str | None) -> Markup:
    """Wrap JavaScript source in a script element.

    :raises ValueError: the source would end the element or open a comment.
    """
    source = text_of(script)
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

    :param content: the element's source, which stays as it is.
    :param attributes: as for :func:`html_attributes`.
    """
    written = html_attributes(**attributes, nonce=nonce)
    return Markup(f"<script{written}>{content}</script>")


def html_attributes(**attributes: str | None) -> Markup:
    """Write attributes, each with a space before it. Those that are ``None``
    are left out, and an underscore in a name stands for a hyphen.

    A value is text, and escaped, whatever it is: a :class:`~markupsafe.Markup` may
    hold a user's text, and is escaped for elements, not for quotes.
    """
    return Markup(
        "".join(
            f' {name.replace("_", "-")}="{escape(text_of(value))}"'
            for name, value in attributes.items()
            if value is not None
        )
    )


def hidden_field(name: str, value: str, *, with_id: bool) -> Markup:
    """Write a hidden input whose value the browser does not restore by itself."""
    written = html_attributes(
        name=name, id=name if with_id else None, value=value, autocomplete="off"
    )
    return Markup(f'<input type="hidden"{written}>')
