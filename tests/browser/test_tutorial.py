"""The application of the tutorial in a browser, with scripts and without."""

from __future__ import annotations

import re
import sys
import threading
import types
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.console import without_statuses
from ..helpers.jobs import wait_until
from ..helpers.tutorial import import_application
from ..helpers.tutorial import shown
from ..helpers.tutorial import write_steps

if t.TYPE_CHECKING:
    from .conftest import Picture
    from .conftest import Serve

BOOKS = ("Dune", "Emma", "Ulysses")
DONE = 12


class Started(t.NamedTuple):
    """The application, as it is after a step."""

    module: types.ModuleType
    shelf: t.Any
    url: str


Start = t.Callable[..., Started]


@pytest.fixture
def start(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """What serves the application that a reader has after a step."""

    def start(step: int = DONE, debug: bool = False) -> Started:
        write_steps(tmp_path, step)
        module = import_application(tmp_path, monkeypatch)
        module.app.debug = debug
        shelf: t.Any = sys.modules["shelf"]
        shelf.add(*BOOKS)
        return Started(module, shelf, serve(module.app))

    return start


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def used(page: Page, plain_page: Page, request: pytest.FixtureRequest) -> Page:
    """The page of a browser that runs scripts, and of one that does not."""
    return page if request.param else plain_page


def rows(page: Page) -> t.Any:
    """Find the titles in the list."""
    return page.locator("#books td:first-child:not(:empty)")


def lend(page: Page, title: str, reader: str) -> None:
    """Lend a book to somebody."""
    page.get_by_label("Your name").fill(reader)
    row = page.locator("#books tr", has_text=title)
    row.get_by_role("button", name="Borrow").click()
    expect(row.get_by_role("button", name="Return")).to_be_visible()


def test_first_call(page: Page, start: Start, console: list[str]) -> None:
    """After the second step a button shows a suggestion, and nothing is loaded anew."""
    page.goto(start(2).url)
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    page.get_by_role("button", name="Suggest a book").click()
    told = re.compile(r"How about (Dune|Emma|Ulysses)\?")
    expect(page.locator("#suggestion")).to_have_text(told)
    assert loads == []
    assert without_statuses(console) == []


def test_errors_beside_fields(page: Page, start: Start, picture: Picture) -> None:
    """After the third step what is wrong stands beside the field, which has the focus,
    until all is well.
    """
    page.goto(start(3).url)
    title, wrong = page.get_by_label("New book"), page.locator("#title-error")
    title.fill("x")
    page.get_by_role("button", name="Add").click()
    expect(wrong).to_have_text("Field must be at least 2 characters long.")
    title.fill("Dune")
    page.get_by_role("button", name="Add").click()
    expect(wrong).to_have_text("This book is here already.")
    expect(page.get_by_role("alert")).to_have_text("The book was not added.")
    expect(title).to_be_focused()
    picture(page, "tutorial/errors")
    title.fill("Walden")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("listitem")).to_have_count(4)
    expect(page.get_by_label("New book")).to_have_value("")
    expect(page.locator("#title-error")).to_have_text("")


def test_finished(
    used: Page, plain_page: Page, start: Start, console: list[str]
) -> None:
    """Books are added, found, lent, sorted and returned, with scripts and without."""
    used.goto(start().url)
    used.get_by_label("New book").fill("Dune")
    used.get_by_role("button", name="Add").click()
    expect(used.locator("#title-error")).to_have_text("This book is here already.")
    used.get_by_label("New book").fill("Walden")
    used.get_by_role("button", name="Add").click()
    expect(rows(used)).to_have_text([*BOOKS, "Walden"])
    used.get_by_role("button", name="Borrow").first.click()
    wrong = used.locator("#reader-error")
    expect(wrong).to_have_text("Field must be at least 2 characters long.")
    lend(used, "Dune", "Ada")
    expect(wrong).to_have_text("")
    used.get_by_role("button", name="Reader").click()
    expect(rows(used)).to_have_text(["Emma", "Ulysses", "Walden", "Dune"])
    used.get_by_label("Search").fill("u")

    # With scripts the list follows what is typed. Enter would search once more, and
    # the second answer may take a button away while it is clicked on.
    if used is plain_page:
        used.get_by_label("Search").press("Enter")

    expect(rows(used)).to_have_text(["Ulysses", "Dune"])
    used.get_by_role("button", name="Return").click()
    expect(rows(used)).to_have_text(["Dune", "Ulysses"])
    used.get_by_role("button", name="Suggest a book").click()
    expect(used.locator("#suggestion")).to_have_text(re.compile("How about "))
    assert without_statuses(console) == []


