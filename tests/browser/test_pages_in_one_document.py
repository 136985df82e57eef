"""Pages of several views in one document: each call reaches the handler of its own
page, with its own state.
"""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Callable
from collections.abc import Iterator

import pytest
from flask import render_template_string
from flask import Response
from flask.views import MethodView
from flask_wtf import CSRFProtect
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page

from ..engines.expectations import expect
from ..helpers.held import Held
from ..helpers.pages import add_page
from ..helpers.pages import Echo
from ..helpers.visits import answer_to
from ..helpers.visits import call
from ..helpers.visits import EDIT_FORM
from ..helpers.visits import HANDLERS
from ..helpers.visits import LIST_FORM
from ..helpers.visits import make_app
from ..helpers.visits import next_answer
from ..helpers.visits import open_page
from ..helpers.visits import state_of

if t.TYPE_CHECKING:
    from .conftest import Serve
    from .conftest import ServeView

LAYOUT = (
    """<!doctype html>
<title>{{ request.path }}</title>
<link rel="icon" href="data:,">
{{ callback_scripts() }}
"""
    + HANDLERS
    + """
<output id="told">{{ told }}</output>
"""
)
LISTS = {
    "": LAYOUT + LIST_FORM + '<div id="beside"></div><div id="dialog"></div>',
}
REFERENCE = """{{ get_callback_event_reference(
  current_page, "'plain'", "result => log.push(result)", None,
  "message => log.push(message)", True)|forceescape }}"""
POST_BACK = """{{ current_page.client_script.get_postback_event_reference(
  current_page, "up") }}"""
EDITS = {
    "": LAYOUT + EDIT_FORM,
    "form": EDIT_FORM,
    "unmarked": EDIT_FORM + '<button id="unmarked">Unmarked</button>',
    "container": """
      <section {{ callback_page() }}>
        <form id="edit" method="post" action="/edit/{{ number }}">
          {{ callback_fields() }}<input name="title" value="item {{ number }}">
        </form>
        <p><button id="unmarked">Unmarked</button></p>
        <button id="inline" onclick="REFERENCE">Inline</button>
        <button id="post-back" onclick="POST_BACK">Post back</button>
      </section>
      <div id="outside"></div>
    """.replace("REFERENCE", REFERENCE).replace("POST_BACK", POST_BACK),
    "inline": """
      <form id="edit" method="post" action="/edit/{{ number }}">
        {{ callback_fields() }}<input name="title" value="item {{ number }}">
        <button id="inline" type="button" onclick="REFERENCE">Inline</button>
        <button id="post-back" type="button" onclick="POST_BACK">Post back</button>
      </form>
    """.replace("REFERENCE", REFERENCE).replace("POST_BACK", POST_BACK),
    "load": EDIT_FORM
    + """
      <p id="loads" {{ callback_attributes(
        current_page, "loaded", "show", "fail", event="load") }}></p>
    """,
    "ignored": """
      <div data-callback-ignore>
    """
    + EDIT_FORM
    + """
        <p id="loads" {{ callback_attributes(
          current_page, "loaded", "show", "fail", event="load") }}></p>
      </div>
      <button id="unmarked">Unmarked</button>
    """,
}
FETCH = "async address => (await fetch(address)).text()"
PUT = {
    "innerHTML": "dialog.innerHTML = html",
    "insertAdjacentHTML": "dialog.insertAdjacentHTML('beforeend', html)",
    "replaceWith": "dialog.replaceWith("
    "...new DOMParser().parseFromString(html, 'text/html').body.childNodes)",
    "template": "(template => dialog.append(template.content.cloneNode(true)))("
    "Object.assign(document.createElement('template'), {innerHTML: html}))",
    "shadow root": "dialog.attachShadow({mode: 'open'}).innerHTML = html",
}

PutIn: t.TypeAlias = Callable[..., None]


@pytest.fixture
def put_in(page: Page, serve: Serve) -> PutIn:
    """Open the list, and put parts of other pages into it."""
    open_page(page, f"{serve(make_app(LISTS, EDITS))}/list")

    def put_in(address: str, how: str = "innerHTML") -> None:
        html = page.evaluate(FETCH, address)
        page.evaluate(f"html => {{ const {{dialog}} = window; {PUT[how]} }}", html)

    return put_in


