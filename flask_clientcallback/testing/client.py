"""A test client that gets a page and makes its callbacks."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping
from contextlib import ExitStack

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from ..errors import ClientCallbackError
from ..protocol.addresses import address_of
from ..protocol.addresses import environ_of
from ..protocol.answers import CONTENT_TYPE
from ..protocol.answers import MARKER_RESPONSE
from ..protocol.arguments import argument_to_post
from ..protocol.arguments import text_sent_for
from ..protocol.arguments import value_of
from ..protocol.failures import kind_of_status
from ..protocol.wire import ARGUMENT_FIELD
from ..protocol.wire import EVENT_ARGUMENT_FIELD
from ..protocol.wire import EVENT_TARGET_FIELD
from ..protocol.wire import MARKER_HEADER
from ..protocol.wire import PAGE_TARGET
from ..protocol.wire import PROTOCOL_FIELDS
from ..protocol.wire import STATE_FIELD
from ..protocol.wire import TARGET_FIELD
from ..protocol.wire import VALIDATION_FIELD
from ..signals import HOOKS
from .page_parser import PageParser

if t.TYPE_CHECKING:
    from ..page.page import Page

_Answered: t.TypeAlias = tuple[TestResponse, list[str]]
"""What was answered, and the stages that ran, in order."""


class CallbackClient(FlaskClient):
    """A :class:`~flask.testing.FlaskClient` for applications with pages. Give it
    to one with ``app.test_client_class = CallbackClient``, or make it with
    ``CallbackClient(app)``.

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
        return ClientPage(self, *_ask(self, path, **keywords, method="GET"))


class ClientPage:
    """A page as a browser holds it.

    .. versionadded:: 0.1
    """

    def __init__(
        self, client: CallbackClient, response: TestResponse, stages: list[str]
    ) -> None:
        parser = PageParser()
        parser.feed(response.text)
        parser.close()
        self.response = response
        """The answer to the GET."""
        self.status: int = response.status_code
        """The HTTP status of that answer."""
        self.text: str = response.text
        """The page's HTML."""
        self.stages = stages
        """The stages of the life cycle that ran, in order."""
        self.form: MultiDict[str, str] = MultiDict(
            item for item in parser.controls if item[0] not in PROTOCOL_FIELDS
        )
        """What the controls of the page's forms hold. May be changed, as a user
        would."""
        address = address_of(response.request.environ)
        page = parser.page_at(address)
        self.state = page.get("state")
        """The page's signed state. A callback renews it."""
        self.events = page.get("events")
        """The signed events that the page may raise, where it has any."""
        self._client = client
        self._request = response.request
        self._url = page.get("url", address)
        self._has_script = parser.has_script
        self._csrf_headers = parser.csrf_headers

    def callback(
        self,
        argument: t.Any = "",
        target: str = PAGE_TARGET,
        *,
        files: Mapping[str, t.Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> CallbackAnswer:
        """Make a callback, as the client script would.

        :param argument: what ``raise_callback_event`` gets.
        :param target: the id of a control, or ``__Page`` for the view.
        :param files: files that go along, as for
            :class:`~werkzeug.test.EnvironBuilder`.
        :param headers: headers beside the protocol's.
        :raises ClientCallbackError: the page renders no ``callback_scripts()``.
        :raises TypeError: the argument is a literal put together with other source.
        """
        if not self._has_script:
            raise ClientCallbackError(
                f"The page, an answer with status {self.status}, has no client script,"
                " so that a browser could make no callback of it: render"
                " callback_scripts()."
            )

        data = self.form.to_dict(flat=False)
        data[TARGET_FIELD] = [target]
        value = value_of(argument)
        text = text_sent_for(value)
        data[ARGUMENT_FIELD] = [json.dumps(value if text is None else text)]
        data.update(self._tokens())
        sent = {MARKER_HEADER: "1", **self._csrf_headers, **(headers or {})}
        answer = CallbackAnswer(*self._post({**data, **(files or {})}, headers=sent))
        self.state = answer.state or self.state
        self.events = answer.events or self.events
        return answer

    def post_back(
        self,
        target: str | None = None,
        argument: str | float | None = "",
        **keywords: t.Any,
    ) -> ClientPage:
        """Post the page's form to the page, as a browser without scripts would.

        :param target: the id of the control that gets the event, as a button named
            ``__EVENTTARGET`` or ``__doPostBack`` would send it.
        :param argument: the event's argument.
        :param keywords: as for :meth:`~werkzeug.test.Client.post`.
        :raises TypeError: the argument is no text, number or boolean.
        :raises ValueError: a form cannot send it.
        """
        data = {**self.form.to_dict(flat=False), **self._tokens()}

        if target is not None:
            data[EVENT_TARGET_FIELD] = [target]
            data[EVENT_ARGUMENT_FIELD] = [argument_to_post(argument)]

        return ClientPage(self._client, *self._post(data, **keywords))

    def _tokens(self) -> dict[str, list[str]]:
        tokens = {STATE_FIELD: [self.state or ""]}

        if self.events is not None:
            tokens[VALIDATION_FIELD] = [self.events]

        return tokens

    def _post(self, data: Mapping[str, t.Any], **keywords: t.Any) -> _Answered:
        given: Mapping[str, str] = keywords.pop("headers", None) or {}
        # A path alone would lose what is not UTF-8, and slashes at its beginning.
        overrides = environ_of(self._url, self._request.environ)
        overrides.update(keywords.pop("environ_overrides", None) or {})

        if "query_string" in keywords:
            del overrides["QUERY_STRING"]

        return _ask(
            self._client,
            self._url,
            method="POST",
            base_url=self._request.host_url,
            data=data,
            headers={"Referer": self._request.url, **given},
            environ_overrides=overrides,
            **keywords,
        )


class CallbackAnswer:
    """What a callback ended in.

    .. versionadded:: 0.1
    """

    def __init__(self, response: TestResponse, stages: list[str]) -> None:
        body: dict[str, t.Any]
        status = response.status_code
        is_passed_through = response.headers.get(MARKER_HEADER) == MARKER_RESPONSE

        if is_passed_through and 200 <= status < 300:
            body = {"result": response}
        elif not is_passed_through and response.content_type == CONTENT_TYPE:
            body = json.loads(response.text)
        else:
            message = f"The server answered {status} with a response."
            body = {"error": {"kind": kind_of_status(status), "message": message}}

        self.response = response
        """The HTTP response."""
        self.status: int = status
        """Its status."""
        self.stages = stages
        """The stages of the life cycle that ran, in order."""
        self.result: t.Any = body.get("result")
        """The handler's result; the HTTP response where it returned one."""
        self.error: dict[str, t.Any] | None = body.get("error")
        """The error, with its ``kind`` and ``message``; ``None`` on success."""
        self.redirect: str | None = body.get("redirect")
        """Where the browser is sent instead."""
        self.state: str | None = body.get("viewState")
        """The page's new signed state, where the callback changed it or it was due."""
        self.events: str | None = body.get("eventValidation")
        """The same of its events."""


def _ask(client: CallbackClient, address: str, **keywords: t.Any) -> _Answered:
    """Make a request, and record the stages that run."""
    stages: list[str] = []

    def record(sender: Flask, page: Page, **extra: t.Any) -> None:
        stages.append(page.stage or "")

    with ExitStack() as stack:
        for signal in HOOKS.values():
            stack.enter_context(signal.connected_to(record, client.application))

        response = client.open(address, **keywords)
        # What is streamed runs only when it is read.
        response.get_data()
        response.close()

    return response, stages
