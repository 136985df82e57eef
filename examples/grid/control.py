"""A grid: a control that any page can add, with controls of its own inside."""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from typing import Protocol

from flask import render_template
from flask import url_for
from markupsafe import Markup

from flask_clientcallback import current_page

Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of a grid.

    :param name: of the value in each row.
    :param label: heads the column.
    :param style: a class of the style sheet: ``number`` lines values up at the right,
        ``minor`` hides the column on a narrow screen.
    """

    name: str
    label: str
    style: str | None = None


class Source(Protocol):
    """Where a grid gets its rows. Each has a ``key`` of letters and digits."""

    def count(self) -> int: ...

    def rows(
        self, sort: str, descending: bool, offset: int, limit: int
    ) -> list[Row]: ...

    def details(self, key: str) -> list[tuple[str, str]]: ...


class Grid:
    """A table that the user sorts, turns the pages of, and opens rows of. Its view
    state holds the order, the page and the open row, so that callbacks and post
    backs go on from one another.

    :param caption: says what the table shows.
    :param columns: from left to right. The first names the row.
    :param source: gives the rows.
    :param page_size: how many rows a page has.
    """

    def __init__(
        self,
        caption: str,
        columns: Sequence[Column],
        source: Source,
        page_size: int = 10,
    ) -> None:
        self.caption = caption
        self.columns = columns
        self.source = source
        self.page_size = page_size
        self.count = source.count()
        self.page_count = max(1, -(-self.count // page_size))
        self.used: str | None = None
        """The id of the button that posted the page back: it gets the focus."""

    def page_init(self) -> None:
        """Add the buttons that are always there."""
        self.id = current_page.unique_id(self)

        for column in self.columns:
            self._add_button(f"sort${column.name}", partial(self.sort, column))

        self._add_button("page$previous", partial(self.turn, -1))
        self._add_button("page$next", partial(self.turn, +1))

    def page_load(self) -> None:
        """Take up the state, and add the buttons of the rows that it shows."""
        self.state = current_page.view_state.setdefault(
            self.id,
            {
                "sort": self.columns[0].name,
                "descending": False,
                "page": 0,
                "open": None,
            },
        )
        self._load_rows()

    def page_pre_render(self) -> None:
        """Bring the script along: once, however many grids there are."""
        current_page.client_script.register_client_script_include(
            "grid", url_for("static", filename="grid.js")
        )

    def sort(self, column: Column) -> str:
        """Sort by a column; by the one it is sorted by, the other way round.

        :return: what a screen reader says.
        """
        again = self.state["sort"] == column.name
        descending = again and not self.state["descending"]
        self.state.update(sort=column.name, descending=descending, page=0)
        self._load_rows()
        direction = "descending" if descending else "ascending"
        return f"Sorted by {column.label}, {direction}."

    def turn(self, pages: int) -> str:
        """Turn pages, as far as there are any."""
        self.state["page"] += pages
        self._load_rows()
        return f"Page {self.state['page'] + 1} of {self.page_count}."

    def toggle(self, row: Row) -> str:
        """Show the details of a row, or hide them."""
        name = row[self.columns[0].name]

        if self.state["open"] == row["key"]:
            self.state["open"] = None
            return f"{name}: details hidden."

        self.state["open"] = row["key"]
        details = self.source.details(row["key"])
        return f"{name}: " + "; ".join(f"{term} {text}" for term, text in details)

    def render(self) -> Markup:
        """Write the grid into a page, within its form."""
        return Markup(render_template("grid.html", grid=self))

    def answer(self, message: str) -> dict[str, str]:
        """Give a callback of one of the buttons the grid as it is now."""
        table = render_template("grid_table.html", grid=self)
        return {"id": self.id, "table": table, "message": message}

    def _load_rows(self) -> None:
        page = min(max(self.state["page"], 0), self.page_count - 1)
        self.state["page"] = page
        offset = page * self.page_size
        sort, descending = self.state["sort"], self.state["descending"]
        self.rows = self.source.rows(sort, descending, offset, self.page_size)

        for row in self.rows:
            self._add_button(f"{row['key']}$details", partial(self.toggle, row))

    def _add_button(self, name: str, action: Callable[[], str]) -> None:
        button_id = f"{self.id}${name}"

        if current_page.find_control(button_id) is None:
            current_page.add_control(button_id, GridButton(self, button_id, action))


class GridButton:
    """A button of a grid: a control of its own, so that the button's value alone
    says what to do.

    :param grid: what it belongs to.
    :param button_id: its own id.
    :param action: what it does; gives a message.
    """

    def __init__(self, grid: Grid, button_id: str, action: Callable[[], str]) -> None:
        self._grid = grid
        self._id = button_id
        self._action = action

    def raise_callback_event(self, event_argument: str) -> dict[str, str]:
        """Act without a refresh."""
        return self._grid.answer(self._action())

    def raise_postback_event(self, argument: str) -> None:
        """Act where there are no scripts; the page is rendered afterwards."""
        self._grid.used = self._id
        self._action()
