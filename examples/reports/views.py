"""The page: an import that streams its progress, and a report that is a job."""

from collections.abc import Generator
from datetime import date
from time import sleep
from typing import Annotated
from typing import Any

from annotated_types import MaxLen
from flask import current_app
from flask import render_template
from flask.views import MethodView
from markupsafe import Markup

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page
from flask_clientcallback import FromForm
from flask_clientcallback import Job

from .books import Books
from .books import make_sample
from .books import read_line
from .work import build_report

Text = Annotated[str, MaxLen(100_000)]
SAMPLE_LINES = 250
MAX_LINES = 2_000


@callback_handler
class Reports(MethodView):
    """Shows the page, imports sales, and starts, finds and cancels the report."""

    imported = ""

    @property
    def books(self) -> Books:
        """All sales there are."""
        books: Books = current_app.extensions["books"]
        return books

    def get(self) -> str:
        """Show the page, with the newest report of this visitor."""
        return render_template(
            "reports.html",
            page=self,
            job=current_page.find_job(build_report),
            years=sorted(self.books.years() | {date.today().year}, reverse=True),
            lines=current_page.form.get("lines") or make_sample(SAMPLE_LINES),
        )

    @callback_method
    def read(self, lines: FromForm[Text] = "") -> Generator[float, None, str]:
        """Import the lines of a form: all of them, or none."""
        given = [line for line in lines.splitlines() if line.strip()]

        # Before the first part, so that it is an error with a status of its own.
        if not 0 < len(given) <= MAX_LINES:
            text = f"Give from 1 to {MAX_LINES} lines."
            raise CallbackError("Nothing was imported.", fields={"lines": text})

        sales = []

        for number, line in enumerate(given):
            # Here it ends when the page is left, or the import cancelled.
            yield number / len(given)

            try:
                sales.append(read_line(line))
            except ValueError as error:
                text = f"Line {number + 1}: {error}"
                raise CallbackError(
                    "Nothing was imported.", fields={"lines": text}
                ) from None

            sleep(current_app.config["SECONDS_PER_LINE"])  # instead of more work

        self.books.add(sales)
        self.imported = f"{len(sales)} imported. There are {self.books.count()} now."
        return self.imported

    @callback_method
    def build(self, year: FromForm[int]) -> Job[Markup]:
        """Begin the report of a year."""
        if year not in self.books.years():
            raise CallbackError(
                "There is no report.", fields={"year": "Nothing was sold in that year."}
            )

        return current_page.start_job(build_report, year)

    @callback_method
    def stop(self) -> str:
        """Cancel the report, wherever it was begun.

        The call takes the place of the one that it cancels, as both are of the same
        group, and this is enough for the script. It is for who has no scripts, and for
        the report of a page that is no longer there.
        """
        job: Job[Any] | None = current_page.find_job(build_report)

        if job is not None:
            job.cancel()

        return "Cancelled."

    @callback_method
    def stop_import(self) -> str:
        """Tell that the import is cancelled: this call takes its place."""
        return "Cancelled. Nothing was imported."
