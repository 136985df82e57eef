from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest
from flask import Flask
from flask import g
from flask import has_app_context
from flask import has_request_context

from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackClient

# The environment "neighbours" of tox has no Hypothesis.
if importlib.util.find_spec("hypothesis") is not None:
    from hypothesis import HealthCheck
    from hypothesis import settings

    # How long an example takes depends on what else the machine does.
    settings.register_profile(
        "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("any machine")


@pytest.fixture
def app() -> Flask:
    """An application with client callbacks that answers as in production."""
    app = Flask(__name__)
    app.secret_key = "a secret key of the tests"
    app.test_client_class = CallbackClient
    ClientCallback(app)
    return app


@pytest.fixture
def client(app: Flask) -> CallbackClient:
    """A test client of the application."""
    client = app.test_client()
    assert isinstance(client, CallbackClient)
    return client


@pytest.fixture(autouse=True)
def no_context_left() -> Iterator[None]:
    """See that a test leaves no context behind, and so no page."""
    yield
    assert not has_request_context()
    assert not has_app_context(), g
