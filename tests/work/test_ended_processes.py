"""Jobs whose process ends: how their followers come to know."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import typing as t
from pathlib import Path

import pytest

from flask_clientcallback import background
from flask_clientcallback import run_job
from flask_clientcallback.state.shared_store import SharedStore
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import MemoryStore
from flask_clientcallback.work import life_signs
from flask_clientcallback.work import records

from ..helpers.jobs import Answer
from ..helpers.jobs import follow
from ..helpers.jobs import forget_processes
from ..helpers.jobs import FUNCTIONS
from ..helpers.jobs import make_app
from ..helpers.jobs import noted
from ..helpers.jobs import poll
from ..helpers.jobs import run_elsewhere
from ..helpers.jobs import start
from ..helpers.jobs import wait_until

INTERRUPTED = {"kind": "server", "message": "The work was interrupted."}
STARTER = """
import os
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])

from flask_clientcallback.testing import CallbackClient
from tests.helpers.jobs import follow
from tests.helpers.jobs import make_app
from tests.helpers.jobs import noted
from tests.helpers.jobs import poll
from tests.helpers.jobs import start
from tests.helpers.jobs import wait_until

folder = sys.argv[2]
client = CallbackClient(make_app(Path(folder)))

with client.session_transaction() as session:
    session["_clientcallback"] = "Ada"

page = client.get_page("/")
answer = start(page, "wait", folder)
wait_until(lambda: noted(Path(folder, "journal")))
"""
FORKER = (
    STARTER
    + """
child = os.fork()

if not child:
    sys.exit()

os.waitpid(child, 0)
print(poll(page, answer["job"]["id"]).get("job", {}).get("state"))
Path(folder, "end").touch()
print(follow(page, answer).get("result"))
"""
)


def interrupt(
    tmp_path: Path, how: t.Callable[[subprocess.Popen[bytes]], None]
) -> t.Any:
    """End the process of a job that runs, and give its page and answer."""
    waiting: list[str] = []
    app = make_app(tmp_path, start_job=waiting.append)
    page = CallbackClient(app).get_page("/")
    answer = start(page, "wait", str(tmp_path))
    process = run_elsewhere(tmp_path, waiting[0])
    wait_until(lambda: noted(tmp_path / "journal"))
    # The sign is there before the work begins.
    assert poll(page, waiting[0])["job"]["state"] == "running"
    how(process)
    process.wait(20)
    return page, answer


def test_process_that_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job whose process was killed ends when its sign is no longer good."""
    page, answer = interrupt(tmp_path, lambda process: process.kill())
    assert poll(page, answer["job"]["id"])["job"]["state"] == "running"
    forget_processes(tmp_path)
    ended = {"error": INTERRUPTED, "status": 500}
    assert poll(page, answer["job"]["id"]) == ended
    # The second look is made once.
    monkeypatch.setattr(life_signs, "_SECOND_LOOK_AFTER", 20)
    begun = time.monotonic()
    assert poll(page, answer["job"]["id"]) == ended
    assert time.monotonic() - begun < 15


def test_job_that_ends_between_two_looks(tmp_path: Path) -> None:
    """A job whose process shows no sign, as it ended in order meanwhile, has its
    result.
    """

    class Late(MemoryStore):
        is_late = False

        def get(self, key: str) -> bytes | None:
            if not self.is_late or ":process:" not in key:
                return super().get(key)

            (tmp_path / "end").touch()
            wait_until(lambda: noted(tmp_path / "journal")[-1] == "job ends")
            wait_until(lambda: any(self.is_done(one) for one in self.keys()))
            return None

        def is_done(self, key: str) -> bool:
            return b'"state":"done"' in (super().get(key) or b"")

    store = Late()
    app = make_app(tmp_path, CLIENTCALLBACK_STORE=store)
    page = CallbackClient(app).get_page("/")
    answer = start(page, "wait", str(tmp_path))
    wait_until(lambda: noted(tmp_path / "journal"))
    store.is_late = True
    assert poll(page, answer["job"]["id"])["result"] == "job"


def test_process_that_ends_in_order(tmp_path: Path) -> None:
    """A job whose process ends in order ends with it, at the next look."""

    def end(process: subprocess.Popen[bytes]) -> None:
        # As at Ctrl+C: the interpreter ends in order.
        process.send_signal(signal.SIGINT)

    page, answer = interrupt(tmp_path, end)
    assert poll(page, answer["job"]["id"]) == {"error": INTERRUPTED, "status": 500}
    assert noted(tmp_path / "journal")[-1] == "job is left"


def test_queue_of_a_process_that_died(tmp_path: Path) -> None:
    """What waited for a thread of a process that died ends too."""
    app = make_app(tmp_path, CLIENTCALLBACK_JOB_THREADS=1)
    page = CallbackClient(app).get_page("/")
    answers = [start(page, "wait", str(tmp_path), name) for name in ("one", "two")]
    job_id = answers[0]["job"]["id"]
    wait_until(lambda: poll(page, job_id)["job"]["progress"] == "one waits")
    forget_processes(tmp_path)

    for answer in answers:
        assert poll(page, answer["job"]["id"])["error"] == INTERRUPTED

    (tmp_path / "end").touch()
    # They were thought dead, and end after all.
    wait_until(lambda: poll(page, answers[1]["job"]["id"]).get("result") == "two")


