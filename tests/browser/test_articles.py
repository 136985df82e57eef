"""The pages of the example ``articles`` in a browser."""

from __future__ import annotations

import re
import typing as t

import pytest
from playwright.sync_api import Page

from ..engines.expectations import expect

if t.TYPE_CHECKING:
    from .conftest import LoadExample
    from .conftest import Serve

PAGES = (
    "no-button",
    "external-script",
    "contexts",
    "early-error",
    "missing-interface",
    "reused-control",
    "side-by-side",
)


@pytest.fixture
def articles(serve: Serve, load_example: LoadExample) -> str:
    return serve(load_example("articles").create_app())


def test_the_index_leads_to_each_page_and_back(
    console: list[str], page: Page, articles: str
) -> None:
    page.goto(articles)
    links = page.get_by_role("listitem").get_by_role("link")
    assert len(links.all()) == len(PAGES)

    for index, name in enumerate(PAGES):
        links.nth(index).click()
        expect(page).to_have_url(f"{articles}/{name}")
        expect(page.get_by_role("heading")).to_be_visible()
        page.get_by_role("link", name="All pages").click()
        expect(page.get_by_role("heading")).to_have_text("Articles")

    assert console == []


@pytest.mark.without("webkit", "its window is at least 447 pixels wide")
@pytest.mark.parametrize("name", ["", *PAGES])
def test_it_fits_a_phone(page: Page, articles: str, name: str) -> None:
    page.set_viewport_size({"width": 375, "height": 667})
    page.goto(f"{articles}/{name}")
    assert page.evaluate("document.documentElement.scrollWidth") == 375


def test_no_button_is_needed(console: list[str], page: Page, articles: str) -> None:
    page.goto(f"{articles}/no-button")
    loaded, ticked, pressed = page.get_by_role("status").all()
    expect(loaded).to_have_text(re.compile(r"^Loaded at \d\d:\d\d:\d\d$"))
    expect(ticked).to_have_text(re.compile("^Ticked at "))
    first = ticked.text_content()
    assert first is not None
    expect(ticked).not_to_have_text(first)

    page.keyboard.press("x")
    expect(pressed).to_have_text(re.compile("^x at "))
    page.keyboard.press("'")
    expect(pressed).to_have_text(re.compile("^' at "))
    assert console == []


def test_a_script_file_makes_a_callback(
    console: list[str], page: Page, articles: str
) -> None:
    page.goto(f"{articles}/external-script")
    assert page.locator("script:not([src])").count() == 0
    answer = page.get_by_role("status")
    page.get_by_role("button", name="Reverse").click()
    expect(answer).to_have_text("desserts")

    page.get_by_label("Text").fill("drawer")
    page.get_by_label("Text").press("Enter")
    expect(answer).to_have_text("reward")
    assert page.url == f"{articles}/external-script"
    assert console == []


def test_the_context_tells_answers_apart(
    console: list[str], page: Page, articles: str
) -> None:
    page.goto(f"{articles}/contexts")
    page.get_by_role("button", name="Ask all").click()
    expect(page.locator("#order")).to_have_text("Fast Medium Slow")
    expect(page.locator("dd")).to_have_text(
        [f"I am the answer for {name}." for name in ("Slow", "Medium", "Fast")]
    )
    assert console == []


def test_an_early_error_reaches_the_error_callback(page: Page, articles: str) -> None:
    page.goto(f"{articles}/early-error")
    answer = page.get_by_role("status")

    for raised, text in (
        ("CallbackError", r"The shop is closed\. \(400, server\)"),
        ("abort", r"You are not let in\. \(403, http\)"),
        (
            "another",
            r"The server could not complete the call\. \(500, server, \w{16}\)",
        ),
        ("nothing", r"page_load let the call pass\."),
    ):
        page.get_by_label("What page_load raises").select_option(raised)
        page.get_by_role("button", name="Call").click()
        expect(answer).to_have_text(re.compile(f"^{text}$"))


def test_the_developer_is_told_what_is_missing(
    console: list[str], page: Page, articles: str
) -> None:
    page.goto(f"{articles}/missing-interface")
    expect(page.locator("#page")).to_contain_text("Forgetful is marked")
    expect(page.locator("#page")).to_contain_text("raise_callback_event(")
    expect(page.locator("#control")).to_contain_text("'label', a Label, does not")
    assert console == []


def test_a_control_is_used_twice(console: list[str], page: Page, articles: str) -> None:
    page.goto(f"{articles}/reused-control")
    assert page.locator("script[src$='rating.js']").count() == 1
    tea = page.get_by_role("group", name="Tea")
    coffee = page.get_by_role("group", name="Coffee")
    tea.get_by_role("button", name="5").click()
    expect(tea.get_by_role("status")).to_have_text("5 of 5")
    expect(coffee.get_by_role("status")).to_have_text("not rated")

    coffee.get_by_role("button", name="2").click()
    expect(coffee.get_by_role("status")).to_have_text("2 of 5")
    expect(tea.get_by_role("status")).to_have_text("5 of 5")

    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("Tea 5 of 5, coffee 2 of 5")).to_be_visible()
    assert console == []


def test_the_chosen_rating_is_pressed(page: Page, articles: str) -> None:
    """The choice is a pressed button, one in each group, also when the form is sent."""
    page.goto(f"{articles}/reused-control")
    pressed = page.get_by_role("button", pressed=True)
    expect(pressed).to_have_count(0)
    tea = page.get_by_role("group", name="Tea")
    tea.get_by_role("button", name="5").click()
    expect(pressed).to_have_text(["5"])
    tea.get_by_role("button", name="3").click()
    expect(pressed).to_have_text(["3"])

    with page.expect_navigation():
        page.locator("form").evaluate("form => form.submit()")

    expect(pressed).to_have_text(["3"])
    expect(tea.get_by_role("status")).to_have_text("3 of 5")


def test_not_rated_is_no_rating(page: Page, articles: str) -> None:
    """What nobody has rated is told as such, and has no number."""
    page.goto(f"{articles}/reused-control")
    page.get_by_role("group", name="Coffee").get_by_role("button", name="2").click()
    expect(page.get_by_text("2 of 5")).to_be_visible()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("Tea not rated, coffee 2 of 5")).to_be_visible()


def test_post_backs_and_callbacks_count_together(
    console: list[str], page: Page, articles: str
) -> None:
    page.goto(f"{articles}/side-by-side")
    count = page.get_by_role("status")
    note = page.get_by_label("A note")
    expect(page.get_by_text("in a GET")).to_be_visible()

    note.fill("kept")
    page.get_by_role("button", name="Callback").click()
    expect(count).to_have_text("1")
    expect(note).to_have_value("kept")

    for number, name in ((2, "Post back"), (4, "Post back by script")):
        note.fill("lost")
        page.get_by_role("button", name=name, exact=True).click()
        expect(count).to_have_text(str(number))
        expect(note).to_have_value("")
        expect(page.get_by_text("in a post back")).to_be_visible()

        page.get_by_role("button", name="Callback").click()
        expect(count).to_have_text(str(number + 1))

    assert console == []
