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
    """Why a callback has no result, for the client."""

    kind: ErrorKind
    status: int
    message: str
    id: str | None = None
    fields: dict[str, list[str]] | None = None
    traceback: str | None = None

    def body(self, *, has_status: bool = False) -> str:
        """Write the answer.

        :param has_status: whether it contains the status, as the HTTP status of an
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
        """Add a text for developers only to the message."""
        return replace(self, message=f"{self.message} ({what})")

    def classic_body(self) -> str:
        """Write the answer for a classic client script."""
        told = self.message if self.id is None else f"{self.message} ({self.id})"
        # A message is text, even if it is Markup.
        return f"e{escape(str.__str__(told))}"


def kind_of_status(status: int) -> ErrorKind:
    """Get the kind of an answer that another part of the application made."""
    if status == 401:
        return "auth"

    return "server" if status == 500 else "http"


def raised_failure(error: HTTPException) -> Failure:
    """Describe an error that has its own message."""
    if not isinstance(error, CallbackError):
        status = t.cast(int, error.code)
        # A lazy translation is never false.
        message = str(error.description or "") or str(error.name)
        return Failure(kind_of_status(status), status, message)

    kind: ErrorKind = "auth" if error.status == 401 else "server"

    if error.fields is not None:
        kind = "invalid"

    return Failure(kind, error.status, error.message, fields=error.fields)


def foreign_failure(status: int, error_id: str | None = None) -> Failure:
    """Replace an answer that knows nothing of callbacks.

    :param error_id: the id under which a handler's exception is logged.
    """
    phrase = responses.get(status, "Unknown status")

    if status == 500:
        message = "The server could not complete the call."
    elif status < 400:
        # It is not a success of the callback, and may be of a kind without a body.
        message = f"The answer is not a callback's ({status} {phrase})."
        status = 502
    else:
        message = f"{phrase}."

    return Failure(kind_of_status(status), status, message, error_id)


def give_error_id(error: Exception) -> str:
    """Add a note to an exception with the id for log and client, and return the id."""
    error_id = secrets.token_hex(8)
    # An exception that is raised repeatedly has only the latest id.
    notes = getattr(error, "__notes__", [])
    error.__notes__ = [note for note in notes if not note.startswith(_ID_NOTE)]
    error.add_note(f"{_ID_NOTE} {error_id}.")
    return error_id


def crash_failure(error: Exception, error_id: str | None, *, debug: bool) -> Failure:
    """Describe an exception that nothing in the application answers.

    :param error_id: the id under which it is logged.
    :param debug: whether the reader is a developer, who may know everything.
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
