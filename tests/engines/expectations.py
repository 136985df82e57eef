"""What a test expects of a page, whichever engine has it."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable
from collections.abc import Sequence

from playwright.sync_api import expect as expect_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from .locator import Locator
from .page import Page
from .tab import Waiting

EXPECT_WITHIN = 5.0
"""In seconds, as in Playwright."""

IS_ON_SCREEN = """element => {
  const { top, bottom, left, right } = element.getBoundingClientRect()
  return bottom > 0 && top < innerHeight && right > 0 && left < innerWidth
}"""

Expected: t.TypeAlias = "str | re.Pattern[str]"
State: t.TypeAlias = "dict[str, t.Any]"
Look: t.TypeAlias = "Callable[[], tuple[bool, t.Any]]"


def expect(actual: t.Any) -> t.Any:
    """See that something is so, or is about to be."""
    if isinstance(actual, Locator):
        return LocatorAssertions(actual)

    if isinstance(actual, Page):
        return PageAssertions(actual)

    return t.cast("t.Any", expect_playwright)(actual)


class _Assertions:
    """Waits until something is so."""

    def __init__(self, actual: t.Any, page: t.Any) -> None:
        self._actual = actual
        self._tab = page.tab

    def _wait(self, look: Look, wanted: t.Any, timeout: float | None) -> None:
        seen: t.Any = None

        def see() -> None:
            nonlocal seen
            is_so, seen = look()

            if not is_so:
                raise Waiting(f"{seen!r}")

        within = EXPECT_WITHIN if timeout is None else timeout / 1000

        try:
            self._tab.until(see, within)
        except PlaywrightTimeoutError:
            raise AssertionError(
                f"{self._actual} was expected to be {wanted!r}, and is {seen!r}"
            ) from None


class PageAssertions(_Assertions):
    """What is expected of a page."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, page)
        self._page = page

    def to_have_title(self, title: Expected, *, timeout: float | None = None) -> None:
        """It has a title."""
        self._wait(lambda: _with(title, self._page.title()), title, timeout)

    def to_have_url(self, url: Expected, *, timeout: float | None = None) -> None:
        """It has an address."""
        self._wait(lambda: _with(url, self._page.url), url, timeout)


