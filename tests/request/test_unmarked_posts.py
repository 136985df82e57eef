"""POSTs that are no callbacks: what a page without a ``post`` of its own reads."""

from __future__ import annotations

import io
import typing as t

import pytest
from flask import Flask
from flask import render_template_string
from flask import Request
from flask import request
from flask import Response
from flask.views import View
from werkzeug.test import TestResponse

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
from ..helpers.pages import TEMPLATE


def post(
    client: CallbackClient, fields: dict[str, t.Any], content_type: str
) -> TestResponse:
    """Send a form to the page."""
    return client.post("/", **encode(fields, content_type))


@pytest.fixture
def readers(app: Flask) -> list[int]:
    """How many fields another extension found in the form, before each view."""
    seen: list[int] = []

    def read() -> None:
        if request.method == "POST":
            seen.append(len(request.form))

    app.before_request(read)
    return seen


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (numbered(1000), 405),
        (numbered(1001), 413),
        ({"a": "x" * 1024 * 1024}, 413),
        ({"a": "x" * 600_000}, 405),
    ],
    ids=["enough fields", "many fields", "long", "long field"],
)
def test_limits(
    app: Flask,
    client: CallbackClient,
    readers: list[int],
    caplog: pytest.LogCaptureFixture,
    content_type: str,
    fields: dict[str, t.Any],
    status: int,
) -> None:
    """A form is read within a callback's limits, before another extension can read
    it. What is refused is reported.
    """
    add_page(app, Echo)

    with recorded_reasons(app) as reasons:
        assert post(client, fields, content_type).status_code == status

    assert readers == ([len(fields)] if status == 405 else [])
    assert len(reasons) == len(caplog.messages) == (status == 413)


class InMemory(Request):
    """A request whose files leave nothing to close, although Werkzeug forgets those
    that it read of a form which it then refuses.
    """

    def _get_file_stream(self, *args: t.Any, **keywords: t.Any) -> io.BytesIO:
        return io.BytesIO()


@pytest.mark.parametrize(("count", "status"), [(1000, 405), (1001, 413)])
def test_files(
    app: Flask, client: CallbackClient, readers: list[int], count: int, status: int
) -> None:
    """A file counts as a field."""
    app.request_class = InMemory
    add_page(app, Echo)
    response = post(client, numbered(count, b"x"), MULTIPART)
    assert response.status_code == status
    assert len(readers) == (status == 405)


@pytest.mark.parametrize("content_type", TYPES)
def test_settings(app: Flask, client: CallbackClient, content_type: str) -> None:
    """The limits are those of the settings, and of the page."""
    app.config["CLIENTCALLBACK_MAX_FIELDS"] = 3
    small = callback_handler(max_content_length=1000)(type("Small", (Echo,), {}))
    add_page(app, small)
    assert post(client, numbered(3), content_type).status_code == 405
    assert post(client, numbered(4), content_type).status_code == 413
    assert post(client, {"a": "x" * 1000}, content_type).status_code == 413


class Unreadable(io.BytesIO):
    """A body that nobody may read."""

    def read(self, *args: t.Any) -> t.NoReturn:
        raise AssertionError("read")

    readinto = readline = readlines = read


CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked"}
SHORT = {"CONTENT_LENGTH": "10"}
LONG = {"CONTENT_LENGTH": str(2**40)}


@pytest.mark.parametrize(
    ("content_type", "length", "status"),
    [
        ("application/json", SHORT, 405),
        ("text/plain", SHORT, 405),
        ("multipart/mixed; boundary=x", SHORT, 405),
        ("", SHORT, 405),
        ("application/json", CHUNKED, 405),
        (FORM, CHUNKED, 411),
        (f"{MULTIPART}; boundary=x", CHUNKED, 411),
        (FORM, LONG, 413),
        (f"{MULTIPART}; boundary=x", LONG, 413),
    ],
)
def test_refused_unread(
    app: Flask,
    client: CallbackClient,
    readers: list[int],
    content_type: str,
    length: dict[str, str],
    status: int,
) -> None:
    """What is no form, or a form that is too long or does not say how long it is, is
    refused and reported before anybody reads it.
    """
    add_page(app, Echo)

    with recorded_reasons(app) as reasons:
        response = client.post(
            "/",
            input_stream=Unreadable(),
            content_type=content_type,
            environ_overrides={"wsgi.input_terminated": True, **length},
        )

    assert response.status_code == status
    assert (len(reasons), readers) == (1, [])
    assert response.headers.get("Allow") == (
        "GET, HEAD, OPTIONS" if status == 405 else None
    )


