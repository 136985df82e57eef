"""Jobs whose store does not answer, or loses what it had."""

from __future__ import annotations

import logging
import threading
import time
import typing as t
from pathlib import Path

import pytest
from flask import Flask

from flask_clientcallback import run_job
from flask_clientcallback import StoreError
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import MemoryStore
from flask_clientcallback.work import life_signs
from flask_clientcallback.work import records
from flask_clientcallback.work import reports
from flask_clientcallback.work import running

from ..helpers.jobs import Answer
from ..helpers.jobs import follow
from ..helpers.jobs import FUNCTIONS
from ..helpers.jobs import make_app
from ..helpers.jobs import noted
from ..helpers.jobs import poll
from ..helpers.jobs import start
from ..helpers.jobs import wait_until

INTERRUPTED = {"kind": "server", "message": "The work was interrupted."}
AWAY = {"kind": "http", "message": "The server cannot do this now. Try again later."}


class FragileStore(MemoryStore):
    """A store that can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.refused: list[str] = []
        """The keys that it was asked for meanwhile."""

    def _check(self, key: str) -> None:
        if self.is_away:
            self.refused.append(key)
            raise ConnectionError("The store is away.")

    def get(self, key: str) -> bytes | None:
        self._check(key)
        return super().get(key)

    def set(self, key: str, value: bytes, ttl: float) -> None:
        self._check(key)
        super().set(key, value, ttl)

    def add(self, key: str, value: bytes, ttl: float) -> bool:
        self._check(key)
        return super().add(key, value, ttl)

    def swap(self, key: str, old: bytes, new: bytes, ttl: float) -> bool:
        self._check(key)
        return super().swap(key, old, new, ttl)

    def delete(self, key: str) -> None:
        self._check(key)
        super().delete(key)


@pytest.fixture
def store() -> FragileStore:
    """A store that can be away."""
    return FragileStore()


@pytest.fixture
def app(tmp_path: Path, store: FragileStore) -> Flask:
    """An application with that store."""
    return make_app(tmp_path, CLIENTCALLBACK_STORE=store)


def test_sign_that_is_back(
    app: Flask,
    store: FragileStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A store that lost the signs while it was away has them again before a job is
    taken for dead. The log says once that it was away.
    """
    monkeypatch.setattr(life_signs, "EACH", 0.05)
    page = CallbackClient(app).get_page("/")
    answer = start(page, "wait", str(tmp_path))
    wait_until(lambda: noted(tmp_path / "journal"))
    store.is_away = True

    def signs_refused() -> int:
        return sum(":process:" in key for key in store.refused)

    wait_until(lambda: signs_refused() > 2)
    assert caplog.text.count("The store does not answer") == 1

    for key in store.keys():
        if ":process:" in key:
            MemoryStore.delete(store, key)

    store.is_away = False
    assert poll(page, answer["job"]["id"])["job"]["state"] == "running"
    (tmp_path / "end").touch()
    assert follow(page, answer)["result"] == "job"


def test_cancel_of_what_ends_meanwhile(tmp_path: Path) -> None:
    """A job that ends while somebody cancels it keeps its result."""

    class Slow(MemoryStore):
        reads = 0

        def get(self, key: str) -> bytes | None:
            text = super().get(key)

            if self.reads and ":job:" in key:
                self.reads -= 1

                if not self.reads:
                    (tmp_path / "journal.end").touch()
                    wait_until(lambda: self.is_done(key))

            return text

        def is_done(self, key: str) -> bool:
            return b'"state":"done"' in (super().get(key) or b"")

    store = Slow()
    app = make_app(tmp_path, CLIENTCALLBACK_STORE=store)
    page = CallbackClient(app).get_page("/")
    job_id = start(page, "sleep_and_tell", str(tmp_path / "journal"))["job"]["id"]
    wait_until(lambda: noted(tmp_path / "journal"))
    # The second is made to change what was read.
    store.reads = 2
    assert poll(page, f"{job_id} cancel")["result"] == "done"
    assert poll(page, job_id)["result"] == "done"


