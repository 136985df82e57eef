"""Starts background jobs and finds them again, for whom they belong to."""

from __future__ import annotations

import contextlib
import json
import secrets
import typing as t

from ..errors import CallbackError
from ..errors import StoreError
from ..globals import logger
from ..globals import registration_of
from ..protocol.compact_json import decode_json
from ..state.binding import StateBinding
from ..state.shared_store import digest
from ..state.shared_store import outage_is_logged
from .background import BackgroundFunction
from .background import require_background
from .background import write_arguments
from .jobs import get_job
from .jobs import get_job_of
from .jobs import Job
from .jobs import record_of
from .life_signs import life_sign_of
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
    :param binding: tells user and address.
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
        """Start a job, or get the one that is there.

        :raises CallbackError: there is one already, and the function refuses another.
        :raises TypeError: the function is not marked, or does not take the arguments.
        :raises StoreError: the store does not answer.
        """
        marked = require_background(function)
        arguments = write_arguments(marked, args, keywords)
        # No hyphen begins it: an engine may hand it to a command.
        job_id = secrets.token_hex(16)
        # Saved first: who takes the slot points to a job that is there.
        record = JobRecord(marked.full_name, arguments, self._binding.begin_owners())

        start_job = self._start_job

        if start_job is None and not self._records.settings.job_threads:
            start_job = run_job

        if start_job is not None:
            return self._start(marked, job_id, record, start_job)

        # The threads have it from now on, and end with this process.
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
            other = self._find_place(function, job_id, record)

            if other is None:
                start_job(job_id)
        except BaseException:
            record.end("failed", INTERRUPTED)

            # If the store is away, the job is taken for lost after a while.
            with contextlib.suppress(StoreError):
                records.replace(job_id, text, record)

            raise

        if other is not None:
            records.forget(job_id)

            if function.overlap == "refuse":
                raise CallbackError("This work is under way already.", 409)

            return other

        record.is_handed = True

        try:
            # Not where it runs already.
            records.replace(job_id, text, record)
            return get_job(self._app, records, job_id)
        except StoreError as error:
            # Whoever has it will run it.
            logger.warning(
                "The job %s is started, and its store does not answer: %s",
                job_id,
                error.__cause__,
            )
            return Job[t.Any](self._app, records, job_id, record)

    def _find_place(
        self, function: _Function, job_id: str, record: JobRecord
    ) -> Job[t.Any] | None:
        """Make a job the newest, or give the one that stands in its way."""
        slot = _slot_of(function, record)
        other = self._take_slot(function, slot, job_id) if slot else None

        if other is None:
            self._records.point_to_newest(job_id, record)

            if slot:
                self._give_way(slot, job_id, record)

        return other

    def _take_slot(
        self, function: _Function, slot: str, job_id: str
    ) -> Job[t.Any] | None:
        """Claim the place that jobs of one function have where they may not meet, and
        give the job that goes on in it, unless that is to be replaced.
        """
        overlap = function.overlap
        store, ttl = self._records.store, self._records.settings.max_age
        own = job_id.encode()
        other: Job[t.Any] | None = None

        while not store.add(slot, own, ttl):
            held = store.get(slot)

            if held is None:
                continue

            if held == own:
                # A store that was asked twice, as its answer got lost, says no.
                break

            other = get_job(self._app, self._records, held.decode())

            if overlap == "keep" and _goes_on(other):
                return other

            if overlap == "refuse" and not other.is_over:
                return other

            if store.swap(slot, held, own, ttl):
                break

        if other is not None and not other.is_over:
            other.cancel()

        return None

    def _give_way(self, slot: str, job_id: str, record: JobRecord) -> None:
        """See that a job which has taken the place already is the newest, though this
        one was noted as such after it.
        """
        held = self._records.store.get(slot)

        if held is not None and held != job_id.encode():
            self._records.point_on(job_id, held.decode(), record)

    @outage_is_logged()
    def find(self, function: object) -> Job[t.Any] | None:
        """Find the newest job of a function; ``None`` where there is none.

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
        """Get the job that a follower asks for by its id, or cancel it. One of somebody
        else is unknown.

        :param argument: the id; with the word ``cancel`` after it to cancel it.
        :raises StoreError: the store does not answer.
        """
        job_id, _, order = argument.partition(" ")
        job = get_job_of(self._binding.owners(), self._app, self._records, job_id)

        if order == "cancel" and not job.is_over:
            job.cancel()
            record = record_of(job)

            # For who cancels it, it is over, though it may not have ended yet.
            if record is not None and not record.is_over:
                record.end("cancelled", CANCELLED)

        return job


def _goes_on(job: Job[t.Any]) -> bool:
    """Tell whether a job is not over, and nobody has asked it to end."""
    record = record_of(job)
    return not job.is_over and record is not None and not record.is_cancelled


def _slot_of(function: _Function, record: JobRecord) -> str | None:
    """Name the place of jobs that may not meet; ``None`` where they may."""
    if function.overlap == "parallel":
        return None

    parts = [record.owners[0], record.function]

    if function.overlap == "keep":
        # Equal ones are the same, in whatever order their members are.
        parts.append(json.dumps(decode_json(record.arguments), sort_keys=True))

    return f"slot:{digest(*parts)}"
