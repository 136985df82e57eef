"""What a browser is told of the time that each stage took."""

from __future__ import annotations

import gc
import re
import threading
import time
import typing as t
import weakref
from collections.abc import Iterator

import pytest
from flask import abort
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask import Response
from flask import stream_template_string
from flask.views import MethodView
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response as BaseResponse

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback.signals import HOOKS
from flask_clientcallback.testing import CallbackClient

from ..helpers.classic import fields_of
from ..helpers.classic import send
from ..helpers.pages import add_page
from ..helpers.pages import answering
from ..helpers.pages import Echo
from ..helpers.pages import Page

SETTING = "CLIENTCALLBACK_SERVER_TIMING"
MARKED = {"X-Client-Callback": "1"}
METRIC = re.compile(r'([a-z_]+);dur=(\d+\.\d\d)(?:;desc="([^"\\]*)")?')

WORK = 30
"""Milliseconds that a piece of work takes at least."""

BEGUN = ["request", "pre_init", "init", "init_complete"]
COME_BACK = [*BEGUN, "load_state", "pre_load", "load"]
RENDERED = ["pre_render", "render", "save_state", "unload"]
OF_GET = [*BEGUN, "pre_load", "load", "load_complete", *RENDERED]
LOADED = [*COME_BACK, "load_complete"]
OF_CALLBACK = [*LOADED, "raise_callback_event", "get_callback_result", "unload"]
OF_POST_BACK = [*COME_BACK, "raise_postback_event", "load_complete", *RENDERED]


def read(response: TestResponse) -> dict[str, tuple[float, str]]:
    """Read the one header of a response: milliseconds and description by name."""
    [header] = response.headers.getlist("Server-Timing")
    metrics = [METRIC.fullmatch(metric) for metric in header.split(", ")]
    assert None not in metrics, header
    found = [metric.groups("") for metric in metrics if metric is not None]
    assert len({name for name, *_ in found}) == len(found)
    return {name: (float(spent), told) for name, spent, told in found}


def told(response: TestResponse) -> list[str]:
    """List the names in the header of a response."""
    return list(read(response))


def work() -> None:
    """Take some time."""
    time.sleep(WORK / 1000)


@pytest.fixture
def app(app: Flask) -> Flask:
    """An application that tells the times, as in production."""
    app.config[SETTING] = True
    return app


@callback_handler
class Shop(Page):
    """A page with a control, which takes both events."""

    class Cart:
        """Takes both events."""

        def raise_callback_event(self, event_argument: str) -> str:
            return event_argument

        def raise_postback_event(self, event_argument: str) -> None:
            pass

    def page_init(self) -> None:
        current_page.add_control("cart$1", self.Cart())


def test_stages_of_a_page(app: Flask, client: CallbackClient) -> None:
    """A GET tells each stage once, and names what runs the template ``render``."""
    add_page(app, Echo)
    page = client.get_page("/")
    times = read(page.response)
    assert list(times) == OF_GET
    assert {description for _, description in times.values()} == {""}


@pytest.mark.parametrize("target", ["__Page", "cart$1"])
def test_stages_of_a_callback(app: Flask, client: CallbackClient, target: str) -> None:
    """A callback tells its own, and which target was called."""

    class Called(Shop):
        def raise_callback_event(self, event_argument: str) -> str:
            return event_argument

    add_page(app, Called)
    times = read(client.get_page("/").callback("x", target=target).response)
    assert list(times) == OF_CALLBACK
    described = {name: told for name, (_, told) in times.items() if told}
    assert described == {"raise_callback_event": target}


def test_stages_of_a_post_back(app: Flask, client: CallbackClient) -> None:
    """A post back tells its own, and which control it was for."""
    add_page(app, Shop)
    times = read(client.get_page("/").post_back("cart$1", "x").response)
    assert list(times) == OF_POST_BACK
    described = {name: told for name, (_, told) in times.items() if told}
    assert described == {"raise_postback_event": "cart$1"}


