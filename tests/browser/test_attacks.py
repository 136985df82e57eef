"""Attacks on a page in Chromium: from other sites, over plain http, and by what a
server answers.
"""

from __future__ import annotations

import json
import shutil
import typing as t
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask import request
from flask import Response
from flask.views import MethodView
from markupsafe import Markup
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import Request
from playwright.sync_api import Response as BrowserResponse

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page

from ..engines.expectations import expect
from .conftest import BROWSER_ARGUMENTS
from .conftest import BROWSER_NAMES

if t.TYPE_CHECKING:
    from .conftest import Serve
    from .conftest import ServeView

TEMPLATE = """<!doctype html>
<link rel="icon" href="data:,">
<form method="post">
  {{ callback_fields() }}
  <button name="__EVENTTARGET" value="__Page">Post</button>
  <output>{{ posted }}</output>
</form>
{{ callback_scripts() }}
<script>const call = text => ClientCallback.call("__Page", text)</script>
"""
RESULTS = [
    "<script>document.title = 'run'</script>",
    "<img src=x onerror=\"document.title = 'run'\">",
    "document.title = 'run'",
    "e1",
    "eNot today.",
    "s",
    "0|",
    "12|x",
    '{"error": {"kind": "server", "message": "x"}}',
    "\u2028\0\r\n\ud800",
    "",
    {"__proto__": {"polluted": 1}, "constructor": 1, "then": 1, "error": {}},
    ["e1", None],
]


@callback_handler(classic=True)
class Shop(MethodView):
    """Notes what its handlers got, and the headers that told where it came from."""

    ran: t.ClassVar[list[str]] = []
    told: t.ClassVar[list[tuple[str | None, str | None]]] = []

    def get(self) -> Response:
        text = render_template_string(TEMPLATE, posted=",".join(self.ran))
        policy = request.args.get("policy", "")
        return Response(text, headers={"Referrer-Policy": policy} if policy else None)

    def page_load(self) -> None:
        if current_page.is_postback:
            headers = request.headers
            self.told.append((headers.get("Sec-Fetch-Site"), headers.get("Origin")))

    def raise_callback_event(self, event_argument: str) -> t.Any:
        self.ran.append(event_argument)
        work, _, rest = event_argument.partition(" ")

        if work == "leave":
            return redirect(rest)

        return RESULTS[int(rest)] if work == "result" else event_argument

    def raise_postback_event(self, argument: str) -> None:
        self.ran.append("post back")


ATTACK = """async ([url, fields]) => {
  const body = () => new URLSearchParams(fields)
  const outcomes = []
  const attack = async options => {
    try {
      const response = await fetch(url, { method: "POST", ...options })
      outcomes.push(response.type)
    } catch (error) { outcomes.push(error.name) }
  }
  await attack({ body: body(), headers: { "X-Client-Callback": "1" } })
  await attack({ body: body(), headers: { "X-Client-Callback": "1" },
                 credentials: "include" })
  await attack({ body: body(), headers: { "X-Client-Callback": "1" },
                 mode: "no-cors" })
  await attack({ body: body() })
  await attack({ body: body(), mode: "no-cors", credentials: "include" })
  await attack({ body: body(), mode: "no-cors", referrerPolicy: "no-referrer" })
  await attack({ body: body().toString(), mode: "no-cors" })
  navigator.sendBeacon(url, new URLSearchParams({ ...fields, beacon: "1" }))
  return outcomes
}"""
FORM = """([url, fields]) => {
  const form = document.createElement("form")
  form.method = "post"
  form.action = url
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement("input")
    field.name = name
    field.value = value
    form.append(field)
  }
  document.body.append(form)
  form.submit()
}"""


@pytest.fixture(scope="module")
def names(browser: Browser, engine: str) -> Iterator[Browser]:
    """A browser in which all names of the domain "example" are this machine's."""
    if engine != "chromium":
        yield browser
        return

    executable = next(filter(None, map(shutil.which, BROWSER_NAMES)))
    rules = "--host-resolver-rules=MAP *.example 127.0.0.1"
    found = browser.browser_type.launch(
        executable_path=executable, args=[*BROWSER_ARGUMENTS, rules]
    )
    yield found
    found.close()


