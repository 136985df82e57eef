"""The documentation: its applications run, and it names all that there is."""

from __future__ import annotations

import importlib.resources
import inspect
import re
import sys
import types
import typing as t
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from blinker import NamedSignal
from flask import Flask

import flask_clientcallback
from flask_clientcallback import signals
from flask_clientcallback.config import DEFAULTS
from flask_clientcallback.testing import CallbackClient

from ..helpers.documentation import blocks
from ..helpers.documentation import code_with
from ..helpers.documentation import examples_of_readme
from ..helpers.documentation import read
from ..helpers.documentation import run_module
from ..helpers.documentation import write_texts

SIGNALS = [name for name, held in vars(signals).items() if type(held) is NamedSignal]
STAGES = [name[5:] for name in SIGNALS if name.startswith("page_")]


Load = t.Callable[..., Flask]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Write an application and its template to files, and import it."""
    # Taken away again after the test.
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))

    def load_app(code: str, template: str = "", markup: str = "") -> Flask:
        if template:
            write_texts({template: markup}, tmp_path)

        app = run_module("app", code, tmp_path).app
        assert isinstance(app, Flask)
        return app

    return load_app


def test_blocks_are_found() -> None:
    """The blocks that the tests go by are really found."""
    assert [block.language for block in examples_of_readme()] == ["python", "html"] * 2
    captions = [block.caption for block in blocks("docs/handlers.rst")]
    assert captions.count("app.py") == 2
    assert captions.count("templates/greeting.html") == 2
    assert captions.count("templates/clocks.html") == 1


def test_readme(load: Load) -> None:
    """The README's example tells a price, and orders in both ways."""
    code, markup = (block.code for block in examples_of_readme()[:2])
    page = CallbackClient(load(code, "stocks.html", markup)).get_page("/")
    assert page.call.price("ACME", 3).result == 37.5
    assert page.call.order().result == "Ordered 1 ACME for 12.5."
    page.form["quantity"] = "x"
    error = page.call.order().error
    assert error is not None
    wrong = error["fields"]
    assert wrong == {"quantity": ["Not a valid integer value."]}
    page = page.submit("Order")
    assert page.status == 422
    assert "Not a valid integer value." in page.text
    page.form["symbol"], page.form["quantity"] = "X", "2"
    page = page.submit("Order")
    assert "There is no such share." in page.text
    page.form["symbol"] = "ACME"
    assert "Ordered 2 ACME for 25.0." in page.submit("Order").text


def test_readme_with_fields(load: Load) -> None:
    """The error with fields that the README names stands beside its field."""
    code, markup = (block.code for block in examples_of_readme()[:2])
    [told] = re.findall(r"``(CallbackError\(.+?\))``", read("README.rst"), re.DOTALL)
    replaced = 'CallbackError("There is no such share.")'
    assert code.count(replaced) == 1
    app = load(code.replace(replaced, told), "stocks.html", markup)
    page = CallbackClient(app).get_page("/")
    page.form["symbol"] = "X"
    error = page.call.order().error
    assert error == {
        "kind": "invalid",
        "message": "Not ordered.",
        "fields": {"symbol": ["There is no such share."]},
    }


def test_readme_for_those_from_asp_net(load: Load) -> None:
    """The README's example with ASP.NET's names greets."""
    code, markup = (block.code for block in examples_of_readme()[2:])
    page = CallbackClient(load(code, "greeting.html", markup)).get_page("/")
    assert page.status == 200
    assert page.form["who"] == "World"
    assert (
        "onclick=\"WebForm_DoCallback('__Page',this.form.who.value,show,"
        'this.form.answer,null,false)"'
    ) in page.text
    assert page.callback("Ada").result == "Hello Ada!"


def load_greeting(load: Load, template: int = 0) -> CallbackClient:
    """Load the first application of the page on handlers with one of its templates."""
    name = "templates/greeting.html"
    code = blocks("docs/handlers.rst", "app.py")[0].code
    markup = blocks("docs/handlers.rst", name)[template].code
    return CallbackClient(load(code, name, markup))


@pytest.mark.parametrize("template", [0, 1])
def test_handler(load: Load, template: int) -> None:
    """The handler's application greets, counts and refuses an empty name."""
    page = load_greeting(load, template).get_page("/")
    assert page.status == 200
    page.form["salutation"] = "Good evening"
    answer = page.callback(" Ada ")
    assert answer.result == {"text": "Good evening Ada!", "greeted": 1}
    assert page.callback("Grace").result["greeted"] == 2
    assert page.callback("").error == {
        "kind": "server",
        "message": "Whom shall I greet?",
    }


def test_reference_of_a_handler(load: Load) -> None:
    """The call that the page on handlers shows is the one that its page has."""
    shown = code_with("docs/handlers.rst", "form.who.value,showGreeting")
    assert shown.strip() in load_greeting(load).get_page("/").text


