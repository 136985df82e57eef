"""The files that browsers get, and the version in their URLs."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

SCRIPT_NAME = "clientcallback.js"
DEBUG_SCRIPT_NAME = "clientcallback.debug.js"
"""The script that tells developers about mistakes. Only debug mode has it."""

_FOLDER = Path(__file__).parents[1] / "static"
_CONTENT_TYPES = {
    "clientcallback.js": "text/javascript; charset=utf-8",
    "clientcallback.mjs": "text/javascript; charset=utf-8",
    "clientcallback.debug.js": "text/javascript; charset=utf-8",
}
_IN_PRODUCTION = {"clientcallback.js": "clientcallback.min.js"}


@dataclass(frozen=True)
class Resource:
    """A file as it is served."""

    content: bytes
    content_type: str


@lru_cache(maxsize=8)
def compress(content: bytes) -> bytes:
    """Compress the content of a file, or a changed content, with gzip. For the
    production script this is done already, in fewer bytes.
    """
    written = (_FOLDER / f"{_IN_PRODUCTION[SCRIPT_NAME]}.gz").read_bytes()
    is_same = gzip.decompress(written) == content
    return written if is_same else gzip.compress(content, mtime=0)


@cache
def get_names(debug: bool) -> tuple[str, ...]:
    """List the files that browsers get.

    :param debug: whether they get the files for developers too.
    """
    return tuple(name for name in _CONTENT_TYPES if debug or name != DEBUG_SCRIPT_NAME)


@cache
def _resources(debug: bool) -> dict[str, Resource]:
    # Read when first needed: not every process that imports the package serves them.
    return {name: _read(name, debug) for name in get_names(debug)}


def _read(name: str, debug: bool) -> Resource:
    file = name if debug else _IN_PRODUCTION.get(name, name)
    content = (_FOLDER / file).read_bytes()

    if file != name:
        # Its first line tells developers what it was made from.
        content = content.partition(b"\n")[2]

    return Resource(content, _CONTENT_TYPES[name])


@cache
def get_version(debug: bool) -> str:
    """Get a version that changes with the files, so that URLs are good for ever.

    :param debug: whether browsers get the script as it is written.
    """
    contents = (resource.content for resource in _resources(debug).values())
    return sha256(b"\0".join(contents)).hexdigest()[:16]


def find(version: str, name: str, debug: bool) -> Resource | None:
    """Get a file, unless its version is another one.

    :param debug: whether browsers get the script as it is written.
    """
    return _resources(debug).get(name) if version == get_version(debug) else None
