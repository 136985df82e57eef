"""The page that is compared with those of others, in a browser."""

from __future__ import annotations

import sys
import types
import typing as t
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.documentation import load_app

if t.TYPE_CHECKING:
    from .conftest import Serve

PAGE = "docs/coming_from.rst"


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "plain"])
def test_page(
    page: Page,
    plain_page: Page,
    serve: Serve,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    has_scripts: bool,
) -> None:
    """The page tells a price, and tells what is wrong beside the field, with scripts
    and without; with scripts it stays.
    """
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
    used = page if has_scripts else plain_page
    used.goto(serve(load_app(PAGE, tmp_path)))
    loads: list[str] = []
    used.on("framenavigated", lambda frame: loads.append(frame.url))
    quantity = used.get_by_label("Quantity")
    button = used.get_by_role("button", name="Price")
    quantity.fill("3")
    button.click()
    expect(used.locator("#answer")).to_have_text("That costs 6 euros.")
    quantity.fill("101")
    button.click()
    wrong = used.locator("[data-callback-error=quantity]")
    expect(wrong).to_have_text("Number must be at most 100.")
    expect(quantity).to_have_value("101")

    if has_scripts:
        expect(quantity).to_be_focused()
        assert loads == []
