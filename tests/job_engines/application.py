"""An application whose jobs run on one of several engines, for its web process and for
the engine's workers, which import this as ``application``. The environment says which.
"""

from __future__ import annotations

import os
import sys
import typing as t
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from flask import Flask

from flask_clientcallback import ClientCallback
from flask_clientcallback import run_job

ENGINE = "JOBS_ENGINE"
REDIS = "JOBS_REDIS"
FOLDER = "JOBS_FOLDER"


def run_in_rq(job_id: str) -> None:
    """Run a job in RQ, which knows no context."""
    with app.app_context():
        run_job(job_id)


def begin_celery(url: str) -> tuple[t.Any, t.Any]:
    """Give the engine, and what it is handed jobs by."""
    from celery import Celery
    from celery import Task

    class FlaskTask(Task):  # type: ignore[misc, type-arg, unused-ignore]
        def __call__(self, *args: t.Any, **keywords: t.Any) -> t.Any:
            with app.app_context():
                return self.run(*args, **keywords)

    celery = Celery(app.name, broker=url, task_cls=FlaskTask)
    task = celery.task(
        name="clientcallback.run_job",
        ignore_result=True,
        acks_late=True,
        reject_on_worker_lost=True,
    )
    return celery, task(run_job).delay


def begin_rq(url: str) -> tuple[t.Any, t.Any]:
    """Give the engine, and what it is handed jobs by."""
    import redis
    import rq

    queue = rq.Queue(connection=redis.Redis.from_url(url))
    return queue, lambda job_id: queue.enqueue("application.run_in_rq", job_id)


def begin_huey(url: str) -> tuple[t.Any, t.Any]:
    """Give the engine, and what it is handed jobs by."""
    from huey import RedisHuey

    huey = RedisHuey("jobs", url=url)

    @huey.task()
    def run(job_id: str) -> None:
        with app.app_context():
            run_job(job_id)

    return huey, run


def begin_dramatiq(url: str) -> tuple[t.Any, t.Any]:
    """Give the engine, and what it is handed jobs by."""
    import dramatiq
    from dramatiq.brokers.redis import RedisBroker

    broker = RedisBroker(url=url)
    dramatiq.set_broker(broker)

    @dramatiq.actor(max_retries=0)
    def run(job_id: str) -> None:
        with app.app_context():
            run_job(job_id)

    return broker, run.send


def make_app() -> tuple[Flask, t.Any]:
    """Make the application that the environment describes, and its engine."""
    global app
    from tests.helpers.jobs import Desk

    app = Flask("application", instance_path=os.environ[FOLDER])
    app.secret_key = "a secret key of the tests"
    app.config["CLIENTCALLBACK_STORE"] = f"{os.environ[REDIS]}/0"
    begin = globals()[f"begin_{os.environ[ENGINE]}"]
    engine, start_job = begin(f"{os.environ[REDIS]}/1")
    ClientCallback(app, start_job=start_job)
    app.add_url_rule("/", view_func=Desk.as_view("desk"))
    return app, engine


app: Flask

if ENGINE in os.environ:
    app, engine = make_app()

if __name__ == "__main__":
    from rq.worker_pool import WorkerPool

    # RQ's own command would import the queue under another name.
    sys.modules["application"] = sys.modules["__main__"]
    WorkerPool([engine], engine.connection, num_workers=2).start()
