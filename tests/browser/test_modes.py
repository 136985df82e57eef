"""The client script as production serves it, and as debug mode does."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import render_template_string
from flask.views import MethodView
from playwright.sync_api import ConsoleMessage
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page

from ..engines.expectations import expect
from ..helpers.static_files import read_served

if t.TYPE_CHECKING:
    from .conftest import Serve
    from .conftest import ServeView

TEMPLATE = """<!doctype html>
<link rel="icon" href="data:,">
<form>
  {{ callback_fields() }}
  <input name="name" value="Ada">
  <button type="button" {{ callback_attributes(
    current_page, "data attribute", "show") }}>Call</button>
</form>
<p id="shown"></p>
{{ callback_scripts() }}
<script type="module">
  import { call } from "{{
    current_page.client_script.get_web_resource_url("clientcallback.mjs") }}"
  ClientCallback.register("show", text => {
    document.getElementById("shown").textContent = text
  })
  window.callOfModule = call
</script>
"""


@callback_handler
class Counting(MethodView):
    """Tells what it got, and counts it in the view state."""

    def get(self) -> str:
        return render_template_string(TEMPLATE)

    def raise_callback_event(self, event_argument: str) -> str:
        if event_argument == "fail":
            raise CallbackError("No.")

        count = current_page.view_state.get("count", 0) + 1
        current_page.view_state["count"] = count
        return f"{event_argument} {count}"


def load(page: Page, url: str) -> str:
    """Open a page, and give the client script that the browser got."""
    with page.expect_response("**/clientcallback.js") as got:
        page.goto(url)

    return got.value.text()


def test_other_tests_use_the_minified_script(page: Page, serve_view: ServeView) -> None:
    """The script of the pages that these tests serve is that of production."""
    assert (
        load(page, serve_view(Counting))
        == read_served("clientcallback.min.js").decode()
    )


@pytest.mark.parametrize(
    ("debug", "name"), [(False, "clientcallback.min.js"), (True, "clientcallback.js")]
)
def test_modes(
    page: Page, serve: Serve, console: list[str], debug: bool, name: str
) -> None:
    """In both modes a page makes calls in each way, and tells an error by its name."""
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    app.debug = debug
    app.add_url_rule("/", view_func=Counting.as_view("page"))
    assert load(page, serve(app)) == read_served(name).decode()
    shown = page.locator("#shown")
    page.get_by_role("button").click()
    expect(shown).to_have_text("data attribute 1")
    told = page.evaluate("ClientCallback.call('__Page', 'promise')")
    assert told == "promise 2"
    told = page.evaluate("callOfModule('__Page', 'module')")
    assert told == "module 3"
    page.evaluate(
        """() => WebForm_DoCallback('__Page', 'reference', text => {
          document.getElementById("shown").textContent = text
        }, null, null, true)"""
    )
    expect(shown).to_have_text("reference 4")
    assert console == []

    def tells_error(message: ConsoleMessage) -> bool:
        return message.text.startswith("CallbackError: No.")

    # It ends by itself: the next call may end before it.
    with page.expect_console_message(tells_error):
        page.evaluate("WebForm_DoCallback('__Page', 'fail', null, null, null, true)")

    failed = page.evaluate(
        """() => ClientCallback.call("__Page", "fail").catch(error =>
          [String(error), error.constructor.name, error instanceof Error])"""
    )
    assert failed == ["CallbackError: No.", "CallbackError", True]
