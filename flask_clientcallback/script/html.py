"""The elements that a page's template gets: scripts, hidden fields, attributes."""

from __future__ import annotations

from markupsafe import Markup


def inline_script(script: str, nonce: str | None) -> Markup:
    """Wrap JavaScript source in a script element.

    :raises ValueError: the source would end the element or open a comment.
    """
    folded = script.lower()

    if "</script" in folded or "<script" in folded or "<!--" in folded:
        raise ValueError(
            "A registered script is JavaScript only: leave out <script> tags and"
            " <!-- comments, and write data that may hold them with js_literal()."
        )

    return script_element(nonce=nonce, content=script)


def script_element(
    *, nonce: str | None, content: str = "", **attributes: str | None
) -> Markup:
    """Write a script element.

    :param content: the element's source, which stays as it is.
    :param attributes: as for :func:`html_attributes`.
    """
    written = html_attributes(**attributes, nonce=nonce)
    return Markup("<script{}>{}</script>").format(written, Markup(content))


def html_attributes(**attributes: str | None) -> Markup:
    """Write attributes, each with a space before it. Those that are ``None``
    are left out, and an underscore in a name stands for a hyphen.
    """
    return Markup("").join(
        Markup(' {}="{}"').format(name.replace("_", "-"), value)
        for name, value in attributes.items()
        if value is not None
    )


def hidden_field(name: str, value: str, *, with_id: bool) -> Markup:
    """Write a hidden input whose value the browser does not restore by itself."""
    return Markup('<input type="hidden"{}>').format(
        html_attributes(
            name=name, id=name if with_id else None, value=value, autocomplete="off"
        )
    )
