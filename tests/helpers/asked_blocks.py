"""Which blocks of the documentation the tests ask for, by their sources."""

from __future__ import annotations

import ast
import typing as t
from collections.abc import Iterator
from pathlib import Path

from .cookbook import page_of
from .cookbook import RECIPES
from .documentation import Block
from .documentation import blocks
from .documentation import is_addition
from .documentation import is_file
from .documentation import ROOT

PAGES = [
    path.relative_to(ROOT).as_posix()
    for folder in ("", "docs", "docs/cookbook", "examples", "benchmarks")
    for path in sorted(ROOT.joinpath(folder).glob("*.rst"))
]
_FITS: dict[str, t.Callable[[Block, str], bool]] = {
    "blocks": lambda block, caption: block.caption == caption,
    "code_with": lambda block, part: part in block.code,
    "files_of": lambda block, _: is_file(block),
    "additions_of": lambda block, _: is_addition(block),
}
"""The functions that give blocks, and whether a block is one that they give."""

_Function: t.TypeAlias = tuple[str, str]
"""The name of its module, and its own."""


class _Reader(t.NamedTuple):
    """A function that hands its arguments to one of those."""

    kind: str
    pages: frozenset[str] = frozenset()
    """The page, if it is not one of the arguments."""
    page: int = 0
    """Where it is among the arguments otherwise."""
    text: int | None = None
    """Where the caption or the part is."""


class _Call(t.NamedTuple):
    """A call of a function by its name."""

    function: _Function
    arguments: list[ast.expr]
    around: list[ast.FunctionDef]
    """The functions that it stands in."""

    def handed(self, place: int | None) -> int | None:
        """Find out which argument of the function around is handed on in a place."""
        if place is None or not self.around:
            return None

        names = [argument.arg for argument in self.around[-1].args.args]
        used = (n for n in ast.walk(self.arguments[place]) if isinstance(n, ast.Name))
        return next((names.index(n.id) for n in used if n.id in names), None)


class _Module:
    """A module of the tests."""

    def __init__(self, path: Path) -> None:
        # Several modules of tests have the same name, and none is imported.
        self.name = str(path) if path.stem.startswith("test_") else path.stem
        self.origins: dict[str, _Function] = {}
        """Where the names come from that it imports."""
        self.texts: dict[str, set[str]] = {}
        """The text that a name stands for, wherever in the module."""
        tree = ast.parse(path.read_text(encoding="utf-8"))

        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                origin = (node.module or "").rpartition(".")[2]
                self.origins |= {
                    a.asname or a.name: (origin, a.name) for a in node.names
                }
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                for name in (n.id for n in node.targets if isinstance(n, ast.Name)):
                    self.texts.setdefault(name, set()).add(str(node.value.value))

        self.calls = list(self._calls_in(tree, []))

    def _calls_in(
        self, node: ast.AST, around: list[ast.FunctionDef]
    ) -> Iterator[_Call]:
        if isinstance(node, ast.FunctionDef):
            around = [*around, node]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            yield _Call(self.origins.get(name, (self.name, name)), node.args, around)

        for child in ast.iter_child_nodes(node):
            yield from self._calls_in(child, around)


class AskedBlocks:
    """The blocks that the tests ask for.

    They do so by one of the functions above, or by a function of their own that hands
    its arguments to one. A module that takes a page apart by ``blocks_of()`` goes
    through all of its blocks.
    """

    def __init__(self) -> None:
        self._modules = [_Module(path) for path in ROOT.glob("tests/**/*.py")]
        self._readers: dict[_Function, set[_Reader]] = {
            ("documentation", kind): {
                _Reader(kind, text=1 if kind in ("blocks", "code_with") else None)
            }
            for kind in _FITS
        }
        self._asked: set[tuple[str, str, str]] = set()
        self._taken_apart: set[str] = set()
        calls = [(module, call) for module in self._modules for call in module.calls]
        known, now = 0, len(self._readers)

        while known < now:
            known = now

            for module, call in calls:
                for reader in [*self._readers.get(call.function, ())]:
                    self._read(module, call, reader)

            now = sum(map(len, self._readers.values()))

        for module, call in calls:
            if call.function == ("documentation", "blocks_of"):
                self._taken_apart |= self._pages_read_by(module)

    def have(self, page: str, block: Block) -> bool:
        """Tell whether a block is one of them."""
        return page in self._taken_apart or any(
            asked == page and _FITS[kind](block, text)
            for asked, kind, text in self._asked
        )

    def _pages_read_by(self, module: _Module) -> set[str]:
        return {
            page
            for call in module.calls
            if call.function == ("documentation", "read")
            for page in self._pages(module, call, 0)
        }

    def _read(self, module: _Module, call: _Call, reader: _Reader) -> None:
        if len(call.arguments) <= (reader.text or 0):
            return

        pages = reader.pages or self._pages(module, call, reader.page)
        page, text = call.handed(reader.page), call.handed(reader.text)
        texts = {""} if reader.text is None else self._texts(module, call, reader.text)
        self._asked |= {(page, reader.kind, text) for page in pages for text in texts}
        is_handed = text is not None if reader.text is not None else page is not None

        for function in call.around if is_handed else ():
            new = _Reader(reader.kind, frozenset(pages), page or 0, text)
            self._readers.setdefault((module.name, function.name), set()).add(new)

    def _pages(self, module: _Module, call: _Call, place: int) -> frozenset[str]:
        node = call.arguments[place]

        if isinstance(node, ast.Call):
            # A recipe of the cookbook, or each of them.
            inner = _Call(call.function, node.args, call.around)
            is_test = any(one.name.startswith("test_") for one in call.around)
            names = self._texts(module, inner, 0) or (RECIPES if is_test else ())
            return frozenset(map(page_of, names))

        return frozenset(self._texts(module, call, place) & {*PAGES})

    def _texts(self, module: _Module, call: _Call, place: int) -> set[str]:
        node = call.arguments[place]

        if isinstance(node, ast.Constant):
            return {str(node.value)}

        if not isinstance(node, ast.Name) or call.handed(place) is not None:
            return set()

        origin, name = module.origins.get(node.id, (module.name, node.id))
        found = (
            one.texts.get(name, set()) for one in self._modules if one.name == origin
        )
        return set[str]().union(*found)


def all_blocks() -> list[tuple[str, Block]]:
    """List all blocks of the documentation with their pages."""
    return [(page, block) for page in PAGES for block in blocks(page)]
