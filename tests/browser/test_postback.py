"""Post backs of a control, from scripts and without any."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest
from flask import render_template_string
from flask import request
from flask.views import MethodView
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page

from ..engines.expectations import expect

if t.TYPE_CHECKING:
    from .conftest import ServeView

LAYOUT = """<!doctype html>
<link rel="icon" href="data:,">
BODY
<output id="told">{{ told|tojson }}</output>
<ol id="log"></ol>
<script>
  const write = text => {
    const item = document.createElement("li")
    item.textContent = text
    document.getElementById("log").append(item)
  }
</script>
{{ callback_scripts() }}
"""
FORM = """
<form id="form" method="post">
  {{ callback_fields() }}
  <input id="name" name="name" value="as loaded">
  <button id="ordinary" name="pressed" value="yes">Ordinary</button>
</form>
"""
GRID = "grid$sort"
REFERENCE = "current_page.client_script.get_postback_event_reference"
HYPERLINK = "current_page.client_script.get_postback_client_hyperlink"

Open: t.TypeAlias = Callable[..., Page]


class Grid:
    """A control that tells what came to it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def raise_postback_event(self, argument: str) -> None:
        self.told.append(f"post back {argument}")

    def raise_callback_event(self, event_argument: str) -> str:
        return f"callback {event_argument} {current_page.form.to_dict()}"


@callback_handler
class Sorted(MethodView):
    """A page with a grid."""

    body: str = FORM
    on_submit: str = ""
    value: str = ""

    def get(self) -> str:
        told = [*self.grid.told]

        if current_page.is_postback:
            told.append(f"form {current_page.form.to_dict()}")

        return render_template_string(
            LAYOUT.replace("BODY", self.body), told=told, value=self.value
        )

    def page_init(self) -> None:
        self.grid = Grid()
        current_page.add_control(GRID, self.grid)

        if self.on_submit:
            script = current_page.client_script
            script.register_on_submit_statement("check", self.on_submit)

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


@pytest.fixture
def open_page(page: Page, serve_view: ServeView) -> Open:
    """Open a page with a body, and with a script that runs on submit."""

    def open_page(body: str = FORM, *, in_page: Page = page, **attributes: str) -> Page:
        attributes["body"] = body
        in_page.goto(serve_view(type("Opened", (Sorted,), dict(attributes))))
        return in_page

    return open_page


def expect_told(page: Page, *expected: str) -> None:
    """See what the server says of the post back."""
    told = ", ".join(f'"{line}"' for line in expected)
    expect(page.locator("#told")).to_have_text(f"[{told}]")


def in_page(page: Page) -> list[str]:
    """The fields of the page's form, as an ordinary submit sends them."""
    return t.cast(
        "list[str]",
        page.evaluate(
            """() => [...new FormData(document.getElementById("form")).keys()]
              .filter(name => !name.startsWith("__VIEWSTATE"))"""
        ),
    )


FORM_NOW = "form {\\u0027name\\u0027: \\u0027typed\\u0027}"


def test_reference(open_page: Open) -> None:
    """The control's method runs with the argument, and the form's values of now
    come along.
    """
    page = open_page(
        FORM
        + f"""<a id="it" href="#" onclick="{{{{
          {REFERENCE}("{GRID}", "name") }}}}; return false">It</a>"""
    )
    page.locator("#name").fill("typed")
    page.locator("#it").click()
    expect_told(page, "post back name", FORM_NOW)


def test_hyperlink(open_page: Open) -> None:
    """The same from the address of a link."""
    page = open_page(
        FORM + f"""<a id="it" href="{{{{ {HYPERLINK}("{GRID}", "name") }}}}">It</a>"""
    )
    page.locator("#name").fill("typed")
    page.locator("#it").click()
    expect_told(page, "post back name", FORM_NOW)


@pytest.mark.parametrize("way", ["reference", "hyperlink"])
@pytest.mark.parametrize(
    "argument",
    [
        "it's",
        '" onmouseover="write(1)',
        "100%25 of %",
        "a\\b\\u0041\\",
        "</script><b>&amp;&quot;",
        "ü \U0001f600 \u2028.",
        "1 + 1 = 2; $x#y?z",
    ],
)
def test_argument(open_page: Open, way: str, argument: str) -> None:
    """An argument arrives exactly, whatever is in it."""
    call = {
        "reference": (
            f'href="#" onclick="{{{{ {REFERENCE}("{GRID}", value) }}}}; return false"'
        ),
        "hyperlink": f"""href="{{{{ {HYPERLINK}("{GRID}", value) }}}}" """,
    }[way]
    page = open_page(FORM + f"<a id='it' {call}>It</a>", value=argument)

    with page.expect_navigation():
        page.locator("#it").click()

    told = page.evaluate("JSON.parse(document.getElementById('told').textContent)")
    assert told[0] == f"post back {argument}"


