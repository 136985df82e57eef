"""What debug mode tells a developer in the console, and what it simulates, under a
policy that lets no ``eval`` and no string into the document.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable
from collections.abc import Iterator

import pytest
from flask import Flask
from flask import render_template_string
from flask import Response
from flask.views import MethodView
from markupsafe import Markup
from playwright.sync_api import ConsoleMessage
from playwright.sync_api import Error
from playwright.sync_api import Page
from playwright.sync_api import Route

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback.testing import MemoryStore

from ..engines.expectations import expect
from ..helpers.clock import pause_clock
from ..helpers.strict_page import OBSERVE
from ..helpers.strict_page import POLICY

if t.TYPE_CHECKING:
    from .conftest import Serve

HEAD = """<!doctype html>
<link rel="icon" href="data:,">
{{ callback_scripts("n") }}
<script nonce="n">
  ClientCallback.register("show", result => { document.title = `Got ${result}` })
</script>
"""
DO_CALLBACK = "WebForm_DoCallback"
FIELDS = "<form id='fields' method='post'>{{ callback_fields() }}</form>"
BUTTON = """<button type="button" {{ callback_attributes(
  current_page, "x", "show") }}>Call</button>"""

Open: t.TypeAlias = Callable[..., Page]


@callback_handler
class Wrong(MethodView):
    """A page that may be wrong. Gives back its argument."""

    template: t.ClassVar[str]
    policy: t.ClassVar[str]
    arguments: t.ClassVar[list[str]]

    def get(self) -> Response:
        text = render_template_string(self.template)
        return Response(text, headers={"Content-Security-Policy": self.policy})

    def post(self) -> Response:
        return self.get()

    def raise_callback_event(self, event_argument: str) -> str:
        self.arguments.append(event_argument)

        if event_argument == "fail":
            raise ValueError("Nothing is right.")

        if event_argument.startswith("keep"):
            current_page.view_state[event_argument] = True

        return event_argument

    @callback_method
    def tell(self, one: t.Any = "none") -> t.Any:
        return one

    @callback_method
    def tell_html(self, html: str) -> str:
        return Markup(html)

    @callback_method
    def price(self, symbol: t.Any, quantity: t.Any) -> None:
        """Take two arguments that have to be given."""

    @callback_method
    def order(self) -> None:
        fields = {"symbol": "Choose a share.", "quantity": ["Too many.", "Too odd."]}
        raise CallbackError("Nothing was ordered.", fields=fields)


@pytest.fixture
def arguments() -> list[str]:
    """The argument of each call that came to the server."""
    return []


@pytest.fixture
def open_page(page: Page, serve: Serve, arguments: list[str]) -> Iterator[Open]:
    """Open a page in debug mode; that it broke no policy is seen in the end."""
    page.add_init_script(OBSERVE)

    def open_page(template: str, policy: str = POLICY) -> Page:
        app = Flask(__name__)
        app.secret_key = "x"
        app.logger.disabled = True
        app.debug = True
        app.config["CLIENTCALLBACK_STORE"] = MemoryStore()
        ClientCallback(app)
        attributes = {
            "template": HEAD + template,
            "policy": policy,
            "arguments": arguments,
        }
        view = type("Opened", (Wrong,), attributes)
        app.add_url_rule("/", view_func=view.as_view("page"))
        page.goto(serve(app))
        return page

    yield open_page
    assert page.evaluate("violations") == []


@pytest.fixture
def warnings(page: Page) -> list[str]:
    """The warnings in the page's console; all else that is there is a fault."""
    warnings: list[str] = []

    def note(message: ConsoleMessage) -> None:
        kind = "" if message.type == "warning" else f"{message.type}: "
        # The element that the console shows is none of the words.
        warnings.append(kind + message.text.partition(" JSHandle@")[0])

    page.on("console", note)
    page.on("pageerror", lambda error: warnings.append(f"Uncaught {error}"))
    return warnings


def look_now(page: Page) -> None:
    """Wait until the script has looked at the page that was loaded."""
    page.evaluate("new Promise(resolve => setTimeout(resolve))")


def expect_begins(warnings: list[str], *expected: str) -> None:
    """See that these warnings were given, once each, and no other."""
    assert len(warnings) == len(expected), warnings

    for warning, beginning in zip(warnings, expected, strict=True):
        assert warning.startswith(beginning)


# Answers.


def test_traceback(open_page: Open, warnings: list[str]) -> None:
    """The traceback of a handler that failed stands in the console."""
    page = open_page(FIELDS)
    call = "ClientCallback.call('__Page', 'fail').catch(error => error.message)"
    assert "Nothing is right." in page.evaluate(call)
    *failed, traceback = warnings
    # Chromium alone tells of the answer too.
    assert all(one.startswith("error: Failed to load resource") for one in failed)
    assert traceback.startswith("error: Traceback")
    assert "\nValueError: Nothing is right.\n" in traceback


@pytest.mark.parametrize("policy", ["parallel", "queue"])
def test_conflict(open_page: Open, warnings: list[str], policy: str) -> None:
    """Of two changes that met one is lost: which policy keeps both, is told."""
    page = open_page(FIELDS)
    page.evaluate(
        """policy => Promise.all(["keep a", "keep b"].map(
          argument => ClientCallback.call("__Page", argument, { policy })))""",
        policy,
    )

    if policy == "queue":
        assert warnings == []
    else:
        assert warnings[0].startswith("Two calls changed the state")
        expect_begins(warnings[1:], "Two calls that ran at the same time changed")
        assert 'The policy "queue" keeps both' in warnings[1]


