"""The cookbook: each recipe passes the test that it shows, and the index has it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import render_template_string
from flask.views import MethodView
from flask_login import login_required

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback.testing import CallbackClient

from ..helpers.cookbook import COOKBOOK
from ..helpers.cookbook import load_recipe
from ..helpers.cookbook import page_of
from ..helpers.cookbook import RECIPES
from ..helpers.documentation import files_of
from ..helpers.documentation import read
from ..helpers.documentation import run_shown_tests
from ..helpers.documentation import write_files

EACH = pytest.mark.parametrize("name", RECIPES)


@EACH
def test_recipe(name: str, tmp_path: Path) -> None:
    """The application of a recipe passes the test that its page shows."""
    files = files_of(page_of(name))
    assert {"app.py", "test_app.py"} <= set(files)

    write_files(page_of(name), tmp_path)
    run_shown_tests(tmp_path)


def test_index() -> None:
    """The index of the cookbook has each recipe once, with its title."""
    links = re.findall(r"`([^`]+)\s<(\w+)\.rst>`__", read(page_of("index")))
    listed = {name: " ".join(title.split()) for title, name in links}
    assert len(listed) == len(links)
    assert listed == {name: read(page_of(name)).partition("\n")[0] for name in RECIPES}


@EACH
def test_picture(name: str) -> None:
    """The picture that a recipe names is there, is small, and is described."""
    named = re.findall(
        r"^\.\. image:: (\S+)\n {4}:alt: \S", read(page_of(name)), re.MULTILINE
    )
    assert len(named) == read(page_of(name)).count(".. image::")

    for path in named:
        assert path == f"../_static/cookbook/{name}.png"
        assert (COOKBOOK / path).stat().st_size <= 30 * 1024


def test_guard_of_one_method(tmp_path: Path) -> None:
    """The login of the recipe guards a single method of a public page too."""
    app = load_recipe("login_and_expiry", tmp_path)

    @callback_handler
    class Public(MethodView):
        def get(self) -> str:
            return render_template_string("{{ callback_scripts() }}")

        @login_required
        @callback_method
        def save(self) -> str:
            return "Saved."

    app.add_url_rule("/public", view_func=Public.as_view("public"))
    error = CallbackClient(app).get_page("/public").call.save().error
    assert error is not None
    assert error["kind"] == "auth"


def test_language_that_begins() -> None:
    """The command for a new language empties none that the recipe has."""
    page = read(page_of("translations"))
    [language] = re.findall(r"pybabel init .* -l (\w+)", page)
    assert f"translations/{language}/" not in page
