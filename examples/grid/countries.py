"""The countries, as a grid asks for them."""

from world.database import Database
from world.database import Row

ORDERS = {
    "name": "sort_name",
    "code": "alpha_2",
    "number": "numeric",
    "subdivisions": "subdivisions",
}


class CountrySource:
    """Gives a grid its rows. Each has a ``key``, and a value for every column."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self) -> int:
        """Count all rows."""
        return self._database.counts()["country"]

    def rows(self, sort: str, descending: bool, offset: int, limit: int) -> list[Row]:
        """Give the rows of one page of the grid."""
        direction = "DESC" if descending else "ASC"
        return self._database.select(
            f"""
            SELECT alpha_2 AS key, name, alpha_2 AS code, numeric AS number,
                (SELECT count(*) FROM subdivision WHERE country_code = alpha_2)
                    AS subdivisions
            FROM country ORDER BY {ORDERS[sort]} {direction}, sort_name
            LIMIT :limit OFFSET :offset
            """,
            limit=limit,
            offset=offset,
        )

    def details(self, key: str) -> list[tuple[str, str]]:
        """Give what else there is to say about a row."""
        country = self._database.select(
            "SELECT official_name, alpha_3, numeric FROM country WHERE alpha_2 = ?", key
        )[0]
        parts = self._database.select(
            "SELECT count(*) AS number, type FROM subdivision WHERE country_code = ?"
            " GROUP BY type ORDER BY number DESC, type",
            key,
        )
        return [
            ("Official name", country["official_name"]),
            ("Other codes", f"{country['alpha_3']}, {country['numeric']}"),
            ("Parts", ", ".join(f"{p['type']} {p['number']}" for p in parts) or "none"),
        ]
