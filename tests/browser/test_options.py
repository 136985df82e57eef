"""What a call takes and tells: its argument, its time, its answer, where it leads."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask import Response
from flask import url_for
from flask.views import MethodView
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback

from ..engines.expectations import expect
from ..helpers.clock import stop_clock
from ..helpers.held import Held

if t.TYPE_CHECKING:
    from .conftest import Serve

TEMPLATE = """<!doctype html>
<link rel="icon" href="data:,">
<title>{{ comments | length }} comments</title>
<form>{{ callback_fields() }}<input name="a" type="file"></form>
{% for comment in comments %}<p id="c{{ loop.index }}">{{ comment }}</p>{% endfor %}
{{ callback_scripts() }}
<script>
  const log = []
  const attempt = (argument, options) =>
    ClientCallback.call("__Page", argument, options).catch(error => error.kind ?? `${error}`)
</script>
"""  # noqa: E501


@callback_handler
class Comments(MethodView):
    """Takes comments, and leads to the newest."""

    comments: t.ClassVar[list[str]]

    def get(self) -> str:
        return render_template_string(TEMPLATE, comments=self.comments)

    def raise_callback_event(self, event_argument: str) -> t.Any:
        work, _, rest = event_argument.partition(" ")

        if work == "comment":
            self.comments.append(rest)
            return redirect(url_for("page", _anchor=f"c{len(self.comments)}"))

        if work == "download":
            return Response("text", headers={"X-Of": rest})

        return event_argument


@pytest.fixture
def app() -> Flask:
    """An application with the page, and a document that can hold it."""
    app = Flask(__name__)
    app.secret_key = "x"
    app.logger.disabled = True
    ClientCallback(app)
    view = type("Fresh", (Comments,), {"comments": []}).as_view("page")
    app.add_url_rule("/page", view_func=view)

    @app.get("/host")
    def host() -> str:
        return '<!doctype html><link rel="icon" href="data:,"><title>Host</title>'

    @app.after_request
    def add_header(response: Response) -> Response:
        response.headers["X-Remaining"] = "7"
        return response

    return app


# The argument.


@pytest.mark.parametrize(
    "argument",
    [
        "{}", "[]", "new Map()", "new Date()", "Object('x')", "Symbol('x')", "() => 1",
        "NaN", "Infinity", "-Infinity", "new Event('x')", "document.body",
        "new File([], 'x')", "{ file: new File([], 'x') }", "Promise.resolve('x')",
    ],
)  # fmt: skip
def test_argument_that_is_no_text(
    page: Page, serve: Serve, app: Flask, argument: str
) -> None:
    """What is no text would be lost or be another thing: it is an error that says what
    to do, and nothing is sent.
    """
    page.goto(f"{serve(app)}/page")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url))
    told = page.evaluate(f"attempt({argument})")
    assert told == "TypeError: The argument is text: use JSON.stringify."
    told = page.evaluate(
        f"""new Promise(resolve =>
          WebForm_DoCallback("__Page", {argument}, null, null, resolve))"""
    )
    assert told == "The argument is text: use JSON.stringify."
    assert sent == []


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("'x'", "x"), ("''", ""), ("5", "5"), ("-0.5", "-0.5"), ("1e21", "1e+21"),
        ("true", "true"), ("2n ** 64n", "18446744073709551616"), ("null", ""),
        ("undefined", ""), ("JSON.stringify([NaN])", "[null]"), (r"'\ud800'", "\ud800"),
    ],
)  # fmt: skip
def test_argument(
    page: Page, serve: Serve, app: Flask, argument: str, told: str
) -> None:
    """Text, numbers and booleans are sent as their text."""
    page.goto(f"{serve(app)}/page")
    assert page.evaluate(f"attempt({argument})") == told


# The time.


def test_timeout_of_the_application(page: Page, serve: Serve, app: Flask) -> None:
    """A call is given up after the time that the application sets, and a call may set
    its own.
    """
    app.config["CLIENTCALLBACK_TIMEOUT"] = 1.5
    Held(page)
    page.goto(f"{serve(app)}/page")
    stop_clock(page)
    page.evaluate(
        """() => {
          attempt("a").then(kind => log.push(`a ${kind}`))
          attempt("b", { timeout: 3000 }).then(kind => log.push(`b ${kind}`))
        }"""
    )
    page.clock.run_for(1000)
    assert page.evaluate("log") == []
    page.clock.run_for(600)
    assert page.evaluate("log") == ["a timeout"]
    page.clock.run_for(1000)
    assert page.evaluate("log") == ["a timeout"]
    page.clock.run_for(600)
    assert page.evaluate("log") == ["a timeout", "b timeout"]


# Names of the page's own.


def test_global_names(page: Page, serve: Serve, app: Flask) -> None:
    """A page's own constant takes nothing from the script."""
    page.goto(f"{serve(app)}/page")
    page.add_script_tag(content="const origin = 'Berlin'; const reportError = () => 1")
    assert page.evaluate("[origin, reportError()]") == ["Berlin", 1]
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    assert page.evaluate("attempt('x')") == "x"
    page.evaluate(
        """() => new Promise(resolve => {
          addEventListener("error", resolve)
          WebForm_DoCallback("__Page", "x", () => { throw new Error("thrown") })
        })"""
    )
    page.evaluate("void attempt('comment first')")
    expect(page).to_have_title("1 comments")
    assert errors == ["thrown"]


