"""Tells a browser how long each stage of a page took, in ``Server-Timing``."""

from __future__ import annotations

import copy
import typing as t
from time import perf_counter

from flask import has_request_context
from werkzeug.http import quote_header_value

from ..globals import application
from ..globals import current_request
from ..globals import registration_of
from ..page.page import Page
from ..protocol.wire import PAGE_TARGET
from ..signals import HOOKS
from .exchange import exchange_of
from .guard import find_page

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Response

_HEADER = "Server-Timing"
_TIMES = "_clientcallback_times"
_EVENTS = ("raise_callback_event", "raise_postback_event")
"""The stages whose description names the event's target."""
_RENDERING = frozenset(("pre_render_complete", "save_state_complete", "render"))
"""The stages after which the view's own method or its template runs."""


class _Times:
    """How long the stages of one request took, the last one until now."""

    page: Page | None = None
    """The page with these stages."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._descriptions: dict[str, str] = {}
        self._begin("request")

    def _begin(self, name: str) -> None:
        self._name = name
        self._since = perf_counter()

    def _end(self) -> None:
        spent = perf_counter() - self._since
        self._seconds[self._name] = self._seconds.get(self._name, 0.0) + spent

    def enter(self, stage: str, description: str) -> None:
        """Begin a stage, and end the one before."""
        self._end()
        self._begin("render" if stage in _RENDERING else stage)

        if description:
            self._descriptions[stage] = description

    def to_header(self) -> str:
        """Write the times as the header does, in milliseconds."""
        self._end()
        return ", ".join(
            f"{name};dur={seconds * 1000:.2f}{self._describe(name)}"
            for name, seconds in self._seconds.items()
        )

    def _describe(self, name: str) -> str:
        description = self._descriptions.get(name)

        if description is None:
            return ""

        return f";desc={quote_header_value(description, allow_token=False)}"


class StageTimer:
    """Times the stages of one application's pages, as a subscriber of the signals.

    A signal with a receiver is slower, in each application of the process. So there is
    no receiver if nothing is timed, or once the application is gone: the application
    holds this object, and the signals do not.

    :param app: the application. It is asked for its wish with its first page, as
        ``debug`` may be set until then.
    """

    def __init__(self, app: Flask) -> None:
        app.url_value_preprocessors.setdefault(None, []).insert(0, self._decide)

    def _decide(self, endpoint: str | None, values: dict[str, t.Any] | None) -> None:
        app = application()

        if find_page(app, endpoint) is None:
            return

        is_on = registration_of(app).settings.server_timing

        if is_on is None:
            is_on = app.debug

        # New lists, as other threads may iterate over the old ones, or do the same.
        preprocessors = app.url_value_preprocessors
        own = (self._decide, self._begin)
        kept = [one for one in preprocessors[None] if one not in own]
        preprocessors[None] = [self._begin, *kept] if is_on else kept

        if not is_on:
            return

        for signal in HOOKS.values():
            signal.connect(self._enter, app)

        # The first of these functions runs last.
        functions = app.after_request_funcs.get(None, [])
        others = [one for one in functions if one != self._tell]
        app.after_request_funcs[None] = [self._tell, *others]
        self._begin(endpoint, values)

    def _begin(self, endpoint: str | None, values: dict[str, t.Any] | None) -> None:
        current_request().__dict__[_TIMES] = _Times()

    def _enter(self, app: Flask, page: Page) -> None:
        # A stream may be closed after its request is over.
        if not has_request_context():
            return

        asked = current_request()
        times: _Times | None = asked.__dict__.get(_TIMES)
        stage = t.cast(str, page.stage)

        if times is None:
            return

        # The time of a page inside another one belongs to the outer page.
        if stage == "pre_init" and (times.page is None or times.page.stage == "unload"):
            times.page = page

        if times.page is page:
            # For the page's own methods, the name is enough.
            target = (page.callback_target or "").removeprefix(f"{PAGE_TARGET}.")
            times.enter(stage, target if stage in _EVENTS else "")

    def _tell(self, response: Response) -> Response:
        asked = current_request()
        times: _Times | None = asked.__dict__.pop(_TIMES, None)
        exchange = exchange_of(asked.environ)

        if times is None or (exchange.page is None and not exchange.is_callback):
            return response

        # Another request may get the same object.
        told = copy.copy(response)
        told.headers = response.headers.copy()
        told.headers.add(_HEADER, times.to_header())
        return told
