"""Calls of methods by the script of a page."""

from __future__ import annotations

import typing as t
from datetime import datetime

import pytest
from playwright.sync_api import Page
from werkzeug.datastructures import FileStorage

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import current_page

from ..helpers.bare_page import BarePage

if t.TYPE_CHECKING:
    from .conftest import ServeView


class Grid:
    """A control with a method."""

    @callback_method
    def sort(self, column: str) -> str:
        return f"by {column}"


@callback_handler
class Methods(BarePage):
    """Tells what came to its methods."""

    template = """<form method="post">{{ callback_fields() }}
      <input name="name" value="Ada"><input type="file" name="attached"></form>"""

    def page_init(self) -> None:
        current_page.add_control("grid", Grid())

    @callback_method
    def three(self, one: str, two: str = "the default", three: str = "") -> list[str]:
        return [one, two, three]

    @callback_method
    def find(self, text: str, *, limit: int = 10) -> str:
        return f"{text} {limit}"

    @callback_method
    def echo(self, value: t.Any = "none") -> t.Any:
        return value

    @callback_method
    def year(self, moment: datetime) -> int:
        return moment.year

    @callback_method
    def upload(self, photo: FileStorage, title: str = "none") -> str:
        own = [file.filename for file in current_page.files.values()]
        name = current_page.form.get("name")
        return f"{photo.filename} {photo.read().decode()} {title} {own} {name}"

    @callback_method
    def add_photos(self, photos: list[FileStorage], title: str = "none") -> str:
        return f"{[photo.read().decode() for photo in photos]} {title}"


@pytest.fixture
def methods(page: Page, serve_view: ServeView) -> Page:
    """The page, opened."""
    page.goto(serve_view(Methods))
    page.evaluate(
        """() => {
          window.ended = promise => promise.catch(error => `${error}`)
          window.text = (content, name) => new File([content], name)
        }"""
    )
    return page


@pytest.fixture
def sent(page: Page) -> list[str]:
    """The body of each call."""
    sent: list[str] = []

    def note(request: t.Any) -> None:
        if request.method == "POST":
            sent.append(request.post_data)

    page.on("request", note)
    return sent


@pytest.mark.parametrize(
    ("call", "result"),
    [
        ("page.three('a', 'b', 'c')", ["a", "b", "c"]),
        ("page.three('a', undefined, 'c')", ["a", "the default", "c"]),
        ("page.three('a', undefined)", ["a", "the default", ""]),
        ("call('__Page.three', { one: 'a', three: 'c' })", ["a", "the default", "c"]),
        ("call('__Page.three', ['a', , 'c'])", ["a", "the default", "c"]),
        ("call('__Page.three', { 0: 'a', three: 'c' })", ["a", "the default", "c"]),
        (
            "call('__Page.three', { one: 'a', two: undefined })",
            ["a", "the default", ""],
        ),
        ("call('__Page.echo')", "none"),
        ("call('__Page.echo', undefined)", "none"),
        ("page.echo()", "none"),
        ("page.echo(undefined)", "none"),
        ("page.echo(null)", None),
        ("page.echo([])", []),
        ("page.echo({ a: undefined, b: [{ c: true }] })", {"b": [{"c": True}]}),
        ("page.echo(new (class { own = 1; get other() { return 2 } }))", {"own": 1}),
        ("page.echo(Object.create(null))", {}),
        ("page.find('a', { limit: 3 })", "a 3"),
        ("page.find('a')", "a 10"),
        ("page.year(new Date(0))", 1970),
        ("target('grid').sort('name')", "by name"),
        ("call('grid.sort', ['name'])", "by name"),
    ],
)
def test_arguments(methods: Page, call: str, result: t.Any) -> None:
    """Arguments come by place or by name, and what is undefined is not given."""
    assert methods.evaluate(f"ended(ClientCallback.{call})") == result