# Tokens and signals.


def test_token_in_html_of_others(page: Page, serve: Serve, app: Flask) -> None:
    """What others wrote gives no CSRF token, and what the page has is sent."""
    page.goto(f"{serve(app)}/page")
    page.evaluate(
        """() => document.body.insertAdjacentHTML("afterbegin", `
          <p data-callback-ignore><meta name="csrf-token" content="evil">
          <input name="csrf_token" value="evil"></p>`)"""
    )

    with page.expect_request(lambda asked: asked.method == "POST") as sent:
        page.evaluate("attempt('x')")

    assert "x-csrftoken" not in sent.value.headers
    page.evaluate(
        """() => document.body.insertAdjacentHTML(
          "beforeend", `<input name="csrf_token" value="own">`)"""
    )

    with page.expect_request(lambda asked: asked.method == "POST") as sent:
        page.evaluate("attempt('x')")

    assert sent.value.headers["x-csrftoken"] == "own"


def test_signal_is_left_alone(page: Page, serve: Serve, app: Flask) -> None:
    """A call that has ended listens to its signal no more."""
    page.goto(f"{serve(app)}/page")
    counts = page.evaluate(
        """async () => {
          const { signal } = new AbortController()
          const counts = { addEventListener: 0, removeEventListener: 0 }
          for (const name of Object.keys(counts)) {
            const method = signal[name]
            signal[name] = (...values) => {
              counts[name]++
              return method.apply(signal, values)
            }
          }
          await attempt("x", { signal })
          await attempt("comment x", { signal })
          return counts
        }"""
    )
    assert counts["addEventListener"] == counts["removeEventListener"] == 2


# The answer.


@pytest.mark.parametrize("argument", ["x", "download x"])
def test_headers_of_the_answer(
    page: Page, serve: Serve, app: Flask, argument: str
) -> None:
    """The page can read the headers that an answer has."""
    page.goto(f"{serve(app)}/page")
    remaining = page.evaluate(
        """argument => new Promise(resolve => {
          document.addEventListener("clientcallback:after", ({ detail }) =>
            resolve(detail.response.headers.get("X-Remaining")))
          attempt(argument)
        })""",
        argument,
    )
    assert remaining == "7"


# Where it leads.


def test_redirect_to_a_place_of_the_page(page: Page, serve: Serve, app: Flask) -> None:
    """A redirect to another place of the page loads it anew, also to the place where
    the page is already.
    """
    page.goto(f"{serve(app)}/page")

    for number in (1, 2):
        page.evaluate(f"void attempt('comment number {number}')")
        expect(page).to_have_title(f"{number} comments")
        page.wait_for_load_state()
        assert page.url.endswith(f"/page#c{number}")

    # The same place again.
    page.evaluate("history.replaceState(null, '', '#c3')")
    page.evaluate("void attempt('comment number 3')")
    expect(page).to_have_title("3 comments")


# The document.


@pytest.mark.parametrize("how", ["srcdoc", "write", "blob"])
def test_document_without_an_address(
    page: Page, serve: Serve, app: Flask, how: str
) -> None:
    """A page whose HTML another document puts into a frame has its calls."""
    page.goto(f"{serve(app)}/host")
    told = page.evaluate(
        """async how => {
          const html = await (await fetch("/page")).text()
          const frame = document.createElement("iframe")
          if (how === "srcdoc") frame.srcdoc = html
          if (how === "blob") {
            const absolute = html.replaceAll('src="/', `src="${location.origin}/`)
            frame.src = URL.createObjectURL(new Blob([absolute], { type: "text/html" }))
          }
          document.body.append(frame)
          if (how === "write") {
            frame.contentDocument.open()
            frame.contentDocument.write(html)
            frame.contentDocument.close()
          }
          const inside = frame.contentWindow
          const later = resolve => setTimeout(resolve)
          while (!inside.ClientCallback) await new Promise(later)
          return inside.ClientCallback.call("__Page", "x").catch(error => `${error}`)
        }""",
        how,
    )
    assert told == "x"


@pytest.mark.chromium("only Playwright looks into a frame of another origin")
def test_document_of_another_origin(page: Page, serve: Serve, app: Flask) -> None:
    """In a frame that belongs to nobody a call ends in an error, as any call does that
    the server cannot answer.
    """

    @app.get("/frame")
    def frame() -> str:
        return '<!doctype html><iframe sandbox="allow-scripts" src="/page"></iframe>'

    page.goto(f"{serve(app)}/frame")
    inner = page.frames[1]
    inner.wait_for_load_state()
    assert inner.evaluate("attempt('x')") == "network"
