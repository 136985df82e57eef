"""What the package can tell: the messages in its source, and in the documentation."""

from __future__ import annotations

import ast
import re
import typing as t
from collections.abc import Iterator

from .documentation import read
from .documentation import ROOT

PAGE = "docs/messages.rst"
PACKAGE = ROOT / "flask_clientcallback"

Message: t.TypeAlias = tuple[str, ...]
"""The constant parts of a text, in order."""

_SCRIPTS = ("clientcallback.js", "clientcallback.debug.js")
_FILLED = re.compile(r"%(?:\(\w+\))?[srd]")
"""Where logging puts a value, or a translation."""
_SENTENCE = re.compile(r"[A-Za-z']{2,} [A-Za-z]{2,}")
_PLACE = "\0"
_TOLD_BY = re.compile(r"^(?:logger|app\.logger|self\._app\.logger|warnings)\.")
_WRITERS = ("command_line/typescript.py", "command_line/type_writer.py")
"""These write files, and tell nothing."""
_NOT_TOLD = (
    # SQL, and a script for Redis.
    r"\s*(?:CREATE|SELECT|INSERT|UPDATE|DELETE|PRAGMA|\nif redis\.call)\b",
    # What pydantic puts before a text, which is taken away.
    r"Value error, |Assertion failed, ",
    # What the reader of a page's HTML goes by, a list of tags too.
    r"to come$|area base br ",
    # The names of threads and of records.
    r"clientcallback (?:life sign|job \0)$|(?:life sign|threads) \0$",
    # An order to the server, and what represents an object.
    r"\0 cancel$|<\0 ",
    # The end of a statement of SQL, and the beginning of a script.
    r"\0 WHERE |use strict$",
    # The status line that stands in for a broken answer.
    r"500 Internal Server Error$",
    # HTML and JavaScript that are written, and what the overview has of a method.
    r"<input type=|\nreturn |function WebForm_OnSubmit|multiple of \0$| from form",
    # The help of a command stands in it.
    r"Show what JavaScript|Write the types|Only see that",
)


def of_python() -> set[Message]:
    """Collect what the package's modules tell: what they raise, log and warn of, and
    each other text that reads like a sentence.
    """
    found: set[Message] = set()

    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).as_posix() not in _WRITERS:
            found.update(_of_module(ast.parse(path.read_text(encoding="utf-8"))))

    return found


def _of_module(tree: ast.Module) -> Iterator[Message]:
    told: set[ast.AST] = set()
    left_out: set[ast.AST] = set()

    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) or _tells(node):
            told.update(ast.walk(node))
        elif isinstance(node, ast.Expr):
            # Documentation.
            left_out.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            left_out.update(part for part in node.values if _is_text(part))

    for node in ast.walk(tree):
        if node not in left_out and (_is_text(node) or isinstance(node, ast.JoinedStr)):
            text = _text_of(node)

            if (node in told and " " in text.strip()) or has_words(text):
                yield from _parts(text)


def _tells(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and bool(_TOLD_BY.match(ast.unparse(node.func)))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _text_of(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text_of(part) for part in node.values)

    return str(node.value) if isinstance(node, ast.Constant) else _PLACE


def _parts(text: str) -> Iterator[Message]:
    """Give the constant parts of a text that somebody is told."""
    text = _FILLED.sub(_PLACE, text)

    if any(re.match(pattern, text) for pattern in _NOT_TOLD):
        return

    parts = (" ".join(part.split()) for part in text.split(_PLACE))
    message = tuple(part for part in parts if re.search(r"\w", part))

    if message:
        yield message


def of_scripts() -> set[Message]:
    """Collect what the client script and the debug script tell."""
    found: set[Message] = set()

    for name in _SCRIPTS:
        source = (PACKAGE / "static" / name).read_text(encoding="utf-8")
        code = re.sub(r"^\s*(?://|/?\*).*$", "", source, flags=re.MULTILINE)

        for line in code.splitlines():
            for text in _literals(line):
                # Selectors and the like have no two words in a row.
                if has_words(text):
                    found.update(_parts(text))

    return found


def _literals(line: str) -> list[str]:
    """List the texts in a line of JavaScript, those inside of others first."""
    # The innermost expressions first: what they hold are texts of their own.
    found: list[str] = []
    expression = re.compile(r"\$\{([^{}`]*(?:`[^`$]*`[^{}`]*)*)\}")
    plain = r""""((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'"""

    while match := expression.search(line):
        found += _literals(match[1])
        line = line[: match.start()] + _PLACE + line[match.end() :]

    for match in re.finditer(rf"`([^`]*)`|{plain}", line):
        found.append(re.sub(r"\\(.)", r"\1", match[1] or match[2] or match[3] or ""))

    return found


def documented() -> list[str]:
    """List the messages that the page has: what begins the rows of its tables."""
    cells = re.findall(r"^    \* - (``(?:.|\n(?! {4}\*))+?)\n {6}- ", read(PAGE), re.M)
    return [
        " ".join(text.split())
        for cell in cells
        for text in re.findall(r"``(.+?)``(?!`)", cell, re.DOTALL)
    ]


def has_words(text: str) -> bool:
    """Tell whether two words in a row stand in a text."""
    return bool(_SENTENCE.search(text))


def is_in(message: Message, text: str) -> bool:
    """Tell whether a text of the page is that of a message."""
    place = 0

    for part in message:
        found = text.find(part, place)

        if found < 0:
            return False

        place = found + len(part)

    return True
