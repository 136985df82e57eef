"""What takes so long that it runs outside of the request."""

from calendar import month_name
from collections.abc import Generator
from decimal import Decimal
from time import sleep
from typing import Any

from flask import current_app
from flask import render_template
from markupsafe import Markup

from flask_clientcallback import background


@background(overlap="keep")
def build_report(year: int) -> Generator[dict[str, Any], None, Markup]:
    """Add the months of a year up. Who asks twice for the same year gets one report."""
    books = current_app.extensions["books"]
    months = []

    for number in range(1, 13):
        yield {"value": (number - 1) / 12, "text": f"{month_name[number]} {year}"}
        months.append((month_name[number], *books.total(year, number)))
        sleep(current_app.config["SECONDS_PER_MONTH"])  # instead of more work

    total = sum((sold for _, _, sold in months), Decimal(0))
    best = max(sold for _, _, sold in months)
    return Markup(
        render_template("report.html", year=year, months=months, total=total, best=best)
    )
