"""Elements that call methods and show what these give, without a script of the page's
author.
"""

from __future__ import annotations

import typing as t

import pytest
from flask import render_template_string
from flask import Response
from flask.views import MethodView
from markupsafe import Markup
from playwright.sync_api import Page
from werkzeug.datastructures import FileStorage

from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page
from flask_clientcallback import FromForm

from ..engines.expectations import expect
from ..helpers.bare_page import BarePage
from ..helpers.held import Held
from ..helpers.strict_page import OBSERVE
from ..helpers.strict_page import POLICY

if t.TYPE_CHECKING:
    from .conftest import ServeView

UNENFORCED = POLICY.replace("require-trusted-types-for 'script';", "").replace(
    " trusted-types 'none'", ""
)
"""The policy without Trusted Types."""
ALLOWING = POLICY.replace("trusted-types 'none'", "trusted-types clientcallback")
"""The policy with the one that the client script needs without ``setHTML()``."""
WITHOUT_SET_HTML = "delete Document.parseHTML; delete Element.prototype.setHTML"
OLDER_DRAFT = """
  delete Document.parseHTML
  Element.prototype.setHTML = () => { throw new TypeError("That is no Sanitizer.") }
"""
"""Chrome 112 to 118."""
ROWS = """
{% for name in current_page.view_state.get("names", ["pen", "ink"]) %}
  <tr id="row-{{ name }}"><td>{{ name }}
    <button type="button" id="remove-{{ name }}" {{ callback_attributes(
      "names", method="remove", args=[name], output="rows") }}>Remove</button>
{% endfor %}
"""


class Names:
    """A list that the view state keeps."""

    @callback_method
    def remove(self, name: str) -> Markup:
        names = current_page.view_state.get("names", ["pen", "ink"])
        current_page.view_state["names"] = [other for other in names if other != name]
        return Markup(render_template_string(ROWS))


Files: t.TypeAlias = list[FileStorage] | None


@callback_handler
class Attributes(BarePage):
    """Has a method for each kind of result."""

    results: t.ClassVar[dict[str, t.Any]] = {}
    names = callback_control(Names)

    @callback_method
    def tell(self, one: t.Any = "", two: t.Any = "") -> str:
        given = [value for value in (one, two) if value != ""]
        return " ".join(map(repr, given)) or "nothing"

    @callback_method
    def files(self, files: Files = None) -> str:
        return " ".join(file.filename or "" for file in files or ()) or "nothing"

    @callback_method
    def order(self, name: FromForm[str]) -> str:
        return f"ordered {name}"

    @callback_method
    def give(self, name: str) -> t.Any:
        return self.results[name]

    @callback_method
    def count(self) -> int:
        current_page.view_state["count"] = current_page.view_state.get("count", 0) + 1
        return t.cast(int, current_page.view_state["count"])


Open: t.TypeAlias = t.Callable[..., Page]


@pytest.fixture
def open_page(page: Page, serve_view: ServeView) -> Open:
    """Open a page with a template, and with results that it gives."""
    page.add_init_script(OBSERVE)

    def open_page(
        template: str,
        results: dict[str, t.Any] | None = None,
        policy: str = POLICY,
        base: type[MethodView] = Attributes,
    ) -> Page:
        attributes = {"template": template, "results": results, "policy": policy}
        page.goto(serve_view(type("Opened", (base,), attributes)))
        return page

    return open_page


# What is sent.


