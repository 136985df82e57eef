"""The fixture for pytest, in a run of pytest of its own."""

from __future__ import annotations

import configparser
import importlib
import importlib.metadata
import os
import sys
from pathlib import Path

import pytest

import flask_clientcallback

from ..helpers.documentation import blocks

PLUGIN = "flask_clientcallback.testing.plugin"
WITH_PLUGIN = ("-p", PLUGIN)
ROOT = Path(flask_clientcallback.__file__).parents[1]

APP = """
import pytest
from flask import Flask
from flask.views import MethodView
from flask_clientcallback import callback_handler, ClientCallback
from flask_clientcallback.testing import CallbackClient


@callback_handler
class Echo(MethodView):
    def get(self):
        from flask import render_template_string
        return render_template_string("{{ callback_scripts() }}")

    def raise_callback_event(self, event_argument):
        return event_argument


class OwnClient(CallbackClient):
    pass


@pytest.fixture
def app():
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    app.add_url_rule("/", view_func=Echo.as_view("echo"))
    return app
"""


pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def no_other_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep plugins that are installed out of the runs of pytest."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), *sys.path]))


def test_fixture(pytester: pytest.Pytester) -> None:
    """The fixture gives a client of the application of the fixture app."""
    tests = """
def test_it(callback_client, app):
    assert callback_client.application is app
    assert callback_client.get_page("/").callback("x").result == "x"


def test_own_class(app, request):
    from conftest import OwnClient
    app.test_client_class = OwnClient
    assert type(request.getfixturevalue("callback_client")) is OwnClient
"""
    pytester.makeconftest(APP)
    pytester.makepyfile(tests)
    pytester.runpytest_inprocess(*WITH_PLUGIN).assert_outcomes(passed=2)


def test_documentation(pytester: pytest.Pytester) -> None:
    """The fixture app and the test that the documentation shows go together."""
    [conftest] = blocks("docs/testing.rst", "conftest.py")
    [tests] = blocks("docs/testing.rst", "test_page.py")
    markup = blocks("docs/handlers.rst", "templates/greeting.html")[0]
    pytester.makeconftest(conftest.code)
    pytester.makepyfile(
        app=blocks("docs/handlers.rst", "app.py")[0].code, test_page=tests.code
    )
    pytester.mkdir("templates").joinpath("greeting.html").write_text(markup.code)
    pytester.runpytest_subprocess(*WITH_PLUGIN).assert_outcomes(passed=1)


def test_without_an_application(pytester: pytest.Pytester) -> None:
    """Where no fixture app is, only what uses the fixture fails, and says why."""
    tests = """
def test_other():
    pass


def test_it(callback_client):
    pass
"""
    pytester.makepyfile(tests)
    ran = pytester.runpytest_inprocess(*WITH_PLUGIN)
    ran.assert_outcomes(passed=1, errors=1)
    ran.stdout.fnmatch_lines(
        "callback_client tests the application that a fixture gives: write a fixture"
        " app() that returns it."
    )
    ran.stdout.no_fnmatch_line("*another exception*")


def test_application_that_lacks_something(pytester: pytest.Pytester) -> None:
    """That the fixture app lacks another one is told as pytest tells it."""
    conftest = """
import pytest


@pytest.fixture
def app(database):
    pass
"""
    pytester.makeconftest(conftest)
    pytester.makepyfile("def test_it(callback_client): pass")
    ran = pytester.runpytest_inprocess(*WITH_PLUGIN)
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines("*fixture 'database' not found")
    ran.stdout.no_fnmatch_line("*write a fixture*")


def test_fixture_is_described(pytester: pytest.Pytester) -> None:
    """pytest --fixtures lists it, with what it is."""
    ran = pytester.runpytest_inprocess(*WITH_PLUGIN, "--fixtures")
    ran.stdout.fnmatch_lines(
        ["callback_client -- *", "*A client for the application of your*"]
    )


def test_entry_point() -> None:
    """pytest finds the plugin by an entry point, under the package's name."""
    if (ROOT / "setup.cfg").exists():
        settings = configparser.ConfigParser()
        settings.read(ROOT / "setup.cfg")
        [line] = settings["options.entry_points"]["pytest11"].strip().splitlines()
    else:
        found = importlib.metadata.distribution("flask-clientcallback").entry_points
        [entry] = found.select(group="pytest11")
        line = f"{entry.name} = {entry.value}"

    assert line == f"flask_clientcallback = {PLUGIN}"
    assert hasattr(importlib.import_module(PLUGIN), "callback_client")
