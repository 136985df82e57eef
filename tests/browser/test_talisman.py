"""Callbacks in Chromium under a strict Content-Security-Policy, which Flask-Talisman
sets, and with the token that Flask-WTF asks of every POST.
"""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import render_template_string
from flask.views import MethodView
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page

from ..engines.expectations import expect

if t.TYPE_CHECKING:
    from .conftest import Serve

POLICY = {
    "default-src": "'self'",
    "img-src": "data:",
    "script-src": "'strict-dynamic'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
VIOLATION = """() => new Promise(resolve => {
  document.addEventListener("securitypolicyviolation", event => {
    resolve(event.effectiveDirective)
  })
  try { document.body.innerHTML = "<p>" } catch {}
})"""
TOKEN = "{{ csrf_token() }}"


@callback_handler
class Strict(MethodView):
    """A page whose scripts all need the nonce of the request."""

    template = """
        <!doctype html>
        <link rel="icon" href="data:,">
        <script nonce="{{ csp_nonce() }}">
          const violations = []
          document.addEventListener("securitypolicyviolation", event => {
            violations.push(event.effectiveDirective)
          })
        </script>
        <form>
          {{ callback_fields() }}
          <input name="who" value="Ada">
          <button type="button" id="greet">Greet</button>
          <button type="button" {{ callback_attributes(
            current_page, "Good morning", on_result="show") }}>By attributes</button>
          <output name="answer"></output>
        </form>
        {{ callback_scripts(nonce=csp_nonce()) }}
        <script nonce="{{ csp_nonce() }}">
          const { answer } = document.forms[0]
          const show = text => { answer.value = text }
          ClientCallback.register("show", show)
          document.getElementById("greet").addEventListener("click", () => {
            ClientCallback.call("__Page", started).then(show)
          })
        </script>
    """

    def get(self) -> str:
        return render_template_string(self.template)

    def page_load(self) -> None:
        manager = current_page.client_script
        manager.register_array_declaration("words", "'Hello'")
        manager.register_on_submit_statement("stay", "return false")
        manager.register_startup_script("started", "let started = words[0]")

    def raise_callback_event(self, event_argument: str) -> str:
        count = current_page.view_state.get("count", 0) + 1
        current_page.view_state["count"] = count
        return f"{event_argument} {current_page.form['who']} {count}"


class Protected(Strict):
    """A page that sends no form, so that only the header has the token."""

    template = """
        <!doctype html>
        <link rel="icon" href="data:,">
        MARKUP
        {{ callback_fields() }}
        {{ callback_scripts().replace("data-callback-csrf=", "ATTRIBUTE=") }}
    """

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


def test_strict_policy(page: Page, serve: Serve, console: list[str]) -> None:
    """A page under the policy makes its callbacks, and violates nothing."""
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    Talisman(
        app,
        force_https=False,
        content_security_policy=POLICY,
        content_security_policy_nonce_in=["script-src"],
    )
    app.add_url_rule("/", view_func=Strict.as_view("strict"))
    page.goto(serve(app))
    button, answer = page.get_by_text("Greet"), page.locator("output")
    button.click()
    expect(answer).to_have_text("Hello Ada 1")
    page.locator("input[name=who]").fill("<b>Grace</b>")
    button.click()
    expect(answer).to_have_text("Hello <b>Grace</b> 2")
    page.get_by_text("By attributes").click()
    expect(answer).to_have_text("Good morning <b>Grace</b> 3")
    assert page.evaluate("violations") == []
    assert console == []

    # The policy is in force, and what violates it is reported.
    assert page.evaluate(VIOLATION) == "require-trusted-types-for"


@pytest.mark.parametrize(
    ("markup", "attribute"),
    [
        pytest.param("", "data-callback-csrf", id="scripts"),
        pytest.param(
            f'<input type="hidden" name="csrf_token" value="{TOKEN}">',
            "data-none",
            id="field",
        ),
        pytest.param(
            f'<meta name="csrf-token" content="{TOKEN}">', "data-none", id="meta"
        ),
        pytest.param(
            f'<input name="csrf-token"><meta name="csrf-token" content="{TOKEN}">',
            "data-none",
            id="meta after a field",
        ),
    ],
)
@pytest.mark.parametrize("names", [["X-CSRFToken", "X-CSRF-Token"], ["X-My-Token"]])
def test_csrf_token(
    page: Page, serve: Serve, markup: str, attribute: str, names: list[str]
) -> None:
    """The token goes along from wherever the page has it, in the header that Flask-WTF
    is configured for.
    """
    app = Flask(__name__)
    app.secret_key = "x"
    app.config["WTF_CSRF_HEADERS"] = names
    CSRFProtect(app)
    ClientCallback(app)
    template = Protected.template.replace("MARKUP", markup)

    class OfToken(Protected):
        pass

    OfToken.template = template.replace("ATTRIBUTE", attribute)
    app.add_url_rule("/", view_func=OfToken.as_view("page"))
    page.goto(serve(app))
    call = (
        "ClientCallback.call('__Page', 'x', { form: null }).catch(error => error.kind)"
    )
    assert page.evaluate(call) == "x"
    page.context.clear_cookies()
    assert page.evaluate(call) == "http"
