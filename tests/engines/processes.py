"""The processes of a browser, and the folder that is their home."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import typing as t
from collections.abc import Callable
from pathlib import Path

Value = t.TypeVar("Value")

START_WITHIN = 60.0
"""In seconds."""


class Processes:
    """Start programs in a home of their own, and end them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.home = Path(tempfile.mkdtemp(prefix=f"engine-{name}-"))
        downloads = self.home / "downloads"
        downloads.mkdir()
        (self.home / "user-dirs.dirs").write_text(f'XDG_DOWNLOAD_DIR="{downloads}"\n')
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str, pass_fds: tuple[int, ...] = (), **more: str) -> None:
        """Start a program.

        :param more: what its environment has besides.
        """
        environment = {
            **os.environ,
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.home),
            # No other program is to be asked for anything.
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            "GDK_BACKEND": "x11",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "NO_AT_BRIDGE": "1",
            **more,
        }

        with (self.home / "log").open("ab") as log:
            self._started.append(
                subprocess.Popen(
                    command,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=pass_fds,
                    start_new_session=True,
                )
            )

    def wait_for(self, ready: Callable[[], Value | None]) -> Value:
        """Wait until the program that was started last is ready.

        :param ready: gives nothing as long as it is not.
        """
        end = time.monotonic() + START_WITHIN

        while True:
            found = ready()

            if found is not None:
                return found

            if self._started[-1].poll() is not None or time.monotonic() > end:
                log = (self.home / "log").read_text(errors="replace")
                raise RuntimeError(f"{self.name} did not start: {log[-2000:]}")

            time.sleep(0.02)

    def close(self) -> None:
        """End the programs, the last one first, and delete their home."""
        while self._started:
            process = self._started.pop()

            # What it started belongs to its session.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)

            process.wait()

        shutil.rmtree(self.home, ignore_errors=True)
