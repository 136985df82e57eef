"""Makes one competitor's call again and again, for a tool that watches the process."""

from __future__ import annotations

import argparse
import gc

from calls import Call
from calls import make_call
from competitors import COMPETITORS

WARM_UP = 100
"""Calls after which the interpreter has specialized the code, and caches are full."""


def repeat(call: Call, calls: int) -> None:
    """Make a call again and again, after a warm-up."""
    for _ in range(WARM_UP):
        call()

    # What the start has left is none of the calls' business.
    gc.collect()

    for _ in range(calls):
        call()


def main() -> None:
    """Make the calls."""
    by_name = {competitor.name: competitor for competitor in COMPETITORS}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("competitor", choices=by_name)
    parser.add_argument("--session", action="store_true", help="send a session cookie")
    parser.add_argument("--calls", type=int, default=0, help="beside the warm-up")
    arguments = parser.parse_args()
    call = make_call(by_name[arguments.competitor], with_session=arguments.session)
    repeat(call, arguments.calls)


if __name__ == "__main__":
    main()
