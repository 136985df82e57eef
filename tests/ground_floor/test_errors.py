"""The errors: their bases, and what they carry."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from flask_clientcallback import CallbackError
from flask_clientcallback import CallbackTargetError
from flask_clientcallback import ClientCallbackError
from flask_clientcallback import ConfigurationError
from flask_clientcallback import errors
from flask_clientcallback import HandlerInterfaceError
from flask_clientcallback import OutsidePageError
from flask_clientcallback import RefusedError
from flask_clientcallback import RegistrationError
from flask_clientcallback import StoreError
from flask_clientcallback import StreamError
from flask_clientcallback import ViewStateError
from flask_clientcallback.errors import RefusalKind
from flask_clientcallback.errors import TokenError

BASES: dict[type[Exception], type[Exception]] = {
    ConfigurationError: RuntimeError,
    OutsidePageError: RuntimeError,
    RegistrationError: RuntimeError,
    HandlerInterfaceError: TypeError,
    CallbackTargetError: LookupError,
    ViewStateError: RuntimeError,
    StreamError: RuntimeError,
    TokenError: ValueError,
    CallbackError: HTTPException,
    RefusedError: HTTPException,
    StoreError: HTTPException,
}


@pytest.mark.parametrize(("error", "base"), BASES.items())
def test_bases(error: type[Exception], base: type[Exception]) -> None:
    """Each error is the package's, and one that Python or Werkzeug knows."""
    assert issubclass(error, ClientCallbackError)
    assert issubclass(error, base)


def test_one_base() -> None:
    """No error of the package is without that base."""
    found = {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert found == {ClientCallbackError, *BASES}


def test_message() -> None:
    """A message is shown as it is, with status 400."""
    error = CallbackError("No <b>such</b> item.")
    assert error.message == str(error) == "No <b>such</b> item."
    assert error.status == error.code == 400
    assert error.fields is None


def test_fields() -> None:
    """With fields the status is 422, and a single text is a list of one."""
    error = CallbackError("Wrong.", fields={"a": "one", "b": ["x", "y"], "c": ("z",)})
    assert error.status == error.code == 422
    assert error.fields == {"a": ["one"], "b": ["x", "y"], "c": ["z"]}


def test_fields_are_copied() -> None:
    """What happens to the given messages later changes nothing."""
    messages = ["x"]
    error = CallbackError("Wrong.", fields={"a": messages})
    messages.append("y")
    assert error.fields == {"a": ["x"]}


def test_empty_fields() -> None:
    """Fields count although there are none in them."""
    error = CallbackError("Wrong.", fields={})
    assert (error.status, error.fields) == (422, {})


@pytest.mark.parametrize("fields", [None, {"a": "x"}])
@pytest.mark.parametrize("status", [400, 401, 409, 418, 500, 599])
def test_status(status: int, fields: dict[str, str] | None) -> None:
    """A status that is given counts."""
    error = CallbackError("Wrong.", status, fields)
    assert error.status == error.code == status
    assert error.get_response().status_code == status


@pytest.mark.parametrize("status", [-1, 0, 200, 302, 399, 600, 1000])
def test_status_of_no_error(status: int) -> None:
    """A status that tells of success or leads elsewhere is refused."""
    with pytest.raises(ValueError, match=f"400 to 599, not {status}"):
        CallbackError("Wrong.", status)


def test_reason() -> None:
    """A token's error has a reason."""
    error = TokenError("expired")
    assert error.reason == str(error) == "expired"


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("rejected", "The request was rejected."),
        ("stale", "This page is out of date. Reload it and try again."),
    ],
)
def test_refusal(kind: RefusalKind, message: str) -> None:
    """A refusal tells what its kind means; its reason stays on the server."""
    error = RefusedError(403, "the secret reason", kind)
    assert (error.status, error.code, error.kind) == (403, 403, kind)
    assert error.reason == "the secret reason"
    assert error.message == message
    assert "secret" not in str(error)
    assert "secret" not in error.get_body()


def test_translated_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever text the application gives is text in the page."""
    monkeypatch.setitem(RefusedError.messages, "stale", "Alt & <neu>")
    body = RefusedError(400, "old", "stale").get_body()
    assert '<p><a href="">Alt &amp; &lt;neu&gt;</a></p>' in body


def test_refusals_are_rejections() -> None:
    """A refusal is a rejection unless it is said to be more."""
    assert RefusedError(400, "x").kind == "rejected"


@pytest.fixture
def failing(app: Flask) -> FlaskClient:
    """A client of an application whose ordinary view raises."""

    @app.get("/error")
    def error() -> t.NoReturn:
        raise CallbackError("No <b>such</b> item.", 404)

    @app.get("/refused")
    def refused() -> t.NoReturn:
        raise RefusedError(403, "the secret reason")

    return app.test_client()


def test_answer_of_an_ordinary_view(failing: FlaskClient) -> None:
    """Outside a callback they are HTTP errors like any other, and are escaped."""
    response = failing.get("/error")
    assert response.status_code == 404
    assert "No &lt;b&gt;such&lt;/b&gt; item." in response.text
    response = failing.get("/refused")
    assert response.status_code == 403
    assert "The request was rejected." in response.text


@pytest.mark.parametrize("base", [ClientCallbackError, HTTPException])
def test_error_handlers(
    app: Flask, failing: FlaskClient, base: type[Exception]
) -> None:
    """An application handles them by the package's base or by Werkzeug's."""

    @app.errorhandler(base)
    def handle(error: t.Any) -> tuple[str, int]:
        return f"{type(error).__name__}: {error.message}", 418

    assert failing.get("/error").text == "CallbackError: No <b>such</b> item."
    assert failing.get("/refused").text == "RefusedError: The request was rejected."
    assert failing.get("/refused").status_code == 418


def test_texts_that_are_written_late() -> None:
    """A lazily translated text is written when the error is made."""

    class Lazy:
        def __str__(self) -> str:
            return "translated"

    lazy: t.Any = Lazy()
    error = CallbackError(lazy, fields={"a": lazy, "b": [lazy]})
    assert error.message == "translated"
    assert error.fields == {"a": ["translated"], "b": ["translated"]}


def test_nested_fields() -> None:
    """Messages of fields inside others get the names of their controls."""
    fields: t.Any = {
        "address": {"street": ["Missing."], "place": {"code": ("a", "b")}},
        "names": [["Enter a name."], [], "x"],
        "people": [{}, {"name": ["Who?"]}],
        "plain": ["one", "two"],
        None: ["of the form"],
    }
    assert CallbackError("", fields=fields).fields == {
        "address-street": ["Missing."],
        "address-place-code": ["a", "b"],
        "names-0": ["Enter a name."],
        "names-2": ["x"],
        "people-1-name": ["Who?"],
        "plain": ["one", "two"],
        "": ["of the form"],
    }
