"""How a page carries the events that it may raise, and until when they can be
registered.
"""

from __future__ import annotations

import re
import typing as t

import pytest
from flask import Flask
from flask import jsonify
from flask import make_response
from flask import render_template_string
from flask import Response
from flask import stream_template_string

from flask_clientcallback import current_page
from flask_clientcallback import RegistrationError
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.offers import BUY
from ..helpers.offers import check_refused
from ..helpers.offers import check_stale
from ..helpers.offers import FIELDS
from ..helpers.offers import get_page
from ..helpers.offers import Offers
from ..helpers.offers import Open
from ..helpers.offers import ran
from ..helpers.offers import SCRIPTS

TOKEN = r"[\w-]{20,}\.[\w-]{43}"
FIELD = re.compile(
    '<input type="hidden" name="__EVENTVALIDATION"( id="__EVENTVALIDATION")?'
    f' value="({TOKEN})" autocomplete="off" data-callback-page="[^>]+>'
)
IN_SCRIPT = re.compile(f' data-callback-events="({TOKEN})"')
OTHER = BUY.replace("buy", "other")


def tokens_of(text: str) -> list[str]:
    """Get the tokens of a page, and see that nothing else stands in their place."""
    assert "events-" not in text
    found = [field[2] for field in FIELD.finditer(text)]
    found += [script[1] for script in IN_SCRIPT.finditer(text)]
    places = re.findall('name="__EVENTVALIDATION"|data-callback-events', text)
    assert len(found) == len(places)
    return found


def check_offers(page: ClientPage, *arguments: str) -> None:
    """See that a page may raise some events, and no others."""
    for argument in arguments:
        assert page.callback(argument).result == argument

    check = page.callback("something else")
    assert check.status == 403


@pytest.mark.parametrize(
    ("template", "count"),
    [
        (FIELDS + SCRIPTS + BUY, 1),
        (FIELDS + BUY + SCRIPTS, 1),
        (BUY + FIELDS + SCRIPTS, 1),
        (SCRIPTS + FIELDS + BUY, 2),
        (SCRIPTS + BUY + FIELDS, 2),
        (SCRIPTS + BUY, 1),
        (BUY + SCRIPTS, 1),
        (FIELDS + BUY + FIELDS + SCRIPTS + FIELDS, 3),
        (SCRIPTS + FIELDS + BUY + FIELDS, 3),
        (FIELDS + SCRIPTS + SCRIPTS + BUY, 1),
    ],
)
def test_order_in_the_page(
    app: Flask, client: CallbackClient, template: str, count: int
) -> None:
    """Wherever a reference stands, each place has the one token that knows it."""
    page = get_page(app, client, template=template)
    tokens = tokens_of(page.text)
    assert len(tokens) == count
    assert set(tokens) == {page.events}
    check_offers(page, "buy")


def test_field(app: Flask, client: CallbackClient) -> None:
    """The first field has an id equal to its name, the others have none."""
    page = get_page(app, client, template=FIELDS + FIELDS + SCRIPTS + BUY)
    assert [bool(field[1]) for field in FIELD.finditer(page.text)] == [True, False]


def test_two_references(app: Flask, client: CallbackClient) -> None:
    """Those before and after the fields are valid alike."""
    page = get_page(app, client, template=BUY + FIELDS + SCRIPTS + OTHER)
    check_offers(page, "buy", "other")


def test_page_without_references(app: Flask, client: CallbackClient) -> None:
    """A page that offers nothing says so, and nothing can be raised."""
    page = get_page(app, client, template=FIELDS + SCRIPTS)
    assert len(tokens_of(page.text)) == 1
    check_refused(page.callback(""))


def test_post_back_renews_the_page(app: Flask, client: CallbackClient) -> None:
    """A page that was posted back has a token of its own, and the one before it
    is good for what is still in the browser.
    """

    def page_load(page: t.Any) -> None:
        if current_page.is_postback:
            script = current_page.client_script
            script.register_for_event_validation(current_page, "more")

    page = get_page(app, client, page_load=page_load)
    posted = page.post_back()
    assert posted.events != page.events
    check_offers(posted, "buy", "more")


