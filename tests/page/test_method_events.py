"""What a page and its developer are told of the calls of methods."""

from __future__ import annotations

import dataclasses
import json
import logging
import typing as t

import pydantic
import pytest
from annotated_types import Len
from flask import Flask
from flask import jsonify
from flask import render_template_string
from flask import Response
from flask import stream_with_context
from flask.views import MethodView
from pydantic import AfterValidator
from werkzeug.datastructures import FileStorage

from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page
from flask_clientcallback import FormValue
from flask_clientcallback import FromForm
from flask_clientcallback import HandlerInterfaceError
from flask_clientcallback.testing import CallbackClient

from ..helpers.classic import fields_of
from ..helpers.classic import send
from ..helpers.pages import add_page


@callback_handler
class Told(MethodView):
    """A page that says whom a post back called."""

    def get(self) -> str:
        return render_template_string(
            """<form method="post">{{ callback_fields() }}
            <button name="__EVENTTARGET" value='__Page.double[2]'>Double</button>
            <button name="other">Other</button></form>{{ callback_scripts() }}
            <p>{{ current_page.callback_target }} {{ current_page.result }}</p>"""
        )

    @callback_method
    def double(self, number: int) -> int:
        assert current_page.callback_target == "__Page.double"
        return number * 2


def test_target_of_a_method(app: Flask, client: CallbackClient) -> None:
    """The page knows which method was called, in a callback and in a post back."""
    add_page(app, Told)
    page = client.get_page("/")
    assert "<p>None None</p>" in page.text
    assert page.call.double(4).result == 8
    assert "<p>__Page.double 4</p>" in page.submit("Double").text
    assert "<p>None None</p>" in page.submit("Other").text


@pytest.mark.parametrize("debug", [True, False])
def test_invalid_input_in_the_log(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture, debug: bool
) -> None:
    """In debug mode the log tells what was wrong with a call; in production it is the
    user's alone.
    """
    app.debug = debug
    add_page(app, Told)

    with caplog.at_level(logging.WARNING, "flask_clientcallback"):
        assert client.get_page("/").call.double().status == 422

    told = "Told.double got invalid input: {'number': ['This field is required.']}"
    assert caplog.messages == ([told] if debug else [])


@dataclasses.dataclass
class Address:
    """A form with fields of its own."""

    street: str
    city: str


Photos = t.Annotated[list[FileStorage], Len(1)]
FILES = (
    "A file is sent only with files=True, and without scripts only if its form has"
    ' enctype="multipart/form-data".'
)


def check(value: bool) -> bool:
    """Refuse a checkbox that is not checked."""
    if not value:
        raise ValueError("You have to agree.")

    return value


@callback_handler
class Ordering(MethodView):
    """A page whose methods take values from the form."""

    fields = '<input name="number" value="1"><input name="street" value="Main">'
    form = """<form method="post">{{ callback_fields() }}%s</form>
        {{ callback_scripts() }}"""

    def get(self) -> str:
        return render_template_string(self.form % self.fields)

    @callback_method
    def order(self, symbol: FromForm[str], number: FromForm[int]) -> None:
        """Take single fields."""

    @callback_method
    def send(self, address: FromForm[Address]) -> None:
        """Take a whole form."""

    @callback_method
    def count(self, number: FromForm[int], by: int) -> None:
        """Take a field and an argument."""

    @callback_method
    def agree(self, terms: FromForm[t.Annotated[bool, AfterValidator(check)]]) -> None:
        """Take a checkbox."""

    @callback_method
    def keep(self, photo: FromForm[FileStorage]) -> None:
        """Take a file."""

    @callback_method
    def keep_all(
        self, photos: FromForm[t.Annotated[list[FileStorage], Len(1)]]
    ) -> None:
        """Take files."""


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (
            ("order",),
            "Ordering.order got invalid input: {'symbol': ['This field is required.']}."
            " The form that was sent has no field 'symbol': it has 'number', 'street'.",
        ),
        (
            ("send",),
            "Ordering.send got invalid input: {'city': ['This field is required.']}."
            " The form that was sent has no field 'city': it has 'number', 'street'.",
        ),
        (
            ("count",),
            "Ordering.count got invalid input: {'by': ['This field is required.']}",
        ),
        (
            ("count", "x", 1),
            "Ordering.count got invalid input: {'number': ['Not a valid integer value.'"
            "]}",
        ),
        (
            ("agree",),
            "Ordering.agree got invalid input: {'terms': ['You have to agree.']}",
        ),
        (
            ("keep",),
            "Ordering.keep got invalid input: {'photo': ['This field is required.']}."
            f" {FILES}",
        ),
        (
            ("keep_all",),
            "Ordering.keep_all got invalid input: {'photos': ['Invalid input.']}."
            f" {FILES}",
        ),
    ],
    ids=["field", "whole form", "argument", "wrong value", "checkbox", "file", "files"],
)
def test_missing_field_in_the_log(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    call: tuple[t.Any, ...],
    told: str,
) -> None:
    """The log tells which fields the form does not have, and which it has."""
    app.debug = True
    add_page(app, Ordering)
    name, *arguments = call

    with caplog.at_level(logging.WARNING, "flask_clientcallback"):
        getattr(client.get_page("/").call, name)(*arguments)

    assert caplog.messages == [told]


