"""The client script in a page: what each call ends in, and how often."""

from __future__ import annotations

import json
import threading
import typing as t

import pytest
from flask import abort
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask import Response
from flask import url_for
from flask.views import MethodView
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page

from ..engines.expectations import expect

Serve: t.TypeAlias = t.Callable[[Flask], str]

TEMPLATE = """<!doctype html>
<title>Test</title>
<link rel="icon" href="data:,">
<form id="search" method="post">
  {{ callback_fields() }}
  <input id="name" name="name" value="as loaded">
  <input name="action" value="trap">
  <input name="method" value="trap">
  <input name="elements" value="trap">
  <select id="colors" name="color" multiple>
    <option>red<option>green<option>blue
  </select>
  <input type="file" id="file" name="upload">
  <button id="submit" name="pressed" value="yes" type="button"
    onclick="{{ get_callback_event_reference(
      current_page, "'inline'", "onResult", "'context'", "onError")
      |forceescape }}">Call</button>
</form>
<input id="associated" name="associated" value="1" form="search">
{{ callback_scripts() }}
<script>
  const log = []
  const onResult = (result, context) => log.push(["result", result, context])
  const onError = (message, context, error) =>
    log.push(["error", error.kind, context, error.status, message])
  const doCallback = (argument, context) => {{ get_callback_event_reference(
    current_page, "argument", "onResult", "context", "onError", true) }}
  const doAndForget = argument => { ClientCallback.call("__Page", argument) }
</script>
"""


@callback_handler
class Script(MethodView):
    """Does what the argument says."""

    finished: t.ClassVar[dict[str, threading.Event]] = {}

    def get(self) -> str:
        return render_template_string(TEMPLATE)

    def raise_callback_event(self, event_argument: str) -> t.Any:
        work, _, rest = event_argument.partition(" ")
        return getattr(self, f"do_{work}", self.do_echo)(rest or work)

    def do_echo(self, text: str) -> str:
        return text

    def do_form(self, text: str) -> t.Any:
        files = {k: f.read().decode() for k, f in current_page.files.items()}
        return [current_page.form.to_dict(flat=False), files]

    def do_crash(self, text: str) -> t.Any:
        return 1 // 0

    def do_refuse(self, text: str) -> t.Any:
        raise CallbackError("Not today.", 409, fields={"name": "Taken"})

    def do_denied(self, text: str) -> t.Any:
        abort(401)

    def do_leave(self, text: str) -> t.Any:
        return redirect(text)

    def do_download(self, text: str) -> t.Any:
        return Response("a,b", content_type="text/csv")

    def do_gone(self, text: str) -> t.Any:
        return Response("gone", 410)

    def do_count(self, text: str) -> int:
        count = t.cast(int, current_page.view_state.get("count", 0)) + 1
        current_page.view_state["count"] = count
        return count

    def do_wait(self, name: str) -> str:
        assert self.finished[name].wait(10)
        return name


class Proxy:
    """Stands before the application, and answers callbacks in its place."""

    def __init__(self, app: t.Any) -> None:
        self.app = app

    def __call__(self, environ: t.Any, start_response: t.Any) -> t.Any:
        fault = environ["QUERY_STRING"].removeprefix("fault=")

        if "HTTP_X_CLIENT_CALLBACK" not in environ or not fault:
            return self.app(environ, start_response)

        status, headers, body = {
            "html": ("502 Bad Gateway", {"Content-Type": "text/html"}, b"<h1>502</h1>"),
            "text": ("200 OK", {"Content-Type": "text/plain"}, b"server busy"),
            "half": ("200 OK", {"Content-Type": MARKED}, b'{"result": "ha'),
            "list": ("200 OK", {"Content-Type": MARKED}, b"[]"),
            "none": ("200 OK", {"Content-Type": MARKED}, b"null"),
            "cut": (
                "200 OK",
                {"Content-Type": MARKED, "Content-Length": "1000"},
                b'{"result": "cut"}',
            ),
            "login": ("302 Found", {"Location": "/login?fault=text"}, b""),
            "far": ("302 Found", {"Location": "http://far.invalid/"}, b""),
        }[fault]
        start_response(status, list(headers.items()))
        return [body]


MARKED = "application/vnd.clientcallback+json"


