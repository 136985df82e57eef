"""The protocol: reading requests, writing answers."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from flask_clientcallback import RefusedError
from flask_clientcallback.protocol.answers import NewToken
from flask_clientcallback.protocol.answers import redirect_body
from flask_clientcallback.protocol.answers import result_body
from flask_clientcallback.protocol.failures import Failure
from flask_clientcallback.protocol.failures import foreign_failure
from flask_clientcallback.protocol.failures import kind_of_status
from flask_clientcallback.protocol.wire import CallbackRequest
from flask_clientcallback.protocol.wire import PROTOCOL_FIELDS
from flask_clientcallback.protocol.wire import read_callback
from flask_clientcallback.protocol.wire import take_protocol_fields

FIELDS = {
    "__CALLBACKID": "__Page",
    "__CALLBACKPARAM": '"x"',
    "__VIEWSTATE": "state",
}


def read(
    changes: t.Mapping[str, str | list[str]] | None = None,
    files: t.Mapping[str, object] | None = None,
) -> CallbackRequest:
    """Read a good request with some fields changed."""
    form = MultiDict({**FIELDS, **(changes or {})})
    return read_callback(take_protocol_fields(form.items(multi=True))[1], files or {})


def check_refused(
    reason: str,
    changes: t.Mapping[str, str | list[str]] | None = None,
    files: t.Mapping[str, object] | None = None,
) -> None:
    """See that a changed request is refused, and the reason repeats nothing."""
    with pytest.raises(RefusedError) as caught:
        read(changes, files)

    assert (caught.value.status, caught.value.kind) == (400, "rejected")
    assert caught.value.reason == reason


def test_good_request() -> None:
    """A request names its target, its argument and the page's state."""
    assert read() == CallbackRequest("__Page", "x", "state")


def test_other_fields() -> None:
    """The form's own fields and files are nobody's concern here."""
    changes: dict[str, str | list[str]] = {"name": ["a", "b"], "__EVENTTARGET": "x"}
    assert read(changes, {"photo": object()}) == read()


def test_fields_apart() -> None:
    """The form keeps its own fields, in order and with their doubles."""
    fields = [("b", "1"), ("__VIEWSTATE", "s"), ("a", ""), ("b", "2")]
    own = [("b", "1"), ("a", ""), ("b", "2")]
    assert take_protocol_fields(fields) == (own, {"__VIEWSTATE": "s"})


@pytest.mark.parametrize("name", ["__CALLBACKID", "__CALLBACKPARAM"])
def test_missing(name: str) -> None:
    """A request without target or argument is refused."""
    form = {**FIELDS}
    del form[name]

    with pytest.raises(RefusedError) as caught:
        read_callback(form, {})

    assert (caught.value.status, caught.value.reason) == (400, f"{name} is missing")


def test_missing_state() -> None:
    """Whether the state may be missing is not decided here."""
    form = {**FIELDS}
    del form["__VIEWSTATE"]
    assert read_callback(form, {}).state is None


@pytest.mark.parametrize("name", sorted(PROTOCOL_FIELDS))
def test_twice(name: str) -> None:
    """A protocol field that is there twice is refused, though both be equal."""
    value = FIELDS.get(name, "")
    reason = f"{name} sent more than once"
    check_refused(reason, {name: [value, value]})


@pytest.mark.parametrize("name", sorted(PROTOCOL_FIELDS))
def test_as_a_file(name: str) -> None:
    """A file in the place of a protocol field, or beside it, is refused."""
    reason = f"{name} sent as a file"
    check_refused(reason, files={name: object()})
    form = {**FIELDS}
    form.pop(name, None)

    with pytest.raises(RefusedError, match=RefusedError.messages["rejected"]):
        read_callback(form, {name: object()})


NO_JSON = {
    "empty": "",
    "plain text": "x",
    "single quotes": "'x'",
    "open string": '"x',
    "two values": '"x" "y"',
    "bare CR": '"a\rb"',
    "bare NUL": '"\0"',
    "bad escape": '"\\x41"',
    "byte order mark": '\ufeff"x"',
    "deep nesting": "[" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "integer of many digits": "1" * 100_000,
}


@pytest.mark.parametrize("text", NO_JSON.values(), ids=NO_JSON)
def test_argument_that_is_not_json(text: str) -> None:
    """An argument that is not JSON is refused, however it is broken."""
    check_refused("__CALLBACKPARAM is not JSON", {"__CALLBACKPARAM": text})


@pytest.mark.parametrize(
    "text", ["null", "true", "1", "1e999", "NaN", "-Infinity", "[]", '["x"]', "{}"]
)
def test_argument_that_is_no_string(text: str) -> None:
    """JSON that is no string is refused, also what Python alone calls JSON."""
    reason = "__CALLBACKPARAM is not a JSON string: send an object as its JSON"
    check_refused(reason, {"__CALLBACKPARAM": text})


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "\0",
        "a\r\nb\nc\r",
        "\u202eabc",
        "\ud800",
        "\udfff x",
        "\U0001f600",
        "\u2028",
        "__init__",
        "</script>",
        "x" * 1_000_000,
    ],
    ids=ascii,
)
@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_argument_unchanged(argument: str, ensure_ascii: bool) -> None:
    """Any string arrives as it was sent, escaped or not."""
    text = json.dumps(argument, ensure_ascii=ensure_ascii)
    assert read({"__CALLBACKPARAM": text}).argument == argument


