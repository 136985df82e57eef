"""What a page shows of handlers that yield progress."""

from __future__ import annotations

import re
import threading
import typing as t
from collections.abc import Callable
from collections.abc import Iterator

import pytest
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask import request
from flask import Response
from flask.views import MethodView
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page

from ..engines.expectations import expect
from ..helpers.clock import stop_clock
from ..helpers.strict_page import Doors
from ..helpers.strict_page import OBSERVE
from ..helpers.strict_page import POLICY

if t.TYPE_CHECKING:
    from .conftest import Serve

LAYOUT = """<!doctype html>
<link rel="icon" href="data:,">
<form>{{ callback_fields() }}
  <button id="work" {{ callback_attributes(current_page, method="work",
    progress="bar", on_progress="part", on_result="done", on_error="failed") }}>
    Work</button>
  <input type="file" name="photo" id="photo" aria-label="Photo">
  <button id="send" {{ callback_attributes(current_page, method="keep", files=true,
    progress="bar", on_progress="part", on_result="done") }}>Send</button>
  <progress id="bar" hidden value="0"></progress>
</form>
<output id="log"></output><output id="reads">0</output>
{{ callback_scripts("n") }}
<script nonce="n">
  const write = text => { document.getElementById("log").textContent += `${text}; ` }
  const stop = new AbortController()
  const read = ReadableStreamDefaultReader.prototype.read
  let reads = 0
  // So that a test knows when an empty line is there.
  ReadableStreamDefaultReader.prototype.read = async function () {
    const got = await read.call(this)
    document.getElementById("reads").textContent = ++reads
    return got
  }
  const send = XMLHttpRequest.prototype.send
  XMLHttpRequest.prototype.send = function (body) {
    this.addEventListener("progress", () => {
      document.getElementById("reads").textContent = ++reads
    })
    line.then(() => send.call(this, body))
  }
  // So that a test can let files wait.
  let line = Promise.resolve()
  ClientCallback.register("part", (part, element) =>
    write(`${element.id} ${JSON.stringify(part)}`))
  ClientCallback.register("done", result => write(result))
  ClientCallback.register("failed", (message, element, error) =>
    write(`${error.kind} ${error.status} ${message}`))
  const call = (options, method = "work") => void ClientCallback.page.with({
    context: "c",
    onProgress: (part, context) => write(`${JSON.stringify(part)} ${context}`),
    ...options,
  })[method]().then(
    result => write(result),
    error => write(`${error.name} ${error.kind} ${error.status} ${error.message}`))
</script>
"""


@callback_handler
class Work(MethodView):
    """Works as long as the test wants."""

    doors: t.ClassVar[Doors]
    ended: t.ClassVar[threading.Event]
    accepted: t.ClassVar[list[str]]
    parts: t.ClassVar[list[t.Any]] = [0.25, {"value": 0.5, "text": "Häl\nf"}, "text"]
    end: t.ClassVar[Callable[[], t.Any]] = staticmethod(lambda: "done")

    def get(self) -> Response:
        text = render_template_string(LAYOUT)
        return Response(text, headers={"Content-Security-Policy": POLICY})

    @callback_method
    def work(self) -> t.Any:
        self.accepted.append(request.headers["Accept"])

        try:
            for number, part in enumerate(self.parts):
                self.doors.pass_through(f"{number}")
                yield part

            self.doors.pass_through("end")
            return self.end()
        finally:
            self.ended.set()

    @callback_method
    def plain(self) -> str:
        self.accepted.append(request.headers["Accept"])
        return "plain"

    @callback_method
    def empty(self) -> Response:
        self.accepted.append(request.headers["Accept"])
        return Response(status=204)

    @callback_method
    def count(self) -> t.Any:
        count = current_page.view_state.get("count", 0) + 1
        yield count
        current_page.view_state["count"] = count
        return f"counted {count}"

    @callback_method
    def endless(self) -> Iterator[None]:
        try:
            yield

            while True:
                self.ended.wait(0.01)
                yield
        finally:
            self.ended.set()

    @callback_method
    def keep(self) -> t.Any:
        size = len(current_page.files["photo"].read())
        yield 0.5
        return f"kept {size}"


