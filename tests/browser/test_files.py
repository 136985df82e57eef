"""Files that calls send and bring: their progress, their limit, and their names."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask import Response
from flask.views import MethodView
from playwright.sync_api import Page
from werkzeug.datastructures import FileStorage

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page

from ..engines.expectations import expect
from ..helpers.strict_page import Doors
from ..helpers.strict_page import OBSERVE
from ..helpers.strict_page import POLICY

if t.TYPE_CHECKING:
    from .conftest import Serve
    from .conftest import ServeView

LIMIT = 300_000
LAYOUT = """<!doctype html>
<link rel="icon" href="data:,">
<form>{{ callback_fields() }}
  <label>File <input type="file" name="photo" id="photo"></label>
  <button id="send" {{ callback_attributes(current_page, method="keep", files=true,
    output="at", progress="bar", indicator="wait") }}>Send</button>
  <input type="file" id="own" aria-label="Own" {{ callback_attributes(
    current_page, method="measure", value=true, event="change", output="at") }}>
  <progress id="bar" hidden></progress><p id="wait" hidden>Wait</p>
  {{ callback_error() }}
</form>
<output id="at"></output>
{% for name in names %}
<button id="save{{ loop.index0 }}" {{ callback_attributes(
  current_page, method="download", args=[loop.index0], output="at",
  on_result="saved") }}>Save</button>
{% endfor %}
<ol id="log"></ol>
{{ callback_scripts("n", messages) }}
<script nonce="n">
  const log = []
  const controller = new AbortController()
  ClientCallback.register("saved", response => log.push(`saved ${response.status}`))
  const file = (size, name = "a.txt") => new File(["x".repeat(size)], name)
  const fill = size => {
    const files = new DataTransfer()
    files.items.add(file(size))
    document.getElementById("photo").files = files.files
  }
  const attempt = (method, values, options) => ClientCallback.page.with(options)[method](...values)
    .catch(error => [error.kind, error.status, error.message])
