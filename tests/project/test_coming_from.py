"""The page for those who come from somewhere else: its own application passes the test
that it shows, the one with htmx runs, and the code of the others is at least code.
"""

from __future__ import annotations

import ast
from pathlib import Path

from flask import Flask
from jinja2 import DictLoader
from jinja2 import Environment

from ..helpers.documentation import blocks
from ..helpers.documentation import files_of
from ..helpers.documentation import run_module
from ..helpers.documentation import run_shown_tests
from ..helpers.documentation import write_files

PAGE = "docs/coming_from.rst"


def test_application(tmp_path: Path) -> None:
    """The application passes the test that the page shows."""
    assert list(files_of(PAGE)) == ["app.py", "templates/pens.html", "test_app.py"]
    write_files(PAGE, tmp_path)
    assert "3 passed" in run_shown_tests(tmp_path)


def test_htmx(tmp_path: Path) -> None:
    """The application with htmx answers with its form, and says what is wrong."""
    [code] = blocks(PAGE, "app.py, with htmx")
    [markup] = blocks(PAGE, "templates/pens.html, with htmx")
    [form] = blocks(PAGE, "templates/form.html, with htmx")
    app: Flask = run_module("app_with_htmx", code.code, tmp_path).app
    templates = {"pens.html": markup.code, "form.html": form.code}
    app.jinja_loader = DictLoader(templates)
    client = app.test_client()
    assert '<form hx-post="/price"' in client.get("/").text
    told = client.post("/price", data={"quantity": "3"})
    assert "<output>That costs 6 euros.</output>" in told.text
    told = client.post("/price", data={"quantity": "101"})
    assert (told.status_code, "Choose 1 to 100." in told.text) == (422, True)


def test_code_of_others() -> None:
    """The code of what runs on no current Flask, or without one, is at least code."""
    [dash] = blocks(PAGE, "app.py, with Dash")
    [sijax] = blocks(PAGE, "app.py, with Sijax")
    [markup] = blocks(PAGE, "templates/pens.html, with Sijax")
    ast.parse(dash.code)
    ast.parse(sijax.code)
    Environment().parse(markup.code)
