"""The page by which the reference explains the arguments of a reference."""

from __future__ import annotations

import typing as t

from flask import render_template_string
from flask.views import MethodView
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError

from ..engines.expectations import expect
from ..helpers.documentation import code_with

if t.TYPE_CHECKING:
    from .conftest import ServeView

PRICES = {"ACME": "12.50", "INITECH": "4.25"}


@callback_handler
class Prices(MethodView):
    """Has the template of the documentation."""

    def get(self) -> str:
        return render_template_string(code_with("docs/api.rst", "showPrice(result"))

    def raise_callback_event(self, event_argument: str) -> str:
        if event_argument not in PRICES:
            raise CallbackError(f"{event_argument} is no share.")

        return PRICES[event_argument]


def test_arguments(page: Page, serve_view: ServeView) -> None:
    """Each argument does what the reference says, and the attribute is as shown."""
    page.goto(serve_view(Prices))
    attribute = code_with("docs/api.rst", 'onchange="WebForm').strip()
    assert attribute in page.content()
    choice, price = page.get_by_role("combobox"), page.get_by_role("status")
    choice.select_option("INITECH")
    expect(price).to_have_text("4.25")
    choice.select_option("none")
    expect(price).to_have_text("none is no share.")
    choice.select_option("ACME")
    expect(price).to_have_text("12.50")
