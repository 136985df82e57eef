"""The files that browsers get, and the version that their address carries."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

SCRIPT_NAME = "clientcallback.js"

_CONTENT_TYPES = {
    "clientcallback.js": "text/javascript; charset=utf-8",
    "clientcallback.mjs": "text/javascript; charset=utf-8",
}


_FOR_READERS = re.compile(
    rb"^[ \t]*(?://[^\n]*|/\*\*(?:(?!\*/).)*\*/[ \t]*)\n"
    rb"|/\*\* @type [^\n]*?\*/ |^[ \t]+",
    re.DOTALL | re.MULTILINE,
)
"""Comments that have their lines to themselves or tell a type, and indentation.
Browsers would spend a quarter of the transfer on them."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A file as it is served."""

    content: bytes
    compressed: bytes
    content_type: str


def _read(name: str) -> Resource:
    source = (Path(__file__).parents[1] / "static" / name).read_bytes()
    content = _FOR_READERS.sub(b"", source)
    return Resource(content, gzip.compress(content, mtime=0), _CONTENT_TYPES[name])


_resources = {name: _read(name) for name in _CONTENT_TYPES}
NAMES: tuple[str, ...] = tuple(_resources)
"""The files that there are."""

VERSION = sha256(b"\0".join(r.content for r in _resources.values())).hexdigest()[:16]
"""Changes with any of the files, so that each address is good for ever."""


def find(version: str, name: str) -> Resource | None:
    """Get a file, unless the version is another one's."""
    return _resources.get(name) if version == VERSION else None
