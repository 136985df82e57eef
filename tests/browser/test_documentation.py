"""What the documentation shows, in a browser."""

from __future__ import annotations

import sys
import threading
import types
import typing as t
from pathlib import Path

import pytest
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask.views import MethodView
from playwright.sync_api import Page
from werkzeug.datastructures import FileStorage
from werkzeug.utils import secure_filename

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback
from flask_clientcallback import FromForm
from flask_clientcallback.testing import MemoryStore
from flask_clientcallback.work.records import CANCELLED
from flask_clientcallback.work.records import INTERRUPTED
from flask_clientcallback.work.records import UNKNOWN

from ..engines.expectations import expect
from ..helpers.clock import pause_clock
from ..helpers.documentation import blocks
from ..helpers.documentation import code_with
from ..helpers.documentation import examples_of_readme
from ..helpers.documentation import import_long_work
from ..helpers.documentation import load_app
from ..helpers.documentation import run_module
from ..helpers.job_page import Opened
from ..helpers.jobs import wait_until
from ..helpers.pages import add_page
from ..helpers.pages import Echo

if t.TYPE_CHECKING:
    from .conftest import Picture
    from .conftest import Serve


@pytest.mark.parametrize("has_scripts", [True, False])
def test_readme(
    page: Page,
    plain_page: Page,
    picture: Picture,
    serve: Serve,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    has_scripts: bool,
) -> None:
    """The README's example orders, and says beside the field what is wrong."""
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
    code, markup = (block.code for block in examples_of_readme()[:2])
    (tmp_path / "stocks.html").write_text(markup, encoding="utf-8")
    used = page if has_scripts else plain_page
    used.goto(serve(run_module("app", code, tmp_path).app))

    used.get_by_label("Quantity").fill("1000")
    used.get_by_role("button").click()
    expect(used.get_by_text("Number must be at most 100.")).to_be_visible()

    if has_scripts:
        expect(used.locator("#price")).to_have_text("37.5")
        picture(used, "stocks")

    used.get_by_label("Quantity").fill("1")
    used.get_by_label("Share").fill("X")
    used.get_by_role("button").click()
    expect(used.get_by_text("There is no such share.")).to_be_visible()
    used.get_by_label("Share").fill("ACME")
    used.get_by_role("button").click()
    expect(used.locator("#receipt")).to_have_text("Ordered 1 ACME for 12.5.")


@pytest.mark.parametrize("template", [0, 1])
def test_handler(
    page: Page,
    serve: Serve,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    template: int,
) -> None:
    """Both ways of the page on handlers greet by the button and the Enter key, and of
    quick calls none is lost from the count.
    """
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
    code = blocks("docs/handlers.rst", "app.py")[0].code
    name = "templates/greeting.html"
    (tmp_path / "templates").mkdir()
    markup = blocks("docs/handlers.rst", name)[template].code
    (tmp_path / name).write_text(markup, encoding="utf-8")
    page.goto(serve(run_module("app", code, tmp_path).app))
    page.fill("[name=who]", "Ada")

    for _ in range(4):
        page.press("[name=who]", "Enter")

    page.click("button")
    answer = page.locator("[name=answer]")
    expect(answer).to_have_text("Hello Ada! (5 greeted)")
    page.fill("[name=who]", "")
    page.press("[name=who]", "Enter")
    expect(answer).to_have_text("Whom shall I greet?")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_methods(
    page: Page,
    plain_page: Page,
    serve: Serve,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    has_scripts: bool,
) -> None:
    """The page of named methods orders, and tells what is wrong beside the field, with
    scripts and without; with scripts it stays where it is.
    """
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
    used = page if has_scripts else plain_page
    used.goto(serve(load_app("docs/methods.rst", tmp_path)))
    loads: list[str] = []
    used.on("framenavigated", lambda frame: loads.append(frame.url))
    used.select_option("[name=symbol]", "INITECH")
    used.fill("[name=quantity]", "3")
    used.click("button")
    receipt = used.locator("#receipt")
    expect(receipt).to_have_text("Ordered 3 INITECH for 12.60.")
    used.fill("[name=quantity]", "1000")
    used.click("button")
    place = used.locator("[data-callback-error=quantity]")
    expect(place).to_have_text("Number must be at most 100.")
    quantity = used.locator("[name=quantity]")
    expect(quantity).to_have_attribute("aria-invalid", "true")
    expect(quantity).to_have_value("1000")

    if has_scripts:
        expect(quantity).to_be_focused()
        call = code_with("docs/methods.rst", "const total")
        total = used.evaluate(f"async () => {{ {call}; return total }}")
        assert (total, loads) == ("37.50", [])


