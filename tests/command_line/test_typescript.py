"""The text of the file that ``flask callbacks --types`` writes."""

from __future__ import annotations

import re
import sys
import types
import typing as t
from collections.abc import AsyncGenerator
from collections.abc import AsyncIterator
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from textwrap import dedent
from textwrap import indent
from uuid import UUID

import pytest
from flask import Flask
from flask import render_template_string
from flask import Response
from flask.views import MethodView
from markupsafe import Markup
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import create_model
from pydantic import Field
from pydantic import JsonValue
from pydantic import WithJsonSchema
from werkzeug.datastructures import FileStorage

import flask_clientcallback
from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback
from flask_clientcallback import FromForm
from flask_clientcallback import Job
from flask_clientcallback.command_line.listing import list_pages
from flask_clientcallback.command_line.typescript import write_declarations
from flask_clientcallback.command_line.typescript import write_module
from flask_clientcallback.testing import CallbackClient

from .shop_application import create_app

FOLDER = Path(__file__).parent
STATIC = Path(flask_clientcallback.__file__).parent / "static"
BOUNDARY = "\n}\n\ndeclare namespace "


def application(*views: type[MethodView]) -> Flask:
    """Make an application of some views."""
    app = Flask("small")
    app.secret_key = "k"
    ClientCallback(app)

    for view in views:
        name = view.__name__.lower()
        app.add_url_rule(f"/{name}", view_func=view.as_view(name))

    return app


def declare(*views: type[MethodView]) -> str:
    """Write what is declared for the pages of some views, without indentation."""
    text = write_declarations(list_pages(application(*views)))
    inner = text.partition(BOUNDARY)[2]
    return "\n".join(line.strip() for line in inner.splitlines())


def declare_method(takes: t.Any, gives: t.Any) -> str:
    """Write the declarations of a page with one method."""

    def go(self: object, value: object) -> None: ...

    go.__annotations__.update({"value": takes, "return": gives})
    members: dict[str, t.Any] = {"go": callback_method(go)}
    return declare(callback_handler(type("Page", (MethodView,), members)))


def test_shop() -> None:
    """The file declares all methods of all pages, and their types."""
    _, boundary, found = write_declarations(list_pages(create_app())).partition(
        BOUNDARY
    )
    expected = (FOLDER / "shop.d.ts").read_text(encoding="utf-8")
    assert f"{boundary.split()[1]} namespace {found}" == expected


def test_shop_as_module() -> None:
    """A module declares the same."""
    text = write_module(list_pages(create_app()))
    expected = (FOLDER / "shop.d.ts").read_text(encoding="utf-8")
    inner = indent(expected.removeprefix("declare "), "  ")
    assert text.endswith(f"\ndeclare global {{\n{inner}}}\n")


def test_client() -> None:
    """The file declares what the client script has, as a module of a name, and no
    value.
    """
    text = write_declarations([])
    assert text.startswith("// ")
    client = (STATIC / "clientcallback.d.ts").read_text(encoding="utf-8")
    body = dedent(text.partition('declare module "flask-clientcallback" {\n')[2])
    body = body.partition("\n}\n")[0]
    lines = [line.replace("declare ", "") for line in client.splitlines()]
    assert [line.strip() for line in body.splitlines()] == [
        line.strip() for line in lines
    ]


def test_client_as_module() -> None:
    """A module declares what the client script has, and exports all of its values."""
    text = write_module([])
    assert text.startswith("// ")
    client = (STATIC / "clientcallback.d.ts").read_text(encoding="utf-8")
    types, _, values = client.partition("declare const client: Client\n")
    assert types in text
    names = re.findall(r"^export declare const (\w+)", values, re.MULTILINE)
    module = (STATIC / "clientcallback.mjs").read_text(encoding="utf-8")
    assert f"{{ {', '.join(names)} }} = ClientCallback" in module
    exported = re.findall(r"^export const (\w+): .+ = .+\.(\w+)\)$", text, re.MULTILINE)
    assert exported == [(name, name) for name in names]
    assert "export declare" not in text


class Kind(IntEnum):
    ONE = 1
    TWO = 2


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Aliased(BaseModel):
    size: int = Field(alias="size-in-cm")


class Pair(t.NamedTuple):
    first: int
    second: str = ""


REST: t.Any = {
    "type": "array",
    "minItems": 1,
    "prefixItems": [True],
    "items": {"type": "null"},
}


