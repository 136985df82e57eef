"""What a callback ended in."""

from __future__ import annotations

import json
import typing as t
from reprlib import Repr
from urllib.parse import urljoin

from markupsafe import Markup
from werkzeug.test import TestResponse

from ..protocol.answers import CONTENT_TYPE
from ..protocol.answers import MARKER_RESPONSE
from ..protocol.failures import kind_of_status
from ..protocol.wire import MARKER_HEADER

_brief = Repr()
_brief.maxstring = _brief.maxother = 80
_brief.maxdict = _brief.maxlist = _brief.maxtuple = 6


class CallbackAnswer:
    """What a callback ended in.

    .. versionadded:: 0.1
    """

    def __init__(self, response: TestResponse, stages: list[str]) -> None:
        body = _read(response)
        self.response = response
        """The HTTP response."""
        self.status: int = response.status_code
        """Its status."""
        self.stages = stages
        """The stages of the life cycle that ran, in order."""
        self.result: t.Any = body.get("result")
        """The handler's result; the HTTP response where it returned one. What is HTML,
        and not text, is :class:`~markupsafe.Markup`."""
        self.error: dict[str, t.Any] | None = body.get("error")
        """The error, with its ``kind`` and ``message``. A redirect is one too: only
        where the handler gave a result this is ``None``."""
        self.redirect: str | None = body.get("redirect")
        """Where the browser is sent instead."""
        self.state: str | None = body.get("viewState")
        """The page's new signed state, where the callback changed it or it was due."""
        self.events: str | None = body.get("eventValidation")
        """The same of its events."""

    def __repr__(self) -> str:
        if self.redirect is not None:
            told = f"redirect to {self.redirect}"
        elif self.error is None:
            told = f"result={_brief.repr(self.result)}"
        else:
            told = f"{self.error.get('kind')}: {_brief.repr(self.error.get('message'))}"

            if self.error.get("fields"):
                told += f" {_brief.repr(self.error['fields'])}"

        return f"<{type(self).__name__} {self.status} {told}>"


def _read(response: TestResponse) -> dict[str, t.Any]:
    """Read an answer, as the client script does."""
    status = response.status_code
    location = response.location

    if response.headers.get(MARKER_HEADER) == MARKER_RESPONSE:
        if 200 <= status < 300:
            return {"result": response}

        return _foreign(status, "a response")

    if 300 <= status < 400 and location:
        # A browser goes there by itself, and the script sees that it did.
        return _redirected(response, location)

    if not (response.content_type or "").startswith(CONTENT_TYPE):
        return _foreign(status, response.content_type or "nothing")

    try:
        answer: t.Any = json.loads(response.text)
    except ValueError:
        answer = None

    body = t.cast("dict[str, t.Any]", answer if isinstance(answer, dict) else {})

    if body.get("redirect"):
        return _redirected(response, body["redirect"])

    if body.get("error"):
        return {"error": body["error"]}

    if status != 200 or "result" not in body:
        return _failed("parse", "The answer has no result.")

    if body.get("html"):
        body["result"] = Markup(body["result"])

    return body


def _redirected(response: TestResponse, location: str) -> dict[str, t.Any]:
    target = urljoin(response.request.url, location)
    failed = _failed("redirect", f"The server redirects to {target}")
    return {"redirect": location, **failed}


def _foreign(status: int, what: str) -> dict[str, t.Any]:
    return _failed(kind_of_status(status), f"The server answered {status} with {what}.")


def _failed(kind: str, message: str) -> dict[str, t.Any]:
    return {"error": {"kind": kind, "message": message}}