@pytest.mark.parametrize(
    "value",
    [
        "new Map()", "new Set()", "NaN", "-Infinity", "new Event('x')", "() => 1",
        "Symbol('x')", "1n", "document.body", "Promise.resolve()", "[undefined]", "[,]",
        "new Date(NaN)", "/x/", "new Uint8Array(1)", "new FormData()", "new Error('x')",
        "text('x', 'x').slice ? { file: text('x', 'x') } : 0", "[text('x', 'x'), 'x']",
        "{ deep: [{ deep: new Map() }] }",
    ],
)  # fmt: skip
def test_what_json_would_lose(methods: Page, sent: list[str], value: str) -> None:
    """What JSON would lose or change in silence is an error, and nothing is sent."""
    told = methods.evaluate(f"ended(ClientCallback.page.echo({value}))")
    assert told.startswith("TypeError: JSON would lose [object ")
    told = methods.evaluate(
        f"ended(ClientCallback.call('__Page.echo', {{ value: {value} }}))"
    )
    assert told.startswith("TypeError: JSON would lose [object ")
    assert sent == []


@pytest.mark.parametrize(
    "argument", ["'x'", "5", "null", "new Map()", "() => 1", "text('x', 'x')", "true"]
)
def test_arguments_of_no_form(methods: Page, sent: list[str], argument: str) -> None:
    """The arguments of a method are an array or an object; else it is an error, and
    nothing is sent.
    """
    told = methods.evaluate(f"ended(ClientCallback.call('__Page.echo', {argument}))")
    assert told == "TypeError: The arguments are an array or object."
    assert sent == []


def test_listener(methods: Page, sent: list[str]) -> None:
    """A method that is given as a listener gets the event, and says so."""
    told: list[str] = []
    methods.on("pageerror", lambda error: told.append(str(error)))
    methods.evaluate(
        """() => {
          document.body.addEventListener("click", ClientCallback.page.echo)
          document.body.click()
        }"""
    )
    assert methods.evaluate("ended(ClientCallback.page.echo('after'))") == "after"
    assert told == ["JSON would lose [object PointerEvent]."]
    assert len(sent) == 1


@pytest.mark.parametrize("of", ["page", "target('grid')", "page.with({ timeout: 5 })"])
def test_object_of_methods(
    methods: Page, sent: list[str], console: list[str], of: str
) -> None:
    """What holds the methods can be awaited, printed and asked as other objects, and
    makes no call by that.
    """
    told = methods.evaluate(
        f"""async () => {{
          const it = ClientCallback.{of}
          console.log(it)
          // One that is taken for a promise would never end.
          const late = new Promise(resolve => setTimeout(resolve, 3000, "late"))
          return [
            await Promise.race([(async () => await it === it)(), late]),
            String(it), `${{it}}`, it + "", JSON.stringify({{ it }}),
            "price" in it, it.then, it.toJSON, it._private, it[Symbol.iterator],
            typeof it.valueOf(), it.hasOwnProperty("price"), Object.keys(it).length,
            typeof it.price,
          ]
        }}"""
    )
    text = "[object Object]"
    assert told == [
        True, text, text, text, '{"it":{}}', False, None, None, None, None, "object",
        False, 0, "function",
    ]  # fmt: skip
    assert sent == []
    # Each browser shows it in its own way.
    assert len(console) == 1


def test_options(methods: Page, sent: list[str]) -> None:
    """Options are added to each other, and the later ones hold; what they were added to
    is as before.
    """
    told = methods.evaluate(
        """async () => {
          const contexts = []
          document.addEventListener("clientcallback:before", ({ detail }) =>
            contexts.push([detail.target, detail.context]))
          const stopped = AbortSignal.abort()
          const page = ClientCallback.page.with({ context: "one", form: null })
          const other = page.with({ context: "two" })
          const grid = ClientCallback.target("grid").with({ context: "three" })
          const ends = [page.with({ signal: stopped }).echo("never")]
          ends.push(other.echo("a"), page.echo("b"), grid.sort("c"))
          ends.push(page.with({ policy: "newest" }).echo("never"))
          return [await Promise.all(ends.map(ended)), contexts]
        }"""
    )
    assert told == [
        [
            "CallbackError: The call was aborted.",
            "a",
            "b",
            "by c",
            "TypeError: There is no policy newest.",
        ],
        [["__Page.echo", "two"], ["__Page.echo", "one"], ["grid.sort", "three"]],
    ]
    # They are sent at once, and may arrive in any order.
    sends = sorted(("grid.sort" in body, "name=Ada" in body) for body in sent)
    assert sends == [(False, False), (False, False), (True, True)]