def test_redirect_to_another_origin(page: Page, serve: Serve) -> None:
    """The listener on the page of named methods goes to the one other origin that
    it names.
    """
    far = Flask(__name__)
    far.add_url_rule("/pay", view_func=lambda: "<title>Pay</title>")
    named, unnamed = serve(far), serve(far)

    class Paying(Echo):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            return redirect(event_argument)

    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    add_page(app, Paying)
    url = serve(app)
    page.goto(url)
    code = code_with("docs/methods.rst", "clientcallback:redirect")
    page.evaluate(f"() => {{ {code.replace('https://pay.example', named)} }}")
    kind = "to => ClientCallback.call('__Page', to).catch(error => error.kind)"
    assert page.evaluate(kind, f"{unnamed}/pay") == "redirect"
    assert page.url.startswith(url)
    page.evaluate(f"to => {{ ({kind})(to) }}", f"{named}/pay")
    expect(page).to_have_title("Pay")


def test_background_job(
    page: Page,
    serve: Serve,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    console: list[str],
) -> None:
    """The report of the page on background jobs tells what is wrong beside its field.
    It shows its bar, after a reload too, and its result at last. It is cancelled at
    once. The debug script has nothing to warn of.
    """
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
    app = load_app("docs/background_jobs.rst", tmp_path)
    app.config["CLIENTCALLBACK_STORE"] = MemoryStore()
    app.debug = True
    goes_on = threading.Event()
    slow = types.SimpleNamespace(sleep=lambda seconds: goes_on.wait(20))
    monkeypatch.setattr(sys.modules["app"], "time", slow)
    address = f"{serve(app)}/reports"
    page.goto(address)
    page.fill("[name=year]", "abc")
    page.press("[name=year]", "Enter")
    expect(page.get_by_text("Enter a number.")).to_be_visible()
    page.fill("[name=year]", "2027")
    page.press("[name=year]", "Enter")
    bar, report = page.locator("#bar[value]"), page.locator("#report")
    expect(bar).to_be_visible()
    page.reload()
    expect(bar).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(report).to_have_text("Cancelled.")
    expect(bar).to_be_hidden()
    goes_on.set()

    def is_told() -> bool:
        page.reload()
        return "Your last report: cancelled" in (report.text_content() or "")

    wait_until(is_told)
    page.get_by_role("button", name="Build").click()
    expect(report).to_have_text("133782 sold in 2027.")
    page.reload()
    expect(report).to_have_text("Your last report: 133782 sold in 2027.")
    assert page.url == address
    assert not [line for line in console if "Failed to load" not in line]


def test_upload(page: Page, serve: Serve, tmp_path: Path) -> None:
    """The upload that the documentation shows keeps a file, and tells that none is
    chosen beside the field.
    """
    method = code_with("docs/javascript.rst", "picture.save(")
    markup = code_with("docs/javascript.rst", 'name="picture"')
    names: dict[str, t.Any] = {
        "callback_method": callback_method,
        "FileStorage": FileStorage,
        "FromForm": FromForm,
        "PICTURES": tmp_path,
        "secure_filename": secure_filename,
    }
    exec(method, names)
    template = f"<!doctype html>{markup}{{{{ callback_scripts() }}}}"
    view = type(
        "Pictures",
        (MethodView,),
        {"get": lambda view: render_template_string(template), "keep": names["keep"]},
    )
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    app.add_url_rule("/", view_func=callback_handler(view).as_view("pictures"))
    page.goto(serve(app))
    page.get_by_role("button", name="Upload").click()
    place = page.locator("[data-callback-error=picture]")
    expect(place).to_have_text("This field is required.")
    file = tmp_path / "given" / "cap.png"
    file.parent.mkdir()
    file.write_bytes(b"a cap")
    page.set_input_files("[name=picture]", file)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#kept")).to_have_text("Kept cap.png.")
    expect(place).to_have_text("")
    assert (tmp_path / "cap.png").read_bytes() == b"a cap"


