"""The programs that engines need, and what installs them."""

from __future__ import annotations

import shutil
import typing as t
from collections.abc import Sequence

FIREFOX = ("firefox-esr", "firefox")


class Needed(t.NamedTuple):
    """What an engine needs.

    Each of ``programs`` has the names that it may have.
    """

    packages: str
    programs: Sequence[Sequence[str]]


ENGINES = {
    "firefox": Needed("firefox-esr", (FIREFOX,)),
    "webkit": Needed("webkit2gtk-driver xvfb", (("WebKitWebDriver",), ("Xvfb",))),
}
"""The engines beside Chromium, which Playwright drives."""


def find_program(names: Sequence[str]) -> str | None:
    """Find the first of these programs that is installed."""
    return next(filter(None, map(shutil.which, names)), None)


def missing(engine: str) -> str | None:
    """Say what an engine lacks here, and what installs it."""
    packages, programs = ENGINES[engine]
    lost = [names[0] for names in programs if find_program(names) is None]

    if not lost:
        return None

    return (
        f"There is no {', no '.join(lost)} for the tests in {engine}. On Debian:"
        f" apt-get install --no-install-recommends {packages}"
    )
