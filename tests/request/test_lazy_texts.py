"""Texts of the application that are translated when they are asked for."""

from __future__ import annotations

import typing as t

import pytest
from flask import abort
from flask import Flask
from flask import request
from werkzeug.exceptions import Conflict

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page
from flask_clientcallback import RefusedError
from flask_clientcallback.testing import CallbackClient

from ..helpers.classic import check_answer
from ..helpers.classic import fields_of
from ..helpers.classic import send
from ..helpers.pages import add_page
from ..helpers.pages import Page

GERMAN = {"Accept-Language": "de"}


class Lazy:
    """A text in the language of the request that asks for it, as Flask-Babel's."""

    def __str__(self) -> str:
        return {"de": "Zu <spät>", "fr": ""}.get(request.accept_languages[0][0], "Late")


LAZY: t.Any = Lazy()


class Named(Conflict):
    """An HTTP exception whose name is such a text."""

    name = LAZY
    description = None


@pytest.fixture(autouse=True)
def messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Translate the texts of refusals."""
    monkeypatch.setitem(RefusedError.messages, "stale", LAZY)
    monkeypatch.setitem(RefusedError.messages, "rejected", LAZY)


def named() -> t.NoReturn:
    """Raise an exception that has only a name."""
    raise Named


def without_fields() -> t.NoReturn:
    """Raise the user's error."""
    raise CallbackError(LAZY, 409)


def with_fields() -> t.NoReturn:
    """Raise the one of a form, whose fields have such names too."""
    raise CallbackError("", fields={LAZY: [LAZY, {"a": LAZY}], "b": LAZY, Lazy(): LAZY})


def answering(work: t.Callable[[], t.Any]) -> type[t.Any]:
    """Make a page whose handler does one thing."""

    @callback_handler(classic=True)
    class Answering(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            return work()

    return Answering


def validate() -> None:
    """Refuse what the page did not offer."""
    current_page.client_script.validate_event(current_page, "x")


FAILURES: dict[str, tuple[t.Callable[[], t.Any], int]] = {
    "description": (lambda: abort(410, LAZY), 410),
    "name": (named, 409),
    "message": (without_fields, 409),
    "refusal by the handler": (validate, 403),
}
every_failure = pytest.mark.parametrize(
    ("work", "status"), FAILURES.values(), ids=FAILURES
)


@every_failure
def test_failures(
    app: Flask, client: CallbackClient, work: t.Callable[[], t.Any], status: int
) -> None:
    """The user reads the message in the language of the request."""
    add_page(app, answering(work))
    page = client.get_page("/")

    for headers, text in ((GERMAN, "Zu <spät>"), ({"Accept-Language": "en"}, "Late")):
        answer = page.callback(headers=headers)
        assert answer.status == status
        assert answer.error is not None
        assert answer.error["message"] == text


@every_failure
def test_failures_of_a_classic_script(
    app: Flask, client: CallbackClient, work: t.Callable[[], t.Any], status: int
) -> None:
    """So does that of a classic client script."""
    add_page(app, answering(work))
    response = send(client, fields_of(client.get_page("/")), headers=GERMAN)
    check_answer(response, "eZu &lt;spät&gt;", status)


def test_name_in_the_place_of_an_empty_description(
    app: Flask, client: CallbackClient
) -> None:
    """A description that is empty in this language is none."""
    add_page(app, answering(lambda: abort(410, LAZY)))
    answer = client.get_page("/").callback(headers={"Accept-Language": "fr"})
    assert answer.error is not None
    assert answer.error["message"] == "Gone"


def test_fields(app: Flask, client: CallbackClient) -> None:
    """The messages of fields are in that language, too."""
    add_page(app, answering(with_fields))
    answer = client.get_page("/").callback(headers=GERMAN)
    assert answer.error is not None
    assert answer.error["fields"] == {
        "Zu <spät>-0": ["Zu <spät>"],
        "Zu <spät>-1-a": ["Zu <spät>"],
        "b": ["Zu <spät>"],
        "Zu <spät>": ["Zu <spät>"],
    }


@pytest.mark.parametrize("debug", [False, True])
def test_refusals(app: Flask, client: CallbackClient, debug: bool) -> None:
    """What is refused is told in that language, of every kind."""
    app.debug = debug
    add_page(app, answering(int))
    page = client.get_page("/")
    answers = [page.callback(target="nowhere", headers=GERMAN)]
    page.state = "forged"
    answers.append(page.callback(headers=GERMAN))
    errors = [answer.error or {} for answer in answers]
    assert [error["kind"] for error in errors] == ["rejected", "stale"]

    for error in errors:
        assert error["message"].partition(" (")[0] == "Zu <spät>"
        assert (" (" in error["message"]) is debug


def test_refusal_of_a_classic_script(app: Flask, client: CallbackClient) -> None:
    """A classic client script is told the same."""
    add_page(app, answering(int))
    fields = {**fields_of(client.get_page("/")), "__VIEWSTATE": "forged"}
    check_answer(send(client, fields, headers=GERMAN), "eZu &lt;spät&gt;", 400)


def test_refused_post_back(app: Flask, client: CallbackClient) -> None:
    """Flask's own page of the error is in that language, and escapes it."""
    add_page(app, answering(int))
    page = client.get_page("/")
    data = {"__VIEWSTATE": "forged"}
    response = client.post("/", data=data, headers=GERMAN)
    assert page.status == 200
    assert response.status_code == 400
    assert "Zu &lt;spät&gt;" in response.text
