"""What controls register, as it runs in a browser."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import render_template_string
from flask import Response
from flask.views import MethodView
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import js_literal

if t.TYPE_CHECKING:
    from .conftest import Serve
    from .conftest import ServeView

TEMPLATE = """<!doctype html>
<link rel="icon" href="data:,">
<script nonce="n">const order = []</script>
<form method="post">{{ callback_fields() }}<input name="name" value="Ada"></form>
{{ callback_scripts("n") }}
"""


@callback_handler
class Registering(MethodView):
    """A page that gives back its form."""

    policy: str = "default-src 'self'; img-src data:; script-src 'nonce-n'"

    def get(self) -> Response:
        text = render_template_string(TEMPLATE)
        return Response(text, headers={"Content-Security-Policy": self.policy})

    def raise_callback_event(self, event_argument: str) -> dict[str, str]:
        return current_page.form.to_dict()


class Ordered(Registering):
    """Registers everything, what comes last in the page first."""

    def page_load(self) -> None:
        script = current_page.client_script
        script.register_startup_script(
            "s", "order.push(`startup ${list.join()} ${typeof ClientCallback.call}`)"
        )
        script.register_startup_script("t", "order.push('startup 2')")
        script.register_array_declaration("list", "'a'")
        script.register_on_submit_statement("o", "order.push('submit')")
        script.register_client_script_block(
            "b", "order.push(`block ${typeof list} ${typeof WebForm_OnSubmit}`)"
        )
        script.register_client_script_include("i", "/include.js")
        script.register_client_script_block("c", "order.push(`block ${included}`)")
        script.register_array_declaration("list", "order.length")

        # The first with a key wins.
        for kind in ("startup_script", "client_script_block"):
            register = getattr(script, f"register_{kind}")
            register({"s": "s", "c": "b"}[kind[0]], "order.push('again')")

        script.register_client_script_include("i", "/nowhere.js")


def test_order(page: Page, serve: Serve, console: list[str]) -> None:
    """Blocks and includes run first, as they were registered, then arrays, then
    what is to be done at the start.
    """
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    app.add_url_rule("/", view_func=Ordered.as_view("page"))
    source = "order.push('include'); const included = 'after the include'"
    app.add_url_rule(
        "/include.js", "include", lambda: Response(source, mimetype="text/javascript")
    )
    page.goto(serve(app))
    assert page.evaluate("order") == [
        "block undefined undefined",
        "include",
        "block after the include",
        "startup a,3 function",
        "startup 2",
    ]
    assert console == []


class Faulty(Registering):
    """Registers scripts of which each second one fails."""

    def page_load(self) -> None:
        script = current_page.client_script
        script.register_client_script_block("a", "throw new Error('block')")
        script.register_client_script_block("b", "order.push('block')")
        script.register_client_script_include("c", "/nowhere.js")
        script.register_array_declaration("bad", "missing")
        script.register_array_declaration("good", "'value'")
        script.register_on_submit_statement("d", "this is no JavaScript")
        script.register_startup_script("e", "this is no JavaScript")
        script.register_startup_script("f", "throw new Error('startup')")
        script.register_startup_script("g", "order.push(`startup ${good}`)")


def test_error_in_one(page: Page, serve_view: ServeView) -> None:
    """An error in one of them, in its text even, does not stop another."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.message))
    page.goto(serve_view(Faulty))
    assert page.evaluate("order") == ["block", "startup value"]
    result = page.evaluate("ClientCallback.call('__Page')")
    assert result == {"name": "Ada"}
    told = ("block", "unexpected", "missing", "unexpected", "startup")
    assert len(errors) == len(told)

    for error, word in zip(errors, told, strict=True):
        assert word in error.lower()


VALUES: list[t.Any] = [
    "'\"</script>",
    "\u2028<!--`${x}",
    1.5,
    None,
    True,
    ["a", {"b": "c"}],
]


class Arrays(Registering):
    """Registers arrays with many values, with one, and with none."""

    def page_load(self) -> None:
        script = current_page.client_script

        for value in VALUES:
            script.register_array_declaration("many", js_literal(value))

        script.register_array_declaration("$none", None)
        script.register_array_declaration("one", "'a, b'")


def test_arrays(page: Page, serve_view: ServeView, console: list[str]) -> None:
    """Arrays have their values, exactly and in their order."""
    page.goto(serve_view(Arrays))
    assert page.evaluate("[many, $none, one]") == [VALUES, [], ["a, b"]]
    assert console == []


@pytest.mark.parametrize("number", ["3", "0", "-1", "1.5"])
def test_array_of_one_number(page: Page, serve_view: ServeView, number: str) -> None:
    """An only value is the array's value, not its length."""

    class OneNumber(Registering):
        def page_load(self) -> None:
            current_page.client_script.register_array_declaration("list", number)

    page.goto(serve_view(OneNumber))
    assert page.evaluate("typeof list === 'undefined' ? null : [...list]") == [
        float(number)
    ]


class Hidden(Registering):
    """Registers a hidden field."""

    def page_load(self) -> None:
        script = current_page.client_script
        script.register_hidden_field("kept", "\" <b>'&amp;")
        script.register_hidden_field("kept", "again")


def test_hidden_field(page: Page, serve_view: ServeView) -> None:
    """A hidden field is one of the form's, and comes along in a callback."""
    page.goto(serve_view(Hidden))
    assert page.evaluate("ClientCallback.call('__Page')") == {
        "kept": "\" <b>'&amp;",
        "name": "Ada",
    }


class OnSubmit(Registering):
    """Registers two statements that share a function."""

    def page_load(self) -> None:
        script = current_page.client_script
        script.register_on_submit_statement("a", "var seen = order.length")
        script.register_on_submit_statement("b", "order.push(`seen ${seen}`)")
        script.register_on_submit_statement("c", "if (seen < 1) return false")
        script.register_on_submit_statement("d", "order.push('sent')")


def test_on_submit_statements(page: Page, serve_view: ServeView) -> None:
    """Statements run in their order until one returns; none runs by itself."""
    page.goto(serve_view(OnSubmit))
    assert page.evaluate("order") == []
    page.evaluate(
        """() => {
          const [form] = document.forms
          form.addEventListener("submit", event => {
            order.push(`kept ${event.defaultPrevented}`)
            event.preventDefault()
          })
          form.requestSubmit()
          form.requestSubmit()
        }"""
    )
    assert page.evaluate("order") == [
        "seen 0",
        "kept true",
        "seen 2",
        "sent",
        "kept false",
    ]
