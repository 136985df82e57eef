"""What a browser would send for the form controls of a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from ..protocol.wire import CSRF_HEADER
from ..protocol.wire import STATE_FIELD
from ..protocol.wire import VALIDATION_FIELD

_PREFIX = "data-callback-"
_VOID_TAGS = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()
)
"""Those that have no end."""
_UNSENT_TYPES = ("submit", "button", "reset", "image", "file")
_Attributes = dict[str, str | None]


class PageParser(HTMLParser):
    """Reads a page as the test client needs it."""

    def __init__(self) -> None:
        super().__init__()
        self.controls: list[tuple[str, str]] = []
        """Names and values of what is sent, in order."""
        self.has_script: bool = False
        """Whether the client script's element is there."""
        self.csrf_headers: dict[str, str] = {}
        """The header with the CSRF token that it carries."""
        self._marks: list[dict[str, str]] = []
        self._foreign: list[str] = []
        self._ignored: list[str] = []
        self._select: _Select | None = None
        self._textarea: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        disabled = "disabled" in attributes
        name = "" if disabled or self._ignored else attributes.get("name") or ""

        is_foreign = f"{_PREFIX}ignore" in attributes

        if tag not in _VOID_TAGS and (is_foreign or tag in self._foreign):
            self._foreign.append(tag)

        if tag in ("script", "input") and not (is_foreign or self._foreign):
            self._handle_mark(tag, attributes)

        if tag == "template" or (tag == "fieldset" and (disabled or self._ignored)):
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
        if tag in self._foreign:
            # The ends of others may be left out.
            while self._foreign.pop() != tag:
                pass

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

    def page_at(self, address: str) -> dict[str, str]:
        """Tell what the document says of the page at an address, or of its only one:
        ``url``, ``state`` and ``events``, as far as they are there.

        :param address: where the document came from.
        """
        at_address = [mark for mark in self._marks if mark["url"] == address]
        page: dict[str, str] = {}

        for last in (at_address or self._marks)[-1:]:
            for mark in self._marks:
                if mark["page"] == last["page"]:
                    page.update(mark)

        return page

    def _handle_mark(self, tag: str, attributes: _Attributes) -> None:
        mark = {
            name.removeprefix(_PREFIX): value or ""
            for name, value in attributes.items()
            if name.startswith(_PREFIX)
        }

        # What is in a template is no part of the document yet.
        if not mark.keys() >= {"page", "url"} or "template" in self._ignored:
            return

        # An address of another origin is none of a page here.
        if not re.match(r"/(?![/\\])", mark["url"]):
            return

        if tag == "script":
            self.has_script = True

            if "csrf" in mark:
                header = mark.get("csrf-header", CSRF_HEADER)
                self.csrf_headers = {header: mark["csrf"]}
        elif attributes.get("name") == STATE_FIELD:
            mark["state"] = attributes.get("value") or ""
        elif attributes.get("name") == VALIDATION_FIELD:
            mark["events"] = attributes.get("value") or ""

        self._marks.append(mark)

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
