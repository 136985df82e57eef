"""The recipes of the cookbook, each an application in one page."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from flask import Flask

from .documentation import blocks
from .documentation import import_file
from .documentation import ROOT

COOKBOOK = ROOT / "docs" / "cookbook"
RECIPES = sorted(path.stem for path in COOKBOOK.glob("*.rst") if path.stem != "index")


def files_of(name: str) -> dict[str, str]:
    """Read the files that a recipe shows, by their paths."""
    shown = blocks(f"docs/cookbook/{name}.rst")
    found = [block for block in shown if re.fullmatch(r"[\w./]+\.\w+", block.caption)]
    files = {block.caption: block.code for block in found}
    assert len(files) == len(found), f"{name} shows a file twice"
    return files


def write_recipe(name: str, folder: Path) -> None:
    """Write the files of a recipe into a folder."""
    for path, code in files_of(name).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(code, encoding="utf-8")


def load_recipe(name: str, folder: Path) -> Flask:
    """Write the files of a recipe into a folder, and import its application."""
    write_recipe(name, folder)

    # Other recipes have modules of the same names.
    for path in folder.glob("*.py"):
        sys.modules.pop(path.stem, None)

    sys.path.insert(0, str(folder))

    try:
        app = import_file("app", folder / "app.py").app
    finally:
        sys.path.remove(str(folder))

    assert isinstance(app, Flask)
    return app
