"""The test client in several threads at once, as a test of a race uses it."""

from __future__ import annotations

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
"""Of each thread. A signal knows one more application with each of them."""


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads that take turns far more often than usual."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


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

    def work(index: int) -> None:
        for client in clients[index::THREADS]:
            got.append(client.get_page("/").stages)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(THREADS)]

    for thread in threads:
        thread.start()

    for thread in threads:
        thread.join()

    assert got == [expected] * len(clients)