@pytest.mark.parametrize(
    ("hint", "takes", "gives"),
    [
        (str, "string", "string"),
        (bool, "boolean", "boolean"),
        (int | None, "number | null", "number | null"),
        (Decimal, "number | string", "string"),
        (date, "string | Date", "string"),
        (datetime, "string | Date", "string"),
        (time | timedelta | UUID | bytes, "string", "string"),
        (t.Any, "unknown", "any"),
        (object, "unknown", "any"),
        (list[date], "(string | Date)[]", "string[]"),
        (list[str | None], "(string | null)[]", "(string | null)[]"),
        (list, "unknown[]", "any[]"),
        (set[int], "number[]", "number[]"),
        (tuple[int, date], "[number, string | Date]", "[number, string]"),
        (tuple[int, ...], "number[]", "number[]"),
        (
            dict[str, date],
            "{ [key: string]: string | Date }",
            "{ [key: string]: string }",
        ),
        (dict, "{ [key: string]: unknown }", "{ [key: string]: any }"),
        (
            dict[t.Literal["a", "b"], int],
            '{ [Key in "a" | "b"]?: number }',
            '{ [Key in "a" | "b"]?: number }',
        ),
        (
            dict[date, int],
            "{ [key: string]: number }",
            "{ [key: string]: number }",
        ),
        (
            dict[bool | int, int],
            "{ [key: string]: number }",
            "{ [key: string]: number }",
        ),
        (t.Callable[[int], str], "unknown", "any"),
        (
            t.Annotated[int, WithJsonSchema({"type": ["string", "integer"]})],
            "string | number",
            "string | number",
        ),
        (
            t.Annotated[int, WithJsonSchema({"allOf": [{"type": "string"}, {}]})],
            "string & unknown",
            "string & any",
        ),
        (
            t.Annotated[int, WithJsonSchema(REST)],
            "[unknown, ...null[]]",
            "[any, ...null[]]",
        ),
        (
            dict[t.Annotated[str, Field(pattern="^a")], int],
            "{ [key: string]: number }",
            "{ [key: string]: number }",
        ),
        (t.Literal["a", 1, None], '"a" | 1 | null', '"a" | 1 | null'),
        (t.Literal['"*/'], r'"\"*/"', r'"\"*/"'),
        (t.Annotated[int, Field(ge=1)] | str, "number | string", "number | string"),
    ],
    ids=repr,
)
def test_types(hint: t.Any, takes: str, gives: str) -> None:
    """A hint is the type of what JSON makes of it, on its way in and out."""
    assert f"\ngo(value: {takes}): Promise<{gives}>\n" in declare_method(hint, hint)


@pytest.mark.parametrize(
    ("hint", "gives"),
    [
        (None, "null"),
        (Markup, "string"),
        (Markup | None, "string | null"),
        (list[Markup], "string[]"),
        (Response, "Response"),
        (Response | None, "null | Response"),
        (Response | Decimal, "string | Response"),
        (Response | t.Any, "any"),
        (Job, "unknown"),
        (Job[int], "number"),
        (Job[None] | None, "null"),
        (Job[list[Decimal]], "string[]"),
        (Job[int] | str | Response, "number | string | Response"),
        (Job | str, "unknown"),
    ],
)
def test_results(hint: t.Any, gives: str) -> None:
    """HTML is text, a response is that of fetch(), and a job what its function
    returns.
    """
    assert f"\ngo(value: unknown): Promise<{gives}>\n" in declare_method(t.Any, hint)


def plain(self: object) -> t.Any:
    """Work, and tell its progress."""
    yield


async def waiting(self: object) -> t.Any:
    """Work, and wait for others."""
    yield


def handing(self: object) -> t.Any:
    """Give what works."""


@pytest.mark.parametrize(
    ("method", "hint", "gives"),
    [
        (plain, Generator[int, None, list[int]], "number[]"),
        (plain, t.Generator[int, None, Markup], "string"),
        (plain, Generator[int, None, int | Response], "number | Response"),
        (plain, Generator[int, None, None], "null"),
        (plain, Generator, "any"),
        (plain, Iterator[int], "any"),
        (plain, t.Any, "any"),
        (handing, Generator[float, None, int], "number"),
        (handing, Iterable[int], "number[]"),
        (waiting, AsyncGenerator[int, None], "null"),
        (waiting, AsyncIterator[int], "null"),
        (waiting, t.Any, "null"),
    ],
)
def test_results_of_generators(
    method: t.Callable[..., t.Any], hint: t.Any, gives: str
) -> None:
    """A generator's result is what it returns. An asynchronous one has none."""
    copy = types.FunctionType(method.__code__, {}, "go")
    copy.__annotations__["return"] = hint
    members: dict[str, t.Any] = {"go": callback_method(copy)}
    declared = declare(callback_handler(type("Page", (MethodView,), members)))
    assert f"\ngo(): Promise<{gives}>\n" in declared