class LocatorAssertions(_Assertions):
    """What is expected of elements."""

    def __init__(self, locator: Locator) -> None:
        super().__init__(locator, locator)
        self._locator = locator

    def _one(
        self,
        look: Callable[[State], tuple[bool, t.Any]],
        wanted: t.Any,
        timeout: float | None,
        attribute: str | None = None,
        absent: bool = False,
    ) -> None:
        """Wait for a state of the one element.

        :param absent: whether there may also be none.
        """

        def see() -> tuple[bool, t.Any]:
            states = self._locator.states(attribute)

            if len(states) > 1:
                raise AssertionError(f"{self._locator}: {len(states)} elements")

            return look(states[0]) if states else (absent, "no element")

        self._wait(see, wanted, timeout)

    def _have(
        self, name: str, wanted: t.Any, timeout: float | None, absent: bool = False
    ) -> None:
        """Wait until the one element has something, or has it not."""

        def look(state: State) -> tuple[bool, t.Any]:
            return bool(state[name]) == wanted, state[name]

        self._one(look, name, timeout, absent=absent)

    def _texts(
        self, expected: Expected | Sequence[Expected], timeout: float | None, part: bool
    ) -> None:
        if isinstance(expected, str | re.Pattern):
            self._one(lambda s: _with(expected, s["text"], part), expected, timeout)
            return

        def see() -> tuple[bool, t.Any]:
            texts = self._locator.all_text_contents()
            same = len(texts) == len(expected)
            pairs = zip(expected, texts, strict=False)
            return same and all(_with(one, text, part)[0] for one, text in pairs), texts

        self._wait(see, expected, timeout)

    def to_have_text(
        self,
        expected: Expected | Sequence[Expected],
        *,
        use_inner_text: bool = False,
        timeout: float | None = None,
    ) -> None:
        """It has a text, or they have these."""
        self._texts(expected, timeout, False)

    def to_contain_text(
        self, expected: Expected | Sequence[Expected], *, timeout: float | None = None
    ) -> None:
        """Its text has a part."""
        self._texts(expected, timeout, True)

    def not_to_have_text(
        self, expected: Expected, *, timeout: float | None = None
    ) -> None:
        """It has another text."""
        self._one(lambda s: _without(expected, s["text"]), expected, timeout)

    def not_to_contain_text(
        self, expected: Expected, *, timeout: float | None = None
    ) -> None:
        """Its text has no such part."""
        self._one(lambda s: _without(expected, s["text"], True), expected, timeout)

    def to_have_count(self, count: int, *, timeout: float | None = None) -> None:
        """There are so many."""

        def see() -> tuple[bool, t.Any]:
            found = self._locator.count()
            return found == count, found

        self._wait(see, count, timeout)

    def to_have_value(self, value: Expected, *, timeout: float | None = None) -> None:
        """A control has a value."""
        self._one(lambda s: _with(value, s["value"], exact=True), value, timeout)

    def not_to_have_value(
        self, value: Expected, *, timeout: float | None = None
    ) -> None:
        """A control has another value."""
        self._one(lambda s: _without(value, s["value"], exact=True), value, timeout)

    def to_have_attribute(
        self, name: str, value: Expected, *, timeout: float | None = None
    ) -> None:
        """An attribute has a value."""
        self._one(
            lambda s: _with(value, s["attribute"], exact=True), value, timeout, name
        )

    def not_to_have_attribute(
        self, name: str, value: Expected, *, timeout: float | None = None
    ) -> None:
        """An attribute has not a value."""
        self._one(
            lambda s: _without(value, s["attribute"], exact=True), value, timeout, name
        )

    def to_have_id(self, id: Expected, *, timeout: float | None = None) -> None:
        """It has an id."""
        self._one(lambda s: _with(id, s["id"], exact=True), id, timeout)

    def to_be_attached(self, *, timeout: float | None = None) -> None:
        """It is there."""
        self._one(lambda s: (True, s), "attached", timeout)

    def not_to_be_attached(self, *, timeout: float | None = None) -> None:
        """It is not there."""
        self.to_have_count(0, timeout=timeout)

    def to_be_visible(self, *, timeout: float | None = None) -> None:
        """It is seen."""
        self._have("visible", True, timeout)

    def not_to_be_visible(self, *, timeout: float | None = None) -> None:
        """It is not seen, or not there."""
        self._have("visible", False, timeout, True)

    to_be_hidden = not_to_be_visible

    def to_be_focused(self, *, timeout: float | None = None) -> None:
        """It has the focus."""
        self._have("focused", True, timeout)

    def not_to_be_focused(self, *, timeout: float | None = None) -> None:
        """It has not the focus."""
        self._have("focused", False, timeout)

    def to_be_checked(self, *, timeout: float | None = None) -> None:
        """A box is checked."""
        self._have("checked", True, timeout)

    def not_to_be_checked(self, *, timeout: float | None = None) -> None:
        """A box is not checked."""
        self._have("checked", False, timeout)

    def to_be_disabled(self, *, timeout: float | None = None) -> None:
        """It is disabled."""
        self._have("disabled", True, timeout)

    def to_be_enabled(self, *, timeout: float | None = None) -> None:
        """It is not disabled."""
        self._have("disabled", False, timeout)

    def to_be_empty(self, *, timeout: float | None = None) -> None:
        """It has no text."""
        self._have("text", False, timeout)

    def not_to_be_empty(self, *, timeout: float | None = None) -> None:
        """It has a text."""
        self._have("text", True, timeout)

    def to_be_in_viewport(self, *, timeout: float | None = None) -> None:
        """Some of it lies in the window."""

        def see() -> tuple[bool, t.Any]:
            found = self._locator.evaluate(IS_ON_SCREEN)
            return bool(found), found

        self._wait(see, "in the window", timeout)


def _squeeze(text: str) -> str:
    return " ".join(text.replace("\u200b", "").split())


def _with(
    expected: Expected, text: str | None, part: bool = False, *, exact: bool = False
) -> tuple[bool, t.Any]:
    """Tell whether a text is as expected, and give it.

    :param exact: whether white space counts.
    """
    if text is None:
        return False, None

    found = text if exact else _squeeze(text)

    if isinstance(expected, re.Pattern):
        return expected.search(found) is not None, text

    wanted = expected if exact else _squeeze(expected)
    return wanted in found if part else wanted == found, text


def _without(
    expected: Expected, text: str | None, part: bool = False, *, exact: bool = False
) -> tuple[bool, t.Any]:
    return not _with(expected, text, part, exact=exact)[0], text
