"""The tutorial: what a reader has after each step does what the page says."""

from __future__ import annotations

import html
import re
import subprocess
import sys
import types
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest

from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.documentation import read
from ..helpers.documentation import run_shown_tests
from ..helpers.tutorial import import_application
from ..helpers.tutorial import meaning
from ..helpers.tutorial import NAME
from ..helpers.tutorial import shown
from ..helpers.tutorial import write_block
from ..helpers.tutorial import write_steps

BOOKS = ("Dune", "Emma", "Ulysses")


class Reader:
    """Somebody who has come to the end of a step."""

    def __init__(self, module: types.ModuleType) -> None:
        self.app = module.app
        self.shelf: t.Any = sys.modules["shelf"]
        self.client = CallbackClient(module.app)
        self.shelf.add(*BOOKS)

    def open(self) -> ClientPage:
        """Load the page."""
        page = self.client.get_page("/")
        assert page.status == 200
        return page


@pytest.fixture
def after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Callable[[int], Reader]:
    """What gives a reader who has come to the end of a step."""

    def after(step: int) -> Reader:
        write_steps(tmp_path, step)
        module = import_application(tmp_path, monkeypatch)

        if hasattr(module, "time"):
            nothing = SimpleNamespace(sleep=lambda _: None)
            monkeypatch.setattr(module, "time", nothing)

        return Reader(module)

    return after


After = t.Callable[[int], Reader]


def titles(page: str) -> list[str]:
    """List the books in the page, or in a part of it."""
    cells = re.findall(r"<(?:li|tr)>\s*(?:<td>)?([^<]+)</(?:li|td)>", page)
    return [html.unescape(cell) for cell in cells]


def test_each_block_has_a_place() -> None:
    """What is not a part of the application is a command, a call or a message."""
    others = [block for block in shown() if block.place is None]
    assert {block.language for block in others} == {"text", "javascript"}
    assert {block.step for block in others if block.language != "text"} == {10}


WHOLE = {
    3: ["app.py"],
    7: ["app.py"],
    9: ["app.py", "templates/shelf.html", "templates/books.html"],
}
"""The files that are shown as a whole at the end of a step."""


@pytest.mark.parametrize("step", WHOLE)
def test_whole_files(step: int, tmp_path: Path) -> None:
    """The files at the end of each third step are those that the reader has by then."""
    blocks = [b for b in shown() if b.step <= step and b.place is not None]
    count = len(WHOLE[step])

    for block in blocks[:-count]:
        write_block(block, tmp_path)

    for name, whole in zip(WHOLE[step], blocks[-count:], strict=True):
        assert whole.before == f"``{name}``:"
        written = (tmp_path / name).read_text(encoding="utf-8")

        if not name.endswith(".py"):
            assert lines_of(written) == lines_of(whole.code)
            continue

        imported, rest = meaning(written)
        needed, expected = meaning(whole.code)
        unused = {"from flask import request"} if step == 3 else set()
        assert rest == expected
        assert imported - needed == unused
        assert needed <= imported


def lines_of(markup: str) -> list[str]:
    """List the lines of a template; how far they are indented does not count."""
    return [line.strip() for line in markup.splitlines()]


def test_files_in_parts() -> None:
    """Each file that is changed in parts is shown as a whole in the end."""
    places = [block.place for block in shown() if block.place is not None]
    assert {place["file"] for place in places if len(given(place)) > 1} == {*WHOLE[9]}


def given(place: dict[str, str]) -> list[str]:
    """List what a place tells: its file, and where in it if the block is a part."""
    return [name for name, text in place.items() if text is not None]


def test_step_1(after: After) -> None:
    """A form of plain HTML adds a book."""
    reader = after(1)
    page = reader.open()
    page.forms[0]["title"] = "Walden"
    page = page.submit("Add", follow_redirects=True)
    assert titles(page.text) == [*BOOKS, "Walden"]


def test_step_2(after: After) -> None:
    """A call suggests a book that is here, and the form of step 1 still works."""
    reader = after(2)
    page = reader.open()
    assert page.call.suggest().result in {f"How about {book}?" for book in BOOKS}
    page.forms[1]["title"] = "Walden"
    assert len(titles(page.submit("Add", follow_redirects=True).text)) == 4
    reader.shelf.PATH = reader.shelf.PATH.with_name("empty.sqlite")
    assert page.call.suggest().result == "No book is here."


def test_step_3(after: After) -> None:
    """Titles are checked, and what is wrong stands beside the field."""
    page = after(3).open()
    add = page.target("__Page", form=page.forms[1]).add
    page.forms[1]["title"] = " x "
    error = add().error
    assert error is not None
    assert error["fields"] == {"title": ["Field must be at least 2 characters long."]}
    page.forms[1]["title"] = " dune "
    assert add().error == {
        "kind": "invalid",
        "message": "The book was not added.",
        "fields": {"title": ["This book is here already."]},
    }
    page.forms[1]["title"] = "Walden"
    assert add().redirect == "/"


def test_step_4(after: After) -> None:
    """All of it works without scripts."""
    page = after(4).open()
    page.forms[1]["title"] = "Dune"
    page = page.submit("Add")
    assert page.status == 422
    assert "This book is here already." in page.text
    assert "The book was not added." in page.text
    assert page.forms[1]["title"] == "Dune"
    page.forms[1]["title"] = "Walden"
    page = page.submit("Add", follow_redirects=True)
    assert titles(page.text) == [*BOOKS, "Walden"]
    page.forms[1]["title"] = "Pnin"
    page = page.submit("Suggest a book")
    assert page.forms[1]["title"] == ""
    assert re.search(r">How about (Dune|Emma|Ulysses|Walden)\?</output>", page.text)


