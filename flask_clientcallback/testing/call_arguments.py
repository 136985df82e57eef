"""The arguments of a named method, as the client script sends them."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from collections.abc import Mapping
from datetime import date
from datetime import datetime
from datetime import time
from datetime import UTC
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from uuid import UUID

from werkzeug.datastructures import FileStorage

from ..protocol.arguments import value_of
from ..protocol.compact_json import encode_json
from ..protocol.compact_json import encode_strictly
from ..protocol.wire import ARGUMENT_FIELD

_MOST_EXACT = 2**53
"""Beyond it, a number in a browser is not every integer."""


class Arguments(t.NamedTuple):
    """What goes along with a call."""

    text: str
    """JSON."""
    files: dict[str, list[t.Any]]
    """Files, by the names of their parts."""


def write_arguments(
    positional: Iterable[t.Any], named: Mapping[str, t.Any]
) -> Arguments:
    """Write the arguments of a call: as an array, or where some have names or are
    files, as an object that has the places of the others as names.

    :raises TypeError: the client script would not send one of them.
    :raises ValueError: a browser would send another number.
    """
    places = {str(place): value for place, value in enumerate(positional)}
    files: dict[str, list[t.Any]] = {}
    values: dict[str, t.Any] = {}

    for name, value in (*places.items(), *named.items()):
        found = _files_of(value)

        if found:
            files[f"{ARGUMENT_FIELD}.{name}"] = found
        else:
            values[name] = _plain(value)

    is_array = not named and not files
    return Arguments(encode_json([*values.values()] if is_array else values), files)


def named_file(value: t.Any) -> tuple[t.Any, ...] | FileStorage:
    """Give a file the name that a browser gives it, unless it was given one."""
    if isinstance(value, tuple):
        return value  # pyright: ignore[reportUnknownVariableType]

    file: FileStorage = value if isinstance(value, FileStorage) else FileStorage(value)

    if file.filename is None:
        file.filename = "blob"

    file.filename = PurePath(file.filename).name
    return file


def _files_of(value: t.Any) -> list[t.Any]:
    if _is_file(value):
        return [named_file(value)]

    if isinstance(value, (list, tuple)):
        items = t.cast(list[t.Any], value)

        if all(_is_file(item) for item in items):
            return [named_file(item) for item in items]

    return []


def _is_file(value: t.Any) -> bool:
    return hasattr(_first_of_two(value), "read") or hasattr(value, "read")


def _first_of_two(value: t.Any) -> t.Any:
    """Give the stream of a file that is told by Werkzeug's tuple."""
    match value:
        case (stream, str(), *_) if not isinstance(value, list):
            return stream
        case _:
            return None


def _plain(given: t.Any) -> t.Any:
    value = value_of(given)

    if isinstance(value, Enum):
        return _plain(value.value)

    match value:
        case None | bool():
            return value
        case str():
            return str.__str__(value)
        case int() | float():
            return _number(value)
        case datetime():
            return _moment(value)
        case date():
            return value.isoformat()
        case time():
            return _shortest(value)
        case Decimal() | UUID():
            return str(value)
        case list() | tuple():
            return [_plain(item) for item in t.cast(list[t.Any], value)]
        case Mapping():
            return {_key(key): _plain(item) for key, item in value.items()}  # pyright: ignore
        case _:
            raise TypeError(
                f"The client script would not send {value!r} as an argument, or in one:"
                " give text, numbers, booleans, None, lists and mappings of these, and"
                " files only as arguments of their own."
            )


def _key(key: t.Any) -> str:
    if isinstance(key, str):
        return str.__str__(key)

    raise TypeError(f"The names in an object are text, not {key!r}.")


def _number(value: float) -> float:
    if isinstance(value, float) and value.is_integer():
        # A browser writes it so. Beyond, it is what a browser has.
        return int(value) if abs(value) <= _MOST_EXACT else value

    if isinstance(value, int) and abs(value) > _MOST_EXACT:
        raise ValueError(
            f"A browser would round {value}: send it as text, as a script has to."
        )

    try:
        encode_strictly(value)
    except ValueError:
        raise TypeError(
            f"JSON has no {value}, and the client script refuses it."
        ) from None

    return value


def _moment(moment: datetime) -> str:
    """Write a moment as a script's ``Date``, or without a time zone as a control of the
    type ``datetime-local``.
    """
    if moment.tzinfo is None:
        return f"{moment.date().isoformat()}T{_shortest(moment.time())}"

    there = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{there.isoformat(timespec='milliseconds')}Z"


def _shortest(moment: time) -> str:
    if moment.microsecond >= 1000:
        return moment.isoformat("milliseconds")

    return moment.isoformat("seconds" if moment.second else "minutes")
