"""The part of a page that "Neighbours" in the documentation shows, beside each library
that puts it into another page.
"""

from __future__ import annotations

import typing as t

import pytest
from playwright.sync_api import Page

from ..helpers.documentation import code_with
from ..helpers.node_packages import HTMX
from ..helpers.node_packages import HTMX_2
from ..helpers.node_packages import TURBO
from ..helpers.node_packages import UNPOLY
from ..helpers.visits import answer_to
from ..helpers.visits import call
from ..helpers.visits import HANDLERS
from ..helpers.visits import LIST_FORM
from ..helpers.visits import make_app
from ..helpers.visits import open_page

if t.TYPE_CHECKING:
    from .conftest import Serve

PART = code_with("docs/neighbours.rst", "turbo-frame")
HTMX_PLACE = '<div hx-get="/edit/5?part=part" hx-trigger="load"></div>'
PLACES = {
    TURBO: '<turbo-frame id="item" src="/edit/5?part=part"></turbo-frame>',
    HTMX: HTMX_PLACE,
    HTMX_2: HTMX_PLACE,
    UNPOLY: '<div id="item" up-defer up-href="/edit/5?part=part"></div>',
}
"""Where the part goes, by the library."""


@pytest.mark.parametrize("library", PLACES)
def test_part(page: Page, serve_with_packages: Serve, library: str) -> None:
    """Elements and scripts of the part call its own page, and the page around it goes
    on.
    """
    template = (
        f'<!doctype html><link rel="icon" href="data:,"><body>'
        f'<script src="/packages/{library}"></script>'
        f"{LIST_FORM}{PLACES[library]}{{{{ callback_scripts() }}}}{HANDLERS}"
    )
    app = make_app({"": template}, {"part": PART})
    open_page(page, f"{serve_with_packages(app)}/list")
    save = "#item button"
    assert answer_to(page, save) == "edit 5, visit 2: save 1"
    assert answer_to(page, "#more") == "list, visit 1: more 1"
    assert call(page, element="#item output") == "edit 5, visit 2: plain 2"
    assert call(page) == "list, visit 1: plain 2"
    assert answer_to(page, save) == "edit 5, visit 2: save 3"
    assert page.evaluate("window.stays")
