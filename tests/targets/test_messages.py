"""What a user is told of arguments that do not hold, in WTForms' words."""

from __future__ import annotations

import re
import typing as t
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address
from pathlib import Path
from uuid import UUID

import pytest
import wtforms
from annotated_types import Ge
from annotated_types import Gt
from annotated_types import Le
from annotated_types import Lt
from annotated_types import MaxLen
from annotated_types import MinLen
from babel.support import Translations
from flask import Flask
from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import Field
from pydantic import FutureDatetime
from pydantic import HttpUrl
from pydantic import PastDate
from pydantic import UUID4
from pydantic_core import PydanticCustomError
from pydantic_core import PydanticKnownError
from wtforms.i18n import messages_path

from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback
from flask_clientcallback import FromForm
from flask_clientcallback.targets import messages

from ..helpers.methods import errors_of
from ..helpers.methods import open_page
from ..helpers.methods import page_of
from ..helpers.outcomes import make_app

INVALID = "Invalid input."


class Colour(Enum):
    """A colour."""

    RED = "red"


class Login(BaseModel):
    """Checks two values together."""

    name: str
    again: str

    def model_post_init(self, context: t.Any) -> None:
        if self.name != self.again:
            raise ValueError("The names differ.")


def own(number: int) -> int:
    """Refuse in words of one's own."""
    raise ValueError("Only %d odd ones.")


def asserting(number: int) -> int:
    """Refuse by an assertion."""
    raise AssertionError("Choose an odd one.")


def custom(number: int) -> int:
    """Refuse in pydantic's way."""
    raise PydanticCustomError("odd", "Choose {what}.", {"what": "an odd one"})


def custom_by_a_known_name(number: int) -> int:
    """Refuse by the name of another error."""
    raise PydanticCustomError("less_than", "Choose less.")


def custom_length(number: int) -> int:
    """Refuse by the name of another error, which has a plural."""
    raise PydanticCustomError("string_too_short", "Write more.")


def known(number: int) -> int:
    """Refuse by another error."""
    raise PydanticKnownError("less_than", {"lt": 3})


CASES: list[tuple[t.Any, t.Any, str]] = [
    (int, "x", "Not a valid integer value."),
    (int, 1.5, "Not a valid integer value."),
    (float, "x", "Not a valid float value."),
    (Decimal, "x", "Not a valid decimal value."),
    (t.Annotated[Decimal, MaxLen(3)], "x", "Not a valid decimal value."),
    (date, "x", "Not a valid date value."),
    (datetime, "x", "Not a valid datetime value."),
    (time, "x", "Not a valid time value."),
    (UUID, "x", "Invalid UUID."),
    (UUID, 5, "Invalid UUID."),
    (UUID4, "12345678123412341234123456781234", "Invalid UUID."),
    (HttpUrl, "x", "Invalid URL."),
    (HttpUrl, "ftp://x", "Invalid URL."),
    (IPv4Address, "x", "Invalid IP address."),
    (Colour, "blue", "Not a valid choice."),
    (t.Literal["a"], "b", "Not a valid choice."),
    (t.Annotated[int, Ge(2)], 1, "Number must be at least 2."),
    (t.Annotated[int, Gt(2)], 2, "Number must be at least 3."),
    (t.Annotated[float, Gt(2)], 2, "Number must be greater than 2."),
    (t.Annotated[int, Le(2)], 3, "Number must be at most 2."),
    (t.Annotated[int, Lt(2)], 2, "Number must be at most 1."),
    (t.Annotated[Decimal, Lt(Decimal("1.5"))], 2, "Number must be less than 1.5."),
    (t.Annotated[float, Ge(0.5)], 0, "Number must be at least 0.5."),
    (t.Annotated[Decimal, Le(Decimal("1.10"))], "2", "Number must be at most 1.10."),
    (t.Annotated[str, MinLen(1)], "", "Field must be at least 1 character long."),
    (t.Annotated[str, MinLen(2)], "", "Field must be at least 2 characters long."),
    (t.Annotated[str, MaxLen(1)], "ab", "Field cannot be longer than 1 character."),
    (t.Annotated[str, MaxLen(2)], "abc", "Field cannot be longer than 2 characters."),
    (
        t.Annotated[Decimal, Field(max_digits=1)],
        "12",
        "Number must have at most 1 digit.",
    ),
    (
        t.Annotated[Decimal, Field(decimal_places=2)],
        "1.234",
        "Number must have at most 2 decimal places.",
    ),
    (
        t.Annotated[Decimal, Field(max_digits=4, decimal_places=2)],
        "123",
        "Number must have at most 2 digits before the decimal point.",
    ),
    (PastDate, "3000-01-01", "Date must be in the past."),
    (FutureDatetime, "2000-01-01T00:00", "Date must be in the future."),
    (t.Annotated[list[int], MinLen(1)], [], INVALID),
    (t.Annotated[timedelta, Ge(timedelta(1))], "PT1H", INVALID),
    (t.Annotated[date, Ge(date(2026, 1, 1))], "2025-01-01", INVALID),
    (bool, "x", INVALID),
    (str, 5, INVALID),
    (t.Annotated[int, AfterValidator(own)], 1, "Only %d odd ones."),
    (t.Annotated[int, AfterValidator(asserting)], 1, "Choose an odd one."),
    (t.Annotated[int, AfterValidator(custom)], 1, "Choose an odd one."),
    (t.Annotated[int, AfterValidator(custom_by_a_known_name)], 1, "Choose less."),
    (t.Annotated[int, AfterValidator(custom_length)], 1, "Write more."),
    (t.Annotated[int, AfterValidator(known)], 1, "Number must be at most 2."),
    (Login, {"name": "a", "again": "b"}, "The names differ."),
]


