"""Background jobs: how a page starts and follows them, and how they end."""

from __future__ import annotations

import json
import logging
import threading
import time
import typing as t
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask import g
from flask import session

from flask_clientcallback import background
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import Job
from flask_clientcallback import run_job
from flask_clientcallback import signals
from flask_clientcallback.state.shared_store import store_of
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage
from flask_clientcallback.testing import MemoryStore
from flask_clientcallback.work import jobs

from ..helpers.jobs import add
from ..helpers.jobs import count
from ..helpers.jobs import Desk
from ..helpers.jobs import follow
from ..helpers.jobs import FUNCTIONS
from ..helpers.jobs import job_threads
from ..helpers.jobs import make_app
from ..helpers.jobs import noted
from ..helpers.jobs import poll
from ..helpers.jobs import start
from ..helpers.jobs import wait
from ..helpers.jobs import wait_until
from ..helpers.pages import Page

UNKNOWN = {"kind": "server", "message": "This work is over or unknown."}
CANCELLED = {"kind": "abort", "message": "The work was cancelled."}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application with a page that starts jobs."""
    return make_app(tmp_path)


@pytest.fixture
def client(app: Flask) -> CallbackClient:
    """The browser of a visitor."""
    return CallbackClient(app)


@pytest.fixture
def page(client: CallbackClient) -> ClientPage:
    """The page of a visitor."""
    return client.get_page("/")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[str]:
    """A folder, in which all jobs end that wait there."""
    yield str(tmp_path)
    (tmp_path / "end").touch()


def test_result(page: ClientPage, tmp_path: Path) -> None:
    """A callback that starts a job is answered with it, and a follower with the
    result.
    """
    answer = start(page, "wait", str(tmp_path))
    assert answer["status"] == 200
    job = answer["job"]
    assert job.keys() == {"id", "state", "progress", "after"}
    assert len(job["id"]) == 32
    assert job["state"] in ("queued", "running")
    assert job["after"] == 250
    (tmp_path / "end").touch()
    assert follow(page, answer) == {"result": "job", "status": 200}
    # Reading takes nothing away.
    assert poll(page, job["id"])["result"] == "job"


def test_result_of_parts(page: ClientPage) -> None:
    """What a generator returns is the result, as JSON."""
    answer = follow(page, start(page, "count", 3))
    assert answer == {"result": {"counted": 3}, "status": 200}


def test_progress(page: ClientPage, folder: str) -> None:
    """A follower is told what the function yielded last, though it yields no more."""
    answer = start(page, "wait", folder)
    job_id = answer["job"]["id"]
    wait_until(lambda: poll(page, job_id)["job"]["progress"] == "job waits")
    assert poll(page, job_id)["job"]["state"] == "running"


def test_last_progress_of_several(page: ClientPage, tmp_path: Path) -> None:
    """What is yielded right after other progress is told too, when nothing follows."""
    answer = start(page, "two_parts", str(tmp_path))
    job_id = answer["job"]["id"]
    wait_until(lambda: poll(page, job_id)["job"]["progress"] == "second")
    (tmp_path / "end").touch()
    assert follow(page, answer)["result"] == "done"


@background
def three_parts(folder: str) -> Iterator[str]:
    """Yield the last of three parts when the second is being written."""
    yield "first"
    yield "second"
    wait_until(Path(folder, "second").exists)
    yield "third"
    Path(folder, "third").touch()
    wait_until(Path(folder, "end").exists)


def test_progress_while_older_is_written(
    app: Flask, page: ClientPage, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is yielded while a part before it is being written is told after that."""
    original = app.json.dumps

    def dumps(value: t.Any, **options: t.Any) -> str:
        text = original(value, **options)

        if value == "second":
            Path(folder, "second").touch()
            wait_until(Path(folder, "third").exists)

        return text

    monkeypatch.setattr(app.json, "dumps", dumps)
    monkeypatch.setitem(FUNCTIONS, "three_parts", three_parts)
    job_id = start(page, "three_parts", folder)["job"]["id"]
    wait_until(lambda: poll(page, job_id)["job"]["progress"] == "third", 5)


