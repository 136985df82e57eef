"""A test client that gets a page and makes its callbacks."""

from __future__ import annotations

import typing as t

from flask import Flask
from flask.testing import FlaskClient

from .page import ClientPage
from .sending import ask


class CallbackClient(FlaskClient):
    """A :class:`~flask.testing.FlaskClient` for applications with pages. Set
    ``app.test_client_class = CallbackClient``, or call ``CallbackClient(app)``.

    .. versionadded:: 0.1
    """

    def __init__(self, application: Flask, *args: t.Any, **keywords: t.Any) -> None:
        if not args and "response_wrapper" not in keywords:
            keywords["response_wrapper"] = application.response_class
            keywords.setdefault("use_cookies", True)

        super().__init__(application, *args, **keywords)

    def get_page(self, path: str, **keywords: t.Any) -> ClientPage:
        """Get a page.

        :param path: its address.
        :param keywords: as for :meth:`~werkzeug.test.Client.get`.
        """
        return ClientPage(self, *ask(self, path, **keywords, method="GET"))
