"""The code of the page "Neighbours"."""

from __future__ import annotations

import typing as t

from ..helpers.documentation import code_with

PAGE = "docs/neighbours.rst"


def documented(part: str) -> str:
    """Find the code of the documentation that has a part."""
    return code_with(PAGE, part)


def run_documented(part: str, **names: t.Any) -> dict[str, t.Any]:
    """Run that code with some names, and give all that there are then."""
    exec(documented(part), names)
    return names