def test_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process shows that it lives as long as it has jobs, in one key."""
    monkeypatch.setattr(life_signs, "EACH", 0.02)
    monkeypatch.setattr(life_signs, "GOOD_FOR", 0.5)
    store = MemoryStore()
    app = make_app(tmp_path, CLIENTCALLBACK_STORE=store)
    page = CallbackClient(app).get_page("/")
    answers = [start(page, "wait", str(tmp_path), name) for name in ("one", "two")]

    def signs() -> list[str]:
        return [key for key in store.keys() if ":process:" in key]

    assert len(signs()) == 1
    until = time.monotonic() + 1

    while time.monotonic() < until:
        assert poll(page, answers[0]["job"]["id"])["status"] == 200

    assert len(signs()) == 1
    # From now on it has to be taken away.
    monkeypatch.setattr(life_signs, "GOOD_FOR", 60)
    writes = store.writes
    wait_until(lambda: store.writes > writes + 2)
    (tmp_path / "end").touch()

    for answer in answers:
        assert "result" in follow(page, answer)

    wait_until(lambda: not signs())
    assert start(page, "add", 1)["status"] == 200


def test_sign_that_is_written_at_the_end() -> None:
    """A sign that is being written as the process ends is taken away all the same."""
    goes_on = threading.Event()
    writers: list[threading.Thread] = []

    class SlowStore(MemoryStore):
        def set(self, key: str, value: bytes, ttl: float) -> None:
            if threading.current_thread() is not threading.main_thread():
                writers.append(threading.current_thread())
                assert goes_on.wait(20)

            super().set(key, value, ttl)

    store = SlowStore()
    sign = life_signs.LifeSign(SharedStore(store))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(life_signs, "EACH", 0.01)

        with sign.having("job"):
            assert len(store.keys()) == 1
            wait_until(lambda: writers)
            sign.stop()
            assert not store.keys()
            goes_on.set()
            writers[0].join(20)

    assert not store.keys()


def test_job_after_the_end() -> None:
    """A process that never had a job ends without a word to the store, and a job that
    a late request starts is shown by nothing.
    """
    asked: list[str] = []

    class ToldStore(MemoryStore):
        def delete(self, key: str) -> None:
            asked.append(key)
            super().delete(key)

    store = ToldStore()
    sign = life_signs.LifeSign(SharedStore(store))
    sign.stop()
    assert asked == []

    with sign.having("job"):
        assert store.keys() == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_sign_of_a_fork(tmp_path: Path) -> None:
    """A fork that ends leaves the sign of the process that it comes from."""
    assert run_script(FORKER, tmp_path) == ["running", "job"]


def run_script(script: str, folder: Path) -> list[str]:
    """Run a script in a process of its own, and give what it prints."""
    project = Path(__file__).parents[2]
    command = [sys.executable, "-c", script, str(project), str(folder)]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    told = subprocess.run(command, env=environment, capture_output=True, timeout=60)
    assert not told.returncode, told.stderr
    return told.stdout.decode().split()


def test_process_does_not_wait(tmp_path: Path) -> None:
    """A process that ends does not wait for the jobs in its threads: these are told as
    interrupted at once.
    """
    [job_id] = run_script(f"{STARTER}\nprint(answer['job']['id'])", tmp_path)
    client = CallbackClient(make_app(tmp_path))

    with client.session_transaction() as session:
        session["_clientcallback"] = "Ada"

    assert poll(client.get_page("/"), job_id)["error"] == INTERRUPTED


def test_job_that_was_not_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job whose starter ended before any engine had it is over after a minute."""
    answers: list[Answer] = []

    def end(job_id: str) -> None:
        raise SystemExit

    app = make_app(tmp_path, start_job=end, CLIENTCALLBACK_STORE=MemoryStore())
    page = CallbackClient(app).get_page("/")
    original = records.JobRecords.replace
    monkeypatch.setattr(records.JobRecords, "replace", lambda *values: None)

    with pytest.raises(SystemExit):
        start(page, "add", 1)

    monkeypatch.setattr(records.JobRecords, "replace", original)
    answers.append(start(page, "find", "add"))
    assert answers[-1]["job"]["state"] == "queued"
    now = time.time()
    monkeypatch.setattr(records.time, "time", lambda: now + 61)
    assert start(page, "find", "add")["error"] == INTERRUPTED


