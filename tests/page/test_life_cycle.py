"""The order of the stages, their signals and hooks, and how a cycle ends."""

from __future__ import annotations

import asyncio
import typing as t
from collections.abc import Iterator
from itertools import chain

import pytest
from flask import abort
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask import stream_template_string
from flask.views import MethodView
from flask.views import View

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page
from flask_clientcallback import signals
from flask_clientcallback.testing import CallbackClient

from ..helpers.aspnet import REFERENCE
from ..helpers.pages import add_page
from ..helpers.pages import Echo
from ..helpers.pages import TEMPLATE

LIFE_CYCLE: dict[str, list[str]] = {
    kind: [
        "".join(f"_{c.lower()}" if c.isupper() else c for c in name)[1:]
        for name in names
    ]
    for kind, names in REFERENCE["life_cycle"].items()
    if kind != "notes"
}
ALL_STAGES = sorted({*chain(*LIFE_CYCLE.values()), "raise_postback_event"})


def hooked(log: list[str], base: type[t.Any] = Echo) -> type[t.Any]:
    """Make a page whose hooks and methods write down when they run."""

    def hook(stage: str) -> t.Any:
        return lambda self: log.append(f"{stage} {current_page.stage}")

    members = {f"page_{stage}": hook(stage) for stage in ALL_STAGES}
    return type("Hooked", (base,), members)


def test_stages_are_those_of_asp_net(app: Flask, client: CallbackClient) -> None:
    """Each kind of request runs ASP.NET's stages in ASP.NET's order."""
    add_page(app, Echo)
    page = client.get_page("/")
    assert page.stages == LIFE_CYCLE["get"]
    assert page.post_back().stages == LIFE_CYCLE["postback"]
    assert page.callback("x").stages == LIFE_CYCLE["callback"]


def test_hooks_run_in_their_stages(app: Flask, client: CallbackClient) -> None:
    """Every stage calls the hook that has its name."""
    log: list[str] = []
    add_page(app, hooked(log))
    page = client.get_page("/")
    assert log == [f"{stage} {stage}" for stage in LIFE_CYCLE["get"]]
    log.clear()
    page.post_back()
    assert log == [f"{stage} {stage}" for stage in LIFE_CYCLE["postback"]]
    log.clear()
    page.callback("x")
    assert log == [f"{stage} {stage}" for stage in LIFE_CYCLE["callback"]]


def test_methods_run_between_their_stages(app: Flask, client: CallbackClient) -> None:
    """The view's method and the handler's run right after their stage began."""
    log: list[str | None] = []

    @callback_handler
    class Logged(MethodView):
        def get(self) -> str:
            log.append(current_page.stage)
            return render_template_string(TEMPLATE)

        def raise_callback_event(self, event_argument: str) -> None:
            log.append(current_page.stage)

        def get_callback_result(self) -> None:
            log.append(current_page.stage)

    add_page(app, Logged)
    client.get_page("/").callback()
    assert log == ["pre_render_complete", "raise_callback_event", "get_callback_result"]


def test_facts_of_the_request(app: Flask, client: CallbackClient) -> None:
    """is_callback and is_postback hold in every stage, as in ASP.NET."""
    facts: list[tuple[bool, bool]] = []

    def note(sender: Flask, page: t.Any, **extra: t.Any) -> None:
        facts.append((page.is_callback, page.is_postback))

    add_page(app, Echo)

    with signals.page_pre_init.connected_to(note, app):
        page = client.get_page("/")
        page.post_back()
        page.callback()

    assert facts == [(False, False), (False, True), (True, True)]


