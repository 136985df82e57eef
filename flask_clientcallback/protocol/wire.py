"""The protocol: what a request carries."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from ..errors import RefusedError
from .arguments import unify_line_breaks
from .compact_json import decode_json
from .compact_json import decode_strictly
from .compact_json import MOST_NESTED
from .method_calls import Arguments
from .method_calls import is_too_deep
from .method_calls import names_method
from .method_calls import split_postback_target

MARKER_HEADER = "X-Client-Callback"
MARKER_ENVIRON = "HTTP_X_CLIENT_CALLBACK"
CSRF_HEADER = "X-CSRFToken"
"""The header with Flask-WTF's token, unless only other headers are configured."""

PAGE_TARGET = "__Page"
JOB_TARGET = "__Job"
"""Every page has this target: calls to it follow a background job."""
TARGET_FIELD = "__CALLBACKID"
ARGUMENT_FIELD = "__CALLBACKPARAM"
ARGUMENT_FILE_PREFIX = "__CALLBACKPARAM."
"""The prefix for the name of a file that is an argument. Its place or name follows."""
STATE_FIELD = "__VIEWSTATE"
VALIDATION_FIELD = "__EVENTVALIDATION"
EVENT_TARGET_FIELD = "__EVENTTARGET"
EVENT_ARGUMENT_FIELD = "__EVENTARGUMENT"
LOAD_SCRIPT_FIELD = "__CALLBACKLOADSCRIPT"
PROTOCOL_FIELDS = frozenset(
    (
        TARGET_FIELD,
        ARGUMENT_FIELD,
        STATE_FIELD,
        VALIDATION_FIELD,
        EVENT_TARGET_FIELD,
        EVENT_ARGUMENT_FIELD,
        LOAD_SCRIPT_FIELD,
    )
)


class CallbackRequest(t.NamedTuple):
    """What a callback asks for."""

    target: str
    """A control's id. For a method, its name follows."""
    argument: t.Any
    """Text, or the sent arguments of a method."""
    state: str | None
    events: str | None = None
    is_classic: bool = False
    files: Mapping[str, list[t.Any]] | None = None
    """The files among the arguments, by their places and names."""


def take_protocol_fields(
    fields: Iterable[tuple[str, str]],
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Separate the fields of the page's form from the protocol's.

    :raises RefusedError: one of the protocol's is there twice.
    """
    own: list[tuple[str, str]] = []
    protocol: dict[str, str] = {}

    for field in fields:
        name = field[0]

        if name not in PROTOCOL_FIELDS:
            own.append(field)
        elif name in protocol:
            raise RefusedError(400, f"{name} sent more than once")
        else:
            protocol[name] = field[1]

    return own, protocol


def take_argument_files(
    files: MultiDict[str, t.Any],
) -> tuple[list[tuple[str, t.Any]], dict[str, list[t.Any]]]:
    """Separate the files of the page's form from the arguments."""
    own: list[tuple[str, t.Any]] = []
    arguments: dict[str, list[t.Any]] = {}

    for name, file in files.items(multi=True):
        if name.startswith(ARGUMENT_FILE_PREFIX):
            place = name.removeprefix(ARGUMENT_FILE_PREFIX)
            arguments.setdefault(place, []).append(file)
        else:
            own.append((name, file))

    return own, arguments


def read_callback(
    protocol: Mapping[str, str],
    files: Iterable[str],
    argument_files: Mapping[str, list[t.Any]] | None = None,
    *,
    is_classic: bool = False,
) -> CallbackRequest:
    """Read the protocol's fields of a callback.

    :param files: the names of the files of the page's form.
    :param argument_files: the files that are arguments, by their places and names.
    :param is_classic: whether the argument is the text itself, not JSON.
    :raises RefusedError: a field is missing, is a file, or is not JSON.
    """
    for name in files:
        if name in PROTOCOL_FIELDS:
            raise RefusedError(400, f"{name} sent as a file")

    target, argument = protocol.get(TARGET_FIELD), protocol.get(ARGUMENT_FIELD)

    if target is None or argument is None:
        name = TARGET_FIELD if target is None else ARGUMENT_FIELD
        raise RefusedError(400, f"{name} is missing")

    if LOAD_SCRIPT_FIELD in protocol:
        raise RefusedError(400, f"{LOAD_SCRIPT_FIELD}: there is no iframe transport")

    is_method = names_method(target)

    if argument_files and not is_method:
        raise RefusedError(400, f"{ARGUMENT_FIELD} is text, and was sent as a file")

    read = _read_json if is_method else _read_argument
    return CallbackRequest(
        target,
        argument if is_classic else read(argument),
        protocol.get(STATE_FIELD),
        protocol.get(VALIDATION_FIELD),
        is_classic,
        argument_files,
    )


class PostbackEvent(t.NamedTuple):
    """The event of the button that posted a page back."""

    target: str
    """As in a callback; empty if the post back names none."""
    argument: str
    arguments: Arguments
    """The method's arguments."""


def read_postback_event(form: MultiDict[str, str]) -> PostbackEvent:
    r"""Read the control that a post back names, and its argument, whose line breaks are
    ``\n``; or a method, and its arguments. A button's field comes after a hidden one of
    the same name, which is empty then.

    :raises RefusedError: the arguments are not JSON.
    """
    target, text = split_postback_target(_last(form.getlist(EVENT_TARGET_FIELD)))
    argument = unify_line_breaks(_last(form.getlist(EVENT_ARGUMENT_FIELD)))
    is_method = names_method(target)
    arguments: t.Any = _read_json(text, EVENT_TARGET_FIELD) if is_method else []
    return PostbackEvent(target, argument, arguments)


def _last(values: list[str]) -> str:
    return next((value for value in reversed(values) if value), "")


def _read_json(text: str, name: str = ARGUMENT_FIELD) -> t.Any:
    try:
        value = decode_strictly(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, f"{name} is not JSON") from error

    if text.count("[") + text.count("{") > MOST_NESTED and is_too_deep(value):
        raise RefusedError(400, f"{name} is nested more than {MOST_NESTED} deep")

    return value


def _read_argument(text: str) -> str:
    try:
        argument = decode_json(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, f"{ARGUMENT_FIELD} is not JSON") from error

    if not isinstance(argument, str):
        raise RefusedError(
            400, f"{ARGUMENT_FIELD} is not a JSON string: send an object as its JSON"
        )

    return argument
