"""What is the same with each engine: the commands that a page needs of it."""

from __future__ import annotations

import typing as t
from abc import ABC
from abc import abstractmethod
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

from .processes import Processes
from .wake import Wake

COMMAND_WITHIN = 40.0
"""In seconds."""

Action: t.TypeAlias = "Mapping[str, t.Any]"


class DriverError(Exception):
    """What the browser answered in the place of a value."""


class NoScriptError(DriverError):
    """What is to be evaluated is no JavaScript."""


class Driver(ABC):
    """A running browser without a window that anybody sees."""

    name: t.ClassVar[str]
    adds_scripts: t.ClassVar[bool]
    """Whether it lets scripts run first in a page, so that the server need not."""

    def __init__(self, wake: Wake) -> None:
        self.wake = wake
        self.processes = Processes(self.name)
        self.answer: Callable[[str], bool] = lambda question: False
        """Answers what a page asks its user."""

        try:
            self._start()
        except BaseException:
            self.processes.close()
            wake.close()
            raise

    @abstractmethod
    def _start(self) -> None:
        """Start the browser and a session with it."""

    @abstractmethod
    def open_tab(self) -> str:
        """Open a tab without cookies, and give its name."""

    @abstractmethod
    def list_tabs(self) -> list[str]:
        """List the names of all tabs."""

    @abstractmethod
    def close_tab(self, tab: str) -> None:
        """Close a tab, and forget its cookies."""

    @abstractmethod
    def add_script(self, tab: str, source: str) -> None:
        """Let a script run first in each page that a tab loads from now on."""

    @abstractmethod
    def navigate(self, tab: str, url: str) -> None:
        """Let a tab load an address. Whoever calls waits until it has."""

    @abstractmethod
    def reload(self, tab: str) -> None:
        """Let a tab load its address anew."""

    @abstractmethod
    def evaluate(self, tab: str, function: str) -> str:
        """Call a function without parameters in the page, and give the text that its
        promise gives.
        """

    @abstractmethod
    def perform(self, tab: str, actions: Sequence[Action]) -> None:
        """Perform actions as W3C WebDriver describes them."""

    @abstractmethod
    def set_viewport(self, tab: str, width: int, height: int) -> None:
        """Change the size of a page, in CSS pixels."""

    @abstractmethod
    def add_cookie(self, tab: str, cookie: Mapping[str, t.Any]) -> None:
        """Give a tab a cookie."""

    @abstractmethod
    def clear_cookies(self, tab: str) -> None:
        """Take a tab's cookies away."""

    @property
    def downloads(self) -> Path:
        """The folder that downloads are saved in."""
        return self.processes.home / "downloads"

    @abstractmethod
    def _disconnect(self) -> None:
        """End the connection with it."""

    def close(self) -> None:
        """End the browser."""
        self._disconnect()
        self.wake.close()
        self.processes.close()
