"""The example ``studio`` on a slow line, which only Chromium's protocol makes."""

from __future__ import annotations

import typing as t

import pytest
from playwright.sync_api import Page

from ..engines.expectations import expect
from .test_studio import button
from .test_studio import choose
from .test_studio import draw
from .test_studio import pictures

if t.TYPE_CHECKING:
    from .conftest import LoadExample
    from .conftest import Serve

pytestmark = pytest.mark.chromium("only its own protocol makes a line slow")

BYTES_PER_SECOND = 125_000
"""One megabit."""

WATCH = """id => {
  const element = document.getElementById(id)
  window.wasShown = false
  const look = () => { window.wasShown ||= !element.hidden }
  new MutationObserver(look).observe(element, { attributes: true })
}"""
"""Remember whether an element is shown, however short."""


@pytest.fixture
def studio(page: Page, serve: Serve, load_example: LoadExample) -> Page:
    """The page, just opened, whose line then gets slow."""
    page.goto(serve(load_example("studio").create_app()))
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 500,
            "downloadThroughput": BYTES_PER_SECOND,
            "uploadThroughput": BYTES_PER_SECOND,
        },
    )
    return page


def test_upload(studio: Page) -> None:
    """The progress of a long upload is seen, and a second press sends nothing more."""
    calls: list[str] = []
    studio.on("request", lambda it: it.method == "POST" and calls.append(it.url))
    sent = studio.get_by_role("progressbar", name="Upload")
    choose(studio, "cat.png", draw(350))
    button(studio, "Upload").click()
    expect(studio.locator("#sent[value]")).to_be_visible()
    seen = {sent.evaluate("bar => bar.value / bar.max")}

    while not 0 < max(seen) < 1:
        seen.add(sent.evaluate("bar => bar.value / bar.max"))

    button(studio, "Upload").press("Enter")
    expect(pictures(studio).first).to_have_text("cat")
    expect(studio.locator("[aria-busy]")).to_have_count(0)
    assert len(calls) == 1
    expect(studio.locator("#uploaded")).to_have_text("“cat” is here. 7 pictures.")
    expect(sent).to_have_count(0)


def test_quick_clicks(studio: Page, console: list[str]) -> None:
    """Clicks that are faster than the line are all counted, also while a picture is
    sent and another one is looked for.
    """
    choose(studio, "cat.png", draw(200))
    button(studio, "Upload").click()

    for _ in range(3):
        button(studio, "One print more").click()

    studio.get_by_label("Find a picture").fill("har")

    for _ in range(3):
        button(studio, "One print more").click()

    expect(studio.locator("#prints")).to_have_text("6")
    expect(studio.locator("#uploaded")).to_contain_text("“cat” is here.")
    expect(studio.locator("[aria-busy]")).to_have_count(0)
    button(studio, "One print more").click()
    expect(studio.locator("#prints")).to_have_text("7")
    assert console == []


def test_search(studio: Page) -> None:
    """It is told that pictures are looked for, until the last text has its answer."""
    studio.get_by_label("Find a picture").focus()
    studio.evaluate(WATCH, "finding")
    studio.keyboard.type("harbour")
    expect(pictures(studio)).to_have_text(["Harbour"])
    assert studio.evaluate("wasShown")
    expect(studio.get_by_text("Looking…")).to_be_hidden()


def test_film(studio: Page) -> None:
    """A film that is developed is told to be, and can be cancelled."""
    button(studio, "Develop a film").click()
    expect(studio.get_by_role("progressbar", name="Developing")).to_be_visible()
    button(studio, "Cancel").click()
    expect(studio.locator("#developed")).to_have_text("Cancelled.")
