"""Times the way from a click to the changed page in real browsers, beside a form that
is sent by ``fetch`` and written into the page by hand.
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from statistics import median

from flask import Flask
from flask import jsonify
from flask import render_template_string
from flask import request
from flask import Response
from flask.views import MethodView
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]
from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]
from measure import describe_machine
from measure import format_table
from measure import make_parser
from measure import median_difference
from measure import median_ratio
from werkzeug.serving import make_server
from werkzeug.serving import WSGIRequestHandler

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page

BY_HAND = "fetch by hand"
GOAL = 1.05
WAIT = 300
"""Seconds that a browser may take for all of its rounds."""
BROWSERS = {
    "Chromium": ("chromium-headless-shell", "chromium", "chromium-browser"),
    "Firefox": ("firefox-esr", "firefox"),
}
CHROMIUM = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run")
FIREFOX_SETTINGS = {
    "app.normandy.enabled": "false",
    "app.update.enabled": "false",
    "browser.aboutwelcome.enabled": "false",
    "browser.shell.checkDefaultBrowser": "false",
    "datareporting.policy.dataSubmissionEnabled": "false",
    "toolkit.telemetry.reportingpolicy.firstRun": "false",
}
# So that a browser tells times to microseconds.
ISOLATED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
FIELDS = """
  <input name="name" value="Ada Lovelace"><input name="email" value="ada@example.com">
  <input name="city" value="London"><select name="size"><option>small</select>
  <textarea name="note">Leave it at the door.</textarea>
  <input name="number" value="0">
"""
TEMPLATE = (
    """<!doctype html>
<link rel="icon" href="data:,">
<form id="with">{{ callback_fields() }}"""
    + FIELDS
    + """
  <button id="attributes"{{ callback_attributes(
    current_page, method="order", output="by-attributes") }}>Order</button>
  <output id="by-attributes"></output>
  <button id="call">Order</button>
  <output id="by-call"></output>
</form>
<form id="without">"""
    + FIELDS
    + """
  <button id="fetch">Order</button>
  <output id="by-fetch"></output>
</form>
{{ callback_scripts() }}
<script>
  const find = id => document.getElementById(id)

  find("with").addEventListener("submit", async event => {
    if (event.submitter !== find("call")) return
    event.preventDefault()
    find("by-call").textContent = await ClientCallback.call("__Page.order")
  })

  find("without").addEventListener("submit", async event => {
    event.preventDefault()
    const response = await fetch("/order", {
      method: "POST",
      headers: {{ headers|tojson }},
      body: new URLSearchParams(new FormData(event.target)),
    })
    if (!response.ok) throw new Error(response.statusText)
    find("by-fetch").textContent = (await response.json()).result
  })

  let number = 0

  /** Clicks, and gives the milliseconds until the result stands in the page. */
  const measure = id => new Promise((resolve, reject) => {
    const output = find(`by-${id}`)
    const text = `Order ${++number}`
    find(id).form.elements.number.value = number
    const observer = new MutationObserver(() => {
      const time = performance.now() - start
      observer.disconnect()
      const [entry] = performance.getEntriesByType("resource").slice(-1)
      performance.clearResourceTimings()
      if (output.textContent !== text) reject(new Error(output.textContent))
      resolve([time, entry.responseEnd - entry.requestStart])
    })
    observer.observe(output, { childList: true })
    const start = performance.now()
    find(id).click()
  })

  /** Lets all have their turns; times[id] has what each turn took. */
  const compete = async ({ rounds, batch }) => {
    const order = ["fetch", "attributes", "call"]
    const times = Object.fromEntries(order.map(id => [id, []]))
    for (let round = -5; round < rounds; round++) {
      order.push(order.shift())
      for (const id of order) {
        const taken = []
        for (let count = 0; count < batch; count++) taken.push(await measure(id))
        if (round >= 0) times[id].push(taken)
      }
    }
    return times
  }

  addEventListener("load", async () => {
    const answer = await compete({{ sizes|tojson }}).catch(error => `${error}`)
    await fetch("/figures", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(answer),
    })
  })
