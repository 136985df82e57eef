"""The ISO 3166 and ISO 639 data of pycountry in an SQLite database."""

import sqlite3
import unicodedata
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pycountry
from flask import current_app
from flask import Flask
from flask import g

Row = dict[str, Any]

SCHEMA = """
CREATE TABLE country (
    alpha_2 TEXT PRIMARY KEY,
    alpha_3 TEXT NOT NULL,
    numeric TEXT NOT NULL,
    name TEXT NOT NULL,
    official_name TEXT NOT NULL,
    sort_name TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE subdivision (
    code TEXT PRIMARY KEY,
    country_code TEXT NOT NULL REFERENCES country,
    parent_code TEXT,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    sort_name TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX subdivision_country ON subdivision (country_code, type, sort_name);

CREATE TABLE language (
    code TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    sort_name TEXT NOT NULL
) WITHOUT ROWID;
"""

LANGUAGE_KINDS = {
    "L": "living",
    "E": "extinct",
    "H": "historical",
    "C": "constructed",
    "S": "special",
}


def fold(text: str) -> str:
    """Write a text without case and accents, to sort and to search by."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def build(path: Path) -> None:
    """Build the database, unless it is there. It appears under its name when it
    is complete, so that an interrupted start, or two at once, do no harm.
    """
    if path.exists():
        return

    path.parent.mkdir(parents=True, exist_ok=True)

    with TemporaryDirectory(dir=path.parent) as directory:
        unfinished = Path(directory, path.name)

        with closing(sqlite3.connect(unfinished)) as connection:
            connection.executescript(SCHEMA)
            _fill(connection)
            connection.commit()

        unfinished.replace(path)


def _fill(connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT INTO country VALUES (?, ?, ?, ?, ?, ?)",
        (
            (
                country.alpha_2,
                country.alpha_3,
                country.numeric,
                country.name,
                getattr(country, "official_name", country.name),
                fold(country.name),
            )
            for country in pycountry.countries
        ),
    )
    connection.executemany(
        "INSERT INTO subdivision VALUES (?, ?, ?, ?, ?, ?)",
        (
            (
                place.code,
                place.country_code,
                place.parent_code,
                place.type,
                place.name,
                fold(place.name),
            )
            for place in pycountry.subdivisions
        ),
    )
    connection.executemany(
        "INSERT INTO language VALUES (?, ?, ?, ?)",
        (
            (
                language.alpha_3,
                LANGUAGE_KINDS[language.type],
                language.name,
                fold(language.name),
            )
            for language in pycountry.languages
        ),
    )


class Database:
    """Asks the database, which nobody changes.

    :param path: the file that :func:`build` made.
    """

    def __init__(self, path: Path) -> None:
        address = f"{path.resolve().as_uri()}?mode=ro"
        self._connection = sqlite3.connect(address, uri=True)
        self._connection.row_factory = sqlite3.Row

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def counts(self) -> dict[str, int]:
        """Count the rows of each table."""
        return {
            table: self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[
                0
            ]
            for table in ("country", "subdivision", "language")
        }

    def countries(self) -> list[Row]:
        """List the countries by name."""
        return self.select("SELECT alpha_2, name FROM country ORDER BY sort_name")

    def has_country(self, code: str) -> bool:
        """Tell whether a country has a two-letter code."""
        return bool(self.select("SELECT 1 FROM country WHERE alpha_2 = ?", code))

    def subdivisions(self, country_code: str) -> list[Row]:
        """List the subdivisions of a country by type and name."""
        return self.select(
            "SELECT code, type, name FROM subdivision WHERE country_code = ?"
            " ORDER BY type, sort_name",
            country_code,
        )

    def subdivision(self, code: str) -> Row | None:
        """Find a subdivision, with its country and what it is a part of."""
        rows = self.select(
            """
            SELECT place.code, place.type, place.name,
                parent.code AS parent_code, parent.name AS parent_name,
                country.name AS country_name, official_name,
                alpha_2, alpha_3, numeric
            FROM subdivision AS place
            JOIN country ON alpha_2 = place.country_code
            LEFT JOIN subdivision AS parent ON parent.code = place.parent_code
            WHERE place.code = ?
            """,
            code,
        )
        return rows[0] if rows else None

    def languages(self, text: str, *, dead: bool) -> list[Row]:
        """Find the languages with a text in their name, or with that code: the
        best matches first.

        :param dead: also those that nobody speaks any more.
        """
        return self.select(
            """
            SELECT code, kind, name FROM language
            WHERE (instr(sort_name, :text) OR code = :text)
                AND (:dead OR kind NOT IN ('extinct', 'historical'))
            ORDER BY sort_name = :text DESC, code = :text DESC,
                instr(sort_name, :text) = 1 DESC, sort_name
            """,
            text=fold(text),
            dead=dead,
        )

    def select(self, query: str, *values: str, **named: Any) -> list[Row]:
        """Give the rows that a query finds."""
        return [dict(row) for row in self._connection.execute(query, named or values)]


def init_app(app: Flask) -> None:
    """See that a request's connection is closed when the request is over."""
    app.teardown_appcontext(_close_database)


def get_database() -> Database:
    """Get the database of the current request."""
    if "database" not in g:
        g.database = Database(Path(current_app.config["DATABASE"]))

    database: Database = g.database
    return database


def _close_database(error: BaseException | None) -> None:
    database = g.pop("database", None)

    if database is not None:
        database.close()