def test_target_of_the_callback(app: Flask, client: CallbackClient) -> None:
    """The page knows which control is called, as soon as that is found."""
    noted: list[tuple[str | None, str | None]] = []

    class Hosting(hooked([])):  # type: ignore[misc]
        def page_init(self) -> None:
            current_page.add_control("clock", Echo())

        def page_load(self) -> None:
            noted.append((current_page.stage, current_page.callback_target))

        def page_unload(self) -> None:
            noted.append((current_page.stage, current_page.callback_target))

    def note(sender: Flask, page: t.Any, **extra: t.Any) -> None:
        noted.append((page.stage, page.callback_target))

    add_page(app, Hosting)

    with signals.page_raise_callback_event.connected_to(note, app):
        page = client.get_page("/")
        assert noted == [("load", None), ("unload", None)]

        for target, found in (("clock", "clock"), ("__Page", "__Page")):
            noted.clear()
            assert page.callback("x", target=target).result == "x"
            assert noted == [
                ("load", None),
                ("raise_callback_event", found),
                ("unload", found),
            ]

        noted.clear()
        assert page.callback("x", target="other").status == 404
        assert noted == [("load", None), ("unload", None)]


@pytest.mark.parametrize("target", ["__Page", "button"])
def test_post_back_event(app: Flask, client: CallbackClient, target: str) -> None:
    """A post back that names a target raises its event, after load."""
    raised: list[str] = []

    class Button:
        def raise_postback_event(self, argument: str) -> None:
            raised.append(argument)

    class Posted(Echo):
        def page_init(self) -> None:
            current_page.add_control("button", Button())

        def raise_postback_event(self, argument: str) -> None:
            raised.append(argument)

    add_page(app, Posted)
    page = client.get_page("/")
    page.form["__EVENTTARGET"] = target
    page.form["__EVENTARGUMENT"] = "buy"
    stages = page.post_back().stages
    assert raised == ["buy"]
    expected = list(LIFE_CYCLE["postback"])
    expected.insert(expected.index("load_complete"), "raise_postback_event")
    assert stages == expected


def test_post_back_to_a_control_without_events(
    app: Flask, client: CallbackClient
) -> None:
    """A target that has no post-back event is none the worse for being named."""
    add_page(app, Echo)
    page = client.get_page("/")
    page.form["__EVENTTARGET"] = "__Page"
    posted = page.post_back()
    assert posted.status == 200
    assert "raise_postback_event" in posted.stages


@pytest.mark.parametrize("target", ["", "unknown"])
def test_post_back_without_target(
    app: Flask, client: CallbackClient, target: str
) -> None:
    """A post back that names no control raises no event."""
    add_page(app, Echo)
    page = client.get_page("/")
    page.form["__EVENTTARGET"] = target
    assert page.post_back().stages == LIFE_CYCLE["postback"]


@pytest.mark.parametrize("stage", ["pre_init", "load", "pre_render", "save_state"])
def test_hook_answers_a_get(app: Flask, client: CallbackClient, stage: str) -> None:
    """What a hook returns is the response, and ends the cycle."""
    answered = type("Answered", (Echo,), {f"page_{stage}": lambda self: ("no", 202)})
    add_page(app, answered)
    page = client.get_page("/")
    assert (page.status, page.text) == (202, "no")
    assert page.stages == [
        *LIFE_CYCLE["get"][: LIFE_CYCLE["get"].index(stage) + 1],
        "unload",
    ]


def test_hook_redirects_a_callback(app: Flask, client: CallbackClient) -> None:
    """A hook that redirects stops a callback before the handler runs."""

    class Guarded(Echo):
        def page_load(self) -> t.Any:
            return redirect("/login") if current_page.is_callback else None

    add_page(app, Guarded)
    answer = client.get_page("/").callback("x")
    assert (answer.status, answer.redirect, answer.result) == (200, "/login", None)
    assert "raise_callback_event" not in answer.stages
    assert answer.stages[-1] == "unload"


@pytest.mark.parametrize(
    ("response", "status", "kind"),
    [("fine", 502, "http"), (("no", 403), 403, "http"), (("no", 401), 401, "auth")],
)
def test_hook_never_gives_a_result(
    app: Flask, client: CallbackClient, response: t.Any, status: int, kind: str
) -> None:
    """Any other response of a hook is an error of the callback."""
    hook = {"page_load": lambda self: response if current_page.is_callback else None}
    add_page(app, type("Answered", (Echo,), hook))
    answer = client.get_page("/").callback("x")
    assert answer.status == status
    assert answer.error is not None
    assert answer.error["kind"] == kind


