"""What the documentation quotes of the server is what the server tells: each symptom is
brought about.
"""

from __future__ import annotations

import io
import logging
import re
import subprocess
import sys
import time
import traceback
import typing as t
from pathlib import Path

import pytest
from flask import abort
from flask import Flask
from flask import render_template_string
from flask import request
from flask import request_started
from flask import session
from werkzeug.test import TestResponse

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import FromForm
from flask_clientcallback.globals import logger
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage
from flask_clientcallback.testing import MemoryStore

from ..helpers.documentation import blocks
from ..helpers.documentation import ROOT
from ..helpers.pages import Page
from ..helpers.troubleshooting import check_headings
from ..helpers.troubleshooting import check_quotes
from ..helpers.troubleshooting import PAGE
from ..helpers.troubleshooting import quotes
from ..helpers.troubleshooting import reasons
from ..helpers.troubleshooting import Told

QUOTED = quotes("log", "log, INFO", "message")


class Search(Page):
    """Gives back its argument, unless that says otherwise."""

    def raise_callback_event(self, event_argument: str) -> t.Any:
        if event_argument == "fail":
            raise ZeroDivisionError

        if event_argument == "object":
            return object()

        if event_argument == "field":
            return current_page.form["city"]

        return event_argument


class Row:
    """No handler of callbacks."""


class Tried:
    """An application with a page.

    :param messages: gets what the page is told.
    :param said: what the page's class says of itself.
    """

    def __init__(self, messages: list[Told], key: str | None, **said: t.Any) -> None:
        self.app = Flask("app")
        self.app.secret_key = key
        self.client = CallbackClient(self.app)
        self._messages = messages
        self._said = said
        ClientCallback(self.app)

    def add(self, rule: str = "/", endpoint: str = "search", **members: t.Any) -> None:
        """Add the page, with members of its own."""
        view: t.Any = type("Search", (Search,), members)
        marked = callback_handler(**self._said)(view)
        self.app.add_url_rule(rule, view_func=marked.as_view(endpoint))

    def page(self, **members: t.Any) -> ClientPage:
        """Add the page and get it."""
        self.add(**members)
        return self.client.get_page("/")

    def call(self, page: ClientPage, *arguments: t.Any, **keywords: t.Any) -> int:
        """Make a callback that fails, and give its status."""
        return self.note(page.callback(*arguments, **keywords))

    def note(self, answer: CallbackAnswer) -> int:
        """Note the message of a call that failed, and give its status."""
        assert answer.error is not None
        self._messages.append(("message", answer.error["message"]))
        return answer.status

    def send(
        self, path: str = "/", headers: t.Any = (), **keywords: t.Any
    ) -> TestResponse:
        """Send a callback's request that no client script would send."""
        marked = {"X-Client-Callback": "1", **dict(headers)}
        return self.client.post(path, headers=marked, **keywords)


class Trial:
    """Brings symptoms about.

    :param clock: lets time pass.
    """

    def __init__(self, clock: pytest.MonkeyPatch) -> None:
        self.messages: list[Told] = []
        self._clock = clock

    def start(self, key: str | None = "a secret key", **said: t.Any) -> Tried:
        """Make an application."""
        return Tried(self.messages, key, **said)

    def pass_by(self, seconds: int) -> None:
        """Let time pass."""
        later = time.time() + seconds
        self._clock.setattr(time, "time", lambda: later)


def no_script(trial: Trial) -> None:
    tried = trial.start()
    template = "{{ get_callback_event_reference(current_page, 'x', 'show') }}"
    assert tried.page(template=template).status == 200


def no_values(trial: Trial) -> None:
    tried = trial.start()
    page = tried.page()
    page.form.clear()
    assert tried.call(page, "field") == 400


def exception(trial: Trial) -> None:
    tried = trial.start()
    page = tried.page()
    assert tried.call(page, "fail") == 500
    assert tried.call(page, "object") == 500


