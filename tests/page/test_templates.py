"""What a page's templates get, in whatever way they are rendered."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import render_template
from flask import render_template_string
from flask import stream_template
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from jinja2 import DictLoader

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import js_literal
from flask_clientcallback import Page
from flask_clientcallback.testing import CallbackClient

NAMES = ["Ada", "</script>", "Zürich", "Ada"]
ROWS = """
{%- for name in names %}
{{ get_callback_event_reference(current_page, "value", "show") }}
{{ get_callback_event_reference(current_page, name|js_literal, "show") }}
{{ get_callback_event_reference(current_page, js_literal(name), "show", "1") }}
{{ get_callback_event_reference("__Page", "value", "show", use_async=true) }}
{%- endfor -%}
"""
TEMPLATES = {
    "rows": ROWS,
    "macros": "{% macro rows(names) %}" + ROWS + "{% endmacro %}",
    "layout": "{% block rows %}{% endblock %}",
    "included": "{% include 'rows' %}",
    "imported": "{% from 'macros' import rows %}{{ rows(names) }}",
    "imported with context": "{% from 'macros' import rows with context %}"
    "{{ rows(names) }}",
    "inherited": "{% extends 'layout' %}{% block rows %}" + ROWS + "{% endblock %}",
}


@callback_handler
class Table(MethodView):
    """Renders the template that its address names."""

    def get(self, template: str) -> ResponseReturnValue:
        return render_template(template, names=NAMES)

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument

    def reference(self, *arguments: t.Any, **options: t.Any) -> str:
        """Write the same in Python."""
        return current_page.client_script.get_callback_event_reference(
            current_page, *arguments, **options
        )


class Streamed(Table):
    """Sends it while it is rendered."""

    def get(self, template: str) -> ResponseReturnValue:
        return stream_template(template, names=NAMES)


class Python(Table):
    """What the others are compared with."""

    def get(self, template: str) -> ResponseReturnValue:
        lines: list[str] = []

        for name in NAMES:
            literal = js_literal(name)
            lines += (
                self.reference("value", "show"),
                self.reference(literal, "show"),
                self.reference(literal, "show", "1"),
                self.reference("value", "show", use_async=True),
            )

        return "\n".join(lines)


@pytest.mark.parametrize("name", sorted(TEMPLATES.keys() - {"macros", "layout"}))
@pytest.mark.parametrize("view_class", [Table, Streamed])
@pytest.mark.parametrize("event_validation", [False, True])
def test_references(
    app: Flask,
    client: CallbackClient,
    name: str,
    view_class: type[Table],
    event_validation: bool,
) -> None:
    """Each row has the reference that Python writes, however the template came
    to be rendered.
    """
    app.jinja_loader = DictLoader(TEMPLATES)

    for rule, base in (("/<template>", view_class), ("/python/<template>", Python)):
        page = callback_handler(event_validation=event_validation)(
            type("Marked", (base,), {})
        )
        app.add_url_rule(rule, view_func=page.as_view(base.__name__))

    written = client.get(f"/{name}").text.strip().splitlines()
    assert written == client.get("/python/x").text.splitlines()
    assert len(written) == 4 * len(NAMES)


def test_page_itself(app: Flask, client: CallbackClient) -> None:
    """A template gets no proxy, and no function that would look for the page in each
    row.
    """
    seen: list[t.Any] = []

    class Seeing(Table):
        def get(self, template: str) -> ResponseReturnValue:
            return render_template_string(
                "{{ see(current_page) }}{{ see(get_callback_event_reference) }}",
                see=seen.append,
            )

    app.add_url_rule("/<template>", view_func=Seeing.as_view("seeing"))
    client.get("/x")
    page, write_reference = seen
    assert type(page) is Page
    assert write_reference.args == (page.client_script,)


def test_globals_of_the_application(app: Flask, client: CallbackClient) -> None:
    """An application may replace the globals, and every template sees that."""

    class Seeing(Table):
        def get(self, template: str) -> ResponseReturnValue:
            return see()

    def see() -> str:
        return render_template_string(
            "{{ current_page }}, {{ get_callback_event_reference() }}"
        )

    template_globals = t.cast("dict[str, t.Any]", app.jinja_env.globals)
    template_globals["current_page"] = 3
    app.add_template_global(lambda: 4, "get_callback_event_reference")
    app.add_url_rule("/<template>", view_func=Seeing.as_view("seeing"))
    app.add_url_rule("/", view_func=see)
    assert client.get("/x").text == client.get("/").text == "3, 4"


def test_processors_of_the_application() -> None:
    """What an application's context processors give goes before."""
    app = Flask(__name__)
    app.secret_key = "a secret key of the tests"
    app.context_processor(lambda: {"current_page": 3})
    ClientCallback(app)
    app.context_processor(lambda: {"get_callback_event_reference": 4})

    class Numbered(Table):
        def get(self, template: str) -> ResponseReturnValue:
            return render_template_string(template)

    app.add_url_rule("/<template>", view_func=Numbered.as_view("numbered"))
    answer = app.test_client().get(
        "/{{ current_page }}, {{ get_callback_event_reference }}"
    )
    assert answer.text == "3, 4"


def test_template_without_a_page(app: Flask) -> None:
    """A template that belongs to no request has no page."""
    with app.app_context():
        assert render_template_string("{{ not current_page }}") == "True"
