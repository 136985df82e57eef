"""What a callback is answered with: results, errors and other responses."""

from __future__ import annotations

import dataclasses
import datetime
import json
import logging
import typing as t
import uuid

import pytest
from flask import abort
from flask import after_this_request
from flask import flash
from flask import Flask
from flask import get_flashed_messages
from flask import got_request_exception
from flask import redirect
from flask import Response
from flask import send_file
from flask import session
from flask import stream_with_context
from flask.json.provider import DefaultJSONProvider
from flask.json.provider import JSONProvider
from werkzeug.exceptions import TooManyRequests
from werkzeug.exceptions import Unauthorized

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page
from flask_clientcallback import signals
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import answering
from ..helpers.pages import Counter
from ..helpers.pages import Echo
from ..helpers.pages import Page


@dataclasses.dataclass
class Stock:
    name: str
    price: float


def call(
    app: Flask, client: CallbackClient, work: t.Callable[[], t.Any]
) -> CallbackAnswer:
    """Make the callback of a page whose handler does one thing."""
    add_page(app, answering(work))
    return client.get_page("/").callback("x")


def error_of(answer: CallbackAnswer) -> dict[str, t.Any]:
    """Get an answer's error, which there must be."""
    assert answer.error is not None
    assert answer.result is None
    return answer.error


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (None, None),
        (0, 0),
        (1.5, 1.5),
        (True, True),
        ("", ""),
        ("<script>", "<script>"),
        ("e1", "e1"),
        ("12|x", "12|x"),
        ("\ud800\0\u202e\r\n", "\ud800\0\u202e\r\n"),
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        (("body", 201), ["body", 201]),
        (Stock("ACME", 1.5), {"name": "ACME", "price": 1.5}),
        (uuid.UUID(int=1), str(uuid.UUID(int=1))),
        (datetime.date(2026, 1, 2), "Fri, 02 Jan 2026 00:00:00 GMT"),
    ],
)
def test_results(
    app: Flask, client: CallbackClient, result: t.Any, expected: t.Any
) -> None:
    """A result is whatever Flask's JSON provider can encode."""
    answer = call(app, client, lambda: result)
    assert (answer.status, answer.error) == (200, None)
    assert answer.result == expected


def test_headers(app: Flask, client: CallbackClient) -> None:
    """An answer says what it is, and is not stored."""
    headers = call(app, client, lambda: 1).response.headers
    assert headers["Content-Type"] == "application/vnd.clientcallback+json"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("result", [object(), float("nan"), {"x": float("inf")}, {1j}])
def test_results_that_are_not_json(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture, result: t.Any
) -> None:
    """Any other result is the server's error, and its type stays there."""
    answer = call(app, client, lambda: result)
    error = error_of(answer)
    assert (answer.status, error["kind"]) == (500, "server")
    assert "object" not in answer.response.text
    assert answer.stages[-1] == "unload"
    assert "Answering.raise_callback_event, the target '__Page', cannot" in caplog.text


@pytest.mark.parametrize(
    ("result", "expected"), [([1], [1]), (float("nan"), None)], ids=repr
)
def test_another_json_provider(
    app: Flask, client: CallbackClient, result: t.Any, expected: t.Any
) -> None:
    """Another JSON provider need not heed the standard library's arguments."""

    class Provider(JSONProvider):
        def dumps(self, obj: t.Any, **keywords: t.Any) -> str:
            return json.dumps(obj)

        def loads(self, s: str | bytes, **keywords: t.Any) -> t.Any:
            return json.loads(s)

    app.json = Provider(app)
    answer = call(app, client, lambda: result)
    assert answer.result == expected
    assert answer.status == (500 if expected is None else 200)


def test_settings_of_the_json_provider(app: Flask, client: CallbackClient) -> None:
    """What the application tells Flask's own provider holds for results too."""
    app.json = provider = DefaultJSONProvider(app)
    provider.sort_keys = False
    provider.ensure_ascii = False
    provider.default = lambda value: "a complex number"  # type: ignore[method-assign]
    answer = call(app, client, lambda: {"é": 1, "a": 1j})
    expected = '{"result":{"é":1,"a":"a complex number"}}'
    assert answer.response.text == expected


