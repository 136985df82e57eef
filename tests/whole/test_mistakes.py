"""What is said where an application does not do what was meant."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask.views import MethodView

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import ClientCallbackError
from flask_clientcallback import ConfigurationError
from flask_clientcallback import current_page
from flask_clientcallback import js_literal
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Echo
from ..helpers.pages import Page

ATTRIBUTES = "{{ callback_attributes(current_page, 'x') }}"
REFERENCE = "{{ get_callback_event_reference(current_page, 'x', 'f') }}"
FIELDS = "{{ callback_fields() }}"
SCRIPTS = "{{ callback_scripts() }}"


def log_of(
    app: Flask, client: CallbackClient, log: pytest.LogCaptureFixture, view: t.Any
) -> str:
    """Get a page and give what was logged."""
    add_page(app, view)
    assert client.get_page("/").status < 400
    return "\n".join(log.messages)


@pytest.mark.parametrize(
    "keys", ["old", b"old", [""], [None], ["old", 5], [b""]], ids=repr
)
def test_fallback_keys(app: Flask, client: CallbackClient, keys: t.Any) -> None:
    """What is no list of keys would make keys that anybody can guess."""
    app.config["SECRET_KEY_FALLBACKS"] = keys
    app.testing = True
    add_page(app, Echo)

    with pytest.raises(ConfigurationError, match="SECRET_KEY_FALLBACKS a list"):
        client.get_page("/")


def test_secret_key(app: Flask, client: CallbackClient) -> None:
    """Nor is a number a key."""
    app.secret_key = t.cast(t.Any, 123)
    app.testing = True
    add_page(app, Echo)

    with pytest.raises(ConfigurationError, match="SECRET_KEY is a text or bytes"):
        client.get_page("/")


@pytest.mark.parametrize("template", [ATTRIBUTES, REFERENCE, FIELDS + ATTRIBUTES])
def test_page_without_the_script(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture, template: str
) -> None:
    """A page that makes callbacks needs the script."""
    view = type("Bare", (Echo,), {"template": template})
    assert "has no client script: render callback_scripts()" in log_of(
        app, client, caplog, view
    )


@pytest.mark.parametrize("template", ["hello", FIELDS])
def test_registered_and_not_rendered(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture, template: str
) -> None:
    """What is registered and stands nowhere is named, also where nothing does."""

    class Registering(Echo):
        def page_load(self) -> None:
            current_page.client_script.register_startup_script("start", "f()")

    view = type("Silent", (Registering,), {"template": template})
    assert "not in the page: start." in log_of(app, client, caplog, view)


@pytest.mark.parametrize(
    "answer", [lambda: redirect("/there"), lambda: {"a": 1}], ids=["redirect", "JSON"]
)
def test_answers_that_are_no_page(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    answer: t.Callable[[], t.Any],
) -> None:
    """An answer that is no page may lack all of it."""

    class Elsewhere(Echo):
        def page_load(self) -> None:
            current_page.client_script.register_startup_script("start", "f()")

        def get(self) -> t.Any:
            return answer()

    assert log_of(app, client, caplog, Elsewhere) == ""


def test_rule_without_post(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A rule that keeps callbacks from the page is pointed out."""
    app.add_url_rule("/", view_func=Echo.as_view("echo"), methods=["GET"])
    client.get_page("/")
    [message] = caplog.messages
    assert "takes no POST" in message