def messages_for(app: Flask, hint: t.Any, sent: t.Any) -> list[str]:
    """Call a method with a value, and give the only messages."""

    def given(self: object, value: t.Any) -> None: ...

    given.__annotations__["value"] = hint
    page = open_page(app, page_of(callback_method(given)))
    [texts] = errors_of(page.callback([sent], "__Page.given")).values()
    return texts


def without_address(value: object) -> str:
    """Name a parameter of a test so that it has the same name in each process."""
    return re.sub(r" at 0x\w+", "", repr(value))


@pytest.mark.parametrize(("hint", "sent", "text"), CASES, ids=without_address)
def test_messages(app: Flask, hint: t.Any, sent: t.Any, text: str) -> None:
    """Each of pydantic's errors has a text for users."""
    assert messages_for(app, hint, sent) == [text]


def test_union(app: Flask) -> None:
    """The branches of a union say the same once."""
    hint = t.Annotated[int, Ge(5)] | t.Annotated[float, Ge(5)]
    assert messages_for(app, hint, 1) == ["Number must be at least 5."]


def msgids() -> set[str]:
    """List the texts that users get, as they are translated."""
    tables = [
        value
        for name, value in vars(messages).items()
        if name in ("_TEXTS", "_BEGINNINGS", "_LENGTHS", "_NUMBERS")
    ]
    assert len(tables) == 4
    found = {messages.INVALID, messages.REQUIRED}

    for table in tables:
        for texts in table.values():
            found.update([texts] if isinstance(texts, str) else texts)

    return found - {"min", "max"}


OUR_OWN = {
    "Unexpected argument.",
    "Date must be in the past.",
    "Date must be in the future.",
    "Number must have at most %(max)d digit.",
    "Number must have at most %(max)d digits.",
    "Number must have at most %(max)d decimal place.",
    "Number must have at most %(max)d decimal places.",
    "Number must have at most %(max)d digit before the decimal point.",
    "Number must have at most %(max)d digits before the decimal point.",
    "Number must be greater than %(min)s.",
    "Number must be less than %(max)s.",
}
"""What WTForms has no text for."""


def test_catalogue() -> None:
    """WTForms' catalogue has all the texts."""
    source = Path(messages_path()) / "wtforms.pot"
    catalogue = source.read_text()
    known_ids = set(re.findall(r'^msgid(?:_plural)? "(.*)"$', catalogue, re.M))
    # Long ones stand below.
    known_ids |= {
        "".join(re.findall(r'"(.*)"', block))
        for block in re.findall(r'^msgid ""\n((?:".*"\n)+)', catalogue, re.M)
    }
    assert msgids() - known_ids == OUR_OWN


@pytest.fixture
def german() -> Flask:
    """An application whose messages are German."""
    app = make_app()
    catalogue = Translations.load(messages_path(), ["de"], domain="wtforms")
    ClientCallback(app, translations=catalogue)
    return app


GERMAN = [
    (int, "x", "Keine g\u00fcltige, ganze Zahl."),
    (t.Annotated[int, Le(100)], 101, "Zahl kann h\u00f6chstens 100 sein."),
    (
        t.Annotated[str, MinLen(1)],
        "",
        "Feld muss mindestens 1 Zeichen beinhalten.",
    ),
    (
        t.Annotated[str, MaxLen(3)],
        "abcd",
        "Feld kann nicht l\u00e4nger als 3 Zeichen sein.",
    ),
]


@pytest.mark.parametrize(("hint", "sent", "text"), GERMAN, ids=without_address)
def test_german(german: Flask, hint: t.Any, sent: t.Any, text: str) -> None:
    """WTForms' translations know the messages."""
    assert messages_for(german, hint, sent) == [text]


def test_translated_message(german: Flask) -> None:
    """So it is with the message of the error itself, and with what is missing."""

    @callback_method
    def order(self: object, name: FromForm[int]) -> None: ...

    page = open_page(german, page_of(order))
    page.form["name"] = ""
    answer = page.callback([], "__Page.order")
    assert answer.error is not None
    assert answer.error["message"] == "Ung\u00fcltige Eingabe."
    assert answer.error["fields"] == {"name": ["Dieses Feld wird ben\u00f6tigt."]}


@pytest.mark.parametrize("given", [5, "de", Path, wtforms])
def test_what_translates_nothing(given: t.Any) -> None:
    """What has no gettext() and ngettext() is refused when it is given."""
    with pytest.raises(TypeError, match=r"gettext\(\) and ngettext\(\)"):
        ClientCallback(translations=given)


def test_half_of_translations() -> None:
    """Both are needed."""

    class Half:
        def gettext(self, string: str) -> str:
            return string

    with pytest.raises(TypeError, match=r"gettext\(\) and ngettext\(\)"):
        ClientCallback(translations=t.cast(t.Any, Half()))
