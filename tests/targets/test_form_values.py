"""Parameters that are read from the page's form where a call does not give them."""

from __future__ import annotations

import io
import typing as t
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from enum import Enum
from enum import IntEnum

import pytest
from annotated_types import Ge
from flask import Flask
from pydantic import AliasChoices
from pydantic import BaseModel
from pydantic import Field
from pydantic import model_validator
from typing_extensions import TypedDict
from werkzeug.datastructures import FileStorage
from werkzeug.datastructures import MultiDict

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import FormValue
from flask_clientcallback import FromForm
from flask_clientcallback.testing import CallbackAnswer

from ..helpers.methods import call
from ..helpers.methods import errors_of
from ..helpers.methods import open_page
from ..helpers.methods import page_of
from ..helpers.pages import Page

REQUIRED = ["This field is required."]
NO_INTEGER = ["Not a valid integer value."]


class Size(IntEnum):
    """A size."""

    SMALL = 1


class Sort(Enum):
    """An order of rows, one of which has no name."""

    NONE = ""
    NAME = "name"


@dataclass
class Order:
    """A whole form."""

    name: str
    quantity: t.Annotated[int, Ge(1)] = 1
    gift: bool = False
    tags: list[str] = field(default_factory=list)
    made: int = field(default=0, init=False)
    kinds: t.ClassVar[int] = 5


class OrderModel(BaseModel):
    """The same as a model."""

    name: str
    quantity: t.Annotated[int, Ge(1)] = 1
    kind: int = Field(0, alias="order-kind")
    other: int = Field(0, validation_alias="other-kind")
    choice: int = Field(0, validation_alias=AliasChoices("choice", "c"))

    @model_validator(mode="after")
    def check(self) -> OrderModel:
        if self.name == "nobody":
            raise ValueError("Nobody orders nothing.")

        return self


class OrderMapping(TypedDict):
    """The same as a mapping."""

    name: str
    quantity: t.NotRequired[int]


def answer_of(
    app: Flask,
    hint: t.Any,
    form: dict[str, t.Any],
    files: dict[str, t.Any] | None = None,
    default: t.Any = None,
) -> CallbackAnswer:
    """Call a method without an argument, by a form that holds some values."""

    def given(self: object, value: t.Any) -> str:
        return repr(value)

    if default is not None:
        given.__defaults__ = (default,)

    given.__annotations__["value"] = hint
    page = open_page(app, page_of(callback_method(given)))
    page.form = MultiDict(form)
    return page.callback([], "__Page.given", files=files)


@pytest.mark.parametrize(
    ("hint", "form", "expected"),
    [
        (int, {"value": "3"}, "3"),
        (str, {"value": "x"}, "'x'"),
        (str, {"value": ""}, "''"),
        (str | None, {"value": ""}, "''"),
        (t.Annotated[str, "x"], {"value": ""}, "''"),
        (t.Any, {"value": ""}, "''"),
        (bool, {"value": "on"}, "True"),
        (bool, {"value": "true"}, "True"),
        (bool, {"value": ""}, "False"),
        (bool, {}, "False"),
        (bool | None, {}, "False"),
        (int | None, {"value": "3"}, "3"),
        (list[int], {"value": ["1", "", "2"]}, "[1, 2]"),
        (list[int], {}, "[]"),
        (Sequence[int], {"value": ["1", "2"]}, "[1, 2]"),
        (list[str], {"value": ["a", ""]}, "['a', '']"),
        (list, {"value": ["a", ""]}, "['a', '']"),
        (set[int], {"value": ["1", "1"]}, "{1}"),
        (frozenset[int], {"value": ["1"]}, "frozenset({1})"),
        (tuple[int, ...], {"value": ["1", "2"]}, "(1, 2)"),
        (list[int] | None, {"value": ["1"]}, "[1]"),
        (t.Literal["a", ""], {"value": ""}, "''"),
        (t.Literal["a", "b"], {"value": "b"}, "'b'"),
        (Size, {"value": "1"}, "<Size.SMALL: 1>"),
        (Sort, {"value": ""}, "<Sort.NONE: ''>"),
        (
            Order,
            {"name": "A", "quantity": "2", "gift": "on", "tags": ["a", "b"]},
            "Order(name='A', quantity=2, gift=True, tags=['a', 'b'], made=0)",
        ),
        (
            Order,
            {"name": "", "quantity": "", "made": "7", "kinds": "7", "more": "x"},
            "Order(name='', quantity=1, gift=False, tags=[], made=0)",
        ),
        (
            Order | None,
            {"name": "A"},
            "Order(name='A', quantity=1, gift=False, tags=[], made=0)",
        ),
        (
            OrderModel,
            {"name": "A", "quantity": "2", "order-kind": "3", "other-kind": "4"},
            "OrderModel(name='A', quantity=2, kind=3, other=4, choice=0)",
        ),
        (
            OrderModel,
            {"name": "A", "kind": "3", "choice": "5"},
            "OrderModel(name='A', quantity=1, kind=0, other=0, choice=5)",
        ),
        (OrderMapping, {"name": "A", "quantity": "2"}, "{'name': 'A', 'quantity': 2}"),
        (OrderMapping, {"name": "A", "quantity": ""}, "{'name': 'A'}"),
    ],
    ids=repr,
)
def test_kinds(app: Flask, hint: t.Any, form: dict[str, t.Any], expected: str) -> None:
    """A value of each type is read from the form's controls of its name."""
    answer = answer_of(app, FromForm[hint], form)
    assert answer.error is None, answer.response.text
    assert answer.result == expected