def test_words_of_jobs(page: Page, open_work: Opened) -> None:
    """The listener that the documentation shows words what is told of jobs: a second
    one that is refused, and one that is cancelled. It knows all of these texts, and
    those of a server that fails.
    """
    [block] = blocks("docs/javascript.rst", "static/words.js")
    server = open_work(overlap="refuse", parts=[])
    words = page.evaluate(f"() => {{ {block.code}; return words }}")
    told = {failure.message for failure in (CANCELLED, INTERRUPTED, UNKNOWN)}
    assert words.keys() == told | {
        "This work is under way already.",
        "The server could not complete the call.",
        "The server cannot do this now. Try again later.",
    }
    page.click("#work")
    server.wait_for("begins")
    page.click("#work")
    alert = page.get_by_role("alert").last
    expect(alert).to_have_text(words["This work is under way already."])
    page.click("#cancel")
    expect(alert).to_have_text(words["The work was cancelled."])


@callback_handler
class OutOfDate(MethodView):
    """A page that is out of date whenever it is loaded, and calls at once."""

    def get(self) -> str:
        [recipe] = blocks("docs/javascript.rst", "static/stale.js")
        template = """<!doctype html><link rel="icon" href="data:,">
          {{ callback_scripts() }}
          <script>
            document.addEventListener("clientcallback:error", event => {
              document.title = event.detail.error.kind
            })
            %s
          </script>
          <p {{ callback_attributes(current_page, "x", event="load") }}></p>"""
        text = render_template_string(template % recipe.code)
        return text.replace('data-callback-state="', 'data-callback-state="old')

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


def test_reload_when_stale(page: Page, serve: Serve) -> None:
    """The recipe loads a page anew that is out of date, and does not so for ever."""
    app = Flask(__name__)
    app.secret_key = "x"
    app.logger.disabled = True
    ClientCallback(app)
    app.add_url_rule("/", view_func=OutOfDate.as_view("page"))
    asked: list[str] = []
    page.on(
        "request",
        lambda request: (
            request.resource_type == "script" or asked.append(request.method)
        ),
    )
    page.clock.install()

    with page.expect_response(lambda answer: asked.count("POST") == 2):
        page.goto(serve(app))

    page.wait_for_function("sessionStorage.length && document.title === 'stale'")
    assert asked == ["GET", "POST", "GET", "POST"]
    pause_clock(page)
    passed = page.evaluate("Date.now() - sessionStorage['reloaded when stale']")
    page.clock.run_for(59_999 - passed)
    call = "ClientCallback.call('__Page', 'y').catch(error => error.kind)"
    assert page.evaluate(call) == "stale"
    assert asked == ["GET", "POST", "GET", "POST", "POST"]
    page.clock.run_for(1)

    with page.expect_navigation():
        page.evaluate(f"void {call}")


def test_long_work(
    page: Page, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The import of the page on long work tells what is wrong beside its field, shows
    its bar, and its result at last; a script gets each part of the method.
    """
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
    page.goto(serve(import_long_work(tmp_path)))
    page.fill("[name=lines]", "many")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("Enter a number.")).to_be_visible()
    page.fill("[name=lines]", "4")
    page.get_by_role("button", name="Import").click()
    expect(page.locator("#told")).to_have_text("4 lines imported.")
    assert page.locator("#bar").evaluate("bar => bar.value") == 0.75
    code = code_with("docs/long_work.rst", "onProgress: part")
    run = f"""async () => {{
      const wasHidden = []
      const note = () => wasHidden.push(document.getElementById("bar").hidden)
      new MutationObserver(note).observe(document.getElementById("bar"), {{
        attributeFilter: ["hidden"],
      }})
      {code}
      await null
      return [wasHidden, bar.value]
    }}"""
    assert page.evaluate(run) == [[False, True], 0.975]
    expect(page.locator("#told")).to_have_text("40 lines read.")


def test_cancelled_import(
    page: Page,
    serve: Serve,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    console: list[str],
) -> None:
    """The import of the page on long work is cancelled by its button, at once; an error
    of it is shown. The debug script has nothing to warn of.
    """
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
    app = import_long_work(tmp_path)
    app.debug = app.logger.disabled = True
    goes_on = threading.Event()

    def import_line(number: int) -> None:
        assert goes_on.wait(20)
        raise ValueError

    monkeypatch.setattr(sys.modules["app"], "import_line", import_line)
    page.goto(serve(app))
    stop = page.get_by_role("button", name="Cancel")
    expect(stop).to_be_hidden()
    page.get_by_role("button", name="Import").click()
    stop.click()
    expect(page.locator("#told")).to_have_text("Cancelled.")
    expect(stop).to_be_hidden()
    assert console == []
    goes_on.set()
    page.get_by_role("button", name="Import").click()
    expect(page.locator("[data-callback-error='']")).to_contain_text("ValueError")