@pytest.mark.parametrize(
    ("asked", "result"),
    [
        (["add", 1, 2], 3),
        (["later", {"a": None}], [{"a": None}]),
        (["later_parts", 3], None),
        (["give", "none"], None),
        (["give", "text"], "Grüße"),
    ],
    ids=["function", "coroutine", "asynchronous generator", "none", "text"],
)
def test_kinds_of_functions(
    page: ClientPage, asked: list[t.Any], result: t.Any
) -> None:
    """Each kind of function gives its result."""
    assert follow(page, start(page, *asked)) == {"result": result, "status": 200}


def test_html(page: ClientPage) -> None:
    """A result that is HTML says so, as that of a callback does."""
    answer = follow(page, start(page, "give", "html"))
    assert answer == {"result": "<b>bold</b>", "html": True, "status": 200}


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        (
            "fields",
            422,
            {"kind": "invalid", "message": "Check.", "fields": {"year": ["Too late."]}},
        ),
        ("status", 409, {"kind": "server", "message": "Closed."}),
        ("abort", 403, {"kind": "http", "message": "Not yours."}),
        ("login", 401, {"kind": "auth", "message": "Log in."}),
    ],
)
def test_error(
    page: ClientPage, kind: str, status: int, error: dict[str, t.Any]
) -> None:
    """A job that fails with an error for the user ends as a callback would."""
    answer = follow(page, start(page, "tell_error", kind))
    assert answer == {"error": error, "status": status}


def test_exception(page: ClientPage, caplog: pytest.LogCaptureFixture) -> None:
    """Any other exception is logged under the id that the user gets, and not told."""
    answer = follow(page, start(page, "tell_error", "other"))
    error = answer["error"]
    assert answer["status"] == 500
    assert error["kind"] == "server"
    assert "secret" not in str(error)
    [record] = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert record.exc_info is not None
    assert error["id"] in "".join(getattr(record.exc_info[1], "__notes__", ()))


def test_response(page: ClientPage, caplog: pytest.LogCaptureFixture) -> None:
    """A job that answers with a response has nobody to send it to: that is an error."""
    error = follow(page, start(page, "tell_error", "redirect"))["error"]
    assert error["kind"] == "server"
    assert error["id"] in caplog.text


def test_exception_in_debug_mode(app: Flask, page: ClientPage) -> None:
    """In debug mode the developer is told."""
    app.debug = True
    error = follow(page, start(page, "tell_error", "other"))["error"]
    assert error["message"] == "KeyError: 'a secret of the server'"
    assert "tell_error" in error["traceback"]


@pytest.mark.parametrize(
    ("kind", "logged"),
    [("object", "cannot be written as JSON"), ("number", "cannot be written as JSON")],
)
def test_result_that_is_no_json(
    page: ClientPage, caplog: pytest.LogCaptureFixture, kind: str, logged: str
) -> None:
    """A result that is no JSON is an error that says what to return."""
    assert follow(page, start(page, "give", kind))["error"]["kind"] == "server"
    assert logged in caplog.text


