"""The commands of the page on benchmarks are those that the project runs."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "benchmarks"


def named_in(text: str) -> set[str]:
    """List the scripts that commands run."""
    return set(re.findall(r"python benchmarks/(\w+\.py)", text))


def test_commands() -> None:
    """Each benchmark that can be run is named, and tox runs it in short."""
    runnable = {
        path.name
        for path in FOLDER.glob("*.py")
        if "make_parser(__doc__" in (text := path.read_text(encoding="utf-8"))
        or "print(describe_machine())" in text
    }
    assert len(runnable) > 5
    assert named_in((FOLDER / "README.rst").read_text(encoding="utf-8")) == runnable
    tox = ConfigParser(interpolation=None)
    tox.read_string((PROJECT / "tox.ini").read_text(encoding="utf-8"))
    assert named_in(tox["testenv:benchmarks"]["commands"]) == runnable


def test_packages() -> None:
    """What the page installs is what tox does."""
    text = (FOLDER / "README.rst").read_text(encoding="utf-8")
    installed = re.findall(r"pip install (?:\. )?([\w-]+)", text)
    tox = ConfigParser(interpolation=None)
    tox.read_string((PROJECT / "tox.ini").read_text(encoding="utf-8"))
    assert sorted(installed) == tox["testenv:benchmarks"]["deps"].split()


def test_first_sentences() -> None:
    """The page begins with what its tables tell."""
    text = (FOLDER / "README.rst").read_text(encoding="utf-8")
    server, low, high = re.findall(
        r"costs about ([\d.]+) ms more[^:]+? takes ([\d.]+) to ([\d.]+) ms longer", text
    )[0]
    rows = re.findall(r"^(bare Flask view|flask_clientcallback) +(\d+\.\d)", text, re.M)
    bare, ours, bare_in_session, ours_in_session = (float(time) for _, time in rows)
    more = (ours - bare + ours_in_session - bare_in_session) / 2 / 1000
    assert float(server) == round(more, 2)
    clicks = [float(ms) for ms in re.findall(r"\+(\d\.\d) ms", text)]
    assert (float(low), float(high)) == (min(clicks), max(clicks))
