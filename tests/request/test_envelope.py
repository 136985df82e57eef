"""Every answer to a marked request has the protocol's form, whoever made it."""

from __future__ import annotations

import sys
import typing as t

import pytest
from flask import abort
from flask import Flask
from flask import make_response
from flask import redirect
from flask import request
from flask import Response

from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Echo

CONTENT_TYPE = "application/vnd.clientcallback+json"


def before_callbacks(app: Flask, answer: t.Callable[[], t.Any]) -> None:
    """Let something else answer each POST."""
    app.before_request(lambda: answer() if request.method == "POST" else None)


def test_login_redirect(app: Flask, client: CallbackClient) -> None:
    """A redirect in before_request is told to the script, cookies and all."""

    def answer() -> t.Any:
        response = redirect("/login?next=/")
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        response.headers["Vary"] = "Cookie"
        return response

    before_callbacks(app, answer)
    add_page(app, Echo)
    answered = client.get_page("/").callback("x")
    assert (answered.status, answered.redirect) == (200, "/login?next=/")
    headers = answered.response.headers
    assert headers["Content-Type"] == CONTENT_TYPE
    assert [c[:3] for c in headers.getlist("Set-Cookie")] == ["a=1", "b=2"]
    assert headers["Vary"] == "Cookie"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("make", "status", "kind"),
    [
        (lambda: "<h1>maintenance</h1>", 502, "http"),
        (lambda: ("busy", 503, {"Retry-After": "9"}), 503, "http"),
        (lambda: abort(401), 401, "auth"),
        (lambda: abort(403), 403, "http"),
        (lambda: 1 // 0, 500, "server"),
        pytest.param(lambda: ("", 304), 502, "http", id="no body"),
        (lambda: ("?", 799), 799, "http"),
    ],
)
def test_foreign_answers(
    app: Flask,
    client: CallbackClient,
    make: t.Callable[[], t.Any],
    status: int,
    kind: str,
) -> None:
    """Any other answer is an error, with its own status unless that is a success."""
    before_callbacks(app, make)
    add_page(app, Echo)
    answer = client.get_page("/").callback("x")
    assert answer.status == status
    assert answer.response.content_type == CONTENT_TYPE
    assert answer.error is not None
    assert answer.error["kind"] == kind
    assert answer.response.content_length == len(answer.response.data)
    assert "<h1>" not in answer.response.text

    if status == 503:
        assert answer.response.headers["Retry-After"] == "9"


def test_after_request_replaces_the_answer(app: Flask, client: CallbackClient) -> None:
    """So is what an after_request function puts in an answer's place."""

    @app.after_request
    def replace(response: Response) -> Response:
        return make_response("replaced", 200) if request.method == "POST" else response

    add_page(app, Echo)
    answer = client.get_page("/").callback("x")
    assert answer.error is not None
    assert "replaced" not in answer.response.text


def test_unmarked_requests_are_untouched(app: Flask, client: CallbackClient) -> None:
    """Nobody else's requests change."""
    app.add_url_rule("/plain", view_func=lambda: "plain")
    response = client.get("/plain")
    assert (response.text, response.content_type) == (
        "plain",
        "text/html; charset=utf-8",
    )


def test_crash_outside_of_flask(app: Flask, client: CallbackClient) -> None:
    """A crash in a middleware below is an error like any other."""
    add_page(app, Echo)
    page = client.get_page("/")

    def crash(environ: t.Any, start_response: t.Any) -> t.Any:
        raise ZeroDivisionError

    app.wsgi_app._wsgi_app = crash  # type: ignore[attr-defined, method-assign]
    answer = page.callback("x")
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (500, "server")


def listen(app: Flask) -> list[str]:
    """Note how often the server is told that an answer begins, and its status."""
    told: list[str] = []

    def note(
        environ: t.Any, start_response: t.Any, inner: t.Any = app.wsgi_app
    ) -> t.Any:
        def start(status: str, headers: t.Any, *exc_info: t.Any) -> t.Any:
            told.append(status)
            return start_response(status, headers, *exc_info)

        return inner(environ, start)

    app.wsgi_app = note  # type: ignore[method-assign]
    return told


