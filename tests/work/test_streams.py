"""Generators as handlers: what they yield and return, through each interface."""

from __future__ import annotations

import asyncio
import functools
import typing as t
from collections.abc import AsyncGenerator
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.methods import open_page
from ..helpers.pages import add_page
from ..helpers.pages import Page

PLAIN = {"Accept": "*/*"}


def call(app: Flask, view_class: type[t.Any], **keywords: t.Any) -> CallbackAnswer:
    """Make the callback of a page."""
    return open_page(app, view_class).callback("x", **keywords)


def test_return_value(app: Flask) -> None:
    """What a generator returns is the result."""

    @callback_handler
    class Work(Page):
        def raise_callback_event(
            self, event_argument: str
        ) -> Generator[int, None, str]:
            yield 1
            yield 2
            return f"done: {event_argument}"

    answer = call(app, Work)
    assert (answer.parts, answer.result) == ([1, 2], "done: x")
    assert (answer.status, answer.error) == (200, None)


def test_released_interface(app: Flask) -> None:
    """With both methods the first is run to its end before the stage of the other,
    which may yield too, and gives the result.
    """
    stages: list[str | None] = []

    @callback_handler
    class Work(Page):
        def raise_callback_event(
            self, event_argument: str
        ) -> Generator[int, None, str]:
            yield 1
            stages.append(current_page.stage)
            return "lost"

        def get_callback_result(self) -> Generator[int, None, str]:
            stages.append(current_page.stage)
            yield 2
            return "kept"

    answer = call(app, Work)
    assert (answer.parts, answer.result) == ([1, 2], "kept")
    assert stages == ["raise_callback_event", "get_callback_result"]


class Loop:
    """Remembers the event loops of a handler."""

    def __init__(self) -> None:
        self.seen: list[t.Any] = []

    async def step(self) -> None:
        """Note the one that runs."""
        self.seen.append(asyncio.get_running_loop())
        await asyncio.sleep(0)


@pytest.mark.parametrize("headers", [{}, PLAIN], ids=["lines", "plain"])
def test_asynchronous_generator(app: Flask, headers: dict[str, str]) -> None:
    """An asynchronous generator lives in one event loop, and has no result."""
    loop = Loop()

    @callback_handler
    class Work(Page):
        async def raise_callback_event(self, event_argument: str) -> AsyncIterator[int]:
            lock = asyncio.Lock()

            async with lock:
                await loop.step()
                yield 1
                await loop.step()
                yield 2
                await loop.step()

    answer = call(app, Work, headers=headers)
    assert (answer.result, answer.error) == (None, None)
    assert answer.parts == ([] if headers else [1, 2])
    assert len(loop.seen) == 3
    assert len(set(loop.seen)) == 1
    assert loop.seen[0].is_closed()


def test_result_after_an_asynchronous_generator(app: Flask) -> None:
    """The other method may give the result, also as a coroutine."""

    @callback_handler
    class Work(Page):
        async def raise_callback_event(self, event_argument: str) -> AsyncIterator[int]:
            yield 1

        async def get_callback_result(self) -> str:
            return "done"

    answer = call(app, Work)
    assert (answer.parts, answer.result) == ([1], "done")


def test_caller_of_an_asynchronous_generator_goes(app: Flask) -> None:
    """If the caller goes, it ends where it is, in its loop."""
    loop = Loop()

    @callback_handler
    class Work(Page):
        async def raise_callback_event(self, event_argument: str) -> AsyncIterator[int]:
            try:
                await loop.step()
                yield 1
                yield 2
            except GeneratorExit:
                await loop.step()
                raise

    page = open_page(app, Work)
    fields = {
        "__CALLBACKID": "__Page",
        "__CALLBACKPARAM": '""',
        "__VIEWSTATE": page.state,
    }
    headers = {
        "X-Client-Callback": "1",
        "Accept": "application/vnd.clientcallback+ndjson",
    }
    response = app.test_client().post("/", data=fields, headers=headers)
    response.close()
    assert len(loop.seen) == 2
    assert len(set(loop.seen)) == 1
    assert loop.seen[0].is_closed()