def test_missing_field(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A field that a handler misses is named in the log, and in debug mode."""

    class Missing(Echo):
        def raise_callback_event(self, event_argument: str) -> str:
            return current_page.form["unit"]

    add_page(app, Missing)
    page = client.get_page("/")
    page.form.clear()
    answer = page.callback()
    assert answer.status == 400
    assert "unit" not in answer.response.text
    assert "'unit': not sent, nor was any other: put callback_fields()" in caplog.text
    caplog.clear()
    page.form["amount"] = "1"
    page.callback()
    assert [record.message[-8:] for record in caplog.records] == ["not sent"]
    app.debug = True
    error = page.callback().error
    assert error is not None
    assert "unit" in error["message"]


def test_post_back_without_state(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A post back of a form without the fields is told what it lacks."""
    add_page(app, Echo)
    assert client.post("/", data={"__EVENTTARGET": "__Page"}).status_code == 405
    assert "put callback_fields() into its form" in caplog.text


def test_event_without_a_method(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A control that a post back names and that has no method for it is named."""
    caplog.set_level("INFO")
    add_page(app, Echo)
    assert client.get_page("/").post_back("__Page").status == 200
    assert "The control __Page has no raise_postback_event" in caplog.text


def test_hook_that_ends_a_callback(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A hook that returns something by mistake is named, and one that redirects is
    not.
    """
    caplog.set_level("INFO")
    returned: list[t.Any] = [redirect("/elsewhere"), ("Not now.", 503), "loaded"]

    class Ending(Echo):
        def page_load(self) -> t.Any:
            return returned.pop(0) if current_page.is_callback else None

    add_page(app, Ending)
    answer = client.get_page("/").callback()
    assert answer.redirect == "/elsewhere"
    assert client.get_page("/").callback().status == 503
    assert "ended a callback" not in caplog.text
    assert client.get_page("/").callback().status == 502
    assert "page_load ended a callback" in caplog.text


def test_hook_that_ends_a_stream(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """So is one that returns something when the parts are sent."""
    caplog.set_level("INFO")

    class Ending(Echo):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            yield "part"

        def page_get_callback_result(self) -> str:
            return "early"

    add_page(app, Ending)
    answer = client.get_page("/").callback()
    assert (answer.parts, answer.result) == (["part"], None)
    assert "page_get_callback_result ended a callback" in caplog.text


class Mistaken:
    """A control whose methods have nearly the right names."""

    def page_laod(self) -> None: ...

    def Page_Load(self) -> None: ...

    def RaiseCallbackEvent(self, event_argument: str) -> None: ...

    def get_calback_result(self) -> None: ...

    def page_title(self) -> None: ...

    def get_callback_result_as_text(self) -> None: ...


def test_misspelt_methods_of_a_control(app: Flask, client: CallbackClient) -> None:
    """They are pointed out, once for the class."""

    class Adding(Echo):
        def page_init(self) -> None:
            current_page.add_control("mistaken", Mistaken())

    add_page(app, Adding)

    with pytest.warns(UserWarning) as caught:
        client.get_page("/")
        client.get_page("/")

    told = [str(warning.message).split()[0] for warning in caught]
    assert [name.removeprefix("Mistaken.") for name in told] == [
        "page_laod",
        "Page_Load",
        "RaiseCallbackEvent",
        "get_calback_result",
    ]


def test_unknown_setting(app: Flask, client: CallbackClient) -> None:
    """A setting that does not exist is pointed out, with the one that is meant."""
    app.config["CLIENTCALLBACK_CLASIC"] = True
    app.config["CLIENTCALLBACK_?"] = 1
    add_page(app, Echo)

    with pytest.warns(UserWarning) as caught:
        client.get_page("/")

    assert [str(warning.message) for warning in caught] == [
        "There is no setting CLIENTCALLBACK_CLASIC. Is it CLIENTCALLBACK_CLASSIC?",
        "There is no setting CLIENTCALLBACK_?.",
    ]


MISTAKES: dict[str, tuple[t.Callable[[], object], type[Exception], str]] = {
    "number as an expression": (
        lambda: current_page.client_script.get_callback_event_reference(
            current_page, t.cast(t.Any, 5), "f"
        ),
        TypeError,
        r"use js_literal\(5\)",
    ),
    "list as a post back's argument": (
        lambda: current_page.client_script.get_postback_event_reference(
            current_page, t.cast(t.Any, ["a"])
        ),
        TypeError,
        r"text, a number or a boolean here, not \['a'\].*text of its JSON",
    ),
    "list in an attribute": (
        lambda: current_page.client_script.get_callback_attributes(
            current_page, t.cast(t.Any, ["a"])
        ),
        TypeError,
        r"text, a number or a boolean here, not \['a'\]",
    ),
    "expression in an attribute": (
        lambda: current_page.client_script.get_callback_attributes(
            current_page, js_literal("a") + "b"
        ),
        TypeError,
        "a value here, not an expression: .* put together",
    ),
    "bytes as an event": (
        lambda: current_page.client_script.register_for_event_validation(
            current_page, t.cast(t.Any, b"a")
        ),
        TypeError,
        "text, a number or a boolean here, not b'a'",
    ),
    "bytes as an event to validate": (
        lambda: current_page.client_script.validate_event(
            current_page, t.cast(t.Any, b"a")
        ),
        TypeError,
        "text, a number or a boolean here, not b'a'",
    ),
    "list as an expression": (
        lambda: current_page.client_script.get_callback_event_reference(
            current_page, t.cast(t.Any, ["a"]), "f"
        ),
        TypeError,
        r"use js_literal\(\['a'\]\)",
    ),
    "number in an array": (
        lambda: current_page.client_script.register_array_declaration(
            "a", t.cast(t.Any, 1)
        ),
        TypeError,
        r"use js_literal\(1\)",
    ),
    "number as an id": (
        lambda: current_page.add_control(t.cast(t.Any, 1), Mistaken()),
        TypeError,
        "id is text, not 1",
    ),
    "list as fields": (
        lambda: CallbackError("x", fields=t.cast(t.Any, ["a"])),
        TypeError,
        r"form\.errors.*not \['a'\]",
    ),
    "text as a status": (
        lambda: CallbackError("x", status=t.cast(t.Any, "404")),
        ValueError,
        "400 to 599, not '404'",
    ),
    "text as a limit": (
        lambda: callback_handler(max_content_length=t.cast(t.Any, "1MB")),
        ValueError,
        "number of bytes, not '1MB'",
    ),
    "no limit": (
        lambda: callback_handler(max_content_length=0),
        ValueError,
        "number of bytes, not 0",
    ),
    "policy": (
        lambda: current_page.client_script.get_callback_attributes(
            current_page, policy=t.cast(t.Any, "lastest")
        ),
        ValueError,
        "no policy 'lastest'.*parallel, queue, latest, drop",
    ),
    "timeout": (
        lambda: current_page.client_script.get_callback_attributes(
            current_page, timeout=t.cast(t.Any, "5s")
        ),
        ValueError,
        "timeout is a number of milliseconds, not '5s'",
    ),
    "delay": (
        lambda: current_page.client_script.get_callback_attributes(
            current_page, delay=-1
        ),
        ValueError,
        "delay is a number of milliseconds, not -1",
    ),
    "number as the argument of a button that posts back": (
        lambda: current_page.client_script.get_callback_attributes(
            current_page, 0, postback=True
        ),
        ValueError,
        "no room for an argument",
    ),
    "argument of a button that posts back": (
        lambda: current_page.client_script.get_callback_attributes(
            current_page, "x", postback=True
        ),
        ValueError,
        "no room for an argument",
    ),
    "file": (
        lambda: current_page.client_script.get_web_resource_url("foo.js"),
        ValueError,
        r"no file 'foo\.js'; there are clientcallback\.js, clientcallback\.mjs",
    ),
    "user key": (
        lambda: ClientCallback(user_key=t.cast(t.Any, "bob")),
        TypeError,
        "user_key is a function, not 'bob'",
    ),
    "supports_callback": (
        lambda: ClientCallback(supports_callback=t.cast(t.Any, True)),
        TypeError,
        "supports_callback is a function, not True",
    ),
}


@pytest.mark.parametrize(
    ("attempt", "kind", "message"), MISTAKES.values(), ids=MISTAKES
)
def test_wrong_values(
    app: Flask,
    client: CallbackClient,
    attempt: t.Callable[[], object],
    kind: type[Exception],
    message: str,
) -> None:
    """A value of the wrong kind is refused with what to write instead."""

    @callback_handler
    class Attempting(MethodView):
        def get(self) -> str:
            with pytest.raises(kind, match=message):
                attempt()

            return "attempted"

        def raise_callback_event(self, event_argument: str) -> None: ...

    add_page(app, Attempting)
    assert client.get_page("/").text == "attempted"


def test_button_that_posts_back(app: Flask, client: CallbackClient) -> None:
    """One that also calls back has the control's name, and is offered as it is."""

    @callback_handler(event_validation=True)
    class Button(Page):
        template = (
            "<form>{{ callback_fields() }}<button"
            "{{ callback_attributes(current_page, postback=True) }}></button></form>"
            "{{ callback_scripts() }}"
        )

        def get(self) -> str:
            return render_template_string(self.template)

        def raise_callback_event(self, event_argument: str) -> str:
            return f"called {event_argument!r}"

        def raise_postback_event(self, argument: str) -> None:
            self.template = f"posted {argument!r}"

    add_page(app, Button)
    page = client.get_page("/")
    assert '<button name="__EVENTTARGET" value="__Page" data-callback' in page.text
    assert page.callback("").result == "called ''"
    assert page.post_back("__Page").text == "posted ''"


def test_callback_of_no_page(app: Flask, client: CallbackClient) -> None:
    """The test client tells what it got instead of a page."""
    with pytest.raises(ClientCallbackError, match="answer with status 404"):
        client.get_page("/nowhere").callback("x")
