"""Results that are no plain values: JSON in a response, pairs, other providers'."""

from __future__ import annotations

import json
import logging
import re
import typing as t
from collections import OrderedDict
from http import HTTPStatus

import pytest
from flask import Flask
from flask import jsonify
from flask import Response
from flask import send_file
from flask.json.provider import DefaultJSONProvider
from flask.json.provider import JSONProvider
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response as BaseResponse

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback.page.results import write_json
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient

from ..helpers.classic import check_answer
from ..helpers.classic import fields_of
from ..helpers.classic import send
from ..helpers.pages import add_page
from ..helpers.pages import answering
from ..helpers.pages import Counter
from ..helpers.pages import Page

JSON = "application/json"


class OwnResponse(Response):
    """A response class of an application."""


def call(
    app: Flask, client: CallbackClient, work: t.Callable[[], t.Any]
) -> CallbackAnswer:
    """Make the callback of a page whose handler does one thing."""
    add_page(app, answering(work, classic=True))
    return client.get_page("/").callback("x")


def call_classic(
    app: Flask, client: CallbackClient, work: t.Callable[[], t.Any]
) -> TestResponse:
    """Make the same as a classic client script does."""
    add_page(app, answering(work, classic=True))
    return send(client, fields_of(client.get_page("/")))


VALUES = [None, 0, 1.5, True, "", "a\ud800<é>\n", [1, ["a"]], {"a": {"b": None}}]


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("debug", [False, True])
def test_jsonify(app: Flask, client: CallbackClient, value: t.Any, debug: bool) -> None:
    """A response of JSON is its value, also as debug mode writes it."""
    app.debug = debug
    answer = call(app, client, lambda: jsonify(value))
    assert (answer.status, answer.error, answer.result) == (200, None, value)
    assert answer.response.content_type == "application/vnd.clientcallback+json"
    assert answer.response.json == {"result": value}


@pytest.mark.parametrize("kind", [Response, OwnResponse, BaseResponse], ids=repr)
@pytest.mark.parametrize("content_type", [JSON, "Application/JSON; charset=utf-8"])
def test_kinds_of_responses(
    app: Flask, client: CallbackClient, kind: type[BaseResponse], content_type: str
) -> None:
    """Whose class the response is makes no difference."""
    answer = call(app, client, lambda: kind(b'\n{"a":1} ', content_type=content_type))
    assert answer.result == {"a": 1}
    assert "X-Client-Callback" not in answer.response.headers


def test_headers_of_jsonify(app: Flask, client: CallbackClient) -> None:
    """Cookies and other headers stay, but for those that describe the body."""
    closed: list[bool] = []

    def work() -> Response:
        response = jsonify("x" * 100)
        response.set_cookie("seen", "1")
        response.set_cookie("other", "2")
        response.headers["X-Own"] = "kept"
        response.headers["X-Client-Callback"] = "response"
        response.vary.add("Accept-Language")
        response.cache_control.max_age = 60
        response.set_etag("tag")
        response.call_on_close(lambda: closed.append(True))
        return response

    answer = call(app, client, work)
    headers = answer.response.headers
    assert answer.result == "x" * 100
    assert [held[:7] for held in headers.getlist("Set-Cookie")] == [
        "seen=1;",
        "other=2",
    ]
    assert headers["X-Own"] == "kept"
    assert "Accept-Language" in headers["Vary"]
    assert headers.getlist("Cache-Control") == ["no-store"]
    assert headers.getlist("Content-Length") == [str(len(answer.response.data))]
    assert "ETag" not in headers
    assert "X-Client-Callback" not in headers
    assert closed == [True]


def test_state_of_jsonify(app: Flask, client: CallbackClient) -> None:
    """A value in a response comes with the changed view state, as any other."""

    class Counting(Counter):
        def get_callback_result(self) -> t.Any:
            return jsonify(count=super().get_callback_result())

    add_page(app, Counting)
    page = client.get_page("/")
    counts = [page.callback().result for _ in range(3)]
    assert counts == [{"count": 1}, {"count": 2}, {"count": 3}]


