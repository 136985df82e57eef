"""The fixture for pytest, in a run of pytest of its own."""

from __future__ import annotations

import configparser
import importlib
import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import flask_clientcallback

from ..helpers.documentation import blocks

PLUGIN = "flask_clientcallback.testing.plugin"
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


def run(folder: Path, tests: str, conftest: str = "", *options: str) -> tuple[int, str]:
    """Run tests in a folder of their own, with the plugin and no other."""
    (folder / "conftest.py").write_text(conftest)
    (folder / "test_it.py").write_text(tests)
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-p", PLUGIN, *options],
        cwd=folder,
        env={
            **os.environ,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_fixture(tmp_path: Path) -> None:
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
    status, output = run(tmp_path, tests, APP)
    assert status == 0, output
    assert "2 passed" in output


def test_documentation(tmp_path: Path) -> None:
    """The fixture app and the test that the documentation shows go together."""
    [conftest] = blocks("docs/testing.rst", "conftest.py")
    [tests] = blocks("docs/testing.rst", "test_page.py")
    (tmp_path / "app.py").write_text(blocks("docs/quickstart.rst", "app.py")[0].code)
    template = tmp_path / "templates" / "greeting.html"
    template.parent.mkdir()
    template.write_text(
        blocks("docs/quickstart.rst", "templates/greeting.html")[0].code
    )
    status, output = run(tmp_path, tests.code, conftest.code)
    assert status == 0, output
    assert "1 passed" in output


def test_without_an_application(tmp_path: Path) -> None:
    """Where no fixture app is, only what uses the fixture fails, and says why."""
    tests = """
def test_other():
    pass


def test_it(callback_client):
    pass
"""
    status, output = run(tmp_path, tests)
    assert status == 1, output
    assert "1 passed, 1 error" in output
    assert (
        "callback_client tests the application that a fixture gives: write a fixture"
        " app() that returns it."
    ) in output


def test_application_that_lacks_something(tmp_path: Path) -> None:
    """That the fixture app lacks another one is told as pytest tells it."""
    conftest = """
import pytest


@pytest.fixture
def app(database):
    pass
"""
    status, output = run(tmp_path, "def test_it(callback_client): pass", conftest)
    assert status == 1, output
    assert "fixture 'database' not found" in output
    assert "write a fixture" not in output


def test_fixture_is_described(tmp_path: Path) -> None:
    """pytest --fixtures lists it, with what it is."""
    status, output = run(tmp_path, "", "", "--fixtures")
    assert status in (0, 5), output
    assert "callback_client -- " in output
    assert "A client that gets the pages of the application" in output


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
