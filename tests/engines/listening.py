"""Events of a page, and what waits for them, with the names that Playwright has."""

from __future__ import annotations

import re
import typing as t
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from playwright.sync_api import Error

from .tab import Told
from .tab import Waiting
from .traffic import Route

Matcher: t.TypeAlias = "str | re.Pattern[str] | Callable[[t.Any], bool]"
Handler: t.TypeAlias = "Callable[[t.Any], t.Any]"


class ConsoleMessage:
    """What a page told its console."""

    def __init__(self, told: Told) -> None:
        self.type = told.type
        self.text = told.text


class PageError(Error):
    """An exception that a page did not catch."""

    def __init__(self, told: Told) -> None:
        super().__init__(told.text)
        self._name = told.type


class Dialog:
    """A question that a page asks its user, who says no if nobody answers."""

    def __init__(self, message: str) -> None:
        self.message = message
        self.is_accepted = False

    def accept(self) -> None:
        """Say yes."""
        self.is_accepted = True

    def dismiss(self) -> None:
        """Say no."""
        self.is_accepted = False


class Download:
    """A file that was saved."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def suggested_filename(self) -> str:
        """Its name."""
        return self._file.name

    def path(self) -> Path:
        """Where it lies until the next one is saved."""
        return self._file


def matches(pattern: Matcher | None, url: str, event: t.Any) -> bool:
    """Tell whether an event, or its address, is meant.

    :param pattern: as Playwright takes it.
    """
    if pattern is None:
        return True

    if isinstance(pattern, str):
        return glob(pattern).search(url) is not None

    if isinstance(pattern, re.Pattern):
        return pattern.search(url) is not None

    return bool(pattern(event))


def glob(pattern: str) -> re.Pattern[str]:
    """Give the expression for a pattern of addresses with asterisks."""
    parts = re.split(r"(\*\*/?|\*)", pattern)
    meanings = {"**": ".*", "**/": "(.*/)?", "*": "[^/]*"}
    return re.compile(f"^{''.join(meanings.get(p, re.escape(p)) for p in parts)}$")


class Listening:
    """Hands events to those that listen."""

    def __init__(self) -> None:
        self._handlers: defaultdict[str, list[Handler]] = defaultdict(list)
        self._routes: list[tuple[Matcher, Handler]] = []

    def on(self, event: str, handler: Handler) -> None:
        """Listen to events."""
        self._handlers[event].append(handler)

    def remove_listener(self, event: str, handler: Handler) -> None:
        """Listen to events no more."""
        self._handlers[event].remove(handler)

    def tell(self, name: str, event: t.Any) -> None:
        """Tell what happened to those that listen."""
        for handler in list(self._handlers[name]):
            handler(event)

    # Requests that wait for the test.

    @property
    def has_routes(self) -> bool:
        """Whether the test decides about some requests."""
        return bool(self._routes)

    def route(self, url: Matcher, handler: Handler) -> None:
        """Let a test decide what becomes of requests."""
        self._routes.append((url, handler))

    def unroute(self, url: Matcher) -> None:
        """Let the server answer these requests again."""
        self._routes = [route for route in self._routes if route[0] != url]

    def unroute_all(self) -> None:
        """Let the server answer all requests again."""
        self._routes.clear()

    def decide(self, route: Route) -> None:
        """Ask the test what becomes of a request, or let the server answer it."""
        url = route.request.url

        for pattern, handler in reversed(self._routes):
            if matches(pattern, url, url):
                handler(route)
                return

        route.continue_()


Value = t.TypeVar("Value")


class Expected(t.Generic[Value]):
    """Waits for an event that what stands in the ``with`` brings about."""

    def __init__(
        self,
        page: Listening,
        name: str,
        is_meant: Callable[[t.Any], bool],
        wait: Callable[[Callable[[], None], str], None],
    ) -> None:
        self._page = page
        self._name = name
        self._is_meant = is_meant
        self._wait = wait
        self._found: list[Value] = []

    def __enter__(self) -> Expected[Value]:
        self._page.on(self._name, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._wait(self._look, f"a {self._name}")
        finally:
            self._page.remove_listener(self._name, self._note)

    def _note(self, event: Value) -> None:
        if not self._found and self._is_meant(event):
            self._found.append(event)

    def _look(self) -> None:
        if not self._found:
            raise Waiting("none has come")

    @property
    def value(self) -> Value:
        """What came."""
        return self._found[0]
