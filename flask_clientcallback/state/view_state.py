"""The page's view state: a mapping of JSON values, and its text."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from collections.abc import MutableMapping

from ..errors import ViewStateError
from ..protocol.compact_json import check_text
from ..protocol.compact_json import decode_json
from ..protocol.compact_json import encode_strictly
from ..protocol.compact_json import tag
from ..protocol.compact_json import untag

_UNCHANGEABLE = frozenset((str, int, float, bool, type(None)))
_NOT_WRITABLE = (TypeError, ValueError, RecursionError)
_TAGGED = '{" '
EMPTY = "{}"


class ViewState(MutableMapping[str, t.Any]):
    """Values that a page keeps from one request to the next. ASP.NET's
    ``Page.ViewState``. JSON's own types, tuples, bytes, ``UUID``, ``datetime`` and
    ``Markup`` survive exactly. Other types are refused. So are subclasses of these
    types: they would come back without what they add.

    .. versionadded:: 0.1
    """

    def __init__(self, closed_because: str | None = None) -> None:
        self._values: dict[str, t.Any] | None = {}
        self._text = EMPTY
        self._written = False
        self._shown: dict[str, str] = {}
        """The text of each restored value that may change in place."""
        self._closed_because = closed_because

    def restore(self, text: str) -> None:
        """Put saved values over the present ones. They are parsed when first read."""
        self._text = text
        early, self._values = self._values, None

        if early:
            # Saved keys first, as the order of keys is part of the text.
            saved = self._loaded()
            self._values = {**saved, **{k: early[k] for k in early if k not in saved}}

    def put_back(self, text: str) -> None:
        """Set the values to what :meth:`to_text` wrote. Lists and mappings stay the
        same objects: a control may hold them.
        """
        values = {key: untag(value) for key, value in decode_json(text).items()}
        held = self._values or {}

        for key, value in values.items():
            now: t.Any = held.get(key)

            if type(now) is not type(value):
                continue

            if isinstance(now, dict):
                now.clear()  # pyright: ignore[reportUnknownMemberType]
                now.update(value)  # pyright: ignore[reportUnknownMemberType]
                values[key] = now  # pyright: ignore[reportUnknownArgumentType]
            elif isinstance(now, list):
                now[:] = value
                values[key] = now

        self._values = values
        self._written = True

    def close(self, because: str) -> None:
        """Refuse every later change."""
        self._closed_because = because

    def to_text(self) -> str:
        """Write the values as text.

        :raises ViewStateError: a value would not come back as it is.
        """
        if self._values is None:
            return self._text

        try:
            return _write(self._values)
        except _NOT_WRITABLE as error:
            values = self._values.items()
            culprit = next(key for key, value in values if not _is_writable(value))
            raise ViewStateError(
                f"view_state[{culprit!r}] cannot be kept: {error}. It takes JSON"
                " values, tuples, bytes, UUID, datetime and Markup, and no subclass of"
                " theirs; store an id or convert the value."
            ) from error

    @property
    def is_empty(self) -> bool:
        """Whether there are no values. Saved values are not parsed for this."""
        return self._text == EMPTY if self._values is None else not self._values

    @property
    def changed(self) -> bool:
        """Whether the values differ from the restored ones."""
        if self._values is None:
            return False

        if self._written:
            return self.to_text() != self._text

        values = self._values
        shown = self._shown.items()
        other = [k for k, text in shown if not text or _show(values[k]) != text]

        if not other:
            return False

        saved = decode_json(self._text)
        return any(_is_changed(values[key], saved[key]) for key in other)

    def _loaded(self) -> dict[str, t.Any]:
        if self._values is None:
            values: dict[str, t.Any] = decode_json(self._text)

            if _TAGGED in self._text:
                values = {key: untag(value) for key, value in values.items()}

            self._values = values
            self._shown = {
                key: _show(value)
                for key, value in values.items()
                if type(value) not in _UNCHANGEABLE
            }

        return self._values

    def _writable(self) -> dict[str, t.Any]:
        if self._closed_because is not None:
            raise ViewStateError(self._closed_because)

        self._written = True
        return self._loaded()

    def __getitem__(self, key: str) -> t.Any:
        values = self._values
        return (self._loaded() if values is None else values)[key]

    def __setitem__(self, key: str, value: t.Any) -> None:
        if type(key) is not str or not key.isascii():
            key = _plain_key(key)

        self._writable()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._writable()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded())

    def __len__(self) -> int:
        return len(self._loaded())

    def __repr__(self) -> str:
        return f"ViewState({self._loaded()!r})"


def _plain_key(key: t.Any) -> str:
    if not isinstance(key, str):
        raise ViewStateError(f"A key of the view state is text, not {key!r}.")

    try:
        # A member of an enumeration means the same key as its text.
        return check_text(str.__str__(key))
    except ValueError as error:
        raise ViewStateError(f"view_state[{key!a}] cannot be kept: {error}.") from error


def _show(value: t.Any) -> str:
    """Write a value as text that tells it from others, empty if that is impossible."""
    try:
        return repr(value)
    except _NOT_WRITABLE:
        return ""


def _is_changed(value: t.Any, saved: t.Any) -> bool:
    """Tell whether a value has changed in place, without being set."""
    try:
        return encode_strictly(tag(value)) != encode_strictly(saved)
    except _NOT_WRITABLE:
        return True


def _write(values: dict[str, t.Any]) -> str:
    return encode_strictly({key: tag(value) for key, value in values.items()})


def _is_writable(value: t.Any) -> bool:
    try:
        _write({"": value})
    except _NOT_WRITABLE:
        return False

    return True
