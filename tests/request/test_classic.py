"""The classic protocol, as ASP.NET's and Mono's client scripts speak it."""

from __future__ import annotations

import io
import json
import logging
import typing as t

import pytest
from flask import flash
from flask import Flask
from flask import request
from flask import session
from werkzeug.test import TestResponse

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.aspnet import REFERENCE
from ..helpers.classic import answering
from ..helpers.classic import call
from ..helpers.classic import check_answer
from ..helpers.classic import CRASHED
from ..helpers.classic import fields_of
from ..helpers.classic import get_page
from ..helpers.classic import REJECTED
from ..helpers.classic import send
from ..helpers.classic import STALE
from ..helpers.offers import Offers
from ..helpers.offers import ran
from ..helpers.offers import recorded_reasons
from ..helpers.pages import Counter
from ..helpers.pages import Echo
from ..helpers.pages import Page


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application, which answers classic client scripts."""
    app.config["CLIENTCALLBACK_CLASSIC"] = True
    return app


def test_result(app: Flask, client: CallbackClient) -> None:
    """A result stands after the length of no token."""
    check_answer(call(app, client, Echo), "0|x")


@pytest.mark.parametrize(
    "argument",
    ["", "x", '"x"', "null", "[1]", "a\r\nb\nc\r", "\0", "\u202e", "é 東京 \U0001f600",
     "a&b=c+d%20", "</script>", "5|x", "s", "e"],
)  # fmt: skip
def test_argument(app: Flask, client: CallbackClient, argument: str) -> None:
    """The argument is plain text, and so is the result, whatever they hold."""
    page = get_page(app, client, Echo)
    check_answer(send(client, fields_of(page, argument)), f"0|{argument}")


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (None, ""),
        ("", ""),
        (True, "true"),
        (0, "0"),
        (1.5, "1.5"),
        ([1, "a"], '[1,"a"]'),
        ({"a": "<é>"}, '{"a":"<\\u00e9>"}'),
        ("<script>", "<script>"),
    ],
)
def test_values(app: Flask, client: CallbackClient, result: t.Any, text: str) -> None:
    """A value that is no text is sent as its JSON, and None as nothing."""
    check_answer(call(app, client, answering(lambda: result)), f"0|{text}")


@pytest.mark.parametrize("result", [object(), float("nan"), {1, 2}])
def test_value_that_is_not_json(
    app: Flask, client: CallbackClient, result: t.Any
) -> None:
    """What JSON lacks is an error of the server."""
    response = call(app, client, answering(lambda: result))
    assert response.status_code == 500
    assert response.text.startswith(CRASHED)


def test_lone_surrogates(app: Flask, client: CallbackClient) -> None:
    """A result that UTF-8 cannot hold is still an answer of the protocol."""
    response = call(app, client, answering(lambda: "a\ud800b"))
    assert response.content_type == "text/plain; charset=utf-8"
    assert response.text[:2] in ("0|", "eT")


def test_token(app: Flask, client: CallbackClient) -> None:
    """Where events are validated, their token stands before the result."""
    ran.clear()
    page = get_page(app, client, Offers)
    response = send(client, fields_of(page, "buy"))
    length, _, rest = response.text.partition("|")
    token, result = rest[: int(length)], rest[int(length) :]
    assert (result, ran) == ("buy", ["buy"])
    assert page.events is not None
    check_answer(response, f"{len(page.events)}|{page.events}buy")
    page.events = token
    assert send(client, fields_of(page, "buy")).text == response.text


@pytest.mark.parametrize(
    ("offer", "argument", "body"),
    [
        ("get_callback_event_reference(current_page, none, 'f')", "null", "null"),
        ("get_callback_event_reference(current_page, none, 'f')", "", ""),
        ("get_callback_event_reference(current_page, none|js_literal, 'f')", "null",
         "null"),
        ("get_callback_event_reference(current_page, none, 'f')", "undefined", None),
        ("get_callback_event_reference(current_page, 'x'|js_literal, 'f')", "x", "x"),
        ("get_callback_event_reference(current_page, 'x'|js_literal, 'f')", "", None),
        ("callback_attributes(current_page, postback=true)", "", ""),
        ("callback_attributes(current_page, 'x')", "x", "x"),
        ("current_page.client_script.get_postback_event_reference(current_page, 'x')",
         "x", None),
        ("current_page.client_script.register_for_event_validation(current_page, 'x')",
         "x", "x"),
    ],
)  # fmt: skip
def test_events(
    app: Flask, client: CallbackClient, offer: str, argument: str, body: str | None
) -> None:
    """Event validation holds as it does natively: what was offered as a callback is
    good, and null where the argument was left out.
    """
    ran.clear()
    template = f"<form>{{{{ callback_fields() }}}}</form>{{{{ {offer} }}}}"
    page = get_page(app, client, type("Offered", (Offers,), {"template": template}))
    response = send(client, fields_of(page, argument))

    if body is None:
        check_answer(response, REJECTED, 403)
    else:
        check_answer(response, f"{len(page.events or '')}|{page.events}{body}")

    assert ran == [argument] * (body is not None)


def test_new_events(app: Flask, client: CallbackClient) -> None:
    """The token knows what the callback registered."""

    class Growing(Offers):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            script = current_page.client_script
            script.register_for_event_validation(current_page, event_argument + "1")
            return event_argument

    page = get_page(app, client, Growing)
    length, _, rest = send(client, fields_of(page, "buy")).text.partition("|")
    page.events = rest[: int(length)]
    assert send(client, fields_of(page, "buy1")).text.endswith("buy1")


@pytest.mark.parametrize(
    ("change", "body", "status"),
    [
        ({"__CALLBACKPARAM": "sell"}, REJECTED, 403),
        ({"__CALLBACKID": "grid"}, REJECTED, 403),
        ({"__EVENTVALIDATION": "forged"}, STALE, 400),
        ({"__EVENTVALIDATION": ""}, STALE, 400),
        ({"__VIEWSTATE": "forged"}, STALE, 400),
        ({"__VIEWSTATE": ""}, STALE, 400),
        ({"__VIEWSTATE": []}, STALE, 400),
        ({"__CALLBACKPARAM": []}, REJECTED, 400),
        ({"__CALLBACKLOADSCRIPT": "t"}, REJECTED, 400),
        ({"__CALLBACKLOADSCRIPT": ""}, REJECTED, 400),
        ({"__CALLBACKID": ["__Page", "__Page"]}, REJECTED, 400),
        ({"__CALLBACKPARAM": ["buy", "buy"]}, REJECTED, 400),
        ({"__VIEWSTATE": ["x", "x"]}, REJECTED, 400),
        ({"__EVENTVALIDATION": ["x", "x"]}, REJECTED, 400),
        ({"__EVENTTARGET": ["", ""]}, REJECTED, 400),
        ({f"f{number}": "" for number in range(1000)}, REJECTED, 413),
    ],
)
def test_refusals(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    change: dict[str, t.Any],
    body: str,
    status: int,
) -> None:
    """What a callback must not be is refused before anything of the page runs."""
    app.config["CLIENTCALLBACK_MAX_CONTENT_LENGTH"] = 200_000
    ran.clear()
    page = get_page(app, client, Offers)

    with recorded_reasons(app) as reasons, caplog.at_level(logging.INFO):
        response = send(client, {**fields_of(page, "buy"), **change})

    check_answer(response, body, status)
    assert ran == []
    assert len(reasons) == len(caplog.messages) == 1
    assert reasons[0] in caplog.messages[0]


def test_missing_target(app: Flask, client: CallbackClient) -> None:
    """A request without a target is a post back, not a callback."""
    page = get_page(app, client, Echo)
    fields = fields_of(page)
    del fields["__CALLBACKID"]
    response = send(client, fields)
    assert (response.status_code, response.mimetype) == (200, "text/html")


def test_unknown_target(app: Flask, client: CallbackClient) -> None:
    """A target that the page does not know is refused, and not repeated."""
    page = get_page(app, client, Echo)
    check_answer(send(client, fields_of(page, target="<b>")), REJECTED, 404)


def test_reason_in_debug_mode(app: Flask, client: CallbackClient) -> None:
    """Debug mode tells the reason, escaped like any message."""
    app.debug = True
    page = get_page(app, client, Echo)
    response = send(client, {**fields_of(page), "__VIEWSTATE": ""})
    check_answer(response, f"{STALE} (state missing)", 400)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_cross_site(
    app: Flask, client: CallbackClient, headers: dict[str, str]
) -> None:
    """What another site's page sends is refused."""
    page = get_page(app, client, answering(lambda: ""))
    response = send(client, fields_of(page), headers=headers)
    check_answer(response, REJECTED, 403)
    assert ran == []


