"""How arguments come to a method's parameters: by place, by name, in one object."""

from __future__ import annotations

import json
import typing as t

import pytest
from flask import Flask
from flask import render_template_string
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from pydantic import BaseModel

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.methods import call
from ..helpers.methods import errors_of
from ..helpers.methods import open_page
from ..helpers.methods import send
from ..helpers.pages import Page

REQUIRED = ["This field is required."]
INVALID = ["Invalid input."]
SURPLUS = ["Unexpected argument."]


class Order(BaseModel):
    """Says itself what it takes."""

    amount: float


@callback_handler
class Signatures(Page):
    """Gives back the arguments of each signature."""

    @callback_method
    def price(self, symbol: str, quantity: int = 1) -> t.Any:
        return [symbol, quantity]

    @callback_method
    def untyped(self, symbol, quantity=1):  # type: ignore[no-untyped-def]
        return [symbol, quantity]

    @callback_method
    def three(self, first: str, second: str = "default", third: str = "") -> t.Any:
        return [first, second, third]

    @callback_method
    def find(self, text: str, *, limit: int = 10, deep: bool = False) -> t.Any:
        return [text, limit, deep]

    @callback_method
    def only(self, *, symbol: str, limit: int = 10) -> t.Any:
        return [symbol, limit]

    @callback_method
    def mix(
        self, text: str, filter: dict[str, int] | None = None, *, limit: int = 10
    ) -> t.Any:
        return [text, filter, limit]

    @callback_method
    def unnamed(self, symbol: str, other: int = 5, /, quantity: int = 1) -> t.Any:
        return [symbol, other, quantity]

    @callback_method
    def loose(
        self, number: float, given: t.Any = None, order: Order | None = None
    ) -> t.Any:
        return [number, given]

    @callback_method
    def nothing(self) -> t.Any:
        return "nothing"


@pytest.fixture
def page(app: Flask) -> ClientPage:
    """The page of them."""
    return open_page(app, Signatures)


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("price", ["ACME", 3], ["ACME", 3]),
        ("price", ["ACME"], ["ACME", 1]),
        ("price", ["ACME", " 3 "], ["ACME", 3]),
        ("price", {"symbol": "ACME"}, ["ACME", 1]),
        ("price", {"quantity": 3, "symbol": "ACME"}, ["ACME", 3]),
        ("price", {"0": "ACME", "quantity": 3}, ["ACME", 3]),
        ("price", {"1": 3, "symbol": "ACME"}, ["ACME", 3]),
        ("untyped", ["ACME", "3"], ["ACME", "3"]),
        ("untyped", [None], [None, 1]),
        ("untyped", [{"a": [1.5]}], [{"a": [1.5]}, 1]),
        ("three", {"0": "x", "2": "z"}, ["x", "default", "z"]),
        ("find", ["a", {"limit": 3}], ["a", 3, False]),
        ("find", ["a", {}], ["a", 10, False]),
        ("find", ["a", {"deep": True, "limit": "3"}], ["a", 3, True]),
        ("find", {"text": "a", "limit": 3}, ["a", 3, False]),
        ("find", {"0": "a", "1": {"limit": 3}}, ["a", 3, False]),
        ("find", {"0": "a", "1": {"limit": 3}, "deep": True}, ["a", 3, True]),
        ("only", [{"symbol": "A"}], ["A", 10]),
        ("only", {"symbol": "A"}, ["A", 10]),
        ("only", {"0": {"symbol": "A", "limit": 1}}, ["A", 1]),
        ("mix", ["A", {"limit": 3}], ["A", {"limit": 3}, 10]),
        ("mix", ["A", None, {"limit": 3}], ["A", None, 3]),
        ("mix", ["A", {"a": 1}, {"limit": 3}], ["A", {"a": 1}, 3]),
        ("unnamed", ["A"], ["A", 5, 1]),
        ("unnamed", ["A", 6, 7], ["A", 6, 7]),
        ("unnamed", {"0": "A", "quantity": 7}, ["A", 5, 7]),
        ("nothing", [], "nothing"),
        ("nothing", {}, "nothing"),
    ],
)
def test_binding(page: ClientPage, name: str, arguments: t.Any, result: t.Any) -> None:
    """Arguments go by place or by name; those that have only a name by one object."""
    answer = page.callback(arguments, f"__Page.{name}")
    assert (answer.status, answer.result) == (200, result)


