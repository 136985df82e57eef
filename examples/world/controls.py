"""The controls of the page: each answers the calls that are made to its id."""

from typing import Any

from flask_clientcallback import CallbackError
from flask_clientcallback import current_page

from .database import Database
from .database import Row

RECENT_LIMIT = 5


class SubdivisionList:
    """Fills the second select when a country is chosen in the first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def raise_callback_event(self, event_argument: str) -> list[Row]:
        """Give the subdivisions of the country with this code."""
        if not self._database.has_country(event_argument):
            raise CallbackError(f"No country has the code “{event_argument}”.", 404)

        return self._database.subdivisions(event_argument)


class PlaceDetails:
    """Looks places up, and remembers in the view state which they were."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def raise_callback_event(self, event_argument: str) -> dict[str, Any]:
        """Give the details of the place with this code, and the latest look-ups."""
        code = event_argument.strip().upper()
        place = self._database.subdivision(code)

        if place is None:
            raise CallbackError(f"No place has the code “{code}”.", 404)

        return {"place": place, "recent": self._remember(code, place["name"])}

    def _remember(self, code: str, name: str) -> list[tuple[str, str]]:
        earlier = [
            item for item in current_page.view_state["recent"] if item[0] != code
        ]
        recent = [(code, name), *earlier][:RECENT_LIMIT]
        current_page.view_state["recent"] = recent
        return recent
