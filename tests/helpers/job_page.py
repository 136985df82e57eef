"""A page that starts a background job, for tests in a browser that follow it."""

from __future__ import annotations

import json
import threading
import time
import typing as t
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl

from flask import Flask
from flask import render_template_string
from flask import Response
from flask.views import MethodView
from playwright.sync_api import Page

from flask_clientcallback import background
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import Job
from flask_clientcallback.typing import Overlap

from ..engines.expectations import expect
from .jobs import note
from .jobs import noted
from .jobs import SECRET
from .jobs import wait_for_file
from .jobs import wait_until
from .strict_page import POLICY

INTERRUPTED = "server 500 The work was interrupted."
CANCELLED = "abort 409 The work was cancelled."
SECOND = '{"text":"Häl\\nf","value":0.5}'
"""The second part that the job tells, as the page writes it."""
LAYOUT = """<!doctype html>
<link rel="icon" href="data:,">
<form method="post">{{ callback_fields() }}
  <label>Year <input {{ callback_field("year", "2027") }}></label>
  {{ callback_error("year") }}
  <button id="work" {{ callback_attributes(current_page, method="work",
    progress="bar", on_progress="part", output="result", on_result="done",
    on_error="failed", postback=true) }}>Work</button>
  <button id="cancel" {{ callback_attributes(current_page, method="cancel",
    policy="parallel") }}>Cancel</button>
  <progress id="bar" hidden></progress>
  {{ callback_error() }}
</form>
{% if job %}
  <p id="found" {{ callback_attributes("__Job", job.id, event="load", progress="bar",
    on_progress="part", output="result", on_result="done", on_error="failed") }}>
    {{ job.state }}</p>
{% endif %}
<output id="result">{{ job.result if job and job.result }}</output>
<output id="log"></output><output id="failures">0</output>
<a id="tab" href="/" target="_blank">Tab</a>
{{ callback_scripts("n") }}
<script nonce="n">
  const write = text => { document.getElementById("log").textContent += `${text}; ` }
  const send = window.fetch
  let stop = new AbortController()
  let unanswered = 0
  window.fetch = (...values) => {
    unanswered++
    return send(...values).catch(error => {
      document.getElementById("failures").textContent++
      throw error
    }).finally(() => unanswered--)
  }
  ClientCallback.register("part", (part, element) =>
    write(`${element.id} ${JSON.stringify(part)}`))
  ClientCallback.register("done", result => write(result))
  ClientCallback.register("failed", (message, element, error) =>
    write(`${error.kind} ${error.status} ${message}`))
  const told = answer => void answer.then(
    result => write(result),
    error => write(`${error.kind} ${error.status} ${error.message}`))
  const OPTIONS = {
    context: "c",
    onProgress: (part, context) => write(`${JSON.stringify(part)} ${context}`),
  }
  const call = (options, method = "work") =>
    told(ClientCallback.page.with({ ...OPTIONS, ...options })[method]())
  const follow = (id, options) =>
    told(ClientCallback.call("__Job", id, { ...OPTIONS, ...options }))
</script>
"""


@background
def work(folder: str, parts: list[t.Any], end: str) -> Iterator[t.Any]:
    """Tell each part when the test lets it, and end as it says."""
    journal = f"{folder}/journal"
    note(journal, "begins")
    last = "is left"

    try:
        for number, part in enumerate(parts):
            yield from wait_for_file(f"{folder}/{number}")
            yield part

        yield from wait_for_file(f"{folder}/end")
        last = "ends"
    finally:
        note(journal, last)

    if end == "told":
        raise CallbackError("Check.", fields={"year": ["Too late."]})

    if end == "broken":
        raise RuntimeError

    return end


def _same_as_work(overlap: Overlap) -> t.Any:
    def works(*args: t.Any) -> t.Any:
        return work(*args)

    works.__name__ = works.__qualname__ = f"work_and_{overlap}"
    return background(overlap=overlap)(works)


FUNCTIONS: dict[str, t.Any] = {
    "parallel": work,
    "keep": _same_as_work("keep"),
    "refuse": _same_as_work("refuse"),
    "replace": _same_as_work("replace"),
}