def test_unload_runs_after_an_error(app: Flask, client: CallbackClient) -> None:
    """The page is unloaded also when the view's method or handler raises."""

    class Failing(Echo):
        def get(self) -> str:
            abort(404)

        def raise_callback_event(self, event_argument: str) -> None:
            raise CallbackError("no")

    class Working(Failing):
        get = Echo.get

    add_page(app, Failing, "/failing")
    add_page(app, Working)
    page = client.get_page("/failing")
    assert page.status == 404
    assert page.stages[-2:] == ["pre_render_complete", "unload"]
    answer = client.get_page("/").callback()
    assert answer.stages[-2:] == ["raise_callback_event", "unload"]


def test_unload_does_not_hide_an_error(app: Flask, client: CallbackClient) -> None:
    """What page_unload returns is no response, and replaces no error."""

    class Unloaded(Echo):
        def page_unload(self) -> str:
            return "unloaded"

        def raise_callback_event(self, event_argument: str) -> str:
            if event_argument:
                raise CallbackError(event_argument)

            return "result"

    add_page(app, Unloaded)
    page = client.get_page("/")
    assert page.status == 200
    assert "<form" in page.text
    assert page.callback("").result == "result"
    error = page.callback("broken").error
    assert error is not None
    assert error["message"] == "broken"