class Opened(t.Protocol):
    """Opens the page."""

    def __call__(self, **attributes: t.Any) -> Page: ...


@pytest.fixture
def ended() -> threading.Event:
    """Whether the work has ended."""
    return threading.Event()


@pytest.fixture
def accepted() -> list[str]:
    """What calls accept."""
    return []


@pytest.fixture
def open_work(
    page: Page,
    serve: Serve,
    doors: Doors,
    ended: threading.Event,
    accepted: list[str],
) -> Iterator[Opened]:
    """Open the page; that it broke no policy is seen in the end."""
    page.add_init_script(OBSERVE)

    def open_work(wrap: Callable[[t.Any], t.Any] | None = None, **told: t.Any) -> Page:
        attributes = {"doors": doors, "ended": ended, "accepted": accepted, **told}
        app = Flask(__name__)
        app.secret_key = "x"
        app.logger.disabled = True
        ClientCallback(app)
        view_class = type("Opened", (Work,), attributes)
        app.add_url_rule("/", view_func=view_class.as_view("page"))

        if wrap is not None:
            app.wsgi_app = wrap(app.wsgi_app)  # type: ignore[method-assign]

        page.goto(serve(app))
        return page

    yield open_work
    assert page.evaluate("violations") == []


def expect_log(page: Page, *written: str) -> None:
    """See that the page wrote this, and nothing else."""
    text = "".join(f"{one}; " for one in written).strip()
    expect(page.locator("#log")).to_have_text(text)


@pytest.mark.parametrize("options", ["{}", "{ files: true }"])
def test_parts(
    open_work: Opened, doors: Doors, accepted: list[str], options: str
) -> None:
    """Each part comes when it is made, with the context, and the result at last."""
    page = open_work()
    page.evaluate(f"call({options})")
    expect_log(page)
    doors.open("0")
    expect_log(page, "0.25 c")
    doors.open("1")
    second = '{"text":"Häl\\nf","value":0.5} c'
    expect_log(page, "0.25 c", second)
    doors.open("2")
    expect_log(page, "0.25 c", second, '"text" c')
    doors.open("end")
    expect_log(page, "0.25 c", second, '"text" c', "done")
    assert "application/vnd.clientcallback+ndjson" in accepted[0]


def test_who_does_not_ask(open_work: Opened, doors: Doors, accepted: list[str]) -> None:
    """Without the option no progress is asked for. With it a handler that yields none
    answers as ever.
    """
    page = open_work()
    doors.open_all()
    page.evaluate("call({ onProgress: undefined }, 'plain')")
    expect_log(page, "plain")
    page.evaluate("call({}, 'plain')")
    expect_log(page, "plain", "plain")
    assert "ndjson" not in accepted[0]
    assert "ndjson" in accepted[1]


def test_attributes(open_work: Opened, doors: Doors) -> None:
    """A bar is indeterminate until the first part, and shows each that is a number;
    the function gets all, with the element.
    """
    page = open_work()
    bar = page.locator("#bar")
    page.click("#work")
    expect(bar).to_be_visible()
    assert bar.evaluate("bar => bar.position") == -1
    doors.open("0")
    expect_log(page, "work 0.25")
    assert bar.evaluate("bar => bar.value") == 0.25
    doors.open("1")
    second = 'work {"text":"Häl\\nf","value":0.5}'
    expect_log(page, "work 0.25", second)
    assert bar.evaluate("bar => bar.value") == 0.5
    doors.open("2")
    expect_log(page, "work 0.25", second, 'work "text"')
    assert bar.evaluate("bar => bar.value") == 0.5
    doors.open("end")
    expect_log(page, "work 0.25", second, 'work "text"', "done")
    expect(bar).to_be_hidden()


@pytest.mark.parametrize("left", ["progress", "on-progress"])
def test_one_attribute(open_work: Opened, doors: Doors, left: str) -> None:
    """A bar needs no function, and a function no bar."""
    page = open_work(parts=[0.25])
    page.evaluate(
        "left => document.getElementById('work').removeAttribute(left)",
        f"data-callback-{'on-progress' if left == 'progress' else 'progress'}",
    )
    doors.open("0")
    doors.open("end")
    page.click("#work")
    expect_log(page, *(["work 0.25"] if left == "on-progress" else []), "done")
    share = page.locator("#bar").evaluate("bar => bar.value")
    assert share == (0.25 if left == "progress" else 0)


