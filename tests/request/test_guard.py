"""Which requests are refused, with what, and how that is reported."""

from __future__ import annotations

import io
import logging
import typing as t

import pytest
from flask import Flask
from flask import request
from flask.testing import FlaskClient
from werkzeug.test import stream_encode_multipart
from werkzeug.test import TestResponse

from flask_clientcallback import current_page
from flask_clientcallback import RefusedError
from flask_clientcallback import signals
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Echo

MARK = {"X-Client-Callback": "1"}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application, with a page."""
    add_page(app, Echo)
    return app


def good_fields(client: CallbackClient) -> dict[str, str]:
    """Get the protocol's fields of a good callback of the page."""
    state = client.get_page("/").state
    assert state is not None
    return {"__CALLBACKID": "__Page", "__CALLBACKPARAM": '"x"', "__VIEWSTATE": state}


def send(client: FlaskClient, data: t.Any, **keywords: t.Any) -> TestResponse:
    """Send a marked request."""
    headers = {**MARK, **keywords.pop("headers", {})}
    return client.open("/", data=data, headers=headers, method="POST", **keywords)


def check_refused(response: TestResponse, status: int, kind: str = "rejected") -> None:
    """See that a request was refused in the package's own form."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/vnd.clientcallback+json"
    assert response.headers["Cache-Control"] == "no-store"
    message = RefusedError.messages[t.cast(t.Any, kind)]
    assert response.get_json(force=True) == {
        "error": {"kind": kind, "message": message}
    }


def test_good_request(client: CallbackClient) -> None:
    """What the tests below change is admitted as it is."""
    fields = good_fields(client)
    assert send(client, fields).get_json(force=True) == {"result": "x"}


@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS"])
def test_method(app: Flask, client: CallbackClient, method: str) -> None:
    """A callback is a POST."""
    app.add_url_rule(
        "/all",
        view_func=Echo.as_view("page"),
        methods=["GET", "OPTIONS", "POST", "PUT"],
        provide_automatic_options=True,
    )
    response = client.open("/all", method=method, headers=MARK)
    check_refused(response, 405)
    assert response.headers["Allow"] == "POST"


def test_head(client: CallbackClient) -> None:
    """So a marked HEAD is refused as well."""
    assert client.head("/", headers=MARK).status_code == 405


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost:8080"},
        {"Origin": "null"},
        {"Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"},
    ],
)
def test_cross_site(client: CallbackClient, headers: dict[str, str]) -> None:
    """What another site's page sends is refused, and gets no CORS headers."""
    fields = good_fields(client)
    response = send(client, fields, headers=headers)
    check_refused(response, 403)
    assert not [n for n in response.headers.keys() if n.startswith("Access-Control")]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost"},
        {"Origin": "HTTP://LOCALHOST"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://other.example"},
    ],
)
def test_same_site(client: CallbackClient, headers: dict[str, str]) -> None:
    """The page's own requests, and what is no browser, are admitted."""
    fields = good_fields(client)
    assert send(client, fields, headers=headers).status_code == 200


def test_no_content_length(client: CallbackClient) -> None:
    """A chunked body is refused before it is read."""
    response = send(
        client,
        None,
        input_stream=io.BytesIO(b"x" * 100),
        content_type=FORM,
        environ_overrides={"wsgi.input_terminated": True},
        headers={"Transfer-Encoding": "chunked"},
    )
    check_refused(response, 411)


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("CLIENTCALLBACK_MAX_CONTENT_LENGTH", "MAX_CONTENT_LENGTH"),
        # A lower limit of the application holds for callbacks too.
        ("MAX_CONTENT_LENGTH", "CLIENTCALLBACK_MAX_CONTENT_LENGTH"),
    ],
)
def test_length(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    lower: str,
    higher: str,
) -> None:
    """A body longer than the limit is refused, and the log names who sets that."""
    app.config[lower] = 1000
    app.config[higher] = 2000
    fields = good_fields(client)
    check_refused(send(client, {**fields, "more": "x" * 1000}), 413)
    assert f"more than 1000 bytes, the limit that {lower} sets" in caplog.text


