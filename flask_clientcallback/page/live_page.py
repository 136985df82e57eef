"""A page while it answers its request, and how long it is the current one."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from collections.abc import Iterator
from functools import cached_property
from types import TracebackType

from flask.typing import ResponseReturnValue
from flask.views import View

from ..globals import live_pages
from ..state.binding import StateBinding
from ..state.event_validation import EventValidation
from ..state.view_state import ViewState
from ..targets.controls import Controls
from ..targets.declared_controls import declared_controls
from ..targets.types import ResultWriter
from .hooks import HookAnswered
from .hooks import Stages
from .markup import PageMarkup
from .page import controls_of
from .page import Page
from .page import RequestKind
from .persister import PageStatePersister

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Response

_KEEPS_NO_STATE = (
    "This page keeps no view state: its class is marked"
    " @callback_handler(view_state=False)."
)


class LivePage:
    """A page and its life. The page is the current one inside a ``with`` statement. At
    the end of that, also after an error, the page is unloaded and no longer current. So
    an error page cannot hand out its state.

    :param app: the application.
    :param view: the view object.
    :param kind: the kind of the request.
    :param state: the page's state.
    :param events: the events that the page may raise.
    :param keeps_state: whether the page has a view state.
    """

    def __init__(
        self,
        app: Flask,
        view: View,
        kind: RequestKind,
        state: StateBinding,
        events: EventValidation,
        *,
        keeps_state: bool,
    ) -> None:
        view_state = ViewState(None if keeps_state else _KEEPS_NO_STATE)
        self.page: Page = Page(app, view, kind, view_state, events, state)
        self.controls: Controls = controls_of(self.page)
        self.stages: Stages = Stages(self.page, self.controls.in_order)
        self.persister: PageStatePersister = PageStatePersister(
            self.stages, view_state, state, events
        )
        self.returned: tuple[t.Any, ResultWriter | None] = (None, None)
        """What a post back's method returned, as ``read_result()`` read it, and what
        writes it. A hook may put another value into ``page.result``.
        """
        self.forms: dict[t.Any, t.Any] = {}
        """The WTForms forms of the request."""
        self._pages: list[t.Any] = []
        self._stream: Response | None = None
        self._goes_on = False

    @cached_property
    def markup(self) -> PageMarkup:
        """What the template globals write."""
        return PageMarkup(self.page, self.persister)

    def add_declared_controls(self) -> None:
        """Make the controls that the view's class declares."""
        view = self.page.view

        for control_id in declared_controls(type(view)):
            self.controls.add(control_id, getattr(view, control_id))

    def __enter__(self) -> LivePage:
        self._pages = live_pages()
        self._pages.append(self)
        self._goes_on = False
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            # An exception that ends the life cycle while the answer goes on.
            if error_type is not None and not (
                isinstance(error, HookAnswered) and error.response is self._stream
            ):
                self._abandon_stream()
        finally:
            try:
                if self._stream is None and not (self._goes_on and error is None):
                    self.stages.enter("unload")
            finally:
                self._pages.remove(self)

    def go_on(self) -> None:
        """Keep the page if the ``with`` statement ends without an exception; an
        exception ends it.
        """
        self._goes_on = True

    def advance(self, parts: Iterator[t.Any]) -> t.Any:
        """Take the next of some parts, with the page as the current one. The page may
        be inside another one.
        """
        self._pages.append(self)

        try:
            return next(parts)
        finally:
            self._pages.remove(self)

    def keep_until_closed(self, response: ResponseReturnValue) -> Response:
        """Keep the page while a response is streamed. It is unloaded when the response
        is closed.
        """
        self._stream = stream = self.page.app.make_response(response)
        stream.response = _PartsOfPage(stream.response, self)
        stream.call_on_close(self._close_stream)
        return stream

    def _close_stream(self) -> None:
        if self._stream is None:
            return  # abandoned, and unloaded already

        self._stream = None

        with self.page.app.app_context(), self:
            self.persister.check_saved()

    def _abandon_stream(self) -> None:
        abandoned, self._stream = self._stream, None

        if abandoned is not None:
            abandoned.close()


class _PartsOfPage:
    """The parts of a stream, with their page as the current one while each is made.

    :param parts: the parts of the response.
    """

    def __init__(self, parts: Iterable[t.Any], live_page: LivePage) -> None:
        self._parts: t.Any = parts
        self._iterator = iter(parts)
        self._live_page = live_page

    def __iter__(self) -> t.Self:
        return self

    def __next__(self) -> t.Any:
        return self._live_page.advance(self._iterator)

    def close(self) -> None:
        """Close the parts, if they can be closed."""
        if hasattr(self._parts, "close"):
            self._parts.close()