def test_files(open_work: Opened) -> None:
    """Where files go along, the bar shows how much of them is sent, then the work."""
    page = open_work()
    page.evaluate(
        """() => {
          const files = new DataTransfer()
          files.items.add(new File(["x".repeat(1000)], "a.txt"))
          document.getElementById("photo").files = files.files
          const { set } = Object.getOwnPropertyDescriptor(HTMLProgressElement.prototype, "value")
          Object.defineProperty(document.getElementById("bar"), "value", {
            set(value) { write(`bar ${value}`); set.call(this, value) },
          })
        }"""  # noqa: E501
    )
    page.click("#send")
    expect(page.locator("#log")).to_have_text("bar 1; bar 0.5; send 0.5; kept 1000;")


def test_parts_after_files(open_work: Opened, doors: Doors) -> None:
    """Where it is watched how files are sent, all parts come before the result."""
    page = open_work()

    for name in ("0", "1", "2", "end"):
        doors.open(name)

    page.evaluate("call({ files: true, onUpload() {} })")
    second = '{"text":"Häl\\nf","value":0.5} c'
    expect_log(page, "0.25 c", second, '"text" c', "done")


@pytest.mark.parametrize("options", ["{}", "{ files: true, onUpload() {} }"])
def test_response(open_work: Opened, accepted: list[str], options: str) -> None:
    """A response is the result also where parts are asked for, without a body too."""
    page = open_work()
    page.evaluate(f"call({options}, 'empty')")
    expect_log(page, "[object Response]")
    assert "ndjson" in accepted[0]


def end_told() -> t.NoReturn:
    """End in an error for the user."""
    raise CallbackError("Check.", fields={"year": ["Too late."]})


def end_broken() -> t.NoReturn:
    """End in an exception."""
    raise RuntimeError


@pytest.mark.parametrize(
    ("end", "written"),
    [
        (end_told, "invalid 422 Check."),
        (end_broken, "server 500 The server could not complete the call."),
    ],
    ids=["told", "broken"],
)
def test_errors(
    open_work: Opened, doors: Doors, end: Callable[[], t.Any], written: str
) -> None:
    """An error after the first part has the status that it would have had before."""
    page = open_work(end=staticmethod(end), parts=[1])
    doors.open("0")
    doors.open("end")
    page.evaluate("call()")
    expect_log(page, "1 c", f"CallbackError {written}")
    page.click("#work")
    expect_log(page, "1 c", f"CallbackError {written}", "work 1", written)


def test_redirect(open_work: Opened, doors: Doors) -> None:
    """A redirect after the first part leads to another page."""
    page = open_work(end=staticmethod(lambda: redirect("/?there")), parts=[1])
    doors.open("0")
    doors.open("end")
    page.click("#work")
    page.wait_for_url("**/?there")


def test_new_state(open_work: Opened) -> None:
    """What the work changes in the view state is there in the next call."""
    page = open_work()
    page.evaluate("call({}, 'count')")
    expect_log(page, "1 c", "counted 1")
    page.evaluate("call({}, 'count')")
    expect_log(page, "1 c", "counted 1", "2 c", "counted 2")


def test_function_that_throws(
    open_work: Opened, doors: Doors, page: Page, console: list[str]
) -> None:
    """A function that throws is reported, and ends nothing."""
    open_work(parts=[1, 2])
    doors.open_all()

    for name in ("0", "1", "end"):
        doors.open(name)

    page.evaluate("call({ onProgress() { throw new Error('mine') } })")
    expect_log(page, "done")
    assert len([line for line in console if "mine" in line]) == 2


def test_abort(open_work: Opened, ended: threading.Event) -> None:
    """A signal ends the call at once, and the work on the server."""
    page = open_work()
    page.evaluate("call({ signal: stop.signal }, 'endless')")
    expect(page.locator("#reads")).not_to_have_text("0")
    assert not ended.is_set()
    page.evaluate("stop.abort()")
    expect_log(page, "CallbackError abort 0 The call was aborted.")
    assert ended.wait(10)


