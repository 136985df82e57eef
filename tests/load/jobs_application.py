"""An application with background jobs, for servers and for workers of Celery that start
in this folder. The environment names its store, and its broker if it has one.
"""

from __future__ import annotations

import os
import sys
import time
import typing as t
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from flask import Flask

from flask_clientcallback import run_job

FOLDER = "LOAD_JOBS_FOLDER"
STORE = "LOAD_JOBS_STORE"
BROKER = "LOAD_JOBS_BROKER"
HELD = "held"
"""A file as long as which is there, no job begins that a worker of Celery has taken."""
TAKEN = "taken"
"""The file in which the worker notes them meanwhile."""
TAKEN_FOR = 3
"""Seconds for which a worker of Celery has what it has taken."""


def make_celery(url: str) -> t.Any:
    """Make the engine, whose tasks have the application's context."""
    from celery import Celery
    from celery import Task

    class FlaskTask(Task):  # type: ignore[misc, type-arg, unused-ignore]
        def __call__(self, *args: t.Any, **keywords: t.Any) -> t.Any:
            _wait_while_held(*args)

            with app.app_context():
                return self.run(*args, **keywords)

    celery = Celery("jobs_application", broker=url, task_cls=FlaskTask)
    # What a killed worker had taken ahead comes again after that.
    celery.conf.broker_transport_options = {"visibility_timeout": TAKEN_FOR}
    return celery


def make_served_app() -> Flask:
    """Give the application, as a server does that is ready."""
    from tests.load.application import LOADED

    print(LOADED, flush=True)
    return app


def _wait_while_held(job_id: str) -> None:
    """Wait with a job that a worker has taken, for as long as a test says so."""
    folder = Path(os.environ[FOLDER])

    if (folder / HELD).exists():
        note(str(folder / TAKEN), job_id)

    while (folder / HELD).exists():
        time.sleep(0.01)


if FOLDER in os.environ:
    from tests.helpers.jobs import make_app
    from tests.helpers.jobs import note

    start_job: t.Any = None

    if os.environ.get(BROKER):
        celery = make_celery(os.environ[BROKER])
        task = celery.task(
            name="clientcallback.run_job",
            ignore_result=True,
            acks_late=True,
            reject_on_worker_lost=True,
        )
        start_job = task(run_job).delay

    app = make_app(
        Path(os.environ[FOLDER]), start_job, CLIENTCALLBACK_STORE=os.environ[STORE]
    )
