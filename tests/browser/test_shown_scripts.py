"""Scripts, and parts of templates, that the documentation shows, in a browser."""

from __future__ import annotations

import io
import re
import sys
import types
import typing as t
from pathlib import Path

import pytest
from flask import Flask
from flask import render_template_string
from flask import request
from flask import Response
from flask import send_file
from flask import url_for
from flask.views import MethodView
from playwright.sync_api import Page
from werkzeug.datastructures import FileStorage

from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import FromForm

from ..engines.expectations import expect
from ..helpers.documentation import blocks
from ..helpers.documentation import code_with
from ..helpers.documentation import read
from ..helpers.documentation import run_module
from ..helpers.documentation import write_texts

if t.TYPE_CHECKING:
    from .conftest import Serve
    from .conftest import ServeView

SCRIPT = "docs/javascript.rst"
HANDLERS_PAGE = "docs/handlers.rst"
HEAD = '<!doctype html><link rel="icon" href="data:,">{{ callback_scripts() }}'


class Cart:
    """A control with a method."""

    @callback_method
    def remove(self, product: str) -> str:
        return f"no {product}"

    def raise_postback_event(self, argument: str) -> None:
        current_page.view_state["raised"] = argument


class Shop(MethodView):
    """Has what the blocks call."""

    template: t.ClassVar[str] = ""
    cart = callback_control(Cart)

    def get(self) -> str:
        return render_template_string(HEAD + self.template)

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument

    @callback_method
    def price(self, symbol: str, quantity: int = 1) -> str:
        return f"{quantity} {symbol}"

    @callback_method
    def find(self, text: str) -> list[str]:
        return [text, text * 2]

    @callback_method
    def save(self) -> None:
        current_page.view_state["saved"] = current_page.view_state.get("saved", 0) + 1

    @callback_method
    def saved(self) -> int:
        return t.cast(int, current_page.view_state["saved"])

    @callback_method
    def upload(self, photo: FileStorage, title: str) -> str:
        return f"{title}: {photo.read().decode()}"

    @callback_method
    def add_photos(self, photos: list[FileStorage]) -> int:
        return len(photos)

    @callback_method
    def order(self, quantity: FromForm[int]) -> str:
        raise CallbackError("We are closed.")


Open: t.TypeAlias = t.Callable[..., Page]


@pytest.fixture
def open_shop(page: Page, serve_view: ServeView) -> Open:
    """Open a page with a template, perhaps in debug mode."""

    def open_shop(template: str = "", debug: bool = False, **attributes: t.Any) -> Page:
        view = type("Opened", (Shop,), {"template": template, **attributes})
        page.goto(serve_view(callback_handler(view), debug=debug))
        return page

    return open_shop


def run(page: Page, part: str, given: str = "", told: str = "null") -> t.Any:
    """Run the script with a part after other code, and give what an expression tells.

    Each statement that begins with ``await`` leaves its value in ``values``.
    """
    kept = "values[values.length] = await "
    code = re.sub("^await ", kept, code_with(SCRIPT, part), flags=re.MULTILINE)
    return page.evaluate(
        f"async () => {{ const values = []; {given}\n{code}\nreturn {told} }}"
    )


def test_options(open_shop: Open) -> None:
    """A call with these options gives the result, and its signal aborts it."""
    page = open_shop()
    assert run(page, "new AbortController()", told="text") == "ACME"
    code = code_with(SCRIPT, "new AbortController()").replace("await ", "")
    failed = "text.catch(error => error.kind)"
    aborted = f"async () => {{ {code}\ncontroller.abort(); return await {failed} }}"
    assert page.evaluate(aborted) == "abort"


def test_methods(open_shop: Open) -> None:
    """Methods of the page and of a control are methods in a script."""
    told = run(open_shop(), 'remove("pen")', told="[price, left]")
    assert told == ["3 ACME", "no pen"]


def test_methods_with_options(open_shop: Open) -> None:
    """The options of both calls of ``with`` apply."""
    given = "const field = { value: 'Bo' }"
    told = run(open_shop(), "page.with({ timeout: 2000 })", given, "cities")
    assert told == ["Bo", "BoBo"]


def test_listeners(open_shop: Open) -> None:
    """A method that is a listener itself is refused the event, and calls nothing."""
    page = open_shop("<form>{{ callback_fields() }}</form><button>Save</button>")
    given = """
      const button = document.querySelector("button")
      window.failed = new Promise(resolve => {
        const tell = event => resolve((event.reason ?? event.error).name)
        addEventListener("unhandledrejection", tell)
        addEventListener("error", tell)
      })
    """
    run(page, "ClientCallback.page.save)", given)
    page.get_by_role("button").click()
    assert page.evaluate("failed") == "TypeError"
    assert page.evaluate("ClientCallback.page.saved()") == 1


