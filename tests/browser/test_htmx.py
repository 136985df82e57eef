"""Pages beside htmx: boosted links, history, a dialog, a form in its own place."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.held import Held
from ..helpers.node_packages import HTMX
from ..helpers.node_packages import HTMX_2
from ..helpers.node_packages import HTMX_HISTORY_CACHE
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
<a id="to-list" hx-boost="true" href="/list">List</a>
<a id="to-edit" hx-boost="true" href="/edit/5">Edit</a>
<a id="to-next" hx-boost="true" href="/edit/6">Next</a>
<button id="open" hx-get="/edit/5?part=dialog" hx-target="#dialog">Open</button>
<button id="again" hx-get="/list?part=form" hx-target="#list" hx-swap="outerHTML">
  Again</button>
<output id="told">{{ told }}</output>
"""
SCRIPTS = "{{ callback_scripts() }}" + HANDLERS
HEAD = """<!doctype html>
<html>
<head>
<title>{{ request.path }}</title>
<link rel="icon" href="data:,">
"""
DIALOG = '<div id="dialog"></div>'
IN_DIALOG = EDIT_FORM.replace(
    "<form", '<form hx-post="/edit/{{ number }}?part=dialog" hx-swap="outerHTML"'
)
BOOSTED_LIST_FORM = LIST_FORM.replace("<form", '<form hx-boost="true"')
LOADS = """
<p {{ callback_attributes(current_page, "loaded", "show", "fail", event="load") }}></p>
"""
HTMX_4 = (HTMX, HTMX_HISTORY_CACHE)
"""With the cache that htmx 2 has built in."""

Open: t.TypeAlias = Callable[..., None]

both = pytest.mark.parametrize("htmx", [HTMX_4, (HTMX_2,)], ids=["4", "2"])
in_both_places = pytest.mark.parametrize("place", ["head", "end"])


@pytest.fixture
def open_list(page: Page, serve_with_packages: Serve) -> Iterator[Open]:
    """Open the list of an application whose pages have their scripts in the head or at
    the end of the body. That the document stayed is seen in the end.
    """

    def open_list(
        htmx: tuple[str, ...],
        place: str = "head",
        *,
        list_part: str = "",
        edit_part: str = "",
    ) -> None:
        library = "".join(f'<script src="/packages/{path}"></script>' for path in htmx)

        def whole(body: str) -> str:
            head, end = (SCRIPTS, "") if place == "head" else ("", SCRIPTS)
            return f"{HEAD}{library}{head}</head><body>{LINKS}{body}{end}</body></html>"

        app = make_app(
            {
                "": whole(BOOSTED_LIST_FORM + DIALOG + list_part),
                "form": LIST_FORM,
            },
            {"": whole(EDIT_FORM + edit_part), "dialog": IN_DIALOG},
        )
        open_page(page, f"{serve_with_packages(app)}/list")

    yield open_list
    assert page.evaluate("window.stays")


def visit(page: Page, link: str, title: str) -> None:
    """Follow a link to the page of a title, and wait until htmx has shown it."""
    page.evaluate("document.body.firstElementChild.toBeLeft = true")
    page.locator(link).click()
    expect_new_body(page, title)


def go(page: Page, direction: str, title: str) -> None:
    """Go back or forward to the page of a title, and wait until htmx has shown it."""
    page.evaluate("document.body.firstElementChild.toBeLeft = true")
    page.evaluate(f"history.{direction}()")
    expect_new_body(page, title)


def expect_new_body(page: Page, title: str) -> None:
    page.wait_for_function("!document.body.firstElementChild?.toBeLeft")
    expect(page).to_have_title(title)


@both
@in_both_places
def test_boosted_links(
    page: Page, open_list: Open, htmx: tuple[str, ...], place: str
) -> None:
    """Each page that a boosted link leads to has its own handler and a state of its
    own.
    """
    open_list(htmx, place)
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    visit(page, "#to-edit", "/edit/5")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    assert call(page) == "edit 5, visit 2: plain 2"
    assert call(page, "form") == "title=item 5"
    visit(page, "#to-next", "/edit/6")
    assert answer_to(page, "#save") == "edit 6, visit 3: save 1"
    visit(page, "#to-list", "/list")
    assert answer_to(page, "#more") == "list, visit 4: more 1"
    assert call(page) == "list, visit 4: plain 2"


