"""The text of references."""

from __future__ import annotations

import typing as t
from threading import Thread

import pytest
from flask import Flask
from markupsafe import escape

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackReference
from flask_clientcallback import current_page
from flask_clientcallback.script.references import expression
from flask_clientcallback.script.references import reference_halves
from flask_clientcallback.testing import CallbackClient

from ..helpers.aspnet import REFERENCE
from ..helpers.pages import add_page
from ..helpers.pages import Page

REFERENCES = REFERENCE["references"]


def callback_event_reference(
    target: str, argument: str | None, *others: t.Any
) -> CallbackReference:
    """Write a whole reference, as a page does it."""
    before, after = reference_halves(target, *others)
    return CallbackReference(before + (argument or expression(argument)) + after)


@pytest.mark.parametrize(
    ("arguments", "reference"),
    [
        (
            ("__Page", "arg", "JSCallback", "context", None, False),
            "WebForm_DoCallback('__Page',arg,JSCallback,context,null,false)",
        ),
        (
            ("__Page", "arg", "JSCallback", "context", "JSError", True),
            "WebForm_DoCallback('__Page',arg,JSCallback,context,JSError,true)",
        ),
        (
            ("grid", None, "f", "", None, False),
            "WebForm_DoCallback('grid',null,f,\"\",null,false)",
        ),
        (
            ("grid", "", "f", None, None, False),
            "WebForm_DoCallback('grid',\"\",f,null,null,false)",
        ),
        (
            ("grid", "", "f", None, "", True),
            "WebForm_DoCallback('grid',\"\",f,null,null,true)",
        ),
        (
            ("g$1", "a < b && 'x'", "function(r) { return r }", "this", None, False),
            "WebForm_DoCallback('g$1',a < b && 'x',function(r) { return r },this,null,"
            "false)",
        ),
    ],
)
def test_references(
    arguments: tuple[str, str | None, str, str | None, str | None, bool], reference: str
) -> None:
    """A reference is ASP.NET's, byte for byte, and is printed as it is."""
    written = callback_event_reference(*arguments)
    assert str(written) == reference
    assert escape(written) == reference


@pytest.mark.parametrize(
    "case",
    [case for case in REFERENCES if "call" in case],
    ids=lambda case: case["gives"],
)
def test_references_of_asp_net(case: dict[str, t.Any]) -> None:
    """References are those that ASP.NET's own tests expect."""
    target, argument, client_callback, context = case["call"]
    reference = callback_event_reference(
        target,
        argument,
        client_callback,
        context,
        case["error"],
        bool(case["use_async"]),
    )
    assert str(reference) == case["gives"]


def test_reference_without_a_receiver() -> None:
    """A reference needs a function that receives the result."""
    with pytest.raises(ValueError, match="client_callback"):
        callback_event_reference("__Page", "a", "", None, None, False)


def test_proxy_away_from_its_page(app: Flask, client: CallbackClient) -> None:
    """A reference to ``current_page`` can be written wherever the page's client script
    is at hand.
    """
    written: list[str] = []

    @callback_handler
    class Keeping(Page):
        def get(self) -> str:
            script = current_page.client_script

            def write() -> None:
                reference = script.get_callback_event_reference(current_page, "a", "f")
                written.append(str(reference))

            thread = Thread(target=write)
            thread.start()
            thread.join()
            return super().get()

        def raise_callback_event(self, event_argument: str) -> None: ...

    add_page(app, Keeping)
    client.get_page("/")
    assert written == ["WebForm_DoCallback('__Page',a,f,null,null,false)"]
