"""Methods that a button calls where no script runs: a post back of the page's form."""

from __future__ import annotations

import io
import logging
import typing as t

import pytest
from flask import abort
from flask import Flask
from flask import jsonify
from flask import redirect
from flask import render_template_string
from flask import Response
from flask import stream_template_string
from werkzeug.datastructures import FileStorage

from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page
from flask_clientcallback import FromForm
from flask_clientcallback.testing import ClientPage

from ..helpers.methods import open_page
from ..helpers.pages import Page

TEMPLATE = """
<form method="post">{{ callback_fields() }}<input name="quantity" value="1"></form>
{{ callback_scripts() }}
[{{ current_page.result }}|{{ current_page.error }}|{{ current_page.errors }}]
"""


class Cart:
    """A control with a method."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    @callback_method
    def remove(self, product: str, *, all: bool = False) -> str:
        self.removed.append(product)
        return f"removed {product!r} {all}"

    def raise_postback_event(self, argument: str) -> None:
        current_page.result = f"event {argument!r}"


class Bare:
    """A control without anything."""


@callback_handler
class Shop(Page):
    """Has methods of all kinds."""

    cart = callback_control(Cart)
    template = TEMPLATE

    def page_init(self) -> None:
        current_page.add_control("bare", Bare())

    @callback_method
    def order(self, quantity: FromForm[int]) -> t.Any:
        return {"quantity": quantity}

    @callback_method
    async def later(self, number: int) -> str:
        return f"later {number}"

    @callback_method
    def count(self, how: str) -> int:
        state = current_page.view_state
        state["count"] = state.get("count", 0) + 1
        state["list"] = [*state.get("list", []), how]

        if how == "fail":
            raise CallbackError("No more.", 409)

        return t.cast(int, state["count"])

    @callback_method
    def answer(self, kind: str) -> t.Any:
        made: dict[str, t.Callable[[], t.Any]] = {
            "redirect": lambda: redirect("/next", 303),
            "file": lambda: Response("a,b", mimetype="text/csv"),
            "json": lambda: jsonify(kind=kind),
            "abort": lambda: abort(403, "Not you."),
            "bug": lambda: [][0],
            "error": lambda: (_ for _ in ()).throw(CallbackError("No <b>.")),
            "fields": lambda: (_ for _ in ()).throw(
                CallbackError("No.", fields={"quantity": ["Less."]})
            ),
            "none": lambda: None,
            "object": lambda: Cart(),
        }
        return made[kind]()

    @callback_method
    def upload(self, photo: FromForm[FileStorage]) -> str:
        return photo.filename or ""


@pytest.fixture
def page(app: Flask) -> ClientPage:
    """The page of them."""
    return open_page(app, Shop)


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ('cart.remove["pen"]', "removed &#39;pen&#39; False"),
        ('cart.remove["a.b[c]{d}"]', "removed &#39;a.b[c]{d}&#39; False"),
        ('cart.remove["pen", {"all": true}]', "removed &#39;pen&#39; True"),
        ('cart.remove{"product": "pen"}', "removed &#39;pen&#39; False"),
        ("__Page.order", "{&#39;quantity&#39;: 1}"),
        ("__Page.order[]", "{&#39;quantity&#39;: 1}"),
        ("__Page.order[7]", "{&#39;quantity&#39;: 7}"),
        ('__Page.later["5"]', "later 5"),
        ('__Page.count["well"]', "1"),
        ('__Page.answer["json"]', "{&#39;kind&#39;: &#39;json&#39;}"),
        ('__Page.answer["none"]', "None"),
    ],
)
def test_result(page: ClientPage, target: str, text: str) -> None:
    """The page is rendered with the value that the method returned."""
    again = page.post_back(target)
    assert again.status == 200
    assert again.text.rstrip().endswith(f"[{text}|None|{{}}]")


def test_order_of_the_stages(page: ClientPage) -> None:
    """The method is called where a post back raises its event."""
    again = page.post_back("__Page.order")
    stages = again.stages
    assert stages.index("load") < stages.index("raise_postback_event")
    assert stages.index("raise_postback_event") < stages.index("load_complete")
    assert "raise_callback_event" not in stages


def test_result_is_the_value(app: Flask) -> None:
    """It is the object itself, and no JSON of it."""

    class Objects(Shop):
        def get(self) -> str:
            result = current_page.result
            return str(render_template_string(TEMPLATE)) + type(result).__name__

    page = open_page(app, Objects)
    assert page.text.endswith("NoneType")
    assert page.post_back('__Page.answer["object"]').text.endswith("Cart")


@pytest.mark.parametrize(
    ("target", "status", "text"),
    [
        ('__Page.answer["error"]', 400, "None|No &lt;b&gt;.|{}"),
        (
            '__Page.answer["fields"]',
            422,
            "None|No.|{&#39;quantity&#39;: [&#39;Less.&#39;]}",
        ),
        ('__Page.count["fail"]', 409, "None|No more.|{}"),
        (
            '__Page.order["x"]',
            422,
            "None|Invalid input.|"
            "{&#39;quantity&#39;: [&#39;Not a valid integer value.&#39;]}",
        ),
        (
            "cart.remove",
            422,
            "None|Invalid input.|"
            "{&#39;product&#39;: [&#39;This field is required.&#39;]}",
        ),
        (
            'cart.remove["a", "b"]',
            422,
            "None|Invalid input.|{&#39;1&#39;: [&#39;Unexpected argument.&#39;]}",
        ),
    ],
)
def test_error(page: ClientPage, target: str, status: int, text: str) -> None:
    """The page is rendered with what is wrong, and has the error's status."""
    again = page.post_back(target)
    assert again.status == status
    assert again.text.rstrip().endswith(f"[{text}]")
    # It goes on working.
    assert again.post_back("__Page.order").status == 200


