"""What runs the jobs: a process for each, or the workers of Celery."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import Flask

from flask_clientcallback import run_job

FOLDER = Path(__file__).parent
REDIS_OPTIONS = ("--bind", "127.0.0.1", "--save", "", "--loglevel", "warning")
SETTINGS = ("DATABASE", "CLIENTCALLBACK_STORE", "SECONDS_PER_MONTH")


def choose(app: Flask) -> Callable[[str], object]:
    """Give what hands a job over, and add the commands that this needs."""
    app.cli.command("run-job")(click.argument("job_id")(run_job))
    app.cli.command("on-celery")(click.option("--port", default=5000)(run_on_celery))

    if app.config["BROKER"]:
        return use_celery(app, app.config["BROKER"])

    return partial(start_process, app)


def start_process(app: Flask, job_id: str) -> None:
    """Run a job in a process of its own, which goes on when the web server ends."""
    command = [sys.executable, "-m", "flask", "--app", str(FOLDER), "run-job", job_id]
    settings = {f"FLASK_{name}": str(app.config[name]) for name in SETTINGS}
    process = subprocess.Popen(
        command,
        env={**os.environ, **settings},
        # Ctrl+C in the terminal of the server is not for it.
        start_new_session=True,
    )

    def wait() -> None:
        # Nothing is left of it when it has ended.
        code = process.wait()

        if code:
            app.logger.error("The process of the job %s ended with %s", job_id, code)

            # If it did not begin the job, nobody else would. What it began stays its.
            with app.app_context():
                run_job(job_id)

    threading.Thread(target=wait, name=f"job {job_id}", daemon=True).start()


def use_celery(app: Flask, broker: str) -> Callable[[str], object]:
    """Hand jobs over to the workers of Celery, which have ``worker.py``."""
    from celery import Celery
    from celery import Task

    class FlaskTask(Task):
        def __call__(self, *args: Any, **keywords: Any) -> Any:
            with app.app_context():
                return self.run(*args, **keywords)

    celery = Celery(app.name, broker=broker, task_cls=FlaskTask)
    celery.conf.broker_transport_options = {"visibility_timeout": 60}
    celery.conf.broker_connection_retry_on_startup = True
    app.extensions["celery"] = celery
    task = celery.task(
        name="clientcallback.run_job",
        ignore_result=True,
        # Or Celery forgets a job whose worker is killed before it begins.
        acks_late=True,
        reject_on_worker_lost=True,
    )
    hand_over: Callable[[str], object] = task(run_job).delay
    return hand_over


def run_on_celery(port: int) -> None:
    """Run a Redis, a worker of Celery and the web server, until Ctrl+C."""
    redis = shutil.which("redis-server")

    if redis is None:
        raise click.ClickException("redis-server is missing: apt-get install it.")

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        redis_port = free.getsockname()[1]

    # Who ends this ends all of it. A shell lets its background jobs ignore Ctrl+C.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)

    with ExitStack() as stack:
        url = f"redis://127.0.0.1:{redis_port}"
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        env = {
            **os.environ,
            "FLASK_BROKER": f"{url}/1",
            "FLASK_CLIENTCALLBACK_STORE": f"{url}/0",
            "PYTHONPATH": os.pathsep.join([*sys.path, str(FOLDER.parent)]),
        }
        python = [sys.executable, "-m"]
        commands = (
            [redis, "--port", f"{redis_port}", "--dir", folder, *REDIS_OPTIONS],
            [*python, "celery", "--app", "reports.worker", "worker", "--concurrency=2"],
            [*python, "flask", "--app", str(FOLDER), "run", "--port", str(port)],
        )
        processes = []

        for command in commands:
            process = subprocess.Popen(command, env=env)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            processes.append(process)

        try:
            processes[-1].wait()
        except KeyboardInterrupt:
            click.echo("They end.")