@pytest.fixture
def page(names: Browser) -> Iterator[Page]:
    """A page without cookies or cache of any other."""
    context = names.new_context()
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def port(serve: Serve) -> int:
    """Where the shop is served."""
    Shop.ran.clear()
    Shop.told.clear()
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app)
    app.add_url_rule("/", view_func=Shop.as_view("shop"))
    found = urlsplit(serve(app)).port
    assert found is not None
    return found


@pytest.fixture
def other_port(serve: Serve) -> int:
    """Where another site is served."""
    app = Flask(__name__)
    app.add_url_rule("/", "page", lambda: "<!doctype html><body><p>Prizes</p>")
    found = urlsplit(serve(app)).port
    assert found is not None
    return found


def stolen_fields(page: Page, address: str) -> dict[str, str]:
    """Get the fields of a good callback as anybody can: by asking for the page."""
    page.goto(address)
    return {
        "__VIEWSTATE": page.input_value("[name=__VIEWSTATE]"),
        "__CALLBACKID": "__Page",
        "__CALLBACKPARAM": '"stolen"',
    }


NAMES = pytest.mark.without("webkit", "it finds no names that are made up")
SITES = [
    pytest.param("127.0.0.1", "localhost", id="another site"),
    pytest.param("127.0.0.1", "127.0.0.1", id="another port"),
    pytest.param("shop.example", "evil.example", id="plain http", marks=NAMES),
    pytest.param(
        "shop.example", "sub.shop.example", id="plain http, subdomain", marks=NAMES
    ),
]


@pytest.mark.parametrize(("shop", "evil"), SITES)
def test_scripts_of_another_site(
    page: Page, port: int, other_port: int, shop: str, evil: str
) -> None:
    """No request that another site's script can make reaches a handler, though it
    has a good state, and no answer is shown to it.
    """
    address = f"http://{shop}:{port}/"
    fields = stolen_fields(page, address)
    page.goto(f"http://{evil}:{other_port}/")
    statuses: list[tuple[str, int]] = []
    page.on("response", lambda r: statuses.append((r.request.method, r.status)))

    def is_beacon(answer: BrowserResponse) -> bool:
        # Over plain http only the browser itself knows what kind it is.
        asked = answer.request
        return asked.resource_type == "ping" or "beacon=1" in (asked.post_data or "")

    with page.expect_response(is_beacon) as beacon:
        outcomes = page.evaluate(ATTACK, [address, fields])

    assert beacon.value.status == 403
    assert outcomes[:2] == ["TypeError"] * 2
    assert outcomes[3] == "TypeError"
    # Such an answer is not for a script to read.
    assert set(outcomes) == {"TypeError", "opaque"}
    assert {status for method, status in statuses if method == "POST"} <= {403, 405}
    assert (Shop.ran, Shop.told) == ([], [])


@pytest.mark.parametrize("event", [True, False])
@pytest.mark.parametrize(("shop", "evil"), SITES)
def test_form_of_another_site(
    page: Page, port: int, other_port: int, shop: str, evil: str, event: bool
) -> None:
    """Nor does a form of another site, as a callback or as a post back."""
    address = f"http://{shop}:{port}/"
    fields = stolen_fields(page, address)

    if event:
        fields = {"__VIEWSTATE": fields["__VIEWSTATE"], "__EVENTTARGET": "__Page"}

    page.goto(f"http://{evil}:{other_port}/")

    with page.expect_response(lambda r: r.request.method == "POST") as response:
        page.evaluate(FORM, [address, fields])

    assert response.value.status == 403
    assert (Shop.ran, Shop.told) == ([], [])


@NAMES
@pytest.mark.parametrize(
    ("host", "sent"),
    [
        ("shop.example", "shop.example"),
        ("b\xfccher.example", "xn--bcher-kva.example"),
    ],
)
def test_plain_http(page: Page, port: int, host: str, sent: str) -> None:
    """Over plain http browsers do not tell the site, and a page's own calls and post
    backs are known by their origin, also that of an international name.
    """
    origin = f"http://{sent}:{port}"
    page.goto(f"http://{host}:{port}")
    assert page.evaluate("call('x')") == "x"
    page.click("button")
    expect(page.locator("output")).to_have_text("x,post back")
    assert Shop.told == [(None, origin)] * 2


