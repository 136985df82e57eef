"""Workers that die, are replaced or stop, while calls are made all the time. Each
call has a connection of its own.
"""

from __future__ import annotations

import random
import time
import typing as t

import pytest

from .clients import Call
from .clients import Crowd
from .conftest import Scale
from .conftest import Serve
from .figures import Figures
from .servers import Server
from .servers import wait_until

WITHIN = (10, 2)
"""Seconds after a worker's death within which calls succeed. The short form runs on
machines that are busy with other tests.
"""

worker_classes = pytest.mark.parametrize("worker_class", ["gthread", "gevent"])


class Death(t.NamedTuple):
    """The end of a worker."""

    worker: int
    killed: float
    seen: float

    def explains(self, call: Call, begun_by: int | None) -> bool:
        """Tell whether a call failed because it was in flight in this worker.

        :param begun_by: the worker whose handler began it, if one did.
        """
        was_in_flight = call.began <= self.seen and call.ended >= self.killed
        return was_in_flight and begun_by in (self.worker, None)


def kill_one(server: Server) -> Death:
    """Kill any of the workers."""
    worker = random.choice(server.workers())
    killed = time.monotonic()
    return Death(worker, killed, server.kill(worker))


def check_deaths(
    table: str,
    worker_class: str,
    server: Server,
    crowd: Crowd,
    deaths: list[Death],
    figures: Figures,
    within: float,
) -> None:
    """See that the deaths harmed no calls but those in flight in the dead, and how
    soon a call succeeded that began after each.
    """
    begun_by = {argument: worker for worker, argument in server.journal()}
    failed = crowd.problems("failed")
    unexplained = [
        call
        for call in failed
        if not any(
            death.explains(call, begun_by.get(call.argument)) for death in deaths
        )
    ]
    answered = [call for call in crowd.calls if not call.problem]
    waited = [
        min(call.ended for call in answered if call.began >= death.seen) - death.seen
        for death in deaths
    ]
    figures.add(
        table,
        {
            "workers": worker_class,
            "kills": len(deaths),
            "calls": len(crowd.calls),
            "failed in it": len(failed) - len(unexplained),
            "failed elsewhere": len(unexplained),
            "crossed": len(crowd.problems("crossed")),
            "next success, s": max(waited),
            "slowest call, s": max(call.ended - call.began for call in answered),
        },
    )
    assert unexplained == crowd.problems("crossed") == []
    assert max(waited) <= within


@worker_classes
def test_killed_worker(
    serve: Serve, scale: Scale, figures: Figures, worker_class: str
) -> None:
    """When a worker is killed, only calls in flight in it fail. Calls that begin
    after its death succeed, within two seconds.
    """
    server = serve(worker_class)
    deaths: list[Death] = []

    with Crowd(server.port, keep=False) as crowd:
        for _ in range(scale(3, 30)):
            crowd.wait_for(200)
            wait_until(lambda: server.loaded() == 2 + len(deaths))
            deaths.append(kill_one(server))

        crowd.wait_for(200)

    within = scale(*WITHIN)
    title = "A worker of two killed"
    check_deaths(title, worker_class, server, crowd, deaths, figures, within)


@worker_classes
def test_only_worker_killed(
    serve: Serve, scale: Scale, figures: Figures, worker_class: str
) -> None:
    """When the only worker is killed, calls wait until there is another, which is
    within two seconds.
    """
    server = serve(worker_class, workers=1)
    deaths: list[Death] = []

    with Crowd(server.port, keep=False) as crowd:
        for _ in range(scale(1, 30)):
            crowd.wait_for(200)
            deaths.append(kill_one(server))

        crowd.wait_for(200)

    within = scale(*WITHIN)
    title = "The only worker killed"
    check_deaths(title, worker_class, server, crowd, deaths, figures, within)


@worker_classes
def test_reload(
    serve: Serve, scale: Scale, figures: Figures, worker_class: str
) -> None:
    """No call fails while all workers are replaced gracefully."""
    server = serve(worker_class)
    reloads = scale(1, 20)

    with Crowd(server.port, keep=False) as crowd:
        for _ in range(reloads):
            crowd.wait_for(200)
            server.reload()

        crowd.wait_for(200)

    failed = crowd.problems("failed")
    figures.add(
        "Graceful reload (HUP)",
        {
            "workers": worker_class,
            "reloads": reloads,
            "calls": len(crowd.calls),
            "failed": len(failed),
            "slowest call, s": max(call.ended - call.began for call in crowd.calls),
        },
    )
    assert failed == crowd.problems("crossed") == []


@worker_classes
def test_stop(serve: Serve, scale: Scale, figures: Figures, worker_class: str) -> None:
    """A call that a handler began is answered, also when the server stops
    gracefully meanwhile. Later ones find nobody.
    """
    stops, calls, turned_away = scale(1, 20), 0, 0
    lost: list[Call] = []

    for number in range(stops):
        server = serve(worker_class, str(number))

        with Crowd(server.port, keep=False, gives_up=True) as crowd:
            crowd.wait_for(200)
            assert server.stop() == 0

        begun = {argument for _, argument in server.journal()}
        failed = crowd.problems("failed")
        lost += [call for call in failed if call.argument in begun]
        calls += len(crowd.calls)
        turned_away += len(failed)
        assert crowd.problems("crossed") == []

    figures.add(
        "Graceful stop (TERM)",
        {
            "workers": worker_class,
            "stops": stops,
            "calls": calls,
            "turned away": turned_away - len(lost),
            "begun and failed": len(lost),
        },
    )
    assert lost == []
    assert turned_away > 0