def test_events_of_another_page_in_the_form(page: Page, serve: Serve) -> None:
    """A page's call takes no events of another page along that stand in its form."""
    app = make_app(LISTS, EDITS)
    add_page(app, Echo, "/echo")
    page.goto(f"{serve(app)}/echo")
    html = page.evaluate(FETCH, "/edit/5?part=form")
    add = "html => document.forms[0].insertAdjacentHTML('beforeend', html)"
    # A parser leaves out a form that stands in another.
    page.evaluate(add, html.replace("<form", "<p").replace("</form>", "</p>"))
    assert page.locator("form [name=__EVENTVALIDATION]").count() == 1
    called = "ClientCallback.call('__Page', 'x', { element: document.scripts[0] })"
    assert page.evaluate(called) == "x"


@pytest.mark.parametrize("how", PUT)
def test_attributes(page: Page, put_in: PutIn, how: str) -> None:
    """An element's attributes call its own page, however that came in."""
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    put_in("/edit/5?part=form", how)
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    assert answer_to(page, "#more") == "list, visit 1: more 2"
    assert answer_to(page, "#save") == "edit 5, visit 2: save 2"
    assert answer_to(page, "#more") == "list, visit 1: more 3"


def test_one_dialog_after_another(page: Page, put_in: PutIn) -> None:
    """A dialog that takes the place of another has its own state from the start."""
    put_in("/edit/5?part=form")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    put_in("/edit/6?part=form")
    assert answer_to(page, "#save") == "edit 6, visit 3: save 1"
    put_in("/edit/5?part=form")
    assert answer_to(page, "#save") == "edit 5, visit 4: save 1"
    assert answer_to(page, "#more") == "list, visit 1: more 1"


def test_form_of_the_page(page: Page, put_in: PutIn) -> None:
    """A call sends a form of its own page, where it names none."""
    put_in("/edit/5?part=container")
    assert call(page, "form") == "filter=none"
    assert call(page, "form", "#more") == "filter=none"
    assert call(page, "form", "#edit") == "title=item 5"
    assert call(page, "form", "#unmarked") == "title=item 5"


def test_call_with_an_element(page: Page, put_in: PutIn) -> None:
    """A script's call is that of the page which its element belongs to."""
    put_in("/edit/5?part=unmarked")
    page.evaluate(
        "beside.innerHTML = '<button id=associated form=edit>Associated</button>'"
    )
    assert call(page, element="#associated") == "edit 5, visit 2: plain 1"
    assert call(page, element="#more") == "list, visit 1: plain 1"
    assert call(page, element="#save") == "edit 5, visit 2: plain 2"
    assert call(page, element="#edit") == "edit 5, visit 2: plain 3"
    assert call(page, element="#edit [name=title]") == "edit 5, visit 2: plain 4"
    assert call(page, element="#list [name=filter]") == "list, visit 1: plain 2"


def test_call_with_a_form(page: Page, put_in: PutIn) -> None:
    """Without an element, the form tells the page."""
    put_in("/edit/5?part=form")
    answer = page.evaluate(
        """() => ClientCallback.call("__Page", "plain",
          {form: document.querySelector("#edit")})"""
    )
    assert answer == "edit 5, visit 2: plain 1"
    assert answer_to(page, "#more") == "list, visit 1: more 1"


def test_call_from_a_timer(page: Page, put_in: PutIn) -> None:
    """A call without an element is that of the page at the document's address."""
    put_in("/edit/5?part=form")
    page.evaluate("""setTimeout(() => ClientCallback.call("__Page", "plain")
      .then(result => log.push(result)))""")
    assert next_answer(page) == "list, visit 1: plain 1"
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    page.evaluate("dialog.replaceChildren()")
    assert call(page) == "list, visit 1: plain 2"


@pytest.mark.parametrize("part", ["inline", "container"])
def test_inline_reference(page: Page, put_in: PutIn, part: str) -> None:
    """A reference in an inline handler calls the page that the handler stands in."""
    put_in(f"/edit/5?part={part}")
    assert answer_to(page, "#inline") == "edit 5, visit 2: plain 1"
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    assert answer_to(page, "#inline") == "edit 5, visit 2: plain 2"


