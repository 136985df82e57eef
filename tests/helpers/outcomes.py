"""What the tests of all extensions ask of an answer."""

from __future__ import annotations

from flask import Flask

from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient

CONTENT_TYPE = "application/vnd.clientcallback+json"


def make_app() -> Flask:
    """Make an application that has no extension yet."""
    app = Flask(__name__)
    app.secret_key = "a secret key of the tests"
    app.test_client_class = CallbackClient
    return app


def check_error(answer: CallbackAnswer, status: int, kind: str) -> None:
    """See that a callback ended in one error of the protocol's form, and that no
    handler ran.
    """
    assert_no_result(answer)
    assert answer.error is not None, answer.response.text
    assert (answer.status, answer.error["kind"]) == (status, kind)
    assert answer.redirect is None


def check_redirect(answer: CallbackAnswer, location: str) -> None:
    """See that a callback sends the browser elsewhere, and that no handler ran."""
    assert_no_result(answer)
    assert (answer.status, answer.redirect) == (200, location)
    assert answer.error is not None
    assert answer.error["kind"] == "redirect"


def assert_no_result(answer: CallbackAnswer) -> None:
    """See that an answer is the protocol's own and brings nothing of a handler."""
    headers = answer.response.headers
    assert headers.getlist("Content-Type") == [CONTENT_TYPE]
    assert headers.getlist("Cache-Control") == ["no-store"]
    assert "<" not in answer.response.text
    assert answer.result is None
    assert answer.state is None
    assert "raise_callback_event" not in answer.stages
