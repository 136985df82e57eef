"""The page on long work: what it shows runs, and does what it says."""

from __future__ import annotations

import sys
import types
import typing as t
from pathlib import Path
from textwrap import indent

import pytest
from flask import Flask

from flask_clientcallback.testing import CallbackClient

from ..helpers.documentation import blocks
from ..helpers.documentation import code_with
from ..helpers.documentation import import_long_work
from ..helpers.documentation import run_module

NAME = "docs/long_work.rst"


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application of the page, with the method that it shows."""
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
    app = import_long_work(tmp_path)
    assert isinstance(app, Flask)
    return app


def test_all_blocks_are_run() -> None:
    """The tests here and those of the browser run each block."""
    captions = [block.caption or block.language for block in blocks(NAME)]
    run = ["app.py", "templates/import.html", "test_import.py", "python", "python"]
    assert sorted(captions) == sorted([*run, "javascript"])


def test_application(app: Flask, tmp_path: Path) -> None:
    """The application passes the tests that are shown for it."""
    [block] = blocks(NAME, "test_import.py")
    module = run_module("test_import", block.code, tmp_path)
    tests = [held for name, held in vars(module).items() if name.startswith("test_")]
    assert len(tests) == block.code.count("def test_") == 3

    for test in tests:
        test()


def test_method(app: Flask) -> None:
    """The method yields its progress, and its result is that of its hint."""
    answer = CallbackClient(app).get_page("/").call.read(2)
    assert (answer.parts, answer.result) == ([0, 0.5], "2 lines read.")


def test_silent_work() -> None:
    """Work that has nothing to tell yields nothing now and then."""
    code = code_with(NAME, "work_on(row)")
    names: dict[str, t.Any] = {}
    exec(f"def work(rows, work_on):\n{indent(code, '    ')}", names)
    done: list[int] = []
    assert list(names["work"](range(250), done.append)) == [None] * 3
    assert len(done) == 250
