"""Pages that come back to a background job, and those that leave it."""

from __future__ import annotations

import typing as t

import pytest
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.job_page import expect_log
from ..helpers.job_page import open_tab
from ..helpers.job_page import Opened


def test_reload(open_work: Opened, page: Page) -> None:
    """A page that is loaded anew goes on to show progress, and the result."""
    server = open_work()
    server.let("0")
    page.click("#work")
    expect_log(page, "work 0.25")
    page.reload()
    expect_log(page, "found 0.25")
    expect(page.locator("#bar")).to_be_visible()
    assert page.locator("#bar").evaluate("bar => bar.value") == 0.25
    server.let("1", "end")
    expect(page.locator("#result")).to_have_text("done")
    expect(page.locator("#log")).to_contain_text("done;")
    assert server.journal() == ["begins", "ends"]


def test_second_tab(open_work: Opened, page: Page) -> None:
    """Two tabs show the progress and the result."""
    server = open_work()
    page.click("#work")
    server.wait_for("begins")

    with open_tab(page) as other:
        server.let("0")
        expect_log(other, "found 0.25")
        expect_log(page, "work 0.25")
        server.let("1", "end")
        expect(other.locator("#result")).to_have_text("done")
        expect(page.locator("#result")).to_have_text("done")

    assert server.journal() == ["begins", "ends"]


def test_history(open_work: Opened, page: Page) -> None:
    """A page that the browser goes back to goes on, whether it was kept or not."""
    server = open_work(parts=[])
    page.click("#work")
    server.wait_for("begins")
    server.wait_for_polls()
    page.goto("about:blank")
    page.go_back()
    server.wait_for_polls()
    server.let("end")
    expect(page.locator("#result")).to_have_text("done")


def test_leaving(open_work: Opened, page: Page) -> None:
    """What ends other calls does not end one that follows a job."""
    server = open_work(parts=[])
    page.evaluate("call()")
    server.wait_for_polls()
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    server.wait_for_polls(2)
    page.evaluate("dispatchEvent(new Event('pageshow'))")
    server.let("end")
    expect_log(page, "done")
    assert server.journal() == ["begins", "ends"]


def test_unknown(open_work: Opened, page: Page) -> None:
    """An id that is nobody's is an error."""
    open_work()
    page.evaluate("follow('nothing')")
    expect_log(page, "server 410 This work is over or unknown.")


@pytest.mark.parametrize("parts", [[], [1]])
def test_without_scripts(
    open_work: Opened, plain_page: Page, parts: list[t.Any]
) -> None:
    """Without scripts the page is posted back, and shows the job as it is."""
    server = open_work(parts=parts)
    plain_page.goto(server.url)
    plain_page.click("#work")
    expect(plain_page.locator("#found")).to_be_visible()
    server.wait_for("begins")
    server.let("0", "end")
    server.wait_for("begins", "ends")

    while plain_page.locator("#result").inner_text() != "done":
        plain_page.goto(server.url)
