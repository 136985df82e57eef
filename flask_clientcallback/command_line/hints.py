"""Type hints and signatures as people read them."""

from __future__ import annotations

import enum
import inspect
import types
import typing as t
from collections.abc import Iterable

from ..targets.form_values import find_form_value
from ..targets.form_values import FormValue
from ..targets.methods import CallbackMethod

_Kind = inspect.Parameter
_CONSTRAINTS = (
    "ge",
    "gt",
    "le",
    "lt",
    "min_length",
    "max_length",
    "multiple_of",
    "pattern",
)
"""The names of constraints in annotated_types and pydantic."""
_LONGEST = 40
"""The number of characters of a default that are shown."""


def write_signature(method: CallbackMethod) -> str:
    """Write a method's parameters and result, without its name."""
    parts: list[str] = []
    parameters = [*method.signature.parameters.values()]

    for place, parameter in enumerate(parameters):
        before = parameters[place - 1].kind if place else None

        if parameter.kind is _Kind.KEYWORD_ONLY and before is not _Kind.KEYWORD_ONLY:
            parts.append("*")

        parts.append(_write_parameter(parameter))
        after = parameters[place + 1].kind if place + 1 < len(parameters) else None

        if parameter.kind is _Kind.POSITIONAL_ONLY and after is not parameter.kind:
            parts.append("/")

    result = method.signature.return_annotation
    gives = "" if result is _Kind.empty else f" -> {write_hint(result)}"
    return f"({', '.join(parts)}){gives}"


def _write_parameter(parameter: inspect.Parameter) -> str:
    text = parameter.name
    hint = parameter.annotation

    if hint is not _Kind.empty:
        text += f": {write_hint(hint)}"
        form_value = find_form_value(hint)

        if form_value is not None:
            field = form_value.name
            text += f" from form field {field}" if field else " from form"

    if parameter.default is not _Kind.empty:
        value = _write_value(parameter.default)
        text += f"={value}" if hint is _Kind.empty else f" = {value}"

    return text


def write_hint(hint: t.Any) -> str:
    """Write a type hint without the modules of its names, and with its constraints."""
    origin = t.get_origin(hint)
    inner = t.get_args(hint)

    if hint is None or hint is type(None):
        return "None"

    if hint is ...:
        return "..."

    if isinstance(hint, list):
        return f"[{_write_all(t.cast('list[object]', hint))}]"

    if origin is t.Annotated:
        return " ".join((write_hint(inner[0]), *_constraints_of(inner[1:])))

    if origin in (t.Union, types.UnionType):
        return " | ".join(map(write_hint, inner))

    if origin is t.Literal:
        return " | ".join(map(_write_value, inner))

    if origin is not None:
        return f"{write_hint(origin)}[{_write_all(inner)}]"

    return str(getattr(hint, "__name__", hint))


def _write_all(hints: Iterable[t.Any]) -> str:
    return ", ".join(map(write_hint, hints))


def _write_value(value: object) -> str:
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"

    text = repr(value)
    # An object's address is another one in each process.
    is_told = len(text) <= _LONGEST and not text.startswith("<")
    return text if is_told else "..."


def _constraints_of(marks: Iterable[t.Any]) -> Iterable[str]:
    found: dict[str, t.Any] = {}

    for mark in marks:
        if isinstance(mark, (str, FormValue)):
            continue

        # pydantic's Field() holds several.
        for one in (mark, *getattr(mark, "metadata", ())):
            values = ((name, getattr(one, name, None)) for name in _CONSTRAINTS)
            found.update((name, value) for name, value in values if value is not None)

    yield from _range(found.get("ge"), found.get("le"))
    yield from (
        f"{sign}{found[name]}"
        for name, sign in (("gt", ">"), ("lt", "<"))
        if name in found
    )

    lengths = _range(found.get("min_length") or None, found.get("max_length"))
    yield from (f"length {text}" for text in lengths)

    if "multiple_of" in found:
        yield f"multiple of {found['multiple_of']}"

    if "pattern" in found:
        pattern = found["pattern"]
        yield f"/{getattr(pattern, 'pattern', pattern)}/"


def _range(least: object, most: object) -> Iterable[str]:
    if least is not None and least == most:
        yield f"{least}"
    elif least is not None or most is not None:
        ends = ("" if end is None else f"{end}" for end in (least, most))
        yield "..".join(ends)
