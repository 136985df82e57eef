"""What the documentation quotes of the browser's console is what stands there: each
symptom is brought about.
"""

from __future__ import annotations

import re
import threading
import typing as t
from collections.abc import Callable

import pytest
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask import request
from flask import session
from flask.views import MethodView
from playwright.sync_api import ConsoleMessage
from playwright.sync_api import Error
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import FromForm

from ..engines.expectations import expect
from ..helpers.troubleshooting import check_headings
from ..helpers.troubleshooting import check_quotes
from ..helpers.troubleshooting import quotes
from ..helpers.troubleshooting import Told

if t.TYPE_CHECKING:
    from .conftest import Serve

QUOTED = quotes("console", "message of the client script")
SAFARI = re.compile(r"Can't find variable: (\w+)")
SCRIPTS = "{{ callback_scripts() }}"
REGISTER = """<script>
  ClientCallback.register("show", result => { document.title = result })
</script>"""
FORM = """<form id="form" method="post">{{ callback_fields() }}
  <input name="city" value="Oslo">BUTTON</form>"""
BUTTON = """<button id="find"{{ callback_attributes(
  current_page, "found", "show") }}>Find</button>"""
BY_HAND = """<button id="find" type="button" data-callback-target="__Page"
  data-callback-on-result="show">Find</button>"""
REFERENCE = """<button id="find" onclick="{{ get_callback_event_reference(
  current_page, "'found'", "show") }}">Find</button>"""
PAGE = FORM.replace("BUTTON", BUTTON) + SCRIPTS + REGISTER


@callback_handler
class Search(MethodView):
    """Does what the argument says."""

    template: t.ClassVar[str]
    together: t.ClassVar[threading.Barrier]
    loaded: t.ClassVar[list[str]]

    def get(self) -> str:
        self.loaded.append(request.method)
        icon = '<!doctype html><link rel="icon" href="data:,">'
        return render_template_string(icon + self.template)

    def raise_callback_event(self, event_argument: str) -> str:
        if event_argument == "fail":
            raise ZeroDivisionError

        if event_argument == "html":
            return BY_HAND

        if "count" in event_argument:
            kept: t.Any = session if "session" in event_argument else None
            kept = current_page.view_state if kept is None else kept
            kept["count"] = kept.get("count", 0) + 1

            if "together" in event_argument:
                self.together.wait(10)

            return str(kept["count"])

        return event_argument

    @callback_method
    def find(self, city: FromForm[str]) -> str:
        return city


class Trial:
    """Opens pages in a browser, and keeps what the console has.

    :param page: the browser's page.
    """

    def __init__(self, page: Page, serve: Serve) -> None:
        self.page = page
        self.told: list[Told] = []
        self.loaded: list[str] = []
        self._serve = serve
        page.on("console", self._note)
        page.on("pageerror", self._note_error)

    def _note(self, message: ConsoleMessage) -> None:
        # The element that the console shows is none of the words, nor is the place in
        # the script.
        text = message.text.partition(" JSHandle@")[0].partition("\n    at ")[0]
        self.told.append(("console", text))

    def _note_error(self, error: Error) -> None:
        # As the page says, Safari has another word for it.
        message = re.sub(SAFARI, r"\1 is not defined", error.message)
        self.told.append(("console", f"Uncaught {error.name}: {message}"))

    def open(self, template: str, *, debug: bool = True, calls: int = 2) -> None:
        """Open a page.

        :param calls: how many callbacks wait for one another on the server, if their
            argument says so.
        """
        app = Flask(__name__)
        app.secret_key = "x"
        app.logger.disabled = True
        app.debug = debug
        ClientCallback(app)
        together = threading.Barrier(calls)
        said = {"template": template, "together": together, "loaded": self.loaded}
        view: t.Any = type("Opened", (Search,), said)
        app.add_url_rule("/", view_func=view.as_view("search"))
        app.before_request(leave_out)
        self.page.goto(self._serve(app))
        # What is looked at when the page is loaded.
        self.page.evaluate("new Promise(resolve => setTimeout(resolve))")

    def click(self) -> None:
        """Click on the button."""
        self.page.click("#find")

    def click_five_times(self) -> None:
        """Click on the button faster than any answer can come."""
        self.page.evaluate(
            """() => {
              const button = document.getElementById("find")
              for (let click = 0; click < 5; click++) button.click()
            }"""
        )

    def wait_for(self, text: str, place: str = "console") -> None:
        """Wait until the console has it."""
        for _ in range(1000):
            if any(text in told for found, told in self.told if found == place):
                return

            # What the browser has to tell comes in with the answer.
            self.page.evaluate("new Promise(resolve => setTimeout(resolve))")

        pytest.fail(f"The console has no {text!r}, but {self.told}.")

    def fail(self, options: str = "{}", argument: str = "found") -> None:
        """Make a call that fails, and note its message."""
        message = self.page.evaluate(
            f"ClientCallback.call('__Page', '{argument}', {options})"
            ".then(() => 'no error', error => error.message)"
        )
        self.told.append(("message of the client script", message))


