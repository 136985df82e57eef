"""The protocol: what a request carries and how an answer is written."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from ..errors import RefusedError
from .arguments import unify_line_breaks
from .compact_json import decode_json
from .compact_json import encode_json

MARKER_HEADER = "X-Client-Callback"
MARKER_ENVIRON = "HTTP_X_CLIENT_CALLBACK"
MARKER_RESPONSE = "response"
CSRF_HEADER = "X-CSRFToken"
"""Carries Flask-WTF's token, unless it is configured for other headers alone."""
CLASSIC_CONTENT_TYPE = "text/plain; charset=utf-8"
CONTENT_TYPE = "application/vnd.clientcallback+json"

PAGE_TARGET = "__Page"
TARGET_FIELD = "__CALLBACKID"
ARGUMENT_FIELD = "__CALLBACKPARAM"
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

Headers = list[tuple[str, str]]

CONTENT_TYPE_HEADER = ("Content-Type", CONTENT_TYPE)
ANSWER_HEADERS: Headers = [
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]


class CallbackRequest(t.NamedTuple):
    """What a callback asks for."""

    target: str
    argument: str
    state: str | None
    events: str | None = None
    is_classic: bool = False


def take_protocol_fields(
    fields: Iterable[tuple[str, str]],
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Tell the fields of the page's form from those of the protocol.

    :raises RefusedError: one of the protocol is there twice.
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


def read_callback(
    protocol: Mapping[str, str], files: Iterable[str], *, is_classic: bool = False
) -> CallbackRequest:
    """Read the protocol's fields of a callback.

    :param files: the names of the files that came along.
    :param is_classic: whether the argument is the text itself, not JSON.
    :raises RefusedError: a field is missing, a file, or not JSON.
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

    return CallbackRequest(
        target,
        argument if is_classic else _read_argument(argument),
        protocol.get(STATE_FIELD),
        protocol.get(VALIDATION_FIELD),
        is_classic,
    )


def read_postback_event(form: MultiDict[str, str]) -> tuple[str, str]:
    r"""Read which control a post back names, and its argument, whose line breaks are
    ``\n``. A button's field comes after a hidden one of the same name, which is empty
    then.
    """
    return (
        _last(form.getlist(EVENT_TARGET_FIELD)),
        unify_line_breaks(_last(form.getlist(EVENT_ARGUMENT_FIELD))),
    )


def _last(values: list[str]) -> str:
    return next((value for value in reversed(values) if value), "")


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


class NewToken(t.NamedTuple):
    """A signed token that takes the place of the page's."""

    text: str
    is_change: bool
    """Whether it says anything new, and is not only signed anew."""


def result_body(
    result: str,
    state: NewToken | None,
    events: NewToken | None,
    *,
    is_stateful: bool = False,
) -> str:
    """Write the answer of a handler that succeeded.

    :param result: JSON.
    :param state: the page's new state, if it gets one.
    :param events: the page's new events, if it gets some.
    :param is_stateful: whether the new state keeps anything.
    """
    if state is None and events is None:
        return f'{{"result":{result}}}'

    tokens = {"viewState": state, "eventValidation": events}
    new = {name: token for name, token in tokens.items() if token is not None}
    members = "".join(f',"{name}":"{token.text}"' for name, token in new.items())
    renewed = [name for name, token in new.items() if not token.is_change]

    if state is not None:
        members += f',"stateful":{encode_json(is_stateful)}'

    if renewed:
        members += f',"renewed":{encode_json(renewed)}'

    return f'{{"result":{result}{members}}}'


def classic_result_body(result: str, events: str) -> str:
    """Write the same for a classic client script, which takes text.

    :param events: the token of the page's events; empty where there are none.
    """
    return f"{len(events)}|{events}{result}"


def redirect_body(location: str) -> str:
    """Write the answer that sends the browser to another page."""
    return encode_json({"redirect": location})
