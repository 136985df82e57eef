"""Background jobs of a page among other calls, and beside one another."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from flask_clientcallback.typing import Overlap

from ..engines.expectations import expect
from ..helpers.job_page import CANCELLED
from ..helpers.job_page import expect_log
from ..helpers.job_page import Opened
from ..helpers.jobs import wait_until


def test_queue(open_work: Opened, page: Page) -> None:
    """A call leaves its line when it has become a job."""
    server = open_work(keeps_state=True, parts=[])
    page.evaluate("call()")
    page.evaluate("call({}, 'plain')")
    expect_log(page, "plain")
    server.let("end")
    expect_log(page, "plain", "done")


def test_latest_and_drop(open_work: Opened, page: Page) -> None:
    """A newer call that wants to be the latest cancels the job. One that is dropped
    cancels nothing.
    """
    server = open_work(parts=[])
    page.evaluate("call()")
    server.wait_for_polls()
    server.wait_for("begins")
    page.evaluate("call({ policy: 'latest' })")
    replaced = "abort 0 The call was replaced."
    expect_log(page, replaced)
    wait_until(lambda: sorted(server.journal()) == ["begins", "begins", "is left"])
    first_id = server.front.polls()[0]
    wait_until(lambda: first_id not in server.front.polls()[-1])
    page.evaluate("call({ policy: 'drop' })")
    job_id = server.front.polls()[-1]
    page.evaluate("id => follow(id, { group: 'g' })", job_id)
    page.evaluate("id => follow(id, { group: 'g', policy: 'drop' })", job_id)
    dropped = "abort 0 The call was dropped."
    expect_log(page, replaced, dropped, dropped)
    server.let("end")
    expect_log(page, replaced, dropped, dropped, "done", "done")


@pytest.mark.parametrize(
    ("overlap", "journal", "log"),
    [
        ("keep", ["begins", "ends"], ["done", "done"]),
        ("replace", ["begins", "is left", "begins", "ends"], [CANCELLED, "done"]),
        (
            "refuse",
            ["begins", "ends"],
            ["server 409 This work is under way already.", "done"],
        ),
    ],
)
def test_overlap(
    open_work: Opened,
    page: Page,
    overlap: Overlap,
    journal: list[str],
    log: list[str],
) -> None:
    """Two calls end as the function says of jobs that meet."""
    server = open_work(overlap=overlap, parts=[])
    page.evaluate("call()")
    server.wait_for_polls()
    server.wait_for("begins")
    page.evaluate("call()")

    if overlap == "keep":
        server.wait_for_polls(2)
    else:
        expect_log(page, log[0])

    server.let("end")
    expect_log(page, *log)
    wait_until(lambda: sorted(server.journal()) == sorted(journal))


@pytest.mark.parametrize(
    ("overlap", "log"),
    [
        ("parallel", ["done", "done"]),
        ("keep", ["done", "done"]),
        ("replace", [CANCELLED, "done"]),
        ("refuse", ["server 409 This work is under way already.", "done"]),
    ],
)
def test_first_calls(
    open_work: Opened, page: Page, overlap: Overlap, log: list[str]
) -> None:
    """Two calls that a first visitor's page makes at once end in the same way, and a
    job is found after a reload.
    """
    server = open_work(overlap=overlap, parts=[])
    server.front.passes.clear()
    page.evaluate(
        "() => { call({ policy: 'parallel' }); call({ policy: 'parallel' }) }"
    )
    wait_until(lambda: len(server.front.asked) == 2)
    server.front.passes.set()

    if overlap in ("replace", "refuse"):
        expect_log(page, log[0])

    server.wait_for_polls(2)
    server.let("end")
    expect_log(page, *log)
    page.reload()
    expect(page.locator("#result")).to_have_text("done")
    assert server.journal().count("ends") == (2 if overlap == "parallel" else 1)
