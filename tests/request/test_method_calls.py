"""Calls of methods as requests: files among the arguments, and what is refused."""

from __future__ import annotations

import gc
import io
import json
import time
import typing as t

import pytest
from flask import Flask
from flask import jsonify
from flask import request
from werkzeug.datastructures import FileStorage

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import current_page
from flask_clientcallback.testing import ClientPage

from ..helpers.forms import encode
from ..helpers.forms import MULTIPART
from ..helpers.methods import errors_of
from ..helpers.methods import open_page
from ..helpers.methods import send
from ..helpers.pages import Page

INVALID = ["Invalid input."]


def told(*files: FileStorage) -> list[str]:
    """Tell of files what they are."""
    return [f"{file.filename} {file.read().decode()}" for file in files]


@callback_handler
class Uploads(Page):
    """Takes files as arguments."""

    @callback_method
    def upload(self, file: FileStorage, title: str = "") -> t.Any:
        return [*told(file), title]

    @callback_method
    def untyped(self, file, title=""):  # type: ignore[no-untyped-def]
        return [*told(file), title]

    @callback_method
    def several(self, title: str, *, files: list[FileStorage]) -> t.Any:
        return [title, *told(*files)]

    @callback_method
    def perhaps(self, file: FileStorage | None = None) -> t.Any:
        return [] if file is None else told(file)

    @callback_method
    def rest(self, file: FileStorage) -> t.Any:
        page, asked = current_page, request
        return [[*asked.files], [*page.files], [*asked.form], [*page.form]]

    @callback_method
    def length(self, file: FileStorage) -> int:
        return len(file.read())

    @callback_method
    def text(self, title: str) -> str:
        return title

    @callback_method
    def echo(self, given):  # type: ignore[no-untyped-def]
        return type(given).__name__

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


@pytest.fixture
def page(app: Flask) -> ClientPage:
    """The page of them."""
    return open_page(app, Uploads)


def file(name: str = "a.txt", content: bytes = b"content") -> tuple[t.Any, ...]:
    """Give a file as a client sends it."""
    return io.BytesIO(content), name


@pytest.mark.parametrize(
    ("name", "arguments", "files", "result"),
    [
        ("upload", [], {"_0": file()}, ["a.txt content", ""]),
        ("upload", {"1": "cap"}, {"_0": file()}, ["a.txt content", "cap"]),
        ("upload", {"title": "cap"}, {"_file": file()}, ["a.txt content", "cap"]),
        ("untyped", {"1": "cap"}, {"_0": file()}, ["a.txt content", "cap"]),
        ("several", ["x"], {"_files": file()}, ["x", "a.txt content"]),
        (
            "several",
            ["x"],
            {"_files": [file(), file("b.txt")]},
            ["x", "a.txt content", "b.txt content"],
        ),
        ("perhaps", [], {"_0": file()}, ["a.txt content"]),
        ("perhaps", [], {}, []),
        ("perhaps", [None], {}, []),
        ("rest", [], {"_0": file()}, [[], [], ["name"], ["name"]]),
        (
            "rest",
            [],
            {"_0": file(), "own": file()},
            [["own"], ["own"], ["name"], ["name"]],
        ),
    ],
)
def test_files(
    page: ClientPage,
    name: str,
    arguments: t.Any,
    files: dict[str, t.Any],
    result: t.Any,
) -> None:
    """A file is an argument by its place or name, and none of the form's."""
    sent = {
        key.replace("_", "__CALLBACKPARAM.", 1): given for key, given in files.items()
    }
    answer = page.callback(arguments, f"__Page.{name}", files=sent)
    assert (answer.status, answer.result) == (200, result), answer.response.text


@pytest.mark.parametrize(
    ("name", "arguments", "keys", "errors"),
    [
        ("upload", [], [], ["file"]),
        ("upload", ["text"], [], ["file"]),
        ("upload", [{}], [], ["file"]),
        ("upload", ["text"], ["0"], ["file"]),
        ("upload", {"file": "x"}, ["0"], ["file"]),
        ("upload", [], ["0", "file"], ["file"]),
        ("upload", [], ["0", "2"], ["2"]),
        ("upload", [], ["0", "1"], ["title"]),
        ("upload", [], ["0", "__class__"], ["__class__"]),
        ("upload", [], ["0", "-1"], ["-1"]),
        ("upload", [], ["0", "99999999999999999999"], ["99999999999999999999"]),
        ("upload", [], ["0", ""], []),
        ("upload", [], ["0", "."], []),
        ("upload", [], ["0", "0.1"], ["0.1"]),
        ("text", [], ["0"], ["title"]),
        ("several", ["x"], ["1"], ["1", "files"]),
    ],
)
def test_files_that_do_not_fit(
    page: ClientPage, name: str, arguments: t.Any, keys: list[str], errors: list[str]
) -> None:
    """A file that no parameter takes is an error, whatever its part is called."""
    files = {f"__CALLBACKPARAM.{key}": file() for key in keys}
    answer = page.callback(arguments, f"__Page.{name}", files=files)
    assert sorted(errors_of(answer)) == sorted(errors)


