"""The test client in several threads at once, as a test of a race uses it."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator

import pytest
from flask import Flask

from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Echo

THREADS = 4
APPLICATIONS = 40
"""Of each thread. A signal knows one more application with each of them, and one fewer
when it is collected."""


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads that take turns far more often than usual, and collect what is done
    with.
    """
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(100, 1, 1)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


def make_client() -> CallbackClient:
    """Make the client of an application of its own."""
    app = Flask(__name__)
    app.secret_key = "a secret key of the tests"
    ClientCallback(app)
    add_page(app, Echo)
    return CallbackClient(app)


@pytest.mark.usefixtures("restless")
def test_clients_in_threads() -> None:
    """Each gets its own pages and stages, though all listen to the same signals."""
    expected = make_client().get_page("/").stages
    clients = [make_client() for _ in range(THREADS * APPLICATIONS)]
    got: list[list[str]] = []

    def work() -> None:
        for _ in range(APPLICATIONS):
            got.append(clients.pop().get_page("/").stages)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]

    for thread in threads:
        thread.start()

    for thread in threads:
        thread.join()

    assert got == [expected] * (THREADS * APPLICATIONS)
