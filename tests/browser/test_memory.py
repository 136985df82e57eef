"""Nothing of a call stays in the page's memory when it has ended."""

from __future__ import annotations

import typing as t

import pytest
from flask import render_template_string
from flask.views import MethodView
from playwright.sync_api import CDPSession
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page

if t.TYPE_CHECKING:
    from .conftest import ServeView

CALLS = 400
SIZE = 20_000
ROOM = 1_000_000
"""Bytes by which the heap may grow. The results of all calls take some six times
as much.
"""

RUN = """async ([kind, count]) => {
  const options = {
    parallel: () => ({ policy: "parallel" }),
    queue: () => ({ policy: "queue" }),
    latest: () => ({ policy: "latest" }),
    drop: () => ({ policy: "drop" }),
    none: () => ({}),
    group: number => ({ policy: "queue", group: `group ${number}` }),
    signal: () => ({ signal: controller.signal }),
  }[kind]
  const call = (number, argument) =>
    kind === "reference"
      ? new Promise(resolve => WebForm_DoCallback("__Page", argument, resolve, null, resolve))
      : ClientCallback.call("__Page", argument, options(number))
  for (let number = 0; number < count; number += 4) {
    await Promise.allSettled([
      call(number, "a"), call(number + 1, "b"), call(number + 2, "fail"), call(number + 3, "c"),
    ])
  }
}"""  # noqa: E501


@callback_handler
class Long(MethodView):
    """Gives long results, and keeps something in the view state or does not."""

    is_stateful = False

    def get(self) -> str:
        if self.is_stateful:
            current_page.view_state["kept"] = True

        return render_template_string(
            '<!doctype html><link rel="icon" href="data:,">'
            "<form>{{ callback_fields() }}</form>{{ callback_scripts() }}"
            "<script>const controller = new AbortController()</script>"
        )

    def raise_callback_event(self, event_argument: str) -> str:
        if event_argument == "fail":
            raise ValueError("x" * SIZE)

        if self.is_stateful and event_argument == "c":
            current_page.view_state["count"] = (
                current_page.view_state.get("count", 0) + 1
            )

        return event_argument * SIZE


class Stateful(Long):
    """Keeps something."""

    is_stateful = True


def heap(session: CDPSession) -> int:
    """Tell how many bytes the page's objects take that something can reach."""
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")

    return t.cast(int, session.send("Runtime.getHeapUsage")["usedSize"])


@pytest.mark.chromium("only its own protocol tells how large the heap is")
@pytest.mark.parametrize(
    ("view_class", "kind"),
    [
        (Long, "none"),
        (Long, "parallel"),
        (Long, "queue"),
        (Long, "latest"),
        (Long, "drop"),
        (Long, "group"),
        (Long, "signal"),
        (Long, "reference"),
        (Stateful, "none"),
        (Stateful, "reference"),
    ],
)
def test_heap_stays_as_it_is(
    page: Page, serve_view: ServeView, view_class: type[Long], kind: str
) -> None:
    """After hundreds of calls the heap is as large as after a few."""
    page.goto(serve_view(view_class))
    session = page.context.new_cdp_session(page)
    page.evaluate(RUN, [kind, 40])
    before = heap(session)
    page.evaluate(RUN, [kind, CALLS])
    assert heap(session) - before < ROOM
