"""The names that the types of an application have in TypeScript."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .schemas import Schemas
from .type_writer import Schema

NAMESPACE = "Types"
"""The namespace before the names."""

_TAKEN = frozenset(
    (
        # Names that the file itself or the language uses.
        *("Blob", "Date", "Promise", "Response", NAMESPACE),
        *("any", "bigint", "boolean", "never", "null", "number", "object", "string"),
        *("symbol", "undefined", "unknown", "void"),
    )
)
_LOCALS = "locals"


class TypeNames:
    """Gives a name to each type that the methods of an application use. A type that
    goes out differently than it comes in has two names.

    :param arguments: the schemas of types that come in.
    :param results: the schemas of types that go out.
    :param taken: the used schemas of the first, and of the second.
    """

    def __init__(
        self,
        arguments: Schemas,
        results: Schemas,
        taken: tuple[Iterable[Schema], Iterable[Schema]],
    ) -> None:
        self._schemas = arguments, results
        ins, outs = (
            {key for schema in used for key in schemas.find_keys(schema)}
            for schemas, used in zip(self._schemas, taken, strict=True)
        )
        self._ins, self._outs = ins, outs
        short = _shorten(ins | outs)
        names: set[str] = {*_TAKEN}
        self._of_results = {key: _add(short[key], names) for key in sorted(outs)}
        self._of_arguments: dict[str, str] = {}
        different = self._find_different()

        for key in sorted(ins):
            if key in outs and key not in different:
                self._of_arguments[key] = self._of_results[key]
            else:
                suffix = "Input" if key in outs else ""
                self._of_arguments[key] = _add(f"{short[key]}{suffix}", names)

    def of_argument(self, key: str) -> str:
        """Give the name of a type that comes in."""
        return f"{NAMESPACE}.{self._of_arguments[key]}"

    def of_result(self, key: str) -> str:
        """Give the name of a type that goes out."""
        return f"{NAMESPACE}.{self._of_results[key]}"

    def write(self) -> str:
        """Write the declarations of all types, by their names."""
        arguments, results = self._schemas
        texts = {
            name: schemas.write_definition(key, name, reference)
            for schemas, names, reference in (
                (arguments, self._of_arguments, self.of_argument),
                (results, self._of_results, self.of_result),
            )
            for key, name in names.items()
        }
        return "\n".join(f"{text}\n" for _, text in sorted(texts.items()))

    def _find_different(self) -> set[str]:
        """Find the types that differ between the directions, and the types that contain
        one.
        """
        arguments, results = self._schemas
        common = self._ins & self._outs
        different = {
            key
            for key in common
            if arguments.write_definition(key, key, str)
            != results.write_definition(key, key, str)
        }
        return {
            key
            for key in common
            if key in different
            or arguments.find_keys(arguments.definitions[key]) & different
        }


def _add(name: str, names: set[str]) -> str:
    """Add a name to the known ones, changed if it is already there."""
    while name in names:
        name += "_"

    names.add(name)
    return name


def _shorten(keys: Iterable[str]) -> dict[str, str]:
    """Give each of pydantic's keys a name: its last part, and before this as much of
    the module as distinguishes it.
    """
    waiting = {key: _split(key) for key in keys}
    short: dict[str, str] = {}
    count = 1

    while waiting:
        names = {key: "_".join(parts[-count:]) for key, parts in waiting.items()}
        given = [*names.values()]

        for key, name in names.items():
            if given.count(name) == 1 or count > len(waiting[key]):
                short[key] = name
                del waiting[key]

        count += 1

    return short


def _split(key: str) -> list[str]:
    """Split a key into module, classes and the number of one of several."""
    parts: list[str] = []

    for part in filter(None, key.split("__")):
        cleaned = re.sub(r"\W+", "_", part, flags=re.ASCII).strip("_")

        if cleaned.isdecimal() and parts:
            parts[-1] += cleaned
        elif cleaned not in ("", _LOCALS):
            parts.append(cleaned)

    return parts or ["Type"]
