"""The application of the tutorial, made of the blocks of its page as the page says."""

from __future__ import annotations

import ast
import importlib
import re
import sys
import types
import typing as t
from pathlib import Path

from .documentation import blocks_of
from .documentation import read

NAME = "docs/tutorial.rst"
_PLACES = (
    r"``(?P<file>[^`]+)``:",
    r"At the top of ``(?P<file>[^`]+)``, (?P<top>add):",
    r"In ``(?P<file>[^`]+)``, below the line ``(?P<below>[^`]+)``, add:",
    r"In ``(?P<file>[^`]+)``, replace the line ``(?P<line>[^`]+)``:",
    r"In ``(?P<file>[^`]+)``, below the method ``(?P<below_method>\w+)``, add:",
    r"In ``(?P<file>[^`]+)``, replace the method ``(?P<method>\w+)``:",
)
_CLASS = "class Shelf(MethodView):\n    # ...\n\n"


class Shown(t.NamedTuple):
    """A block of the page."""

    step: int
    before: str
    """The paragraph above it."""
    language: str
    code: str

    @property
    def place(self) -> dict[str, str] | None:
        """Where it goes, if it is a part of the application."""
        for pattern in _PLACES:
            found = re.fullmatch(pattern, self.before)

            if found:
                return found.groupdict()

        return None


def shown() -> list[Shown]:
    """List the blocks of the page."""
    _, *parts = re.split(r"^(\d+)\. .+\n-+\n", read(NAME), flags=re.MULTILINE)
    return [
        Shown(int(step), block.before, block.language, f"{block.code.strip()}\n")
        for step, text in zip(parts[::2], parts[1::2], strict=True)
        for block in blocks_of(text)
    ]


def write_steps(folder: Path, last: int) -> None:
    """Do what the steps say, in their order, up to one of them."""
    for block in shown():
        if block.step <= last and block.place is not None:
            write_block(block, folder)


def write_block(block: Shown, folder: Path) -> None:
    """Put a block where it belongs."""
    assert block.place is not None
    named = {name: text for name, text in block.place.items() if text is not None}
    path = folder / named.pop("file")
    code = block.code

    if named:
        [(kind, text)] = named.items()
        old = path.read_text(encoding="utf-8")
        code = _EDITS[kind](old, text, code)

    path.parent.mkdir(exist_ok=True)
    path.write_text(code, encoding="utf-8")


def _add_at_top(old: str, _: str, code: str) -> str:
    return code + old


def _add_below(old: str, line: str, code: str) -> str:
    lines = old.splitlines(keepends=True)
    place = _place_of(line, lines)
    return "".join([*lines[: place + 1], code, *lines[place + 1 :]])


def _replace_line(old: str, line: str, code: str) -> str:
    lines = old.splitlines(keepends=True)
    lines[_place_of(line, lines)] = code
    return "".join(lines)


def _place_of(line: str, lines: list[str]) -> int:
    [place] = [at for at, text in enumerate(lines) if text.strip() == line]
    return place


def _add_below_method(old: str, name: str, code: str) -> str:
    _, end = _method(old, name)
    lines = old.splitlines(keepends=True)
    return "".join([*lines[:end], "\n", _methods_in(code), *lines[end:]])


def _replace_method(old: str, name: str, code: str) -> str:
    start, end = _method(old, name)
    lines = old.splitlines(keepends=True)
    return "".join([*lines[:start], _methods_in(code), *lines[end:]])


def _methods_in(code: str) -> str:
    assert code.startswith(_CLASS)
    return code.removeprefix(_CLASS)


def _method(code: str, name: str) -> tuple[int, int]:
    """Find the lines of a method with its decorators."""
    [view] = [node for node in ast.parse(code).body if isinstance(node, ast.ClassDef)]
    functions = (node for node in view.body if isinstance(node, ast.FunctionDef))
    [method] = [node for node in functions if node.name == name]
    first = min(node.lineno for node in (method, *method.decorator_list))
    assert method.end_lineno is not None
    return first - 1, method.end_lineno


_EDITS: dict[str, t.Callable[[str, str, str], str]] = {
    "top": _add_at_top,
    "below": _add_below,
    "line": _replace_line,
    "below_method": _add_below_method,
    "method": _replace_method,
}


def meaning(code: str) -> tuple[set[str], str]:
    """What a module imports, and the rest of it; the layout does not count."""
    body = ast.parse(code).body
    imports = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]
    rest = [ast.unparse(node) for node in body if node not in imports]
    return {ast.unparse(node) for node in imports}, "\n".join(rest)


def import_application(folder: Path, monkeypatch: t.Any) -> types.ModuleType:
    """Import the application from its folder, for as long as a test runs."""
    monkeypatch.syspath_prepend(folder)

    for name in ("app", "shelf"):
        # Taken away again after the test.
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
        del sys.modules[name]

    return importlib.import_module("app")
