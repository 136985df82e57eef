"""The house and what leaves it: imports, sizes, metadata."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import re
from pathlib import Path

import pytest

import flask_clientcallback

NAME = "flask_clientcallback"
ROOT = Path(flask_clientcallback.__file__).parent
IN_SOURCE_TREE = (ROOT.parent / "setup.cfg").exists()


def test_public_names() -> None:
    """Every public name is there, listed once and in order."""
    names = flask_clientcallback.__all__
    assert names == sorted(set(names))
    assert all(hasattr(flask_clientcallback, name) for name in names)


def test_typing_marker() -> None:
    """Type checkers are told that the package is typed."""
    assert importlib.resources.files(NAME).joinpath("py.typed").is_file()


if not IN_SOURCE_TREE:
    DISTRIBUTION = importlib.metadata.distribution("flask-clientcallback")

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("Name", "flask-clientcallback"),
            ("License-Expression", "BSD-3-Clause"),
            ("License-File", "LICENSE.txt"),
            ("Requires-Python", ">=3.11"),
            ("Description-Content-Type", "text/x-rst"),
        ],
    )
    def test_metadata(key: str, value: str) -> None:
        """The metadata says what the package is."""
        assert DISTRIBUTION.metadata.get_all(key) == [value]

    def test_classifiers() -> None:
        """Classifiers tell framework and types, and leave the licence alone."""
        classifiers = DISTRIBUTION.metadata.get_all("Classifier") or []
        assert {"Framework :: Flask", "Typing :: Typed"} <= set(classifiers)
        assert not any(text.startswith("License ::") for text in classifiers)

    def test_requirements() -> None:
        """What the package needs is said with lower bounds alone."""
        requirements = DISTRIBUTION.requires or []
        needed = [text for text in requirements if "extra ==" not in text]
        assert {re.split(r"[^\w-]", text)[0].lower() for text in needed} == {
            "flask",
            "werkzeug",
            "itsdangerous",
            "markupsafe",
            "blinker",
            "click",
        }
        assert all(re.fullmatch(r"[\w-]+>=[\d.]+", text) for text in needed)
        assert DISTRIBUTION.metadata.get_all("Provides-Extra") is not None

    def test_command() -> None:
        """The installed package has the command of flask."""
        [found] = DISTRIBUTION.entry_points.select(group="flask.commands")
        assert found.name == found.load().name == "callbacks"

    def test_installed_files() -> None:
        """Everything that the package needs is installed, and nothing else is."""
        files = {
            file.as_posix()
            for file in DISTRIBUTION.files or []
            if "__pycache__" not in file.parts
        }
        modules = {
            path.relative_to(ROOT.parent).as_posix() for path in ROOT.rglob("*.py")
        }
        assert {
            f"{NAME}/py.typed",
            f"{NAME}/static/clientcallback.d.mts",
            f"{NAME}/static/clientcallback.d.ts",
            f"{NAME}/static/clientcallback.debug.js",
            f"{NAME}/static/clientcallback.js",
            f"{NAME}/static/clientcallback.min.js",
            f"{NAME}/static/clientcallback.mjs",
        } | modules <= files
        assert {file.partition("/")[0].partition("-")[0] for file in files} == {NAME}