# Attributes.


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            '<p id="it" data-callback-tagret="x"></p><p id="it" data-callback-tagret>',
            '<p id="it"> has data-callback-tagret, which the client script does not'
            " know. Do you mean data-callback-target?",
        ),
        (
            '<svg><circle data-callback-onresult="show"/></svg>',
            "<circle> has data-callback-onresult, which the client script does not"
            " know. Do you mean data-callback-on-result?",
        ),
        (
            '<p data-callback-colour="red"></p>',
            "<p> has data-callback-colour, which the client script does not know."
            " There are data-callback-page, data-callback-target, data-callback-arg",
        ),
        (
            '<p data-callback-url="/"></p>',
            "<p> has data-callback-url, which the client script does not know.",
        ),
        (
            '<input type="hidden" name="__VIEWSTATE" data-callback-delay="1">',
            "<input> has data-callback-delay, which the client script does not know.",
        ),
        (
            '<div><template shadowrootmode="open"><p id="in" data-callback-tagret>'
            "</template></div>",
            '<p id="in"> has data-callback-tagret, which',
        ),
        (
            '<form id="it" data-callback-files-too><input name="getAttributeNames">'
            '<input name="getAttribute"><input name="matches"><input name="localName">'
            '<input name="closest"><input name="shadowRoot"></form>',
            '<form id="it"> has data-callback-files-too, which',
        ),
    ],
)
def test_unknown_attribute(
    open_page: Open, warnings: list[str], body: str, expected: str
) -> None:
    """An attribute that the script does not know is told, with one that is like it."""
    look_now(open_page(FIELDS + body))
    expect_begins(warnings, expected)


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("callback_event_reference(current_page, 'f(\"x\")', 'show')", DO_CALLBACK),
        ("callback_event_reference(current_page, none, 'show', '')", DO_CALLBACK),
        ("callback_event_reference(current_page, '', 'show')", DO_CALLBACK),
        ("postback_event_reference(current_page, 'x')", ""),
        ("callback_event_reference(current_page, 'f(\"x\")', 'show')|forceescape", ""),
        ("callback_event_reference(current_page, \"'(('\", 'show')", ""),
        ("callback_event_reference(current_page, js_literal('a`(('), 'show')", ""),
    ],
)
@pytest.mark.parametrize(
    ("element", "attribute"),
    [
        ('<button onclick="{}"></button>', "<button> has an onclick"),
        ('<a href="javascript:{}"></a>', "<a> has an href"),
    ],
)
def test_reference_that_ends_its_attribute(
    open_page: Open,
    warnings: list[str],
    element: str,
    attribute: str,
    reference: str,
    name: str,
) -> None:
    """A double quote that ends an attribute within a reference is told."""
    written = element.format(f"{{{{ current_page.client_script.get_{reference} }}}}")
    # The policy of such a page lets attributes run.
    look_now(open_page(FIELDS + written, "script-src 'self' 'unsafe-inline'"))
    told = f"{attribute} that ends within {name}(): a double quote in the reference"
    expect_begins(warnings, *([told] if name else []))


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (
            '<select{{ callback_field("a", "x") }}><option>x</select>',
            "<select> has a value, which only <input> shows: write selected",
        ),
        (
            '<textarea id="it"{{ callback_field("a", "x") }}></textarea>',
            '<textarea id="it"> has a value, which only <input> shows: write it',
        ),
        ('<select{{ callback_field("a") }}><option>x</select>', ""),
        ("<textarea{{ callback_field('a') }}>x</textarea>", ""),
        ("<textarea{{ callback_field('a', 'x') }}>x</textarea>", ""),
        ('<select{{ callback_field("a", "x") }}><option selected>x</select>', ""),
        ('<select{{ callback_field("a", "") }}><option>x</select>', ""),
        ('</form><form><select name="a" value="x"></select>', ""),
    ],
)
def test_value_that_nothing_shows(
    open_page: Open, warnings: list[str], field: str, expected: str
) -> None:
    """The value of a select or a textarea, which browsers ignore, is told."""
    look_now(open_page(FIELDS.replace("</form>", f"{field}</form>")))
    expect_begins(warnings, *([expected] if expected else []))


def test_known_attributes(open_page: Open, warnings: list[str]) -> None:
    """All that the server writes is known, and nothing is told of what is ignored."""
    look_now(
        open_page(
            FIELDS
            + """<div {{ callback_page() }}>
              <button type="button" {{ callback_attributes(
                current_page, "x", "show", "show", event="change", policy="latest",
                group="g", timeout=1, delay=1, indicator="i", disable=True,
                files=True) }}></button>
              <input {{ callback_attributes(current_page, method="tell", value=True,
                output="shown", event="change") }}><output id="shown"></output>
              <input {{ callback_field("name") }}>{{ callback_error("name") }}
              {{ callback_error() }}</div>
            <p data-callbacks-of="x" data-other></p>
            <div data-callback-ignore><p data-callback-tagret="x"></p><div>
              <template shadowrootmode="open"><p data-callback-tagret="x"></template>
            </div></div>
            <template><p data-callback-tagret="x"></p></template>"""
        )
    )
    assert warnings == []


@pytest.mark.parametrize("argument", ["", 'data-callback-argument=""'])
def test_follower_without_a_job(
    open_page: Open, warnings: list[str], argument: str
) -> None:
    """An element that follows a job and names none is told."""
    look_now(
        open_page(
            f"""{FIELDS}<p {{{{ callback_page() }}}} data-callback-target="__Job"
            id="it" {argument}></p>"""
        )
    )
    expect_begins(warnings, '<p id="it"> follows a background job and has no id')


def test_unknown_job(page: Page, open_page: Open, warnings: list[str]) -> None:
    """An id that the server does not know is told, with the reasons that there are; a
    form that stays behind is not.
    """
    with page.expect_console_message(lambda told: "over or unknown" in told.text):
        open_page(
            """<form method="post"><input name="one"></form>
            <p {{ callback_attributes("__Job", "nothing", event="load") }}></p>"""
        )

    look_now(page)
    # That an answer is an error, some browsers tell by themselves.
    told = [warning for warning in warnings if not warning.startswith("error: ")]
    expect_begins(told, "The server knows no such job for this page.")


@pytest.mark.parametrize(
    "add",
    [
        "host.append('text', element)",
        "host.remove(); host.append(element); document.body.append(host)",
        "host.attachShadow({ mode: 'open' }).append(element); host.remove();"
        " document.body.append(host)",
        "document.getElementById('old').shadowRoot.append(element)",
    ],
)
def test_added_later(
    page: Page, open_page: Open, warnings: list[str], add: str
) -> None:
    """What is added to the page is looked at a second after it is."""
    page.clock.install()
    open_page(
        f"""{FIELDS}<div id="host"></div>
        <div id="old"><template shadowrootmode="open"></template></div>"""
    )
    page.clock.run_for(1)
    pause_clock(page)
    page.evaluate(
        f"""() => {{
          const element = document.createElement("p")
          element.setAttribute("data-callback-tagret", "x")
          const host = document.getElementById("host")
          {add}
        }}"""
    )
    page.clock.run_for(999)
    assert warnings == []
    page.clock.run_for(1)
    expect_begins(warnings, "<p> has data-callback-tagret")


def test_changed_later(page: Page, open_page: Open, warnings: list[str]) -> None:
    """An attribute that an element gets later is looked at too."""
    page.clock.install()
    open_page(f'{FIELDS}<p id="it"></p>')
    page.clock.run_for(1)
    pause_clock(page)
    page.evaluate("document.getElementById('it').dataset.callbackOnResult = 'later'")
    page.clock.run_for(1000)
    expect_begins(warnings, '<p id="it"> has data-callback-on-result="later", and')


def test_late_shadow_root(page: Page, open_page: Open, warnings: list[str]) -> None:
    """A shadow root that comes without a change of the document is looked at when it
    is clicked into.
    """
    open_page(f'{FIELDS}<p id="it"></p>')
    look_now(page)
    page.evaluate(
        """() => {
          const element = document.createElement("p")
          element.setAttribute("data-callback-tagret", "x")
          element.textContent = "In"
          document.getElementById("it").attachShadow({ mode: "open" }).append(element)
        }"""
    )
    assert warnings == []
    page.get_by_text("In").click()
    page.get_by_text("In").click()
    expect_begins(warnings, "<p> has data-callback-tagret")


