"""The example ``hello`` in a browser."""

from __future__ import annotations

import re
import typing as t

import pytest
from playwright.sync_api import Page

from ..engines.expectations import expect

if t.TYPE_CHECKING:
    from .conftest import LoadExample
    from .conftest import Serve


@pytest.fixture
def hello(page: Page, serve: Serve, load_example: LoadExample) -> Page:
    page.goto(serve(load_example("hello").create_app()))
    return page


def greeting_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"^Hello {name}, it is \d\d:\d\d$")


def test_the_answer_has_a_place_of_its_own(console: list[str], hello: Page) -> None:
    """The button greets beside the name, which stays, marked for the next one."""
    box = hello.get_by_label("Your name")
    box.fill("Ada")
    hello.get_by_role("button", name="Get Message").click()
    expect(hello.get_by_role("status")).to_have_text(greeting_of("Ada"))
    expect(box).to_have_value("Ada")
    expect(box).to_be_focused()
    assert box.evaluate("box => [box.selectionStart, box.selectionEnd]") == [0, 3]
    assert console == []


def test_the_enter_key_greets(console: list[str], hello: Page) -> None:
    """The Enter key does what the button does, and the page stays."""
    address = hello.url
    hello.get_by_label("Your name").fill("Ada")
    hello.keyboard.press("Enter")
    expect(hello.get_by_role("status")).to_have_text(greeting_of("Ada"))
    hello.keyboard.type("Grace")
    hello.keyboard.press("Enter")
    expect(hello.get_by_role("status")).to_have_text(greeting_of("Grace"))
    assert hello.url == address
    assert console == []


def test_each_call_sends_what_the_box_holds_then(
    console: list[str], hello: Page
) -> None:
    """A callback sends the value of now, not that of the first time."""
    button = hello.get_by_role("button", name="Get Message")

    for name in ("Ada", "Grace", "Łukasz"):
        hello.get_by_label("Your name").fill(name)
        button.click()
        expect(hello.get_by_role("status")).to_have_text(greeting_of(name))

    assert console == []


def test_the_error_callback_gets_the_message(hello: Page) -> None:
    """An error takes the greeting's place, marks the box, and goes with the next."""
    box = hello.get_by_label("Your name")
    button = hello.get_by_role("button", name="Get Message")
    error, message = hello.get_by_role("alert"), hello.locator("output")
    button.click()
    expect(error).to_have_text("Type your name first.")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_be_focused()

    box.fill("Ada")
    button.click()
    expect(message).to_have_text(greeting_of("Ada"))
    expect(error).to_be_hidden()
    expect(box).not_to_have_attribute("aria-invalid", "true")

    box.fill(" ")
    button.click()
    expect(error).to_be_visible()
    expect(message).to_be_hidden()


def test_markup_in_a_name_stays_text(console: list[str], hello: Page) -> None:
    """A name is text, whatever stands in it."""
    hello.get_by_label("Your name").fill("<b>Ada</b>")
    hello.get_by_role("button", name="Get Message").click()
    expect(hello.get_by_role("status")).to_have_text(greeting_of("<b>Ada</b>"))
    assert console == []


@pytest.mark.without("webkit", "its window is at least 447 pixels wide")
def test_it_fits_a_phone(hello: Page) -> None:
    hello.set_viewport_size({"width": 375, "height": 667})
    width = "document.documentElement.scrollWidth"
    assert hello.evaluate(width) == 375