def test_status_of_the_view(app: Flask) -> None:
    """A status that the view gives itself stays."""

    class Own(Shop):
        def get(self) -> t.Any:
            return render_template_string(TEMPLATE), 418 if current_page.error else 200

    page = open_page(app, Own)
    assert page.post_back('__Page.answer["error"]').status == 418
    assert page.post_back("__Page.order").status == 200


def test_post_of_the_view(app: Flask) -> None:
    """A view that has a post renders by that."""

    class Posted(Shop):
        def post(self) -> str:
            return str(current_page.result)

    assert open_page(app, Posted).post_back('cart.remove["pen"]').text == (
        "removed 'pen' False"
    )


def test_view_state_after_an_error(page: ClientPage) -> None:
    """What a failed method changed in the view state is put back, and no more."""
    once = page.post_back('__Page.count["a"]')
    failed = once.post_back('__Page.count["fail"]')
    assert failed.status == 409
    last = failed.post_back('__Page.count["b"]')
    assert last.text.rstrip().endswith("[2|None|{}]")


def test_view_state_of_hooks_after_an_error(app: Flask) -> None:
    """What hooks changed before stays."""

    class Hooked(Shop):
        def page_load(self) -> None:
            state = current_page.view_state
            state["loads"] = state.get("loads", 0) + 1

        def get(self) -> str:
            return render_template_string(TEMPLATE + "{{ current_page.view_state }}")

    page = open_page(app, Hooked)
    again = page.post_back('__Page.count["fail"]')
    assert "&#39;loads&#39;: 2}" in again.text
    assert "count" not in again.text[again.text.rindex("loads") :]


def test_page_without_view_state(app: Flask) -> None:
    """A page that keeps nothing calls its methods all the same."""

    @callback_handler(view_state=False)
    class Stateless(Shop): ...

    page = open_page(app, Stateless)
    assert page.post_back("__Page.order").status == 200
    assert page.post_back('__Page.order["x"]').status == 422


def test_redirect(page: ClientPage) -> None:
    """A redirect is the answer, with and without scripts."""
    again = page.post_back('__Page.answer["redirect"]')
    assert (again.status, again.response.headers["Location"]) == (303, "/next")
    assert "pre_render" not in again.stages
    assert page.callback(["redirect"], "__Page.answer").redirect == "/next"


def test_response(page: ClientPage) -> None:
    """So is any other response."""
    again = page.post_back('__Page.answer["file"]')
    assert (again.status, again.response.mimetype) == (200, "text/csv")
    assert again.text == "a,b"


