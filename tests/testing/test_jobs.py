"""Background jobs in the tests of an application."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from flask_clientcallback import Page
from flask_clientcallback import signals
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import CallbackJob
from flask_clientcallback.testing import ClientPage
from flask_clientcallback.testing import MemoryStore

from ..helpers.jobs import make_app
from ..helpers.jobs import wait_until


@pytest.fixture
def page(tmp_path: Path) -> ClientPage:
    """The page of an application with a store of tests."""
    app = make_app(tmp_path, CLIENTCALLBACK_STORE=MemoryStore())
    return CallbackClient(app).get_page("/")


def begin(page: ClientPage, *asked: str) -> CallbackJob:
    """Start a job."""
    answer = page.callback(json.dumps(asked))
    assert answer.result is answer.error is None
    assert answer.job is not None
    assert repr(answer) == f"<CallbackAnswer 200 {answer.job!r}>"
    return answer.job


def test_wait(page: ClientPage, tmp_path: Path) -> None:
    """A test waits for the end of a job, which has its result."""
    job = begin(page, "wait", str(tmp_path))
    wait_until(lambda: job.look().job is not None and job.progress == "job waits")

    with pytest.raises(TimeoutError, match=r"is not over after 0.1 seconds\."):
        job.wait(0.1)

    assert (job.state, job.progress) == ("running", "job waits")
    assert repr(job) == f"<CallbackJob {job.id} running 'job waits'>"
    (tmp_path / "end").touch()
    answer = job.wait()
    assert (answer.result, answer.job) == ("job", None)


def test_cancel(page: ClientPage, tmp_path: Path) -> None:
    """A test cancels a job."""
    job = begin(page, "wait", str(tmp_path))
    cancelled = {"kind": "abort", "message": "The work was cancelled."}
    assert job.cancel().error == cancelled
    assert job.wait().error == cancelled


def test_form_stays(page: ClientPage, tmp_path: Path) -> None:
    """Whoever follows a job sends no form, as the client script does not."""
    job = begin(page, "wait", str(tmp_path))
    page.form["name"] = "Bob"
    sent: list[dict[str, str]] = []

    def note(sender: Flask, page: Page) -> None:
        sent.append(page.form.to_dict())

    with signals.page_load.connected_to(note):
        assert job.look().status == 200
        page.callback('["find", "wait"]')

    assert sent[0] == {}
    assert sent[1]["name"] == "Bob"
    (tmp_path / "end").touch()


def test_store() -> None:
    """The store of tests is a store: what is over is gone, one of several wins."""
    store = MemoryStore()
    store.set("over", b"1", -1)
    assert store.get("over") is None
    assert store.add("over", b"2", 60)
    assert not store.add("over", b"3", 60)
    assert not store.swap("over", b"1", b"4", 60)
    assert store.swap("over", b"2", b"4", 60)
    assert store.get("over") == b"4"
    assert store.keys() == ["over"]
    store.delete("over")
    assert store.keys() == []
    assert store.writes == 3