@pytest.fixture
def url(serve: Serve) -> str:
    """The address of the page."""
    app = Flask(__name__)
    app.secret_key = "x"
    app.logger.disabled = True
    ClientCallback(app)
    app.add_url_rule("/", view_func=Script.as_view("script"))
    app.add_url_rule("/login", "login", lambda: "<title>Log in</title>")
    app.wsgi_app = Proxy(app.wsgi_app)  # type: ignore[method-assign]
    return serve(app)


def call(page: Page, argument: str, context: t.Any = "context") -> t.Any:
    """Make a callback as a ported script would, and get all that came of it."""
    page.evaluate("log.length = 0")
    page.evaluate("a => doCallback(...a)", [argument, context])
    page.wait_for_function("log.length > 0")
    return page.evaluate("log")


def test_result(page: Page, url: str, console: list[str]) -> None:
    """A result arrives once, with its context, and the console stays silent."""
    page.goto(url)
    assert call(page, "echo <b>12|x</b>", {"a": 1}) == [
        ["result", "<b>12|x</b>", {"a": 1}]
    ]
    assert page.evaluate("() => ClientCallback.call('__Page', 'echo x')") == "x"
    assert console == []


def test_inline_reference(page: Page, url: str) -> None:
    """A reference in an attribute works, though it has a quotation mark in it."""
    page.goto(url)
    page.click("#submit")
    page.wait_for_function("log.length > 0")
    assert page.evaluate("log") == [["result", "inline", "context"]]


def test_form_as_it_is(page: Page, url: str) -> None:
    """The form is read when the call is sent, all of it."""
    page.goto(url)
    page.fill("#name", "typed later")
    page.select_option("#colors", ["red", "blue"])
    form, files = call(page, "form")[0][1]
    assert form == {
        "name": ["typed later"],
        "action": ["trap"],
        "method": ["trap"],
        "elements": ["trap"],
        "color": ["red", "blue"],
        "associated": ["1"],
    }
    assert files == {}


def test_form_options(page: Page, url: str) -> None:
    """A call may send no form, or its files too."""
    page.goto(url)
    send = "options => ClientCallback.call('__Page', 'form', options)"
    assert page.evaluate(send, {"form": None}) == [{}, {}]
    page.set_input_files(
        "#file", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"text"}
    )
    form, files = page.evaluate(send, {"files": True})
    assert form["name"] == ["as loaded"]
    assert files == {"upload": "text"}


def test_submitter(page: Page, url: str) -> None:
    """The button that calls is sent as the one that was pressed."""
    page.goto(url)
    form, _ = page.evaluate(
        """() => {
          const element = document.querySelector("#submit")
          element.type = "submit"
          return ClientCallback.call("__Page", "form", {element})
        }"""
    )
    assert form["pressed"] == ["yes"]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("null", ""),
        ("undefined", ""),
        ("7", "7"),
        ("true", "true"),
        ("'\\ud800'", None),
    ],
)
def test_argument(page: Page, url: str, argument: str, expected: str | None) -> None:
    """Whatever the argument is, the handler gets text."""
    page.goto(url)
    same = page.evaluate(
        """([argument, expected]) => ClientCallback.call("__Page", eval(argument))
          .then(result => result === (expected ?? eval(argument)))""",
        [argument, expected],
    )
    assert same is True


@pytest.mark.parametrize(
    ("work", "kind", "status"),
    [
        ("crash", "server", 500),
        ("refuse", "invalid", 409),
        ("denied", "auth", 401),
        ("gone", "http", 410),
        ("leave /login", "redirect", 200),
        ("leave http://far.invalid/", "redirect", 200),
    ],
)
def test_errors_of_the_handler(
    page: Page, url: str, work: str, kind: str, status: int
) -> None:
    """An error of the handler calls the error handler, once."""
    page.goto(url)
    page.evaluate(STAY)
    outcome = call(page, work)
    assert [entry[:4] for entry in outcome] == [["error", kind, "context", status]]


def test_details_of_an_error(page: Page, url: str) -> None:
    """The error has what the server tells of it."""
    page.goto(url)
    catch = """argument => ClientCallback.call("__Page", argument).catch(error => ({
      ...error, name: error.name, message: error.message,
      own: error instanceof ClientCallback.CallbackError && error instanceof Error,
    }))"""
    error = page.evaluate(catch, "refuse")
    assert error["own"]
    assert (error["name"], error["message"]) == ("CallbackError", "Not today.")
    assert error["fields"] == {"name": ["Taken"]}
    assert len(page.evaluate(catch, "crash")["id"]) == 16


