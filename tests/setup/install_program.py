"""Install a program by Debian's package of the same name, where it is missing and who
runs this may.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys


def install(name: str) -> bool:
    """Install a package, and tell whether that was possible."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return False

    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    for command in (
        ("apt-get", "update", "-q"),
        ("apt-get", "install", "-q", "-y", "--no-install-recommends", name),
    ):
        if subprocess.run(command, env=environment).returncode:
            return False

    return True


def main() -> None:
    """Do nothing where there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument(
        "--or", dest="others", nargs="+", default=(), help="slower ones"
    )
    arguments = parser.parse_args()
    program, others = arguments.program, arguments.others

    if shutil.which(program) or install(program):
        return

    if any(map(shutil.which, others)):
        print(f"The tests take much longer without {program}.")
        return

    sys.exit(f"The tests need {program}: sudo apt-get install {program}")


if __name__ == "__main__":
    main()
