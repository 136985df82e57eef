"""Controls in the life cycle of a page: their hooks, their ids, their methods."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask import redirect

from flask_clientcallback import CallbackTargetError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import RegistrationError
from flask_clientcallback import signals
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.pages import add_page
from ..helpers.pages import Echo


class Handler:
    """A control that handles callbacks."""

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


class Label:
    """A control that does not."""


class Hooked(Handler):
    """A control that notes its hooks."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.name = name
        self.log = log

    def page_init(self) -> None:
        self.log.append(f"{self.name} init")

    async def page_load(self) -> None:
        await asyncio.sleep(0)
        self.log.append(f"{self.name} load")

    def page_pre_render(self) -> None:
        self.log.append(f"{self.name} pre_render")

    def page_save_state(self) -> None:
        self.log.append(f"{self.name} save_state")

    def page_unload(self) -> None:
        self.log.append(f"{self.name} unload")


@pytest.fixture
def log() -> list[str]:
    """What hooks noted."""
    return []


def get_page(app: Flask, client: CallbackClient, **members: t.Any) -> ClientPage:
    """Get a page with some members."""
    add_page(app, type("Controlled", (Echo,), members))
    return client.get_page("/")


def test_hooks_of_controls(app: Flask, client: CallbackClient, log: list[str]) -> None:
    """The hooks of controls follow the view's, in the order of the controls; one
    that is added in a hook has that stage too.
    """

    def page_init(page: t.Any) -> None:
        log.append("view init")
        current_page.add_control("a", Hooked("a", log))
        current_page.add_control("b", Hooked("b", log))

    def page_load(page: t.Any) -> None:
        log.append("view load")

    page = get_page(app, client, page_init=page_init, page_load=page_load)
    began = ["view init", "a init", "b init", "view load", "a load", "b load"]
    assert log == [
        *began,
        *("a pre_render", "b pre_render", "a save_state", "b save_state"),
        *("a unload", "b unload"),
    ]
    log.clear()
    assert page.callback("x", target="b").result == "x"
    assert log == [*began, "a unload", "b unload"]
    log.clear()
    assert page.post_back().status == 200
    assert log[:6] == began


def test_hooks_of_controls_alone(
    app: Flask, client: CallbackClient, log: list[str]
) -> None:
    """Controls have their hooks also where the view has none, and nobody listens
    to signals.
    """

    def page_pre_init(page: t.Any) -> None:
        current_page.add_control("a", Hooked("a", log))

    get_page(app, client, page_pre_init=page_pre_init)
    expected = ["a init", "a load", "a pre_render", "a save_state", "a unload"]
    assert log == expected
    log.clear()
    assert client.get("/").status_code == 200
    assert log == expected


def test_control_that_a_control_adds(
    app: Flask, client: CallbackClient, log: list[str]
) -> None:
    """A control may add others, as one that is made of several does."""

    class Panel(Hooked):
        def page_init(self) -> None:
            super().page_init()
            inner = f"{self.name}$inner"
            current_page.add_control(inner, Hooked(inner, log))

    def page_pre_init(page: t.Any) -> None:
        current_page.add_control("panel", Panel("panel", log))

    page = get_page(app, client, page_pre_init=page_pre_init)
    assert log[:4] == [
        *("panel init", "panel$inner init", "panel load", "panel$inner load"),
    ]
    assert page.callback("x", target="panel$inner").result == "x"


def test_hooks_of_a_control_that_comes_late(
    app: Flask, client: CallbackClient, log: list[str]
) -> None:
    """A control that is added late catches up with the stages up to page_load at
    once, as in ASP.NET, and has no hooks for later ones that are over.
    """

    class Late(Hooked):
        def page_pre_init(self) -> None:
            self.log.append(f"{self.name} pre_init {current_page.stage}")

        def page_load_state(self) -> None:
            self.log.append(f"{self.name} load_state")

        def page_load_complete(self) -> None:
            raise AssertionError(self.name)

    def page_pre_render(page: t.Any) -> None:
        current_page.add_control("late", Late("late", log))
        log.append("added")

    page = get_page(app, client, page_pre_render=page_pre_render)
    began = ["late pre_init pre_render", "late init"]
    ended = ["late load", "added", "late pre_render", "late save_state", "late unload"]
    assert log == [*began, *ended]
    log.clear()
    assert page.post_back().status == 200
    assert log == [*began, "late load_state", *ended]


