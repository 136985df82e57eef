"""Times and counts the calls of a named method with type hints, beside the same method
without, and beside ``raise_callback_event``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import typing as t
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from calls import BROWSER_HEADERS
from calls import Call
from calls import repeatable
from calls import URL
from flask import Flask
from flask import render_template_string
from flask.views import MethodView
from instructions import count_instructions
from instructions import MISSING
from measure import describe_machine
from measure import format_table
from measure import make_parser
from measure import median_ratio
from measure import positive
from measure import take_turns
from repeat_call import repeat
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback

BATCH = 20
GOAL = 1.12
"""The ratio of a method with hints to the same one without."""


@callback_handler
class Prices(MethodView):
    """A page whose methods do the same job."""

    def get(self) -> str:
        return render_template_string("{{ callback_fields() }}")

    def raise_callback_event(self, event_argument: str) -> float:
        symbol, quantity = json.loads(event_argument)
        return 9.5 * len(symbol) * quantity

    @callback_method
    def untyped(self, symbol, quantity=1):  # type: ignore[no-untyped-def]
        return 9.5 * len(symbol) * quantity

    @callback_method
    def typed(self, symbol: str, quantity: int = 1) -> float:
        return 9.5 * len(symbol) * quantity


ARGUMENTS = ["ACME", 3]
CALLS = {
    "raise_callback_event": ("__Page", json.dumps(ARGUMENTS)),
    "a method without hints": ("__Page.untyped", ARGUMENTS),
    "the same with hints": ("__Page.typed", ARGUMENTS),
}
_, UNTYPED, TYPED = CALLS


def prepare(name: str) -> Call:
    """Give the function that makes a call, which was seen to do its job."""
    app = Flask("methods")
    app.secret_key = "a long random value stands here in an application"
    ClientCallback(app)
    app.add_url_rule(URL, view_func=Prices.as_view("prices"))
    state = re.search(
        r'__VIEWSTATE"[^>]* value="([^"]+)"', app.test_client().get(URL).text
    )
    assert state is not None
    target, argument = CALLS[name]
    builder = EnvironBuilder(
        URL,
        method="POST",
        data={
            "__CALLBACKID": target,
            "__CALLBACKPARAM": json.dumps(argument),
            "__VIEWSTATE": state[1],
        },
        headers=Headers({**BROWSER_HEADERS, "X-Client-Callback": "1"}),
    )
    call = repeatable(app, builder.get_environ())

    if json.loads(call()) != {"result": 114.0}:
        raise SystemExit(f"{name} answers {call()!r}")

    return call


def write_table(times: dict[str, list[float]], counts: dict[str, float]) -> str:
    """Write what each call takes. Ratios are those to the method without hints."""
    rows: list[tuple[str, ...]] = []

    for name in CALLS:
        ratio = median_ratio(times[name], times[UNTYPED])
        row = (name, f"{median(times[name]):.1f}", f"{ratio:.3f}")

        if counts:
            row += (f"{counts[name]:,.0f}", f"{counts[name] / counts[UNTYPED]:.3f}")
        else:
            row += ("not counted", "")

        rows.append((*row, f"{GOAL:.2f}" if name == TYPED else ""))

    head = ("", "microseconds", "ratio", "instructions", "ratio", "goal")
    return format_table(head, rows)


def main() -> None:
    """Print the table; or make one of the calls again and again, to be counted."""
    parser = make_parser(__doc__, rounds=400)
    parser.add_argument("--repeat", choices=CALLS, help="make one of the calls only")
    parser.add_argument(
        "--calls",
        type=positive,
        default=500,
        help="how many calls are counted (default: %(default)s)",
    )
    parser.add_argument("--start", action="store_true", help="make none of them")
    arguments = parser.parse_args()

    if arguments.repeat:
        repeat(prepare(arguments.repeat), 0 if arguments.start else arguments.calls)
        return

    calls = {name: prepare(name) for name in CALLS}
    print(describe_machine())
    valgrind = shutil.which("valgrind")
    counts: dict[str, float] = {}

    if valgrind is None:
        print(MISSING)
    else:
        commands = [
            [sys.executable, __file__, "--repeat", name, *more]
            for name in CALLS
            for more in (["--start"], [f"--calls={arguments.calls}"])
        ]

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            totals = pool.map(lambda one: count_instructions(valgrind, one), commands)

            for name in CALLS:
                started, total = next(totals), next(totals)
                counts[name] = (total - started) / arguments.calls

    times = take_turns(t.cast("t.Any", calls), rounds=arguments.rounds, batch=BATCH)
    print(write_table(times, counts))


if __name__ == "__main__":
    main()