@pytest.mark.parametrize(
    ("hint", "takes"),
    [
        (FileStorage, "Blob"),
        (FileStorage | None, "Blob | null"),
        (list[FileStorage], "Blob[] | FileList"),
    ],
)
def test_files(hint: t.Any, takes: str) -> None:
    """A file is a blob, and several are also what a file field has."""
    assert f"\ngo(value: {takes}): " in declare_method(hint, None)


@pytest.mark.parametrize(
    ("hint", "declared"),
    [
        (Kind, "type Kind = 1 | 2\n"),
        (Pair, "type Pair = [number, string?]\n"),
        (Open, "type Open = { name: string; [key: string]: unknown }\n"),
        (Aliased, 'interface Aliased {\n"size-in-cm": number\n}\n'),
    ],
)
def test_named_types(hint: t.Any, declared: str) -> None:
    """A class has its own name."""
    text = declare_method(hint, None)
    assert declared in text
    assert f"go(value: Types.{hint.__name__}): " in text


def test_same_types() -> None:
    """What is the same in both directions has one name."""
    assert "go(value: Types.Kind): Promise<Types.Kind>\n" in declare_method(Kind, Kind)


def test_filled_tuples() -> None:
    """A result has all of a named tuple."""
    text = declare_method(Pair, Pair)
    assert "type Pair = [number, string]\n" in text
    assert "type PairInput = [number, string?]\n" in text


class ByAlias(Aliased):
    model_config = ConfigDict(serialize_by_alias=True)


@callback_handler
class AliasedPage(MethodView):
    def get(self) -> str:
        return render_template_string("{{ callback_fields() }}{{ callback_scripts() }}")

    @callback_method
    def go(self) -> Aliased:
        return Aliased.model_validate({"size-in-cm": 5})

    @callback_method
    def go_by_alias(self) -> list[ByAlias]:
        return [ByAlias.model_validate({"size-in-cm": 5})]


def test_written_names() -> None:
    """A result has its fields under the names under which it is written."""
    text = declare_method(Aliased, Aliased)
    assert "go(value: Types.AliasedInput): Promise<Types.Aliased>" in text
    assert "interface Aliased {\nsize: number\n}\n" in text
    assert 'interface AliasedInput {\n"size-in-cm": number\n}\n' in text
    text = declare_method(None, list[ByAlias])
    assert 'interface ByAlias {\n"size-in-cm": number\n}\n' in text
    page = CallbackClient(application(AliasedPage)).get_page("/aliasedpage")
    assert page.call.go().result == {"size": 5}
    assert page.call.go_by_alias().result == [{"size-in-cm": 5}]


@dataclass
class Tree:
    """A node."""

    planted: date
    parts: list[Tree] = field(default_factory=list)


@dataclass
class Garden:
    tree: Tree


def test_recursive_types() -> None:
    """A type may have itself inside; one that has a type inside that differs between
    in and out differs too.
    """
    text = declare_method(Garden, list[Garden])
    assert "go(value: Types.GardenInput): Promise<Types.Garden[]>" in text
    assert (
        "/** A node. */\ninterface TreeInput {\n"
        "planted: string | Date\nparts?: Types.TreeInput[]\n}\n"
    ) in text
    assert "interface Tree {\nplanted: string\nparts: Types.Tree[]\n}\n" in text
    assert "interface GardenInput {\ntree: Types.TreeInput\n}\n" in text
    assert "type JsonValue = " in declare_method(JsonValue, None)


@pytest.fixture
def make_module(monkeypatch: pytest.MonkeyPatch) -> t.Callable[[str, str], t.Any]:
    """Make modules, each with some code."""

    def make(name: str, code: str) -> t.Any:
        module = types.ModuleType(name)
        monkeypatch.setitem(sys.modules, name, module)
        exec(code, module.__dict__)
        return module

    return make


def test_equal_names(make_module: t.Callable[[str, str], t.Any]) -> None:
    """Types of equal names have as much of their module before them as they need."""
    code = "from pydantic import BaseModel\nclass {}(BaseModel):\n    {}: int"
    first = make_module("app.shop.types", code.format("Line", "a")).Line
    second = make_module("app.bills.types", code.format("Line", "b")).Line
    other = make_module("app.bills.lines", code.format("Line", "c")).Line
    text = declare_method(first | second, other)
    assert (
        "go(value: Types.shop_types_Line | Types.bills_types_Line):"
        " Promise<Types.lines_Line>"
    ) in text
    assert "interface lines_Line {\nc: number\n}" in text
    assert "interface shop_types_Line {\na: number\n}" in text


