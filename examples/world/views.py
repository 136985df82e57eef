"""The page."""

from typing import Any

from flask import render_template
from flask.views import MethodView

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page

from .controls import PlaceDetails
from .controls import SubdivisionList
from .database import get_database

LANGUAGE_LIMIT = 8


@callback_handler
class World(MethodView):
    """Shows the page. Its controls answer for the places; the page itself
    answers the language search.
    """

    def page_init(self) -> None:
        """Add the controls, in a callback as for a fresh page."""
        self.database = get_database()
        current_page.add_control("subdivisions", SubdivisionList(self.database))
        current_page.add_control("details", PlaceDetails(self.database))

    def page_load(self) -> None:
        """Begin with no look-ups, unless the page came back with some."""
        current_page.view_state.setdefault("recent", [])

    def get(self) -> str:
        """Show the page."""
        return render_template(
            "world.html",
            countries=self.database.countries(),
            counts=self.database.counts(),
            recent=current_page.view_state["recent"],
        )

    def raise_callback_event(self, event_argument: str) -> dict[str, Any]:
        """Give the languages that match what was typed. The form tells whether
        dead ones are wanted too.
        """
        text = event_argument.strip()

        if not text:
            return {"total": 0, "languages": []}

        found = self.database.languages(text, dead="dead" in current_page.form)
        return {"total": len(found), "languages": found[:LANGUAGE_LIMIT]}
