"""Generators and coroutines: the parts of the work, and its result."""

from __future__ import annotations

import inspect
import typing as t
from collections.abc import AsyncGenerator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Generator
from types import AsyncGeneratorType
from types import GeneratorType

from ..protocol.answers import progress_body
from ..protocol.answers import stream_line

if t.TYPE_CHECKING:
    from flask import Flask

Result = t.TypeVar("Result")
Parts = Generator[t.Any, None, Result]
"""Yields the parts, and returns the result of the work."""

_STREAMS = (GeneratorType, AsyncGeneratorType)
_OF_EXPRESSION = "<genexpr>"
_END: t.Any = object()


def is_stream(returned: object) -> bool:
    """Tell whether a function returned a generator that is its work. A generator
    expression does not count: it has no result, and is meant as a list.
    """
    if type(returned) not in _STREAMS:
        return False

    given: t.Any = returned
    code = given.ag_code if type(given) is AsyncGeneratorType else given.gi_code
    return bool(code.co_name != _OF_EXPRESSION)


def parts_of(stream: t.Any) -> Parts[t.Any]:
    """Do the work of a stream, part by part.

    :return: what a generator returns; ``None`` for an asynchronous one, which cannot
        return anything.
    :raises RuntimeError: the stream is asynchronous, and a coroutine waits for it.
    """
    if type(stream) is AsyncGeneratorType:
        return _parts_of_async(stream)  # pyright: ignore[reportUnknownArgumentType]

    return t.cast("Parts[t.Any]", stream)


def run_to_end(parts: Parts[Result]) -> Result:
    """Do the work to its end, and return the result."""
    while True:
        try:
            next(parts)
        except StopIteration as ended:
            return t.cast("Result", ended.value)


def write_part(part: t.Any, write: Callable[[t.Any], str]) -> str:
    """Write a part as a line; ``None`` as an empty line.

    :param write: writes it as JSON.
    """
    if part is None:
        return stream_line("")

    try:
        text = write(part)
    except Exception as error:
        error.add_note(
            "What a handler yields cannot be written as JSON: yield text, numbers,"
            " lists and dictionaries."
        )
        raise

    return stream_line(progress_body(text))


def awaited(app: Flask, returned: t.Any) -> t.Any:
    """Wait for what a coroutine function returned. Give back anything else."""
    return (
        app.ensure_sync(_wait)(returned) if inspect.isawaitable(returned) else returned
    )


async def _wait(returned: Awaitable[t.Any]) -> t.Any:
    return await returned


def _parts_of_async(parts: AsyncGenerator[t.Any, None]) -> Parts[None]:
    # Imported here, as few applications need it and it is slow to import.
    import asyncio

    if is_in_coroutine():
        raise RuntimeError(
            "A coroutine cannot wait for an asynchronous generator: let the work be a"
            " plain generator, or what calls it no coroutine function."
        )

    async def step() -> t.Any:
        return await anext(parts, _END)

    async def close() -> None:
        await parts.aclose()

    # One loop for all steps: what they wait for belongs to the loop in which it began.
    with asyncio.Runner() as runner:
        try:
            while (part := runner.run(step())) is not _END:
                yield part
        finally:
            runner.run(close())


def is_in_coroutine() -> bool:
    """Tell whether a coroutine is running in this thread."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False

    return True
