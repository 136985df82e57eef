"""The cookbook: each recipe passes the test that it shows, and the index has it."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..helpers.cookbook import COOKBOOK
from ..helpers.cookbook import files_of
from ..helpers.cookbook import RECIPES
from ..helpers.cookbook import write_recipe

# What not every environment of tox installs. The recipes that import them are tested
# where they are there.
SOMETIMES = {"celery", "flask_babel"}
EACH = pytest.mark.parametrize("name", RECIPES)


def imported(code: str) -> set[str]:
    """List the packages that a module imports."""
    names: set[str] = set()

    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])

    return names


def read_recipe(name: str) -> str:
    """Read the page of a recipe."""
    return (COOKBOOK / f"{name}.rst").read_text(encoding="utf-8")


@EACH
def test_recipe(name: str, tmp_path: Path) -> None:
    """The application of a recipe passes the test that its page shows."""
    files = files_of(name)
    assert {"app.py", "test_app.py"} <= set(files)

    for path, code in files.items():
        for package in imported(code) & SOMETIMES if path.endswith(".py") else ():
            if importlib.util.find_spec(package) is None:
                pytest.skip(f"needs {package}")

    write_recipe(name, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "test_app.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_index() -> None:
    """The index of the cookbook has each recipe once, with its title."""
    links = re.findall(r"`([^`]+)\s<(\w+)\.rst>`__", read_recipe("index"))
    listed = {name: " ".join(title.split()) for title, name in links}
    assert len(listed) == len(links)
    assert listed == {name: read_recipe(name).partition("\n")[0] for name in RECIPES}


@EACH
def test_picture(name: str) -> None:
    """The picture that a recipe names is there, is small, and is described."""
    named = re.findall(
        r"^\.\. image:: (\S+)\n {4}:alt: \S", read_recipe(name), re.MULTILINE
    )
    assert len(named) == read_recipe(name).count(".. image::")

    for path in named:
        assert path == f"../_static/cookbook/{name}.png"
        assert (COOKBOOK / path).stat().st_size <= 30 * 1024
