"""The settings of an application and of a view class."""

from __future__ import annotations

import dataclasses
import typing as t
from datetime import timedelta

import pytest
from flask import Flask

from flask_clientcallback import ConfigurationError
from flask_clientcallback.config import DEFAULTS
from flask_clientcallback.config import HandlerOptions
from flask_clientcallback.config import Settings

NAMES = {
    "CLIENTCALLBACK_MAX_AGE": "max_age",
    "CLIENTCALLBACK_MAX_CONTENT_LENGTH": "max_content_length",
    "CLIENTCALLBACK_MAX_FIELDS": "max_fields",
    "CLIENTCALLBACK_MAX_VIEW_STATE": "max_view_state",
}


def test_defaults() -> None:
    """An application that sets nothing has the documented settings."""
    settings = Settings.from_config({})
    assert settings == Settings.from_config(Flask(__name__).config)
    assert settings.max_age == 12 * 60 * 60
    assert settings.max_content_length == 1024 * 1024
    assert settings.max_fields == 1000
    assert settings.max_view_state == 64 * 1024
    assert settings.timeout == 30_000


def test_every_setting_is_known() -> None:
    """Each key has a default and each has a place in the settings."""
    assert set(NAMES) <= set(DEFAULTS)
    assert set(NAMES.values()) <= {field.name for field in dataclasses.fields(Settings)}


@pytest.mark.parametrize("key", NAMES)
@pytest.mark.parametrize("value", [1, 50, 10**9])
def test_setting(key: str, value: int) -> None:
    """A setting is the application's, and changes no other."""
    changed: dict[str, t.Any] = {NAMES[key]: value}
    expected = dataclasses.replace(Settings.from_config({}), **changed)
    assert Settings.from_config({key: value}) == expected


@pytest.mark.parametrize(
    ("age", "seconds"),
    [
        (timedelta(minutes=5), 300),
        (timedelta(days=30), 2_592_000),
        (timedelta(seconds=1.9), 1),
        (90.5, 90),
    ],
)
def test_age(age: t.Any, seconds: int) -> None:
    """The maximum age is a timedelta or seconds, as Flask's own ages are."""
    settings = Settings.from_config({"CLIENTCALLBACK_MAX_AGE": age})
    assert settings.max_age == seconds
    assert isinstance(settings.max_age, int)


@pytest.mark.parametrize("key", [*NAMES, "CLIENTCALLBACK_TIMEOUT"])
@pytest.mark.parametrize("value", [0, -1, 0.5, "100", "", None, True, [], 1j], ids=repr)
def test_wrong_value(key: str, value: t.Any) -> None:
    """A value of another kind is refused with its key."""
    with pytest.raises(ConfigurationError, match=f"{key} is a number of"):
        Settings.from_config({key: value})


@pytest.mark.parametrize(
    ("value", "bytes_"), [(None, None), (1, 1), (16_384.5, 16_384)]
)
def test_view_states_in_the_store(value: t.Any, bytes_: int | None) -> None:
    """View states stay in the page unless a number of bytes is given."""
    assert Settings.from_config({}).store_view_state_from is None
    settings = Settings.from_config({"CLIENTCALLBACK_STORE_VIEW_STATE_FROM": value})
    assert settings.store_view_state_from == bytes_


@pytest.mark.parametrize("value", [0, -1, 0.5, "100", "", True, False, []], ids=repr)
def test_no_length_of_view_states(value: t.Any) -> None:
    """Anything else is refused, also what is false."""
    key = "CLIENTCALLBACK_STORE_VIEW_STATE_FROM"

    with pytest.raises(ConfigurationError, match=f"{key} is a number of bytes"):
        Settings.from_config({key: value})


@pytest.mark.parametrize("age", [timedelta(0), timedelta(-1), timedelta(seconds=0.9)])
def test_wrong_age(age: timedelta) -> None:
    """A maximum age is a second at least."""
    with pytest.raises(ConfigurationError, match="seconds or a timedelta"):
        Settings.from_config({"CLIENTCALLBACK_MAX_AGE": age})


@pytest.mark.parametrize(
    ("timeout", "milliseconds"),
    [(timedelta(minutes=2), 120_000), (1.25, 1250), (1, 1000)],
)
def test_timeout(timeout: t.Any, milliseconds: int) -> None:
    """The time that a call has is a timedelta or seconds, down to the millisecond."""
    settings = Settings.from_config({"CLIENTCALLBACK_TIMEOUT": timeout})
    assert settings.timeout == milliseconds


@pytest.mark.parametrize("key", sorted(set(NAMES) - {"CLIENTCALLBACK_MAX_AGE"}))
def test_age_in_another_place(key: str) -> None:
    """A timedelta is no number of bytes or fields."""
    with pytest.raises(ConfigurationError, match=key):
        Settings.from_config({key: timedelta(hours=1)})