def test_leaving(open_work: Opened, ended: threading.Event) -> None:
    """The work ends when its page is left."""
    page = open_work()
    page.evaluate("call({}, 'endless')")
    expect(page.locator("#reads")).not_to_have_text("0")
    page.goto(f"{page.url}?away")
    assert ended.wait(10)


def test_policies(open_work: Opened, doors: Doors) -> None:
    """Work leaves the line at its first part, so that others need not wait for its
    end; those that want to be the latest still replace it.
    """
    page = open_work(parts=[1])
    page.evaluate("call({ policy: 'queue' })")
    page.evaluate("call({ policy: 'queue' }, 'plain')")
    expect_log(page)
    doors.open("0")
    # The part and the other answer come on two connections.
    expect(page.locator("#log")).to_have_text(
        re.compile(r"^(1 c; plain|plain; 1 c);\s*$")
    )
    page.evaluate("document.getElementById('log').textContent = ''")
    page.evaluate("call({ policy: 'latest' })")
    replaced = "CallbackError abort 0 The call was replaced."
    expect_log(page, replaced, "1 c")
    doors.open("end")
    expect_log(page, replaced, "1 c", "done")


# Answers that a server writes in other pieces.

WAYS = pytest.mark.parametrize("options", ["{}", "{ files: true, onUpload() {} }"])
"""The two ways to send a call: one of them watches how files are sent."""


def answering(pieces: Iterator[bytes], **headers: str) -> Callable[[t.Any], t.Any]:
    """Answer callbacks with some pieces in the place of the application."""

    def wrap(wsgi_app: t.Any) -> t.Any:
        def answer(environ: t.Any, start_response: t.Any) -> t.Any:
            if environ["REQUEST_METHOD"] == "GET":
                return wsgi_app(environ, start_response)

            environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            content_type = "application/vnd.clientcallback+ndjson"
            start_response("200 OK", [("Content-Type", content_type), *headers.items()])
            return pieces

        return answer

    return wrap


def test_any_pieces(open_work: Opened, doors: Doors, page: Page) -> None:
    """A line may come in pieces, also one of them in the middle of a character, and
    many lines in one; line ends of Unicode end none.
    """

    def pieces() -> Iterator[bytes]:
        first = '{"progress":"ä€😀\u2028"}\n'.encode()
        # In the middle of a character.
        middle = first.index("😀".encode()) + 2
        yield first[:middle]
        doors.pass_through("middle")

        for place in range(middle, len(first)):
            yield first[place : place + 1]

        yield b'\n\n{"progress":1}\n{"progress":null}\n{"pro'
        doors.pass_through("0")
        yield b'gress":2}\n{"result":"done"}\n{"progress":3}\n'

    open_work(wrap=answering(pieces()))
    page.evaluate("call()")
    expect(page.locator("#reads")).not_to_have_text("0")
    doors.open("middle")
    expect_log(page, '"ä€😀\u2028" c', "1 c", "null c")
    doors.open("0")
    expect_log(page, '"ä€😀\u2028" c', "1 c", "null c", "2 c", "done")
    # Nothing follows later.
    page.evaluate("new Promise(resolve => setTimeout(resolve))")
    expect_log(page, '"ä€😀\u2028" c', "1 c", "null c", "2 c", "done")


@WAYS
@pytest.mark.parametrize(
    ("pieces", "written"),
    [
        ([], "network 0 The server cannot be reached."),
        ([b'{"progress":1}\n'], "network 0 The server cannot be reached."),
        (
            [b'{"progress":1}\n', b'{"result":1}'],
            "network 0 The server cannot be reached.",
        ),
        ([b'{"progress":1}\n', b"{]\n"], "parse 200 The answer has no result."),
    ],
    ids=["empty", "nothing", "no end", "no JSON"],
)
def test_without_a_last_line(
    open_work: Opened, pieces: list[bytes], written: str, options: str
) -> None:
    """An answer that ends without its last line failed, however cleanly it ended."""
    page = open_work(wrap=answering(iter(pieces)))
    page.evaluate(f"call({options})")
    expect_log(page, *(["1 c"] if pieces else []), f"CallbackError {written}")


