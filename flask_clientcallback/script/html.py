"""The elements that a page's template gets: scripts, hidden fields, attributes."""

from __future__ import annotations

from markupsafe import Markup


def inline_script(script: str, nonce: str | None) -> Markup:
    """Wrap JavaScript source in a script element.

    :raises ValueError: the source would end the element or open a comment, or HTML
        cannot carry it.
    """
    _require_html(script, "a script", "Write data that may hold it with js_literal().")
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

    :raises ValueError: HTML cannot carry a value.
    """
    return Markup("").join(
        _attribute(name.replace("_", "-"), value)
        for name, value in attributes.items()
        if value is not None
    )


def _attribute(name: str, value: str) -> Markup:
    written = Markup(' {}="{}"').format(name, value)
    _require_html(
        written, f"the attribute {name}", "Leave it out, or write the text as JSON."
    )
    # A parser reads a carriage return that stands for itself as a line feed.
    return Markup(written.replace("\r", Markup("&#13;")))


def _require_html(text: str, place: str, remedy: str) -> None:
    wrong = "\0" if "\0" in text else ""

    try:
        text.encode()
    except UnicodeEncodeError as error:
        wrong = str(text)[error.start]

    if wrong:
        raise ValueError(
            f"HTML cannot carry the character {wrong!a} in {place}: a browser would"
            f" read another one. {remedy}"
        )


def hidden_field(name: str, value: str, *, with_id: bool) -> Markup:
    """Write a hidden input whose value the browser does not restore by itself.

    :raises ValueError: HTML cannot carry the name or the value.
    """
    return Markup('<input type="hidden"{}>').format(
        html_attributes(
            name=name, id=name if with_id else None, value=value, autocomplete="off"
        )
    )