def test_file_arguments(open_shop: Open) -> None:
    """Files are arguments, one or all of a field, by place and by name."""
    page = open_shop('<input type="file" aria-label="Photos" multiple>')
    files = [
        {"name": f"{name}.png", "mimeType": "image/png", "buffer": name.encode()}
        for name in ("one", "two")
    ]
    page.get_by_label("Photos").set_input_files(t.cast(t.Any, files))
    given = """
      const input = document.querySelector("input")
      const blob = new Blob(["blob"])
    """
    told = run(page, "add_photos", given, "values")
    assert told == ["A cap: one", 2, "A cap: blob"]


def test_download(open_shop: Open) -> None:
    """The browser saves the file under its name."""
    names: dict[str, t.Any] = {
        "callback_method": callback_method,
        "Response": Response,
        "send_file": send_file,
        "write_csv": lambda year: io.BytesIO(b"1,2"),
    }
    exec(code_with(SCRIPT, "download_name"), names)
    page = open_shop(code_with(SCRIPT, 'method="report"'), report=names["report"])

    with page.expect_download() as got:
        page.get_by_role("button", name="Save as CSV").click()

    assert got.value.suggested_filename == "report 2026.csv"
    assert Path(got.value.path()).read_bytes() == b"1,2"


def test_named_function(open_shop: Open) -> None:
    """A change of the list calls with its value, and the function shows the result."""
    select = code_with(SCRIPT, 'on_result="showPlaces"').strip()
    page = open_shop(
        f'<select id="places"></select>{select}<option>Chile<option>Norway</select>',
        places=callback_control(Places),
    )
    run(page, '"showPlaces", (')
    page.locator("[name=country]").select_option("Norway")
    expect(page.locator("#places option")).to_have_text(["Oslo", "Bergen"])


class Places:
    """Tells the places of a country."""

    def raise_callback_event(self, event_argument: str) -> list[str]:
        assert event_argument == "Norway"
        return ["Oslo", "Bergen"]


def test_output(open_shop: Open) -> None:
    """The element that the button names shows the result."""
    page = open_shop(code_with(SCRIPT, 'output="price") }}'))
    page.get_by_role("button", name="Price").click()
    expect(page.get_by_role("status")).to_have_text("1 ACME")


def test_errors(open_shop: Open) -> None:
    """A wrong field is told beside it and has the focus; other errors are told too."""
    page = open_shop(code_with(SCRIPT, 'callback_error("quantity") }}\n'))
    field = page.get_by_label("Quantity")
    field.fill("")
    page.get_by_role("button", name="Order").click()
    place = page.locator("[data-callback-error=quantity]")
    expect(place).to_have_text("This field is required.")
    expect(field).to_be_focused()
    field.fill("2")
    page.get_by_role("button", name="Order").click()
    expect(page.get_by_text("We are closed.")).to_be_visible()
    expect(place).to_have_text("")


def test_policy(open_shop: Open) -> None:
    """A newer call of the group ends the older one."""
    page = open_shop()
    call = code_with(SCRIPT, 'group: "search"')
    told = page.evaluate(
        f"""() => {{
          const type = field => {call}
          const ends = ["a", "b"].map(value => type({{ value }}))
          return Promise.all(ends.map(end => end.catch(error => error.kind)))
        }}"""
    )
    assert told == ["abort", "b"]


class Edit(MethodView):
    """Has the template of the page that is put into another."""

    def get(self, id: int) -> str:
        [template] = blocks(SCRIPT, "templates/edit.html")
        return render_template_string(template.code, id=id, title="Pens")

    def raise_callback_event(self, event_argument: str) -> str:
        return f"{request.path}: {current_page.form['title']}"


def test_form_of_another_page(page: Page, serve: Serve) -> None:
    """The HTML of another page calls that page, from the dialog that it is put into."""
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    template = "<form>{{ callback_fields() }}</form><dialog open></dialog><output>"
    shop = callback_handler(type("List", (Shop,), {"template": template}))
    app.add_url_rule("/list", view_func=shop.as_view("list"))
    edit = callback_handler(Edit).as_view("edit")
    app.add_url_rule("/edit/<int:id>", view_func=edit)
    page.goto(f"{serve(app)}/list")
    page.evaluate(
        """async () => {
          const answer = await fetch("/edit/5")
          document.querySelector("dialog").innerHTML = await answer.text()
          ClientCallback.register("saved", result => {
            document.querySelector("output").value = result
          })
        }"""
    )
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("/edit/5: Pens")


def test_module(open_shop: Open) -> None:
    """The module's tag imports what calls the page."""
    tag = code_with(SCRIPT, 'type="module"')
    shown = "document.title = await page.price('ACME')\n</script>"
    scripts = "{{ callback_scripts() }}"
    assert tag.count(scripts) == 1
    module = tag.replace("</script>", shown).replace(scripts, "")
    expect(open_shop(module)).to_have_title("1 ACME")


def test_simulation(open_shop: Open) -> None:
    """Calls are late and fail as the script says, until its last line ends it."""
    page = open_shop(debug=True)
    told = run(page, "ClientCallback.simulate(", told="ClientCallback.page.price('a')")
    assert told == "1 a"
    lines = code_with(SCRIPT, "ClientCallback.simulate(").splitlines()
    [failing] = [line for line in lines if "network" in line]
    call = "ClientCallback.page.price('a').catch(error => error.kind)"
    assert page.evaluate(f"() => {{ {failing}; return {call} }}") == "network"