@WAYS
def test_lost_connection(open_work: Opened, options: str) -> None:
    """A connection that breaks among the parts is one that cannot be reached."""
    # Less than was announced.
    pieces = answering(iter([b'{"progress":1}\n']), **{"Content-Length": "1000"})
    page = open_work(wrap=pieces)
    page.evaluate(f"call({options})")
    lost = "CallbackError network 0 The server cannot be reached."
    expect(page.locator("#log")).to_contain_text(lost)


@pytest.mark.parametrize("part", ["null", '""', "[1]", '{"value":null}'])
def test_part_that_is_no_share(open_work: Opened, part: str) -> None:
    """A part that is no number is one for functions, and says nothing to a bar."""
    lines = f'{{"progress":0.5}}\n{{"progress":{part}}}\n{{"result":"done"}}\n'
    page = open_work(wrap=answering(iter([lines.encode()])))
    page.click("#work")
    expect_log(page, "work 0.5", f"work {part}", "done")
    assert page.locator("#bar").evaluate("bar => bar.value") == 0.5


def test_abort_among_parts(open_work: Opened) -> None:
    """A function that gives the call up gets no more parts, whatever has come."""
    lines = b'{"progress":1}\n{"progress":2}\n{"result":3}\n'
    page = open_work(wrap=answering(iter([lines])))
    page.evaluate(
        """call({
          signal: stop.signal,
          onProgress: part => { write(part); stop.abort() },
        })"""
    )
    expect_log(page, "1", "CallbackError abort 0 The call was aborted.")


@WAYS
def test_timeout(open_work: Opened, doors: Doors, page: Page, options: str) -> None:
    """Each part and each empty line gives the call its time again; silence ends it."""

    def pieces() -> Iterator[bytes]:
        for name, piece in enumerate((b'{"progress":1}\n', b"\n", b"\n")):
            doors.pass_through(f"{name}")
            yield piece

        doors.pass_through("end")

    open_work(wrap=answering(pieces()))
    stop_clock(page)
    page.evaluate(f"call({{ timeout: 1000, ...{options} }})")

    for number in range(3):
        page.clock.run_for(800)
        doors.open(f"{number}")
        expect(page.locator("#reads")).to_have_text(f"{number + 1}")

    # With files, the page gets all parts at the end.
    parts = ["1 c"] if options == "{}" else []
    page.clock.run_for(900)
    expect_log(page, *parts)
    page.clock.run_for(100)
    over = "CallbackError timeout 0 The server did not answer in time."
    expect_log(page, *parts, over)


def test_timeout_of_files(open_work: Opened, page: Page) -> None:
    """What is sent of files gives the call its time again too."""
    open_work()
    stop_clock(page)
    page.evaluate(
        """() => {
          line = new Promise(resolve => { window.goOn = resolve })
          const onUpload = (sent, total) => sent === total && write("sent")
          call({ timeout: 1000, files: true, onUpload })
        }"""
    )
    page.clock.run_for(800)
    page.evaluate("goOn()")
    expect_log(page, "sent")
    page.clock.run_for(900)
    expect_log(page, "sent")
    page.clock.run_for(100)
    over = "CallbackError timeout 0 The server did not answer in time."
    expect_log(page, "sent", over)


def test_more_calls_than_connections(
    open_work: Opened, page: Page, doors: Doors, accepted: list[str]
) -> None:
    """A browser opens six connections to a host. With a stream in each of them, a call
    waits until one ends.
    """
    open_work(parts=[1])
    doors.open("0")

    for _ in range(6):
        page.evaluate("call({ policy: 'parallel' })")

    expect_log(page, *["1 c"] * 6)
    page.evaluate("call({ policy: 'parallel' }, 'plain')")
    page.evaluate("() => new Promise(resolve => setTimeout(resolve, 200))")
    assert len(accepted) == 6
    doors.open("end")
    expect(page.locator("#log")).to_contain_text("plain")
    assert len(accepted) == 7
