"""Times one callback, from the WSGI server's call to the last byte of the answer,
beside views that do the same job by hand.
"""

from __future__ import annotations

from statistics import median

import hot_spots
from calls import Call
from calls import make_call
from competitors import BARE
from competitors import COMPETITORS
from competitors import OURS
from measure import describe_machine
from measure import format_table
from measure import make_parser
from measure import median_ratio
from measure import take_turns

BATCH = 20
GOALS = {False: (1.5, 1.35), True: (1.9, 1.75)}
"""The ratio to reach and the one to aim at, without and with a session."""

BASE = f"{BARE.name}, no session"
HEAD = ("", "microseconds", "ratio to bare", "goal", "aim")


def compare(*, with_session: bool, rounds: int) -> str:
    """Time all competitors in one scenario and write the table. Ratios are those
    to the bare view without a session, also where one is in use.
    """
    calls: dict[str, Call] = {
        competitor.name: make_call(competitor, with_session=with_session)
        for competitor in COMPETITORS
        if with_session or not competitor.needs_session
    }
    calls[BASE] = make_call(BARE, with_session=False)
    times = take_turns(calls, rounds=rounds, batch=BATCH)
    rows: list[tuple[str, ...]] = []

    for competitor in COMPETITORS:
        name = competitor.name

        if name not in times:
            rows.append((name, "needs one", "", "", ""))
            continue

        ratio = median_ratio(times[name], times[BASE])
        row = (name, f"{median(times[name]):.1f}", f"{ratio:.2f}")

        if competitor is OURS:
            rows.append((*row, *(f"{goal:.2f}" for goal in GOALS[with_session])))
        else:
            rows.append((*row, "", ""))

    title = "session in use" if with_session else "no session"
    return format_table((title, *HEAD[1:]), rows)


def main() -> None:
    """Print one table for each scenario, or where the time of one call goes."""
    parser = make_parser(__doc__, rounds=800)
    parser.add_argument(
        "--profile",
        action="store_true",
        help="print where the time of one callback goes instead",
    )
    arguments = parser.parse_args()
    print(describe_machine())

    for with_session in (False, True):
        print()

        if arguments.profile:
            print("session in use" if with_session else "no session")
            call = make_call(OURS, with_session=with_session)
            print(hot_spots.describe(call, calls=arguments.rounds * 5))
        else:
            print(compare(with_session=with_session, rounds=arguments.rounds))


if __name__ == "__main__":
    main()