@pytest.mark.parametrize(
    ("name", "arguments", "errors"),
    [
        ("price", [], {"symbol": REQUIRED}),
        ("price", {}, {"symbol": REQUIRED}),
        ("price", {"quantity": 2}, {"symbol": REQUIRED}),
        ("price", ["A", 1, 2], {"2": SURPLUS}),
        ("price", ["A", {"quantity": 2}, 2], {"2": SURPLUS, "quantity": None}),
        ("price", ["A", 1, {"quantity": 2}], {"2": SURPLUS}),
        ("price", {"symbol": "A", "nothing": 1}, {"nothing": SURPLUS}),
        ("price", {"symbol": "A", "self": 1}, {"self": SURPLUS}),
        ("price", {"0": "A", "symbol": "B"}, {"symbol": SURPLUS}),
        ("price", {"symbol": "A", "00": "B"}, {"symbol": SURPLUS}),
        ("price", {"symbol": "A", "-1": "B"}, {"-1": SURPLUS}),
        ("price", {"symbol": "A", "9" * 30: 1}, {"9" * 30: SURPLUS}),
        ("price", {"symbol": "A", "\u0661": 1}, {"\u0661": SURPLUS}),
        # What has no name is told by the message alone.
        ("price", {"symbol": "A", "": 1}, {}),
        ("price", {"symbol": "A", ".": 1}, {}),
        ("price", {"symbol": "A", ".symbol": 1}, {"symbol": SURPLUS}),
        ("price", {"symbol": "A", "<b>": 1}, {"<b>": SURPLUS}),
        ("price", {"symbol": "A", "__class__": 1}, {"__class__": SURPLUS}),
        ("price", [None], {"symbol": INVALID}),
        ("price", ["A", None], {"quantity": None}),
        ("untyped", [], {"symbol": REQUIRED}),
        ("untyped", ["A", 1, 2], {"2": SURPLUS}),
        ("find", ["a", 3], {"1": SURPLUS}),
        ("find", ["a", None], {"1": SURPLUS}),
        ("find", ["a", {"limits": 3}], {"limits": SURPLUS}),
        ("find", ["a", {"text": 3}], {"text": SURPLUS}),
        ("find", ["a", {"limit": 3}, 1], {"2": SURPLUS}),
        ("find", ["a", {"1": 3}], {"1": SURPLUS}),
        ("only", ["A"], {"0": SURPLUS, "symbol": REQUIRED}),
        ("only", [], {"symbol": REQUIRED}),
        ("unnamed", {"symbol": "A"}, {"symbol": None}),
        ("nothing", [1], {"0": SURPLUS}),
        ("nothing", [{}], {"0": SURPLUS}),
        ("nothing", {"a": 1}, {"a": SURPLUS}),
    ],
)
def test_arguments_that_do_not_fit(
    page: ClientPage,
    name: str,
    arguments: t.Any,
    errors: dict[str, list[str] | None],
) -> None:
    """Missing, unknown, surplus and doubled arguments are errors, each by its name."""
    found = errors_of(page.callback(arguments, f"__Page.{name}"))
    assert found.keys() == errors.keys()

    for key, texts in errors.items():
        assert texts is None or found[key] == texts


