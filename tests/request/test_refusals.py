"""What is told of a refusal or an error, and what becomes of a receiver that fails."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import got_request_exception
from werkzeug.exceptions import NotFound

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import RefusedError
from flask_clientcallback import signals
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Echo
from ..helpers.pages import Page

SHARED = ZeroDivisionError("raised each time")


@callback_handler
class Failing(Page):
    """Raises one exception object again and again."""

    def raise_callback_event(self, event_argument: str) -> t.Any:
        raise SHARED


def fail(sender: Flask, **extra: t.Any) -> None:
    """Fail as a receiver."""
    raise LookupError("the receiver's own")


def test_receiver_of_an_error_that_fails(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The handler's exception keeps its way and its id, and both are logged."""
    add_page(app, Failing)
    raised: list[BaseException] = []

    def receive(sender: Flask, exception: BaseException, **extra: t.Any) -> None:
        raised.append(exception)

    with (
        signals.callback_error.connected_to(fail, app),
        got_request_exception.connected_to(receive, app),
    ):
        answer = client.get_page("/").callback("x")

    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (500, "server")
    assert raised == [SHARED]
    assert answer.error["id"] in "".join(SHARED.__notes__)
    assert "A receiver of the signal callback-error failed" in caplog.text
    assert "the receiver's own" in caplog.text


def test_receiver_of_a_refusal_that_fails(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The request is refused all the same."""
    add_page(app, Echo)
    page = client.get_page("/")
    page.state = "x"

    with signals.callback_rejected.connected_to(fail, app):
        answer = page.callback("x")

    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (400, "stale")
    assert "A receiver of the signal callback-rejected failed" in caplog.text


def test_id_of_an_error(app: Flask, client: CallbackClient) -> None:
    """Who is told of an exception is told the id that the visitor is shown."""
    add_page(app, Failing)
    ids: list[t.Any] = []

    def receive(sender: Flask, error_id: str | None, **extra: t.Any) -> None:
        # A receiver may make more of the note, which is there already.
        ids.append((error_id, SHARED.__notes__))

    with signals.callback_error.connected_to(receive, app):
        error = client.get_page("/").callback("x").error

    assert error is not None
    assert ids == [(error["id"], [f"The client callback's error id is {error['id']}."])]


@pytest.mark.parametrize("error", [CallbackError("No."), NotFound()])
def test_error_without_an_id(
    app: Flask, client: CallbackClient, error: Exception
) -> None:
    """An exception that says what is answered is not logged, and has no id."""

    @callback_handler
    class Answering(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            raise error

    add_page(app, Answering)
    told: list[t.Any] = []

    def receive(sender: Flask, **keywords: t.Any) -> None:
        told.append((keywords["exception"], keywords["error_id"]))

    with signals.callback_error.connected_to(receive, app):
        answer = client.get_page("/").callback("x")

    assert answer.error is not None
    assert "id" not in answer.error
    assert told == [(error, None)]


def test_note_of_an_exception_that_is_raised_again(
    app: Flask, client: CallbackClient
) -> None:
    """An exception has the note of its last id alone, beside notes of others."""
    add_page(app, Failing)
    page = client.get_page("/")
    SHARED.__notes__ = ["somebody's"]
    ids: list[str] = []

    for _ in range(2):
        error = page.callback("x").error
        assert error is not None
        ids.append(error["id"])

    assert ids[0] != ids[1]
    assert SHARED.__notes__ == [
        "somebody's",
        f"The client callback's error id is {ids[1]}.",
    ]


def post_back_of_an_old_page(client: CallbackClient) -> str:
    """Post a page back whose state is not good, and give the page that answers."""
    state = client.get_page("/").state
    answer = client.post("/", data={"__VIEWSTATE": f"{state}x"})
    assert answer.status_code == 400
    return answer.text


@pytest.mark.parametrize("debug", [True, False])
def test_post_back_of_an_old_page(
    app: Flask, client: CallbackClient, debug: bool
) -> None:
    """Its answer has a link to the page: to load it anew would post it again. In debug
    mode it tells the reason.
    """
    app.debug = debug
    add_page(app, Echo)
    message = "This page is out of date. Reload it and try again."
    reason = " (forged, or signed with another key)" if debug else ""
    told = f'<p><a href="">{message}</a>{reason}</p>'
    assert told in post_back_of_an_old_page(client)


def test_text_of_an_error_handler(app: Flask, client: CallbackClient) -> None:
    """An application may give the answer another text. All of it is the link."""

    @app.errorhandler(RefusedError)
    def describe(refusal: RefusedError) -> RefusedError:
        refusal.description = "Old & gone."
        return refusal

    add_page(app, Echo)
    told = '<p><a href="">Old &amp; gone.</a></p>'
    assert told in post_back_of_an_old_page(client)