def test_place_is_no_secret_that_a_page_repeats(
    app: Flask, client: CallbackClient
) -> None:
    """Text of the page stays as it is, whatever it looks like."""
    page = get_page(app, client, template=FIELDS + SCRIPTS + "events_" + "0" * 32)
    assert page.text.endswith("events_" + "0" * 32)


ANSWERS: dict[str, t.Callable[[str], t.Any]] = {
    "text": str,
    "bytes": str.encode,
    "response": make_response,
    "status": lambda text: (text, 201),
    "headers": lambda text: (text, {"X-Own": "1"}),
    "status and headers": lambda text: (text, 201, {"X-Own": "1"}),
    "response and status": lambda text: (make_response(text), 201),
    "list of parts": lambda text: Response([text[:100], text[100:]]),
    "length given": lambda text: Response(
        text, headers={"Content-Length": str(len(text))}
    ),
    "JSON": lambda text: jsonify(page=text),
    "dict": lambda text: {"page": text},
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_answers_of_the_view(
    app: Flask, client: CallbackClient, answer: t.Callable[[str], t.Any]
) -> None:
    """Whatever the view's method makes of the page, the token is in it."""

    def get(page: t.Any) -> t.Any:
        return answer(render_template_string(FIELDS + SCRIPTS + BUY))

    page = get_page(app, client, get=get)
    body = page.response.json if page.response.is_json else None
    text = page.text if body is None else body["page"]
    assert len(tokens_of(text)) == 1
    assert page.response.content_length == len(page.response.data)


def test_head(app: Flask, client: CallbackClient) -> None:
    """A HEAD tells the length that the page has."""
    page = get_page(app, client)
    response = client.head("/")
    assert (response.status_code, response.data) == (200, b"")
    assert response.content_length == len(page.response.data)


class Streamed(Offers):
    """Renders its template while the response is sent."""

    def get(self) -> t.Any:
        return stream_template_string(self.template)


@pytest.mark.parametrize(
    "template",
    [
        BUY + FIELDS + SCRIPTS,
        BUY + SCRIPTS,
        BUY + SCRIPTS + FIELDS,
        BUY + FIELDS + FIELDS + SCRIPTS,
    ],
)
def test_stream(app: Flask, client: CallbackClient, template: str) -> None:
    """A page that is streamed may raise what stands before its fields."""
    page = get_page(app, client, Streamed, template=template)
    assert set(tokens_of(page.text)) == {page.events}
    check_offers(page, "buy")


@pytest.mark.parametrize("base", [Streamed, type("Plain", (Open, Streamed), {})])
@pytest.mark.parametrize("place", [FIELDS, SCRIPTS])
def test_stream_that_is_too_far(
    app: Flask, client: CallbackClient, base: type[t.Any], place: str
) -> None:
    """What stands after them is an error that says what to move."""
    late = "current_page.client_script.register_for_event_validation('grid', 'x')"

    with pytest.raises(
        RegistrationError,
        match=r"'grid' is too late.*put callback_fields\(\) or.*after",
    ):
        get_page(app, client, base, template=place + "{{ " + late + " }}" + SCRIPTS)


def test_repeated_reference_in_a_stream(app: Flask, client: CallbackClient) -> None:
    """A reference that was written before its fields can be written once more."""
    literal = '{{ get_callback_event_reference(current_page, "", "f") }}'
    template = literal + FIELDS + SCRIPTS + literal
    page = get_page(app, client, Streamed, template=template)
    check_offers(page, "")


@pytest.mark.parametrize("template", [BUY + FIELDS + SCRIPTS, BUY + SCRIPTS])
def test_fields_rendered_before_a_stream(
    app: Flask, client: CallbackClient, template: str
) -> None:
    """What is rendered first and sent later could not be completed any more."""
    app.testing = True

    def get(page: t.Any) -> t.Any:
        return iter(["<!doctype html>", render_template_string(template)])

    with pytest.raises(RegistrationError, match="render them in the stream"):
        get_page(app, client, get=get)


def test_fields_without_events_before_a_stream(
    app: Flask, client: CallbackClient
) -> None:
    """Without events there is nothing to be completed."""

    def get(page: t.Any) -> t.Any:
        return iter(["<!doctype html>", render_template_string(FIELDS + SCRIPTS)])

    page = get_page(app, client, Open, get=get)
    assert page.callback("x").result == "x"


@pytest.mark.parametrize("template", [FIELDS + SCRIPTS, SCRIPTS])
def test_after_the_page(app: Flask, client: CallbackClient, template: str) -> None:
    """When the page is rendered, nothing can be registered any more."""
    app.testing = True

    def page_render(page: t.Any) -> None:
        script = current_page.client_script
        script.register_for_event_validation("grid", "x")

    with pytest.raises(RegistrationError, match=r"'grid' is too late.*page_load"):
        get_page(app, client, template=template, page_render=page_render)


@pytest.mark.parametrize("template", [FIELDS + SCRIPTS, SCRIPTS, SCRIPTS + FIELDS])
def test_without_a_place(app: Flask, client: CallbackClient, template: str) -> None:
    """Where the class did not ask for validation, no place is kept."""
    app.testing = True
    late = "current_page.client_script.register_for_event_validation('grid', 'x')"

    with pytest.raises(
        RegistrationError, match=r"after callback_fields\(\).*event_validation=True"
    ):
        get_page(app, client, Open, template=template + "{% set _ = " + late + " %}")


@pytest.mark.parametrize(
    "template",
    [FIELDS + SCRIPTS, SCRIPTS, SCRIPTS + FIELDS],
)
def test_with_a_hook(app: Flask, client: CallbackClient, template: str) -> None:
    """There, what a hook registers is in the page."""

    def page_load(page: t.Any) -> None:
        script = current_page.client_script
        script.register_for_event_validation("grid", "x")

    page = get_page(app, client, Open, template=template, page_load=page_load)
    assert set(tokens_of(page.text)) == {page.events}


def test_keys(app: Flask, client: CallbackClient) -> None:
    """Events of a key that is given up are renewed, and then outlive it."""
    page = get_page(app, client)
    first = page.events
    app.secret_key, app.config["SECRET_KEY_FALLBACKS"] = "new", [app.secret_key]
    answer = page.callback("buy")
    assert answer.result == "buy"
    assert (answer.events, answer.state) == (page.events, page.state)
    assert page.events != first
    answer = page.callback("buy")
    assert (answer.result, answer.events, answer.state) == ("buy", None, None)
    page.events = first
    assert page.callback("buy").events is not None


def test_key_that_is_gone(app: Flask, client: CallbackClient) -> None:
    """When the key is gone, so are the events that it signed."""
    page = get_page(app, client)
    app.secret_key = "new"
    check_stale(page.callback("buy"))


def test_renewed_events_of_a_key_that_is_gone(
    app: Flask, client: CallbackClient
) -> None:
    """Events that were renewed cannot be told any more when their key is gone: the
    page has to be reloaded.
    """
    page = get_page(app, client)
    app.secret_key, app.config["SECRET_KEY_FALLBACKS"] = "new", [app.secret_key]
    assert page.callback("buy").events is not None
    ran.clear()
    app.config["SECRET_KEY_FALLBACKS"] = []
    check_stale(page.callback("buy"))


def test_new_events_beside_old_ones(app: Flask, client: CallbackClient) -> None:
    """What is registered with a new key stands beside what the old one made."""

    class Adding(Offers):
        def page_load(self) -> None:
            if current_page.is_callback:
                script = current_page.client_script
                script.register_for_event_validation(current_page, "more")

    page = get_page(app, client, Adding)
    app.secret_key, app.config["SECRET_KEY_FALLBACKS"] = "new", [app.secret_key]
    assert page.callback("buy").events is not None
    check_offers(page, "buy", "more")


def test_fields_rendered_in_a_callback(app: Flask, client: CallbackClient) -> None:
    """A callback may render fields too: they carry what is offered by then."""

    class Whole(Offers):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            script = current_page.client_script
            script.register_for_event_validation(current_page, "more")
            return render_template_string(FIELDS)

    page = get_page(app, client, Whole)
    answer = page.callback("buy")
    assert tokens_of(answer.result) == [answer.events]
    page.events = tokens_of(answer.result)[0]
    assert page.callback("more").status == 200
    check_refused(page.callback("something else"))
