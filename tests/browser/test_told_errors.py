"""What a user is told and asked: in the page's own words, and with a way on."""

from __future__ import annotations

import typing as t

import pytest
from flask import abort
from flask import render_template_string
from flask import Response
from flask.views import MethodView
from playwright.sync_api import Dialog
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError

from ..engines.expectations import expect
from ..helpers.strict_page import Doors
from ..helpers.strict_page import POLICY

if t.TYPE_CHECKING:
    from .conftest import ServeView

LAYOUT = """<!doctype html>
<link rel="icon" href="data:,">
{{ callback_scripts("n", messages) }}
<script nonce="n">
  const tell = promise =>
    promise.catch(error => [error.kind, error.status, error.message])
</script>
<form>{{ callback_fields() }}
  {% for method in ["no", "login", "echo"] %}
  <button id="{{ method }}" {{ callback_attributes(
    current_page, method=method, output="at",
    timeout=200 if method == "echo" else none) }}>{{ method }}</button>
  {% endfor %}
  <button id="remove" {{ callback_attributes(current_page, method="echo",
    args=["gone"], output="at", confirm="Remove “it”?") }}>Remove</button>
</form>
{{ callback_error() }}
<output id="at"></output>
"""
MESSAGES = {
    "network": "Kein Netz.",
    "timeout": "Zu langsam.",
    "stale_link": "Neu laden",
    "auth_link": "Anmelden",
}


@callback_handler
class Told(MethodView):
    """Fails in the ways that there are."""

    doors: t.ClassVar[Doors]
    messages: t.ClassVar[dict[str, str] | None]

    def get(self) -> Response:
        text = render_template_string(LAYOUT, messages=self.messages)
        return Response(text, headers={"Content-Security-Policy": POLICY})

    @callback_method
    def no(self) -> str:
        raise CallbackError("Not today.")

    @callback_method
    def login(self) -> str:
        abort(401, "Who are you?")

    @callback_method
    def echo(self, text: str = "echo") -> str:
        if text == "echo":
            self.doors.pass_through("echo")

        return text


class Opened(t.Protocol):
    """Opens the page."""

    def __call__(self, messages: dict[str, str] | None = None) -> Page: ...


@pytest.fixture
def open_told(page: Page, serve_view: ServeView, doors: Doors) -> Opened:
    def open_told(messages: dict[str, str] | None = None) -> Page:
        attributes = {"doors": doors, "messages": messages}
        page.goto(serve_view(type("Opened", (Told,), attributes)))
        return page

    return open_told


@pytest.mark.parametrize("messages", [None, MESSAGES])
def test_words(open_told: Opened, messages: dict[str, str] | None) -> None:
    """An error that the server has no message for is told in the page's words, in the
    page's place, to a screen reader too.
    """
    page = open_told(messages)
    words = messages or {
        "timeout": "The server did not answer in time.",
        "network": "The server cannot be reached.",
    }
    told = page.get_by_role("alert")
    page.locator("#echo").click()
    expect(told).to_have_text(words["timeout"])
    page.locator("#no").click()
    expect(told).to_have_text("Not today.")
    page.context.set_offline(True)
    page.locator("#no").click()
    expect(told).to_have_text(words["network"])
    message = page.evaluate("tell(ClientCallback.page.no())")
    assert message == ["network", 0, words["network"]]


@pytest.mark.parametrize("messages", [None, MESSAGES])
def test_way_on(open_told: Opened, messages: dict[str, str] | None) -> None:
    """Beside the message of a page that is out of date stands a link to load it anew,
    beside that of a login that is needed one that leads there; beside others none.
    """
    page = open_told(messages)
    told = page.get_by_role("alert")
    words = messages or {"stale_link": "Reload", "auth_link": "Log in"}
    page.evaluate("location.hash = 'here'")
    page.locator("#login").click()
    expect(told).to_have_text(f"Who are you? {words['auth_link']}")
    page.locator("#no").click()
    expect(told.locator("a")).to_have_count(0)
    page.evaluate(
        """() => {
          document.querySelector("[name=__VIEWSTATE]").value = "forged"
          window.isOld = true
        }"""
    )
    page.locator("#no").click()
    link = told.locator("a")
    expect(link).to_have_text(words["stale_link"])
    link.click()
    page.wait_for_function("!window.isOld")
    page.locator("#no").click()
    expect(told).to_have_text("Not today.")


def test_cancelled_error(open_told: Opened) -> None:
    """A listener that shows the error itself has the place to itself."""
    page = open_told()
    page.evaluate(
        """() => document.addEventListener("clientcallback:error", event => {
          event.preventDefault()
          document.title = event.detail.error.kind
        })"""
    )
    page.locator("#login").click()
    expect(page).to_have_title("auth")
    expect(page.get_by_role("alert")).to_be_empty()


@pytest.mark.parametrize("is_wanted", [True, False])
def test_question(open_told: Opened, is_wanted: bool) -> None:
    """An element with a question calls when the user says yes, by keyboard too."""
    page = open_told()
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        (dialog.accept if is_wanted else dialog.dismiss)()

    page.on("dialog", answer)
    page.locator("#remove").focus()
    page.keyboard.press("Enter")

    if is_wanted:
        expect(page.locator("#at")).to_have_text("gone")
    else:
        page.locator("#no").click()
        expect(page.get_by_role("alert")).to_have_text("Not today.")
        expect(page.locator("#at")).to_be_empty()

    assert asked == ["Remove “it”?"]


# Pages that are left.


@pytest.mark.parametrize(
    "calls",
    [
        "tell(ClientCallback.page.echo()).then(keep)",
        """const later = ClientCallback.page.with({ policy: "queue" })
        tell(later.echo()).then(keep)
        tell(later.echo("second")).then(keep)""",
        """addEventListener("pagehide", () => {
          tell(ClientCallback.page.echo()).then(keep)
        })""",
        """addEventListener("pagehide", () => {
          const later = ClientCallback.page.with({ policy: "queue", timeout: 100 })
          tell(later.echo()).then(keep)
          tell(later.echo("second")).then(keep)
        })""",
    ],
    ids=["running", "queued", "late", "late-queued"],
)
def test_page_that_is_left(open_told: Opened, doors: Doors, calls: str) -> None:
    """Each call of a page that is left ends at once, as given up: one that runs, one
    that waits, and one that is made while the page is left.
    """
    page = open_told()
    page.evaluate(
        f"""() => {{
          const keep = told => {{ localStorage.told = (localStorage.told ?? "") + told[0] + " " }}
          {calls}
        }}"""  # noqa: E501
    )
    page.goto(f"{page.url}?again")
    count = calls.count("echo(")
    expected = "abort " * count
    assert page.evaluate("localStorage.told") == expected
    doors.open("echo")
