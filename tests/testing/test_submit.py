"""The test client: what it sends when a submit button is pressed."""

from __future__ import annotations

import io
import typing as t

import pytest
from flask import Flask
from flask import redirect
from werkzeug.datastructures import FileStorage

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallbackError
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage
from flask_clientcallback.testing import SubmitButton

from ..helpers.pages import add_page
from ..helpers.pages import Page
from ..helpers.submits import add_recorder
from ..helpers.submits import Case
from ..helpers.submits import CASES


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_submit(app: Flask, client: CallbackClient, case: Case) -> None:
    """What is sent is what a browser sends."""
    got = add_recorder(app, case.html)
    page = client.get_page("/page?x=%20y")
    answer = page.submit("go" if 'id="go"' in case.html else None)
    assert (answer.status, answer.text) == (200, "<p>Recorded")
    assert got == [case]


BUTTONS = """
<form id="cart" method="post" action="/x">
  <button name="item" value="pen">Remove</button>
  <button name="item" value="book"> Remove\n </button>
  <button id="all" disabled>Clear</button>
  <button><img alt=""></button>
  <button aria-label="Help"></button>
  <input type="submit" value="Order">
  <input type="image" alt="Pay" name="pay">
  <button type="reset">Reset</button>
  <button type="button" name="item" value="none">Add</button>
</form>
<form id="more" action="/y"><button title="More"></button><button>Order</button></form>
<button>Outside</button>
<fieldset disabled><form id="late"><button>Late</button></form></fieldset>
"""


def get(app: Flask, client: CallbackClient) -> tuple[ClientPage, list[Case]]:
    """Get a page with several buttons."""
    got = add_recorder(app, BUTTONS)
    return client.get_page("/page"), got


@pytest.mark.parametrize(
    ("button", "form", "sent"),
    [
        ("item=pen", None, [["item", "pen"]]),
        ("book", None, [["item", "book"]]),
        ("Order", "cart", []),
        ("Pay", None, [["pay.x", "0"], ["pay.y", "0"]]),
        ("Help", None, []),
        ("Help", "cart", []),
        (None, None, [["item", "pen"]]),
    ],
)
def test_names_of_a_button(
    app: Flask,
    client: CallbackClient,
    button: str | None,
    form: str | None,
    sent: list[list[str]],
) -> None:
    """A button is named by its text, its value or its name and value, the same ones by
    their form.
    """
    page, got = get(app, client)
    page.submit(button, form=form)
    assert [(case.path, case.fields) for case in got] == [("/x", sent)]


def test_button_of_another_form(app: Flask, client: CallbackClient) -> None:
    """A button submits its own form, whichever that is."""
    page, got = get(app, client)
    page.submit("More")
    page.submit("Order", form=page.forms["more"])
    page.submit(form="more")
    assert [(case.path, case.method) for case in got] == [("/y", "GET")] * 3


@pytest.mark.parametrize(
    ("button", "form", "message"),
    [
        (
            "Buy",
            "more",
            "There is no submit button 'Buy'. There is: 'More', 'Order'.",
        ),
        (
            "",
            "cart",
            "There is no submit button ''. There is: 'Remove' (item=pen), 'Remove'"
            " (item=book), 'Clear' (#all, disabled), '', 'Help', 'Order', 'Pay'"
            " (pay=).",
        ),
        (
            "Remove",
            None,
            "There are several submit buttons 'Remove': 'Remove' (item=pen), 'Remove'"
            " (item=book). Give the id, the name=value or the form of the one that you"
            " mean.",
        ),
        (
            "Late",
            "late",
            "The submit button 'Late' is disabled, so that a browser would send"
            " nothing. There is: 'Late' (disabled).",
        ),
        (
            None,
            "late",
            "The submit button that the Enter key presses is disabled, so that a"
            " browser would send nothing. There is: 'Late' (disabled).",
        ),
    ],
)
def test_button_that_cannot_be_pressed(
    app: Flask,
    client: CallbackClient,
    button: str | None,
    form: str | None,
    message: str,
) -> None:
    """A button that is not there, is there twice or disabled is an error that lists
    those that are there.
    """
    page, got = get(app, client)

    with pytest.raises(ClientCallbackError) as caught:
        page.submit(button, form=form)

    assert str(caught.value) == message
    assert got == []


@pytest.mark.parametrize("name", ["Outside", "Reset", "Add", "item=none"])
def test_button_that_submits_nothing(
    app: Flask, client: CallbackClient, name: str
) -> None:
    """A button without a form is none that submits, nor is one of another type."""
    page, _ = get(app, client)

    with pytest.raises(ClientCallbackError, match=f"no submit button '{name}'"):
        page.submit(name)