def test_events_of_jsonify(app: Flask, client: CallbackClient) -> None:
    """So it does with events that the callback registered."""

    @callback_handler(event_validation=True)
    class Offering(Page):
        template = Page.template + "{{ callback_attributes(current_page, 'a') }}"

        def raise_callback_event(self, event_argument: str) -> t.Any:
            register = current_page.client_script.register_for_event_validation
            register(current_page, "b")
            return jsonify(event_argument)

    add_page(app, Offering)
    page = client.get_page("/")
    assert page.callback("a").result == "a"
    assert page.callback("b").result == "b"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain <é>", "plain <é>"),
        (None, ""),
        (True, "true"),
        ([1, "a"], '[1,"a"]'),
        ({"a": 1.5}, '{"a":1.5}'),
    ],
)
def test_jsonify_for_a_classic_script(
    app: Flask, client: CallbackClient, value: t.Any, text: str
) -> None:
    """A classic client script gets the same as for the value itself."""
    response = call_classic(app, client, lambda: jsonify(value))
    check_answer(response, f"0|{text}")


def test_headers_for_a_classic_script(app: Flask, client: CallbackClient) -> None:
    """The headers stay there too."""

    def work() -> Response:
        response = jsonify(1)
        response.headers["X-Own"] = "kept"
        response.headers["X-Client-Callback"] = "response"
        return response

    response = call_classic(app, client, work)
    check_answer(response, "0|1")
    assert response.headers["X-Own"] == "kept"


def without_type(response: Response) -> Response:
    """Take away what says of which type a response is."""
    del response.headers["Content-Type"]
    return response


REAL_RESPONSES: dict[str, t.Callable[[], t.Any]] = {
    "status": lambda: Response("1", 201, content_type=JSON),
    "type": lambda: Response("1", content_type="application/problem+json"),
    "download": lambda: Response(
        "1", content_type=JSON, headers={"Content-Disposition": "attachment"}
    ),
    "compressed": lambda: Response(
        b"1", content_type=JSON, headers={"Content-Encoding": "gzip"}
    ),
    "stream": lambda: Response(iter(["1"]), content_type=JSON),
    "passed through": lambda: Response(["1"], mimetype=JSON, direct_passthrough=True),
    "no JSON": lambda: Response("{", content_type=JSON),
    "no type": lambda: without_type(Response("1")),
    "empty": lambda: Response("", content_type=JSON),
    "NaN": lambda: Response("NaN", content_type=JSON),
    "Infinity inside": lambda: Response("[-Infinity]", content_type=JSON),
    "no UTF-8": lambda: Response(b'"\xff"', content_type=JSON),
    "UTF-16": lambda: Response('"a"'.encode("utf-16"), content_type=JSON),
    "too deep": lambda: Response("[" * 200_000, content_type=JSON),
    "no JSON's white space": lambda: Response("\u00a01", content_type=JSON),
}


@pytest.mark.parametrize("work", REAL_RESPONSES.values(), ids=REAL_RESPONSES)
def test_responses_that_are_no_values(
    app: Flask, client: CallbackClient, work: t.Callable[[], t.Any]
) -> None:
    """Any other response passes unwrapped."""
    expected = work()
    answer = call(app, client, work)
    assert answer.response.headers["X-Client-Callback"] == "response"
    assert answer.status == expected.status_code
    assert answer.response.content_type == expected.content_type
    assert answer.response.data == b"".join(expected.iter_encoded())


def test_file_of_json(app: Flask, client: CallbackClient, tmp_path: t.Any) -> None:
    """A file of JSON is a file."""
    path = tmp_path / "a.json"
    path.write_text("[1]")
    answer = call(app, client, lambda: send_file(path))
    assert answer.response.headers["X-Client-Callback"] == "response"
    assert answer.response.text == "[1]"


