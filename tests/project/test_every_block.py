"""A test asks for each block of code in the documentation."""

from __future__ import annotations

import pytest

from ..helpers.asked_blocks import all_blocks
from ..helpers.asked_blocks import AskedBlocks
from ..helpers.documentation import Block

NOT_RUN = {"text", "console"}
"""Commands, and what they print. Some are tested, but not all: many install things."""
OF_OTHERS = {"aspx-cs", "csharp", "html+php", "php"}
"""What ASP.NET and Livewire run, which pages compare with their own code."""


@pytest.fixture(scope="module")
def asked() -> AskedBlocks:
    """The blocks that the tests ask for."""
    return AskedBlocks()


def test_every_block(asked: AskedBlocks) -> None:
    """A test asks for each block by a part of it or by its caption, or takes all files
    of its page.
    """
    untried = [
        f"{page}: {block.code}"
        for page, block in all_blocks()
        if block.language not in NOT_RUN | OF_OTHERS and not asked.have(page, block)
    ]
    assert untried == []


@pytest.mark.parametrize(
    "page", ["README.rst", "docs/methods.rst", "docs/neighbours.rst", "docs/wire.rst"]
)
def test_new_block(asked: AskedBlocks, page: str) -> None:
    """A block that no test asks for is found."""
    assert not asked.have(page, Block("python", "", "run_by_nobody()\n"))
