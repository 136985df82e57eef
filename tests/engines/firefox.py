"""Firefox, by WebDriver BiDi."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

from .driver import Action
from .driver import COMMAND_WITHIN
from .driver import Driver
from .driver import DriverError
from .driver import NoScriptError
from .programs import find_program
from .programs import FIREFOX
from .websocket import WebSocket

PREFERENCES = {
    # It asks no other server for anything.
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.server": "https://%(server)s/dummy/telemetry/",
    # They lie above the page, as in the other engines.
    "widget.gtk.overlay-scrollbars.enabled": True,
    "ui.useOverlayScrollbars": 1,
    # A connection that a test breaks is an error at once.
    "network.http.request.max-attempts": 1,
    "browser.chrome.site_icons": False,
    # The names of the domain "example" are this machine's.
    "network.dns.localDomains": (
        "shop.example,evil.example,sub.shop.example,xn--bcher-kva.example"
    ),
    # Downloads go there without a question.
    "browser.download.folderList": 2,
    # Else its list of downloads takes the keys that the next page is to have.
    "browser.download.alwaysOpenPanel": False,
    # WebDriver BiDi alone.
    "remote.active-protocols": 1,
}
QUESTION = "browsingContext.userPromptOpened"


class Firefox(Driver):
    """The installed Firefox."""

    name = "firefox"
    adds_scripts = True

    def _start(self) -> None:
        program = find_program(FIREFOX)
        assert program is not None
        profile = self.processes.home / "profile"
        profile.mkdir()
        preferences = {**PREFERENCES, "browser.download.dir": str(self.downloads)}
        lines = [
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
            for name, value in preferences.items()
        ]
        (profile / "user.js").write_text("".join(lines))
        port = "--remote-debugging-port=0"
        arguments = ("--headless", "--no-remote", "--profile", str(profile), port)
        # Its frames come without the screen's, and sooner.
        self.processes.start(program, *arguments, MOZ_HEADLESS_WIDTH="1200")
        said = self.processes.wait_for(lambda: _read(profile))
        self._socket = WebSocket(said["ws_host"], said["ws_port"], "/session")
        self._number = 0
        self._answers: dict[int, t.Any] = {}
        self._tabs: dict[str, str] = {}
        behaviour = {"unhandledPromptBehavior": {"default": "ignore"}}
        self._send("session.new", capabilities={"alwaysMatch": behaviour})
        self._send("session.subscribe", events=[QUESTION])

    def _send(self, method: str, **parameters: t.Any) -> t.Any:
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message))

        while number not in self._answers:
            self._receive()

        answer = self._answers.pop(number)

        if answer["type"] == "error":
            raise DriverError(f"{answer['error']}: {answer['message']}")

        return answer["result"]

    def _receive(self) -> None:
        if not self._socket.has_read_ahead:
            self.wake.wait_for(self._socket.socket, COMMAND_WITHIN)

        message = json.loads(self._socket.receive())

        if "id" in message:
            self._answers[message["id"]] = message
        elif message.get("method") == QUESTION:
            # The command that led there waits for this.
            asked = message["params"]
            self._send(
                "browsingContext.handleUserPrompt",
                context=asked["context"],
                accept=self.answer(asked["message"]),
            )

    def _disconnect(self) -> None:
        self._socket.close()

    def open_tab(self) -> str:
        owner = self._send("browser.createUserContext")["userContext"]
        made = self._send("browsingContext.create", type="tab", userContext=owner)
        tab = t.cast("str", made["context"])
        self._tabs[tab] = owner
        return tab

    def list_tabs(self) -> list[str]:
        found = self._send("browsingContext.getTree", maxDepth=0)["contexts"]
        return [one["context"] for one in found]

    def close_tab(self, tab: str) -> None:
        if tab in self._tabs:
            # Its tabs go with it, and its cookies.
            self._send("browser.removeUserContext", userContext=self._tabs.pop(tab))
        else:
            self._send("browsingContext.close", context=tab)

    def add_script(self, tab: str, source: str) -> None:
        function = f"() => {{ {source}\n}}"
        owner = self._tabs.get(tab)
        # A page that another one opened has the owner of that.
        where = {"userContexts": [owner]} if owner else {"contexts": [tab]}
        self._send("script.addPreloadScript", functionDeclaration=function, **where)

    def navigate(self, tab: str, url: str) -> None:
        self._send("browsingContext.navigate", context=tab, url=url, wait="none")

    def reload(self, tab: str) -> None:
        self._send("browsingContext.reload", context=tab, wait="none")

    def evaluate(self, tab: str, function: str) -> str:
        answer = self._send(
            "script.callFunction",
            functionDeclaration=function,
            awaitPromise=True,
            target={"context": tab},
            userActivation=True,
        )

        if answer["type"] == "exception":
            # Whatever the function itself throws, it gives as text.
            raise NoScriptError(answer["exceptionDetails"]["text"])

        return t.cast("str", answer["result"]["value"])

    def perform(self, tab: str, actions: Sequence[Action]) -> None:
        self._send("input.performActions", context=tab, actions=actions)

    def set_viewport(self, tab: str, width: int, height: int) -> None:
        size = {"width": width, "height": height}
        self._send("browsingContext.setViewport", context=tab, viewport=size)

    def add_cookie(self, tab: str, cookie: Mapping[str, t.Any]) -> None:
        value = {"type": "string", "value": cookie["value"]}
        partition = {"type": "context", "context": tab}
        self._send(
            "storage.setCookie", cookie={**cookie, "value": value}, partition=partition
        )

    def clear_cookies(self, tab: str) -> None:
        partition = {"type": "context", "context": tab}
        self._send("storage.deleteCookies", partition=partition)


def _read(profile: Path) -> dict[str, t.Any] | None:
    """Read where Firefox takes commands, once it has said so."""
    try:
        text = (profile / "WebDriverBiDiServer.json").read_text()
        return t.cast("dict[str, t.Any]", json.loads(text))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