def test_control_without_an_argument(open_page: Open) -> None:
    """A reference may name a control only."""
    page = open_page(
        FORM + f"""<a id="it" href="{{{{ {HYPERLINK}("{GRID}") }}}}">It</a>"""
    )
    page.locator("#name").fill("typed")
    page.locator("#it").click()
    expect_told(page, "post back ", FORM_NOW)


def test_state_survives_it(open_page: Open) -> None:
    """The page that comes back is a page like the first."""
    page = open_page(
        FORM + f"""<a id="it" href="{{{{ {HYPERLINK}("{GRID}", "x") }}}}">It</a>"""
    )

    for _ in range(2):
        with page.expect_navigation():
            page.locator("#it").click()

        expect(page.locator("#told")).to_contain_text("post back x")
        assert page.evaluate("ClientCallback.call('__Page', 'here')") == "here"


CANCEL = """document.getElementById("form").addEventListener("submit", event => {
  const { target: form } = event
  write(form.elements.__EVENTTARGET.value + " " + form.elements.__EVENTARGUMENT.value)
  event.preventDefault()
})"""


def test_other_listener_cancels(open_page: Open) -> None:
    """A listener may keep the form, and nothing is left of the attempt."""
    page = open_page()
    page.evaluate(CANCEL)
    page.evaluate("__doPostBack('grid$sort', 'x')")
    expect(page.locator("#log li")).to_have_text(["grid$sort x"])
    assert in_page(page) == ["name"]
    expect(page.locator("[name^=__EVENT]")).to_have_count(0)
    expect_told(page)


def test_nothing_is_left_in_fields_of_the_page(open_page: Open) -> None:
    """Fields that the page has itself hold what they held before."""
    page = open_page(
        FORM.replace(
            "</form>",
            """<input type="hidden" name="__EVENTTARGET" value="">
            <input type="hidden" name="__EVENTARGUMENT" value=""></form>""",
        )
    )
    page.evaluate(CANCEL)
    page.evaluate("__doPostBack('grid$sort', 'x')")
    expect(page.locator("#log li")).to_have_text(["grid$sort x"])
    held = "names => names.map(name => document.getElementsByName(name)[0].value)"
    assert page.evaluate(held, ["__EVENTTARGET", "__EVENTARGUMENT"]) == ["", ""]


def test_fields_of_the_page_are_used(open_page: Open) -> None:
    """Hidden fields of the page, as ASP.NET's pages have them, are sent once."""
    page = open_page(
        FORM.replace(
            "</form>",
            """<input type="hidden" name="__EVENTTARGET" value="">
            <input type="hidden" name="__EVENTARGUMENT" value=""></form>""",
        )
    )

    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.evaluate("__doPostBack('grid$sort', 'x')")

    body = sent.value.post_data or ""
    assert body.count("__EVENTTARGET") == body.count("__EVENTARGUMENT") == 1
    expect(page.locator("#told")).to_contain_text("post back x")


@pytest.mark.parametrize("way", ["__doPostBack('grid$sort', 'x')", "ordinary"])
def test_statement_that_keeps_the_form(open_page: Open, way: str) -> None:
    """What was registered to run on submit may keep the form."""
    page = open_page(on_submit="write('ran'); return false; write('more')")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.method))

    if way == "ordinary":
        page.locator("#ordinary").click()
    else:
        page.evaluate(way)

    expect(page.locator("#log li")).to_have_text(["ran"])
    assert in_page(page) == ["name"]
    # A request that was on its way would be here before this one.
    page.evaluate("fetch('/', {method: 'HEAD'})")
    assert posts == ["HEAD"]
    expect_told(page)


@pytest.mark.parametrize("way", ["__doPostBack('grid$sort', 'x')", "ordinary"])
@pytest.mark.parametrize(
    "statement", ["", ";", "return true", "return undefined", "return 0", "throw 1"]
)
def test_statement_that_lets_it_go(open_page: Open, way: str, statement: str) -> None:
    """Whatever else a statement returns, or none at all, the form goes."""
    page = open_page(on_submit=statement)

    with page.expect_navigation():
        if way == "ordinary":
            page.locator("#ordinary").click()
        else:
            page.evaluate(way)

    expected = "pressed" if way == "ordinary" else "post back x"
    expect(page.locator("#told")).to_contain_text(expected)


