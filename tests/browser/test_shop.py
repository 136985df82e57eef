"""The example ``shop`` in a browser: it sells with scripts and without."""

from __future__ import annotations

import typing as t

import pytest
from playwright.sync_api import Page

from ..engines.expectations import expect

if t.TYPE_CHECKING:
    from .conftest import LoadExample
    from .conftest import Serve


@pytest.fixture(params=["scripts", "no scripts"])
def has_scripts(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts."""
    return t.cast("bool", request.param == "scripts")


@pytest.fixture
def shop(
    page: Page,
    plain_page: Page,
    serve: Serve,
    load_example: LoadExample,
    has_scripts: bool,
) -> Page:
    """The page of the shop, just opened."""
    used = page if has_scripts else plain_page
    used.goto(serve(load_example("shop").create_app()))
    return used


def add(shop: Page, product: str, quantity: int) -> None:
    """Put something into the cart."""
    shop.get_by_label("Product").select_option(product)
    shop.get_by_label("Quantity", exact=True).fill(str(quantity))
    shop.get_by_role("button", name="Add to cart").click()
    name = shop.locator(f"option[value={product}]").inner_text().partition(",")[0]
    expect(shop.get_by_label(f"Quantity of {name}")).to_have_value(str(quantity))


def expect_total(shop: Page, total: str) -> None:
    """See what the cart costs."""
    expect(shop.locator("tfoot td").first).to_have_text(total)


def test_shopping(shop: Page, has_scripts: bool) -> None:
    """A visitor fills the cart, changes and removes something, and orders."""
    loads: list[str] = []
    shop.on("framenavigated", lambda frame: loads.append(frame.url))
    expect(shop.get_by_text("Your cart is empty.")).to_be_visible()
    add(shop, "pen", 2)
    add(shop, "ink", 3)
    expect_total(shop, "70.60")
    shop.get_by_label("Quantity of Fountain pen").fill("1")

    if has_scripts:
        shop.get_by_label("Quantity of Fountain pen").press("Tab")
    else:
        shop.get_by_role("button", name="Update quantities").click()

    expect_total(shop, "46.10")
    shop.get_by_role("button", name="Remove Bottle of ink").click()
    expect_total(shop, "24.50")
    assert bool(loads) != has_scripts
    shop.get_by_label("Name").fill("Ada Lovelace")
    shop.get_by_label("E-mail").fill("ada@example.org")
    shop.get_by_role("button", name="Order").click()
    expect(shop.get_by_role("heading", name="Thank you")).to_be_visible()
    shop.get_by_role("link", name="Back to the shop").click()
    expect(shop.get_by_text("Your cart is empty.")).to_be_visible()


def test_errors(shop: Page, has_scripts: bool) -> None:
    """What is wrong stands beside its field, in the words of the form; what was typed
    stays; and it goes away when all is well.
    """
    add(shop, "pencil", 1)
    name, email = shop.get_by_label("Name"), shop.get_by_label("E-mail")
    email.fill("ada")
    shop.get_by_role("button", name="Order").click()
    wrong = shop.locator("#name-error")
    expect(wrong).to_have_text("Field must be at least 2 characters long.")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_value("ada")

    if has_scripts:
        expect(name).to_be_focused()

    name.fill("Ada")
    shop.get_by_role("button", name="Order").click()
    expect(shop.locator("#email-error")).to_have_text("That is no e-mail address.")
    expect(wrong).to_be_hidden()
    expect(name).not_to_have_attribute("aria-invalid", "true")
    email.fill("ada@example.org")
    shop.get_by_role("button", name="Order").click()
    expect(shop.get_by_role("heading", name="Thank you")).to_be_visible()


def test_order_of_nothing(shop: Page) -> None:
    """An error without a field stands in its own place."""
    shop.get_by_label("Name").fill("Ada")
    shop.get_by_label("E-mail").fill("ada@example.org")
    shop.get_by_role("button", name="Order").click()
    told = shop.get_by_role("alert")
    expect(told).to_have_text("Your cart is empty. Put something into it first.")


@pytest.mark.parametrize("has_scripts", [True])
def test_price_while_typing(shop: Page, console: list[str]) -> None:
    """The price follows what is typed, and a wrong number is told beside its field,
    which keeps the focus.
    """
    price = shop.locator("#price")
    quantity = shop.get_by_label("Quantity", exact=True)
    shop.get_by_label("Product").select_option("pen")
    expect(price).to_have_text("24.50")
    quantity.fill("4")
    expect(price).to_have_text("98.00")
    quantity.fill("400")
    expect(shop.locator("#quantity-error")).to_have_text("Number must be at most 100.")
    expect(quantity).to_be_focused()
    quantity.fill("40")
    expect(price).to_have_text("980.00")
    expect(shop.locator("#quantity-error")).to_be_hidden()
    # The browser itself tells a status that is none of success.
    assert all("422" in line for line in console)


@pytest.mark.parametrize("has_scripts", [True])
def test_keyboard_in_the_cart(shop: Page) -> None:
    """The Enter key in a row takes its number, removes nothing, and keeps the focus."""
    add(shop, "pen", 1)
    add(shop, "ink", 1)
    number = shop.get_by_label("Quantity of Bottle of ink")
    number.focus()
    number.press("ArrowUp")
    number.press("Enter")
    expect_total(shop, "38.90")
    expect(shop.locator("[aria-busy]")).to_have_count(0)
    expect(shop.locator("tbody tr")).to_have_count(2)
    expect(shop.get_by_label("Quantity of Bottle of ink")).to_be_focused()