@both
@in_both_places
def test_back(page: Page, open_list: Open, htmx: tuple[str, ...], place: str) -> None:
    """A page that is restored from htmx's cache goes on with its own state."""
    open_list(htmx, place)
    visit(page, "#to-edit", "/edit/5")
    visit(page, "#to-list", "/list")
    assert answer_to(page, "#more") == "list, visit 3: more 1"
    visit(page, "#to-edit", "/edit/5")
    assert answer_to(page, "#save") == "edit 5, visit 4: save 1"
    go(page, "back", "/list")
    assert answer_to(page, "#more") == "list, visit 3: more 2"
    assert call(page) == "list, visit 3: plain 3"
    go(page, "forward", "/edit/5")
    assert answer_to(page, "#save") == "edit 5, visit 4: save 2"
    assert call(page) == "edit 5, visit 4: plain 3"


def test_back_without_a_cache(page: Page, open_list: Open) -> None:
    """A page that is fetched anew on the way back is another page."""
    open_list((HTMX,))
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    visit(page, "#to-edit", "/edit/5")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    go(page, "back", "/list")
    assert answer_to(page, "#more") == "list, visit 3: more 1"
    assert call(page) == "list, visit 3: plain 2"


@both
def test_call_that_outlasts_its_page(
    page: Page, open_list: Open, htmx: tuple[str, ...]
) -> None:
    """A call that runs while its page is left ends with that page's state, and a post
    back has that.
    """
    open_list(htmx)
    visit(page, "#to-edit", "/edit/5")
    visit(page, "#to-list", "/list")
    held = Held(page)
    page.locator("#more").click()
    held.wait_for("more")
    visit(page, "#to-edit", "/edit/5")
    held.let_go("more")
    page.unroute_all()
    assert next_answer(page) == "list, visit 3: more 1"
    assert call(page) == "edit 5, visit 4: plain 1"
    go(page, "back", "/list")
    assert call(page) == "list, visit 3: plain 2"
    page.locator("#post-list").click()
    expect(page.locator("#told")).to_have_text("list, visit 3: posted 3")


@both
def test_boosted_post_back(page: Page, open_list: Open, htmx: tuple[str, ...]) -> None:
    """A boosted form takes the newest state along, and what comes is another page."""
    open_list(htmx)
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    page.locator("#post-list").click()
    expect(page.locator("#told")).to_have_text("list, visit 1: posted 2")
    assert answer_to(page, "#more") == "list, visit 2: more 1"
    assert call(page) == "list, visit 2: plain 2"


@both
def test_load(page: Page, open_list: Open, htmx: tuple[str, ...]) -> None:
    """An element that waits for ``load`` calls once, on each page that is shown."""
    open_list(htmx, list_part=LOADS, edit_part=LOADS)
    assert next_answer(page) == "list, visit 1: loaded 1"
    visit(page, "#to-edit", "/edit/5")
    assert next_answer(page) == "edit 5, visit 2: loaded 1"
    assert answer_to(page, "#save") == "edit 5, visit 2: save 2"


@both
def test_dialog(page: Page, open_list: Open, htmx: tuple[str, ...]) -> None:
    """A dialog of another view calls that, and the list goes on."""
    open_list(htmx)
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    page.locator("#open").click()
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    assert answer_to(page, "#more") == "list, visit 1: more 2"
    assert call(page, element="#edit") == "edit 5, visit 2: plain 2"
    assert call(page, "form", "#edit") == "title=item 5"
    assert call(page) == "list, visit 1: plain 3"
    assert call(page, "form") == "filter=none"


@both
def test_post_back_of_a_dialog(
    page: Page, open_list: Open, htmx: tuple[str, ...]
) -> None:
    """A form that htmx sends has the newest state, and what comes in its place goes on
    with the state that it changed.
    """
    open_list(htmx)
    page.locator("#open").click()
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    page.evaluate("""
      const form = document.getElementById("edit")
      form.stays = true
      // That of htmx 2 shows no 422 by itself.
      htmx.config.responseHandling = [{code: "...", swap: true}]
      form.insertAdjacentHTML("beforeend", '<input name="refuse" value="yes">')
    """)
    page.locator("#post-edit").click()
    page.wait_for_function("!(document.getElementById('edit') ?? {stays: true}).stays")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 3"
    assert answer_to(page, "#more") == "list, visit 1: more 1"


@both
def test_form_in_its_own_place(
    page: Page, open_list: Open, htmx: tuple[str, ...]
) -> None:
    """A new rendering of the list's form is a page of its own."""
    open_list(htmx)
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    page.evaluate("document.getElementById('list').toBeReplaced = true")
    page.locator("#again").click()
    page.wait_for_function("!document.getElementById('list')?.toBeReplaced")
    assert answer_to(page, "#more") == "list, visit 2: more 1"
    assert call(page, element="#list") == "list, visit 2: plain 2"
    assert answer_to(page, "#more") == "list, visit 2: more 3"
