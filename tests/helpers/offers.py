"""A page that says which events it may raise, and what tests ask of it."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask import render_template_string
from flask import request

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page
from flask_clientcallback import signals
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from .pages import add_page
from .pages import Page

FIELDS = "{{ callback_fields() }}"
SCRIPTS = "{{ callback_scripts() }}"
REFERENCE = '{{ get_callback_event_reference(current_page, "%s"|js_literal, "f") }}'
BUY = REFERENCE % "buy"

ran: list[str] = []
"""What the handlers of the pages below got."""


class Grid:
    """A control with all kinds of events."""

    def raise_callback_event(self, event_argument: str) -> str:
        ran.append(event_argument)
        return event_argument

    def raise_postback_event(self, argument: str) -> None:
        ran.append(argument)


@callback_handler(event_validation=True)
class Offers(Page):
    """Gives back its argument, where it was offered."""

    template = f"<form>{FIELDS}</form>{SCRIPTS}{BUY}"

    def get(self) -> t.Any:
        return render_template_string(self.template)

    def page_init(self) -> None:
        current_page.add_control("grid", Grid())

    def raise_callback_event(self, event_argument: str) -> t.Any:
        ran.append(event_argument)
        return event_argument

    def raise_postback_event(self, argument: str) -> None:
        ran.append(argument)


@callback_handler(event_validation=False)
class Open(Offers):
    """The same without event validation."""


def get_page(
    app: Flask,
    client: CallbackClient,
    base: type[t.Any] = Offers,
    **members: t.Any,
) -> ClientPage:
    """Get a page like another one, but for some members."""
    ran.clear()
    add_page(app, type("Offered", (base,), members))
    return client.get_page("/")


def get_rendered(
    app: Flask, client: CallbackClient, expression: str, base: type[t.Any] = Offers
) -> ClientPage:
    """Get a page whose template prints the value of an expression."""
    template = f"<form>{FIELDS}</form>{SCRIPTS}{{{{ {expression} }}}}"
    return get_page(app, client, base, template=template)


def check_refused(
    answer: CallbackAnswer, status: int = 403, kind: str = "rejected"
) -> None:
    """See that a callback was refused before anything of the page ran."""
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (status, kind)
    assert answer.stages == []
    assert ran == []


def check_stale(answer: CallbackAnswer) -> None:
    """See that a callback was refused as that of a page to be reloaded."""
    check_refused(answer, 400, "stale")


@contextmanager
def recorded_reasons(app: Flask) -> Iterator[list[str]]:
    """Collect why requests are refused."""
    reasons: list[str] = []

    def receive(sender: Flask, reason: str, **extra: t.Any) -> None:
        assert request.method == "POST"
        reasons.append(reason)

    with signals.callback_rejected.connected_to(receive, app):
        yield reasons
