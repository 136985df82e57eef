"""Handlers that yield progress, and what their requests went through."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from flask import Flask
from werkzeug.test import TestResponse

from flask_clientcallback.protocol.answers import ACCEPTED
from flask_clientcallback.protocol.answers import STREAM_TYPE
from flask_clientcallback.testing import CallbackClient

from .pages import add_page
from .pages import answering


class Journal(list[str]):
    """What happened, in order. An application tells it how its requests end."""

    def follow(self, app: Flask) -> None:
        """Note the end of each request of an application."""

        @app.teardown_request
        def note(error: BaseException | None) -> None:
            self.append(f"teardown {type(error).__name__ if error else 'in order'}")


def begin(
    app: Flask, work: t.Callable[[], t.Any], **headers: str
) -> tuple[TestResponse, Iterator[bytes]]:
    """Make the callback of a page whose handler does one thing, and give its answer,
    of which nothing is read yet.
    """
    add_page(app, answering(work))
    return ask(app, **headers)


def ask(app: Flask, **headers: str) -> tuple[TestResponse, Iterator[bytes]]:
    """Make a callback of the page that an application has."""
    client = t.cast(CallbackClient, app.test_client())
    page = client.get_page("/")
    fields = {
        "__CALLBACKID": "__Page",
        "__CALLBACKPARAM": '"x"',
        "__VIEWSTATE": page.state,
    }
    given = {"X-Client-Callback": "1", "Accept": ACCEPTED, **headers}
    response = client.post("/", data=fields, headers=given)
    return response, response.iter_encoded()


def read_lines(app: Flask, work: t.Callable[[], t.Any]) -> list[str]:
    """Make the callback of a page whose handler does one thing, and read its answer,
    which is one in lines.
    """
    response, parts = begin(app, work)
    text = b"".join(parts).decode()
    response.close()
    assert response.content_type == STREAM_TYPE, text
    assert response.status_code == 200
    assert text.endswith("\n")
    return text[:-1].split("\n")