@pytest.mark.parametrize("stage", ["init", "init_complete", "pre_load", "load"])
def test_no_hook_runs_twice(
    app: Flask, client: CallbackClient, log: list[str], stage: str
) -> None:
    """Whenever a control is added, each of its hooks runs once."""

    def add(page: t.Any) -> None:
        current_page.add_control("a", Hooked("a", log))

    page = get_page(app, client, **{f"page_{stage}": add})
    log.clear()
    assert page.callback("x", target="a").result == "x"
    assert log == ["a init", "a load", "a unload"]


def test_late_control_under_two_ids(
    app: Flask, client: CallbackClient, log: list[str]
) -> None:
    """So it is when the control has two ids, or is the view itself."""

    def page_init(page: t.Any) -> None:
        log.append("view init")

    def page_load(page: t.Any) -> None:
        control = Hooked("a", log)
        current_page.add_control("first", control)
        current_page.add_control("second", control)
        current_page.add_control("view", page)

    get_page(app, client, page_init=page_init, page_load=page_load)
    assert log[:3] == ["view init", "a init", "a load"]
    assert log.count("view init") == log.count("a init") == 1


@pytest.mark.parametrize("is_async", [True, False])
def test_response_of_a_late_controls_hook(
    app: Flask, client: CallbackClient, log: list[str], is_async: bool
) -> None:
    """A response from a hook that is caught up with ends the cycle, too."""

    def answer(control: t.Any) -> t.Any:
        return "stopped", 409

    async def answer_later(control: t.Any) -> t.Any:
        await asyncio.sleep(0)
        return answer(control)

    hook = answer_later if is_async else answer
    stopping = type("Stopping", (Handler,), {"page_init": hook})

    def page_load(page: t.Any) -> None:
        current_page.add_control("stopping", stopping())
        log.append("after")

    page = get_page(app, client, page_load=page_load)
    assert (page.status, page.text, log) == (409, "stopped", [])
    assert page.stages[-2:] == ["load", "unload"]


def test_late_control_of_a_coroutine(
    app: Flask, client: CallbackClient, log: list[str]
) -> None:
    """Within a coroutine no other can be waited for: add such a control earlier, or
    in a hook that is none.
    """
    app.testing = True

    async def page_init(control: t.Any) -> None:
        await asyncio.sleep(0)

    async def page_load(page: t.Any) -> None:
        await asyncio.sleep(0)
        control = Hooked("a", log)
        vars(control)["page_init"] = functools.partial(page_init, control)
        current_page.add_control("a", control)

    with pytest.raises(RegistrationError, match=r"Hooked\.page_init is due now"):
        get_page(app, client, page_load=page_load)


def test_application_that_waits_within_a_coroutine(log: list[str]) -> None:
    """Where the application has a way to wait for it, that is used."""

    class Waiting(Flask):
        def async_to_sync(self, func: t.Callable[..., t.Any]) -> t.Any:
            def run(*arguments: t.Any) -> t.Any:
                context = contextvars.copy_context()

                with ThreadPoolExecutor() as pool:
                    ran = pool.submit(context.run, asyncio.run, func(*arguments))
                    return ran.result()

            return run

    class Later(Hooked):
        async def page_init(self) -> None:  # type: ignore[override]
            await asyncio.sleep(0)
            self.log.append("waited")

    async def page_load(page: t.Any) -> None:
        current_page.add_control("a", Later("a", log))
        log.append("added")

    app = Waiting(__name__)
    app.secret_key = "a secret key of the tests"
    app.testing = True
    ClientCallback(app)
    get_page(app, CallbackClient(app), page_load=page_load)
    assert [step for step in log if step in ("waited", "added")] == ["waited", "added"]


def test_hooks_of_a_control_that_a_signal_adds(
    app: Flask, client: CallbackClient, log: list[str]
) -> None:
    """A receiver may add controls to a page that knows nothing of them."""

    def receive(sender: Flask, page: t.Any, **extra: t.Any) -> None:
        page.add_control("added", Hooked("added", log))

    with signals.page_init.connected_to(receive, app):
        page = get_page(app, client)
        assert page.callback("x", target="added").result == "x"

    assert log[:2] == ["added init", "added load"]


@pytest.mark.parametrize("stage", ["pre_init", "init", "load", "pre_render"])
@pytest.mark.parametrize("is_async", [True, False])
def test_response_of_a_controls_hook(
    app: Flask, client: CallbackClient, log: list[str], stage: str, is_async: bool
) -> None:
    """A response from a control's hook ends the cycle, and later hooks do not
    run, but for the unload of all.
    """

    def answer(control: t.Any) -> t.Any:
        return "stopped", 409

    async def answer_later(control: t.Any) -> t.Any:
        await asyncio.sleep(0)
        return answer(control)

    hook = answer_later if is_async else answer
    stopping = type("Stopping", (Handler,), {f"page_{stage}": hook})

    def add(sender: Flask, page: t.Any, **extra: t.Any) -> None:
        page.add_control("stopping", stopping())
        page.add_control("other", Hooked("other", log))

    with signals.page_pre_init.connected_to(add, app):
        page = get_page(app, client)

    assert (page.status, page.text) == (409, "stopped")
    assert page.stages[-2:] == [stage, "unload"]
    assert log[-1] == "other unload"
    assert f"other {stage}" not in log