def test_no_form_in_the_log(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """It tells if no form was sent at all."""
    app.debug = True
    add_page(app, type("Bare", (Ordering,), {"form": "{{ callback_scripts() }}%s"}))
    client.get_page("/").call.order()
    [told] = caplog.messages
    hint = "No field was sent: put the fields into the form of the element, or into one"
    assert told.endswith(f"}}. {hint} with callback_fields().")


def test_name_of_a_file_in_the_log(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Without scripts a form of another kind sends the name of the file alone."""
    app.debug = True
    add_page(app, Ordering)
    state = client.get_page("/").state
    fields = {"__VIEWSTATE": state, "__EVENTTARGET": "__Page.keep", "photo": "a.png"}
    client.post("/", data=fields)
    [told] = caplog.messages
    assert told.endswith(f"['This field is required.']}}. {FILES}")


def test_wrong_argument_in_the_log(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """What came as an argument is no field that lacks."""
    app.debug = True
    add_page(app, type("Bare", (Ordering,), {"form": "{{ callback_scripts() }}%s"}))
    client.get_page("/").call.count("x", 1)
    [told] = caplog.messages
    assert told.endswith("{'number': ['Not a valid integer value.']}")


def test_many_fields_in_the_log(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """However many fields a client sends, the log lists some."""
    app.debug = True
    add_page(app, Ordering)
    page = client.get_page("/")
    page.form.update({f"extra, {number}": "" for number in range(50)})
    page.call.order()
    [told] = caplog.messages
    assert "'extra, 1', 'extra, 2'" in told
    assert told.count("extra") < 20


class Counted:
    """A control that holds on to what it keeps in the view state."""

    def page_load(self) -> None:
        self.held = current_page.view_state.setdefault("held", {"goods": [1]})
        current_page.view_state.setdefault("kind", "new")

    @callback_method
    def spoil(self) -> None:
        self.held["goods"].append(2)
        self.held["more"] = True
        current_page.view_state["kind"] = None
        raise CallbackError("No.")

    @callback_method
    def fail(self) -> None:
        raise CallbackError("No.")


@callback_handler
class Kept(MethodView):
    """A page whose control changes its state once more after a method."""

    counted = callback_control(Counted)

    def page_load_complete(self) -> None:
        if current_page.error is not None:
            self.counted.held["failed"] = True

    def get(self) -> str:
        return render_template_string(
            "<form method=post>{{ callback_fields() }}</form>{{ callback_scripts() }}"
            "<p>{{ current_page.view_state.items()|list|tojson }}</p>"
        )


@pytest.mark.parametrize("method", ["spoil", "fail"])
def test_state_after_a_failure(app: Flask, client: CallbackClient, method: str) -> None:
    """What a failed method changed is put back, in the very object that a control
    holds: what that changes later is kept.
    """
    add_page(app, Kept)
    page = client.get_page("/").post_back(f"counted.{method}")
    kept = json.loads(page.text.partition("<p>")[2].partition("</p>")[0])
    assert dict(kept) == {"held": {"goods": [1], "failed": True}, "kind": "new"}


@callback_handler
class Answering(MethodView):
    """A page whose methods answer in ways of their own."""

    def get(self) -> str:
        return render_template_string(
            """<form method="post">{{ callback_fields() }}
            <input{{ callback_field("name", "") }}></form>{{ callback_scripts() }}"""
        )

    @callback_method
    def stream(self) -> Response:
        def parts() -> t.Iterator[str]:
            yield str(current_page.stage)

        return Response(stream_with_context(parts()), mimetype="text/plain")

    @callback_method
    def pair(self) -> t.Any:
        return "no", 403

    @callback_method
    def number(self) -> int:
        return t.cast(int, jsonify("secret"))

    @callback_method
    def text(self, text: str) -> str:
        return text

    @callback_method
    def numbers(self, numbers: list[int]) -> int:
        return sum(numbers)


def test_streamed_response_in_a_post_back(app: Flask, client: CallbackClient) -> None:
    """A response that is sent while it is made has its page, in both ways."""
    add_page(app, Answering)
    page = client.get_page("/")
    assert page.call.stream().result.text == "get_callback_result"
    assert page.post_back("__Page.stream").text == "raise_postback_event"


def test_pair_in_a_post_back(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A pair that looks like body and status is pointed out in a post back too."""
    add_page(app, Answering)
    client.get_page("/").post_back("__Page.pair")
    assert "Answering.pair gave a str and 403" in caplog.text


def test_response_in_place_of_a_result(app: Flask, client: CallbackClient) -> None:
    """What jsonify() made is checked as any result, where the hint has no response."""
    add_page(app, Answering)
    answer = client.get_page("/").call.number()
    assert answer.status == 500
    assert "secret" not in answer.response.text


def test_half_of_a_character(app: Flask, client: CallbackClient) -> None:
    """Text that UTF-8 cannot hold goes there and back."""
    add_page(app, Answering)
    assert client.get_page("/").call.text("\ud800").status in (200, 422)


def test_nul_in_a_field(app: Flask, client: CallbackClient) -> None:
    """A sent character that HTML cannot carry makes no error page."""
    add_page(app, Answering)
    page = client.get_page("/")
    page.form["name"] = "a\0b"
    page = page.post_back("__Page.pair")
    assert (page.status, page.form["name"]) == (200, "a\ufffdb")


def test_very_many_mistakes(app: Flask, client: CallbackClient) -> None:
    """Of thousands of mistakes only that there are some is told."""
    add_page(app, Answering)
    error = client.get_page("/").call.numbers(["x"] * 1001).error
    assert error == {"kind": "invalid", "message": "Invalid input.", "fields": {}}


@pytest.mark.parametrize("default", [FormValue(), pydantic.Field(ge=1)])
def test_marks_as_defaults(app: Flask, default: t.Any) -> None:
    """A mark in the place of a default would be the default: it is refused."""

    @callback_handler
    class Marked(MethodView):
        @callback_method
        def take(self, number: int = default) -> int:
            return number

    with pytest.raises(HandlerInterfaceError, match=r"write that into Annotated"):
        Marked.as_view("marked")


@pytest.mark.parametrize(
    ("name", "hint"), [("duoble", ", is it 'double'"), ("<b>\r\n", "")]
)
def test_misspelt_method(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    name: str,
    hint: str,
) -> None:
    """The log tells which name may be meant, and nothing of what was sent."""
    add_page(app, Told)
    page = client.get_page("/")
    assert page.callback("[]", target=f"__Page.{name}").status == 404
    [told] = caplog.messages
    assert told.startswith(
        "Refused with 404 rejected: method unknown: Told has none of this name that is"
        f" marked @callback_method{hint}; known are __Page, __Page.double (endpoint"
    )
    assert name not in told


def test_method_of_a_classic_script(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """An old client script knows no methods, and the log does not blame the name."""
    app.config["CLIENTCALLBACK_CLASSIC"] = True
    add_page(app, Told)
    fields = fields_of(client.get_page("/"), "[1]", "__Page.double")
    assert send(client, fields).status_code == 404
    [told] = caplog.messages
    assert "rejected: a classic client script calls no named methods (" in told
