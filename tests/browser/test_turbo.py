"""Pages beside Turbo: one document, into which it puts page after page."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.held import Held
from ..helpers.node_packages import TURBO
from ..helpers.visits import answer_to
from ..helpers.visits import call
from ..helpers.visits import EDIT_FORM
from ..helpers.visits import HANDLERS
from ..helpers.visits import LIST_FORM
from ..helpers.visits import make_app
from ..helpers.visits import next_answer
from ..helpers.visits import open_page

if t.TYPE_CHECKING:
    from .conftest import Serve

LINKS = """
<a id="to-list" href="/list">List</a>
<a id="to-list-again" href="/list?again=1">List, again</a>
<a id="to-edit" href="/edit/5">Edit</a>
<a id="to-next" href="/edit/6">Next</a>
<output id="told">{{ told }}</output>
"""
SCRIPTS = "{{ callback_scripts() }}" + HANDLERS
HEAD = """<!doctype html>
<title>{{ request.full_path }}</title>
<link rel="icon" href="data:,">
<meta name="turbo-prefetch" content="false">
META
<script src="/packages/TURBO"></script>
""".replace("TURBO", TURBO)
LOADS = """
<p {{ callback_attributes(current_page, "loaded", "show", "fail", event="load") }}></p>
"""
FRAME = '<turbo-frame id="part" src="/edit/5"></turbo-frame>'
IN_FRAME = (
    """
<turbo-frame id="part">
  <h2>Item {{ number }}</h2>
"""
    + EDIT_FORM
    + """
  <a id="to-next" href="/edit/6">Next</a>
</turbo-frame>
"""
)
MORPH = '<meta name="turbo-refresh-method" content="morph">'
AWAIT_LOAD = """
  window.isLoaded = false
  document.addEventListener("turbo:load", () => { isLoaded = true }, {once: true})
"""

Open: t.TypeAlias = Callable[..., None]

in_both_places = pytest.mark.parametrize("place", ["head", "end"])


@pytest.fixture
def open_list(page: Page, serve_with_packages: Serve) -> Iterator[Open]:
    """Open the list of an application whose pages have their scripts in the head or at
    the end of the body. That the document stayed is seen in the end.
    """

    def open_list(
        place: str = "head",
        *,
        list_form: str = LIST_FORM,
        list_part: str = "",
        edit: str = EDIT_FORM,
        meta: str = "",
    ) -> None:
        def whole(body: str) -> str:
            head, end = (SCRIPTS, "") if place == "head" else ("", SCRIPTS)
            return f"{HEAD}{head}<body>{LINKS}{body}{end}</body>".replace("META", meta)

        app = make_app({"": whole(list_form + list_part)}, {"": whole(edit)})
        open_page(page, f"{serve_with_packages(app)}/list")

    yield open_list
    assert page.evaluate("window.stays")


def visit(page: Page, link: str, title: str) -> None:
    """Follow a link to the page of a title, and wait until Turbo has shown it."""
    page.evaluate(AWAIT_LOAD)
    page.locator(link).click()
    page.wait_for_function("window.isLoaded")
    expect(page).to_have_title(title)


def go(page: Page, direction: str, title: str) -> None:
    """Go back or forward to the page of a title, and wait until Turbo has shown it."""
    page.evaluate(AWAIT_LOAD)
    page.evaluate(f"history.{direction}()")
    page.wait_for_function("window.isLoaded")
    expect(page).to_have_title(title)


@in_both_places
def test_links(page: Page, open_list: Open, place: str) -> None:
    """Each page that a link leads to has its own handler and a state of its own."""
    open_list(place)
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    visit(page, "#to-edit", "/edit/5?")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    assert call(page) == "edit 5, visit 2: plain 2"
    assert call(page, "form") == "title=item 5"
    visit(page, "#to-next", "/edit/6?")
    assert answer_to(page, "#save") == "edit 6, visit 3: save 1"
    assert call(page) == "edit 6, visit 3: plain 2"


@in_both_places
def test_back(page: Page, open_list: Open, place: str) -> None:
    """A page that is restored from Turbo's cache goes on with its own state."""
    open_list(place)
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    visit(page, "#to-edit", "/edit/5?")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    go(page, "back", "/list?")
    assert answer_to(page, "#more") == "list, visit 1: more 2"
    assert call(page) == "list, visit 1: plain 3"
    go(page, "forward", "/edit/5?")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 2"
    assert call(page) == "edit 5, visit 2: plain 3"
    go(page, "back", "/list?")
    assert answer_to(page, "#more") == "list, visit 1: more 4"


