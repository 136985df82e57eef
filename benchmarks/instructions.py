"""Counts the instructions that one callback takes, and the objects that it leaves in
reference cycles, beside views that do the same job by hand.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import shutil
import subprocess
import sys
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from calls import Call
from calls import make_call
from competitors import BARE
from competitors import Competitor
from competitors import COMPETITORS
from measure import describe_machine
from measure import format_table
from measure import positive

WORKER = Path(__file__).with_name("repeat_call.py")
OPTIONS = ("--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
"""The cheapest way in which valgrind counts."""
TOTAL = re.compile(r"I +refs: +([\d,]+)")
MISSING = (
    "No instructions are counted, as valgrind is not installed. Install your system's"
    " package, as with `apt install valgrind` on Debian and Ubuntu."
)

CYCLE_CALLS = 100
HEAD = ("", "instructions", "ratio to bare", "objects in cycles")


class Scenario(t.NamedTuple):
    """Who answers, and what the browser sends."""

    competitor: Competitor
    with_session: bool


def count_process(valgrind: str, scenario: Scenario, calls: int) -> int:
    """Count the instructions of a process that starts and makes some calls."""
    command = [sys.executable, str(WORKER)]
    command += [scenario.competitor.name, f"--calls={calls}"]

    if scenario.with_session:
        command.append("--session")

    return count_instructions(valgrind, command)


def count_instructions(valgrind: str, command: list[str]) -> int:
    """Count the instructions of a process."""
    # Nothing else of the environment, as it would change where objects lie in memory,
    # and thereby how well Python's caches work.
    environment = {"PYTHONHASHSEED": "0"}

    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]

    # So that no count has the compiling of a module.
    subprocess.run(command, env=environment, capture_output=True)
    command = [valgrind, *OPTIONS, *command]
    process = subprocess.run(command, env=environment, capture_output=True, text=True)
    total = TOTAL.search(process.stderr)

    if process.returncode or total is None:
        raise SystemExit(f"{' '.join(command)} failed:\n{process.stderr}")

    return int(total[1].replace(",", ""))


def count_calls(
    valgrind: str, scenarios: list[Scenario], *, calls: int, runs: int
) -> dict[Scenario, list[float]]:
    """Count the instructions of one call in each run of all scenarios.

    A process that makes no call tells what the start takes.
    """
    jobs = [
        (scenario, number)
        for scenario in scenarios
        for number in (0, *([calls] * runs))
    ]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        totals = pool.map(lambda job: count_process(valgrind, *job), jobs)
        counts: dict[Scenario, list[float]] = {}

        for scenario in scenarios:
            start = next(totals)
            counts[scenario] = [(next(totals) - start) / calls for _ in range(runs)]

    return counts


def objects_in_cycles(call: Call) -> float:
    """Count the objects that a call leaves to the garbage collector."""
    for _ in range(CYCLE_CALLS):
        call()

    gc.collect()
    gc.disable()

    try:
        for _ in range(CYCLE_CALLS):
            call()

        return gc.collect() / CYCLE_CALLS
    finally:
        gc.enable()


def write_table(
    *,
    with_session: bool,
    instructions: dict[Scenario, float],
    in_cycles: dict[Scenario, float],
) -> str:
    """Write the table of one scenario. Ratios are those to the bare view without a
    session, also where one is in use.
    """
    rows: list[tuple[str, ...]] = []

    for competitor in COMPETITORS:
        scenario = Scenario(competitor, with_session)
        counted = ("not counted", "")

        if scenario not in in_cycles:
            rows.append((competitor.name, "needs one", "", ""))
            continue

        if instructions:
            ratio = instructions[scenario] / instructions[Scenario(BARE, False)]
            counted = (f"{instructions[scenario]:,.0f}", f"{ratio:.3f}")

        rows.append((competitor.name, *counted, f"{in_cycles[scenario]:.1f}"))

    title = "session in use" if with_session else "no session"
    return format_table((title, *HEAD[1:]), rows)


def main() -> None:
    """Print one table for each scenario, and how far the runs differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--calls",
        type=positive,
        default=1000,
        help="how many calls are counted in one run (default: %(default)s)",
    )
    parser.add_argument(
        "--runs",
        type=positive,
        default=3,
        help="how many runs the middle one is taken of (default: %(default)s)",
    )
    parser.add_argument(
        "--if-possible",
        action="store_true",
        help="where valgrind is not installed, say so and print the rest",
    )
    arguments = parser.parse_args()
    valgrind = shutil.which("valgrind")

    if valgrind is None and not arguments.if_possible:
        raise SystemExit(MISSING)

    scenarios = [
        Scenario(competitor, with_session)
        for with_session in (False, True)
        for competitor in COMPETITORS
        if with_session or not competitor.needs_session
    ]
    # This also sees that each does its job, before anything is counted.
    in_cycles = {
        scenario: objects_in_cycles(
            make_call(scenario.competitor, with_session=scenario.with_session)
        )
        for scenario in scenarios
    }
    counts: dict[Scenario, list[float]] = {}
    print(describe_machine())

    if valgrind is None:
        print(MISSING)
    else:
        counts = count_calls(
            valgrind, scenarios, calls=arguments.calls, runs=arguments.runs
        )

    instructions = {scenario: median(runs) for scenario, runs in counts.items()}

    for with_session in (False, True):
        print()
        print(
            write_table(
                with_session=with_session,
                instructions=instructions,
                in_cycles=in_cycles,
            )
        )

    if counts and arguments.runs > 1:
        spread = max(max(runs) / min(runs) - 1 for runs in counts.values())
        print(f"\nThe runs of one competitor differ by {spread:.2%} at most.")


if __name__ == "__main__":
    main()
