"""What a browser's network panel knows of the time that each stage took."""

from __future__ import annotations

import time
import typing as t

import pytest
from flask import Flask
from flask import render_template_string
from flask.views import MethodView
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback

if t.TYPE_CHECKING:
    from .conftest import Serve

TIMES = """name => performance.getEntriesByType(name).at(-1).serverTiming.map(
  ({ name, duration, description }) => [name, duration, description])"""
CALL = "ClientCallback.call('__Page', 'x')"
WORK = 30
"""Milliseconds that a piece of work takes at least."""

OF_CALLBACK = [
    *("request", "pre_init", "init", "init_complete", "load_state", "pre_load"),
    *("load", "load_complete", "raise_callback_event", "get_callback_result"),
    "unload",
]


@callback_handler
class Slow(MethodView):
    """Takes its time in a stage, in its method and in its handler."""

    def page_load(self) -> None:
        time.sleep(WORK / 1000)

    def get(self) -> str:
        time.sleep(WORK / 1000)
        return render_template_string(
            '<link rel="icon" href="data:,">'
            "<form>{{ callback_fields() }}</form>{{ callback_scripts() }}"
        )

    def raise_callback_event(self, event_argument: str) -> str:
        time.sleep(2 * WORK / 1000)
        return event_argument


@pytest.fixture
def app() -> Flask:
    """An application that is one page."""
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    app.add_url_rule("/", view_func=Slow.as_view("slow"))
    return app


def test_times(page: Page, serve: Serve, app: Flask) -> None:
    """A browser reads all times of a page and of its callback in debug mode."""
    app.debug = True
    page.goto(serve(app))
    times = {name: spent for name, spent, _ in page.evaluate(TIMES, "navigation")}
    assert min(times["load"], times["render"]) >= WORK

    assert page.evaluate(CALL) == "x"
    entries = page.evaluate(TIMES, "resource")
    assert [name for name, *_ in entries] == OF_CALLBACK
    times = {name: spent for name, spent, _ in entries}
    assert times["load"] >= WORK
    assert times["raise_callback_event"] >= 2 * WORK
    described = {name: told for name, _, told in entries if told}
    assert described == {"raise_callback_event": "__Page"}


def test_production(page: Page, serve: Serve, app: Flask) -> None:
    """In production it reads none."""
    page.goto(serve(app))
    assert page.evaluate(CALL) == "x"
    assert page.evaluate(TIMES, "navigation") == []
    assert page.evaluate(TIMES, "resource") == []