@pytest.mark.parametrize(
    ("element", "change", "told"),
    [
        ('<input id="it" ATTRIBUTES>', "fill typed", "7 'typed'"),
        ('<input id="it" type="number" ATTRIBUTES>', "fill 5", "7 '5'"),
        ('<input id="it" type="checkbox" ATTRIBUTES>', "check", "7 True"),
        ('<input id="it" type="checkbox" checked ATTRIBUTES>', "uncheck", "7 False"),
        ('<input id="it" type="radio" value="r" ATTRIBUTES>', "check", "7 'r'"),
        ('<textarea id="it" ATTRIBUTES></textarea>', "fill a", "7 'a'"),
        (
            '<select id="it" ATTRIBUTES><option>a<option>b</select>',
            "select_option b",
            "7 'b'",
        ),
        (
            '<select id="it" multiple ATTRIBUTES><option>a<option>b<option>c</select>',
            "select_option a,c",
            "7 ['a', 'c']",
        ),
    ],
)
@pytest.mark.parametrize("name", ["", 'name="field"'])
def test_own_value(
    open_page: Open, element: str, change: str, told: str, name: str
) -> None:
    """The element's own value comes behind the arguments: that of a checkbox is whether
    it is checked, that of a list its values.
    """
    attributes = """{{ callback_attributes(
      current_page, method="tell", args=[7], value=True, event="change", output="at"
      ) }}"""
    written = element.replace("ATTRIBUTES", f"{name} {attributes}")
    page = open_page(f'<form>{written}</form><output id="at"></output>')
    work, _, argument = change.partition(" ")
    given = [argument.split(",") if "," in argument else argument] if argument else []
    getattr(page.locator("#it"), work)(*given)
    page.locator("#it").blur()
    expect(page.locator("#at")).to_have_text(told)


def test_own_files(open_page: Open) -> None:
    """A file field gives its files; without any, nothing is given."""
    page = open_page(
        """<input id="it" type="file" multiple {{ callback_attributes(
          current_page, method="files", value=True, event="change", output="at") }}>
        <output id="at"></output>"""
    )
    field = page.locator("#it")
    chosen: list[t.Any] = [
        {"name": name, "mimeType": "text/plain", "buffer": b"x"} for name in "ab"
    ]
    field.set_input_files(chosen)
    expect(page.locator("#at")).to_have_text("a b")
    field.set_input_files([])
    expect(page.locator("#at")).to_have_text("nothing")


def test_only_the_arguments(open_page: Open) -> None:
    """Without being asked for it an element gives no value, and a button that posts
    back none in any case.
    """
    page = open_page(
        """<form method="post">
          <button id="plain" value="own" {{ callback_attributes(
            current_page, method="tell", output="at") }}></button>
          <button id="given" value="own" {{ callback_attributes(
            current_page, method="tell", args=["<\\"'&", none], output="at"
            ) }}></button>
          <button id="back" {{ callback_attributes(
            current_page, method="tell", args=[1.5], output="at", postback=True
            ) }}></button>
        </form><output id="at"></output>"""
    )
    told = {"plain": "nothing", "given": "'<\"\\'&' None", "back": "1.5"}

    for name, text in told.items():
        page.locator(f"#{name}").click()
        expect(page.locator("#at")).to_have_text(text)


def test_value_of_a_form(open_page: Open) -> None:
    """The own value of a form is that of the button that submits it."""
    page = open_page(
        """<form method="post" {{ callback_attributes(current_page, method="tell",
          value=True, event="submit", output="at") }}>
          <button id="one" value="1"></button></form><output id="at"></output>"""
    )
    page.locator("#one").click()
    expect(page.locator("#at")).to_have_text("'1'")


# When it is.


FORM = """<form method="post">
  {{ callback_fields() }}
  <input id="name" name="name" required>
  <button id="order" {{ callback_attributes(
    current_page, method="order", postback=True, output="at") }}>Order</button>
  <button id="all" formnovalidate {{ callback_attributes(
    current_page, method="tell", args=["all"], output="at") }}>All</button>
</form>
<output id="at">{{ callback_result() }}</output>"""


def test_button_of_a_form(open_page: Open, page: Page) -> None:
    """A button calls when its form is submitted: required fields, the Enter key and
    formnovalidate hold, and no other field goes along than those of the form.
    """
    bodies: list[str | None] = []

    def note(request: t.Any) -> None:
        if request.method == "POST":
            bodies.append(request.post_data)

    page.on("request", note)
    open_page(FORM)
    at = page.locator("#at")
    page.locator("#order").click()
    assert page.evaluate("document.activeElement.id") == "name"
    page.locator("#all").click()
    expect(at).to_have_text("'all'")
    page.locator("#name").fill("pen")
    page.locator("#name").press("Enter")
    expect(at).to_have_text("ordered pen")
    page.locator("#name").fill("ink")
    page.locator("#order").click()
    expect(at).to_have_text("ordered ink")
    assert len(bodies) == 3
    assert not any("__EVENTTARGET" in (body or "") for body in bodies)
    assert page.evaluate("violations") == []


