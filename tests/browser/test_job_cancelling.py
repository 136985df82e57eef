"""How a page gives up what it waits for, and who cancels a background job."""

from __future__ import annotations

from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.clock import pause_clock
from ..helpers.job_page import CANCELLED
from ..helpers.job_page import expect_log
from ..helpers.job_page import open_tab
from ..helpers.job_page import Opened
from ..helpers.job_page import run_clock
from ..helpers.job_page import wait_for_answers
from ..helpers.jobs import wait_until


def test_signal(open_work: Opened, page: Page) -> None:
    """A signal ends the call at once, and the job soon, for all who follow it."""
    server = open_work(parts=[])
    page.evaluate("call({ signal: stop.signal })")
    server.wait_for_polls()

    with open_tab(page) as other:
        expect(other.locator("#found")).to_have_attribute("aria-busy", "true")
        page.evaluate("stop.abort()")
        expect_log(page, "abort 0 The call was aborted.")
        server.wait_for("begins", "is left")
        expect_log(other, CANCELLED)

    assert [one for one in server.front.polls() if " " in one] == [
        f"{server.front.polls()[0]} cancel"
    ]


def test_signal_between_two_looks(open_work: Opened, page: Page) -> None:
    """It does so also while the page waits until it asks again."""
    page.clock.install()
    server = open_work(parts=[])
    page.evaluate("call({ signal: stop.signal })")
    server.wait_for("begins")
    server.wait_for_polls()
    pause_clock(page)
    wait_for_answers(page)
    page.evaluate("stop.abort()")
    expect_log(page, "abort 0 The call was aborted.")
    server.wait_for("begins", "is left")


def test_cancelling_that_is_not_answered(
    open_work: Opened, page: Page, console: list[str]
) -> None:
    """What cancels the job has the call's time-out too, and says so in the console."""
    page.clock.install()
    server = open_work(parts=[])
    page.evaluate("call({ signal: stop.signal, timeout: 5_000 })")
    server.wait_for("begins")
    wait_for_answers(page)
    pause_clock(page)
    wait_for_answers(page)
    server.front.passes.clear()
    page.evaluate("stop.abort()")
    wait_until(lambda: server.front.polls()[-1:] and " " in server.front.polls()[-1])
    assert page.evaluate("unanswered") == 1
    page.clock.run_for(5_001)
    wait_for_answers(page)
    wait_until(lambda: any("did not answer in time" in text for text in console))
    server.front.passes.set()


def test_signal_of_a_follower(open_work: Opened, page: Page) -> None:
    """Who only follows a job cancels it too. A signal that is aborted before does
    nothing.
    """
    server = open_work(parts=[])
    page.evaluate("call()")
    server.wait_for("begins")
    server.wait_for_polls()
    job_id = server.front.polls()[0]
    follow = "id => follow(id, { signal: stop.signal })"
    page.evaluate("stop.abort()")
    page.evaluate(follow, job_id)
    aborted = "abort 0 The call was aborted."
    expect_log(page, aborted)
    server.wait_for_polls()
    page.evaluate("stop = new AbortController()")
    page.evaluate(follow, job_id)
    server.wait_for_polls()
    assert server.journal() == ["begins"]
    page.evaluate("stop.abort()")
    server.wait_for("begins", "is left")
    expect_log(page, aborted, aborted, CANCELLED)


def test_function_that_gives_up(open_work: Opened, page: Page) -> None:
    """A function that gets progress may give the call up, which cancels the job."""
    server = open_work()
    server.let("0")
    page.evaluate(
        """call({
          signal: stop.signal,
          onProgress: part => { write(part); stop.abort() },
        })"""
    )
    expect_log(page, "0.25", "abort 0 The call was aborted.")
    server.wait_for("begins", "is left")


def test_signal_while_the_server_restarts(open_work: Opened, page: Page) -> None:
    """The order to end is given again to a server that restarts."""
    page.clock.install()
    server = open_work(parts=[])
    page.evaluate("call({ signal: stop.signal })")
    server.wait_for("begins")
    server.wait_for_polls()
    server.front.failures += [502, 503]
    page.evaluate("stop.abort()")
    expect_log(page, "abort 0 The call was aborted.")
    run_clock(page, lambda: not server.front.failures)
    run_clock(page, lambda: len(server.journal()) == 2)
    server.wait_for("begins", "is left")
    expect_log(page, "abort 0 The call was aborted.")


def test_button(open_work: Opened, page: Page) -> None:
    """A button cancels by a method of the page, and it is told where errors are."""
    server = open_work(parts=[])
    page.click("#work")
    server.wait_for("begins")
    page.click("#cancel")
    expect_log(page, CANCELLED)
    expect(page.get_by_role("alert").last).to_have_text("The work was cancelled.")
    server.wait_for("begins", "is left")


def test_timeout(open_work: Opened, page: Page) -> None:
    """A request without an answer ends the call in time, and not the job."""
    page.clock.install()
    server = open_work(parts=[])
    page.evaluate("call({ timeout: 60000 })")
    server.wait_for("begins")
    server.front.passes.clear()
    server.wait_for_polls()
    page.clock.run_for(45_000)
    expect_log(page)
    page.clock.run_for(16_000)
    expect_log(page, "timeout 0 The server did not answer in time.")
    server.front.passes.set()
    server.let("end")
    server.wait_for("begins", "ends")
