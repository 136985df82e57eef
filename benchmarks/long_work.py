"""Times work that takes longer than a moment beside an ordinary callback: a handler
that yields its progress, and a page that follows a background job. Then what it takes
to keep a value in the store, and to get it.
"""

from __future__ import annotations

import itertools
import json
import os
import tempfile
import threading
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from time import thread_time_ns

import hot_spots
from cachelib.file import FileSystemCache
from calls import BROWSER_HEADERS
from calls import Call
from calls import repeatable
from flask import Flask
from flask import render_template_string
from flask.views import MethodView
from measure import describe_machine
from measure import format_table
from measure import make_parser
from measure import take_turns
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from flask_clientcallback import background
from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import Job
from flask_clientcallback.protocol.answers import ACCEPTED
from flask_clientcallback.state.stores import RedisStore
from flask_clientcallback.state.stores import SQLiteStore
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

BATCH = 10
STORE_BATCH = 64
"""So that each turn of SQLite has its share of deleting what has expired."""
PARTS = (0, 1, 10, 100, 1000)
SIZES = (1, 16, 64)
"""Kilobytes of a value."""
TTL = 3600

ORDINARY = "ordinary callback"
ORDINARY_IN_SESSION = f"{ORDINARY}, session in use"
POLL = "poll of a running job"
POLL_IN_SESSION = f"{POLL}, session in use"
STREAMED = {total: f"parts streamed: {total:,}" for total in PARTS}
DRAINED = {total: f"parts drained: {total:,}" for total in PARTS}
REFERENCES = {
    **dict.fromkeys((ORDINARY, *STREAMED.values(), *DRAINED.values()), ORDINARY),
    POLL: ORDINARY,
    **dict.fromkeys((ORDINARY_IN_SESSION, POLL_IN_SESSION), ORDINARY_IN_SESSION),
}
"""What each call is compared with."""
GOALS = {
    **dict(zip(STREAMED.values(), (1.05, 1.3, 1.5, 2.6, 16.0), strict=True)),
    **dict(zip(DRAINED.values(), (1.05, 1.1, 1.1, 1.15, 1.6), strict=True)),
    POLL: 1.5,
}
"""The ratios to reach."""
STORE_GOALS = {"set": (0.14, 0.17, 0.57), "get": (0.03, 0.06, 0.25)}
"""The same for SQLite, with a value of each size."""

Calls = dict[str, Callable[[], object]]


class Page(MethodView):
    """What all pages here have."""

    def get(self) -> str:
        return render_template_string("{{ callback_fields() }}{{ callback_scripts() }}")


@callback_handler
class Ordinary(Page):
    """Answers at once."""

    def raise_callback_event(self, event_argument: str) -> dict[str, int]:
        return {"done": int(event_argument)}


@callback_handler
class Yielding(Page):
    """Tells its progress before it answers the same."""

    def raise_callback_event(self, event_argument: str) -> Iterator[float]:
        total = int(event_argument)

        for done in range(total):
            yield done / total

        return {"done": total}


job_may_end = threading.Event()


@background
def wait() -> Iterator[float]:
    """Be a job that runs, and takes no time of the processor."""
    yield 0.5
    job_may_end.wait()


@callback_handler
class Starting(Page):
    """Starts a job."""

    def raise_callback_event(self, event_argument: str) -> Job[t.Any]:
        return current_page.start_job(wait)


def make_app(folder: Path, user_key: Callable[[], None] | None = None) -> Flask:
    """Make the application, with the store of the default in a folder.

    :param user_key: tells the user, in the place of a session.
    """
    app = Flask("long_work", instance_path=str(folder))
    app.secret_key = "a long random value stands here in an application"
    ClientCallback(app, user_key=user_key)

    for view_class in (Ordinary, Yielding, Starting):
        name = view_class.__name__.lower()
        app.add_url_rule(f"/{name}", view_func=view_class.as_view(name))

    return app


def prepare(
    app: Flask, page: ClientPage, argument: str, target: str = "__Page", **more: str
) -> Call:
    """Give the function that makes a call.

    :param more: headers beside those of a browser.
    """
    builder = EnvironBuilder(
        page.response.request.path,
        method="POST",
        data={
            "__CALLBACKID": target,
            "__CALLBACKPARAM": json.dumps(argument),
            "__VIEWSTATE": str(page.state),
        },
        headers=Headers({**BROWSER_HEADERS, "X-Client-Callback": "1", **more}),
    )
    return repeatable(app, builder.get_environ())


def require(name: str, answer: bytes, lines: int, last: object) -> None:
    """See that a call does its job before it is timed."""
    text = answer.decode().removesuffix("\n").split("\n")

    if len(text) != lines or json.loads(text[-1]) != last:
        raise SystemExit(f"{name} answers {answer!r}")


