"""What a page shows of background jobs."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.job_page import expect_log
from ..helpers.job_page import Opened
from ..helpers.job_page import SECOND


def test_result(open_work: Opened, page: Page) -> None:
    """Each part comes once, with the context, and the result at last. The events of
    the call come once, and what a listener puts into the headers goes with all
    requests; the form goes with the first.
    """
    server = open_work()
    page.evaluate(
        """() => {
          for (const name of ["before", "after", "error"]) {
            addEventListener(`clientcallback:${name}`, ({ detail }) => {
              detail.headers?.set("X-Mark", "m")
              write(`${name} ${detail.target} ${detail.result}`)
            })
          }
          call()
        }"""
    )
    expect_log(page, "before __Page.work undefined")
    server.wait_for_polls(2)
    expect_log(page, "before __Page.work undefined")
    server.let("0")
    expect_log(page, "before __Page.work undefined", "0.25 c")
    server.wait_for_polls(2)
    server.let("1", "end")
    expect(page.locator("#log")).to_contain_text("after __Page.work done; done;")
    assert page.locator("#log").inner_text().count("0.25 c;") == 1
    [(first, _), *polls] = server.front.asked
    job_id = polls[0][1]
    assert first == "__Page.work"
    assert set(polls) == {("__Job", job_id)}
    assert set(server.front.marks) == {"m"}
    assert "year" in server.front.fields[0]
    assert not any("year" in fields for fields in server.front.fields[1:])


def test_attributes(open_work: Opened, page: Page) -> None:
    """A bar is indeterminate until the first part, and shows each that is a number;
    the function gets all, with the element, which is busy until the end.
    """
    server = open_work(end="<b>done</b>")
    bar = page.locator("#bar")
    page.click("#work")
    expect(bar).to_be_visible()
    assert bar.evaluate("bar => bar.position") == -1
    server.let("0")
    expect_log(page, "work 0.25")
    assert bar.evaluate("bar => bar.value") == 0.25
    server.let("1")
    expect_log(page, "work 0.25", f"work {SECOND}")
    assert bar.evaluate("bar => bar.value") == 0.5
    expect(page.locator("#work")).to_have_attribute("aria-busy", "true")
    server.let("end")
    expect_log(page, "work 0.25", f"work {SECOND}", "<b>done</b>")
    expect(page.locator("#result")).to_have_text("<b>done</b>")
    expect(bar).to_be_hidden()
    expect(page.locator("#work")).not_to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize(
    ("end", "written", "shown"),
    [
        ("told", "invalid 422 Check.", "Too late."),
        ("broken", "server 500 The server could not complete the call.", ""),
    ],
)
def test_failure(
    open_work: Opened, page: Page, end: str, written: str, shown: str
) -> None:
    """An error of a job is that of the call, and stands beside its field."""
    server = open_work(end=end, parts=[])
    server.let("end")
    page.click("#work")
    expect_log(page, written)
    expect(page.locator("#year-error")).to_have_text(shown)
    page.evaluate("call()")
    expect_log(page, written, written)


def test_function_that_throws(
    open_work: Opened, page: Page, console: list[str]
) -> None:
    """A function that throws is reported, and ends nothing."""
    server = open_work(parts=[1])
    server.let("0", "end")
    page.evaluate("call({ onProgress() { throw new Error('mine') } })")
    expect_log(page, "done")
    assert all("mine" in line for line in console)


def test_pace(open_work: Opened, page: Page) -> None:
    """The page asks again when the server says, which is after its last answer."""
    server = open_work(parts=[])
    page.evaluate("call()")
    server.wait_for_polls(4)
    times = server.front.times
    assert all(later - sooner >= 0.24 for sooner, later in pairwise(times))
