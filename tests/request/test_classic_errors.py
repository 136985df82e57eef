"""Errors of the classic protocol, whoever makes them."""

from __future__ import annotations

import typing as t

import pytest
from flask import abort
from flask import Flask
from flask import make_response
from flask import redirect
from flask import request
from flask import Response
from flask_wtf import CSRFProtect

from flask_clientcallback import CallbackError
from flask_clientcallback.testing import CallbackClient

from ..helpers.classic import answering
from ..helpers.classic import call
from ..helpers.classic import check_answer
from ..helpers.classic import CRASHED
from ..helpers.classic import fields_of
from ..helpers.classic import get_page
from ..helpers.classic import REJECTED
from ..helpers.classic import send
from ..helpers.classic import STALE
from ..helpers.classic import TEXT
from ..helpers.offers import ran
from ..helpers.pages import Echo


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application, which answers classic client scripts."""
    app.config["CLIENTCALLBACK_CLASSIC"] = True
    return app


def fail(error: BaseException) -> t.Any:
    """Raise an error."""
    raise error


ERRORS: dict[str, tuple[t.Callable[[], t.Any], str, int]] = {
    "message": (
        lambda: fail(CallbackError("No <b>stock</b>.")),
        "eNo &lt;b&gt;stock&lt;/b&gt;.",
        400,
    ),
    "status": (lambda: fail(CallbackError("Log in.", 401)), "eLog in.", 401),
    "fields": (
        lambda: fail(CallbackError("Check.", fields={"a": "b"})),
        "eCheck.",
        422,
    ),
    "quotes": (lambda: fail(CallbackError("'\"&")), "e&#39;&#34;&amp;", 400),
    "text": (lambda: fail(CallbackError("é\r\n|")), "eé\r\n|", 400),
    "abort": (lambda: abort(403, "Not <yours>."), "eNot &lt;yours&gt;.", 403),
    "abort, plain": (lambda: abort(409), "e", 409),
    "abort, response": (lambda: abort(make_response("<h1>", 410)), "eGone.", 410),
    "redirect": (
        lambda: redirect("/next", 302),
        "eThe answer is not a callback&#39;s (302 Found).",
        502,
    ),
    "response": (
        lambda: make_response("download"),
        "eThe answer is not a callback&#39;s (200 OK).",
        502,
    ),
    "response, failed": (lambda: make_response("<h1>", 404), "eNot Found.", 404),
}


@pytest.mark.parametrize(("work", "body", "status"), ERRORS.values(), ids=ERRORS)
def test_errors(
    app: Flask,
    client: CallbackClient,
    work: t.Callable[[], t.Any],
    body: str,
    status: int,
) -> None:
    """Any error is an escaped message with its status, and nothing follows it."""
    response = call(app, client, answering(work))

    if body == "e":
        body += "A conflict happened while processing the request. The resource"
        body += " might have been modified while the request was being processed."

    check_answer(response, body, status)
    assert "Location" not in response.headers
    assert ran == ["x"]


def test_crash(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception is told by its id, under which it is logged."""
    response = call(app, client, answering(lambda: 1 // 0))
    error_id = response.text.removeprefix(CRASHED + " (").removesuffix(")")
    assert len(error_id) == 16
    check_answer(response, f"{CRASHED} ({error_id})", 500)
    [record] = [r for r in caplog.records if r.exc_info]
    assert record.exc_info is not None
    assert error_id in "".join(getattr(record.exc_info[1], "__notes__", []))
    assert "ZeroDivisionError" not in response.text


def test_crash_in_debug_mode(app: Flask, client: CallbackClient) -> None:
    """Debug mode tells the message, and no traceback."""
    app.debug = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    response = call(app, client, answering(lambda: fail(KeyError("<key>"))))
    assert response.status_code == 500
    assert response.text[0] == "e"
    assert "<" not in response.text


def test_testing_raises_again(app: Flask, client: CallbackClient) -> None:
    """While testing, an exception is raised, as Flask does it."""
    app.testing = True
    page = get_page(app, client, answering(lambda: 1 // 0))

    with pytest.raises(ZeroDivisionError):
        send(client, fields_of(page))


FOREIGN: dict[str, tuple[t.Callable[[], t.Any], str, int]] = {
    "redirect": (lambda: redirect("/login", 302), "302 Found", 502),
    "page": (lambda: "<h1>maintenance</h1>", "200 OK", 502),
    "text": (lambda: Response("0|x", mimetype="text/plain"), "200 OK", 502),
    "same type": (lambda: Response("sx", content_type=TEXT), "200 OK", 502),
    "empty": (lambda: ("", 204), "204 No Content", 502),
    "busy": (lambda: ("", 503, {"Retry-After": "9"}), "eService Unavailable.", 503),
    "401": (lambda: abort(401), "eUnauthorized.", 401),
    "404": (lambda: abort(404), "eNot Found.", 404),
}


@pytest.mark.parametrize(("make", "body", "status"), FOREIGN.values(), ids=FOREIGN)
def test_foreign_answers(
    app: Flask,
    client: CallbackClient,
    make: t.Callable[[], t.Any],
    body: str,
    status: int,
) -> None:
    """Whoever else answers, it is an error with the true status, or none."""
    app.before_request(lambda: make() if request.method == "POST" else None)
    response = call(app, client, answering(lambda: ""))

    if status == 502:
        body = f"eThe answer is not a callback&#39;s ({body})."

    check_answer(response, body, status)
    assert ran == []
    assert response.headers.get("Retry-After") == ("9" if status == 503 else None)


def test_crash_before_the_view(app: Flask, client: CallbackClient) -> None:
    """So it is when something crashes before the page."""
    app.before_request(
        lambda: fail(LookupError()) if request.method == "POST" else None
    )
    check_answer(call(app, client, Echo), CRASHED, 500)


def test_error_page(app: Flask, client: CallbackClient) -> None:
    """The application's error page is no answer to a script."""
    app.register_error_handler(ZeroDivisionError, lambda e: ("<h1>sorry</h1>", 500))
    response = call(app, client, answering(lambda: 1 // 0))
    assert response.text.startswith(CRASHED + " (")
    check_answer(response, response.text, 500)
    check_answer(send(client, {"__CALLBACKID": "__Page"}), REJECTED, 400)


def test_refusal_keeps_its_form(app: Flask, client: CallbackClient) -> None:
    """Nor does it stand for a refusal."""
    app.register_error_handler(400, lambda error: ("0|fine", 200))
    page = get_page(app, client, Echo)
    check_answer(send(client, {**fields_of(page), "__VIEWSTATE": ""}), STALE, 400)


def test_after_request(app: Flask, client: CallbackClient) -> None:
    """What runs after an answer can add to its headers, not make it cacheable."""

    @app.after_request
    def rewrite(response: Response) -> Response:
        response.headers["Cache-Control"] = "public"
        response.headers["X-Own"] = "kept"
        return response

    response = call(app, client, Echo)
    check_answer(response, "0|x")
    assert response.headers["X-Own"] == "kept"


def test_csrf_failure(app: Flask, client: CallbackClient) -> None:
    """Another extension's refusal is one error, and its token goes along."""
    app.config["WTF_CSRF_SSL_STRICT"] = False
    CSRFProtect(app)

    class Protected(Echo):
        template = (
            "<form>{{ callback_fields() }}"
            "<input name=csrf_token value='{{ csrf_token() }}'></form>"
        )

    page = get_page(app, client, Protected)
    check_answer(send(client, fields_of(page)), "0|x")
    page.form["csrf_token"] = "forged"
    check_answer(send(client, fields_of(page)), "eBad Request.", 400)
