"""The clock of a page, where a test moves it."""

from __future__ import annotations

from playwright.sync_api import Page


def stop_clock(page: Page) -> None:
    """Let no time pass in a page but what the test lets pass. A clock that is only
    installed goes on with the machine's, which may be busy for a while.
    """
    page.clock.install()
    pause_clock(page)


def pause_clock(page: Page) -> None:
    """Do so in a page whose clock is installed."""
    # In seconds.
    page.clock.pause_at(page.evaluate("Date.now() / 1000 + 1"))
