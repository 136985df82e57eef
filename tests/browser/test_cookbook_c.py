"""The recipes of the cookbook for files, long work and fragments, in a browser."""

from __future__ import annotations

import sys
import threading
import types
import typing as t
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from flask_clientcallback.testing import MemoryStore

from ..engines.expectations import expect
from ..helpers.cookbook import load_recipe
from ..helpers.cookbook import page_of
from ..helpers.documentation import import_file
from ..helpers.documentation import write_files
from ..helpers.jobs import wait_until

if t.TYPE_CHECKING:
    from .conftest import Picture
    from .conftest import Serve

AT_LAST = 20_000
"""Milliseconds in which work ends on a busy machine."""


def button(page: Page, name: str) -> t.Any:
    """A button, by its name."""
    return page.get_by_role("button", name=name, exact=True)


def file(size: int, name: str = "letter.pdf") -> t.Any:
    """A file to choose, which begins as a PDF does if its name says so."""
    kind = b"%PDF-" if name.endswith(".pdf") else b"GIF89a"
    return {"name": name, "mimeType": "", "buffer": kind + bytes(size - len(kind))}


# Upload a file.


class Held:
    """Reads no call until the test lets it.

    :param app: the application.
    """

    def __init__(self, app: Flask) -> None:
        self._wsgi_app = app.wsgi_app
        app.wsgi_app = self  # type: ignore[method-assign]
        self.calls = 0
        self.goes_on = threading.Event()

    def __call__(self, environ: t.Any, start_response: t.Any) -> t.Any:
        if environ["REQUEST_METHOD"] == "POST":
            self.calls += 1
            assert self.goes_on.wait(30)

        return self._wsgi_app(environ, start_response)


@pytest.fixture
def upload(tmp_path: Path) -> Flask:
    """The application that takes a file."""
    return load_recipe("upload_with_progress", tmp_path)


def kept(app: Flask) -> list[int]:
    """List the sizes of the files that were kept."""
    folder = Path(app.instance_path, "uploads")
    return [path.stat().st_size for path in folder.glob("*.pdf")]


def test_upload(
    page: Page,
    serve: Serve,
    upload: Flask,
    picture: Picture,
    engine: str,
    console: list[str],
) -> None:
    """A bar shows how much of a file is sent, and the file is kept."""
    held = Held(upload)
    page.goto(serve(upload))

    if engine == "chromium":
        # So slow that the bar can be seen on its way.
        line = page.context.new_cdp_session(page)
        speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_000_000}
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", {"offline": False, **speed})

    page.get_by_label("A PDF of 5 MB at most").set_input_files(file(2_500_000))
    button(page, "Upload").click()
    bar = page.get_by_role("progressbar", name="Upload")
    expect(bar).to_be_visible()

    if engine == "chromium":
        page.wait_for_function("document.getElementById('bar').position > 0.5")
        assert bar.evaluate("bar => bar.value") < 1
        picture(page, "cookbook/upload_with_progress")

    expect(button(page, "Upload")).to_have_attribute("aria-disabled", "true")
    held.goes_on.set()
    told = page.locator("#told")
    expect(told).to_have_text("We have got letter.pdf. Thank you.", timeout=AT_LAST)
    expect(page.locator("#bar")).to_be_hidden()
    assert (held.calls, kept(upload), console) == (1, [2_500_000], [])


def test_wrong_uploads(
    page: Page, serve: Serve, upload: Flask, console: list[str]
) -> None:
    """A file that is too large is not sent. What is no PDF is told beside its field."""
    held = Held(upload)
    held.goes_on.set()
    page.goto(serve(upload))
    field = page.get_by_label("A PDF of 5 MB at most")
    field.set_input_files(file(5_010_001))
    button(page, "Upload").click()
    told = page.get_by_role("alert").filter(has_text="5 MB")
    expect(told).to_have_text("The file is too large. Choose one of 5 MB at most.")
    assert held.calls == 0
    field.set_input_files(file(100, "picture.gif"))
    button(page, "Upload").click()
    expect(page.locator("#document-error")).to_have_text("Choose a PDF.")
    expect(field).to_be_focused()
    expect(told).to_have_count(0)
    field.set_input_files(file(100))
    button(page, "Upload").click()
    expect(page.locator("#told")).to_have_text("We have got letter.pdf. Thank you.")
    expect(page.locator("#document-error")).to_be_hidden()
    assert kept(upload) == [100]
    # The browser itself tells a status that is none of success.
    assert all("422" in line for line in console)


def test_upload_without_scripts(plain_page: Page, serve: Serve, upload: Flask) -> None:
    """The form is posted, with the same limit and the same errors."""
    plain_page.goto(serve(upload))
    field = plain_page.get_by_label("A PDF of 5 MB at most")
    field.set_input_files(file(5_010_001))
    button(plain_page, "Upload").click()
    expect(plain_page.get_by_text("The file is too large.")).to_be_visible()
    plain_page.get_by_role("link", name="Back").click()
    field.set_input_files(file(100, "picture.gif"))
    button(plain_page, "Upload").click()
    expect(plain_page.locator("#document-error")).to_have_text("Choose a PDF.")
    field.set_input_files(file(100))
    button(plain_page, "Upload").click()
    told = plain_page.locator("#told")
    expect(told).to_have_text("We have got letter.pdf. Thank you.")
    assert kept(upload) == [100]