# Functions.

NAMING = """<button id="it" type="button" {{ callback_attributes(
  current_page, "x", on_result="NAME") }}>Call</button>"""


@pytest.mark.parametrize(("name", "hint"), [("shwo", " Do you mean show?"), ("f", "")])
def test_unregistered(
    open_page: Open, warnings: list[str], name: str, hint: str
) -> None:
    """A name that nothing is registered under is told before the first click."""
    look_now(open_page(FIELDS + NAMING.replace("NAME", name)))
    [warning] = warnings
    assert warning == (
        f'<button id="it"> has data-callback-on-result="{name}", and there is no such'
        " function: register your functions below callback_scripts(), with"
        f' ClientCallback.register("{name}", ...).{hint}'
    )


def test_unregistered_on_error(open_page: Open, warnings: list[str]) -> None:
    """The function that gets errors has to be registered too."""
    body = '<p {{ callback_attributes(current_page, "x", on_error="fail") }}></p>'
    look_now(open_page(FIELDS + body))
    expect_begins(warnings, '<p> has data-callback-on-error="fail", and there is no')


@pytest.mark.parametrize(
    "script",
    [
        '<script nonce="n">ClientCallback.register("late", () => {})</script>',
        '<script nonce="n" type="module">ClientCallback.register("late", () => {})'
        "</script>",
        """<script nonce="n" type="module">
          import { register } from "{{
            current_page.client_script.get_web_resource_url("clientcallback.mjs") }}"
          register("late", () => {})
        </script>""",
        """<script nonce="n">
          window.addEventListener("load", () => {
            ClientCallback.register("late", () => {})
          })
        </script>""",
    ],
)
def test_registered(open_page: Open, warnings: list[str], script: str) -> None:
    """A name may be registered below its element, by a module, and by what waits for
    the page.
    """
    look_now(open_page(FIELDS + NAMING.replace("NAME", "late") + script))
    assert warnings == []


# Files.


def choose_file(page: Page) -> None:
    """Choose a file in the page's form."""
    file = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"}
    page.locator("#photo").set_input_files(files=[t.cast(t.Any, file)])


UPLOAD = """<form id="it" method="post">{{ callback_fields() }}
  <input id="photo" type="file" name="photo">
  <button type="button" {{ callback_attributes(
    current_page, "x", "show", files=FILES) }}>Call</button></form>"""
STAYS = 'The file in the field "photo" stays behind: the call of "__Page" goes without'


@pytest.mark.parametrize(
    "place",
    ["BODY", "<div><template shadowrootmode='open'>BODY</template></div>"],
)
def test_file_stays(open_page: Open, warnings: list[str], place: str) -> None:
    """A chosen file that does not go along is told, once."""
    body = place.replace("BODY", UPLOAD.replace("FILES", "False"))
    page = open_page("{{ callback_fields() }}" + body)
    choose_file(page)
    page.get_by_role("button", name="Call").click()
    expect(page).to_have_title("Got x")
    page.evaluate("document.title = ''")
    page.get_by_role("button", name="Call").click()
    expect(page).to_have_title("Got x")
    expect_begins(warnings, STAYS)


@pytest.mark.parametrize(
    ("files", "chosen", "call"),
    [
        ("True", True, ""),
        ("False", False, ""),
        ("False", True, "ClientCallback.call('__Page', 'x', { files: true })"),
        ("False", True, "ClientCallback.call('__Page', 'x', { form: null })"),
        (
            "False",
            True,
            "ClientCallback.call('__Page', 'x', { files: true }).then(() =>"
            " ClientCallback.call('__Page', 'x', { form: null }))",
        ),
        (
            "False",
            True,
            "ClientCallback.call('__Page', 'x', { form: document.forms[1] })",
        ),
    ],
)
def test_no_file_stays(
    open_page: Open, warnings: list[str], files: str, chosen: bool, call: str
) -> None:
    """Nothing is told where the files go along, where none is chosen, or where another
    form is sent or none.
    """
    page = open_page(UPLOAD.replace("FILES", files) + "<form></form>")

    if chosen:
        choose_file(page)

    if call:
        page.evaluate(call)
    else:
        page.get_by_role("button", name="Call").click()
        expect(page).to_have_title("Got x")

    assert warnings == []


# Options.


@pytest.mark.parametrize(
    ("options", "given", "advice"),
    [
        ("'latest'", '"latest"', '{ policy: "latest" })'),
        ("() => {}", "a function", "argument).then(result => ...)"),
        ("5000", "5000", "{ timeout: 5000 })"),
        ("true", "true", '{ policy: "latest" })'),
        ("['latest']", "latest", '{ policy: "latest" })'),
        ("document.body", "[object HTMLBodyElement]", "{ element })"),
        ("new AbortController().signal", "[object AbortSignal]", "{ signal })"),
    ],
)
def test_options(
    open_page: Open, warnings: list[str], options: str, given: str, advice: str
) -> None:
    """Options that are no object of options are told, and the call is made."""
    page = open_page(FIELDS)
    call = f"ClientCallback.call('__Page', 'x', {options})"
    assert page.evaluate(call) == "x"
    assert page.evaluate(call) == "x"
    [warning] = warnings
    assert warning.startswith(
        "The third argument of ClientCallback.call() is an object of options, and not"
        f" {given}. Write ClientCallback.call("
    )
    assert advice in warning


@pytest.mark.parametrize(
    "options",
    ["", ", undefined", ", {}", ", { policy: 'queue', timeout: 9000, form: null }"],
)
def test_good_options(open_page: Open, warnings: list[str], options: str) -> None:
    """An object of options is one, and so is none."""
    page = open_page(FIELDS)
    assert page.evaluate(f"ClientCallback.call('__Page', 'x'{options})") == "x"
    assert warnings == []


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("grup: 'g'", "has no option grup. Do you mean group?"),
        ("colour: 1", "has no option colour. There are context, signal, timeout,"),
    ],
)
def test_unknown_option(
    open_page: Open, warnings: list[str], option: str, told: str
) -> None:
    """An option that there is not is told, and the call is made."""
    page = open_page(FIELDS)
    call = f"ClientCallback.call('__Page', 'x', {{ {option} }})"
    assert page.evaluate(call) == "x"
    expect_begins(warnings, f"ClientCallback.call() {told}")


def test_unknown_policy(open_page: Open, warnings: list[str]) -> None:
    """Of a policy that there is not the warning tells which there are."""
    page = open_page(FIELDS)
    call = "ClientCallback.call('__Page', 'x', { policy: 'lastest' }).catch(String)"
    assert page.evaluate(call) == "TypeError: There is no policy lastest."
    policies = "there are parallel, queue, latest, drop."
    expect_begins(warnings, f"There is no policy lastest: {policies}")


