"""Why a callback has no result, as the protocol tells it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from dataclasses import replace
from http.client import responses

from markupsafe import escape

from .compact_json import encode_json

ErrorKind = t.Literal["server", "invalid", "rejected", "stale", "auth", "http"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a callback has no result, as the client is told."""

    kind: ErrorKind
    status: int
    message: str
    id: str | None = None
    fields: dict[str, list[str]] | None = None
    traceback: str | None = None

    def body(self) -> str:
        """Write the answer."""
        error: dict[str, t.Any] = {"kind": self.kind, "message": self.message}

        for name in ("id", "fields", "traceback"):
            value = getattr(self, name)

            if value is not None:
                error[name] = value

        return encode_json({"error": error})

    def explained(self, what: str) -> Failure:
        """Add to the message what only developers are told."""
        return replace(self, message=f"{self.message} ({what})")

    def classic_body(self) -> str:
        """Write the answer for a classic client script."""
        told = self.message if self.id is None else f"{self.message} ({self.id})"
        # A message is text, also one that is Markup.
        return f"e{escape(str.__str__(told))}"


def kind_of_status(status: int) -> ErrorKind:
    """Tell what an answer that another part of the application made is."""
    if status == 401:
        return "auth"

    return "server" if status == 500 else "http"


def foreign_failure(status: int, error_id: str | None = None) -> Failure:
    """Stand in for an answer that knows nothing of callbacks.

    :param error_id: the id that a handler's exception is logged under.
    """
    phrase = responses.get(status, "Unknown status")

    if status == 500:
        message = "The server could not complete the call."
    elif status < 400:
        # Not a success of the callback, and perhaps of a kind that has no body.
        message = f"The answer is not a callback's ({status} {phrase})."
        status = 502
    else:
        message = f"{phrase}."

    return Failure(kind_of_status(status), status, message, error_id)
