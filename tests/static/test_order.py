"""The client scripts are read from top to bottom."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from ..helpers.static_files import read

TOKEN = re.compile(
    r"""(?P<unread>//[^\n]*|/\*.*?\*/|\s+)
    |(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<template>`(?:\\.|[^`\\])*`)
    |(?P<pattern>(?<![\w$)\]]\ )/(?:\\.|\[[^\]\n]*\]|[^/\\\[\n])+/\w*)
    |(?P<read>[A-Za-z_$][\w$]*|\d[\w.]*|\.\.\.|\?\.|=>|.)""",
    re.DOTALL | re.VERBOSE,
)
NAME = "clientcallback.js"
DEBUG_NAME = "clientcallback.debug.js"
DECLARING = ("const", "let", "class", "function")


def tokens(source: str) -> Iterator[str]:
    """List the names and marks of a script, and what its templates insert. Comments
    are left out; texts and regular expressions are empty.
    """
    for found in TOKEN.finditer(source):
        if found.lastgroup == "read":
            yield found[0]
        elif found.lastgroup == "template":
            yield '""'

            for inserted in re.findall(r"\$\{([^{}`]*)\}", found[0]):
                yield from ("(", *tokens(inserted), ")")
        elif found.lastgroup != "unread":
            yield '""'


def names(listed: list[str]) -> Iterator[tuple[int, str]]:
    """List where names stand for something themselves, unlike those of members:
    ``x.name`` and ``{name: x}``.
    """
    for index, (before, token, after) in enumerate(
        zip(["", *listed], listed, [*listed[1:], ""], strict=False)
    ):
        is_member = before in (".", "?.") or (before in ("{", ",") and after == ":")

        if re.match(r"[A-Za-z_$]", token) and not is_member:
            yield index, token


def declarations(listed: list[str]) -> dict[str, int]:
    """Find where each name is declared that the whole script knows: in the function
    that the script is, and in no other inside it.
    """
    found: dict[str, int] = {}
    known = dict(names(listed))
    depth = 0
    is_pattern = False

    for index, token in enumerate(listed):
        before = listed[index - 1]

        if token in ("(", "[", "{"):
            depth += 1
            is_pattern = is_pattern or (depth == 3 and before in DECLARING)
        elif token in (")", "]", "}"):
            depth -= 1
            is_pattern = is_pattern and depth > 2
        elif index in known and (
            is_pattern or (depth == 2 and before in (*DECLARING, ","))
        ):
            assert token not in found
            found[token] = index

    return found


def used_too_early(source: str) -> set[str]:
    """Find the names of a script that stand above their declaration."""
    listed = list(tokens(source))
    declared = declarations(listed)
    return {
        name
        for index, name in names(listed)
        if name in declared and index < declared[name]
    }


@pytest.mark.parametrize("name", [NAME, DEBUG_NAME])
def test_order(name: str) -> None:
    """Each name of a script is declared above the first place that uses it."""
    assert used_too_early(read(name)) == set()


@pytest.mark.parametrize(
    ("name", "some"),
    [
        (NAME, {"CallbackError", "TIMEOUT", "dispatch", "own"}),
        (DEBUG_NAME, {"ADVICE", "PREFIX", "warn", "own", "fetch"}),
    ],
)
def test_names_are_found(name: str, some: set[str]) -> None:
    """The names that the order is told by are really found."""
    source = read(name)
    declared = declarations(list(tokens(source)))
    written = re.findall(
        r"^  (?:const|let|class) (\w+)|^  const \{ (.+) \} =", source, re.MULTILINE
    )
    plain = [plain for plain, _ in written if plain]
    taken = [name.split(": ")[-1] for _, held in written for name in held.split(", ")]
    assert set(declared) == {*plain, *filter(None, taken)}
    assert some <= set(declared)
    assert len(declared) > 40


@pytest.mark.parametrize(
    ("body", "early"),
    [
        ("const f = () => g()\nconst g = 1", {"g"}),
        ("const g = 1\nconst f = () => g()", set()),
        ("const f = () => `${g} and g`\nlet g = 1", {"g"}),
        ("const f = () => `g ${1}`\nlet g = 1", set()),
        ("const f = {a: [g]}\nclass g {}", {"g"}),
        ("const f = (...g) => 1\nconst { other: g, h } = f", {"g"}),
        ("const f = h\nconst { other: g, h } = f", {"h"}),
        ("const f = a => a.g + a?.g\nconst g = {}", set()),
        ("const f = { g: 1 }\nconst { g } = f", set()),
        ("// g\n/** g */\nconst f = 'g' + \"g\" + /[/g]g/.source\nconst g = 1", set()),
        ("const f = 1\nconst a = () => {\n  const g = f / 2\n}", set()),
        ("f(x)\nfunction f() {}", {"f"}),
        ("const f = 4 / g / 2\nlet g = 1", {"g"}),
        ("const a = 1, f = g, g = 2", {"g"}),
    ],
)
def test_order_of(body: str, early: set[str]) -> None:
    """A name above its declaration is seen, and nothing else is taken for one."""
    assert used_too_early(f"(() => {{\n{body}\n}})()") == early
