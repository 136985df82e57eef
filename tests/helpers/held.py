"""Callbacks that are held back in the browser."""

from __future__ import annotations

import typing as t

from playwright.sync_api import Page
from playwright.sync_api import Request
from playwright.sync_api import Route


class Held:
    """Keeps callbacks on their way until a test lets them go."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._routes: dict[str, Route] = {}
        page.route("**/*", self._hold)

    def _hold(self, route: Route) -> None:
        if route.request.method == "POST":
            self._routes[argument_of(route.request)] = route
        else:
            route.continue_()

    def wait_for(self, argument: str) -> None:
        """Wait until one is on its way."""
        for _ in range(1000):
            if argument in self._routes:
                break

            # What the browser has to tell comes in with the answer.
            self._page.evaluate("0")

        assert argument in self._routes

    def expect_only(self, *arguments: str) -> None:
        """See that these are on their way, and no others."""
        for argument in arguments:
            self.wait_for(argument)

        # One that is sent without waiting is told before the page does a thing later.
        self._page.evaluate("new Promise(resolve => setTimeout(resolve, 20))")
        assert sorted(self._routes) == sorted(arguments)

    def let_go(self, argument: str) -> t.Any:
        """Let one go, and give its answer."""
        self.wait_for(argument)
        route = self._routes.pop(argument)

        with self._page.expect_response(lambda r: r.request == route.request) as got:
            route.continue_()

        return got.value.json()


def argument_of(asked: Request) -> str:
    """Tell the argument of a callback's request."""
    data = t.cast("dict[str, str]", asked.post_data_json)
    return data["__CALLBACKPARAM"].strip('"')