def test_large_result(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A result beyond the limit is an error that says what to return."""
    app = make_app(tmp_path, CLIENTCALLBACK_MAX_JOB_RESULT=1000)
    page = CallbackClient(app).get_page("/")
    assert follow(page, start(page, "give", "large"))["status"] == 500
    assert "2002 bytes, more than the 1000 of CLIENTCALLBACK_MAX_JOB" in caplog.text
    assert follow(page, start(page, "give", "text"))["result"] == "Grüße"


@pytest.mark.parametrize("function", ["yield_much", "yield_much_later"])
def test_large_progress(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, function: str
) -> None:
    """A part beyond the same limit is an error too, and nothing of it is told."""
    app = make_app(tmp_path, CLIENTCALLBACK_MAX_JOB_RESULT=1000)
    page = CallbackClient(app).get_page("/")
    answer = start(page, function, 998)
    assert follow(page, answer)["result"] == 998
    caplog.clear()
    answer = start(page, function, 999)
    assert follow(page, answer)["status"] == 500
    told = "has 1001 bytes, more than the 1000 of CLIENTCALLBACK_MAX_JOB_RESULT: yield"
    assert told in caplog.text


def test_surroundings(app: Flask, page: ClientPage) -> None:
    """A job has the application, and neither request nor page."""
    assert follow(page, start(page, "look_around"))["result"] == [False, False, False]


def test_surroundings_in_place(tmp_path: Path) -> None:
    """Nor has one that runs in the request that starts it, which is told its end."""
    app = make_app(tmp_path, start_job=run_job)
    page = CallbackClient(app).get_page("/")
    assert start(page, "look_around")["result"] == [False, False, False]
    assert start(page, "tell_error", "status")["error"]["message"] == "Closed."


def test_in_place_by_setting(tmp_path: Path) -> None:
    """Without threads a job runs in the request that starts it."""
    before = set(job_threads())
    app = make_app(tmp_path, CLIENTCALLBACK_JOB_THREADS=0)
    page = CallbackClient(app).get_page("/")
    assert start(page, "add", 2, 3)["result"] == 5
    assert set(job_threads()) <= before


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["add", 1, 2], None),
        (["tell_error", "status"], None),
        (["tell_error", "other"], KeyError),
        (["give", "object"], TypeError),
    ],
)
def test_teardown(
    app: Flask, client: CallbackClient, asked: list[t.Any], told: type[Exception] | None
) -> None:
    """What ends with the application's context is told how the job ended, once, so
    that the work of a failed one is not committed.
    """
    told_by: list[tuple[str, BaseException | None]] = []

    @app.teardown_appcontext
    def tell(error: BaseException | None) -> None:
        told_by.append((threading.current_thread().name, error))

    page = client.get_page("/")
    follow(page, start(page, *asked))
    in_job = [error for name, error in told_by if name.startswith("clientcallback job")]
    of_kind = [e for e in in_job if told is not None and isinstance(e, told)]
    assert len(of_kind) == (0 if told is None else 1)
    assert all(error is None or error in of_kind for error in in_job)


def test_teardown_that_fails(app: Flask, client: CallbackClient) -> None:
    """A commit that fails when the job has returned is its error, not its result."""

    @app.teardown_appcontext
    def commit(error: BaseException | None) -> None:
        if threading.current_thread().name.startswith("clientcallback job"):
            raise OSError("The disk is full.")

    page = client.get_page("/")
    assert follow(page, start(page, "add", 1))["error"]["kind"] == "server"


def test_cancel(page: ClientPage, folder: str, tmp_path: Path) -> None:
    """A job that runs ends at its next yield, with what it does at its end, and who
    cancels is answered at once.
    """
    answer = start(page, "wait", folder)
    job_id = answer["job"]["id"]
    journal = tmp_path / "journal"
    wait_until(lambda: noted(journal) == ["job begins"])
    cancelled = {"error": CANCELLED, "status": 409}
    assert poll(page, f"{job_id} cancel") == cancelled
    wait_until(lambda: noted(journal) == ["job begins", "job is left"], 2)
    assert follow(page, answer) == cancelled


def test_cancel_of_what_tells_progress(page: ClientPage, folder: str) -> None:
    """A job whose next progress meets the wish to cancel takes that up."""
    answer = start(page, "linger", folder, "job", 60)
    job_id = answer["job"]["id"]
    wait_until(lambda: poll(page, job_id)["job"]["progress"])
    assert poll(page, f"{job_id} cancel")["error"] == CANCELLED
    assert follow(page, answer) == {"error": CANCELLED, "status": 409}


def test_cancel_before_it_begins(tmp_path: Path) -> None:
    """A job that nobody has begun never begins when it is cancelled."""
    waiting: list[str] = []
    app = make_app(tmp_path, start_job=waiting.append)
    page = CallbackClient(app).get_page("/")
    job = start(page, "wait", str(tmp_path))["job"]
    assert job["state"] == "queued"
    assert poll(page, f"{job['id']} cancel")["error"] == CANCELLED
    assert poll(page, job["id"])["error"] == CANCELLED

    with app.app_context():
        run_job(waiting.pop())

    assert noted(tmp_path / "journal") == []
    assert poll(page, job["id"])["error"] == CANCELLED


def test_cancel_of_what_does_not_yield(page: ClientPage, tmp_path: Path) -> None:
    """Work without a yield goes on: cancelling asks. Its result is told."""
    journal = tmp_path / "journal"
    answer = start(page, "sleep_and_tell", str(journal))
    wait_until(lambda: noted(journal))
    assert poll(page, f"{answer['job']['id']} cancel")["error"] == CANCELLED
    assert poll(page, answer["job"]["id"])["job"]["state"] == "running"
    Path(f"{journal}.end").touch()
    assert follow(page, answer)["result"] == "done"


def test_cancel_of_what_is_over(tmp_path: Path) -> None:
    """A job that is over ended as it did."""
    started: list[str] = []
    app = make_app(tmp_path, start_job=started.append)
    page = CallbackClient(app).get_page("/")
    start(page, "add", 1, 1)
    (job_id,) = started

    with app.app_context():
        run_job(job_id)

    assert poll(page, job_id)["result"] == 2
    assert poll(page, f"{job_id} cancel")["result"] == 2


def test_run_twice(tmp_path: Path) -> None:
    """An id that comes twice, as some engines bring it, runs once."""
    waiting: list[str] = []
    app = make_app(tmp_path, start_job=waiting.append)
    page = CallbackClient(app).get_page("/")
    (tmp_path / "end").touch()
    answer = start(page, "wait", str(tmp_path))

    with app.app_context():
        for _ in range(2):
            run_job(waiting[0])

    assert noted(tmp_path / "journal") == ["job begins", "job ends"]
    assert follow(page, answer)["result"] == "job"


def test_id(tmp_path: Path) -> None:
    """An id is letters and digits, so that no command takes it for an option."""
    waiting: list[str] = []
    app = make_app(tmp_path, start_job=waiting.append)
    page = CallbackClient(app).get_page("/")

    for _ in range(20):
        start(page, "add", 1)

    assert len(set(waiting)) == 20
    assert all(job_id.isalnum() for job_id in waiting)


def test_run_at_once(tmp_path: Path) -> None:
    """Of many who are handed one job, one runs it."""
    waiting: list[str] = []
    app = make_app(tmp_path, start_job=waiting.append)
    page = CallbackClient(app).get_page("/")
    (tmp_path / "end").touch()
    together = threading.Barrier(4)

    def run(job_id: str) -> None:
        with app.app_context():
            together.wait()
            run_job(job_id)

    for number in range(20):
        answer = start(page, "wait", str(tmp_path), f"job {number}")
        threads = [threading.Thread(target=run, args=(waiting[-1],)) for _ in range(4)]

        for thread in threads:
            thread.start()

        for thread in threads:
            thread.join()

        assert follow(page, answer)["result"] == f"job {number}"

    begun = [line for line in noted(tmp_path / "journal") if line.endswith("begins")]
    assert len(begun) == 20


def test_job_that_is_unknown(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """A job that is over for long is not run, and is no error of the engine's."""
    with app.app_context():
        run_job("nothing")

    assert "The job nothing is over or unknown here" in caplog.text


def test_function_that_is_unknown(
    page: ClientPage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A process that lacks the function says so in its log, and the job fails."""
    monkeypatch.setattr(add, "full_name", "elsewhere.add")
    assert follow(page, start(page, "add", 1))["error"]["kind"] == "server"
    assert "knows no elsewhere.add. Import its module" in caplog.text


def test_function_of_a_script(
    page: ClientPage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """That of a module which another process knows by another name hints at it."""
    monkeypatch.setattr(add, "full_name", "__main__.nothing")
    assert follow(page, start(page, "add", 1))["error"]["kind"] == "server"
    assert "flask --app" in caplog.text


def test_engine_that_fails(tmp_path: Path) -> None:
    """An engine that takes no job is an error, and the job is over."""

    def fail(job_id: str) -> None:
        raise ConnectionError("no broker")

    app = make_app(tmp_path, start_job=fail)
    page = CallbackClient(app).get_page("/")
    assert start(page, "wait", str(tmp_path))["status"] == 500
    assert start(page, "find", "wait")["error"]["message"] == (
        "The work was interrupted."
    )


def test_others(
    app: Flask, client: CallbackClient, page: ClientPage, folder: str
) -> None:
    """Another user's job, one of another address, and none at all are the same."""
    job_id = start(page, "wait", folder)["job"]["id"]
    unknown = {"error": UNKNOWN, "status": 410}
    assert poll(CallbackClient(app).get_page("/"), job_id) == unknown
    assert poll(CallbackClient(app).get_page("/"), f"{job_id} cancel") == unknown
    assert poll(client.get_page("/other"), job_id) == unknown
    assert poll(page, "nothing") == unknown
    assert poll(page, "") == unknown
    assert poll(page, job_id)["status"] == 200
    Path(folder, "end").touch()
    # Nobody cancelled it.
    wait_until(lambda: poll(page, job_id).get("result") == "job")


def found(page: ClientPage) -> list[str]:
    """Tell what job the page found as it was rendered."""
    return page.form["found"].split()


def test_find(app: Flask, client: CallbackClient, folder: str, tmp_path: Path) -> None:
    """A first visitor's job is found after a reload and in a second tab, and by nobody
    else. The newest is found, also when it is over.
    """
    page = client.get_page("/")
    assert found(page) == []
    first = start(page, "wait", folder, "first")
    job_id = first["job"]["id"]
    tab = client.get_page("/")
    assert found(tab)[0] == job_id
    assert poll(tab, job_id)["job"]["id"] == job_id
    assert found(CallbackClient(app).get_page("/")) == []
    assert found(client.get_page("/other")) == []
    second = start(tab, "wait", folder, "second")
    assert found(client.get_page("/"))[0] == second["job"]["id"]
    (tmp_path / "end").touch()
    assert follow(page, second)["result"] == "second"
    assert found(client.get_page("/")) == [second["job"]["id"], "done"]
    assert start(page, "find", "wait")["result"] == "second"


def test_session_that_began_meanwhile(client: CallbackClient, folder: str) -> None:
    """The job of a visitor whose session the application began after the page came is
    found too, also when the application changed that once more.
    """
    page = client.get_page("/")

    with client.session_transaction() as began:
        began["cart"] = 1

    job_id = start(page, "wait", folder)["job"]["id"]

    with client.session_transaction() as changed:
        changed["cart"] = 2

    assert found(client.get_page("/"))[:1] == [job_id]


def test_browser_without_cookies(app: Flask, folder: str) -> None:
    """A page whose browser keeps no cookie follows its own job."""
    page = CallbackClient(app, app.response_class, use_cookies=False).get_page("/")
    job_id = start(page, "wait", folder)["job"]["id"]
    assert poll(page, job_id)["job"]["id"] == job_id


def test_user_key(tmp_path: Path) -> None:
    """Where the application tells users apart, a job is the user's in each browser;
    where that is nobody, the one page's. No session begins.
    """
    user: list[str | None] = ["Ada"]
    app = Flask(__name__, instance_path=str(tmp_path))
    app.secret_key = "secret"
    app.config["CLIENTCALLBACK_JOB_THREADS"] = 0
    ClientCallback(app, user_key=lambda: user[0])
    app.add_url_rule("/", view_func=Desk.as_view("desk"))
    clients = [CallbackClient(app) for _ in range(2)]
    pages = [client.get_page("/") for client in clients]
    (tmp_path / "end").touch()

    def start_and_tell(page: ClientPage) -> list[str]:
        answer = page.callback(json.dumps(["wait", str(tmp_path)]))
        assert "Set-Cookie" not in answer.response.headers
        return found(clients[0].get_page("/"))[:1]

    [job_id] = start_and_tell(pages[0])
    assert poll(pages[1], job_id)["result"] == "job"
    user[0] = "Bob"
    assert poll(clients[1].get_page("/"), job_id)["error"] == UNKNOWN
    user[0] = None
    own = clients[0].get_page("/")
    assert start_and_tell(own) == []
    job = start(own, "find", "wait")
    assert job["result"] == "job"
    assert start(clients[0].get_page("/"), "find", "wait")["result"] is None


def test_new_secret_key(app: Flask, tmp_path: Path, folder: str) -> None:
    """A user's job is found again when the secret key has changed."""
    user = "Ada"
    pages: list[ClientPage] = []

    for keys in (["one"], ["one", "two"]):
        other = Flask(__name__, instance_path=str(tmp_path))
        *other.config["SECRET_KEY_FALLBACKS"], other.secret_key = [], keys[-1]
        other.config["SECRET_KEY_FALLBACKS"] = keys[:-1]
        ClientCallback(other, user_key=lambda: user)
        other.add_url_rule("/", view_func=Desk.as_view("desk"))
        pages.append(CallbackClient(other).get_page("/"))

        if len(keys) == 1:
            job_id = start(pages[0], "wait", folder)["job"]["id"]

    assert found(pages[1])[0] == job_id
    assert poll(pages[1], job_id)["job"]["id"] == job_id


class AskedStore(MemoryStore):
    """Notes what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def get(self, key: str) -> bytes | None:
        self.asked.append(key)
        return super().get(key)


@pytest.mark.parametrize(
    "text", ["", "nothing", "\ud800", "a\0b", "x" * 100_000, "A" * 32, f"{'a' * 32}\n"]
)
def test_what_is_no_id(tmp_path: Path, text: str) -> None:
    """A text that is no id is unknown, and not looked for."""
    store = AskedStore()
    app = make_app(tmp_path, CLIENTCALLBACK_STORE=store)
    unknown = {"error": UNKNOWN, "status": 410}
    assert poll(CallbackClient(app).get_page("/"), text) == unknown
    assert store.asked == []


def test_id_of_somebody_else(tmp_path: Path) -> None:
    """Nobody learns by the time of an answer that an id is another user's: the process
    of that job is not looked for.
    """
    store = AskedStore()
    app = make_app(tmp_path, CLIENTCALLBACK_STORE=store)
    job_id = start(CallbackClient(app).get_page("/"), "wait", str(tmp_path))["job"][
        "id"
    ]
    other = CallbackClient(app).get_page("/")
    wait_until(lambda: noted(tmp_path / "journal"))
    store.asked.clear()
    told, asked = poll(other, job_id), list(store.asked)
    (tmp_path / "end").touch()
    assert told["status"] == 410
    assert not [key for key in asked if ":process:" in key]


@callback_handler(event_validation=True)
class Guarded(Desk):
    """Validates its events, has a check in a hook, and changes its state in it."""

    def page_load(self) -> None:
        current_page.view_state["loads"] = current_page.view_state.get("loads", 0) + 1
        current_page.client_script.register_for_event_validation(
            current_page, json.dumps(["add", 1, 2])
        )

        job = current_page.find_job(add)
        current_page.client_script.register_hidden_field(
            "added", "" if job is None else job.id
        )

        if session.get("is_out"):
            raise CallbackError("No longer yours.", 403)


@pytest.fixture
def guarded(app: Flask, client: CallbackClient) -> ClientPage:
    """A page of that class."""
    app.add_url_rule("/guarded", view_func=Guarded.as_view("guarded"))
    app.add_url_rule("/out", view_func=lambda: session.update(is_out=True) or "")
    return client.get_page("/guarded")


def test_event_validation(client: CallbackClient, guarded: ClientPage) -> None:
    """A job is followed where the page validates events, without being offered."""
    assert follow(guarded, start(guarded, "add", 1, 2))["result"] == 3
    job_id = client.get_page("/guarded").form["added"]
    assert poll(guarded, job_id)["result"] == 3
    assert start(guarded, "add", 1, 3)["status"] == 403


def test_hooks_of_a_poll(
    client: CallbackClient, guarded: ClientPage, caplog: pytest.LogCaptureFixture
) -> None:
    """A check in a hook stops the result too, and what hooks change is discarded."""
    caplog.set_level(logging.INFO, "flask_clientcallback")
    answer = start(guarded, "add", 1, 2)
    assert "viewState" in answer
    job_id = client.get_page("/guarded").form["added"]
    polled = poll(guarded, job_id)
    assert "viewState" not in polled
    assert "eventValidation" not in polled
    assert "is discarded: the page only followed a background job" in caplog.text
    client.get("/out")
    polled = poll(guarded, job_id)
    error = {"kind": "server", "message": "No longer yours."}
    assert polled == {"error": error, "status": 403}


def test_state_that_is_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A poll signs the view state anew where that is due, as it came: hooks of polls
    change nothing.
    """

    class Counting(Guarded):
        event_validation = False

        def raise_callback_event(self, event_argument: str) -> t.Any:
            if event_argument == "loads":
                return current_page.view_state["loads"]

            return super().raise_callback_event(event_argument)

    app = make_app(tmp_path, [].append, CLIENTCALLBACK_MAX_AGE=100)
    counting = callback_handler(event_validation=False)(Counting)
    app.add_url_rule("/counting", view_func=counting.as_view("counting"))
    page = CallbackClient(app).get_page("/counting")
    job_id = start(page, "wait", str(tmp_path))["job"]["id"]
    assert "viewState" not in poll(page, job_id)
    later = time.time() + 51
    monkeypatch.setattr(time, "time", lambda: later)
    polled = poll(page, job_id)
    assert polled["renewed"] == ["viewState"]
    assert polled["stateful"]
    # One each for the page, the start and this, and none for polls.
    assert page.callback("loads").result == 3


def test_stages_of_a_poll(page: ClientPage, tmp_path: Path) -> None:
    """A poll is a callback of the page, to a control of its own."""
    targets: list[str | None] = []

    def note(sender: Flask, page: t.Any) -> None:
        targets.append(page.callback_target)

    answer = start(page, "wait", str(tmp_path))

    with signals.page_raise_callback_event.connected_to(note):
        polled = page.callback(answer["job"]["id"], target="__Job")

    (tmp_path / "end").touch()
    assert targets == ["__Job"]
    assert polled.stages[-3:] == [
        "raise_callback_event",
        "get_callback_result",
        "unload",
    ]


def test_reserved_id(app: Flask) -> None:
    """No control of a page takes the name."""

    @callback_handler
    class Taker(Page):
        def page_init(self) -> None:
            current_page.add_control("__Job", self)

    app.testing = True
    app.add_url_rule("/taker", view_func=Taker.as_view("taker"))

    with pytest.raises(ValueError, match="Every page has __Job"):
        CallbackClient(app).get("/taker")


def test_attributes(app: Flask) -> None:
    """An element follows a job by its id."""

    @callback_handler(event_validation=True)
    class Follower(Page):
        template = (
            "<b {{ callback_attributes('__Job', 'id-1', on_result='show',"
            " event='load') }}></b>{{ callback_scripts() }}"
        )

        def raise_callback_event(self, event_argument: str) -> None: ...

    app.add_url_rule("/follower", view_func=Follower.as_view("follower"))
    text = CallbackClient(app).get_page("/follower").text
    assert 'data-callback-target="__Job"' in text
    assert 'data-callback-argument="id-1"' in text


def test_classic_script(
    app: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A job for a script that cannot follow it is an error which says so."""
    app.config["CLIENTCALLBACK_CLASSIC"] = True
    client = CallbackClient(app)
    page = client.get_page("/")
    fields = {
        "__CALLBACKID": "__Page",
        "__CALLBACKPARAM": json.dumps(["add", 1]),
        "__VIEWSTATE": page.state,
    }
    response = client.post("/", data=fields)
    assert response.text.startswith("e")
    assert "a classic client script cannot follow" in caplog.text
    fields |= {"__CALLBACKID": "__Job", "__CALLBACKPARAM": "x"}
    assert client.post("/", data=fields).status_code == 404


@callback_handler
class Form(Page):
    """Starts a job by a button that works without scripts."""

    template = """
    <form method="post">{{ callback_fields() }}
    <button {{ callback_attributes(current_page, method="begin", args=args,
        postback=True) }}>Begin</button></form>
    {{ callback_scripts() }}
    <i>{{ current_page.result }}|{{ current_page.error }}|{{ found.state }}</i>
    """

    def get(self) -> str:
        from flask import render_template_string

        return render_template_string(
            self.template,
            args=["add", [1, 2]],
            found=current_page.find_job(FUNCTIONS["add"]),
        )

    @callback_method
    def begin(self, name, arguments):  # type: ignore[no-untyped-def]
        return current_page.start_job(FUNCTIONS[name], *arguments)


def test_post_back(tmp_path: Path) -> None:
    """Without scripts the page is rendered, and finds the job. One that is over is
    there with its result.
    """
    for number, engine in enumerate((run_job, [].append)):
        app = make_app(tmp_path / str(number), start_job=engine)
        app.add_url_rule("/form", view_func=Form.as_view("form"))
        page = CallbackClient(app).get_page("/form").submit("Begin")
        assert page.status == 200
        told = "3|None|done" if engine is run_job else "None|None|queued"
        assert f"<i>{told}</i>" in page.text


def test_typed_method(app: Flask) -> None:
    """A method that says it returns a job needs no type of its result."""

    @callback_handler
    class Typed(Page):
        @callback_method
        def begin(self, one: int) -> Job[int]:
            return current_page.start_job(add, one)

        @callback_method
        def either(self, one: int) -> Job[int] | int:
            return one if one else current_page.start_job(add, one)

    app.config["CLIENTCALLBACK_JOB_THREADS"] = 0
    app.add_url_rule("/typed", view_func=Typed.as_view("typed"))
    page = CallbackClient(app).get_page("/typed")
    assert page.call.begin(3).result == 3
    assert page.call.either(0).result == 0
    assert page.call.either(7).result == 7


def test_page_of_a_job(app: Flask) -> None:
    """The object of a job tells all of it."""
    started: list[Job[t.Any]] = []

    @callback_handler
    class Holder(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            started.append(
                current_page.start_job(wait, event_argument, "holder", "holder.end")
            )

    app.add_url_rule("/holder", view_func=Holder.as_view("holder"))
    folder = app.instance_path
    CallbackClient(app).get_page("/holder").callback(folder)
    [job] = started
    assert not job.is_over
    assert job.error is None
    wait_until(lambda: job.refresh() or job.progress == "holder waits")
    assert repr(job) == f"<Job {job.id} running>"
    Path(folder, "holder.end").touch()
    wait_until(lambda: job.refresh() or job.is_over)
    assert (job.state, job.result, job.error) == ("done", "holder", None)
    job.cancel()
    assert job.state == "done"


def test_last_progress_of_a_job_that_is_over(app: Flask) -> None:
    """What a job yielded last is known when it is over, however soon that was."""
    started: list[Job[t.Any]] = []

    @callback_handler
    class Holder(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            started.append(current_page.start_job(count, 4))

    app.config["CLIENTCALLBACK_JOB_THREADS"] = 0
    app.add_url_rule("/holder", view_func=Holder.as_view("holder"))
    CallbackClient(app).get_page("/holder").callback("")
    assert [(job.state, job.progress) for job in started] == [("done", 0.75)]


def test_page_of_a_job_that_is_forgotten(tmp_path: Path) -> None:
    """The object of a job that is no longer kept says so, and cannot cancel it."""
    started: list[Job[t.Any]] = []

    @callback_handler
    class Holder(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            started.append(current_page.start_job(wait, event_argument))

    store = MemoryStore()
    app = make_app(tmp_path, [].append, CLIENTCALLBACK_STORE=store)
    app.add_url_rule("/holder", view_func=Holder.as_view("holder"))
    CallbackClient(app).get_page("/holder").callback(str(tmp_path))
    [job] = started
    assert job.state == "queued"
    store.delete(f"clientcallback:job:{job.id}")
    job.cancel()
    assert (job.state, job.is_over, job.result) == ("unknown", True, None)
    assert job.error is not None
    assert (job.error.status, job.error.message) == (410, UNKNOWN["message"])


def test_job_threads(tmp_path: Path, folder: str) -> None:
    """So many run at once as the setting says, and another when one has ended."""
    app = make_app(tmp_path, CLIENTCALLBACK_JOB_THREADS=1)
    page = CallbackClient(app).get_page("/")
    first = start(page, "wait", folder, "first", "first.end")
    second = start(page, "wait", folder, "second")
    journal = tmp_path / "journal"
    wait_until(lambda: noted(journal) == ["first begins"])
    assert poll(page, second["job"]["id"])["job"]["state"] == "queued"
    (tmp_path / "first.end").touch()
    wait_until(lambda: "second begins" in noted(journal))
    assert follow(page, first)["result"] == "first"


def test_when_to_ask_again(
    app: Flask, page: ClientPage, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page asks often at first, and seldom later."""
    job_id = start(page, "wait", folder)["job"]["id"]
    after: list[int] = []

    with app.app_context():
        since = json.loads(store_of(app).get(f"job:{job_id}") or b"")["since"]

    for age in (0, 1.9, 2.1, 59, 61, 6000):
        told = SimpleNamespace(time=lambda age=age: since + age)
        monkeypatch.setattr(jobs, "time", told)
        after.append(poll(page, job_id)["job"]["after"])

    assert after == [250, 250, 1000, 1000, 3000, 3000]


def test_context_of_each_job(app: Flask, client: CallbackClient) -> None:
    """Each job has a context of its own."""

    @app.teardown_appcontext
    def tell(error: BaseException | None) -> None:
        assert not hasattr(g, "seen")

        if threading.current_thread().name.startswith("clientcallback job"):
            g.seen = True

    page = client.get_page("/")

    for _ in range(3):
        assert follow(page, start(page, "add", 1))["result"] == 1
