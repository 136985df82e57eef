"""WebKitGTK, by W3C WebDriver, on a screen that nobody sees."""

from __future__ import annotations

import http.client
import json
import os
import socket
import typing as t
from collections.abc import Mapping
from collections.abc import Sequence

from .driver import Action
from .driver import COMMAND_WITHIN
from .driver import Driver
from .driver import DriverError


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
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._base = ""
        self.processes.wait_for(self._is_ready)
        wanted = {"pageLoadStrategy": "none", "unhandledPromptBehavior": "ignore"}
        made = self._send("POST", "/session", capabilities={"alwaysMatch": wanted})
        self._base = f"/session/{made['sessionId']}"
        self._send("POST", "/timeouts", script=60_000, pageLoad=60_000)
        self._first = self._tab = t.cast("str", self._send("GET", "/window"))

    def _is_ready(self) -> bool | None:
        try:
            return bool(self._send("GET", "/status")["ready"])
        except OSError:
            return None

    def _send(self, method: str, path: str, **parameters: t.Any) -> t.Any:
        body = json.dumps(parameters) if method == "POST" else None
        headers = {"Content-Type": "application/json"}

        try:
            self._connection.request(method, self._base + path, body, headers)
            assert self._connection.sock is not None
            self.wake.wait_for(self._connection.sock, COMMAND_WITHIN)

            with self._connection.getresponse() as answer:
                value = json.loads(answer.read())["value"]
        except BaseException:
            # What the answer to this command is, the next one does not want to know.
            self._connection.close()
            raise

        if answer.status != 200:
            raise DriverError(f"{value['error']}: {value['message']}")

        return value

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


INNER_SIZE = "() => JSON.stringify([innerWidth, innerHeight])"