def test_two_pages_of_one_address(page: Page, put_in: PutIn) -> None:
    """Two pages of one address keep a state each; a timer's is that of the last."""
    put_in("/list")
    first = page.locator("#more").first
    first.evaluate("more => { more.id = 'first' }")
    assert answer_to(page, "#dialog #more") == "list, visit 2: more 1"
    assert answer_to(page, "#first") == "list, visit 1: more 1"
    assert answer_to(page, "#dialog #more") == "list, visit 2: more 2"
    assert call(page) == "list, visit 2: plain 3"
    assert answer_to(page, "#first") == "list, visit 1: more 2"


def test_fields_moved(page: Page, put_in: PutIn) -> None:
    """Fields that are written anew elsewhere are the same page's, with its state."""
    put_in("/edit/5?part=form")
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    page.evaluate("""
      beside.innerHTML = dialog.innerHTML
      dialog.innerHTML = ""
      document.getElementById("list").innerHTML += ""
    """)
    assert answer_to(page, "#more") == "list, visit 1: more 2"
    assert answer_to(page, "#save") == "edit 5, visit 2: save 2"


def test_fields_put_back(page: Page, put_in: PutIn) -> None:
    """Fields that come back with an earlier state change nothing: the script's is
    newer, and goes along with a post back.
    """
    html = page.inner_html("#list")
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    page.evaluate("html => { document.getElementById('list').innerHTML = html }", html)
    assert answer_to(page, "#more") == "list, visit 1: more 2"
    page.evaluate("html => { document.getElementById('list').innerHTML = html }", html)
    page.locator("#post-list").click()
    expect(page.locator("#told")).to_have_text("list, visit 1: posted 3")


def test_post_backs(page: Page, put_in: PutIn) -> None:
    """Each form posts its own page back, with the newest state."""
    put_in("/edit/5?part=form")
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    assert state_of(page, "#list") != state_of(page, "#edit")
    page.locator("#post-edit").click()
    expect(page.locator("#told")).to_have_text("edit 5, visit 2: posted 2")


@pytest.mark.parametrize("part", ["inline", "container"])
def test_post_back_reference(page: Page, put_in: PutIn, part: str) -> None:
    """A post-back reference in a handler posts the form of the page it stands in."""
    put_in(f"/edit/5?part={part}")
    assert answer_to(page, "#inline") == "edit 5, visit 2: plain 1"
    page.locator("#post-back").click()
    expect(page.locator("#told")).to_have_text("edit 5, visit 2: posted up 2")


def test_post_back_from_a_timer(page: Page, put_in: PutIn) -> None:
    """Without an element, the page at the document's address is posted back."""
    put_in("/edit/5?part=inline")
    page.evaluate("document.body.prepend(dialog)")
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    page.evaluate("setTimeout(() => __doPostBack('__Page', 'up'))")
    expect(page.locator("#told")).to_have_text("list, visit 1: posted up 2")


def test_container(page: Page, put_in: PutIn) -> None:
    """An element without marks is of the page that its container names."""
    put_in("/edit/5?part=container")
    assert call(page, element="#unmarked") == "edit 5, visit 2: plain 1"
    assert call(page, element="#beside") == "list, visit 1: plain 1"


def test_only_another_page(page: Page, put_in: PutIn) -> None:
    """A call from a part that holds another page's marks alone tells how to say whose
    it is, and reaches nobody.
    """
    put_in("/edit/5?part=unmarked")
    message = call(page, element="#unmarked")
    assert message.startswith("TypeError: ")
    assert "callback_page()" in message
    assert "element" in message
    # The closest part that holds any mark holds the document's own too.
    assert call(page, element="#beside") == "list, visit 1: plain 1"
    assert call(page, element="#save") == "edit 5, visit 2: plain 1"


def test_no_page_at_the_address(page: Page, put_in: PutIn) -> None:
    """If no page has the document's address and there are several, a timer's call
    says so.
    """
    put_in("/edit/5?part=form")
    page.evaluate("history.pushState(null, '', '/elsewhere')")
    message = call(page)
    assert message.startswith("TypeError: ")
    assert "callback_page()" in message
    page.evaluate("dialog.replaceChildren()")
    assert call(page) == "list, visit 1: plain 1"


QUERIES = ["", "?", "?q", "?q=%C3%A4%20b+c", "?q='a'", "?q=%27%7E%41", "?q=\u00e4|{}^"]


