"""A background job, as its starter and its followers see it."""

from __future__ import annotations

import re
import time
import typing as t

from markupsafe import Markup

from ..errors import CallbackError
from ..protocol.compact_json import decode_json
from ..protocol.failures import Failure
from ..typing import LaterResult
from .life_signs import watch_of
from .records import decode_record
from .records import INTERRUPTED
from .records import JobRecord
from .records import JobRecords
from .records import UNKNOWN

if t.TYPE_CHECKING:
    from flask import Flask

_Result = t.TypeVar("_Result", covariant=True)

JobState = t.Literal[
    "queued", "running", "done", "failed", "cancelled", "interrupted", "unknown"
]
"""The states of a job: it waits; it runs; it has its result; it has an error; it was
cancelled; its process ended; it ended long ago and is no longer kept.
"""

_is_id = re.compile(r"[0-9a-f]{32}").fullmatch
"""No other text is looked for in the store."""
_ASK_AGAIN = ((2.0, 250), (60.0, 1000))
"""Up to this age of a job in seconds, its followers ask again after so many
milliseconds.
"""
_ASK_LATER = 3000


class Job(LaterResult, t.Generic[_Result]):
    """Work that continues after the request. The attributes tell its state at the time
    of :meth:`Page.start_job`, :meth:`Page.find_job` or the last :meth:`refresh`.

    If a handler returns a job, the call in the browser goes on until the job is over.
    If the job is over already, its result or error is the handler's.

    .. versionadded:: 0.1
    """

    def __init__(
        self, app: Flask, records: JobRecords, job_id: str, record: JobRecord | None
    ) -> None:
        self._app = app
        self._records = records
        self._record = record
        self._is_interrupted = False
        self.id: str = job_id
        """Its id, for ``callback_attributes("__Job", job.id)`` and
        ``ClientCallback.call("__Job", id)``. It is random. Only the job's user can use
        it.
        """

    @property
    def state(self) -> JobState:
        """Its state: ``queued`` or ``running``; ``done``, ``failed`` or ``cancelled``;
        ``interrupted`` if the process that ran it ended; ``unknown`` if it was over so
        long ago that it is no longer kept.
        """
        if self._is_interrupted:
            return "interrupted"

        return "unknown" if self._record is None else self._record.state

    @property
    def is_over(self) -> bool:
        """Whether the job has ended, or is no longer known."""
        return self.state not in ("queued", "running")

    @property
    def progress(self) -> t.Any:
        """What the function yielded last; ``None`` if it has not yielded yet."""
        return None if self._record is None else decode_json(self._record.progress)

    @property
    def result(self) -> _Result | None:
        """What the function returned, as JSON keeps it; ``None`` if it has not yet, or
        never will. HTML is :class:`~markupsafe.Markup` again.
        """
        record = self._record

        if record is None or record.result is None:
            return None

        value: t.Any = decode_json(record.result)
        return t.cast("_Result", Markup(value) if record.is_html else value)

    @property
    def error(self) -> CallbackError | None:
        """Why there will be no result, with the message for the user. A handler may
        raise it. ``None`` if there is a result, or may still be one.
        """
        failure = failure_of_job(self)

        if failure is None:
            return None

        return CallbackError(failure.message, failure.status, failure.fields)

    def cancel(self) -> None:
        """Ask the job to end. A queued job never begins. A running job ends at its next
        ``yield``, and runs its ``finally``. Without a ``yield`` it goes on.

        :raises StoreError: the store does not answer.
        """
        self._records.cancel(self.id)
        self.refresh()

    def refresh(self) -> None:
        """Read the job's current state from the store.

        :raises StoreError: the store does not answer.
        """
        text = self._records.read(self.id)
        self._look(text, None if text is None else decode_record(text))

    def _look(self, text: bytes | None, record: JobRecord | None) -> None:
        """Take over what is known, and check whether the job's process is alive."""
        self._record = record
        self._is_interrupted = False

        if record is None or record.is_over:
            return

        if record.is_lost:
            self._is_interrupted = True
        elif record.process is not None and watch_of(self._app).is_silent(
            record.process, self.id
        ):
            # It may have ended normally meanwhile.
            again = self._records.read(self.id)
            self._record = None if again is None else decode_record(again)
            self._is_interrupted = again == text

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.state}>"


# The answers need these of a job; its users do not.


def get_job(app: Flask, records: JobRecords, job_id: str) -> Job[t.Any]:
    """Get a job as it is now, which may be unknown.

    :raises StoreError: the store does not answer.
    """
    job = Job[t.Any](app, records, job_id, None)
    job.refresh()
    return job


def get_job_of(
    owners: list[str], app: Flask, records: JobRecords, job_id: str
) -> Job[t.Any]:
    """Get a job as it is now. If it is somebody else's, or the id is no id, the job is
    unknown.

    :param owners: the names of the user who asks.
    :raises StoreError: the store does not answer.
    """
    job = Job[t.Any](app, records, job_id, None)

    if _is_id(job_id) and (text := records.read(job_id)) is not None:
        record = decode_record(text)

        # Checked before anything else, which may take a moment.
        if not set(record.owners).isdisjoint(owners):
            job._look(text, record)

    return job


def record_of(job: Job[t.Any]) -> JobRecord | None:
    """Get what is known of a job."""
    return job._record


def failure_of_job(job: Job[t.Any]) -> Failure | None:
    """Tell why a job will have no result; ``None`` if it has or may get one."""
    if job.state == "unknown":
        return UNKNOWN

    if job.state == "interrupted":
        return INTERRUPTED

    record = job._record
    failure = None if record is None else record.failure
    return None if failure is None else Failure(**failure)


def ask_again_after(record: JobRecord) -> int:
    """Tell after how many milliseconds a follower asks again."""
    age = time.time() - record.since
    return next((after for up_to, after in _ASK_AGAIN if age < up_to), _ASK_LATER)