def test_statements_of_another_form(open_page: Open) -> None:
    """The statements are about the page's form, not about a search box."""
    page = open_page(
        FORM + '<form action="/"><button id="search" name="q">Search</button></form>',
        on_submit="write('ran'); return false",
    )
    page.locator("#search").click()
    page.wait_for_url("**/?q=")


def test_statements_do_not_run_in_a_callback(open_page: Open) -> None:
    """A callback is no submit."""
    page = open_page(on_submit="write('ran'); return false")
    assert page.evaluate("ClientCallback.call('__Page', 'here')") == "here"
    expect(page.locator("#log li")).to_have_count(0)


def test_page_without_a_form(open_page: Open, console: list[str]) -> None:
    """Where there is no form, the console tells what is missing."""
    page = open_page("<p>No form</p>")

    with page.expect_console_message(lambda message: message.type == "error"):
        page.evaluate("__doPostBack('grid$sort', 'x')")

    assert console == ["No form has callback_fields()."]
    expect_told(page)


def test_form_with_fields_in_the_way(open_page: Open) -> None:
    """Fields whose names are those of a form's properties do no harm."""
    page = open_page(
        FORM.replace(
            "</form>",
            """<input name="submit" value="a"><input name="action" value="b">
            <input name="elements" value="c"></form>""",
        )
    )

    with page.expect_navigation():
        page.evaluate("__doPostBack('grid$sort', 'x')")

    expect(page.locator("#told")).to_contain_text("post back x")
    expect(page.locator("#told")).to_contain_text("elements")


BUTTONS = f"""
<form id="form" method="post">
  {{{{ callback_fields() }}}}
  <input id="name" name="name" value="as loaded">
  <button id="one" name="__EVENTTARGET" value="{GRID}" ATTRIBUTES>Sort</button>
</form>
<form method="post">
  {{{{ callback_fields() }}}}
  <input type="hidden" name="__EVENTTARGET" value="{GRID}">
  <button id="two" name="__EVENTARGUMENT" value="down" ATTRIBUTES>Down</button>
</form>
"""
ATTRIBUTES = f'{{{{ callback_attributes("{GRID}", "now", "write") }}}}'


def test_button_without_scripts(open_page: Open, plain_page: Page) -> None:
    """A button named as the protocol's field posts its control back by itself."""
    body = BUTTONS.replace("ATTRIBUTES", ATTRIBUTES)
    page = open_page(body, in_page=plain_page)
    page.locator("#name").fill("typed")
    page.locator("#one").click()
    expect_told(page, "post back ", FORM_NOW)
    page.locator("#two").click()
    expect_told(page, "post back down", "form {}")


def test_button_with_scripts(open_page: Open) -> None:
    """With scripts the same buttons make callbacks, which are no post-back events
    and do not send the buttons' fields as the form's.
    """
    page = open_page(BUTTONS.replace("ATTRIBUTES", ATTRIBUTES))
    page.evaluate("ClientCallback.register('write', write)")
    page.locator("#name").fill("typed")
    bodies: list[str] = []
    page.on("request", lambda request: bodies.append(request.post_data or ""))
    page.locator("#one").click()
    expect(page.locator("#log li")).to_have_text(["callback now {'name': 'typed'}"])
    page.locator("#two").click()
    expect(page.locator("#log li").last).to_have_text("callback now {}")
    expect_told(page)
    assert len(bodies) == 2
    assert [body for body in bodies if "__EVENTTARGET" in body] == []
    assert [body for body in bodies if "__EVENTARGUMENT" in body] == []


def test_page_that_is_out_of_date(plain_page: Page, serve_view: ServeView) -> None:
    """Where no script runs, a link in the answer leads back to the page."""
    asked: list[str] = []

    @callback_handler
    class Old(MethodView):
        def raise_callback_event(self, event_argument: str) -> None:
            pass

        def get(self) -> str:
            asked.append(request.method)
            return render_template_string(
                """<!doctype html><form method="post">
                <input type="hidden" name="__VIEWSTATE" value="old">
                <button>Send</button></form>"""
            )

    page = plain_page
    page.goto(f"{serve_view(Old)}/?place=1")
    page.get_by_role("button").click()
    link = page.get_by_role("link", name="This page is out of date.")
    link.click()
    expect(page.get_by_role("button")).to_be_visible()
    assert page.url.endswith("/?place=1")
    assert asked == ["GET", "GET"]