def test_button_without_scripts(page: Page, serve_view: ServeView) -> None:
    """The same button does the same where scripts do not run."""
    address = serve_view(type("Opened", (Attributes,), {"template": FORM}))
    browser = page.context.browser
    assert browser is not None

    with browser.new_context(java_script_enabled=False) as context:
        plain = context.new_page()
        plain.goto(address)
        plain.locator("#name").fill("pen")
        plain.locator("#order").click()
        expect(plain.locator("#at")).to_have_text("ordered pen")


def test_quick_clicks(open_page: Open) -> None:
    """Quick clicks wait for one another where the page keeps something, so that no
    change is lost.
    """
    page = open_page(
        """<button id="it" {{ callback_attributes(
          current_page, method="count", output="at") }}></button>
        <output id="at"></output>"""
    )
    page.locator("#it").click()
    expect(page.locator("#at")).to_have_text("1")
    page.evaluate("for (let i = 0; i < 3; i++) document.getElementById('it').click()")
    expect(page.locator("#at")).to_have_text("4")


# The result as text.


def give(element: str, results: dict[str, t.Any]) -> str:
    """Write the buttons that give results, and the element that shows them."""
    buttons = "".join(
        f"""<button type="button" id="{name}" {{{{ callback_attributes(
          current_page, method="give", args=["{name}"], output="at") }}}}></button>"""
        for name in results
    )
    return f"{buttons}{element}"


TEXTS: list[tuple[t.Any, str]] = [
    ("<b>text</b>\n &amp;", "<b>text</b>\n &amp;"),
    ("", ""),
    (5, "5"),
    (0, "0"),
    (False, "false"),
    (None, ""),
    (["a", 1], '["a",1]'),
    ({"a": None}, '{"a":null}'),
]


@pytest.mark.parametrize("element", ["output", "p", "textarea", "input", "li"])
def test_result_as_text(open_page: Open, element: str) -> None:
    """A result is shown as text, whatever it looks like; a field has it as a value."""
    results = {f"r{i}": given for i, (given, _) in enumerate(TEXTS)}
    page = open_page(give(f'<{element} id="at">', results), results)
    at = page.locator("#at")
    shows = "value" if element in ("textarea", "input") else "textContent"
    at.evaluate(f"element => {{ element.{shows} = 'before' }}")

    for i, (_, text) in enumerate(TEXTS):
        expected = text.replace("\n", "") if element == "input" else text
        page.locator(f"#r{i}").dispatch_event("click")
        page.wait_for_function(
            "([name, text]) => document.getElementById('at')[name] === text",
            arg=[shows, expected],
        )

    assert page.evaluate("violations") == []


def test_option_of_a_select(open_page: Open) -> None:
    """In a list of options the result is chosen."""
    results = {"b": "b"}
    select = '<select id="at"><option>a<option>b</select>'
    page = open_page(give(select, results), results)
    page.locator("#b").click()
    expect(page.locator("#at")).to_have_value("b")


def test_response(open_page: Open, console: list[str]) -> None:
    """A response is no text to show: the element stays as it was."""
    results = {"r": Response("text"), "after": "after"}
    page = open_page(give('<output id="at">before</output>', results), results)

    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("#r").click()

    expect(page.locator("[aria-busy]")).to_have_count(0)
    expect(page.locator("#at")).to_have_text("before")
    page.locator("#after").click()
    expect(page.locator("#at")).to_have_text("after")
    assert console == []


def test_missing_element(open_page: Open, console: list[str]) -> None:
    """The console says that the element that shows the result is gone."""
    page = open_page(give('<output id="at"></output>', {"r": 1}), {"r": 1})
    page.evaluate("document.getElementById('at').remove()")

    with page.expect_console_message():
        page.locator("#r").click()

    assert console == ["There is no element at."]


