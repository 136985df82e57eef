"""The recipes of the cookbook for forms, logins and policies, in a browser."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.cookbook import load_recipe
from ..helpers.strict_page import OBSERVE

if t.TYPE_CHECKING:
    from .conftest import Picture
    from .conftest import Serve

NOTE = "Ask Charles when the\nengine will be ready."
NO_SCRIPTS = "here a policy stops the scripts of pages, which shows no <noscript>"
NEW_TAB = "Open the login in a new tab"


@pytest.fixture
def open_recipe(serve: Serve, tmp_path: Path) -> t.Callable[..., str]:
    """Serve a recipe, show it in a page, and give its address."""

    def open_recipe(page: Page, name: str, path: str = "/") -> str:
        app = load_recipe(name, tmp_path)
        app.debug = name == "strict_policy"
        url = serve(app)
        page.goto(url + path)
        return url

    return open_recipe


Open: t.TypeAlias = t.Callable[..., str]


# A form with its errors beside the fields.


def test_wtforms_form(
    page: Page, open_recipe: Open, picture: Picture, console: list[str]
) -> None:
    """Errors stand beside their fields, and go away when all is well."""
    open_recipe(page, "wtforms_form")
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("E-mail").fill("ada")
    page.get_by_label("Play").select_option("Macbeth")
    page.get_by_label("Seats").fill("12")
    page.get_by_role("button", name="Book").click()
    expect(page.locator("#email-error")).to_have_text("No e-mail address.")
    wrong = page.locator("#seats-error")
    expect(wrong).to_have_text("Number must be between 1 and 8.")
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_label("Seats")).to_have_attribute("aria-invalid", "true")
    picture(page, "cookbook/wtforms_form")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Seats").fill("3")
    page.get_by_role("button", name="Book").click()
    booked = page.locator("#booked")
    expect(booked).to_have_text("Ada Lovelace, we keep 3 seats for you.")
    expect(wrong).to_be_hidden()
    expect(page.get_by_label("Seats")).not_to_have_attribute("aria-invalid", "true")
    # The browser itself tells a status that is none of success.
    assert all("422" in line for line in console)


def test_wtforms_form_without_scripts(plain_page: Page, open_recipe: Open) -> None:
    """The page comes back with what was typed, and with what is wrong."""
    open_recipe(plain_page, "wtforms_form")
    plain_page.get_by_label("Name").fill("Ada")
    plain_page.get_by_label("Play").select_option("Othello")
    plain_page.get_by_label("Seats").fill("9")
    plain_page.get_by_role("button", name="Book").click()
    expect(plain_page.locator("#email-error")).to_have_text("No e-mail address.")
    expect(plain_page.get_by_label("Name")).to_have_value("Ada")
    expect(plain_page.get_by_label("Play")).to_have_value("Othello")
    expect(plain_page.get_by_label("Seats")).to_have_attribute("aria-invalid", "true")
    plain_page.get_by_label("E-mail").fill("ada@example.org")
    plain_page.get_by_label("Seats").fill("8")
    plain_page.get_by_role("button", name="Book").click()
    booked = plain_page.locator("#booked")
    expect(booked).to_have_text("Ada, we keep 8 seats for you.")


# A login that expires while the page is open.


def log_in(page: Page) -> None:
    """Log in, and see the note."""
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("analytical engine")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Your note, ada")).to_be_visible()


def test_expired_login(
    page: Page, open_recipe: Open, picture: Picture, console: list[str]
) -> None:
    """A note is kept while its user logs in again in a new tab."""
    open_recipe(page, "login_and_expiry")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no such user")
    log_in(page)
    note, save = page.get_by_label("Note"), page.get_by_role("button", name="Save")
    saved, told = page.locator("#saved"), page.get_by_role("alert")
    note.fill(NOTE)
    page.context.clear_cookies()
    save.click()
    expect(told).to_contain_text("Your login has expired.")
    expect(note).to_have_value(NOTE)
    picture(page, "cookbook/login_and_expiry")

    with page.context.expect_page() as opened:
        page.get_by_role("link", name=NEW_TAB).click()

    log_in(opened.value)
    save.click()
    expect(saved).to_have_text(f"Saved {len(NOTE)} characters.")
    expect(told).to_be_empty()
    expect(note).to_have_value(NOTE)
    # The browser itself tells a status that is none of success.
    known = re.compile("400|401")
    assert [line for line in console if not known.search(line)] == []
    opened.value.close()


@pytest.mark.without("firefox", "it asks before it sends a form again")
def test_expired_login_without_scripts(plain_page: Page, open_recipe: Open) -> None:
    """A note that was sent too late is saved by a reload after the login."""
    page = plain_page
    url = open_recipe(page, "login_and_expiry")
    log_in(page)
    page.get_by_label("Note").fill("Ask Charles.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Your login has expired")).to_be_visible()

    with page.context.expect_page() as opened:
        page.get_by_role("link", name=NEW_TAB).click()

    expect(opened.value).to_have_url(f"{url}/login")
    log_in(opened.value)
    page.reload()
    expect(page.locator("#saved")).to_have_text("Saved 12 characters.")
    expect(page.get_by_label("Note")).to_have_value("Ask Charles.")
    opened.value.close()


# A strict Content-Security-Policy.


def test_strict_policy(
    page: Page, open_recipe: Open, picture: Picture, console: list[str]
) -> None:
    """HTML, styles and a script work, and violate nothing."""
    page.add_init_script(OBSERVE)
    open_recipe(page, "strict_policy")
    page.get_by_label("Text").fill("To be or not to be <b> that is the question")
    page.get_by_role("button", name="Count").click()
    first = page.get_by_role("row").first
    expect(first.get_by_role("rowheader")).to_have_text("to")
    expect(first.get_by_role("cell")).to_have_text("2")
    expect(page.get_by_text("43 characters")).to_be_visible()
    style = first.locator("td").evaluate(
        "cell => getComputedStyle(cell).borderTopStyle"
    )
    assert style == "solid"
    picture(page, "cookbook/strict_policy")
    page.get_by_label("Text").fill("<img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_role("rowheader").first).to_have_text("<img")
    assert page.evaluate("violations") == []
    assert console == []


def test_strict_policy_without_scripts(plain_page: Page, open_recipe: Open) -> None:
    """The form comes back with the table."""
    open_recipe(plain_page, "strict_policy")
    plain_page.get_by_label("Text").fill("to be or not to be")
    plain_page.get_by_role("button", name="Count").click()
    expect(plain_page.get_by_role("rowheader").first).to_have_text("to")
    expect(plain_page.get_by_label("Text")).to_have_value("to be or not to be")


# Choose a country, then a city.


def test_dependent_selects(
    page: Page, open_recipe: Open, picture: Picture, console: list[str]
) -> None:
    """The cities follow the country."""
    open_recipe(page, "dependent_selects")
    country, city = page.get_by_label("Country"), page.get_by_label("City")
    expect(city.locator("option")).to_have_text(["Choose a country first"])
    country.select_option("Norway")
    names = ["Choose a city", "Bergen", "Oslo", "Trondheim"]
    expect(city.locator("option")).to_have_text(names)
    page.get_by_role("button", name="Book").click()
    wrong = page.locator("#city-error")
    expect(wrong).to_have_text("Choose a city of this country.")
    expect(city).to_be_focused()
    country.select_option("Portugal")
    names = ["Choose a city", "Braga", "Lisbon", "Porto"]
    expect(city.locator("option")).to_have_text(names)
    expect(wrong).to_be_empty()
    city.select_option("Porto")
    page.get_by_role("button", name="Book").click()
    booked = page.locator("#booked")
    expect(booked).to_have_text("You are going to Porto, Portugal.")
    picture(page, "cookbook/dependent_selects")
    # The browser itself tells a status that is none of success.
    assert all("422" in line for line in console)


@pytest.mark.without("firefox", NO_SCRIPTS)
@pytest.mark.without("webkit", NO_SCRIPTS)
def test_dependent_selects_without_scripts(plain_page: Page, open_recipe: Open) -> None:
    """A button shows the cities of the country."""
    page = plain_page
    open_recipe(page, "dependent_selects")
    page.get_by_label("Country").select_option("Norway")
    page.get_by_role("button", name="Show its cities").click()
    expect(page.get_by_label("Country")).to_have_value("Norway")
    page.get_by_label("City").select_option("Oslo")
    page.get_by_role("button", name="Book").click()
    booked = page.locator("#booked")
    expect(booked).to_have_text("You are going to Oslo, Norway.")
    expect(page.get_by_label("City")).to_have_value("Oslo")
