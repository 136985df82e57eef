"""Browsers that are older than the client script: what the page on JavaScript says."""

from __future__ import annotations

import typing as t
from pathlib import Path

from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.documentation import load_app

if t.TYPE_CHECKING:
    from .conftest import Serve


def test_script_that_cannot_be_read(page: Page, serve: Serve, tmp_path: Path) -> None:
    """If the browser does not know the script's syntax, the button posts the form."""
    page.route("**/clientcallback.js*", lambda route: route.fulfill(body="older ?!= 1"))
    page.goto(serve(load_app("docs/methods.rst", tmp_path)))

    with page.expect_navigation():
        page.click("button")

    expect(page.locator("#receipt")).to_have_text("Ordered 1 ACME for 12.50.")


def test_function_that_is_missing(page: Page, serve: Serve, tmp_path: Path) -> None:
    """If it lacks a function, the call fails, and the page says so."""
    page.add_init_script("delete AbortSignal.prototype.throwIfAborted")
    page.goto(serve(load_app("docs/methods.rst", tmp_path)))
    page.click("button")
    expect(page.get_by_role("alert")).to_contain_text("throwIfAborted")
    expect(page.locator("#receipt")).to_be_empty()


def test_button_that_is_not_sent(page: Page, serve: Serve, tmp_path: Path) -> None:
    """If it does not know the second argument of ``FormData``, the call succeeds."""
    page.add_init_script(
        "const Now = FormData; window.FormData = function (f) { return new Now(f) }"
    )
    page.goto(serve(load_app("docs/methods.rst", tmp_path)))
    page.click("button")
    expect(page.locator("#receipt")).to_have_text("Ordered 1 ACME for 12.50.")