@pytest.mark.parametrize("argument", ["x", 5, True, None, 1.5])
def test_arguments_that_are_no_list(
    app: Flask, page: ClientPage, argument: t.Any
) -> None:
    """What is no array and no object is an error; of a call to an unknown target, the
    shape is not looked at.
    """
    text = json.dumps(argument)
    found = errors_of(send(app, page, "__Page.price", text))
    assert found == {"0": SURPLUS, "symbol": REQUIRED}

    for target in ("__Page.unknown", "nowhere.price", "__Page.__class__"):
        assert send(app, page, target, text).status == 404


@pytest.mark.parametrize(
    "text",
    ["NaN", "[NaN]", "[-Infinity]", '{"a": [Infinity]}', "[1", "", "[1] x", "'a'"],
)
def test_what_is_no_json(app: Flask, page: ClientPage, text: str) -> None:
    """What is no JSON is refused, before anybody looks at the target."""
    for target in ("__Page.price", "__Page.unknown"):
        answer = send(app, page, target, text)
        assert answer.error is not None
        assert (answer.status, answer.error["kind"]) == (400, "rejected")


@pytest.mark.parametrize(
    ("target", "text", "key"),
    [
        ("__Page.untyped", "[1e400]", "symbol"),
        ("__Page.untyped", '[{"a": [-1e400]}]', "symbol"),
        ("__Page.untyped", '["A", 1e400]', "quantity"),
        ("__Page.price", '["A", 1e400]', "quantity"),
        ("__Page.loose", '["1", {"a": [1e400]}]', "given"),
        ("__Page.loose", '["1e400"]', "number"),
        ("__Page.loose", "[1e400]", "number"),
        ("__Page.loose", '[1, null, {"amount": 1e400}]', "order"),
    ],
)
def test_infinity(
    app: Flask, page: ClientPage, target: str, text: str, key: str
) -> None:
    """JSON has an infinity after all, which no method gets, however loose its hints."""
    found = errors_of(send(app, page, target, text))
    assert [name.partition(".")[0] for name in found] == [key]


@pytest.fixture(scope="module")
def shared() -> tuple[Flask, ClientPage]:
    """An application with the page, for all examples."""
    app = Flask(__name__)
    app.secret_key = "x"
    app.test_client_class = CallbackClient
    app.logger.disabled = True
    ClientCallback(app)
    return app, open_page(app, Signatures)


NAMES = st.sampled_from(
    ["symbol", "quantity", "text", "limit", "filter", "0", "1", "2", "deep", "self"]
)
JSON: st.SearchStrategy[t.Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.just("1e400")
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAMES | st.text(), inner, max_size=4)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("name", ["price", "untyped", "find", "mix"])
def test_any_json(shared: tuple[Flask, ClientPage], name: str) -> None:
    """Whatever is sent ends in a result, or in an error that says what is wrong."""

    @settings(deadline=None, max_examples=250, suppress_health_check=[*HealthCheck])
    @given(JSON)
    def check(arguments: t.Any) -> None:
        # Which JSON has, and Python's writes in another way.
        text = json.dumps(arguments).replace('"1e400"', "1e400")
        answer = send(*shared, f"__Page.{name}", text)
        assert answer.status in (200, 422), answer.response.text
        assert answer.status == 200 or errors_of(answer) is not None

    check()


def test_default_is_left_alone(app: Flask) -> None:
    """A default is the method's own, whatever its hint says."""
    default = object()

    @callback_handler
    class Shop(Page):
        @callback_method
        def price(self, symbol: str = default) -> bool:  # type: ignore[assignment]
            return symbol is default

    assert call(open_page(app, Shop), "price") is True


def test_context_of_a_method(app: Flask) -> None:
    """A method has what a view has: templates, and the page's form."""

    @callback_handler
    class Shop(Page):
        @callback_method
        def price(self, symbol: str) -> str:
            return render_template_string(
                "{{ symbol }} {{ current_page.form.name }}", symbol=symbol
            )

    page = open_page(app, Shop)
    page.form["name"] = "Grace"
    assert call(page, "price", "A") == "A Grace"
