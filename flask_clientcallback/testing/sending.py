"""The requests to the application, and the stages that ran for them."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from flask.testing import FlaskClient
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request

from ..page.hooks import recording
from ..protocol.addresses import address_of
from ..protocol.addresses import environ_of
from ..protocol.answers import ACCEPTED
from ..protocol.wire import MARKER_HEADER

MARKED = {MARKER_HEADER: "1", "Accept": ACCEPTED}
"""The headers of a callback that asks for progress."""

Answered: t.TypeAlias = tuple[TestResponse, list[str]]
"""The answer, and the stages that ran, in order."""


def ask(client: FlaskClient, address: str, **keywords: t.Any) -> Answered:
    """Make a request, and record the stages that run.

    :param keywords: as for :meth:`~werkzeug.test.Client.open`.
    """
    stages: list[str] = []
    token = recording.set((client.application, stages))

    try:
        response = client.open(address, **keywords)
        # A streamed answer runs only while it is read.
        response.get_data()
        response.close()
    finally:
        recording.reset(token)

    return response, stages


class AskedFrom:
    """The document that further requests come from.

    :param request: the request that it answers.
    """

    def __init__(self, client: FlaskClient, request: Request) -> None:
        self.address: str = address_of(request.environ)
        """Its path and query."""
        self.document: str = request.host_url.rstrip("/") + self.address
        """Its URL."""
        self._client = client
        self._request = request

    def send(self, method: str, address: str, **keywords: t.Any) -> Answered:
        """Make a request, as :func:`ask` does.

        :param address: as :func:`.page_address` writes it.
        """
        given: Mapping[str, str] = keywords.pop("headers", None) or {}
        # A path alone would lose what is not UTF-8, and slashes at its beginning.
        overrides = environ_of(address, self._request.environ)
        overrides.update(keywords.pop("environ_overrides", None) or {})

        if "query_string" in keywords:
            del overrides["QUERY_STRING"]

        return ask(
            self._client,
            address,
            method=method,
            base_url=self._request.host_url,
            headers={"Referer": self._request.url, **given},
            environ_overrides=overrides,
            **keywords,
        )
