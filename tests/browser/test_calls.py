"""What the client script sends, in which order, and what it tells of it."""

from __future__ import annotations

import json
import typing as t
from datetime import datetime
from datetime import timedelta
from datetime import UTC

import pytest
from flask import Flask
from flask import jsonify
from flask import render_template_string
from flask import request
from flask.views import MethodView
from playwright.sync_api import Page
from playwright.sync_api import Request
from playwright.sync_api import Route
from werkzeug.exceptions import TooManyRequests

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page

from ..engines.expectations import expect
from ..helpers.clock import stop_clock
from ..helpers.held import argument_of
from ..helpers.held import Held

if t.TYPE_CHECKING:
    from .conftest import Serve
    from .conftest import ServeView

MARKED = "application/vnd.clientcallback+json"
TEMPLATE = """<!doctype html>
<link rel="icon" href="data:,">
<form id="page" method="post">
  {{ callback_fields() }}
  <input id="name" name="name" value="as loaded">
  <button id="send" name="pressed" value="yes">Send</button>
</form>
<form id="other"><input name="of" value="other"><button id="inner">Inner</button></form>
{{ callback_scripts() }}
<script>
  const log = []
  const onResult = (result, context) => log.push([result, context])
  const onError = (message, context, error) => log.push([message, context, error.kind])
  const attempt = (argument, options) =>
    ClientCallback.call("__Page", argument, options).catch(error => error.kind)
</script>
"""


@callback_handler
class Asked(MethodView):
    """Does what the argument says."""

    def get(self) -> str:
        return render_template_string(TEMPLATE)

    def raise_callback_event(self, event_argument: str) -> t.Any:
        work, _, rest = event_argument.partition(" ")

        if work == "refuse":
            raise CallbackError(rest)

        if work == "busy":
            seconds = int(rest)
            now = datetime.now(UTC)
            is_date = seconds > 1000
            raise TooManyRequests(
                retry_after=now + timedelta(seconds=seconds) if is_date else seconds
            )

        if work == "form":
            return current_page.form.to_dict()

        if work == "header":
            return request.headers.get(rest)

        if work == "method":
            response = jsonify(request.method)
            response.status_code = int(rest)
            return response

        if work == "offer":
            script = current_page.client_script
            script.register_for_event_validation(current_page, "offered")

        if work == "check":
            current_page.client_script.validate_event(current_page, "offered")

        if work == "count":
            count = t.cast(int, current_page.view_state.get("count", 0)) + 1
            current_page.view_state.update(count=count, told=rest)
            return count

        return event_argument


@pytest.fixture
def url(serve_view: ServeView) -> str:
    """The address of the page."""
    return serve_view(Asked)


def sent_by(page: Page, script: str) -> Request:
    """Run a script and get the callback that it sends."""
    with page.expect_request(lambda asked: asked.method == "POST") as sent:
        page.evaluate(script)

    return sent.value


@pytest.mark.parametrize("name", ["WebForm_DoCallback", "__doCallback"])
def test_ported_names(page: Page, url: str, name: str) -> None:
    """The name of 2004 does what that of 2005 does."""
    page.goto(url)
    page.evaluate(
        f"""() => {{
          WebForm_InitCallback()
          document.getElementById("name").value = "typed later"
          {name}("__Page", "form", onResult, "one", onError, false)
          {name}("__Page", "refuse Sorry.", onResult, {{two: 2}}, onError, false)
          {name}("__Page", null, onResult, "three", onError, false)
          {name}("__Page", 4, onResult)
          {name}("__Page", "silent", null, "five", null, true)
        }}"""
    )
    page.wait_for_function("log.length === 4")
    assert page.evaluate("log") == [
        [{"name": "typed later"}, "one"],
        ["Sorry.", {"two": 2}, "server"],
        ["", "three"],
        ["4", None],
    ]