@pytest.mark.parametrize(
    ("hint", "form", "errors"),
    [
        (int, {}, {"value": REQUIRED}),
        (int, {"value": ""}, {"value": REQUIRED}),
        (int | None, {"value": ""}, {"value": REQUIRED}),
        (int, {"value": "x"}, {"value": NO_INTEGER}),
        (str, {}, {"value": REQUIRED}),
        (list[int], {"value": ["1", "x", "y"]}, {"value": NO_INTEGER}),
        (t.Literal["a"], {"value": ""}, {"value": REQUIRED}),
        (t.Literal["a"], {"value": "b"}, {"value": ["Not a valid choice."]}),
        (Size, {"value": ""}, {"value": REQUIRED}),
        (bool, {"value": "x"}, {"value": ["Invalid input."]}),
        (t.Annotated[list[int], FormValue("n")], {"n": ["x"]}, {"n": NO_INTEGER}),
        (
            Order,
            {"quantity": "0"},
            {"name": REQUIRED, "quantity": ["Number must be at least 1."]},
        ),
        (Order | None, {"quantity": "x"}, {"name": REQUIRED, "quantity": NO_INTEGER}),
        (OrderModel, {"order-kind": "x"}, {"name": REQUIRED, "order-kind": NO_INTEGER}),
        (OrderMapping, {"quantity": "x"}, {"name": REQUIRED, "quantity": NO_INTEGER}),
    ],
    ids=repr,
)
def test_errors(
    app: Flask, hint: t.Any, form: dict[str, t.Any], errors: dict[str, list[str]]
) -> None:
    """What is wrong is told under the names of controls, not of parameters."""
    assert errors_of(answer_of(app, FromForm[hint], form)) == errors


def test_error_of_the_whole_form(app: Flask) -> None:
    """What is wrong with a form as a whole is the message."""
    answer = answer_of(app, FromForm[OrderModel], {"name": "nobody"})
    assert answer.error == {
        "kind": "invalid",
        "message": "Nobody orders nothing.",
        "fields": {},
    }


@pytest.mark.parametrize(
    "hint",
    [
        t.Annotated[int, FormValue("qty")],
        t.Annotated[int, Ge(1), FormValue("qty")],
        t.Annotated[int, FormValue("qty"), Ge(1)],
        t.Annotated[int, FormValue("qty")] | None,
    ],
    ids=repr,
)
def test_name_of_the_field(app: Flask, hint: t.Any) -> None:
    """The form's field may have another name."""
    assert answer_of(app, hint, {"qty": "2", "value": "5"}).result == "2"


