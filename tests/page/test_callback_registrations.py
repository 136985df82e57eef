"""What a handler registers in a callback, which renders no page."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask import stream_template_string

from flask_clientcallback import current_page
from flask_clientcallback.page.page import scripts_of_if_any
from flask_clientcallback.testing import CallbackClient

from ..helpers.classic import fields_of
from ..helpers.classic import send
from ..helpers.pages import add_page
from ..helpers.pages import Echo

SCRIPTS = "{{ callback_scripts() }}"
FIELDS = "{{ callback_fields() }}"
ALL = "b1, i1, o1, s1, names, colour"


def register_all() -> None:
    """Register one of each."""
    script = current_page.client_script
    script.register_client_script_block("b1", "x()")
    script.register_client_script_include("i1", "/x.js")
    script.register_on_submit_statement("o1", "x()")
    script.register_startup_script("s1", "x()")
    script.register_array_declaration("names", "1")
    script.register_hidden_field("colour", "red")


def call(
    app: Flask,
    client: CallbackClient,
    work: t.Callable[[], t.Any],
    **members: t.Any,
) -> t.Any:
    """Make a callback whose handler does something."""

    def raise_callback_event(page: t.Any, event_argument: str) -> t.Any:
        return work()

    members["raise_callback_event"] = raise_callback_event
    add_page(app, type("Calling", (Echo,), members))
    return client.get_page("/").callback()


def check_told(caplog: pytest.LogCaptureFixture, names: str) -> None:
    """See that a warning names what was registered, and says what to do."""
    [message] = [record.getMessage() for record in caplog.records]
    assert message.startswith(
        f"Registered in a callback, which renders no page: {names}."
    )
    assert "page_load" in message
    assert "callback_scripts()" in message
    assert message.endswith("(endpoint calling)")
    assert {record.levelname for record in caplog.records} == {"WARNING"}


RESULTS: dict[str, t.Callable[[], t.Any]] = {
    "nothing": lambda: None,
    "text": lambda: "done",
    "HTML of a template": lambda: render_template_string("<b>done</b>"),
    "redirect": lambda: redirect("/elsewhere"),
    "response": lambda: current_page.app.make_response("done"),
    "stream": lambda: current_page.app.make_response(
        stream_template_string("<b>done</b>")
    ),
}


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
def test_left(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    result: t.Callable[[], t.Any],
) -> None:
    """Whatever the handler returns, what it registered is told once."""

    def work() -> t.Any:
        register_all()
        return result()

    call(app, client, work)
    check_told(caplog, ALL)


@pytest.mark.parametrize("render", [render_template_string, stream_template_string])
@pytest.mark.parametrize(
    ("template", "left"),
    [
        (f"{FIELDS}{SCRIPTS}", None),
        (SCRIPTS, "colour"),
        (FIELDS, "b1, i1, o1, s1, names"),
    ],
)
def test_fragment(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    render: t.Callable[[str], t.Any],
    template: str,
    left: str | None,
) -> None:
    """What stands in the HTML that comes back is not lost, also where that is rendered
    while it is sent.
    """

    def work() -> t.Any:
        register_all()
        rendered = render(template)
        return rendered if isinstance(rendered, str) else app.make_response(rendered)

    answer = call(app, client, work)
    text = answer.result if isinstance(answer.result, str) else answer.result.text
    assert ("x()" in text) == (SCRIPTS in template)
    assert ('name="colour"' in text) == (FIELDS in template)

    if left is None:
        assert caplog.messages == []
    else:
        check_told(caplog, left)


def test_stage_of_the_result(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The handler's other method, and hooks of both stages, are told too."""

    def registers(key: str) -> t.Callable[[t.Any], None]:
        return lambda page: current_page.client_script.register_startup_script(key, "x")

    call(
        app,
        client,
        lambda: None,
        get_callback_result=registers("result"),
        page_raise_callback_event=registers("hook"),
    )
    check_told(caplog, "hook, result")


def test_hooks_of_every_cycle(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """What hooks register in every cycle stands in the page already, so that it is
    not lost; nor is the same of a handler.
    """

    def page_load(page: t.Any) -> None:
        register_all()

    def work() -> None:
        script = current_page.client_script
        script.register_startup_script("s1", "x()")
        script.register_hidden_field("colour", "red")

    assert call(app, client, work, page_load=page_load).status == 200
    assert caplog.messages == []


def test_more_for_an_array(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A further value for an array of a hook's is lost, and told."""

    def page_load(page: t.Any) -> None:
        register_all()

    def work() -> None:
        current_page.client_script.register_array_declaration("names", "2")

    call(app, client, work, page_load=page_load)
    check_told(caplog, "names")


def test_key_that_is_no_text(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A pair is named as it is written."""

    def work() -> None:
        script = current_page.client_script
        script.register_startup_script((5, "saved"), "x()")

    call(app, client, work)
    check_told(caplog, "(5, 'saved')")


def test_classic(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """It is so for a classic client script, too."""
    app.config["CLIENTCALLBACK_CLASSIC"] = True

    class Calling(Echo):
        def raise_callback_event(self, event_argument: str) -> str:
            register_all()
            return event_argument

    add_page(app, Calling)
    page = client.get_page("/")
    assert send(client, fields_of(page)).text == "0|x"
    check_told(caplog, ALL)


def test_nothing_registered(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nobody registers, nothing is made for it."""
    made: list[bool] = []

    def page_unload(page: t.Any) -> None:
        if current_page.is_callback:
            made.append(scripts_of_if_any(current_page) is not None)

    assert call(app, client, lambda: "done", page_unload=page_unload).result == "done"
    assert made == [False]
    assert caplog.messages == []
