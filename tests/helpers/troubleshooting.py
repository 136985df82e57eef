"""What the page of documentation for those who are stuck quotes."""

from __future__ import annotations

import re
import textwrap
import typing as t
from collections.abc import Iterable
from collections.abc import Mapping

from .documentation import blocks_of
from .documentation import read

PAGE = "docs/troubleshooting.rst"

Place: t.TypeAlias = t.Literal[
    "console", "log", "log, INFO", "message", "message of the client script"
]
Told: t.TypeAlias = tuple[Place, str]
"""Where a text stands, and the text."""

PLACES: t.Mapping[str, Place] = {
    "In the console": "console",
    "In the log": "log",
    "In the log, with the level INFO": "log, INFO",
    "The message": "message",
    "The message of the client script": "message of the client script",
}
"""The places by the line before a text."""


def sections() -> dict[str, str]:
    """Map the heading of each section to what stands under it."""
    parts = re.split(r"^(.+)\n-{3,}\n", read(PAGE), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def quotes(*places: Place) -> dict[str, list[Told]]:
    """Map the headings to what their sections quote of these places."""
    found: dict[str, list[Told]] = {}

    for heading, text in sections().items():
        for block in blocks_of(text):
            place = PLACES.get(block.caption)

            if place in places:
                found.setdefault(heading, []).append((place, one_line(block.code)))

    return found


def reasons() -> set[str]:
    """Collect the reasons in the first column of the table."""
    [table] = re.findall(
        r"^\.\. list-table:: Reasons\n((?:(?: .*)?\n)+)", read(PAGE), re.MULTILINE
    )
    cells = re.findall(r"^    \* - (``.+)$", table, re.MULTILINE)
    return {reason for cell in cells for reason in re.findall(r"``(.+?)``", cell)}


def one_line(text: str) -> str:
    """Undo the breaks of a line that is too long for the page."""
    return " ".join(textwrap.dedent(text).split())


def check_quotes(quoted: Iterable[Told], came: Iterable[Told]) -> None:
    """See that all that is quoted came, in the place that the page names."""
    told = {(place, one_line(text)) for place, text in came}
    missing = [quote for quote in quoted if quote not in told]
    assert missing == [], f"The page quotes {missing}, and what came is {told}."


def check_headings(quoted: Mapping[str, object], tried: Iterable[str]) -> None:
    """See that each section that quotes something is tried."""
    assert sorted(quoted) == sorted(tried)
