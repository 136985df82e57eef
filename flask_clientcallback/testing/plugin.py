"""A plugin of pytest, with a fixture."""

from __future__ import annotations

import typing as t

import pytest

# Every run of pytest imports this, if the package is installed.
if t.TYPE_CHECKING:
    from .client import CallbackClient


@pytest.fixture
def callback_client(request: pytest.FixtureRequest) -> CallbackClient:
    """A client for the application of your ``app`` fixture. It gets pages and makes
    their callbacks.

    .. versionadded:: 0.1
    """
    from .client import CallbackClient

    try:
        app = request.getfixturevalue("app")
    except pytest.FixtureLookupError as error:
        # Another one that the application's own asks for.
        if error.argname != "app":
            raise

        app = None

    if app is None:
        pytest.fail(
            "callback_client tests the application that a fixture gives: write a"
            " fixture app() that returns it.",
            pytrace=False,
        )

    client = app.test_client()
    return client if isinstance(client, CallbackClient) else CallbackClient(app)
