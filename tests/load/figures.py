"""The figures that the tests leave behind, as tables."""

from __future__ import annotations

import typing as t

Figure = str | int | float


class Figures:
    """Collects rows by table, in the order in which they come."""

    def __init__(self) -> None:
        self._tables: dict[str, list[dict[str, Figure]]] = {}

    def add(self, table: str, row: t.Mapping[str, Figure]) -> None:
        """Add a row, its figures by column."""
        self._tables.setdefault(table, []).append(dict(row))

    def write(self) -> str:
        """Write all tables."""
        return "\n\n".join(
            f"{title}\n\n{write_table(rows)}" for title, rows in self._tables.items()
        )


def write_table(rows: t.Sequence[t.Mapping[str, Figure]]) -> str:
    """Write the rows as a table of reStructuredText."""
    columns = [_write_column(name, [row[name] for row in rows]) for name in rows[0]]
    rule = "  ".join("=" * len(column[0]) for column in columns)
    head, *body = ("  ".join(line).rstrip() for line in zip(*columns, strict=True))
    return "\n".join([rule, head, rule, *body, rule])


def _write_column(name: str, figures: list[Figure]) -> list[str]:
    cells = [name, *map(_text, figures)]
    width = max(map(len, cells))
    is_text = isinstance(figures[0], str)
    return [cell.ljust(width) if is_text else cell.rjust(width) for cell in cells]


def _text(figure: Figure) -> str:
    if isinstance(figure, float):
        return f"{figure:.2f}"

    return f"{figure:,}" if isinstance(figure, int) else figure