</script>
"""  # noqa: E501
HEADERS = {
    'attachment; filename="plain.txt"': "plain.txt",
    "attachment; filename=token.txt; size=4": "token.txt",
    'ATTACHMENT; filename="a \\"quoted\\"; name.txt"': "a _quoted_; name.txt",
    "attachment; filename=\"f\"; filename*=UTF-8''f%C3%BCr%20dich.txt": "für dich.txt",
    "attachment; filename*=utf-8'de'%E2%82%AC.txt": "€.txt",
    "attachment; filename*=utf-8''100%25%20%A3.txt": "100%25%20%A3.txt",
}


@callback_handler(max_content_length=LIMIT)
class Files(MethodView):
    """Takes files, and gives some."""

    doors: t.ClassVar[Doors]
    messages: t.ClassVar[dict[str, str] | None] = None
    headers: t.ClassVar[list[str]] = list(HEADERS)

    def get(self) -> Response:
        text = render_template_string(
            LAYOUT, names=self.headers, messages=self.messages
        )
        return Response(text, headers={"Content-Security-Policy": POLICY})

    @callback_method
    def keep(self) -> str:
        self.doors.pass_through("keep")
        photo = current_page.files["photo"]
        return f"{photo.filename} {len(photo.read())}"

    @callback_method
    def measure(self, file: FileStorage, title: str = "no title") -> str:
        return f"{title}: {file.filename} {len(file.read())}"

    @callback_method
    def download(self, number: int) -> Response:
        header = self.headers[number]
        return Response(b"text", headers={"Content-Disposition": header})

    @callback_method
    def show(self) -> Response:
        return Response("shown", headers={"Content-Disposition": "inline"})

    @callback_method
    def slow(self) -> Response:
        def parts() -> t.Iterator[bytes]:
            yield b"first"
            self.doors.pass_through("slow")
            yield b"last"

        return Response(parts())


class Opened(t.Protocol):
    """Opens the page."""

    def __call__(self, messages: dict[str, str] | None = None) -> Page: ...


@pytest.fixture
def open_files(page: Page, serve_view: ServeView, doors: Doors) -> t.Iterator[Opened]:
    page.add_init_script(OBSERVE)

    def open_files(messages: dict[str, str] | None = None) -> Page:
        attributes = {"doors": doors, "messages": messages}
        page.goto(serve_view(type("Opened", (Files,), attributes)))
        return page

    yield open_files
    assert page.evaluate("violations") == []


# Files that are sent.


def test_progress(open_files: Opened, doors: Doors) -> None:
    """A bar shows how much is sent, as long as the call runs."""
    page = open_files()
    bar = page.locator("#bar")
    page.evaluate("fill(200_000)")
    page.locator("#send").click()
    expect(bar).to_be_visible()
    expect(page.locator("#wait")).to_be_visible()
    page.wait_for_function("document.getElementById('bar').value === 1")
    doors.open("keep")
    expect(page.locator("#at")).to_have_text("a.txt 200000")
    expect(bar).to_be_hidden()


def test_on_upload(open_files: Opened, doors: Doors) -> None:
    """A call by a script hears how much of its files is sent, and gets its result."""
    page = open_files()
    told = page.evaluate(
        """async () => {
          const told = []
          const onUpload = (sent, total) => told.push([sent, total])
          const result = await ClientCallback.page.with({ onUpload }).measure(file(250_000), "A cap")
          return [result, ...told]
        }"""  # noqa: E501
    )
    assert told[0] == "A cap: a.txt 250000"
    assert all(0 < sent <= total and total > 250_000 for sent, total in told[1:])
    assert told[-1][0] == told[-1][1]


def test_errors_of_uploads(open_files: Opened) -> None:
    """What an upload that is watched ends in is what any call ends in."""
    page = open_files()
    options = "{ onUpload() {} }"
    values = "[file(10), { no: 'text' }]"
    told = page.evaluate(f"attempt('measure', {values}, {options})")
    assert told[:2] == ["invalid", 422]
    page.context.set_offline(True)
    told = page.evaluate(f"attempt('measure', [file(10)], {options})")
    assert told == ["network", 0, "The server cannot be reached."]


def test_stopped_upload(open_files: Opened, doors: Doors) -> None:
    """An upload that is watched ends when its signal aborts, and in its time."""
    page = open_files()
    page.evaluate("fill(100)")
    signal = "{ form: document.forms[0], files: true, signal: controller.signal, onUpload() {} }"  # noqa: E501
    page.evaluate(f"void attempt('keep', [], {signal}).then(told => log.push(told))")
    page.evaluate("controller.abort()")
    page.wait_for_function("log.length")
    assert page.evaluate("log[0][0]") == "abort"
    options = "{ form: document.forms[0], files: true, timeout: 50, onUpload() {} }"
    assert page.evaluate(f"attempt('keep', [], {options})")[0] == "timeout"
    doors.open("keep")


def test_login_of_a_proxy(page: Page, serve: Serve) -> None:
    """An upload that is sent to a page that asks for a login is no result: the page is
    loaded anew, so that it leads there.
    """
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    app.add_url_rule("/", view_func=Files.as_view("page"))
    app.add_url_rule("/login", view_func=lambda: "Log in")
    inner = app.wsgi_app

    def proxy(environ: t.Any, start_response: t.Any) -> t.Any:
        is_call = environ["REQUEST_METHOD"] == "POST"
        answer = redirect("/login") if is_call else inner
        return answer(environ, start_response)

    app.wsgi_app = proxy  # type: ignore[method-assign]
    page.goto(serve(app))
    page.evaluate(
        """() => document.addEventListener("clientcallback:redirect", event => {
          event.preventDefault()
          log.push(new URL(event.detail.url).pathname)
        })"""
    )
    told = page.evaluate("attempt('measure', [file(10)], { onUpload() {} })")
    assert told[:2] == ["redirect", 0]
    assert page.evaluate("log") == ["/"]


@pytest.mark.parametrize("messages", [{}, {"too_large": "Höchstens 0,3 MB."}])
def test_too_large(open_files: Opened, messages: dict[str, str]) -> None:
    """Files that are too large are not sent at all, and the user is told so."""
    page = open_files(messages=messages)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.evaluate(f"fill({LIMIT} + 1)")
    page.locator("#send").click()
    text = messages.get("too_large", "More than 0.3 MB cannot be sent.")
    expect(page.get_by_role("alert")).to_have_text(text)
    expect(page.locator("#bar")).to_be_hidden()
    told = page.evaluate(f"attempt('measure', [file({LIMIT} + 1)])")
    assert told == ["rejected", 413, text]
    assert sent == []


def test_value_of_a_file_field(open_files: Opened, tmp_path: Path) -> None:
    """A field for a file sends what is chosen when it is."""
    page = open_files()
    chosen = tmp_path / "chosen.txt"
    chosen.write_text("four")
    page.locator("#own").set_input_files(chosen)
    expect(page.locator("#at")).to_have_text("no title: chosen.txt 4")


# Files that are saved.


@pytest.mark.parametrize("header", HEADERS)
def test_attachment(open_files: Opened, header: str) -> None:
    """An attachment that a call by attributes brings is saved under its name."""
    page = open_files()
    number = list(HEADERS).index(header)

    with page.expect_download() as got:
        page.locator(f"#save{number}").click()

    name = got.value.suggested_filename
    expected = HEADERS[header]
    # Each browser has its own idea of what a file's name must not have.
    assert name in (expected, expected.replace("_", '"'), expected.replace("%", "_"))
    assert Path(got.value.path()).read_bytes() == b"text"
    page.wait_for_function("log.length")
    assert page.evaluate("log") == ["saved 200"]


@pytest.mark.parametrize(
    ("method", "name", "expected"),
    [("download(0)", "", "plain.txt"), ("show()", ", 'mine.txt'", "mine.txt")],
)
def test_save(open_files: Opened, method: str, name: str, expected: str) -> None:
    """A script saves an answer, under its name or another."""
    page = open_files()

    with page.expect_download() as got:
        page.evaluate(
            f"async () => ClientCallback.save(await ClientCallback.page.{method}{name})"
        )

    assert got.value.suggested_filename == expected


def test_abort_of_a_body(open_files: Opened, doors: Doors) -> None:
    """A signal stops a body that is still on its way when the call has ended."""
    page = open_files()
    told = page.evaluate(
        """async () => {
          const { signal } = controller
          const response = await ClientCallback.page.with({ signal }).slow()
          const text = response.text().catch(error => `stopped ${error.name}`)
          controller.abort()
          return text
        }"""
    )
    assert told.startswith("stopped")
    doors.open("slow")
