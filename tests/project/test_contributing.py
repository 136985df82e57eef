"""The commands of the page for contributors are those that the project runs."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
COMMANDS = re.findall(
    r"^ {4}\$ (?:\.venv/bin/)?(.+)$",
    (PROJECT / "CONTRIBUTING.rst").read_text(encoding="utf-8"),
    re.MULTILINE,
)
TOX = ConfigParser(interpolation=None)
TOX.read_string((PROJECT / "tox.ini").read_text(encoding="utf-8"))


def commands_of(program: str) -> list[list[str]]:
    """List the arguments that the page gives to a program."""
    return [
        shlex.split(command.removeprefix(program))
        for command in COMMANDS
        if command.startswith(f"{program} ") or command == program
    ]


def ran_by_tox() -> list[str]:
    """List the commands of tox that its plain call runs."""
    return [
        line
        for name in TOX["tox"]["env_list"].split()
        if f"testenv:{name}" in TOX
        for key in ("commands_pre", "commands")
        for line in TOX[f"testenv:{name}"].get(key, "").splitlines()
    ]


def test_programs() -> None:
    """Each command is one of those that the tests below know."""
    programs = ("pip", "tox", "ruff", "python -m pytest", "python ", "python3 -m venv")
    assert len(COMMANDS) > 10
    assert [c for c in COMMANDS if not c.startswith(programs)] == []


@pytest.mark.parametrize("arguments", commands_of("python -m pytest"), ids=" ".join)
def test_tests_are_found(arguments: list[str]) -> None:
    """Each call of pytest finds tests."""
    call = [sys.executable, "-m", "pytest", "--collect-only", "-q", *arguments]
    done = subprocess.run(call, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_environments() -> None:
    """Each environment of tox that is named is there."""
    calls = commands_of("tox")
    assert [] in calls
    names = {name for call in calls for name in call if name != "-e"}
    assert {"docs", "minify"} <= names
    assert names <= {section.partition(":")[2] for section in TOX.sections()}


def test_scripts() -> None:
    """Each script that is named is one that tox runs."""
    scripts = [call[0] for call in commands_of("python") if call[0] != "-m"]
    assert len(scripts) > 2

    for script in scripts:
        assert any(f"python {script}" in line for line in ran_by_tox())


def test_style() -> None:
    """The commands that mend the style are those that tox checks it with."""
    mended = {" ".join(["ruff", *call]) for call in commands_of("ruff")}
    checked = [line for line in ran_by_tox() if line.startswith("ruff")]
    assert {command.removesuffix(" --fix") for command in mended} == {
        line.removesuffix(" --check") for line in checked
    }


def test_groups() -> None:
    """Each group of dependencies that is installed is there."""
    groups = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    named = re.findall(r"--group (\w+)", "\n".join(COMMANDS))
    assert len(named) > 1
    assert set(named) <= set(groups["dependency-groups"])


def test_load_tests_are_described() -> None:
    """The page on reliability says what each file of load tests shows."""
    page = (PROJECT / "docs/reliability.rst").read_text(encoding="utf-8")
    described = re.findall(r"^``(test_\w+)``$", page, re.MULTILINE)
    files = [path.stem for path in (PROJECT / "tests/load").glob("test_*.py")]
    assert sorted(described) == sorted(files)
