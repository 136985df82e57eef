"""Parts of an application that a page of the documentation shows do what it says."""

from __future__ import annotations

import html
import json
import logging
import re
import time
import typing as t

import nh3
import pytest
from flask import Flask
from flask import render_template_string
from flask import request
from flask import session
from flask.views import MethodView
from itsdangerous import TimestampSigner

import flask_clientcallback
from flask_clientcallback import background
from flask_clientcallback import callback_control
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import MemoryStore

from ..helpers.documentation import code_with
from ..helpers.pages import add_page
from ..helpers.pages import Echo


def get_shown(part: str, **names: t.Any) -> dict[str, t.Any]:
    """Run the code of the page on the life cycle that has a part."""
    names |= vars(flask_clientcallback) | {"Literal": t.Literal}
    exec(code_with("docs/lifecycle.rst", part), names)
    return names


SCRIPTS = "{{ callback_scripts() }}"
SELECT = """
<form method="post">
  {{ callback_fields() }}
  <select name="Cities"><option>Oslo<option>Lima</select>
</form>
<button{{ callback_attributes(current_page, "") }}>Order</button>
{{ callback_scripts() }}
"""


@pytest.mark.parametrize(("city", "status"), [("Lima", 200), ("Paris", 403)])
def test_values_of_a_list(app: Flask, city: str, status: int) -> None:
    """A value that the page did not offer for a list is refused."""

    class View(MethodView):
        def get(self) -> str:
            return render_template_string(SELECT)

    names = get_shown("class Cities", MethodView=View, CITIES=["Oslo", "Lima"])
    app.add_url_rule("/", view_func=names["Order"].as_view("order"))
    page = CallbackClient(app).get_page("/")
    page.form["Cities"] = city
    answer = page.callback("")
    assert answer.status == status
    assert answer.result == ("Ordered for Lima." if status == 200 else None)


@pytest.mark.parametrize(("city", "status"), [("Lima", 200), ("Paris", 422)])
def test_hint_of_a_list(app: Flask, city: str, status: int) -> None:
    """A hint does the same, and says which field is wrong."""
    order = get_shown("FromForm[Literal")["order"]
    add_page(app, type("Order", (Echo,), {"order": order}))
    page = CallbackClient(app).get_page("/")
    page.form["Cities"] = city
    answer = page.call.order()
    assert answer.status == status
    assert status == 200 or [*(answer.error or {})["fields"]] == ["Cities"]


@pytest.mark.parametrize("has_user", [False, True])
@pytest.mark.parametrize("is_same_second", [False, True])
def test_sessions_of_equal_data(
    app: Flask, monkeypatch: pytest.MonkeyPatch, has_user: bool, is_same_second: bool
) -> None:
    """Two sessions count as one only where the page on security says so."""
    now = int(time.time())
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: now)

    def choose(user: str) -> str:
        session["language"] = "de"

        if has_user:
            session["user"] = user

        return user

    add_page(app, Echo)
    app.add_url_rule("/<user>", "choose", choose)
    client, other = CallbackClient(app), CallbackClient(app)
    client.get("/ada")
    now += not is_same_second
    other.get("/bob")
    page, taken = client.get_page("/"), other.get_page("/")
    taken.state = page.state
    is_accepted = taken.callback("x").status == 200
    assert is_accepted == (is_same_second and not has_user)


@pytest.mark.parametrize("supports", [True, False])
def test_script_for_some_browsers(
    caplog: pytest.LogCaptureFixture, supports: bool
) -> None:
    """A page leaves the script out for browsers that the application names."""
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app, supports_callback=lambda: supports)
    shown = code_with("docs/javascript.rst", "supports_callback")
    add_page(app, type("Some", (Echo,), {"template": SELECT.replace(SCRIPTS, shown)}))

    with caplog.at_level(logging.WARNING):
        page = CallbackClient(app).get_page("/")

    assert ("<script" in page.text) == supports
    assert ("has no client script" in caplog.text) != supports


