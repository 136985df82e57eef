"""The search of the built documentation explains words, and finds messages."""

from __future__ import annotations

import re
import subprocess
import sys
import typing as t
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask import send_from_directory
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.documentation import read
from ..helpers.documentation import ROOT
from ..helpers.messages import documented

if t.TYPE_CHECKING:
    from .conftest import Serve

pytestmark = pytest.mark.chromium("the search is Sphinx's, and so is what browsers do")

WORDS = re.findall(r"^(.+)\n-{3,}\n", read("docs/glossary.rst"), re.MULTILINE)

Search = t.Callable[[str], None]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation, built as the environment "docs" of tox does. That also sees to
    warnings.
    """
    folder = tmp_path_factory.mktemp("documentation") / "html"
    options = ["-E", "-q", "-b", "html", "docs", str(folder)]
    subprocess.run([sys.executable, "-m", "sphinx", *options], cwd=ROOT, check=True)
    return folder


@pytest.fixture
def search(page: Page, serve: Serve, built: Path) -> Search:
    """Search the documentation."""
    app = Flask(__name__, static_folder=None)

    @app.get("/<path:name>")
    def send(name: str) -> t.Any:
        return send_from_directory(built, name)

    address = serve(app)

    def search(query: str) -> None:
        page.goto(f"{address}/search.html?{urlencode({'q': query})}")

    return search


def test_words(page: Page, search: Search) -> None:
    """The first thing that is found for a word is what the glossary says of it."""
    first = page.locator("#search-results li").first.get_by_role("link")
    assert len(WORDS) >= 18

    for word in WORDS:
        search(word.lower())
        expect(first).to_have_text(f"Glossary > {word}")
        address = f"glossary.html#{word.lower().replace(' ', '-')}"
        expect(first).to_have_attribute("href", address)


# What Sphinx's own page does with a query, many times in one page.
FIND = """queries => queries.filter(query =>
  !Search._performSearch(...Search._parseQuery(query))
    .some(([name]) => name === "messages"))"""


def test_messages(page: Page, search: Search) -> None:
    """Each message is found by its own words, without what changes in it."""
    search("The request was rejected.")
    results = page.locator("#search-results li").get_by_role("link")
    expect(results.filter(has_text=re.compile("^Messages$"))).to_be_visible()
    queries = sorted({message.replace("...", " ") for message in documented()})
    assert page.evaluate(FIND, queries) == []
