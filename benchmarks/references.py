"""Times what a callback reference in each row of a table adds to its template."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask
from flask import render_template
from flask.views import MethodView
from jinja2 import Template
from markupsafe import Markup
from measure import describe_machine
from measure import format_table
from measure import make_parser
from measure import median_difference
from measure import take_turns

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback

ROWS = 1000
SCALE = (100, 1000, 10000)
REFERENCE = 'get_callback_event_reference(current_page, {}, "JSCallback", "context")'

CONSTANT = "constant string"
BARE_CALL = "bare call"
URL_FOR = "url_for"
CONSTANT_REFERENCE = "constant reference"
LITERAL = "reference with js_literal()"
LITERAL_FILTER = "reference with |js_literal"
VALIDATED = "the same with event validation"

EXPRESSIONS = {
    CONSTANT: '"a constant string"',
    BARE_CALL: "bare_call()",
    URL_FOR: 'url_for("table")',
    CONSTANT_REFERENCE: REFERENCE.format('"arg"'),
    LITERAL: REFERENCE.format("js_literal(row.name)"),
    LITERAL_FILTER: REFERENCE.format("row.name|js_literal"),
    VALIDATED: REFERENCE.format("row.name|js_literal"),
}
YARDSTICKS = {BARE_CALL: 2.0, URL_FOR: 5.5}
"""Microseconds that these took where the goals were set."""
GOALS = {CONSTANT_REFERENCE: 2.5, LITERAL: 4.0, LITERAL_FILTER: 4.0}


@dataclass(frozen=True, slots=True)
class Row:
    """What the table shows in a row."""

    name: str


@callback_handler
class Table(MethodView):
    """A page with a table."""

    def __init__(self, template: Template, rows: Sequence[Row]) -> None:
        self.template = template
        self.rows = rows

    def get(self) -> str:
        return render_template(self.template, rows=self.rows)

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


@callback_handler(event_validation=True)
class ValidatedTable(Table):
    """A page whose references register their arguments."""


_CONSTANT_MARKUP = Markup("a constant string")


def make_app() -> Flask:
    """Make the application."""
    app = Flask(__name__)
    app.secret_key = "a long random value stands here in an application"
    # The largest page offers an event in each of its 10,000 rows.
    app.config["CLIENTCALLBACK_MAX_VIEW_STATE"] = 1024 * 1024
    ClientCallback(app)
    app.jinja_env.globals["bare_call"] = lambda: _CONSTANT_MARKUP
    app.add_url_rule("/table", "table", lambda: "")
    return app


def make_page(app: Flask, name: str, rows: int) -> Callable[[], object]:
    """Make the function that renders a page of its own.

    A page keeps the references that it has written, so that several renderings
    of one page would not show what the first costs.
    """
    template = app.jinja_env.from_string(
        "{{ callback_fields() }}<ul>{% for row in rows %}<li>{{ "
        + EXPRESSIONS[name]
        + " }}</li>{% endfor %}</ul>{{ callback_scripts() }}"
    )
    view_class = ValidatedTable if name == VALIDATED else Table
    table = [Row(f"Row no. {number:05}") for number in range(rows)]
    render = app.ensure_sync(view_class.as_view("page", template, table))

    def page() -> None:
        with app.test_request_context("/"):
            render()

    return page


def added_per_row(app: Flask, rows: int, rounds: int) -> dict[str, float]:
    """Time all expressions and give the microseconds that each adds to a row
    over a constant string.
    """
    pages = {name: make_page(app, name, rows) for name in EXPRESSIONS}
    times = take_turns(pages, rounds=rounds, batch=1)
    return {
        name: median_difference(times[name], times[CONSTANT]) / rows
        for name in EXPRESSIONS
        if name != CONSTANT
    }


def goal_here(name: str, added: dict[str, float]) -> float | None:
    """Carry a goal over to this machine, by what a bare call costs on it."""
    if name not in GOALS:
        return None

    return GOALS[name] * added[BARE_CALL] / YARDSTICKS[BARE_CALL]


def _format(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def main() -> None:
    """Print what each expression adds, and that it is the same in long tables."""
    rounds = make_parser(__doc__, rounds=200).parse_args().rounds
    app = make_app()
    # All sizes take about the same time altogether.
    added = {
        rows: added_per_row(app, rows, max(rounds * ROWS // rows, 1)) for rows in SCALE
    }
    print(describe_machine())
    print()
    print(
        format_table(
            ("microseconds per row", "added", "goal there", "goal here"),
            [
                (
                    name,
                    _format(microseconds),
                    _format({**GOALS, **YARDSTICKS}.get(name)),
                    _format(goal_here(name, added[ROWS])),
                )
                for name, microseconds in added[ROWS].items()
            ],
        )
    )
    print()
    print(
        format_table(
            ("microseconds per row", *(f"{rows:,} rows" for rows in SCALE)),
            [
                (name, *(_format(added[rows][name]) for rows in SCALE))
                for name in added[ROWS]
            ],
        )
    )


if __name__ == "__main__":
    main()