def page_that_fails(trial: Trial) -> None:
    assert trial.start(key=None).page().status == 500
    bare = Flask("app")
    bare.add_url_rule("/", view_func=callback_handler(Search).as_view("search"))
    assert bare.test_client().get("/").status_code == 500
    shared = trial.start()
    template = "{{ callback_fields() }}"
    shared.app.add_url_rule("/", "plain", lambda: render_template_string(template))
    assert shared.client.get("/").status_code == 500


def expired(trial: Trial) -> None:
    tried = trial.start()
    page = tried.page()
    trial.pass_by(13 * 60 * 60)
    assert tried.call(page) == 400


def rejected(trial: Trial) -> None:
    tried = trial.start()
    tried.call(tried.page(), target="nobody")
    data = {"__CALLBACKID": "__Page", "__CALLBACKPARAM": "x"}
    assert tried.client.post("/", data=data).status_code == 400

    def read(sender: Flask, **extra: t.Any) -> None:
        request.get_data(cache=False)

    with request_started.connected_to(read, tried.app):
        assert tried.send(data=data).status_code == 400

    wsgi_app = tried.app.wsgi_app

    def reading(environ: t.Any, start_response: t.Any) -> t.Any:
        environ["wsgi.input"].read()
        return wsgi_app(environ, start_response)

    tried.app.wsgi_app = reading  # type: ignore[method-assign]
    assert tried.send(data=data).status_code == 400


def forbidden(trial: Trial) -> None:
    tried = trial.start(event_validation=True)
    page = tried.page()
    tried.call(page, "other")

    for header in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert tried.send(headers=header).status_code == 403

    tried = trial.start()
    page = tried.page()
    tried.app.before_request_funcs[None] = [lambda: abort(403)]
    assert tried.call(page) == 403


def not_found(trial: Trial) -> None:
    @callback_method
    def find(page: t.Any) -> None:
        """May be called."""

    def page_init(page: t.Any) -> None:
        if "row" in request.args:
            current_page.add_control("row", Row())

    tried = trial.start()
    tried.app.add_url_rule("/save", "save", lambda: "", methods=["POST"])
    page = tried.page(page_init=page_init)
    assert tried.call(page, target="row") == 404
    page = tried.client.get_page("/?row")
    assert tried.call(page, target="row") == 404
    page = trial.start().page(find=find)
    assert page.call.fnd().status == 404
    assert tried.send("/save").status_code == 404


def not_allowed(trial: Trial) -> None:
    tried = trial.start()
    view = callback_handler(Search).as_view("search")
    tried.app.add_url_rule("/", view_func=view, methods=["GET"])
    assert tried.client.get_page("/").callback().status == 405
    tried = trial.start()
    tried.add()
    data = {"__EVENTTARGET": "__Page"}
    assert tried.client.post("/", data=data).status_code == 405
    assert tried.client.post("/", json={}).status_code == 405


