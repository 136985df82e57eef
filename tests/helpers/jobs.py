"""A page that starts background jobs, and the functions that these run."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
import typing as t
from collections.abc import AsyncIterator
from collections.abc import Iterator
from pathlib import Path

from flask import abort
from flask import current_app
from flask import Flask
from flask import has_request_context
from flask import redirect
from flask import render_template_string
from markupsafe import Markup

from flask_clientcallback import background
from flask_clientcallback import BackgroundFunction
from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import Job
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage
from flask_clientcallback.testing import MemoryStore

from .pages import Page

SECRET = "a secret key of the tests"
Answer = dict[str, t.Any]
WORKER = """
import signal
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])

from tests.helpers.jobs import make_app
from flask_clientcallback import run_job

# What a shell runs in the background ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)
app = make_app(Path(sys.argv[2]))

with app.app_context():
    run_job(sys.argv[3])
"""


def note(path: str, line: str) -> None:
    """Note in a file what happens, whichever process it happens in."""
    with Path(path).open("a") as journal:
        journal.write(f"{line}\n")


def noted(path: Path) -> list[str]:
    """Read what happened."""
    return path.read_text().split("\n")[:-1] if path.exists() else []


@background
def add(one: int, other: int = 0) -> int:
    """Add two numbers."""
    return one + other


@background
def count(total: int) -> Iterator[float]:
    """Tell progress, and give the total."""
    for done in range(total):
        yield done / total

    return {"counted": total}


def wait_for_file(path: str) -> Iterator[t.Any]:
    """Yield until a file is there."""
    while not Path(path).exists():
        yield None
        time.sleep(0.01)


@background
def wait(folder: str, name: str = "job", last: str = "end") -> Iterator[str]:
    """Note when it begins and how it ends, and wait for a file in between."""
    journal = f"{folder}/journal"
    note(journal, f"{name} begins")
    end = "is left"

    try:
        yield f"{name} waits"
        yield from wait_for_file(f"{folder}/{last}")
        end = "ends"
        return name
    finally:
        note(journal, f"{name} {end}")


def _same_as_wait(overlap: t.Any, name: str) -> BackgroundFunction[..., t.Any, t.Any]:
    def waits(*args: str) -> t.Any:
        return wait(*args)

    waits.__name__ = waits.__qualname__ = name
    return background(overlap=overlap)(waits)


keep = _same_as_wait("keep", "keep")
replace = _same_as_wait("replace", "replace")
refuse = _same_as_wait("refuse", "refuse")


@background
def linger(folder: str, name: str, seconds: float) -> Iterator[float]:
    """Note when it begins, and take some time."""
    note(f"{folder}/journal", f"{name} begins")
    begun = time.monotonic()

    while (spent := time.monotonic() - begun) < seconds:
        yield spent / seconds
        time.sleep(0.05)

    return name


@background
async def later(value: t.Any) -> t.Any:
    """Give a value from a coroutine function."""
    return [value]


@background
async def later_parts(total: int) -> AsyncIterator[int]:
    """Tell progress as an asynchronous generator."""
    for done in range(total):
        yield done


@background
async def wait_later(folder: str) -> AsyncIterator[None]:
    """Note how it ends, and wait as an asynchronous generator."""
    try:
        while True:
            yield
            await asyncio.sleep(0.01)
    finally:
        await asyncio.sleep(0)
        note(f"{folder}/journal", "is left")


@background
def tell_error(kind: str) -> t.Any:
    """Fail in one of the ways that say what the user is told."""
    if kind == "fields":
        raise CallbackError("Check.", fields={"year": "Too late."})

    if kind == "status":
        raise CallbackError("Closed.", 409)

    if kind == "abort":
        abort(403, "Not yours.")

    if kind == "redirect":
        abort(redirect("/elsewhere"))

    if kind == "login":
        raise CallbackError("Log in.", 401)

    raise KeyError("a secret of the server")


@background
def give(kind: str) -> t.Any:
    """Give a value of some kind."""
    return {
        "html": Markup("<b>bold</b>"),
        "large": "x" * 2000,
        "number": float("nan"),
        "none": None,
        "object": object(),
        "text": "Grüße",
    }[kind]


@background
def two_parts(folder: str) -> Iterator[str]:
    """Yield two parts at once, and then none for long."""
    yield "first"
    yield "second"

    while not Path(folder, "end").exists():
        time.sleep(0.01)

    return "done"


@background
def yield_much(size: int) -> Iterator[str]:
    """Tell long progress."""
    yield "x" * size
    return size


@background
def yield_much_later(size: int) -> Iterator[str | None]:
    """Tell it right after other progress, with a bare yield when it is due."""
    yield "first"
    yield "x" * size
    time.sleep(0.3)
    yield None
    return size


@background
def look_around() -> list[bool]:
    """Tell what a job has around it."""
    return [has_request_context(), bool(current_page), current_app.debug]


@background
def sleep_and_tell(journal: str) -> str:
    """Go on without a yield until a file is there."""
    note(journal, "begins")

    while not Path(f"{journal}.end").exists():
        time.sleep(0.01)

    return "done"


@background(overlap="keep")
def keep_without_yield(journal: str) -> str:
    """Do the same, and be given to all who start it."""
    return sleep_and_tell(journal)


FUNCTIONS: dict[str, BackgroundFunction[..., t.Any, t.Any]] = {
    "add": add,
    "count": count,
    "give": give,
    "keep": keep,
    "keep_without_yield": keep_without_yield,
    "later": later,
    "linger": linger,
    "later_parts": later_parts,
    "look_around": look_around,
    "refuse": refuse,
    "replace": replace,
    "sleep_and_tell": sleep_and_tell,
    "tell_error": tell_error,
    "two_parts": two_parts,
    "wait": wait,
    "wait_later": wait_later,
    "yield_much": yield_much,
    "yield_much_later": yield_much_later,
}


class ExpiringStore(MemoryStore):
    """Keeps values whose time is over as soon as somebody has found them there.

    :param prefix: that of their keys.
    """

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix
        self._is_found = False

    def add(self, key: str, value: bytes, ttl: float) -> bool:
        """Keep a value, and tell whether there was none."""
        is_added = super().add(key, value, ttl)
        self._is_found = key.startswith(self._prefix) and not is_added
        return is_added

    def get(self, key: str) -> bytes | None:
        """Get a value, unless it was found just now."""
        if self._is_found and key.startswith(self._prefix):
            self._is_found = False
            self.delete(key)

        return super().get(key)


@callback_handler
class Desk(Page):
    """Starts the job that the argument names, with the arguments that follow."""

    def get(self) -> str:
        job = current_page.find_job(wait)
        current_page.client_script.register_hidden_field(
            "found", "" if job is None else f"{job.id} {job.state}"
        )
        return render_template_string(self.template)

    def raise_callback_event(self, event_argument: str) -> Job[t.Any] | None:
        name, *arguments = json.loads(event_argument)

        if name == "find":
            job = current_page.find_job(FUNCTIONS[arguments[0]])
            self.found = job
            return job

        return current_page.start_job(FUNCTIONS[name], *arguments)


def make_app(folder: Path, start_job: t.Any = None, **config: t.Any) -> Flask:
    """Make an application with that page, and a store in a folder."""
    app = Flask(__name__, instance_path=str(folder))
    app.secret_key = SECRET
    app.config.update(config)
    app.test_client_class = CallbackClient
    ClientCallback(app, start_job=start_job)
    app.add_url_rule("/", view_func=Desk.as_view("desk"))
    app.add_url_rule("/other", view_func=Desk.as_view("other"))
    return app


def start(page: ClientPage, *asked: t.Any) -> Answer:
    """Start a job, and give what the page is told."""
    return read(page.callback(json.dumps(asked)))


def poll(page: ClientPage, job_id: str) -> Answer:
    """Follow a job once. What follows the id may be an order."""
    return read(page.callback(job_id, target="__Job"))


def read(answer: t.Any) -> Answer:
    """Read an answer as it was sent, with its status."""
    return {**json.loads(answer.response.text), "status": answer.status}


def follow(page: ClientPage, answer: Answer, seconds: float = 20) -> Answer:
    """Follow a job to its end."""
    until = time.monotonic() + seconds

    while "job" in answer:
        assert time.monotonic() < until, answer
        time.sleep(0.01)
        answer = poll(page, answer["job"]["id"])

    return answer


def run_elsewhere(folder: Path, job_id: str) -> subprocess.Popen[bytes]:
    """Run a job in a process of its own."""
    project = Path(__file__).parents[2]
    command = [sys.executable, "-c", WORKER, str(project), str(folder), job_id]
    return subprocess.Popen(command, env={**os.environ, "PYTHONWARNINGS": "ignore"})


def forget_processes(folder: Path) -> None:
    """Let the signs of all processes end, as they do when these are killed."""
    store = sqlite3.connect(folder / "clientcallback.sqlite3")

    with store:
        store.execute("DELETE FROM entries WHERE key LIKE 'clientcallback:process:%'")

    store.close()


def wait_until(condition: t.Callable[[], t.Any], seconds: float = 20) -> None:
    """Wait for what comes by itself."""
    until = time.monotonic() + seconds

    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def job_threads() -> list[threading.Thread]:
    """List the threads that run jobs."""
    name = "clientcallback job"
    return [one for one in threading.enumerate() if one.name.startswith(name)]