def test_shadow_root(open_page: Open) -> None:
    """In a shadow root the element is that of the same shadow root."""
    template = give("", {"r": "shown"})
    page = open_page(
        f"""<output id="at"></output><div id="host"><template shadowrootmode="open">
          {template}<output id="at"></output></template></div>""",
        {"r": "shown"},
    )
    page.locator("#host button").click()
    expect(page.locator("#host output")).to_have_text("shown")
    expect(page.locator("body > #at")).to_have_text("")


# The result as HTML.


NEEDS_SET_HTML = pytest.mark.without(
    "webkit", "it has Trusted Types, and no setHTML() beside them"
)


@pytest.fixture(
    params=[
        pytest.param(("", POLICY), id="new", marks=NEEDS_SET_HTML),
        pytest.param((WITHOUT_SET_HTML, ALLOWING), id="policy"),
        pytest.param((WITHOUT_SET_HTML, UNENFORCED), id="none"),
        pytest.param((OLDER_DRAFT, UNENFORCED), id="old"),
    ]
)
def open_html(request: pytest.FixtureRequest, open_page: Open, page: Page) -> Open:
    """Open a page in a browser that has ``setHTML()``, in one that has Trusted Types
    alone, in one that has neither, and in one that has ``setHTML()`` of an older draft.
    """
    script, policy = request.param
    page.add_init_script(script)

    def open_html(template: str, results: dict[str, t.Any] | None = None) -> Page:
        return open_page(template, results, policy)

    return open_html


def test_rows(open_html: Open, page: Page) -> None:
    """Rows are put into a table, and can make calls themselves; the focus goes to the
    element itself when what had it is gone.
    """
    open_html(f'<table><tbody id="rows">{ROWS}</tbody></table>')
    rows = page.locator("#rows > tr")
    expect(rows).to_have_count(2)
    page.locator("#remove-pen").click()
    expect(rows).to_have_count(1)
    assert page.evaluate("document.activeElement.id") == "rows"
    assert page.locator("#rows").get_attribute("tabindex") == "-1"
    page.locator("#remove-ink").click()
    expect(rows).to_have_count(0)
    assert page.evaluate("violations") == []


def test_text_is_no_html(open_html: Open, page: Page) -> None:
    """Only what the server marked as HTML is; the same text is text."""
    results = {"html": Markup("<b>bold</b>"), "text": "<b>bold</b>"}
    open_html(give('<p id="at"></p>', results), results)
    page.locator("#html").click()
    expect(page.locator("#at > b")).to_have_text("bold")
    page.locator("#text").click()
    expect(page.locator("#at")).to_have_text("<b>bold</b>")
    expect(page.locator("#at > b")).to_have_count(0)


KEPT = """<form id="inner" class="c" style="color: red"><input id="i" name="attributes">
  <button data-callback-target="a.b" data-x="1">B</button></form>
  <a href="/x?y=javascript:1" target="t">A</a>
  <svg viewBox="0 0 1 1"><circle r="1"></circle></svg>
  <details open=""><summary>S</summary></details><template><i>T</i></template>"""


def test_kept_html(open_html: Open, page: Page, engine: str) -> None:
    """Forms, ids, classes, links, pictures and attributes of calls stay as they are."""
    results = {"html": Markup(KEPT)}
    open_html(give('<div id="at"></div>', results), results)
    page.locator("#html").click()
    expect(page.locator("#at form")).to_be_attached()
    # Where a policy forbids a style, Firefox empties the attribute.
    kept = KEPT.replace("color: red", "" if engine == "firefox" else "color: red")
    assert page.locator("#at").inner_html().split() == kept.split()


