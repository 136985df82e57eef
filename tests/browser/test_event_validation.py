"""Event validation in a browser: only what the page offered comes back."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest
from flask import render_template_string
from flask.views import MethodView
from markupsafe import Markup
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import current_page

from ..engines.expectations import expect

if t.TYPE_CHECKING:
    from .conftest import ServeView

LAYOUT = """<!doctype html>
<link rel="icon" href="data:,">
<ol id="log"></ol>
<script>
  const write = text => {
    const item = document.createElement("li")
    item.textContent = text
    document.getElementById("log").append(item)
  }
  const onResult = result => write(`result ${result}`)
  const onError = (message, context, error) =>
    write(`${error.kind} ${error.status} ${message}`)
  const send = argument =>
    WebForm_DoCallback("__Page", argument, onResult, null, onError, false)
</script>
BODY
"""
REFERENCE = """<button type="button" id="it" onclick="{{ get_callback_event_reference(
  current_page, js_literal("row '1'"), "onResult", None, "onError")
  |forceescape }}">It</button>"""
FORM = "<form method='post'>{{ callback_fields() }}</form>{{ callback_scripts() }}"
REJECTED = "rejected 403 The request was rejected."
STALE = "stale 400 This page is out of date. Reload it and try again."
BODIES = {
    "form": REFERENCE + FORM,
    "fields first": FORM + REFERENCE,
    "scripts in front": "{{ callback_scripts() }}<form>{{ callback_fields() }}</form>"
    + REFERENCE,
    "no form": "{{ callback_scripts() }}" + REFERENCE,
    "several forms": FORM + REFERENCE + "<form>{{ callback_fields() }}</form>",
}

Open: t.TypeAlias = Callable[[str], Page]


@callback_handler(event_validation=True)
class Validated(MethodView):
    """Each call offers the next one."""

    body: str = ""

    def get(self) -> str:
        return render_template_string(LAYOUT.replace("BODY", self.body))

    def raise_postback_event(self, argument: str) -> None:
        pass

    def raise_callback_event(self, event_argument: str) -> str:
        script = current_page.client_script

        if event_argument.startswith("row"):
            number = current_page.view_state.get("number", 0) + 1
            current_page.view_state["number"] = number
            script.register_for_event_validation(current_page, f"next {number}")
        elif event_argument == "next 1":
            # The events change, and the view state does not.
            script.register_for_event_validation(current_page, "end")

        return event_argument


@pytest.fixture
def open_page(page: Page, serve_view: ServeView) -> Open:
    """Open a page with a body."""

    def open_page(body: str) -> Page:
        page.goto(serve_view(type("Opened", (Validated,), {"body": body})))
        return page

    return open_page


def expect_log(page: Page, *expected: str) -> None:
    """See what came of all calls so far."""
    expect(page.locator("#log li")).to_have_text(list(expected))


def send(page: Page, argument: str) -> None:
    """Make a callback with an argument of one's own."""
    page.evaluate("argument => send(argument)", argument)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_events(open_page: Open, body: str) -> None:
    """What a reference holds is good, anything else is rejected; what a callback
    offers is good from then on, beside what was.
    """
    page = open_page(body)
    send(page, "next 1")
    expect_log(page, REJECTED)
    page.locator("#it").click()
    expect_log(page, REJECTED, "result row '1'")
    send(page, "next 1")
    send(page, "next 2")
    send(page, "end")
    # What is written moves the button, which a click could miss.
    so_far = REJECTED, "result row '1'", "result next 1", REJECTED, "result end"
    expect_log(page, *so_far)
    page.locator("#it").click()
    send(page, "next 2")
    send(page, "row '2'")
    expect_log(page, *so_far, "result row '1'", "result next 2", REJECTED)


def test_fields_of_several_forms(open_page: Open) -> None:
    """New events and new state reach the fields of all forms."""
    page = open_page(BODIES["several forms"])
    read = """name => [...document.getElementsByName(name)].map(field => field.value)"""
    names = ("__EVENTVALIDATION", "__VIEWSTATE")
    before = [page.evaluate(read, name) for name in names]
    page.locator("#it").click()
    expect_log(page, "result row '1'")

    for name, (old, _) in zip(names, before, strict=True):
        new, of_the_other = page.evaluate(read, name)
        assert new == of_the_other != old, name