def test_mark_of_a_field(app: Flask) -> None:
    """The class itself marks a parameter too, and says what it is."""
    assert answer_of(app, t.Annotated[int, FormValue], {"value": "5"}).result == "5"
    assert [repr(FormValue()), repr(FormValue("qty"))] == [
        "FormValue()",
        "FormValue('qty')",
    ]


@pytest.mark.parametrize("form", [{}, {"value": ""}])
def test_default(app: Flask, form: dict[str, str]) -> None:
    """An empty control leaves the default, unless it takes text."""
    assert answer_of(app, FromForm[int], form, default=7).result == "7"


def test_default_of_text(app: Flask) -> None:
    """An empty text is a text."""
    assert answer_of(app, FromForm[str], {"value": ""}, default="x").result == "''"


@callback_handler
class Orders(Page):
    """Takes parameters from the form and from the call."""

    @callback_method
    def order(
        self,
        symbol: FromForm[str],
        quantity: FromForm[int] = 1,
        *,
        note: FromForm[str] = "",
        price: float = 0,
    ) -> t.Any:
        return [symbol, quantity, note, price]


@pytest.mark.parametrize(
    ("arguments", "result"),
    [
        ([], ["A", 2, "n", 0]),
        (["B"], ["B", 2, "n", 0]),
        (["B", 3], ["B", 3, "n", 0]),
        ({"1": 3}, ["A", 3, "n", 0]),
        ({"quantity": 3}, ["A", 3, "n", 0]),
        (["B", 3, {"note": ""}], ["B", 3, "", 0]),
        (["B", 3, {"price": "1.5"}], ["B", 3, "n", 1.5]),
    ],
)
def test_given_arguments_win(app: Flask, arguments: t.Any, result: t.Any) -> None:
    """What a call gives is not read from the form."""
    page = open_page(app, Orders)
    page.form = MultiDict({"symbol": "A", "quantity": "2", "note": "n", "price": "9"})
    answer = page.callback(arguments, "__Page.order")
    assert answer.result == result, answer.response.text


def test_keys_of_given_arguments(app: Flask) -> None:
    """An argument that does not hold is told under its own name, also where the form
    has the parameter under another.
    """

    @callback_method
    def order(self: object, n: t.Annotated[list[int], FormValue("qty")]) -> None: ...

    page = open_page(app, page_of(order))
    page.form = MultiDict({"qty": "x"})
    assert errors_of(page.callback([], "__Page.order")) == {"qty": NO_INTEGER}
    answer = page.callback([["1", "x"]], "__Page.order")
    assert errors_of(answer) == {"n.1": NO_INTEGER}


def file(content: bytes = b"content", name: str = "a.txt") -> tuple[t.Any, str]:
    """Give a file as a client sends it."""
    return io.BytesIO(content), name


def test_files(app: Flask) -> None:
    """Files of the form are read as well, and one that was not chosen is none."""

    @callback_method
    def upload(
        self: object,
        photo: FromForm[FileStorage | None] = None,
        more: FromForm[list[FileStorage]] = [],  # noqa: B006
    ) -> t.Any:
        return [photo and photo.filename, [one.filename for one in more]]

    page = open_page(app, page_of(upload))
    assert call(page, "upload") == [None, []]
    files = {"photo": file(), "more": [file(), file(name="b.txt")]}
    answer = page.callback([], "__Page.upload", files=files)
    assert answer.result == ["a.txt", ["a.txt", "b.txt"]]
    files = {"photo": file(b"", ""), "more": [file(b"", "")]}
    assert page.callback([], "__Page.upload", files=files).result == [None, []]


def test_file_that_is_required(app: Flask) -> None:
    """A file that is required and not there is missing."""
    assert errors_of(answer_of(app, FromForm[FileStorage], {})) == {"value": REQUIRED}


def test_text_in_place_of_a_file(app: Flask) -> None:
    """A text field under its name is none."""
    form = {"value": "x"}
    assert errors_of(answer_of(app, FromForm[FileStorage], form)) == {"value": REQUIRED}


def test_form_is_not_read_by_itself(app: Flask) -> None:
    """A parameter that is not marked is never read from the form."""
    assert errors_of(answer_of(app, int, {"value": "3"})) == {"value": REQUIRED}
