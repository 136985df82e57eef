"""What a browser would send for the form controls of a page."""

from __future__ import annotations

from html.parser import HTMLParser

_UNSENT_TYPES = ("submit", "button", "reset", "image", "file")
_Attributes = dict[str, str | None]


class PageParser(HTMLParser):
    """Reads a page as the test client needs it."""

    def __init__(self) -> None:
        super().__init__()
        self.controls: list[tuple[str, str]] = []
        """Names and values of what is sent, in order."""
        self.script: dict[str, str | None] = {}
        """What the client script's element says of the page."""
        self._ignored: list[str] = []
        self._select: _Select | None = None
        self._textarea: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        disabled = "disabled" in attributes
        name = "" if disabled or self._ignored else attributes.get("name") or ""

        if tag == "script":
            self.script.update(
                (key.removeprefix("data-callback-"), value)
                for key, value in attrs
                if key.startswith("data-callback-")
            )
        elif tag == "template" or (tag == "fieldset" and (disabled or self._ignored)):
            self._ignored.append(tag)
        elif tag == "option" and self._select is not None:
            self._select.begin_option(attributes)
            self._text = ""
        elif name and tag == "input":
            self._handle_input(name, attributes)
        elif name and tag == "select":
            self._select = _Select(name, "multiple" in attributes)
        elif name and tag == "textarea":
            self._textarea = name
            self._text = ""

    def handle_data(self, data: str) -> None:
        self._text += data

        if self._select is not None:
            self._select.text = self._text

    def handle_endtag(self, tag: str) -> None:
        if self._ignored and tag == self._ignored[-1]:
            self._ignored.pop()
        elif tag == "option" and self._select is not None:
            self._select.end_option()
        elif tag == "select" and self._select is not None:
            self.controls += self._select.chosen()
            self._select = None
        elif tag == "textarea" and self._textarea is not None:
            self.controls.append((self._textarea, self._text.removeprefix("\n")))
            self._textarea = None

    def _handle_input(self, name: str, attributes: _Attributes) -> None:
        kind = (attributes.get("type") or "text").lower()
        value = attributes.get("value")

        if kind in ("checkbox", "radio"):
            if "checked" in attributes:
                unsaid = "" if "value" in attributes else "on"
                self.controls.append((name, value or unsaid))
        elif kind not in _UNSENT_TYPES:
            self.controls.append((name, value or ""))


class _Select:
    """The options of a select element, as they come."""

    def __init__(self, name: str, multiple: bool) -> None:
        self.text = ""
        self._name = name
        self._multiple = multiple
        self._open: _Attributes | None = None
        self._options: list[tuple[str, _Attributes]] = []

    def begin_option(self, attributes: _Attributes) -> None:
        self.end_option()
        self._open = attributes

    def end_option(self) -> None:
        if self._open is None:
            return

        text = " ".join(self.text.split())
        value = (self._open["value"] or "") if "value" in self._open else text
        self._options.append((value, self._open))
        self._open = None
        self.text = ""

    def chosen(self) -> list[tuple[str, str]]:
        self.end_option()
        chosen = [option for option in self._options if "selected" in option[1]]

        if not self._multiple:
            enabled = [o for o in self._options if "disabled" not in o[1]]
            chosen = chosen[-1:] or enabled[:1]

        return [(self._name, v) for v, said in chosen if "disabled" not in said]