def test_settings_stay() -> None:
    """Settings are frozen."""
    settings = Settings.from_config({})

    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.max_age = 1  # type: ignore[misc]


def test_options() -> None:
    """A view class that says nothing keeps a state and has the page's limit."""
    options = HandlerOptions()
    assert options.view_state is True
    assert options.max_content_length is None

    with pytest.raises(dataclasses.FrozenInstanceError):
        options.view_state = False  # type: ignore[misc]


def test_switch_and_origins() -> None:
    """The classic protocol is off, and no other origin is trusted, unless the
    application says so.
    """
    settings = Settings.from_config({})
    assert (settings.classic, settings.trusted_origins) == (False, frozenset())
    assert {"CLIENTCALLBACK_CLASSIC", "CLIENTCALLBACK_TRUSTED_ORIGINS"} <= set(DEFAULTS)
    assert Settings.from_config({"CLIENTCALLBACK_CLASSIC": True}).classic is True


@pytest.mark.parametrize("value", [None, 0, 1, "", "True", "off", []], ids=repr)
def test_wrong_switch(value: t.Any) -> None:
    """A switch is a boolean, not what counts as one."""
    with pytest.raises(ConfigurationError, match="CLIENTCALLBACK_CLASSIC is True or"):
        Settings.from_config({"CLIENTCALLBACK_CLASSIC": value})


@pytest.mark.parametrize("value", [None, True, False])
def test_server_timing(value: bool | None) -> None:
    """Whether times are told is left to debug mode, unless the application says so."""
    key = "CLIENTCALLBACK_SERVER_TIMING"
    assert Settings.from_config({}).server_timing is None
    assert Settings.from_config({key: value}).server_timing is value


@pytest.mark.parametrize("value", [0, 1, "", "True", "debug", []], ids=repr)
def test_wrong_server_timing(value: t.Any) -> None:
    """It is a boolean or ``None``, not what counts as one."""
    with pytest.raises(ConfigurationError, match="SERVER_TIMING is True, False or"):
        Settings.from_config({"CLIENTCALLBACK_SERVER_TIMING": value})


@pytest.mark.parametrize("kind", [list, tuple, set, frozenset])
def test_origins(kind: t.Callable[[t.Any], t.Any]) -> None:
    """Origins are any collection, and compared without regard to case and to the port
    that browsers leave out.
    """
    given = [
        "https://Shop.example",
        "HTTP://localhost:8000",
        "http://[::1]:80",
        "HTTPS://xn--bcher-kva.example:443",
        "https://shop.example:80",
    ]
    settings = Settings.from_config({"CLIENTCALLBACK_TRUSTED_ORIGINS": kind(given)})
    assert settings.trusted_origins == {
        "https://shop.example",
        "http://localhost:8000",
        "http://[::1]",
        "https://xn--bcher-kva.example",
        "https://shop.example:80",
    }


@pytest.mark.parametrize(
    "value",
    [
        "https://shop.example",
        b"https://shop.example",
        ["shop.example"],
        ["https://"],
        ["https://shop.example/"],
        ["https://shop.example/path"],
        ["https://shop.example\n"],
        ["https://a https://b"],
        ["ftp://shop.example"],
        ["null"],
        ["*"],
        [""],
        [None],
        ["https://shop.example", 5],
        ["https://b\xfccher.example"],
    ],
    ids=repr,
)
def test_wrong_origins(value: t.Any) -> None:
    """What no browser would send as its origin is refused with what to write."""
    with pytest.raises(ConfigurationError, match=r"ORIGINS is a list of origins, such"):
        Settings.from_config({"CLIENTCALLBACK_TRUSTED_ORIGINS": value})


@pytest.mark.parametrize("value", [None, 5, True], ids=repr)
def test_origins_that_are_no_list(value: t.Any) -> None:
    """So is what is no collection at all."""
    with pytest.raises(ConfigurationError, match="CLIENTCALLBACK_TRUSTED_ORIGINS"):
        Settings.from_config({"CLIENTCALLBACK_TRUSTED_ORIGINS": value})


@pytest.mark.parametrize(
    "origin",
    ["https://shop.example?a", "https://shop.example#a", "https://me@shop.example"],
)
def test_origins_that_never_match(origin: str) -> None:
    """So is an address with more than scheme, host and port."""
    with pytest.raises(ConfigurationError, match="CLIENTCALLBACK_TRUSTED_ORIGINS"):
        Settings.from_config({"CLIENTCALLBACK_TRUSTED_ORIGINS": [origin]})


def test_options_of_validation_and_classic() -> None:
    """A class that says nothing validates no events and leaves the protocol to the
    application.
    """
    options = HandlerOptions()
    assert (options.event_validation, options.classic) == (False, None)
