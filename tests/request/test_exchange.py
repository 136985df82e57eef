"""Whose answer it is: that of the request itself, or one that came in its place."""

from __future__ import annotations

import gc
import logging
import typing as t

import pytest
from flask import abort
from flask import Flask
from flask import make_response
from flask import redirect
from flask import request
from flask import Response
from flask.views import View
from werkzeug.exceptions import Forbidden
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import EnvironBuilder
from werkzeug.test import run_wsgi_app

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Echo
from ..helpers.pages import Page

CONTENT_TYPE = "application/vnd.clientcallback+json"
MARK = "X-Client-Callback-Mark"
Kept: t.TypeAlias = dict[str, Response]


def cache_by_path(app: Flask, kept: Kept) -> None:
    """Let an application keep the answers to POST requests too, by their path."""

    @app.before_request
    def find() -> Response | None:
        return kept.get(request.path)

    @app.after_request
    def keep(response: Response) -> Response:
        if request.method == "POST":
            kept.setdefault(request.path, response)

        return response


@pytest.mark.parametrize(
    "content_type",
    [f"{CONTENT_TYPE}; charset=utf-8", "application/json", "text/html", ""],
)
def test_content_type_that_others_change(
    app: Flask, client: CallbackClient, content_type: str
) -> None:
    """An answer is the page's, whatever an after_request function writes there."""

    @app.after_request
    def change(response: Response) -> Response:
        if request.method == "POST":
            response.headers["Content-Type"] = content_type

        return response

    add_page(app, Echo)
    answer = client.get_page("/").callback("x")
    assert answer.result == "x"
    assert answer.response.headers.getlist("Content-Type") == [CONTENT_TYPE]


def test_answer_that_looks_like_one(app: Flask, client: CallbackClient) -> None:
    """What an after_request function puts in its place is not, whatever it is
    called.
    """

    @app.after_request
    def replace(response: Response) -> Response:
        if request.method == "GET":
            return response

        forged = make_response('{"result": "forged"}', 200)
        forged.headers["Content-Type"] = CONTENT_TYPE
        forged.headers["X-Client-Callback"] = "response"
        forged.headers[MARK] = "0123456789abcdef"
        return forged

    add_page(app, Echo)
    answer = client.get_page("/").callback("x")
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (502, "http")


@callback_handler
class Download(Page):
    """Answers with a response of its own."""

    def raise_callback_event(self, event_argument: str) -> Response:
        return Response(event_argument, mimetype="text/csv")


@pytest.mark.parametrize("view_class", [Echo, Download])
def test_answer_of_another_request(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    view_class: type[Page],
) -> None:
    """An answer that a cache kept is nobody else's: not that of another callback, and
    not a page.
    """
    kept: Kept = {}
    cache_by_path(app, kept)
    add_page(app, view_class)
    ann = client.get_page("/")
    bob = CallbackClient(app).get_page("/")
    assert ann.callback("for Ann").status == 200
    answer = bob.callback("for Bob")
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (502, "http")
    assert "Ann" not in answer.response.text

    for response in (client.get("/"), client.post("/", data={"name": "Ann"})):
        assert (response.status_code, response.text) == (500, "")
        assert response.headers["Cache-Control"] == "no-store"

    assert "a cache in the application keeps answers to POST requests" in caplog.text


def test_mark_stays_inside(app: Flask, client: CallbackClient) -> None:
    """The mark does not reach the browser."""
    add_page(app, Echo)
    add_page(app, Download, "/download")

    for path in ("/", "/download"):
        answer = client.get_page(path).callback("x")
        assert answer.status == 200
        assert MARK not in answer.response.headers

    assert MARK not in client.post("/", headers={"X-Client-Callback": "1"}).headers