def test_json_provider_of_its_own_dumps(app: Flask, client: CallbackClient) -> None:
    """One that writes JSON in its own way writes results too."""

    class Provider(DefaultJSONProvider):
        def dumps(self, obj: t.Any, **keywords: t.Any) -> str:
            return super().dumps({"own": obj}, **keywords)

    app.json = Provider(app)
    assert call(app, client, lambda: 1).result == {"own": 1}


def test_current_page_while_the_result_is_encoded(
    app: Flask, client: CallbackClient
) -> None:
    """A JSON provider may ask for the page."""

    class Staged:
        def __html__(self) -> str:
            return current_page.stage or ""

    assert call(app, client, Staged).result == "get_callback_result"


def test_callback_error(app: Flask, client: CallbackClient) -> None:
    """A CallbackError is shown as it is."""

    def work() -> None:
        raise CallbackError("Out of <stock>", 409)

    answer = call(app, client, work)
    assert answer.status == 409
    assert error_of(answer) == {"kind": "server", "message": "Out of <stock>"}


def test_callback_error_of_fields(app: Flask, client: CallbackClient) -> None:
    """With fields, the input is invalid."""

    def work() -> None:
        raise CallbackError("Look again.", fields={"name": "Too short", "age": ["?"]})

    answer = call(app, client, work)
    assert answer.status == 422
    assert error_of(answer) == {
        "kind": "invalid",
        "message": "Look again.",
        "fields": {"name": ["Too short"], "age": ["?"]},
    }


def test_callback_error_outside_a_callback(app: Flask, client: CallbackClient) -> None:
    """In a GET, a CallbackError is an HTTP exception like any other."""

    class Failing(Echo):
        def page_load(self) -> None:
            raise CallbackError("Gone", 410)

    add_page(app, Failing)
    page = client.get_page("/")
    assert page.status == 410
    assert "Gone" in page.text


@pytest.mark.parametrize(
    ("status", "kind"), [(401, "auth"), (403, "http"), (404, "http"), (500, "server")]
)
def test_abort(app: Flask, client: CallbackClient, status: int, kind: str) -> None:
    """An HTTP exception gives its status and description."""
    answer = call(app, client, lambda: abort(status, "Because."))
    assert answer.status == status
    assert error_of(answer) == {"kind": kind, "message": "Because."}


def test_headers_of_an_http_exception(app: Flask, client: CallbackClient) -> None:
    """What the client needs to know of an HTTP exception goes along."""

    def work() -> None:
        raise TooManyRequests(retry_after=7)

    assert call(app, client, work).response.headers["Retry-After"] == "7"


def test_challenge_of_an_http_exception(app: Flask, client: CallbackClient) -> None:
    """So does what a login needs."""

    def work() -> None:
        raise Unauthorized(www_authenticate=None)

    assert error_of(call(app, client, work))["kind"] == "auth"


@pytest.mark.parametrize("location", ["/next", "//evil", "https://example.com/"])
@pytest.mark.parametrize("raised", [False, True])
def test_redirect(
    app: Flask, client: CallbackClient, location: str, raised: bool
) -> None:
    """A redirect is told to the script, with its cookies."""

    def work() -> t.Any:
        response = redirect(location)
        response.set_cookie("seen", "1")
        return abort(response) if raised else response

    answer = call(app, client, work)
    assert (answer.status, answer.redirect) == (200, location)
    assert answer.response.json == {"redirect": location}
    assert "seen=1" in answer.response.headers["Set-Cookie"]
    assert "Location" not in answer.response.headers


