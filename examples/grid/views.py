"""The page: a grid and nothing else."""

from flask import render_template
from flask.views import MethodView
from world.database import get_database

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page

from .control import Column
from .control import Grid
from .countries import CountrySource

COLUMNS = (
    Column("name", "Country"),
    Column("code", "Code"),
    Column("number", "Number", "minor"),
    Column("subdivisions", "Parts", "number"),
)


@callback_handler(event_validation=True)
class Countries(MethodView):
    """Shows the page. The grid answers its callbacks and post backs."""

    def page_init(self) -> None:
        """Add the grid, which adds its buttons itself."""
        source = CountrySource(get_database())
        self.grid = Grid("Countries of the world", COLUMNS, source)
        current_page.add_control("grid", self.grid)

    def get(self) -> str:
        """Show the page, also when it is posted back."""
        return render_template("countries.html", grid=self.grid)
