"""Runs background jobs if the application has no other way: by threads of its own
process.
"""

from __future__ import annotations

import os
import threading
import typing as t
from collections import deque

from ..globals import registration_of
from .life_signs import life_sign_of
from .life_signs import LifeSign
from .running import run_job

if t.TYPE_CHECKING:
    from flask import Flask

_IDLE_FOR = 10.0
"""Seconds after which an idle thread ends."""


class JobThreads:
    """Threads that run an application's jobs in this process. They begin with the first
    job, so after a fork. They are daemons, so the process can end at any time. It would
    wait for threads of ``concurrent.futures``.

    :param app: the application.
    :param most: the number of jobs that may run at once.
    """

    def __init__(self, app: Flask, most: int, sign: LifeSign) -> None:
        self._app = app
        self._most = most
        self._sign = sign
        self._waiting: deque[str] = deque()
        self._count = 0
        self._idle = 0
        self._change = threading.Condition()

    def start(self, job_id: str) -> None:
        """Run a job as soon as a thread is free for it.

        :raises RuntimeError: the system gives no thread for it.
        """
        # A job that waits here ends with the process too.
        self._sign.add(job_id)

        try:
            with self._change:
                self._take(job_id)
        except BaseException:
            self._sign.remove(job_id)
            raise

    def _take(self, job_id: str) -> None:
        if self._idle > len(self._waiting):
            self._change.notify()
        elif self._count < self._most:
            name = f"clientcallback job {self._count + 1}"
            # It finds the job once the lock is free.
            threading.Thread(target=self._run, name=name, daemon=True).start()
            self._count += 1

        self._waiting.append(job_id)

    def _run(self) -> None:
        while (job_id := self._next()) is not None:
            try:
                with self._app.app_context():
                    run_job(job_id)
            except Exception:
                self._app.logger.exception("The job %s could not be run", job_id)
            except BaseException:
                # sys.exit() and the like would end this thread: they only end the job.
                self._app.logger.exception("The job %s was interrupted", job_id)
            finally:
                self._sign.remove(job_id)

    def _next(self) -> str | None:
        with self._change:
            self._idle += 1
            has_one = self._change.wait_for(lambda: self._waiting, _IDLE_FOR)
            self._idle -= 1

            if has_one:
                return self._waiting.popleft()

            self._count -= 1
            return None


def threads_of(app: Flask) -> JobThreads:
    """Get the threads of this process for an application's jobs."""
    registration = registration_of(app)
    made, most = registration.made, registration.settings.job_threads
    key = f"threads {os.getpid()}"

    if key not in made:
        made.setdefault(key, JobThreads(app, most, life_sign_of(app)))

    return t.cast(JobThreads, made[key])