@pytest.mark.parametrize("yields", [True, False])
@pytest.mark.parametrize("has_result", [True, False])
def test_response_that_is_replaced(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    has_result: bool,
    yields: bool,
) -> None:
    """If another method gives the result, a response of the first is lost, and the log
    says so.
    """

    def in_parts() -> t.Any:
        yield from ()
        return redirect("/next")

    @callback_handler
    class Replacing(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            return in_parts() if yields else redirect("/next")

        if has_result:

            def get_callback_result(self) -> str:
                return "result"

    add_page(app, Replacing)
    answer = client.get_page("/").callback("x")
    assert answer.redirect == (None if has_result else "/next")
    name = f"{Replacing.__qualname__}.%s"
    told = (
        f"{name % 'raise_callback_event'} returned a response, which goes nowhere:"
        f" {name % 'get_callback_result'} gives the result. Return the response there,"
        " or use flask.abort()."
    )
    assert caplog.messages == ([told] if has_result else [])


def test_response_of_the_handler(app: Flask, client: CallbackClient) -> None:
    """A Response passes unwrapped, with a mark."""

    def work() -> Response:
        return Response("a,b\n", 201, content_type="text/csv")

    answer = call(app, client, work)
    assert answer.response.headers["X-Client-Callback"] == "response"
    assert (answer.status, answer.response.text) == (201, "a,b\n")
    assert answer.response.content_type == "text/csv"


def test_file_of_the_handler(app: Flask, client: CallbackClient) -> None:
    """A file is sent by the server; its page is unloaded before."""
    answer = call(app, client, lambda: send_file(__file__))
    assert answer.response.text.startswith('"""What a callback')
    assert answer.stages[-2:] == ["get_callback_result", "unload"]


def test_stream_of_the_handler(app: Flask, client: CallbackClient) -> None:
    """A stream keeps its page until it is closed."""

    def work() -> Response:
        parts = (str(current_page.is_callback) for _ in range(2))
        return Response(stream_with_context(parts))

    answer = call(app, client, work)
    assert answer.response.text == "TrueTrue"
    assert answer.stages[-2:] == ["get_callback_result", "unload"]


def test_response_cannot_carry_state(app: Flask, client: CallbackClient) -> None:
    """A change of the view state is not lost silently."""

    def work() -> Response:
        current_page.view_state["x"] = 1
        return Response("x")

    answer = call(app, client, work)
    assert (answer.status, error_of(answer)["kind"]) == (500, "server")


def test_unexpected_exception(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Anything else takes Flask's way; the id in the answer is in the log."""
    told: list[t.Any] = []
    torn_down: list[t.Any] = []
    results: list[str] = []
    app.teardown_request(torn_down.append)

    @callback_handler
    class Failing(Page):
        def raise_callback_event(self, event_argument: str) -> None:
            raise ZeroDivisionError("secret")

        def get_callback_result(self) -> None:
            results.append("ran")

    def tell(sender: Flask, exception: Exception, **extra: t.Any) -> None:
        told.append((sender, exception))

    add_page(app, Failing)
    page = client.get_page("/")
    torn_down.clear()

    with (
        got_request_exception.connected_to(tell, app),
        signals.callback_error.connected_to(tell, app),
        caplog.at_level(logging.ERROR),
    ):
        answer = page.callback("x")

    error = error_of(answer)
    assert (answer.status, error["kind"]) == (500, "server")
    assert "secret" not in answer.response.text
    assert [sender for sender, _ in told] == [app, app]
    assert told[0][1] is told[1][1] is torn_down[0]
    assert isinstance(torn_down[0], ZeroDivisionError)
    assert results == []
    assert len(caplog.records) == 1
    assert error["id"] in caplog.text


def test_own_error_handler(app: Flask, client: CallbackClient) -> None:
    """The application's error handler decides the status."""
    app.register_error_handler(ZeroDivisionError, lambda e: ("<h1>no</h1>", 409))
    answer = call(app, client, lambda: 1 // 0)
    error = error_of(answer)
    assert (answer.status, error["kind"], error["message"]) == (
        409,
        "http",
        "Conflict.",
    )
    assert "<h1>" not in answer.response.text


def test_testing_raises_again(app: Flask, client: CallbackClient) -> None:
    """TESTING raises a handler's exception in the test, as Flask does."""
    app.testing = True
    add_page(app, answering(lambda: 1 // 0))
    page = client.get_page("/")

    with pytest.raises(ZeroDivisionError):
        page.callback()


def test_debug_mode(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Debug mode answers with the message and the traceback, and logs them."""
    app.debug = True

    with caplog.at_level(logging.ERROR):
        answer = call(app, client, lambda: 1 // 0)

    error = error_of(answer)
    assert answer.status == 500
    assert error["message"].startswith("ZeroDivisionError")
    assert "test_answer.py" in error["traceback"]
    assert error["id"] in caplog.text


@pytest.mark.parametrize("exception", [SystemExit, KeyboardInterrupt])
def test_exit_propagates(
    app: Flask, client: CallbackClient, exception: type[BaseException]
) -> None:
    """An exception that ends the process is nobody's result."""

    def work() -> None:
        raise exception

    add_page(app, answering(work))
    page = client.get_page("/")

    with pytest.raises(exception):
        page.callback()


def test_session_flash_and_after_request(app: Flask, client: CallbackClient) -> None:
    """A callback is a request like any other to the rest of Flask."""
    app.add_url_rule("/flashed", view_func=get_flashed_messages)

    def work() -> t.Any:
        session["user"] = "ada"
        flash("Saved")

        @after_this_request
        def mark(response: Response) -> Response:
            response.headers["X-After"] = "1"
            return response

        return 1

    answer = call(app, client, work)
    assert answer.result == 1
    assert "session=" in answer.response.headers["Set-Cookie"]
    assert answer.response.headers["X-After"] == "1"
    assert client.get("/flashed").json == ["Saved"]


def test_state_goes_back_when_it_changed(app: Flask, client: CallbackClient) -> None:
    """The page gets a new state from a callback that changed it, and only then."""

    class Reading(Counter):
        def raise_callback_event(self, event_argument: str) -> None:
            if event_argument:
                super().raise_callback_event(event_argument)
            else:
                current_page.view_state.setdefault("count", 0)

    class Initial(Reading):
        def page_pre_render(self) -> None:
            current_page.view_state["count"] = 0

    add_page(app, Initial)
    page = client.get_page("/")
    assert page.callback("").state is None
    assert [page.callback("x").result for _ in range(3)] == [1, 2, 3]
    assert page.callback("").result == 3


def test_state_stays_when_a_callback_fails(app: Flask, client: CallbackClient) -> None:
    """A callback that fails leaves the page's state as it was."""

    class Failing(Counter):
        def get_callback_result(self) -> int:
            if current_page.view_state["count"] == 2:
                raise CallbackError("two")

            return super().get_callback_result()

    add_page(app, Failing)
    page = client.get_page("/")
    assert page.callback().result == 1
    answer = page.callback()
    assert error_of(answer)["message"] == "two"
    assert answer.state is None


def test_form_and_files(app: Flask, client: CallbackClient) -> None:
    """The handler sees what the form's controls hold, and files."""
    import io

    @callback_handler
    class Form(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            read = {k: f.read().decode() for k, f in current_page.files.items()}
            return [current_page.form.to_dict(flat=False), read]

    add_page(app, Form)
    page = client.get_page("/")
    page.form.setlist("color", ["red", "blue"])
    assert page.callback().result == [{"name": ["Ada"], "color": ["red", "blue"]}, {}]
    files = {"upload": (io.BytesIO(b"text"), "a.txt")}
    answer = page.callback(files=files)
    assert answer.result == [
        {"name": ["Ada"], "color": ["red", "blue"]},
        {"upload": "text"},
    ]


def test_controls(app: Flask, client: CallbackClient) -> None:
    """A control answers under its own id; nothing else does."""

    class Grid:
        def raise_callback_event(self, event_argument: str) -> str:
            return f"sorted by {event_argument}"

    class Label:
        text = "x"

    class Controlled(Echo):
        def page_init(self) -> None:
            current_page.add_control("grid$rows", Grid())
            current_page.add_control("label", Label())

    add_page(app, Controlled)
    page = client.get_page("/")
    assert page.callback("name", target="grid$rows").result == "sorted by name"
    assert page.callback("name").result == "name"

    for target in (
        "label",
        "grid",
        "",
        "__init__",
        "get",
        "dispatch_request",
        "raise_callback_event",
        "__Page.raise_callback_event",
        "grid$rows.__class__",
    ):
        answer = page.callback("x", target=target)
        error = error_of(answer)
        assert (answer.status, error["kind"]) == (404, "rejected"), target
        assert not target or target not in answer.response.text
        assert "raise_callback_event" not in answer.stages
