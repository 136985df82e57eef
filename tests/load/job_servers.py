"""Web servers and workers of Celery for pages with background jobs, and what has to
hold of these pages whatever is killed meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from ..helpers.jobs import noted
from .figures import Figure
from .figures import Figures
from .followers import End
from .followers import Follower
from .jobs_application import BROKER
from .jobs_application import FOLDER
from .jobs_application import STORE
from .servers import children
from .servers import gunicorn
from .servers import Server
from .servers import wait_until

INTERRUPTED = "The work was interrupted."
TAKEN_AHEAD = 8
"""Messages that a worker of Celery with two processes takes, with those that run."""
WITHIN = 120
"""Seconds within which every page has its end, on a machine that is busy. Celery may
look for what a killed worker has taken only after 100 of them."""


def configure(
    monkeypatch: pytest.MonkeyPatch, folder: Path, store: str, broker: str = ""
) -> None:
    """Tell all processes that start from now on where they have what they share.

    :param broker: that of Celery; empty where threads of the server run the jobs.
    """
    if sys.platform != "linux":
        pytest.skip("These tests look at processes in /proc, which Linux has.")

    for key, value in ((FOLDER, str(folder)), (STORE, store), (BROKER, broker)):
        monkeypatch.setenv(key, value)


@contextlib.contextmanager
def served(folder: Path, port: int = 0) -> Generator[Server]:
    """Serve the application with jobs.

    :param port: where it listens; at any free one unless given.
    """
    make_app = "jobs_application:make_served_app"

    with gunicorn("gthread", folder / "server", make_app=make_app, port=port) as server:
        yield server


def start_celery(folder: Path) -> subprocess.Popen[bytes]:
    """Start a worker of Celery with two processes."""
    command = [sys.executable, "-m", "celery", "-A", "jobs_application:celery"]
    command += ["worker", "--concurrency=2", "--loglevel=WARNING"]

    with (folder / "celery.log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=Path(__file__).parent,
            env={k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"},
            stdout=log,
            stderr=log,
        )


@contextlib.contextmanager
def celery_worker(folder: Path) -> Generator[subprocess.Popen[bytes]]:
    """Run a worker of Celery."""
    worker = start_celery(folder)

    try:
        yield worker
    finally:
        kill_all(worker)


def wait_until_taken(broker: str, count: int) -> None:
    """Wait until a worker of Celery has taken what it takes of so many messages. With
    Redis it takes one off the queue first, and then notes that it has it: one that is
    killed in between loses the message.
    """
    import redis

    with redis.Redis.from_url(broker) as messages:
        expected = min(count, TAKEN_AHEAD)
        wait_until(lambda: messages.hlen("unacked") == expected, 60)


@contextlib.contextmanager
def kept_celery_worker(folder: Path) -> Generator[None]:
    """Run a worker of Celery, and another one whenever it ends, as a supervisor does:
    that of Celery 5.7 may end when its broker is killed.
    """
    is_over = threading.Event()
    workers = [start_celery(folder)]

    def keep() -> None:
        while not is_over.wait(0.5):
            if workers[-1].poll() is not None:
                workers.append(start_celery(folder))

    keeper = threading.Thread(target=keep)
    keeper.start()

    try:
        yield
    finally:
        is_over.set()
        keeper.join()
        kill_all(workers[-1])


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with those that it started."""
    for pid in [*children(process.pid), process.pid]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    process.wait(20)


class Pages:
    """The pages of a test, all of which have to get their end.

    :param folder: where jobs note what they do.
    :param what: what the test kills.
    """

    def __init__(self, folder: Path, figures: Figures, what: str) -> None:
        self._folder = folder
        self._figures = figures
        self._what = what
        self._kills = 0
        self._killed = 0.0
        self._ends: list[tuple[End, float]] = []
        self._followers: list[Follower] = []

    def open(self, server: Server, count: int, until: float | str) -> None:
        """Let pages start jobs.

        :param until: how many seconds a job takes at most, or the name of a file for
            which all wait.
        """
        known = len(self._ends) + len(self._followers)

        for number in range(known, known + count):
            name = f"job-{number}"
            folder = str(self._folder)

            if isinstance(until, str):
                asked = ["wait", folder, name, until]
            else:
                asked = ["linger", folder, name, random.uniform(0.5, 1) * until]

            follower = Follower(server.port, name, asked)
            self._followers.append(follower)
            follower.start()

    def wait_for(self, verb: str, count: int = 1, share: float = 1) -> None:
        """Wait until the pages have their jobs, and so many of these note something.

        :param share: of the pages, which is enough.
        """
        enough = share * len(self._followers)
        wait_until(lambda: sum(one.is_started for one in self._followers) >= enough, 60)
        names = {one.named for one in self._followers}

        def are_enough() -> bool:
            notes = [note.split(" ", 1) for note in noted(self._folder / "journal")]
            return sum(name in names and verb == what for name, what in notes) >= count

        wait_until(are_enough, 60)

    def note_kill(self, count: int = 1) -> None:
        """Note that something was killed."""
        self._kills += count
        self._killed = time.monotonic()

    def check(self) -> list[End]:
        """See that each page has its own end, and that nothing ran twice. Give those
        that have no result.
        """
        until = time.monotonic() + WITHIN

        for follower in self._followers:
            follower.join(max(0, until - time.monotonic()))

        ends = [one.end for one in self._followers if one.end is not None]
        assert len(ends) == len(self._followers), "A page is left without an end."
        assert [end for end in ends if end.result not in (None, end.name)] == []
        notes = noted(self._folder / "journal")
        begun = [note for note in notes if note.endswith(" begins")]
        assert len(begun) == len(set(begun))
        self._ends += [(end, end.at - self._killed) for end in ends]
        self._followers = []
        return [end for end in ends if end.error is not None]

    def write_figures(self) -> None:
        """Leave the figures of all that was killed."""
        lost = [after for end, after in self._ends if end.error == INTERRUPTED]
        results = sum(end.error is None for end, _ in self._ends)
        row: dict[str, Figure] = {
            "killed": self._what,
            "kills": self._kills,
            "pages": len(self._ends),
            "results": results,
            "interrupted": len(lost),
            "failed calls": len(self._ends) - results - len(lost),
            "last interruption, s": f"{max(lost):.1f}" if lost else "-",
            "last end, s": f"{max(after for _, after in self._ends):.1f}",
        }
        self._figures.add("Pages with jobs", row)
