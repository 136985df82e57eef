"""The test client: what it reads from a page, and what it sends."""

from __future__ import annotations

import io
import typing as t

import pytest
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask import request
from flask import Response
from flask import session
from flask.views import MethodView
from werkzeug.datastructures import MultiDict

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import ClientCallbackError
from flask_clientcallback import current_page
from flask_clientcallback import js_literal
from flask_clientcallback.protocol.answers import CONTENT_TYPE
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.form_controls import CONTROLS
from ..helpers.pages import add_page
from ..helpers.pages import Counter
from ..helpers.pages import Echo
from ..helpers.pages import Page
from ..helpers.pages import TEMPLATE


@callback_handler
class Form(Page):
    """Gives back the fields that it got."""

    controls = ""

    def get(self) -> str:
        return render_template_string(
            "<form method=post>{{ callback_fields() }}{{ controls|safe }}</form>"
            "{{ callback_scripts() }}",
            controls=self.controls,
        )

    def raise_callback_event(self, event_argument: str) -> list[list[str]]:
        return [list(item) for item in current_page.form.items(multi=True)]


def get_form(app: Flask, client: CallbackClient, controls: str) -> ClientPage:
    """Get a page with some form controls."""
    add_page(app, type("Controls", (Form,), {"controls": controls}))
    return client.get_page("/")


@pytest.mark.parametrize(("controls", "items"), CONTROLS.values(), ids=CONTROLS)
def test_form(
    app: Flask, client: CallbackClient, controls: str, items: list[tuple[str, str]]
) -> None:
    """A page's form holds what a browser would send, and a callback sends it."""
    page = get_form(app, client, controls)
    assert list(page.form.items(multi=True)) == items
    assert page.callback().result == [list(item) for item in items]


def test_changed_form(app: Flask, client: CallbackClient) -> None:
    """A test may change the form as a user would."""
    page = get_form(app, client, '<input name="a" value="1"><input name="b">')
    page.form["a"] = "2"
    page.form.setlist("c", ["3", "4"])
    assert page.callback().result == [["a", "2"], ["b", ""], ["c", "3"], ["c", "4"]]
    page.form.clear()
    assert page.callback().result == []


def test_page(app: Flask, client: CallbackClient) -> None:
    """A page tells its answer, its form, its state and its stages."""
    add_page(app, Echo)
    page = client.get_page("/")
    assert page.status == page.response.status_code == 200
    assert page.text == page.response.text
    assert "<form" in page.text
    assert page.form == MultiDict({"name": "Ada"})
    assert page.state is not None
    assert f'value="{page.state}"' in page.text
    assert page.stages[0] == "pre_init"
    assert page.stages[-1] == "unload"


def test_state_of_the_script(app: Flask, client: CallbackClient) -> None:
    """The state of a page without fields is that of its script."""

    @callback_handler
    class Formless(Counter):
        template = "{{ callback_scripts() }}"

    add_page(app, Formless)
    page = client.get_page("/")
    assert page.state is not None
    assert f'data-callback-state="{page.state}"' in page.text
    assert page.callback().result == 1


def test_page_that_is_none(app: Flask, client: CallbackClient) -> None:
    """What is no page has no state and no stages."""
    page = client.get_page("/nowhere")
    assert page.status == 404
    assert page.state is None
    assert page.stages == []
    assert list(page.form) == []


def test_keywords_of_the_request(app: Flask, client: CallbackClient) -> None:
    """A page is got and posted with whatever a test client takes."""

    @callback_handler
    class Telling(Echo):
        def get(self) -> str:
            return render_template_string(
                self.template.replace(
                    "</form>",
                    '<input name="got" value="{{ request.headers.get(\'X-A\') }}'
                    " {{ request.args.get('b') }}\"></form>",
                )
            )

    add_page(app, Telling)
    page = client.get_page("/", headers={"X-A": "1"}, query_string={"b": "2"})
    assert page.form["got"] == "1 2"
    assert page.post_back(headers={"X-A": "3"}).form["got"] == "3 2"


