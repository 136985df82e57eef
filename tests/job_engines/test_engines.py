"""Jobs on engines that are really there: each ends in the same ways on all of them."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import time
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.jobs import follow
from ..helpers.jobs import noted
from ..helpers.jobs import poll
from ..helpers.jobs import start
from ..helpers.jobs import wait_until
from ..helpers.redis_server import RedisServer
from ..helpers.redis_server import running_redis
from ..load.servers import children

HERE = Path(__file__).parent
WORKERS = {
    "celery": "celery -A application:engine worker --concurrency=2 --loglevel=WARNING",
    "rq": "application",
    "huey": "huey.bin.huey_consumer application.engine --workers=2 -k process",
    "dramatiq": "dramatiq application --processes=1 --threads=2",
}
"""How the workers of each are started: a module of Python, with its arguments."""
DEAD_WITHIN = 20 + 10
"""Seconds within which a process is taken for dead, on a machine that is busy."""


class Engine:
    """An engine with its workers, and a page whose jobs run there."""

    def __init__(self, name: str, redis: RedisServer, folder: Path) -> None:
        self.folder = folder
        self.journal: Path = folder / "journal"
        self._command = [sys.executable, "-m", *WORKERS[name].split()]
        self._environment = {
            **os.environ,
            "JOBS_ENGINE": name,
            "JOBS_REDIS": redis.url().removesuffix("/0"),
            "JOBS_FOLDER": str(folder),
            "PYTHONPATH": os.pathsep.join(
                (str(HERE), str(HERE.parents[1]), os.environ.get("PYTHONPATH", ""))
            ),
        }
        self._environment.pop("PYTHONSAFEPATH", None)
        self.app: Flask = self._load()
        self.page: ClientPage = CallbackClient(self.app).get_page("/")
        self.process: subprocess.Popen[bytes] | None = None

    def _load(self) -> Flask:
        """Import the application as its web process does."""
        with pytest.MonkeyPatch.context() as patch:
            for key, value in self._environment.items():
                patch.setenv(key, value)

            path = HERE / "application.py"
            spec = importlib.util.spec_from_file_location("application", path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            self.start_job: t.Any = module.app.extensions["clientcallback"].start_job
            assert isinstance(module.app, Flask)
            return module.app

    def start(self) -> None:
        """Start the workers, and wait until they take jobs."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                cwd=HERE,
                env=self._environment,
                stdout=log,
                stderr=log,
            )

        assert follow(self.page, start(self.page, "add", 1, 1), 60)["result"] == 2

    def kill(self) -> None:
        """Kill the workers, all of their processes."""
        if self.process is not None:
            # Those of RQ are in groups of their own.
            for pid in list(all_below(self.process.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

            self.process.wait(20)
            self.process = None


def all_below(pid: int) -> Iterator[int]:
    """List a process and those that it started, and they."""
    yield pid

    for child in children(pid):
        yield from all_below(child)


# The tests of one run in one process, which starts its workers once.
@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in WORKERS
    ],
)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Each engine, with its workers."""
    pytest.importorskip(request.param)
    folder = tmp_path_factory.mktemp(request.param)

    with running_redis(folder / "redis") as redis:
        engine = Engine(request.param, redis, folder)

        try:
            engine.start()
            yield engine
        finally:
            engine.kill()


def begin(engine: Engine, name: str) -> t.Any:
    """Start a job that waits, and see it begin."""
    answer = start(engine.page, "wait", str(engine.folder), name, f"{name}.end")
    wait_until(lambda: f"{name} begins" in noted(engine.journal), 30)
    return answer


def test_progress_and_result(engine: Engine) -> None:
    """A page is told the progress, and then the result."""
    answer = begin(engine, "first")
    job_id = answer["job"]["id"]
    wait_until(lambda: poll(engine.page, job_id)["job"]["progress"] == "first waits")
    (engine.folder / "first.end").touch()
    assert follow(engine.page, answer)["result"] == "first"


def test_failure(engine: Engine) -> None:
    """A page is told an error for the user, and of another one its id."""
    told = follow(engine.page, start(engine.page, "tell_error", "fields"))
    assert told["status"] == 422
    assert told["error"]["fields"] == {"year": ["Too late."]}
    crashed = follow(engine.page, start(engine.page, "tell_error", "other"))
    assert crashed["error"]["kind"] == "server"
    wait_until(lambda: crashed["error"]["id"] in (engine.folder / "log").read_text())


def test_asynchronous_function(engine: Engine) -> None:
    """A coroutine function runs there too."""
    assert follow(engine.page, start(engine.page, "later", 1))["result"] == [1]
    assert follow(engine.page, start(engine.page, "later_parts", 3))["result"] is None


def test_cancel(engine: Engine) -> None:
    """A job that is cancelled ends at its next yield."""
    answer = begin(engine, "cancelled")
    poll(engine.page, f"{answer['job']['id']} cancel")
    wait_until(lambda: "cancelled is left" in noted(engine.journal), 10)
    assert follow(engine.page, answer)["error"]["kind"] == "abort"


def test_delivered_twice(engine: Engine) -> None:
    """A message that comes twice runs once."""
    answer = begin(engine, "twice")
    job_id = answer["job"]["id"]
    engine.start_job(job_id)
    # The second one is taken, and dropped, before this one.
    assert follow(engine.page, start(engine.page, "add", 1))["result"] == 1
    engine.start_job(job_id)
    (engine.folder / "twice.end").touch()
    assert follow(engine.page, answer)["result"] == "twice"
    assert follow(engine.page, start(engine.page, "add", 2))["result"] == 2
    assert noted(engine.journal).count("twice begins") == 1


def test_workers_that_are_killed(engine: Engine) -> None:
    """A job whose process was killed ends, and the next one runs."""
    answer = begin(engine, "killed")
    engine.kill()
    begun = time.monotonic()
    told = follow(engine.page, answer, DEAD_WITHIN)
    assert told["error"]["message"] == "The work was interrupted."
    assert time.monotonic() - begun > 10
    engine.start()
    assert noted(engine.journal).count("killed begins") == 1
