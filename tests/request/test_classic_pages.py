"""Pages that speak the classic protocol: when they do, and what else is posted."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import request

from flask_clientcallback import callback_handler
from flask_clientcallback.testing import CallbackClient

from ..helpers.classic import answering
from ..helpers.classic import check_answer
from ..helpers.classic import fields_of
from ..helpers.classic import get_page
from ..helpers.classic import send
from ..helpers.classic import STALE
from ..helpers.offers import Offers
from ..helpers.offers import ran
from ..helpers.pages import Echo
from ..helpers.pages import Page


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application, which answers classic client scripts."""
    app.config["CLIENTCALLBACK_CLASSIC"] = True
    return app


def test_one_interface(app: Flask, client: CallbackClient) -> None:
    """A class that is made for one protocol is made for both."""
    page = get_page(app, client, Offers)
    assert page.callback("buy").result == "buy"
    assert send(client, fields_of(page, "buy")).text.endswith("buy")


@pytest.mark.parametrize("headers", [{}, {"X-Client-Callback": "1"}])
def test_mark_decides(
    app: Flask, client: CallbackClient, headers: dict[str, str]
) -> None:
    """A marked request is never a classic one."""
    page = get_page(app, client, Echo)
    response = send(client, fields_of(page, '"x"'), headers=headers)
    assert response.text == ('{"result":"x"}' if headers else '0|"x"')


def test_post_back(app: Flask, client: CallbackClient) -> None:
    """The form of a page is still posted, event and all."""

    class Posted(Offers):
        def post(self) -> t.Any:
            ran.append(request.form["name"])
            return self.get()

        template = (
            "<form><input name=name value=Ada>{{ callback_fields() }}</form>"
            "{{ current_page.client_script"
            ".register_for_event_validation(current_page, 'buy') or '' }}"
        )

    ran.clear()
    page = get_page(app, client, Posted)
    posted = page.post_back("__Page", "buy")
    assert (posted.status, ran) == (200, ["buy", "Ada"])
    assert posted.response.mimetype == "text/html"
    assert send(client, fields_of(posted, "buy")).text.endswith("buy")


def test_plain_post(app: Flask, client: CallbackClient) -> None:
    """So is one without any state, and one that is no form at all."""

    class Plain(Echo):
        def post(self) -> t.Any:
            return request.get_json(silent=True) or request.form.to_dict()

    get_page(app, client, Plain)
    assert client.post("/", data={"a": "b"}).json == {"a": "b"}
    assert client.post("/", json={"__CALLBACKID": "x"}).json == {"__CALLBACKID": "x"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_fields_in_the_query(app: Flask, client: CallbackClient, method: str) -> None:
    """Fields in an address make no callback."""
    page = get_page(app, client, answering(lambda: ""))
    response = client.open("/", method=method, query_string=fields_of(page))
    assert (response.status_code, response.mimetype) == (200, "text/html")
    response = client.post("/", query_string=fields_of(page), data={"a": "b"})
    assert response.status_code == 405
    assert ran == []


def test_file_upload(app: Flask, client: CallbackClient) -> None:
    """The classic scripts send no files: such a request is refused."""
    page = get_page(app, client, answering(lambda: ""))
    response = send(client, fields_of(page), content_type="multipart/form-data")
    assert (response.status_code, ran) == (400, [])


def test_other_views(app: Flask, client: CallbackClient) -> None:
    """Views that are no pages get whatever was sent."""
    app.add_url_rule("/own", view_func=lambda: request.form.to_dict(), methods=["POST"])
    data = {"__CALLBACKID": "__Page", "__CALLBACKPARAM": "x"}
    assert client.post("/own", data=data).json == data
    assert client.post("/nowhere", data=data).mimetype == "text/html"


def marked(classic: bool | None) -> type[t.Any]:
    """Make a page whose class says whether it answers classic scripts."""
    ran.clear()

    @callback_handler(classic=classic)
    class Marked(Page):
        def raise_callback_event(self, event_argument: str) -> str:
            ran.append(event_argument)
            return event_argument

    return Marked


@pytest.mark.parametrize("setting", [True, False, None])
@pytest.mark.parametrize("classic", [True, False, None])
def test_switches(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    setting: bool | None,
    classic: bool | None,
) -> None:
    """The protocol is off unless the setting, or else the class, says otherwise.
    Then the log names the setting, and the answer is not the page.
    """
    if setting is None:
        del app.config["CLIENTCALLBACK_CLASSIC"]
    else:
        app.config["CLIENTCALLBACK_CLASSIC"] = setting

    page = get_page(app, client, marked(classic))
    response = send(client, fields_of(page))

    if setting if classic is None else classic:
        check_answer(response, "0|x")
        assert ran == ["x"]
    else:
        assert (response.status_code, ran) == (400, [])
        assert "__VIEWSTATE" not in response.text
        assert "0|" not in response.text
        [message] = caplog.messages
        assert "CLIENTCALLBACK_CLASSIC = True" in message
        assert page.callback("x").result == "x"


def test_forged_events(app: Flask, client: CallbackClient) -> None:
    """Events that nobody signed are refused, although nothing is validated."""
    page = get_page(app, client, answering(lambda: ""))
    page.events = "forged"
    check_answer(send(client, fields_of(page)), STALE, 400)
    assert ran == []


@pytest.mark.parametrize(
    "data",
    [
        {"a": "__CALLBACKID=x"},
        {"my__CALLBACKID": "x"},
    ],
)
def test_fields_that_look_like_it(
    app: Flask, client: CallbackClient, data: dict[str, str]
) -> None:
    """A field whose name or value has the target's name in it makes no callback."""

    class Plain(Echo):
        def post(self) -> t.Any:
            return request.form.to_dict()

    get_page(app, client, Plain)
    assert client.post("/", data=data).json == data


def test_long_post_of_the_view(app: Flask, client: CallbackClient) -> None:
    """A view that takes POST itself takes as much as it did before."""

    @callback_handler(max_content_length=1000)
    class Posted(Page):
        def post(self) -> t.Any:
            return {"length": len(request.form["a"])}

        def raise_callback_event(self, event_argument: str) -> str:
            return event_argument

    page = get_page(app, client, Posted)
    assert client.post("/", data={"a": "x" * 5000}).json == {"length": 5000}
    assert send(client, fields_of(page, "x" * 1000)).status_code in (400, 413)
    check_answer(send(client, fields_of(page)), "0|x")


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", ""])
def test_other_content_types(
    app: Flask, client: CallbackClient, content_type: str
) -> None:
    """What is no form is the view's own, whatever its text looks like."""

    class Raw(Echo):
        def post(self) -> str:
            return request.get_data(as_text=True)

    get_page(app, client, Raw)
    body = "__CALLBACKID=__Page&__CALLBACKPARAM=x"
    assert client.post("/", data=body, content_type=content_type).text == body
