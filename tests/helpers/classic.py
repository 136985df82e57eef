"""What ASP.NET's and Mono's client scripts send, and what they are answered."""

from __future__ import annotations

import typing as t

from flask import Flask
from werkzeug.test import TestResponse

from flask_clientcallback import callback_handler
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from .offers import ran
from .pages import add_page
from .pages import Page

FORM = "application/x-www-form-urlencoded"
TEXT = "text/plain; charset=utf-8"


def fields_of(
    page: ClientPage, argument: t.Any = "x", target: str = "__Page"
) -> dict[str, t.Any]:
    """Collect the fields that the classic scripts send."""
    fields = {
        **page.form.to_dict(flat=False),
        "__EVENTTARGET": "",
        "__EVENTARGUMENT": "",
        "__VIEWSTATE": page.state,
        "__CALLBACKID": target,
        "__CALLBACKPARAM": argument,
    }
    return (
        fields if page.events is None else {**fields, "__EVENTVALIDATION": page.events}
    )


def send(client: CallbackClient, data: t.Any, **keywords: t.Any) -> TestResponse:
    """Send a classic callback."""
    keywords.setdefault("content_type", f"{FORM}; charset=utf-8")
    return client.post("/", data=data, **keywords)


def get_page(app: Flask, client: CallbackClient, base: type[t.Any]) -> ClientPage:
    """Get a page."""
    add_page(app, base)
    return client.get_page("/")


def call(app: Flask, client: CallbackClient, base: type[t.Any]) -> TestResponse:
    """Get a page and make a callback."""
    return send(client, fields_of(get_page(app, client, base)))


def check_answer(response: TestResponse, body: str, status: int = 200) -> None:
    """See that an answer is the protocol's, byte for byte."""
    assert response.data == body.encode()
    assert response.status_code == status
    headers = response.headers
    assert headers.getlist("Content-Type") == ["text/plain; charset=utf-8"]
    assert headers.getlist("Cache-Control") == ["no-store"]
    assert headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert headers["Content-Length"] == str(len(response.data))


def answering(work: t.Callable[[], t.Any]) -> type[t.Any]:
    """Make a page whose callbacks do something."""

    @callback_handler
    class Answering(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            ran.append(event_argument)
            return work()

    ran.clear()
    return Answering


REJECTED = "eThe request was rejected."
STALE = "eThis page is out of date. Reload it and try again."
CRASHED = "eThe server could not complete the call."