def leave_out() -> t.Any:
    """Send a call elsewhere whose form says so."""
    if request.path == "/login":
        return "login"

    return redirect("/login") if "out" in request.form else None


def nothing(trial: Trial) -> None:
    invalid = PAGE.replace('value="Oslo"', "required")

    for debug in (False, True):
        for template in (FORM.replace("BUTTON", BY_HAND) + SCRIPTS + REGISTER, invalid):
            trial.open(template, debug=debug)
            trial.click()

        assert debug or trial.told == []

    trial.wait_for("nothing was sent")


def ends(trial: Trial) -> None:
    cut = REFERENCE.replace('"show")', '"show", "")')
    declared = "<script>function show(result) { document.title = result }</script>"
    whole = cut.replace("}}", "|forceescape }}").replace(
        "<button", "<button type=button"
    )
    trial.open(FORM.replace("BUTTON", whole) + SCRIPTS + declared)
    trial.click()
    expect(trial.page).to_have_title("found")
    assert trial.told == []
    trial.open(FORM.replace("BUTTON", cut) + SCRIPTS + declared)
    trial.wait_for("ends within")


def not_defined(trial: Trial) -> None:
    trial.open(FORM.replace("BUTTON", REFERENCE))
    trial.click()
    trial.wait_for("WebForm_DoCallback")
    trial.open(REGISTER + SCRIPTS)


def no_function(trial: Trial) -> None:
    declared = "<script>function show() {}</script>"
    trial.open(FORM.replace("BUTTON", BUTTON) + SCRIPTS + declared)
    trial.click()
    trial.wait_for("There is no function")


def loaded_anew(trial: Trial) -> None:
    form = FORM.replace("post", "get")
    trial.open(form.replace("BUTTON", '<button id="find">Find</button>') + SCRIPTS)
    trial.click()
    trial.page.wait_for_url("**__VIEWSTATE=**")
    trial.wait_for("A form with callback_fields() was sent")


def once(trial: Trial) -> None:
    put = """<script>ClientCallback.register("put", html => {
      document.getElementById("part").innerHTML = html
    })</script>"""
    button = BUTTON.replace('"found", "show"', '"html", "put"')
    part = f'<div id="part">{button}</div>'
    trial.page.clock.install()
    trial.open(FORM.replace("BUTTON", part) + SCRIPTS + REGISTER + put)
    trial.click()
    trial.page.wait_for_selector("#part > [type=button]")
    assert trial.told == []
    trial.page.clock.run_for(1000)
    trial.wait_for("it makes no call")


def no_values(trial: Trial) -> None:
    form = FORM.replace("{{ callback_fields() }}", "").replace("BUTTON", "")
    trial.open(form + BUTTON + SCRIPTS + REGISTER)
    chosen = '<input id="photo" name="photo" type="file">'
    trial.open(FORM.replace("BUTTON", chosen + BUTTON) + SCRIPTS + REGISTER)
    file = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"}
    trial.page.set_input_files("#photo", [t.cast(t.Any, file)])
    trial.click()
    trial.wait_for("stays behind")


def silent_failure(trial: Trial) -> None:
    trial.open(PAGE.replace("found", "fail"), debug=False)
    trial.click()
    trial.wait_for("CallbackError")


def invalid(trial: Trial) -> None:
    button = BUTTON.replace('"found", "show"', 'method="find"')
    trial.open(FORM.replace("city", "town").replace("BUTTON", button) + SCRIPTS)
    trial.click()
    trial.wait_for("made a call, and")
    trial.page.evaluate("ClientCallback.page.find().catch(() => {})")
    trial.wait_for("got invalid input")


def login(trial: Trial) -> None:
    trial.open(
        FORM.replace("BUTTON", f'<input name="out">{BUTTON}') + SCRIPTS + REGISTER
    )
    address = trial.page.url
    # The console of a page that is left may be lost with it.
    trial.page.evaluate(
        """addEventListener(
          "clientcallback:redirect", event => event.preventDefault(), { once: true })"""
    )
    trial.fail()
    place, message = trial.told[-1]
    trial.told.append((place, message.replace(address, "http://localhost/")))
    trial.click()
    trial.page.wait_for_url("**/login")


def answered_by_a_proxy(trial: Trial, status: int) -> None:
    trial.open(PAGE)
    trial.page.route(
        "**/*",
        lambda route: route.fulfill(status=status, content_type="text/html", body=""),
    )
    trial.fail()


def too_long(trial: Trial) -> None:
    trial.open(PAGE)
    trial.page.evaluate("ClientCallback.simulate({ failure: 'timeout' })")
    trial.fail("{ timeout: 100 }")
    trial.page.evaluate("ClientCallback.simulate()")
    trial.page.route("**/*", lambda route: route.abort())
    trial.fail()


