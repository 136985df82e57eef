"""Pages that several tests use."""

from __future__ import annotations

import typing as t

from flask import Flask
from flask import render_template_string
from flask.views import MethodView

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page

TEMPLATE = """
<!doctype html>
<form method="post">{{ callback_fields() }}<input name="name" value="Ada"></form>
{{ callback_scripts() }}
"""


class Page(MethodView):
    """A page without handler methods."""

    template = TEMPLATE

    def get(self) -> str:
        return render_template_string(self.template)


@callback_handler
class Echo(Page):
    """Gives back its argument."""

    def raise_callback_event(self, event_argument: str) -> t.Any:
        return event_argument


@callback_handler
class Counter(Page):
    """Counts its callbacks in the view state."""

    def raise_callback_event(self, event_argument: str) -> None:
        count = current_page.view_state.get("count", 0) + 1
        current_page.view_state["count"] = count

    def get_callback_result(self) -> int:
        return t.cast(int, current_page.view_state["count"])


def answering(work: t.Callable[[], t.Any], **said: t.Any) -> type[t.Any]:
    """Make a page whose handler does one thing.

    :param said: what its class says of itself.
    """

    @callback_handler(**said)
    class Answering(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            return work()

    return Answering


def add_page(app: Flask, view_class: type[t.Any], rule: str = "/") -> None:
    """Give a page an address."""
    app.add_url_rule(rule, view_func=view_class.as_view(view_class.__name__.lower()))
