"""The arguments of a named method, as the client script sends them."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from collections.abc import Mapping
from pathlib import PurePath

from werkzeug.datastructures import FileStorage

from ..protocol.arguments import value_of
from ..protocol.method_calls import encode_arguments
from ..protocol.wire import ARGUMENT_FILE_PREFIX


class SentArguments(t.NamedTuple):
    """The arguments that a call sends."""

    text: str
    """JSON."""
    files: dict[str, list[t.Any]]
    """Files, by the names of their parts."""


def write_arguments(
    positional: Iterable[t.Any], named: Mapping[str, t.Any]
) -> SentArguments:
    """Write the arguments of a call: as an array. If some have names or are files, it
    is an object, in which the other arguments are named by their places.

    :raises TypeError: the client script would not send one of them.
    :raises ValueError: a browser would send another number.
    """
    places = {str(place): value for place, value in enumerate(positional)}
    files: dict[str, list[t.Any]] = {}
    values: dict[str, t.Any] = {}

    for name, value in (*places.items(), *named.items()):
        found = _files_of(value)

        if found:
            files[f"{ARGUMENT_FILE_PREFIX}{name}"] = found
        else:
            values[name] = value_of(value)

    has_names = named or files
    return SentArguments(
        encode_arguments(values if has_names else [*values.values()]), files
    )


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
        items = t.cast("list[t.Any]", value)

        if all(_is_file(item) for item in items):
            return [named_file(item) for item in items]

    return []


def _is_file(value: t.Any) -> bool:
    """Tell whether a value is a stream, or Werkzeug's tuple of one and its name."""
    match value:
        case (stream, str(), *_) if isinstance(value, tuple):
            return hasattr(stream, "read")
        case _:
            return hasattr(value, "read")