def test_asynchronous_generator_in_a_coroutine(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """A coroutine cannot wait for one, as for no handler that is a coroutine: the log
    says so.
    """

    @callback_handler
    class Work(Page):
        async def dispatch_request(self, **values: t.Any) -> t.Any:
            return super().dispatch_request(**values)

        async def raise_callback_event(self, event_argument: str) -> AsyncIterator[int]:
            yield 1

    assert call(app, Work).status == 500
    assert "A coroutine cannot wait for an asynchronous generator" in caplog.text


def traced(function: Callable[..., t.Any]) -> Callable[..., t.Any]:
    """Decorate in the usual way."""

    @functools.wraps(function)
    def wrapper(*values: t.Any, **named: t.Any) -> t.Any:
        return function(*values, **named)

    return wrapper


def test_methods(app: Flask) -> None:
    """Named methods may be generators, asynchronous ones and decorated ones too."""

    @callback_handler
    class Work(Page):
        @callback_method
        def plain(self, count: int) -> Generator[int, None, str]:
            yield from range(count)
            return "done"

        @callback_method
        async def waiting(self) -> AsyncIterator[str]:
            yield "a"

        @callback_method
        @traced
        def decorated_below(self) -> Generator[int, None, int]:
            yield 1
            return 2

        @traced
        @callback_method
        def decorated_above(self) -> Generator[int, None, int]:
            yield 1
            return 2

        @callback_method
        @traced
        async def decorated_waiting(self) -> AsyncIterator[int]:
            yield 1

        @callback_method
        def handing_on(self) -> Generator[int, None, int]:
            return self.decorated_above()  # type: ignore[no-any-return]

        @callback_method
        async def coroutine(self) -> Generator[int, None, int]:
            return self.decorated_above()  # type: ignore[no-any-return]

    page = open_page(app, Work)
    found = {}

    for name in ("waiting", "decorated_below", "decorated_above", "decorated_waiting"):
        answer = getattr(page.call, name)()
        found[name] = (answer.parts, answer.result)

    assert found == {
        "waiting": (["a"], None),
        "decorated_below": ([1], 2),
        "decorated_above": ([1], 2),
        "decorated_waiting": ([1], None),
    }
    answer = page.call.plain("3")
    assert (answer.parts, answer.result) == ([0, 1, 2], "done")
    assert (page.call.handing_on().parts, page.call.coroutine().parts) == ([1], [1])
    assert page.call.plain("many").status == 422


def test_results_by_their_hints(app: Flask) -> None:
    """The result is checked by the last hint of a generator; what it yields is any
    value.
    """

    @callback_handler
    class Work(Page):
        @callback_method
        def right(self) -> Generator[object, None, list[int]]:
            yield "a text"
            return [1]

        @callback_method
        def wrong(self) -> Generator[int, None, list[int]]:
            yield 1
            return ["x"]  # type: ignore[list-item]

        @callback_method
        def unknown(self) -> Iterator[int]:
            yield 1
            return {"any": "value"}

        @callback_method
        def handing_on(self) -> AsyncGenerator[int, None]:
            async def parts() -> AsyncGenerator[int, None]:
                yield 1

            return parts()

    page = open_page(app, Work)
    assert page.call.right().result == [1]
    assert page.call.wrong().status == 500
    assert page.call.unknown().result == {"any": "value"}
    answer = page.call.handing_on()
    assert (answer.parts, answer.result) == ([1], None)


def test_generator_expression(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """A generator expression has no result: who returns one means a list, and is told
    so.
    """

    @callback_handler
    class Work(Page):
        def raise_callback_event(self, event_argument: str) -> Iterator[int]:
            return (number for number in range(3))

    assert call(app, Work).status == 500
    assert "cannot be written as JSON: return text, numbers, lists" in caplog.text


@callback_handler
class Form(Page):
    """A page whose methods yield, for forms without scripts."""

    template = """
    <form method="post">{{ callback_fields() }}
    <button {{ callback_attributes(current_page, method="work", postback=True) }}>
    Work</button>
    <button {{ callback_attributes(current_page, method="fail", postback=True) }}>
    Fail</button>
    <button name="__EVENTTARGET" value="control">Event</button>
    </form><output>{{ current_page.result }}|{{ current_page.error }}</output>
    {{ callback_scripts() }}
    """
    raised: t.ClassVar[list[str]] = []

    def page_load(self) -> None:
        current_page.add_control("control", self.Control())

    class Control:
        def raise_postback_event(self, event_argument: str) -> Iterator[int]:
            yield 1
            Form.raised.append("event")

    @callback_method
    def work(self) -> Generator[int, None, str]:
        yield 1
        return "done"

    @callback_method
    def fail(self) -> Generator[int, None, str]:
        current_page.view_state["step"] = 1
        yield 1
        raise CallbackError("No.")


@pytest.mark.parametrize(
    ("button", "shown"), [("Work", "done|None"), ("Fail", "None|No.")]
)
def test_post_backs(app: Flask, button: str, shown: str) -> None:
    """Where scripts do not run, the page that comes back shows the result or the
    error.
    """
    page = open_page(app, Form).submit(button)
    assert f"<output>{shown}</output>" in page.text


def test_post_back_events(app: Flask) -> None:
    """The handler of a post back's event is run to its end too."""
    Form.raised.clear()
    open_page(app, Form).submit("Event")
    assert Form.raised == ["event"]


def test_stop_iteration(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """A StopIteration that escapes a handler is an error, and no result."""

    @callback_handler
    class Work(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            return next(iter(()))

    assert call(app, Work).status == 500


@callback_handler
class Handing(Page):
    """Yields what it is told to."""

    parts: t.ClassVar[list[t.Any]] = []

    def raise_callback_event(
        self, event_argument: str
    ) -> Generator[t.Any, None, t.Any]:
        yield from self.parts
        return self.parts


@pytest.fixture(scope="module")
def handing() -> ClientPage:
    """A page that yields what it is told to."""
    app = Flask(__name__)
    app.secret_key = "a secret key of the tests"
    app.test_client_class = CallbackClient
    ClientCallback(app)
    # So that line separators come as they are.
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    add_page(app, Handing)
    return t.cast(CallbackClient, app.test_client()).get_page("/")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.just("result"), inner),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(VALUES))
def test_any_parts(handing: ClientPage, parts: list[t.Any]) -> None:
    """Whatever is yielded comes in order, but for None, and the result after it."""
    Handing.parts = parts
    answer = handing.callback("x")
    assert answer.parts == [part for part in parts if part is not None]
    assert answer.result == parts
