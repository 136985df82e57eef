"""Applications that answer the same call, each in its own way."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from flask import Flask
from flask import render_template_string
from flask import request
from flask import session
from flask.views import MethodView
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]
from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]
from itsdangerous import URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page

SECRET_KEY = "a long random value stands here in an application"
MAX_AGE = 12 * 60 * 60

STATE: dict[str, t.Any] = {
    "customer": 4711,
    "currency": "EUR",
    "discount": 0.1,
    "visits": 3,
    "sorted_by": "name",
    "expanded": [1, 5, 8],
}
"""What the page keeps from one request to the next."""

ARGUMENT = "ACME"
FORM = {
    "quantity": "12",
    "delivery": "express",
    "remark": "Please ring twice, the bell is quiet.",
    "email": "ada@example.org",
    "terms": "on",
}
"""What the page's form holds."""

serializer = URLSafeTimedSerializer(SECRET_KEY, salt="page state")


def quote(
    argument: str, form: MultiDict[str, str], state: Mapping[str, t.Any], visitor: str
) -> dict[str, t.Any]:
    """Do the job: read the argument, all fields and all of the state."""
    return {
        "text": f"{visitor}: {form['quantity']} {argument}, {form['delivery']}",
        "total": int(form["quantity"]) * 9.5 * (1 - state["discount"]),
        "currency": state["currency"],
        "customer": state["customer"] + state["visits"],
        "order": [state["sorted_by"], len(state["expanded"])],
        "notice": [form["remark"], form["email"], form["terms"] == "on"],
    }


class UsesSession:
    """What the views of both scenarios differ in."""

    uses_session = False

    def visitor(self) -> str:
        """Read the session, where it is in use."""
        return t.cast(str, session["visitor"]) if self.uses_session else "You"


class BareView(UsesSession, MethodView):
    """No state and no protection."""

    def post(self) -> t.Any:
        form = request.form
        return {"result": quote(form["argument"], form, STATE, self.visitor())}


class SignedStateView(UsesSession, MethodView):
    """The floor of any signed state: it is opened and verified."""

    def post(self) -> t.Any:
        form = request.form
        state = serializer.loads(form["state"], max_age=MAX_AGE)
        return {"result": quote(form["argument"], form, state, self.visitor())}


class HandMadeView(UsesSession, MethodView):
    """State that is opened, verified and signed again where it changed."""

    def get(self) -> str:
        return str(generate_csrf())

    def post(self) -> t.Any:
        form = request.form
        state = serializer.loads(form["state"], max_age=MAX_AGE)
        before = dict(state)
        result = quote(form["argument"], form, state, self.visitor())
        answer: dict[str, t.Any] = {"result": result}

        if state != before:
            answer["state"] = serializer.dumps(state)

        return answer


@callback_handler
class CallbackView(UsesSession, MethodView):
    """The two-method interface of this package."""

    def get(self) -> str:
        current_page.view_state.update(STATE)
        return render_template_string("{{ callback_fields() }}")

    def raise_callback_event(self, event_argument: str) -> None:
        self.result = quote(
            event_argument, current_page.form, current_page.view_state, self.visitor()
        )

    def get_callback_result(self) -> dict[str, t.Any]:
        return self.result


@dataclass(frozen=True)
class Competitor:
    """One way to answer the call."""

    name: str
    view_class: type[UsesSession]
    extension: type[CSRFProtect] | type[ClientCallback] | None = None
    needs_session: bool = False

    @cache  # noqa: B019 - one application for each competitor and scenario
    def application(self, *, with_session: bool) -> Flask:
        """Make the application."""
        app = Flask(self.name)
        app.secret_key = SECRET_KEY
        view_class: t.Any = type(
            self.view_class.__name__,
            (self.view_class,),
            {"uses_session": with_session},
        )
        app.add_url_rule("/offers/", view_func=view_class.as_view("offers"))

        if self.extension is not None:
            self.extension(app)

        return app


BARE = Competitor("bare Flask view", BareView)
SIGNED = Competitor("with a signed state by hand", SignedStateView)
HAND_MADE = Competitor(
    "Flask-WTF and a signed state", HandMadeView, CSRFProtect, needs_session=True
)
OURS = Competitor("flask_clientcallback", CallbackView, ClientCallback)
COMPETITORS = (BARE, SIGNED, HAND_MADE, OURS)
