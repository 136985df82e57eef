"""What the shop has sold, in an SQLite database that all its processes read."""

import csv
import random
import sqlite3
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from datetime import timedelta
from decimal import Decimal
from decimal import InvalidOperation
from io import StringIO
from pathlib import Path
from typing import NamedTuple

PRODUCTS = {
    "Pencil": "0.90",
    "Fountain pen": "24.50",
    "Bottle of ink": "7.20",
    "Notebook": "4.80",
}
MAX_NUMBER = 10_000


class Sale(NamedTuple):
    """One line of the books."""

    day: str
    product: str
    number: int
    price: int
    """In cents."""


class Books:
    """All sales there are.

    :param path: of the database. It is made, with some sales, where there is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

        with self._open() as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS sales"
                " (day TEXT, product TEXT, number INTEGER, price INTEGER)"
            )
            is_new = not database.execute("SELECT 1 FROM sales LIMIT 1").fetchone()

        if is_new:
            self.add(_invent(date.today().year - 1, 900))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path)

        try:
            with database:
                yield database
        finally:
            database.close()

    def add(self, sales: Iterable[Sale]) -> None:
        """Write sales down: all of them, or none."""
        with self._open() as database:
            database.executemany("INSERT INTO sales VALUES (?, ?, ?, ?)", sales)

    def years(self) -> set[int]:
        """List the years with sales."""
        with self._open() as database:
            found = database.execute("SELECT DISTINCT substr(day, 1, 4) FROM sales")
            return {int(year) for (year,) in found}

    def count(self) -> int:
        """Count the sales."""
        with self._open() as database:
            [number] = database.execute("SELECT count(*) FROM sales").fetchone()
            return int(number)

    def total(self, year: int, month: int) -> tuple[int, Decimal]:
        """Tell how many things were sold in a month, and for how much."""
        with self._open() as database:
            number, cents = database.execute(
                "SELECT total(number), total(number * price) FROM sales"
                " WHERE day LIKE ?",
                (f"{year:04}-{month:02}-%",),
            ).fetchone()

        return int(number), Decimal(int(cents)) / 100


def read_line(line: str) -> Sale:
    """Read a line: day, product, number, price.

    :raises ValueError: it is none, with what is wrong with it.
    """
    cells = next(csv.reader([line]), [])

    if len(cells) != 4:
        raise ValueError("it has a day, a product, a number and a price.")

    day, product, number, price = (cell.strip() for cell in cells)

    try:
        parsed = date.fromisoformat(day)
    except ValueError:
        raise ValueError(f"{day[:20]!r} is no day like 2026-03-14.") from None

    if not number.isdecimal() or not 0 < int(number[:9]) <= MAX_NUMBER:
        raise ValueError(f"{number[:20]!r} is no number from 1 to {MAX_NUMBER}.")

    try:
        cents = Decimal(price) * 100
    except InvalidOperation:
        cents = Decimal("NaN")

    if not 0 < cents < 10_000_000 or cents != int(cents):
        raise ValueError(f"{price[:20]!r} is no price like 24.50.")

    return Sale(parsed.isoformat(), product[:60], int(number), int(cents))


def make_sample(number: int) -> str:
    """Write lines of this year, to be imported."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")

    for day, product, sold, _ in _invent(date.today().year, number):
        writer.writerow((day, product, sold, PRODUCTS[product]))

    return text.getvalue()


def _invent(year: int, number: int) -> list[Sale]:
    """Make sales up, the same each time."""
    chance = random.Random(year)
    days = sorted(chance.randrange(365) for _ in range(number))
    sales = []

    for day in days:
        product = chance.choice(list(PRODUCTS))
        cents = int(Decimal(PRODUCTS[product]) * 100)
        when = date(year, 1, 1) + timedelta(day)
        sales.append(Sale(when.isoformat(), product, chance.randint(1, 12), cents))

    return sales
