"""The files of the client script."""

from __future__ import annotations

import importlib.resources


def read_bytes(name: str) -> bytes:
    """Read a file that lies with the script."""
    files = importlib.resources.files("flask_clientcallback")
    return files.joinpath("static", name).read_bytes()


def read(name: str = "clientcallback.js") -> str:
    """Read the script, or a file that lies with it, as text."""
    return read_bytes(name).decode()


def read_served(name: str) -> bytes:
    """Read a file as browsers get it."""
    content = read_bytes(name)
    # The first line of the minified script, which says what it was made from, stays.
    return content.partition(b"\n")[2] if name.endswith(".min.js") else content