def test_poll_without_store(
    app: Flask, store: FragileStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A poll that finds no store is 503, and the job is told when it is back."""
    page = CallbackClient(app).get_page("/")
    (tmp_path / "end").touch()
    answer = start(page, "wait", str(tmp_path))
    assert follow(page, answer)["result"] == "job"
    store.is_away = True
    assert poll(page, answer["job"]["id"]) == {"error": AWAY, "status": 503}
    assert start(page, "add", 1) == {"error": AWAY, "status": 503}
    assert "The store does not answer: The store is away." in caplog.text
    store.is_away = False
    assert poll(page, answer["job"]["id"])["result"] == "job"


def test_progress_without_store(
    app: Flask,
    store: FragileStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A job goes on while its store is away, and its end is told when that is back."""
    monkeypatch.setattr(reports, "EACH", 0.02)
    monkeypatch.setattr(reports, "_AFTER_OUTAGE", 0.05)
    page = CallbackClient(app).get_page("/")
    answer = start(page, "wait", str(tmp_path))
    journal = tmp_path / "journal"
    wait_until(lambda: noted(journal))
    store.is_away = True
    wait_until(lambda: "goes on, and its store does not answer" in caplog.text)
    (tmp_path / "end").touch()
    wait_until(lambda: noted(journal) == ["job begins", "job ends"])
    store.is_away = False
    assert follow(page, answer)["result"] == "job"
    # Once for the whole of it.
    assert caplog.text.count("goes on, and its store does not answer") == 1


def test_progress_at_a_slow_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Progress that was to be told later goes out with the end, and not once more after
    a store that takes its time for that.
    """
    monkeypatch.setattr(reports, "EACH", 0.05)
    late: list[str] = []

    class SlowStore(MemoryStore):
        def get(self, key: str) -> bytes | None:
            if isinstance(threading.current_thread(), threading.Timer):
                late.append(key)

            return super().get(key)

        def set(self, key: str, value: bytes, ttl: float) -> None:
            if b'"state":"done"' in value:
                time.sleep(0.2)

            super().set(key, value, ttl)

    app = make_app(tmp_path, CLIENTCALLBACK_STORE=SlowStore())
    page = CallbackClient(app).get_page("/")
    assert follow(page, start(page, "count", 2))["result"] == {"counted": 2}

    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(20)

    assert late == []


def test_record_that_is_lost(
    app: Flask, store: FragileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that lost the record of a job that runs gets it again."""
    monkeypatch.setattr(reports, "EACH", 0.02)
    page = CallbackClient(app).get_page("/")
    answer = start(page, "wait", str(tmp_path))
    wait_until(lambda: noted(tmp_path / "journal"))
    store.delete(f"clientcallback:job:{answer['job']['id']}")
    assert poll(page, answer["job"]["id"])["status"] == 410
    (tmp_path / "end").touch()
    wait_until(lambda: poll(page, answer["job"]["id"]).get("result") == "job")


def test_progress_after_a_loss(
    app: Flask, store: FragileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets it again with the next progress too, before the job ends."""
    monkeypatch.setattr(reports, "EACH", 0.02)
    page = CallbackClient(app).get_page("/")
    job_id = start(page, "linger", str(tmp_path), "job", 1)["job"]["id"]
    wait_until(lambda: noted(tmp_path / "journal"))
    store.delete(f"clientcallback:job:{job_id}")
    told: list[Answer] = []

    def is_known() -> bool:
        told.append(poll(page, job_id))
        return told[-1]["status"] == 200

    wait_until(is_known)
    assert told[-1]["job"]["state"] == "running"
    assert follow(page, told[-1])["result"] == "job"


def test_end_that_is_lost(
    app: Flask,
    store: FragileStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The end of a job is tried to be told for a while, and then is logged as lost. The
    job is told as interrupted, though its process has others, and holds no place.
    """
    monkeypatch.setattr(reports, "_END_WITHIN", 0.5)
    monkeypatch.setattr(life_signs, "EACH", 0.05)
    page = CallbackClient(app).get_page("/")
    folder = str(tmp_path)
    ended = start(page, "refuse", folder, "first", "first.end")["job"]["id"]
    other = start(page, "wait", folder, "other")
    journal = tmp_path / "journal"
    wait_until(lambda: {"first begins", "other begins"} <= set(noted(journal)))
    store.is_away = True
    (tmp_path / "first.end").touch()
    wait_until(lambda: f"The end of the job {ended} is lost" in caplog.text)
    store.is_away = False
    wait_until(lambda: poll(page, ended).get("error") == INTERRUPTED)
    assert poll(page, other["job"]["id"])["job"]["state"] == "running"
    again = start(page, "refuse", folder, "again")
    assert "job" in again
    assert poll(page, ended)["error"] == INTERRUPTED
    (tmp_path / "end").touch()
    assert follow(page, other)["result"] == "other"
    assert follow(page, again)["result"] == "again"


def test_begin_without_store(
    tmp_path: Path, store: FragileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that cannot be read is tried for a while, and then left to its engine."""
    waiting: list[str] = []
    app = make_app(tmp_path, waiting.append, CLIENTCALLBACK_STORE=store)
    page = CallbackClient(app).get_page("/")
    answer = start(page, "add", 1, 2)
    store.is_away = True
    monkeypatch.setattr(running, "_BEGIN_WITHIN", 0.5)

    with app.app_context():
        with pytest.raises(StoreError):
            run_job(waiting[0])

        store.is_away = False
        run_job(waiting[0])

    assert follow(page, answer)["result"] == 3


def test_begin_when_the_store_is_back(tmp_path: Path, store: FragileStore) -> None:
    """A job whose store is away for a moment begins when that is back."""
    waiting: list[str] = []
    app = make_app(tmp_path, waiting.append, CLIENTCALLBACK_STORE=store)
    page = CallbackClient(app).get_page("/")
    answer = start(page, "add", 1, 2)
    store.is_away = True

    def run() -> None:
        with app.app_context():
            run_job(waiting[0])

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: any(":job:" in key for key in store.refused))
    store.is_away = False
    thread.join(20)
    assert poll(page, answer["job"]["id"])["result"] == 3


def test_thread_without_store(
    app: Flask,
    store: FragileStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A thread that could not begin a job says so, and takes the next. That job is told
    as interrupted.
    """
    monkeypatch.setattr(running, "_BEGIN_WITHIN", 0)
    monkeypatch.setattr(life_signs, "EACH", 0.05)
    app.config["CLIENTCALLBACK_JOB_THREADS"] = 1
    page = CallbackClient(app).get_page("/")
    first = start(page, "wait", str(tmp_path), "first", "first.end")
    second = start(page, "wait", str(tmp_path), "second")
    wait_until(lambda: noted(tmp_path / "journal"))
    original = store.swap
    monkeypatch.setattr(store, "swap", lambda *values: 1 / 0)
    (tmp_path / "first.end").touch()
    (tmp_path / "end").touch()
    assert follow(page, first)["result"] == "first"
    wait_until(lambda: "could not be run" in caplog.text)
    monkeypatch.setattr(store, "swap", original)
    third = start(page, "wait", str(tmp_path), "third", "third.end")
    wait_until(lambda: "third begins" in noted(tmp_path / "journal"))
    wait_until(lambda: poll(page, second["job"]["id"]).get("error") == INTERRUPTED)
    (tmp_path / "third.end").touch()
    assert follow(page, third)["result"] == "third"


def test_sign_of_a_job_begun_in_an_outage(
    app: Flask, store: FragileStore, tmp_path: Path
) -> None:
    """A job that begins when its store is back is told as running, though the sign of
    its process was to be written again much later only.
    """
    waiting: list[str] = []
    app = make_app(tmp_path, waiting.append, CLIENTCALLBACK_STORE=store)
    page = CallbackClient(app).get_page("/")
    folder = str(tmp_path)

    def run(job_id: str) -> None:
        with app.app_context():
            run_job(job_id)

    answers = [start(page, "wait", folder, name) for name in ("first", "second")]
    threads = [threading.Thread(target=run, args=(job_id,)) for job_id in waiting]
    threads[0].start()
    wait_until(lambda: noted(tmp_path / "journal"))
    store.is_away = True
    threads[1].start()
    wait_until(lambda: any(":process:" in key for key in store.refused))
    wait_until(lambda: any(waiting[1] in key for key in store.refused))
    store.is_away = False
    wait_until(lambda: "second begins" in noted(tmp_path / "journal"))
    states = [poll(page, one["job"]["id"])["job"]["state"] for one in answers]
    assert states == ["running", "running"]
    (tmp_path / "end").touch()

    for thread, name, answer in zip(threads, ("first", "second"), answers, strict=True):
        thread.join(20)
        assert follow(page, answer)["result"] == name


def test_sign_of_another_version(
    app: Flask, store: FragileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process of an older version, whose sign names no jobs, is taken to have them
    all.
    """
    page = CallbackClient(app).get_page("/")
    answer = start(page, "wait", str(tmp_path))
    job_id = answer["job"]["id"]
    wait_until(lambda: poll(page, job_id)["job"]["progress"] == "job waits")
    [sign] = [key for key in store.keys() if ":process:" in key]
    store.set(sign, b"another", 60)
    assert poll(page, job_id)["error"] == INTERRUPTED
    store.set(sign, b"1", 60)
    assert poll(page, job_id)["job"]["state"] == "running"
    (tmp_path / "end").touch()
    assert follow(page, answer)["result"] == "job"


def test_claim_whose_answer_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim that the store took, and could not confirm, is one."""
    store = FragileStore()
    waiting: list[str] = []
    app = make_app(tmp_path, waiting.append, CLIENTCALLBACK_STORE=store)
    page = CallbackClient(app).get_page("/")
    answer = start(page, "add", 1, 2)
    original = store.swap

    def swap_and_fail(*values: t.Any) -> bool:
        monkeypatch.setattr(store, "swap", original)
        original(*values)
        raise ConnectionError("The answer is lost.")

    monkeypatch.setattr(store, "swap", swap_and_fail)

    with app.app_context():
        run_job(waiting[0])

    assert follow(page, answer)["result"] == 3


def test_arguments_of_a_job_that_runs(tmp_path: Path, store: FragileStore) -> None:
    """The store has no arguments of a job that somebody runs."""
    app = make_app(tmp_path, CLIENTCALLBACK_STORE=store)
    page = CallbackClient(app).get_page("/")
    answer = start(page, "sleep_and_tell", str(tmp_path / "journal"))
    wait_until(lambda: noted(tmp_path / "journal"))
    text = store.get(f"clientcallback:job:{answer['job']['id']}")
    (tmp_path / "journal.end").touch()
    assert text is not None
    assert b"journal" not in text
    assert follow(page, answer)["result"] == "done"


def test_how_long_jobs_are_kept(tmp_path: Path) -> None:
    """A job is kept as long as a page that follows it is good, and its end for a time
    of its own.
    """
    kept: list[tuple[bytes, float]] = []

    class Noting(MemoryStore):
        def set(self, key: str, value: bytes, ttl: float) -> None:
            if ":job:" in key:
                kept.append((value, ttl))

            super().set(key, value, ttl)

        def swap(self, key: str, old: bytes, new: bytes, ttl: float) -> bool:
            kept.append((new, ttl))
            return super().swap(key, old, new, ttl)

    app = make_app(
        tmp_path,
        run_job,
        CLIENTCALLBACK_STORE=Noting(),
        CLIENTCALLBACK_MAX_AGE=300,
        CLIENTCALLBACK_JOB_KEPT=200,
    )
    start(CallbackClient(app).get_page("/"), "add", 1)
    states = [(records.decode_record(text).state, ttl) for text, ttl in kept]
    assert states[0] == ("queued", 300)
    assert ("running", 300) in states
    assert ("done", 200) in states
    assert set(states) == {("queued", 300), ("running", 300), ("done", 200)}


def test_record_of_another_version() -> None:
    """What a newer version of the package wrote besides is left out."""
    record = records.JobRecord("name", "[[],{}]", ["owner"])
    text = record.encode().replace(b"{", b'{"later":[1],', 1)
    assert records.decode_record(text) == record


def test_yields_are_cheap(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a function yields, the store is asked five times a second."""
    monkeypatch.setitem(FUNCTIONS, "count", FUNCTIONS["count"])
    store = app.config["CLIENTCALLBACK_STORE"]
    page = CallbackClient(app).get_page("/")
    begun = time.monotonic()
    before = store.writes
    answer = start(page, "count", 200_000)
    assert follow(page, answer, 60)["result"] == {"counted": 200_000}
    spent = time.monotonic() - begun
    # Those of starting and ending, and of the sign.
    assert store.writes - before < spent / 0.2 * 2 + 12


def test_log_of_a_job_that_comes_twice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A message that comes twice is no error of anybody's."""
    caplog.set_level(logging.INFO, "flask_clientcallback")
    waiting: list[str] = []
    app = make_app(tmp_path, start_job=waiting.append)
    page = CallbackClient(app).get_page("/")
    start(page, "add", 1)

    with app.app_context():
        run_job(waiting[0])
        run_job(waiting[0])

    assert f"The job {waiting[0]} is done already" in caplog.text
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


class FailingStore(FragileStore):
    """A store that goes away as it answers a call, for that one or for longer."""

    def __init__(self) -> None:
        super().__init__()
        self.at: tuple[str, str] | None = None
        """Which call that is: a method, and a part of the key."""
        self.stays_away = False

    def _answer(self, method: str, key: str) -> None:
        if self.at is not None and self.at[0] == method and self.at[1] in key:
            self.at = None
            self.is_away = self.stays_away
            raise ConnectionError("The answer is lost.")

    def let_a_minute_pass(self) -> None:
        """Let the jobs that are there be a minute older."""
        for key in self.keys():
            if ":job:" in key and (text := self.get(key)) is not None:
                record = records.decode_record(text)
                record.since -= 61
                self.set(key, record.encode(), 60)

    def get(self, key: str) -> bytes | None:
        found = super().get(key)
        self._answer("get", key)
        return found

    def set(self, key: str, value: bytes, ttl: float) -> None:
        super().set(key, value, ttl)
        self._answer("set", key)

    def add(self, key: str, value: bytes, ttl: float) -> bool:
        is_added = super().add(key, value, ttl)
        self._answer("add", key)
        return is_added

    def swap(self, key: str, old: bytes, new: bytes, ttl: float) -> bool:
        is_there = super().swap(key, old, new, ttl)
        self._answer("swap", key)
        return is_there


@pytest.mark.parametrize("stays_away", [False, True])
@pytest.mark.parametrize("in_threads", [False, True])
@pytest.mark.parametrize("at", [("add", "slot:"), ("set", "newest:"), ("get", "slot:")])
def test_start_that_is_not_noted(
    tmp_path: Path,
    at: tuple[str, str],
    in_threads: bool,
    stays_away: bool,
) -> None:
    """A page that is told of an outage has started nothing. Nobody is given what it
    could not start: at once, or after a minute where nothing could be noted of that.
    """
    store = FailingStore()
    handed: list[str] = []
    engine = None if in_threads else handed.append
    app = make_app(tmp_path, engine, CLIENTCALLBACK_STORE=store)
    page = CallbackClient(app).get_page("/")
    # It begins the session, and the sign of life.
    start(page, "add", 1)
    handed.clear()
    store.at, store.stays_away = at, stays_away
    assert start(page, "keep", str(tmp_path), "first") == {"error": AWAY, "status": 503}
    store.is_away = False

    if stays_away:
        store.let_a_minute_pass()

    answer = start(page, "keep", str(tmp_path), "second")
    again = start(page, "keep", str(tmp_path), "first")
    (tmp_path / "end").touch()

    with app.app_context():
        for job_id in handed:
            run_job(job_id)

    assert follow(page, answer)["result"] == "second"
    assert follow(page, again)["result"] == "first"
    begun = [line for line in noted(tmp_path / "journal") if "begins" in line]
    assert sorted(begun) == ["first begins", "second begins"]


@pytest.mark.parametrize("stays_away", [False, True])
def test_started_job_that_is_not_noted(
    tmp_path: Path, stays_away: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A page whose job was handed on is told of the job, though that is not noted."""
    store = FailingStore()
    handed: list[str] = []
    app = make_app(tmp_path, handed.append, CLIENTCALLBACK_STORE=store)
    page = CallbackClient(app).get_page("/")
    store.at, store.stays_away = ("swap", ":job:"), stays_away
    answer = start(page, "add", 1, 2)
    assert answer["job"]["state"] == "queued"
    assert [answer["job"]["id"]] == handed
    assert f"The job {handed[0]} is started, and its store does not" in caplog.text
    store.is_away = False

    with app.app_context():
        run_job(handed[0])

    assert follow(page, answer)["result"] == 3