HOSTILE = """
<img src="/missing" onerror="hit('onerror')"><b onclick="hit('onclick')" id="b">B</b>
<script>hit('script')</script>
<svg onload="hit('svg')"><script>hit('svg script')</script>
<use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'/>#x"/>
<a><set attributeName="href" to="javascript:hit('set')"/><text y="9">t</text></a></svg>
<iframe srcdoc="<script>parent.hit('frame')</script>"></iframe>
<object data="javascript:hit('object')"></object><embed src="javascript:hit('embed')">
<a id="a" href="java&#10;script&colon;hit('href')">A</a>
<a id="c" href="&#1; JAVASCRIPT:hit('href')">A</a>
<form action="javascript:hit('action')"><input name="attributes"><input name="remove">
<input name="getAttributeNames"><input name="removeAttribute"><button id="f"
formaction="javascript:hit('formaction')">F</button></form>
<template id="t"><img src="/missing" onerror="hit('template')"></template>
<details open ontoggle="hit('toggle')"><summary>S</summary></details>
<math><a id="m" href="javascript:hit('math')"><mtext>M</mtext></a></math>
<base href="/x/">
<style onload="hit('style')"></style><input autofocus onfocus="hit('autofocus')">
</template><img src="/missing" onerror="hit('after a template')">
"""
LOOSE = "default-src * 'unsafe-inline' data:; script-src * 'unsafe-inline'"


@pytest.mark.parametrize("has_it", [True, False])
def test_hostile_html(open_page: Open, page: Page, *, has_it: bool) -> None:
    """Nothing in HTML runs, under a policy that would let it: no script, no handler, no
    address, and nothing in a template or behind the names of fields.
    """
    if not has_it:
        page.add_init_script(WITHOUT_SET_HTML)

    results = {"html": Markup(HOSTILE), "after": "after"}
    template = give('<div id="at"></div><output id="o"></output>', results)
    open_page(template, results, LOOSE)
    page.evaluate("() => { window.hits = []; window.hit = name => hits.push(name) }")
    page.locator("#html").click()
    expect(page.locator("#b")).to_be_attached()
    page.wait_for_load_state("networkidle")
    left = page.evaluate(
        """() => {
          const place = document.getElementById("at")
          const { content } = document.getElementById("t")
          place.append(document.importNode(content, true))
          for (const node of place.querySelectorAll("a,b,summary,text")) {
            const options = { bubbles: true, cancelable: true }
            node.dispatchEvent(new MouseEvent("click", options))
          }
          const names = Element.prototype.getAttributeNames
          const attributes = [...place.querySelectorAll("*")]
            .flatMap(node => names.call(node))
            .filter(name => /^on|action$|href$/.test(name))
          const unwanted = place.querySelectorAll("script,iframe,object,embed,use,base")
          return [unwanted.length, attributes]
        }"""
    )
    page.wait_for_load_state("networkidle")
    assert left == [0, []]
    assert page.evaluate("hits") == []


def test_policy_without_set_html(open_page: Open, page: Page) -> None:
    """Where no policy is allowed and there is no setHTML(), an error names the policy
    that is to be allowed, and nothing is shown.
    """
    page.add_init_script(WITHOUT_SET_HTML)
    results = {"html": Markup("<b>bold</b>")}
    open_page(give('<p id="at">before</p>', results), results)

    with page.expect_event("pageerror") as error:
        page.locator("#html").click()

    assert "clientcallback" in str(error.value)
    expect(page.locator("#at")).to_have_text("before")


FOCUSED: list[tuple[str, str, str]] = [
    ("the same", '<input class="new" id="field">', "field"),
    ("nothing with this id", '<input class="new" id="other">', "at"),
    ("one that takes no focus", '<p class="new" id="field"></p>', "at"),
]


@pytest.mark.parametrize(
    ("html", "focused"), [case[1:] for case in FOCUSED], ids=[c[0] for c in FOCUSED]
)
@pytest.mark.parametrize("tabindex", ["", 'tabindex="0"'])
def test_focus(
    open_html: Open, page: Page, html: str, focused: str, tabindex: str
) -> None:
    """The focus goes to the element with the same id, or else to the element that shows
    the result, whose place in the order of the Tab key stays.
    """
    results = {"html": Markup(html)}
    open_html(give(f'<p id="at" {tabindex}><input id="field"></p>', results), results)
    page.locator("#field").focus()
    # A click would move the focus.
    page.evaluate("document.getElementById('html').click()")
    expect(page.locator("#at > .new")).to_be_attached()
    expect(page.locator(f"#{focused}")).to_be_focused()
    given = page.locator("#at").get_attribute("tabindex")
    assert given == ("0" if tabindex else "-1" if focused == "at" else None)