def test_fields_in_the_log(app: Flask, client: CallbackClient) -> None:
    """So it does for the number of fields."""
    app.config["CLIENTCALLBACK_MAX_FIELDS"] = 10
    reasons: list[str] = []

    def note(sender: Flask, reason: str, **extra: object) -> None:
        reasons.append(reason)

    with signals.callback_rejected.connected_to(note):
        data = {**good_fields(client), **{f"f{i}": "" for i in range(10)}}
        check_refused(send(client, data), 413)

    [reason] = reasons
    expected = "more than 10 fields, the limit that CLIENTCALLBACK_MAX_FIELDS sets"
    assert reason == expected


def test_long_field(client: CallbackClient) -> None:
    """Within the limit, one field may take all of it, form-encoded or not."""
    fields = good_fields(client)
    argument = '"' + "x" * 600_000 + '"'
    data = {**fields, "__CALLBACKPARAM": argument}
    assert len(send(client, data).get_json(force=True)["result"]) == 600_000
    stream, _, boundary = stream_encode_multipart(data, use_tempfile=False)
    content_type = f"multipart/form-data; boundary={boundary}"
    response = send(client, stream.read(), content_type=content_type)
    assert len(response.get_json(force=True)["result"]) == 600_000


@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data"])
def test_many_fields(client: CallbackClient, content_type: str) -> None:
    """More fields than the limit are refused."""
    fields = good_fields(client)
    data = {**fields, **{f"f{i}": "" for i in range(1000)}}
    check_refused(send(client, data, content_type=content_type), 413)


@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data"])
def test_fewer_fields(app: Flask, client: CallbackClient, content_type: str) -> None:
    """The limit is the application's, also below that of other forms."""
    app.config["CLIENTCALLBACK_MAX_FIELDS"] = 10
    fields = good_fields(client)
    assert send(client, fields, content_type=content_type).status_code == 200
    data = {**fields, **{f"f{i}": "" for i in range(8)}}
    check_refused(send(client, data, content_type=content_type), 413)


@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data"])
def test_limits_hold_before_other_extensions(
    app: Flask, client: CallbackClient, content_type: str
) -> None:
    """The limits hold although another extension reads the form first."""
    read: list[int] = []
    app.before_request(lambda: read.append(len(request.form)))
    fields = good_fields(client)
    read.clear()
    data = {**fields, **{f"f{i}": "" for i in range(1000)}}
    check_refused(send(client, data, content_type=content_type), 413)
    assert read == []


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "", "multipart/mixed"]
)
def test_content_type(client: CallbackClient, content_type: str) -> None:
    """Only forms are read."""
    response = send(client, b'{"a": 1}', content_type=content_type)
    check_refused(response, 415)


def test_encoding(client: CallbackClient, caplog: pytest.LogCaptureFixture) -> None:
    """A body that is not UTF-8 is refused, not taken for an empty form."""
    for body in (b"a=\xff\xfe", b"a=%ff%fe", b"%ff=a"):
        check_refused(send(client, body, content_type=FORM), 400)
        assert "not UTF-8" in caplog.messages[-1]


def test_broken_multipart(client: CallbackClient) -> None:
    """A broken multipart body is refused."""
    content_type = "multipart/form-data; boundary=x"
    check_refused(send(client, b"--y\r\nbroken", content_type=content_type), 400)


@pytest.mark.parametrize("name", ["__CALLBACKID", "__CALLBACKPARAM"])
def test_missing_field(client: CallbackClient, name: str) -> None:
    """A callback without its target or argument is refused."""
    fields = good_fields(client)
    del fields[name]
    check_refused(send(client, fields), 400)


def test_missing_state(client: CallbackClient) -> None:
    """One without state is stale."""
    fields = good_fields(client)
    del fields["__VIEWSTATE"]
    check_refused(send(client, fields), 400, "stale")


