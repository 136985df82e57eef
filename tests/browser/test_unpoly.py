"""Pages beside Unpoly: fragments of other pages, layers over a page, and its cache."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.held import Held
from ..helpers.node_packages import UNPOLY
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
<a id="to-list" up-follow up-target="main" href="/list">List</a>
<a id="to-edit" up-follow up-target="main" href="/edit/5">Edit</a>
<a id="open" up-layer="new" up-target="main" href="/edit/5">Open</a>
"""
SCRIPTS = "{{ callback_scripts() }}" + HANDLERS
HEAD = """<!doctype html>
<html>
<head>
<title>{{ request.path }}</title>
<link rel="icon" href="data:,">
<script src="/packages/UNPOLY"></script>
<script>up.motion.config.enabled = false</script>
""".replace("UNPOLY", UNPOLY)
TOLD = '<output id="told">{{ told }}</output>'
LOADS = """
<p {{ callback_attributes(current_page, "loaded", "show", "fail", event="load") }}></p>
"""
Open: t.TypeAlias = Callable[..., None]

in_both_places = pytest.mark.parametrize("place", ["head", "end"])


@pytest.fixture
def open_list(page: Page, serve_with_packages: Serve) -> Iterator[Open]:
    """Open the list of an application whose pages have their scripts in the head or at
    the end of the part that Unpoly changes. That the document stayed is seen in the
    end.
    """

    def open_list(place: str = "head", *, part: str = "") -> None:
        def whole(body: str) -> str:
            head, end = (SCRIPTS, "") if place == "head" else ("", SCRIPTS)
            return (
                f"{HEAD}{head}</head><body>{LINKS}<main>{TOLD}{body}{part}{end}</main>"
                "</body></html>"
            )

        submit = "<form up-submit up-target='main' up-fail-target='main'"
        app = make_app(
            {"": whole(LIST_FORM.replace("<form", submit))},
            {"": whole(EDIT_FORM.replace("<form", submit))},
        )
        open_page(page, f"{serve_with_packages(app)}/list")

    yield open_list
    assert page.evaluate("window.stays")


def visit(page: Page, link: str, form: str) -> None:
    """Follow a link, and wait until Unpoly shows another rendering of a form."""
    page.evaluate(LEAVE)
    page.locator(link).click()
    page.wait_for_function(IS_LEFT, arg=form)


def go(page: Page, direction: str, form: str) -> None:
    """Go back or forward, and wait until Unpoly shows another rendering of a form."""
    page.evaluate(LEAVE)
    page.evaluate(f"history.{direction}()")
    page.wait_for_function(IS_LEFT, arg=form)


LEAVE = "for (const form of document.forms) form.toBeLeft = true"
IS_LEFT = """form => document.querySelector(form)?.toBeLeft === undefined
  && document.querySelector(form) !== null"""


@in_both_places
def test_fragments(page: Page, open_list: Open, place: str) -> None:
    """Each page whose fragment is shown has its own handler and a state of its own."""
    open_list(place)
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    visit(page, "#to-edit", "#edit")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    assert call(page) == "edit 5, visit 2: plain 2"
    assert call(page, "form") == "title=item 5"
    visit(page, "#to-list", "#list")
    assert answer_to(page, "#more") == "list, visit 3: more 1"
    assert call(page) == "list, visit 3: plain 2"


@in_both_places
def test_back(page: Page, open_list: Open, place: str) -> None:
    """A page that Unpoly renders anew from its cache goes on with its newest state."""
    open_list(place)
    visit(page, "#to-edit", "#edit")
    visit(page, "#to-list", "#list")
    assert answer_to(page, "#more") == "list, visit 3: more 1"
    visit(page, "#to-edit", "#edit")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    go(page, "back", "#list")
    assert answer_to(page, "#more") == "list, visit 3: more 2"
    assert call(page) == "list, visit 3: plain 3"
    go(page, "forward", "#edit")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 2"
    assert call(page) == "edit 5, visit 2: plain 3"