def test_redirect_of_a_controls_hook(app: Flask, client: CallbackClient) -> None:
    """In a callback that is a redirect, and no handler runs."""

    class Guard(Handler):
        def page_load(self) -> t.Any:
            return redirect("/login") if current_page.is_callback else None

    page = get_page(
        app, client, page_init=lambda page: current_page.add_control("g", Guard())
    )
    answer = page.callback("x")
    assert (answer.redirect, answer.result) == ("/login", None)
    assert "raise_callback_event" not in answer.stages


def test_unload_of_controls_after_an_error(
    app: Flask, client: CallbackClient, log: list[str]
) -> None:
    """Controls are unloaded whatever comes of the request."""

    def page_init(page: t.Any) -> None:
        current_page.add_control("a", Hooked("a", log))

    def raise_callback_event(page: t.Any, event_argument: str) -> None:
        raise ZeroDivisionError

    page = get_page(
        app, client, page_init=page_init, raise_callback_event=raise_callback_event
    )
    log.clear()
    assert page.callback("x").status == 500
    assert log == ["a init", "a load", "a unload"]


def test_control_under_two_ids(
    app: Flask, client: CallbackClient, log: list[str]
) -> None:
    """A control that answers to two ids has its hooks once, as has the view."""

    def page_init(page: t.Any) -> None:
        log.append("view init")
        control = Hooked("a", log)
        current_page.add_control("first", control)
        current_page.add_control("second", control)
        current_page.add_control("view", page)
        assert current_page.unique_id(control) == "first"
        assert current_page.unique_id(page) == "__Page"

    page = get_page(app, client, page_init=page_init)
    assert log[:3] == ["view init", "a init", "a load"]

    for target in ("first", "second", "view", "__Page"):
        assert page.callback(target, target=target).result == target


def test_unique_id(app: Flask, client: CallbackClient) -> None:
    """A control's id is what references and buttons name it by."""

    class Identified(Echo):
        template = (
            "{{ current_page.unique_id(current_page) }}"
            "|{{ current_page.unique_id(current_page.view.grid) }}"
            "|{{ current_page.unique_id('ctl00$grid') }}"
        )

        def page_init(self) -> None:
            self.grid = Label()
            current_page.add_control("ctl00$grid", self.grid)

            with pytest.raises(CallbackTargetError, match="no control of type Label"):
                current_page.unique_id(Label())

            with pytest.raises(CallbackTargetError, match="no control 'grid'"):
                current_page.unique_id("grid")

    add_page(app, Identified)
    assert client.get_page("/").text == "__Page|ctl00$grid|ctl00$grid"


def test_many_controls(app: Flask, client: CallbackClient) -> None:
    """Each of a thousand controls is found, under its own id, as itself."""

    class Row(Handler):
        def __init__(self, number: int) -> None:
            self.number = number

        def raise_callback_event(self, event_argument: str) -> t.Any:
            return self.number

    def page_init(page: t.Any) -> None:
        rows = [Row(number) for number in range(1000)]

        for row in rows:
            current_page.add_control(f"grid$row{row.number}", row)

        ids = [f"grid$row{number}" for number in range(1000)]
        assert [current_page.unique_id(row) for row in rows] == ids
        assert [current_page.find_control(name) for name in ids] == rows

    page = get_page(app, client, page_init=page_init)
    assert page.status == 200

    for number in (0, 499, 999):
        assert page.callback(target=f"grid$row{number}").result == number


@pytest.mark.parametrize("is_postback", [False, True])
def test_state_of_a_control_that_comes_late(
    app: Flask, client: CallbackClient, is_postback: bool
) -> None:
    """It catches up with the loading of the state only where one was loaded."""
    seen: list[str] = []

    class Late(Handler):
        def page_load_state(self) -> None:
            seen.append("load_state")

        def page_pre_load(self) -> str | None:
            return "ended here" if seen else None

    def page_load(page: t.Any) -> None:
        current_page.add_control("late", Late())

    page = get_page(app, client, page_load=page_load)
    assert seen == []
    assert "<form" in page.text

    if is_postback:
        assert page.post_back().text == "ended here"
        assert seen == ["load_state"]