def test_no_referrer(page: Page, port: int) -> None:
    """A page that hides where it is makes its calls and post backs all the same."""
    page.goto(f"http://127.0.0.1:{port}/?policy=no-referrer")
    assert page.evaluate("call('x')") == "x"
    page.click("button")
    expect(page.locator("output")).to_have_text("x,post back")
    assert Shop.told[1] == ("same-origin", "null")


@NAMES
def test_no_referrer_over_plain_http(page: Page, port: int) -> None:
    """Where such a page comes over plain http nothing tells where its forms come from,
    and they are refused. Its calls tell their origin.
    """
    origin = f"http://shop.example:{port}"
    page.goto(f"{origin}/?policy=no-referrer")
    assert page.evaluate("call('x')") == "x"

    with page.expect_response(lambda r: r.request.method == "POST") as response:
        page.click("button")

    assert response.value.status == 403
    assert Shop.told == [(None, origin)]


def test_results_are_data(page: Page, port: int) -> None:
    """A result is just what the handler gave, whatever it looks like, and nothing in
    it runs.
    """
    page.goto(f"http://127.0.0.1:{port}/")
    script = "async number => JSON.stringify(await call(`result ${number}`))"
    # As text, because the test's own bridge treats "__proto__" its own way.
    got = [json.loads(page.evaluate(script, n)) for n in range(len(RESULTS))]
    assert got == RESULTS
    assert page.evaluate("[document.title, {}.polluted === undefined]") == ["", True]


@pytest.mark.parametrize(
    "location",
    [
        "//evil.example/",
        "http://evil.example/",
        "https://127.0.0.1/",
        "javascript:document.title='run'",
    ],
)
def test_redirects_that_lead_away(page: Page, port: int, location: str) -> None:
    """A redirect that leaves the site, or is none, is an error and no more."""
    address = f"http://127.0.0.1:{port}/"
    page.goto(address)
    navigations: list[str] = []

    def note(request: Request) -> None:
        if request.is_navigation_request():
            navigations.append(request.url)

    page.on("request", note)
    kind = page.evaluate(
        "location => call(`leave ${location}`).catch(error => error.kind)", location
    )
    assert kind == "redirect"
    assert page.evaluate("call('still here')") == "still here"
    assert (page.url, page.title(), navigations) == (address, "", [])


def test_redirect_within_the_site(page: Page, port: int) -> None:
    """What the test above sees does not happen is seen where it does."""
    page.goto(f"http://127.0.0.1:{port}/")

    with page.expect_navigation(url="**/?policy=origin"):
        page.evaluate("() => { call('leave /?policy=origin').catch(() => {}) }")


def test_exception_of_a_handler_is_uncaught(page: Page, port: int) -> None:
    """A page's own reporting hears of a handler that throws as of any exception."""
    page.goto(f"http://127.0.0.1:{port}/")
    page.evaluate(
        """() => {
          addEventListener("error", event => { window.told = event.error.message })
          WebForm_DoCallback("__Page", "x", () => { throw new Error("thrown") })
        }"""
    )
    page.wait_for_function("window.told === 'thrown'")


def test_markup_of_a_user_is_text(page: Page, serve_view: ServeView) -> None:
    """What a user wrote stays in its quotes although it was wrapped in Markup, and
    comes back as it was.
    """
    hostile = Markup("\"><script>document.title = 'run'</script>")
    sent: list[str | None] = []

    @callback_handler
    class Profile(MethodView):
        def get(self) -> str:
            return render_template_string(
                """<!doctype html><title>still</title>
                <form>{{ callback_fields() }}</form>
                {{ callback_scripts(nonce=hostile) }}
                <button{{ callback_attributes(current_page, hostile, hostile,
                  group=hostile, indicator=hostile) }}></button>""",
                hostile=hostile,
            )

        def page_load(self) -> None:
            script = current_page.client_script
            script.register_hidden_field(hostile, hostile)
            script.register_client_script_include("key", hostile)

        def raise_callback_event(self, event_argument: str) -> None:
            sent.append(request.form.get(str(hostile)))

    page.goto(serve_view(Profile))
    page.evaluate("ClientCallback.call('__Page', 'x')")
    assert sent == [str(hostile)]
    assert page.title() == "still"
    found = page.eval_on_selector_all(
        "button, input, script",
        "all => all.flatMap(one => [...one.attributes])"
        ".filter(one => one.value.includes('document.title')).map(one => one.value)",
    )
    assert len(found) == 10
    assert set(found) == {str(hostile)}
