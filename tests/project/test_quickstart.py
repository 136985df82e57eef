"""The quickstart: its application does what the page says, without a browser."""

from __future__ import annotations

import re
import sys
import typing as t
from pathlib import Path

import pytest
from flask import Flask

from flask_clientcallback.testing import CallbackClient

from ..helpers.documentation import blocks
from ..helpers.documentation import code_with
from ..helpers.documentation import import_app
from ..helpers.documentation import load_app
from ..helpers.documentation import load_whole_app
from ..helpers.documentation import write_files

PAGE = "docs/quickstart.rst"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """The application, as the page shows it first."""
    return load_app(PAGE, tmp_path)


@pytest.fixture
def whole_app(tmp_path: Path) -> Flask:
    """The application, with all that the page adds later."""
    return load_whole_app(PAGE, tmp_path)


def test_every_block_is_used() -> None:
    """Each block of the page is one that a test reads."""
    assert [block.caption or block.language for block in blocks(PAGE)] == [
        "text",
        "app.py",
        "templates/greeting.html",
        "text",
        "html+jinja",
        "static/greeting.js",
        "templates/greeting.html, add",
        "app.py, add",
        "templates/drinks.html",
        "text",
    ]


def test_greeting(app: Flask) -> None:
    """The method takes the name from the form, and counts."""
    page = CallbackClient(app).get_page("/")
    assert page.call.greet().result == "Hello World! (1 greeted)"
    page.form["who"] = " Ada "
    answer = page.call.greet()
    assert answer.result == "Hello Ada! (2 greeted)"
    assert "render" not in answer.stages
    assert page.call.greet("Grace").result == "Hello Grace! (3 greeted)"
    again = CallbackClient(app).get_page("/")
    assert again.call.greet().result == "Hello World! (1 greeted)"


def test_greeting_without_scripts(app: Flask) -> None:
    """A posted form greets, and counts on; an error stands in the page."""
    page = CallbackClient(app).get_page("/").submit("Greet")
    assert "Hello World! (1 greeted)" in page.text
    page.form["who"] = ""
    page = page.submit("Greet")
    assert (page.status, page.form["who"]) == (422, "")
    assert "Enter a name." in page.text
    assert "Nobody was greeted." in page.text
    page.form["who"] = "Ada"
    assert "Hello Ada! (2 greeted)" in page.submit("Greet").text


EMPTY = {
    "kind": "invalid",
    "message": "Nobody was greeted.",
    "fields": {"who": ["Enter a name."]},
}
UNWELCOME = {"kind": "server", "message": "Mallory is not welcome here."}


@pytest.mark.parametrize(
    ("who", "status", "error"),
    [(" ", 422, EMPTY), ("Mallory", 400, UNWELCOME)],
    ids=["empty", "unwelcome"],
)
def test_errors(app: Flask, who: str, status: int, error: dict[str, t.Any]) -> None:
    """An error has its message, and the fields that it names."""
    page = CallbackClient(app).get_page("/")
    page.form["who"] = who
    answer = page.call.greet()
    assert (answer.status, answer.error) == (status, error)


def test_hint(tmp_path: Path) -> None:
    """With the hint of a number, text is refused before the method runs."""
    write_files(PAGE, tmp_path)
    file = tmp_path / "app.py"
    code = file.read_text(encoding="utf-8")
    assert code.count("FromForm[str]") == 1
    file.write_text(code.replace("FromForm[str]", "FromForm[int]"), encoding="utf-8")
    error = CallbackClient(import_app(tmp_path)).get_page("/").call.greet().error
    assert error is not None
    assert error["fields"] == {"who": ["Not a valid integer value."]}


def test_other_fields(tmp_path: Path) -> None:
    """A textarea, a select and a checkbox keep what was sent, after an error too."""
    write_files(PAGE, tmp_path)
    file = tmp_path / "templates/greeting.html"
    fields = code_with(PAGE, "<select")
    markup = file.read_text(encoding="utf-8")
    assert markup.count("{{ callback_fields() }}") == 1
    given = markup.replace(
        "{{ callback_fields() }}", "{{ callback_fields() }}" + fields
    )
    file.write_text(given, encoding="utf-8")
    page = CallbackClient(import_app(tmp_path)).get_page("/")
    shown = {"who": "World", "note": "", "unit": "km"}
    assert page.form.to_dict() == shown

    for who in ("Ada", ""):
        shown = {
            "who": who,
            "note": "<i>",
            "unit": "m",
            "gift": "on",
            "size": "small",
        }

        for name, value in shown.items():
            page.form[name] = value

        page = page.submit("Greet")
        assert page.form.to_dict() == shown


def test_id_of_an_exception(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Any other exception is told with an id, which the log has; what the method did to
    the view state is undone.
    """
    page = CallbackClient(app).get_page("/")
    view: t.Any = sys.modules["app"]
    greet = view.Greeting.greet

    def fail(self: object, who: str) -> str:
        assert "(1 greeted)" in greet(self, who)
        raise KeyError("a mistake")

    with monkeypatch.context() as changed:
        changed.setattr(view.Greeting, "greet", fail)
        error = page.call.greet().error

    assert error is not None
    assert error["message"] == "The server could not complete the call."
    assert error["id"] in caplog.text
    assert "KeyError: 'a mistake'" in caplog.text
    assert page.call.greet().result == "Hello World! (1 greeted)"


def test_counters(whole_app: Flask) -> None:
    """Each of the two controls has a count of its own, in both ways."""
    page = CallbackClient(whole_app).get_page("/drinks")
    assert page.target("tea").add().result == 1
    assert page.target("tea").add().result == 2
    assert page.target("coffee").add().result == 1
    page = page.submit("More coffee")
    assert re.findall(r'<output id="(\w+)">(\d*)<', page.text) == [
        ("tea", "2"),
        ("coffee", "2"),
    ]


def test_factory(app: Flask) -> None:
    """The line for a factory stands in the page, and the extension has it."""
    made = Flask("made", template_folder=app.template_folder)
    made.root_path = app.root_path
    made.secret_key = "x"
    sys.modules["app"].ClientCallback().init_app(made)
    view: t.Any = sys.modules["app"]
    made.add_url_rule("/", view_func=view.Greeting.as_view("greeting"))
    page = CallbackClient(made).get_page("/")
    assert page.call.greet().result == "Hello World! (1 greeted)"


def test_debug_mode(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """Debug mode adds the second script, and the log says what the page shows."""
    client = CallbackClient(app)
    assert "clientcallback.debug.js" not in client.get_page("/").text
    app.debug = True
    assert "clientcallback.debug.js" in client.get_page("/").text
    app.debug = False

    with client.session_transaction() as session:
        session["user"] = "Ada"

    page = client.get_page("/")

    with client.session_transaction() as session:
        session.clear()

    page.call.greet()
    assert blocks(PAGE)[-1].code.strip() in caplog.messages
