"""The requests and answers that the page on the protocol shows are real ones."""

from __future__ import annotations

import http.client
import json
import re
import threading
import typing as t
from collections.abc import Iterator
from urllib.parse import urlencode

from flask import Flask
from werkzeug.datastructures import Headers

from flask_clientcallback import background
from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page
from flask_clientcallback.protocol.wire import MARKER_HEADER
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import MemoryStore

from ..helpers.documentation import code_with
from ..helpers.jobs import wait_until
from ..helpers.pages import add_page
from ..helpers.pages import answering
from ..helpers.pages import Page
from ..helpers.serving import serving

NAME = "docs/wire.rst"


class Message(t.NamedTuple):
    """A request or an answer as it is sent."""

    start: str
    headers: dict[str, str]
    body: str


def message_with(part: str) -> Message:
    """Read the one that has a part."""
    head, _, body = code_with(NAME, part).partition("\n\n")
    start, *lines = head.splitlines()
    headers = dict(t.cast("tuple[str, str]", line.split(": ", 1)) for line in lines)
    return Message(start, headers, body.rstrip("\n"))


def check_headers(shown: Message, came: Headers | http.client.HTTPMessage) -> None:
    """See that an answer has each header that is shown."""
    assert shown.headers == {name: came.get(name) for name in shown.headers}


def test_call(app: Flask) -> None:
    """The request is answered with what is shown below it."""

    class Hello(Page):
        template = Page.template.replace('"name" value="Ada"', '"who" value="World"')

        def raise_callback_event(self, event_argument: str) -> str:
            return f"Hello {event_argument}"

    add_page(app, callback_handler(Hello))
    client = CallbackClient(app)
    page = client.get_page("/")
    shown, answer = message_with("POST / HTTP"), message_with("Hello ACME")
    method, path, _ = shown.start.split()
    told = {k: v for k, v in shown.headers.items() if k != "Content-Length"}
    state = urlencode({"": page.state})[1:]
    body = shown.body.replace("...", state)
    came = client.open(path, method=method, headers=told, data=body)
    assert f"HTTP/1.1 {came.status}" == answer.start
    assert came.text == answer.body
    check_headers(answer, came.headers)
    assert abs(int(shown.headers["Content-Length"]) - len(body)) < 20


def test_lines(app: Flask) -> None:
    """A generator's answer is sent in these lines, with these headers."""
    shown = message_with("X-Accel-Buffering")
    first, empty, second, last = shown.body.split("\n")
    assert empty == ""

    def work() -> Iterator[t.Any]:
        yield json.loads(first)["progress"]
        yield
        yield json.loads(second)["progress"]
        current_page.view_state["x"] = 1
        return json.loads(last)["result"]

    add_page(app, answering(work))
    page = CallbackClient(app).get_page("/")
    fields = {
        "__CALLBACKID": "__Page",
        "__CALLBACKPARAM": '""',
        "__VIEWSTATE": page.state,
    }
    accept = "application/vnd.clientcallback+ndjson"
    headers = {MARKER_HEADER: "1", "Accept": accept}
    headers["Content-Type"] = "application/x-www-form-urlencoded"

    with serving(app) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", "/", urlencode(fields), headers)
        came = connection.getresponse()
        body = came.read().decode()
        connection.close()

    assert f"HTTP/1.1 {came.status} {came.reason}" == shown.start
    check_headers(shown, came.headers)
    assert re.sub(r'"(WzEs)[^"]+"', r'"\1..."', body) == f"{shown.body}\n"


def test_error(app: Flask) -> None:
    """An error with fields has this body."""

    def work() -> None:
        raise CallbackError("Check.", fields={"q": "Too short."})

    add_page(app, answering(work))
    answer = CallbackClient(app).get_page("/").callback("")
    assert answer.response.json == json.loads(code_with(NAME, "Too short."))


def test_error_in_lines(app: Flask) -> None:
    """An error after progress has its own status in the last line."""

    def work() -> Iterator[float]:
        yield 0.5
        raise CallbackError("Check.", fields={"q": "Too short."})

    add_page(app, answering(work))
    answer = CallbackClient(app).get_page("/").callback("")
    last = json.loads(answer.response.text.splitlines()[-1])
    [shown] = json.loads(code_with(NAME, '"status": 422')).values()
    assert shown.items() <= last["error"].items()


goes_on = threading.Event()


@background
def build() -> Iterator[float]:
    """Tell progress, and wait before the end."""
    yield 0.4
    goes_on.wait(20)
    return {"url": "/files/7"}


def test_job(app: Flask) -> None:
    """A job is asked for with these calls, and told of in these answers."""
    goes_on.clear()
    app.config["CLIENTCALLBACK_STORE"] = MemoryStore()
    starting = answering(lambda: current_page.start_job(build))
    add_page(app, starting, "/reports")
    page = CallbackClient(app).get_page("/reports")
    call = r'POST (\S+)  __CALLBACKID=(\S+)  __CALLBACKPARAM="(.*)"\n(\d+)  (.+)'
    shown = re.findall(call, code_with(NAME, "POST /reports"))
    *_, (*_, queued), (*_, running), (*_, ended) = shown
    asked = [(path, target) for path, target, *_ in shown]
    assert asked == [("/reports", "__Page"), *[("/reports", "__Job")] * 2]
    assert {status for *_, status, _ in shown} == {"200"}
    assert shown[0][2] == ""
    assert {argument for _, _, argument, *_ in shown[1:]} == {"9f0e..."}

    answer = page.callback("")
    assert answer.job is not None
    number = answer.job.id
    first = read_job(answer)
    assert first | {"state": "queued", "progress": None} == read_shown(queued)

    def look() -> CallbackAnswer:
        return page.callback(number, target="__Job")

    wait_until(lambda: read_job(look())["progress"] == 0.4)
    # It is asked for less often after a while.
    assert read_job(look()) | {"after": 1000} == read_shown(running)
    goes_on.set()
    wait_until(lambda: look().job is None)
    assert look().response.json == json.loads(ended)


def read_job(answer: CallbackAnswer) -> dict[str, t.Any]:
    """Read what an answer tells of a job, without its id."""
    told = t.cast("dict[str, t.Any]", answer.response.json)
    return {k: v for k, v in told.get("job", {}).items() if k != "id"}


def read_shown(answer: str) -> dict[str, t.Any]:
    """Read the same of an answer that is shown."""
    job = json.loads(answer)["job"]
    assert job.pop("id") == "9f0e..."
    return t.cast("dict[str, t.Any]", job)