# Download a file.


@pytest.mark.parametrize("has_scripts", [True, False])
def test_download(
    page: Page,
    plain_page: Page,
    serve: Serve,
    tmp_path: Path,
    picture: Picture,
    console: list[str],
    has_scripts: bool,
) -> None:
    """A file is saved that has what the form asks for. If there is none, the page says
    so beside the field.
    """
    used = page if has_scripts else plain_page
    used.goto(serve(load_recipe("download", tmp_path)))
    year = used.get_by_label("Year")
    year.fill("2019")
    used.get_by_label("Shop").select_option("Zürich")
    button(used, "Download").click()
    expect(used.locator("#year-error")).to_have_text("Nothing was sold in 2019.")
    expect(used.get_by_label("Shop")).to_have_value("Zürich")

    if has_scripts:
        expect(year).to_be_focused()
        picture(page, "cookbook/download")

    year.fill("2026")

    with used.expect_download() as got:
        button(used, "Download").click()

    assert got.value.suggested_filename == "sales-2026.csv"
    text = Path(got.value.path()).read_text(encoding="utf-8-sig")
    assert text.split() == ["Shop,Product,Sold", "Zürich,Notebook,45"]

    if has_scripts:
        expect(page.locator("#year-error")).to_be_hidden()
        assert all("422" in line for line in console)


# A long report.


@pytest.fixture
def goes_on() -> t.Iterator[threading.Event]:
    """What a report waits for in the middle of its work."""
    goes_on = threading.Event()
    yield goes_on
    goes_on.set()


def is_half_full(page: Page) -> None:
    """Wait until the bar stands at the sixth month."""
    expect(page.locator("#bar")).to_be_visible()
    page.wait_for_function("document.getElementById('bar').value > 0.4")


