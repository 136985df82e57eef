"""The browser tests run in each engine, and all that runs them knows what it needs."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

import pytest

from ..engines.programs import ENGINES

PROJECT = Path(__file__).parents[2]
BROWSER = sorted((PROJECT / "tests" / "browser").glob("*.py"))


@pytest.mark.parametrize("path", BROWSER, ids=lambda path: path.stem)
def test_expect(path: Path) -> None:
    """Tests expect something of a page of any engine."""
    text = path.read_text(encoding="utf-8")
    assert "from playwright.sync_api import expect" not in text


def test_environments() -> None:
    """Each engine has an environment of tox, which the plain call runs."""
    tox = ConfigParser(interpolation=None)
    tox.read_string((PROJECT / "tox.ini").read_text(encoding="utf-8"))
    environments = tox["tox"]["env_list"].split()

    for engine in ENGINES:
        assert engine in environments
        assert f"--engine {engine} " in tox[f"testenv:{engine}"]["commands"]


def test_packages() -> None:
    """The guide says what each engine needs."""
    text = (PROJECT / "CONTRIBUTING.rst").read_text(encoding="utf-8")
    named = set(re.findall(r"``([\w-]+)``", text))

    for engine in ENGINES.values():
        assert set(engine.packages.split()) <= named


def test_installation() -> None:
    """What checks each change installs what the engines need."""
    text = (PROJECT / ".ci" / "run").read_text(encoding="utf-8")
    found = re.search(r"--no-install-recommends (.+)", text)
    assert found is not None
    needed = " ".join(engine.packages for engine in ENGINES.values())
    assert found[1].split() == needed.split()