@pytest.mark.parametrize("name", ["__EVENTVALIDATION", "__VIEWSTATE"])
@pytest.mark.parametrize("change", ["value => ''", "value => 'x' + value"])
def test_tampered_token(open_page: Open, name: str, change: str) -> None:
    """A token that was tampered with makes the page stale."""
    page = open_page(BODIES["form"])
    page.evaluate(
        f"""name => {{
          const [field] = document.getElementsByName(name)
          field.value = ({change})(field.value)
        }}""",
        name,
    )
    page.locator("#it").click()
    expect_log(page, STALE)


def test_token_of_another_page(open_page: Open) -> None:
    """Events that another page of the same view offered are not this one's."""
    page = open_page(BODIES["form"])
    page.locator("#it").click()
    expect_log(page, "result row '1'")
    events = page.input_value("[name=__EVENTVALIDATION]")
    page.reload()
    page.evaluate(
        "events => document.getElementById('__EVENTVALIDATION').value = events", events
    )
    send(page, "next 1")
    expect_log(page, STALE)


def test_attributes(open_page: Open) -> None:
    """The argument of callback attributes is offered; a value that the user
    chooses has to be registered.
    """
    page = open_page(
        """{{ current_page.client_script.register_for_event_validation(
          current_page, "1") or "" }}
        <button type="button" id="it" {{ callback_attributes(
          current_page, 1.50, "result", "error") }}>It</button>
        <select id="choice" {{ callback_attributes(
          current_page, None, "result", "error", event="change") }}>
          <option>0<option>1<option>2</select>"""
        + FORM
    )
    page.evaluate(
        """() => {
          ClientCallback.register("result", onResult)
          ClientCallback.register("error", onError)
        }"""
    )
    page.locator("#it").click()
    expect_log(page, "result 1.5")
    page.locator("#choice").select_option("1")
    expect_log(page, "result 1.5", "result 1")
    page.locator("#choice").select_option("2")
    expect_log(page, "result 1.5", "result 1", REJECTED)
    page.locator("#it").evaluate("it => it.dataset.callbackArgument = '1.6'")
    page.locator("#it").click()
    expect_log(page, "result 1.5", "result 1", REJECTED, REJECTED)


def test_argument_that_is_left_out(open_page: Open) -> None:
    """A reference may offer the empty argument."""
    page = open_page(
        """<button type="button" id="it" onclick="{{ get_callback_event_reference(
          current_page, None, "onResult", None, "onError") }}">It</button>"""
        + FORM
    )
    page.locator("#it").click()
    expect_log(page, "result ")
    send(page, " ")
    expect_log(page, "result ", REJECTED)


@pytest.mark.parametrize(("argument", "status"), [("down", 200), ("up", 403)])
def test_postback(open_page: Open, argument: str, status: int) -> None:
    """A post-back event is checked as well."""
    page = open_page(
        "{{ current_page.client_script.get_postback_event_reference("
        "current_page, 'down') }}" + BODIES["form"]
    )
    page.locator("#it").click()
    expect_log(page, "result row '1'")

    with page.expect_navigation() as navigation:
        page.evaluate("argument => __doPostBack('__Page', argument)", argument)

    assert navigation.value.status == status


def test_postback_after_a_callback(open_page: Open) -> None:
    """What a callback offered may also come as a post-back event."""
    page = open_page(BODIES["form"])
    page.locator("#it").click()
    expect_log(page, "result row '1'")

    with page.expect_navigation() as navigation:
        page.evaluate("__doPostBack('__Page', 'next 1')")

    assert navigation.value.status == 200


OFFERS = """
<p>{% for place in ["attic", "cellar"] %}
  <button{{ callback_attributes(current_page, method="look", args=[place],
                                output=place) }}>{{ place }}</button>
  <span id="{{ place }}"></span>
{% endfor %}
<output id="found">none</output>
{{ callback_scripts() }}"""
OFFERED = """<button{{ callback_attributes(current_page, method="take", args=[thing],
                                           output="found") }}>{{ thing }}</button>"""


@callback_handler(event_validation=True)
class House(MethodView):
    """The answer to each call offers another."""

    def get(self) -> str:
        return render_template_string(LAYOUT.replace("BODY", OFFERS))

    @callback_method
    def look(self, place: str) -> Markup:
        thing = {"attic": "chest", "cellar": "cask"}[place]
        return Markup(render_template_string(OFFERED, thing=thing))

    @callback_method
    def take(self, thing: str) -> str:
        return thing


def test_overlapping_offers(page: Page, serve_view: ServeView) -> None:
    """Two calls at once keep what each of them offers."""
    page.goto(serve_view(House))
    page.evaluate("document.querySelectorAll('p > button').forEach(one => one.click())")

    for thing in ("chest", "cask"):
        page.get_by_role("button", name=thing).click()
        expect(page.locator("#found")).to_have_text(thing)