def test_request(page: Page, url: str) -> None:
    """A call is one form-encoded POST with the mark and the protocol's fields."""
    page.goto(f"{url}/?a=1&b=%2F")
    asked = sent_by(page, "attempt('a b')")
    assert asked.url == f"{url}/?a=1&b=%2F"
    headers = asked.headers
    assert headers["x-client-callback"] == "1"
    assert headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert "x-csrftoken" not in headers
    assert asked.post_data_json == {
        "name": "as loaded",
        "__CALLBACKID": "__Page",
        "__CALLBACKPARAM": '"a b"',
        "__VIEWSTATE": page.input_value("[name=__VIEWSTATE]"),
    }


def test_address(page: Page, serve_view: ServeView) -> None:
    """Calls go to the address that the page was rendered at, also when the address
    bar showed another one before the script ran.
    """

    class Moved(Asked):
        def get(self) -> str:
            script = "history.replaceState(null, '', '/elsewhere?a=1')"
            return f"<!doctype html><script>{script}</script>{super().get()}"

    url = f"{serve_view(Moved)}/?b=2"
    page.goto(url)
    assert sent_by(page, "void attempt('x').then(r => log.push(r))").url == url
    page.wait_for_function("log.length > 0")
    assert page.evaluate("log") == ["x"]


@pytest.mark.parametrize(
    "address",
    ["//127.0.0.2/", "http://127.0.0.2/", "/\\\\127.0.0.2/", "127.0.0.2/", ""],
)
def test_address_of_another_site(
    page: Page, serve_view: ServeView, address: str
) -> None:
    """No address but one of the page's own site gets the form and the state: with
    another one there is no page to call.
    """

    class Misled(Asked):
        def get(self) -> str:
            own = 'data-callback-url="/"'
            return super().get().replace(own, f'data-callback-url="{address}"')

    page.goto(serve_view(Misled))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    given = page.get_attribute("script[data-callback-url]", "data-callback-url")
    assert given == address
    attempt = "ClientCallback.call('__Page', 'x').catch(error => error.name)"
    assert page.evaluate(attempt) == "TypeError"
    assert not asked


def test_script_that_comes_late(page: Page, serve_view: ServeView) -> None:
    """A script that is loaded when the page is there still sees to its elements."""

    class Late(Asked):
        def get(self) -> str:
            return render_template_string(
                """<!doctype html><link rel="icon" href="data:,">
                <p id="it" {{ callback_attributes(
                  current_page, "x", "show", event="load") }}></p>
                {{ callback_fields() }}
                <link id="source" href="{{
                  current_page.client_script.get_web_resource_url(name) }}">""",
                name="clientcallback.js",
            )

    page.goto(serve_view(Late))
    page.evaluate(
        """() => {
          const script = document.createElement("script")
          script.onload = () => ClientCallback.register("show", (result, element) => {
            element.textContent = result
          })
          script.src = document.getElementById("source").href
          document.head.append(script)
        }"""
    )
    expect(page.locator("#it")).to_have_text("x")


def test_context_stays(page: Page, url: str) -> None:
    """The context does not leave the browser."""
    page.goto(url)
    asked = sent_by(
        page, "WebForm_DoCallback('__Page', '', onResult, 'a secret', null, true)"
    )
    assert "secret" not in (asked.post_data or "")
    page.wait_for_function("log.length === 1")
    assert page.evaluate("log") == [["", "a secret"]]


def test_form_when_it_is_sent(page: Page, url: str) -> None:
    """A call that waits for its turn sends the form as it is by then."""
    held_page = Held(page)
    page.goto(url)

    with page.expect_request(lambda asked: asked.method == "POST"):
        page.evaluate(
            """() => {
              for (const argument of ["wait", "form"])
                WebForm_DoCallback("__Page", argument, onResult, 0, onError, false)
            }"""
        )

    page.locator("#name").fill("typed while it waits")

    with page.expect_request(lambda asked: asked.method == "POST"):
        held_page.let_go("wait")

    held_page.let_go("form")
    page.wait_for_function("log.length === 2")
    assert page.evaluate("log[1][0]") == {"name": "typed while it waits"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("{}", {"name": "as loaded"}),
        ("{form: null}", {}),
        ("{form: document.forms.other}", {"of": "other"}),
        ("{element: document.getElementById('inner')}", {"of": "other"}),
        (
            "{element: document.getElementById('inner'), form: undefined}",
            {"of": "other"},
        ),
        (
            "{element: document.getElementById('inner'), form: document.forms.page}",
            {"name": "as loaded"},
        ),
        (
            "{element: document.getElementById('send')}",
            {"name": "as loaded", "pressed": "yes"},
        ),
        ("{element: document.body}", {"name": "as loaded"}),
    ],
)
def test_form(page: Page, url: str, options: str, expected: dict[str, str]) -> None:
    """The form is that of the options, of the element, or the page's."""
    page.goto(url)
    assert page.evaluate(f"attempt('form', {options})") == expected