def test_file_that_is_there_twice(page: ClientPage) -> None:
    """Several files are none of a parameter that takes one."""
    files = {"__CALLBACKPARAM.0": [file(), file("b.txt")]}
    assert errors_of(page.callback([], "__Page.upload", files=files)) == {
        "file": INVALID
    }


@pytest.mark.parametrize("target", ["__Page", "nowhere"])
def test_file_for_an_event(page: ClientPage, target: str) -> None:
    """The argument of an event is text."""
    answer = page.callback("x", target, files={"__CALLBACKPARAM.0": file()})
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (400, "rejected")


def test_argument_as_a_file(page: ClientPage) -> None:
    """The list of arguments itself is no file."""
    answer = page.callback([], "__Page.perhaps", files={"__CALLBACKPARAM": file()})
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (400, "rejected")


@pytest.mark.parametrize(("place", "status"), [("0", 200), ("1", 422)])
def test_long_file(app: Flask, page: ClientPage, place: str, status: int) -> None:
    """A file that lies on the disk is closed at the end of the request."""
    fields = {
        "__CALLBACKID": "__Page.length",
        "__CALLBACKPARAM": "[]",
        "__VIEWSTATE": page.state,
        f"__CALLBACKPARAM.{place}": b"x" * 600_000,
    }
    headers = {"X-Client-Callback": "1"}
    form = encode(fields, MULTIPART)
    response = app.test_client().post("/", headers=headers, **form)
    assert response.status_code == status
    # An open one would be warned of now.
    gc.collect()


def test_part_that_is_no_file(app: Flask, page: ClientPage) -> None:
    """Text under the name of such a part is no argument."""
    fields = {"__CALLBACKPARAM.0": "x", "other": file()}
    assert "title" in errors_of(send(app, page, "__Page.text", "[]", fields))


@pytest.mark.parametrize("target", ["__Page.text", "__Page.echo", "__Page.nothing"])
def test_classic_client(app: Flask, target: str) -> None:
    """A classic client script calls no methods."""
    app.config["CLIENTCALLBACK_CLASSIC"] = True
    page = open_page(app, Uploads)
    data = {
        "__CALLBACKID": target,
        "__CALLBACKPARAM": '["x"]',
        "__VIEWSTATE": page.state,
    }
    response = app.test_client().post("/", data=data)
    assert (response.status_code, response.text[:1]) == (404, "e")


@pytest.mark.parametrize("depth", [10, 99, 101, 500, 900, 960, 980, 1000, 2000, 20_000])
@pytest.mark.parametrize("name", ["echo", "text"])
@pytest.mark.parametrize("brackets", ["[]", '{"a":}'])
def test_deep_nesting(
    app: Flask, page: ClientPage, depth: int, name: str, brackets: str
) -> None:
    """Arguments that are nested too deeply are refused, and never an error of the
    server.
    """
    opened, closed = ("[", "]") if brackets == "[]" else ('{"a":', "}")
    inner = opened * depth + ("" if brackets == "[]" else "1") + closed * depth
    answer = send(app, page, f"__Page.{name}", f"[{inner}]")
    expected = 400 if depth > 100 else 200 if name == "echo" else 422
    assert answer.status == expected, answer.response.text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("text", "[" + ",".join(["1"] * 250_000) + "]"),
        ("text", "{" + ",".join(f'"{i}":1' for i in range(60_000)) + "}"),
        ("numbers", '[["' + '","'.join(["a"] * 100_000) + '"]]'),
    ],
    ids=["array", "object", "wrong numbers"],
)
def test_huge_arguments(app: Flask, name: str, text: str) -> None:
    """The answer to a call with very many mistakes is short."""

    @callback_handler
    class Numbers(Uploads):
        @callback_method
        def numbers(self, numbers: list[int]) -> int:
            return sum(numbers)

    page = open_page(app, Numbers)
    before = time.process_time()
    answer = send(app, page, f"__Page.{name}", text)
    assert answer.error is not None and answer.error["kind"] == "invalid"
    assert len(answer.response.data) < 20_000
    assert time.process_time() - before < 5


def test_many_brackets(app: Flask, page: ClientPage) -> None:
    """Many lists beside each other are no deep ones."""
    text = json.dumps([[[], {}, 1, "["] * 100])
    assert send(app, page, "__Page.echo", text).result == "list"


def test_names_are_escaped(app: Flask, page: ClientPage) -> None:
    """A name that was sent comes back as JSON alone."""
    answer = send(app, page, "__Page.text", json.dumps({"</script><b>\u2028": 1}))
    assert "</script><b>\u2028" in errors_of(answer)
    assert answer.response.content_type == "application/vnd.clientcallback+json"
    assert answer.response.headers["X-Content-Type-Options"] == "nosniff"
    assert "\u2028" not in answer.response.text


def test_response_of_a_method(app: Flask) -> None:
    """A method may return a response of its own, or the JSON of one."""

    @callback_handler
    class Shop(Page):
        @callback_method
        def price(self, symbol: str) -> t.Any:
            response = jsonify(symbol)
            response.set_cookie("last", symbol)
            return response

    answer = open_page(app, Shop).callback(["A"], "__Page.price")
    assert answer.result == "A"
    assert "last=A" in answer.response.headers["Set-Cookie"]