def test_options_of_methods(open_page: Open, warnings: list[str]) -> None:
    """The options of methods are looked at too, and their calls are made."""
    page = open_page(FIELDS)
    told = page.evaluate(
        """async () => {
          const page = ClientCallback.page.with({ timeout: 9000, form: null })
          const it = ClientCallback.target("__Page")
          return [
            await page.tell(1),
            await page.with({ grup: "g" }).with({ context: 2 }).tell(2),
            await it.with({ colour: 1 }).tell(3),
            `${page} ${await page === page}`,
          ]
        }"""
    )
    assert told == [1, 2, 3, "[object Object] true"]
    option = "with() has no option"
    expect_begins(warnings, f"{option} grup. Do you mean group?", f"{option} colour.")


def render_showing(method: str, result: str) -> str:
    """A page with a button that shows what a method makes of the result, in its own
    place.
    """
    attributes = f'method="{method}", args=[{result!r}], output="at"'
    return f"""{FIELDS}<output id="at">Nothing <button type="button"
      {{{{ callback_attributes(current_page, {attributes}) }}}}></button></output>"""


def test_missing_output(page: Page, open_page: Open, warnings: list[str]) -> None:
    """An element that is to show a result and is not there is told, when the page is
    there and when the name changes.
    """
    body = """<output id="there"></output><div><template shadowrootmode="open">
      <output id="inside"></output><button id="in" {{ callback_attributes(
        current_page, method="tell", output="inside") }}></button></template></div>"""
    button = """<button id="ID" type="button" {{ callback_attributes(
      current_page, method="tell", output="OUTPUT") }}></button>"""
    bad = button.replace("ID", "it").replace("OUTPUT", "inside")
    good = button.replace("ID", "other").replace("OUTPUT", "there")
    page.clock.install()
    open_page(FIELDS + body + bad + good)
    page.clock.run_for(10)
    told = '<button id="{}"> has data-callback-output="{}", and there is no such'
    expect_begins(warnings, told.format("it", "inside"))
    page.evaluate(
        "document.getElementById('other').setAttribute('data-callback-output', 'x')"
    )
    page.clock.run_for(1100)
    expect_begins(warnings, told.format("it", "inside"), told.format("other", "x"))


@pytest.mark.parametrize(
    ("place", "is_told"),
    [
        ('<p id="at"></p>', True),
        ('<div role="status" hidden></div><p id="at"></p>', True),
        ('<output id="at"></output>', False),
        ('<div role="status"><p id="at"></p></div>', False),
        ('<p id="at" aria-live="off"></p>', False),
        ('<input id="at">', False),
    ],
)
def test_output_that_is_not_said(
    page: Page, open_page: Open, warnings: list[str], place: str, *, is_told: bool
) -> None:
    """A place that a screen reader does not hear a result from is told."""
    button = """<button type="button" {{ callback_attributes(
      current_page, method="tell", output="at") }}></button>"""
    open_page(FIELDS + place + button)
    look_now(page)
    told = 'A screen reader does not say the result that <p id="at"> shows'
    expect_begins(warnings, *[told] * is_told)


@pytest.mark.parametrize(
    ("result", "removed"),
    [
        ("<b onclick='show()' ONMOUSEOVER = show()>Pens</b>", "onclick, onmouseover"),
        ('<p>Pens <a href="javascript:show()">Show</a></p>', "javascript:"),
        ("<script>show()</script>", "<script"),
        ("<b>Pens</b><iframe src='/'></iframe>", "<iframe"),
        ("<b title='on=1'>Pens, once = twice</b>", ""),
        ("<b>Pens</b>", ""),
    ],
)
def test_output_that_would_run(
    page: Page, open_page: Open, warnings: list[str], result: str, removed: str
) -> None:
    """What is taken out of HTML is told."""
    # Chromium before 146 reports an attribute that is taken out to the policy.
    page = open_page(render_showing("tell_html", result), policy="")
    page.get_by_role("button").click()
    expect(page.locator("#at")).not_to_contain_text("Nothing")
    page.evaluate("new Promise(resolve => setTimeout(resolve))")
    told = 'What would run in the HTML that <output id="at"> shows was removed: '
    expect_begins(warnings, *[f"{told}{removed}."] * bool(removed))


def test_text_that_would_not_run(
    page: Page, open_page: Open, warnings: list[str]
) -> None:
    """Text is shown as it is, and nothing is told."""
    text = "<b onclick=show()>"
    page = open_page(render_showing("tell", text))
    page.get_by_role("button").click()
    expect(page.locator("#at")).to_have_text(text)
    page.evaluate("new Promise(resolve => setTimeout(resolve))")
    assert warnings == []


@pytest.mark.parametrize(
    ("options", "result", "is_told"),
    [
        ("", "x", True),
        ("", 0, True),
        ("", None, False),
        (", output='at'", "x", False),
        (", on_result='show'", "x", False),
    ],
)
def test_result_that_nothing_shows(
    open_page: Open,
    warnings: list[str],
    options: str,
    result: str | int | None,
    is_told: bool,
) -> None:
    """A result that neither a place nor a function gets is told, once."""
    page = open_page(
        f"""{FIELDS}<output id="at"></output><button id="it" type="button"
        {{{{ callback_attributes(
          current_page, method="tell", args=[{result!r}]{options}) }}}}></button>
        <script nonce="n">
          let calls = 0
          document.addEventListener("clientcallback:after", () => {{
            document.body.dataset.calls = ++calls
          }})
        </script>"""
    )

    for calls in ("1", "2"):
        page.locator("#it").click()
        expect(page.locator("body")).to_have_attribute("data-calls", calls)

    told = 'info: <button id="it"> made a call, and nothing shows its result.'
    expect_begins(warnings, *[told] * is_told)


@pytest.mark.parametrize(
    ("attributes", "is_told"),
    [
        ('argument="pen"', True),
        ('argument=""', True),
        ("argument='\"pen\"'", True),
        ('argument="5"', True),
        ('argument="null"', True),
        ("argument='{\"one\": 1}' data-callback-value", True),
        ("argument='{\"one\": 1}'", False),
        ("argument='[\"pen\"]'", False),
        ("argument='[]' data-callback-value", False),
        ("value", False),
    ],
)
def test_arguments_by_hand(
    open_page: Open, warnings: list[str], attributes: str, *, is_told: bool
) -> None:
    """Arguments of a method that are no list are told."""
    body = f"""<button id="it" {{{{ callback_page() }}}} data-callback-{attributes}
      data-callback-target="__Page.tell"></button>"""
    look_now(open_page(FIELDS + body))
    told = ['<button id="it"> has data-callback-argument="'] if is_told else []
    expect_begins(warnings, *told)


# Forms.

IN_ADDRESS = "A form with callback_fields() was sent and loaded the page anew, with"
ASKING = """<form id="it" ATTRIBUTES>{{ callback_fields() }}
  <input id="q" name="q"><input name="method"><input name="elements">
  <button id="go" BUTTON>Go</button></form>"""


