"""Each way to call that the documentation compares does what the table says of it, with
scripts and without.
"""

from __future__ import annotations

import re
import sys
import textwrap
import types
import typing as t
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from flask_clientcallback.testing import MemoryStore

from ..engines.expectations import expect
from ..helpers.documentation import blocks_of
from ..helpers.documentation import read
from ..helpers.documentation import run_module
from ..helpers.jobs import wait_until

if t.TYPE_CHECKING:
    from .conftest import Serve

_PARTS = re.split(r"^(.+)\n-{3,}\n", read("docs/ways_to_call.rst"), flags=re.MULTILINE)
SECTIONS = dict(zip(_PARTS[1::2], _PARTS[2::2], strict=True))
FRAME = SECTIONS.pop("The page of the examples")
METHODS = "    # The methods of the examples.\n"
PLACES = {
    "html+jinja": "  <!-- The HTML of the example. -->\n",
    "html": "<!-- The script of the example. -->\n",
}


def put(text: str, place: str, code: str) -> str:
    """Put the code of an example into its place."""
    assert text.count(place) == 1
    return text.replace(place, textwrap.indent(code, place[: -len(place.lstrip())]))


Open = t.Callable[[str, Page], Page]


@pytest.fixture
def open_way(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the application of the page with the HTML of one of its examples."""

    def open_way(heading: str, page: Page) -> Page:
        code, markup = (block.code for block in blocks_of(FRAME))
        examples = blocks_of("".join(SECTIONS.values()))
        methods = [block.code for block in examples if block.language == "python"]
        code = put(code, METHODS, "\n".join(methods))

        for block in blocks_of(SECTIONS[heading]):
            if block.language != "python":
                markup = put(markup, PLACES[block.language], block.code)

        (tmp_path / "templates").mkdir()
        (tmp_path / "templates/shop.html").write_text(markup, encoding="utf-8")
        monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
        app: Flask = run_module("app", code, tmp_path).app
        app.config["CLIENTCALLBACK_STORE"] = MemoryStore()
        page.goto(serve(app))
        return page

    return open_way


class Way(t.NamedTuple):
    """What an example shows."""

    button: str | None
    """The name of its button. Its script calls at once if it has none."""
    told: str
    """What the page shows at last."""
    without: str | None = None
    """The same where no script runs, if it works there."""


WAYS = {
    "A named method by attributes": Way("Greet", "Hello World!", "Hello World!"),
    "A named method from a script": Way(None, "6 letters"),
    "A handler for any text": Way(None, "PEN"),
    "A reference": Way("Shout", "PENCIL"),
    "A post back": Way("Send", "You sent Milk.", "You sent Milk."),
    "Progress": Way("Tidy", "All is tidy.", "All is tidy."),
    "A background job": Way("Report", "The report of 2027 is there."),
    "An upload": Way("Keep", "pen.png has 3 bytes.", "pen.png has 3 bytes."),
}


def press(page: Page, way: Way) -> None:
    """Do what the example is for, and see what the page shows."""
    photo = page.get_by_label("Photo")

    if photo.count():
        file = {"name": "pen.png", "mimeType": "image/png", "buffer": b"pen"}
        photo.set_input_files([t.cast(t.Any, file)])

    if way.button is not None:
        page.get_by_role("button", name=way.button).click()


def test_all_are_tried() -> None:
    """Each example of the page is tried."""
    assert [*WAYS, "A download"] == [*SECTIONS]


@pytest.mark.parametrize("heading", WAYS)
def test_ways(page: Page, open_way: Open, console: list[str], heading: str) -> None:
    """Each example shows what it says, and nothing stands in the console."""
    way = WAYS[heading]
    press(open_way(heading, page), way)
    expect(page.get_by_text(way.told)).to_be_visible()
    assert console == []


@pytest.mark.parametrize("heading", [name for name in WAYS if WAYS[name].without])
def test_without_scripts(plain_page: Page, open_way: Open, heading: str) -> None:
    """Those that work without JavaScript show the same."""
    way = WAYS[heading]
    press(open_way(heading, plain_page), way)
    expect(plain_page.get_by_text(way.without or "")).to_be_visible()


def test_job_without_scripts(plain_page: Page, open_way: Open) -> None:
    """A job runs without JavaScript too, and the page that is loaded again has its
    end.
    """
    way = WAYS["A background job"]
    press(open_way("A background job", plain_page), way)
    expect(plain_page.get_by_role("button")).to_be_visible()

    def is_told() -> bool:
        plain_page.goto(plain_page.url)
        return way.told in plain_page.content()

    wait_until(is_told)


@pytest.mark.parametrize("has_scripts", [True, False])
def test_download(
    page: Page, plain_page: Page, open_way: Open, has_scripts: bool
) -> None:
    """The browser saves what the method gives."""
    page = open_way("A download", page if has_scripts else plain_page)

    with page.expect_download() as started:
        page.get_by_role("button", name="Save").click()

    assert started.value.suggested_filename == "letter.txt"
    assert Path(started.value.path()).read_bytes() == b"Dear reader"