def test_request_of_the_protocol(open_shop: Open) -> None:
    """The body of a call is the one that the page on the protocol shows."""
    page = open_shop("<form>{{ callback_fields() }}<input name='who' value='World'>")

    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.evaluate("ClientCallback.call('__Page', 'ACME')")

    shown = code_with("docs/wire.rst", "POST / HTTP").rpartition("\n\n")[2].strip()
    assert (sent.value.post_data or "").startswith(shown.removesuffix("..."))
    assert sent.value.headers["x-client-callback"] == "1"


def test_postback_reference(open_shop: Open) -> None:
    """A change of the list posts back, with the argument for the control."""
    select = code_with("docs/lifecycle.rst", "get_postback_event_reference(\n")
    page = open_shop(
        f"""<form method="post">{{{{ callback_fields() }}}}
          {{% set basket = "cart" %}}{select}<option>name<option>price</select></form>
          <output>{{{{ current_page.view_state.raised }}}}</output>""",
    )
    page.get_by_role("combobox").select_option("price")
    expect(page.get_by_role("status")).to_have_text("sort")


def test_old_script(page: Page, serve: Serve, tmp_path: Path) -> None:
    """The old script begins below the form, and before startup scripts of the page."""
    names = {"current_page": current_page, "url_for": url_for}
    exec(code_with("docs/aspnet.rst", '"WebForms", "WebForm_InitCallback()"'), names)
    begin: t.Any = names["page_init"]

    def page_init(view: MethodView) -> None:
        begin(view)
        script = current_page.client_script
        script.register_startup_script("own", "log.push(theForm.id)")

    template = """<!doctype html><link rel="icon" href="data:,">
      <script>var log = []</script>
      <form id="only">{{ callback_fields() }}</form>{{ callback_scripts() }}"""
    script = "function WebForm_InitCallback() { log.push(`old ${theForm.id}`) }"
    (tmp_path / "WebForms.js").write_text(script)
    app = Flask(__name__, static_folder=str(tmp_path), static_url_path="/static")
    app.secret_key = "x"
    ClientCallback(app)
    attributes = {
        "page_init": page_init,
        "get": lambda view: render_template_string(template),
    }
    view = callback_handler(classic=True)(type("Old", (MethodView,), attributes))
    app.add_url_rule("/", view_func=view.as_view("old"))
    page.goto(serve(app))
    assert page.evaluate("log") == ["old only", "only"]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., Flask]:
    """Import the code of an application beside its other files."""

    def load(code: str, files: dict[str, str]) -> Flask:
        monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
        write_texts(files, tmp_path)
        app = run_module("app", code, tmp_path).app
        assert isinstance(app, Flask)
        return app

    return load


def test_fields_of_an_error(
    page: Page, serve: Serve, load: t.Callable[..., Flask]
) -> None:
    """The function of the page on handlers shows the messages of the fields."""
    raised = 'raise CallbackError("Whom shall I greet?")'
    code = code_with(HANDLERS_PAGE, raised)
    error = code_with(HANDLERS_PAGE, "Enter a name.").strip()
    template = code_with(HANDLERS_PAGE, "showGreeting(result")
    app = load(code.replace(raised, error), {"templates/greeting.html": template})
    page.goto(serve(app))
    show = code_with(HANDLERS_PAGE, "error.fields")
    page.evaluate(f"() => {{ window.showError = {show} }}")
    page.fill("[name=who]", "")
    page.get_by_role("button").click()
    answer = page.locator("[name=answer]")
    expect(answer).to_have_text("Check the form. Enter a name.")


def test_control_of_a_handler(
    page: Page, serve: Serve, load: t.Callable[..., Flask]
) -> None:
    """The page calls its control as soon as it is there."""
    template = code_with(HANDLERS_PAGE, "js_literal(")
    app = load(
        code_with(HANDLERS_PAGE, "class Clock:"), {"templates/clocks.html": template}
    )
    page.goto(serve(app))
    expect(page.locator("#time")).to_have_text("It is noon in Lisbon.")


def test_handler_without_inline_scripts(
    page: Page, serve: Serve, load: t.Callable[..., Flask], console: list[str]
) -> None:
    """The page of data attributes works under the policy that its text names."""
    files = {
        "templates/clocks.html": code_with(HANDLERS_PAGE, "filename='clocks.js'"),
        "static/clocks.js": code_with(HANDLERS_PAGE, '.register("showError"'),
    }
    app = load(code_with(HANDLERS_PAGE, "class Clock:"), files)
    policy = "default-src 'self'"
    assert policy in read(HANDLERS_PAGE)

    @app.after_request
    def add_policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        return response

    page.goto(serve(app))
    page.get_by_role("combobox").select_option("Oslo")
    expect(page.locator("#time")).to_have_text("It is noon in Oslo.")
    page.route("**/*", lambda route: route.abort())
    page.get_by_role("combobox").select_option("Lisbon")
    expect(page.locator("#time")).to_have_text("The server cannot be reached.")
    assert not [line for line in console if "Failed to load" not in line]