def asking(attributes: str = "", button: str = "") -> str:
    """Write a form with the page's fields and one more."""
    return ASKING.replace("ATTRIBUTES", attributes).replace("BUTTON", button)


def stay(page: Page) -> list[str]:
    """Let no form leave the page by its method get; give where they would go to."""
    left: list[str] = []

    def stop(route: Route) -> None:
        left.append(route.request.url)
        route.fulfill(status=204)

    page.route(re.compile(r"\?"), stop)
    return left


@pytest.mark.parametrize(
    ("attributes", "button"), [("", ""), ('method="post"', 'formmethod="get"')]
)
@pytest.mark.parametrize("sends", ["#q", "#go"])
def test_state_in_address(
    open_page: Open, warnings: list[str], attributes: str, button: str, sends: str
) -> None:
    """A form that would show the state in the address is told when it is sent, by the
    Enter key too.
    """
    page = open_page(asking(attributes, button))
    look_now(page)
    assert warnings == []
    left = stay(page)
    page.locator(sends).press("Enter")
    expect(page.locator("#q")).to_be_visible()
    look_now(page)
    expect_begins(warnings, IN_ADDRESS)
    [address] = left
    assert "__VIEWSTATE=" in address


def test_state_in_address_from_shadow_root(
    open_page: Open, warnings: list[str]
) -> None:
    """A form in a shadow root is seen too."""
    body = f"<div><template shadowrootmode='open'>{asking()}</template></div>"
    page = open_page(body)
    look_now(page)
    left = stay(page)

    with page.expect_response(lambda answer: "?" in answer.url):
        page.locator("#q").press("Enter")

    look_now(page)
    expect_begins(warnings, IN_ADDRESS)
    assert len(left) == 1


def test_state_was_in_address(open_page: Open, warnings: list[str]) -> None:
    """It is told in the page that was loaded by it, whose console is another."""
    page = open_page(asking())
    page.evaluate("HTMLFormElement.prototype.submit.call(document.forms[0])")
    page.wait_for_url("**/?*__VIEWSTATE=*")
    look_now(page)
    expect_begins(warnings, IN_ADDRESS)


@pytest.mark.parametrize(
    ("attributes", "button", "script"),
    [
        ('method="post"', "", ""),
        ("", 'formmethod="post"', ""),
        (
            '{{ callback_attributes(current_page, "x", "show", event="submit") }}',
            "",
            "",
        ),
        ("", "", "document.getElementById('it').onsubmit = () => false"),
        (
            "",
            "",
            "window.addEventListener('submit', event => event.preventDefault())",
        ),
        (
            "",
            "",
            """document.getElementById("it").addEventListener("submit", event => {
              event.stopImmediatePropagation()
              event.preventDefault()
            })""",
        ),
    ],
)
def test_form_that_stays(
    open_page: Open, warnings: list[str], attributes: str, button: str, script: str
) -> None:
    """Nothing is told of a form that is posted, makes a call, or has a listener."""
    page = open_page(asking(attributes, button))
    left = stay(page)
    page.evaluate(f"() => {{ {script} }}")
    page.locator("#q").press("Enter")
    look_now(page)
    assert warnings == []
    assert not any("__VIEWSTATE" in address for address in left)


@pytest.mark.parametrize(
    "body",
    [
        f'{FIELDS}<form action="/search"><input id="q" name="q"></form>',
        f"<div data-callback-ignore>{asking()}</div>",
    ],
)
def test_form_of_others(open_page: Open, warnings: list[str], body: str) -> None:
    """Nothing is told of a form that has none of the page's fields, or is ignored."""
    page = open_page(body)
    left = stay(page)

    with page.expect_response(lambda answer: "?" in answer.url):
        page.locator("#q").press("Enter")

    look_now(page)
    assert warnings == []
    assert len(left) == 1


NO_FIELDS = "A call from outside of a form sends no values: the page has a form and no"


def test_no_fields(open_page: Open, warnings: list[str]) -> None:
    """A form without the page's fields is told where an element outside calls."""
    page = open_page(f'<form method="post"><input name="name"></form>{BUTTON}')
    look_now(page)
    expect_begins(warnings, NO_FIELDS)


def test_no_fields_of_script(open_page: Open, warnings: list[str]) -> None:
    """It is told where a script calls, too: then when it does."""
    page = open_page('<form method="post"><select name="name"></select></form>')
    look_now(page)
    assert warnings == []
    page.evaluate("ClientCallback.call('__Page', 'x')")
    page.evaluate("ClientCallback.call('__Page', 'y')")
    expect_begins(warnings, NO_FIELDS)


@pytest.mark.parametrize(
    ("body", "options"),
    [
        ("<input name='name'>" + BUTTON, ""),
        ("<form action='/search'><input name='q'></form>" + BUTTON, ""),
        ("<form method='dialog'><input name='q'></form>" + BUTTON, ""),
        ("<form method='post'><button>Log out</button></form>" + BUTTON, ""),
        (
            "<form data-callback-ignore method='post'><input name='q'></form>" + BUTTON,
            "",
        ),
        ("<form method='post'><input name='name'>" + BUTTON + "</form>", "{ form }"),
        ("<form method='post'><input name='name'></form>", "{ form: null }"),
        (FIELDS + "<form method='post'><input name='name'></form>" + BUTTON, ""),
    ],
)
def test_no_fields_needed(
    open_page: Open, warnings: list[str], body: str, options: str
) -> None:
    """Nothing is told where a page has fields, no form of its own, or none to send."""
    page = open_page(body)
    look_now(page)
    call = f"ClientCallback.call('__Page', 'x', {options or '{}'})"
    page.evaluate(f"() => {{ const form = document.forms[0]; return {call} }}")
    assert warnings == []


# Pages.


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("", "no data-callback-page"),
        ('data-callback-page="x"', "a data-callback-page that this document does not"),
    ],
)
def test_no_page(open_page: Open, warnings: list[str], body: str, fault: str) -> None:
    """An element that belongs to none of the document's pages is told."""
    element = f'<button id="it" type="button" data-callback-target="grid" {body}>'
    look_now(open_page(FIELDS + element))
    expect_begins(
        warnings, f'<button id="it"> has data-callback-target="grid" and {fault}'
    )


@pytest.mark.parametrize(
    "mark",
    [
        '<input type="hidden" name="__VIEWSTATE" data-callback-page="x">',
        '<input type="hidden" name="__VIEWSTATE" data-callback-page="x"'
        ' data-callback-url="https://other.example/">',
        '<div data-callback-ignore><input type="hidden" name="__VIEWSTATE"'
        ' data-callback-page="x" data-callback-url="/"></div>',
        '<div data-callback-page="x"></div>',
    ],
)
def test_no_mark(open_page: Open, warnings: list[str], mark: str) -> None:
    """What lends no page makes none known."""
    element = '<p data-callback-page="x" data-callback-target="grid"></p>'
    look_now(open_page(FIELDS + mark + element))
    expect_begins(warnings, '<p> has data-callback-target="grid" and a data-callback-p')


