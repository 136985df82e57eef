"""The scripts, arrays and hidden fields that a page's controls put into it."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Hashable

from markupsafe import Markup

from ..errors import RegistrationError
from ..globals import logger
from ..protocol.wire import EVENT_ARGUMENT_FIELD
from ..protocol.wire import EVENT_TARGET_FIELD
from ..protocol.wire import PROTOCOL_FIELDS
from .html import hidden_field
from .html import inline_script
from .html import script_element

ScriptKind = t.Literal["block", "include", "on_submit", "startup"]
Place = t.Literal["scripts", "fields"]
_Key = t.TypeVar("_Key")

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
_ON_SUBMIT = "function WebForm_OnSubmit() {{\n{}\nreturn true;\n}}"


class RegisteredScripts:
    """Each of them has a key. The first with a key stays, so that several controls of a
    class may register the same.
    """

    def __init__(self) -> None:
        self._scripts: dict[tuple[ScriptKind, Hashable], str] = {}
        self._arrays: dict[str, list[str]] = {}
        self._fields: dict[str, str] = {}
        self._names: list[tuple[Place, Hashable]] = []
        """The registered names, in order, for a message."""
        self.need_client_script: bool = False
        """Whether the page makes callbacks."""
        self.are_rendered: bool = False
        """Whether the scripts are in the page."""
        self._fields_are_rendered = False

    def add(self, kind: ScriptKind, key: Hashable, script: str) -> None:
        """Add a script, or the address of one to include.

        :raises RegistrationError: the scripts are rendered already.
        :raises TypeError: the key is not hashable, or the source is not text.
        :raises ValueError: the source would close its element, the address is empty, or
            HTML cannot carry it.
        """
        key = _checked_key(key)

        if kind == "include":
            _require_text("The address of a script", script)
        else:
            _require_text("The source of a script", script, may_be_empty=True)

        self._check_scripts(f"The script {key!r}")

        if kind == "include":
            script_element(nonce=None, src=script)
        else:
            inline_script(script, None)

        self._add(self._scripts, (kind, key), script, "scripts", key)

    def has(self, kind: ScriptKind, key: Hashable) -> bool:
        """Tell whether there is a script of a kind with a key.

        :raises TypeError: the key is not hashable.
        """
        return (kind, _checked_key(key)) in self._scripts

    def add_to_array(self, name: str, value: str | None) -> None:
        """Add a JavaScript expression to an array; ``None`` adds the array only.

        :raises RegistrationError: the scripts are rendered already.
        :raises TypeError: the name or the expression is not text.
        :raises ValueError: the name is not an identifier, the expression would close
            its element, or HTML cannot carry it.
        """
        _require_text("The name of an array", name, may_be_empty=True)
        self._check_scripts(f"The array {name!r}")

        if not _IDENTIFIER.fullmatch(name):
            raise ValueError(f"{name!r} cannot be the name of an array in JavaScript.")

        if value is not None:
            if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError(
                    f"The value is a JavaScript expression, not {value!r}: use"
                    f" js_literal({value!r})."
                )

            inline_script(value, None)

        values = self._arrays.setdefault(name, [])
        self._names.append(("scripts", name))

        if value is not None:
            values.append(value)

    def add_field(self, name: str, value: str) -> None:
        """Add a hidden field.

        :raises RegistrationError: the fields are rendered already.
        :raises TypeError: name or value is not text.
        :raises ValueError: the name is empty or the page's own, or HTML cannot carry
            the field.
        """
        _require_text("The name of a hidden field", name)
        _require_text("The value of a hidden field", value, may_be_empty=True)

        if self._fields_are_rendered:
            raise RegistrationError(
                f"The hidden field {name!r} is too late: callback_fields() is rendered"
                " already. Register it in a hook such as page_load, or move"
                " callback_fields() to the end of the form."
            )

        if name in PROTOCOL_FIELDS - {EVENT_TARGET_FIELD, EVENT_ARGUMENT_FIELD}:
            raise ValueError(
                f"callback_fields() writes the protocol's fields itself; {name} is one"
                " of them."
            )

        hidden_field(name, value, with_id=False)
        self._add(self._fields, name, value, "fields", name)

    def render_fields(self) -> Markup:
        """Write the hidden fields; their ids only the first time."""
        first = not self._fields_are_rendered
        self._fields_are_rendered = True
        return Markup().join(
            hidden_field(name, value, with_id=first)
            for name, value in self._fields.items()
        )

    def render_scripts(self, nonce: str | None) -> list[Markup]:
        """Write the scripts in ASP.NET's order: blocks and includes as they were
        registered, on-submit statements, arrays, startup scripts.
        """
        self.are_rendered = True
        elements = [
            script_element(nonce=nonce, src=script)
            if kind == "include"
            else inline_script(script, nonce)
            for (kind, _), script in self._scripts.items()
            if kind in ("block", "include")
        ]
        on_submit = self._of_kind("on_submit")

        if on_submit:
            function = _ON_SUBMIT.format("\n".join(on_submit))
            elements.append(inline_script(function, nonce))

        elements += (
            inline_script(f"var {name} = [{', '.join(values)}];", nonce)
            for name, values in self._arrays.items()
        )
        elements += (inline_script(s, nonce) for s in self._of_kind("startup"))
        return elements

    @property
    def count(self) -> int:
        """How much was registered so far."""
        return len(self._names)

    def left(self, since: int = 0) -> list[str]:
        """List what was registered and is nowhere in the page.

        :param since: the :attr:`count` from which on to list.
        """
        rendered = {
            "scripts": self.are_rendered,
            "fields": self._fields_are_rendered,
        }
        left = [name for place, name in self._names[since:] if not rendered[place]]
        return [
            name if isinstance(name, str) else repr(name)
            for name in dict.fromkeys(left)
        ]

    def _add(
        self,
        held: dict[_Key, str],
        key: _Key,
        source: str,
        place: Place,
        name: Hashable,
    ) -> None:
        if key not in held:
            held[key] = source
            self._names.append((place, name))
        elif held[key] != source:
            logger.warning(
                "The %s %r is registered already with another source, and the first"
                " stays. Give the second a key or name of its own.",
                "script" if place == "scripts" else "hidden field",
                name,
            )

    def _of_kind(self, kind: ScriptKind) -> list[str]:
        return [script for (of, _), script in self._scripts.items() if of == kind]

    def _check_scripts(self, what: str) -> None:
        if self.are_rendered:
            raise RegistrationError(
                f"{what} is too late: callback_scripts() is rendered already."
                " Register it in a hook such as page_load, or move"
                " callback_scripts() to the end of the page."
            )


def _checked_key(key: Hashable) -> Hashable:
    try:
        hash(key)
    except TypeError:
        raise TypeError(
            "The key of a script is text, or anything else that is hashable, a tuple of"
            f" a class and a name say; not {key!r}."
        ) from None

    # As in ASP.NET, where null and the empty text are one key.
    return "" if key is None else key


def _require_text(what: str, given: object, *, may_be_empty: bool = False) -> None:
    if not isinstance(given, str):
        raise TypeError(f"{what} is text, not {given!r}.")

    if not given and not may_be_empty:
        raise ValueError(f"{what} is empty.")
