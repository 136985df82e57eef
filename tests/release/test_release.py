"""What is published: the commands of the page on releases build it, and a person who
installs it can run the README's example.
"""

from __future__ import annotations

import email
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import typing as t
import venv
import zipfile
from email.message import Message
from pathlib import Path

import pytest
from trove_classifiers import classifiers

from ..helpers.documentation import examples_of_readme
from ..helpers.documentation import read
from ..helpers.documentation import ROOT

PACKAGE = "flask_clientcallback"
COMMANDS = re.findall(r"^ +\$ (?:\.venv/bin/)?(.+)$", read("docs/releases.rst"), re.M)
BY_HAND = ("git ", "pip ", "python3 -m venv ", "tox", "twine upload ")
NOT_COPIED = (
    ".*",
    "*.egg-info",
    "__pycache__",
    "_build",
    "build",
    "dist",
    "instance",
    "node_modules",
)
TRY = """
import re
from app import app
from flask_clientcallback.testing import CallbackClient

client = CallbackClient(app)
page = client.get_page("/")
assert page.call.price("ACME", 3).result == 37.5
page.form["quantity"] = "2"
assert "Ordered 2 ACME for 25.0." in page.submit("Order").text
[address] = re.findall(r'src="(.+?clientcallback.+?)"', page.text)
assert client.get(address).status_code == 200
"""


class Release(t.NamedTuple):
    """What the commands have written."""

    sdist: Path
    wheel: Path


def run(command: list[str], folder: Path) -> str:
    """Run a command as in a shell of its own, and give what it prints."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTHON")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def programs_in(folder: Path) -> Path:
    """Give the folder with the programs of a virtual environment."""
    return folder / ("Scripts" if sys.platform == "win32" else "bin")


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Run the commands that the page names, in a copy of the project."""
    folder = tmp_path_factory.mktemp("release") / "project"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))

    for command in COMMANDS:
        if command.startswith(BY_HAND):
            continue

        program, *arguments = shlex.split(command)
        arguments = [
            str(path) if "*" in argument else argument
            for argument in arguments
            for path in (folder.glob(argument) if "*" in argument else [argument])
        ]
        module = [] if program == "python" else ["-m", program]
        printed = run([sys.executable, *module, *arguments], folder)
        assert "WARNING" not in printed

    [sdist], [wheel] = folder.glob("dist/*.tar.gz"), folder.glob("dist/*.whl")
    return Release(sdist, wheel)


@pytest.fixture(scope="session")
def metadata(release: Release) -> Message:
    """What the wheel says about itself."""
    with zipfile.ZipFile(release.wheel) as wheel:
        [name] = [n for n in wheel.namelist() if n.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(wheel.read(name))


def test_commands() -> None:
    """The page has the commands that the tests run, and no others of these programs."""
    ran = [command for command in COMMANDS if not command.startswith(BY_HAND)]
    assert ran == ["python -m build", "twine check --strict dist/*"]
    assert "tox" in COMMANDS
    assert "tox -e release" in COMMANDS


def test_wheel(release: Release) -> None:
    """The wheel has the package with all of its files, and nothing else."""
    with zipfile.ZipFile(release.wheel) as wheel:
        names = set(wheel.namelist())

    own = {name for name in names if name.startswith(f"{PACKAGE}/")}
    assert own == {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / PACKAGE).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert f"{PACKAGE}/py.typed" in own
    assert f"{PACKAGE}/static/clientcallback.min.js.gz" in own
    folders = {name.partition("/")[0] for name in names - own}
    assert [folder.endswith(".dist-info") for folder in folders] == [True]
    assert any(name.endswith("/licenses/LICENSE.txt") for name in names)


def test_sdist(release: Release) -> None:
    """The source distribution has what is needed to test and to document it, and no
    file that only the repository needs.
    """
    with tarfile.open(release.sdist) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}

    assert {
        "CHANGES.rst",
        "LICENSE.txt",
        "README.rst",
        "SECURITY.rst",
        "docs/conf.py",
        "docs/_static/world.png",
        "examples/what_to_try.py",
        "examples/shop/static/shop.css",
        "pyproject.toml",
        "tests/release/test_release.py",
        "tox.ini",
        f"{PACKAGE}/py.typed",
        f"{PACKAGE}/static/clientcallback.min.js",
    } <= names
    parts = {part for name in names for part in name.split("/")}
    assert not {"__pycache__", "instance", ".git", ".tox", ".venv"} & parts
    assert not any(name.endswith((".pyc", ".sqlite")) for name in names)


def test_sdist_has_what_the_repository_has(release: Release) -> None:
    """Nothing that the repository keeps is left out, but its own settings."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("There is no repository.")

    tracked = run(["git", "ls-files"], ROOT).splitlines()

    with tarfile.open(release.sdist) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}

    assert [name for name in tracked if name not in names and name[0] != "."] == []


def test_metadata(metadata: Message) -> None:
    """The metadata has what an index shows: the version of the changes, classifiers
    that there are, addresses.
    """
    version = metadata["Version"]
    assert read("CHANGES.rst").startswith(f"Version {version}\n")
    given = metadata.get_all("Classifier") or []
    assert set(given) <= classifiers
    assert len(given) == len(set(given))
    minor = [int(x) for x in re.findall(r"Python :: 3\.(\d+)$", "\n".join(given), re.M)]
    assert metadata["Requires-Python"] == f">=3.{min(minor)}"
    assert minor == list(range(min(minor), max(minor) + 1))
    labels = [url.split(",")[0] for url in metadata.get_all("Project-URL") or []]
    assert {"Documentation", "Changes", "Source Code", "Issue Tracker"} == set(labels)
    assert metadata["Summary"]
    assert metadata["Keywords"]
    assert metadata["License-Expression"] == "BSD-3-Clause"
    assert metadata["Description-Content-Type"] == "text/x-rst"


@pytest.mark.parametrize("kind", ["sdist", "wheel"])
def test_example(kind: str, release: Release, tmp_path: Path) -> None:
    """A fresh environment with either of them runs the README's small example."""
    folder = tmp_path / "environment"
    venv.create(folder)
    python = str(programs_in(folder) / "python")
    package = f"{getattr(release, kind)}[typed]"
    # The pip of these tests: to install another takes longer than all else.
    pip = [sys.executable, "-m", "pip", "--python", python]
    run([*pip, "install", "-q", "--no-compile", package], tmp_path)
    code, markup = (block.code for block in examples_of_readme()[:2])
    (tmp_path / "app.py").write_text(code, encoding="utf-8")
    (tmp_path / "stocks.html").write_text(markup, encoding="utf-8")
    (tmp_path / "try_it.py").write_text(TRY, encoding="utf-8")
    run([python, "-W", "error", "try_it.py"], tmp_path)
    flask = str(programs_in(folder) / "flask")
    listed = run([flask, "--app", "app", "callbacks"], tmp_path)
    assert "order" in listed
