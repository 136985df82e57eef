"""The text of references."""

from __future__ import annotations

import typing as t

import pytest
from markupsafe import escape

from flask_clientcallback import CallbackReference
from flask_clientcallback.script.references import expression
from flask_clientcallback.script.references import reference_halves

from ..helpers.aspnet import REFERENCE

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
