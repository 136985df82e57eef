"""Callbacks whose form another part of the application read before the guard could."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask import Request
from flask import request
from flask import request_started
from flask.sessions import SecureCookieSessionInterface

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient

from ..helpers.forms import encode
from ..helpers.forms import FORM
from ..helpers.forms import MULTIPART
from ..helpers.forms import numbered
from ..helpers.forms import TYPES
from ..helpers.offers import recorded_reasons
from ..helpers.pages import add_page
from ..helpers.pages import Echo

MARK = {"X-Client-Callback": "1"}

Look = Callable[[Request], object]


def look_at_the_form(asked: Request) -> None:
    """Look for a field."""
    asked.form.get("token")


def look_at_everything(asked: Request) -> None:
    """Look at all that holds the form, when the body was kept first."""
    asked.get_data()
    asked.values.get("token")


def by_signal(app: Flask, look: Look) -> object:
    """Let a receiver look, and give it, as the signal does not hold it."""

    def receive(sender: Flask, **extra: t.Any) -> None:
        look(request)

    request_started.connect(receive, app)
    return receive


def by_session(app: Flask, look: Look) -> object:
    """Let the session's interface look."""

    class Sessions(SecureCookieSessionInterface):
        def open_session(self, app: Flask, request: Request) -> t.Any:
            look(request)
            return super().open_session(app, request)

    app.session_interface = Sessions()
    return None


@callback_handler(classic=True)
class Shop(Echo):
    """Tells what it got."""

    def raise_callback_event(self, event_argument: str) -> t.Any:
        form = sorted(current_page.form.items(multi=True))
        files = {name: file.read() for name, file in current_page.files.items()}
        taken = [name for name in request.values if name.startswith("__")]
        return f"{event_argument} {form} {files} {taken}"


@pytest.fixture(params=[by_signal, by_session])
def early(
    app: Flask, request: pytest.FixtureRequest
) -> Iterator[Callable[[Look], object]]:
    """Let something look at each request before the guard."""
    held: list[object] = []
    yield lambda look: held.append(request.param(app, look))


@pytest.fixture
def fields(app: Flask, client: CallbackClient) -> dict[str, t.Any]:
    """The protocol's fields of a good callback of the page."""
    add_page(app, Shop)
    state = client.get_page("/").state
    return {"__CALLBACKID": "__Page", "__CALLBACKPARAM": '"x"', "__VIEWSTATE": state}


@pytest.mark.parametrize("look", [look_at_the_form, look_at_everything])
@pytest.mark.parametrize("content_type", TYPES)
def test_callback(
    client: CallbackClient,
    early: Callable[[Look], object],
    fields: dict[str, t.Any],
    content_type: str,
    look: Look,
) -> None:
    """A callback is what it would be otherwise, without the protocol's fields in the
    form.
    """
    early(look)
    names = ["Ada", "é%E9\ufffd"]
    data = {**fields, "name": names}
    response = client.post("/", headers=MARK, **encode(data, content_type))
    expected = f"x {[('name', name) for name in names]} {{}} []"
    assert response.get_json(force=True) == {"result": expected}


def test_files(
    client: CallbackClient,
    early: Callable[[Look], object],
    fields: dict[str, t.Any],
) -> None:
    """Its files are there."""
    early(look_at_the_form)
    sent = encode({**fields, "file": b"\xff"}, MULTIPART)
    response = client.post("/", headers=MARK, **sent)
    assert response.get_json(force=True)["result"] == r"x [] {'file': b'\xff'} []"


def test_classic(
    client: CallbackClient,
    early: Callable[[Look], object],
    fields: dict[str, t.Any],
) -> None:
    """A classic callback is known by the parsed field."""
    early(look_at_the_form)
    fields["__CALLBACKPARAM"] = "x"
    assert client.post("/", data=fields).text == "0|x [] {} []"


@pytest.mark.parametrize("content_type", TYPES)
def test_post_back(
    app: Flask,
    client: CallbackClient,
    early: Callable[[Look], object],
    fields: dict[str, t.Any],
    content_type: str,
) -> None:
    """So is a post back, within the same limit of fields."""
    early(look_at_the_form)
    data = {"__VIEWSTATE": fields["__VIEWSTATE"]}
    assert client.post("/", **encode(data, content_type)).status_code == 200
    app.config["MAX_FORM_PARTS"] = None
    many = encode({**data, **numbered(1000)}, content_type)
    assert client.post("/", **many).status_code == 413


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        (numbered(998), 413, "more than 1000 fields"),
        ({"__CALLBACKID": ["__Page", "__Page"]}, 400, "more than once"),
        ({"__CALLBACKPARAM": "["}, 400, "not JSON"),
        ({"__CALLBACKID": []}, 400, "missing"),
        ({"a": "x" * 1024 * 1024}, 413, "more than 1048576 bytes"),
    ],
    ids=["many fields", "twice", "argument", "no target", "long"],
)
def test_refusals(
    app: Flask,
    client: CallbackClient,
    early: Callable[[Look], object],
    fields: dict[str, t.Any],
    content_type: str,
    changes: dict[str, t.Any],
    status: int,
    reason: str,
) -> None:
    """What is refused otherwise is refused then, as far as it is still to be seen."""
    early(look_at_the_form)
    app.config.update(MAX_FORM_PARTS=None, MAX_FORM_MEMORY_SIZE=None)

    with recorded_reasons(app) as reasons:
        data = {**fields, **changes}
        response = client.post("/", headers=MARK, **encode(data, content_type))

    assert response.status_code == status
    assert response.get_json(force=True)["error"]["kind"] == "rejected"
    [told] = reasons
    assert reason in told


def test_files_are_counted(
    app: Flask,
    client: CallbackClient,
    early: Callable[[Look], object],
    fields: dict[str, t.Any],
) -> None:
    """Each file counts as a field."""
    early(look_at_the_form)
    app.config["MAX_FORM_PARTS"] = None

    for count, status in ((997, 200), (998, 413)):
        sent = encode({**fields, **numbered(count, b"x")}, MULTIPART)
        assert client.post("/", headers=MARK, **sent).status_code == status


@pytest.mark.parametrize("look", [look_at_the_form, look_at_everything])
@pytest.mark.parametrize("body", [b"name=caf%E9&", b"caf%e9=&", b"name=caf\xe9&"])
def test_bytes_that_are_not_utf8(
    app: Flask,
    client: CallbackClient,
    early: Callable[[Look], object],
    fields: dict[str, t.Any],
    body: bytes,
    look: Look,
) -> None:
    """Bytes that are not UTF-8 do not get through as the text that Werkzeug makes of
    them.
    """
    early(look)

    with recorded_reasons(app) as reasons:
        response = client.post(
            "/",
            data=body + urlencode(fields).encode(),
            headers=MARK,
            content_type=FORM,
        )

    assert response.status_code == 400
    [told] = reasons
    assert "not UTF-8" in told


def test_body_without_a_form(
    app: Flask,
    client: CallbackClient,
    early: Callable[[Look], object],
    fields: dict[str, t.Any],
) -> None:
    """A body that was read and not kept is gone, and the log says so."""
    early(lambda asked: asked.stream.read())

    with recorded_reasons(app) as reasons:
        response = client.post("/", data=fields, headers=MARK)

    assert response.status_code == 400
    [told] = reasons
    assert "another part of the application read it" in told
