"""The page for those who come from somewhere else: its own application passes the test
that it shows, and the code of the others is at least code.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from ..helpers.documentation import blocks

PAGE = "docs/coming_from.rst"
OTHERS = ("htmx", "Livewire", "Dash", "Sijax")


def test_application(tmp_path: Path) -> None:
    """The application passes the test that the page shows."""
    for block in blocks(PAGE)[:3]:
        path = tmp_path / block.caption
        path.parent.mkdir(exist_ok=True)
        path.write_text(block.code, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "test_app.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


@pytest.mark.parametrize("name", OTHERS)
def test_code_of_others(name: str) -> None:
    """Each of the others has code, which is named as theirs and can be parsed."""
    theirs = [b for b in blocks(PAGE) if b.caption.endswith(f", with {name}")]
    assert theirs

    for block in theirs:
        if block.language == "python":
            ast.parse(block.code)