@settings(deadline=None)
@given(st.text())
def test_any_argument(argument: str) -> None:
    """A JSON string is the argument; any other text is refused, never an error."""
    assert read({"__CALLBACKPARAM": json.dumps(argument)}).argument == argument

    try:
        assert isinstance(read({"__CALLBACKPARAM": argument}).argument, str)
    except RefusedError as refusal:
        assert refusal.status == 400


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_target_and_state(target: str, state: str) -> None:
    """Target and state are handed on as they are; others judge them."""
    request = read({"__CALLBACKID": target, "__VIEWSTATE": state})
    assert (request.target, request.state) == (target, state)


@pytest.mark.parametrize("result", [None, 0, "", "<script>", "e1", "12|x", [1], {}])
def test_result(result: t.Any) -> None:
    """A result stands under its name, also an empty one."""
    body = result_body(json.dumps(result), None, None)
    assert json.loads(body) == {"result": result}


def test_result_with_tokens() -> None:
    """Changed state and events go along."""
    changed = NewToken("abc.def", True)
    body = json.loads(result_body('"x"', changed, None))
    assert body == {"result": "x", "viewState": "abc.def", "stateful": False}
    body = json.loads(
        result_body('"x"', changed, NewToken("ghi.jkl", True), is_stateful=True)
    )
    expected = {"result": "x", "viewState": "abc.def", "eventValidation": "ghi.jkl"}
    assert body == {**expected, "stateful": True}


def test_result_with_renewed_tokens() -> None:
    """Tokens that are only signed anew, and must not undo a change, are named."""
    state, events = NewToken("abc.def", False), NewToken("ghi.jkl", False)
    tokens = {
        "viewState": "abc.def",
        "eventValidation": "ghi.jkl",
        "stateful": False,
    }
    body = json.loads(result_body('"x"', state, events))
    renewed = ["viewState", "eventValidation"]
    assert body == {"result": "x", **tokens, "renewed": renewed}
    body = json.loads(result_body('"x"', state, events._replace(is_change=True)))
    assert body == {"result": "x", **tokens, "renewed": ["viewState"]}
    body = json.loads(result_body('"x"', None, events))
    renewed = ["eventValidation"]
    assert body == {"result": "x", "eventValidation": "ghi.jkl", "renewed": renewed}


@pytest.mark.parametrize("location", ["/next?a=1&b=2", '/"quoted"', "//evil"])
def test_redirect(location: str) -> None:
    """A redirect names its place and nothing else."""
    assert json.loads(redirect_body(location)) == {"redirect": location}


def test_failure() -> None:
    """A failure tells its kind and message, and what else it has."""
    failure = Failure("http", 404, "Not here.")
    assert json.loads(failure.body()) == {
        "error": {"kind": "http", "message": "Not here."}
    }
    failure = Failure("server", 500, "m", "id1", {"a": ["b"]}, "Traceback")
    assert json.loads(failure.body()) == {
        "error": {
            "kind": "server",
            "message": "m",
            "id": "id1",
            "fields": {"a": ["b"]},
            "traceback": "Traceback",
        }
    }


@pytest.mark.parametrize("text", ["", "\0", "</script>", "\ud800", "é\r\n"], ids=ascii)
def test_failure_of_any_text(text: str) -> None:
    """Messages and fields arrive exactly, and their bytes are always UTF-8."""
    body = Failure("invalid", 422, text, fields={text: [text]}).body()
    error = json.loads(body.encode())["error"]
    assert error == {"kind": "invalid", "message": text, "fields": {text: [text]}}


def test_failure_with_empty_fields() -> None:
    """Fields that are there and empty are told."""
    body = Failure("invalid", 422, "m", fields={}).body()
    assert json.loads(body)["error"]["fields"] == {}


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (200, "http", "The answer is not a callback's (200 OK)."),
        (204, "http", "The answer is not a callback's (204 No Content)."),
        (304, "http", "The answer is not a callback's (304 Not Modified)."),
        (400, "http", "Bad Request."),
        (401, "auth", "Unauthorized."),
        (403, "http", "Forbidden."),
        (404, "http", "Not Found."),
        (429, "http", "Too Many Requests."),
        (500, "server", "The server could not complete the call."),
        (502, "http", "Bad Gateway."),
        (503, "http", "Service Unavailable."),
        (599, "http", "Unknown status."),
    ],
)
def test_foreign_failure(status: int, kind: str, message: str) -> None:
    """The answer of another part of the application is told by its status."""
    assert kind_of_status(status) == kind
    failure = foreign_failure(status)
    assert (failure.kind, failure.message) == (kind, message)
    assert failure.id is None
    assert failure.fields is None
    assert failure.traceback is None


def test_foreign_failure_of_an_exception() -> None:
    """The id of a logged exception goes along."""
    assert foreign_failure(500, "id1").id == "id1"


@pytest.mark.parametrize("kind", [str, Markup])
def test_classic_message_is_text(kind: type[str]) -> None:
    """An old script may show a message as HTML: it is escaped, also where it says that
    it is HTML already.
    """
    failure = Failure("server", 400, kind("<img onerror=f()>"))
    assert failure.classic_body() == "e&lt;img onerror=f()&gt;"
