"""What a browser would send for the controls of each form."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..protocol.wire import PROTOCOL_FIELDS
from .page_form import enctype_of
from .page_form import method_of
from .page_form import PageForm
from .page_form import SubmitButton
from .select_reader import Attributes
from .select_reader import SelectReader

_UNSENT_TYPES = ("button", "reset")


class _Field(t.NamedTuple):
    """A control that is sent."""

    name: str
    value: str
    kind: str = "text"


class _Element(t.NamedTuple):
    """An element, with the facts about the place where it begins."""

    attributes: Attributes
    owner: PageForm | str | None
    disabled: bool


@dataclass
class _Fieldset:
    """An open element."""

    disabled: bool
    legend: t.Literal["to come", "open", "over"] = "to come"
    """The first legend, whose controls it never disables."""

    def disables(self) -> bool:
        return self.disabled and self.legend != "open"


class FormReader:
    """Reads the forms of a document from its tags and texts.

    A form stays open up to its own end tag, even if other elements are closed before.
    Inside of it, a browser ignores the beginning of another form.
    """

    def __init__(self) -> None:
        self.asks_for_password: bool = False
        """Whether a control is for a password."""
        self._forms: list[PageForm] = []
        self._ids: dict[str, PageForm | None] = {}
        self._found: list[tuple[PageForm | str | None, _Field | SubmitButton]] = []
        self._open: PageForm | None = None
        self._fieldsets: list[_Fieldset] = []
        self._select: tuple[_Element, SelectReader] | None = None
        self._textarea: _Element | None = None
        self._button: _Element | None = None
        self._text = ""

    @property
    def reads_text(self) -> bool:
        """Whether a text area is open. In it, tags are text."""
        return self._textarea is not None

    def owner(self, attributes: Attributes) -> PageForm | str | None:
        """Get the form of an element, or the id of that form."""
        said = attributes.get("form", None)
        return self._open if "form" not in attributes else said

    def begin(self, tag: str, attributes: Attributes) -> None:
        """Read the beginning of an element."""
        form = None

        if tag == "form" and self._open is None:
            form = self._open = PageForm(attributes=attributes)
            self._forms.append(form)

        if attributes.get("id"):
            self._ids.setdefault(attributes["id"] or "", form)

        match tag:
            case "fieldset":
                self._fieldsets.append(_Fieldset("disabled" in attributes))
            case "legend" if self._fieldsets:
                fieldset = self._fieldsets[-1]

                if fieldset.legend == "to come":
                    fieldset.legend = "open"
            case "optgroup" | "option" if self._select is not None:
                self._select[1].begin(tag, attributes)
            case "input":
                self._read_input(self._element(attributes))
            case "select":
                self._select = self._element(attributes), SelectReader(attributes)
            case "textarea":
                self._textarea = self._element(attributes)
                self._text = ""
            case "button":
                self.end("button")
                self._button = self._element(attributes)
                self._text = ""
            case _:
                pass

    def read(self, text: str) -> None:
        """Read a text."""
        self._text += text

        if self._select is not None:
            self._select[1].text += text

    def end(self, tag: str) -> None:
        """Read the end of an element."""
        match tag:
            case "form":
                self._open = None
            case "fieldset":
                del self._fieldsets[-1:]
            case "legend" if self._fieldsets:
                self._fieldsets[-1].legend = "over"
            case "optgroup" | "option" if self._select is not None:
                self._select[1].end(tag)
            case "select" if self._select is not None:
                element, reader = self._select
                self._select = None

                for value in reader.chosen():
                    self._add(element, value)
            case "textarea" if self._textarea is not None:
                self._add(self._textarea, self._text.removeprefix("\n"))
                self._textarea = None
            case "button" if self._button is not None:
                kind = (self._button.attributes.get("type") or "submit").lower()

                if kind not in _UNSENT_TYPES:
                    self._add_button(self._button, self._text)

                self._button = None
            case _:
                pass

    def form_of(self, owner: PageForm | str | None) -> PageForm | None:
        """Get the form that :meth:`owner` told, once the document is read."""
        return self._ids.get(owner) if isinstance(owner, str) else owner

    def finish(self) -> list[PageForm]:
        """Get the forms, once the document is read."""
        # The end of the document closes all open elements.
        for tag in ("textarea", "select", "button"):
            self.end(tag)

        fields: list[tuple[PageForm, _Field]] = []

        for owner, control in self._found:
            form = self.form_of(owner)

            if form is None:
                continue

            if isinstance(control, SubmitButton):
                form.buttons.append(control)
            elif control.kind == "file":
                form.file_fields.append(control.name)
            elif control.name in PROTOCOL_FIELDS:
                form.protocol_fields.append((control.name, control.value))
            else:
                fields.append((form, control))

        # If several radio buttons of a name are checked, the last one counts.
        radios = {
            (id(form), field.name): field
            for form, field in fields
            if field.kind == "radio"
        }

        for form, field in fields:
            if field.kind != "radio" or radios[id(form), field.name] is field:
                form.add(field.name, field.value)

        return self._forms

    def _element(self, attributes: Attributes) -> _Element:
        disables = "disabled" in attributes or any(
            f.disables() for f in self._fieldsets
        )
        return _Element(attributes, self.owner(attributes), disables)

    def _read_input(self, element: _Element) -> None:
        attributes = element.attributes
        kind = (attributes.get("type") or "text").lower()
        value = attributes.get("value") or ""

        if kind == "password":
            self.asks_for_password = True

        if kind in ("checkbox", "radio"):
            if "checked" in attributes:
                unsaid = "" if "value" in attributes else "on"
                self._add(element, value or unsaid, kind)
        elif kind == "submit":
            # Browsers send what they write on it.
            attributes.setdefault("value", "Submit")
            self._add_button(element, attributes["value"] or "")
        elif kind == "image":
            self._add_button(element, attributes.get("alt") or "", is_image=True)
        elif kind not in _UNSENT_TYPES:
            self._add(element, value, kind)

    def _add(self, element: _Element, value: str, kind: str = "text") -> None:
        name = element.attributes.get("name")

        if name and not element.disabled:
            self._found.append((element.owner, _Field(name, value, kind)))

    def _add_button(
        self, element: _Element, text: str, *, is_image: bool = False
    ) -> None:
        said = {name: value or "" for name, value in element.attributes.items()}
        words = " ".join(text.split()) or said.get("aria-label") or said.get("title")
        button = SubmitButton(
            text=words or "",
            id=said.get("id", ""),
            name=said.get("name", ""),
            value=said.get("value", ""),
            disabled=element.disabled,
            action=said.get("formaction"),
            method=method_of(said, "formmethod"),
            enctype=enctype_of(said, "formenctype"),
            is_image=is_image,
        )
        self._found.append((element.owner, button))