def test_nothing_sent(app: Flask, client: CallbackClient) -> None:
    """A POST without a body is one that the page does not take."""
    add_page(app, Echo)
    response = client.post("/")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    response = client.post("/", content_type=FORM)
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("content_type", TYPES)
def test_post_backs(app: Flask, client: CallbackClient, content_type: str) -> None:
    """A post back is read as ever, with its files."""
    got: list[tuple[t.Any, ...]] = []

    class Uploading(Echo):
        def page_load(self) -> None:
            if current_page.is_postback:
                file = current_page.files.get("file")
                got.append((current_page.form["name"], file and file.read()))

    add_page(app, Uploading)
    fields: dict[str, t.Any] = {
        "__VIEWSTATE": client.get_page("/").state,
        "name": "Eve",
    }

    if content_type == MULTIPART:
        fields["file"] = b"\xff" * 600_000

    assert post(client, fields, content_type).status_code == 200
    assert got == [("Eve", fields.get("file"))]


class Taking(Echo):
    """Takes POST itself."""

    def post(self) -> str:
        return f"{len(request.form)} {len(request.get_data())}"


class InheritsPost(Taking):
    """Takes it as its base class does."""


@callback_handler
class Plain(View):
    """Takes it without being a MethodView."""

    methods: t.ClassVar[list[str]] = ["GET", "POST"]

    def dispatch_request(self) -> str:
        return f"{len(request.form)} {len(request.get_data())}"

    def raise_callback_event(self, event_argument: str) -> None:
        pass


@pytest.mark.parametrize("view_class", [Taking, InheritsPost, Plain])
def test_pages_that_take_posts(
    app: Flask, client: CallbackClient, view_class: type[t.Any]
) -> None:
    """A page that takes POST itself has the application's limits, and any type."""
    app.config.update(CLIENTCALLBACK_MAX_FIELDS=3, CLIENTCALLBACK_MAX_CONTENT_LENGTH=99)
    add_page(app, view_class)
    assert post(client, numbered(10), FORM).text == "10 0"
    assert post(client, numbered(10), MULTIPART).text == "10 0"
    assert client.post("/", json="x" * 200).text == "0 202"
    app.config["MAX_CONTENT_LENGTH"] = 50
    assert client.post("/", json="x" * 200).status_code == 413


class GivesPost(Echo):
    """Is a subclass of a page that takes none."""

    def post(self) -> str:
        return f"{len(request.form)} {len(request.get_data())}"


def test_subclass_that_takes_posts(app: Flask, client: CallbackClient) -> None:
    """A subclass may take what its base class does not."""
    add_page(app, GivesPost)
    assert client.post("/", json=1).text == "0 1"


@callback_handler
class Rendering(View):
    """Takes none, and is no MethodView."""

    def dispatch_request(self) -> str:
        return render_template_string(TEMPLATE)

    def raise_callback_event(self, event_argument: str) -> None:
        pass


def test_view_that_takes_none(app: Flask, client: CallbackClient) -> None:
    """A View without methods is such a page too."""
    add_page(app, Rendering)
    assert client.post("/", json=1).status_code == 405
    assert post(client, numbered(1001), MULTIPART).status_code == 413
    state = client.get_page("/").state
    assert post(client, {"__VIEWSTATE": state}, MULTIPART).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_body_of_another_method(
    app: Flask, client: CallbackClient, method: str
) -> None:
    """Other methods have no limits of the package."""
    app.config["CLIENTCALLBACK_MAX_CONTENT_LENGTH"] = 1
    add_page(app, Echo)
    response = client.open("/", method=method, json="long")
    assert response.status_code == 200


@pytest.mark.parametrize("content_type", [*TYPES, "application/json"])
def test_other_views(app: Flask, client: CallbackClient, content_type: str) -> None:
    """Nor have views that take no callbacks."""
    app.config["CLIENTCALLBACK_MAX_CONTENT_LENGTH"] = 1

    @app.post("/")
    def other() -> Response:
        return Response(str(len(request.form)))

    if "json" in content_type:
        assert client.post("/", json="long").text == "0"
    else:
        assert post(client, {"a": "b" * 10}, content_type).text == "1"


@pytest.mark.parametrize("content_type", TYPES)
def test_classic_pages(app: Flask, client: CallbackClient, content_type: str) -> None:
    """A page that speaks the classic protocol has the same limits for the rest."""
    classic = callback_handler(classic=True)(type("Classic", (Echo,), {}))
    add_page(app, classic)
    assert post(client, numbered(1000), content_type).status_code == 405
    assert post(client, numbered(1001), content_type).status_code == 413
    assert client.post("/", json=1).status_code == 405