def test_form_after_fields_without_one(page: Page, serve_view: ServeView) -> None:
    """The page's form is the first that holds the fields, also where others stand
    before it in no form.
    """

    class Twice(Asked):
        def get(self) -> str:
            return render_template_string("<p>{{ callback_fields() }}") + super().get()

    page.goto(serve_view(Twice))
    assert page.evaluate("attempt('form')") == {"name": "as loaded"}


def test_form_as_it_would_be_submitted(page: Page, serve_view: ServeView) -> None:
    """Fields that are disabled stay behind, also by the fieldset around them, and of a
    list each value goes that is selected.
    """

    class Fields(Asked):
        def get(self) -> str:
            return render_template_string(
                """<form method="post">{{ callback_fields() }}
                <input name="sent" value="1">
                <input name="disabled" value="2" disabled>
                <textarea name="disabled" disabled>3</textarea>
                <fieldset disabled><input name="disabled" value="4"></fieldset>
                <select name="list" multiple>
                  <option selected>a<option>b<option selected>c
                </select></form>{{ callback_scripts() }}"""
            )

        def raise_callback_event(self, event_argument: str) -> t.Any:
            return list(current_page.form.items(multi=True))

    page.goto(serve_view(Fields))
    assert page.evaluate("ClientCallback.call('__Page', '')") == [
        ["sent", "1"],
        ["list", "a"],
        ["list", "c"],
    ]


class Row:
    """Tells which row was called."""

    def __init__(self, number: int) -> None:
        self.number = number

    def raise_callback_event(self, event_argument: str) -> str:
        return f"{event_argument} {self.number}"


def test_target_that_the_browser_knows(page: Page, serve_view: ServeView) -> None:
    """In a script the target is an expression."""

    class Rows(Asked):
        def page_init(self) -> None:
            for number in range(3):
                current_page.add_control(f"row${number}", Row(number))

    page.goto(serve_view(Rows))
    page.evaluate(
        """() => {
          const element = document.getElementById("name")
          element.id = "row$2"
          WebForm_DoCallback(element.id, "called", onResult, null, onError, true)
        }"""
    )
    page.wait_for_function("log.length === 1")
    assert page.evaluate("log") == [["called 2", None]]
    assert page.evaluate("ClientCallback.call(`row$${0 + 1}`, 'called')") == "called 1"


def test_before_edits_headers(page: Page, url: str) -> None:
    """A listener of "before" may add headers."""
    page.goto(url)
    page.evaluate(
        """document.addEventListener("clientcallback:before", event =>
          event.detail.headers.set("X-Added", event.detail.target))"""
    )
    assert page.evaluate("attempt('header X-Added')") == "__Page"


def test_events_start_at_the_element(page: Page, url: str) -> None:
    """Events bubble from the element that calls; one that is gone tells the
    document.
    """
    page.goto(url)
    page.evaluate(
        """async () => {
          const seen = ({type, target, detail}) => log.push(
            [type, target.id || target.nodeName, detail.result, detail.error?.kind])
          for (const name of ["before", "after", "error"])
            document.addEventListener(`clientcallback:${name}`, seen)
          const element = document.getElementById("inner")
          await attempt("x", {element})
          await attempt("refuse it", {element})
          element.remove()
          await attempt("y", {element})
        }"""
    )
    assert page.evaluate("log") == [
        ["clientcallback:before", "inner", None, None],
        ["clientcallback:after", "inner", "x", None],
        ["clientcallback:before", "inner", None, None],
        ["clientcallback:error", "inner", None, "server"],
        ["clientcallback:before", "#document", None, None],
        ["clientcallback:after", "#document", "y", None],
    ]


