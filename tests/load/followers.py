"""Pages that start background jobs on a real server, and follow them to their end as
the client script does.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
import typing as t
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from flask_clientcallback.testing.page_parser import PageParser

TRIES = 6
"""How often a page asks again where it gets no answer."""


class End(t.NamedTuple):
    """What a job ended in for its page."""

    name: str
    result: t.Any
    error: str | None
    at: float
    """When, by the monotonic clock."""


class Follower(threading.Thread):
    """A page that starts one job.

    :param port: where the server listens.
    :param name: what the job is to give.
    :param asked: starts it.
    """

    def __init__(self, port: int, name: str, asked: list[t.Any]) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._asked = asked
        self.named: str = name
        """What the job is to give."""
        self._cookies: SimpleCookie = SimpleCookie()
        self._state = ""
        self.is_started: bool = False
        """Whether the server has taken the job."""
        self.end: End | None = None
        """What it ended in."""

    def run(self) -> None:
        """Start the job, and follow it."""
        try:
            answer = self._run()
        except (OSError, http.client.HTTPException) as error:
            answer = {"error": {"message": f"network: {error!r}"}}

        message = answer.get("error", {}).get("message")
        self.end = End(self.named, answer.get("result"), message, time.monotonic())

    def _run(self) -> dict[str, t.Any]:
        _, text = self._ask_again("GET", {})
        parser = PageParser()
        parser.feed(text)
        self._state = parser.page_at("/")["state"]
        # No call is made twice by itself.
        _, text = self._ask("POST", self._fields("__Page", json.dumps(self._asked)))
        answer: dict[str, t.Any] = json.loads(text)

        while "job" in answer:
            self.is_started = True
            job = answer["job"]
            time.sleep(job["after"] / 1000)
            _, text = self._ask_again("POST", self._fields("__Job", job["id"]))
            answer = json.loads(text)

        return answer

    def _fields(self, target: str, argument: str) -> dict[str, str]:
        return {
            "__CALLBACKID": target,
            "__CALLBACKPARAM": json.dumps(argument),
            "__VIEWSTATE": self._state,
        }

    def _ask_again(self, method: str, fields: dict[str, str]) -> tuple[int, str]:
        for turn in range(TRIES + 1):
            try:
                status, text = self._ask(method, fields)

                if status not in (502, 503, 504) or turn == TRIES:
                    return status, text
            except (OSError, http.client.HTTPException):
                if turn == TRIES:
                    raise

            time.sleep(0.25 * 2**turn)

        raise AssertionError

    def _ask(self, method: str, fields: dict[str, str]) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)

        try:
            headers = {
                "Cookie": "; ".join(
                    f"{name}={morsel.value}" for name, morsel in self._cookies.items()
                )
            }

            if method == "POST":
                headers["X-Client-Callback"] = "1"
                headers["Content-Type"] = "application/x-www-form-urlencoded"

            body = urlencode(fields) if method == "POST" else None
            connection.request(method, "/", body, headers)
            response = connection.getresponse()
            text = response.read().decode()

            for value in response.headers.get_all("Set-Cookie", []):
                self._cookies.load(value)

            return response.status, text
        finally:
            connection.close()