def test_long_argument(app: Flask, client: CallbackClient) -> None:
    """An argument may be as long as the limit for callbacks lets it."""
    page = get_page(app, client, Echo)
    check_answer(send(client, fields_of(page, "x" * 600_000)), "0|" + "x" * 600_000)


def test_length_of_the_application(app: Flask, client: CallbackClient) -> None:
    """A lower limit of the application holds before anything is read."""
    app.config["MAX_CONTENT_LENGTH"] = 1000
    page = get_page(app, client, answering(lambda: "x"))
    assert send(client, fields_of(page)).text == "0|x"
    ran.clear()
    assert send(client, fields_of(page, "x" * 1000)).status_code == 413
    assert ran == []


def test_encoding(app: Flask, client: CallbackClient) -> None:
    """A body that is not UTF-8 is refused, as in the other protocol."""
    page = get_page(app, client, Echo)
    body = f"__VIEWSTATE={page.state}&__CALLBACKID=__Page&__CALLBACKPARAM=%ff"
    check_answer(send(client, body), REJECTED, 400)


def send_chunked(client: CallbackClient, page: ClientPage) -> TestResponse:
    """Send a callback without saying how long it is."""
    body = f"__VIEWSTATE={page.state}&__CALLBACKID=__Page&__CALLBACKPARAM=x"
    return send(
        client,
        None,
        input_stream=io.BytesIO(body.encode()),
        environ_overrides={"wsgi.input_terminated": True},
        headers={"Transfer-Encoding": "chunked"},
    )