@pytest.mark.parametrize(
    ("fault", "kind", "status"),
    [
        ("html", "http", 502),
        ("text", "http", 200),
        ("half", "parse", 200),
        ("list", "parse", 200),
        ("none", "parse", 200),
        pytest.param(
            "cut",
            "network",
            0,
            marks=pytest.mark.without("webkit", "it takes a part for the whole answer"),
        ),
        ("login", "redirect", 0),
        ("far", "network", 0),
    ],
)
def test_answers_of_others(
    page: Page, url: str, fault: str, kind: str, status: int
) -> None:
    """What is no callback's answer calls the error handler, once."""
    page.goto(f"{url}/?fault={fault}")
    page.evaluate(STAY)
    before = page.input_value("[name=__VIEWSTATE]")
    outcome = call(page, "echo x")
    assert [entry[:4] for entry in outcome] == [["error", kind, "context", status]]
    assert page.input_value("[name=__VIEWSTATE]") == before


def test_network_gone(page: Page, url: str) -> None:
    """Neither does a network that is gone."""
    page.goto(url)
    page.context.set_offline(True)
    assert [e[:4] for e in call(page, "echo x")] == [["error", "network", "context", 0]]


def test_stale_page(page: Page, url: str) -> None:
    """A page whose state is no longer good says so."""
    page.goto(url)
    page.evaluate("document.querySelector('[name=__VIEWSTATE]').value += 'x'")
    assert [e[:4] for e in call(page, "echo x")] == [["error", "stale", "context", 400]]


def test_redirect_is_followed(page: Page, url: str) -> None:
    """By itself, a page goes where a callback is sent, within its own site."""
    page.goto(url)
    page.evaluate("doCallback('leave /login')")
    expect(page).to_have_title("Log in")


def test_redirect_to_another_site_is_not_followed(page: Page, url: str) -> None:
    """It never leaves the site."""
    page.goto(url)
    outcome = call(page, "leave //far.invalid/")
    assert outcome[0][1] == "redirect"
    assert call(page, "echo x")[0] == ["result", "x", "context"]
    assert page.url == f"{url}/"


def test_redirect_in_the_console(page: Page, url: str, console: list[str]) -> None:
    """One that the browser follows is no error that a developer has to look at. One
    that nothing follows is.
    """
    page.goto(url)

    with page.expect_console_message(lambda m: "redirects to" in m.text) as told:
        page.evaluate("WebForm_DoCallback('__Page', 'leave //far.invalid/', onResult)")

    assert "The server redirects to http://far.invalid/" in told.value.text
    console.clear()
    page.evaluate("WebForm_DoCallback('__Page', 'leave /login', onResult)")
    expect(page).to_have_title("Log in")
    assert console == []


def test_unhandled_error(page: Page, url: str, console: list[str]) -> None:
    """An error that nobody handles stands in the console."""
    page.goto(url)

    with page.expect_console_message(lambda m: "Not today." in m.text):
        page.evaluate("WebForm_DoCallback('__Page', 'refuse', onResult)")

    with page.expect_event("pageerror") as error:
        page.evaluate("doAndForget('refuse')")

    assert "Not today." in str(error.value)
    assert page.evaluate("log") == []


def test_mistake_in_the_console(page: Page, url: str) -> None:
    """So does a mistake of the page's author, for which nothing was sent."""
    page.goto(url)

    with page.expect_console_message(lambda m: "The argument is text" in m.text):
        page.evaluate("WebForm_DoCallback('__Page', {}, onResult)")


def test_handler_that_throws(page: Page, url: str) -> None:
    """A handler that throws is an uncaught exception, and disturbs no other call."""
    page.goto(url)
    throwing = "() => { throw new Error('thrown') }"

    for script in (
        f"WebForm_DoCallback('__Page', 'echo', {throwing}, 1, onError)",
        f"WebForm_DoCallback('__Page', 'refuse', onResult, 1, {throwing})",
    ):
        with page.expect_event("pageerror") as error:
            page.evaluate(script)

        assert "thrown" in str(error.value)

    assert call(page, "echo x") == [["result", "x", "context"]]