def test_policy_looks_at_the_method(methods: Page) -> None:
    """A newer call of the same method replaces the older, that of another does not."""
    told = methods.evaluate(
        """() => {
          const page = ClientCallback.page.with({ policy: "latest" })
          const grid = ClientCallback.target("grid").with({ policy: "latest" })
          const calls = [page.echo("a"), page.find("b"), grid.sort("c"), page.echo("d")]
          return Promise.all(calls.map(ended))
        }"""
    )
    replaced = "CallbackError: The call was replaced."
    assert told == [replaced, "b 10", "by c", "d"]


@pytest.mark.parametrize(
    ("call", "result"),
    [
        ("page.upload(text('x', 'a.txt'))", "a.txt x none [] Ada"),
        ("page.upload(text('x', 'a.txt'), 'A cap')", "a.txt x A cap [] Ada"),
        ("page.upload(new Blob(['x']), undefined)", "blob x none [] Ada"),
        (
            "call('__Page.upload', { title: 'A cap', photo: text('x', 'a.txt') })",
            "a.txt x A cap [] Ada",
        ),
        (
            "page.with({ form: null }).upload(text('x', 'a.txt'))",
            "a.txt x none [] None",
        ),
        ("page.add_photos([text('x', 'a'), text('y', 'b')], 'Two')", "['x', 'y'] Two"),
        ("page.add_photos([text('x', 'a')])", "['x'] none"),
        ("page.add_photos(text('x', 'a'))", "['x'] none"),
        ("page.add_photos([])", "[] none"),
    ],
)
def test_files(methods: Page, call: str, result: str) -> None:
    """Files are arguments, by place and by name; a list of files is one argument. The
    fields of the form go along, its files do not.
    """
    chosen = {"name": "own.txt", "mimeType": "text/plain", "buffer": b"own"}
    methods.locator("[name=attached]").set_input_files([t.cast(t.Any, chosen)])
    assert methods.evaluate(f"ended(ClientCallback.{call})") == result


def test_files_of_the_form(methods: Page) -> None:
    """The files of the form go along beside those that are arguments where they are
    asked for, and a list of files is taken from its field.
    """
    chosen = {"name": "own.txt", "mimeType": "text/plain", "buffer": b"own"}
    methods.locator("[name=attached]").set_input_files([t.cast(t.Any, chosen)])
    told = methods.evaluate(
        """() => {
          const page = ClientCallback.page.with({ files: true })
          const { files } = document.querySelector("[type=file]")
          const calls = [page.upload(text("x", "a.txt")), page.add_photos(files)]
          return Promise.all(calls.map(ended))
        }"""
    )
    assert told == ["a.txt x none ['own.txt'] Ada", "['own'] none"]


def test_no_chosen_file(methods: Page, sent: list[str]) -> None:
    """A field without a chosen file gives no argument."""
    methods.evaluate(
        """() => {
          const { files } = document.querySelector("[type=file]")
          return ended(ClientCallback.page.add_photos(files, "None"))
        }"""
    )
    assert "__CALLBACKPARAM=%7B%221%22%3A%22None%22%7D" in sent[0]


def test_unknown_method(methods: Page) -> None:
    """A method that there is not ends the call as rejected."""
    told = methods.evaluate(
        "ClientCallback.page.missing().catch(({ kind, status }) => [kind, status])"
    )
    assert told == ["rejected", 404]