@pytest.mark.parametrize(
    "result",
    [
        ("Not yours.", 403),
        (Markup("<b>no</b>"), 404),
        ({"error": "gone"}, 410),
        (OrderedDict(a=1), 400),
        ("late", HTTPStatus.GATEWAY_TIMEOUT),
        ("last", 599),
    ],
    ids=repr,
)
def test_body_and_status(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    result: tuple[t.Any, int],
) -> None:
    """What would be body and status in a view stays an array, and is pointed out."""
    answer = call(app, client, lambda: result)
    assert (answer.status, answer.result) == (200, [*result])
    [record] = caplog.records
    assert (record.name, record.levelno) == ("flask_clientcallback", logging.WARNING)
    assert "Answering.raise_callback_event gave" in record.message
    assert "an array, not body and status" in record.message
    assert f"raise CallbackError(message, {int(result[1])})" in record.message


class Point(t.NamedTuple):
    """A tuple that is no pair of anything else."""

    name: str
    height: int


@pytest.mark.parametrize(
    "result",
    [
        (),
        ("x",),
        ("x", 200),
        ("x", 399),
        ("x", 600),
        ("x", 404, {}),
        ("x", "404"),
        ("x", 404.0),
        (404, "x"),
        ([1], 404),
        (1, 404),
        (None, 404),
        ["x", 404],
        Point("x", 404),
    ],
    ids=repr,
)
def test_other_tuples(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture, result: t.Any
) -> None:
    """Other tuples, and lists, are what they are."""
    assert call(app, client, lambda: result).result == [*result]
    assert caplog.records == []


@pytest.mark.parametrize("kind", [Response, BaseResponse], ids=repr)
def test_response_and_status(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    kind: type[BaseResponse],
) -> None:
    """With a response in it, the pair is an error that says the same."""
    app.debug = True
    answer = call(app, client, lambda: (kind("1", content_type=JSON), 404))
    assert answer.status == 500
    assert answer.error is not None
    assert "raise CallbackError(message, 404)" in answer.error["message"]
    assert (
        "Answering.raise_callback_event gave a Response and 404" in caplog.messages[0]
    )
    assert answer.stages[-1] == "unload"


def test_pair_of_a_control(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The class that is named is the control's, where one answers."""

    class Grid:
        def raise_callback_event(self, event_argument: str) -> t.Any:
            return "no row", 404

    class Controlled(answering(int, classic=True)):  # type: ignore[misc]
        def page_init(self) -> None:
            current_page.add_control("grid", Grid())

    add_page(app, Controlled)
    answer = client.get_page("/").callback("x", target="grid")
    assert answer.result == ["no row", 404]
    assert "Grid.raise_callback_event gave a str and 404" in caplog.text


# ---- JSON providers -----------------------------------------------------------


class Text(str):
    """Text of a class of its own, which shows itself otherwise."""

    def __str__(self) -> str:
        return "shown"

    __format__ = None  # type: ignore[assignment]


class ProviderOfBytes(JSONProvider):
    """Writes bytes, takes only the argument that Flask's session gives, and has its own
    error for what it cannot write.
    """

    kind: t.ClassVar[t.Callable[[str], t.Any]] = str.encode

    def dumps(self, obj: t.Any, *, separators: t.Any = None) -> t.Any:  # type: ignore[override]
        try:
            return type(self).kind(json.dumps(obj))
        except TypeError as error:
            raise NotImplementedError("type") from error

    def loads(self, s: str | bytes, **keywords: t.Any) -> t.Any:
        return json.loads(s)


class FlasksOwn(DefaultJSONProvider):
    """Flask's own provider, whose one method is replaced by such a one."""

    def dumps(self, obj: t.Any, *, separators: t.Any = None) -> t.Any:  # type: ignore[override]
        return json.dumps(obj).encode()


class OnTheObject(DefaultJSONProvider):
    """One that replaces it on the object."""

    def __init__(self, app: t.Any) -> None:
        super().__init__(app)
        self.dumps = lambda obj, separators=None: json.dumps(obj).encode()  # type: ignore[assignment]


class OnTheClass(DefaultJSONProvider):
    """One whose method is a plain function."""

    @staticmethod
    def dumps(obj: t.Any, **keywords: t.Any) -> str:  # type: ignore[override]
        return json.dumps(obj)


def provider_of(kind: t.Any) -> type[JSONProvider]:
    """Make a provider that writes another kind of text."""
    return type("Provider", (ProviderOfBytes,), {"kind": staticmethod(kind)})


PROVIDERS: dict[str, type[JSONProvider]] = {
    "bytes": ProviderOfBytes,
    "bytearray": provider_of(lambda text: bytearray(text.encode())),
    "memoryview": provider_of(lambda text: memoryview(text.encode())),
    "text of its own": provider_of(Text),
    "Markup": provider_of(Markup),
    "white space": provider_of(lambda text: f"\n{text}\n".encode()),
    "Flask's own": FlasksOwn,
    "on the object": OnTheObject,
    "on the class": OnTheClass,
}
every_provider = pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)


