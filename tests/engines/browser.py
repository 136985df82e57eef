"""A browser and its contexts, with the names that Playwright has for them."""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Generator
from collections.abc import Mapping
from collections.abc import Sequence
from types import TracebackType

from .driver import Driver
from .firefox import Firefox
from .gateway import Gateway
from .page import host_of
from .page import Page
from .tab import Tab
from .tab import Waiting
from .wake import Wake
from .webkit import WebKit

DRIVERS: Mapping[str, type[Driver]] = {
    driver.name: driver for driver in (Firefox, WebKit)
}


class Browser:
    """A browser that was started."""

    def __init__(self, engine: str) -> None:
        self.name = engine
        wake = Wake()
        self.gateway = Gateway(wake)
        self.driver = DRIVERS[engine](wake)

    def new_context(
        self,
        *,
        java_script_enabled: bool = True,
        viewport: Mapping[str, int] | None = None,
    ) -> Context:
        """Open pages apart from all others."""
        return Context(self, is_plain=not java_script_enabled)

    def close(self) -> None:
        """End it."""
        self.driver.close()


class Opened:
    """A page that another one opened."""

    value: Page


class Context:
    """Pages that share their cookies."""

    def __init__(self, browser: Browser, *, is_plain: bool) -> None:
        self.browser = browser
        self.is_plain = is_plain
        self.is_offline = False
        self.pages: list[Page] = []
        self._timeout = 30.0

    def __enter__(self) -> Context:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def set_default_timeout(self, timeout: float) -> None:
        """Say how long to wait for what is not so yet, in milliseconds."""
        self._timeout = timeout / 1000

    def new_page(self) -> Page:
        """Open a page."""
        return self._adopt(None)

    def _adopt(self, name: str | None) -> Page:
        tab = Tab(self.browser.driver, name)
        page = Page(self, tab)
        page.timeout = self._timeout
        tab.before = lambda: self._use(page)
        self._use(page)
        self.pages.append(page)
        return page

    def _use(self, page: Page) -> None:
        # What comes in from now on, was sent by it.
        self.browser.gateway.user = page
        self.browser.driver.answer = page.answer

    @contextlib.contextmanager
    def expect_page(self) -> Generator[Opened]:
        """Wait until the pages open another one."""
        driver = self.browser.driver
        before = driver.list_tabs()
        opened = Opened()
        yield opened

        def look() -> str:
            for name in driver.list_tabs():
                if name not in before:
                    return name

            raise Waiting("no page was opened")

        found = self.pages[0].tab.until(look, self._timeout)
        opened.value = self._adopt(t.cast("str", found))

    def set_offline(self, offline: bool) -> None:
        """Let no request reach a server."""
        self.is_offline = offline

    def add_cookies(self, cookies: Sequence[Mapping[str, t.Any]]) -> None:
        """Give the pages cookies."""
        page = self.pages[-1]

        for cookie in cookies:
            made = {
                "name": cookie["name"],
                "value": cookie["value"],
                "path": cookie.get("path", "/"),
                "domain": cookie.get("domain") or host_of(cookie["url"]),
            }
            page.tab.driver.add_cookie(page.tab.name, made)

    def clear_cookies(self) -> None:
        """Take the cookies of the pages away."""
        page = self.pages[-1]
        page.tab.driver.clear_cookies(page.tab.name)

    def close_page(self, page: Page) -> None:
        """Close one of the pages."""
        self.pages.remove(page)

        if page.tab.is_open:
            page.tab.driver.close_tab(page.tab.name)

    def close(self) -> None:
        """Close the pages."""
        for page in list(self.pages):
            page.unroute_all()
            self.close_page(page)

        self.browser.driver.wake.do_all()
        self.browser.gateway.user = None
