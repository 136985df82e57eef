"""Requests and answers as a test sees them, with the names that Playwright has."""

from __future__ import annotations

import json
import socket
import threading
import typing as t
from collections.abc import Mapping
from urllib.parse import parse_qsl

from werkzeug.wrappers import Response as ServedResponse

TYPES = {
    "document": "document",
    "iframe": "document",
    "image": "image",
    "script": "script",
    "style": "stylesheet",
}
"""The type of a request by what the browser wants it for."""

ANSWER_WITHIN = 30.0
"""In seconds."""

Environ: t.TypeAlias = "dict[str, t.Any]"


class Request:
    """What a browser asked a test's server for."""

    def __init__(self, environ: Environ, data: bytes) -> None:
        self.method: str = environ["REQUEST_METHOD"]
        self.url = f"http://{environ['HTTP_HOST']}{environ['REQUEST_URI']}"
        self.headers = _headers(environ)
        self.post_data = data.decode("utf-8", "replace") if data else None
        self.failure: str | None = None
        self.waits = False
        self._answered = threading.Event()
        self._response: Response | None = None

    @property
    def post_data_json(self) -> t.Any:
        """The fields of a form, or what JSON says."""
        if self.post_data is None:
            return None

        if "form-urlencoded" in self.headers.get("content-type", ""):
            return dict(parse_qsl(self.post_data, keep_blank_values=True))

        return json.loads(self.post_data)

    @property
    def resource_type(self) -> str:
        """What the browser wants it for."""
        if self.headers.get("sec-fetch-mode") == "no-cors" and self.method == "POST":
            return "ping"

        return TYPES.get(self.headers.get("sec-fetch-dest", ""), "fetch")

    def is_navigation_request(self) -> bool:
        """Tell whether the answer is to be a page."""
        if "sec-fetch-mode" in self.headers:
            return self.headers["sec-fetch-mode"] == "navigate"

        # Over plain http browsers do not tell it.
        return self.headers.get("accept", "").startswith("text/html")

    def is_document_request(self) -> bool:
        """Tell whether the answer is to take the place of the page."""
        is_frame = self.headers.get("sec-fetch-dest") == "iframe"
        return self.is_navigation_request() and not is_frame

    @property
    def keeps_page(self) -> bool:
        """Whether the answer left the page where it is."""
        answer = self._response
        return self.failure is not None or (answer is not None and answer.status == 204)

    def response(self) -> Response | None:
        """Wait for the answer."""
        self._answered.wait(ANSWER_WITHIN)
        return self._response

    def answer(self, response: Response) -> None:
        """Note what was answered."""
        self._response = response
        self._answered.set()


class Response:
    """What a test's server answered."""

    def __init__(self, request: Request, served: ServedResponse) -> None:
        self.request = request
        self.url = request.url
        self.status = served.status_code
        self.ok = 200 <= self.status < 300
        self.headers = {name.lower(): value for name, value in served.headers}
        self._parts: list[bytes] = []
        self._finished = threading.Event()

    def add(self, part: bytes) -> None:
        """Note a part of the body."""
        self._parts.append(part)

    def finish(self) -> None:
        """Note that the body has ended."""
        self._finished.set()

    def body(self) -> bytes:
        """Wait for the body, and give it."""
        assert self._finished.wait(ANSWER_WITHIN)
        return b"".join(self._parts)

    def text(self) -> str:
        """Give the body as text."""
        return self.body().decode()

    def json(self) -> t.Any:
        """Give what a body of JSON says."""
        return json.loads(self.body())


class Route:
    """A request that waits until the test says what becomes of it."""

    def __init__(self, request: Request, connection: socket.socket | None) -> None:
        self.request = request
        self._connection = connection
        self._decided = threading.Event()
        self.decision: str | None = None
        self.fulfilment: ServedResponse | None = None

    def continue_(self) -> None:
        """Let the server answer."""
        self._decide("continue")

    def abort(self, error_code: str = "failed") -> None:
        """Break the connection."""
        self._decide("abort")

    def fulfill(
        self,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        body: str | bytes = "",
        content_type: str | None = None,
    ) -> None:
        """Answer in the server's place."""
        response = ServedResponse(body, status, content_type=content_type or "")
        response.headers.update(headers or {})
        self.fulfilment = response
        self._decide("fulfill")

    def _decide(self, decision: str) -> None:
        self.decision = decision
        self._decided.set()

    def wait(self) -> str:
        """Wait for the decision, or for the browser to give up."""
        while not self._decided.wait(0.01):
            if self._connection is not None and _is_closed(self._connection):
                self._decide("closed")

        assert self.decision is not None
        return self.decision


def _is_closed(connection: socket.socket) -> bool:
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _headers(environ: Environ) -> dict[str, str]:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }

    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]

    return t.cast("dict[str, str]", headers)