def conflict(trial: Trial) -> None:
    trial.open(PAGE.replace("found", "count together"))

    for _ in range(2):
        trial.click()

    trial.wait_for("keeps both")


TRIED: dict[str, Callable[[Trial], None]] = {
    "The button does nothing, and the console is empty": nothing,
    "The console says that the input ends": ends,
    "The console says that something is not defined": not_defined,
    "The console says that there is no function": no_function,
    "The page loads anew": loaded_anew,
    "It works once, and never again": once,
    "The handler gets no values": no_values,
    "A call fails, and the page does not say so": silent_failure,
    "422, or: Invalid input": invalid,
    "401, or the login page appears": login,
    "502, or an answer that is not a callback's": lambda trial: answered_by_a_proxy(
        trial, 502
    ),
    "It takes long, and then it fails": too_long,
    "It works on my machine, but not behind nginx": lambda trial: answered_by_a_proxy(
        trial, 413
    ),
    "Five clicks count one": conflict,
}


@pytest.fixture
def trial(page: Page, serve: Serve) -> Trial:
    """A browser in which the symptoms are brought about."""
    return Trial(page, serve)


def test_sections() -> None:
    """Each section that quotes the browser is tried."""
    check_headings(QUOTED, TRIED)


@pytest.mark.parametrize("heading", TRIED)
def test_quotes(trial: Trial, heading: str) -> None:
    """What a section quotes comes of what it is about."""
    TRIED[heading](trial)
    check_quotes(QUOTED[heading], trial.told)


def test_call_without_a_result(trial: Trial) -> None:
    """A call whose result nobody shows is made, and debug mode tells of it."""
    for debug in (False, True):
        trial.open(PAGE.replace(', "show"', ""), debug=debug)

        with trial.page.expect_response(
            lambda got: got.request.method == "POST"
        ) as got:
            trial.click()

        assert "x-client-callback" in got.value.request.headers
        assert debug or trial.told == []

    trial.wait_for("nothing shows its result")


@pytest.mark.parametrize(
    "change",
    [
        "form.dataset.callbackIgnore = ''",
        "addEventListener('clientcallback:before', event => event.preventDefault())",
    ],
)
def test_call_that_is_not_made(trial: Trial, change: str) -> None:
    """Nothing is sent and told either of what the page leaves alone or cancels."""
    trial.open(PAGE.replace("<button", '<button type="button"'))
    sent: list[str] = []
    trial.page.on("request", lambda asked: sent.append(asked.method))
    trial.page.evaluate(change)
    trial.click()
    trial.page.evaluate("new Promise(resolve => setTimeout(resolve, 20))")
    assert (sent, trial.told) == ([], [])


@pytest.mark.parametrize("kind", ["", ' type="button"'])
def test_button_that_submits(trial: Trial, kind: str) -> None:
    """A button with a reference also posts the page back, unless it has a type."""
    button = REFERENCE.replace("<button", f"<button{kind}")
    declared = "<script>function show() {}</script>"
    trial.open(FORM.replace("BUTTON", button) + SCRIPTS + declared)

    with trial.page.expect_response(lambda answer: answer.request.method == "POST"):
        trial.click()

    trial.page.wait_for_load_state()
    assert trial.loaded == (["GET"] if kind else ["GET", "POST"])


@pytest.mark.parametrize(
    ("kept", "policy", "counted"),
    [
        ("session", "parallel", ["1"] * 5),
        ("session", "queue", list("12345")),
        ("view state", "parallel", ["1"] * 5),
        ("view state", "queue", list("12345")),
    ],
)
def test_five_clicks(trial: Trial, kept: str, policy: str, counted: list[str]) -> None:
    """Calls that run side by side start from the same session, and the same view state,
    so that five count one. Those that wait for one another count five.
    """
    argument = f"count {kept}" + " together" * (policy == "parallel")
    button = BUTTON.replace(
        '"found", "show"', f'"{argument}", "show", policy="{policy}"'
    )
    listen = """<script>
      const log = []
      ClientCallback.register("show", result => log.push(result))
    </script>"""
    trial.open(FORM.replace("BUTTON", button) + SCRIPTS + listen, calls=5)
    trial.click_five_times()
    trial.page.wait_for_function("log.length === 5")
    assert trial.page.evaluate("log") == counted
    last = f"ClientCallback.call('__Page', 'count {kept}')"
    assert trial.page.evaluate(last) == str(int(counted[-1]) + 1)


def test_count_that_is_there_from_the_start(trial: Trial) -> None:
    """Calls of a page that keeps view state wait by themselves."""
    first = "{% set _ = current_page.view_state.update(count=0) %}"
    trial.open(first + PAGE.replace("found", "count"))
    trial.click_five_times()
    expect(trial.page).to_have_title("5")
    assert trial.told == []
