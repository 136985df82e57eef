"""What the controls of a page put into it: scripts, arrays and hidden fields."""

from __future__ import annotations

import re
import typing as t

from markupsafe import Markup

from ..errors import RegistrationError
from ..protocol.wire import EVENT_ARGUMENT_FIELD
from ..protocol.wire import EVENT_TARGET_FIELD
from ..protocol.wire import PROTOCOL_FIELDS
from .html import hidden_field
from .html import inline_script
from .html import script_element

ScriptKind = t.Literal["block", "include", "on_submit", "startup"]

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
_ON_SUBMIT = "function WebForm_OnSubmit() {{\n{}\nreturn true;\n}}"


class RegisteredScripts:
    """Each of them has a key. The first with a key wins, so that several controls
    of a class may register what all of them need.
    """

    def __init__(self) -> None:
        self._scripts: dict[tuple[ScriptKind, str], str] = {}
        self._arrays: dict[str, list[str]] = {}
        self._fields: dict[str, str] = {}
        self.need_client_script: bool = False
        """Whether the page makes callbacks."""
        self.are_rendered: bool = False
        """Whether the scripts stand in the page."""
        self._fields_are_rendered = False

    def add(self, kind: ScriptKind, key: str, script: str) -> None:
        """Add a script, or the address of one to include.

        :raises RegistrationError: the scripts are rendered already.
        :raises ValueError: the source would end its element, or HTML cannot carry it.
        """
        self._check_scripts(f"The script {key!r}")

        if kind == "include":
            script_element(nonce=None, src=script)
        else:
            inline_script(script, None)

        self._scripts.setdefault((kind, key), script)

    def has(self, kind: ScriptKind, key: str) -> bool:
        """Tell whether there is a script of a kind with a key."""
        return (kind, key) in self._scripts

    def add_to_array(self, name: str, value: str | None) -> None:
        """Add a JavaScript expression to an array; ``None`` adds the array only.

        :raises RegistrationError: the scripts are rendered already.
        :raises ValueError: the name is no identifier, or the expression would
            end its element, or HTML cannot carry it.
        """
        self._check_scripts(f"The array {name!r}")

        if not _IDENTIFIER.fullmatch(name):
            raise ValueError(f"{name!r} cannot be the name of an array in JavaScript.")

        values = self._arrays.setdefault(name, [])

        if value is not None:
            if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError(
                    f"The value is a JavaScript expression, not {value!r}: use"
                    f" js_literal({value!r})."
                )

            inline_script(value, None)
            values.append(value)

    def add_field(self, name: str, value: str) -> None:
        """Add a hidden field.

        :raises RegistrationError: the fields are rendered already.
        :raises ValueError: it is one of the page's own, or HTML cannot carry it.
        """
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
        self._fields.setdefault(name, value)

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
        registered, what runs on submit, arrays, startup scripts.
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

    def left(self) -> list[str]:
        """List what was registered and stands nowhere in the page."""
        scripts = [] if self.are_rendered else [key for _, key in self._scripts]
        arrays = [] if self.are_rendered else list(self._arrays)
        fields = [] if self._fields_are_rendered else list(self._fields)
        return [*scripts, *arrays, *fields]

    def _of_kind(self, kind: ScriptKind) -> list[str]:
        return [script for (of, _), script in self._scripts.items() if of == kind]

    def _check_scripts(self, what: str) -> None:
        if self.are_rendered:
            raise RegistrationError(
                f"{what} is too late: callback_scripts() is rendered already."
                " Register it in a hook such as page_load, or move"
                " callback_scripts() to the end of the page."
            )
