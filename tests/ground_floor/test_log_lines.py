"""What the log gets: one line each, with no control characters in it."""

from __future__ import annotations

import logging
import typing as t

import pytest
from flask import abort
from flask import Flask
from flask import redirect
from flask import request
from flask import Response
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_clientcallback import current_page
from flask_clientcallback.globals import logger
from flask_clientcallback.globals import one_line
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Echo

FORGED = "x\n2026 ERROR\r\x1b[2J\x00\x7f\x85\u2028\u2029\u202e\u2066\ufeff\ud800y"
WRITTEN = r"x\n2026 ERROR\r\x1b[2J\x00\x7f\x85\u2028\u2029\u202e\u2066\ufeff\ud800y"

anything = st.text(st.characters(exclude_categories=()))


@pytest.fixture
def records() -> t.Iterator[list[logging.LogRecord]]:
    """What handlers of the package's logger get."""
    got: list[logging.LogRecord] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            got.append(record)

    handler = Handler()
    logger.addHandler(handler)
    yield got
    logger.removeHandler(handler)


@example(FORGED)
@example("%s \n %(x)s")
@example("plain, äöü 東京 😀")
@given(anything)
def test_one_line(text: str) -> None:
    """A text becomes one printable line; one that is so stays as it is."""
    written = one_line(text)
    assert written.isprintable()
    assert len(written.splitlines()) <= 1
    assert (written == text) is text.isprintable()


def test_written_characters() -> None:
    """What cannot be printed is written as Python writes it, and what is no text as its
    text.
    """
    assert one_line(FORGED) == WRITTEN
    assert one_line(None) == "None"


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("said %s, %d times", (FORGED, 2)),
        (FORGED, ()),
        ("%%s %s", (FORGED,)),
        ("%(what)s", ({"what": FORGED},)),
    ],
)
def test_lines_of_the_package(
    records: list[logging.LogRecord],
    caplog: pytest.LogCaptureFixture,
    level: str,
    message: str,
    arguments: tuple[t.Any, ...],
) -> None:
    """It does not matter which part of a line it is."""
    with caplog.at_level(logging.DEBUG, logger.name):
        getattr(logger, level)(message, *arguments)

    [record] = records
    assert record.getMessage().isprintable()
    assert WRITTEN in record.getMessage()
    assert logging.Formatter().format(record) == record.getMessage()


def test_parts_of_a_good_line_stay(records: list[logging.LogRecord]) -> None:
    """What needs no mending still has its parts, for handlers that group by them."""
    logger.warning("refused %d times by %s", 2, "me")
    [record] = records
    assert (record.msg, record.args) == ("refused %d times by %s", (2, "me"))


def test_refusal(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing that a client or a proxy says of itself begins another line."""
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    app.add_url_rule("/", view_func=Echo.as_view("shop"), endpoint="sh\nop")
    response = client.post(
        "/",
        headers={"X-Client-Callback": "1"},
        environ_overrides={"HTTP_X_FORWARDED_FOR": "6\n6\x1b[2J"},
    )
    assert response.status_code == 411
    [line] = caplog.messages
    assert line.isprintable()
    assert line.endswith(r"(endpoint sh\nop, address 6\n6\x1b[2J)")


@pytest.mark.parametrize(
    ("work", "line"),
    [
        (lambda: redirect("/login", 302), "302 with text/html; charset=utf-8"),
        (lambda: abort(403), "403 with text/html; charset=utf-8"),
        (lambda: Response(status=204, content_type=""), "204 with nothing"),
    ],
)
def test_replaced_answer(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    work: t.Callable[[], t.Any],
    line: str,
) -> None:
    """Which answer of somebody else is replaced is told at the level of debugging."""
    caplog.set_level(logging.DEBUG, logger.name)
    add_page(app, Echo)
    app.before_request(lambda: work() if request.method == "POST" else None)
    page = client.get_page("/")
    assert page.callback("x").result is None
    told = [r.getMessage() for r in caplog.records if r.levelno == logging.DEBUG]
    assert told == [f"Replaced an answer to a callback: {line}, endpoint echo"]


def test_answer_to_an_exception(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception of the page is not taken for an answer of somebody else."""

    class Failing(Echo):
        def raise_callback_event(self, event_argument: str) -> t.NoReturn:
            raise LookupError

    caplog.set_level(logging.INFO, logger.name)
    add_page(app, Failing)
    assert client.get_page("/").callback("x").status == 500
    told = [r.getMessage() for r in caplog.records if r.name == logger.name]
    assert told == [
        "A callback raised an exception, and was answered: 500 with text/html;"
        " charset=utf-8, endpoint failing"
    ]


def test_registered_key(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does what a page registers."""

    class Registering(Echo):
        template = ""

        def page_load(self) -> None:
            current_page.client_script.register_startup_script("ke\ny", "f()")

    add_page(app, Registering)
    client.get("/")
    assert caplog.messages
    assert all(line.isprintable() for line in caplog.messages)
    assert r"ke\ny" in caplog.text


def test_crash_below(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does the address of a request for which a middleware crashed."""

    def crash(environ: t.Any, start_response: t.Any) -> t.Any:
        raise ZeroDivisionError

    app.wsgi_app._wsgi_app = crash  # type: ignore[attr-defined]
    response = client.post(
        "/a%0A2026%20ERROR%1B%5B2J%E2%80%A8%E2%80%AEb",
        headers={"X-Client-Callback": "1"},
    )
    assert response.status_code == 500
    [line] = caplog.messages
    assert line.isprintable()
    assert line.startswith(r"Exception on /a\n2026 ERROR\x1b[2J")