@callback_handler(max_content_length=1000)
class Small(Page):
    """A page that takes little, and keeps what it got."""

    def raise_callback_event(self, event_argument: str) -> str:
        ran.append(event_argument)
        return event_argument


class Smaller(Small):
    """The same in a subclass."""


def test_length(app: Flask, client: CallbackClient) -> None:
    """A body that is too long, or does not say how long it is, is refused."""
    page = get_page(app, client, Small)
    ran.clear()

    with recorded_reasons(app) as reasons:
        assert send(client, fields_of(page, "x" * 1000)).status_code == 413
        assert send_chunked(client, page).status_code == 411

    assert ran == []
    limit = "the limit that @callback_handler(max_content_length=...) sets"
    assert reasons == [f"more than 1000 bytes, {limit}", "no Content-Length"]
    check_answer(send(client, fields_of(page)), "0|x")


@pytest.mark.parametrize(
    "view_class",
    [
        Small,
        Smaller,
    ],
)
def test_form_of_a_refusal_by_length(
    app: Flask, client: CallbackClient, view_class: type[t.Any]
) -> None:
    """Such a refusal, too, is an error that the scripts can read."""
    page = get_page(app, client, view_class)
    check_answer(send(client, fields_of(page, "x" * 1000)), REJECTED, 413)
    check_answer(send_chunked(client, page), REJECTED, 411)


def test_limit_of_a_view_above_that_of_the_application(
    app: Flask, client: CallbackClient
) -> None:
    """A view may allow more than any other form of the application, here too."""
    app.config["MAX_CONTENT_LENGTH"] = 100
    page = get_page(app, client, Small)
    assert page.callback("x" * 200).result == "x" * 200
    check_answer(send(client, fields_of(page, "x" * 200)), "0|" + "x" * 200)


def test_session_and_flash(app: Flask, client: CallbackClient) -> None:
    """The session is saved as in any other response."""

    def work() -> str:
        session["seen"] = True
        flash("done")
        return "x"

    response = call(app, client, answering(work))
    assert "session=" in response.headers["Set-Cookie"]

    with client.session_transaction() as held:
        assert (held["seen"], len(held["_flashes"])) == (True, 1)


def test_view_state_is_not_sent(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """As in ASP.NET, a callback's change of the view state is lost, and the log
    tells so.
    """
    page = get_page(app, client, Counter)

    with caplog.at_level(logging.INFO):
        for _ in range(2):
            check_answer(send(client, fields_of(page)), "0|1")

    assert [message for message in caplog.messages if "view state" in message] == [
        "A classic client script cannot take a changed view state."
    ] * 2


def test_stages(app: Flask, client: CallbackClient) -> None:
    """A classic callback goes through ASP.NET's stages."""
    stages: list[str | None] = []

    class Logged(Echo):
        def raise_callback_event(self, event_argument: str) -> None:
            assert (current_page.is_callback, current_page.is_postback) == (True, True)

        def get_callback_result(self) -> str:
            return "done"

    def note(self: t.Any) -> None:
        stages.append(current_page.stage)

    for name in ("raise_callback_event", "get_callback_result"):
        setattr(Logged, f"page_{name}", note)

    for name in REFERENCE["life_cycle"]["postback"]:
        stage = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
        setattr(Logged, "page" + stage, note)

    page = get_page(app, client, Logged)
    stages.clear()
    check_answer(send(client, fields_of(page)), "0|done")
    assert [str(stage).replace("_", "") for stage in stages] == [
        stage.lower() for stage in REFERENCE["life_cycle"]["callback"]
    ]


def test_form(app: Flask, client: CallbackClient) -> None:
    """The form has the page's own fields, for all who ask."""

    @callback_handler
    class Form(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            items = list(request.form.items(multi=True))
            return [items, list(current_page.form.items(multi=True))]

    page = get_page(app, client, Form)
    page.form.setlist("name", ["Ada", "", "é"])
    own = [["name", "Ada"], ["name", ""], ["name", "é"]]
    response = send(client, fields_of(page))
    assert json.loads(response.text.removeprefix("0|")) == [own, own]