def test_post_back_without_event(app: Flask, client: CallbackClient) -> None:
    """One that names no control has no event."""
    add_page(app, Shop)
    response = client.get_page("/").post_back().response
    assert told(response) == [*COME_BACK, "load_complete", *RENDERED]


def test_classic_callback(app: Flask, client: CallbackClient) -> None:
    """The callback of a classic client script tells the same."""
    add_page(app, answering(lambda: "x", classic=True))
    response = send(client, fields_of(client.get_page("/")))
    assert response.text == "0|x"
    assert told(response) == OF_CALLBACK


def test_coroutines(app: Flask, client: CallbackClient) -> None:
    """So do methods and hooks that are coroutine functions."""

    @callback_handler
    class Async(Page):
        async def page_load(self) -> None:
            pass

        async def raise_callback_event(self, event_argument: str) -> str:
            return event_argument

    add_page(app, Async)
    assert told(client.get_page("/").callback("x").response) == OF_CALLBACK


@pytest.mark.parametrize("slow", ["pre_init", "load", "pre_render", "render", "unload"])
def test_time_of_hooks(app: Flask, client: CallbackClient, slow: str) -> None:
    """The time of a hook is that of its stage."""

    class Slow(Echo):
        pass

    setattr(Slow, f"page_{slow}", lambda self: work())
    add_page(app, Slow)
    times = read(client.get_page("/").response)
    assert times[slow][0] >= WORK


@pytest.mark.parametrize(
    "template",
    [
        "{{ work() }}{{ callback_fields() }}{{ callback_scripts() }}",
        "{{ callback_fields() }}{{ callback_scripts() }}{{ work() }}",
    ],
)
def test_time_of_a_template(app: Flask, client: CallbackClient, template: str) -> None:
    """What the view's own method takes is told as ``render``, also after the state is
    saved.
    """

    class Slow(Echo):
        def get(self) -> str:
            return render_template_string(template, work=work)

    add_page(app, Slow)
    times = read(client.get_page("/").response)
    assert list(times) == OF_GET
    assert times["render"][0] >= WORK


@pytest.mark.parametrize("slow", ["raise_callback_event", "get_callback_result"])
def test_time_of_a_handler(app: Flask, client: CallbackClient, slow: str) -> None:
    """The time of each method of a handler is told for itself."""

    @callback_handler
    class Slow(Page):
        def raise_callback_event(self, event_argument: str) -> None:
            if slow == "raise_callback_event":
                work()

        def get_callback_result(self) -> None:
            if slow == "get_callback_result":
                work()

    add_page(app, Slow)
    times = read(client.get_page("/").callback().response)
    assert times[slow][0] >= WORK


def test_time_before_the_page(app: Flask, client: CallbackClient) -> None:
    """What runs before the first stage is told as ``request``."""
    app.before_request(work)
    add_page(app, Echo)
    times = read(client.get_page("/").response)
    assert times["request"][0] >= WORK


@pytest.mark.parametrize(
    ("setting", "debug", "is_told"),
    [
        (None, False, False),
        (None, True, True),
        (True, False, True),
        (True, True, True),
        (False, False, False),
        (False, True, False),
    ],
)
def test_setting(
    app: Flask,
    client: CallbackClient,
    setting: bool | None,
    debug: bool,
    is_told: bool,
) -> None:
    """It is told in debug mode, or as the setting says. Both may be set after the
    extension.
    """
    app.config[SETTING] = setting
    app.debug = debug
    add_page(app, Echo)
    page = client.get_page("/")
    refused = client.post("/", headers=MARKED)

    for response in (page.response, page.callback("x").response, refused):
        assert ("Server-Timing" in response.headers) is is_told


def test_default() -> None:
    """Production tells nothing unless it is asked to."""
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    add_page(app, Echo)
    page = CallbackClient(app).get_page("/")
    assert "Server-Timing" not in page.response.headers
    assert "Server-Timing" not in page.callback("x").response.headers


