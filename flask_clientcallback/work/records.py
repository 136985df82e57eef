"""The record of a background job, and the place where it is kept."""

from __future__ import annotations

import secrets
import time
import typing as t
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields

from ..globals import logger
from ..globals import registration_of
from ..protocol.compact_json import decode_json
from ..protocol.compact_json import encode_json
from ..protocol.failures import Failure
from ..state.shared_store import digest
from ..state.shared_store import store_of

if t.TYPE_CHECKING:
    from flask import Flask

    from ..config import Settings
    from ..state.shared_store import SharedStore

State = t.Literal["queued", "running", "done", "failed", "cancelled"]

_HANDED_WITHIN = 60
"""Seconds that it may take to hand a job to its runner."""
_BEGUN_WITHIN = 60
"""Seconds after which a job that nobody has begun is handed on again. The time doubles
with each attempt: a queue may be long.
"""

CANCELLED = Failure("abort", 409, "The work was cancelled.")
INTERRUPTED = Failure("server", 500, "The work was interrupted.")
UNKNOWN = Failure("server", 410, "This work is over or unknown.")


@dataclass(slots=True)
class JobRecord:
    """The record of a job."""

    function: str
    """Its full name."""
    arguments: str
    """JSON; empty once somebody runs it."""
    owners: list[str]
    """Digests of its owners: one is enough."""
    since: float = field(default_factory=time.time)
    """When it was started, in seconds since the epoch."""
    state: State = "queued"
    handed: int = 0
    """How often it was handed to a runner."""
    is_cancelled: bool = False
    """Whether somebody asked to cancel it."""
    process: str | None = None
    """The life sign of the process that runs it, or is to run it."""
    run: str | None = None
    """Tells the runner that began it from others that tried."""
    progress: str = "null"
    """JSON."""
    result: str | None = None
    """JSON."""
    is_html: bool = False
    """Whether the result is HTML, and not text."""
    failure: dict[str, t.Any] | None = None
    """Why there is no result."""

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.state not in ("queued", "running")

    @property
    def is_lost(self) -> bool:
        """Whether its starter ended before it was handed on."""
        is_late = time.time() - self.since > _HANDED_WITHIN
        return self.state == "queued" and not self.handed and is_late

    @property
    def is_overdue(self) -> bool:
        """Whether its runner may have lost it."""
        age = time.time() - self.since
        is_late = self.handed > 0 and age > _BEGUN_WITHIN << (self.handed - 1)
        is_with_engine = self.process is None and not self.is_cancelled
        return self.state == "queued" and is_late and is_with_engine

    def end(self, state: State, failure: Failure | None = None) -> None:
        """Note how it ended."""
        self.state = state
        self.failure = None if failure is None else asdict(failure)

    def encode(self) -> bytes:
        """Write it for the store, without empty values."""
        members = asdict(self)
        said = {name: value for name, value in members.items() if value is not None}
        return encode_json(said).encode()


@dataclass(slots=True)
class Claim:
    """A runner's claim to a job, and what the runner needs."""

    process: str
    """The life sign of the process."""
    run: str = field(default_factory=lambda: secrets.token_hex(8))
    """Tells this claim from all others."""
    arguments: str = ""
    """JSON. They are no longer in the record: they may be long."""


_NAMES = frozenset(one.name for one in fields(JobRecord))


def decode_record(text: bytes) -> JobRecord:
    """Read a record, without what only another version of the package writes."""
    members: dict[str, t.Any] = decode_json(text.decode())
    return JobRecord(**{name: members[name] for name in members if name in _NAMES})


class JobRecords:
    """The records of an application's jobs.

    :param app: the application, whose context is there.
    """

    def __init__(self, app: Flask) -> None:
        self.store: SharedStore = store_of(app)
        self.settings: Settings = registration_of(app).settings

    def read(self, job_id: str) -> bytes | None:
        """Get the text of a record; ``None`` if there is none."""
        return self.store.get(_key(job_id))

    def write(self, job_id: str, record: JobRecord) -> bytes:
        """Keep a record, and give its text."""
        text = record.encode()
        self.store.set(_key(job_id), text, self._ttl(record))
        return text

    def replace(self, job_id: str, old: bytes, record: JobRecord) -> bytes | None:
        """Replace a record, and give the text of the new one; ``None`` if the old one
        is no longer there.
        """
        text = record.encode()
        is_there = self.store.swap(_key(job_id), old, text, self._ttl(record))
        return text if is_there else None

    def forget(self, job_id: str) -> None:
        """Delete a record."""
        self.store.delete(_key(job_id))

    def _ttl(self, record: JobRecord) -> float:
        settings = self.settings
        return settings.job_kept if record.is_over else settings.max_age

    def claim(self, job_id: str, claim: Claim) -> tuple[JobRecord, bytes] | None:
        """Claim a job for its runner, and give it with its text. ``None`` if it must
        not run: somebody else has it, it was cancelled, or it is lost.

        :param claim: gets the arguments. It may be made more than once.
        """
        while (found := self.read(job_id)) is not None:
            record = decode_record(found)

            if record.run == claim.run:
                # It was claimed before, and the store's answer got lost.
                return record, found

            if record.state != "queued":
                logger.info("The job %s is %s already", job_id, record.state)
                return None

            if record.is_lost:
                # Its followers were told so, and another may have taken its place.
                record.end("failed", INTERRUPTED)
            else:
                record.state = "running"
                record.process, record.run = claim.process, claim.run
                claim.arguments, record.arguments = record.arguments, ""

            text = self.replace(job_id, found, record)

            if text is not None and not record.is_over:
                return record, text

        logger.warning("The job %s is over or unknown here", job_id)
        return None

    def cancel(self, job_id: str) -> None:
        """End a job that is not begun, and ask a running one to end."""
        while (text := self.read(job_id)) is not None:
            record = decode_record(text)

            if record.is_over or record.is_cancelled:
                return

            record.is_cancelled = True

            if record.state == "queued":
                record.end("cancelled", CANCELLED)

            if self.replace(job_id, text, record) is not None:
                return

    def point_to_newest(self, job_id: str, record: JobRecord) -> None:
        """Note a job as the newest of its function, for each of its owners."""
        for owner in record.owners:
            key = _newest_key(owner, record.function)
            self.store.set(key, job_id.encode(), self.settings.max_age)

    def point_on(self, job_id: str, newer_id: str, record: JobRecord) -> None:
        """Note another job as the newest of the function, if this one is noted.

        :param record: this job's. Its first owner also owns the other job.
        """
        key = _newest_key(record.owners[0], record.function)
        self.store.swap(key, job_id.encode(), newer_id.encode(), self.settings.max_age)

    def find_newest(self, owners: list[str], function: str) -> str | None:
        """Get the id of the newest job of a function, for any of some owners."""
        for owner in owners:
            found = self.store.get(_newest_key(owner, function))

            if found is not None:
                return found.decode()

        return None


def _key(job_id: str) -> str:
    return f"job:{job_id}"


def _newest_key(owner: str, function: str) -> str:
    return f"newest:{digest(owner, function)}"
