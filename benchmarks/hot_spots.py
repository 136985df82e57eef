"""Tells where the time of a function goes, by module and by function."""

from __future__ import annotations

import cProfile
import pstats
import typing as t
from collections import defaultdict
from collections.abc import Callable
from pathlib import PurePath

from measure import format_table

OWN_PACKAGE = "flask_clientcallback"
PACKAGES = (OWN_PACKAGE, "flask_wtf", "flask", "werkzeug", "itsdangerous", "blinker")
TOP = 25

Place = tuple[str, int, str]


class _Entry(t.NamedTuple):
    """What the profiler knows of one function."""

    calls: int
    own: float
    cumulative: float
    callers: dict[Place, tuple[int, int, float, float]]


def describe(function: Callable[[], object], *, calls: int) -> str:
    """Profile many calls of a function and write what one costs.

    The profiler makes every Python call dearer, so that the shares count, not
    the sum.
    """
    for _ in range(calls // 10):
        function()

    profiler = cProfile.Profile()
    profiler.enable()

    for _ in range(calls):
        function()

    profiler.disable()
    entries = _entries(profiler)
    return "\n\n".join((_by_module(entries, calls), _by_function(entries, calls)))


def _entries(profiler: cProfile.Profile) -> dict[Place, _Entry]:
    statistics: t.Any = pstats.Stats(profiler)
    return {
        place: _Entry(calls, own, cumulative, callers)
        for place, (_, calls, own, cumulative, callers) in statistics.stats.items()
    }


def _module_of(place: Place) -> str | None:
    """Name a function's module, those of other packages by their package; builtin
    functions have none.
    """
    path, line, _ = place

    if line == 0:
        return None

    parts = PurePath(path).parts

    for package in PACKAGES:
        if package in parts:
            module = f"{package}.{PurePath(path).stem}"
            return module if package == OWN_PACKAGE else package

    return "standard library and others"


def _by_module(entries: dict[Place, _Entry], calls: int) -> str:
    spent: defaultdict[str, float] = defaultdict(float)

    for place, entry in entries.items():
        module = _module_of(place)

        if module is not None:
            spent[module] += entry.own
            continue

        # The time of a builtin function belongs to whoever calls it.
        for caller, (_, _, own, _) in entry.callers.items():
            spent[_module_of(caller) or "standard library and others"] += own

    total = sum(spent.values())
    ranked = sorted(spent.items(), key=lambda item: item[1], reverse=True)
    return format_table(
        ("module", "microseconds", "share"),
        [
            (module, f"{own / calls * 1e6:.1f}", f"{own / total:.1%}")
            for module, own in ranked
        ],
    )


def _by_function(entries: dict[Place, _Entry], calls: int) -> str:
    ranked = sorted(entries.items(), key=lambda item: item[1].own, reverse=True)
    return format_table(
        ("function", "calls", "own", "cumulative"),
        [
            (
                _name(place),
                f"{entry.calls / calls:.1f}",
                f"{entry.own / calls * 1e6:.2f}",
                f"{entry.cumulative / calls * 1e6:.2f}",
            )
            for place, entry in ranked[:TOP]
        ],
    )


def _name(place: Place) -> str:
    path, line, function = place

    if line == 0:
        return function

    parts = PurePath(path).parts[-2:]
    return f"{'/'.join(parts)}:{line} {function}"