@pytest.mark.parametrize(
    "body",
    [
        BUTTON,
        "<div data-callback-ignore><p data-callback-target='x'></p></div>",
        "<input type='hidden' name='__VIEWSTATE' data-callback-page='y'"
        " data-callback-url='/other'>"
        "<p data-callback-page='y' data-callback-target='x'></p>",
        "<div><template shadowrootmode='open'><input type='hidden' name='__VIEWSTATE'"
        " data-callback-page='y' data-callback-url='/other'></template></div>"
        "<p data-callback-page='y' data-callback-target='x'></p>",
    ],
)
def test_page_is_known(open_page: Open, warnings: list[str], body: str) -> None:
    """Nothing is told of an element of a page of the document."""
    look_now(open_page(FIELDS + body))
    assert warnings == []


# Buttons.

ORDER = """<form id="it" method="post" FORM>{{ callback_fields() }}
  <input id="name" name="name" REQUIRED>
  <button id="order" {{ callback_attributes(
    current_page, "x", "show") }} BUTTON>Order</button></form>"""


def ordering(form: str = "", required: str = "required", button: str = "") -> str:
    """Write a form with a button that calls."""
    text = ORDER.replace("FORM", form).replace("REQUIRED", required)
    return text.replace("BUTTON", button)


@pytest.mark.parametrize("sends", ["#order", "#name"])
def test_invalid(
    open_page: Open, warnings: list[str], arguments: list[str], sends: str
) -> None:
    """A button whose call waits for a field to be valid is told, once."""
    page = open_page(ordering())
    page.locator(sends).press("Enter")
    page.locator(sends).press("Enter")
    look_now(page)
    expect_begins(
        warnings,
        '<button id="order"> makes its call when its form is valid, and a field is not',
    )
    assert "write formnovalidate on the button" in warnings[0]
    assert arguments == []


@pytest.mark.parametrize(
    "body",
    [
        ordering(required=""),
        ordering(button="formnovalidate"),
        ordering(form="novalidate"),
        ordering(button='type="button"'),
    ],
)
def test_valid(
    open_page: Open, warnings: list[str], arguments: list[str], body: str
) -> None:
    """Nothing is told where the call is made."""
    page = open_page(body)
    page.locator("#order").click()
    expect(page).to_have_title("Got x")
    assert warnings == []
    assert arguments == ["x"]


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (ordering(button="formnovalidate"), "it"),
        (ordering(required="") + '<form id="other"><input required></form>', "other"),
    ],
)
def test_found_invalid(
    open_page: Open, warnings: list[str], arguments: list[str], body: str, form: str
) -> None:
    """Nothing is told of what a script finds invalid at a click, where the call is made
    nevertheless.
    """
    page = open_page(body)
    page.evaluate(
        """form => document.getElementById("order").addEventListener("click", () => {
          document.getElementById(form).checkValidity()
        })""",
        form,
    )
    page.locator("#order").click()
    expect(page).to_have_title("Got x")
    assert warnings == []
    assert arguments == ["x"]


def test_invalid_without_call(open_page: Open, warnings: list[str]) -> None:
    """Nothing is told where the button waits for another event."""
    body = ordering().replace('"show")', '"show", event="focusin")')
    page = open_page(body)
    page.locator("#order").click()
    expect(page).to_have_title("Got x")
    assert warnings == []


def test_invalid_for_others(open_page: Open, warnings: list[str]) -> None:
    """Nothing is told of a field that a script or a plain button finds invalid."""
    page = open_page(ordering() + '<button id="plain" form="it">Send</button>')
    page.locator("#plain").click()
    page.locator("#name").fill("Ada")
    page.locator("#order").click()
    expect(page).to_have_title("Got x")
    page.locator("#name").fill("")
    page.evaluate("document.getElementById('it').reportValidity()")
    look_now(page)
    assert warnings == []


SEARCH = """<form id="it" {{ callback_attributes(
  current_page, on_result="show", event="submit" ARGUMENT) }}>{{ callback_fields() }}
  <input id="q" name="q">BUTTON</form>"""


def searching(argument: str = "", button: str = "<button>Search</button>") -> str:
    """Write a form that calls when it is submitted."""
    return SEARCH.replace("ARGUMENT", argument).replace("BUTTON", button)


@pytest.mark.parametrize(
    "button", ["", "<button>Search</button>", '<input type="submit">']
)
def test_empty_argument(
    open_page: Open, warnings: list[str], arguments: list[str], button: str
) -> None:
    """A form whose call has an empty argument is told."""
    page = open_page(searching(button=button))
    look_now(page)
    assert warnings == []
    page.locator("#q").press("Enter")
    expect(page).to_have_title("Got ")
    expect_begins(warnings, '<form id="it"> calls with an empty argument, as')
    assert arguments == [""]


@pytest.mark.parametrize(
    "body",
    [
        searching(argument=', argument=""'),
        searching(argument=', argument="x"'),
        searching(button='<button name="b" value="x">Search</button>'),
        searching(button=BUTTON.replace('type="button"', "")),
        searching(argument=', method="tell"'),
    ],
)
def test_argument(open_page: Open, warnings: list[str], body: str) -> None:
    """Nothing is told where an argument is given, or comes from the button."""
    page = open_page(body)
    page.locator("#q").press("Enter")
    expect(page).to_have_title(re.compile("^Got"))
    assert warnings == []


# Buttons that post back.

POSTS = """<button id="it" {{ callback_attributes(
  current_page, method="tell", postback=True) }} BUTTON>Tell</button>"""
STATE = "{{ callback_fields() }}"
ALONE = '<button id="it"> has postback=true and works with scripts only: '


FILES = ("postback=True", "postback=True, files=True")


def posting(form: str = 'method="post"', button: str = "", fields: str = STATE) -> str:
    """Write a form with a button that posts it back where no script runs."""
    return f"<form {form}>{fields}{POSTS.replace('BUTTON', button)}</form>"


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        (
            FIELDS + POSTS,
            'put it into a form with method="post" and callback_fields().',
        ),
        (posting(""), 'write method="post" on its form.'),
        (posting('method="dialog"'), 'write method="post" on its form.'),
        (posting(button='formmethod="get"'), 'write formmethod="post" on the button.'),
        (posting(fields="") + FIELDS, "write callback_fields() into its form."),
        (
            posting("", fields="") + FIELDS,
            'write method="post" on its form, and callback_fields() into it.',
        ),
        (
            posting(button='formmethod="get"', fields="") + FIELDS,
            'write formmethod="post" on the button, and callback_fields() into its'
            " form.",
        ),
        (posting(button='type="button"'), 'write type="submit".'),
        (
            posting().replace(*FILES),
            'write enctype="multipart/form-data" on its form.',
        ),
        (
            '<input name="form">'
            + posting('name="form"', fields=STATE + '<input name="method">'),
            'write method="post" on its form.',
        ),
        (
            f"<div><template shadowrootmode='open'>{posting('')}</template></div>",
            'write method="post" on its form.',
        ),
    ],
)
def test_postback_of_scripts_only(
    open_page: Open, warnings: list[str], body: str, advice: str
) -> None:
    """A button that could not post back without scripts is told, with what to write."""
    look_now(open_page(body))
    assert warnings == [ALONE + advice]


