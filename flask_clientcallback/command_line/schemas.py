"""The types of arguments and results in TypeScript, from pydantic's JSON schemas."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Hashable

from werkzeug.datastructures import FileStorage

from .type_writer import FILE
from .type_writer import key_of
from .type_writer import Mode
from .type_writer import Reference
from .type_writer import Schema
from .type_writer import TYPESCRIPT
from .type_writer import TypeWriter
from .type_writer import write_comment

RESULT = "result"
"""The name of the only value of a result's adapter."""


class Schemas:
    """The schemas of some types, in one mode.

    :param adapters: pydantic's adapters, by their keys.
    :param mode: whether their values come in or go out.
    """

    def __init__(self, adapters: dict[Hashable, t.Any], mode: Mode) -> None:
        self.mode: Mode = mode
        self.definitions: dict[str, Schema] = {}
        """The named types, by their keys."""
        self._fields: dict[Hashable, Schema] = {}

        if adapters:
            self._make(adapters)

    def _make(self, adapters: dict[Hashable, t.Any]) -> None:
        # Without types, pydantic may be missing.
        import pydantic

        schemas, root = pydantic.TypeAdapter.json_schemas(
            [(key, self.mode, adapter) for key, adapter in adapters.items()],
            schema_generator=_generator(),
        )
        self.definitions = root.get("$defs", {})

        for (key, _), schema in schemas.items():
            whole = self._resolve(schema)
            # The schema of a result is a tuple, with the result as its only item.
            items = dict(zip([RESULT], whole.get("prefixItems", ()), strict=False))
            self._fields[key] = whole.get("properties", items)

    def _resolve(self, schema: Schema) -> Schema:
        reference = schema.get("$ref")
        return self.definitions[key_of(reference)] if reference else schema

    def field(self, key: Hashable, name: str) -> Schema:
        """Get the schema of one value of an adapter."""
        return t.cast(Schema, self._fields[key][name])

    def write(self, schema: Schema, reference: Reference) -> str:
        """Write a schema as a type."""
        return TypeWriter(self.mode, reference).write(schema)

    def write_definition(self, key: str, name: str, reference: Reference) -> str:
        """Write the declaration of a type that has a name."""
        schema = self.definitions[key]
        writer = TypeWriter(self.mode, reference)
        comment = write_comment(schema.get("description", ""))

        if "properties" in schema and not schema.get("additionalProperties"):
            return f"{comment}interface {name} {writer.write(schema, lines=True)}"

        return f"{comment}type {name} = {writer.write(schema)}"

    def find_keys(self, schema: Schema) -> set[str]:
        """List the definitions that a schema names, and those that they name."""
        found: set[str] = set()
        waiting = [schema]

        def note(key: str) -> str:
            if key not in found:
                found.add(key)
                waiting.append(self.definitions[key])

            return key

        while waiting:
            TypeWriter(self.mode, note).write(waiting.pop())

        return found


def _generator() -> t.Any:
    from pydantic.json_schema import GenerateJsonSchema

    class Generator(GenerateJsonSchema):
        """Makes a schema of every type, and tells more than JSON schemas do."""

        ignored_warning_kinds: t.Any = frozenset(
            ("skipped-choice", "non-serializable-default", "skipped-discriminator")
        )

        def model_schema(self, schema: t.Any) -> Schema:
            """Write a model with the names of its fields."""
            return self._named(schema, super().model_schema)

        def dataclass_schema(self, schema: t.Any) -> Schema:
            """Write a dataclass in the same way."""
            return self._named(schema, super().dataclass_schema)

        def typed_dict_schema(self, schema: t.Any) -> Schema:
            """Write a TypedDict in the same way."""
            return self._named(schema, super().typed_dict_schema)

        def _named(self, schema: t.Any, write: Callable[[t.Any], Schema]) -> Schema:
            before = self.by_alias
            # Results have them under their own names, unless the class says otherwise.
            config = schema.get("config", {})
            is_written_so = config.get("serialize_by_alias", False)
            self.by_alias = self.mode == "validation" or is_written_so

            try:
                return write(schema)
            finally:
                self.by_alias = before

        def is_instance_schema(self, schema: t.Any) -> Schema:
            """Tell files from other objects."""
            is_file = issubclass(schema["cls"], FileStorage)
            return {TYPESCRIPT: FILE} if is_file else {}

        def handle_invalid_for_json_schema(
            self, schema: t.Any, error_info: str
        ) -> t.Any:
            """Allow any value for a type that JSON schemas cannot express."""
            return {}

        def field_is_required(self, field: t.Any, total: bool) -> bool:
            """Tell whether a field is always there: in a result, also a field with a
            default.
            """
            if self.mode == "validation" or field["type"] == "typed-dict-field":
                return super().field_is_required(field, total)

            return field.get("serialization_exclude_if") is None

    return Generator
