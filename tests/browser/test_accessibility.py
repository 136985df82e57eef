"""What axe and the debug script find in the examples: nothing, whatever they show."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.node_packages import AXE

if t.TYPE_CHECKING:
    from .conftest import LoadExample
    from .conftest import Serve

RUN_AXE = """() => axe.run().then(report => report.violations.map(violation =>
  [violation.id, ...violation.nodes.map(node => node.html)]))"""

pytestmark = pytest.mark.chromium("only Playwright changes the colours of a page")

Use: t.TypeAlias = Callable[[Page], Iterator[None]]


def use_hello(page: Page) -> Iterator[None]:
    """Greet somebody, then nobody."""
    page.get_by_label("Your name").fill("Ada")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).not_to_be_empty()
    yield
    page.get_by_label("Your name").fill("")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).not_to_be_empty()
    yield


def use_world(page: Page) -> Iterator[None]:
    """Look a place and languages up, then what does not exist."""
    page.get_by_label("Country").select_option("Germany")
    page.get_by_label("Or its ISO code").fill("GB-LND")
    page.keyboard.press("Enter")
    page.get_by_label("Search").fill("frisian")
    expect(page.locator("#details")).to_be_visible()
    expect(page.locator("#language-list li")).to_have_count(3)
    yield
    page.get_by_label("Or its ISO code").fill("XX-1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).not_to_be_empty()
    yield


def use_grid(page: Page) -> Iterator[None]:
    """Sort, open a row, and lose the network."""
    page.get_by_role("button", name="Code", exact=True).click()
    page.get_by_role("button", name="Andorra").click()
    expect(page.locator("tr.details")).to_be_visible()
    yield
    page.context.set_offline(True)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).not_to_be_empty()
    yield


def use_shop(page: Page) -> Iterator[None]:
    """Fill the cart, then order without a name."""
    page.get_by_label("Product").select_option("pen")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_label("Quantity of Fountain pen")).to_be_visible()
    yield
    page.get_by_role("button", name="Order").click()
    expect(page.locator("#name-error")).to_be_visible()
    yield


def use_studio(page: Page) -> Iterator[None]:
    """Find a picture, develop a film, book without a name, and lose the network."""
    page.get_by_label("Find a picture").fill("har")
    page.get_by_role("button", name="One print more").click()
    page.get_by_role("button", name="Develop a film").click()
    expect(page.locator("#told")).to_have_text("1 picture.")
    expect(page.get_by_role("progressbar")).to_be_visible()
    yield
    page.get_by_role("button", name="Book").click()
    expect(page.locator("#name-error")).to_be_visible()
    yield
    page.context.set_offline(True)
    page.get_by_role("button", name="One print more").click()
    expect(page.get_by_role("alert").filter(visible=True)).to_have_count(2)
    yield


def use_reports(page: Page) -> Iterator[None]:
    """Import lines, build a report to its end, import a wrong line, and cancel."""
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_label("Year", exact=True).select_option(str(date.today().year - 1))
    page.get_by_role("button", name="Build").click()
    expect(page.get_by_role("progressbar", name="Report")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel the report")).to_be_visible()
    yield
    # The job begins in a process of its own.
    expect(page.get_by_role("table")).to_be_visible(timeout=20_000)
    expect(page.locator("#imported")).to_contain_text("250 imported.")
    yield
    page.get_by_label("Lines").fill("2026-03-14,Pencil,none,0.90")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#lines-error")).to_be_visible()
    yield


def use_no_button(page: Page) -> Iterator[None]:
    """Press a key."""
    page.keyboard.press("x")
    expect(page.locator("#key")).to_contain_text("x at")
    yield


def use_external_script(page: Page) -> Iterator[None]:
    """Turn a word round."""
    page.get_by_role("button", name="Reverse").click()
    expect(page.get_by_role("status")).to_have_text("desserts")
    yield


def use_contexts(page: Page) -> Iterator[None]:
    """Ask all."""
    page.get_by_role("button", name="Ask all").click()
    expect(page.locator("#order")).to_have_text("Fast Medium Slow")
    yield


def use_early_error(page: Page) -> Iterator[None]:
    """Get an answer, then an error."""
    page.get_by_role("button", name="Call").click()
    expect(page.get_by_role("status")).to_contain_text("let the call pass")
    yield
    page.get_by_label("What page_load raises").select_option("CallbackError")
    page.get_by_role("button", name="Call").click()
    expect(page.get_by_role("status")).to_contain_text("The shop is closed")
    yield


def use_reused_control(page: Page) -> Iterator[None]:
    """Rate the tea, and compare."""
    tea = page.get_by_role("group", name="Tea")
    tea.get_by_role("button", name="5").click()
    expect(tea.get_by_role("status")).to_have_text("5 of 5")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("Tea 5 of 5")).to_be_visible()
    yield


def use_side_by_side(page: Page) -> Iterator[None]:
    """Count."""
    page.get_by_role("button", name="Callback").click()
    expect(page.get_by_role("status")).to_have_text("1")
    yield


def look(page: Page) -> Iterator[None]:
    """Do nothing: the page makes no call."""
    return iter(())


EXAMPLES: dict[str, Use] = {
    "hello": use_hello,
    "world": use_world,
    "grid": use_grid,
    "shop": use_shop,
    "shop/thanks": look,
    "studio": use_studio,
    "reports": use_reports,
    "articles": look,
    "articles/no-button": use_no_button,
    "articles/external-script": use_external_script,
    "articles/contexts": use_contexts,
    "articles/early-error": use_early_error,
    "articles/missing-interface": look,
    "articles/reused-control": use_reused_control,
    "articles/side-by-side": use_side_by_side,
}
"""How each page of an example is used. Each step ends in something to look at."""


def find_faults(page: Page) -> list[list[str]]:
    """Look at the page as it is now, in light and in dark colours."""
    found = []

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=t.cast("t.Any", scheme))
        found.extend(page.evaluate(RUN_AXE))

    return found


@pytest.fixture
def open_example(
    page: Page,
    serve: Serve,
    load_example: LoadExample,
    database_path: Path,
    packages_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Callable[[str], None]]:
    """Open a page of an example in debug mode, with axe in it. That nothing was warned
    of is seen in the end.
    """
    warnings: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "warning":
            warnings.append(message.text)

    page.on("console", note)
    monkeypatch.setenv("FLASK_SECONDS_PER_LINE", "0.002")
    monkeypatch.setenv("FLASK_SECONDS_PER_MONTH", "0.05")
    monkeypatch.setenv("FLASK_CLIENTCALLBACK_STORE", str(tmp_path / "jobs.sqlite"))

    def open_example(place: str) -> None:
        name, _, path = place.partition("/")
        own = name == "reports"
        database = tmp_path / "reports.sqlite" if own else database_path
        monkeypatch.setenv("FLASK_DATABASE", str(database))
        app = load_example(name).create_app()
        app.debug = True
        page.goto(f"{serve(app)}/{path}")
        page.evaluate((packages_folder / AXE).read_text(encoding="utf-8"))

    yield open_example
    assert warnings == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("place", EXAMPLES)
def test_accessibility(
    page: Page, open_example: Callable[[str], None], place: str, width: int
) -> None:
    """axe finds nothing, on a screen and on a telephone: when the page is fresh, after
    a call, and with an error. Nothing is wider than the screen.
    """
    page.set_viewport_size({"width": width, "height": 800})
    open_example(place)
    assert find_faults(page) == []

    for _ in EXAMPLES[place](page):
        assert find_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_axe_looks(page: Page, open_example: Callable[[str], None]) -> None:
    """A language that is taken away is found: axe looks at what it should."""
    open_example("hello")
    page.locator("html").evaluate("html => html.removeAttribute('lang')")
    assert [fault[0] for fault in find_faults(page)] == ["html-has-lang"] * 2
