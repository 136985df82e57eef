"""Install Debian's Chromium where there is no browser and who runs this may."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome")
HINT = "The browser tests need Chromium: sudo apt-get install chromium"


def main() -> None:
    """Do nothing where there is a browser."""
    if any(map(shutil.which, BROWSER_NAMES)):
        return

    if shutil.which("apt-get") is None or os.geteuid() != 0:
        sys.exit(HINT)

    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    for command in (
        ("apt-get", "update", "-q"),
        ("apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"),
    ):
        subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    main()