def test_list(page: Page, start: Start, picture: Picture) -> None:
    """After the seventh step the list is sorted by its readers, and searched while
    typing.
    """
    page.goto(start(7).url)
    lend(page, "Ulysses", "Grace")
    lend(page, "Dune", "Ada")
    page.get_by_role("button", name="Reader").click()
    expect(rows(page)).to_have_text(["Emma", "Dune", "Ulysses"])
    picture(page, "tutorial/list")
    page.get_by_label("Search").fill("U")
    expect(rows(page)).to_have_text(["Dune", "Ulysses"])


def test_focus_stays_in_its_row(page: Page, start: Start) -> None:
    """Who borrows a book by the keyboard is at the button that returns it."""
    page.goto(start(5).url)
    page.get_by_label("Your name").fill("Ada")
    row = page.locator("#books tr", has_text="Emma")
    row.get_by_role("button", name="Borrow").press("Enter")
    expect(row.get_by_role("button", name="Return")).to_be_focused()


def test_two_windows(page: Page, start: Start) -> None:
    """Who borrows a book that another window has borrowed meanwhile is told so."""
    url = start(5).url
    page.goto(url)
    lend(page, "Dune", "Ada")
    second = page.context.new_page()
    second.goto(url)
    second.get_by_label("Your name").fill("Grace")
    lend(page, "Emma", "Ada")
    row = second.locator("#books tr", has_text="Emma")
    row.get_by_role("button", name="Borrow").click()
    told = second.get_by_role("alert")
    expect(told).to_have_text("The book is gone. Load the page anew.")


