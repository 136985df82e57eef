"""A handler's result, and its JSON."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Iterator
from collections.abc import Mapping

from flask.json.provider import JSONProvider
from werkzeug.wrappers import Response as BaseResponse

from ..globals import logger
from ..protocol.compact_json import decode_strictly
from ..targets.types import ResultWriter
from ..targets.types import WrongResult
from ..work.json_text import write_value

_MANY_DIGITS = re.compile(r"\d{16}")


class JSONResult(t.NamedTuple):
    """A result that is a ``Response`` of JSON, as ``jsonify()`` makes it."""

    response: BaseResponse
    """The response with the headers to keep."""
    text: str
    """The JSON."""
    value: t.Any
    """The value of the JSON."""


def _read_response(response: BaseResponse) -> JSONResult | None:
    """Read the value of a ``Response``. ``None`` if it is an answer of its own: if it
    has another type or status, or is a download.
    """
    headers = response.headers

    if (
        response.status_code != 200
        or (response.mimetype or "").lower() != "application/json"
        or response.is_streamed
        or response.direct_passthrough
        or "Content-Disposition" in headers
        or "Content-Encoding" in headers
    ):
        return None

    # Text that is not JSON cannot be part of a JSON answer, and only its author knows
    # the right type: the script gets the response as it was made.
    try:
        text = response.get_data().decode().strip(" \t\r\n")
        value = decode_strictly(text)
    except (ValueError, RecursionError):
        return None

    return JSONResult(response, text, value)


def _check_pair(method: object, result: tuple[t.Any, ...]) -> None:
    """Point out a result that a Flask view would take as body and status.

    :raises TypeError: its body is a ``Response``, which an array cannot hold.
    """
    if len(result) != 2:
        return

    body, status = result

    if not isinstance(status, int) or not 400 <= status <= 599:
        return

    if not isinstance(body, (str, Mapping, BaseResponse)):
        return

    kind = type(t.cast(object, body)).__name__
    mistake = (
        f"{name_of(method)} gave a {kind} and {status:d} as its"
        " result: a tuple is an array, not body and status. For an answer that is"
        f" an error, raise CallbackError(message, {status:d})."
    )
    logger.warning("%s", mistake)

    if isinstance(body, BaseResponse):
        raise TypeError(mistake)


def read_result(result: t.Any, method: object, writer: ResultWriter | None) -> t.Any:
    """Read what a method returned. A response that holds a value becomes this value. A
    pair that is likely a mistake is pointed out.

    :param method: the method that returned it.
    :param writer: the method's. If its type hint is a pair, a pair is no mistake.
    :raises TypeError: the pair has a response in it.
    """
    if type(result) is tuple and writer is None:
        _check_pair(method, result)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(result, BaseResponse):
        return _read_response(result) or result

    return result  # pyright: ignore[reportUnknownVariableType]


def value_of(result: t.Any) -> t.Any:
    """Get the value of a result that may be a response of JSON."""
    return result.value if type(result) is JSONResult else result


def write_json(provider: JSONProvider, result: t.Any) -> str:
    """Write a result as JSON, as the application's provider does.

    :raises Exception: what the provider raises for a result that it cannot write.
    """
    if type(result) is JSONResult:
        return result.text

    return write_value(provider, result)


def write_result(
    provider: JSONProvider, result: t.Any, writer: ResultWriter | None
) -> str:
    """Write a result as JSON: by the type hint of its method, if it has one, or else as
    the application's provider does.

    :raises Exception: it cannot be written, or does not fit the hint.
    """
    is_response = type(result) is JSONResult

    if writer is None or (is_response and writer.takes_responses):
        return write_json(provider, result)

    return writer.write(value_of(result))


def write_text(provider: JSONProvider, result: t.Any) -> str:
    """Write a result as text for a classic client script. A value that is not text is
    written as its JSON.
    """
    value = value_of(result)

    if isinstance(value, str):
        return value

    return "" if value is None else write_json(provider, result)


def warn_of_rounding(text: str, method: object) -> None:
    """Point out an integer in a result that the browser would round.

    :param text: the result's JSON.
    :param method: the method that returned it.
    """
    if not _MANY_DIGITS.search(text):
        return

    rounded: list[str] = []

    def read(digits: str) -> None:
        if str(_as_in_browser(digits)) != digits:
            rounded.append(digits)

    json.loads(text, parse_int=read)

    if rounded:
        logger.warning(
            "The result of %s has the integer %s, which is another one in the browser:"
            " JavaScript rounds integers beyond 2**53. Return it as text, -> str.",
            name_of(method),
            rounded[0],
        )


def _as_in_browser(digits: str) -> int | None:
    try:
        return int(float(digits))
    except OverflowError:
        return None


def explain_unwritable(error: Exception, method: object, target: str) -> None:
    """Add a note to the exception for a result that cannot be written.

    :param method: the method that returned the result.
    :param target: what was called.
    """
    reason = "cannot be written as JSON: return text, numbers, lists and dictionaries."

    if isinstance(error, WrongResult):
        reason = "is not what the type hint of its return value says."

    error.add_note(f"The result of {name_of(method)}, the target {target!r}, {reason}")


def name_of(method: object) -> str:
    """Name a method for a message."""
    # An object that can be called has no name.
    return getattr(method, "__qualname__", type(method).__qualname__)


def is_streamed(response: t.Any) -> bool:
    """Tell whether a response is sent while it is made."""
    body: t.Any = response

    if isinstance(response, tuple):
        body = response[0]  # pyright: ignore[reportUnknownVariableType]

    if isinstance(body, BaseResponse):
        # The server sends a file as it is. This needs no page, and never closes the
        # response.
        return body.is_streamed and not body.direct_passthrough

    return isinstance(body, Iterator)