@pytest.mark.parametrize("kind", ["timeout", "abort", "latest"])
def test_end_of_the_request(page: Page, url: str, kind: str) -> None:
    """A call that is given up ends its request too."""
    Held(page)
    page.goto(url)
    stop_clock(page)

    with page.expect_event("requestfailed") as failed:
        with page.expect_request(lambda asked: asked.method == "POST") as sent:
            page.evaluate(
                """kind => {
                  window.controller = new AbortController()
                  const {signal} = controller
                  WebForm_InitCallback()
                  ClientCallback.call("__Page", "x", {signal, policy: "latest"})
                    .catch(error => log.push(error.kind))
                }"""
            )

        if kind == "timeout":
            page.clock.run_for(29_000)
            assert page.evaluate("log") == []
            page.clock.run_for(1_000)
        elif kind == "abort":
            page.evaluate("controller.abort()")
        else:
            page.evaluate("void attempt('y', {policy: 'latest'})")

    assert failed.value == sent.value
    assert page.evaluate("log") == [kind.replace("latest", "abort")]


def test_page_that_is_left(page: Page, url: str) -> None:
    """A request that its browser ends because the page is being left is given up,
    and no fault of the network.
    """
    page.goto(url)
    stop_clock(page)
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('beforeunload'))")
    page.evaluate("void attempt('x').then(kind => log.push(kind))")
    page.clock.run_for(4_000)
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    page.clock.run_for(2_000)
    page.wait_for_function("log.length")
    assert page.evaluate("log") == ["abort"]
    page.evaluate("dispatchEvent(new Event('pageshow'))")
    assert page.evaluate("attempt('after a return')") == "network"


@pytest.mark.parametrize(
    "begins",
    [
        "download",
        pytest.param(
            "a question",
            marks=pytest.mark.without("webkit", "its driver has pages leave unasked"),
        ),
    ],
)
def test_page_that_stays(page: Page, url: str, begins: str) -> None:
    """What only began as if the page were left hides no fault of the network."""
    page.goto(url)
    page.clock.install()

    if begins == "download":
        page.route("**/file", download)

        with page.expect_download():
            page.evaluate("location.assign('/file')")
    else:
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.click("#name")
        page.evaluate("void (onbeforeunload = event => event.preventDefault())")

        with page.expect_event("dialog"):
            page.evaluate("setTimeout(() => location.assign('/elsewhere'))")
            page.clock.run_for(1)

    page.context.set_offline(True)
    page.evaluate("WebForm_DoCallback('__Page', 'x', null, 'x', null, true)")
    assert page.url == f"{url}/"

    with page.expect_console_message(lambda told: "cannot be reached" in told.text):
        page.clock.run_for(5_000)


def test_given_up_while_left(page: Page, url: str) -> None:
    """A call that waits to know whether its page is left can still be given up."""
    page.goto(url)
    page.clock.install()
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('beforeunload'))")
    page.evaluate(
        """async () => {
          const controller = new AbortController()
          const call = attempt("x", controller)
          setTimeout(() => log.push("a second later"), 1000)
          controller.abort()
          log.push(await call)
        }"""
    )
    assert page.evaluate("log") == ["abort"]


def download(route: Route) -> None:
    """Answer with a file."""
    route.fulfill(body="x", headers={"Content-Disposition": "attachment"})


def test_call_that_was_aborted_before(page: Page, url: str) -> None:
    """A call that was given up before its turn is not begun: nobody is asked
    about it, and nothing is sent.
    """
    page.goto(url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(argument_of(request)))
    page.evaluate(
        """async () => {
          for (const name of ["before", "after", "error"])
            document.addEventListener(`clientcallback:${name}`, event =>
              log.push([name, event.detail.context]))
          for (const policy of ["parallel", "queue", "latest"]) {
            const options = {signal: AbortSignal.abort(), policy, context: policy}
            log.push(await attempt("x", options))
          }
        }"""
    )
    assert page.evaluate("attempt('last')") == "last"
    assert asked == ["last"]
    assert page.evaluate("log.slice(0, 6)") == [
        ["error", "parallel"],
        "abort",
        ["error", "queue"],
        "abort",
        ["error", "latest"],
        "abort",
    ]


