"""Connections to a server, and what comes over them."""

from __future__ import annotations

import http.client
import json
import typing as t

from flask_clientcallback.protocol.answers import CONTENT_TYPE


class Reply(t.NamedTuple):
    """What a server answered."""

    status: int
    content_type: str | None
    text: str
    cookie: str | None

    def error_kind(self) -> str | None:
        """Tell the kind of the error, if it is an answer of the package."""
        if self.content_type != CONTENT_TYPE:
            return None

        kind: str | None = json.loads(self.text).get("error", {}).get("kind")
        return kind


class Line:
    """A connection to a server, opened when it is needed.

    :param keep: whether it stays open from one request to the next.
    """

    def __init__(self, port: int, *, keep: bool = True, timeout: float = 30) -> None:
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", port, timeout=timeout
        )
        self._keep = keep

    def exchange(
        self, method: str, path: str, headers: dict[str, str], body: str | None = None
    ) -> Reply:
        """Send a request and read the answer to its end."""
        if not self._keep:
            headers = {**headers, "Connection": "close"}

        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            text = response.read().decode()
        except BaseException:
            self.close()
            raise

        cookie = response.getheader("Set-Cookie")
        return Reply(
            response.status,
            response.getheader("Content-Type"),
            text,
            None if cookie is None else cookie.partition(";")[0],
        )

    def close(self) -> None:
        """End the connection."""
        self._connection.close()
