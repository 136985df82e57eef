"""The page on the design names what there is: rooms, files, sections of the script."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ..helpers.static_files import read as read_script
from .test_house import ROOMS
from .test_house import ROOT as PACKAGE
from .test_house import WINGS

PROJECT = Path(__file__).parents[2]
SUFFIXES = "cfg|css|in|ini|js|mjs|py|rst|svg|toml|ts"
MODULES = [room for room in ROOMS if room not in WINGS]


def read(name: str = "docs/design.rst") -> str:
    """Read a page of the project."""
    return (PROJECT / name).read_text(encoding="utf-8")


def read_section(title: str) -> str:
    """Read what stands below a heading, up to the next of its kind."""
    _, _, rest = read().partition(f"\n{title}\n{'-' * len(title)}\n")
    return re.split(r"\n.+\n-{4,}\n", rest)[0]


def test_modules() -> None:
    """The page has a line for each module, in the order of the plan."""
    found = re.findall(
        r"^``([\w/]+)\.py``\n {4}\S", read_section("The rooms"), re.MULTILINE
    )
    assert [name.replace("/", ".") for name in found] == MODULES


def test_wings() -> None:
    """The page has a heading for each wing, in the order of the plan."""
    found = re.findall(
        r"^``(\w+)``: .+\n~{4,}$", read_section("The rooms"), re.MULTILINE
    )
    assert found == WINGS


def test_picture() -> None:
    """The picture shows each wing and module, and the stops of the way."""
    picture = ElementTree.fromstring(read("docs/_static/house.svg"))
    words = {
        (kind, word)
        for text in picture.iter("{http://www.w3.org/2000/svg}text")
        for kind in text.get("class", "").split()
        for word in "".join(text.itertext()).split()
    }
    code = {word for kind, word in words if kind == "code"}
    assert code == {
        "static/clientcallback.js",
        *(module.rpartition(".")[2] for module in MODULES),
    }
    heads = {word for kind, word in words if kind == "head" and word.endswith("/")}
    assert heads == {f"{wing}/" for wing in WINGS}
    way = read_section("The way of a callback")
    stops = re.findall(r"^(\d+)\.  ?", way, re.MULTILINE)
    assert len(stops) > 5
    assert set(stops) == {word for _, word in words if word.isdecimal()}


def test_sections_of_the_script() -> None:
    """The table has the ruled headings of the client script, in order."""
    headings = re.findall(r"^  // ---- (\w[\w ]*\w)(?:,.*)? -+$", read_script(), re.M)
    found = re.findall(r"^    \* - (.+)$", read_section("The client script"), re.M)
    assert len(headings) == read_script().count("// ----") > 5
    assert found == ["section", *headings]


def test_sections_that_a_change_touches() -> None:
    """The lists of files name sections of the client script that are there."""
    text = " ".join(read_section("What a change touches").split())
    pattern = r"clientcallback\.js``, sections? ([\w ]+)(?:, (?:and|or) ([\w ]+))?\. "
    named = [part for pair in re.findall(pattern, text) for part in pair if part]
    sections = [section for part in named for section in part.split(" or ")]
    table = read_section("The client script")
    assert len(sections) > 5
    assert [one for one in sections if f"    * - {one}\n" not in table] == []


def test_names_in_files() -> None:
    """A name that stands beside a module is in this module."""
    text = " ".join(read().split())
    beside = re.findall(r"``([a-z_/]+\.py)``: ``(\w+)``", text)
    inside = re.findall(r"``(\w+)(?:\(\))?`` in ``([a-z_/]+\.py)``", text)
    found = {*beside, *((file, name) for name, file in inside)}
    assert len(found) > 10
    missing = [
        (file, name)
        for file, name in sorted(found)
        if not re.search(
            rf"\b{name}\b",
            ((PACKAGE if (PACKAGE / file).exists() else PROJECT) / file).read_text(
                encoding="utf-8"
            ),
        )
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("page", "count"), [("docs/design.rst", 70), ("CONTRIBUTING.rst", 12)]
)
def test_files_that_are_named(page: str, count: int) -> None:
    """Each file and folder that a page names is there."""
    named = re.findall(rf"``([\w./-]+(?:/|\.(?:{SUFFIXES})))``", read(page))
    assert len(set(named)) >= count
    missing = [
        name
        for name in named
        if not (PROJECT / name).exists() and not (PACKAGE / name).exists()
    ]
    assert missing == []