def test_ten_calls_out_of_order(page: Page, url: str) -> None:
    """Each of ten calls gets its own result for its own context."""
    Script.finished = {str(number): threading.Event() for number in range(0, 10, 2)}
    page.goto(url)
    page.evaluate(
        "for (let i = 0; i < 10; i++) doCallback(`${i % 2 ? 'echo' : 'wait'} ${i}`, i)"
    )
    page.wait_for_function("log.length === 5")

    for finished in Script.finished.values():
        finished.set()

    page.wait_for_function("log.length === 10")
    outcome = page.evaluate("log")

    for begin in (1, 0):
        part = sorted(outcome[:5] if begin else outcome[5:], key=lambda e: e[2])
        assert part == [["result", str(i), i] for i in range(begin, 10, 2)]


def test_queue(page: Page, url: str) -> None:
    """Without useAsync calls go one after the other, also after an error."""
    page.goto(url)
    page.evaluate(
        """for (const argument of ["count", "refuse", "count", "count"])
          WebForm_DoCallback("__Page", argument, onResult, 0, onError, false)"""
    )
    page.wait_for_function("log.length === 4")
    assert [entry[1] for entry in page.evaluate("log")] == [1, "invalid", 2, 3]


def test_latest(page: Page, url: str) -> None:
    """A newer call of the policy "latest" ends the older one as aborted."""
    Script.finished = {"old": threading.Event()}
    page.goto(url)
    outcome = page.evaluate(
        """() => {
          const options = {policy: "latest"}
          const call = argument =>
            ClientCallback.call("__Page", argument, options).catch(error => error.kind)
          return Promise.all([call("wait old"), call("echo new")])
        }"""
    )
    Script.finished["old"].set()
    assert outcome == ["abort", "new"]


def test_drop(page: Page, url: str) -> None:
    """A call of the policy "drop" gives way to one that runs, in its group."""
    Script.finished = {"first": threading.Event()}
    page.goto(url)
    page.evaluate(
        """() => {
          const call = (argument, group) =>
            ClientCallback.call("__Page", argument, {policy: "drop", group})
              .then(result => log.push(result), error => log.push(error.kind))
          call("wait first")
          call("echo second")
          call("echo third", "other")
        }"""
    )
    page.wait_for_function("log.length === 2")
    Script.finished["first"].set()
    page.wait_for_function("log.length === 3")
    assert page.evaluate("log") == ["abort", "third", "first"]


def test_unknown_policy(page: Page, url: str) -> None:
    """A policy that there is not is a mistake of the page's author."""
    page.goto(url)
    error = page.evaluate(
        """() => ClientCallback.call("__Page", "", {policy: "lastest"})
          .catch(error => `${error}`)"""
    )
    assert error == "TypeError: There is no policy lastest."


def test_mistake_of_the_author(page: Page, url: str) -> None:
    """A mistake in the page is no fault of the network."""
    page.goto(url)
    error = page.evaluate(
        """() => {
          const argument = {}
          argument.argument = argument
          return ClientCallback.call("__Page", argument).catch(error => error.name)
        }"""
    )
    assert error == "TypeError"


def test_abort_in_a_queue(page: Page, url: str) -> None:
    """A call that waits for its turn ends when it is aborted; others still wait."""
    Script.finished = {"first": threading.Event()}
    page.goto(url)
    page.evaluate(
        """async () => {
          const controller = new AbortController()
          const call = (argument, signal) =>
            ClientCallback.call("__Page", argument, {policy: "queue", signal})
              .then(result => log.push(result), error => log.push(error.kind))
          call("wait first")
          const second = call("echo second", controller.signal)
          call("echo third")
          controller.abort()
          await second
        }"""
    )
    assert page.evaluate("log") == ["abort"]
    Script.finished["first"].set()
    page.wait_for_function("log.length === 3")
    assert page.evaluate("log") == ["abort", "first", "third"]


def test_queue_of_aborted_calls(page: Page, url: str) -> None:
    """A call that was aborted before it was made waits for no turn."""
    Script.finished = {"first": threading.Event()}
    page.goto(url)
    kind = page.evaluate(
        """() => {
          const signal = AbortSignal.abort()
          const options = {policy: "queue", signal}
          ClientCallback.call("__Page", "wait first", {policy: "queue"})
          return ClientCallback.call("__Page", "echo", options).catch(e => e.kind)
        }"""
    )
    assert kind == "abort"
    Script.finished["first"].set()


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_abort(page: Page, url: str, when: str) -> None:
    """A signal ends a call, also one that is not sent yet."""
    Script.finished = {"x": threading.Event()}
    page.goto(url)
    kind = page.evaluate(
        """when => {
          const controller = new AbortController()
          if (when === "before") controller.abort()
          const {signal} = controller
          const call = ClientCallback.call("__Page", "wait x", {signal})
          controller.abort()
          return call.catch(error => error.kind)
        }""",
        when,
    )
    Script.finished["x"].set()
    assert kind == "abort"


