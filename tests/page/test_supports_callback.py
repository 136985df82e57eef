"""Whether the browser of a request can make callbacks."""

from __future__ import annotations

import pytest
from flask import Flask
from flask import render_template_string
from flask import request

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Page


@callback_handler
class Asking(Page):
    """Tells what it was told."""

    def get(self) -> str:
        return render_template_string(
            "{{ callback_fields() }}{{ callback_scripts() }}"
            "{{ current_page.supports_callback }} {{ current_page.supports_xml_http }}"
        )

    def raise_callback_event(self, event_argument: str) -> list[bool]:
        return [current_page.supports_callback, current_page.supports_xml_http]


def test_default(app: Flask, client: CallbackClient) -> None:
    """All browsers can, unless the application knows better."""
    add_page(app, Asking)
    page = client.get_page("/")
    assert page.text.endswith("True True")
    assert page.callback().result == [True, True]


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("supports", [True, False])
def test_function(late: bool, supports: bool) -> None:
    """A function of the application decides, once for each request."""
    asked: list[str] = []

    def decide() -> bool:
        asked.append(request.user_agent.string)
        return supports

    app = Flask(__name__)
    app.secret_key = "x"

    if late:
        ClientCallback(supports_callback=decide).init_app(app)
    else:
        ClientCallback(app, supports_callback=decide)

    add_page(app, Asking)
    client = CallbackClient(app)
    page = client.get_page("/", headers={"User-Agent": "Lynx"})
    assert page.text.endswith(f"{supports} {supports}")
    assert asked == ["Lynx"]
    assert page.callback().result == [supports, supports]
    assert len(asked) == 2


def test_nobody_asks() -> None:
    """Where no page asks, the function is not called."""
    app = Flask(__name__)
    app.secret_key = "x"
    asked: list[bool] = []

    def decide() -> bool:
        asked.append(True)
        return True

    ClientCallback(app, supports_callback=decide)
    add_page(app, type("Quiet", (Asking,), {"get": Page.get}))
    assert CallbackClient(app).get_page("/").status == 200
    assert asked == []
