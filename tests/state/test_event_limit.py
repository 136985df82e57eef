"""Events count against the limit of what a page keeps, with its view state."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import stream_template_string
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import ViewStateError
from flask_clientcallback.testing import CallbackClient

from ..helpers.classic import fields_of
from ..helpers.classic import send
from ..helpers.offers import check_refused
from ..helpers.offers import FIELDS
from ..helpers.offers import get_page
from ..helpers.offers import Offers
from ..helpers.offers import Open
from ..helpers.offers import ran
from ..helpers.offers import SCRIPTS

LIMIT = "CLIENTCALLBACK_MAX_VIEW_STATE"
EMPTY = len("{}")


def offer(first: int, count: int) -> None:
    """Let the page raise some events."""
    for number in range(first, first + count):
        current_page.client_script.register_for_event_validation("grid", number)


class Many(Offers):
    """Offers events, and more of them in each callback."""

    template = f"<form>{FIELDS}</form>{SCRIPTS}"
    count = 10
    more = 1

    def page_load(self) -> None:
        if not current_page.is_callback:
            offer(0, self.count)

    def raise_callback_event(self, event_argument: str) -> t.Any:
        offer(self.count, self.more)
        return event_argument


class CallsGrid(Many):
    """The same, by a control that may always be called."""

    def page_init(self) -> None:
        current_page.add_control("grid", self)


def replace_page(app: Flask, base: type[t.Any], **members: t.Any) -> None:
    """Put another view in the place of a page's."""
    view: t.Any = type("Offered", (base,), members)
    app.view_functions["offered"] = view.as_view("offered")


@pytest.mark.parametrize("base", [Many, type("MayOffer", (Many, Open), {})])
@pytest.mark.parametrize(
    "template",
    [f"{FIELDS}{SCRIPTS}", SCRIPTS, f"{SCRIPTS}{FIELDS}", f"{FIELDS}{FIELDS}{SCRIPTS}"],
)
def test_limit(
    app: Flask, client: CallbackClient, base: type[t.Any], template: str
) -> None:
    """Each event counts 8 bytes. One too many is an error when they are signed, which
    says what to do.
    """
    app.testing = True
    app.config[LIMIT] = EMPTY + 10 * 8
    page = get_page(app, client, base, template=template)
    assert page.callback("9", target="grid").status == 200
    replace_page(app, base, template=template, count=11)

    with pytest.raises(ViewStateError) as caught:
        client.get("/")

    message = str(caught.value)
    assert message.startswith(
        "The page's 11 events take 88 bytes, 8 each, and its view state 2: together"
        f" more than the 82 of {LIMIT}. Offer fewer events"
    )


@settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.integers(0, 40), st.integers(0, 300), st.integers(-1, 1))
def test_together_with_the_view_state(count: int, length: int, spare: int) -> None:
    """View state and events are added up, to the byte."""
    app = Flask(__name__)
    app.config.update(SECRET_KEY="k" * 32, TESTING=True)
    size = len('{"x":""}') + length + count * 8
    app.config[LIMIT] = size + spare
    ClientCallback(app)

    class Both(Many):
        def page_load(self) -> None:
            current_page.view_state["x"] = "y" * length
            offer(0, count)

    client = CallbackClient(app)

    if spare < 0:
        with pytest.raises(ViewStateError, match=LIMIT):
            get_page(app, client, Both)
    else:
        assert get_page(app, client, Both).status == 200


def test_limit_of_a_stream(app: Flask, client: CallbackClient) -> None:
    """It holds for a page that is streamed, too."""
    app.testing = True
    app.config[LIMIT] = EMPTY + 9 * 8

    class Streamed(Many):
        def get(self) -> t.Any:
            return stream_template_string(self.template)

    with pytest.raises(ViewStateError, match="10 events take 80 bytes"):
        get_page(app, client, Streamed)


def test_limit_in_a_callback(app: Flask, client: CallbackClient) -> None:
    """What a callback adds counts with what the page has, and nothing is issued
    where it is too much.
    """
    app.config[LIMIT] = EMPTY + 12 * 8
    page = get_page(app, client, CallsGrid)
    assert page.callback("0", target="grid").events == page.events
    first = page.events
    replace_page(app, CallsGrid, more=3)
    answer = page.callback("1", target="grid")
    assert (answer.status, answer.events, page.events) == (500, None, first)


@pytest.mark.parametrize("length", [7, 8])
def test_view_state_that_grows_beside_events(
    app: Flask, client: CallbackClient, length: int
) -> None:
    """So does what a callback writes into the view state, where the events stay as
    they were.
    """
    app.config[LIMIT] = len('{"x":"1234567"}') + 10 * 8

    class Writing(CallsGrid):
        def raise_callback_event(self, event_argument: str) -> None:
            current_page.view_state["x"] = "y" * length

    page = get_page(app, client, Writing)
    answer = page.callback("0", target="grid")
    assert answer.status == (200 if length == 7 else 500)
    assert (answer.state is not None) == (length == 7)


def test_events_that_grow_beside_a_view_state(
    app: Flask, client: CallbackClient
) -> None:
    """Nor can events take the room of a view state that stays as it was."""
    app.config[LIMIT] = len('{"x":"yyyyyyyy"}') + 10 * 8

    class Full(CallsGrid):
        def page_load(self) -> None:
            if not current_page.is_callback:
                current_page.view_state["x"] = "y" * 8

            super().page_load()

    page = get_page(app, client, Full)
    assert page.callback("0", target="grid").status == 500


def test_post_back_begins_anew(app: Flask, client: CallbackClient) -> None:
    """The events of the page that was posted back do not count in the next one."""
    app.config[LIMIT] = EMPTY + 10 * 8
    page = get_page(app, client, Many)
    assert page.post_back("grid", "9").status == 200


@pytest.mark.parametrize(("more", "status"), [(2, 200), (3, 500)])
def test_limit_of_a_classic_callback(
    app: Flask, client: CallbackClient, more: int, status: int
) -> None:
    """A classic client script's events have the same limit."""
    app.config.update({LIMIT: EMPTY + 12 * 8, "CLIENTCALLBACK_CLASSIC": True})
    page = get_page(app, client, CallsGrid, more=more)
    response = send(client, fields_of(page, "0", target="grid"))
    assert response.status_code == status


def test_limit_that_was_lowered(app: Flask, client: CallbackClient) -> None:
    """A page that has more goes on working, as long as nothing is signed anew."""

    @callback_handler(event_validation=True)
    class Plain(Many):
        more = 0

    page = get_page(app, client, Plain)
    check_refused(page.callback("10", target="grid"))
    object.__setattr__(app.extensions["clientcallback"].settings, "max_view_state", 50)
    assert page.callback("9", target="grid").result == "9"
    assert ran == ["9"]
    assert client.get("/").status_code == 500