def test_nothing_is_left_where_it_is_off(app: Flask, client: CallbackClient) -> None:
    """Where it is off nothing of it stays in the application or listens to signals."""
    app.config[SETTING] = False
    before = [*app.after_request_funcs.items()]
    add_page(app, Echo)
    client.get_page("/")
    [admit] = app.url_value_preprocessors[None]
    assert admit.__name__ == "admit"
    assert [*app.after_request_funcs.items()] == before

    for signal in HOOKS.values():
        assert list(signal.receivers_for(app)) == []


def test_signals_let_go_of_the_application() -> None:
    """When an application is gone nobody of it listens: that would slow the others."""
    gc.collect()
    before = {name: len(signal.receivers) for name, signal in HOOKS.items()}
    app = Flask(__name__)
    app.config.update(SECRET_KEY="x", CLIENTCALLBACK_SERVER_TIMING=True)
    ClientCallback(app)
    add_page(app, Echo)
    CallbackClient(app).get_page("/")
    during = {name: len(signal.receivers) for name, signal in HOOKS.items()}
    assert during == {name: count + 1 for name, count in before.items()}
    held = weakref.ref(app)
    del app
    gc.collect()
    assert held() is None
    assert {name: len(signal.receivers) for name, signal in HOOKS.items()} == before


def test_two_applications(app: Flask, client: CallbackClient) -> None:
    """An application beside one that tells the times tells none."""
    other = Flask("other")
    other.secret_key = "x"
    ClientCallback(other)

    for each in (app, other):
        add_page(each, Echo)

    assert told(client.get_page("/").response) == OF_GET
    page = CallbackClient(other).get_page("/")
    assert "Server-Timing" not in page.response.headers
    assert "Server-Timing" not in page.callback("x").response.headers


def test_first_requests_at_once(app: Flask) -> None:
    """Requests that come at the same time as the first one have one header each."""
    add_page(app, Echo)
    count = 8
    barrier = threading.Barrier(count)
    answers: list[TestResponse] = []
    # All of them are inside the application before one goes on.
    wait: t.Any = lambda endpoint, values: barrier.wait(10)  # noqa: E731
    app.url_value_preprocessors[None].insert(0, wait)

    def ask() -> None:
        answers.append(app.test_client().get("/"))

    threads = [threading.Thread(target=ask) for _ in range(count)]

    for thread in threads:
        thread.start()

    for thread in threads:
        thread.join()

    assert [told(answer) for answer in answers] == [OF_GET] * count


@pytest.mark.parametrize("path", ["/plain", "/missing", "/static/missing"])
def test_other_requests(app: Flask, client: CallbackClient, path: str) -> None:
    """What is no page is told nothing."""
    add_page(app, Echo)
    app.add_url_rule("/plain", "plain", lambda: "plain")
    assert "Server-Timing" in client.get("/").headers
    assert "Server-Timing" not in client.get(path).headers


def test_script(app: Flask, client: CallbackClient) -> None:
    """Nor is the client script, which caches keep."""
    add_page(app, Echo)
    found = re.search(r'src="([^"]+)"', client.get_page("/").text)
    assert found is not None
    response = client.get(found[1])
    assert response.status_code == 200
    assert "Server-Timing" not in response.headers


def test_wrong_setting(app: Flask, client: CallbackClient) -> None:
    """A wrong setting is told by the first page, and by nothing before."""
    app.config[SETTING] = "on"
    app.add_url_rule("/plain", "plain", lambda: "plain")
    add_page(app, Echo)
    assert client.get("/plain").text == "plain"
    assert client.get("/").status_code == 500


