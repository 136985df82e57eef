"""Values that come from the page's form: which of its controls, and how."""

from __future__ import annotations

import dataclasses
import types
import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from enum import Enum

from werkzeug.datastructures import FileStorage
from werkzeug.datastructures import MultiDict

from ..errors import HandlerInterfaceError
from .hints import is_class_of
from .hints import MANY
from .hints import parts_of

_Value = t.TypeVar("_Value")


class FormValue:
    """Marks a parameter that is read from the page's form if a call does not give it:
    ``Annotated[int, FormValue("qty")]``. :data:`FromForm` is short for it.

    :param name: the name of the form's field. Default: the parameter's name.

    .. versionadded:: 0.1
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"FormValue({self.name!r})" if self.name else "FormValue()"


FromForm = t.Annotated[_Value, FormValue()]
"""``FromForm[int]`` marks a parameter that is read from the form if a call does not
give it. The form's field has the parameter's name. An empty field counts as not given,
unless the type accepts text. An unchecked checkbox is ``False``. A list has all values
of the name. A dataclass, a model or a ``TypedDict`` has the whole form.

.. versionadded:: 0.1
"""


class FormFields(t.NamedTuple):
    """The values and files of the form's controls."""

    form: MultiDict[str, str]
    files: MultiDict[str, FileStorage]


class Sent(t.NamedTuple):
    """What a call sends for the parameters of its method."""

    arguments: t.Any
    """A list, by place, or a mapping, by name or place."""
    files: Mapping[str, list[t.Any]]
    """The files among the arguments, by place or name."""
    form: FormFields


def check_default(name: str, default: object) -> None:
    """Check that a parameter's default is not something that belongs in its hint.

    :param name: the method and the parameter, for the message.
    :raises HandlerInterfaceError: it is.
    """
    is_of_pydantic = type(default).__module__.startswith("pydantic.")

    if is_of_pydantic or isinstance(default, FormValue):
        raise HandlerInterfaceError(
            f"The default of {name}, is {default!r}, which says how the parameter is"
            " checked or read: write that into Annotated[...]."
        )


NOT_GIVEN: t.Any = object()
"""Stands for a value that the form does not have."""

Reader = Callable[[FormFields], t.Any]


def find_form_value(hint: t.Any) -> FormValue | None:
    """Find the :class:`FormValue` of a hint."""
    origin, members = t.get_origin(hint), t.get_args(hint)

    if origin is t.Annotated:
        for mark in members[1:]:
            if isinstance(mark, FormValue):
                return mark

            if mark is FormValue:
                return FormValue()

    elif origin in (t.Union, types.UnionType):
        return next(filter(None, map(find_form_value, members)), None)

    return None


def fields_of(hint: t.Any) -> dict[str, t.Any] | None:
    """List the fields that a whole form fills, with their hints; ``None`` if the hint
    is for a single value.
    """
    for part in parts_of(hint):
        if hasattr(part, "model_fields"):
            model_fields: dict[str, t.Any] = part.model_fields
            return {
                _alias_of(field) or name: field.annotation
                for name, field in model_fields.items()
            }

        if dataclasses.is_dataclass(part):
            hints = t.get_type_hints(part, include_extras=True)
            return {
                field.name: hints[field.name]
                for field in dataclasses.fields(part)
                if field.init
            }

        # typing does not recognise a TypedDict of typing_extensions.
        if is_class_of(part, dict) and hasattr(part, "__total__"):
            return t.get_type_hints(part, include_extras=True)

    return None


def _alias_of(field: t.Any) -> str | None:
    alias = field.validation_alias
    return alias if isinstance(alias, str) else None


def make_reader(name: str, hint: t.Any) -> Reader:
    """Make a function that reads a value from the form.

    :param name: the field's name. A value from the whole form does not use it.
    :param hint: the type of the value.
    """
    fields = fields_of(hint)

    if fields is None:
        return _field_reader(name, hint)

    readers = {inner: _field_reader(inner, of) for inner, of in fields.items()}

    def read_all(given: FormFields) -> dict[str, t.Any]:
        values = {inner: read(given) for inner, read in readers.items()}
        return {k: value for k, value in values.items() if value is not NOT_GIVEN}

    return read_all


def _field_reader(name: str, hint: t.Any) -> Reader:
    parts = parts_of(hint)
    takes_text = _takes_text(hint)

    for part in parts:
        if (t.get_origin(part) or part) in MANY:
            [item, *_] = t.get_args(part) or (t.Any,)

            if FileStorage in parts_of(item):
                return lambda given: list(filter(None, given.files.getlist(name)))

            if _takes_text(item):
                return lambda given: given.form.getlist(name)

            return lambda given: list(filter(None, given.form.getlist(name)))

    if FileStorage in parts:
        # If no file is chosen, a browser sends one without a name, which is false.
        return lambda given: given.files.get(name) or NOT_GIVEN

    if bool in parts:
        return lambda given: given.form.get(name) or False

    if takes_text:
        return lambda given: given.form.get(name, NOT_GIVEN)

    return lambda given: given.form.get(name) or NOT_GIVEN


def _takes_text(hint: t.Any) -> bool:
    """Tell whether an empty text is a value."""
    return any(
        part in (t.Any, str, object)
        or (t.get_origin(part) is t.Literal and "" in t.get_args(part))
        or (is_class_of(part, Enum) and any(member.value == "" for member in part))
        for part in parts_of(hint)
    )