def test_controls_of_a_handler(load: Load) -> None:
    """The page with a control calls it."""
    name = "templates/clocks.html"
    [markup] = blocks("docs/handlers.rst", name)
    code = blocks("docs/handlers.rst", "app.py")[1].code
    page = CallbackClient(load(code, name, markup.code)).get_page("/")
    assert "WebForm_DoCallback('clock',`Lisbon`,show,null,null,false)" in page.text
    assert page.callback("Lisbon", target="clock").result == "It is noon in Lisbon."
    assert page.callback("Lisbon").result == "This is the page."


RunTests = t.Callable[[str, str], None]


@pytest.fixture
def run_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunTests:
    """Run the tests that a page of the documentation shows for an application."""

    def run(page: str, caption: str) -> None:
        [block] = blocks(page, caption)
        name = caption.removesuffix(".py")
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
        module = run_module(name, block.code, tmp_path)
        tests = [held for key, held in vars(module).items() if key.startswith("test_")]
        assert len(tests) == block.code.count("def test_") > 0

        for test in tests:
            test()

    return run


def test_tests(load: Load, run_tests: RunTests) -> None:
    """The tests that the documentation shows for the quickstart's page pass."""
    [code] = blocks("docs/quickstart.rst", "app.py")
    [markup] = blocks("docs/quickstart.rst", "templates/greeting.html")
    load(code.code, "templates/greeting.html", markup.code)
    run_tests("docs/testing.rst", "test_app.py")


def test_tests_of_a_handler(load: Load, run_tests: RunTests) -> None:
    """So do those for a page with one handler."""
    load_greeting(load)
    run_tests("docs/testing.rst", "test_handler.py")


def test_fields(load: Load) -> None:
    """The handler's error with fields, in place of the one without, names them."""
    error = code_with("docs/handlers.rst", "Enter a name.").strip()
    replaced = 'raise CallbackError("Whom shall I greet?")'
    code = blocks("docs/handlers.rst", "app.py")[0].code
    assert code.count(replaced) == 1
    name = "templates/greeting.html"
    markup = blocks("docs/handlers.rst", name)[0].code
    app = load(code.replace(replaced, error), name, markup)
    answer = CallbackClient(app).get_page("/").callback("")
    assert (answer.status, answer.error) == (
        422,
        {
            "kind": "invalid",
            "message": "Check the form.",
            "fields": {"who": ["Enter a name."]},
        },
    )


def test_buttons(load: Load, run_tests: RunTests) -> None:
    """The shop that the documentation tests passes its tests."""
    [code] = blocks("docs/testing.rst", "app.py")
    [markup] = blocks("docs/testing.rst", "templates/shop.html")
    load(code.code, "templates/shop.html", markup.code)
    run_tests("docs/testing.rst", "test_shop.py")


def test_search(load: Load, run_tests: RunTests) -> None:
    """The search while typing passes the tests that are shown for it."""
    name = "templates/search.html"
    [code] = blocks("docs/javascript.rst", "app.py")
    [markup] = blocks("docs/javascript.rst", name)
    load(code.code, name, markup.code)
    run_tests("docs/javascript.rst", "test_search.py")


def test_hook_that_answers(load: Load) -> None:
    """The hook that the documentation shows sends visitors to the login."""
    [block] = blocks("docs/lifecycle.rst", "app.py")
    client = CallbackClient(load(block.code))
    assert client.get("/").location == "/login"

    with client.session_transaction() as session:
        session["user"] = "Ada"

    page = client.get_page("/")
    assert page.callback().result == "Balance of Ada: 100"

    with client.session_transaction() as session:
        del session["user"]

    assert page.callback().redirect == "/login"


def test_user_key(load: Load) -> None:
    """The application that tells users apart in its own way is complete."""
    [block] = blocks("docs/configuration.rst", "app.py")
    app = load(block.code)
    user_key = app.extensions["clientcallback"].user_key

    with app.test_request_context(headers={"X-Forwarded-User": "Ada"}):
        assert user_key() == "Ada"


def first_column(text: str) -> list[str]:
    """List the names that the rows of a table begin with."""
    return re.findall(r"^``(\w+)``(?: {2,}|$)", text, re.MULTILINE)


def test_settings_are_documented() -> None:
    """Every key is documented, with its default."""
    found = re.findall(
        r"^``(CLIENTCALLBACK_\w+)``\n-+\n(?:.*\n)*?Default: ``(.+?)``",
        read("docs/configuration.rst"),
        re.MULTILINE,
    )
    defaults = {key: eval(text, {"timedelta": timedelta}) for key, text in found}
    assert defaults == DEFAULTS


def documented(kind: str) -> list[str]:
    """List what the reference of the interface documents with a directive."""
    pattern = rf"^\.\. (?:{kind}):: ([\w.]+)"
    return re.findall(pattern, read("docs/api.rst"), re.MULTILINE)


def test_public_names_are_documented() -> None:
    """Every public name is documented."""
    names = documented(r"auto(?:class|exception|function)|data")
    assert set(flask_clientcallback.__all__) <= set(names)


def test_signals_are_documented() -> None:
    """Every signal is documented, in order."""
    assert documented("autodata") == SIGNALS
    assert len(STAGES) == len(SIGNALS) - 2 > 0