@pytest.mark.parametrize("argument", ["", "x", "\0\r\n", "\ud800", "</script>"])
def test_result(app: Flask, client: CallbackClient, argument: str) -> None:
    """A callback that succeeds has a result, and neither error nor redirect."""
    add_page(app, Echo)
    answer = client.get_page("/").callback(argument)
    assert answer.result == argument
    assert answer.error is None
    assert answer.redirect is None
    assert answer.state is None
    assert answer.status == answer.response.status_code == 200
    assert "raise_callback_event" in answer.stages
    assert "render" not in answer.stages


def test_renewed_state(app: Flask, client: CallbackClient) -> None:
    """The state that a callback changed is the page's from then on."""
    add_page(app, Counter)
    page = client.get_page("/")
    before = page.state
    answer = page.callback()
    assert answer.result == 1
    assert answer.state == page.state != before
    assert page.callback().result == 2
    assert client.get_page("/").callback().result == 1


def test_error(app: Flask, client: CallbackClient) -> None:
    """A callback that fails has an error, and no result."""

    @callback_handler
    class Failing(Page):
        def raise_callback_event(self, event_argument: str) -> None:
            raise CallbackError("Not so.", 409, {"name": "Taken."})

    add_page(app, Failing)
    page = client.get_page("/")
    before = page.state
    answer = page.callback()
    assert answer.status == 409
    assert answer.error == {
        "kind": "invalid",
        "message": "Not so.",
        "fields": {"name": ["Taken."]},
    }
    assert answer.result is None
    assert answer.redirect is None
    assert page.state == before


def test_refusal(app: Flask, client: CallbackClient) -> None:
    """So has one that is refused, and no stage of it ran."""
    add_page(app, Echo)
    page = client.get_page("/")
    page.state = "forged"
    answer = page.callback("x")
    assert answer.status == 400
    assert answer.error is not None
    assert answer.error["kind"] == "stale"
    assert answer.stages == []


