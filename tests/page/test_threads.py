"""Work of a page in a thread that got a copy of its request's context."""

from __future__ import annotations

import typing as t
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from flask import copy_current_request_context
from flask import Flask
from flask import g
from flask import request

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page
from flask_clientcallback import OutsidePageError
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Page


def in_thread(work: t.Callable[[], t.Any]) -> t.Any:
    """Do some work in a thread that has a copy of the request's context."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(copy_current_request_context(work)).result()


def call(
    app: Flask, client: CallbackClient, work: t.Callable[[], t.Any]
) -> list[t.Any]:
    """Do it in three callbacks that count themselves, and give what each came to."""
    app.testing = True

    @callback_handler
    class Working(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            count = current_page.view_state.get("count", 0) + 1
            came_to = work()
            current_page.view_state["count"] = count
            return [count, came_to]

    add_page(app, Working)
    page = client.get_page("/")
    return [page.callback().result for _ in range(3)]


def test_page_in_a_thread(app: Flask, client: CallbackClient) -> None:
    """The thread has the request, and its page."""

    def work() -> list[t.Any]:
        assert vars(g) == {}
        return [
            request.form["name"],
            current_page.form["name"],
            current_page.view_state.get("count"),
        ]

    assert call(app, client, lambda: in_thread(work)) == [
        [1, ["Ada", "Ada", None]],
        [2, ["Ada", "Ada", 1]],
        [3, ["Ada", "Ada", 2]],
    ]


def test_thread_that_outlives_its_page(app: Flask, client: CallbackClient) -> None:
    """When the request is answered the page is gone, and the error says what to do."""
    answered = Event()
    pool = ThreadPoolExecutor(1)
    late: list[Future[t.Any]] = []

    def work() -> None:
        assert answered.wait(30)
        assert request.form["name"] == "Ada"
        assert not current_page
        current_page.form["name"]

    @callback_handler
    class Leaving(Page):
        def raise_callback_event(self, event_argument: str) -> None:
            late.append(pool.submit(copy_current_request_context(work)))

    add_page(app, Leaving)

    with pool:
        assert client.get_page("/").callback().status == 200
        answered.set()

        with pytest.raises(OutsidePageError, match=r"copy_current_request_context\(\)"):
            late[0].result()


def test_thread_without_a_context(app: Flask, client: CallbackClient) -> None:
    """A thread that got nothing has no page."""

    def work() -> bool:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: bool(current_page)).result()

    assert call(app, client, work) == [[1, False], [2, False], [3, False]]


def test_values_in_a_thread(app: Flask, client: CallbackClient) -> None:
    """What the thread is given before it starts works there."""

    def work() -> t.Any:
        form, view_state = current_page.form, current_page.view_state
        page: t.Any = current_page
        own = page._get_current_object()
        seen = in_thread(
            lambda: [form["name"], view_state.get("count"), own.form["name"]]
        )
        assert current_page.view is own.view
        return seen

    assert call(app, client, work) == [
        [1, ["Ada", None, "Ada"]],
        [2, ["Ada", 1, "Ada"]],
        [3, ["Ada", 2, "Ada"]],
    ]


def test_failure_in_a_thread(app: Flask, client: CallbackClient) -> None:
    """A thread that fails leaves the page of its request as it was."""

    def work() -> bool:
        with pytest.raises(ZeroDivisionError):
            in_thread(lambda: 1 // 0)

        return bool(current_page) and current_page.is_callback

    assert call(app, client, work) == [[1, True], [2, True], [3, True]]