def make_calls(folder: Path) -> Calls:
    """Prepare all calls, with what is kept for them in a folder."""
    app = make_app(folder / "session")
    client = CallbackClient(app)
    ordinary, yielding = client.get_page("/ordinary"), client.get_page("/yielding")
    calls: dict[str, Call] = {ORDINARY: prepare(app, ordinary, "1")}
    require(ORDINARY, calls[ORDINARY](), 1, {"result": {"done": 1}})

    for total in PARTS:
        streamed = prepare(app, yielding, str(total), Accept=ACCEPTED)
        drained = prepare(app, yielding, str(total))
        result = {"result": {"done": total}}
        require(STREAMED[total], streamed(), total + 1, result)
        require(DRAINED[total], drained(), 1, result)
        calls |= {STREAMED[total]: streamed, DRAINED[total]: drained}

    unknown = make_app(folder / "no session", user_key=lambda: None)
    calls[POLL] = make_poll(unknown, CallbackClient(unknown))
    calls[POLL_IN_SESSION] = make_poll(app, client)
    # It began a session, as nothing else tells the user.
    in_session = prepare(app, client.get_page("/ordinary"), "1", **cookies(client))
    require(ORDINARY_IN_SESSION, in_session(), 1, {"result": {"done": 1}})
    calls[ORDINARY_IN_SESSION] = in_session
    return dict(calls)


def make_poll(app: Flask, client: CallbackClient) -> Call:
    """Start a job, and give the function that follows it once."""
    page = client.get_page("/starting")
    job = page.callback().job
    assert job is not None
    poll = prepare(app, page, job.id, "__Job", **cookies(client))

    while (told := json.loads(poll())["job"])["progress"] is None:
        # Its thread has just begun.
        sleep(0.01)

    if told["state"] != "running":
        raise SystemExit(f"The job is {told}")

    return poll


def cookies(client: CallbackClient) -> dict[str, str]:
    """Give the header with a client's session, if it has one."""
    cookie = client.get_cookie("session")
    return {} if cookie is None else {"Cookie": f"session={cookie.value}"}


def write_calls(times: dict[str, list[float]]) -> str:
    """Write what the calls take, with the ratios to the ordinary ones."""
    rows: list[tuple[str, ...]] = []

    for name, reference in REFERENCES.items():
        ratio = min(times[name]) / min(times[reference])
        goal = f"{GOALS[name]:.2f}" if name in GOALS else ""
        rows.append((name, f"{min(times[name]):.1f}", f"{ratio:.2f}", goal))

    return format_table(("", "microseconds", "ratio", "goal"), rows)


def make_stores(folder: Path, redis: str | None) -> dict[str, tuple[t.Any, t.Any]]:
    """Make the stores, each as what sets a value and what gets it."""
    sqlite = SQLiteStore(folder / "values.sqlite3")
    files = FileSystemCache(str(folder / "values"), threshold=0)
    stores: dict[str, tuple[t.Any, t.Any]] = {
        "SQLite": (lambda key, value: sqlite.set(key, value, TTL), sqlite.get),
        "cachelib's files": (
            lambda key, value: files.set(key, value, TTL),
            files.get,
        ),
    }

    if redis is not None:
        server = RedisStore(redis)
        stores["Redis"] = (lambda key, value: server.set(key, value, TTL), server.get)

    return stores


def measure_stores(
    stores: dict[str, tuple[t.Any, t.Any]], ordinary: Call, *, rounds: int
) -> str:
    """Time all stores with values of each size and write the table.

    :param ordinary: the ordinary callback, with which SQLite is compared.
    """
    calls: Calls = {ORDINARY: ordinary}

    for size in SIZES:
        value = os.urandom(size * 1024)
        # A store need not write what is there.
        others = itertools.cycle([os.urandom(size * 1024) for _ in range(2)])

        for name, (set_value, get_value) in stores.items():
            key = f"clientcallback:benchmark:{size}"
            set_value(key, value)

            if get_value(key) != value:
                raise SystemExit(f"{name} gives another value than it was given.")

            calls[f"{name} set {size}"] = lambda s=set_value, k=key, o=others: s(
                k, next(o)
            )
            calls[f"{name} get {size}"] = lambda g=get_value, k=key: g(k)

    times = take_turns(calls, rounds=rounds, batch=STORE_BATCH, clock=thread_time_ns)
    rows = [
        (
            f"{name}, {verb}",
            *(f"{min(times[f'{name} {verb} {size}']):.1f}" for size in SIZES),
        )
        for name in stores
        for verb in ("set", "get")
    ]

    for verb, goals in STORE_GOALS.items():
        ratios = [
            min(times[f"SQLite {verb} {size}"]) / min(times[ORDINARY]) for size in SIZES
        ]
        rows.append((f"SQLite, {verb}: ratio", *(f"{ratio:.2f}" for ratio in ratios)))
        rows.append(("goal", *(f"{goal:.2f}" for goal in goals)))

    return format_table(("microseconds", *(f"{size} KB" for size in SIZES)), rows)


def main() -> None:
    """Print both tables, or where the time of one call goes."""
    parser = make_parser(__doc__, rounds=200)
    parser.add_argument("--redis", metavar="URL", help="measure this Redis too")
    parser.add_argument(
        "--profile",
        choices=REFERENCES,
        help="print where the time of one of the calls goes instead",
    )
    arguments = parser.parse_args()
    rounds: int = arguments.rounds
    print(describe_machine())
    print()

    # The process that runs a job may still write its file when the folder goes.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        calls = make_calls(folder)

        try:
            if arguments.profile:
                print(hot_spots.describe(calls[arguments.profile], calls=rounds * 5))
                return

            times = take_turns(calls, rounds=rounds, batch=BATCH, clock=thread_time_ns)
            print(write_calls(times))
            print()
            stores = make_stores(folder, arguments.redis)
            print(measure_stores(stores, calls[ORDINARY], rounds=rounds))
        finally:
            job_may_end.set()


if __name__ == "__main__":
    main()
