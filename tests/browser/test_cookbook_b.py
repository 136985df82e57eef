"""The cookbook's recipes for lists, and for what is asked for again and again, in a
browser.
"""

from __future__ import annotations

import itertools
import sys
import threading
import types
import typing as t
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.clock import stop_clock
from ..helpers.cookbook import load_recipe

if t.TYPE_CHECKING:
    from .conftest import Picture
    from .conftest import Serve

Use: t.TypeAlias = Callable[[str], tuple[str, t.Any]]


@pytest.fixture
def use(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Serve a recipe, and give its address and its module."""
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))

    def use(name: str) -> tuple[str, t.Any]:
        address = serve(load_recipe(name, tmp_path))
        return address, sys.modules["app"]

    return use


# ---- Search as you type -------------------------------------------------------


def test_search(
    page: Page,
    use: Use,
    console: list[str],
    picture: Picture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The list follows what is typed, and a late answer to an older text changes
    nothing.
    """
    address, app = use("search_as_you_type")
    asked, released, answered = (threading.Event() for _ in range(3))
    render = app.render_fragment

    def render_fragment(name: str, *, wanted: str, **context: t.Any) -> t.Any:
        if wanted != "l":
            return render(name, wanted=wanted, **context)

        asked.set()
        released.wait(20)
        answered.set()
        return render(name, wanted=wanted, **context)

    monkeypatch.setattr(app, "render_fragment", render_fragment)
    page.goto(address)
    field = page.get_by_label("City")
    field.fill("l")
    assert asked.wait(20)
    expect(page.get_by_text("Searching…")).to_be_visible()
    field.fill("lo")
    cities = page.get_by_role("listitem")
    expect(cities).to_have_text(["Bologna", "London", "Oslo"])
    expect(page.get_by_text("Searching…")).to_be_hidden()
    released.set()
    assert answered.wait(20)
    # The next answer is later than what the server still sends of the older one.
    picture(page, "cookbook/search_as_you_type")
    field.press_sequentially("n")
    expect(cities).to_have_text(["London"])
    field.fill("<i>")
    expect(page.get_by_role("status")).to_have_text("No city has “<i>” in its name.")
    field.fill("x" * 41)
    wrong = page.locator("#text-error")
    expect(wrong).to_have_text("Field cannot be longer than 40 characters.")
    expect(field).to_be_focused()
    field.fill("par")
    field.press("Enter")
    expect(cities).to_have_text(["Paris"])
    expect(wrong).to_be_empty()
    # The status of the text that is too long.
    assert [line for line in console if "422" not in line] == []


def test_search_plain(plain_page: Page, use: Use) -> None:
    """The button searches, and the text stays in the field."""
    plain_page.goto(use("search_as_you_type")[0])
    plain_page.get_by_label("City").fill("lon")
    plain_page.get_by_role("button", name="Search").click()
    expect(plain_page.get_by_role("listitem")).to_have_text(["London"])
    expect(plain_page.get_by_label("City")).to_have_value("lon")


# ---- Edit and delete the rows of a table ---------------------------------------


def test_rows(page: Page, use: Use, console: list[str], picture: Picture) -> None:
    """A row is edited, with an error beside its field, and another is deleted. The
    focus goes where the user goes on.
    """
    page.goto(use("table_rows")[0])
    page.get_by_role("button", name="Edit Pears").click()
    name, amount = page.get_by_label("Name"), page.get_by_label("Amount")
    expect(name).to_be_focused()
    expect(name).to_have_value("Pears")
    expect(page.get_by_role("button")).to_have_text(["Save", "Cancel"])
    amount.fill("many")
    page.get_by_role("button", name="Save").click()
    wrong = page.locator("#amount-error")
    expect(wrong).to_have_text("Not a valid integer value.")
    expect(amount).to_be_focused()
    expect(amount).to_have_attribute("aria-invalid", "true")
    expect(amount).to_have_value("many")
    picture(page, "cookbook/table_rows")
    amount.fill("6")
    name.fill("<i>Pears")
    name.press("Enter")
    cells = page.locator("tbody td")
    expect(cells.nth(3)).to_have_text("<i>Pears")
    expect(cells.nth(4)).to_have_text("6")
    expect(page.get_by_role("button", name="Edit <i>Pears")).to_be_focused()
    page.get_by_role("button", name="Edit Plums").click()
    expect(name).to_have_value("Plums")
    name.fill("Cherries")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Edit Plums")).to_be_focused()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete <i>Pears").click()
    expect(page.get_by_role("button", name="Edit Plums")).to_be_focused()
    expect(page.locator("tbody tr")).to_have_count(2)
    assert [line for line in console if "422" not in line] == []