def test_step_5(after: After) -> None:
    """Rows have buttons that lend a book and take it back."""
    page = after(5).open()
    assert titles(page.text) == [*BOOKS]
    error = page.target("__Page", form="list").lend(1).error
    assert error is not None
    assert list(error["fields"]) == ["reader"]
    page.forms["list"]["reader"] = "Ada"
    shown = page.target("__Page", form="list").lend(1).result
    assert "<td>Ada</td>" in shown
    assert shown.count("Borrow") == 2
    page.forms["list"]["reader"] = "Grace"
    error = page.target("__Page", form="list").lend(1).error
    assert error is not None
    assert error["message"] == "The book is gone. Load the page anew."
    page = page.submit("__Page.lend[2]", form="list")
    assert "<td>Grace</td>" in page.text
    page = page.submit("__Page.take_back[1]", form="list")
    assert "Ada" not in page.text
    assert re.search(r'<output id="suggestion">\s*</output>', page.text)


def test_step_6(after: After) -> None:
    """The page remembers how its list is sorted; another page does not."""
    reader = after(6)
    page = reader.open()
    call = page.target("__Page", form="list")
    call.lend(1, "Ada")
    assert titles(call.sort("reader").result) == ["Emma", "Ulysses", "Dune"]
    assert titles(call.take_back(5).result) == ["Emma", "Ulysses", "Dune"]
    assert titles(reader.open().text) == [*BOOKS]
    page.forms["list"]["reader"] = "Zoe"
    page = page.submit("__Page.lend[2]", form="list")
    assert titles(page.text) == ["Ulysses", "Dune", "Emma"]
    page = page.submit("Suggest a book")
    assert titles(page.text) == ["Ulysses", "Dune", "Emma"]
    assert titles(page.submit("Title").text) == [*BOOKS]
    error = call.sort("size").error
    assert error is not None
    assert error["fields"] == {"order": ["Not a valid choice."]}


def test_step_7(after: After) -> None:
    """The list follows the search, and keeps to it when a book is lent."""
    page = after(7).open()
    page.forms["list"]["text"] = "u"
    page.forms["list"]["reader"] = "Ada"
    call = page.target("__Page", form="list")
    assert titles(call.search().result) == ["Dune", "Ulysses"]
    assert titles(call.lend(1).result) == ["Dune", "Ulysses"]
    page = page.submit("__Page.lend[3]", form="list")
    assert titles(page.text) == ["Dune", "Ulysses"]
    page.forms["list"]["text"] = "em"
    page = page.submit(form="list")
    assert titles(page.text) == ["Emma"]
    # A button of another form ends the search only where the page is loaded anew.
    page.call.suggest()
    assert titles(page.target(form="list").search().result) == ["Emma"]
    page = page.submit("Suggest a book")
    assert titles(page.text) == [*BOOKS]
    assert page.forms["list"]["text"] == ""


def test_step_8(after: After) -> None:
    """A script asks how many books are here."""
    page = after(8).open()
    page.call.lend(1, "Ada")
    assert page.call.count().result == {"here": 2, "all": 3}
    assert page.text.index("clientcallback.js") < page.text.index("/static/shelf.js")


def test_step_9(after: After) -> None:
    """An import tells its progress, and adds all titles at its end."""
    reader = after(9)
    page = reader.open()
    page.forms["import"]["titles"] = "Walden\n\n  Emma \r\nPnin\n"
    answer = page.target("__Page", form="import").import_titles()
    assert answer.parts == [0, 1 / 3, 2 / 3, 1]
    assert answer.redirect == "/"
    assert titles(reader.open().text) == ["Dune", "Emma", "Pnin", "Ulysses", "Walden"]
    page.forms["import"]["titles"] = " \n"
    error = page.target("__Page", form="import").import_titles().error
    assert error is not None
    assert error["fields"] == {"titles": ["Write a title on each line."]}
    page.forms["import"]["titles"] = "Lolita"
    page = page.submit("Import", follow_redirects=True)
    assert len(titles(page.text)) == 6
    assert page.call.cancel().result == "You cancelled the import."


def test_step_10(after: After, caplog: pytest.LogCaptureFixture) -> None:
    """The log says what the page shows of it."""
    reader = after(10)
    reader.app.debug = True
    page = reader.open()
    assert 'await ClientCallback.page.sort("size")' in read(NAME)
    page.call.sort("size")
    messages = [block.code for block in shown() if block.step == 10]
    assert f"{caplog.messages[-1]}\n" in messages


def test_step_10_commands(tmp_path: Path) -> None:
    """The application lists what its page can call."""
    write_steps(tmp_path, 10)
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "callbacks"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "page.lend(book: int, reader: str length 2..80 from form)" in done.stdout


def test_step_11(tmp_path: Path) -> None:
    """The tests that the page shows pass, as many as it says."""
    write_steps(tmp_path, 11)
    written = run_shown_tests(tmp_path)
    [told] = re.findall(r"\*\*Now you see\*\* \"(\d+ passed)\"", read(NAME))
    assert told in written


def test_each_step_says_what_to_see() -> None:
    """Each step ends with what to see now; the last one leads on."""
    _, *steps = re.split(r"^\d+\. .+\n-+\n", read(NAME), flags=re.MULTILINE)
    assert [step.count("**Now you see**") for step in steps] == [1] * 11 + [0]
