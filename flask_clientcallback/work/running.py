"""Runs a background job, in whatever process."""

from __future__ import annotations

import contextvars
import functools
import time
import typing as t
from collections.abc import Callable

from flask import has_request_context
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from ..config import MAX_JOB_RESULT
from ..errors import StoreError
from ..globals import application
from ..protocol.compact_json import decode_json
from ..protocol.failures import crash_failure
from ..protocol.failures import Failure
from ..protocol.failures import give_error_id
from ..protocol.failures import raised_failure
from .background import find_function
from .json_text import write_value
from .json_text import writer_of
from .life_signs import life_sign_of
from .life_signs import LifeSign
from .records import CANCELLED
from .records import Claim
from .records import INTERRUPTED
from .records import JobRecord
from .records import JobRecords
from .reports import JobCancelled
from .reports import JobReport
from .streams import awaited
from .streams import is_stream
from .streams import parts_of

if t.TYPE_CHECKING:
    from flask import Flask

_BEGIN_WITHIN = 60.0
"""Seconds for which a store that does not answer is asked again for a job."""


def run_job(job_id: str) -> None:
    """Run a background job to its end, and tell its followers how it ended. The process
    that runs jobs calls this, in the application's context;
    ``ClientCallback(app, start_job=...)`` arranges the call.

    A job runs at most once: another call with its id does nothing.

    :param job_id: the id that ``start_job`` got.
    :raises StoreError: the store does not answer, so the job cannot begin.

    .. versionadded:: 0.1
    """
    app = application()
    records = JobRecords(app)
    run = functools.partial(_run, app, records, life_sign_of(app), job_id)

    if has_request_context():
        # A job that another process runs does not have this request either.
        contextvars.Context().run(run)
    else:
        run()


def _run(app: Flask, records: JobRecords, sign: LifeSign, job_id: str) -> None:
    with sign.having(job_id):
        claim = Claim(sign.process)
        begun = _begin(records, job_id, claim)

        if begun is None:
            return

        record, text = begun
        limit = records.settings.max_job_result
        write = functools.partial(
            _write_part, writer_of(app.json), record.function, limit
        )
        report = JobReport(records, job_id, record, text, write)

        try:
            change = _do(app, record.function, claim.arguments, report, limit)
        except JobCancelled:
            change = functools.partial(_note, "cancelled", CANCELLED)
        except Exception as error:
            failure = _log(app, job_id, record, error)
            change = functools.partial(_note, "failed", failure)
        except BaseException:
            # Something ends the process, or this thread of it.
            report.end(functools.partial(_note, "failed", INTERRUPTED))
            raise

        report.end(change)


def _begin(
    records: JobRecords, job_id: str, claim: Claim
) -> tuple[JobRecord, bytes] | None:
    """Claim a job. A store that does not answer is asked for a minute."""
    until = time.monotonic() + _BEGIN_WITHIN
    pause = 0.2

    while True:
        try:
            return records.claim(job_id, claim)
        except StoreError:
            if time.monotonic() + pause > until:
                raise

        time.sleep(pause)
        pause = min(pause * 2, 5)


def _note(
    state: t.Literal["failed", "cancelled"], failure: Failure, record: JobRecord
) -> None:
    record.end(state, failure)


def _do(
    app: Flask, name: str, arguments: str, report: JobReport, limit: int
) -> Callable[[JobRecord], None]:
    """Do the work, and return a function that notes how it ended.

    :raises JobCancelled: the job was cancelled.
    """
    function = find_function(name)
    places, named = decode_json(arguments)

    with app.app_context():
        # The context's teardown, a rollback for example, sees all errors but these.
        try:
            result = _drive(app, function(*places, **named), report)
        except HTTPException as error:
            if error.response is not None or (error.code or 0) < 400:
                raise

            return functools.partial(_note, "failed", raised_failure(error))

        text = _write(app, name, result, limit)

    def succeed(record: JobRecord) -> None:
        record.end("done")
        record.result = text
        record.is_html = isinstance(result, Markup)

    return succeed


def _drive(app: Flask, returned: t.Any, report: JobReport) -> t.Any:
    """Run what a function returned to its end, and return the result."""
    returned = awaited(app, returned)

    if not is_stream(returned):
        return returned

    parts = parts_of(returned)

    try:
        while True:
            report.tell(next(parts))
    except StopIteration as ended:
        return ended.value
    finally:
        # If it was cancelled, its ``finally`` runs, at its yield.
        parts.close()


def _write(app: Flask, name: str, result: t.Any, limit: int) -> str:
    try:
        text = write_value(app.json, result)
    except Exception as error:
        error.add_note(
            f"What {name} returned cannot be written as JSON: return text, numbers,"
            " lists and dictionaries."
        )
        raise

    _check_size(text, limit, f"The result of {name}", "return")
    return text


def _write_part(
    write: Callable[[t.Any], str], name: str, limit: int, part: t.Any
) -> str:
    text = write(part)
    _check_size(text, limit, f"What {name} yielded", "yield")
    return text


def _check_size(text: str, limit: int, what: str, how: str) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))

    if size > limit:
        raise ValueError(
            f"{what} has {size} bytes, more than the {limit} of {MAX_JOB_RESULT}:"
            f" {how} an id, and keep the data elsewhere."
        )


def _log(app: Flask, job_id: str, record: JobRecord, error: Exception) -> Failure:
    """Log why a job failed, and return what its followers get."""
    error_id = give_error_id(error)
    app.logger.error(
        "Exception in the job %s [%s]", job_id, record.function, exc_info=error
    )
    return crash_failure(error, error_id, debug=app.debug)