def test_crash_at_the_end_of_a_request(app: Flask, client: CallbackClient) -> None:
    """So is one at the end of the request: the server hears of no answer before."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.testing = False

    @app.teardown_request
    def crash(error: BaseException | None) -> None:
        if request.method == "POST":
            raise ZeroDivisionError

    add_page(app, Echo)
    page = client.get_page("/")
    told = listen(app)
    answer = page.callback("x")
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (500, "server")
    assert told == ["500 Internal Server Error"]


def test_middleware_that_writes(app: Flask, client: CallbackClient) -> None:
    """A middleware may write an answer by what starts it."""
    add_page(app, Echo)
    page = client.get_page("/")
    envelope: t.Any = app.wsgi_app

    def write_all(
        environ: t.Any, start_response: t.Any, inner: t.Any = envelope._wsgi_app
    ) -> list[bytes]:
        written: list[t.Any] = []
        body = b"".join(inner(environ, lambda *given: written.append(given)))
        write = start_response(*written[0])
        write(body[:5])
        write(body[5:])
        return []

    envelope._wsgi_app = write_all
    assert page.callback("x").result == "x"


def test_middleware_that_answers_with_a_list(app: Flask) -> None:
    """A middleware's answer need not have a close method."""
    add_page(app, Echo)

    def maintain(environ: t.Any, start_response: t.Any) -> list[bytes]:
        start_response("503 Service Unavailable", [("Retry-After", "60")])
        return [b"maintenance"]

    app.wsgi_app._wsgi_app = maintain  # type: ignore[attr-defined, method-assign]
    response = app.test_client().post("/", headers={"X-Client-Callback": "1"})
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "60"
    assert response.get_json(force=True)["error"]["kind"] == "http"


@pytest.mark.parametrize("foreign", [True, False])
def test_middleware_that_starts_late(foreign: bool) -> None:
    """A middleware may start its response when its first part is taken."""
    app = Flask(__name__)
    app.secret_key = "x"
    closed: list[bool] = []

    def late(
        environ: t.Any, start_response: t.Any, inner: t.Any = app.wsgi_app
    ) -> t.Iterator[bytes]:
        try:
            if foreign:
                start_response("502 Bad Gateway", [("Content-Type", "text/html")])
                yield b"<h1>bad</h1>"
            else:
                yield from inner(environ, start_response)
        finally:
            closed.append(True)

    app.wsgi_app = late  # type: ignore[method-assign]
    ClientCallback(app)
    add_page(app, Echo)
    client = CallbackClient(app)
    headers = {"X-Client-Callback": "1"}
    response = client.post("/", headers=headers)
    response.close()
    assert response.content_type == CONTENT_TYPE
    error = response.get_json(force=True)["error"]
    assert error["kind"] == ("http" if foreign else "rejected")
    assert closed == [True]


def test_classic_callback_that_starts_late() -> None:
    """That a request is a classic callback may be known then alone."""
    app = Flask(__name__)
    app.secret_key = "x"
    app.config["CLIENTCALLBACK_CLASSIC"] = True

    def late(
        environ: t.Any, start_response: t.Any, inner: t.Any = app.wsgi_app
    ) -> t.Iterator[bytes]:
        yield from inner(environ, start_response)

    app.wsgi_app = late  # type: ignore[method-assign]
    ClientCallback(app)
    add_page(app, Echo)
    client = CallbackClient(app)
    state = client.get_page("/").state
    fields = {"__CALLBACKID": "__Page", "__CALLBACKPARAM": "x", "__VIEWSTATE": state}
    response = client.post("/", data=fields)
    assert response.text == "0|x"
    assert response.headers["Cache-Control"] == "no-store"


def test_middleware_that_changes_its_mind(app: Flask, client: CallbackClient) -> None:
    """What a middleware starts in the place of another answer is what counts."""
    add_page(app, Echo)
    page = client.get_page("/")
    envelope: t.Any = app.wsgi_app

    def fail(
        environ: t.Any, start_response: t.Any, inner: t.Any = envelope._wsgi_app
    ) -> list[bytes]:
        inner(environ, start_response).close()

        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            start_response("502 Bad Gateway", [], sys.exc_info())

        return [b"bad"]

    envelope._wsgi_app = fail
    told = listen(app)
    answer = page.callback("x")
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (502, "http")
    assert told == ["502 Bad Gateway"]


def test_headers_of_all_answers(app: Flask, client: CallbackClient) -> None:
    """Nothing that runs after the package's answer makes it cacheable, or moves
    its mark.
    """
    add_page(app, Echo)

    @app.after_request
    def rewrite(response: Response) -> Response:
        content_type = response.headers.pop("Content-Type")
        response.headers["Cache-Control"] = "public, max-age=60"
        response.headers["X-Own"] = "kept"
        response.headers["Content-Type"] = content_type
        return response

    answer = client.get_page("/").callback("x")
    assert answer.result == "x"
    assert answer.response.headers.getlist("Cache-Control") == ["no-store"]
    assert answer.response.headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert answer.response.headers.getlist("Content-Type") == [CONTENT_TYPE]
    assert answer.response.headers["X-Own"] == "kept"
