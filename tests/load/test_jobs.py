"""Background jobs whose web server, workers or store are killed meanwhile: each page
gets an end, its own, and nothing runs twice.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..helpers.jobs import noted
from ..helpers.redis_server import RedisServer
from ..helpers.redis_server import running_redis
from .conftest import Scale
from .figures import Figures
from .job_servers import celery_worker
from .job_servers import configure
from .job_servers import INTERRUPTED
from .job_servers import kept_celery_worker
from .job_servers import kill_all
from .job_servers import Pages
from .job_servers import served
from .job_servers import wait_until_taken
from .jobs_application import HELD
from .jobs_application import TAKEN
from .jobs_application import TAKEN_FOR
from .servers import children
from .servers import Server
from .servers import wait_until

AWAY = 3
"""Seconds for which something is away: longer than a page waits between two looks, and
than a store asks again by itself."""

engines = pytest.mark.parametrize("engine", ["in threads", "on Celery"])


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that loses nothing when it is killed."""
    with running_redis(
        tmp_path / "redis", "--appendonly", "yes", "--appendfsync", "always"
    ) as server:
        yield server


@pytest.fixture
def on_celery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis: RedisServer
) -> str:
    """Have jobs run on Celery, and give its broker."""
    pytest.importorskip("celery")
    configure(monkeypatch, tmp_path, redis.url(0), redis.url(1))
    return redis.url(1)