def test_exception_in_unload(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception in page_unload takes the place of the result, and of the state that
    the callback changed; that of the handler is logged with it.
    """

    class Failing(Echo):
        def page_unload(self) -> None:
            if current_page.is_callback:
                raise ZeroDivisionError("when unloaded")

        def raise_callback_event(self, event_argument: str) -> None:
            current_page.view_state["changed"] = True

            if event_argument == "fail":
                raise CallbackError("in the handler")

    add_page(app, Failing)
    page = client.get_page("/")

    for argument in ("", "fail"):
        answer = page.callback(argument)
        assert answer.error is not None
        assert (answer.status, answer.error["kind"]) == (500, "server")
        assert answer.error["message"] == "The server could not complete the call."
        assert (answer.result, answer.state) == (None, None)
        assert "ZeroDivisionError: when unloaded" in caplog.text
        assert ("CallbackError: in the handler" in caplog.text) is bool(argument)


@pytest.mark.parametrize("stage", ["init", "load", "unload"])
def test_page_is_not_current_in_error_handlers(
    app: Flask, client: CallbackClient, stage: str
) -> None:
    """An error page in the shared layout hands out no state."""
    layout = "{% if current_page %}{{ callback_fields() }}{% endif %}error page"
    app.register_error_handler(500, lambda e: (render_template_string(layout), 500))

    def fail(self: t.Any) -> None:
        raise ZeroDivisionError

    add_page(app, type("Failing", (Echo,), {f"page_{stage}": fail}))
    page = client.get_page("/")
    assert (page.status, page.text) == (500, "error page")


def test_page_ends_with_its_request(app: Flask) -> None:
    """The page is not left to a request in the same application context."""
    add_page(app, Echo)
    app.add_url_rule("/other", view_func=lambda: str(bool(current_page)))

    with app.app_context():
        app.test_client().get("/")
        assert not current_page
        assert app.test_client().get("/other").text == "False"


def test_coroutines(app: Flask, client: CallbackClient) -> None:
    """Handlers, hooks, methods and receivers may be coroutine functions."""
    log: list[str] = []

    async def receive(sender: Flask, page: t.Any, **extra: t.Any) -> None:
        await asyncio.sleep(0)
        log.append("receiver")

    @callback_handler
    class Async(MethodView):
        async def get(self) -> str:
            await asyncio.sleep(0)
            return render_template_string(TEMPLATE)

        async def page_load(self) -> None:
            await asyncio.sleep(0)
            log.append("hook")

        async def raise_callback_event(self, event_argument: str) -> None:
            await asyncio.sleep(0)
            self.result = event_argument

        async def get_callback_result(self) -> str:
            await asyncio.sleep(0)
            return self.result

    add_page(app, Async)

    with signals.page_load.connected_to(receive, app):
        page = client.get_page("/")
        assert page.callback("x").result == "x"

    assert log == ["receiver", "hook"] * 2


@callback_handler
class Streamed(MethodView):
    """Renders its template while the response is sent."""

    def get(self) -> Iterator[str]:
        return stream_template_string(TEMPLATE)

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


def test_streamed_template(app: Flask, client: CallbackClient) -> None:
    """A streamed page works, and is unloaded when it is closed."""
    add_page(app, Streamed)
    page = client.get_page("/")
    assert page.stages == [
        stage
        for stage in LIFE_CYCLE["get"]
        if stage not in ("save_state", "save_state_complete", "unload")
    ] + ["save_state", "save_state_complete", "unload"]
    assert page.callback("x").result == "x"


def test_streamed_template_with_a_status(app: Flask, client: CallbackClient) -> None:
    """A stream may come with a status, and a context may be there already."""

    class Created(Streamed):
        def get(self) -> t.Any:
            return super().get(), 201

    add_page(app, Created)

    with app.app_context():
        page = client.get_page("/")
        assert not current_page

    assert (page.status, page.stages[-1]) == (201, "unload")


def test_change_while_streaming(app: Flask, client: CallbackClient) -> None:
    """A change that comes too late ends the stream's close in an error."""

    class Changing(Streamed):
        def get(self) -> Iterator[str]:
            current_page.view_state["list"] = []
            late = "{% set _ = current_page.view_state.list.append(1) %}"
            return stream_template_string(TEMPLATE + late)

    add_page(app, Changing)

    with pytest.raises(RuntimeError, match="changed after"):
        client.get_page("/")


def test_streamed_template_in_a_session(app: Flask, client: CallbackClient) -> None:
    """What binds the state to the session is kept before the stream begins."""
    add_page(app, Streamed)

    with client.session_transaction() as session:
        session["cart"] = [1]

    assert client.get_page("/").callback("x").result == "x"


def test_failing_hook_ends_a_stream(app: Flask, client: CallbackClient) -> None:
    """A streamed response that is not sent is closed, and leaves no page behind."""
    closed: list[bool] = []

    class Failing(Streamed):
        def get(self) -> Iterator[str]:
            response = app.make_response(super().get())
            response.call_on_close(lambda: closed.append(True))
            return response  # type: ignore[return-value]

        def page_render(self) -> None:
            raise ZeroDivisionError

    app.register_error_handler(500, lambda e: (str(bool(current_page)), 500))
    add_page(app, Failing)
    page = client.get_page("/")
    assert (page.status, page.text) == (500, "False")
    assert page.stages[-2:] == ["render", "unload"]
    assert closed == [True]


def test_plain_view(app: Flask, client: CallbackClient) -> None:
    """A plain View renders in dispatch_request, which a callback does not run."""
    rendered: list[str] = []

    @callback_handler
    class Plain(View):
        def dispatch_request(self, name: str) -> str:
            rendered.append(name)
            return render_template_string(TEMPLATE)

        def raise_callback_event(self, event_argument: str) -> str:
            return event_argument

    add_page(app, Plain, "/<name>")
    page = client.get_page("/one")
    assert page.stages == LIFE_CYCLE["get"]
    assert page.callback("x").result == "x"
    assert rendered == ["one"]
    assert page.post_back().stages == LIFE_CYCLE["postback"]
    assert client.post("/one").status_code == 405


def test_head(app: Flask, client: CallbackClient) -> None:
    """HEAD runs the life cycle of a GET."""
    log: list[str] = []
    add_page(app, hooked(log))
    assert client.head("/").status_code == 200
    assert len(log) == len(LIFE_CYCLE["get"])
