"""JSON schemas as types of TypeScript."""

from __future__ import annotations

import inspect
import json
import re
import typing as t
from collections.abc import Callable
from collections.abc import Iterable

Mode = t.Literal["validation", "serialization"]
"""Whether a value comes in or goes out."""
Schema = dict[str, t.Any]
Reference = Callable[[str], str]
"""Gives the name of a definition, by its key."""

TYPESCRIPT = "typescript"
"""A member that no JSON schema has: a type as it is written."""

FILE = "Blob"
"""The type of a file."""

_DEFINITIONS = "#/$defs/"
_SIMPLE = {
    "boolean": "boolean",
    "integer": "number",
    "null": "null",
    "number": "number",
    "string": "string",
}
_DATES = ("date", "date-time")
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)


class TypeWriter:
    """Writes schemas as types of TypeScript.

    :param mode: whether their values come in or go out.
    :param reference: gives the name of a definition.
    """

    def __init__(self, mode: Mode, reference: Reference) -> None:
        self._mode = mode
        self._reference = reference

    def write(self, schema: Schema | bool, *, lines: bool = False) -> str:
        """Write a type.

        :param lines: whether each field of an object has its own line and comment.
        """
        if isinstance(schema, bool):
            return self._anything()

        if TYPESCRIPT in schema:
            return str(schema[TYPESCRIPT])

        if "$ref" in schema:
            return self._reference(key_of(schema["$ref"]))

        if "const" in schema or "enum" in schema:
            values = schema.get("enum", [schema.get("const")])
            return _union(json.dumps(value) for value in values)

        for key in ("anyOf", "oneOf"):
            if key in schema:
                return _union(map(self.write, schema[key]))

        if "allOf" in schema:
            return " & ".join(_grouped(self.write(part)) for part in schema["allOf"])

        kind = schema.get("type")

        if isinstance(kind, list):
            kinds = t.cast("list[str]", kind)
            return _union(self.write({**schema, "type": one}) for one in kinds)

        if kind == "array":
            return self._array(schema)

        if kind == "object" or "properties" in schema:
            return self._object(schema, lines=lines)

        if kind == "string" and schema.get("format") in _DATES:
            return "string | Date" if self._mode == "validation" else "string"

        return _SIMPLE[kind] if kind in _SIMPLE else self._anything()

    def _anything(self) -> str:
        return "unknown" if self._mode == "validation" else "any"

    def _array(self, schema: Schema) -> str:
        rest = schema.get("items", not schema.get("prefixItems"))
        # A result is filled up with its defaults.
        is_whole = self._mode == "serialization"
        least = schema.get("minItems", 0)
        items = [
            self.write(item)
            if is_whole or place < least
            else f"{_grouped(self.write(item))}?"
            for place, item in enumerate(schema.get("prefixItems", ()))
        ]

        if rest is not False:
            item = self.write(rest)
            many = f"{_grouped(item)}[]"

            if not items:
                # The files of a file field are not an array.
                return f"{many} | FileList" if item == FILE else many

            items.append(f"...{many}")

        return f"[{', '.join(items)}]"

    def _object(self, schema: Schema, *, lines: bool) -> str:
        required = schema.get("required", ())
        members = [
            (
                write_comment(field.get("description", "")) if lines else "",
                f"{write_key(name)}{'' if name in required else '?'}:"
                f" {self.write(field)}",
            )
            for name, field in schema.get("properties", {}).items()
        ]
        others = schema.get("additionalProperties", not members)

        for pattern in schema.get("patternProperties", {}).values():
            others = pattern

        if others is not False:
            text = self.write(others)
            names = schema.get("propertyNames", {})

            if names.keys() & {"$ref", "const", "enum"}:
                members.append(("", f"[Key in {self.write(names)}]?: {text}"))
            else:
                # Members with names of their own have other types.
                text = self._anything() if members else text
                members.append(("", f"[key: string]: {text}"))

        if not lines:
            return f"{{ {'; '.join(text for _, text in members)} }}"

        inner = "\n".join(comment + text for comment, text in members)
        return f"{{\n{indent(inner, 2)}\n}}"


def key_of(reference: str) -> str:
    """Get the key of the definition that a schema refers to."""
    return reference.removeprefix(_DEFINITIONS).replace("~1", "/").replace("~0", "~")


def _union(parts: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(parts)) or "never"


def _grouped(text: str) -> str:
    return f"({text})" if " " in text else text


def write_key(name: str) -> str:
    """Write the name of a member, in quotes if it needs them."""
    return name if _IDENTIFIER.fullmatch(name) else json.dumps(name)


def write_comment(text: str) -> str:
    """Write a text as a comment above a declaration, with a line end."""
    text = text.strip().replace("*/", "*\\/")

    if "\n" not in text:
        return f"/** {text} */\n" if text else ""

    lines = "".join(f" * {line}".rstrip() + "\n" for line in text.splitlines())
    return f"/**\n{lines} */\n"


def comment_of(documented: object) -> str:
    """Write a docstring as a comment, its parameters in JSDoc's form."""
    if isinstance(documented, type):
        # Only its own: the docstring of a base describes any view.
        text = inspect.cleandoc(documented.__doc__ or "")
        # A dataclass without a docstring has its signature there.
        text = "" if text.startswith(f"{documented.__name__}(") else text
    else:
        text = inspect.getdoc(documented) or ""

    text = re.sub(r"^:param (?:.+ )?(\w+): *", r"@param \1 ", text, flags=re.MULTILINE)
    return write_comment(
        re.sub(r"^:returns?: *", "@returns ", text, flags=re.MULTILINE)
    )


def indent(text: str, count: int) -> str:
    """Move the lines of a text to the right."""
    return re.sub(r"^(?=.)", " " * count, text, flags=re.MULTILINE)