def test_post_back(page: Page, open_list: Open) -> None:
    """A form that Unpoly submits takes the newest state along, also where it was
    rendered from the cache, and what comes in its place is another page.
    """
    open_list()
    visit(page, "#to-edit", "#edit")
    visit(page, "#to-list", "#list")
    assert answer_to(page, "#more") == "list, visit 3: more 1"
    visit(page, "#to-edit", "#edit")
    go(page, "back", "#list")
    page.locator("#post-list").click()
    expect(page.locator("#told")).to_have_text("list, visit 3: posted 2")
    assert answer_to(page, "#more") == "list, visit 4: more 1"
    assert call(page) == "list, visit 4: plain 2"


def test_refused_post_back(page: Page, open_list: Open) -> None:
    """What a post back with the status 422 renders goes on with the state that it
    changed.
    """
    open_list(part='<input form="list" name="refuse" value="yes">')
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    page.locator("#post-list").click()
    expect(page.locator("#told")).to_have_text("list, visit 1: posted 2")
    assert answer_to(page, "#more") == "list, visit 1: more 3"
    assert call(page) == "list, visit 1: plain 4"


def test_layer(page: Page, open_list: Open) -> None:
    """A layer with another page calls that, and the page below goes on."""
    open_list()
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    visit(page, "#open", "#edit")
    assert page.locator("up-modal #edit").count() == 1
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    assert call(page, element="#edit") == "edit 5, visit 2: plain 2"
    page.evaluate("document.getElementById('more').click()")
    assert next_answer(page) == "list, visit 1: more 2"
    assert call(page, "form", "#list") == "filter=none"
    page.evaluate("up.layer.dismiss()")
    expect(page.locator("up-modal")).to_have_count(0)
    assert answer_to(page, "#more") == "list, visit 1: more 3"
    assert call(page) == "list, visit 1: plain 4"


def test_post_back_in_a_layer(page: Page, open_list: Open) -> None:
    """A form in a layer posts its own page back, and the page below goes on."""
    open_list()
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    visit(page, "#open", "#edit")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 1"
    page.locator("#post-edit").click()
    expect(page.locator("up-modal #told")).to_have_text("edit 5, visit 2: posted 2")
    assert answer_to(page, "#save") == "edit 5, visit 3: save 1"
    page.evaluate("up.layer.dismiss()")
    expect(page.locator("up-modal")).to_have_count(0)
    assert answer_to(page, "#more") == "list, visit 1: more 2"


def test_call_that_outlasts_its_layer(page: Page, open_list: Open) -> None:
    """A call that runs while its layer is closed ends with that page's state."""
    open_list()
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    visit(page, "#open", "#edit")
    held = Held(page)
    page.locator("#save").click()
    held.wait_for("save")
    page.evaluate("up.layer.dismiss()")
    expect(page.locator("up-modal")).to_have_count(0)
    held.let_go("save")
    page.unroute_all()
    assert next_answer(page) == "edit 5, visit 2: save 1"
    assert answer_to(page, "#more") == "list, visit 1: more 2"
    assert call(page) == "list, visit 1: plain 3"
    visit(page, "#open", "#edit")
    assert answer_to(page, "#save") == "edit 5, visit 2: save 2"


def test_load(page: Page, open_list: Open) -> None:
    """An element that waits for ``load`` calls once, in each fragment that is shown."""
    open_list(part=LOADS)
    assert next_answer(page) == "list, visit 1: loaded 1"
    visit(page, "#to-edit", "#edit")
    assert next_answer(page) == "edit 5, visit 2: loaded 1"
    assert answer_to(page, "#save") == "edit 5, visit 2: save 2"
    go(page, "back", "#list")
    assert next_answer(page) == "list, visit 3: loaded 1"
    assert answer_to(page, "#more") == "list, visit 3: more 2"
