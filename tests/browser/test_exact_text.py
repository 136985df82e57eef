"""Text that is hard to carry, on its way through a page and back."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import render_template_string
from flask.views import MethodView
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page

from ..engines.expectations import expect

if t.TYPE_CHECKING:
    from .conftest import Serve
    from .conftest import ServeView

EACH_CHARACTER = "".join(map(chr, (*range(1, 0x3100), *range(0xFE00, 0x10100))))
TEXTS = ["a\nb", "a\r\nb", "\ra\r\r\nb\n\r", "\n", "\r", " \t", EACH_CHARACTER]
UNCARRIED = "a\0b"
"""A character that HTML cannot carry and a script can."""
LAYOUT = """<!doctype html>
<link rel="icon" href="data:,">
<form method="post" ENCTYPE>BUTTONS</form>
<output id="at">{{ got|length }}</output>
{{ callback_scripts() }}
<script>
  const show = count => { document.getElementById("at").textContent = count }
  ClientCallback.register("show", show)
</script>
"""
BUTTONS = """
  {% for text in texts %}
    <button type="button" {{ callback_attributes("note", text, "show") }}></button>
    <button type="button" onclick="{{ get_callback_event_reference(
      "note", text|js_literal, "show") }}"></button>
    <button type="button" onclick="{{ post(text) }}"></button>
  {% endfor %}
  <button type="button" onclick="{{ get_callback_event_reference(
    "note", uncarried|js_literal, "show") }}"></button>
  <button type="button" onclick="{{ post(uncarried) }}"></button>
  {{ callback_fields() }}
"""


class Note:
    """A control that keeps what comes to it."""

    def __init__(self, got: list[t.Any]) -> None:
        self.got = got

    def raise_callback_event(self, event_argument: str) -> int:
        self.got.append(event_argument)
        return len(self.got)

    def raise_postback_event(self, argument: str) -> None:
        self.got.append(argument)


def posted(text: str) -> str:
    """Give a text as a post back brings it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("validation", [True, False])
@pytest.mark.parametrize("enctype", ["", 'enctype="multipart/form-data"'])
def test_arguments(
    page: Page, serve_view: ServeView, *, validation: bool, enctype: str
) -> None:
    """An argument of a callback arrives exactly, that of a post back with its line
    breaks as line feeds; both also where they are validated.
    """
    got: list[str] = []

    @callback_handler(event_validation=validation)
    class Noted(MethodView):
        def page_init(self) -> None:
            current_page.add_control("note", Note(got))

        def get(self) -> str:
            def post(text: str) -> str:
                script = current_page.client_script
                return script.get_postback_event_reference("note", text)

            return render_template_string(
                LAYOUT.replace("ENCTYPE", enctype).replace("BUTTONS", BUTTONS),
                texts=TEXTS,
                uncarried=UNCARRIED,
                post=post,
                got=got,
            )

        def raise_callback_event(self, event_argument: str) -> None:
            pass

    page.goto(serve_view(Noted))
    expected: list[str] = []

    for text in TEXTS:
        expected += (text, text, posted(text))

    expected += (UNCARRIED, UNCARRIED)

    for i in range(len(expected)):
        page.locator("button").nth(i).dispatch_event("click")
        expect(page.locator("#at")).to_have_text(str(i + 1))

    assert got == expected


def test_hidden_fields(page: Page, serve_view: ServeView) -> None:
    """A hidden field holds its text exactly: a callback brings it so, and a post back
    with the line breaks of a form.
    """
    got: list[dict[str, str]] = []

    @callback_handler
    class Filled(MethodView):
        def page_load(self) -> None:
            if current_page.is_postback:
                got.append(current_page.form.to_dict())

            for i, text in enumerate(TEXTS):
                name = f"field {i}\r"
                current_page.client_script.register_hidden_field(name, text)

        def get(self) -> str:
            return render_template_string(
                LAYOUT.replace("BUTTONS", "{{ callback_fields() }}"), got=got
            )

        def raise_callback_event(self, event_argument: str) -> int:
            return len(got)

        def raise_postback_event(self, argument: str) -> None:
            pass

    page.goto(serve_view(Filled))
    page.evaluate("ClientCallback.call('__Page', '').then(show)")
    expect(page.locator("#at")).to_have_text("1")
    page.evaluate("__doPostBack('__Page', '')")
    expect(page.locator("#at")).to_have_text("2")
    in_callback, in_post_back = got
    assert list(in_callback.values()) == TEXTS
    forms = [posted(text).replace("\n", "\r\n") for text in TEXTS]
    assert list(in_post_back.values()) == forms


@pytest.mark.parametrize("path", ["a%00b", "%09", "%7F", "a%20b"])
def test_address(page: Page, serve: Serve, path: str) -> None:
    """A page whose address has such characters calls that address."""

    @callback_handler
    class Addressed(MethodView):
        def get(self, **values: str) -> str:
            return render_template_string("<!doctype html>{{ callback_scripts() }}")

        def raise_callback_event(self, event_argument: str) -> str:
            return "called"

    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    app.add_url_rule("/<path:path>", view_func=Addressed.as_view("page"))
    page.goto(f"{serve(app)}/{path}")
    assert page.evaluate("ClientCallback.call('__Page')") == "called"
