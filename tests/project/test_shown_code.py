"""Parts of an application that a page of the documentation shows do what it says."""

from __future__ import annotations

import logging
import time
import typing as t

import pytest
from flask import abort
from flask import Flask
from flask import render_template_string
from flask import request
from flask import session
from flask.views import MethodView
from itsdangerous import TimestampSigner

import flask_clientcallback
from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackClient

from ..helpers.documentation import code_with
from ..helpers.pages import add_page
from ..helpers.pages import Echo


@pytest.fixture
def app() -> Flask:
    """An application with client callbacks."""
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    return app


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


@pytest.mark.parametrize("is_call", [True, False])
def test_calls_of_a_page_that_is_open_still(is_call: bool) -> None:
    """A call of a page that is open from before is refused, any other POST is not."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "posted", methods=["POST"])
    code = code_with("docs/deployment.rst", "def refuse_calls")
    exec(code, {"app": app, "request": request, "abort": abort})
    headers = {"X-Client-Callback": "1"} if is_call else {}
    assert app.test_client().post("/", headers=headers).status_code == (
        410 if is_call else 200
    )
