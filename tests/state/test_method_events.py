"""Event validation of calls: only what a page offered may be called."""

from __future__ import annotations

import io
import json
import typing as t

import pytest
from flask import Flask
from flask import render_template_string
from werkzeug.datastructures import FileStorage

from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackTargetError
from flask_clientcallback import current_page
from flask_clientcallback.testing import ClientPage

from ..helpers.methods import open_page
from ..helpers.methods import send
from ..helpers.offers import recorded_reasons
from ..helpers.pages import Page

ran: list[t.Any] = []
"""The arguments that methods got."""


class Cart:
    """A control with a method."""

    @callback_method
    def remove(self, product, count=1):  # type: ignore[no-untyped-def]
        ran.append([product, count])
        return [product, count]

    @callback_method
    def clear(self) -> None:
        ran.append([])

    @callback_method
    def upload(self, title: str = "", file: FileStorage | None = None) -> str:
        ran.append([title])
        return title


@callback_handler(event_validation=True)
class Shop(Page):
    """Offers what its template says."""

    cart = callback_control(Cart)

    @callback_method
    def remove(self, product, count=1):  # type: ignore[no-untyped-def]
        ran.append(["page", product])
        return "page"


@pytest.fixture(autouse=True)
def none_ran() -> None:
    """Forget the calls of other tests."""
    ran.clear()


def offered(app: Flask, *options: str) -> ClientPage:
    """Get a page that offers calls of the cart's methods."""
    buttons = "".join(
        f"<button{{{{ callback_attributes('cart', {option}) }}}}>x</button>"
        for option in options
    )
    return open_page(app, Shop, f"{{{{ callback_scripts() }}}}{buttons}")


def calls(page: ClientPage, arguments: t.Any, target: str = "cart.remove") -> bool:
    """Tell whether a call is let through; if not, that nothing ran."""
    before = len(ran)
    answer = page.callback(arguments, target)
    assert answer.status in (200, 403)
    assert (len(ran) > before) is (answer.status == 200)

    if answer.status == 403:
        assert answer.error is not None
        assert answer.error["kind"] == "rejected"
        assert answer.stages == []

    return answer.status == 200


def test_exactly_these_arguments(app: Flask) -> None:
    """A call with other arguments, of another method or control is refused."""
    page = offered(app, "method='remove', args=['pen']")
    assert calls(page, ["pen"])
    assert ran == [["pen", 1]]

    for arguments in (
        ["book"],
        [],
        ["pen", 1],
        ["Pen"],
        [["pen"]],
        [None],
        {"product": "pen"},
        {"0": "pen"},
        "pen",
    ):
        text = json.dumps(arguments)
        answer = send(
            app, page, "cart.remove", text, {"__EVENTVALIDATION": page.events}
        )
        assert answer.status == 403, arguments

    assert not calls(page, ["pen"], "__Page.remove")
    assert not calls(page, ["pen"], "cart.clear")
    assert not calls(page, ["pen"], "cart.upload")
    assert page.callback('["pen"]', "cart").status == 403
    assert page.callback("", "cart").status == 403
    assert ran == [["pen", 1]]


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ("[1]", "[1.0]"),
        ("[1.0]", "[1]"),
        ("[0]", "[-0]"),
        ("[-0.0]", "[0]"),
        ("[1e21]", "[1000000000000000000000]"),
        ("[1152921504606846976.0]", "[1152921504606847000]"),
        ("[1e-7]", "[1E-7]"),
        ("[0.1]", "[0.10]"),
        ("('pen', 2)", '["pen",2]'),
        ("[('pen', 2)]", '[["pen",2]]'),
        ("[{'b': 1, 'a': [2]}]", '[{"a":[2.0],"b":1}]'),
        ("['\u00e9\u2028']", '["\\u00e9\\u2028"]'),
        ("['\u00e9']", '["\u00e9"]'),
        ("['\U0001f600']", '["\\ud83d\\ude00"]'),
        ("[true, none]", "[true,null]"),
        ("['<>&\"']", '["<>&\\""]'),
        ("[9007199254740992]", "[9007199254740992]"),
        ("[9007199254740992]", "[9007199254740992.0]"),
    ],
)
def test_other_texts_of_the_same(app: Flask, args: str, text: str) -> None:
    """The same arguments may be written as a browser writes them."""
    page = offered(app, f"method='remove', args={args}")
    fields = {"__EVENTVALIDATION": page.events}
    assert send(app, page, "cart.remove", text, fields).status == 200


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ("[1]", "[true]"),
        ("[1]", '["1"]'),
        ("[true]", "[1]"),
        ("[none]", "[0]"),
        ("['']", "[null]"),
        ("[1]", "[1.0000000000000002]"),
        ("[9007199254740992]", "[9007199254740993]"),
        ("[-9007199254740992]", "[-9007199254740993]"),
        ("[1152921504606846976.0]", "[1152921504606847001]"),
        ("[1e300]", "[1e400]"),
        ("['a']", '["a\\u0000"]'),
        ("[[]]", "[{}]"),
        ("[['a', 'b']]", '["a","b"]'),
        ("['a', 'b']", '[["a","b"]]'),
        ("['*']", "[]"),
        ("['*']", "[1]"),
    ],
)
def test_texts_of_others(app: Flask, args: str, text: str) -> None:
    """Arguments that are others in Python are refused."""
    page = offered(app, f"method='remove', args={args}")
    fields = {"__EVENTVALIDATION": page.events}
    assert send(app, page, "cart.remove", text, fields).status == 403


