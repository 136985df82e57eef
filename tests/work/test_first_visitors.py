"""The jobs of first visitors: no session tells yet who they are."""

from __future__ import annotations

import json
import sqlite3
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Cookie

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page
from flask_clientcallback import Job
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import CallbackJob
from flask_clientcallback.testing import ClientPage

from ..helpers.jobs import Desk
from ..helpers.jobs import ExpiringStore
from ..helpers.jobs import make_app
from ..helpers.jobs import noted
from ..helpers.jobs import wait_until


@callback_handler
class Counting(Desk):
    """Changes its view state, if it is asked to."""

    def raise_callback_event(self, event_argument: str) -> Job[t.Any] | None:
        if event_argument == '["change"]':
            current_page.view_state["is_changed"] = True
            return None

        return super().raise_callback_event(event_argument)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An application with a page that starts jobs, which end with the test."""
    app = make_app(tmp_path)
    app.add_url_rule("/counting", view_func=Counting.as_view("counting"))
    yield app
    (tmp_path / "end").touch()


@pytest.fixture
def client(app: Flask) -> CallbackClient:
    """The browser of a first visitor."""
    return CallbackClient(app)


@pytest.fixture
def page(client: CallbackClient) -> ClientPage:
    """Her page."""
    return client.get_page("/counting")


def call(page: ClientPage, *asked: t.Any) -> CallbackAnswer:
    """Call a page."""
    return page.callback(json.dumps(asked))


def job_of(answer: CallbackAnswer) -> CallbackJob:
    """Get the job that a call has become."""
    assert answer.job is not None, answer
    return answer.job


def cookie_of(client: CallbackClient) -> str:
    """Get the session's cookie as the browser has it."""
    cookie = client.get_cookie("session")
    assert isinstance(cookie, Cookie)
    return cookie.value


def call_at_once(
    client: CallbackClient, page: ClientPage, *calls: tuple[t.Any, ...]
) -> list[CallbackAnswer]:
    """Make calls that all leave before the first answer is there. The browser keeps the
    cookie of the last that comes.
    """
    answers = []

    for asked in calls:
        client.delete_cookie("session")
        answers.append(call(page, *asked))

    return answers


def let_pass(folder: Path, seconds: float) -> None:
    """Let time pass for what is kept of sessions that begin."""
    store = sqlite3.connect(folder / "clientcallback.sqlite3")

    with store:
        store.execute(
            "UPDATE entries SET expires = expires - ?"
            " WHERE key LIKE 'clientcallback:session:%'",
            (seconds,),
        )

    store.close()


@pytest.mark.parametrize("is_first_last", [False, True])
def test_two_jobs(
    client: CallbackClient, page: ClientPage, tmp_path: Path, is_first_last: bool
) -> None:
    """Both jobs are found after a reload, whichever answer comes last."""
    first = call(page, "keep", str(tmp_path))
    cookie = cookie_of(client)
    [second] = call_at_once(client, page, ("wait", str(tmp_path)))

    if is_first_last:
        client.set_cookie("session", cookie)

    ids = [job_of(first).id, job_of(second).id]
    reloaded = client.get_page("/counting")
    found = [job_of(call(reloaded, "find", name)).id for name in ("keep", "wait")]
    assert found == ids


def test_two_jobs_of_one_call(app: Flask, tmp_path: Path) -> None:
    """Both begin one session."""

    @callback_handler
    class Twice(Desk):
        def raise_callback_event(self, event_argument: str) -> Job[t.Any] | None:
            super().raise_callback_event(json.dumps(["keep", str(tmp_path)]))
            return super().raise_callback_event(event_argument)

    app.add_url_rule("/twice", view_func=Twice.as_view("twice"))
    client = CallbackClient(app)
    second = call(client.get_page("/twice"), "wait", str(tmp_path))
    assert f"{job_of(second).id} " in client.get_page("/twice").text


def test_session_that_expires(tmp_path: Path) -> None:
    """What a call found that another had begun, and what is gone when it is looked at,
    is begun anew.
    """
    store = ExpiringStore("clientcallback:session:")
    client = CallbackClient(make_app(tmp_path, CLIENTCALLBACK_STORE=store))
    page = client.get_page("/")
    asked = ("wait", str(tmp_path))
    call_at_once(client, page, asked, asked)
    newest = job_of(call(page, "find", "wait")).id
    assert f"{newest} " in client.get_page("/").text
    (tmp_path / "end").touch()


def test_changed_state(
    client: CallbackClient, page: ClientPage, tmp_path: Path
) -> None:
    """The page follows both also when another call has changed its view state, which
    is bound to the session then.
    """
    asked = [("wait", str(tmp_path), name) for name in ("one", "other")]
    answers = call_at_once(client, page, *asked)
    call(page, "change")
    (tmp_path / "end").touch()
    results = [job_of(answer).wait().result for answer in answers]
    assert results == ["one", "other"]


def test_keep(client: CallbackClient, page: ClientPage, tmp_path: Path) -> None:
    """Both calls get the job that is there."""
    asked = ("keep", str(tmp_path))
    first, second = call_at_once(client, page, asked, asked)
    assert job_of(first).id == job_of(second).id
    assert job_of(call(page, *asked)).id == job_of(first).id


def test_refuse(client: CallbackClient, page: ClientPage, tmp_path: Path) -> None:
    """The second call is an error."""
    asked = ("refuse", str(tmp_path))
    first, second = call_at_once(client, page, asked, asked)
    assert (first.status, second.status) == (200, 409)


def test_replace(client: CallbackClient, page: ClientPage, tmp_path: Path) -> None:
    """The first job is cancelled."""
    first = call(page, "replace", str(tmp_path), "first")
    wait_until(lambda: noted(tmp_path / "journal"))
    asked = ("replace", str(tmp_path), "second")
    [second] = call_at_once(client, page, asked)
    error = job_of(first).wait().error
    assert error is not None
    assert error["kind"] == "abort"
    (tmp_path / "end").touch()
    assert job_of(second).wait().result == "second"


def test_others(client: CallbackClient, page: ClientPage, tmp_path: Path) -> None:
    """Another first visitor, and the same at another address, has nothing of it."""
    asked = ("keep", str(tmp_path))
    job = job_of(call(page, *asked))

    for other in (
        CallbackClient(client.application).get_page("/counting"),
        client.get_page("/"),
    ):
        assert call(other, "find", "keep").job is None
        assert other.callback(job.id, target="__Job").status == 410
        assert job_of(call(other, *asked)).id != job.id
        assert call(other, "find", "wait").job is None


def test_whose_page_it_is(
    client: CallbackClient, page: ClientPage, tmp_path: Path
) -> None:
    """Who comes with the same page and no session a minute later, whoever it is, begins
    another session, and is offered nothing of the first one's at other addresses.
    """
    call(page, "wait", str(tmp_path))
    job = job_of(call(client.get_page("/"), "keep", str(tmp_path)))
    cookie = cookie_of(client)
    let_pass(tmp_path, seconds=61)
    call_at_once(client, page, ("wait", str(tmp_path)))
    other = client.get_page("/")
    assert call(other, "find", "keep").job is None
    assert other.callback(job.id, target="__Job").status == 410
    client.set_cookie("session", cookie)
    assert job_of(call(client.get_page("/"), "find", "keep")).id == job.id