@pytest.mark.parametrize(
    ("html", "message"),
    [
        ("<p>x", r"There is no form in <ClientPage 200 /page>\."),
        ("<form></form>", "no submit button 'go'. There is: none"),
        ("<form method=dialog><button>go", "is of a dialog"),
        ("<form><button formmethod=dialog>go", "is of a dialog"),
        (
            "<form action=https://a.example/b><button>go",
            "to https://a.example/b, which",
        ),
        ("<form action=//localhost:1/><button>go", "to http://localhost:1/, which"),
        ("<form action=mailto:a@b.example><button>go", "to mailto:a@b.example, which"),
        ("<form action=javascript:x()><button>go", r"to javascript:x\(\), which"),
        ("<base href=//b.example><form action=x><button>go", "to http://b.example/x"),
    ],
)
def test_form_that_is_not_sent(
    app: Flask, client: CallbackClient, html: str, message: str
) -> None:
    """What a browser would not send to the application is an error."""
    got = add_recorder(app, html)

    with pytest.raises(ClientCallbackError, match=message):
        client.get_page("/page").submit("go")

    assert got == []


def test_buttons(app: Flask, client: CallbackClient) -> None:
    """A form tells its buttons."""
    page, _ = get(app, client)
    pen = SubmitButton("Remove", name="item", value="pen")
    assert page.form.buttons[0] == pen
    assert [button.text for button in page.form.buttons if button.disabled] == ["Clear"]
    assert [str(button) for button in page.forms["more"].buttons] == [
        "'More'",
        "'Order'",
    ]


@pytest.mark.parametrize(
    "file",
    [
        (io.BytesIO(b"pixels"), "a.png"),
        FileStorage(io.BytesIO(b"pixels"), "a.png"),
        [(io.BytesIO(b"pixels"), "a.png", "image/png")],
    ],
)
@pytest.mark.parametrize("enctype", ["multipart/form-data", "text/html"])
def test_files(app: Flask, client: CallbackClient, file: t.Any, enctype: str) -> None:
    """A file goes along, and its name alone where the form's encoding has no files."""
    got = add_recorder(
        app,
        f'<form method="post" enctype="{enctype}"><input type="file" name="photo">'
        "<button>Send",
    )
    client.get_page("/page").submit("Send", files={"photo": file})
    [case] = got
    is_sent = enctype == "multipart/form-data"
    assert case.files == ((["photo", "a.png", "pixels"],) if is_sent else ())
    assert case.fields == ([] if is_sent else [["photo", "a.png"]])


def test_files_without_a_name(app: Flask, client: CallbackClient) -> None:
    """A stream without a name is sent as a browser sends one."""
    got = add_recorder(
        app, '<form method="post" enctype="multipart/form-data"><button>Send'
    )
    files = [io.BytesIO(b"a"), FileStorage(io.BytesIO(b"b"), "/photos/b.txt")]
    client.get_page("/page").submit(files={"f": files})
    assert got[0].files == (["f", "blob", "a"], ["f", "b.txt", "b"])


@callback_handler(event_validation=True)
class Shop(Page):
    """Is posted back by its buttons."""

    template = """
    <form action="/search"><input name="q"><button>Search</button></form>
    <form method="post">
      {{ callback_fields() }}<input name="amount" value="1">
      <button{{ callback_attributes(current_page, postback=true) }}
        >Buy</button>
    </form>
    {{ callback_scripts() }}{{ current_page.view_state.bought }}"""

    def raise_callback_event(self, event_argument: str) -> None:
        current_page.view_state["bought"] = ["called"]

    def raise_postback_event(self, event_argument: str) -> t.Any:
        bought = current_page.view_state.setdefault("bought", [])
        bought.append(current_page.form["amount"])

        if len(bought) > 2:
            return redirect("/thanks")


def test_button_of_the_page(app: Flask, client: CallbackClient) -> None:
    """The button of a post-back event raises it, with what the page keeps by then. Its
    redirect is the answer.
    """
    add_page(app, Shop)
    page = client.get_page("/")
    page.callback()
    page.form["amount"] = "3"
    second = page.submit("Buy")
    assert second.status == 200
    assert second.text.endswith("[&#39;called&#39;, &#39;3&#39;]")
    third = second.submit("__EVENTTARGET=__Page")
    assert (third.status, third.response.location) == (302, "/thanks")


def test_tokens_of_a_submit(app: Flask, client: CallbackClient) -> None:
    """The page's tokens go along in the form that holds them, and in no other."""
    add_page(app, Shop)
    got = add_recorder(app, "")
    page = client.get_page("/")
    page.submit("Search")
    assert [(case.path, case.query) for case in got] == [("/search", "q=")]
    page.state = "forged"
    assert page.submit("Buy").status == 400


def test_redirects(app: Flask, client: CallbackClient) -> None:
    """A redirect is followed where that is asked for, and then is the page."""
    got = add_recorder(
        app, "<form method=post action=/old?a=b><input name=c><button>Go"
    )
    app.add_url_rule("/old", "old", lambda: redirect("/new?d=e", 303), methods=["POST"])
    page = client.get_page("/page")
    first = page.submit("Go", headers={"X-A": "1"})
    assert (first.status, first.response.location) == (303, "/new?d=e")
    last = page.submit("Go", follow_redirects=True)
    assert (last.status, repr(last)) == (200, "<ClientPage 200 /new?d=e>")
    assert [(case.method, case.path, case.query) for case in got] == [
        ("GET", "/new", "d=e")
    ]
