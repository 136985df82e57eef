"""No answer reaches a user who did not ask, or an argument that was not asked."""

from __future__ import annotations

import time

from .clients import Crowd
from .conftest import Scale
from .conftest import Serve
from .figures import Figures


def test_users_are_not_mixed(serve: Serve, scale: Scale, figures: Figures) -> None:
    """Each of many calls gets its own answer, with its own count in the state,
    while a user's calls go to threads and to greenlets in turn.
    """
    servers = [serve("gthread"), serve("gevent")]
    goal = scale(2_000, 100_000)

    with Crowd(*(server.port for server in servers)) as crowd:
        began = time.monotonic()
        crowd.wait_for(goal)
        seconds = time.monotonic() - began

    failed, crossed = crowd.problems("failed"), crowd.problems("crossed")
    figures.add(
        "Users mixed over gthread and gevent",
        {
            "calls": len(crowd.calls),
            "users": crowd.users,
            "seconds": seconds,
            "calls/s": round(goal / seconds),
            "failed": len(failed),
            "crossed": len(crossed),
        },
    )
    assert failed == crossed == []
    assert len(crowd.calls) >= goal


def test_crossing_is_noticed(serve: Serve) -> None:
    """Where a view shares what was asked between requests, crossed answers are
    found, with threads and with greenlets.
    """
    for worker_class in ("gthread", "gevent"):
        server = serve(worker_class)

        with Crowd(server.port, path="/shared") as crowd:
            crowd.wait_for(300)

        assert crowd.problems("failed") == []
        assert crowd.problems("crossed") != []