@pytest.mark.parametrize(
    "name",
    ["__CALLBACKID", "__CALLBACKPARAM", "__VIEWSTATE", "__EVENTVALIDATION"],
)
def test_field_twice_or_as_a_file(client: CallbackClient, name: str) -> None:
    """A field of the protocol is there once, and is no file."""
    fields = good_fields(client)
    value = fields.pop(name, "x")
    check_refused(send(client, {**fields, name: [value, value]}), 400)
    file = (io.BytesIO(value.encode()), "a.txt")
    check_refused(send(client, {**fields, name: file}), 400)


@pytest.mark.parametrize("argument", ["x", "", "[", "1", "null", '["x"]', "NaN"])
def test_argument(client: CallbackClient, argument: str) -> None:
    """The argument of raise_callback_event is a JSON string."""
    fields = good_fields(client)
    fields["__CALLBACKPARAM"] = argument
    check_refused(send(client, fields), 400)


def test_query_is_not_looked_at(
    client: CallbackClient,
) -> None:
    """A field in the address does not stand in for one in the body."""
    fields = good_fields(client)
    target = fields.pop("__CALLBACKID")
    check_refused(send(client, fields, query_string={"__CALLBACKID": target}), 400)


@pytest.mark.parametrize("view", ["function", "class"])
def test_endpoint_without_callbacks(
    app: Flask, client: CallbackClient, view: str
) -> None:
    """A marked request never reaches a view that takes no callbacks."""
    from flask.views import MethodView

    ran: list[int] = []

    def post(self: t.Any = None) -> str:
        ran.append(1)
        return ""

    other = type("Other", (MethodView,), {"post": post})
    view_func = post if view == "function" else other.as_view("other")
    app.add_url_rule("/other", "other", view_func, methods=["POST"])
    check_refused(client.post("/other", data={"a": "b"}, headers=MARK), 404)
    assert ran == []


def test_unknown_address(client: CallbackClient) -> None:
    """An address that leads nowhere is not for the package to refuse."""
    response = client.post("/nowhere", headers=MARK)
    assert response.status_code == 404
    assert response.get_json(force=True)["error"]["kind"] == "http"


