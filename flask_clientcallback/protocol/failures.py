"""Why a callback has no result, as the protocol tells it."""

from __future__ import annotations

import secrets
import traceback
import typing as t
from dataclasses import dataclass
from dataclasses import replace
from http.client import responses

from markupsafe import escape
from werkzeug.exceptions import HTTPException

from ..errors import CallbackError
from .compact_json import encode_json

ErrorKind = t.Literal["server", "invalid", "rejected", "stale", "auth", "http", "abort"]

_ID_NOTE = "The client callback's error id is"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a callback has no result, as the client is told."""

    kind: ErrorKind
    status: int
    message: str
    id: str | None = None
    fields: dict[str, list[str]] | None = None
    traceback: str | None = None

    def body(self, *, has_status: bool = False) -> str:
        """Write the answer.

        :param has_status: whether it tells the status itself, as the HTTP status of an
            answer in lines is another.
        """
        error: dict[str, t.Any] = {"kind": self.kind, "message": self.message}

        if has_status:
            error["status"] = self.status

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


def raised_failure(error: HTTPException) -> Failure:
    """Tell what is wrong by an error that says so itself."""
    if not isinstance(error, CallbackError):
        status = t.cast(int, error.code)
        # A text that is translated when it is asked for is never false.
        message = str(error.description or "") or str(error.name)
        return Failure(kind_of_status(status), status, message)

    kind: ErrorKind = "auth" if error.status == 401 else "server"

    if error.fields is not None:
        kind = "invalid"

    return Failure(kind, error.status, error.message, fields=error.fields)


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


def give_error_id(error: Exception) -> str:
    """Note on an exception the id that it is logged and told under, and give that."""
    error_id = secrets.token_hex(8)
    # One that is raised again and again has the id of this time alone.
    notes = getattr(error, "__notes__", [])
    error.__notes__ = [note for note in notes if not note.startswith(_ID_NOTE)]
    error.add_note(f"{_ID_NOTE} {error_id}.")
    return error_id


def crash_failure(error: Exception, error_id: str | None, *, debug: bool) -> Failure:
    """Tell of an exception that nothing of the application answers for.

    :param error_id: the id that it is logged under.
    :param debug: whether a developer is told, who may know all of it.
    """
    if not debug:
        return foreign_failure(500, error_id)

    return Failure(
        "server",
        500,
        f"{type(error).__name__}: {error}",
        error_id,
        traceback="".join(traceback.format_exception(error)),
    )