def test_refused(app: Flask, client: CallbackClient) -> None:
    """A callback that is refused before it has a page tells that part alone."""
    add_page(app, Echo)
    client.get_page("/")
    response = client.post("/", headers={**MARKED, "Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert told(response) == ["request"]
    response = client.post("/missing", headers=MARKED)
    assert response.status_code == 404
    assert told(response) == ["request"]


def test_page_that_is_not_allowed(app: Flask, client: CallbackClient) -> None:
    """So does the answer of another part of the application, which is replaced."""
    add_page(app, Echo)
    page = client.get_page("/")
    app.before_request_funcs[None] = [lambda: ("Log in first", 401)]
    answer = page.callback("x")
    assert answer.status == 401
    assert told(answer.response) == ["request"]


@pytest.mark.parametrize("target", ['"', "\\", "é", "\r\nX-Own: 1", ', a;desc="b"', ""])
def test_unknown_target(app: Flask, client: CallbackClient, target: str) -> None:
    """A target that the page has not is never told: that is any text of a client."""
    add_page(app, Echo)
    answer = client.get_page("/").callback("x", target=target)
    assert answer.status == 404
    times = read(answer.response)
    assert list(times) == [*LOADED, "unload"]
    assert {description for _, description in times.values()} == {""}
    assert "X-Own" not in answer.response.headers


def fail(error: Exception) -> t.NoReturn:
    """Raise an error."""
    raise error


@pytest.mark.parametrize(
    ("work", "status"),
    [
        (lambda: fail(CallbackError("Sold out.")), 400),
        (lambda: abort(409), 409),
        (lambda: 1 / 0, 500),
    ],
)
def test_errors(
    app: Flask, client: CallbackClient, work: t.Callable[[], t.Any], status: int
) -> None:
    """A callback that fails tells the stages that it had."""
    add_page(app, answering(work))
    answer = client.get_page("/").callback("x")
    assert answer.status == status
    assert told(answer.response) == [*LOADED, "raise_callback_event", "unload"]


def test_exception_in_debug_mode(app: Flask, client: CallbackClient) -> None:
    """An exception that Flask raises again leaves no response that could tell any."""
    app.debug = True
    add_page(app, answering(lambda: 1 / 0))
    answer = client.get_page("/").callback("x")
    assert answer.status == 500
    assert "ZeroDivisionError" in str(answer.error)
    assert "Server-Timing" not in answer.response.headers


def test_error_handler(app: Flask, client: CallbackClient) -> None:
    """So does one whose error the application handles."""
    app.register_error_handler(ZeroDivisionError, lambda error: ("No page", 503))
    add_page(app, answering(lambda: 1 / 0))
    answer = client.get_page("/").callback("x")
    assert answer.status == 503
    assert told(answer.response) == [*LOADED, "raise_callback_event", "unload"]


def test_hook_that_answers(app: Flask, client: CallbackClient) -> None:
    """A hook that answers ends the list, in a page and in a callback."""

    class Moved(Echo):
        def page_load(self) -> BaseResponse | None:
            return redirect("/elsewhere") if moved else None

    moved = False
    add_page(app, Moved)
    page = client.get_page("/")
    moved = True
    assert told(client.get("/")) == [*BEGUN, "pre_load", "load", "unload"]
    answer = page.callback("x")
    assert answer.redirect == "/elsewhere"
    assert told(answer.response) == [*COME_BACK, "unload"]


@pytest.mark.parametrize("is_first", [False, True])
def test_headers_of_others(is_first: bool) -> None:
    """What others tell of their times stays, whoever comes first."""

    def add(response: Response) -> Response:
        response.headers["Server-Timing"] = 'db;dur=5;desc="two, three"'
        return response

    app = Flask(__name__)
    app.config.update(SECRET_KEY="x", CLIENTCALLBACK_SERVER_TIMING=True)

    if is_first:
        app.after_request(add)

    ClientCallback(app)

    if not is_first:
        app.after_request(add)

    add_page(app, Echo)
    page = CallbackClient(app).get_page("/")
    refused = app.test_client().post("/", headers=MARKED)

    for response in (page.response, page.callback("x").response, refused):
        theirs, own = response.headers.getlist("Server-Timing")
        assert theirs == 'db;dur=5;desc="two, three"'
        assert own.startswith("request;dur=")


def test_header_of_a_handler(app: Flask, client: CallbackClient) -> None:
    """So does what a handler tells in a response of its own."""

    def answer() -> Response:
        return Response("a", content_type="text/csv", headers={"Server-Timing": "db"})

    add_page(app, answering(answer))
    response = client.get_page("/").callback("x").response
    assert response.content_type == "text/csv"
    theirs, own = response.headers.getlist("Server-Timing")
    assert theirs == "db"
    assert own.startswith("request;dur=")


def test_response_that_is_given_again(app: Flask, client: CallbackClient) -> None:
    """A response that a view gives to all carries the times of none."""
    shared = Response("the same for all")

    @callback_handler
    class Same(Echo):
        def get(self) -> t.Any:
            return shared

    add_page(app, Same)

    for _ in range(2):
        assert "render" in told(client.get("/"))

    assert "Server-Timing" not in shared.headers


def test_stream(app: Flask, client: CallbackClient) -> None:
    """A streamed page tells what is known when its headers are sent."""

    class Streamed(Echo):
        def get(self) -> Iterator[str]:
            return stream_template_string(self.template)

    add_page(app, Streamed)
    page = client.get_page("/")
    assert page.stages[-2:] == ["save_state_complete", "unload"]
    expected = [*BEGUN, "pre_load", "load", "load_complete", "pre_render", "render"]
    assert told(page.response) == expected
    assert page.callback("x").result == "x"


def test_closed_stream(app: Flask, client: CallbackClient) -> None:
    """What a response closes in the end is closed."""
    closed: list[str] = []

    class Closing(Echo):
        def get(self) -> Response:
            response = Response(iter(["a", "b"]))
            response.call_on_close(lambda: closed.append("closed"))
            return response

        def page_unload(self) -> None:
            closed.append("unloaded")

    add_page(app, Closing)
    response = client.get("/")
    assert response.text == "ab"
    response.close()
    assert sorted(closed) == ["closed", "unloaded"]
    assert "render" in told(response)


@pytest.mark.parametrize("way", ["view", "request"])
def test_page_inside_a_page(app: Flask, client: CallbackClient, way: str) -> None:
    """A page inside another one is part of the stage in which that one asks for it."""

    @callback_handler
    class Outer(Echo):
        def page_load(self) -> None:
            if way == "view":
                app.view_functions["slow"]()
            else:
                inner = CallbackClient(app).get_page("/slow")
                assert told(inner.response) == OF_GET

    class Slow(Echo):
        def get(self) -> str:
            work()
            return super().get()

    add_page(app, Outer)
    add_page(app, Slow, "/slow")
    times = read(client.get_page("/").response)
    assert list(times) == OF_GET
    assert times["load"][0] >= WORK


def test_page_that_is_tried_again(app: Flask, client: CallbackClient) -> None:
    """A page that is tried again has the times of both in one."""

    def twice(view: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        def view_twice(**values: t.Any) -> t.Any:
            view(**values)
            return view(**values)

        return view_twice

    class Again(Echo):
        decorators: t.ClassVar = [twice]

        def page_load(self) -> None:
            work()

    add_page(app, Again)
    page = client.get_page("/")
    assert page.stages.count("load") == 2
    times = read(page.response)
    assert list(times) == OF_GET
    assert times["load"][0] >= 2 * WORK


def test_view_that_is_no_page(app: Flask, client: CallbackClient) -> None:
    """A view that shows a page is not one, and tells nothing."""
    add_page(app, Echo)
    app.add_url_rule("/shows", "shows", lambda: app.view_functions["echo"]())
    client.get_page("/")
    response = client.get("/shows")
    assert "__VIEWSTATE" in response.text
    assert "Server-Timing" not in response.headers


def test_view_without_life_cycle(app: Flask, client: CallbackClient) -> None:
    """A page that a base class answers in its place has no stages."""

    class Closed(MethodView):
        def dispatch_request(self, **values: t.Any) -> t.Any:
            return "closed"

        def get(self) -> t.NoReturn:
            raise AssertionError

    @callback_handler
    class Shut(Closed):
        def raise_callback_event(self, event_argument: str) -> None:
            pass

    add_page(app, Shut)
    response = client.get("/")
    assert response.text == "closed"
    assert told(response) == ["request"]