def test_kinds_are_documented() -> None:
    """Every kind of error is documented, and no other."""
    declarations = importlib.resources.files("flask_clientcallback").joinpath(
        "static", "clientcallback.d.ts"
    )
    union = re.search(
        r"^export type CallbackErrorKind =\n((?: +\| .+\n)+)",
        declarations.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert union is not None
    kinds = re.findall(r'"(\w+)"', union.group(1))
    [table] = re.findall(
        r"^kind .*?(?=^`[^`]+ <\S*#raised>`__)",
        read("docs/javascript.rst"),
        re.MULTILINE | re.DOTALL,
    )
    assert sorted(first_column(table)) == sorted(kinds)


def test_picture_names_the_stages() -> None:
    """The picture of the life cycle shows every stage."""
    picture = ElementTree.fromstring(read("docs/_static/lifecycle.svg"))
    texts = picture.iter("{http://www.w3.org/2000/svg}text")
    words = {word for text in texts for word in "".join(text.itertext()).split()}
    assert set(STAGES) <= words


@pytest.mark.parametrize("lane", [1, 2, 3])
def test_table_of_stages(load: Load, lane: int) -> None:
    """The table of the life cycle tells the stages that run, in order."""
    rows = [
        line.split()
        for line in read("docs/lifecycle.rst").splitlines()
        if re.match(r"``\w+``  +(yes|\\)", line)
    ]
    assert [row[0].strip("`") for row in rows] == STAGES
    page = load_greeting(load).get_page("/")
    stages = page.stages

    if lane == 2:
        stages = page.post_back().stages
    elif lane == 3:
        stages = page.callback("Ada").stages

    assert stages == [row[0].strip("`") for row in rows if row[lane] == "yes"]


def test_page_from_aspnet(load: Load, run_tests: RunTests) -> None:
    """The page that is ported from ASP.NET passes the tests that are shown for it."""
    name = "templates/stock.html"
    [code] = blocks("docs/aspnet.rst", "app.py")
    [markup] = blocks("docs/aspnet.rst", name)
    page = CallbackClient(load(code.code, name, markup.code)).get_page("/")
    reference = (
        "WebForm_DoCallback('__Page',document.getElementById('Product').value,"
        'showStock,"",showError,false)'
    )
    assert f"function lookUp() {{ {reference} }}" in page.text
    run_tests("docs/aspnet.rst", "test_stock.py")


def test_page_without_inline_scripts(load: Load) -> None:
    """The handler's page of data attributes calls its control."""
    caption = "templates/clocks.html, without inline scripts"
    [markup] = blocks("docs/handlers.rst", caption)
    code = blocks("docs/handlers.rst", "app.py")[1].code
    app = load(code, "templates/clocks.html", markup.code)
    page = CallbackClient(app).get_page("/")
    [script] = blocks("docs/handlers.rst", "static/clocks.js")
    [name] = re.findall('data-callback-on-result="(.+?)"', page.text)
    assert f'ClientCallback.register("{name}"' in script.code
    assert "<script>" not in page.text
    assert page.callback("Oslo", target="clock").result == "It is noon in Oslo."


def test_background_jobs(load: Load, run_tests: RunTests) -> None:
    """The page of the documentation with a job passes the tests that are shown."""
    name = "templates/reports.html"
    [code] = blocks("docs/background_jobs.rst", "app.py")
    [markup] = blocks("docs/background_jobs.rst", name)
    load(code.code, name, markup.code)
    run_tests("docs/background_jobs.rst", "test_reports.py")


NAMED_TEST = r"``((?:\w+/)?test_\w+\.py)`` ``(test_\w+)``"


@pytest.mark.parametrize(
    ("page", "count"), [("docs/aspnet.rst", 60), ("docs/threats.rst", 80)]
)
def test_tests_that_are_named(page: str, count: int) -> None:
    """Each row of ASP.NET's members, and of the threats, names tests that exist."""
    tables = re.findall(
        r"^\.\. list-table:: \w.*\n((?:(?: .*)?\n)+)", read(page), re.MULTILINE
    )
    rows = [row for table in tables for row in table.split("    * - ")[2:]]
    assert len(rows) >= count

    for row in rows:
        cell = row.rpartition("      - ")[2].strip()
        assert re.fullmatch(rf"{NAMED_TEST}(?:,\s+{NAMED_TEST})*", cell), row

        for file, name in re.findall(NAMED_TEST, cell):
            source = read(f"tests/{file}")
            assert re.search(rf"^(?:async )?def {name}\(", source, re.MULTILINE), row


def test_members_of_the_client_script_manager() -> None:
    """Each of its methods stands beside that of ASP.NET."""
    members = {
        name
        for name, held in inspect.getmembers(flask_clientcallback.ClientScriptManager)
        if inspect.isfunction(held) and not name.startswith("_")
    }
    named = set(
        re.findall(r"ClientScriptManager\.(\w+)\(\)``", read("docs/aspnet.rst"))
    )
    assert named == members - {"get_callback_attributes"}
