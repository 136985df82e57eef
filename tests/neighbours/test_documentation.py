"""The page "Neighbours" says nothing that no test has tried."""

from __future__ import annotations

import re
from pathlib import Path

from ..helpers.documentation import blocks
from .documented import PAGE

TESTS = Path(__file__).parents[1]
ASKED = re.compile(
    r"""(?:documented|options)\(\s*"([^"]+)"|"""
    r"""code_with\("docs/neighbours\.rst", "([^"]+)"\)"""
)
FILES = [*TESTS.glob("neighbours/test_*.py"), TESTS / "browser/test_neighbours.py"]
PARTS = {
    found[1] or found[2]
    for path in FILES
    for found in ASKED.finditer(path.read_text(encoding="utf-8"))
}
BLOCKS = blocks(PAGE)


def test_blocks_are_found() -> None:
    """The blocks and tests that the next test goes by are really found."""
    assert len(BLOCKS) >= 14
    assert {"limiter.limit", "gunicorn", "turbo-frame"} <= PARTS


def test_documentation() -> None:
    """A test reads, and so tries, each block of code that the page has."""
    untried = [b.code for b in BLOCKS if not any(part in b.code for part in PARTS)]
    assert untried == []
