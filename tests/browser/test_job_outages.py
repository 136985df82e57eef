"""Pages that follow a background job while servers and networks fail."""

from __future__ import annotations

import subprocess
import typing as t
from pathlib import Path

import pytest
from playwright.sync_api import Page

from flask_clientcallback import callback_method
from flask_clientcallback import current_page
from flask_clientcallback import Job

from ..engines.expectations import expect
from ..helpers.job_page import expect_log
from ..helpers.job_page import INTERRUPTED
from ..helpers.job_page import make_app
from ..helpers.job_page import Opened
from ..helpers.job_page import run_clock
from ..helpers.job_page import Work
from ..helpers.jobs import forget_processes
from ..helpers.jobs import noted
from ..helpers.jobs import run_elsewhere
from ..helpers.jobs import wait
from ..helpers.jobs import wait_until
from ..helpers.serving import serving


def test_errors_that_pass(open_work: Opened, page: Page) -> None:
    """While a server restarts, the job is asked for again. An answer that comes gives
    all of this time again.
    """
    page.clock.install()
    server = open_work(parts=[])
    page.evaluate("call()")
    server.wait_for("begins")

    for status in ([502, 503, 504, 502, 503, 504], [503] * 6):
        server.front.failures += status
        run_clock(page, lambda: not server.front.failures)
        polls = len(server.front.polls())
        run_clock(page, lambda known=polls: len(server.front.polls()) > known)

    expect_log(page)
    server.let("end")
    expect_log(page, "done")


def test_errors_that_stay(open_work: Opened, page: Page) -> None:
    """After a minute the call ends, and not the job."""
    page.clock.install()
    server = open_work(parts=[])
    page.evaluate("call()")
    server.wait_for("begins")
    server.front.failures += [503] * 9
    run_clock(page, lambda: page.locator("#log").inner_text())
    expect_log(page, "http 503 The server answered 503 with text/html.")
    assert len(server.front.failures) == 2
    assert not any(" " in one for one in server.front.polls())
    assert server.journal() == ["begins"]


@pytest.mark.parametrize(
    ("status", "kind"), [(500, "server"), (401, "auth"), (403, "http"), (429, "http")]
)
def test_other_errors(open_work: Opened, page: Page, status: int, kind: str) -> None:
    """Any other error ends the call."""
    server = open_work(parts=[])
    page.evaluate("call()")
    server.wait_for_polls()
    server.front.failures.append(status)
    expect_log(page, f"{kind} {status} The server answered {status} with text/html.")


def test_start_that_fails(open_work: Opened, page: Page) -> None:
    """What may start a job is not sent again. What only asks for it is."""
    server = open_work()
    server.front.failures.append(503)
    page.evaluate("call()")
    failed = "http 503 The server answered 503 with text/html."
    expect_log(page, failed)
    server.front.failures.append(503)
    page.evaluate("follow('nothing')")
    expect_log(page, failed, "server 410 This work is over or unknown.")
    assert [target for target, _ in server.front.asked] == [
        "__Page.work",
        "__Job",
        "__Job",
    ]


def test_restart(
    page: Page, tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    """A web server that is away for a moment is waited for, while the job goes on."""
    app = make_app(tmp_path, parts=[0.5])
    served: t.Any = app

    if engine != "chromium":
        served = request.getfixturevalue("other_browser").gateway.wrap(app)

    with serving(served) as port:
        page.goto(f"http://127.0.0.1:{port}")
        page.click("#work")
        wait_until(lambda: noted(tmp_path / "journal") == ["begins"])

    for name in ("0", "end"):
        (tmp_path / name).touch()

    wait_until(lambda: noted(tmp_path / "journal") == ["begins", "ends"])
    expect(page.locator("#failures")).not_to_have_text("0")

    with serving(served, port):
        expect(page.locator("#result")).to_have_text("done")


def test_lost_connection(open_work: Opened, page: Page) -> None:
    """A browser that is offline for a moment asks again."""
    page.clock.install()
    server = open_work(parts=[])
    page.evaluate("call()")
    server.wait_for("begins")

    server.wait_for_polls()
    page.context.set_offline(True)
    expect(page.locator("#failures")).not_to_have_text("0")
    server.let("end")
    page.context.set_offline(False)
    run_clock(page, lambda: page.locator("#log").inner_text())
    expect_log(page, "done")


def test_lost_session(open_work: Opened, page: Page) -> None:
    """Who is nobody any more gets no result, and the link to load the page anew."""
    server = open_work(parts=[])
    page.click("#work")
    server.wait_for("begins")
    # This page has the session that the job began.
    page.reload()
    server.wait_for_polls()
    page.context.clear_cookies()
    expect(page.locator("#log")).to_contain_text("stale 400")
    expect(page.get_by_role("link", name="Reload")).to_be_visible()


def test_killed_process(open_work: Opened, page: Page, tmp_path: Path) -> None:
    """A job whose process is killed ends as an error."""
    begun: list[subprocess.Popen[bytes]] = []

    def start_job(job_id: str) -> None:
        begun.append(run_elsewhere(tmp_path, job_id))

    @callback_method
    def work(self: Work) -> Job[t.Any]:
        return current_page.start_job(wait, str(tmp_path))

    server = open_work(start_job, work=work)
    page.click("#work")
    wait_until(lambda: noted(tmp_path / "journal") == ["job begins"])
    expect_log(page, 'work "job waits"')
    begun[0].kill()
    begun[0].wait()
    server.wait_for_polls()
    forget_processes(tmp_path)
    expect_log(page, 'work "job waits"', INTERRUPTED)
