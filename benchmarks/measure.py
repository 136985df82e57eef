"""Times functions side by side and prints tables."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from importlib.metadata import version
from statistics import median
from time import perf_counter_ns

PACKAGES = ("flask", "werkzeug", "itsdangerous", "jinja2")


def make_parser(description: str | None, *, rounds: int) -> argparse.ArgumentParser:
    """Make the command line that all benchmarks share.

    :param rounds: how many there are by default.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--rounds",
        type=positive,
        default=rounds,
        help="how often each competitor has its turn (default: %(default)s)",
    )
    return parser


def positive(text: str) -> int:
    """Read a number of the command line that is at least one."""
    number = int(text)

    if number < 1:
        raise argparse.ArgumentTypeError("at least one is needed")

    return number


def take_turns(
    competitors: Mapping[str, Callable[[], object]],
    *,
    rounds: int,
    batch: int,
    clock: Callable[[], int] = perf_counter_ns,
) -> dict[str, list[float]]:
    """Time functions in turns, so that each has its share of whatever else the
    machine does.

    :param batch: how often a function is called in one turn.
    :param clock: gives nanoseconds: those that pass unless given.
    :return: microseconds per call in each round.
    """
    times: dict[str, list[float]] = {name: [] for name in competitors}
    order = list(competitors)

    for competitor in competitors.values():
        for _ in range(batch):
            competitor()

    for _ in range(rounds):
        # Nobody always runs behind the same other one, or first.
        order.append(order.pop(0))

        for name in order:
            times[name].append(_time_batch(competitors[name], batch, clock))

    return times


def _time_batch(
    function: Callable[[], object], batch: int, clock: Callable[[], int]
) -> float:
    start = clock()

    for _ in range(batch):
        function()

    return (clock() - start) / batch / 1000


def median_ratio(times: Sequence[float], reference: Sequence[float]) -> float:
    """Compare two competitors round by round and give the middle ratio."""
    return median(a / b for a, b in zip(times, reference, strict=True))


def median_difference(times: Sequence[float], reference: Sequence[float]) -> float:
    """Compare two competitors round by round and give the middle difference."""
    return median(a - b for a, b in zip(times, reference, strict=True))


def describe_machine() -> str:
    """Say what the figures were taken with."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Python {platform.python_version()}, {packages};"
        f" {platform.machine()}, {os.cpu_count()} cores"
    )


def format_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table as reStructuredText has it: the first column aligned left,
    the others right.
    """
    columns = list(zip(head, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    rule = "  ".join("=" * width for width in widths)
    lines = [
        "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]
    return "\n".join((rule, lines[0], rule, *lines[1:], rule))
