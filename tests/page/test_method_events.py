"""What a page and its developer are told of the calls of methods."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from flask import render_template_string
from flask.views import MethodView

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page


@callback_handler
class Told(MethodView):
    """A page that says whom a post back called."""

    def get(self) -> str:
        return render_template_string(
            """<form method="post">{{ callback_fields() }}
            <button name="__EVENTTARGET" value='__Page.double[2]'>Double</button>
            <button name="other">Other</button></form>{{ callback_scripts() }}
            <p>{{ current_page.callback_target }} {{ current_page.result }}</p>"""
        )

    @callback_method
    def double(self, number: int) -> int:
        assert current_page.callback_target == "__Page.double"
        return number * 2


def test_target_of_a_method(app: Flask, client: CallbackClient) -> None:
    """The page knows which method was called, in a callback and in a post back."""
    add_page(app, Told)
    page = client.get_page("/")
    assert "<p>None None</p>" in page.text
    assert page.call.double(4).result == 8
    assert "<p>__Page.double 4</p>" in page.submit("Double").text
    assert "<p>None None</p>" in page.submit("Other").text


@pytest.mark.parametrize("debug", [True, False])
def test_invalid_input_in_the_log(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture, debug: bool
) -> None:
    """In debug mode the log tells what was wrong with a call; in production it is the
    user's alone.
    """
    app.debug = debug
    add_page(app, Told)

    with caplog.at_level(logging.WARNING, "flask_clientcallback"):
        assert client.get_page("/").call.double().status == 422

    told = "Told.double got invalid input: {'number': ['This field is required.']}"
    assert caplog.messages == ([told] if debug else [])
