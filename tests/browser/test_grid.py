"""The example ``grid`` in a browser, with scripts and without."""

from __future__ import annotations

import importlib
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import render_template_string
from playwright.sync_api import Browser
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import Route

from flask_clientcallback import current_page

from ..engines.expectations import expect

if t.TYPE_CHECKING:
    from .conftest import LoadExample
    from .conftest import Serve

FIRST_BY = {
    "Code": (("Andorra", "United Arab Emirates"), ("Zimbabwe", "Zambia")),
    "Number": (("Afghanistan", "Albania"), ("Zambia", "Yemen")),
    "Parts": (("Åland Islands", "American Samoa"), ("United Kingdom", "Slovenia")),
    "Country": (("Afghanistan", "Åland Islands"), ("Zimbabwe", "Zambia")),
}
"""The first two countries in the order of each column, ascending and descending."""

SUBMIT = """button => {
  delete button.dataset.callbackTarget
  button.form.requestSubmit(button)
}"""
"""Submits the form by a button, as where the script does not run."""

SIZES = """() => {
  const table = document.querySelector("table")
  const fits = table.offsetWidth <= table.parentElement.offsetWidth
  return [document.documentElement.scrollWidth, fits]
}"""


TWO_GRIDS = """
    <!doctype html>
    <link rel="icon" href="data:,">
    <form method="post">
      {{ callback_fields() }}
      {% for grid in grids %}{{ grid.render() }}{% endfor %}
    </form>
    {{ callback_scripts() }}
"""


