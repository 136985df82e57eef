"""Error messages for the fields of a form, by the names of its controls."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from flask import has_request_context
from flask import request

FieldErrors = dict[str, list[str]]


def texts_by_field(given: object) -> FieldErrors:
    """Read messages that are nested as in WTForms.

    :raises TypeError: they are not a mapping.
    """
    if not isinstance(given, Mapping):
        raise TypeError(
            "fields maps the names of fields to messages, as form.errors does; it is"
            f" not {given!r}."
        )

    fields: FieldErrors = {}

    for name, messages in t.cast("Mapping[t.Any, object]", given).items():
        _add_texts(fields, str(name or ""), messages)

    return fields


def _add_texts(fields: FieldErrors, name: str, given: t.Any) -> None:
    """Add the messages for one field. Fields inside it get the names that WTForms gives
    the controls: ``address-street``, ``names-0``.
    """
    members: Iterable[tuple[t.Any, object]]

    if isinstance(given, Mapping):
        members = t.cast("Mapping[t.Any, object]", given).items()
    elif isinstance(given, (list, tuple)) and any(map(_is_nested, given)):  # pyright: ignore
        members = enumerate(t.cast("Sequence[object]", given))
    else:
        fields[name] = _texts(given)
        return

    for inner, messages in members:
        if messages:
            _add_texts(fields, f"{name}-{inner}", messages)


def _is_nested(given: object) -> bool:
    return isinstance(given, (Mapping, list, tuple))


def _texts(given: t.Any) -> list[str]:
    if isinstance(given, (list, tuple, set, frozenset)):
        return [str(text) for text in t.cast("Sequence[object]", given)]

    return [str(given)]


def errors_of_form(form: t.Any) -> tuple[FieldErrors, list[str]]:
    """Read the messages of a WTForms form, by the names that were posted. The form's
    own ``errors`` drop its prefix, and a ``FieldList`` numbers its entries anew.

    :return: the messages of fields, and the messages of the form as a whole.
    """
    posted = request.form if has_request_context() else ()
    fields: FieldErrors = {}
    forms = [form]
    # With the names that were posted. Inner fields are appended below.
    found = [(field.name, field) for field in form]

    for name, field in found:
        # An inner form's, or an entry's, come with the inner fields.
        errors = () if isinstance(field.errors, Mapping) else field.errors
        own = [str(text) for text in errors if not _is_nested(text)]

        if own:
            fields[name] = own

        if hasattr(field, "entries"):
            found += _entries(field, name, posted)
        elif hasattr(field, "form"):
            forms.append(field.form)
            cut = len(field.name)
            found += [(name + inner.name[cut:], inner) for inner in field.form]

    return fields, [str(text) for form in forms for text in form.form_errors]


def _entries(
    field: t.Any, name: str, posted: Iterable[str]
) -> Iterator[tuple[str, t.Any]]:
    """Give the entries of a ``FieldList`` with the names that were posted."""
    cut = len(field.name)
    rests = [entry.name[cut:] for entry in field.entries]
    # All have the same text before their numbers.
    separator = re.escape(rests[0].rstrip("0123456789")) if rests else ""
    beginning = re.compile(rf"{re.escape(name)}({separator}(\d+))(?:{separator}|$)")
    found = filter(None, map(beginning.match, posted))
    numbered = sorted({int(match[2]): match[1] for match in found}.items())

    for place, (entry, rest) in enumerate(zip(field.entries, rests, strict=True)):
        yield name + (numbered[place][1] if place < len(numbered) else rest), entry