def test_first_arguments(app: Flask) -> None:
    """With the element's own value, the arguments before it are checked."""
    page = offered(app, "method='remove', args=['pen'], value=true")
    assert calls(page, ["pen", 2])
    assert calls(page, ["pen", "x"])
    assert not calls(page, ["pen"])
    assert not calls(page, ["book", 2])
    assert not calls(page, ["pen", 2, 3])
    assert not calls(page, ["pen", 2, {}])
    assert not calls(page, [])


def test_value_alone(app: Flask) -> None:
    """So there may be none before it."""
    page = offered(app, "method='remove', value=true")
    assert calls(page, ["book"])
    assert not calls(page, [])
    assert not calls(page, ["book", 1])
    assert not calls(page, {})
    assert not calls(page, {"product": "book"})


def test_any_arguments(app: Flask) -> None:
    """Scripts may call what was registered with any arguments."""

    class Registering(Shop):
        def page_load(self) -> None:
            if not current_page.is_postback:
                script = current_page.client_script
                script.register_for_event_validation(self.cart, method="remove")

    page = open_page(app, Registering)

    for arguments in (["pen"], ["pen", 2], {"product": "x"}):
        assert calls(page, arguments)

    assert page.callback([], "cart.remove").status == 422
    assert not calls(page, [], "cart.clear")
    assert not calls(page, ["pen"], "__Page.remove")
    assert page.post_back('cart.remove["pen"]').status == 200


@pytest.mark.parametrize(
    ("control", "method"), [("cart", "nothing"), ("nowhere", "remove"), ("cart", "")]
)
def test_unknown_method(app: Flask, control: str, method: str) -> None:
    """What the page does not know cannot be registered."""

    class Registering(Shop):
        def page_load(self) -> None:
            script = current_page.client_script
            script.register_for_event_validation(control, method=method)

    app.testing = True

    with pytest.raises(CallbackTargetError):
        open_page(app, Registering)


def test_kinds_of_events(app: Flask) -> None:
    """A button that posts back may call as well; other elements post nothing back."""
    page = offered(
        app,
        "method='remove', args=['pen'], postback=true",
        "method='remove', args=['book']",
    )
    assert calls(page, ["pen"]) and calls(page, ["book"])
    assert page.post_back('cart.remove["pen"]').status == 200
    assert page.post_back('cart.remove[ "pen" ]').status == 200

    with recorded_reasons(app) as reasons:
        assert page.post_back('cart.remove["book"]').status == 403
        assert page.post_back('cart.remove["ink"]').status == 403
        assert page.post_back("cart.remove").status == 403
        assert page.post_back("cart.clear").status == 403
        assert page.post_back("cart").status == 403
        assert page.post_back('cart["pen"]').status == 403

    assert "postback=True" in reasons[0]
    assert all("did not offer this post-back event" in reason for reason in reasons[1:])
    assert ran == [["pen", 1], ["book", 1], ["pen", 1], ["pen", 1]]


def test_post_back_without_arguments(app: Flask) -> None:
    """A button without arguments calls by its target alone."""
    page = offered(app, "method='clear', postback=true")
    assert page.post_back("cart.clear").status == 200
    assert page.post_back("cart.clear[]").status == 200
    assert page.post_back("cart.clear{}").status == 403
    assert page.post_back("cart.clear[1]").status == 403
    assert calls(page, [], "cart.clear")


def test_files(app: Flask) -> None:
    """Files among the arguments go by what any arguments are good for alone."""
    files = {"__CALLBACKPARAM.1": (io.BytesIO(b"x"), "a.txt")}
    page = offered(app, "method='upload', args=['cap']", "method='upload', value=true")
    assert calls(page, ["cap"], "cart.upload")
    assert page.callback(["cap"], "cart.upload", files=files).status == 403
    assert ran == [["cap"]]


def test_files_where_any_are_good(app: Flask) -> None:
    """There they go."""

    class Registering(Shop):
        def page_load(self) -> None:
            script = current_page.client_script
            script.register_for_event_validation("cart", method="upload")

    files = {"__CALLBACKPARAM.1": (io.BytesIO(b"x"), "a.txt")}
    page = open_page(app, Registering)
    assert page.callback(["cap"], "cart.upload", files=files).result == "cap"


def test_offers_of_a_callback(app: Flask) -> None:
    """What the HTML of an answer offers may be called from then on."""

    class Adding(Shop):
        @callback_method
        def more(self) -> str:
            return render_template_string(
                "{{ callback_attributes('cart', method='remove', args=['new']) }}"
            )

    page = open_page(
        app,
        Adding,
        "{{ callback_scripts() }}"
        "<p{{ callback_attributes(current_page, method='more') }}>",
    )
    assert not calls(page, ["new"])
    assert page.callback([], "__Page.more").events is not None
    assert calls(page, ["new"])


def test_offers_of_another_page(app: Flask) -> None:
    """What another page offered is none of this one's."""
    page = offered(app, "method='remove', args=['pen']")
    other = t.cast(t.Any, app.test_client()).get_page("/")
    page.events = other.events
    assert page.callback(["pen"], "cart.remove").status == 400
    page.events = None
    assert page.callback(["pen"], "cart.remove").status == 400
    assert ran == []


def test_unknown_names(app: Flask) -> None:
    """An unknown target is refused before anything of the page runs."""
    page = offered(app, "method='remove', args=['pen']")

    for target in ("cart.__class__", "nowhere.remove", "cart.", ".remove", "."):
        assert not calls(page, ["pen"], target)


def test_deep_nesting(app: Flask) -> None:
    """What is nested too deeply is refused before it is compared."""
    page = offered(app, "method='remove', args=['pen']")

    for depth, status in ((50, 403), (500, 400), (960, 400)):
        text = "[" * depth + "]" * depth
        fields = {"__EVENTVALIDATION": page.events}
        assert send(app, page, "cart.remove", text, fields).status == status