@every_provider
@pytest.mark.parametrize("value", [{"a": [1, None]}, "<é>'\ud800", 1])
def test_providers(
    app: Flask, client: CallbackClient, provider: type[JSONProvider], value: t.Any
) -> None:
    """Whatever text or bytes a provider writes is the result."""
    app.json = provider(app)
    assert call(app, client, lambda: value).result == value


@pytest.mark.parametrize("provider", [ProviderOfBytes, FlasksOwn])
def test_providers_for_a_classic_script(
    app: Flask, client: CallbackClient, provider: type[JSONProvider]
) -> None:
    """So it is for a classic client script."""
    app.json = provider(app)
    check_answer(call_classic(app, client, lambda: {"a": 1}), '0|{"a": 1}')


@every_provider
@pytest.mark.parametrize(
    "value",
    [float("nan"), [float("-inf")], pytest.param(object(), id="object")],
    ids=repr,
)
def test_providers_of_what_is_no_json(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    provider: type[JSONProvider],
    value: t.Any,
) -> None:
    """What a provider writes that is no JSON, or raises, is the server's error."""
    app.json = provider(app)
    answer = call(app, client, lambda: value)
    assert answer.status == 500
    assert answer.error is not None
    told = "The result of Answering.raise_callback_event, the target '__Page', cannot"
    assert told in re.sub(r"\S+<locals>\.", "", caplog.text)


@pytest.mark.parametrize("written", [b"\xff", b"", "{", None])
def test_provider_of_no_json(
    app: Flask, client: CallbackClient, written: t.Any
) -> None:
    """What is no JSON at all, too."""
    app.json = provider_of(lambda text: written)(app)
    assert call(app, client, lambda: 1).status == 500


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(deadline=None, max_examples=50)
@given(value=values)
def test_any_value(value: t.Any) -> None:
    """Every provider, and jsonify(), gives the value that Flask's own gives, or none
    of them gives one.
    """
    app = Flask(__name__)
    app.secret_key = "a secret key of the tests"
    ClientCallback(app)
    result: list[t.Any] = [value]
    add_page(app, answering(lambda: result[0], classic=True))
    page = CallbackClient(app).get_page("/")

    try:
        expected = json.loads(write_json(app.json, value))
    except ValueError:
        assert page.callback().status == 500
        return

    assert page.callback().result == expected

    with app.app_context():
        result[0] = jsonify(value)

    assert page.callback().result == expected
    result[0] = value

    for provider in (ProviderOfBytes, FlasksOwn):
        app.json = provider(app)
        assert page.callback().result == expected