def test_answer_in_time(page: Page, url: str) -> None:
    """The time of a call that was answered is over: what it gave may be read
    whenever the page likes.
    """
    page.goto(url)
    page.clock.install()
    page.evaluate("attempt('method 201').then(response => window.given = response)")
    page.clock.run_for(60_000)
    assert page.evaluate("given.json()") == "POST"


def test_json_of_a_response(page: Page, url: str) -> None:
    """What jsonify() makes is its value in the browser too."""
    page.goto(url)
    assert page.evaluate("attempt('method 200')") == "POST"


def test_latest_keeps_to_its_group(page: Page, url: str) -> None:
    """A newer call of another group ends nothing."""
    held = Held(page)
    page.goto(url)

    with page.expect_request(lambda asked: argument_of(asked) == "b"):
        page.evaluate(
            """() => {
              for (const [argument, group] of [["a", "g"], ["b", "h"]])
                attempt(argument, {policy: "latest", group}).then(r => log.push(r))
            }"""
        )

    held.let_go("b")
    held.let_go("a")
    page.wait_for_function("log.length === 2")
    assert page.evaluate("log") == ["b", "a"]


@pytest.mark.parametrize("order", [("1", "2"), ("2", "1")])
def test_conflict(
    page: Page, url: str, console: list[str], order: tuple[str, str]
) -> None:
    """Of two changes of the state that of the call which was sent last stays,
    whichever answer arrives last; an event and a warning say so.
    """
    held = Held(page)
    page.goto(url)

    with page.expect_request(lambda asked: argument_of(asked) == "count 2"):
        page.evaluate(
            """() => {
              document.addEventListener("clientcallback:conflict", event =>
                log.push(["conflict", event.detail.target, event.detail.context]))
              for (const argument of ["count 1", "count 2"])
                attempt(argument, {context: argument}).then(() => log.push(argument))
            }"""
        )

    states: dict[str, str] = {}

    for number, count in zip(order, (1, 3), strict=True):
        states[number] = held.let_go(f"count {number}")["viewState"]
        page.wait_for_function("count => log.length >= count", arg=count)

    first, second = (f"count {number}" for number in order)
    assert states["1"] != states["2"]
    assert page.evaluate("log") == [first, ["conflict", "__Page", second], second]
    assert page.input_value("[name=__VIEWSTATE]") == states["2"]
    (warning,) = console
    assert warning == "Two calls changed the state."


def test_field_that_the_page_changes(page: Page, url: str, console: list[str]) -> None:
    """The state that the script knows is the page's, whatever a field holds: the field
    is filled again.
    """
    held = Held(page)
    page.goto(url)

    with page.expect_request(lambda asked: argument_of(asked) == "count"):
        page.evaluate("void attempt('count').then(result => log.push(result))")

    other = "document.querySelector('[name=__VIEWSTATE]').value = 'another'"
    page.evaluate(other)
    state = held.let_go("count")["viewState"]
    page.wait_for_function("log.length")
    assert page.input_value("[name=__VIEWSTATE]") == state
    page.evaluate(other)

    with page.expect_request(lambda asked: argument_of(asked) == "count again"):
        page.evaluate("void attempt('count again').then(result => log.push(result))")

    assert page.input_value("[name=__VIEWSTATE]") == state
    held.let_go("count again")
    page.wait_for_function("log.length === 2")
    assert page.evaluate("log") == [1, 2]
    assert console == []


