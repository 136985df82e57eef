"""Install Debian's Chromium where it is missing and who runs this may."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

SHELL = "chromium-headless-shell"
OTHER_NAMES = ("chromium", "chromium-browser", "google-chrome")
HINT = f"The browser tests need Chromium: sudo apt-get install {SHELL}"


def install() -> bool:
    """Install Chromium without windows, and tell whether that was possible."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return False

    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    for command in (
        ("apt-get", "update", "-q"),
        ("apt-get", "install", "-q", "-y", "--no-install-recommends", SHELL),
    ):
        if subprocess.run(command, env=environment).returncode:
            return False

    return True


def main() -> None:
    """Do nothing where there is the browser that needs the least time."""
    if shutil.which(SHELL) or install():
        return

    if any(map(shutil.which, OTHER_NAMES)):
        print(f"The browser tests take much longer without {SHELL}.")
        return

    sys.exit(HINT)


if __name__ == "__main__":
    main()
