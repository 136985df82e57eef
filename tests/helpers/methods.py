"""Pages with named methods, and what tests ask of their answers."""

from __future__ import annotations

import typing as t

from flask import Flask

from flask_clientcallback import callback_handler
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from .pages import add_page
from .pages import Page


def open_page(
    app: Flask, view_class: type[t.Any], template: str | None = None
) -> ClientPage:
    """Get a page of an application, by a client of its own.

    :param template: in place of its own.
    """
    if template is not None:
        view_class.template = template

    add_page(app, view_class)
    return t.cast(CallbackClient, app.test_client()).get_page("/")


def page_of(*methods: t.Callable[..., t.Any], **said: t.Any) -> type[t.Any]:
    """Make a page of marked functions, each under its name.

    :param said: what its class says of itself.
    """
    members = {method.__name__: method for method in methods}
    return callback_handler(**said)(type("Methods", (Page,), members))


def call(page: ClientPage, name: str, /, *arguments: t.Any, **named: t.Any) -> t.Any:
    """Call a method of the page, and give what came of it.

    :param named: sends the arguments by name, in place of those by place.
    """
    answer = page.callback(named or [*arguments], f"__Page.{name}")
    assert answer.error is None, answer.response.text
    return answer.result


def send(
    app: Flask,
    page: ClientPage,
    target: str,
    text: str,
    fields: dict[str, t.Any] | None = None,
) -> CallbackAnswer:
    """Send a call whose arguments are written already.

    :param fields: more that goes along.
    """
    data = {
        "__CALLBACKID": target,
        "__CALLBACKPARAM": text,
        "__VIEWSTATE": page.state,
        **(fields or {}),
    }
    headers = {"X-Client-Callback": "1"}
    return CallbackAnswer(app.test_client().post("/", data=data, headers=headers), [])


def errors_of(answer: CallbackAnswer) -> dict[str, list[str]]:
    """Give the messages for each argument of a call that did not hold."""
    assert answer.error is not None, answer.response.text
    assert (answer.status, answer.error["kind"]) == (422, "invalid")
    assert answer.result is None
    return t.cast("dict[str, list[str]]", answer.error["fields"])
