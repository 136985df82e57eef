"""A page written with attributes alone, under a policy that lets no inline handler, no
``eval`` and no string into the document.
"""

from __future__ import annotations

import threading
import typing as t
from collections import defaultdict
from collections.abc import Callable

from flask import render_template_string
from flask import request
from flask import Response
from flask.views import MethodView
from playwright.sync_api import Locator
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page

from ..engines.expectations import expect

POLICY = (
    "default-src 'self'; img-src data:; object-src 'none'; base-uri 'none';"
    " script-src 'nonce-n' 'strict-dynamic'; require-trusted-types-for 'script';"
    " trusted-types 'none'"
)
LAYOUT = """<!doctype html>
<link rel="icon" href="data:,">
{{ callback_scripts("n") }}
<script nonce="n">
  const write = text => {
    const item = document.createElement("li")
    item.textContent = text
    document.getElementById("log").append(item)
  }
  ClientCallback.register("show", (result, element) =>
    write(`${element.id}: ${result}`))
  ClientCallback.register("fail", (message, element, error) =>
    write(`${element.id}: ${message} ${error.kind} ${error.status}`))
</script>
{{ callback_fields() }}
BODY
<button id="last" type="button" {{ callback_attributes(
  current_page, "the last", "show") }}>Last</button>
<ol id="log"></ol>
"""
OBSERVE = """
  window.violations = []
  document.addEventListener("securitypolicyviolation", event => {
    violations.push(event.effectiveDirective)
  })
"""

Open: t.TypeAlias = Callable[[str], Page]


class Doors:
    """Keep calls waiting on the server until a test lets them go."""

    def __init__(self) -> None:
        self._doors = defaultdict[str, threading.Event](threading.Event)
        self._waiting = defaultdict[str, threading.Event](threading.Event)

    def expect_call(self, name: str) -> None:
        """See that a call waits for this door, or does so soon."""
        assert self._waiting[name].wait(10)

    def open(self, name: str) -> None:
        """Let the call that waits for this door end, now or later."""
        self._doors[name].set()

    def pass_through(self, name: str) -> None:
        """Wait for a door to be opened."""
        self._waiting[name].set()
        assert self._doors[name].wait(10)

    def open_all(self) -> None:
        """Leave no call waiting."""
        for door in self._doors.values():
            door.set()


@callback_handler
class Strict(MethodView):
    """Does what the argument says."""

    body: t.ClassVar[str]
    doors: t.ClassVar[Doors]
    requests: t.ClassVar[list[str]]

    def get(self) -> Response:
        self.requests.append(request.method)
        text = render_template_string(LAYOUT.replace("BODY", self.body))
        return Response(text, headers={"Content-Security-Policy": POLICY})

    def raise_callback_event(self, event_argument: str) -> str:
        self.requests.append(event_argument)
        work, _, rest = event_argument.partition(" ")

        if work == "fail":
            raise CallbackError("Not today.", 409)

        if work == "wait":
            self.doors.pass_through(rest)

        if work == "form":
            form = current_page.form.items(multi=True)
            return " ".join(f"{name}={value}" for name, value in form)

        if work == "files":
            files = current_page.files.items()
            return " ".join(f"{name}={file.read().decode()}" for name, file in files)

        return event_argument


def lines(page: Page) -> Locator:
    """What the page's handlers wrote."""
    return page.locator("#log li")


def expect_at_last(page: Page, *expected: str) -> None:
    """See that no more than this was written, nor is about to be."""
    expect(lines(page)).to_have_text(list(expected))
    page.locator("#last").click()
    expect(lines(page)).to_have_text([*expected, "last: the last"])