def test_view_state_in_the_store(app: Flask) -> None:
    """A view state of that size is kept in the store, and the page gets a short token
    with which it goes on.
    """
    store = app.config["CLIENTCALLBACK_STORE"] = MemoryStore()
    get_shown("STORE_VIEW_STATE_FROM", app=app)
    kept = []

    class Keeping(Echo):
        def raise_callback_event(self, event_argument: str) -> int:
            current_page.view_state.setdefault("text", event_argument)
            return len(t.cast(str, current_page.view_state["text"]))

    add_page(app, Keeping)

    for size in (1000, 16 * 1024):
        page = CallbackClient(app).get_page("/")
        page.callback("x" * size)
        assert page.callback("").result == size
        kept.append(len(store.keys()))

    assert kept == [0, 1]
    assert 0 < len(page.state or "") <= 300


def test_postback_button(app: Flask) -> None:
    """The button runs the event of its control where no script runs."""
    button = code_with("docs/lifecycle.rst", 'name="__EVENTTARGET"')

    class Basket:
        def raise_postback_event(self, argument: str) -> None:
            ran.append(argument)

    ran: list[str] = []

    class Shop(Echo):
        basket = callback_control(Basket)
        template = f"""<form method="post">{{{{ callback_fields() }}}}
          {{% set basket = "basket" %}}{button}</form>{SCRIPTS}"""

    add_page(app, Shop)
    CallbackClient(app).get_page("/").submit("Order")
    assert ran == [""]


def test_other_form(app: Flask) -> None:
    """A call of the test client sends the form that it names."""

    class Search(Echo):
        template = """<form>{{ callback_fields() }}<input name="q"></form>
          <form id="search"><input name="q"></form>{{ callback_scripts() }}"""

        def raise_callback_event(self, event_argument: str) -> str:
            return request.form["q"]

    add_page(app, Search)
    names: dict[str, t.Any] = {"page": CallbackClient(app).get_page("/")}
    exec(code_with("docs/testing.rst", 'form="search"'), names)
    assert names["answer"].result == "pens"


@background
def build(year: str) -> str:
    """Build a report."""
    return f"The report of {year}"


def test_job_of_a_test(app: Flask) -> None:
    """A test follows a background job to its end."""
    app.config["CLIENTCALLBACK_STORE"] = MemoryStore()

    class Reports(Echo):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            return current_page.start_job(build, event_argument)

    add_page(app, Reports)
    names = {"page": CallbackClient(app).get_page("/")}
    exec(code_with("docs/testing.rst", ".job.wait()"), names)


def test_words_of_the_script(app: Flask) -> None:
    """The template sets the words of the script, translated."""
    template = code_with("docs/javascript.rst", "callback_scripts(messages=")
    app.jinja_env.globals["_"] = str.upper
    add_page(app, type("Worded", (Echo,), {"template": template}))
    page = CallbackClient(app).get_page("/")
    said = re.findall(r'data-callback-messages="([^"]+)"', page.text)
    assert [json.loads(html.unescape(text)) for text in said] == [
        {
            "network": "YOU ARE OFFLINE, OR WE ARE. TRY AGAIN.",
            "timeout": "THAT TOOK TOO LONG. TRY AGAIN.",
            "stale_link": "LOAD THE PAGE ANEW",
        }
    ]


def test_html_of_others(app: Flask) -> None:
    """The template cleans what others wrote, and marks it as theirs."""
    app.jinja_env.globals["nh3"] = nh3
    app.jinja_env.globals["comment"] = {"html": "<b>Hi</b><script>0</script>"}
    template = code_with("docs/javascript.rst", "nh3.clean")
    add_page(app, type("Comments", (Echo,), {"template": template}))
    text = CallbackClient(app).get_page("/").text.strip()
    assert text == "<article data-callback-ignore><b>Hi</b></article>"
