"""A page in a browser, with the names and the meaning that Playwright has for it."""

from __future__ import annotations

import contextlib
import json
import time
import typing as t
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urldefrag
from urllib.parse import urlsplit

from playwright.sync_api import Error

from . import keys
from .driver import DriverError
from .listening import ConsoleMessage
from .listening import Dialog
from .listening import Download
from .listening import Expected
from .listening import Listening
from .listening import Matcher
from .listening import matches
from .listening import PageError
from .locator import File
from .locator import Finder
from .locator import Locator
from .tab import CLOCK
from .tab import RECORDER
from .tab import Tab
from .tab import Told
from .tab import Waiting
from .traffic import Request
from .traffic import Response

if t.TYPE_CHECKING:
    from .browser import Context

# An image may have the name of a member of its document.
READY = 'Reflect.get(Document.prototype, "readyState", document)'
PLACE = f"[performance.timeOrigin, location.href, {READY}]"
BLANK = "about:blank"


class Keyboard:
    """Keys, pressed where the focus is."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab

    def press(self, key: str) -> None:
        """Press a key."""
        self._tab.act(keys.press(key))

    def type(self, text: str) -> None:
        """Press the key of each character."""
        self._tab.act(keys.write(text))


class Clock:
    """The page's clock, which the test moves."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def install(self) -> None:
        """Take the place of the machine's clock, now and in all pages to come."""
        self._page.add_init_script(CLOCK)
        self._page.evaluate(f"() => {{ {CLOCK}\n}}")

    def run_for(self, ticks: int) -> None:
        """Let time pass, in milliseconds, and all that happens meanwhile."""
        self._page.evaluate(f"{STATE}.clock.run({ticks})")

    def pause_at(self, time: float) -> None:
        """Go to a time, in seconds since the epoch, and stay there."""
        self._page.evaluate(f"{STATE}.clock.pause({time * 1000})")


STATE = 'window[Symbol.for("tests.engine")]'