@in_both_places
def test_call_that_outlasts_its_page(page: Page, open_list: Open, place: str) -> None:
    """A call that runs while its page is left ends with that page's state."""
    open_list(place)
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    held = Held(page)
    page.locator("#more").click()
    held.wait_for("more")
    visit(page, "#to-edit", "/edit/5?")
    held.let_go("more")
    page.unroute_all()
    assert next_answer(page) == "list, visit 1: more 2"
    assert call(page) == "edit 5, visit 2: plain 1"
    go(page, "back", "/list?")
    assert call(page) == "list, visit 1: plain 3"
    page.locator("#post-list").click()
    expect(page.locator("#told")).to_have_text("list, visit 1: posted 4")


def test_post_back(page: Page, open_list: Open) -> None:
    """A form that Turbo submits takes the newest state along, and what Turbo shows then
    is another page.
    """
    open_list()
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    visit(page, "#to-edit", "/edit/5?")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    go(page, "back", "/list?")
    assert answer_to(page, "#more") == "list, visit 1: more 2"
    page.locator("#post-list").click()
    expect(page.locator("#told")).to_have_text("list, visit 1: posted 3")
    assert answer_to(page, "#more") == "list, visit 3: more 1"
    assert call(page) == "list, visit 3: plain 2"


def test_refused_post_back(page: Page, open_list: Open) -> None:
    """What a post back with the status 422 renders goes on with the state that it
    changed.
    """
    open_list(list_part='<input form="list" name="refuse" value="yes">')
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    page.locator("#post-list").click()
    expect(page.locator("#told")).to_have_text("list, visit 1: posted 2")
    assert answer_to(page, "#more") == "list, visit 1: more 3"
    assert call(page) == "list, visit 1: plain 4"
    page.locator("#post-list").click()
    expect(page.locator("#told")).to_have_text("list, visit 1: posted 5")


def test_post_back_without_turbo(page: Page, open_list: Open) -> None:
    """A form that the browser submits does so too."""
    open_list()
    visit(page, "#to-edit", "/edit/5?")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    page.evaluate("document.getElementById('edit').dataset.turbo = 'false'")
    page.locator("#post-edit").click()
    expect(page.locator("#told")).to_have_text("edit 5, visit 2: posted 2")
    assert not page.evaluate("window.stays")
    page.evaluate("window.stays = true")


@in_both_places
def test_load(page: Page, open_list: Open, place: str) -> None:
    """An element that waits for ``load`` calls once, on each page that is shown."""
    open_list(
        place,
        list_part=LOADS,
        edit=EDIT_FORM + LOADS,
        meta='<meta name="turbo-cache-control" content="no-preview">',
    )
    assert next_answer(page) == "list, visit 1: loaded 1"
    assert answer_to(page, "#more") == "list, visit 1: more 2"
    visit(page, "#to-edit", "/edit/5?")
    assert next_answer(page) == "edit 5, visit 2: loaded 1"
    assert answer_to(page, "#save") == "edit 5, visit 2: save 2"
    visit(page, "#to-list", "/list?")
    assert next_answer(page) == "list, visit 3: loaded 1"
    assert answer_to(page, "#more") == "list, visit 3: more 2"


def test_two_visits_of_one_address(page: Page, open_list: Open) -> None:
    """Another visit of an address is another page, and timers call the newest."""
    open_list()
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    visit(page, "#to-edit", "/edit/5?")
    visit(page, "#to-list", "/list?")
    assert call(page) == "list, visit 3: plain 1"
    assert answer_to(page, "#more") == "list, visit 3: more 2"
    visit(page, "#to-list", "/list?")
    assert answer_to(page, "#more") == "list, visit 4: more 1"
    assert call(page) == "list, visit 4: plain 2"


