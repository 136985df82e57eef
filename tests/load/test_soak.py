"""Memory and open files of the workers, under load for a while."""

from __future__ import annotations

import random
import time
import typing as t
from collections import Counter

import pytest

from .clients import Call
from .clients import Crowd
from .clients import Visitor
from .conftest import Serve
from .connections import Line
from .figures import Figures
from .servers import descriptors_at_rest
from .servers import memory
from .servers import Server

GROWTH = 10.0
"""Megabytes that a worker may grow."""
SLICES = 10
"""Into how many parts the time is cut. Between them nobody calls."""


class Size(t.NamedTuple):
    """What a worker holds while nobody calls."""

    megabytes: float
    descriptors: int


def visit(visitor: Visitor, line: Line) -> Call:
    """Make a call, or something else that visitors do: get the page anew, send a
    state that is not good, run into a handler that fails.
    """
    dice = random.random()

    if dice < 0.02:
        visitor.open_page(line)
    elif dice < 0.03:
        assert visitor.send(line, "forged", "x" + visitor.state).status == 400
    elif dice < 0.04:
        mistaken = Visitor(visitor.name, "/failing")
        mistaken.open_page(line)
        assert mistaken.send(line, "fail").error_kind() == "server"

    return visitor.ask(line)


def burden(
    servers: list[Server], seconds: float = 0, calls: int = 100, path: str = "/"
) -> list[Call]:
    """Have the servers called for some time, and some times at least."""
    end = time.monotonic() + seconds

    with Crowd(*(server.port for server in servers), path=path, step=visit) as crowd:
        crowd.wait_for(calls)

        while time.monotonic() < end:
            crowd.wait_for(1)

    return crowd.calls


def measure(servers: list[Server], before: dict[int, Size]) -> dict[int, Size]:
    """Measure each worker when it has closed the connections of its visitors."""
    sizes: dict[int, Size] = {}

    for worker in (worker for server in servers for worker in server.workers()):
        allowed = before[worker].descriptors if worker in before else 0
        sizes[worker] = Size(memory(worker), descriptors_at_rest(worker, allowed))

    return sizes


def test_soak(serve: Serve, soak_seconds: int, figures: Figures) -> None:
    """No worker grows by 10 MB or leaves a file or a connection open, however long
    it works.
    """
    servers = [serve("gthread"), serve("gevent")]
    kinds = dict.fromkeys(servers[0].workers(), "gthread")
    kinds |= dict.fromkeys(servers[1].workers(), "gevent")
    calls = burden(servers, soak_seconds / SLICES)
    total, problems = len(calls), [call for call in calls if call.problem]
    start = sizes = peak = measure(servers, {})

    for _ in range(SLICES - 1):
        calls = burden(servers, soak_seconds / SLICES)
        total += len(calls)
        problems += [call for call in calls if call.problem]
        sizes = measure(servers, start)
        peak = {worker: max(peak[worker], size) for worker, size in sizes.items()}

    asked = Counter(worker for server in servers for worker, _ in server.journal())

    for worker, size in sizes.items():
        figures.add(
            f"Each worker at rest, in {soak_seconds} seconds of load:"
            f" {total:,} calls, {len(problems)} failed",
            {
                "worker": kinds[worker],
                "handler runs": asked[worker],
                "MB after warm-up": start[worker].megabytes,
                "MB at most": peak[worker].megabytes,
                "MB at the end": size.megabytes,
                "descriptors after warm-up": start[worker].descriptors,
                "at the end": size.descriptors,
            },
        )

    assert problems == []
    assert sizes.keys() == start.keys() == kinds.keys()

    for worker, size in sizes.items():
        assert size.megabytes - start[worker].megabytes < GROWTH
        assert size.descriptors <= start[worker].descriptors


@pytest.mark.parametrize("worker_class", ["gthread", "gevent"])
def test_growth_is_noticed(serve: Serve, worker_class: str) -> None:
    """Where each call leaves memory and an open file behind, it is found."""
    server = serve(worker_class)
    burden([server])
    start = measure([server], {})
    burden([server], calls=400, path="/leaky")
    end = measure([server], start)
    assert any(s.megabytes - start[w].megabytes > GROWTH for w, s in end.items())
    assert any(s.descriptors > start[w].descriptors for w, s in end.items())
