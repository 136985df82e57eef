"""The application of the quickstart in a browser, with scripts and without."""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

import pytest
from flask import Flask
from flask import Response
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.console import without_statuses
from ..helpers.documentation import blocks
from ..helpers.documentation import load_app
from ..helpers.documentation import load_whole_app

if t.TYPE_CHECKING:
    from .conftest import Serve

PAGE = "docs/quickstart.rst"


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def used(page: Page, plain_page: Page, request: pytest.FixtureRequest) -> Page:
    """The page of a browser that runs scripts, and of one that does not."""
    return page if request.param else plain_page


@pytest.fixture
def whole_app(tmp_path: Path) -> Flask:
    """The application with all that the page adds, under the policy that it names."""
    app = load_whole_app(PAGE, tmp_path)

    @app.after_request
    def add_policy(response: Response) -> Response:
        policy = "default-src 'none'; script-src 'self'; connect-src 'self'"
        response.headers["Content-Security-Policy"] = policy
        return response

    return app


def test_greeting(
    used: Page, page: Page, serve: Serve, tmp_path: Path, console: list[str]
) -> None:
    """The button and the Enter key greet and count, and what is wrong stands where the
    page says; with scripts the page stays. The debug script has nothing to warn of.
    """
    app = load_app(PAGE, tmp_path)
    app.debug = True
    used.goto(serve(app))
    loads: list[str] = []
    used.on("framenavigated", lambda frame: loads.append(frame.url))
    who, greeting = used.get_by_label("Who"), used.locator("#greeting")
    used.get_by_role("button", name="Greet").click()
    expect(greeting).to_have_text("Hello World! (1 greeted)")
    who.fill("Ada")
    who.press("Enter")
    expect(greeting).to_have_text("Hello Ada! (2 greeted)")

    who.fill("")
    who.press("Enter")
    expect(used.locator("[data-callback-error=who]")).to_have_text("Enter a name.")
    told = used.locator("[data-callback-error='']")
    expect(told).to_have_text("Nobody was greeted.")
    expect(who).to_have_attribute("aria-invalid", "true")

    if used is page:
        expect(who).to_be_focused()

    who.fill("Mallory")
    who.press("Enter")
    expect(told).to_have_text("Mallory is not welcome here.")
    expect(used.locator("[data-callback-error=who]")).to_have_text("")
    who.fill("Grace")
    who.press("Enter")
    expect(greeting).to_have_text("Hello Grace! (3 greeted)")
    expect(told).to_have_text("")

    if used is page:
        assert loads == []
        assert without_statuses(console) == []


def test_mistake(
    page: Page,
    serve: Serve,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A mistake in the method is told, in debug mode as what it is. A script gets the
    id that the log has. Nobody is counted.
    """
    app = load_app(PAGE, tmp_path)
    # A logger of this name, which another test may have silenced.
    monkeypatch.setattr(app.logger, "disabled", False)
    view: t.Any = sys.modules["app"].Greeting
    greet = view.greet

    def fail(self: object, who: str) -> str:
        greet(self, who)
        raise ValueError("a mistake")

    page.goto(serve(app))
    button = page.get_by_role("button", name="Greet")
    told = page.locator("[data-callback-error='']")

    with monkeypatch.context() as changed:
        changed.setattr(view, "greet", fail)
        button.click()
        expect(told).to_have_text("The server could not complete the call.")
        call = 'ClientCallback.page.greet("Ada").catch(error => error.id)'
        assert f"error id is {page.evaluate(call)}" in caplog.text
        app.debug = True
        button.click()
        expect(told).to_have_text("ValueError: a mistake")

    button.click()
    expect(page.locator("#greeting")).to_have_text("Hello World! (1 greeted)")


def test_script_of_its_own(page: Page, serve: Serve, whole_app: Flask) -> None:
    """The script greets when the page is loaded, and shows an error as its text."""
    page.goto(serve(whole_app))
    greeting = page.locator("#greeting")
    expect(greeting).to_have_text("Hello Grace! (1 greeted)")
    page.get_by_role("button", name="Greet").click()
    expect(greeting).to_have_text("Hello World! (2 greeted)")
    [script] = blocks(PAGE, "static/greeting.js")
    call = script.code.replace('"Grace"', '"Mallory"')
    assert call != script.code
    page.evaluate(f"async () => {{ {call} }}")
    expect(greeting).to_have_text("Mallory is not welcome here.")
    fields = 'ClientCallback.page.greet("").catch(error => error.fields)'
    assert page.evaluate(fields) == {"who": ["Enter a name."]}


def test_counters(used: Page, serve: Serve, whole_app: Flask) -> None:
    """Each of the two controls has a count of its own."""
    used.goto(f"{serve(whole_app)}/drinks")
    tea, coffee = used.locator("#tea"), used.locator("#coffee")
    used.get_by_role("button", name="More tea").click()
    expect(tea).to_have_text("1")
    used.get_by_role("button", name="More coffee").click()
    expect(coffee).to_have_text("1")
    used.get_by_role("button", name="More tea").click()
    expect(tea).to_have_text("2")
    expect(coffee).to_have_text("1")
