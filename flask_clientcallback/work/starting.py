"""Starts background jobs, and finds them again for their owners."""

from __future__ import annotations

import contextlib
import secrets
import typing as t

from ..errors import CallbackError
from ..errors import StoreError
from ..globals import logger
from ..globals import registration_of
from ..state.binding import StateBinding
from ..state.shared_store import outage_is_logged
from .background import BackgroundFunction
from .background import require_background
from .background import write_arguments
from .jobs import get_job
from .jobs import get_job_of
from .jobs import Job
from .jobs import record_of
from .life_signs import life_sign_of
from .overlap import Overlap
from .records import CANCELLED
from .records import INTERRUPTED
from .records import JobRecord
from .records import JobRecords
from .runners import threads_of
from .running import run_job

if t.TYPE_CHECKING:
    from flask import Flask

_Function = BackgroundFunction[..., t.Any, t.Any]


class JobStarter:
    """Starts and finds the jobs of one request's user, at one address.

    :param app: the application.
    :param binding: knows user and address.
    """

    def __init__(self, app: Flask, binding: StateBinding) -> None:
        self._app = app
        self._binding = binding
        self._records = JobRecords(app)
        self._start_job = registration_of(app).start_job

    @outage_is_logged()
    def start(
        self, function: object, args: tuple[t.Any, ...], keywords: dict[str, t.Any]
    ) -> Job[t.Any]:
        """Start a job, or get the one that is already there.

        :raises CallbackError: there is one already, and the function refuses another.
        :raises TypeError: the function is not marked, or does not take the arguments.
        :raises StoreError: the store does not answer.
        """
        marked = require_background(function)
        arguments = write_arguments(marked, args, keywords)
        # It does not begin with a hyphen: an engine may pass it to a command.
        job_id = secrets.token_hex(16)
        # Saved first: whoever takes the slot points to a job that exists.
        record = JobRecord(marked.full_name, arguments, self._binding.begin_owners())

        start_job = self._start_job

        if start_job is None and not self._records.settings.job_threads:
            start_job = run_job

        if start_job is not None:
            return self._start(marked, job_id, record, start_job)

        # From now on, the threads have it, and they end with this process.
        with life_sign_of(self._app).having(job_id) as sign:
            record.process = sign.process
            return self._start(marked, job_id, record, threads_of(self._app).start)

    def _start(
        self,
        function: _Function,
        job_id: str,
        record: JobRecord,
        start_job: t.Callable[[str], object],
    ) -> Job[t.Any]:
        records = self._records
        text = records.write(job_id, record)

        try:
            overlap = Overlap(self._app, records)
            other = overlap.find_place(function, job_id, record)

            if other is None:
                start_job(job_id)
        except BaseException:
            record.end("failed", INTERRUPTED)

            # If the store does not answer, the job is taken for lost after a while.
            with contextlib.suppress(StoreError):
                records.replace(job_id, text, record)

            raise

        if other is not None:
            records.forget(job_id)

            if function.overlap == "refuse":
                raise CallbackError("This work is under way already.", 409)

            return other

        record.handed = 1

        try:
            # Not if it runs already.
            records.replace(job_id, text, record)
            return get_job(self._app, records, job_id)
        except StoreError as error:
            # The runner that has it will run it.
            logger.warning(
                "The job %s is started, and its store does not answer: %s",
                job_id,
                error.__cause__,
            )
            return Job[t.Any](self._app, records, job_id, record)

    @outage_is_logged()
    def find(self, function: object) -> Job[t.Any] | None:
        """Find the newest job of a function; ``None`` if there is none.

        :raises TypeError: the function is not marked.
        :raises StoreError: the store does not answer.
        """
        name = require_background(function).full_name
        job_id = self._records.find_newest(self._binding.owners(), name)

        if job_id is None:
            return None

        job = get_job(self._app, self._records, job_id)
        return None if job.state == "unknown" else job

    @outage_is_logged()
    def follow(self, argument: str) -> Job[t.Any]:
        """Get the job that a follower asks for by its id, or cancel it. A job of
        somebody else is unknown.

        :param argument: the id. To cancel the job, the word ``cancel`` follows it.
        :raises StoreError: the store does not answer.
        """
        job_id, _, order = argument.partition(" ")
        job = get_job_of(self._binding.owners(), self._app, self._records, job_id)

        if order == "cancel" and not job.is_over:
            job.cancel()
            record = record_of(job)

            # To the user who cancels it, it is over, though it may not have ended yet.
            if record is not None and not record.is_over:
                record.end("cancelled", CANCELLED)
        else:
            self._hand_again(job)

        return job

    def _hand_again(self, job: Job[t.Any]) -> None:
        """Hand a job to its engine once more, if the engine may have lost it. If it has
        not, the job still runs only once.
        """
        record = record_of(job)

        if self._start_job is None or record is None or not record.is_overdue:
            return

        text = record.encode()
        record.handed += 1

        # Only one of its followers does this.
        if self._records.replace(job.id, text, record) is None:
            return

        logger.info("Nobody has begun the job %s: it is handed on again", job.id)

        try:
            self._start_job(job.id)
        except Exception as error:
            # Its follower wants to know its state, and asks again.
            logger.warning("The job %s could not be handed on: %r", job.id, error)
