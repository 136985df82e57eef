"""The examples say in the terminal what there is to try."""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
EXAMPLES = PROJECT / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/__init__.py"))


def environment(folder: Path) -> dict[str, str]:
    """Give the environment of a command of flask, which keeps its files in a folder."""
    return {
        **os.environ,
        "FLASK_DATABASE": str(folder / "example.sqlite"),
        "FLASK_CLIENTCALLBACK_STORE": str(folder / "jobs.sqlite"),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }


def lines_of(text: str) -> list[str]:
    """List the lines that an example prints before the server's own."""
    told, server, _ = text.partition(" * Serving Flask app")
    assert server
    return told.strip().splitlines()


class Command(t.Protocol):
    """Starts ``flask --app examples/NAME run``, and reads until a text comes."""

    def __call__(self, name: str, until: str, *options: str) -> str: ...


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Command]:
    """Start the command, and end it after the test."""
    started: list[subprocess.Popen[str]] = []

    def run(name: str, until: str, *options: str) -> str:
        command = [sys.executable, "-m", "flask", "--app", f"examples/{name}"]
        process = subprocess.Popen(
            [*command, *options, "run", "--port", "0"],
            cwd=PROJECT,
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        read = ""

        for line in process.stdout:
            read += line

            if until in line:
                return read

        pytest.fail(f"{until} is missing in:\n{read}")

    yield run

    for process in started:
        process.terminate()
        process.communicate()


@pytest.mark.parametrize("name", NAMES)
def test_what_to_try(name: str, run: Command) -> None:
    """The server says first what the example shows, and what to try."""
    pytest.importorskip("pycountry")
    lines = lines_of(run(name, "Running on"))
    assert 2 <= len(lines) <= 4
    assert any(line.startswith("Try: ") for line in lines)
    assert all(len(line) <= 88 for line in lines)


def test_once_with_the_reloader(run: Command) -> None:
    """With the reloader the server starts twice, and tells it once."""
    text = run("hello", "Debugger PIN", "--debug")
    assert text.count("Try: ") == 1


def test_other_commands(tmp_path: Path) -> None:
    """Another command of flask says nothing of it."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "examples/hello", "routes"],
        cwd=PROJECT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "Try: " not in done.stdout