def test_timeout(page: Page, url: str) -> None:
    """A call that takes too long ends by itself."""
    Script.finished = {"x": threading.Event()}
    page.goto(url)
    error = page.evaluate(
        """() => ClientCallback.call("__Page", "wait x", {timeout: 50})
          .catch(error => error.kind)"""
    )
    Script.finished["x"].set()
    assert error == "timeout"


def test_no_timeout(page: Page, url: str) -> None:
    """A call may take as long as it takes."""
    page.goto(url)
    result = page.evaluate(
        "() => ClientCallback.call('__Page', 'echo x', {timeout: Infinity})"
    )
    assert result == "x"


def test_response(page: Page, url: str) -> None:
    """A handler's own Response arrives as fetch's."""
    page.goto(url)
    text = page.evaluate(
        "() => ClientCallback.call('__Page', 'download').then(r => r.text())"
    )
    assert text == "a,b"


def test_view_state(page: Page, url: str) -> None:
    """What a callback changed is there in the next, and in a post back."""
    page.goto(url)
    assert [call(page, "count")[0][1] for _ in range(3)] == [1, 2, 3]
    assert page.evaluate("document.querySelectorAll('[name=__VIEWSTATE]').length") == 1


def test_view_state_conflict(page: Page, url: str) -> None:
    """Of two calls that changed the state at once, the one sent last wins."""
    page.goto(url)
    conflicts = page.evaluate(
        """async () => {
          let conflicts = 0
          document.addEventListener("clientcallback:conflict", () => conflicts++)
          const call = () => ClientCallback.call("__Page", "count")
          await Promise.all([call(), call()])
          return conflicts
        }"""
    )
    assert conflicts == 1
    assert call(page, "count")[0][1] == 2


def test_events(page: Page, url: str) -> None:
    """Each step of a call is an event, and "before" may cancel it."""
    page.goto(url)
    page.evaluate(
        """() => {
          for (const name of ["before", "after", "error"])
            document.addEventListener(`clientcallback:${name}`, event => {
              log.push([name, event.detail.target, event.detail.context])
              if (event.detail.context === "cancel") event.preventDefault()
            })
        }"""
    )
    page.evaluate(
        """async () => {
          const call = context => ClientCallback.call("__Page", "echo", {context})
          await call("fine")
          await call("cancel").catch(error => log.push(error.kind))
        }"""
    )
    assert page.evaluate("log") == [
        ["before", "__Page", "fine"],
        ["after", "__Page", "fine"],
        ["before", "__Page", "cancel"],
        ["error", "__Page", "cancel"],
        "abort",
    ]


def test_address_after_push_state(page: Page, url: str) -> None:
    """Callbacks go to the address that the page was rendered at."""
    page.goto(url)
    page.evaluate("history.pushState(null, '', '/elsewhere')")
    assert call(page, "echo x") == [["result", "x", "context"]]


@pytest.mark.parametrize(
    "html",
    [
        '<base href="http://far.invalid/folder/">',
        '<form id="ClientCallback"><input name="call"></form>',
        '<img name="currentScript" data-callback-url="http://far.invalid/">',
    ],
)
def test_page_that_is_in_the_way(page: Page, serve: Serve, html: str) -> None:
    """What else stands in the page does not lead a call astray."""

    class Hindered(Script):
        def get(self) -> str:
            return html + super().get()

    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    app.add_url_rule("/page/", view_func=Hindered.as_view("hindered"))
    page.route("http://far.invalid/**", lambda route: route.abort())
    url = f"{serve(app)}/page/"
    page.route(url, lambda route: route.continue_())
    page.goto(url)
    script = page.content().split('src="')[1].split('"')[0]

    if "<base" in html:
        # The script's own address is the page's author's to mind.
        page.add_script_tag(url=url.replace("/page/", script))
        page.evaluate("WebForm_InitCallback()")

    assert call(page, "echo x") == [["result", "x", "context"]]