def test_http_exception(page: ClientPage) -> None:
    """An HTTP exception takes Flask's usual way."""
    again = page.post_back('__Page.answer["abort"]')
    assert again.status == 403
    assert "Not you." in again.text and "[" not in again.text


def test_bug(page: ClientPage, caplog: pytest.LogCaptureFixture) -> None:
    """So does any other exception."""
    assert page.post_back('__Page.answer["bug"]').status == 500
    assert any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize(
    "target",
    [
        "cart.unknown",
        "nowhere.remove",
        'cart.unknown["x"]',
        "cart.__class__",
        "cart.removed",
        "__Page.page_init",
        "__Page.get",
        "__Page.",
        ".order",
        "cart.remove.__call__",
        'cart["pen"]',
        'cart{"a": 1}',
        "[",
        "nowhere",
    ],
)
def test_unknown_target(
    page: ClientPage, caplog: pytest.LogCaptureFixture, target: str
) -> None:
    """An unknown method is logged, and the page is rendered."""
    again = page.post_back(target)
    assert again.status == 200
    assert again.text.rstrip().endswith("[None|None|{}]")
    assert "raise_postback_event" not in again.stages
    [record] = [r for r in caplog.records if r.levelno == logging.WARNING]
    message = record.getMessage()
    assert "unknown target" in message and "cart.remove, " in message


@pytest.mark.parametrize("target", ["cart", "__Page"])
def test_event_of_a_control(page: ClientPage, target: str) -> None:
    """A control without a method's name gets the event, as ever."""
    again = page.post_back(target, "x")
    shows = "event &#39;x&#39;" if target == "cart" else "None"
    assert again.text.rstrip().endswith(f"[{shows}|None|{{}}]")


@pytest.mark.parametrize(
    "target",
    [
        'cart.remove["pen"',
        "cart.remove[NaN]",
        "cart.remove[pen]",
        'cart.remove{"a"}',
        'cart.remove["pen"]]',
        "cart.unknown[",
        "cart.remove" + "[" * 150 + "]" * 150,
        "cart.remove" + "[" * 5000,
    ],
)
@pytest.mark.parametrize("validates", [False, True])
def test_what_is_no_json(
    app: Flask, caplog: pytest.LogCaptureFixture, target: str, validates: bool
) -> None:
    """Arguments that are no JSON are refused, in one line of the log."""

    @callback_handler(event_validation=validates)
    class Validating(Shop):
        def page_load(self) -> None:
            current_page.client_script.register_for_event_validation("cart", "x")

    again = open_page(app, Validating).post_back(target)
    assert again.status == 400
    [record] = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert "__EVENTTARGET is n" in record.getMessage()


def test_streamed_page(app: Flask) -> None:
    """A page that is streamed shows the result and the error too, with the status."""

    class Streamed(Shop):
        def get(self) -> t.Any:
            return stream_template_string(TEMPLATE)

    page = open_page(app, Streamed)
    again = page.post_back("__Page.order")
    assert again.status == 200
    assert again.text.rstrip().endswith("[{&#39;quantity&#39;: 1}|None|{}]")
    again = page.post_back('__Page.count["fail"]')
    assert again.status == 409
    assert again.text.rstrip().endswith("[None|No more.|{}]")


def test_file(app: Flask, page: ClientPage) -> None:
    """A parameter may be a file of the form."""
    data = {
        "__EVENTTARGET": "__Page.upload",
        "__VIEWSTATE": page.state,
        "photo": (io.BytesIO(b"x"), "a.jpg"),
    }
    response = app.test_client().post("/", data=data)
    assert response.text.rstrip().endswith("[a.jpg|None|{}]")
    assert page.post_back("__Page.upload").status == 422


def test_button_among_hidden_fields(app: Flask, page: ClientPage) -> None:
    """The value of the button counts, where the hidden field of a page is empty."""
    data = {
        "__EVENTTARGET": ["", 'cart.remove["pen"]'],
        "__EVENTARGUMENT": "",
        "__VIEWSTATE": page.state,
    }
    response = app.test_client().post("/", data=data)
    assert "removed &#39;pen&#39; False" in response.text