def test_focus_elsewhere(open_html: Open, page: Page) -> None:
    """The focus stays where it is outside of the element."""
    results = {"html": Markup('<input id="field">')}
    template = give('<p id="at"><input id="old"></p><input id="own">', results)
    open_html(template, results)
    page.locator("#own").focus()
    page.evaluate("document.getElementById('html').click()")
    expect(page.locator("#field")).to_be_attached()
    expect(page.locator("#own")).to_be_focused()
    assert page.locator("#at").get_attribute("tabindex") is None


@callback_handler
class Fragments(BarePage):
    """Has its fields in a part that is replaced."""

    template = '<div id="at">{{ part() }}</div>'
    PART = """<form method="post" id="f{{ count }}">{{ callback_fields() }}
      <button id="next" {{ callback_attributes(
        current_page, method="next", output="at") }}>{{ count }}</button></form>"""

    def get(self) -> Response:
        return Response(
            render_template_string(
                '<!doctype html><link rel="icon" href="data:,">'
                f'{{{{ callback_scripts("n") }}}}<div id="at">{self.PART}</div>',
                count=0,
            ),
            headers={"Content-Security-Policy": POLICY},
        )

    @callback_method
    def next(self) -> Markup:
        count = current_page.view_state.get("count", 0) + 1
        current_page.view_state["count"] = count
        return Markup(render_template_string(self.PART, count=count))


@NEEDS_SET_HTML
def test_fields_in_the_result(page: Page, serve_view: ServeView) -> None:
    """A part with the fields of the page goes on working when it is replaced, as does
    its next post back.
    """
    page.goto(serve_view(Fragments))

    for count in range(3):
        button = page.locator("#next")
        expect(button).to_have_text(str(count))
        button.focus()
        page.keyboard.press("Enter")

    expect(page.locator("#f3")).to_be_attached()
    expect(page.locator("#next")).to_be_focused()


SHELF = """{% for book in ["Dune", "Emma"] %}
  <button type="button" id="{{ book }}" {{ callback_attributes(
    current_page, method="lend", args=[book], output="books",
    policy="queue") }}>{{ book }}</button>{% endfor %}"""


@callback_handler
class Shelf(BarePage):
    """Each call replaces the buttons, in the second of two forms."""

    policy = ALLOWING
    template = f"""<form method="post"><input name="other">{{{{ callback_fields() }}}}
      </form><form method="post">{{{{ callback_fields() }}}}
      <input id="reader" {{{{ callback_field("reader") }}}}>
      {{{{ callback_error("reader") }}}}
      <div id="books">{SHELF}</div></form>"""

    @callback_method
    def lend(self, book: str, reader: FromForm[str]) -> Markup:
        if len(reader) > 3:
            raise CallbackError("No.", fields={"reader": f"Not {reader} for {book}."})

        return Markup(render_template_string(f"{SHELF}<i>{reader}</i>"))


def test_element_that_is_replaced_while_its_call_waits(
    page: Page, serve_view: ServeView
) -> None:
    """A call sends the form that its element was in when it was made, with the values
    of later, and shows its error there.
    """
    page.goto(serve_view(Shelf))
    held = Held(page)
    page.locator("#reader").fill("Ada")
    page.locator("#Dune").click()
    page.locator("#Emma").click()
    held.expect_only('["Dune"]')
    page.locator("#reader").fill("Grace")
    held.let_go('["Dune"]')
    expect(page.locator("#books i")).to_have_text("Ada")
    held.let_go('["Emma"]')
    expect(page.locator("#reader-error")).to_have_text("Not Grace for Emma.")
    expect(page.locator("#reader")).to_have_attribute("aria-invalid", "true")