def test_no_conflict(page: Page, url: str, console: list[str]) -> None:
    """Calls of which one leaves the state alone are no conflict."""
    page.goto(url)
    results = page.evaluate(
        """async () => {
          document.addEventListener("clientcallback:conflict", () => log.push(1))
          const results = await Promise.all([attempt("count"), attempt("x")])
          return [...results, await attempt("count")]
        }"""
    )
    assert results == [1, "x", 2]
    assert page.evaluate("log") == []
    assert console == []


def with_old_key() -> Flask:
    """Make an application of the page."""
    app = Flask(__name__)
    app.secret_key = "old"
    ClientCallback(app)
    app.add_url_rule("/", view_func=Asked.as_view("page"))
    return app


def change_key(app: Flask) -> None:
    """Let its tokens be due."""
    app.config["SECRET_KEY_FALLBACKS"] = ["old"]
    app.secret_key = "new"


def call_both(
    page: Page, held: Held, sent: tuple[str, str], *, turned: bool
) -> list[tuple[str, t.Any]]:
    """Make two calls at once, and let them be answered in order, or turned."""
    with page.expect_request(lambda asked: argument_of(asked) == sent[1]):
        page.evaluate(
            "sent => { for (const one of sent) attempt(one).then(r => log.push(r)) }",
            sent,
        )

    answers: list[tuple[str, t.Any]] = []

    for argument in reversed(sent) if turned else sent:
        answers.append((argument, held.let_go(argument)))
        page.wait_for_function("count => log.length >= count", arg=len(answers))

    page.unroute_all()
    return answers


@pytest.mark.parametrize("sent", [("count", "x"), ("x", "count"), ("x", "y")])
@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned"])
def test_state_that_is_only_signed_anew(
    page: Page,
    serve: Serve,
    console: list[str],
    sent: tuple[str, str],
    turned: bool,
) -> None:
    """It is no conflict with a change and does not undo one, whichever call was
    sent last and whichever answer arrives last.
    """
    app = with_old_key()
    held = Held(page)
    page.goto(serve(app))
    change_key(app)

    page.evaluate(
        """() => {
          document.addEventListener("clientcallback:conflict", () => log.push(0))
        }"""
    )

    for argument, answer in call_both(page, held, sent, turned=turned):
        assert "viewState" in answer
        assert ("renewed" in answer) == (argument != "count")

    assert page.evaluate("attempt('count')") == sent.count("count") + 1
    assert page.evaluate("log.includes(0)") is False
    assert console == []


@pytest.mark.parametrize("sent", [("count", "offer"), ("offer", "count")])
@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned"])
@pytest.mark.parametrize("rotates", [False, True], ids=["one key", "keys change"])
def test_state_and_events(
    page: Page,
    serve: Serve,
    console: list[str],
    sent: tuple[str, str],
    turned: bool,
    rotates: bool,
) -> None:
    """A change of the view state and one of the events are both kept."""
    app = with_old_key()
    held = Held(page)
    page.goto(serve(app))

    if rotates:
        change_key(app)

    call_both(page, held, sent, turned=turned)
    assert page.evaluate("attempt('check')") == "check"
    assert page.evaluate("attempt('count')") == 2
    assert console == []


