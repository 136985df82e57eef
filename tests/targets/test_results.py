"""Results by their type hints: checked, and no more of them sent than these say."""

from __future__ import annotations

import json
import logging
import typing as t
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace

import pytest
from flask import Flask
from flask import jsonify
from flask import redirect
from flask import Response
from markupsafe import Markup
from pydantic import BaseModel
from typing_extensions import TypedDict

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback.testing import CallbackAnswer

from ..helpers.methods import open_page
from ..helpers.methods import page_of
from ..helpers.pages import Echo
from ..helpers.pages import Page


class Colour(Enum):
    """A colour."""

    RED = "red"


@dataclass
class Person:
    """What others may know of somebody."""

    name: str
    age: int = 1


@dataclass
class Account(Person):
    """What they may not."""

    password: str = "secret"


class User(BaseModel):
    """The same as a model."""

    name: str
    weight: float = 1.5


class Admin(User):
    """The same of more."""

    password: str = "secret"


class Named(TypedDict):
    """The same as a mapping."""

    name: str


class Row:
    """A row of a database, whose values are attributes."""

    def __init__(self) -> None:
        self.name = "Ada"
        self.age = 36
        self.weight = 60
        self.password = "secret"


def answer_of(app: Flask, hint: t.Any, result: t.Any) -> CallbackAnswer:
    """Call a method that gives a result, and says what that is."""

    def given(self: object) -> t.Any:
        return result

    given.__annotations__["return"] = hint
    page = open_page(app, page_of(callback_method(given)))
    return page.callback([], "__Page.given")


ZONE = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("hint", "result", "expected"),
    [
        (int, 1, 1),
        (float, 1, 1.0),
        (str, "<b>", "<b>"),
        (Decimal, Decimal("1.10"), "1.10"),
        (bytes, b"hi?", "aGk_"),
        (list[bytes], [b"h"], ["aA=="]),
        (
            datetime,
            datetime(2026, 11, 26, 12, tzinfo=ZONE),
            "2026-11-26T12:00:00+02:00",
        ),
        (datetime, datetime(2026, 11, 26, 12), "2026-11-26T12:00:00"),
        (Colour, Colour.RED, "red"),
        (t.Literal["a", "b"], "b", "b"),
        (int | None, None, None),
        (list[int | None], [None, 1], [None, 1]),
        (tuple[int, str], (404, "x"), [404, "x"]),
        (tuple[str, int], ("x", 404), ["x", 404]),
        (dict[int, str], {1: "a"}, {"1": "a"}),
        (set[int], {1}, [1]),
        (Person, Person("Ada", 36), {"name": "Ada", "age": 36}),
        (Person, Account("Ada", 36), {"name": "Ada", "age": 36}),
        (list[Person], [Account("Ada")], [{"name": "Ada", "age": 1}]),
        (User, Row(), {"name": "Ada", "weight": 60.0}),
        (User, Admin(name="Ada"), {"name": "Ada", "weight": 1.5}),
        (list[User], [Admin(name="Ada")], [{"name": "Ada", "weight": 1.5}]),
        (dict[str, User], {"a": Row()}, {"a": {"name": "Ada", "weight": 60.0}}),
        (User | Person, Admin(name="Ada"), {"name": "Ada", "weight": 1.5}),
        (Named, {"name": "Ada"}, {"name": "Ada"}),
        (Named, {"name": "Ada", "password": "secret"}, {"name": "Ada"}),
        (dict[str, t.Any], {"a": [None, 1.5, {"b": "null"}]}, None),
        (list[str], ["null", "NaN"], ["null", "NaN"]),
    ],
)
def test_written(app: Flask, hint: t.Any, result: t.Any, expected: t.Any) -> None:
    """A result is written as its hint says, also what is no JSON by itself."""
    answer = answer_of(app, hint, result)
    assert answer.error is None, answer.response.text
    assert answer.result == (result if expected is None else expected)
    assert "secret" not in answer.response.text


@pytest.mark.parametrize(
    ("hint", "result"),
    [
        (int, None),
        (int, "x"),
        (str, 1),
        (float, float("nan")),
        (float, float("inf")),
        (Decimal, Decimal("NaN")),
        (list[float], [1.0, float("nan")]),
        (dict[str, t.Any], {"a": float("nan")}),
        (t.Sequence[t.Any], ({"a": [1, {float("nan")}]},)),
        (User, User(name="Ada", weight=float("nan"))),
        (t.Literal["a"], "b"),
        (Colour, "blue"),
        (Person, SimpleNamespace(age=1)),
        (Named, {"password": "secret"}),
        (dict[str, int], {"secret\nkey": "x"}),
        (list[object], [object()]),
        (str, (Markup("<b>"), 404)),
    ],
)
def test_broken_promise(
    app: Flask, caplog: pytest.LogCaptureFixture, hint: t.Any, result: t.Any
) -> None:
    """A result that is not what the hint says is an error of the server, and the log
    says whose it is.
    """
    answer = answer_of(app, hint, result)
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (500, "server")
    assert "secret" not in answer.response.text
    [record] = [r for r in caplog.records if r.exc_info]
    assert record.exc_info is not None
    text = logging.Formatter().format(record)
    assert "given, the target '__Page.given'" in text
    assert "secret" not in text


