"""The documentation, and the code in it."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import textwrap
import types
import typing as t
from pathlib import Path

from flask import Flask

ROOT = Path(__file__).parents[2]


class Block(t.NamedTuple):
    """A block of code in a page of the documentation."""

    language: str
    before: str
    """The paragraph above it, in one line."""
    code: str

    @property
    def caption(self) -> str:
        """The name of its file, or the place where its text stands, if the paragraph
        says so.
        """
        place = re.fullmatch(r"(?:In the|The) [^.]+:", self.before)
        file = re.search(r"``([\w./]+\.\w+)``(, [^`]+)?:$", self.before)
        return self.before[:-1] if place else file.expand(r"\1\2") if file else ""


def read(name: str) -> str:
    """Read a file of the documentation."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, caption: str | None = None) -> list[Block]:
    """List the blocks of code in a page, or those with a caption."""
    return [b for b in blocks_of(read(name)) if caption in (None, b.caption)]


def blocks_of(text: str) -> list[Block]:
    """List the blocks of code in a part of a page."""
    found = re.findall(
        r"^((?:^\S.*\n)*)\n*( *)\.\. code-block:: (\S+)\n\n((?:(?:\2 {4}.*)?\n)+)",
        text,
        re.MULTILINE,
    )
    return [
        Block(language, " ".join(before.split()), textwrap.dedent(code))
        for before, _, language, code in found
    ]


def examples_of_readme() -> list[Block]:
    """List the code of the README's two examples, each with its template."""
    code, other_code = blocks("README.rst", "app.py")
    [markup] = blocks("README.rst", "stocks.html")
    [other_markup] = blocks("README.rst", "greeting.html")
    return [code, markup, other_code, other_markup]


def code_with(name: str, part: str) -> str:
    """Find the code of the one block in a page that has a part."""
    [code] = [block.code for block in blocks(name) if part in block.code]
    return code


def run_module(name: str, code: str, folder: Path) -> types.ModuleType:
    """Write a module into a folder and import it from there."""
    path = folder / f"{name}.py"
    path.write_text(code, encoding="utf-8")
    return import_file(name, path)


def import_file(name: str, path: Path) -> types.ModuleType:
    """Import a file as the module of a name."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def is_file(block: Block) -> bool:
    """Tell whether a block is a whole file."""
    return re.fullmatch(r"[\w./]+\.\w+", block.caption) is not None


def is_addition(block: Block) -> bool:
    """Tell whether a block is added to the end of a file."""
    return block.caption.endswith(", add")


def files_of(name: str, which: int | None = None) -> dict[str, str]:
    """Read the files that a page shows, by their paths.

    :param which: of a file that it shows several times, this one.
    """
    files: dict[str, list[str]] = {}

    for block in filter(is_file, blocks(name)):
        files.setdefault(block.caption, []).append(block.code)

    if which is None:
        assert all(len(codes) == 1 for codes in files.values()), f"a file twice: {name}"

    return {
        path: codes[0] if which is None or len(codes) == 1 else codes[which]
        for path, codes in files.items()
    }


def additions_of(name: str) -> list[tuple[str, str]]:
    """List what a page says is added at the end of its files, each with the path."""
    found = filter(is_addition, blocks(name))
    return [(block.caption.removesuffix(", add"), block.code) for block in found]


def write_files(name: str, folder: Path, which: int | None = None) -> None:
    """Write the files of a page into a folder.

    :param which: as for :func:`files_of`.
    """
    write_texts(files_of(name, which), folder)


def write_texts(texts: dict[str, str], folder: Path) -> None:
    """Write texts into a folder, each under its path."""
    for path, text in texts.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def add_to_files(name: str, folder: Path) -> None:
    """Add to the files in a folder what a page says is added at their end."""
    for path, code in additions_of(name):
        with (folder / path).open("a") as file:
            file.write(f"\n\n{code}")


def load_app(name: str, folder: Path) -> Flask:
    """Write the files of a page into a folder, and import its application."""
    write_files(name, folder)
    return import_app(folder)


def load_whole_app(name: str, folder: Path) -> Flask:
    """The same, with what the page says is added to the files later."""
    write_files(name, folder)
    add_to_files(name, folder)
    return import_app(folder)


def import_app(folder: Path) -> Flask:
    """Import the application in a folder."""
    # Other pages have modules of the same names.
    for path in folder.glob("*.py"):
        sys.modules.pop(path.stem, None)

    sys.path.insert(0, str(folder))

    try:
        app = import_file("app", folder / "app.py").app
    finally:
        sys.path.remove(str(folder))

    assert isinstance(app, Flask)
    return app


def run_shown_tests(folder: Path) -> str:
    """Run ``test_app.py`` of a folder as a reader does, and give what pytest writes."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "test_app.py"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def import_long_work(folder: Path) -> t.Any:
    """Write the application of the page on long work into a folder, with the method
    that the page shows, and import it.
    """
    name = "docs/long_work.rst"
    [code], method = blocks(name, "app.py"), code_with(name, "def read(")
    [template] = blocks(name, "templates/import.html")
    place = "    def get(self):\n"
    assert code.code.count(place) == 1
    methods = textwrap.indent(method, "    ")
    text = code.code.replace(place, f"{methods}\n{place}")
    imports = "from collections.abc import Generator\n"
    path = folder / template.caption
    path.parent.mkdir()
    path.write_text(template.code, encoding="utf-8")
    return run_module("app", imports + text, folder).app
