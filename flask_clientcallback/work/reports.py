"""What a running job tells its followers, and what they ask of it."""

from __future__ import annotations

import contextlib
import threading
import time
import typing as t
from collections.abc import Callable

from ..errors import StoreError
from ..globals import logger
from .records import CANCELLED
from .records import decode_record
from .records import JobRecord
from .records import JobRecords

EACH = 0.2
"""Seconds after which progress is written again, and a request to cancel is read."""
_AFTER_OUTAGE = 2.0
"""Seconds after which a store that did not answer is asked again."""
_END_WITHIN = 60.0
"""Seconds during which a job tries to write its end."""


class JobCancelled(GeneratorExit):
    """Somebody asked to cancel the job, and it may end here."""


class JobReport:
    """Writes the progress and the end of one job.

    :param records: the application's.
    :param job_id: the job's.
    :param record: its record.
    :param text: the record's text in the store.
    :param write: writes a value as JSON.
    """

    def __init__(
        self,
        records: JobRecords,
        job_id: str,
        record: JobRecord,
        text: bytes,
        write: Callable[[t.Any], str],
    ) -> None:
        self._records = records
        self._id = job_id
        self._record = record
        self._text = text
        self._write = write
        self._lock = threading.Lock()
        self._due = 0.0
        self._progress: t.Any = None
        self._is_fresh = False
        self._timer: threading.Timer | None = None
        self._fails = False

    def tell(self, progress: t.Any) -> None:
        """Take what a job yields. It is written now, or within a moment, unless more
        follows before that.

        :param progress: ``None`` if there is no news.
        :raises JobCancelled: the job has to end here.
        :raises Exception: it cannot be written as JSON.
        """
        if progress is not None:
            self._progress = progress
            self._is_fresh = True

        now = time.monotonic()

        if now >= self._due:
            with self._lock:
                self._look(now)
        elif self._is_fresh and self._timer is None:
            # The next part may come much later.
            self._tell_later(self._due - now)

        if self._record.is_cancelled:
            raise JobCancelled(CANCELLED.message)

    def _tell_later(self, seconds: float) -> None:
        self._timer = timer = threading.Timer(seconds, self._tell_rest)
        timer.daemon = True

        # A process that is ending starts no thread.
        with contextlib.suppress(RuntimeError):
            timer.start()

    def _tell_rest(self) -> None:
        with self._lock:
            self._timer = None

            # A part that cannot be written is an error in tell(), and not here. A part
            # may also change while it is written.
            if self._is_fresh:
                with contextlib.suppress(Exception):
                    self._look(time.monotonic())

    def _look(self, now: float) -> None:
        """Write what is new, and read whether the job is to be cancelled."""
        self._due = now + EACH
        # Before it is read, as more may be told meanwhile.
        is_fresh, self._is_fresh = self._is_fresh, False

        try:
            if is_fresh:
                self._record.progress = self._write(self._progress)
                self._replace()
            else:
                self._take_up(self._records.read(self._id))
        except StoreError as error:
            self._due = now + _AFTER_OUTAGE
            self._is_fresh = True
            self._note_failure(error)
        except BaseException:
            # It could not be written: the next part tells of that.
            self._due = now
            self._is_fresh = True
            raise
        else:
            self._fails = False

    def _note_failure(self, error: StoreError) -> None:
        if not self._fails:
            self._fails = True
            logger.warning(
                "The job %s goes on, and its store does not answer: %s",
                self._id,
                error.__cause__,
            )

    def _replace(self) -> None:
        """Write the record, even if others changed or lost it meanwhile."""
        records, record = self._records, self._record

        while (text := records.replace(self._id, self._text, record)) is None:
            found = records.read(self._id)
            self._take_up(found)

            if found is None:
                text = records.write(self._id, record)
                break

        self._text = text

    def _take_up(self, found: bytes | None) -> None:
        if found is not None and found != self._text:
            self._text = found
            self._record.is_cancelled = decode_record(found).is_cancelled

    def end(self, change: Callable[[JobRecord], None]) -> None:
        """Write the end. A store that does not answer is tried for a minute.

        :param change: notes the end.
        """
        with self._lock:
            timer, self._timer = self._timer, None

            if self._is_fresh:
                self._is_fresh = False

                # The progress of a failed job may be the reason.
                with contextlib.suppress(Exception):
                    self._record.progress = self._write(self._progress)

            change(self._record)
            until = time.monotonic() + _END_WITHIN
            pause = EACH

            while True:
                try:
                    self._records.write(self._id, self._record)
                    break
                except StoreError as error:
                    self._note_failure(error)

                    if time.monotonic() + pause > until:
                        logger.error(
                            "The end of the job %s is lost, as its store does not"
                            " answer: %s",
                            self._id,
                            error.__cause__,
                        )
                        break

                time.sleep(pause)
                pause = min(pause * 2, 5)

        if timer is not None:
            timer.cancel()