def test_job_that_was_handed_on_unnoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that its followers were told is over is not run beside the one that took
    its place.
    """
    handed: list[str] = []
    app = make_app(tmp_path, handed.append, CLIENTCALLBACK_STORE=MemoryStore())
    page = CallbackClient(app).get_page("/")
    original = records.JobRecords.replace
    # The process ended in between.
    monkeypatch.setattr(records.JobRecords, "replace", lambda *values: None)
    start(page, "refuse", str(tmp_path), "first")
    monkeypatch.setattr(records.JobRecords, "replace", original)
    now = time.time()
    monkeypatch.setattr(records.time, "time", lambda: now + 61)
    assert poll(page, handed[0])["error"] == INTERRUPTED
    second = start(page, "refuse", str(tmp_path), "second")
    (tmp_path / "end").touch()

    with app.app_context():
        for job_id in handed:
            run_job(job_id)

    assert noted(tmp_path / "journal") == ["second begins", "second ends"]
    assert poll(page, handed[0])["error"] == INTERRUPTED
    assert poll(page, second["job"]["id"])["result"] == "second"


def test_job_that_waits_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that an engine has waits until that runs it."""
    waiting: list[str] = []
    app = make_app(tmp_path, waiting.append)
    page = CallbackClient(app).get_page("/")
    answer = start(page, "add", 1, 2)
    now = time.time()
    monkeypatch.setattr(records.time, "time", lambda: now + 3600)
    assert poll(page, answer["job"]["id"])["job"]["state"] == "queued"

    with app.app_context():
        run_job(waiting[0])

    assert poll(page, answer["job"]["id"])["result"] == 3


class LosingEngine:
    """Is handed jobs, and runs none."""

    def __init__(self) -> None:
        self.handed: list[str] = []
        self.is_away = False

    def __call__(self, job_id: str) -> None:
        if self.is_away:
            raise ConnectionError("The broker is away.")

        self.handed.append(job_id)


def test_engine_that_loses_a_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody has begun is handed on again while its page asks, and runs once."""
    engine = LosingEngine()
    app = make_app(tmp_path, engine)
    page = CallbackClient(app).get_page("/")
    (tmp_path / "end").touch()
    job_id = start(page, "wait", str(tmp_path))["job"]["id"]
    begun = time.time()

    for age, times in (
        (59, 1),
        (61, 2),
        (61, 2),
        (119, 2),
        (121, 3),
        (239, 3),
        (241, 4),
    ):
        monkeypatch.setattr(records.time, "time", lambda age=age: begun + age)
        assert poll(page, job_id)["job"]["state"] == "queued"
        assert engine.handed == [job_id] * times

    with app.app_context():
        for handed in engine.handed:
            run_job(handed)

    assert noted(tmp_path / "journal") == ["job begins", "job ends"]
    assert poll(page, job_id)["result"] == "job"


def test_followers_of_a_lost_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of those who ask at the same time hands it on."""
    engine = LosingEngine()
    page = CallbackClient(make_app(tmp_path, engine)).get_page("/")
    job_id = start(page, "add", 1, 2)["job"]["id"]
    later = time.time() + 61
    monkeypatch.setattr(records.time, "time", lambda: later)
    replace = records.JobRecords.replace

    def replace_late(*args: t.Any) -> bytes | None:
        monkeypatch.setattr(records.JobRecords, "replace", replace)
        # Here another one asks.
        assert poll(page, job_id)["job"]["state"] == "queued"
        return replace(*args)

    monkeypatch.setattr(records.JobRecords, "replace", replace_late)
    assert poll(page, job_id)["job"]["state"] == "queued"
    assert engine.handed == [job_id] * 2


def test_engine_that_is_away_when_a_job_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Who follows the job goes on, and it is handed on later."""
    engine = LosingEngine()
    page = CallbackClient(make_app(tmp_path, engine)).get_page("/")
    job_id = start(page, "add", 1, 2)["job"]["id"]
    begun = time.time()
    engine.is_away = True
    monkeypatch.setattr(records.time, "time", lambda: begun + 61)
    assert poll(page, job_id)["job"]["state"] == "queued"
    assert (
        "could not be handed on: ConnectionError('The broker is away.')" in caplog.text
    )
    engine.is_away = False
    monkeypatch.setattr(records.time, "time", lambda: begun + 121)
    assert poll(page, job_id)["job"]["state"] == "queued"
    assert engine.handed == [job_id] * 2


def test_lost_job_that_is_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not handed on."""
    engine = LosingEngine()
    page = CallbackClient(make_app(tmp_path, engine)).get_page("/")
    job_id = start(page, "add", 1, 2)["job"]["id"]
    later = time.time() + 61
    monkeypatch.setattr(records.time, "time", lambda: later)
    poll(page, f"{job_id} cancel")
    poll(page, job_id)
    assert engine.handed == [job_id]


@background
def leave() -> None:
    """End the process that runs the job."""
    raise SystemExit(3)


def test_job_that_ends_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that ends its process is told as interrupted, and the process ends."""
    monkeypatch.setitem(FUNCTIONS, "leave", leave)
    waiting: list[str] = []
    app = make_app(tmp_path, start_job=waiting.append)
    page = CallbackClient(app).get_page("/")
    answer = start(page, "leave")

    with app.app_context(), pytest.raises(SystemExit):
        run_job(waiting[0])

    # At once, and not when its sign is no longer good.
    assert poll(page, answer["job"]["id"])["error"] == INTERRUPTED
