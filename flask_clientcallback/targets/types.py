"""Values by type hints: checked on their way in, checked and written on their way out,
by pydantic. It is loaded when a class first needs it.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from markupsafe import Markup
from werkzeug.datastructures import FileStorage

from ..errors import HandlerInterfaceError
from ..protocol.compact_json import encode_strictly
from ..protocol.method_calls import is_finite
from .hints import bad_hint
from .hints import replacer

Path = tuple[str | int, ...]
UNTYPED = t.Any
"""The type of a parameter or a result without a hint."""

MOST_ERRORS = 100
"""So many errors are told: a short request must not get a very much longer answer."""

MOST_LISTED = 1000
"""If there are more, they are told as one."""


class InvalidValues(Exception):
    """Values that do not fit their hints.

    :param errors: pydantic's errors, each by the path of its value.
    """

    def __init__(self, errors: list[tuple[Path, dict[str, t.Any]]]) -> None:
        super().__init__(
            "; ".join(f"{path}: {error['type']}" for path, error in errors)
        )
        self.errors = errors


class Checker:
    """Checks named values, all of them at once.

    :param name: the owner of the values.
    :param hints: the hint of each value.
    :param optional: the names that may be missing.
    :raises HandlerInterfaceError: pydantic is not installed, or cannot use a hint.
    """

    def __init__(
        self, name: str, hints: Mapping[str, t.Any], optional: frozenset[str]
    ) -> None:
        files = replacer(FileStorage, _instance_of(name))
        replaced = {key: files(hint) for key, hint in hints.items()}
        values = _values_of(name, replaced, optional)
        self.adapter: t.Any = _make_adapter(name, values)

    def check(self, given: Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Convert values to the types of their hints.

        :raises InvalidValues: one does not fit its hint.
        """
        return t.cast("dict[str, t.Any]", _validate(self.adapter, given))


class WrongResult(TypeError):
    """A result that does not fit the hint of its method.

    :param name: the method.
    :param result: the result.
    :param invalid: what does not fit.
    """

    def __init__(self, name: str, result: object, invalid: InvalidValues) -> None:
        # The result itself is the first and only value.
        (_, *inner), error = invalid.errors[0]
        # This gets into the log: the values may be secret, and keys be any text.
        steps = [s if str(s).isalnum() and len(str(s)) < 40 else "..." for s in inner]
        place = f"in {'.'.join(map(str, steps))}, " if steps else ""
        super().__init__(
            f"{name}() returned a value of type {type(result).__name__}, which does not"
            f" fit the type hint of its return value: {place}{error['type']}."
        )


class ResultWriter:
    """Checks a result, and writes only what its hint includes.

    :param name: the owner of the result.
    :param hint: the result's hint.
    :param takes_responses: whether it may also be a response, which is not checked.
    :raises HandlerInterfaceError: pydantic is not installed, or cannot use a hint.
    """

    def __init__(self, name: str, hint: t.Any, *, takes_responses: bool) -> None:
        self._name = name
        self.takes_responses = takes_responses
        text = replacer(Markup, str)
        config = _pydantic(name).ConfigDict(
            allow_inf_nan=False, ser_json_bytes="base64"
        )
        single: t.Any = tuple
        # For a tuple, as pydantic accepts no settings beside a lone model.
        self.adapter: t.Any = _make_adapter(name, single[text(hint)], config)

    def write(self, result: t.Any) -> str:
        """Write a result as JSON.

        :raises WrongResult: it does not fit its hint.
        :raises ValueError: JSON has no form for it.
        """
        try:
            values = _validate(self.adapter, (result,), from_attributes=True)
        except InvalidValues as invalid:
            # pydantic's own error has the value.
            raise WrongResult(self._name, result, invalid) from None

        try:
            text: str = self.adapter.dump_json(values).decode()
        except ValueError:
            # Half of a character: JSON can escape it, UTF-8 cannot hold it.
            return encode_strictly(self.adapter.dump_python(values, mode="json"))[1:-1]

        # pydantic writes values that JSON lacks in this way too, if a hint allows them.
        may_lack = any(word in text for word in ("null", "NaN", "Infinity"))

        if may_lack and not is_finite(self.adapter.dump_python(values)):
            raise ValueError("JSON has neither NaN nor the infinities.")

        return text[1:-1]


def _pydantic(name: str) -> t.Any:
    try:
        import pydantic
    except ImportError as error:
        raise HandlerInterfaceError(
            f"{name} has type hints, which pydantic checks: pip install"
            ' "flask-clientcallback[typed]", or leave the hints out.'
        ) from error

    return pydantic


def _instance_of(name: str) -> t.Any:
    return _pydantic(name).InstanceOf[FileStorage]


def _values_of(
    name: str, hints: Mapping[str, t.Any], optional: frozenset[str]
) -> t.Any:
    """Make the type of a mapping with named values."""
    pydantic = _pydantic(name)
    # pydantic cannot use Python 3.11's own; it brings this one.
    from typing import NotRequired

    from typing_extensions import TypedDict

    fields = {
        key: NotRequired[hint] if key in optional else hint
        for key, hint in hints.items()
    }
    # Type checkers know it only as a statement.
    make: t.Any = TypedDict
    values = make("values", fields)
    values.__pydantic_config__ = pydantic.ConfigDict(
        extra="forbid",
        # JSON has an infinity after all: 1e400.
        allow_inf_nan=False,
        val_json_bytes="base64",
    )
    return values


def _make_adapter(name: str, hint: t.Any, config: t.Any = None) -> t.Any:
    pydantic = _pydantic(name)

    try:
        adapter = pydantic.TypeAdapter(hint, config=config)

        # Newer versions postpone hints that they cannot resolve.
        if not getattr(adapter, "pydantic_complete", True):
            adapter.rebuild(raise_errors=True)
    except (pydantic.errors.PydanticUserError, NameError) as error:
        raise bad_hint(name, error) from error

    return adapter


def _validate(adapter: t.Any, given: t.Any, **options: t.Any) -> t.Any:
    import pydantic

    try:
        return adapter.validate_python(given, **options)
    except pydantic.ValidationError as invalid:
        # Listing very many takes a thousand times as long as the request.
        if invalid.error_count() > MOST_LISTED:
            raise InvalidValues([(("",), {"type": "too_many"})]) from None

        found = invalid.errors(include_url=False, include_input=False)
        errors = [
            (_path_in(given, error), _own_error(error)) for error in found[:MOST_ERRORS]
        ]
        raise InvalidValues(errors) from invalid


def _own_error(error: t.Any) -> dict[str, t.Any]:
    from pydantic_core import core_schema

    # For example from the application's validator: its text is for the user.
    is_own = error["type"] not in t.get_args(core_schema.ErrorType)
    return {**error, "is_own": is_own}


def _path_in(given: t.Any, error: t.Any) -> Path:
    """Tell where a value is in the given data. pydantic's path also names the branches
    of unions, which are not in the data.
    """
    path: list[str | int] = []
    steps: Path = error["loc"]

    for place, step in enumerate(steps):
        is_last = place == len(steps) - 1

        if isinstance(given, (list, tuple)):
            is_there = isinstance(step, int) and step < len(given)  # pyright: ignore
        else:
            is_there = isinstance(given, Mapping) and step in given

        if is_there:
            given = t.cast("t.Any", given)[step]
            path.append(step)
        elif is_last and error["type"] == "missing":
            path.append(step)

    return tuple(path)