def test_search_after_slow_call(
    page: Page, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list shows what was searched last, however slow an older call is."""
    go_on = threading.Event()
    started = start(7)
    found = started.module.Shelf.found

    def find(view: t.Any) -> t.Any:
        books = found(view)
        # Of the call that lends, as a search has a text.
        assert len(books) < 3 or go_on.wait(20)
        return books

    page.goto(started.url)
    page.get_by_label("Your name").fill("Ada")
    monkeypatch.setattr(started.module.Shelf, "found", find)
    page.get_by_role("button", name="Borrow").first.click()
    search = page.get_by_label("Search")
    search.fill("u")
    expect(search).to_have_attribute("aria-busy", "true")
    go_on.set()
    expect(rows(page)).to_have_text(["Dune", "Ulysses"])
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(rows(page)).to_have_text(["Dune", "Ulysses"])


def test_search_and_another_form(used: Page, plain_page: Page, start: Start) -> None:
    """A call sends its own form. So only a browser without scripts, which loads the
    page anew, forgets the search when a button of another form is pressed.
    """
    used.goto(start(7).url)
    used.get_by_label("Search").fill("u")
    used.get_by_label("Search").press("Enter")
    expect(rows(used)).to_have_text(["Dune", "Ulysses"])
    used.get_by_role("button", name="Suggest a book").click()
    expect(used.locator("#suggestion")).to_have_text(re.compile("How about "))
    has_scripts = used is not plain_page
    expect(used.get_by_label("Search")).to_have_value("u" if has_scripts else "")
    expect(rows(used)).to_have_count(2 if has_scripts else 3)


def test_title_of_the_tab(page: Page, start: Start) -> None:
    """A script of one's own tells how many books are here, or that nobody knows."""
    started = start()
    page.goto(started.url)
    expect(page).to_have_title("Our shelf: 3 of 3 here")
    page.context.set_offline(True)
    page.evaluate("tell()")
    expect(page).to_have_title("Our shelf: The server cannot be reached.")


def test_import(
    page: Page, start: Start, monkeypatch: pytest.MonkeyPatch, picture: Picture
) -> None:
    """An import shows how far it is. If it is cancelled it adds nothing."""
    go_on = threading.Semaphore(0)
    ended: list[t.Any] = []
    started = start()
    wait = SimpleNamespace(sleep=lambda _: go_on.acquire(timeout=20))
    monkeypatch.setattr(started.module, "time", wait)
    started.module.app.teardown_request(ended.append)
    page.goto(started.url)
    page.get_by_label("Titles to import").fill("Walden\nPnin\nLolita\nPersuasion")
    page.get_by_role("button", name="Import").click()
    cancel, bar = page.get_by_role("button", name="Cancel"), page.locator("#bar")
    expect(cancel).to_be_visible()
    go_on.release(2)
    expect(bar).to_have_attribute("value", "0.5")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    picture(page, "tutorial/import")
    cancel.click()
    told = page.locator("#cancelled")
    expect(told).to_have_text("You cancelled the import.")
    expect(bar).to_be_hidden()
    expect(cancel).to_be_hidden()
    go_on.release(9)
    wait_until(lambda: any(isinstance(error, GeneratorExit) for error in ended))
    assert len(started.shelf.books()) == 3
    page.get_by_role("button", name="Import").click()
    expect(rows(page)).to_have_count(7)


def test_import_without_scripts(
    plain_page: Page, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without scripts the page comes when the import is done."""
    started = start()
    monkeypatch.setattr(started.module, "time", SimpleNamespace(sleep=lambda _: None))
    plain_page.goto(started.url)
    plain_page.get_by_label("Titles to import").fill("Walden\nPnin")
    plain_page.get_by_role("button", name="Import").click()
    expect(rows(plain_page)).to_have_count(5)
    expect(plain_page.get_by_role("button", name="Cancel")).to_be_hidden()


@pytest.mark.parametrize("step", range(2, 10))
def test_debug_mode_from_the_start(
    step: int, page: Page, start: Start, console: list[str]
) -> None:
    """Debug mode has no fault to find with the page of any step."""
    page.goto(start(step, debug=True).url)
    page.get_by_role("button", name="Suggest a book").click()
    expect(page.locator("#suggestion")).to_have_text(re.compile("How about "))
    assert without_statuses(console) == []


def test_debug_mode(
    page: Page, start: Start, console: list[str], tmp_path: Path
) -> None:
    """The finished page gets no warning in debug mode. The mistake that the page shows
    gets the one that it shows.
    """
    url = start(debug=True).url
    page.goto(url)
    page.get_by_role("button", name="Suggest a book").click()
    expect(page.locator("#suggestion")).to_have_text(re.compile("How about "))
    assert without_statuses(console) == []
    path = tmp_path / "templates/list.html"
    old = path.read_text(encoding="utf-8")
    button = old[old.index("<button") : old.index("</button>")]
    wrong = button.replace('output="books"', 'output="boks"')
    assert wrong != button
    path.write_text(old.replace(button, wrong), encoding="utf-8")
    [block] = [block for block in shown() if 'output="boks"' in block.code]
    told = " ".join(block.code.split())

    with page.expect_console_message(lambda message: told in message.text):
        page.goto(url)


def test_console_of_debug_mode(page: Page, start: Start) -> None:
    """What the page types into the console works."""
    page.goto(start(debug=True).url)
    lines = [b.code for b in shown() if b.step == 10 and b.language == "javascript"]
    wrong, simulations = lines
    refused = (
        f"async () => {{ try {{ {wrong} }} catch (error) {{ return error.kind }} }}"
    )
    assert page.evaluate(refused) == "invalid"
    page.evaluate(f"() => {{ {simulations} }}")


def test_server_timing(page: Page, start: Start) -> None:
    """The time of the method is among those that the browser shows."""
    page.goto(start(debug=True).url)

    with page.expect_response(lambda answer: answer.request.method == "POST") as caught:
        page.get_by_role("button", name="Suggest a book").click()

    assert "raise_callback_event;dur=" in caught.value.headers["server-timing"]