def test_report(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A refusal is one line in the log and one signal, without the input."""
    fields = good_fields(client)
    reasons: list[str] = []
    fields["__VIEWSTATE"] = "forged\r\n\u202e"

    def receive(sender: Flask, reason: str, **extra: t.Any) -> None:
        assert sender is app
        reasons.append(reason)

    with (
        signals.callback_rejected.connected_to(receive, app),
        caplog.at_level(logging.INFO),
    ):
        check_refused(send(client, fields), 400, "stale")

    assert len(reasons) == len(caplog.records) == 1
    line = caplog.records[0].getMessage()
    assert reasons[0] in line
    assert "forged\r" not in line
    assert line.isprintable()


def test_reason_in_debug_mode(app: Flask, client: CallbackClient) -> None:
    """Debug mode tells the reason to whoever writes the page."""
    page = client.get_page("/")
    app.debug = True
    error = page.callback("x", target="nowhere").error
    assert error is not None
    assert error["message"].endswith("in a hook such as page_init)")


def test_own_error_handler_keeps_the_refusal(
    app: Flask, client: CallbackClient
) -> None:
    """The application's error page does not replace the refusal."""
    app.register_error_handler(400, lambda e: ("<h1>no</h1>", 200))
    fields = good_fields(client)
    fields["__CALLBACKPARAM"] = "x"
    check_refused(send(client, fields), 400)


def test_handler_did_not_run(app: Flask, client: CallbackClient) -> None:
    """A refused request runs no stage."""
    page = client.get_page("/")
    page.state = "forged"
    assert page.callback("x").stages == []


@pytest.mark.parametrize("argument", ["\0", "a\r\nb", "\u202e", "\ud800", "é\n"])
@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data"])
def test_argument_arrives_unchanged(
    client: CallbackClient, argument: str, content_type: str
) -> None:
    """Whatever text an argument is, the handler gets just that."""
    fields = good_fields(client)
    import json

    fields["__CALLBACKPARAM"] = json.dumps(argument)
    response = send(client, fields, content_type=content_type)
    assert response.get_json(force=True)["result"] == argument


def test_page_is_false_in_before_request(app: Flask, client: CallbackClient) -> None:
    """Before the view, there is no page yet."""
    seen: list[bool] = []
    app.before_request(lambda: seen.append(bool(current_page)))
    fields = good_fields(client)
    assert send(client, fields).status_code == 200
    assert seen == [False, False]


HERE = "https://example.com"
TRUSTED = "https://trusted.example"
ELSEWHERE = "https://attacker.example"


@pytest.mark.parametrize(
    ("site", "origin", "admitted"),
    [
        ("same-origin", None, True),
        ("same-origin", HERE, True),
        ("same-origin", ELSEWHERE, True),
        ("same-origin", "null", True),
        ("cross-site", None, False),
        ("cross-site", HERE, False),
        ("cross-site", ELSEWHERE, False),
        ("same-site", None, False),
        ("same-site", HERE, False),
        ("none", None, False),
        ("none", HERE, False),
        ("", None, False),
        ("Same-Origin", None, False),
        (None, None, True),
        (None, HERE, True),
        (None, HERE.upper(), True),
        (None, ELSEWHERE, False),
        (None, "null", False),
        (None, "", False),
        (None, "http://example.com", False),
        (None, "https://example.com:8443", False),
        (None, "https://sub.example.com", False),
        (None, "https://example.com.attacker.example", False),
        (None, "https://example.com/", False),
        (None, TRUSTED, True),
        (None, TRUSTED.upper(), True),
        (None, "http://trusted.example", False),
        (None, "https://trusted.example:8443", False),
        (None, "https://sub.trusted.example", False),
        ("cross-site", TRUSTED, True),
        ("same-site", TRUSTED, True),
        ("none", TRUSTED, True),
        ("cross-site", "http://trusted.example", False),
    ],
)
@pytest.mark.parametrize("way", ["callback", "post back"])
def test_cross_origin_table(
    app: Flask,
    client: CallbackClient,
    way: str,
    site: str | None,
    origin: str | None,
    admitted: bool,
) -> None:
    """Sec-Fetch-Site decides before Origin, a trusted Origin before both, and what
    sends neither is no browser.
    """
    app.config["CLIENTCALLBACK_TRUSTED_ORIGINS"] = ["https://Trusted.example"]
    headers = {}

    if site is not None:
        headers["Sec-Fetch-Site"] = site

    if origin is not None:
        headers["Origin"] = origin

    page = client.get_page("/", base_url=HERE)

    if way == "callback":
        status = page.callback("x", headers=headers).status
    else:
        status = page.post_back(headers=headers).status

    assert status == (200 if admitted else 403)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_pages_are_for_everybody(client: CallbackClient, method: str) -> None:
    """A link from elsewhere opens a page."""
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": ELSEWHERE}
    assert client.open("/", method=method, headers=headers).status_code == 200


def test_trusted_origin_gets_no_cors_headers(
    app: Flask, client: CallbackClient
) -> None:
    """That an origin is trusted does not let its scripts read answers."""
    app.config["CLIENTCALLBACK_TRUSTED_ORIGINS"] = [TRUSTED]
    answer = client.get_page("/").callback("x", headers={"Origin": TRUSTED})
    assert answer.result == "x"
    assert "Access-Control" not in str(answer.response.headers)


def test_wrong_setting(app: Flask, client: CallbackClient) -> None:
    """A setting that cannot be is an error of the first request, not ignored."""
    app.testing = True
    app.config["CLIENTCALLBACK_TRUSTED_ORIGINS"] = "https://trusted.example"

    with pytest.raises(RuntimeError, match="CLIENTCALLBACK_TRUSTED_ORIGINS"):
        client.get("/")
