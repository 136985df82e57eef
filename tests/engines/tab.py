"""A tab of a browser, as far as the driver and the scripts of this folder know it."""

from __future__ import annotations

import json
import re
import time
import typing as t
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Error
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from .driver import Action
from .driver import Driver
from .driver import DriverError
from .driver import NoScriptError

SCRIPTS = Path(__file__).parent / "scripts"
RECORDER = (SCRIPTS / "recorder.js").read_text()
CLOCK = (SCRIPTS / "clock.js").read_text()


def _read(name: str, begin: str) -> str:
    """Read a script that is an expression, without what stands before it."""
    text = (SCRIPTS / name).read_text()
    return text[text.index(begin) :].rstrip()


BEFORE, AROUND, AFTER = re.split("SOURCE|ARGUMENT", _read("evaluate.js", "() =>"))
LIBRARY = _read("elements.js", "(() =>")

ASK_EVERY = 0.015
"""In seconds."""

LEAVE_WITHIN = 1.0
"""In seconds."""


class Told(t.NamedTuple):
    """What a page told its console, or an exception that it did not catch."""

    name: str
    type: str
    text: str


class Waiting(Exception):
    """What a test waits for is not so yet."""


class Tab:
    """Evaluates scripts in a page, and waits."""

    def __init__(self, driver: Driver, name: str | None = None) -> None:
        self.driver = driver
        self._name = name
        self.scripts: list[str] = []
        self.document: float = 0
        self.is_left = False
        self.is_plain = False
        self.leads_on = False
        self.acted_in: float = 0
        self.hear: Callable[[Told], None] = lambda told: None
        self.before: Callable[[], None] = lambda: None
        self.before_act: Callable[[], None] = lambda: None
        self.is_leaving: Callable[[], bool] = lambda: False
        self._acted = 0.0

    @property
    def is_open(self) -> bool:
        """Whether it was used."""
        return self._name is not None

    @property
    def name(self) -> str:
        """Its name for the driver. One that nobody uses is not opened, and so takes the
        focus from no other.
        """
        if self._name is None:
            self._name = self.driver.open_tab()

            for script in self.scripts:
                self.driver.add_script(self._name, script)

        return self._name

    def add_script(self, source: str) -> None:
        """Let a script run first in each page that is loaded from now on."""
        self.scripts.append(source)

        if self._name is not None:
            self.driver.add_script(self._name, source)

    def run(self, source: str, argument: t.Any = None) -> t.Any:
        """Evaluate an expression, call it if it is a function, and give its value.

        :raises DriverError: if the page was left meanwhile.
        :raises Error: if the script throws.
        """
        self.before()
        given = json.dumps(argument)
        called = source.rstrip().removesuffix(";")

        try:
            text = self._call(called, given)
        except NoScriptError:
            # It may be statements.
            text = self._call(f"() => {{ {source}\n}}", given)

        answer = json.loads(text)
        self.document = answer["document"]
        self.is_left = answer["left"]

        for event in answer["events"]:
            self.hear(Told(**event))

        if "error" in answer:
            raise Error(answer["error"])

        return _unpack(answer["value"])

    def _call(self, called: str, given: str) -> str:
        whole = f"{BEFORE}{called}{AROUND}{given}{AFTER}"
        return self.driver.evaluate(self.name, whole)

    def ask(self, source: str, argument: t.Any = None) -> t.Any:
        """Evaluate what changes nothing, also if the page is left meanwhile."""
        return self.until(lambda: self.run(source, argument), 10.0)

    def use(self, source: str, argument: t.Any) -> t.Any:
        """Do with elements what a script says that gets the library of elements.

        :raises Waiting: if that is not possible yet.
        """
        call = f"argument => ({source})(({LIBRARY}), argument)"
        answer: t.Any = self.run(call, argument)

        if isinstance(answer, dict) and "wait" in answer:
            raise Waiting(f"{answer}")

        return t.cast("t.Any", answer)

    def act(self, actions: Sequence[Action], *, leads: bool = False) -> None:
        """Do what a user does, and wait for another page if that leads there.

        :param leads: whether it does where no script runs.
        """
        self.acted_in = self.document
        self.leads_on = leads and self.is_plain
        self.before_act()
        self.before()
        self.driver.perform(self.name, actions)
        # By then what the page does about it has begun.
        self.ask("0")
        self._acted = time.monotonic()
        end = self._acted + LEAVE_WITHIN

        while self.is_leaving() and time.monotonic() < end:
            self.driver.wake.sleep(ASK_EVERY)

    @property
    def has_just_acted(self) -> bool:
        """Whether a page that is left now is left because of what a user did."""
        return time.monotonic() < self._acted + LEAVE_WITHIN

    def until(
        self, work: Callable[[], t.Any], timeout: float, describe: str = ""
    ) -> t.Any:
        """Do something again until it needs not wait, nor is interrupted because the
        page is left.

        :param timeout: in seconds.
        :raises playwright.sync_api.TimeoutError: if it takes longer.
        """
        end = time.monotonic() + timeout

        while True:
            self.driver.wake.do_all()

            try:
                value = work()
                # What led there is told, too.
                self.driver.wake.do_all()
                return value
            except (Waiting, DriverError) as error:
                if time.monotonic() > end:
                    raise PlaywrightTimeoutError(
                        f"{describe}: for {timeout} s: {error}"
                    ) from None

            self.driver.wake.sleep(ASK_EVERY)


def _unpack(value: t.Any) -> t.Any:
    if isinstance(value, list):
        return [_unpack(item) for item in t.cast("list[t.Any]", value)]

    if not isinstance(value, dict):
        return value

    found = t.cast("dict[str, t.Any]", value)

    if "tests$number" in found:
        text = t.cast("str", found["tests$number"])
        return float(text) if text.endswith(("NaN", "Infinity")) else int(text)

    return {name: _unpack(item) for name, item in found["tests$entries"]}
