"""Processes for which this package is installed."""

from __future__ import annotations

import os
from configparser import ConfigParser
from pathlib import Path

import flask_clientcallback

from .documentation import ROOT


def as_installed(folder: Path) -> dict[str, str]:
    """Give the environment of a process for which this package is installed, with the
    entry points that its setup names.
    """
    setup = ConfigParser(interpolation=None)
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    info = folder / "flask_clientcallback-0.1.0.dist-info"
    info.mkdir()
    metadata = "Metadata-Version: 2.1\nName: flask-clientcallback\nVersion: 0.1.0\n"
    (info / "METADATA").write_text(metadata)
    (info / "entry_points.txt").write_text(
        f"[flask.commands]{setup['options.entry_points']['flask.commands']}\n"
    )
    package = Path(flask_clientcallback.__file__).parents[1]
    paths = [str(folder), str(package), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