@pytest.mark.parametrize(
    ("hint", "result", "expected", "is_html"),
    [
        (Markup, Markup("<b>"), "<b>", True),
        (Markup | None, Markup("<b>"), "<b>", True),
        (Markup | None, None, None, False),
        (Markup | Response, Markup("<b>"), "<b>", True),
        (Markup, "<b>", "<b>", False),
        (str, Markup("<b>"), "<b>", True),
        (str, "<b>", "<b>", False),
        (t.Any, Markup("<b>"), "<b>", True),
        (Markup | str, Markup("<b>"), "<b>", True),
        (list[Markup], [Markup("<b>")], ["<b>"], False),
        (Markup | int, 5, 5, False),
    ],
)
def test_html(
    app: Flask, hint: t.Any, result: t.Any, expected: t.Any, is_html: bool
) -> None:
    """Only what is Markup is HTML in the browser; text is text, always."""
    answer = answer_of(app, hint, result)
    assert answer.result == expected
    assert (json.loads(answer.response.text).get("html") is True) is is_html


def test_html_of_an_event(app: Flask) -> None:
    """So it is in the answer to an event."""

    class Html(Echo):
        def raise_callback_event(self, event_argument: str) -> str:
            return Markup(event_argument)

    answer = open_page(app, Html).callback("<b>")
    assert json.loads(answer.response.text) == {"result": "<b>", "html": True}


@pytest.mark.parametrize(
    "hint", [str | Response, Markup | Response, Response | int | None, Response]
)
def test_responses(app: Flask, hint: t.Any) -> None:
    """A response is none of what the hint of a result is about."""

    @callback_handler
    class Shop(Page):
        def save(self, kind: str) -> t.Any:
            made: dict[str, t.Callable[[], t.Any]] = {
                "redirect": lambda: redirect("/next"),
                "json": lambda: jsonify(kind=kind),
                "file": lambda: Response("x", mimetype="text/csv"),
            }
            return made[kind]()

        save.__annotations__["return"] = hint
        callback_method(save)

    page = open_page(app, Shop)
    assert page.callback(["redirect"], "__Page.save").redirect == "/next"
    assert page.callback(["json"], "__Page.save").result == {"kind": "json"}
    assert page.callback(["file"], "__Page.save").result.text == "x"


def test_result_beside_a_response(app: Flask) -> None:
    """What is left of the hint is checked."""
    assert answer_of(app, int | Response, "7").result == 7


def test_result_that_is_not(app: Flask) -> None:
    """So is what it is not."""
    assert answer_of(app, int | Response, "x").status == 500


def test_result_without_a_hint(app: Flask) -> None:
    """Without a hint a result is written as ever, by the application's provider."""

    @callback_handler
    class Shop(Page):
        @callback_method
        def now(self):  # type: ignore[no-untyped-def]
            return datetime(2026, 11, 26, 12, tzinfo=ZONE)

    answer = open_page(app, Shop).callback([], "__Page.now")
    assert answer.result == "Thu, 26 Nov 2026 10:00:00 GMT"


def test_pair(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """A pair that its hint names is no body and status, and nothing to warn of."""
    assert answer_of(app, tuple[str, int], ("x", 404)).result == ["x", 404]
    assert caplog.records == []


LARGE = 2**53 + 1


@pytest.mark.parametrize(
    ("result", "warns"),
    [
        (LARGE, True),
        (-LARGE, True),
        (LARGE * 10**400, True),
        ({"rows": [{"id": LARGE}]}, True),
        (2**53, False),
        (str(LARGE), False),
        (f'x "{LARGE}', False),
        ([1, 2.5, 1e300, None], False),
        (1234567890.1234567890, False),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_integers_that_browsers_round(
    app: Flask,
    caplog: pytest.LogCaptureFixture,
    result: t.Any,
    warns: bool,
    debug: bool,
) -> None:
    """In debug mode the log tells of an integer that the browser would round."""
    app.debug = debug
    assert answer_of(app, t.Any, result).result == result
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == (warns and debug)

    for message in messages:
        assert str(LARGE) in message and "given" in message and "-> str" in message
