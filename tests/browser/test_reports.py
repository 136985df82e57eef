"""The example ``reports`` in a browser: an import, and a report that outlives pages."""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Callable
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Locator
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.jobs import wait_until
from ..helpers.serving import serving

if t.TYPE_CHECKING:
    from .conftest import LoadExample
    from .conftest import Serve

LAST_YEAR = str(date.today().year - 1)
BEGUN_WITH = 900
"""How many sales the books begin with."""

AT_LAST = 20_000
"""Milliseconds in which a job's process starts, or work ends, on a busy machine."""

Make: t.TypeAlias = Callable[..., Flask]


@pytest.fixture
def make_app(load_example: LoadExample, tmp_path: Path) -> Make:
    """Make the application, with books of its own."""

    def make_app(**config: t.Any) -> Flask:
        places = {
            "DATABASE": str(tmp_path / "reports.sqlite"),
            "CLIENTCALLBACK_STORE": str(tmp_path / "jobs.sqlite"),
        }
        app = load_example("reports").create_app({**places, **config})
        return t.cast("Flask", app)

    return make_app


def button(page: Page, name: str) -> Locator:
    """A button, by its name."""
    return page.get_by_role("button", name=name, exact=True)


def table(page: Page) -> Locator:
    """The rows of the report."""
    return page.locator("#report tbody tr")


@contextmanager
def open_tab(page: Page) -> Generator[Page]:
    """Open the page in a second tab, as a link does."""
    page.locator("header").evaluate(
        """header => {
          const link = document.createElement("a")
          Object.assign(link, { href: "/", target: "_blank", textContent: "Tab" })
          header.append(link)
        }"""
    )

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Tab").click()

    yield opened.value
    opened.value.close()


def test_import(page: Page, serve: Serve, make_app: Make, console: list[str]) -> None:
    """Lines are imported; a bar shows how far that is."""
    page.goto(serve(make_app(SECONDS_PER_LINE=0.005)))
    bar = page.get_by_role("progressbar", name="Import")
    button(page, "Import").click()
    expect(page.locator("#imported-share[value]")).to_be_visible()
    expect(page.locator("#imported")).to_have_text(
        f"250 imported. There are {BEGUN_WITH + 250} now.", timeout=AT_LAST
    )
    expect(bar).to_have_count(0)
    expect(button(page, "Cancel the import")).to_have_count(0)
    assert console == []


def test_cancelled_import(page: Page, serve: Serve, make_app: Make) -> None:
    """An import that is cancelled by the keyboard leaves nothing behind, and the focus
    is beside the button that went away.
    """
    app = make_app(SECONDS_PER_LINE=0.1)
    page.goto(serve(app))
    button(page, "Import").click()
    button(page, "Cancel the import").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#imported")).to_have_text("Cancelled. Nothing was imported.")
    expect(button(page, "Import")).to_be_focused()
    expect(button(page, "Cancel the import")).to_have_count(0)
    assert app.extensions["books"].count() == BEGUN_WITH


@pytest.mark.parametrize("has_scripts", [True, False])
@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("", "Give from 1 to 2000 lines."),
        ("2026-03-14,Pencil,3,0.90\n2026-02-30,Pencil,3,0.90", "Line 2: '2026-02-30'"),
        ("2026-03-14,Pencil,0,0.90", "Line 1: '0' is no number"),
        ("2026-03-14,Pencil,1,0.901", "Line 1: '0.901' is no price"),
        ("2026-03-14,Pencil", "Line 1: it has a day"),
    ],
)
def test_wrong_lines(
    page: Page,
    plain_page: Page,
    serve: Serve,
    make_app: Make,
    lines: str,
    message: str,
    has_scripts: bool,
) -> None:
    """What is wrong is told beside the field, and nothing is imported."""
    app = make_app(SECONDS_PER_LINE=0)
    used = page if has_scripts else plain_page
    used.goto(serve(app))
    used.fill("#lines", lines)
    button(used, "Import").click()
    expect(used.locator("#lines-error")).to_contain_text(message)
    assert app.extensions["books"].count() == BEGUN_WITH


def test_report(
    page: Page,
    make_app: Make,
    engine: str,
    request: pytest.FixtureRequest,
    console: list[str],
) -> None:
    """A report is begun; it survives a reload and a restart of the web server, and two
    tabs show it.
    """
    month = page.locator("#month")

    def make() -> t.Any:
        app = make_app(SECONDS_PER_MONTH=0.3)

        if engine == "chromium":
            return app

        return request.getfixturevalue("other_browser").gateway.wrap(app)

    with serving(make()) as port:
        page.goto(f"http://127.0.0.1:{port}/")
        page.get_by_label("Year", exact=True).select_option(LAST_YEAR)
        button(page, "Build").click()
        expect(month).to_contain_text(LAST_YEAR, timeout=AT_LAST)
        page.reload()
        expect(month).to_contain_text(LAST_YEAR)
        expect(page.get_by_role("progressbar", name="Report")).to_be_visible()

    with serving(make(), port), open_tab(page) as other:
        expect(table(page)).to_have_count(12, timeout=AT_LAST)
        expect(month).to_have_text("The report is complete.")
        expect(button(page, "Cancel the report")).to_have_count(0)
        expect(table(other)).to_have_count(12)

    assert not [line for line in console if "Failed to load" not in line]


def test_cancelled_report(page: Page, serve: Serve, make_app: Make) -> None:
    """A report is cancelled by the keyboard, which another tab is told. It is not
    offered again.
    """
    page.goto(serve(make_app(SECONDS_PER_MONTH=3)))
    page.get_by_label("Year", exact=True).select_option(LAST_YEAR)
    button(page, "Build").click()
    expect(page.locator("#month")).to_contain_text(LAST_YEAR, timeout=AT_LAST)

    with open_tab(page) as other:
        expect(other.locator("#month")).to_contain_text(LAST_YEAR)
        button(other, "Cancel the report").focus()
        other.keyboard.press("Enter")
        expect(other.locator("#month")).to_have_text("Cancelled.")
        expect(button(other, "Build")).to_be_focused()

    told = page.get_by_role("alert").filter(has_text="The work was cancelled.")
    expect(told.first).to_be_visible(timeout=AT_LAST)
    expect(page.locator("#month")).to_have_text("")
    page.reload()
    expect(page.locator("#month")).to_have_text("")
    expect(page.locator("#month[data-callback-target]")).to_have_count(0)
    expect(page.get_by_text("failed")).to_have_count(0)


def test_empty_year(page: Page, serve: Serve, make_app: Make) -> None:
    """A year without sales is told beside the field."""
    page.goto(serve(make_app()))
    button(page, "Build").click()
    expect(page.locator("#year-error")).to_have_text("Nothing was sold in that year.")


def test_without_scripts(plain_page: Page, serve: Serve, make_app: Make) -> None:
    """Without scripts the report is there when the page is loaded again."""
    plain_page.goto(serve(make_app(SECONDS_PER_MONTH=0.05)))
    url = plain_page.url
    before = threading.enumerate()
    plain_page.get_by_label("Year", exact=True).select_option(LAST_YEAR)
    button(plain_page, "Build").click()

    def waiting() -> list[threading.Thread]:
        new = set(threading.enumerate()).difference(before)
        return [thread for thread in new if thread.name.startswith("job ")]

    # One waits for the process of the job.
    wait_until(waiting)
    wait_until(lambda: not waiting())
    plain_page.goto(url)
    expect(table(plain_page)).to_have_count(12)