def test_deleted_elsewhere(page: Page, use: Use) -> None:
    """If somebody else deleted the row, the page says so, and the row can be left."""
    address, app = use("table_rows")
    page.goto(address)
    page.get_by_role("button", name="Edit Pears").click()
    expect(page.get_by_label("Name")).to_be_focused()
    del app.ROWS[2]
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_have_text("Somebody has deleted this row.")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.get_by_role("alert")).to_be_empty()


def test_rows_plain(plain_page: Page, use: Use) -> None:
    """The same buttons edit and delete where no script runs."""
    plain_page.goto(use("table_rows")[0])
    plain_page.get_by_role("button", name="Edit Pears").click()
    amount = plain_page.get_by_label("Amount")
    amount.fill("many")
    plain_page.get_by_role("button", name="Save").click()
    wrong = plain_page.locator("#amount-error")
    expect(wrong).to_have_text("Not a valid integer value.")
    expect(amount).to_have_value("many")
    amount.fill("6")
    amount.press("Enter")
    expect(plain_page.locator("tbody td").nth(4)).to_have_text("6")
    plain_page.get_by_role("button", name="Delete Pears").click()
    expect(plain_page.locator("tbody tr")).to_have_count(2)


# ---- Page through a list -------------------------------------------------------


def test_pages(page: Page, use: Use, console: list[str], picture: Picture) -> None:
    """Links change the rows and the address, and the way back is there."""
    address, _ = use("pagination")
    page.goto(address)
    page.evaluate("window.isSame = true")
    rows, where = page.get_by_role("listitem"), page.locator("#where")
    expect(rows.first).to_have_text("Order 1001")
    expect(page.get_by_role("link", name="Previous")).to_have_count(0)
    page.get_by_role("link", name="Next").click()
    expect(where).to_have_text("Page 2 of 5")
    expect(where).to_be_focused()
    expect(rows.first).to_have_text("Order 1011")
    expect(page).to_have_url(f"{address}/?page=2")
    picture(page, "cookbook/pagination")
    page.get_by_role("link", name="Next").click()
    expect(where).to_have_text("Page 3 of 5")
    page.get_by_role("link", name="Previous").click()
    expect(where).to_have_text("Page 2 of 5")
    expect(page).to_have_url(f"{address}/?page=2")
    assert page.evaluate("window.isSame")
    page.go_back()
    expect(where).to_have_text("Page 3 of 5")
    expect(page).to_have_url(f"{address}/?page=3")
    page.get_by_role("link", name="Next").click()
    expect(where).to_have_text("Page 4 of 5")
    page.get_by_role("link", name="Next").click()
    expect(where).to_have_text("Page 5 of 5")
    expect(rows).to_have_count(7)
    expect(page.get_by_role("link", name="Next")).to_have_count(0)
    assert console == []


def test_pages_plain(plain_page: Page, use: Use) -> None:
    """The links are links where no script runs."""
    address, _ = use("pagination")
    plain_page.goto(address)
    plain_page.get_by_role("link", name="Next").click()
    expect(plain_page.locator("#where")).to_have_text("Page 2 of 5")
    plain_page.get_by_role("link", name="Previous").click()
    expect(plain_page.locator("#where")).to_have_text("Page 1 of 5")