@callback_handler
class Work(MethodView):
    """Starts a job, and offers it to who comes back."""

    folder: t.ClassVar[Path]
    parts: t.ClassVar[list[t.Any]] = [0.25, {"value": 0.5, "text": "Häl\nf"}]
    end: t.ClassVar[str] = "done"
    overlap: t.ClassVar[Overlap] = "parallel"
    keeps_state: t.ClassVar[bool] = False

    def page_load(self) -> None:
        """Keep something, or nothing."""
        if self.keeps_state:
            current_page.view_state["kept"] = 1

    def get(self) -> Response:
        text = render_template_string(LAYOUT, job=self.find())
        return Response(text, headers={"Content-Security-Policy": POLICY})

    def find(self) -> Job[t.Any] | None:
        """Find the newest job."""
        return current_page.find_job(FUNCTIONS[self.overlap])

    @callback_method
    def work(self):  # type: ignore[no-untyped-def]
        function = FUNCTIONS[self.overlap]
        return current_page.start_job(function, str(self.folder), self.parts, self.end)

    @callback_method
    def cancel(self) -> str:
        job = self.find()
        assert job is not None
        job.cancel()
        return "asked"

    @callback_method
    def plain(self) -> str:
        return "plain"


class Front:
    """Stands before the application, notes what calls ask, and answers if told to."""

    def __init__(self, wsgi_app: t.Any) -> None:
        self._wsgi_app = wsgi_app
        self.asked: list[tuple[str, str]] = []
        """The target and the argument of each call."""
        self.fields: list[set[str]] = []
        """The names of all fields of each call."""
        self.times: list[float] = []
        """When each came."""
        self.marks: list[str | None] = []
        """A header of each call."""
        self.failures: list[int] = []
        """The status codes of the next answers."""
        self.passes = threading.Event()
        """Whether calls are answered at all."""
        self.passes.set()

    def polls(self) -> list[str]:
        """List what was asked of jobs."""
        return [argument for target, argument in self.asked if target == "__Job"]

    def __call__(self, environ: t.Any, start_response: t.Any) -> t.Any:
        if environ["REQUEST_METHOD"] == "GET":
            return self._wsgi_app(environ, start_response)

        data = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = BytesIO(data)
        fields = dict(parse_qsl(data.decode(), keep_blank_values=True))
        self.fields.append(set(fields))
        self.times.append(time.monotonic())
        self.marks.append(environ.get("HTTP_X_MARK"))

        if "__CALLBACKID" in fields:
            argument = json.loads(fields["__CALLBACKPARAM"])
            self.asked.append((fields["__CALLBACKID"], argument))

        assert self.passes.wait(10)

        if not self.failures:
            return self._wsgi_app(environ, start_response)

        start_response(f"{self.failures.pop(0)} Gone", [("Content-Type", "text/html")])
        return [b"<p>Gone"]


class Server:
    """An application in this process, with its jobs, behind what the test can stop."""

    def __init__(self, app: Flask, front: Front, folder: Path, url: str) -> None:
        self.app = app
        self.front = front
        self.folder = folder
        self.url = url

    def let(self, *names: str) -> None:
        """Let the work go on up to these places."""
        for name in names:
            (self.folder / name).touch()

    def journal(self) -> list[str]:
        """Tell what the jobs did."""
        return noted(self.folder / "journal")

    def wait_for(self, *lines: str) -> None:
        """Wait until this, and nothing else, is what the jobs did."""
        wait_until(lambda: len(self.journal()) >= len(lines))
        assert self.journal() == [*lines]

    def wait_for_polls(self, number: int = 1) -> None:
        """Wait until jobs were asked for again."""
        known = len(self.front.polls())
        wait_until(lambda: len(self.front.polls()) >= known + number)


class Opened(t.Protocol):
    """Opens the page."""

    def __call__(self, start_job: t.Any = None, **attributes: t.Any) -> Server: ...


def make_app(folder: Path, start_job: t.Any = None, **attributes: t.Any) -> Flask:
    """Make an application that is the page, with its store in a folder."""
    app = Flask(__name__, instance_path=str(folder))
    app.secret_key = SECRET
    app.logger.disabled = True
    ClientCallback(app, start_job=start_job)
    view_class = type("Opened", (Work,), {"folder": folder, **attributes})
    app.add_url_rule("/", view_func=view_class.as_view("page"))
    return app


def expect_log(page: Page, *written: str) -> None:
    """See that the page wrote this, and nothing else."""
    text = "".join(f"{one}; " for one in written).strip()
    expect(page.locator("#log")).to_have_text(text)


@contextmanager
def open_tab(page: Page) -> Generator[Page]:
    """Open the page in a second tab."""
    with page.context.expect_page() as opened:
        page.click("#tab")

    yield opened.value
    opened.value.close()


def run_clock(page: Page, condition: Callable[[], t.Any]) -> None:
    """Let a minute pass in the page, until something holds."""
    for _ in range(90):
        if condition():
            return

        page.clock.run_for(1_000)
        # Before more time passes.
        wait_for_answers(page)

    assert condition()


def wait_for_answers(page: Page) -> None:
    """Wait until whatever the page asked has its answer."""
    wait_until(lambda: page.evaluate("unanswered") == 0)