def wrong_bodies(trial: Trial) -> None:
    tried = trial.start()
    tried.add()
    assert tried.send(data={"a": "x" * 2**20}).status_code == 413
    assert tried.send(data={f"f{n}": "" for n in range(1001)}).status_code == 413
    assert tried.send(json={}).status_code == 415
    response = tried.send(
        headers={"Transfer-Encoding": "chunked"},
        input_stream=io.BytesIO(b"x"),
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert response.status_code == 411


TOWN = """<form method="post">{{ callback_fields() }}<input name="town"></form>
<form><input name="city" value="Oslo"></form>{{ callback_scripts() }}"""
NO_FORM = '<input name="city" value="Oslo">{{ callback_scripts() }}'


@callback_method
def find(self: object, city: FromForm[str]) -> None:
    """Take a field of the form."""


@callback_method
def find_given(self: object, city: str) -> None:
    """Take what the call gives."""


def invalid(trial: Trial) -> None:
    for template in (TOWN, NO_FORM):
        tried = trial.start()
        tried.app.debug = True
        page = tried.page(template=template, find=find)
        assert tried.note(page.call.find()) == 422


def no_login(trial: Trial) -> None:
    tried = trial.start()
    page = tried.page()
    tried.app.before_request_funcs[None] = [lambda: abort(401)]
    assert tried.call(page) == 401


def foreign(trial: Trial) -> None:
    tried = trial.start()
    page = tried.page()
    tried.app.before_request_funcs[None] = [lambda: "<h1>Log in</h1>"]
    assert tried.call(page) == 502

    def page_load(page: t.Any) -> t.Any:
        return "loaded" if current_page.is_callback else None

    tried = trial.start()
    assert tried.call(tried.page(page_load=page_load)) == 502


def proxy(trial: Trial) -> None:
    tried = trial.start()
    page = tried.page()
    assert tried.send(headers={"Origin": "https://shop.example"}).status_code == 403
    tried.app.secret_key = "that of another worker"
    assert tried.call(page) == 400
    wsgi_app = tried.app.wsgi_app

    def cut(environ: t.Any, start_response: t.Any) -> t.Any:
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/de")
        return wsgi_app(environ, start_response)

    tried.app.wsgi_app = cut  # type: ignore[method-assign]
    assert tried.client.get("/de/").status_code == 200


def deploy(trial: Trial) -> None:
    tried = trial.start()
    page = tried.page()
    tried.app.secret_key = "a new one"
    assert tried.call(page) == 400
    old, new = trial.start(), trial.start()
    page = old.page()
    new.add(endpoint="find")
    data = {"__CALLBACKID": "__Page", "__CALLBACKPARAM": '""'}
    response = new.send(data={**data, "__VIEWSTATE": page.state})
    assert response.status_code == 400
    moved = trial.start()
    moved.add("/moved")
    response = moved.send(data={**data, "__VIEWSTATE": page.state})
    assert response.status_code == 404


TRIED: dict[str, t.Callable[[Trial], None]] = {
    "The console says that something is not defined": no_script,
    "The handler gets no values": no_values,
    "500, or: The server could not complete the call": exception,
    "The page itself is a 500": page_that_fails,
    "400, or: This page is out of date": expired,
    "400, or: The request was rejected": rejected,
    "403": forbidden,
    "404": not_found,
    "405": not_allowed,
    "411, 413 or 415": wrong_bodies,
    "422, or: Invalid input": invalid,
    "401, or the login page appears": no_login,
    "502, or an answer that is not a callback's": foreign,
    "It works on my machine, but not behind nginx": proxy,
    "It worked until a deploy": deploy,
}


def told_by(records: list[logging.LogRecord]) -> t.Iterator[Told]:
    """List what a log has, each line of a traceback too."""
    for record in records:
        yield "log, INFO" if record.levelno == logging.INFO else "log", record.message

        if record.exc_info:
            for part in traceback.format_exception(record.exc_info[1]):
                for line in part.splitlines():
                    yield "log", re.sub(r"[0-9a-f]{16}\.$", "0123456789abcdef.", line)


def test_sections() -> None:
    """Each section that quotes the server is tried."""
    check_headings(QUOTED, TRIED)


@pytest.mark.parametrize("heading", TRIED)
def test_quotes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, heading: str
) -> None:
    """What a section quotes is logged, or answered, by what it is about."""
    caplog.set_level(logging.INFO, logger.name)
    trial = Trial(monkeypatch)
    TRIED[heading](trial)
    check_quotes(QUOTED[heading], [*trial.messages, *told_by(caplog.records)])


def test_missing_values(caplog: pytest.LogCaptureFixture) -> None:
    """The line of a field that was not sent ends there if others were."""
    tried = Tried([], "a secret key")
    assert tried.call(tried.page(), "field") == 400
    [line] = caplog.messages
    assert line.endswith("'city': not sent")


