"""A list and what edits its items: pages that tell which of them handled a call."""

from __future__ import annotations

import itertools
import typing as t
from collections.abc import Iterator
from collections.abc import Mapping

from flask import Flask
from flask import redirect
from flask import render_template_string
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page

HANDLERS = """
<script>
  ClientCallback.register("show", result => log.push(result))
  ClientCallback.register("fail", (message, element, error) =>
    log.push(`${error.name}: ${message}`))
</script>
"""
"""What the pages' attributes name."""
LIST_FORM = """
<form id="list" method="post" action="/list">
  {{ callback_fields() }}
  <input name="filter" value="none">
  <button id="more" type="button" {{ callback_attributes(
    current_page, "more", "show", "fail") }}>More</button>
  <button id="post-list">Post</button>
</form>
"""
EDIT_FORM = """
<form id="edit" method="post" action="/edit/{{ number }}">
  {{ callback_fields() }}
  <input name="title" value="item {{ number }}">
  <button id="save" type="button" {{ callback_attributes(
    current_page, "save", "show", "fail") }}>Save</button>
  <button id="post-edit">Post</button>
</form>
"""
CALL = """
  ([argument, selector]) => ClientCallback.call("__Page", argument,
      selector && {element: document.querySelector(selector)} || {})
    .catch(error => `${error.name}: ${error.message}`)
"""


class Visited(MethodView):
    """Tells its name, which visit this is, and how often it was called in it.

    A part of the address's query names one of its templates.
    """

    called: t.ClassVar[str]
    templates: t.ClassVar[Mapping[str, str]]
    visits: t.ClassVar[Iterator[int]]
    raised: str | None = None

    def get(self, **values: int) -> str:
        current_page.view_state.setdefault("visit", next(self.visits))
        return self.render()

    def post(self, **values: int) -> ResponseReturnValue:
        told = self.tell(f"posted {self.raised or ''}".strip())

        if "refuse" in current_page.form:
            return self.render(told), 422

        here = url_for(request.endpoint or "", **values, told=told)
        return redirect(here, 303)

    def render(self, told: str = "") -> str:
        for argument in ("plain", "form"):
            script = current_page.client_script
            script.register_for_event_validation(current_page, argument)

        return render_template_string(
            self.templates[request.args.get("part", "")],
            told=request.args.get("told", told),
            **request.view_args or {},
        )

    def raise_postback_event(self, argument: str) -> None:
        self.raised = argument

    def raise_callback_event(self, event_argument: str) -> str:
        if event_argument == "form":
            return "&".join(f"{k}={v}" for k, v in current_page.form.items())

        return self.tell(event_argument)

    def tell(self, what: str) -> str:
        """Count, and tell it with what happened."""
        state = current_page.view_state
        state["count"] = t.cast(int, state.get("count", 0)) + 1
        name = " ".join(map(str, [self.called, *(request.view_args or {}).values()]))
        return f"{name}, visit {state['visit']}: {what} {state['count']}"


def make_app(lists: Mapping[str, str], edits: Mapping[str, str]) -> Flask:
    """Make an application of a list, and of a page for each of its items that
    validates its events.

    :param lists: the list's templates, by what the address calls them.
    :param edits: the same for an item's page.
    """
    app = Flask(__name__)
    app.secret_key = "x"
    app.logger.disabled = True
    ClientCallback(app)
    visits = itertools.count(1)
    said: dict[str, t.Any] = {"called": "list", "templates": lists, "visits": visits}
    list_view = callback_handler(type("List", (Visited,), said))
    app.add_url_rule("/list", view_func=list_view.as_view("list"))
    said = {"called": "edit", "templates": edits, "visits": visits}
    edit_view = callback_handler(event_validation=True)(type("Edit", (Visited,), said))
    app.add_url_rule("/edit/<int:number>", view_func=edit_view.as_view("edit"))
    return app


def open_page(page: Page, address: str) -> None:
    """Open a page whose document is to stay."""
    page.add_init_script("window.log = []")
    page.goto(address)
    page.evaluate("window.stays = true")


def answer_to(page: Page, selector: str) -> str:
    """Click on what makes a call, and give what the one handler tells."""
    page.locator(selector).click()
    return next_answer(page)


def next_answer(page: Page) -> str:
    """Wait for a handler's answer, and see that there is no other."""
    page.wait_for_function("log.length > 0")
    answers = t.cast("list[str]", page.evaluate("log.splice(0)"))
    assert len(answers) == 1, answers
    return answers[0]


def call(page: Page, argument: str = "plain", element: str | None = None) -> str:
    """Make a call, without an element as from a timer; give what came of it."""
    return t.cast(str, page.evaluate(CALL, [argument, element]))


def state_of(page: Page, form: str) -> str:
    """Give what a form holds of its page's state."""
    return page.locator(f"{form} [name=__VIEWSTATE]").input_value()
