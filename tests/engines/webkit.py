"""WebKitGTK, by W3C WebDriver, on a screen that nobody sees."""

from __future__ import annotations

import json
import os
import socket
import time
import typing as t
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import closing
from http.client import HTTPConnection

from .driver import Action
from .driver import COMMAND_WITHIN
from .driver import Driver
from .driver import DriverError
from .driver import NoScriptError

LOOK_EVERY = 0.3
"""In seconds."""


class WebKit(Driver):
    """The installed WebKitGTK."""

    name = "webkit"
    adds_scripts = False

    def _start(self) -> None:
        reading, writing = os.pipe()
        screen = ("-screen", "0", "1400x1100x24", "-nolisten", "tcp")
        self.processes.start(
            "Xvfb", "-displayfd", str(writing), *screen, pass_fds=(writing,)
        )
        os.close(writing)

        with open(reading) as pipe:
            display = self.processes.wait_for(lambda: pipe.readline() or None).strip()

        with socket.create_server(("127.0.0.1", 0)) as free:
            port = t.cast("int", free.getsockname()[1])

        self.processes.start("WebKitWebDriver", f"--port={port}", DISPLAY=f":{display}")
        self._connection = HTTPConnection("127.0.0.1", port)
        self._base = ""
        self.processes.wait_for(self._is_ready)
        wanted = {"pageLoadStrategy": "none", "unhandledPromptBehavior": "ignore"}
        made = self._send("POST", "/session", capabilities={"alwaysMatch": wanted})
        self._base = f"/session/{made['sessionId']}"
        # Its own timer would be the page's, which a test may move.
        self._send("POST", "/timeouts", script=None)
        self._first = self._tab = t.cast("str", self._send("GET", "/window"))

    def _is_ready(self) -> bool | None:
        try:
            return bool(self._send("GET", "/status")["ready"])
        except OSError:
            return None

    def _send(self, method: str, path: str, **parameters: t.Any) -> t.Any:
        try:
            self._ask(self._connection, method, path, **parameters)
            self._wait()
            status, value = self._receive(self._connection)
        except BaseException:
            # What the answer to this command is, the next one does not want to know.
            self._connection.close()
            raise

        if status == 200:
            return value

        if value["error"] == "unexpected alert open":
            self._answer_question()

        # Whatever a function itself throws, it gives as text.
        is_script = value["error"] == "javascript error"
        kind = DriverError if not is_script else NoScriptError
        raise kind(f"{value['error']}: {value['message']}")

    def _ask(
        self, connection: HTTPConnection, method: str, path: str, **parameters: t.Any
    ) -> None:
        body = json.dumps(parameters) if method == "POST" else None
        headers = {"Content-Type": "application/json"}
        connection.request(method, self._base + path, body, headers)

    def _wait(self) -> None:
        """Wait for the answer to a command, and answer meanwhile what the page asks."""
        assert self._connection.sock is not None
        end = time.monotonic() + COMMAND_WITHIN

        while True:
            try:
                return self.wake.wait_for(self._connection.sock, LOOK_EVERY)
            except TimeoutError:
                if time.monotonic() > end:
                    raise

                self._answer_question()

    def _answer_question(self) -> None:
        # The first connection may wait for what comes of it.
        with closing(HTTPConnection("127.0.0.1", self._connection.port)) as second:
            self._ask(second, "GET", "/alert/text")
            status, question = self._receive(second)

            if status == 200:
                verb = "accept" if self.answer(question) else "dismiss"
                self._ask(second, "POST", f"/alert/{verb}")
                self._receive(second)

    @staticmethod
    def _receive(connection: HTTPConnection) -> tuple[int, t.Any]:
        with connection.getresponse() as answer:
            return answer.status, json.loads(answer.read())["value"]

    def _go_to(self, tab: str) -> None:
        if tab != self._tab:
            self._send("POST", "/window", handle=tab)
            self._tab = tab

    def _disconnect(self) -> None:
        self._connection.close()

    def open_tab(self) -> str:
        self._go_to(self._first)
        # It shows only one tab of a window.
        made = self._send("POST", "/window/new", type="window")
        tab = t.cast("str", made["handle"])
        self._go_to(tab)
        return tab

    def list_tabs(self) -> list[str]:
        return t.cast("list[str]", self._send("GET", "/window/handles"))

    def close_tab(self, tab: str) -> None:
        self.clear_cookies(tab)
        self._send("DELETE", "/window")
        self._tab = ""

    def add_script(self, tab: str, source: str) -> None:
        # The test's server writes it into the pages.
        pass

    def navigate(self, tab: str, url: str) -> None:
        self._go_to(tab)
        self._send("POST", "/url", url=url)

    def reload(self, tab: str) -> None:
        self._go_to(tab)
        self._send("POST", "/refresh")

    def evaluate(self, tab: str, function: str) -> str:
        self._go_to(tab)
        answer = self._send(
            "POST", "/execute/sync", script=f"return ({function})()", args=[]
        )

        if answer is None:
            raise DriverError("The page was left.")

        return t.cast("str", answer)

    def perform(self, tab: str, actions: Sequence[Action]) -> None:
        self._go_to(tab)
        self._send("POST", "/actions", actions=actions)

    def set_viewport(self, tab: str, width: int, height: int) -> None:
        # What the window has beside the page stays as it is.
        size = json.loads(self.evaluate(tab, INNER_SIZE))
        outer = t.cast("dict[str, int]", self._send("GET", "/window/rect"))
        self._send(
            "POST",
            "/window/rect",
            width=outer["width"] + width - size[0],
            height=outer["height"] + height - size[1],
        )

    def add_cookie(self, tab: str, cookie: Mapping[str, t.Any]) -> None:
        self._go_to(tab)
        self._send("POST", "/cookie", cookie=cookie)

    def clear_cookies(self, tab: str) -> None:
        self._go_to(tab)
        self._send("DELETE", "/cookie")
        end = time.monotonic() + COMMAND_WITHIN

        # It answers before they are gone.
        while self._send("GET", "/cookie"):
            assert time.monotonic() < end, "There are still cookies."
            self.wake.sleep(0.01)


INNER_SIZE = "() => JSON.stringify([innerWidth, innerHeight])"
