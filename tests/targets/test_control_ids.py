"""Controls of a page by their ids, and what names from outside can reach."""

from __future__ import annotations

import typing as t
from enum import Enum

import pytest
from flask import Flask

from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.pages import add_page
from ..helpers.pages import Echo


class Handler:
    """A control that handles callbacks."""

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


def get_page(app: Flask, client: CallbackClient, **members: t.Any) -> ClientPage:
    """Get a page with some members."""
    add_page(app, type("Controlled", (Echo,), members))
    return client.get_page("/")


class Ids(str, Enum):  # noqa: UP042
    """Ids with names."""

    GRID = "grid"


def test_id_with_a_name(app: Flask, client: CallbackClient) -> None:
    """An id that is a member of an enumeration is its text in a page."""
    written: list[str] = []

    def page_init(page: t.Any) -> None:
        current_page.add_control(Ids.GRID, Handler())
        script = current_page.client_script
        control = current_page.find_control("grid")

        for target in (Ids.GRID, control, "grid"):
            # Each anew: what was written before is kept.
            receiver = f"f{len(written)}"
            written.append(script.get_callback_event_reference(target, "a", receiver))

    get_page(app, client, page_init=page_init)
    assert written == [
        f"WebForm_DoCallback('grid',a,f{number},null,null,false)" for number in range(3)
    ]


@pytest.mark.parametrize(
    "target",
    [
        "__init__",
        "__class__",
        "dispatch_request",
        "get",
        "raise_callback_event",
        "page_load",
        "secret",
        "grid.raise_callback_event",
        "__Page.raise_callback_event",
        "__Page.secret",
        "grid.secret",
        "view",
        "view.secret",
        "grid$",
        "GRID",
        "",
        "<b>\r\n",
    ],
)
def test_only_the_registry_is_looked_at(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    target: str,
) -> None:
    """No name from outside reaches an attribute, and none is echoed."""
    ran: list[str] = []

    class Private(Handler):
        def raise_callback_event(self, event_argument: str) -> str:
            ran.append("handler")
            return ""

        def secret(self, *arguments: t.Any) -> None:
            ran.append("secret")

    def page_init(page: t.Any) -> None:
        current_page.add_control("grid", Private())

    page = get_page(
        app,
        client,
        page_init=page_init,
        secret=Private.secret,
        raise_callback_event=Private.raise_callback_event,
    )
    answer = page.callback("x", target=target)
    assert (answer.status, ran) == (404, [])
    assert answer.error == {"kind": "rejected", "message": "The request was rejected."}
    [message] = caplog.messages
    assert "known are __Page, grid" in message
    assert message.isprintable()

    if target:
        known = (
            "target unknown; known are __Page, grid; controls are"
            " added in a hook such as page_init"
        )
        assert target not in message.replace(known, "")