@pytest.fixture
def report(
    tmp_path: Path, goes_on: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> Flask:
    """The application that builds the report in a stream, and waits in June."""
    app = load_recipe("long_report_with_cancel", tmp_path)

    def count_orders(year: int, month: int) -> int:
        assert month != 6 or goes_on.wait(30)
        return 1

    monkeypatch.setattr(sys.modules["app"], "count_orders", count_orders)
    return app


def test_long_report(
    page: Page,
    serve: Serve,
    report: Flask,
    goes_on: threading.Event,
    picture: Picture,
    console: list[str],
) -> None:
    """A report is cancelled by the keyboard, in the page and on the server. The next
    one is built. The focus is never lost.
    """
    ends: list[t.Any] = []
    report.teardown_request(ends.append)
    page.goto(serve(report))
    button(page, "Build").click()
    is_half_full(page)
    picture(page, "cookbook/long_report_with_cancel")
    button(page, "Cancel").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#report")).to_have_text("Cancelled.")
    expect(page.locator("#bar")).to_be_hidden()
    expect(button(page, "Build")).to_be_focused()
    goes_on.set()
    wait_until(lambda: any(isinstance(end, GeneratorExit) for end in ends))
    goes_on.clear()
    page.get_by_label("Year").fill("2026")
    button(page, "Build").click()
    button(page, "Cancel").focus()
    goes_on.set()
    expect(page.locator("#report")).to_have_text("12 orders in 2026.")
    expect(button(page, "Cancel")).to_have_count(0)
    expect(button(page, "Build")).to_be_focused()
    assert console == []


@pytest.mark.parametrize("has_scripts", [True, False])
def test_year_of_long_report(
    page: Page,
    plain_page: Page,
    serve: Serve,
    report: Flask,
    goes_on: threading.Event,
    has_scripts: bool,
) -> None:
    """A wrong year is told beside its field, and a right one has its report."""
    goes_on.set()
    used = page if has_scripts else plain_page
    used.goto(serve(report))
    used.get_by_label("Year").fill("1900")
    button(used, "Build").click()
    expect(used.locator("#year-error")).to_have_text("Number must be at least 2000.")
    used.get_by_label("Year").fill("2030")
    button(used, "Build").click()
    expect(used.locator("#report")).to_have_text("12 orders in 2030.")
    expect(used.locator("#year-error")).to_be_hidden()
    expect(button(used, "Cancel")).to_have_count(0)


# A background job.


@pytest.fixture
def jobs(
    tmp_path: Path, goes_on: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> Flask:
    """The application whose report is a job. It waits in June."""
    write_files(page_of("background_job_on_celery"), tmp_path)
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
    module = import_file("app", tmp_path / "app.py")
    months: list[float] = []

    def sleep(seconds: float) -> None:
        months.append(seconds)
        assert len(months) % 12 != 6 or goes_on.wait(30)

    monkeypatch.setattr(module, "time", types.SimpleNamespace(sleep=sleep))
    app = module.create_app(CLIENTCALLBACK_STORE=MemoryStore())
    assert isinstance(app, Flask)
    return app


def test_background_job(
    page: Page,
    serve: Serve,
    jobs: Flask,
    goes_on: threading.Event,
    picture: Picture,
    console: list[str],
) -> None:
    """A report survives a reload, and is there when the page is loaded once more."""
    url = serve(jobs)
    page.goto(url)
    button(page, "Build").click()
    is_half_full(page)
    page.reload()
    is_half_full(page)
    expect(page.get_by_role("link", name="Look again")).to_have_count(0)
    picture(page, "cookbook/background_job_on_celery")
    button(page, "Cancel").focus()
    goes_on.set()
    told = page.locator("#report")
    expect(told).to_have_text("675 orders in 2027.")
    expect(button(page, "Cancel")).to_have_count(0)
    expect(button(page, "Build")).to_be_focused()
    page.reload()
    expect(told).to_have_text("Your last report: 675 orders in 2027.")
    assert console == []


def test_cancelled_job(
    page: Page,
    serve: Serve,
    jobs: Flask,
    goes_on: threading.Event,
    console: list[str],
) -> None:
    """A job is cancelled by the keyboard after a reload. The next one is built."""
    page.goto(serve(jobs))
    button(page, "Build").click()
    is_half_full(page)
    page.reload()
    is_half_full(page)
    button(page, "Cancel").focus()
    page.keyboard.press("Enter")
    told = page.locator("#report")
    expect(told).to_have_text("Cancelled.")
    expect(page.locator("#bar")).to_be_hidden()
    expect(button(page, "Build")).to_be_focused()
    goes_on.set()
    page.get_by_label("Year").fill("2026")
    button(page, "Build").click()
    expect(told).to_have_text("694 orders in 2026.")
    # The browser itself tells a status that is none of success.
    assert all("409" in line for line in console)


def test_job_without_scripts(
    plain_page: Page, serve: Serve, jobs: Flask, goes_on: threading.Event
) -> None:
    """The page says how far the report is, and has it in the end. One that is cancelled
    is told as such.
    """
    plain_page.goto(serve(jobs))
    plain_page.get_by_label("Year").fill("1900")
    button(plain_page, "Build").click()
    wrong = plain_page.locator("#year-error")
    expect(wrong).to_have_text("Number must be at least 2000.")
    plain_page.get_by_label("Year").fill("2027")
    button(plain_page, "Build").click()
    again = plain_page.get_by_role("link", name="Look again")
    told = plain_page.locator("#report")

    def look(text: str) -> bool:
        again.click()
        # It is gone when the work is over.
        return text in plain_page.locator("body").inner_text()

    wait_until(lambda: look("42% of the report is built."))
    button(plain_page, "Cancel").click()
    expect(told).to_have_text("Cancelled.")
    goes_on.set()
    wait_until(lambda: look("Your last report: cancelled"))
    button(plain_page, "Build").click()

    if again.count():
        wait_until(lambda: look("Your last report: "))

    expect(told).to_have_text("Your last report: 675 orders in 2027.")


# Parts of a page.


@pytest.mark.parametrize("has_scripts", [True, False])
def test_fragments(
    page: Page,
    plain_page: Page,
    serve: Serve,
    tmp_path: Path,
    picture: Picture,
    console: list[str],
    has_scripts: bool,
) -> None:
    """Guests are added and removed. A name is text, and nobody is added twice."""
    used = page if has_scripts else plain_page
    used.goto(serve(load_recipe("html_fragments", tmp_path)))
    items = used.locator("#list li")
    field = used.get_by_label("Name", exact=True)
    field.fill("Katherine")
    field.press("Enter")
    expect(items).to_have_count(3)
    expect(field).to_have_value("")
    expect(used.get_by_text("3 guests.")).to_be_visible()

    if has_scripts:
        expect(field).to_be_focused()
        picture(page, "cookbook/html_fragments")

    used.reload()
    expect(items).to_have_count(3)
    field.fill(" <b>Bob</b> ")
    button(used, "Add").click()
    expect(items.first).to_contain_text("<b>Bob</b>")
    field.fill("Ada")
    button(used, "Add").click()
    expect(used.locator("#name-error")).to_have_text("Ada is on the list already.")
    expect(field).to_have_value("Ada")
    button(used, "Remove Ada").click()
    expect(items).to_have_count(3)
    expect(button(used, "Remove Ada")).to_have_count(0)

    if has_scripts:
        expect(used.locator("#list")).to_be_focused()

    field.fill("Ada")
    button(used, "Add").click()
    expect(items).to_have_count(4)
    expect(used.locator("#name-error")).to_be_hidden()

    if has_scripts:
        assert all("422" in line for line in console)
