"""What a page wrote to the console."""

from __future__ import annotations

from collections.abc import Sequence


def without_statuses(console: Sequence[str]) -> list[str]:
    """Leave out what the browser itself writes for each status from 400 on."""
    return [line for line in console if not line.startswith("Failed to load resource")]