</script>
"""
)

Times: t.TypeAlias = dict[str, list[float]]


class Figures(t.NamedTuple):
    """What a browser measured, in microseconds per call in each round."""

    whole: Times
    """From the click until the result stands in the page."""
    answered: Times
    """From the request until the end of the answer."""


@callback_handler
class Order(MethodView):
    """Tells which order it got."""

    sizes: t.ClassVar[dict[str, int]]
    protected: t.ClassVar[bool]
    wait: t.ClassVar[float]

    def get(self) -> Response:
        headers = {"X-CSRFToken": generate_csrf()} if self.protected else {}
        text = render_template_string(TEMPLATE, sizes=self.sizes, headers=headers)
        return Response(text, headers=ISOLATED)

    @callback_method
    def order(self) -> str:
        time.sleep(self.wait)
        return f"Order {current_page.form['number']}"


class KeepAlive(WSGIRequestHandler):
    """Keeps connections, as servers in production do, and writes no log."""

    protocol_version = "HTTP/1.1"
    # Else the second packet of an answer waits for the browser.
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def serve(
    rounds: int, batch: int, *, protected: bool, wait: float = 0.0
) -> Iterator[tuple[str, queue.Queue[t.Any]]]:
    """Serve the page; give its address and where its figures come.

    :param wait: what each answer takes more, in seconds.
    """
    app = Flask(__name__)
    app.secret_key = "a long random value stands here in an application"
    ClientCallback(app)
    figures: queue.Queue[t.Any] = queue.Queue()
    Order.sizes = {"rounds": rounds, "batch": batch}
    Order.protected = protected
    Order.wait = wait
    # The page's own calls are protected without it.
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    csrf = CSRFProtect(app) if protected else None
    app.add_url_rule("/", view_func=Order.as_view("page"))

    @app.post("/order")
    def order() -> Response:
        if csrf is not None:
            csrf.protect()

        time.sleep(wait)
        return jsonify(result=f"Order {request.form['number']}")

    @app.post("/figures")
    def take_figures() -> str:
        figures.put(request.get_json())
        return ""

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=KeepAlive)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    try:
        yield f"http://127.0.0.1:{server.port}/", figures
    finally:
        server.shutdown()
        server.server_close()


def make_command(browser: str, program: str, folder: Path, url: str) -> list[str]:
    """Write the command that opens a page, without a window and in a new profile."""
    if browser == "Chromium":
        return [program, *CHROMIUM, f"--user-data-dir={folder}", url]

    lines = (f'user_pref("{k}", {v});\n' for k, v in FIREFOX_SETTINGS.items())
    (folder / "user.js").write_text("".join(lines))
    return [program, "--headless", "--no-remote", "--profile", str(folder), url]


def measure_in(
    browser: str,
    program: str,
    *,
    rounds: int,
    batch: int,
    protected: bool = False,
    wait: float = 0.0,
) -> Figures:
    """Let a browser measure.

    :param protected: whether Flask-WTF looks at the calls that are made by hand.
    :param wait: what each answer takes more, in seconds.
    :raises RuntimeError: a result was another one than expected.
    """
    with (
        serve(rounds, batch, protected=protected, wait=wait) as (url, figures),
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
    ):
        process = subprocess.Popen(
            make_command(browser, program, Path(folder), url),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # On Debian a script starts Chromium, and would end without it.
            start_new_session=True,
        )

        try:
            answer = figures.get(timeout=WAIT)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()

    if not isinstance(answer, dict):
        raise RuntimeError(f"{browser} says: {answer}")

    whole, answered = (
        {
            name: [1000 * median(call[part] for call in taken) for taken in batches]
            for name, batches in answer.items()
        }
        for part in (0, 1)
    )
    return Figures(whole, answered)


NAMES = {
    "fetch": BY_HAND,
    "attributes": "callback_attributes()",
    "call": "ClientCallback.call",
}


def tabulate(browser: str, figures: Figures) -> str:
    """Write the table of a browser."""
    whole, answered = figures
    rows = [
        (
            NAMES[name],
            f"{median(whole[name]):,.0f}",
            f"{median_ratio(whole[name], whole['fetch']):.3f}",
            f"{median_difference(whole[name], whole['fetch']):+,.0f}",
            f"{median_difference(answered[name], answered['fetch']):+,.0f}",
        )
        for name in NAMES
    ]
    return format_table(
        (browser, "microseconds", "ratio", "more", "until answered"), rows
    )


def main() -> None:
    """Measure in each browser that is installed, and print the tables."""
    parser = make_parser(__doc__, rounds=100)
    parser.add_argument("--batch", type=int, default=5, help="clicks in one turn")
    parser.add_argument("--browser", choices=BROWSERS, help="only this one")
    parser.add_argument(
        "--wait",
        type=float,
        default=0.0,
        help="milliseconds that each answer takes more, as by a network or a database",
    )
    arguments = parser.parse_args()
    chosen = [arguments.browser] if arguments.browser else list(BROWSERS)
    print(describe_machine())

    for browser, protected in product(chosen, (False, True)):
        found = next(filter(None, map(shutil.which, BROWSERS[browser])), None)
        print()

        if found is None:
            print(f"{browser} is not installed.")
            continue

        figures = measure_in(
            browser,
            found,
            rounds=arguments.rounds,
            batch=arguments.batch,
            protected=protected,
            wait=arguments.wait / 1000,
        )
        print(tabulate(f"{browser}, Flask-WTF" if protected else browser, figures))


if __name__ == "__main__":
    main()
