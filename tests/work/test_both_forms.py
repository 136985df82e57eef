"""Streams and background jobs are the same functions, and meet in one handler."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask import session

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient

from ..helpers.jobs import add
from ..helpers.jobs import count
from ..helpers.jobs import follow
from ..helpers.jobs import later_parts
from ..helpers.jobs import make_app
from ..helpers.jobs import noted
from ..helpers.jobs import poll
from ..helpers.jobs import start
from ..helpers.jobs import wait_until
from ..helpers.pages import add_page
from ..helpers.pages import answering
from ..helpers.pages import Page


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application with a store of jobs."""
    return make_app(tmp_path)


@callback_handler
class Both(Page):
    """Checks for a while, and then starts a job."""

    def get(self) -> str:
        # Somebody who is known.
        session["_clientcallback"] = "Ada"
        return super().get()

    def raise_callback_event(self, event_argument: str) -> Iterator[t.Any]:
        yield "checks"
        return current_page.start_job(add, 1, 2)


@pytest.mark.parametrize(
    ("work", "parts", "result"),
    [
        (lambda: count(2), [0, 0.5], {"counted": 2}),
        (lambda: later_parts(2), [0, 1], None),
        (lambda: add(1, 2), [], 3),
    ],
    ids=["generator", "asynchronous", "plain"],
)
def test_one_function(
    app: Flask, work: t.Any, parts: list[t.Any], result: t.Any
) -> None:
    """A function for the background that a handler calls is a stream, if it yields."""
    add_page(app, answering(work), "/stream")
    answer = CallbackClient(app).get_page("/stream").callback()
    assert (answer.parts, answer.result, answer.job) == (parts, result, None)


def test_cancel_of_an_asynchronous_generator(app: Flask, tmp_path: Path) -> None:
    """It ends where it yields, and its own end may wait for something."""
    page = CallbackClient(app).get_page("/")
    answer = start(page, "wait_later", str(tmp_path))
    job_id = answer["job"]["id"]
    wait_until(lambda: poll(page, job_id)["job"]["state"] == "running")
    assert poll(page, f"{job_id} cancel")["status"] == 409
    wait_until(lambda: noted(tmp_path / "journal") == ["is left"])
    assert follow(page, answer)["error"]["kind"] == "abort"


@pytest.mark.parametrize("threads", [0, 1])
def test_stream_that_ends_in_a_job(app: Flask, threads: int) -> None:
    """The last line of a stream may tell a job, or its end."""
    app.config["CLIENTCALLBACK_JOB_THREADS"] = threads
    add_page(app, Both, "/both")
    answer = CallbackClient(app).get_page("/both").callback()
    assert answer.parts == ["checks"]

    if answer.job is not None:
        assert threads
        answer = answer.job.wait()

    assert answer.result == 3


def test_job_of_a_stranger_in_a_stream(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """A job begins the session of who is not known, and so before the first part."""

    class Unknown(Both):
        def get(self) -> str:
            return Page.get(self)

    add_page(app, Unknown, "/unknown")
    answer = CallbackClient(app).get_page("/unknown").callback()
    assert (answer.parts, answer.status) == (["checks"], 500)
    assert "before the first yield" in caplog.text