def test_another_query(page: Page, open_list: Open) -> None:
    """Addresses that differ in their query alone are two pages."""
    open_list()
    visit(page, "#to-list-again", "/list?again=1")
    assert answer_to(page, "#more") == "list, visit 2: more 1"
    assert call(page) == "list, visit 2: plain 2"
    go(page, "back", "/list?")
    assert call(page) == "list, visit 1: plain 1"
    assert answer_to(page, "#more") == "list, visit 1: more 2"


def test_listener_of_turbo(page: Page, open_list: Open) -> None:
    """What listens to Turbo's own event calls the page that is shown now."""
    open_list()
    page.evaluate("""
      document.addEventListener("turbo:load", () => {
        ClientCallback.call("__Page", "plain").then(result => log.push(result))
      })
    """)
    visit(page, "#to-edit", "/edit/5?")
    assert next_answer(page) == "edit 5, visit 2: plain 1"
    go(page, "back", "/list?")
    assert next_answer(page) == "list, visit 1: plain 1"
    visit(page, "#to-edit", "/edit/5?")
    assert next_answer(page) == "edit 5, visit 3: plain 1"


@in_both_places
def test_pages_without_fields(page: Page, open_list: Open, place: str) -> None:
    """Pages without any field are known by their scripts' tags."""
    fields = "{{ callback_fields() }}"
    open_list(
        place,
        list_form=LIST_FORM.replace(fields, ""),
        edit=EDIT_FORM.replace(fields, ""),
    )
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    visit(page, "#to-edit", "/edit/5?")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    assert call(page) == "edit 5, visit 2: plain 2"
    go(page, "back", "/list?")
    assert answer_to(page, "#more") == "list, visit 1: more 2"
    assert call(page) == "list, visit 1: plain 3"
    go(page, "forward", "/edit/5?")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 3"


@in_both_places
def test_frame(page: Page, open_list: Open, place: str) -> None:
    """A frame that holds another page calls that, and the page around it goes on."""
    open_list(place, list_part=FRAME, edit=IN_FRAME)
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    assert call(page, element="#edit") == "edit 5, visit 2: plain 2"
    assert call(page) == "list, visit 1: plain 2"
    page.locator("#part #to-next").click()
    expect(page.locator("#part h2")).to_have_text("Item 6")
    assert answer_to(page, "#save") == "edit 6, visit 3: save 1"
    assert answer_to(page, "#more") == "list, visit 1: more 3"


def test_post_back_in_a_frame(page: Page, open_list: Open) -> None:
    """A form in a frame posts its own page back."""
    open_list(list_part=FRAME, edit=IN_FRAME)
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    page.evaluate("""
      document.getElementById("edit").insertAdjacentHTML(
        "beforeend", '<input type="hidden" name="refuse" value="yes">')
      document.querySelector("#part h2").remove()
    """)
    page.locator("#post-edit").click()
    # It is there again.
    expect(page.locator("#part h2")).to_have_text("Item 5")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 3"
    assert answer_to(page, "#more") == "list, visit 1: more 1"


def test_morphed_refresh(page: Page, open_list: Open) -> None:
    """Elements that stay while Turbo makes them those of another page call that."""
    open_list(meta=MORPH)
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    page.evaluate("document.getElementById('more').stays = true")
    page.evaluate(AWAIT_LOAD)
    page.evaluate("Turbo.visit(location.href, {action: 'replace'})")
    page.wait_for_function("window.isLoaded")
    assert page.evaluate("document.getElementById('more').stays")
    assert answer_to(page, "#more") == "list, visit 2: more 1"
    assert call(page) == "list, visit 2: plain 2"
    page.locator("#post-list").click()
    expect(page.locator("#told")).to_have_text("list, visit 2: posted 3")