class Page(Finder, Listening):
    """A page."""

    def __init__(self, context: Context, tab: Tab) -> None:
        Finder.__init__(self, tab, [], 30.0)
        Listening.__init__(self)
        self.context = context
        self.keyboard = Keyboard(tab)
        self.clock = Clock(self)
        self.last_navigation: Response | None = None
        tab.is_plain = context.is_plain
        tab.hear = self._hear
        tab.before_act = self._begin_act
        tab.is_leaving = self._is_leaving
        self._loading: Request | None = None

        if not context.is_plain:
            self.add_init_script(RECORDER)

    def __repr__(self) -> str:
        return "<Page>"

    # What the server before the test's application asks.

    @property
    def is_plain(self) -> bool:
        """Whether it runs no scripts."""
        return self.context.is_plain

    @property
    def is_offline(self) -> bool:
        """Whether it reaches no server."""
        return self.context.is_offline

    @property
    def first_scripts(self) -> str:
        """What is to run before the scripts of a page, if the server writes it."""
        if self.tab.driver.adds_scripts or self.is_plain:
            return ""

        own = "document.currentScript.remove()"
        return ";\n".join([own, *self.tab.scripts])

    def tell(self, name: str, event: t.Any) -> None:
        """Tell what happened to those that listen."""
        if isinstance(event, Response) and event.request.is_navigation_request():
            self.last_navigation = event

        if isinstance(event, Request) and event.is_document_request():
            self._loading = event

        super().tell(name, event)

        if isinstance(event, Response) and event.is_document:
            # With the address, as a frame has it.
            super().tell("framenavigated", event)

    def answer(self, question: str) -> bool:
        """Let those that listen answer what the page asks its user."""
        dialog = Dialog(question)
        self.tell("dialog", dialog)
        return dialog.is_accepted

    def _begin_act(self) -> None:
        self._loading = None

    def _is_leaving(self) -> bool:
        """Tell whether an answer is on its way that takes the page's place."""
        loading = self._loading
        state = ""

        if loading is None and not (self.tab.is_left or self.tab.leads_on):
            return False

        if loading is not None and (loading.waits or loading.keeps_page):
            return False

        # While it is being left it tells nothing.
        with contextlib.suppress(DriverError):
            state = self.tab.run(READY)

        return state == "loading" or self.tab.document == self.tab.acted_in

    def _hear(self, told: Told) -> None:
        if told.name == "console":
            self.tell("console", ConsoleMessage(told))
        else:
            self.tell("pageerror", PageError(told))

    # Where it is.

    def goto(self, url: str, *, wait_until: str = "load") -> Response | None:
        """Load an address."""
        before = self._place()
        self.last_navigation = None
        self.tab.driver.navigate(self.tab.name, url)
        old, new = urldefrag(t.cast("str", before[1])), urldefrag(url)

        if old.url == new.url and new.fragment and old.fragment != new.fragment:
            return None

        self._wait_for_document(before[0], url, wait_until)
        return self.last_navigation

    def reload(self) -> Response | None:
        """Load its address anew."""
        before = self._place()
        self.last_navigation = None
        self.tab.driver.reload(self.tab.name)
        self._wait_for_document(before[0], before[1])
        return self.last_navigation

    def go_back(self) -> None:
        """Go back to the page before."""
        self._go("history.back()")

    def go_forward(self) -> None:
        """Go forward to the page after."""
        self._go("history.forward()")

    def _go(self, script: str) -> None:
        with self.expect_navigation():
            self.evaluate(f"() => {{ {script} }}")

    def _place(self) -> t.Any:
        return self.tab.ask(PLACE)

    def _wait_for_document(
        self, old: float, url: str, wait_until: str = "load"
    ) -> None:
        def look() -> None:
            origin, href, state = self.tab.run(PLACE)
            # Where another process is to show the page, it begins with an empty one.
            is_empty = href == BLANK != url

            if origin == old or is_empty:
                raise Waiting("the page has not come")

            if state != "complete" and wait_until == "load":
                raise Waiting("the page is not loaded")

        self._wait(look, "a page")

    def _wait(self, look: Callable[[], None], what: str) -> None:
        self.tab.until(look, self.timeout, what)

    @property
    def url(self) -> str:
        """Its address."""
        return t.cast("str", self._place()[1])

    def title(self) -> str:
        """Its title."""
        return t.cast("str", self.tab.ask("document.title"))

    def content(self) -> str:
        """Its HTML as it is now."""
        return t.cast("str", self.tab.ask("document.documentElement.outerHTML"))

    def wait_for_url(self, url: Matcher) -> None:
        """Wait until it has an address."""

        def look() -> None:
            _, href, state = self.tab.run(PLACE)

            if not matches(url, href, href) or state != "complete":
                raise Waiting(f"the address is {href}")

        self._wait(look, str(url))

    def wait_for_load_state(self, state: str = "load") -> None:
        """Wait until it is loaded, and until nothing more comes if that is asked."""

        def look() -> None:
            found = self.tab.run(READY)

            if found == "loading" or (state == "load" and found != "complete"):
                raise Waiting("it is not loaded")

        self._wait(look, state)

        if state == "networkidle":
            end = time.monotonic() + 0.5

            while time.monotonic() < end:
                self.tab.driver.wake.sleep(0.05)

    # Scripts.

    def evaluate(self, expression: str, argument: t.Any = None) -> t.Any:
        """Evaluate an expression, and call it if it is a function."""
        self.tab.driver.wake.do_all()

        if self.tab.has_just_acted:
            self.wait_for_load_state("domcontentloaded")

        try:
            value = self.tab.run(expression, argument)
        except DriverError as error:
            if not self.tab.has_just_acted:
                raise Error(f"Page.evaluate: {error}") from None

            value = self.tab.ask(expression, argument)

        self.tab.driver.wake.do_all()
        return value

    def eval_on_selector_all(
        self, selector: str, expression: str, argument: t.Any = None
    ) -> t.Any:
        """Call a function with all elements that a selector names."""
        return self.locator(selector).evaluate_all(expression, argument)

    def wait_for_function(
        self,
        expression: str,
        *,
        arg: t.Any = None,
        timeout: float | None = None,
        polling: float = 0,
    ) -> None:
        """Wait until what an expression gives is true."""
        script = f"""async argument => {{
          const value = ({expression}\n)
          return Boolean(await (typeof value === "function" ? value(argument) : value))
        }}"""

        def look() -> None:
            if not self.tab.run(script, arg):
                raise Waiting(expression)

        within = self.timeout if timeout is None else timeout / 1000
        self.tab.until(look, within, expression)

    def add_init_script(self, script: str) -> None:
        """Let a script run first in each page that is loaded from now on."""
        self.tab.add_script(script)

    def add_script_tag(
        self, *, url: str | None = None, content: str | None = None
    ) -> None:
        """Write a script into the page."""
        self.evaluate(
            """({ url, content }) => new Promise((resolve, reject) => {
              const script = document.createElement("script")
              if (url) {
                script.onload = resolve
                script.onerror = () => reject(new Error("The script was not loaded."))
                script.src = url
              } else script.text = content
              document.head.append(script)
              if (!url) resolve()
            })""",
            {"url": url, "content": content},
        )

    def set_content(self, html: str) -> None:
        """Write a page of a test's own."""
        self.evaluate(
            """html => {
              document.open()
              document.write(html)
              document.close()
            }""",
            html,
        )

    # Events.

    def expect_event(
        self, event: str, predicate: Callable[[t.Any], bool] | None = None
    ) -> Expected[t.Any]:
        """Wait for an event."""
        return self._expect(event, lambda found: predicate is None or predicate(found))

    def _expect(self, name: str, is_meant: Callable[[t.Any], bool]) -> Expected[t.Any]:
        def wait(look: Callable[[], None], what: str) -> None:
            def see() -> None:
                # What the page has to tell comes with any answer.
                self.tab.run("0")
                self.tab.driver.wake.do_all()
                look()

            self._wait(see, what)

        return Expected(self, name, is_meant, wait)

    def expect_request(self, url_or_predicate: Matcher) -> Expected[Request]:
        """Wait for a request."""
        return self._expect(
            "request", lambda asked: matches(url_or_predicate, asked.url, asked)
        )

    def expect_response(self, url_or_predicate: Matcher) -> Expected[Response]:
        """Wait for an answer of the server."""
        return self._expect(
            "response", lambda answer: matches(url_or_predicate, answer.url, answer)
        )

    def expect_console_message(
        self, predicate: Callable[[ConsoleMessage], bool] | None = None
    ) -> Expected[ConsoleMessage]:
        """Wait for a message in the console."""
        return self.expect_event("console", predicate)

    @contextlib.contextmanager
    def expect_navigation(self, *, url: Matcher | None = None) -> Generator[Navigation]:
        """Wait until the page is left for another one, or for another place of it."""
        origin, href, _ = self._place()
        self.last_navigation = None
        navigation = Navigation()
        yield navigation

        def look() -> None:
            now, found, state = self.tab.run(PLACE)

            if (now, found) == (origin, href) or state != "complete":
                raise Waiting(f"the page is {found}")

            if not matches(url, found, found):
                raise Waiting(f"the page is {found}")

        self._wait(look, "a navigation")
        navigation.value = self.last_navigation

    @contextlib.contextmanager
    def expect_download(self) -> Generator[Downloading]:
        """Wait until a file is saved."""
        folder = self.tab.driver.downloads

        for file in folder.iterdir():
            file.unlink()

        downloading = Downloading()
        yield downloading

        def look() -> Path:
            try:
                files = [file for file in folder.iterdir() if file.stat().st_size]
            except FileNotFoundError:
                raise Waiting("a file has another name now") from None

            # Beside a file that is not complete lies another, or it has another name.
            if len(files) != 1 or files[0].suffix in (".part", ".wkdownload"):
                raise Waiting(f"there is {files}")

            return files[0]

        file = self.tab.until(look, self.timeout, "a download")
        downloading.value = Download(file)

    # What Playwright has for a page beside its locators.

    def click(self, selector: str, **more: t.Any) -> None:
        """Click on an element."""
        self.locator(selector).click(**more)

    def fill(self, selector: str, value: str) -> None:
        """Type a text in the place of what a field holds."""
        self.locator(selector).fill(value)

    def press(self, selector: str, key: str) -> None:
        """Press a key with the focus there."""
        self.locator(selector).press(key)

    def check(self, selector: str) -> None:
        """Click on a box that is not checked."""
        self.locator(selector).check()

    def focus(self, selector: str) -> None:
        """Give an element the focus."""
        self.locator(selector).focus()

    def select_option(self, selector: str, value: str | Sequence[str]) -> list[str]:
        """Choose options."""
        return self.locator(selector).select_option(value)

    def set_input_files(self, selector: str, files: File | Sequence[File]) -> None:
        """Choose files."""
        self.locator(selector).set_input_files(files)

    def input_value(self, selector: str) -> str:
        """Give the value of a control."""
        return self.locator(selector).input_value()

    def inner_text(self, selector: str) -> str:
        """Give the text of an element as it is shown."""
        return self.locator(selector).inner_text()

    def inner_html(self, selector: str) -> str:
        """Give the HTML of an element."""
        return self.locator(selector).inner_html()

    def text_content(self, selector: str) -> str | None:
        """Give the text of an element."""
        return self.locator(selector).text_content()

    def get_attribute(self, selector: str, name: str) -> str | None:
        """Give an attribute of an element."""
        return self.locator(selector).get_attribute(name)

    def query_selector(self, selector: str) -> Locator | None:
        """Find an element that may be there."""
        found = self.locator(selector)
        return found.first if found.count() else None

    def wait_for_selector(self, selector: str) -> Locator:
        """Wait until an element is seen."""
        found = self.locator(selector).first
        found.wait_for()
        return found

    def set_viewport_size(self, viewport_size: Mapping[str, int]) -> None:
        """Change its size, in CSS pixels."""
        size = [viewport_size["width"], viewport_size["height"]]
        self.tab.driver.set_viewport(self.tab.name, *size)

        def look() -> None:
            if self.tab.run("[innerWidth, innerHeight]") != size:
                raise Waiting("it has another size")

        self._wait(look, f"a page of {json.dumps(size)}")

    def close(self) -> None:
        """Close it."""
        self.context.close_page(self)


class Downloading:
    """What came of a download."""

    value: Download


class Navigation:
    """What came of a navigation."""

    value: Response | None = None


def host_of(url: str) -> str:
    """Give the host of an address."""
    return urlsplit(url).hostname or ""
