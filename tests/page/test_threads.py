"""Work of a page in a thread that got a copy of its request's context."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import copy_current_request_context
from flask import Flask
from flask import g
from flask import render_template_string
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


@pytest.mark.parametrize(
    "use",
    [
        lambda: current_page.form["name"],
        lambda: current_page.view_state["count"],
        lambda: render_template_string("{{ callback_fields() }}"),
    ],
    ids=["form", "view state", "fields"],
)
def test_page_in_a_thread(
    app: Flask, client: CallbackClient, use: t.Callable[[], t.Any]
) -> None:
    """The thread has the request and no page; the error says what to do."""

    def work() -> str:
        assert request.form["name"] == "Ada"
        assert not current_page
        assert vars(g) == {}

        with pytest.raises(OutsidePageError) as caught:
            use()

        return str(caught.value)

    results = call(app, client, lambda: in_thread(work))
    assert [count for count, _ in results] == [1, 2, 3]

    for _, message in results:
        assert "copy_current_request_context()" in message
        assert "form = current_page.form" in message


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
