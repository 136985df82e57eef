"""What a page writes of itself, for the script to tell pages of one document apart."""

from __future__ import annotations

import html
import json
import re
import typing as t

import pytest
from flask import Flask
from flask import render_template_string

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page
from flask_clientcallback import OutsidePageError
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Echo

FIELDS = "{{ callback_fields() }}"
SCRIPTS = "{{ callback_scripts() }}"


def marks(text: str, tag: str) -> list[dict[str, str]]:
    """List what the marks of a kind say."""
    return [
        dict(re.findall(r'data-callback-([\w-]+)="([^"]*)"', found))
        for found in re.findall(rf"<{tag}[^>]*>", text)
    ]


def view(template: str, state: dict[str, t.Any] | None = None, **more: t.Any) -> t.Any:
    """Make a page with a template and a view state."""

    class Marked(Echo):
        def page_load(self) -> None:
            if not current_page.is_postback:
                current_page.view_state.update(state or {})

        def get(self) -> str:
            return render_template_string(template)

    return type("Fresh", (Marked,), more)


@pytest.mark.parametrize("kept", [{}, {"a": 1}, {"a": None}])
@pytest.mark.parametrize("offers", [False, True])
@pytest.mark.parametrize("timeout", [None, 12.5])
@pytest.mark.parametrize("limit", [None, 5000])
def test_marks(
    app: Flask,
    client: CallbackClient,
    kept: dict[str, t.Any],
    offers: bool,
    timeout: float | None,
    limit: int | None,
) -> None:
    """Script and fields say which page it is, where it is called, whether calls may
    change what it keeps or offers, how long one may take and how much it may send.
    """
    if timeout is not None:
        app.config["CLIENTCALLBACK_TIMEOUT"] = timeout

    if limit is not None:
        app.config["CLIENTCALLBACK_MAX_CONTENT_LENGTH"] = limit

    page = view(SCRIPTS + FIELDS + FIELDS, kept)
    add_page(app, callback_handler(event_validation=offers)(page), "/a b")
    text = client.get_page("/a%20b?c=d").text
    [script], fields = marks(text, "script"), marks(text, "input")
    for token in ("state", "events"):
        script.pop(token, None)

    expected = {"page": script["page"], "url": "/a%20b?c=d"}

    if kept or offers:
        expected["stateful"] = ""

    if timeout is not None:
        expected["timeout"] = "12500"

    if limit is not None:
        expected["limit"] = "5000"

    assert script == expected
    assert fields == [expected] * (4 if offers else 2)


def test_lowest_limit(app: Flask, client: CallbackClient) -> None:
    """Of the limits of the application and the page the one that holds is told."""
    app.config["MAX_CONTENT_LENGTH"] = 3000
    add_page(app, view(SCRIPTS))
    [script] = marks(client.get_page("/").text, "script")
    assert script["limit"] == "3000"


class Later:
    """A translation that is made when it is asked for."""

    def __str__(self) -> str:
        return "Kein <Netz>."


def test_messages(app: Flask, client: CallbackClient) -> None:
    """What the page words stands at its script, as text."""
    app.jinja_env.globals["later"] = Later()
    template = """{{ callback_scripts(messages={"network": later, "timeout": "ß"}) }}"""
    add_page(app, view(template))
    [script] = marks(client.get_page("/").text, "script")
    assert json.loads(html.unescape(script["messages"])) == {
        "network": "Kein <Netz>.",
        "timeout": "ß",
    }


@pytest.mark.parametrize(
    ("name", "hint"), [("netwrok", "Is it network?"), ("stale", "There are network,")]
)
def test_message_that_there_is_not(
    app: Flask, client: CallbackClient, name: str, hint: str
) -> None:
    """A message that the script has not is refused, with those that there are."""
    app.testing = True
    add_page(app, view(f"{{{{ callback_scripts(messages={{'{name}': 'x'}}) }}}}"))

    with pytest.raises(ValueError, match=f"no message '{name}'.*{re.escape(hint)}"):
        client.get_page("/")


def test_events_are_marked(app: Flask, client: CallbackClient) -> None:
    """The field of the events says the same as that of the state."""

    class Validated(view(FIELDS)):  # type: ignore[misc]
        def page_load(self) -> None:
            script = current_page.client_script
            script.register_for_event_validation(current_page, "a")

    add_page(app, Validated)
    state, events = marks(client.get_page("/").text, "input")
    assert state == events


def test_each_page_has_its_own_id(app: Flask, client: CallbackClient) -> None:
    """The id is another one in each page, and the same in the page's callbacks."""
    template = "<b{{ callback_page() }}></b>"

    class Marked(view(template + FIELDS + SCRIPTS)):  # type: ignore[misc]
        def raise_callback_event(self, event_argument: str) -> str:
            return render_template_string(template + SCRIPTS + FIELDS)

    add_page(app, Marked)
    pages = [client.get_page("/") for _ in range(3)]
    ids = {marks(page.text, "b")[0]["page"] for page in pages}
    assert len(ids) == 3

    for page in pages:
        [container] = marks(page.text, "b")
        [field] = marks(page.text, "input")
        assert container == {"page": field["page"]}
        text = page.callback("").result
        said = [marks(text, tag)[0] for tag in ("b", "script", "input")]
        assert {mark["page"] for mark in said} == {field["page"]}


def test_fields_in_html_of_a_callback(app: Flask, client: CallbackClient) -> None:
    """Fields and script in HTML that a callback renders save nothing: no stage of
    saving runs, the view state may change later, and the field has what is there then.
    """
    stages: list[str] = []

    class Rendering(view(FIELDS + SCRIPTS)):  # type: ignore[misc]
        def page_save_state(self) -> None:
            stages.append("save_state")

        def raise_callback_event(self, event_argument: str) -> str:
            current_page.view_state["first"] = 1
            html = render_template_string(event_argument)
            current_page.view_state["second"] = 2
            return html

    add_page(app, Rendering)

    for template in (FIELDS, SCRIPTS, SCRIPTS + FIELDS, FIELDS + SCRIPTS + FIELDS):
        page = client.get_page("/")
        stages.clear()
        answer = page.callback(template)
        assert stages == []
        assert "save_state" not in answer.stages
        assert answer.response.get_json(force=True)["stateful"] is True
        assert answer.state is not None
        assert answer.state not in answer.result
        assert page.callback("").status == 200


@pytest.mark.parametrize("name", ["callback_page", "callback_fields"])
def test_outside_of_a_page(app: Flask, name: str) -> None:
    """Where there is no page there is no mark."""
    with app.app_context(), pytest.raises(OutsidePageError):
        render_template_string(f"{{{{ {name}() }}}}")