@pytest.mark.parametrize(
    "body",
    [
        posting(),
        posting('method="POST"'),
        posting("", button='formmethod="post"'),
        posting('method="post" enctype="multipart/form-data"').replace(*FILES),
        posting(button='formenctype="multipart/form-data"').replace(*FILES),
        FIELDS + POSTS.replace("BUTTON", 'form="fields"'),
        posting().replace("<button", '<input type="submit"').replace("</button>", ""),
        FIELDS + POSTS.replace(", postback=True", "").replace("BUTTON", ""),
        f"{FIELDS}<div data-callback-ignore>{POSTS}</div>",
    ],
)
def test_postback(open_page: Open, warnings: list[str], body: str) -> None:
    """Nothing is told of a button that posts back, or need not."""
    look_now(open_page(body))
    assert warnings == []


# Fields that are wrong.

CHECKED = """<form method="post">{{ callback_fields() }}
  <input name="symbol">PLACES
  <button id="go" {{ callback_attributes(
    current_page, method="order" CALL) }}>Order</button></form>OUTSIDE
  <p id="whole">{{ callback_error() }}</p>"""
SYMBOL = "{{ callback_error('symbol') }}"
QUANTITY = "{{ callback_error('quantity') }}"
OTHER_FORM = f"<form method='post'>{STATE}{SYMBOL}{QUANTITY}</form>"
UNSEEN_SYMBOL = (
    '<button id="go"> made a call, and "symbol" is wrong: Choose a share. The page does'
    ' not show this: write callback_error("symbol") beside the field.'
)
UNSEEN_QUANTITY = (
    '<button id="go"> made a call, and "quantity" is wrong: Too many. Too odd. The page'
    ' does not show this: write callback_error("quantity") beside the field.'
)
ELSEWHERE = " The one in another form does not show it."


def checked(places: str = "", outside: str = "", call: str = "") -> str:
    """Write a form whose call finds two fields wrong."""
    text = CHECKED.replace("PLACES", places).replace("OUTSIDE", outside)
    return text.replace("CALL", call)


def told_of(warnings: list[str]) -> list[str]:
    """List the warnings without the errors, which the script and browsers write too."""
    return [warning for warning in warnings if not warning.startswith("error: ")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (checked(), [UNSEEN_SYMBOL, UNSEEN_QUANTITY]),
        (checked(SYMBOL), [UNSEEN_QUANTITY]),
        (checked(QUANTITY), [UNSEEN_SYMBOL]),
        (
            checked(outside=OTHER_FORM),
            [UNSEEN_SYMBOL + ELSEWHERE, UNSEEN_QUANTITY + ELSEWHERE],
        ),
        (
            checked(SYMBOL, f"<div data-callback-ignore>{QUANTITY}</div>"),
            [UNSEEN_QUANTITY],
        ),
        (
            checked(
                SYMBOL,
                f"<div><template shadowrootmode='open'>{QUANTITY}</template></div>",
            ),
            [UNSEEN_QUANTITY],
        ),
    ],
)
def test_error_of_field_unseen(
    open_page: Open, warnings: list[str], body: str, expected: list[str]
) -> None:
    """What is wrong with a field, and no place shows, is told, once."""
    page = open_page(body)

    for _ in range(2):
        page.locator("#go").click()
        expect(page.locator("#whole")).to_have_text("Nothing was ordered.")
        look_now(page)
        page.evaluate("document.getElementById('whole').firstChild.textContent = ''")

    assert told_of(warnings) == expected


@pytest.mark.parametrize(
    "body",
    [
        checked(SYMBOL + QUANTITY),
        checked(SYMBOL, QUANTITY),
        checked(call=', on_error="show"'),
        f"<div><template shadowrootmode='open'>{checked(SYMBOL)}</template>"
        f"</div>{QUANTITY}",
        f"""<form method="post">{STATE}{SYMBOL}<div><template shadowrootmode="open">
          {QUANTITY}<button id="go" {{{{ callback_attributes(
            current_page, method="order") }}}}>Order</button></template></div>
          </form><p id="whole">{{{{ callback_error() }}}}</p>""",
    ],
)
def test_error_of_field_seen(open_page: Open, warnings: list[str], body: str) -> None:
    """Nothing is told where each field has a place, or a function gets the error."""
    page = open_page(body)
    page.locator("#go").click()
    expect(page.locator("#whole")).to_have_text("Nothing was ordered.")
    look_now(page)
    assert told_of(warnings) == []


PREVENT = """<script nonce="n">
  document.addEventListener("clientcallback:error", event => {
    event.preventDefault()
    document.title = event.detail.error.message
  })
</script>"""


def test_error_of_field_prevented(open_page: Open, warnings: list[str]) -> None:
    """Nothing is told where a listener shows the error."""
    page = open_page(checked() + PREVENT)
    page.locator("#go").click()
    expect(page).to_have_title("Nothing was ordered.")
    look_now(page)
    assert told_of(warnings) == []


def test_error_of_removed_element(open_page: Open, warnings: list[str]) -> None:
    """Nothing is told where the element that called is gone."""
    page = open_page(checked())
    page.evaluate(
        """() => addEventListener("clientcallback:error", () => {
          document.getElementById("go").remove()
          document.title = "Gone"
        })"""
    )
    page.locator("#go").click()
    expect(page).to_have_title("Gone")
    look_now(page)
    assert told_of(warnings) == []


CATCH = ".catch(error => error.message)"


def test_invalid_input_of_script(open_page: Open, warnings: list[str]) -> None:
    """Which arguments of a script's call are wrong is told, once, in one line."""
    page = open_page(FIELDS)

    for call in ("page.price()", "page.price()", "call('__Page.price', ['ACME'])"):
        message = page.evaluate(f"ClientCallback.{call}{CATCH}")
        assert message == "Invalid input."

    look_now(page)
    assert told_of(warnings) == [
        'info: The call of "__Page.price" got invalid input. symbol: This field is'
        " required."
        " quantity: This field is required.",
        'info: The call of "__Page.price" got invalid input. quantity: This field is'
        " required.",
    ]