@pytest.mark.parametrize("outer_is_first", [True, False])
def test_application_in_an_application(outer_is_first: bool) -> None:
    """An application below another one answers its own callbacks, refusals and all."""
    outer, inner = Flask("outer"), Flask("inner")

    for app in (outer, inner):
        app.secret_key = app.name

    ClientCallback(inner)
    add_page(inner, Echo)

    if outer_is_first:
        ClientCallback(outer)

    mounted = DispatcherMiddleware(outer.wsgi_app, {"/inner": inner})
    outer.wsgi_app = mounted  # type: ignore[method-assign]

    if not outer_is_first:
        ClientCallback(outer)

    page = CallbackClient(outer).get_page("/inner/")
    answer = page.callback("x")
    assert answer.result == "x"
    assert answer.response.headers.getlist("Content-Type") == [CONTENT_TYPE]
    assert answer.response.headers.getlist("Cache-Control") == ["no-store"]
    assert MARK not in answer.response.headers
    page.state = "x"
    refused = page.callback("x")
    assert refused.error is not None
    assert refused.error["kind"] == "stale"
    assert MARK not in refused.response.headers


def test_environment_that_is_copied() -> None:
    """A middleware between the envelope and Flask may copy the environment."""
    app = Flask(__name__)
    app.secret_key = "x"

    def copying(
        environ: t.Any, start_response: t.Any, inner: t.Any = app.wsgi_app
    ) -> t.Any:
        return inner(dict(environ), start_response)

    app.wsgi_app = copying  # type: ignore[method-assign]
    ClientCallback(app)

    @callback_handler
    class Failing(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            return 1 // 0 if event_argument else "fine"

    add_page(app, Failing)
    page = CallbackClient(app).get_page("/")
    assert page.callback("").result == "fine"
    failed = page.callback("x").error
    assert failed is not None
    assert failed["kind"] == "server"
    assert len(failed["id"]) == 16
    page.state = "x"
    refused = page.callback("x").error
    assert refused is not None
    assert refused["kind"] == "stale"


def test_environment_that_is_used_again(app: Flask) -> None:
    """A server may use one environment for several requests."""
    add_page(app, Echo)
    marked = EnvironBuilder("/", method="POST", headers={"X-Client-Callback": "1"})
    environ = marked.get_environ()
    answers: list[tuple[str, dict[str, str]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: t.Any = None
    ) -> t.Any:
        answers.append((status, dict(headers)))

    for _ in range(2):
        assert b'"rejected"' in b"".join(app(environ, start_response))

    del environ["HTTP_X_CLIENT_CALLBACK"]
    assert b"Method Not Allowed" in b"".join(app(environ, start_response))

    def maintain(environ: t.Any, start_response: t.Any) -> list[bytes]:
        start_response("503 Service Unavailable", [])
        return [b"maintenance"]

    app.wsgi_app._wsgi_app = maintain  # type: ignore[attr-defined, method-assign]
    environ = marked.get_environ()

    for _ in range(2):
        assert b'"http"' in b"".join(app(environ, start_response))

    statuses = [status[:3] for status, _ in answers]
    assert statuses == ["411", "411", "405", "503", "503"]
    assert all(MARK not in headers for _, headers in answers)


@pytest.mark.parametrize("path", ["/", "/plain", "/none"])
def test_head_has_no_body(app: Flask, path: str) -> None:
    """A HEAD is answered with headers alone: a body would be the beginning of the
    connection's next answer.
    """
    add_page(app, Echo)
    app.add_url_rule("/plain", view_func=lambda: "plain")
    builder = EnvironBuilder(path, method="HEAD", headers={"X-Client-Callback": "1"})
    body, _, headers = run_wsgi_app(app, builder.get_environ())
    assert b"".join(body) == b""
    assert headers["Content-Type"] == CONTENT_TYPE
    assert int(headers["Content-Length"]) > 0


def test_whose_answer_was_replaced(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says what another one answered, and debug mode the browser."""
    caplog.set_level(logging.INFO, "flask_clientcallback")
    add_page(app, Echo)
    app.before_request(
        lambda: "<h1>maintenance</h1>" if request.method == "POST" else None
    )
    page = client.get_page("/")
    what = "200 with text/html; charset=utf-8, endpoint echo"

    for debug in (False, True):
        app.debug = debug
        caplog.clear()
        answer = page.callback("x")
        assert answer.error is not None
        assert (what in answer.error["message"]) is debug
        assert what in caplog.text


def test_redirect_that_others_replace(app: Flask, client: CallbackClient) -> None:
    """A redirect of a handler or hook is the protocol's own answer before an
    after_request function can make a page of it.
    """

    @app.after_request
    def explain(response: Response) -> Response:
        return make_response("Go on") if 300 <= response.status_code < 400 else response

    def leave(kind: str) -> t.Any:
        response = redirect("/ü?a=b")
        response.set_cookie("a", "1")
        return abort(response) if kind == "abort" else response

    @callback_handler
    class Leaving(Page):
        def page_load(self) -> t.Any:
            if request.form.get("name") == "hook":
                return leave("hook")

            return None

        def raise_callback_event(self, event_argument: str) -> t.Any:
            return leave(event_argument)

    add_page(app, Leaving)
    page = client.get_page("/")

    for kind in ("result", "abort", "hook"):
        page.form["name"] = kind
        answer = page.callback(kind)
        assert (answer.status, answer.redirect) == (200, "/%C3%BC?a=b")
        headers = answer.response.headers
        assert headers["Set-Cookie"].startswith("a=1")
        assert headers.getlist("Content-Type") == [CONTENT_TYPE]
        assert "Location" not in headers
        assert int(headers["Content-Length"]) == len(answer.response.data)


def test_not_modified_is_no_redirect(app: Flask, client: CallbackClient) -> None:
    """An answer without a place to go to is an error."""

    @callback_handler
    class Unchanged(Page):
        def raise_callback_event(self, event_argument: str) -> Response:
            return Response(status=304)

    add_page(app, Unchanged)
    answer = client.get_page("/").callback("x")
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (502, "http")


@pytest.mark.parametrize("copies", [True, False])
def test_request_inside_a_request(
    app: Flask, client: CallbackClient, copies: bool
) -> None:
    """A handler may ask an application with its own request's environment: what
    becomes of that, a refusal here, is not what becomes of the call.
    """

    @callback_handler
    class Asking(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            environ = dict(request.environ) if copies else request.environ
            environ["PATH_INFO"] = "/plain"
            statuses: list[str] = []
            b"".join(app(environ, lambda status, *_: statuses.append(status)))

            if event_argument == "fail":
                raise ZeroDivisionError

            if event_argument == "refuse":
                current_page.client_script.validate_event(current_page, "x")

            return redirect("/away") if event_argument == "leave" else statuses

    app.add_url_rule("/plain", view_func=lambda: "plain", methods=["POST"])
    add_page(app, Asking)
    page = client.get_page("/")
    assert page.callback("").result == ["404 Not Found"]
    assert page.callback("leave").redirect == "/away"
    refused = page.callback("refuse")
    assert refused.error is not None
    assert (refused.status, refused.error["kind"]) == (403, "rejected")
    failed = page.callback("fail")
    assert failed.error is not None
    assert (failed.status, failed.error["kind"]) == (500, "server")
    assert len(failed.error["id"]) == 16


@pytest.mark.parametrize("adds", [True, False])
def test_middleware_that_changes_the_mark(adds: bool) -> None:
    """What the outermost envelope saw is what the request is for all."""
    app = Flask(__name__)
    app.secret_key = "x"

    def changing(
        environ: t.Any, start_response: t.Any, inner: t.Any = app.wsgi_app
    ) -> t.Any:
        if adds:
            environ["HTTP_X_CLIENT_CALLBACK"] = "1"
        else:
            environ.pop("HTTP_X_CLIENT_CALLBACK", None)

        return inner(environ, start_response)

    app.wsgi_app = changing  # type: ignore[method-assign]
    ClientCallback(app)
    add_page(app, Echo)
    client = CallbackClient(app)

    if adds:
        response = client.post("/", data={"name": "Ada"})
        assert (response.status_code, response.mimetype) == (405, "text/html")
    else:
        assert client.get_page("/").callback("x").result == "x"


def test_response_that_is_given_again(app: Flask, client: CallbackClient) -> None:
    """A handler may answer with one object again and again, and other views too."""
    shared = Response("a;b", mimetype="text/csv")

    @callback_handler
    class Sharing(Page):
        def raise_callback_event(self, event_argument: str) -> Response:
            return shared

    add_page(app, Sharing)
    app.add_url_rule("/export.csv", "export", lambda: shared)
    page = client.get_page("/")

    for _ in range(2):
        assert page.callback("x").result.text == "a;b"
        exported = client.get("/export.csv")
        assert (exported.status_code, exported.text) == (200, "a;b")
        assert "X-Client-Callback" not in exported.headers


def test_headers_that_are_written_in_lower_case() -> None:
    """A middleware may write the names of headers as it likes."""
    app = Flask(__name__)
    app.secret_key = "x"

    def lowering(
        environ: t.Any, start_response: t.Any, inner: t.Any = app.wsgi_app
    ) -> t.Any:
        def start(status: str, headers: list[tuple[str, str]], *rest: t.Any) -> t.Any:
            lowered = [(name.lower(), value) for name, value in headers]
            return start_response(status, lowered, *rest)

        return inner(environ, start)

    app.wsgi_app = lowering  # type: ignore[method-assign]
    ClientCallback(app)
    add_page(app, Echo)
    add_page(app, Download, "/download")
    client = CallbackClient(app)
    assert client.get_page("/").callback("x").result == "x"
    downloaded = client.get_page("/download").callback("x")
    assert downloaded.result.text == "x"
    assert MARK not in downloaded.response.headers


def test_error_after_a_download(app: Flask, client: CallbackClient) -> None:
    """An error in the place of a response has the headers of all answers."""

    class Failing(Download):
        def page_unload(self) -> None:
            if current_page.is_callback:
                raise CallbackError("No.")

    add_page(app, Failing)
    answer = client.get_page("/").callback("x")
    assert answer.error == {"kind": "server", "message": "No."}
    assert answer.response.headers["Cache-Control"] == "no-store"
    assert answer.response.headers["X-Content-Type-Options"] == "nosniff"


def test_failure_of_an_inner_page(app: Flask, client: CallbackClient) -> None:
    """What an inner page raised, and the outer one caught, is not told."""

    @callback_handler
    class Secret(Page):
        def get(self) -> str:
            abort(403, "a secret")

        def raise_callback_event(self, event_argument: str) -> None: ...

    @callback_handler
    class Guarded(Page):
        def dispatch_request(self, **values: t.Any) -> t.Any:
            if request.method == "POST":
                with pytest.raises(Forbidden):
                    app.view_functions["secret"]()

                return "Closed", 403

            return super().dispatch_request(**values)

        def raise_callback_event(self, event_argument: str) -> None: ...

    add_page(app, Secret, "/secret")
    add_page(app, Guarded)
    answer = client.get_page("/").callback("x")
    assert answer.error is not None
    assert (answer.status, answer.error["message"]) == (403, "Forbidden.")


@pytest.mark.parametrize("fails", [True, False])
def test_body_is_closed(fails: bool) -> None:
    """A body that begins late is closed, also where its first part fails."""
    app = Flask(__name__)
    app.secret_key = "x"
    closed: list[bool] = []

    class Body:
        def __init__(self, start_response: t.Any) -> None:
            self.start_response = start_response

        def __iter__(self) -> t.Iterator[bytes]:
            if fails:
                raise ZeroDivisionError

            self.start_response("503 Service Unavailable", [])
            yield b"busy"

        def close(self) -> None:
            closed.append(True)

    app.wsgi_app = lambda environ, start_response: Body(start_response)  # type: ignore[method-assign]
    ClientCallback(app)
    response = app.test_client().post("/", headers={"X-Client-Callback": "1"})
    assert response.status_code == (500 if fails else 503)
    response.close()
    assert closed == [True]


def test_nothing_waits_for_the_collector(app: Flask, client: CallbackClient) -> None:
    """A callback leaves nothing of the page in cycles."""
    add_page(app, Echo)
    page = client.get_page("/")
    page.callback("x")
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)

    try:
        page.callback("x")
        gc.collect()
        left = [type(one) for one in gc.garbage]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()

    own = {one for one in left if one.__module__.startswith("flask_clientcallback")}
    assert own - {CallbackAnswer} == set()
    assert not any(issubclass(one, View) for one in left)