# ---- Load more as you scroll ------------------------------------------------

TO_THE_END = "scrollTo(0, document.documentElement.scrollHeight)"
BELOW = "document.documentElement.scrollHeight - scrollY - innerHeight"


def test_scrolling(page: Page, use: Use, console: list[str]) -> None:
    """More messages come whenever the end comes near, until there are no more."""
    page.set_viewport_size({"width": 720, "height": 480})
    page.goto(use("infinite_scroll")[0])
    messages = page.get_by_role("listitem")
    expect(messages).to_have_count(20)

    for count in (40, 60, 80, 100, 120):
        page.evaluate(TO_THE_END)
        expect(messages).to_have_count(count)

        # What is new has not moved the page to its end, where still more would come.
        if count < 120:
            assert page.evaluate(BELOW) > 300

    texts = [f"Message {number}" for number in range(120, 0, -1)]
    expect(messages).to_have_text(texts)
    expect(page.get_by_role("button")).to_have_count(0)
    assert console == []


def test_scrolling_offline(page: Page, use: Use) -> None:
    """If more cannot be had, the page says why, and the button tries again. The focus
    then stands before what is new.
    """
    page.set_viewport_size({"width": 720, "height": 480})
    page.goto(use("infinite_scroll")[0])
    messages = page.get_by_role("listitem")
    expect(messages).to_have_count(20)
    page.context.set_offline(True)
    page.evaluate(TO_THE_END)
    told = page.get_by_role("alert")
    expect(told).to_have_text("The server cannot be reached.")
    page.context.set_offline(False)
    page.get_by_role("button", name="More").press("Enter")
    expect(messages).to_have_count(40)
    expect(told).to_be_empty()
    expect(page.locator("#before-101")).to_be_focused()


def test_scrolling_plain(plain_page: Page, use: Use) -> None:
    """The button opens the next messages where no script runs."""
    address, _ = use("infinite_scroll")
    plain_page.goto(address)
    plain_page.get_by_role("button", name="More").click()
    expect(plain_page).to_have_url(f"{address}/?before=101")
    messages = plain_page.get_by_role("listitem")
    expect(messages.first).to_have_text("Message 100")
    expect(messages).to_have_count(20)


# ---- Keep a value up to date ---------------------------------------------------

HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, value: hidden })
  document.dispatchEvent(new Event("visibilitychange"))
}"""


@pytest.fixture
def room(use: Use, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a room that is a degree warmer each time that one looks."""
    address, app = use("polling")
    temperatures = itertools.count(20)
    monkeypatch.setattr(app, "measure", lambda: next(temperatures))
    return address


def test_polling(page: Page, room: str, console: list[str], picture: Picture) -> None:
    """The value is asked for every five seconds, and not while the page is hidden."""
    stop_clock(page)
    page.goto(room)
    value = page.locator("#temperature")
    expect(value).to_contain_text("20.0 °C at ")
    page.clock.run_for(4000)
    page.clock.run_for(1000)
    expect(value).to_contain_text("21.0 °C at ")
    page.clock.run_for(5000)
    expect(value).to_contain_text("22.0 °C at ")
    picture(page, "cookbook/polling")
    page.evaluate(HIDE, True)
    page.clock.run_for(60_000)
    expect(value).to_contain_text("22.0 °C at ")
    page.evaluate(HIDE, False)
    expect(value).to_contain_text("23.0 °C at ")
    assert console == []


def test_polling_plain(plain_page: Page, room: str) -> None:
    """The button loads the value where no script runs."""
    plain_page.goto(room)
    expect(plain_page.locator("#temperature")).to_contain_text("20.0 °C at ")
    plain_page.get_by_role("button", name="Update").click()
    # The call measures, and so does the page that comes back.
    expect(plain_page.locator("#temperature")).to_contain_text("22.0 °C at ")