@pytest.mark.parametrize(
    ("body", "call"),
    [
        (FIELDS + PREVENT, f"ClientCallback.page.order(){CATCH}"),
        (FIELDS, f"ClientCallback.page.price('ACME', 1){CATCH}"),
        (FIELDS, "ClientCallback.call('__Page', 'fail').catch(() => {})"),
        # A script that shows all of it, in the places for that.
        (
            f"{FIELDS}{SYMBOL}{QUANTITY}",
            """ClientCallback.page.order().catch(({ fields }) => {
              for (const [name, texts] of Object.entries(fields)) {
                const place = `[data-callback-error="${name}"]`
                document.querySelector(place).textContent = texts.join(" ")
              }
            })""",
        ),
    ],
)
def test_good_input_of_script(
    open_page: Open, warnings: list[str], body: str, call: str
) -> None:
    """Nothing is told of another error, nor where what is wrong is shown."""
    page = open_page(body)
    page.evaluate(call)
    look_now(page)
    assert told_of(warnings) == []


def test_good_input_of_reference(open_page: Open, warnings: list[str]) -> None:
    """Nothing is told where the function of a reference shows what is wrong."""
    page = open_page(FIELDS + SYMBOL + QUANTITY)
    page.evaluate("WebForm_DoCallback('__Page.order', [], null)")
    place = page.locator("[data-callback-error=symbol]")
    expect(place).to_have_text("Choose a share.")
    look_now(page)
    assert told_of(warnings) == []


# Simulation.

OTHER = """fetch("/", { headers: new Headers({ Accept: "*/*" }) }).then(
  response => response.status)"""

KIND = """({ simulation, options }) => {
  ClientCallback.simulate(simulation)
  const ending = ClientCallback.call("__Page", "x", options).then(
    () => "result", error => `${error.kind} ${error.status}`)
  return Promise.race([ending, new Promise(resolve => setTimeout(resolve, 9000))])
}"""


@pytest.mark.parametrize(
    ("failure", "ending"),
    [
        ("network", "network 0"),
        ("timeout", "timeout 0"),
        ("http", "http 502"),
        ("server", "server 500"),
    ],
)
def test_failure(
    open_page: Open,
    warnings: list[str],
    arguments: list[str],
    failure: str,
    ending: str,
) -> None:
    """A failure ends each call in its kind, and nothing reaches the server, until the
    simulation ends.
    """
    page = open_page(FIELDS)
    values = {"simulation": {"failure": failure}, "options": {"timeout": 200}}
    assert page.evaluate(KIND, values) == ending
    assert page.evaluate(OTHER) == 200
    assert arguments == []
    assert page.evaluate(KIND, {"simulation": {}, "options": {}}) == "result"
    assert page.evaluate(KIND, values) == ending
    page.evaluate("ClientCallback.simulate()")
    assert page.evaluate("ClientCallback.call('__Page', 'y')") == "y"
    assert arguments == ["x", "y"]
    assert warnings == []


@pytest.mark.parametrize(
    ("simulation", "ending"),
    [
        ({"failure": "network"}, "network 0"),
        ({"failure": "timeout"}, "timeout 0"),
        ({"failure": "http", "latency": 1}, "http 502"),
        ({"failure": "server"}, "server 500"),
        ({"latency": 60000}, "timeout 0"),
    ],
)
def test_failure_of_an_upload(
    open_page: Open,
    warnings: list[str],
    arguments: list[str],
    simulation: dict[str, t.Any],
    ending: str,
) -> None:
    """An upload that is watched fails as other calls do, until the simulation ends."""
    page = open_page(FIELDS)
    upload = """async simulation => {
      ClientCallback.simulate(simulation)
      const options = { files: true, timeout: 300, onUpload() {} }
      return ClientCallback.call("__Page", "x", options).then(
        () => "result", error => `${error.kind} ${error.status}`)
    }"""
    assert page.evaluate(upload, simulation) == ending
    assert arguments == []
    assert page.evaluate(upload, {}) == "result"
    assert page.evaluate(upload, {"latency": 1}) == "result"
    assert arguments == ["x", "x"]
    assert warnings == []


def test_share_of_failures(open_page: Open, arguments: list[str]) -> None:
    """Of the calls a share fails, the same ones each time."""
    page = open_page(FIELDS)
    endings = page.evaluate(
        """async () => {
          ClientCallback.simulate({ failure: "network", share: 0.25 })
          const endings = []
          for (let number = 1; number < 9; number++) {
            endings.push(await ClientCallback.call("__Page", `${number}`).catch(
              error => error.kind))
          }
          return endings
        }"""
    )
    assert endings == ["1", "2", "3", "network", "5", "6", "7", "network"]
    assert "4" not in arguments


def test_latency(page: Page, open_page: Open, arguments: list[str]) -> None:
    """A request goes out when the latency is over, a failure comes then."""
    page.clock.install()
    open_page(FIELDS)
    pause_clock(page)

    for failure in ("", ", failure: 'http'"):
        page.evaluate(
            f"""() => {{
              ClientCallback.simulate({{ latency: 5000{failure} }})
              document.title = ""
              ClientCallback.call("__Page", "x").then(
                result => {{ document.title = result }},
                error => {{ document.title = error.kind }})
            }}"""
        )
        page.clock.run_for(4999)
        # What does not wait is answered.
        assert page.evaluate(OTHER) == 200
        assert (page.title(), arguments) == ("", ["x"] if failure else [])
        page.clock.run_for(1)
        ending = "http" if failure else "x"
        expect(page).to_have_title(ending)
        assert arguments == ["x"]


@pytest.mark.parametrize("simulation", [{"latency": 60000}, {"failure": "timeout"}])
def test_end_of_latency(
    open_page: Open, arguments: list[str], simulation: dict[str, t.Any]
) -> None:
    """A call that waits ends by its timeout and its signal as any other."""
    page = open_page(FIELDS)
    options = {"timeout": 100}
    values = {"simulation": simulation, "options": options}
    assert page.evaluate(KIND, values) == "timeout 0"
    stopping = """when => {
      const controller = new AbortController()
      const { signal } = controller
      const stop = () => controller.abort()
      document.addEventListener("clientcallback:before", () => {
        if (when === "before") stop()
        else setTimeout(stop)
      })
      const ending = ClientCallback.call("__Page", "x", { signal })
      const late = new Promise(resolve => setTimeout(resolve, 9000))
      return Promise.race([ending.catch(error => error.kind), late])
    }"""
    assert page.evaluate(stopping, "later") == "abort"
    assert page.evaluate(stopping, "before") == "abort"
    assert arguments == []


@pytest.mark.parametrize(
    "simulation",
    [
        "{ failure: 'stale' }",
        "{ failure: 'toString' }",
        "{ latency: -1 }",
        "{ latency: '1' }",
        "{ latncy: 1 }",
        "{ failure: 'http', share: 2 }",
        "{ failure: 'http', share: '1' }",
    ],
)
def test_strange_simulation(open_page: Open, simulation: str) -> None:
    """A simulation that there is not is an error."""
    page = open_page(FIELDS)

    with pytest.raises(Error, match="TypeError"):
        page.evaluate(f"ClientCallback.simulate({simulation})")