def kill_processes(worker: subprocess.Popen[bytes], pids: list[int]) -> None:
    """Kill processes of a worker, and see that they are gone."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)

    wait_until(lambda: not set(pids) & set(children(worker.pid)))


def test_web_worker_that_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scale: Scale, figures: Figures
) -> None:
    """Jobs in threads of a killed worker are interrupted, and all others have their
    result.
    """
    configure(monkeypatch, tmp_path, str(tmp_path / "store"))
    pages = Pages(tmp_path, figures, "web worker")

    with served(tmp_path) as server:
        for turn in range(scale(1, 3)):
            count = scale(10, 20)
            wait_until(lambda expected=2 + turn: server.loaded() == expected)
            pages.open(server, count, 2)
            pages.wait_for("begins", share=0.8)
            server.kill(random.choice(server.workers()))
            pages.note_kill()
            lost = pages.check()
            # Whose call was in flight in the worker has no job.
            assert all(
                end.error == INTERRUPTED or end.error.startswith("network")
                for end in lost
                if end.error
            )
            assert len(lost) < count

    pages.write_figures()


def test_web_server_that_restarts(
    tmp_path: Path,
    on_celery: str,
    scale: Scale,
    figures: Figures,
) -> None:
    """Jobs on Celery do not end with the web server: every page gets its result when
    that is back.
    """
    pages, port = Pages(tmp_path, figures, "whole web server"), 0

    with celery_worker(tmp_path):
        for _ in range(scale(1, 3)):
            with served(tmp_path, port) as server:
                port = server.port
                pages.open(server, scale(6, 20), 2)
                pages.wait_for("begins")
                kill_all(server.process)
                pages.note_kill()

            time.sleep(AWAY)

            with served(tmp_path, port):
                assert pages.check() == []

    pages.write_figures()


def test_celery_worker_that_is_killed(
    tmp_path: Path,
    on_celery: str,
    scale: Scale,
    figures: Figures,
) -> None:
    """Jobs of a killed worker are interrupted; those that waited run in the next."""
    pages = Pages(tmp_path, figures, "whole Celery worker")

    with served(tmp_path) as server:
        for _ in range(scale(1, 3)):
            with celery_worker(tmp_path) as worker:
                pages.open(server, scale(6, 20), 2)
                pages.wait_for("begins")
                wait_until_taken(on_celery, scale(6, 20))
                kill_all(worker)
                pages.note_kill()

            # Celery looks for such messages when it starts, and then each 100 seconds.
            time.sleep(TAKEN_FOR + 2)

            with celery_worker(tmp_path):
                lost = pages.check()

            assert {end.error for end in lost} == {INTERRUPTED}
            # It has two processes.
            assert len(lost) <= 2

    pages.write_figures()


def test_celery_process_that_is_killed(
    tmp_path: Path,
    on_celery: str,
    scale: Scale,
    figures: Figures,
) -> None:
    """The job of a killed process is interrupted, and all others have their result."""
    pages = Pages(tmp_path, figures, "Celery process")

    with (
        served(tmp_path) as server,
        celery_worker(tmp_path) as worker,
    ):
        for _ in range(scale(1, 3)):
            pages.open(server, scale(6, 20), 2)
            pages.wait_for("begins", 2)
            kill_processes(worker, [random.choice(children(worker.pid))])
            pages.note_kill()
            lost = pages.check()
            assert [end.error for end in lost] == [INTERRUPTED]

    pages.write_figures()


@pytest.mark.parametrize("killed", ["whole Celery worker", "Celery processes"])
def test_celery_that_is_killed_before_jobs_begin(
    tmp_path: Path,
    on_celery: str,
    scale: Scale,
    figures: Figures,
    killed: str,
) -> None:
    """Jobs that a worker has taken when it is killed, and has not begun, run in the
    next: every page gets its result.
    """
    pages = Pages(tmp_path, figures, f"{killed}, before they begin")
    held, taken = tmp_path / HELD, tmp_path / TAKEN

    with served(tmp_path) as server:
        for _ in range(scale(1, 3)):
            held.touch()
            taken.unlink(missing_ok=True)

            with celery_worker(tmp_path) as worker:
                pages.open(server, scale(6, 20), 0.2)
                wait_until(lambda: len(noted(taken)) == 2, 60)
                wait_until_taken(on_celery, scale(6, 20))

                if killed == "Celery processes":
                    kill_processes(worker, children(worker.pid))
                    pages.note_kill(2)
                    held.unlink()
                    assert pages.check() == []
                    continue

                kill_all(worker)
                pages.note_kill()

            held.unlink()
            time.sleep(TAKEN_FOR + 2)

            with celery_worker(tmp_path):
                assert pages.check() == []

    pages.write_figures()


@contextlib.contextmanager
def served_on(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis: RedisServer
) -> Iterator[Server]:
    """Serve the application with Redis as the store of its jobs; where these run on
    Celery, as its broker too.
    """
    if engine == "in threads":
        configure(monkeypatch, tmp_path, redis.url())

        with served(tmp_path) as server:
            yield server
    else:
        pytest.importorskip("celery")
        configure(monkeypatch, tmp_path, redis.url(0), redis.url(1))

        with served(tmp_path) as server, kept_celery_worker(tmp_path):
            yield server


@engines
def test_redis_that_is_killed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    redis: RedisServer,
    scale: Scale,
    figures: Figures,
    engine: str,
) -> None:
    """Jobs go on while Redis is away, and every page gets its result."""
    pages = Pages(tmp_path, figures, f"Redis, jobs {engine}")

    with served_on(engine, tmp_path, monkeypatch, redis) as server:
        for _ in range(scale(1, 3)):
            pages.open(server, scale(4, 12), 2 * AWAY)
            pages.wait_for("begins", 2)

            if engine == "on Celery":
                wait_until_taken(redis.url(1), scale(4, 12))

            redis.kill()
            pages.note_kill()
            time.sleep(AWAY)
            redis.start()
            assert pages.check() == []

    pages.write_figures()


@engines
def test_redis_that_is_killed_when_jobs_end(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    redis: RedisServer,
    scale: Scale,
    figures: Figures,
    engine: str,
) -> None:
    """Jobs that end while Redis is away tell it when that is back: every page gets its
    result.
    """
    pages = Pages(tmp_path, figures, f"Redis, jobs {engine} end meanwhile")

    with served_on(engine, tmp_path, monkeypatch, redis) as server:
        for turn in range(scale(1, 3)):
            pages.open(server, scale(4, 12), f"end-{turn}")
            pages.wait_for("begins", 2)

            if engine == "on Celery":
                wait_until_taken(redis.url(1), scale(4, 12))

            redis.kill()
            pages.note_kill()
            (tmp_path / f"end-{turn}").touch()
            pages.wait_for("ends", 2)
            time.sleep(AWAY)
            redis.start()
            assert pages.check() == []

    pages.write_figures()
