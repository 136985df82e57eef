"""JSON without white space, and the values for which it has no form."""

from __future__ import annotations

import json
import typing as t
from base64 import b64decode
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from markupsafe import Markup

_decoder = json.JSONDecoder()
# The function that decode() calls, between two looks for white space.
_scan: Callable[[str, int], tuple[t.Any, int]] = t.cast(t.Any, _decoder).scan_once

encode_json: Callable[[t.Any], str] = json.JSONEncoder(separators=(",", ":")).encode
encode_strictly: Callable[[t.Any], str] = json.JSONEncoder(
    separators=(",", ":"), allow_nan=False
).encode
"""The same, but it refuses NaN and the infinities."""


def decode_json(text: str) -> t.Any:
    """Read JSON, faster than :func:`json.loads` if no white space is around it.

    :raises ValueError: the text is not JSON.
    :raises RecursionError: it is nested too deeply.
    """
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        value, end = None, -1

    return value if end == len(text) else _decoder.decode(text)


def decode_strictly(text: str) -> t.Any:
    """Read strict JSON only.

    :raises ValueError: the text is not JSON, or has NaN or the infinities.
    :raises RecursionError: it is nested too deeply.
    """
    return _strict_decoder.decode(text)


def _refuse_constant(name: str) -> t.NoReturn:
    raise ValueError(f"JSON has no {name}")


_strict_decoder = json.JSONDecoder(parse_constant=_refuse_constant)

MOST_NESTED = 100
"""The depth limit: whatever calls the reader, it can read what is written."""
_PLAIN = frozenset((int, bool, type(None), float))


def tag(value: t.Any, depth: int = 0) -> t.Any:
    """Put a value that JSON lacks into a mapping with one member, whose name tells the
    type. Flask's session does this too, but :func:`untag` gives back the exact value.

    :param depth: how many lists, tuples and mappings are around the value.
    :raises TypeError: a value has another type, a subclass included.
    :raises ValueError: a value would come back changed.
    """
    kind: type[t.Any] = type(value)  # pyright: ignore

    if kind is str:
        return value if value.isascii() else check_text(value)

    if kind in _PLAIN:
        return value

    if kind is dict:
        return _tag_members(value, _deeper(depth))

    if kind is list or kind is tuple:
        depth = _deeper(depth)
        items = [tag(item, depth) for item in value]
        return items if kind is list else {" t": items}

    tagged = _TAGGED.get(kind)

    if tagged is None:
        raise TypeError(_refusal(kind))

    name, write = tagged
    return {name: write(value)}


def untag(value: t.Any) -> t.Any:
    """Give back what :func:`tag` was given.

    :raises ValueError: a moment is in a time zone that is unknown here.
    """
    if isinstance(value, list):
        return [untag(item) for item in value]  # pyright: ignore

    if not isinstance(value, dict):
        return value

    tagged = t.cast(dict[str, t.Any], value)
    members = {key: untag(item) for key, item in tagged.items()}

    if len(members) == 1:
        [(key, item)] = members.items()
        read = _READERS.get(key)
        return members if read is None else read(item)

    return members


def check_text(text: str) -> str:
    """Check that JSON keeps a text unchanged, and return it.

    :raises ValueError: two halves of a character follow each other: they would come
        back as the character.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        units = text.encode("utf-16-le", "surrogatepass")

        if units.decode("utf-16-le", "surrogatepass") != text:
            raise ValueError(
                "two halves of a character follow each other in its text, and would"
                " come back as the character"
            ) from None

    return text


def _deeper(depth: int) -> int:
    if depth == MOST_NESTED:
        raise ValueError(f"it is nested more than {depth} deep, or holds itself")

    return depth + 1


def _tag_members(value: dict[t.Any, t.Any], depth: int) -> dict[str, t.Any]:
    for key in value:
        if type(key) is not str:
            raise TypeError(
                f"the key {key!r} of a mapping in it is not text, or of a subclass"
            )

        if not key.isascii():
            check_text(key)

    members = {key: tag(item, depth) for key, item in value.items()}

    if len(members) == 1:
        [(key, item)] = members.items()

        if key in _READERS:
            return {" di": {f"{key}__": item}}

    return members


def _refusal(kind: type[t.Any]) -> str:
    kept = (*_TAGGED, str, *_PLAIN, dict, list, tuple)
    base = next((base for base in kind.__mro__ if base in kept), None)

    if base is None:
        return f"{kind.__qualname__} is no type that it takes"

    return f"a {kind.__qualname__} would come back as a {base.__qualname__}"


def _write_moment(moment: datetime) -> t.Any:
    zone = moment.tzinfo
    written: t.Any

    if isinstance(zone, ZoneInfo):
        local = moment.replace(tzinfo=None).isoformat()
        written = [local, moment.fold, zone.key]
    elif moment.fold:
        written = [moment.isoformat(), moment.fold, None]
    else:
        written = moment.isoformat()

    back = _read_moment(written)

    # Equality ignores another fold and another time zone. A zone that was read from a
    # file may have the name of another one.
    if repr(back) != repr(moment) or (
        isinstance(zone, ZoneInfo) and back.tzinfo is not zone
    ):
        raise ValueError(
            f"the time zone {zone!r} would come back as another one: use UTC,"
            " ZoneInfo(name) or timezone(offset)"
        )

    return written


def _read_moment(written: t.Any) -> datetime:
    if isinstance(written, str):
        return datetime.fromisoformat(written)

    text, fold, key = written
    moment = datetime.fromisoformat(text).replace(fold=fold)

    if key is None:
        return moment

    try:
        return moment.replace(tzinfo=ZoneInfo(key))
    except (KeyError, ValueError, OSError) as error:
        # A KeyError would look like a key that the view state lacks.
        raise ValueError(
            f"there is no time zone {key!r} here: install tzdata, or use UTC"
        ) from error


_TAGGED: dict[type, tuple[str, Callable[[t.Any], t.Any]]] = {
    bytes: (" b", lambda value: b64encode(value).decode("ascii")),
    Markup: (" m", lambda value: check_text(str.__str__(value))),
    UUID: (" u", lambda value: value.hex),
    datetime: (" d", _write_moment),
}
_READERS: dict[str, Callable[[t.Any], t.Any]] = {
    " di": lambda members: {key[:-2]: item for key, item in members.items()},
    " t": tuple,
    " b": b64decode,
    " m": Markup,
    " u": UUID,
    " d": _read_moment,
}