@pytest.mark.parametrize("query", QUERIES)
def test_address(page: Page, serve: Serve, query: str) -> None:
    """A page is found by the document's address however that is written, and whatever
    its fragment is.
    """
    open_page(page, f"{serve(make_app(LISTS, EDITS))}/list{query}")
    html = page.evaluate(FETCH, "/edit/5?part=form")
    page.evaluate("html => { dialog.innerHTML = html }", html)
    assert call(page) == "list, visit 1: plain 1"
    page.evaluate("location.hash = 'dialog'")
    assert call(page) == "list, visit 1: plain 2"


TARGETS = ["document", "window", "new EventTarget()", "new XMLHttpRequest()"]


@pytest.mark.parametrize("target", TARGETS)
def test_event_without_an_element(page: Page, put_in: PutIn, target: str) -> None:
    """An event of what is no element is like a timer."""
    put_in("/edit/5?part=form")
    page.evaluate(
        """source => {
          const target = eval(source)
          target.addEventListener("changed", () => {
            ClientCallback.call("__Page", "plain").then(
              result => log.push(result), error => log.push(error.stack))
          })
          target.dispatchEvent(new Event("changed"))
        }""",
        target,
    )
    assert next_answer(page) == "list, visit 1: plain 1"


def test_event_of_an_element(page: Page, put_in: PutIn) -> None:
    """A listener's call is that of the page which the event's target belongs to,
    wherever the listener is.
    """
    put_in("/edit/5?part=container")
    page.evaluate("""
      document.addEventListener("click", () => {
        ClientCallback.call("__Page", "plain").then(result => log.push(result))
      })
    """)
    assert answer_to(page, "#unmarked") == "edit 5, visit 2: plain 1"
    assert answer_to(page, "#list [name=filter]") == "list, visit 1: plain 1"


@pytest.mark.parametrize("policy", ["queue", "latest", "drop"])
def test_policies(page: Page, put_in: PutIn, policy: str) -> None:
    """Calls of one page neither wait for those of another, nor end them."""
    put_in("/edit/5?part=form")
    held = Held(page)
    page.evaluate(
        """policy => {
      more.dataset.callbackPolicy = save.dataset.callbackPolicy = policy
    }""",
        policy,
    )
    page.locator("#more").click()
    held.wait_for("more")
    page.locator("#save").click()
    held.let_go("save")
    assert next_answer(page) == "edit 5, visit 2: save 1"
    held.let_go("more")
    assert next_answer(page) == "list, visit 1: more 1"


def test_csrf_token(page: Page, serve: Serve) -> None:
    """A part without a token of its own passes Flask-WTF's protection with that of the
    document.
    """
    app = make_app(LISTS, EDITS)
    CSRFProtect(app)
    open_page(page, f"{serve(app)}/list")
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    html = page.evaluate(FETCH, "/edit/5?part=form")
    page.evaluate("html => { dialog.innerHTML = html }", html)
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"


def test_part_that_is_gone(page: Page, put_in: PutIn) -> None:
    """An element that was taken out with its part still calls its page."""
    put_in("/edit/5?part=form")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    answer = page.evaluate("""() => {
      const element = document.getElementById("save")
      dialog.replaceChildren()
      return ClientCallback.call("__Page", "plain", {element})
    }""")
    assert answer == "edit 5, visit 2: plain 2"


def test_only_page_elsewhere(page: Page, put_in: PutIn) -> None:
    """A document's only page is called, whatever address the document has by now."""
    page.evaluate("history.pushState(null, '', '/elsewhere')")
    assert call(page) == "list, visit 1: plain 1"
    assert call(page, element="#beside") == "list, visit 1: plain 2"
    assert answer_to(page, "#more") == "list, visit 1: more 3"


def test_load(page: Page, put_in: PutIn) -> None:
    """An element that waits for ``load`` calls once, when it is put in."""
    put_in("/edit/5?part=load")
    assert next_answer(page) == "edit 5, visit 2: loaded 1"
    page.evaluate("beside.append(dialog)")
    page.evaluate("document.body.append(loads)")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 2"


FOREIGN = {
    "no mark": "",
    "no address": 'data-callback-page="foreign"',
    "no id": 'data-callback-url="/edit/5"',
    "another origin": 'data-callback-page="foreign"'
    ' data-callback-url="https://far.invalid/edit/5"',
}


