"""The house and what leaves it: imports, sizes, metadata."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.resources
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import flask_clientcallback

NAME = "flask_clientcallback"
ROOT = Path(flask_clientcallback.__file__).parent
IN_SOURCE_TREE = (ROOT.parent / "setup.cfg").exists()

HOUSE = [
    "errors",
    "typing",
    "javascript",
    "arguments",
    "html",
    "wire",
    "view_state",
    "signing",
    "event_tokens",
    "tokens",
    "controls",
    "signals",
    "config",
    "globals",
    "binding",
    "event_validation",
    "guard",
    "stages",
    "persister",
    "references",
    "registered_scripts",
    "resources",
    "client_script",
    "page",
    "life_cycle",
    "responses",
    "answer",
    "handler",
    "envelope",
    "extension",
    "__init__",
    "page_parser",
    "testing",
]
"""Every module, each below those that it imports."""

PURE = HOUSE[: HOUSE.index("controls") + 1]
"""Those that know no request and no application."""

CONTEXT = {"request", "session", "g", "current_app"}


def parse(module: str) -> ast.Module:
    """Parse the source of a module."""
    return ast.parse((ROOT / f"{module}.py").read_text())


def is_for_types_only(node: ast.AST) -> bool:
    """Tell whether a statement is ``if TYPE_CHECKING``."""
    return isinstance(node, ast.If) and ast.unparse(node.test) in (
        "t.TYPE_CHECKING",
        "TYPE_CHECKING",
    )


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Walk through what is there when the program runs."""
    yield node

    for child in ast.iter_child_nodes(node):
        if not is_for_types_only(child):
            yield from walk(child)


def imports(module: str) -> Iterator[tuple[str, str]]:
    """List a module's imports: where from, and which name."""
    for node in walk(parse(module)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")

            for alias in node.names:
                yield source, alias.name


def rooms_above(module: str) -> set[str]:
    """List the modules of the package that a module imports."""
    found: set[str] = set()

    for source, name in imports(module):
        if source == ".":
            # A name of the package itself, or one of its modules.
            found.add(name if name in HOUSE else "__init__")
        elif source.startswith("."):
            found.add(source.removeprefix("."))
        elif source.partition(".")[0] == NAME:
            found.add(source.partition(".")[2] or "__init__")

    return found


def test_every_room_is_listed() -> None:
    """The list of modules is that of the files."""
    assert len(HOUSE) == len(set(HOUSE))
    assert sorted(HOUSE) == sorted(path.stem for path in ROOT.rglob("*.py"))
    assert set(PURE) <= set(HOUSE)


@pytest.mark.parametrize("module", HOUSE)
def test_imports_point_upward(module: str) -> None:
    """A module imports only those that stand above it."""
    assert rooms_above(module) <= set(HOUSE[: HOUSE.index(module)])


def test_imports_are_seen() -> None:
    """The imports that the tests go by are really found."""
    assert {"errors", "globals", "wire"} <= rooms_above("guard")
    assert "signals" in rooms_above("stages")
    assert "page" not in rooms_above("globals")
    assert ("flask", "request") in set(imports("globals"))


@pytest.mark.parametrize("module", PURE)
def test_pure_rooms(module: str) -> None:
    """A pure module takes nothing from the context of a request or application,
    and imports none that does.
    """
    names = {name for source, name in imports(module) if source.startswith("flask")}
    assert names.isdisjoint(CONTEXT)
    assert ("flask", "") not in set(imports(module))
    assert rooms_above(module) <= set(PURE)


@pytest.mark.parametrize("module", HOUSE)
def test_rooms_are_small(module: str) -> None:
    """A module can be read at a sitting."""
    assert len((ROOT / f"{module}.py").read_text().splitlines()) <= 250


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
        }
        assert all(re.fullmatch(r"[\w-]+>=[\d.]+", text) for text in needed)
        assert DISTRIBUTION.metadata.get_all("Provides-Extra") is not None

    def test_installed_files() -> None:
        """Everything that the package needs is installed, and nothing else is."""
        files = {
            file.as_posix()
            for file in DISTRIBUTION.files or []
            if "__pycache__" not in file.parts
        }
        assert {f"{NAME}/{module}.py" for module in HOUSE} <= files
        assert {
            f"{NAME}/py.typed",
            f"{NAME}/static/clientcallback.js",
            f"{NAME}/static/clientcallback.min.js",
            f"{NAME}/static/clientcallback.mjs",
        } <= files
        assert {file.partition("/")[0].partition("-")[0] for file in files} == {NAME}
