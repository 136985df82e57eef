"""Which jobs of one function go on, if one user starts several of them."""

from __future__ import annotations

import json
import typing as t

from ..protocol.compact_json import decode_json
from ..state.shared_store import digest
from .background import BackgroundFunction
from .jobs import get_job
from .jobs import Job
from .jobs import record_of
from .records import JobRecord
from .records import JobRecords

if t.TYPE_CHECKING:
    from flask import Flask

_Function = BackgroundFunction[..., t.Any, t.Any]


class Overlap:
    """Finds a place for the jobs that are started in one request.

    :param app: the application.
    :param records: the records of its jobs.
    """

    def __init__(self, app: Flask, records: JobRecords) -> None:
        self._app = app
        self._records = records

    def find_place(
        self, function: _Function, job_id: str, record: JobRecord
    ) -> Job[t.Any] | None:
        """Make a job the newest, or return the job that stands in its way.

        :raises StoreError: the store does not answer.
        """
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
        """Claim the place of jobs of a function that may not overlap. Return the job
        that keeps this place, unless it is to be replaced.
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
                # A store that was asked again, as its answer got lost, says no.
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
        """Make sure that a job that has taken the place is the newest, even if this one
        was noted as the newest after it.
        """
        held = self._records.store.get(slot)

        if held is not None and held != job_id.encode():
            self._records.point_on(job_id, held.decode(), record)


def _goes_on(job: Job[t.Any]) -> bool:
    """Tell whether a job is not over, and nobody has asked it to end."""
    record = record_of(job)
    return not job.is_over and record is not None and not record.is_cancelled


def _slot_of(function: _Function, record: JobRecord) -> str | None:
    """Name the place of jobs that may not overlap; ``None`` if they may."""
    if function.overlap == "parallel":
        return None

    parts = [record.owners[0], record.function]

    if function.overlap == "keep":
        # Equal arguments are the same, in whatever order their members are.
        parts.append(json.dumps(decode_json(record.arguments), sort_keys=True))

    return f"slot:{digest(*parts)}"