def test_made_types() -> None:
    """Types of one name and one module are told apart."""
    first, second = create_model("Line", a=int), create_model("Line", b=int)
    text = declare_method(first | second, None)
    assert "go(value: Types.Line1 | Types.Line2): " in text
    assert "interface Line1 {\na: number\n}" in text


def test_local_types() -> None:
    """Types of one name inside of functions have the names of these before theirs."""

    def first() -> type[BaseModel]:
        class Line(BaseModel):
            a: int

        return Line

    def second() -> type[BaseModel]:
        class Line(BaseModel):
            b: int

        return Line

    text = declare_method(first() | second(), None)  # type: ignore[operator]
    assert "interface first_Line {\na: number\n}" in text
    assert "interface second_Line {\nb: number\n}" in text


class Date(BaseModel):
    day: int


class Line(BaseModel):
    day: date


class LineInput(BaseModel):
    n: int


def test_taken_names() -> None:
    """A name that the file needs for something else is changed."""
    assert "go(value: Types.Date_): " in declare_method(Date, None)
    text = declare_method(Line | LineInput, Line)
    assert "Types.LineInput_" in text
    assert len({line for line in text.splitlines() if "interface Line" in line}) == 3


def test_parameters() -> None:
    """What need not be given is optional, what goes by name is in one object, and a
    parameter has a name that TypeScript takes.
    """

    @callback_handler
    class Page(MethodView):
        @callback_method
        def plain(self, a, b=1): ...  # type: ignore[no-untyped-def]

        @callback_method
        def form(self, a: FromForm[int], b: str, c: FromForm[str]) -> None: ...

        @callback_method
        def named(self, a: int = 1, *, b: int, c: int = 2) -> None: ...

        @callback_method
        def all_named(self, *, options: int = 2) -> None: ...

        @callback_method
        def optional(self, a: int, *, b=1) -> None: ...  # type: ignore[no-untyped-def]

        @callback_method
        def this(self, this: int, new: int = 0, /) -> None: ...

    lines = declare(Page).splitlines()
    assert "plain(a: unknown, b?: unknown): Promise<any>" in lines
    assert (
        "form(a: number | undefined, b: string, c?: string): Promise<null>"
    ) in lines
    assert (
        "named(a: number | undefined,"
        " options: { b: number; c?: number }): Promise<null>"
    ) in lines
    assert "all_named(named?: { options?: number }): Promise<null>" in lines
    assert "optional(a: number, options?: { b?: unknown }): Promise<null>" in lines
    assert "this(this_: number, new_?: number): Promise<null>" in lines


class Documented(MethodView):
    @callback_method
    def go(self) -> None:
        """From A to B.

        :param int a: the place
            where it begins
        :return: nothing */
        """


@callback_handler
class Inherited(Documented):
    @callback_method
    def go(self) -> None: ...


def test_docstrings() -> None:
    """Docstrings are comments, those of a base's method too, and end nowhere early."""

    text = declare(Inherited)
    assert (
        "/**\n* From A to B.\n*\n* @param a the place\n*     where it begins\n"
        "* @returns nothing *\\/\n*/\ngo(): Promise<null>"
    ) in text
    assert "MethodView" not in text
    assert text.count("/**") == 1


@dataclass
class Counter:
    count: int = 0

    @callback_method
    def go(self) -> None: ...


def test_own_docstrings() -> None:
    """What a dataclass writes of itself is no comment."""

    @callback_handler
    class Page(MethodView):
        counter = callback_control(Counter)

    assert "/**" not in declare(Page)


def test_no_methods() -> None:
    """A page without methods is there, and has none."""

    @callback_handler
    class Page(MethodView):
        def raise_callback_event(self, event_argument: str) -> None: ...

    text = declare(Page)
    assert "interface Pages {\npage: {\npage: {}\ntargets: {}\n}\n}\n" in text
    assert "namespace Types" not in text


def test_without_pydantic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without typed methods need no pydantic."""
    monkeypatch.setitem(sys.modules, "pydantic", None)

    @callback_handler
    class Page(MethodView):
        @callback_method
        def go(self, a) -> Markup | None: ...  # type: ignore[no-untyped-def]

    assert "go(a: unknown): Promise<string | null>" in declare(Page)
