"""The protocol: how an answer is written."""

from __future__ import annotations

import typing as t

from .compact_json import encode_json

MARKER_RESPONSE = "response"
CLASSIC_CONTENT_TYPE = "text/plain; charset=utf-8"
CONTENT_TYPE = "application/vnd.clientcallback+json"
STREAM_TYPE = "application/vnd.clientcallback+ndjson"
"""The type of an answer in lines: the parts of a handler's work, and its outcome."""
ACCEPTED = f"{CONTENT_TYPE}, {STREAM_TYPE}"
"""The header Accept of a request for an answer in lines."""

Headers = list[tuple[str, str]]

CONTENT_TYPE_HEADER = ("Content-Type", CONTENT_TYPE)
ANSWER_HEADERS: Headers = [
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]
STREAM_HEADERS: Headers = [
    *ANSWER_HEADERS,
    # Otherwise nginx keeps all parts until the last is there.
    ("X-Accel-Buffering", "no"),
]


class NewToken(t.NamedTuple):
    """A signed token that replaces the page's."""

    text: str
    is_change: bool
    """Whether its content is new, and not only its signature."""


def result_body(
    result: str,
    state: NewToken | None,
    events: NewToken | None,
    *,
    is_html: bool = False,
    is_stateful: bool = False,
) -> str:
    """Write the answer of a handler that succeeded.

    :param result: JSON.
    :param state: the page's new state, if it gets one.
    :param events: the page's new events, if it gets some.
    :param is_html: whether the result is HTML, and not text.
    :param is_stateful: whether calls may change what the page keeps or offers.
    """
    html = ',"html":true' if is_html else ""
    return _with_tokens(f'"result":{result}{html}', state, events, is_stateful)


def job_body(
    job_id: str,
    job_state: str,
    progress: str,
    after: int,
    state: NewToken | None,
    events: NewToken | None,
    *,
    is_stateful: bool = False,
) -> str:
    """Write the answer of a handler whose result comes later.

    :param progress: JSON.
    :param after: milliseconds after which the page asks again.
    :param state: as for :func:`result_body`.
    """
    told = f'"id":"{job_id}","state":"{job_state}","after":{after}'
    member = f'"job":{{{told},"progress":{progress}}}'
    return _with_tokens(member, state, events, is_stateful)


def _with_tokens(
    member: str, state: NewToken | None, events: NewToken | None, is_stateful: bool
) -> str:
    # As most answers are.
    if state is None and events is None:
        return f"{{{member}}}"

    tokens = {"viewState": state, "eventValidation": events}
    new = {name: token for name, token in tokens.items() if token is not None}
    members = "".join(f',"{name}":"{token.text}"' for name, token in new.items())
    renewed = [name for name, token in new.items() if not token.is_change]

    if state is not None:
        members += f',"stateful":{encode_json(is_stateful)}'

    if renewed:
        members += f',"renewed":{encode_json(renewed)}'

    return f"{{{member}{members}}}"


def stream_line(text: str) -> str:
    """Write a line of an answer in lines.

    :param text: JSON, in which a line break means nothing.
    """
    return text.replace("\n", " ").replace("\r", " ") + "\n"


def progress_body(part: str) -> str:
    """Write a part of a handler's work.

    :param part: JSON.
    """
    return f'{{"progress":{part}}}'


def classic_result_body(result: str, events: str) -> str:
    """Write the same for a classic client script, which takes text.

    :param events: the token of the page's events; empty if there are none.
    """
    return f"{len(events)}|{events}{result}"


def redirect_body(location: str) -> str:
    """Write the answer that sends the browser to another page."""
    return encode_json({"redirect": location})
