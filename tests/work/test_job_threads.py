"""The threads that run jobs, whatever a job or the system does to them."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path

import pytest

from flask_clientcallback import background
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import MemoryStore
from flask_clientcallback.work import life_signs

from ..helpers.jobs import follow
from ..helpers.jobs import FUNCTIONS
from ..helpers.jobs import make_app
from ..helpers.jobs import noted
from ..helpers.jobs import poll
from ..helpers.jobs import start
from ..helpers.jobs import wait_until

INTERRUPTED = {"kind": "server", "message": "The work was interrupted."}


@background
def leave() -> None:
    """End, as a script does."""
    sys.exit(2)


@background
async def end_itself() -> None:
    """Be cancelled from within."""
    raise asyncio.CancelledError


@pytest.mark.parametrize("function", [leave, end_itself], ids=["exit", "cancel"])
def test_job_that_leaves(
    tmp_path: Path,
    function: object,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A job that raises what ends a thread is told as interrupted and logged, and its
    thread takes the next job.
    """
    monkeypatch.setitem(FUNCTIONS, "leave", function)
    app = make_app(
        tmp_path, CLIENTCALLBACK_JOB_THREADS=1, CLIENTCALLBACK_STORE=MemoryStore()
    )
    page = CallbackClient(app).get_page("/")
    answer = start(page, "leave")
    assert follow(page, answer) == {"error": INTERRUPTED, "status": 500}
    assert follow(page, start(page, "add", 1, 2))["result"] == 3
    assert f"The job {answer['job']['id']} was interrupted" in caplog.text


@pytest.mark.parametrize("name", ["clientcallback job", "clientcallback life sign"])
def test_thread_that_cannot_begin(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job whose thread cannot begin fails where it is started, and leaves nothing
    behind: the next one runs, and is told as running.
    """
    monkeypatch.setattr(life_signs, "EACH", 0.05)
    monkeypatch.setattr(life_signs, "GOOD_FOR", 0.3)
    store = MemoryStore()
    app = make_app(tmp_path, CLIENTCALLBACK_JOB_THREADS=1, CLIENTCALLBACK_STORE=store)
    page = CallbackClient(app).get_page("/")
    original = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith(name):
            raise RuntimeError("can't start new thread")

        original(thread)

    def has_sign() -> bool:
        return any(":process:" in key for key in store.keys())

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        answer = start(page, "wait", str(tmp_path), "refused")
        assert (answer["error"]["kind"], answer["status"]) == ("server", 500)

    wait_until(lambda: not has_sign())
    answer = start(page, "wait", str(tmp_path))
    wait_until(lambda: noted(tmp_path / "journal"))
    writes = store.writes
    # The sign is written again and again.
    wait_until(lambda: store.writes > writes + 10)
    assert poll(page, answer["job"]["id"])["job"]["state"] == "running"
    (tmp_path / "end").touch()
    assert follow(page, answer)["result"] == "job"
    assert noted(tmp_path / "journal") == ["job begins", "job ends"]
    wait_until(lambda: not has_sign())