def test_init_callback(page: Page, url: str) -> None:
    """A ported page's WebForm_InitCallback does no harm."""
    page.goto(url)
    page.evaluate("WebForm_InitCallback()")
    page.fill("#name", "typed later")
    assert call(page, "form")[0][1][0]["name"] == ["typed later"]


def test_module(page: Page, url: str) -> None:
    """The script is a module too, with the same names."""
    page.goto(url)
    result = page.evaluate(
        """async () => {
          const before = ClientCallback
          const script = document.querySelector("script[data-callback-url]").src
          const module = await import(script.replace(/js$/, "mjs"))
          return [await module.call("__Page", "echo x"),
                  before === ClientCallback && module.ClientCallback === before]
        }"""
    )
    assert result == ["x", True]


STAY = "document.addEventListener('clientcallback:redirect', e => e.preventDefault())"

LITERALS = [
    '" onmouseover=alert(1) y="',
    "' onmouseover=alert(1) y='",
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "\u2028 ${x} `\\`` \\u0041 \n\r\t\0",
    "&quot;&#39;&amp;",
    "\U0001f600 é",
    {"__proto__": ["a b", None, True, 1.5], "a'\"`": {}},
]


@pytest.mark.parametrize("autoescape", [True, False])
@pytest.mark.parametrize("value", LITERALS, ids=range(len(LITERALS)))
def test_literal(
    page: Page, serve: Serve, console: list[str], value: t.Any, autoescape: bool
) -> None:
    """js_literal arrives exactly in three styles of attribute and in a script."""
    template = (
        "{% autoescape " + str(autoescape).lower() + " %}<!doctype html>"
        '<link rel="icon" href="data:,"><body><script>const got = []</script>'
        '<i onclick="got.push({{ js_literal(value) }})"></i>'
        "<i onclick='got.push({{ value|js_literal }})'></i>"
        "<i onclick=got.push({{ js_literal(value) }})></i>"
        "<script>got.push({{ js_literal(value) }})</script>{% endautoescape %}"
    )
    app = Flask(__name__)
    ClientCallback(app)
    app.add_url_rule("/", "page", lambda: render_template_string(template, value=value))
    page.goto(serve(app))
    page.evaluate("for (const i of document.querySelectorAll('i')) i.click()")
    # As text, because the test's own bridge treats "__proto__" its own way.
    got = json.loads(page.evaluate("JSON.stringify(got)"))
    assert got == [value] * 4
    assert page.locator("i").count() == 3
    assert page.locator("script").count() == 2
    assert console == []


def test_page_without_a_form(page: Page, serve: Serve, console: list[str]) -> None:
    """A page needs no form, its scripts may stand in the head, with a nonce."""

    @callback_handler
    class Bare(MethodView):
        def get(self) -> Response:
            text = render_template_string(
                "<!doctype html><link rel=icon href='data:,'>"
                "{{ callback_scripts('n') }}"
            )
            policy = "default-src 'self'; img-src data:; script-src 'nonce-n'"
            return Response(text, headers={"Content-Security-Policy": policy})

        def page_load(self) -> None:
            current_page.client_script.register_startup_script("x", "let started = 1")

        def raise_callback_event(self, event_argument: str) -> int:
            count = t.cast(int, current_page.view_state.get("count", 0)) + 1
            current_page.view_state["count"] = count
            return count

    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    app.add_url_rule("/", view_func=Bare.as_view("bare"))
    page.goto(serve(app))
    assert page.evaluate("started") == 1
    call = "() => ClientCallback.call('__Page')"
    assert [page.evaluate(call) for _ in range(3)] == [1, 2, 3]
    assert console == []


def test_login_in_a_page(page: Page, serve: Serve) -> None:
    """A login that ended is told as the redirect it is."""
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    app.add_url_rule("/", view_func=Script.as_view("script"))
    app.add_url_rule("/login", "login", lambda: "<title>Log in</title>")

    @app.before_request
    def require_login() -> t.Any:
        from flask import request

        return redirect(url_for("login")) if request.method == "POST" else None

    page.goto(serve(app))
    page.evaluate(STAY)
    outcome = call(page, "echo x")
    assert [entry[:4] for entry in outcome] == [["error", "redirect", "context", 200]]
