"""The answer to a callback."""

from __future__ import annotations

import json
import time
import typing as t
from reprlib import Repr
from urllib.parse import urljoin

from markupsafe import Markup
from werkzeug.test import TestResponse

from ..protocol.answers import CONTENT_TYPE
from ..protocol.answers import MARKER_RESPONSE
from ..protocol.answers import STREAM_TYPE
from ..protocol.failures import kind_of_status
from ..protocol.wire import JOB_TARGET
from ..protocol.wire import MARKER_HEADER
from .page_form import PageForm

Ask: t.TypeAlias = "t.Callable[..., CallbackAnswer]"
"""Makes a callback of the page."""

_brief = Repr()
_brief.maxstring = _brief.maxother = 80
_brief.maxdict = _brief.maxlist = _brief.maxtuple = 6


class CallbackAnswer:
    """The answer to a callback.

    .. versionadded:: 0.1
    """

    def __init__(
        self, response: TestResponse, stages: list[str], ask: Ask | None = None
    ) -> None:
        body = _read(response)
        self.response = response
        """The HTTP response."""
        self.status: int = body.get("status", response.status_code)
        """Its status. If a handler fails after it yielded progress, this is the error's
        status: the HTTP status was sent before."""
        self.parts: list[t.Any] = body.get("parts", [])
        """What a generator handler yielded, in order, without ``None``."""
        self.stages = stages
        """The stages of the life cycle that ran, in order."""
        self.result: t.Any = body.get("result")
        """The handler's result, or the HTTP response if it returned one. A result that
        is HTML, and not text, is :class:`~markupsafe.Markup`."""
        self.error: dict[str, t.Any] | None = body.get("error")
        """The error, with its ``kind`` and ``message``. A redirect is one too. It is
        ``None`` only if the handler gave a result, or a job that may still give one."""
        self.job: CallbackJob | None = None
        """The background job that gives the result later; ``None`` if the result is
        here or never comes."""

        if "job" in body:
            self.job = CallbackJob(body["job"], t.cast("Ask", ask))

        self.redirect: str | None = body.get("redirect")
        """The address that the browser is sent to instead."""
        self.state: str | None = body.get("viewState")
        """The page's new signed state, if the callback changed it or it was due."""
        self.events: str | None = body.get("eventValidation")
        """The page's new signed events, likewise."""

    def __repr__(self) -> str:
        if self.redirect is not None:
            told = f"redirect to {self.redirect}"
        elif self.job is not None:
            told = repr(self.job)
        elif self.error is None:
            told = f"result={_brief.repr(self.result)}"
        else:
            told = f"{self.error.get('kind')}: {_brief.repr(self.error.get('message'))}"

            if self.error.get("fields"):
                told += f" {_brief.repr(self.error['fields'])}"

        return f"<{type(self).__name__} {self.status} {told}>"


class CallbackJob:
    """A background job that a callback started, as the page follows it.

    .. versionadded:: 0.1
    """

    def __init__(self, told: dict[str, t.Any], ask: Ask) -> None:
        self._ask = ask
        self.id: str = told["id"]
        """Its id."""
        self.state: str = told["state"]
        """Its state: ``queued`` or ``running``."""
        self.progress: t.Any = told["progress"]
        """What its function yielded last."""

    def look(self) -> CallbackAnswer:
        """Ask the server once for its state."""
        answer = self._ask(self.id, JOB_TARGET, form=PageForm())

        if answer.job is not None:
            self.state, self.progress = answer.job.state, answer.job.progress

        return answer

    def wait(self, seconds: float = 10) -> CallbackAnswer:
        """Wait until it is over, and return the last answer.

        :param seconds: the longest time to wait, in seconds.
        :raises TimeoutError: it is not over by then.
        """
        until = time.monotonic() + seconds

        while (answer := self.look()).job is not None:
            if time.monotonic() > until:
                raise TimeoutError(f"{self!r} is not over after {seconds} seconds.")

            time.sleep(0.01)

        return answer

    def cancel(self) -> CallbackAnswer:
        """Ask the job to end."""
        return self._ask(f"{self.id} cancel", JOB_TARGET, form=PageForm())

    def __repr__(self) -> str:
        progress = _brief.repr(self.progress)
        return f"<{type(self).__name__} {self.id} {self.state} {progress}>"


def _read(response: TestResponse) -> dict[str, t.Any]:
    """Read an answer, as the client script does."""
    status = response.status_code
    location = response.location

    if response.headers.get(MARKER_HEADER) == MARKER_RESPONSE:
        if 200 <= status < 300:
            return {"result": response}

        return _foreign(status, "a response")

    if 300 <= status < 400 and location:
        # A browser follows it by itself, and the script notices.
        return _redirected(response, location)

    content_type = response.content_type or "nothing"

    if content_type.startswith(STREAM_TYPE):
        return _read_lines(response)

    if not content_type.startswith(CONTENT_TYPE):
        return _foreign(status, content_type)

    return _verdict(response, _read_json(response.text))


def _read_lines(response: TestResponse) -> dict[str, t.Any]:
    """Read an answer in lines: the parts of the work, and how it ended."""
    parts: list[t.Any] = []

    # Only "\n" ends a line: a text may contain other line ends of Unicode. What follows
    # the last one is not a line.
    for line in response.text.split("\n")[:-1]:
        read = _read_json(line) if line else {"progress": None}

        if "progress" not in read:
            body = _verdict(response, read)
            error: dict[str, t.Any] = body.get("error") or {}
            status = error.get("status", response.status_code)
            return {**body, "parts": parts, "status": status}

        if line:
            parts.append(read["progress"])

    failed = _failed("network", "The answer ended before its last line.")
    return {**failed, "parts": parts}


def _read_json(text: str) -> dict[str, t.Any]:
    try:
        answer: t.Any = json.loads(text)
    except ValueError:
        answer = None

    return t.cast("dict[str, t.Any]", answer if isinstance(answer, dict) else {})


def _verdict(response: TestResponse, body: dict[str, t.Any]) -> dict[str, t.Any]:
    """Tell how a callback ended."""
    if body.get("redirect"):
        return _redirected(response, body["redirect"])

    if body.get("error"):
        return {"error": body["error"]}

    if response.status_code == 200 and "job" in body:
        return body

    if response.status_code != 200 or "result" not in body:
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
