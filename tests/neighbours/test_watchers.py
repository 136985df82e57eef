"""Pages that Sentry, OpenTelemetry and Prometheus watch."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

import pytest
import sentry_sdk
from flask import abort
from flask import Flask
from flask import redirect
from opentelemetry import trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry
from prometheus_client import generate_latest
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient

from ..helpers.outcomes import check_error
from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import Echo
from .documented import run_documented

CROSS_SITE = {"Sec-Fetch-Site": "cross-site"}


class Failing(Echo):
    """Ends in several ways, as a page and as its control ``grid``."""

    def page_init(self) -> None:
        if current_page.view is self:
            current_page.add_control("grid", Failing())

    def page_load(self) -> None:
        if current_page.form.get("name") == "early":
            raise LookupError("before any target is known")

    def raise_callback_event(self, event_argument: str) -> t.Any:
        if event_argument == "redirect":
            return redirect("/")

        if event_argument == "refuse":
            raise CallbackError("No.")

        if event_argument == "abort":
            abort(409)

        return 1 / 0 if event_argument == "fail" else event_argument


def error_id_of(answer: CallbackAnswer) -> str:
    """Give the id that the visitor is shown."""
    assert answer.error is not None
    return t.cast(str, answer.error["id"])


class Events(Transport):
    """Keeps what Sentry would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[t.Any] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        event = envelope.get_event()

        if event is not None:
            self.kept.append(event)


@pytest.fixture
def events() -> Iterator[list[t.Any]]:
    """The events that Sentry gets."""
    transport = Events()
    sentry_sdk.init("http://key@localhost/1", transport=transport)
    yield transport.kept
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def test_sentry(events: list[t.Any]) -> None:
    """The event of a callback has the control and the id as tags; what was refused, or
    raised for the visitor, is no event.
    """
    app = make_app()
    ClientCallback(app)
    run_documented("sentry_sdk", app=app, sentry_sdk=sentry_sdk)
    add_page(app, Failing)
    app.add_url_rule("/plain", "plain", lambda: str(1 / 0))
    client = CallbackClient(app)
    page = client.get_page("/")

    for target in ("grid", "__Page"):
        answer = page.callback("fail", target=target)
        [event] = events
        events.clear()
        assert event["exception"]["values"][0]["type"] == "ZeroDivisionError"
        assert event["transaction"] == "failing"
        assert event["tags"] == {
            "callback_target": target,
            "callback_error_id": error_id_of(answer),
        }

    page.form["name"] = "early"
    answer = page.callback("x")
    [event] = events
    events.clear()
    assert event["tags"] == {
        "callback_target": "",
        "callback_error_id": error_id_of(answer),
    }
    page.form["name"] = "Ada"
    assert client.get("/plain").status_code == 500
    [event] = events
    events.clear()
    assert not event.get("tags")

    for argument in ("refuse", "abort", "x"):
        page.callback(argument)

    check_error(page.callback("x", headers=CROSS_SITE), 403, "rejected")
    assert events == []


SPANS = InMemorySpanExporter()


@pytest.fixture(scope="module")
def provider() -> None:
    """Keep the spans. There can be one provider only."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(SPANS))
    trace.set_tracer_provider(provider)


@pytest.fixture
def watched(provider: None) -> Flask:
    """An application with the failing page, instrumented as it is documented."""
    app = make_app()
    run_documented(
        "instrument_app",
        app=app,
        FlaskInstrumentor=FlaskInstrumentor,
        ClientCallback=ClientCallback,
    )
    run_documented("get_current_span", app=app, trace=trace)
    add_page(app, Failing)
    return app


def attributes_of_span() -> dict[str, t.Any]:
    """Give what the one span has."""
    [span] = SPANS.get_finished_spans()
    SPANS.clear()
    return dict(span.attributes or {})


def test_opentelemetry(watched: Flask) -> None:
    """Each answer's span has its status, and the control that was called."""
    page = CallbackClient(watched).get_page("/")
    SPANS.clear()

    for argument, status in (("x", 200), ("redirect", 200), ("refuse", 400)):
        page.callback(argument, target="grid")
        attributes = attributes_of_span()
        assert attributes["http.status_code"] == status
        assert attributes["callback.target"] == "grid"
        assert "callback.error_id" not in attributes


def test_errors_in_opentelemetry(watched: Flask) -> None:
    """The span of an exception has the id that the visitor is shown."""
    page = CallbackClient(watched).get_page("/")
    SPANS.clear()
    answer = page.callback("fail")
    attributes = attributes_of_span()
    assert attributes["http.status_code"] == 500
    assert attributes["callback.target"] == "__Page"
    assert attributes["callback.error_id"] == error_id_of(answer)
    page.form["name"] = "early"
    answer = page.callback("x")
    attributes = attributes_of_span()
    assert "callback.target" not in attributes
    assert attributes["callback.error_id"] == error_id_of(answer)


def test_refusals_in_opentelemetry(
    watched: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """A refused callback has no span, and OpenTelemetry warns of it."""
    page = CallbackClient(watched).get_page("/")
    SPANS.clear()
    check_error(page.callback("x", headers=CROSS_SITE), 403, "rejected")
    assert SPANS.get_finished_spans() == ()
    assert "OpenTelemetry span missing" in caplog.text


def test_prometheus() -> None:
    """Refusals are counted by their reasons, which name nothing of a request."""
    app = make_app()
    ClientCallback(app)
    made = run_documented("prometheus_client", app=app)
    registry = CollectorRegistry()
    registry.register(made["refusals"])
    add_page(app, Echo)
    page = CallbackClient(app).get_page("/")
    page.callback("x")
    page.callback("x", headers=CROSS_SITE)

    for target in ("nobody", "somebody"):
        page.callback("x", target=target)

    page.state = "forged"
    page.callback("x")
    lines = generate_latest(registry).decode().splitlines()
    assert {line for line in lines if line.startswith("callback_refusals_total{")} == {
        'callback_refusals_total{reason="cross-site, by Sec-Fetch-Site"} 1.0',
        'callback_refusals_total{reason="target unknown"} 2.0',
        'callback_refusals_total{reason="forged, or signed with another key"} 1.0',
    }