@pytest.mark.parametrize("marks", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize(
    "element",
    [
        '<input type="hidden" name="__VIEWSTATE" value="foreign" MARKS>',
        '<script type="text/plain" data-callback-state="foreign" MARKS></script>',
    ],
    ids=["field", "script"],
)
def test_half_marks(page: Page, put_in: PutIn, element: str, marks: str) -> None:
    """A mark that lacks id or address, or has one of another origin, lends nothing and
    is given nothing.
    """
    page.evaluate(
        "html => { document.body.insertAdjacentHTML('afterbegin', html) }",
        f"""<div id="foreign">
          {element.replace("MARKS", marks)}
          <button id="attacks" data-callback-page="foreign"
            data-callback-target="__Page" data-callback-argument="attack"
            data-callback-on-result="show">Attack</button>
          <button id="unmarked">Unmarked</button>
        </div>""",
    )
    before = page.inner_html("#foreign")
    page.locator("#attacks").click()
    assert call(page) == "list, visit 1: plain 1"
    assert call(page, element="#unmarked") == "list, visit 1: plain 2"
    assert answer_to(page, "#more") == "list, visit 1: more 3"
    assert page.inner_html("#foreign") == before


@pytest.mark.parametrize("mark", ["", 'data-callback-page="foreign"'])
@pytest.mark.parametrize("place", ["#beside", "#list", "#dialog"])
def test_unknown_id(page: Page, put_in: PutIn, mark: str, place: str) -> None:
    """An element's attributes without the id of a page that the document holds are not
    obeyed.
    """
    put_in("/edit/5?part=container")
    page.evaluate(
        """([selector, html]) =>
          document.querySelector(selector).insertAdjacentHTML("beforeend", html)""",
        [
            place,
            f"""<button type="button" id="attacks" {mark}
              data-callback-target="__Page" data-callback-argument="attack"
              data-callback-on-result="show">Attack</button>
            <p {mark} data-callback-event="load" data-callback-target="__Page"
              data-callback-argument="attack" data-callback-on-result="show"></p>""",
        ],
    )
    page.locator("#attacks").click()
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    assert call(page, element="#edit") == "edit 5, visit 2: plain 1"


def test_foreign_page_of_the_same_address(page: Page, put_in: PutIn) -> None:
    """Marks that others made up do not touch what the page's own elements do."""
    page.evaluate("""document.body.insertAdjacentHTML("beforeend", `
      <input id="foreign" type="hidden" name="__VIEWSTATE" value="foreign"
        data-callback-page="foreign" data-callback-url="/list">`)""")
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    assert call(page, element="#list") == "list, visit 1: plain 2"
    assert page.locator("#foreign").input_value() == "foreign"
    page.locator("#post-list").click()
    expect(page.locator("#told")).to_have_text("list, visit 1: posted 3")


def test_ignored_part(page: Page, put_in: PutIn) -> None:
    """Nothing inside of ``data-callback-ignore`` makes calls or lends marks."""
    put_in("/edit/5?part=ignored")
    page.locator("#save").click()
    assert call(page) == "list, visit 1: plain 1"
    assert call(page, element="#unmarked") == "list, visit 1: plain 2"
    assert answer_to(page, "#more") == "list, visit 1: more 3"
    page.locator("#post-list").click()
    expect(page.locator("#told")).to_have_text("list, visit 1: posted 4")


def test_ignored_part_that_knows_the_id(page: Page, put_in: PutIn) -> None:
    """Neither does what has the id of a page that the document holds."""
    page.evaluate("""
      const {callbackPage} = document.getElementById("more").dataset
      beside.dataset.callbackIgnore = ""
      beside.innerHTML = `<form id="foreign">
        <input type="hidden" name="__VIEWSTATE" value="foreign"
          data-callback-page="${callbackPage}" data-callback-url="/edit/5">
        <button type="button" id="attacks" data-callback-page="${callbackPage}"
          data-callback-target="__Page" data-callback-argument="attack"
          data-callback-on-result="show">Attack</button></form>`
      foreign.addEventListener("submit", event => event.preventDefault())
    """)
    page.locator("#attacks").click()
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    assert call(page) == "list, visit 1: plain 2"
    page.evaluate("document.getElementById('foreign').requestSubmit()")
    assert state_of(page, "#foreign") == "foreign"


def test_container_in_a_shadow_root(page: Page, put_in: PutIn) -> None:
    """An element in a shadow root is of the page that a container around its host
    names.
    """
    put_in("/edit/5?part=container")
    answer = page.evaluate("""() => {
      const root = document.getElementById("unmarked").parentNode
        .attachShadow({mode: "open"})
      root.innerHTML = "<button>Inside</button>"
      return ClientCallback.call("__Page", "plain", {element: root.firstChild})
    }""")
    assert answer == "edit 5, visit 2: plain 1"
    assert answer_to(page, "#more") == "list, visit 1: more 1"


INSIDE = '<input name="who" value="{{ who }}">'


@callback_handler
class Rendering(MethodView):
    """Gives its form's content back, with a change of the state or without."""

    saved: t.ClassVar[list[str]] = []

    def get(self) -> str:
        return render_template_string(
            LAYOUT + '<form id="page">{{ callback_fields() }}' + INSIDE + "</form>",
            who="Ann",
        )

    def page_save_state(self) -> None:
        self.saved.append("save_state")

    def raise_callback_event(self, event_argument: str) -> t.Any:
        state = current_page.view_state
        work, _, fields = event_argument.partition(" ")
        html = render_template_string(
            ("{{ callback_fields() }}" if fields else "") + INSIDE, who="Bob"
        )

        if work == "change":
            state["count"] = t.cast(int, state.get("count", 0)) + 1

        return [state.get("count", 0), html]


RENDER = """argument => ClientCallback.call("__Page", argument).then(
  ([count, html]) => {
    document.getElementById("page").innerHTML = html
    return count
  },
  error => error.kind)"""


@pytest.mark.parametrize("fields", ["", " fields"])
@pytest.mark.parametrize("first", ["look", "change"])
def test_form_rendered_by_a_callback(
    page: Page, serve_view: ServeView, first: str, fields: str
) -> None:
    """A callback's HTML may take the place of all that the form holds, with the fields
    or without: the state stays.
    """
    Rendering.saved.clear()
    page.goto(serve_view(Rendering))
    Rendering.saved.clear()
    count = int(first == "change")
    assert page.evaluate(RENDER, first + fields) == count
    assert page.evaluate(RENDER, "look" + fields) == count
    assert page.evaluate(RENDER, "change" + fields) == count + 1
    assert page.evaluate(RENDER, "change" + fields) == count + 2
    assert page.input_value("[name=who]") == "Bob"
    assert Rendering.saved == []


@callback_handler
class Streamed(MethodView):
    """Sends its tag only when it may."""

    may_go_on: t.ClassVar[threading.Event]

    def get(self) -> Response:
        current_page.view_state["count"] = 0
        head = render_template_string("""<!doctype html>
          <title>Streamed</title>
          <link rel="icon" href="data:,">
          <script type="module" async>
            import { call } from "{{
              current_page.client_script.get_web_resource_url("clientcallback.mjs") }}"
            window.imported = call
          </script>""")
        tail = render_template_string("{{ callback_scripts() }}<p>The end</p>")

        def parts() -> Iterator[str]:
            # So much that the browser begins with it.
            yield head + " " * 2000
            assert self.may_go_on.wait(10)
            yield tail

        return Response(parts())

    def raise_callback_event(self, event_argument: str) -> int:
        count = t.cast(int, current_page.view_state["count"]) + 1
        current_page.view_state["count"] = count
        return count


@pytest.mark.without("webkit", "it runs no module before it has all of the page")
def test_module_before_the_tag(page: Page, serve_view: ServeView) -> None:
    """A module that runs before the page's tag is parsed calls the page as well."""
    Streamed.may_go_on = threading.Event()

    try:
        page.goto(f"{serve_view(Streamed)}/?of=list", wait_until="commit")
        # A function that is not wrapped would be called, and nothing is painted yet.
        page.wait_for_function("Boolean(window.imported)", polling=20)
        assert page.query_selector("p") is None
    finally:
        Streamed.may_go_on.set()

    page.wait_for_selector("p")
    call_imported = "() => imported('__Page').catch(error => error.kind)"
    assert page.evaluate(call_imported) == 1
    assert page.evaluate(call_imported) == 2
    assert page.evaluate("() => ClientCallback.call('__Page')") == 3
