"""The test client: what a callback ended in, and why a page can make none."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask import Response
from flask import session

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallbackError
from flask_clientcallback.protocol.answers import CONTENT_TYPE
from flask_clientcallback.protocol.answers import STREAM_TYPE
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import answering
from ..helpers.pages import Echo
from ..helpers.pages import Page
from ..helpers.pages import TEMPLATE


def answer_with(
    app: Flask, client: CallbackClient, response: Response
) -> CallbackAnswer:
    """Make a callback that something before the application answers."""
    add_page(app, Echo)
    page = client.get_page("/")
    app.wsgi_app = response  # type: ignore[method-assign]
    return page.callback()


@pytest.mark.parametrize(
    ("response", "kind", "message"),
    [
        (
            Response("<p>Wait", 503, content_type="text/html"),
            "http",
            "The server answered 503 with text/html.",
        ),
        (
            Response("<p>Login", 401, content_type="text/html"),
            "auth",
            "The server answered 401 with text/html.",
        ),
        (
            Response("<p>Off", 200, content_type="text/html"),
            "http",
            "The server answered 200 with text/html.",
        ),
        (
            Response(b"", 204, content_type=""),
            "http",
            "The server answered 204 with nothing.",
        ),
        (
            Response(b"", 304, {"X-Client-Callback": "response"}),
            "http",
            "The server answered 304 with a response.",
        ),
        *[
            (
                Response(body, status, content_type=CONTENT_TYPE),
                "parse",
                "The answer has no result.",
            )
            for body, status in [
                ("{", 200),
                ("[]", 200),
                ("{}", 200),
                ('{"error": null}', 200),
                ('{"result": 1}', 201),
            ]
        ],
    ],
)
def test_answer_without_a_result(
    app: Flask, client: CallbackClient, response: Response, kind: str, message: str
) -> None:
    """What is no result is the error that the client script makes of it."""
    answer = answer_with(app, client, response)
    assert answer.error == {"kind": kind, "message": message}
    assert (answer.result, answer.redirect) == (None, None)


def test_error_beside_a_result(app: Flask, client: CallbackClient) -> None:
    """An error counts, whatever stands beside it."""
    body = '{"error": {"kind": "http", "message": "x"}, "result": 1, "viewState": "s"}'
    answer = answer_with(app, client, Response(body, content_type=CONTENT_TYPE))
    assert answer.error == {"kind": "http", "message": "x"}
    assert (answer.result, answer.state) == (None, None)


@pytest.mark.parametrize(
    ("text", "parts", "result", "kind"),
    [
        ('{"progress":1}\n\n{"progress":null}\n{"result":2}\n', [1, None], 2, None),
        ('{"result":"a\u2028b"}\n', [], "a\u2028b", None),
        ('{"progress":1}\n', [1], None, "network"),
        ('{"progress":1}\n{"result":2}', [1], None, "network"),
        ("", [], None, "network"),
        ('{"progress":1}\n{"prog\n', [1], None, "parse"),
        ('{"progress":1}\n[]\n{"result":2}\n', [1], None, "parse"),
    ],
)
def test_answer_in_lines(
    app: Flask,
    client: CallbackClient,
    text: str,
    parts: list[t.Any],
    result: t.Any,
    kind: str | None,
) -> None:
    """The parts come before the last line, which says what the call ended in; without
    one it failed.
    """
    response = Response(text, content_type=STREAM_TYPE)
    answer = answer_with(app, client, response)
    assert (answer.parts, answer.result) == (parts, result)
    assert answer.error == kind or answer.error["kind"] == kind  # type: ignore[index]


def test_status_in_lines(app: Flask, client: CallbackClient) -> None:
    """The status of an error that follows progress is that in the last line."""

    def work() -> t.Any:
        yield 1
        raise CallbackError("Check.", fields={"year": "Too late."})

    add_page(app, answering(work))
    answer = client.get_page("/").callback()
    assert (answer.status, answer.response.status_code) == (422, 200)
    assert answer.parts == [1]
    assert repr(answer) == (
        "<CallbackAnswer 422 invalid: 'Check.' {'year': ['Too late.']}>"
    )


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/login?next=/", "http://localhost/login?next=/"),
        ("login", "http://localhost/login"),
        ("https://sso.example/x", "https://sso.example/x"),
    ],
)
@pytest.mark.parametrize("is_outside", [True, False])
def test_redirect(
    app: Flask, client: CallbackClient, location: str, target: str, is_outside: bool
) -> None:
    """A redirect is an error, whoever answers with it."""
    if is_outside:
        answer = answer_with(app, client, Response(b"", 302, {"Location": location}))
    else:
        add_page(app, answering(lambda: redirect(location)))
        answer = client.get_page("/").callback()

    message = f"The server redirects to {target}"
    assert answer.error == {"kind": "redirect", "message": message}
    assert answer.redirect == location
    assert repr(answer) == (
        f"<CallbackAnswer {302 if is_outside else 200} redirect to {location}>"
    )


def fail(message: str, fields: t.Any = None) -> t.Any:
    """Fail as a handler does."""
    raise CallbackError(message, fields=fields)


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (lambda: {"a": 1}, "<CallbackAnswer 200 result={'a': 1}>"),
        (lambda: None, "<CallbackAnswer 200 result=None>"),
        (lambda: fail("Not so."), "<CallbackAnswer 400 server: 'Not so.'>"),
        (
            lambda: fail("Check.", {"who": "Enter a name."}),
            "<CallbackAnswer 422 invalid: 'Check.' {'who': ['Enter a name.']}>",
        ),
    ],
    ids=["result", "nothing", "error", "fields"],
)
def test_repr(app: Flask, client: CallbackClient, work: t.Any, told: str) -> None:
    """An answer tells its status, and its result or its error."""
    add_page(app, answering(work))
    assert repr(client.get_page("/").callback()) == told


@pytest.mark.parametrize(
    "work",
    [
        lambda: "x" * 1000,
        lambda: list(range(1000)),
        lambda: fail("x" * 1000),
        lambda: fail("x", dict.fromkeys(map(str, range(1000)), "y")),
        lambda: Response("x" * 1000),
    ],
    ids=["text", "list", "message", "fields", "response"],
)
def test_repr_is_short(app: Flask, client: CallbackClient, work: t.Any) -> None:
    """A long result does not make it long."""
    add_page(app, answering(work))
    assert len(repr(client.get_page("/").callback())) < 250


@callback_handler
class Private(Page):
    """Is for those who are logged in."""

    def get(self) -> t.Any:
        if "user" not in session:
            return redirect("/login")

        return super().get()

    def raise_callback_event(self, event_argument: str) -> str:
        return "private"


LOGIN = '<form method="post"><input type="password" name="password"></form>'


def why(client: CallbackClient, path: str = "/", **keywords: t.Any) -> str:
    """Tell why no callback can be made of a page."""
    with pytest.raises(ClientCallbackError) as caught:
        client.get_page(path, **keywords).callback()

    return str(caught.value)


def test_page_that_is_a_redirect(app: Flask, client: CallbackClient) -> None:
    """A page that is a redirect says so, and what to do."""
    add_page(app, Private)
    assert why(client) == (
        "The page is a redirect to /login. Log in first if that asks for it, or get"
        " the page with follow_redirects=True."
    )

    with client.session_transaction() as changed:
        changed["user"] = "Ada"

    assert client.get_page("/").callback().result == "private"


def test_login_page(app: Flask, client: CallbackClient) -> None:
    """A login page says that it is one, and why it is there."""
    add_page(app, Private)
    app.add_url_rule("/login", "login", lambda: render_template_string(LOGIN))
    none = "has no client script, so that a browser could make no callback of it"
    assert why(client, "/login") == (
        f"The page, an answer with status 200, {none}: it asks for a login, so log in"
        " first."
    )
    assert why(client, follow_redirects=True) == (
        f"The page, an answer with status 200, {none}. It is /login, where a redirect"
        " of / led: it asks for a login, so log in first."
    )


def test_page_that_refuses(app: Flask, client: CallbackClient) -> None:
    """So does one that only says that nobody is logged in."""
    app.add_url_rule("/", "refusing", lambda: ("Who are you?", 401))
    app.add_url_rule("/there", "there", lambda: redirect("/bare"))
    app.add_url_rule("/bare", "bare", lambda: "bare")
    assert why(client).endswith("it asks for a login, so log in first.")
    assert why(client, "/bare").endswith("callback of it: render callback_scripts().")
    assert why(client, "/there", follow_redirects=True).endswith(
        "It is /bare, where a redirect of /there led: render callback_scripts()."
    )


def test_page_with_a_password(app: Flask, client: CallbackClient) -> None:
    """A page that can make callbacks makes them, also one with a login form."""
    add_page(app, type("Both", (Echo,), {"template": LOGIN + TEMPLATE}))
    assert client.get_page("/").callback("x").result == "x"
