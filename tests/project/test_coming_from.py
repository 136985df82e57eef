"""The page for those who come from somewhere else: its own application passes the test
that it shows, and the code of the others is at least code.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ..helpers.documentation import blocks
from ..helpers.documentation import files_of
from ..helpers.documentation import run_shown_tests
from ..helpers.documentation import write_files

PAGE = "docs/coming_from.rst"
OTHERS = ("htmx", "Livewire", "Dash", "Sijax")


def test_application(tmp_path: Path) -> None:
    """The application passes the test that the page shows."""
    assert list(files_of(PAGE)) == ["app.py", "templates/pens.html", "test_app.py"]
    write_files(PAGE, tmp_path)
    assert "3 passed" in run_shown_tests(tmp_path)


@pytest.mark.parametrize("name", OTHERS)
def test_code_of_others(name: str) -> None:
    """Each of the others has code, which is named as theirs and can be parsed."""
    theirs = [b for b in blocks(PAGE) if b.caption.endswith(f", with {name}")]
    assert theirs

    for block in theirs:
        if block.language == "python":
            ast.parse(block.code)
