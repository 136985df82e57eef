"""A page as the test client needs it, read from its HTML."""

from __future__ import annotations

import re
import typing as t
from html.parser import HTMLParser

from ..protocol.wire import CSRF_HEADER
from ..protocol.wire import STATE_FIELD
from ..protocol.wire import VALIDATION_FIELD
from .form_reader import FormReader
from .page_form import PageForm
from .select_reader import Attributes

_PREFIX = "data-callback-"
_VOID_TAGS = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()
)
"""The elements without an end tag."""


class _Mark(t.NamedTuple):
    """An element that tells which page the document is."""

    said: dict[str, str]
    form: PageForm | str | None


class PageParser(HTMLParser):
    """Reads a page as the test client needs it."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        """The forms, once the parser is closed."""
        self.base: str | None = None
        """The base of relative addresses, if the document has one."""
        self.has_script: bool = False
        """Whether the client script's element is there."""
        self.csrf_headers: dict[str, str] = {}
        """The header with the CSRF token that it carries."""
        self._reader = FormReader()
        self._marks: list[_Mark] = []
        self._foreign: list[str] = []
        self._templates = 0

    @property
    def asks_for_password(self) -> bool:
        """Whether the page has a control for a password."""
        return self._reader.asks_for_password

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._reader.reads_text:
            self._reader.read(self.get_starttag_text() or "")
            return

        # If an attribute is there twice, the first one counts.
        attributes = dict(reversed(attrs))
        is_foreign = f"{_PREFIX}ignore" in attributes

        if tag not in _VOID_TAGS and (is_foreign or tag in self._foreign):
            self._foreign.append(tag)

        if tag == "template":
            self._templates += 1

        # The content of a template is not part of the document yet.
        if self._templates:
            return

        if tag in ("script", "input") and not (is_foreign or self._foreign):
            self._handle_mark(tag, attributes)

        if tag == "base" and self.base is None:
            self.base = attributes.get("href")

        self._reader.begin(tag, attributes)

    def handle_data(self, data: str) -> None:
        if not self._templates:
            self._reader.read(data)

    def handle_endtag(self, tag: str) -> None:
        if self._reader.reads_text and tag != "textarea":
            self._reader.read(f"</{tag}>")
            return

        if tag in self._foreign:
            # Other elements may lack their end tags.
            while self._foreign.pop() != tag:
                pass

        if not self._templates:
            self._reader.end(tag)
        elif tag == "template":
            self._templates -= 1

    def close(self) -> None:
        super().close()
        self.forms = self._reader.finish()

    def page_at(self, address: str) -> dict[str, str]:
        """Tell what the document says of the page at an address, or of its only page:
        ``url``, ``state`` and ``events``, if they are there.

        :param address: where the document came from.
        """
        page: dict[str, str] = {}

        for mark in self._marks_at(address):
            page.update(mark.said)

        return page

    def form_at(self, address: str) -> PageForm:
        """Get the form that the client script sends by default: the first with a mark
        of that page, otherwise the first of all, otherwise an empty one.

        :param address: where the document came from.
        """
        owners = (self._reader.form_of(mark.form) for mark in self._marks_at(address))
        held = [form for form in owners if form is not None]
        return (held or self.forms or [PageForm()])[0]

    def _marks_at(self, address: str) -> list[_Mark]:
        at_address = [mark for mark in self._marks if mark.said["url"] == address]
        pages = [mark.said["page"] for mark in at_address or self._marks]
        return [mark for mark in self._marks if mark.said["page"] in pages[-1:]]

    def _handle_mark(self, tag: str, attributes: Attributes) -> None:
        said = {
            name.removeprefix(_PREFIX): value or ""
            for name, value in attributes.items()
            if name.startswith(_PREFIX)
        }

        # A page here never has an address of another origin.
        if not said.keys() >= {"page", "url"} or not re.match(
            r"/(?![/\\])", said["url"]
        ):
            return

        if tag == "script":
            self.has_script = True

            if "csrf" in said:
                header = said.get("csrf-header", CSRF_HEADER)
                self.csrf_headers = {header: said["csrf"]}
        elif attributes.get("name") == STATE_FIELD:
            said["state"] = attributes.get("value") or ""
        elif attributes.get("name") == VALIDATION_FIELD:
            said["events"] = attributes.get("value") or ""

        self._marks.append(_Mark(said, self._reader.owner(attributes)))
