"""Run the README's demo command in a fresh copy, and get the demo's page."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

PROJECT = Path(__file__).parents[2]
COPIED = ("README.rst", "LICENSE.txt", "setup.cfg", "pyproject.toml")
COPIED_FOLDERS = ("flask_clientcallback", "examples")
ALL = re.MULTILINE | re.DOTALL


def read_command() -> str:
    """Get the command from the README, its lines joined."""
    text = (PROJECT / "README.rst").read_text()
    found = re.search(
        r"^ +(python3 -m venv(?:(?!\n\n).)*?flask --app examples.*?)$", text, ALL
    )

    if found is None:
        sys.exit("The README has no command that runs an example.")

    return re.sub(r"\\\n\s+", "", found[1])


def copy_project(folder: Path) -> None:
    """Copy what the command needs."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)

    for name in COPIED:
        shutil.copy(PROJECT / name, folder)

    for name in COPIED_FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__", "instance")
        shutil.copytree(PROJECT / name, folder / name, ignore=ignored)


def wait_for_address(process: subprocess.Popen[str]) -> str:
    """Pass on what the command prints until it tells the demo's address."""
    assert process.stdout is not None

    for line in process.stdout:
        print(line, end="")
        found = re.search(r"Running on (http://[\w.:]+)", line)

        if found is not None:
            return found[1]

    sys.exit("The demo did not start.")


def main() -> None:
    """Run the demo, look at its page, and stop it."""
    folder = Path(sys.argv[1]) / "demo"
    copy_project(folder)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    process = subprocess.Popen(
        read_command(),
        shell=True,
        cwd=folder,
        env=environment,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    try:
        with urllib.request.urlopen(wait_for_address(process)) as response:
            if b"clientcallback.js" not in response.read():
                sys.exit("The demo's page has no client script.")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


if __name__ == "__main__":
    main()