@pytest.mark.parametrize(
    ("location", "cancels", "leaves"),
    [
        ("/elsewhere", False, True),
        ("/elsewhere", True, False),
        ("http://127.0.0.2/", False, False),
        ("javascript:log.push('ran')", False, False),
        ("data:text/html,x", False, False),
    ],
)
def test_redirect(
    page: Page, url: str, location: str, cancels: bool, leaves: bool
) -> None:
    """A redirect within the site is followed, unless a listener of its event,
    which tells the whole address, keeps the page.
    """
    asked: list[str] = []
    page.goto(url)
    page.on("request", lambda request: asked.append(request.url))

    def redirect(route: Route) -> None:
        if route.request.method != "POST":
            route.fulfill(body="elsewhere")
            return

        route.fulfill(body=json.dumps({"redirect": location}), content_type=MARKED)

    page.route("**/*", redirect)
    page.evaluate(
        """cancels => {
          document.addEventListener("clientcallback:redirect", event => {
            document.title = event.detail.url
            if (cancels) event.preventDefault()
          })
        }""",
        cancels,
    )

    if leaves:
        with page.expect_navigation(url=f"{url}{location}"):
            page.evaluate("void attempt('x')")

        return

    assert page.evaluate("attempt('x')") == "redirect"
    expect(page).to_have_title(
        f"{url}{location}" if location.startswith("/") else location
    )
    # Had the page been about to leave, this would not be answered here.
    page.evaluate("fetch('/here')")
    assert asked == [f"{url}/", f"{url}/here"]
    assert page.evaluate("log") == []


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind"),
    [
        (201, {}, '{"result": 1}', "parse"),
        (200, {"Content-Type": "application/json"}, '{"result": 1}', "http"),
        (200, {}, '{"viewState": "x"}', "parse"),
        (200, {}, '"result"', "parse"),
        (200, {}, '{"redirect": "http://["}', "redirect"),
        (200, {}, "[]", "parse"),
        (200, {}, "", "parse"),
        (200, {}, '{"error": {"kind": "stale", "message": "x"}}', "stale"),
        (401, {"Content-Type": "text/html"}, "<p>", "auth"),
        (500, {"Content-Type": "text/html"}, "<p>", "server"),
        (404, {"Content-Type": "text/html"}, "<p>", "http"),
        (503, {"X-Client-Callback": "response"}, "x", "http"),
    ],
)
def test_only_a_marked_success_is_a_result(
    page: Page, url: str, status: int, headers: dict[str, str], body: str, kind: str
) -> None:
    """Whatever else an answer is, it is an error, and changes no state."""
    page.goto(url)
    state = page.input_value("[name=__VIEWSTATE]")
    answer = {"Content-Type": MARKED, **headers}
    page.route(
        "**/*", lambda route: route.fulfill(status=status, headers=answer, body=body)
    )
    assert page.evaluate("attempt('x')") == kind
    assert page.input_value("[name=__VIEWSTATE]") == state


@pytest.mark.parametrize(("said", "least"), [("1", 1), ("30", 30), ("3600", 3500)])
def test_time_of_another_try(page: Page, url: str, said: str, least: float) -> None:
    """An error tells the seconds that the server asks to wait, from a date too."""
    page.goto(url)
    found = page.evaluate(
        """said => ClientCallback.call("__Page", `busy ${said}`)
          .catch(({ kind, status, retryAfter }) => [kind, status, retryAfter])""",
        said,
    )
    assert found[:2] == ["http", 429]
    assert least <= found[2] <= int(said)


def test_no_time_of_another_try(page: Page, url: str) -> None:
    """An error whose answer asks for no wait has no such member."""
    page.goto(url)
    found = page.evaluate(
        "ClientCallback.call('__Page', 'refuse').catch(error => 'retryAfter' in error)"
    )
    assert found is False


def test_response_with_a_status(page: Page, url: str) -> None:
    """A handler's own Response is a result where its status is a success."""
    page.goto(url)
    assert page.evaluate("attempt('method 201').then(r => r.status)") == 201
    assert page.evaluate("attempt('method 418')") == "http"


def test_script_that_is_loaded_twice(page: Page, url: str) -> None:
    """A second copy of the script leaves the first in charge."""
    page.goto(url)
    page.evaluate("window.earlier = ClientCallback")
    source = page.get_attribute("script[data-callback-url]", "src")
    page.add_script_tag(url=f"{url}{source}")
    assert page.evaluate("earlier === ClientCallback") is True
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(
        """() => {
          const button = document.createElement("button")
          button.type = "button"
          button.dataset.callbackPage = document.querySelector(
            "script[data-callback-page]").dataset.callbackPage
          button.dataset.callbackTarget = "__Page"
          button.dataset.callbackArgument = "x"
          button.dataset.callbackOnResult = "show"
          document.body.append(button)
          ClientCallback.register("show", result => log.push(result))
          button.click()
        }"""
    )
    page.wait_for_function("log.length > 0")
    assert page.evaluate("attempt('y')") == "y"
    assert page.evaluate("log") == ["x"]
    assert len(asked) == 2
