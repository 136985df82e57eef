"""An application for load: users with a session, a state that counts their calls,
and a handler that takes a moment. Some pages are bad on purpose, so that the tests
can show that they would notice.

A server that starts in this folder finds it as ``application:make_served_app()``.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
import typing as t
from pathlib import Path

from flask import Flask
from flask import g
from flask import render_template_string
from flask import session
from flask.views import MethodView

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page

JOURNAL_VARIABLE = "LOAD_JOURNAL"
"""Names the file that says which worker began which call."""
LOADED = "The application is loaded."
"""What each worker writes to the server's log when it can answer."""
PAUSE = 0.002
"""Seconds that a handler takes at most, so that calls overlap."""
TEMPLATE = """
<!doctype html>
<form>{{ callback_fields() }}<input name="note" value="nothing"></form>
{{ callback_scripts() }}
"""


@callback_handler
class Desk(MethodView):
    """Answers with who asked and what. Between its two methods, the call of another
    user may run.
    """

    def get(self) -> str:
        return render_template_string(TEMPLATE)

    def raise_callback_event(self, event_argument: str) -> None:
        write_journal(event_argument)
        current_page.view_state["count"] = current_page.view_state.get("count", 0) + 1
        self.asked: dict[str, t.Any] = {
            "user": session["user"],
            "argument": event_argument,
        }
        time.sleep(random.random() * PAUSE)

    def get_callback_result(self) -> dict[str, t.Any]:
        return {
            **self.asked,
            "note": current_page.form["note"],
            "count": current_page.view_state["count"],
        }


class SharedDesk(Desk):
    """Bad on purpose: what one user asked may be handed to another."""

    asked_last: t.ClassVar[dict[str, t.Any]] = {}

    def get_callback_result(self) -> dict[str, t.Any]:
        self.asked = self.asked_last
        return super().get_callback_result()

    def raise_callback_event(self, event_argument: str) -> None:
        self.asked_last.update(user=session["user"], argument=event_argument)
        super().raise_callback_event(event_argument)


class LeakyDesk(Desk):
    """Bad on purpose: each call leaves memory behind, and an open file."""

    left: t.ClassVar[list[tuple[bytes, int]]] = []

    def raise_callback_event(self, event_argument: str) -> None:
        self.left.append((os.urandom(100_000), os.dup(1)))
        super().raise_callback_event(event_argument)


class FailingDesk(Desk):
    """Raises, as handlers do now and then."""

    def raise_callback_event(self, event_argument: str) -> None:
        raise LookupError(event_argument)


class Working(Desk):
    """Works until it is told to go on, and tells the journal how its request ends."""

    def raise_callback_event(self, event_argument: str) -> t.Iterator[int | None]:
        g.works = True

        if event_argument == "first":
            write_journal("began")
            wait_at_gate("first")

        yield 1

        try:
            if event_argument == "beat":
                while True:
                    time.sleep(0.02)
                    yield

            wait_at_gate("second")
            yield 2
            wait_at_gate("end")
            write_journal("worked")
        except GeneratorExit:
            write_journal("left")
            raise

    def get_callback_result(self) -> t.Any:
        return "done"


class WorkingForOne(Working):
    """The same, and gives what was asked."""

    def raise_callback_event(self, event_argument: str) -> t.Iterator[int | None]:
        write_journal(event_argument)
        self.asked_for = event_argument
        yield from super().raise_callback_event(event_argument)

    def get_callback_result(self) -> t.Any:
        return self.asked_for


class WorkingAsync(Desk):
    """Works in an event loop."""

    async def raise_callback_event(self, event_argument: str) -> t.AsyncIterator[int]:
        yield 1
        write_journal("waits")

        while not is_open("end"):
            await asyncio.sleep(0.02)

        yield 2

    def get_callback_result(self) -> t.Any:
        return "done"


def note_end(error: BaseException | None) -> None:
    """Tell the journal what the end of a request is told."""
    if g.pop("works", False):
        write_journal(f"ended-{type(error).__name__}")


def enter(user: str) -> tuple[str, int]:
    """Begin a user's session."""
    session["user"] = user
    return "", 204


def make_app() -> Flask:
    """Make the application."""
    app = Flask(__name__)
    app.secret_key = "the secret key of all servers of the load tests"
    ClientCallback(app)
    app.add_url_rule("/enter/<user>", view_func=enter)
    app.teardown_request(note_end)

    for path, view_class in (
        ("/", Desk),
        ("/shared", SharedDesk),
        ("/leaky", LeakyDesk),
        ("/failing", FailingDesk),
        ("/working", Working),
        ("/working-for-one", WorkingForOne),
        ("/working-async", WorkingAsync),
    ):
        app.add_url_rule(path, view_func=view_class.as_view(view_class.__name__))

    return app


def make_served_app() -> Flask:
    """Make the application for a worker, and tell that it is there."""
    app = make_app()
    print(LOADED, flush=True)
    return app


def gate(folder: Path, name: str) -> Path:
    """Give the file that is there when a gate is open."""
    return folder / f"gate-{name}"


def is_open(name: str) -> bool:
    """Tell whether a test has opened a gate."""
    return gate(Path(os.environ[JOURNAL_VARIABLE]).parent, name).exists()


def wait_at_gate(name: str) -> None:
    """Wait until a test opens a gate."""
    end = time.monotonic() + 20

    while not is_open(name):
        assert time.monotonic() < end, f"The gate {name} stayed closed."
        time.sleep(0.005)


def write_journal(argument: str) -> None:
    """Note that this process began a call. Writes that append do not mix."""
    path = os.environ.get(JOURNAL_VARIABLE)

    if path is not None:
        with open(path, "ab", buffering=0) as journal:
            journal.write(f"{os.getpid()} {argument}\n".encode())
