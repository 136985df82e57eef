"""The text of references."""

from __future__ import annotations

import typing as t
from threading import Thread

import pytest
from flask import Flask
from markupsafe import escape

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackReference
from flask_clientcallback import CallbackTargetError
from flask_clientcallback import current_page
from flask_clientcallback import js_literal
from flask_clientcallback.script.references import expression
from flask_clientcallback.script.references import reference_halves
from flask_clientcallback.testing import CallbackClient

from ..helpers.aspnet import REFERENCE
from ..helpers.offers import get_page
from ..helpers.offers import get_rendered
from ..helpers.offers import Open
from ..helpers.pages import add_page
from ..helpers.pages import Page

REFERENCES = REFERENCE["references"]


class Text(str):
    """Text of a class of its own."""


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
            ("__Page", "arg", "f", "ctx", True, False),
            "WebForm_DoCallback('__Page',arg,f,ctx,null,true)",
        ),
        (
            ("__Page", "arg", "f", "ctx", False, False),
            "WebForm_DoCallback('__Page',arg,f,ctx,null,false)",
        ),
        (
            ("__Page", "arg", "f", "ctx", False, True),
            "WebForm_DoCallback('__Page',arg,f,ctx,null,true)",
        ),
        (
            ("g$1", "a < b && 'x'", "function(r) { return r }", "this", None, False),
            "WebForm_DoCallback('g$1',a < b && 'x',function(r) { return r },this,null,"
            "false)",
        ),
    ],
)
def test_references(
    arguments: tuple[str, str | None, str, str | None, str | bool | None, bool],
    reference: str,
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


@pytest.mark.parametrize("client_callback", [None, "", " \n"])
def test_reference_without_a_receiver(client_callback: t.Any) -> None:
    """A reference needs a function that receives the result."""
    with pytest.raises(ValueError, match="needs client_callback"):
        callback_event_reference("__Page", "a", client_callback, None, None, False)


@pytest.mark.parametrize("value", [5, 1, 0.0, True, ["a"], {"a": 1}, b"f", print])
@pytest.mark.parametrize(
    "name", ["argument", "client_callback", "context", "client_error_callback"]
)
@pytest.mark.parametrize("argument", ["a", js_literal("a")], ids=["source", "literal"])
def test_values_in_the_place_of_expressions(
    app: Flask, client: CallbackClient, name: str, value: t.Any, argument: str
) -> None:
    """A value is no expression: the error names it, and what makes one of it."""
    given: dict[str, t.Any] = {"argument": argument, "client_callback": "f"}

    def page_load(page: t.Any) -> None:
        reference = current_page.client_script.get_callback_event_reference

        if name == "client_error_callback" and value is True:
            assert reference("__Page", **given, client_error_callback=True)
            return

        with pytest.raises(TypeError) as caught:
            reference("__Page", **{**given, name: value})

        assert str(caught.value) == (
            f"The {name} is a JavaScript expression, not {value!r}: use"
            f" js_literal({value!r})."
        )

    app.testing = True
    assert get_page(app, client, page_load=page_load).status == 200


def test_overload_with_a_boolean(app: Flask, client: CallbackClient) -> None:
    """In templates, and from literals, a boolean in the fifth place is the same."""
    expression = (
        'get_callback_event_reference("grid", "a"|js_literal, "f", "ctx", true) ~'
        ' get_callback_event_reference("grid", "x", "f", "ctx", true)'
    )
    page = get_rendered(app, client, f"({expression})|safe", Open)
    assert "WebForm_DoCallback('grid',`a`,f,ctx,null,true)" in page.text
    assert "WebForm_DoCallback('grid',x,f,ctx,null,true)" in page.text


QUOTED = ["'grid'", '"grid"', Text("'grid'")]


@pytest.mark.parametrize("control", QUOTED, ids=["single", "double", "subclass"])
@pytest.mark.parametrize("argument", ["a", js_literal("a")], ids=["source", "literal"])
def test_quoted_id(
    app: Flask, client: CallbackClient, control: str, argument: str
) -> None:
    """An id in quotes, as ASP.NET's expression of it, is the id."""
    written: list[str] = []

    def page_load(page: t.Any) -> None:
        script = current_page.client_script

        for _ in range(2):
            written.append(script.get_callback_event_reference(control, argument, "f"))

        script.register_for_event_validation(control, "b")
        assert script.get_postback_event_reference(control) == "__doPostBack('grid','')"
        assert 'target="grid"' in script.get_callback_attributes(control, "c")
        assert current_page.unique_id(control) == "grid"

    page = get_page(app, client, page_load=page_load)
    expected = f"WebForm_DoCallback('grid',{argument},f,null,null,false)"
    assert written == [expected, expected]

    for event in "abc":
        offered = event != "a" or argument != "a"
        status = page.callback(event, target="grid").status
        assert status == (200 if offered else 403)


@pytest.mark.parametrize(
    "control",
    [
        "'nowhere'",
        "''grid''",
        "'grid",
        "grid'",
        "'grid\"",
        "''",
        "'",
        " 'grid'",
        "`grid`",
    ],
)
def test_quoted_id_that_is_unknown(
    app: Flask, client: CallbackClient, control: str
) -> None:
    """Any other text in quotes is no control, and nothing is written of it."""
    app.testing = True

    def page_load(page: t.Any) -> None:
        script = current_page.client_script

        for refer in (
            lambda: script.get_callback_event_reference(control, "a", "f"),
            lambda: script.get_callback_event_reference(control, js_literal(1), "f"),
            lambda: script.get_postback_event_reference(control),
            lambda: script.get_callback_attributes(control),
        ):
            with pytest.raises(CallbackTargetError) as caught:
                refer()

            assert repr(control) in str(caught.value)
            assert "known are __Page, grid" in str(caught.value)

    assert get_page(app, client, page_load=page_load).status == 200


def test_no_control(app: Flask, client: CallbackClient) -> None:
    """For None the error says where it may come from."""
    app.testing = True

    def page_load(page: t.Any) -> None:
        script = current_page.client_script
        missing = current_page.find_control("nowhere")

        for refer in (
            lambda: script.get_callback_event_reference(missing, "a", "f"),
            lambda: script.get_postback_event_reference(missing),
            lambda: script.get_callback_attributes(missing),
            lambda: current_page.unique_id(missing),
        ):
            with pytest.raises(CallbackTargetError, match=r"None\..*find_control"):
                refer()

    assert get_page(app, client, page_load=page_load).status == 200


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