def test_causes_that_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The log has nothing of what the application itself refuses in a handler, or of a
    form that names no target.
    """
    caplog.set_level(logging.INFO, logger.name)
    tried = Tried([], "a secret key")

    def refuse(self: object, event_argument: str) -> None:
        abort(int(event_argument))

    page = tried.page(raise_callback_event=refuse)
    assert [tried.call(page, status) for status in ("403", "404")] == [403, 404]
    assert tried.client.post("/", data={"city": "Oslo"}).status_code == 405
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("method", "template", "end"),
    [
        (find_given, TOWN.replace("town", "city"), "'This field is required.']}"),
        (
            find,
            TOWN.replace("</f", '<input name="city" disabled></f', 1),
            "has 'town'.",
        ),
        (find, TOWN.replace('<input name="town">', ""), "with callback_fields()."),
    ],
    ids=["no FromForm", "disabled", "another form"],
)
def test_field_that_is_required(
    caplog: pytest.LogCaptureFixture, method: t.Any, template: str, end: str
) -> None:
    """What the end of the line says, if the field is filled in."""
    tried = Tried([], "a secret key")
    tried.app.debug = True
    name = method.__name__
    page = tried.page(template=template, **{name: method})
    assert getattr(page.call, name)().status == 422
    [line] = caplog.messages
    assert line.endswith(end)


def test_reasons(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The reasons that the table has are those of pages that are out of date."""
    trial = Trial(monkeypatch)
    tried = trial.start(event_validation=True)
    tried.add(template="{{ callback_fields() }}{{ callback_scripts() }}")
    tried.add("/other", "other")
    tried.app.add_url_rule("/login", "login", lambda: session.update(user="Ada") or "")

    def spoil(state: str | None = None, events: str | None = None) -> None:
        page = tried.client.get_page("/")
        page.state = page.state if state is None else state
        page.events = page.events if events is None else events
        assert tried.call(page) == 400

    spoil(state="")
    spoil(state="forged")
    spoil(state=tried.client.get_page("/other").state)
    spoil(events="")
    spoil(events=tried.client.get_page("/").events)
    tried.client.get("/login")
    page = tried.client.get_page("/")
    tried.client.delete_cookie("session")
    assert tried.call(page) == 400
    kept = trial.start()
    store = kept.app.config["CLIENTCALLBACK_STORE"] = MemoryStore()
    kept.app.config["CLIENTCALLBACK_STORE_VIEW_STATE_FROM"] = 1
    large = kept.page()
    [key] = store.keys()
    store.set(key, b'{"changed":1}', 60)
    assert kept.call(large) == 400
    store.delete(key)
    assert kept.call(large) == 400
    trial.pass_by(13 * 60 * 60)
    assert tried.call(page) == 400
    trial.pass_by(-26 * 60 * 60)
    assert tried.call(page) == 400
    found = {re.sub(r".* stale: (.+) \(endpoint.*", r"\1", m) for m in caplog.messages}
    assert found == reasons()


@pytest.mark.parametrize("asks", [False, True])
def test_log_in_the_terminal(tmp_path: Path, asks: bool) -> None:
    """Without any set-up warnings are written as they are; lines of the level INFO are
    if they are asked for as the page shows.
    """
    [block] = blocks(PAGE, "app.py")
    code = (
        "from flask_clientcallback.globals import logger\n"
        "logger.warning('a warning')\n"
        "logger.info('a note')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", (block.code if asks else "") + code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    if asks:
        assert "a warning" in done.stderr and "a note" in done.stderr
    else:
        assert done.stderr == "a warning\n"


def test_end_of_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """The last line has the id that the page gets, and the one before it says so if a
    result cannot be written.
    """
    tried = Tried([], "a secret key")
    error = tried.page().callback("object").error
    assert error is not None
    before, last = caplog.text.splitlines()[-2:]
    assert before.endswith("return text, numbers, lists and dictionaries.")
    assert last == f"The client callback's error id is {error['id']}."
