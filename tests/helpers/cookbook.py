"""The recipes of the cookbook, each an application in one page."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from .documentation import load_app
from .documentation import ROOT

COOKBOOK = ROOT / "docs" / "cookbook"
RECIPES = sorted(path.stem for path in COOKBOOK.glob("*.rst") if path.stem != "index")


def page_of(name: str) -> str:
    """Give the page of a recipe."""
    return f"docs/cookbook/{name}.rst"


def load_recipe(name: str, folder: Path) -> Flask:
    """Write the files of a recipe into a folder, and import its application."""
    return load_app(page_of(name), folder)
