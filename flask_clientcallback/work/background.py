"""Functions that can run outside of a request: ``@background``."""

from __future__ import annotations

import functools
import inspect
import math
import typing as t
from collections.abc import AsyncGenerator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Generator

from ..protocol.compact_json import encode_strictly
from ..typing import Overlap

_Parameters = t.ParamSpec("_Parameters")
_Returned = t.TypeVar("_Returned")
_Result = t.TypeVar("_Result")

_OVERLAPS = t.get_args(Overlap)
_PLAIN = (str, int, bool, type(None))


class BackgroundFunction(t.Generic[_Parameters, _Returned, _Result]):
    """A function that can run outside of a request. A direct call works as before: as a
    plain function, a generator function or a coroutine function.

    .. versionadded:: 0.1
    """

    __name__: str
    __qualname__: str

    def __init__(
        self, function: Callable[_Parameters, _Returned], overlap: Overlap
    ) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self.overlap: Overlap = overlap
        """What happens to its jobs that overlap."""
        self.full_name: str = f"{function.__module__}.{function.__qualname__}"
        """The name of its module and its own."""

    def __call__(
        self, *args: _Parameters.args, **keywords: _Parameters.kwargs
    ) -> _Returned:
        return self._function(*args, **keywords)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.full_name}>"


class BackgroundMark(t.Protocol):
    """Marks a function that can run outside of a request."""

    @t.overload
    def __call__(
        self, function: Callable[_Parameters, Generator[t.Any, t.Any, _Result]], /
    ) -> BackgroundFunction[_Parameters, Generator[t.Any, t.Any, _Result], _Result]: ...

    @t.overload
    def __call__(
        self, function: Callable[_Parameters, AsyncGenerator[t.Any, t.Any]], /
    ) -> BackgroundFunction[_Parameters, AsyncGenerator[t.Any, t.Any], None]: ...

    @t.overload
    def __call__(
        self, function: Callable[_Parameters, Awaitable[_Result]], /
    ) -> BackgroundFunction[_Parameters, Awaitable[_Result], _Result]: ...

    @t.overload
    def __call__(
        self, function: Callable[_Parameters, _Result], /
    ) -> BackgroundFunction[_Parameters, _Result, _Result]: ...


@t.overload
def background(*, overlap: Overlap = "parallel") -> BackgroundMark: ...


@t.overload
def background(
    function: Callable[_Parameters, Generator[t.Any, t.Any, _Result]], /
) -> BackgroundFunction[_Parameters, Generator[t.Any, t.Any, _Result], _Result]: ...


@t.overload
def background(
    function: Callable[_Parameters, AsyncGenerator[t.Any, t.Any]], /
) -> BackgroundFunction[_Parameters, AsyncGenerator[t.Any, t.Any], None]: ...


@t.overload
def background(
    function: Callable[_Parameters, Awaitable[_Result]], /
) -> BackgroundFunction[_Parameters, Awaitable[_Result], _Result]: ...


@t.overload
def background(
    function: Callable[_Parameters, _Result], /
) -> BackgroundFunction[_Parameters, _Result, _Result]: ...


def background(
    function: t.Any | None = None, /, *, overlap: Overlap = "parallel"
) -> t.Any:
    """Let :meth:`Page.start_job` run a function outside of a request.

    The function has no page, no request and no view state. Its arguments and its result
    are JSON values. It may be a coroutine function. A generator function yields its
    progress; if it is cancelled, it ends at a ``yield``. A direct call works as before.

    :param function: a function at the top level of a module. Write other decorators
        below this one.
    :param overlap: what happens if the same user starts the same function at the same
        page before an earlier job is over. ``parallel``: both run. ``keep``: if the
        arguments are the same, both callers get the earlier job. ``replace``: the
        earlier job is cancelled. ``refuse``: the second start is an error with status
        409.
    :raises TypeError: ``function`` is not a function at the top level of a module.
    :raises ValueError: ``overlap`` is none of these.

    .. versionadded:: 0.1
    """
    if overlap not in _OVERLAPS:
        raise ValueError(f"overlap is one of {', '.join(_OVERLAPS)}, not {overlap!r}.")

    if function is None:
        return functools.partial(_mark, overlap=overlap)

    return _mark(function, overlap=overlap)


def _mark(function: t.Any, overlap: Overlap) -> BackgroundFunction[..., t.Any, t.Any]:
    name = getattr(function, "__qualname__", None)

    if not inspect.isroutine(function) or name is None:
        raise TypeError(f"@background marks a function, not {function!r}.")

    # Another process may run the job, and finds the function by its name.
    if not name.isidentifier():
        raise TypeError(
            f"{name} cannot run in the background: @background marks a function that"
            " stands in a module, in no class and no other function, and has a name."
            " Decorators below it use functools.wraps()."
        )

    marked = BackgroundFunction[..., t.Any, t.Any](function, overlap)
    _functions[marked.full_name] = marked
    return marked


_functions: dict[str, BackgroundFunction[..., t.Any, t.Any]] = {}
"""All marked functions, by name. A record can run no other code."""


def find_function(full_name: str) -> BackgroundFunction[..., t.Any, t.Any]:
    """Find the function of a job by its name.

    :raises LookupError: this process has no such function.
    """
    if full_name in _functions:
        return _functions[full_name]

    hint = "Import its module where the application is made."

    if full_name.startswith("__main__."):
        hint = "Start the application as a module, by flask --app, and not as a script."

    raise LookupError(f"The process that runs jobs knows no {full_name}. {hint}")


def require_background(function: object) -> BackgroundFunction[..., t.Any, t.Any]:
    """Check that a function can run outside of a request.

    :raises TypeError: the function is not marked.
    """
    if isinstance(function, BackgroundFunction):
        return t.cast("BackgroundFunction[..., t.Any, t.Any]", function)

    name = getattr(function, "__qualname__", repr(function))
    raise TypeError(
        f"{name} is not marked @background. Write that above all of its decorators, and"
        " give the function itself, not what a call of it returns."
    )


def write_arguments(
    function: BackgroundFunction[..., t.Any, t.Any],
    args: tuple[t.Any, ...],
    keywords: dict[str, t.Any],
) -> str:
    """Write the arguments of a job as JSON.

    :raises TypeError: the function does not take them, or they are not JSON values.
    """
    try:
        bound = inspect.signature(function).bind(*args, **keywords)
    except TypeError as error:
        raise TypeError(
            f"{function.full_name} does not take these arguments: {error}."
        ) from None

    arguments = [list(bound.args), bound.kwargs]

    try:
        _check(arguments, function.full_name)
    except RecursionError:
        raise TypeError(
            f"An argument of {function.full_name} holds itself, or is nested too deep."
        ) from None

    return encode_strictly(arguments)


def _check(value: t.Any, name: str) -> None:
    kind: type[t.Any] = type(value)  # pyright: ignore

    if kind in _PLAIN or (kind is float and math.isfinite(value)):
        return

    if kind is list:
        for item in value:
            _check(item, name)
    elif kind is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise TypeError(_refusal(name, f"a mapping with the key {key!r}"))

            _check(item, name)
    else:
        raise TypeError(_refusal(name, repr(value)))


def _refusal(name: str, what: str) -> str:
    return (
        f"{name} runs in the background and takes JSON values: text, numbers, True,"
        f" False, None, lists and dictionaries, and not {what}. Give an id, and let the"
        " function look up the rest."
    )
