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


def test_the_answer_stands_in_the_box(console: list[str], hello: Page) -> None:
    box = hello.get_by_label("Your name")
    box.fill("Ada")
    hello.get_by_role("button", name="Get Message").click()
    expect(box).to_have_value(greeting_of("Ada"))
    expect(box).to_be_focused()
    assert console == []


def test_each_call_sends_what_the_box_holds_then(
    console: list[str], hello: Page
) -> None:
    box = hello.get_by_label("Your name")
    button = hello.get_by_role("button", name="Get Message")

    for name in ("Ada", "Grace", "Łukasz"):
        box.fill(name)
        button.click()
        expect(box).to_have_value(greeting_of(name))

    assert console == []


def test_the_error_callback_gets_the_message(hello: Page) -> None:
    box = hello.get_by_label("Your name")
    button = hello.get_by_role("button", name="Get Message")
    button.click()
    expect(hello.get_by_role("alert")).to_have_text("Type your name first.")
    expect(box).to_have_value("")

    box.fill("Ada")
    button.click()
    expect(box).to_have_value(greeting_of("Ada"))
    expect(hello.get_by_role("alert")).to_be_hidden()


def test_markup_in_a_name_stays_text(console: list[str], hello: Page) -> None:
    box = hello.get_by_label("Your name")
    box.fill("<b>Ada</b>")
    hello.get_by_role("button", name="Get Message").click()
    expect(box).to_have_value(greeting_of("<b>Ada</b>"))
    assert console == []


@pytest.mark.without("webkit", "its window is at least 447 pixels wide")
def test_it_fits_a_phone(hello: Page) -> None:
    hello.set_viewport_size({"width": 375, "height": 667})
    width = "document.documentElement.scrollWidth"
    assert hello.evaluate(width) == 375
