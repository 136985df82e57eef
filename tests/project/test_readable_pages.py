"""The documentation as a repository browser shows it, without a build."""

from __future__ import annotations

import io
import re
import typing as t
from pathlib import Path
from urllib.parse import urldefrag
from urllib.parse import urlsplit

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import Directive
from docutils.parsers.rst import directives

ROOT = Path(__file__).parents[2]
BUILT_ALONE = {
    "api.rst",
    "changes.rst",
    "contributing.rst",
    "license.rst",
    "reporting.rst",
}
"""Pages that are put together when they are built, and that no other file links to."""
SOURCES = [
    *(path for path in (ROOT / "docs").rglob("*.rst") if path.name not in BUILT_ALONE),
    *(
        ROOT / name
        for name in ("README.rst", "CONTRIBUTING.rst", "CHANGES.rst", "SECURITY.rst")
    ),
    ROOT / "examples/README.rst",
]


class Toctree(Directive):
    """A list of pages for the sidebar of the build. A repository browser drops it."""

    has_content = True
    option_spec: t.ClassVar = {
        "hidden": directives.flag,
        "glob": directives.flag,
        "caption": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Show nothing. The build shows nothing in the page either."""
        assert "hidden" in self.options
        return []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.relative_to(ROOT)}")
def test_page_is_readable_without_a_build(
    monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    """A repository browser, which knows plain reStructuredText, shows all of a page."""
    known = directives._directives  # type: ignore[attr-defined]
    monkeypatch.setitem(known, "toctree", Toctree)
    complaints = io.StringIO()
    settings = {
        "warning_stream": complaints,
        "file_insertion_enabled": False,
        "raw_enabled": False,
        "report_level": 2,
    }
    text = path.read_text(encoding="utf-8")
    tree = publish_doctree(text, str(path), settings_overrides=settings)
    assert complaints.getvalue() == ""
    assert not list(tree.findall(nodes.title_reference)), "code has two backticks"

    for link in tree.findall(nodes.reference):
        file, place = urldefrag(link.get("refuri", ""))

        if file and not urlsplit(file).scheme:
            assert (path.parent / file).exists(), file

        if place and not file:
            assert place in tree.ids, place


def test_no_role_is_shown_as_text() -> None:
    """A role has one backtick on each side: with two, its name would be text."""
    for path in (ROOT / "docs").rglob("*.rst"):
        found = re.findall(r":\w+:``.+", path.read_text(encoding="utf-8"))
        assert not found, path.name


def source_of(page: str) -> str:
    """Name the file that has the text of a page, from the folder of the pages."""
    text = (ROOT / f"docs/{page}.rst").read_text(encoding="utf-8")
    included = re.search(r"^\.\. (?:literal)?include:: (\S+)", text, re.MULTILINE)
    return included[1] if included else f"{page}.rst"


def test_index_links_to_each_page() -> None:
    """The lists of the index have the same pages as the sidebar, in the same order."""
    text = (ROOT / "docs/index.rst").read_text(encoding="utf-8")
    toctrees = re.findall(
        r"^\.\. toctree::\n(?: +:.+\n)+\n((?: +\S+\n)+)", text, re.MULTILINE
    )
    pages = " ".join(toctrees).split()
    assert (len(toctrees), pages[0]) == (5, "quickstart")
    links = re.findall(r"^-   `[^`<]+ <(\S+)>`__: ", text, re.MULTILINE)
    assert links == [source_of(page) for page in pages]
