"""The forms of a page, with the values of their controls."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

URL_ENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
PLAIN_TEXT = "text/plain"
_METHODS = ("get", "post", "dialog")
_ENCTYPES = (URL_ENCODED, MULTIPART, PLAIN_TEXT)

_Attributes = Mapping[str, str | None]


def method_of(attributes: _Attributes, name: str = "method") -> str | None:
    """Read the method that a form or its button names; ``None`` if it names none."""
    return _one_of(_METHODS, attributes, name)


def enctype_of(attributes: _Attributes, name: str = "enctype") -> str | None:
    """Read the encoding that a form or its button names."""
    return _one_of(_ENCTYPES, attributes, name)


def _one_of(known: tuple[str, ...], attributes: _Attributes, name: str) -> str | None:
    if name not in attributes:
        return None

    said = (attributes[name] or "").lower()
    # A browser takes the default for a value that it does not know.
    return said if said in known else known[0]


@dataclass(frozen=True)
class SubmitButton:
    """A submit button of a form.

    .. versionadded:: 0.1
    """

    text: str
    """The text on it."""
    id: str = ""
    """Its id."""
    name: str = ""
    """The name of the field that it sends. If it is empty, the button sends none."""
    value: str = ""
    """The value of that field."""
    disabled: bool = False
    """Whether it cannot be pressed."""
    action: str | None = None
    """Its ``formaction``."""
    method: str | None = None
    """Its ``formmethod``."""
    enctype: str | None = None
    """Its ``formenctype``."""
    is_image: bool = False
    """Whether it sends the position of the click."""

    def is_called(self, wanted: str) -> bool:
        """Tell whether this is its text, its id, its value or its ``name=value``."""
        names = [self.text, self.id, self.value]

        if self.name:
            names.append(f"{self.name}={self.value}")

        return bool(wanted) and wanted in names

    def fields(self) -> list[tuple[str, str]]:
        """List the fields that the button itself sends."""
        if self.is_image:
            # Pressed with the keyboard, at no place.
            prefix = f"{self.name}." if self.name else ""
            return [(f"{prefix}x", "0"), (f"{prefix}y", "0")]

        return [(self.name, self.value)] if self.name else []

    def __str__(self) -> str:
        said = [f"#{self.id}"] if self.id else []

        if self.name:
            said.append(f"{self.name}={self.value}")

        if self.disabled:
            said.append("disabled")

        return repr(self.text) + (f" ({', '.join(said)})" if said else "")


class PageForm(MultiDict[str, str]):
    """A form of a page: the values of its controls, by their names. A test may change
    them, as a user would. It does not include the protocol's own fields.

    .. versionadded:: 0.1
    """

    def __init__(
        self, mapping: t.Any = None, attributes: _Attributes | None = None
    ) -> None:
        super().__init__(mapping)
        attributes = attributes or {}
        self.id: str = attributes.get("id") or ""
        """Its id."""
        self.name: str = attributes.get("name") or ""
        """Its name."""
        self.action: str = attributes.get("action") or ""
        """The address that it is sent to; empty for the page's own."""
        self.method: str = method_of(attributes) or "get"
        """``get``, ``post`` or ``dialog``."""
        self.enctype: str = enctype_of(attributes) or URL_ENCODED
        """How it is encoded if it is posted."""
        self.buttons: list[SubmitButton] = []
        """Its submit buttons, in order."""
        self.file_fields: list[str] = []
        """The names of its file controls."""
        self.protocol_fields: list[tuple[str, str]] = []
        """The protocol's fields in it, as they were rendered."""

    def copy(self) -> t.Self:
        """Copy the form, with its attributes."""
        return self._like_this(super().copy())

    def deepcopy(self, memo: t.Any = None) -> t.Self:
        """Copy the form, with its attributes."""
        return self._like_this(super().deepcopy(memo))

    def _like_this(self, copied: t.Self) -> t.Self:
        copied.__dict__.update(self.__dict__)
        return copied


class PageForms(Sequence[PageForm]):
    """The forms of a page, in order. ``forms[0]`` is the first, ``forms["login"]`` the
    one with this id or name.

    .. versionadded:: 0.1
    """

    def __init__(self, forms: Iterable[PageForm] = ()) -> None:
        self._forms = tuple(forms)

    @t.overload
    def __getitem__(self, key: int | str) -> PageForm: ...

    @t.overload
    def __getitem__(self, key: slice) -> PageForms: ...

    def __getitem__(self, key: int | str | slice) -> PageForm | PageForms:
        if isinstance(key, slice):
            return PageForms(self._forms[key])

        if isinstance(key, int):
            return self._forms[key]

        # As in a browser, an id goes before a name.
        for form in (*self._with("id", key), *self._with("name", key)):
            return form

        names = [repr(form.id or form.name or "") for form in self]
        raise LookupError(
            f"The page has no form {key!r}: the ids or names of its forms are"
            f" {', '.join(names) or 'none'}."
        )

    def __len__(self) -> int:
        return len(self._forms)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)!r})"

    def _with(self, attribute: str, value: str) -> Iterator[PageForm]:
        return (form for form in self if getattr(form, attribute) == value)