class GridPage:
    """The grid as its user sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.names = page.get_by_role("rowheader")
        self.details = page.locator("tr.details")
        self.message = page.get_by_role("status")
        self.failure = page.get_by_role("alert")
        self.next = self.button("Next")
        self.previous = self.button("Previous")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def header(self, name: str) -> Locator:
        return self.page.get_by_role("columnheader", name=name, exact=True)

    def expect_first(self, *names: str) -> None:
        for index, name in enumerate(names):
            expect(self.names.nth(index)).to_have_text(name)

    def expect_page(self, number: int, timeout: float = 5_000) -> None:
        pages = self.page.get_by_role("navigation", name="Pages of Countries")
        expect(pages).to_contain_text(f"Page {number} of 25", timeout=timeout)

    def sort(self, name: str, direction: str, *first: str) -> None:
        """Sort by a column, and see that it is in that order now."""
        self.button(name).click()
        self.expect_first(*first)
        expect(self.header(name)).to_have_attribute("aria-sort", direction)
        expect(self.page.locator("[aria-sort]")).to_have_count(1)
        expect(self.button(name)).to_be_focused()

    def use_everything(self) -> None:
        """Sort, turn pages and show details, with or without scripts."""
        for name, (ascending, descending) in FIRST_BY.items():
            self.sort(name, "ascending", *ascending)
            self.sort(name, "descending", *descending)

        self.sort("Country", "ascending", "Afghanistan")
        self.expect_page(1)
        self.next.click()
        self.expect_first("Argentina", "Armenia")
        self.expect_page(2)
        expect(self.next).to_be_focused()
        self.next.click()
        self.expect_page(3)
        self.previous.click()
        self.expect_first("Argentina", "Armenia")

        austria = self.button("Austria")
        expect(austria).to_have_attribute("aria-expanded", "false")
        austria.click()
        expect(self.details).to_contain_text("Republic of Austria")
        expect(self.details.locator("dd")).to_have_text(
            ["Republic of Austria", "AUT, 040", "State 9"]
        )
        expect(austria).to_have_attribute("aria-expanded", "true")
        expect(austria).to_be_focused()

        self.button("Bahamas").click()
        expect(self.details).to_have_count(1)
        expect(self.details).to_contain_text("Commonwealth of the Bahamas")
        expect(austria).to_have_attribute("aria-expanded", "false")
        self.button("Bahamas").click()
        expect(self.details).to_have_count(0)


@pytest.fixture
def address(serve: Serve, load_example: LoadExample, database_path: Path) -> str:
    return serve(load_example("grid").create_app({"DATABASE": str(database_path)}))


@pytest.fixture
def grid(console: list[str], page: Page, address: str) -> Iterator[GridPage]:
    """The grid in a page that is never refreshed and has nothing to report."""
    page.goto(address)
    page.evaluate("window.stays = true")
    yield GridPage(page)
    assert page.evaluate("window.stays")
    assert console == []


def test_it_is_used_without_a_refresh(grid: GridPage) -> None:
    grid.use_everything()


def test_it_is_used_by_post_back_where_there_are_no_scripts(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(10_000)
    page = context.new_page()
    methods: list[str] = []
    page.on("request", lambda request: methods.append(request.method))
    page.goto(address)
    GridPage(page).use_everything()
    assert methods.count("POST") == 15
    context.close()


def test_what_callbacks_did_survives_the_loss_of_scripts(
    page: Page, address: str
) -> None:
    page.goto(address)
    grid = GridPage(page)
    ascending, descending = FIRST_BY["Parts"]
    grid.sort("Parts", "ascending", *ascending)
    grid.sort("Parts", "descending", *descending)
    grid.next.click()
    grid.expect_page(2)
    name = grid.names.nth(2).text_content()
    assert name is not None
    grid.button(name).click()
    expect(grid.details).to_have_count(1)

    page.route("**/*.js", lambda route: route.abort())

    with page.expect_navigation():
        grid.next.evaluate(SUBMIT)

    assert not page.evaluate("'ClientCallback' in window")
    grid.expect_page(3)
    expect(grid.header("Parts")).to_have_attribute("aria-sort", "descending")

    with page.expect_navigation():
        grid.previous.click()

    expect(grid.names.nth(2)).to_have_text(name)
    expect(grid.button(name)).to_have_attribute("aria-expanded", "true")
    expect(grid.details).to_have_count(1)


def test_callbacks_go_on_from_post_backs(page: Page, address: str) -> None:
    page.route("**/*.js", lambda route: route.abort())
    page.goto(address)
    grid = GridPage(page)
    grid.button("Country").click()
    grid.expect_first("Zimbabwe")
    page.unroute("**/*.js")
    grid.next.click()
    grid.expect_page(2)

    page.evaluate("window.stays = true")
    grid.next.click()
    grid.expect_page(3)
    expect(grid.header("Country")).to_have_attribute("aria-sort", "descending")
    assert page.evaluate("window.stays")


def test_hasty_clicks_are_all_obeyed(grid: GridPage) -> None:
    grid.next.evaluate("button => { for (let i = 0; i < 4; i++) button.click() }")
    grid.expect_page(5)


def test_the_ends_are_said_and_kept(grid: GridPage) -> None:
    expect(grid.previous).to_have_attribute("aria-disabled", "true")
    expect(grid.next).not_to_have_attribute("aria-disabled", "true")
    grid.previous.evaluate("button => button.click()")
    expect(grid.message).to_have_text("Page 1 of 25.")

    grid.next.evaluate("button => { for (let i = 0; i < 26; i++) button.click() }")
    # One call after the other.
    grid.expect_page(25, timeout=20_000)
    expect(grid.next).to_have_attribute("aria-disabled", "true")
    expect(grid.names).to_have_count(9)


def test_a_screen_reader_is_told(grid: GridPage) -> None:
    expect(grid.message).to_have_text("")
    grid.button("Parts").click()
    expect(grid.message).to_have_text("Sorted by Parts, ascending.")
    grid.next.click()
    expect(grid.message).to_have_text("Page 2 of 25.")
    grid.button("Country").click()
    grid.button("Afghanistan").click()
    expect(grid.message).to_have_text(
        "Afghanistan: Official name Islamic Republic of Afghanistan; Other codes AFG,"
        " 004; Parts Province 34"
    )
    grid.button("Afghanistan").click()
    expect(grid.message).to_have_text("Afghanistan: details hidden.")


def test_the_keyboard_is_enough(grid: GridPage) -> None:
    grid.page.keyboard.press("Tab")
    expect(grid.button("Country")).to_be_focused()
    grid.page.keyboard.press("Enter")
    grid.expect_first("Zimbabwe")
    expect(grid.button("Country")).to_be_focused()

    for _ in FIRST_BY:
        grid.page.keyboard.press("Tab")

    expect(grid.button("Zimbabwe")).to_be_focused()
    grid.page.keyboard.press("Space")
    expect(grid.details).to_contain_text("Republic of Zimbabwe")
    expect(grid.button("Zimbabwe")).to_be_focused()


def test_the_focus_is_not_taken_from_elsewhere(grid: GridPage) -> None:
    held: list[Route] = []
    grid.page.route("**/*", lambda route: held.append(route))

    with grid.page.expect_request("**/*"):
        grid.button("Parts").click()

    grid.page.evaluate("document.activeElement.blur()")
    held[0].continue_()
    expect(grid.header("Parts")).to_have_attribute("aria-sort", "ascending")
    assert grid.page.evaluate("document.activeElement === document.body")


def test_a_failure_is_shown_until_the_next_success(page: Page, address: str) -> None:
    page.goto(address)
    grid = GridPage(page)
    page.route("**/*", lambda route: route.abort())
    grid.next.click()
    expect(grid.failure).to_have_text("The server cannot be reached.")
    grid.expect_page(1)

    page.unroute("**/*")
    grid.next.click()
    grid.expect_page(2)
    expect(grid.failure).to_be_hidden()


def test_only_what_the_page_offers_is_answered(page: Page, address: str) -> None:
    page.goto(address)
    grid = GridPage(page)
    call = """([target, argument]) =>
      ClientCallback.call(target, argument).then(({ id }) => id, ({ kind }) => kind)
    """

    for target, argument in (
        ("grid", ""),
        ("__Page", ""),
        ("grid$ZW$details", ""),
        ("grid$sort$name", "x"),
    ):
        assert page.evaluate(call, [target, argument]) == "rejected"

    grid.button("Country").click()
    grid.expect_first("Zimbabwe")
    assert page.evaluate(call, ["grid$ZW$details", ""]) == "grid"


def test_two_grids_share_a_page(
    console: list[str],
    page: Page,
    serve: Serve,
    load_example: LoadExample,
    database_path: Path,
) -> None:
    app = load_example("grid").create_app({"DATABASE": str(database_path)})
    views = importlib.import_module("grid.views")

    class TwoGrids(views.Countries):
        def page_init(self) -> None:
            super().page_init()
            source = views.CountrySource(views.get_database())
            self.codes = views.Grid("Codes", views.COLUMNS[1:3], source, page_size=5)
            current_page.add_control("codes", self.codes)

        def get(self) -> str:
            grids = [self.grid, self.codes]
            return render_template_string(TWO_GRIDS, grids=grids)

    app.add_url_rule("/two", view_func=TwoGrids.as_view("two"))
    page.goto(f"{serve(app)}/two")
    assert page.locator("script[src$='grid.js']").count() == 1
    countries, codes = page.locator("#grid"), page.locator("#codes")

    # At once: the queue keeps what both of them do to the view state.
    page.evaluate(
        """() => {
          for (const button of document.querySelectorAll("nav button:last-child")) {
            button.click()
          }
        }"""
    )
    expect(countries.locator("nav")).to_contain_text("Page 2 of 25")
    expect(codes.locator("nav")).to_contain_text("Page 2 of 50")

    with page.expect_navigation():
        codes.locator("nav button").last.evaluate(SUBMIT)

    expect(countries.locator("nav")).to_contain_text("Page 2 of 25")
    expect(codes.locator("nav")).to_contain_text("Page 3 of 50")
    assert console == []


@pytest.mark.without("webkit", "its window is at least 447 pixels wide")
def test_it_fits_a_phone(grid: GridPage) -> None:
    grid.page.set_viewport_size({"width": 360, "height": 640})
    grid.button("Afghanistan").click()
    expect(grid.details).to_be_visible()

    for page_number in range(2, 26):
        grid.next.click()
        expect(grid.message).to_have_text(f"Page {page_number} of 25.")
        assert grid.page.evaluate(SIZES) == [360, True]