def test_redirect(app: Flask, client: CallbackClient) -> None:
    """A callback that leads elsewhere tells where."""

    @callback_handler
    class Leading(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            return redirect(event_argument)

    add_page(app, Leading)
    answer = client.get_page("/").callback("/next")
    assert answer.redirect == "/next"
    assert answer.status == 200
    assert answer.result is None
    assert answer.error == {
        "kind": "redirect",
        "message": "The server redirects to http://localhost/next",
    }


def test_response(app: Flask, client: CallbackClient) -> None:
    """A handler's own response is read as it is."""

    @callback_handler
    class Downloading(Page):
        def raise_callback_event(self, event_argument: str) -> Response:
            return Response("a;b", content_type="text/csv")

    add_page(app, Downloading)
    answer = client.get_page("/").callback()
    assert answer.response.text == "a;b"
    assert answer.result is answer.response
    assert answer.error is None


@pytest.mark.parametrize(
    ("status", "kind"), [(404, "http"), (401, "auth"), (500, "server"), (199, "http")]
)
@pytest.mark.parametrize("argument", ["text/plain", CONTENT_TYPE])
def test_response_that_is_an_error(
    app: Flask, client: CallbackClient, status: int, kind: str, argument: str
) -> None:
    """A handler's own response fails where its status says so, as in a browser,
    whatever it holds.
    """

    @callback_handler
    class Refusing(Page):
        def raise_callback_event(self, event_argument: str) -> Response:
            return Response('{"result": 1}', status, content_type=event_argument)

    add_page(app, Refusing)
    answer = client.get_page("/").callback(argument)
    message = f"The server answered {status} with a response."
    assert answer.error == {"kind": kind, "message": message}
    assert (answer.status, answer.result) == (status, None)


def test_answer_that_is_no_callback_s(app: Flask, client: CallbackClient) -> None:
    """What stands before the application may answer, and no success is one then."""
    add_page(app, Echo)
    page = client.get_page("/")
    app.wsgi_app = Response("<p>Maintenance")  # type: ignore[method-assign]
    answer = page.callback()
    assert answer.result is None
    assert answer.error is not None
    assert answer.error["kind"] == "http"


def test_literal(app: Flask, client: CallbackClient) -> None:
    """A literal is sent as the value that it has in the browser."""
    add_page(app, Echo)
    page = client.get_page("/")
    assert page.callback(js_literal("x")).result == "x"
    assert page.callback(js_literal(1)).result == "1"
    assert page.callback([1]).status == page.callback(js_literal([1])).status == 400

    with pytest.raises(TypeError, match="'`x`y' is a js_literal"):
        page.callback(js_literal("x") + "y")


def test_target(app: Flask, client: CallbackClient) -> None:
    """A callback goes to the view unless it names a control."""

    class Grid:
        def raise_callback_event(self, event_argument: str) -> str:
            return f"grid {event_argument}"

    @callback_handler
    class WithGrid(Echo):
        def page_init(self) -> None:
            current_page.add_control("grid", Grid())

    add_page(app, WithGrid)
    page = client.get_page("/")
    assert page.callback("x").result == "x"
    assert page.callback("x", "grid").result == "grid x"
    assert page.callback("x", target="grid").result == "grid x"
    assert page.callback("x", "other").status == 404


def test_files_and_headers(app: Flask, client: CallbackClient) -> None:
    """Files and headers go along with one callback."""

    @callback_handler
    class Receiving(Page):
        def raise_callback_event(self, event_argument: str) -> list[t.Any]:
            files = {name: f.read().decode() for name, f in current_page.files.items()}
            return [files, request.headers.get("X-A"), dict(current_page.form)]

    add_page(app, Receiving)
    page = client.get_page("/")
    answer = page.callback(
        files={"photo": (io.BytesIO(b"pixels"), "a.png")}, headers={"X-A": "1"}
    )
    assert answer.result == [{"photo": "pixels"}, "1", {"name": "Ada"}]
    assert page.callback().result == [{}, None, {"name": "Ada"}]


def test_post_back(app: Flask, client: CallbackClient) -> None:
    """A post back sends form and state, and gives the page that comes of it."""

    @callback_handler
    class Posting(Echo):
        template = "{{ current_page.view_state.seen|join(',') }}" + TEMPLATE

        def page_load(self) -> None:
            seen = current_page.view_state.setdefault("seen", [])
            seen.append(current_page.form.get("name", "nobody"))

    add_page(app, Posting)
    first = client.get_page("/")
    first.form["name"] = "Grace"
    second = first.post_back()
    assert second.status == 200
    assert second.text.startswith("nobody,Grace\n")
    assert "load_state" not in first.stages
    assert "load_state" in second.stages
    assert second.state != first.state
    assert second.form["name"] == "Ada"
    assert second.post_back().text.startswith("nobody,Grace,Ada\n")
    assert second.callback("x").result == "x"


def test_cookies(app: Flask, client: CallbackClient) -> None:
    """What a callback puts into the session is there in the next."""

    @callback_handler
    class Remembering(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            before = session.get("last")
            session["last"] = event_argument
            return before

    add_page(app, Remembering)
    page = client.get_page("/")
    assert page.callback("a").result is None
    assert page.callback("b").result == "a"


def test_query_of_the_address(app: Flask, client: CallbackClient) -> None:
    """Callbacks go to the address that the page was got from, query and all."""

    @callback_handler
    class Asking(Page):
        def raise_callback_event(self, event_argument: str) -> dict[str, str]:
            return dict(request.args)

    add_page(app, Asking, "/ask")
    assert client.get_page("/ask?a=1&b=%26").callback().result == {"a": "1", "b": "&"}
    assert client.get_page("/ask").callback().result == {}


def test_stages_of_one_application(app: Flask, client: CallbackClient) -> None:
    """Stages that run outside the client's own requests are not recorded."""
    add_page(app, Echo)
    page = client.get_page("/")
    recorded = list(page.stages)
    app.test_client().get("/")
    client.get("/")
    assert page.stages == recorded


@pytest.mark.parametrize("through_the_app", [True, False])
def test_ways_to_make_a_client(app: Flask, through_the_app: bool) -> None:
    """A client is made by the application, or by itself."""
    add_page(app, Counter)
    client = app.test_client() if through_the_app else CallbackClient(app)
    assert isinstance(client, CallbackClient)
    page = client.get_page("/")
    assert page.callback().result == 1
    client.set_cookie("a", "b")
    assert client.get_cookie("a") is not None


def test_client_without_cookies(app: Flask) -> None:
    """A client can do without cookies, like Flask's own."""
    add_page(app, Echo)
    client = app.test_client(use_cookies=False)
    assert isinstance(client, CallbackClient)
    assert client.get_page("/").callback("x").result == "x"

    with pytest.raises(TypeError, match="Cookies are disabled"):
        client.get_cookie("a")


def test_ordinary_requests(app: Flask, client: CallbackClient) -> None:
    """The client is Flask's own besides."""

    class Plain(MethodView):
        def get(self) -> str:
            return "plain"

    add_page(app, Plain)
    assert client.get("/").text == "plain"


@pytest.mark.parametrize(
    ("argument", "expected"), [(None, ""), (True, "true"), (5, "5"), ("x", "x")]
)
def test_argument_is_text(argument: object, expected: str) -> None:
    """Whatever the argument is, the handler gets the text that a script sends."""
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    add_page(app, Echo)
    assert CallbackClient(app).get_page("/").callback(argument).result == expected


def test_page_without_scripts() -> None:
    """A page that a browser could make no callback of is an error of its test."""
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    add_page(app, type("Bare", (Echo,), {"template": "{{ callback_fields() }}"}))
    page = CallbackClient(app).get_page("/")

    with pytest.raises(ClientCallbackError, match="callback_scripts"):
        page.callback("x")


@callback_handler
class Part(Page):
    """A page that another one holds."""

    template = "<dialog>{{ callback_fields() }}</dialog>"

    def raise_callback_event(self, event_argument: str) -> str:
        return f"part {event_argument}"


@callback_handler(event_validation=True)
class Whole(Page):
    """A page that holds another one, and what others wrote."""

    template = """{{ before|safe }}
    <form>{{ callback_fields() }}</form>{{ callback_scripts() }}
    {{ callback_attributes(current_page, "x") }}{{ after|safe }}"""

    def get(self) -> str:
        parts = {name: request.args.get(name, "") for name in ("before", "after")}
        return render_template_string(self.template, **parts)

    def raise_callback_event(self, event_argument: str) -> str:
        return f"whole {event_argument}"


FOREIGN = (
    '<input name="__VIEWSTATE" value="x" data-callback-page="p" data-callback-url="/">'
)


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize(
    "html",
    [
        "PART",
        '<input type="hidden" name="__VIEWSTATE" value="x">',
        f"<div data-callback-ignore><div></div>{FOREIGN}</div>",
        f"<p data-callback-ignore><b>{FOREIGN}</b></p>",
        f"<div data-callback-ignore><p data-callback-ignore>{FOREIGN}</div>",
        FOREIGN.replace("<input", "<input data-callback-ignore"),
        "<br data-callback-ignore>",
        f"<template>{FOREIGN}</template>",
        FOREIGN.replace(' data-callback-page="p"', ""),
        FOREIGN.replace(' data-callback-url="/"', ""),
        FOREIGN.replace('url="/"', 'url="//evil.example/"'),
        FOREIGN.replace("__VIEWSTATE", "other"),
    ],
)
def test_page_among_others(
    app: Flask, client: CallbackClient, place: str, html: str
) -> None:
    """The page is that of the address, whatever else the document holds."""
    add_page(app, Part, "/part")
    add_page(app, Whole, "/whole")
    html = html.replace("PART", client.get_page("/part").text)
    page = client.get_page("/whole", query_string={place: html})
    assert page.callback("x").result == "whole x"
    assert page.callback("y").status == 403
