"""Arguments of all types: what JSON and forms bring for them."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from datetime import time
from decimal import Decimal
from enum import Enum
from enum import IntEnum
from uuid import UUID

import pytest
from annotated_types import Ge
from annotated_types import Le
from flask import Flask
from pydantic import AfterValidator
from pydantic import BaseModel
from typing_extensions import TypedDict

from flask_clientcallback import callback_method

from ..helpers.methods import call
from ..helpers.methods import errors_of
from ..helpers.methods import open_page
from ..helpers.methods import page_of


class Size(IntEnum):
    """A size."""

    SMALL = 1
    LARGE = 2


class Colour(Enum):
    """A colour."""

    RED = "red"


@dataclass
class Line:
    """One line of an order."""

    product: str
    quantity: t.Annotated[int, Ge(1), Le(100)] = 1
    data: bytes = b""


@dataclass
class Order:
    """An order of lines."""

    lines: list[Line]
    note: str | None = None
    ids: set[int] = field(default_factory=set)


class Share(BaseModel):
    """A share of a fund."""

    name: str
    price: Decimal


class Address(TypedDict):
    """Where somebody lives."""

    street: str
    number: t.NotRequired[int]


def method_for(hint: t.Any, work: Callable[[t.Any], t.Any] = repr) -> t.Any:
    """Make a method with one parameter of a type."""

    def given(self: object, value: t.Any) -> t.Any:
        return work(value)

    given.__annotations__["value"] = hint
    return callback_method(given)


UTC_NOON = "datetime.datetime(2026, 11, 26, 12, 0, tzinfo=TzInfo(0))"


@pytest.mark.parametrize(
    ("hint", "sent", "expected"),
    [
        (int, 3, "3"),
        (int, "3", "3"),
        (int, " 3 ", "3"),
        (int, 3.0, "3"),
        (int, 9007199254740993, "9007199254740993"),
        (float, "1.5", "1.5"),
        (float, 1, "1.0"),
        (bool, True, "True"),
        (bool, "on", "True"),
        (bool, "false", "False"),
        (str, "x", "'x'"),
        (str, "a\x00\r\n\u202e\ud800", "'a\\x00\\r\\n\\u202e\\ud800'"),
        (Decimal, "1.10", "Decimal('1.10')"),
        (Decimal, 2, "Decimal('2')"),
        (date, "2026-11-26", "datetime.date(2026, 11, 26)"),
        (date, "2026-11-26T00:00:00.000Z", "datetime.date(2026, 11, 26)"),
        (datetime, "2026-11-26T12:00:00.000Z", UTC_NOON),
        (datetime, "2026-11-26T12:00", "datetime.datetime(2026, 11, 26, 12, 0)"),
        (time, "12:30", "datetime.time(12, 30)"),
        (UUID, "12345678123456781234567812345678", None),
        (Size, 2, "<Size.LARGE: 2>"),
        (Size, "2", "<Size.LARGE: 2>"),
        (Colour, "red", "<Colour.RED: 'red'>"),
        (t.Literal["a", 1], 1, "1"),
        (int | None, None, "None"),
        (int | str, "3", "'3'"),
        (list[int], ["1", 2], "[1, 2]"),
        (tuple[int, str], [1, "a"], "(1, 'a')"),
        (set[int], ["1", 1], "{1}"),
        (dict[str, int], {"a": "1"}, "{'a': 1}"),
        (bytes, "aGk_", "b'hi?'"),
        (bytes, "aGk/", "b'hi?'"),
        (bytes, "aA==", "b'h'"),
        (list[bytes], ["aA=="], "[b'h']"),
        (bytes | None, "aA==", "b'h'"),
        (
            Line,
            {"product": "pen", "quantity": "2"},
            "Line(product='pen', quantity=2, data=b'')",
        ),
        (
            Order,
            {"lines": [{"product": "pen"}], "ids": [1, "1"]},
            "Order(lines=[Line(product='pen', quantity=1, data=b'')], note=None,"
            " ids={1})",
        ),
        (
            Share,
            {"name": "A", "price": "1.10"},
            "Share(name='A', price=Decimal('1.10'))",
        ),
        (Address, {"street": "A"}, "{'street': 'A'}"),
        (t.Annotated[str, AfterValidator(str.upper)], "a", "'A'"),
    ],
    ids=repr,
)
def test_conversion(app: Flask, hint: t.Any, sent: t.Any, expected: str | None) -> None:
    """A value is converted to what the hint says."""
    page = open_page(app, page_of(method_for(hint)))
    expected = expected or repr(UUID(sent))
    # Versions of pydantic write the same time zone in two ways.
    found = call(page, "given", sent).replace("TzInfo(UTC)", "TzInfo(0)")
    assert found == expected


@pytest.mark.parametrize(
    ("hint", "sent", "errors"),
    [
        (int, "x", {"value": ["Not a valid integer value."]}),
        (int, 1.5, {"value": ["Not a valid integer value."]}),
        (int, None, {"value": ["Not a valid integer value."]}),
        (t.Literal[1, 2], "1", {"value": ["Not a valid choice."]}),
        (Size, "3", {"value": ["Not a valid choice."]}),
        (Colour, "blue", {"value": ["Not a valid choice."]}),
        (date, "2026-11-26T12:00:00Z", {"value": ["Not a valid date value."]}),
        (datetime, "x", {"value": ["Not a valid datetime value."]}),
        (time, "25:00", {"value": ["Not a valid time value."]}),
        (Decimal, "x", {"value": ["Not a valid decimal value."]}),
        (Decimal, "Infinity", {"value": ["Not a valid float value."]}),
        (float, "inf", {"value": ["Not a valid float value."]}),
        (bytes, "*", {"value": ["Invalid input."]}),
        (bytes, "a", {"value": ["Invalid input."]}),
        (bytes, "\u00e9", {"value": ["Invalid input."]}),
        (UUID, "x", {"value": ["Invalid UUID."]}),
        (int | list[int], "x", {"value": None}),
        (int | float, "x", {"value": None}),
        (list[int], "12", {"value": ["Invalid input."]}),
        (list[int], [1, "x"], {"value.1": ["Not a valid integer value."]}),
        (dict[str, int], {"a": "x"}, {"value.a": ["Not a valid integer value."]}),
        (list[int | bool], [1, "x"], {"value.1": None}),
        (Line, {}, {"value.product": ["This field is required."]}),
        (Line, "x", {"value": ["Invalid input."]}),
        (
            Line,
            {"product": "a", "quantity": 0},
            {"value.quantity": ["Number must be at least 1."]},
        ),
        (Line, {"product": "a", "other": 1}, {"value.other": ["Invalid input."]}),
        (
            Order,
            {"lines": [{"product": "a"}, {"product": "a", "quantity": 101}, {}]},
            {
                "value.lines.1.quantity": ["Number must be at most 100."],
                "value.lines.2.product": ["This field is required."],
            },
        ),
        (
            Order | None,
            {"lines": [{}]},
            {"value.lines.0.product": ["This field is required."]},
        ),
        (Share, {"name": "A"}, {"value.price": ["This field is required."]}),
        (Address, {"street": 1}, {"value.street": ["Invalid input."]}),
        (tuple[int, str], [1], {"value.1": ["This field is required."]}),
    ],
    ids=repr,
)
def test_errors(
    app: Flask, hint: t.Any, sent: t.Any, errors: dict[str, list[str] | None]
) -> None:
    """What is none is an error at its path, without the names of a union's branches."""
    page = open_page(app, page_of(method_for(hint)))
    found = errors_of(page.callback([sent], "__Page.given"))
    assert found.keys() == errors.keys()

    for key, texts in errors.items():
        assert texts is None or found[key] == texts
        assert len(found[key]) == len(set(found[key]))
