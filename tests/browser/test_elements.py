"""Which elements call, when, and with what: all kinds of them, and all ways to use
them.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.strict_page import Doors
from ..helpers.strict_page import expect_at_last
from ..helpers.strict_page import lines
from ..helpers.strict_page import Open

X = '{{ callback_attributes(current_page, "x", "show") }}'
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def attributes(argument: str | None, event: str = "click", **options: object) -> str:
    """Write a call of the template global."""
    said = f'current_page, {argument!r}, "show"'
    said += f', event="{event}"'
    said += "".join(f", {name}={value!r}" for name, value in options.items())
    return f"{{{{ callback_attributes({said}) }}}}"


# Kinds of elements.


@pytest.mark.parametrize(
    ("body", "at"),
    [
        (f'<svg><rect id="it" {X} width="9" height="9"/></svg>', "#it"),
        (
            f'<svg width="9" height="9"><a id="it" href="#left" {X}>'
            '<rect id="in" width="9" height="9"/></a></svg>',
            "#in",
        ),
        (
            f'<svg width="9" height="9"><g id="it" {X}>'
            '<use href="#of"/><rect id="of" width="9" height="9"/></g></svg>',
            "#of",
        ),
        (f'<math><mtext id="it" {X}>text</mtext></math>', "#it"),
        (f'<math><mrow id="it" {X}><mi id="in">x</mi></mrow></math>', "#in"),
        (
            f'<img id="in" src="{PIXEL}" usemap="#map" width="9" height="9">'
            f'<map name="map"><area id="it" coords="0,0,9,9" href="#left" {X}></map>',
            "#in",
        ),
    ],
    ids=["svg", "svg link", "svg use", "mathml", "inside mathml", "area"],
)  # fmt: skip
def test_other_than_html(open_page: Open, body: str, at: str) -> None:
    """Elements of SVG, of MathML and of an image map call, and lead nowhere else."""
    page = open_page(body)
    page.locator(at).click()
    expect_at_last(page, "it: x")
    assert page.evaluate("location.hash") == ""


@pytest.mark.parametrize("tag", ["svg", "math", "p"])
def test_load(open_page: Open, console: list[str], tag: str) -> None:
    """Each element that waits for the page to be there makes one call, also one that
    is added or moved later, and one in a part that is.
    """
    inner = {"svg": "g", "math": "mrow", "p": "b"}[tag]
    load = attributes("x", "load")
    page = open_page(
        f"""<{tag}><{inner} id="it" {load}></{inner}></{tag}>
        <template id="more"><{tag}><{inner} id="later" {load}></{inner}></{tag}>
        </template>"""
    )
    expect(lines(page)).to_have_text(["it: x"])
    page.evaluate("document.body.append(document.getElementById('it').parentElement)")
    page.evaluate(
        """() => {
          const part = document.createElement("div")
          part.append(document.getElementById("more").content.cloneNode(true))
          document.body.append(part)
        }"""
    )
    expect_at_last(page, "it: x", "later: x")
    assert console == []


# Shadow roots.


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize(
    ("element", "use", "told"),
    [
        (f'<button id="it" {X}>It</button>', ("click", "#it"), "it: x"),
        (f'<a id="it" href="#left" {X}><b>It</b></a>', ("click", "#it b"), "it: x"),
        (f'<input id="it" {attributes(None, "change")}>', ("type", "#it"), "it: y"),
        (f'<input id="it" {attributes(None, "input")}>', ("type", "#it"), "it: y"),
        (
            f'<input id="it" type="checkbox" {attributes("x", "change")}>',
            ("click", "#it"),
            "it: x",
        ),
        (
            f'<form id="it" {attributes("x", "submit")}><input id="in"></form>',
            ("Enter", "#in"),
            "it: x",
        ),
        (f'<form><button id="it" {X}>It</button></form>', ("click", "#it"), "it: x"),
        (f'<p id="it" {attributes("x", "load")}></p>', None, "it: x"),
    ],
    ids=["button", "link", "change", "input", "checkbox", "form", "submit", "load"],
)  # fmt: skip
def test_shadow_root(
    open_page: Open,
    console: list[str],
    element: str,
    use: tuple[str, str] | None,
    told: str,
    deep: bool,
) -> None:
    """An element in an open shadow root calls, and its events come out of there."""
    template = '<template shadowrootmode="open">'
    inner = f"<div>{template}{element}</template></div>" if deep else element
    page = open_page(
        f"""<x-card>{template}{inner}</template></x-card>
        <script nonce="n">
          window.heard = []
          for (const name of ["before", "after"]) {{
            document.addEventListener(`clientcallback:${{name}}`, event =>
              heard.push([name, event.composedPath()[0].id]))
          }}
        </script>"""
    )

    if use is not None:
        what, at = use
        target = page.locator(at)

        if what == "click":
            target.click()
        elif what == "type":
            target.press_sequentially("y")
            target.blur()
        else:
            target.press(what)

    expect_at_last(page, told)
    heard = page.evaluate("heard")
    assert heard[:2] == [["before", "it"], ["after", "it"]]
    assert page.evaluate("location.hash") == ""
    assert console == []


def test_shadow_root_that_comes_later(open_page: Open) -> None:
    """A component that gets its shadow root when it is used calls from there."""
    page = open_page(
        f"""<x-later></x-later><template id="inside">
          <input id="it" {attributes(None, "change")}></template>"""
    )
    page.evaluate(
        """() => document.querySelector("x-later").attachShadow({ mode: "open" })
          .append(document.getElementById("inside").content.cloneNode(true))"""
    )
    page.locator("x-later #it").press_sequentially("y")
    page.locator("x-later #it").blur()
    expect_at_last(page, "it: y")


def test_event_that_leaves_its_shadow_root(open_page: Open) -> None:
    """A component's own event that leaves its shadow root makes one call."""
    page = open_page(
        f"""<div id="it" {attributes("x", "change")}><x-card>
        <template shadowrootmode="open"><input id="in"></template></x-card></div>"""
    )
    page.locator("#in").click()
    page.locator("#in").evaluate(
        """element => element.dispatchEvent(
          new Event("change", { bubbles: true, composed: true }))"""
    )
    expect_at_last(page, "it: x")


def test_form_around_a_component(open_page: Open) -> None:
    """The form that a component stands in is the one that is sent from there."""
    page = open_page(
        """<form><input name="outer" value="y"><x-card>
        <template shadowrootmode="open"><button id="it" {{ callback_attributes(
          current_page, "form", "show") }}>It</button></template></x-card></form>"""
    )
    page.locator("#it").click()
    expect_at_last(page, "it: outer=y")


def test_post_back_from_a_shadow_root(open_page: Open) -> None:
    """The fields of a form in a shadow root are filled before it is submitted."""
    page = open_page(
        """<x-card><template shadowrootmode="open">
        <form method="post">{{ callback_fields() }}<button id="plain">Plain</button>
        </form></template></x-card>"""
    )
    field = page.locator("x-card [name=__VIEWSTATE]")
    state = field.input_value()
    field.evaluate("field => { field.value = 'old' }")
    page.locator("#last").click()
    expect(lines(page)).to_have_text(["last: the last"])
    field.evaluate("field => { field.value = '' }")

    with page.expect_request(lambda asked: asked.method == "POST") as sent:
        page.locator("#plain").click()

    assert sent.value.post_data_json["__VIEWSTATE"] == state


def test_indicator_in_a_shadow_root(open_page: Open, doors: Doors) -> None:
    """An indicator is the element of its shadow root, not of the page."""
    page = open_page(
        """<i id="wait" hidden>Outer</i><x-card><template shadowrootmode="open">
        <i id="wait" hidden>Inner</i><button id="it" {{ callback_attributes(
          current_page, "wait x", "show", indicator="wait") }}>It</button>
        </template></x-card>"""
    )
    page.locator("#it").click()
    expect(page.get_by_text("Inner")).to_be_visible()
    expect(page.get_by_text("Outer")).to_be_hidden()
    doors.open("x")
    expect(page.get_by_text("Inner")).to_be_hidden()


# Elements inside of each other.


def test_closest_that_waits(open_page: Open) -> None:
    """Of elements inside of each other the closest that waits for the event calls."""
    page = open_page(
        f"""<form id="outer" {attributes("save", "change")}>
          <input id="title">
          <input id="city" {attributes("search", "input")}>
          <p id="row" {attributes("row")}><b id="cell" {attributes("cell")}>Cell</b>
            <i id="rest">Rest</i></p>
        </form>"""
    )
    page.locator("#title").fill("y")
    page.locator("#title").blur()
    expect(lines(page)).to_have_text(["outer: save"])
    page.locator("#city").fill("y")
    expect(lines(page)).to_have_text(["outer: save", "city: search"])
    page.locator("#city").blur()
    expect(lines(page)).to_have_text(["outer: save", "city: search", "outer: save"])
    page.locator("#cell").click()
    said = ["outer: save", "city: search", "outer: save", "cell: cell"]
    expect(lines(page)).to_have_text(said)
    page.locator("#rest").click()
    expect_at_last(page, *said, "row: row")


def test_submit_button_in_a_row(open_page: Open) -> None:
    """A click on a submit button that calls is none on the row that it stands in."""
    page = open_page(
        f"""<div id="row" {attributes("row")}><form>
        <button id="it" {X}>It</button></form></div>"""
    )
    page.locator("#it").click()
    expect_at_last(page, "it: x")


# Submits.

FIELDS = '<form method="post"><input id="in" name="mail" type="email" REQUIRED>BUTTON'


@pytest.mark.parametrize(
    "button",
    [
        f'<button id="it" {X}>It</button></form>',
        f'<input type="submit" id="it" {X}></form>',
        f'<input type="image" id="it" src="{PIXEL}" width="9" height="9" {X}></form>',
        f'</form><button form="form" id="it" {X}>It</button>',
        f'<button id="it" {attributes("x", "submit")}>It</button></form>',
    ],
    ids=["button", "input", "image", "outside", "submit"],
)
def test_required(open_page: Open, requests: list[str], button: str) -> None:
    """A submit button calls when its form is submitted, and so not while a field is
    not as it has to be. The Enter key calls as the button does.
    """
    markup = FIELDS.replace("REQUIRED", "required").replace("BUTTON", button)
    page = open_page(markup.replace("<form", '<form id="form"', 1))
    page.locator("#it").click()
    assert page.evaluate("document.activeElement.id") == "in"
    page.locator("#in").fill("no address")
    page.locator("#in").press("Enter")
    page.locator("#in").fill("a@b.c")
    page.locator("#in").press("Enter")
    expect(lines(page)).to_have_text(["it: x"])
    page.locator("#it").click()
    expect_at_last(page, "it: x", "it: x")
    assert requests == ["GET", "x", "x", "the last"]


@pytest.mark.parametrize(
    "button",
    [
        f'<button id="it" formnovalidate {X}>It</button></form>',
        f'<button id="it" type="button" {X}>It</button></form>',
        f'<input type="button" id="it" value="It" {X}></form>',
        f'</form><button id="it" {X}>It</button>',
        f'<b id="it" {X}>It</b></form>',
    ],
    ids=["formnovalidate", "button", "input", "outside", "other"],
)
def test_not_required(open_page: Open, requests: list[str], button: str) -> None:
    """What submits no form, or one that need not be valid, calls all the same."""
    page = open_page(FIELDS.replace("REQUIRED", "required").replace("BUTTON", button))
    page.locator("#it").click()
    expect_at_last(page, "it: x")
    assert requests == ["GET", "x", "the last"]


def test_on_submit_statements(open_page: Open, requests: list[str]) -> None:
    """What runs before a form is sent does not for a call, and does where the call
    cannot be made.
    """
    page = open_page(
        f"""<script nonce="n">
          window.ran = 0
          function WebForm_OnSubmit() {{ ran++; return false }}
        </script>
        <form method="post">{{{{ callback_fields() }}}}<button id="it" {X}>It</button>
        <button id="plain">Plain</button>
        <button id="wrong" {X.replace("show", "nowhere")}>Wrong</button></form>"""
    )
    page.locator("#it").click()
    expect(lines(page)).to_have_text(["it: x"])
    assert page.evaluate("ran") == 0
    page.locator("#plain").click()
    assert page.evaluate("ran") == 1
    page.locator("#wrong").click()
    assert page.evaluate("ran") == 2
    expect_at_last(page, "it: x")
    assert requests == ["GET", "x", "the last"]


def test_image_button(open_page: Open) -> None:
    """The position of a click on an image button goes along, each time anew."""
    page = open_page(
        f"""<form><input type="image" name="map" id="it" src="{PIXEL}" width="40"
        height="40" {attributes("form")}></form>"""
    )
    page.locator("#it").click(position={"x": 3, "y": 4})
    expect(lines(page)).to_have_text(["it: map.x=3 map.y=4"])
    page.locator("#it").click(position={"x": 30, "y": 20})
    expect_at_last(page, "it: map.x=3 map.y=4", "it: map.x=30 map.y=20")


def test_argument_of_a_form(open_page: Open, requests: list[str]) -> None:
    """The argument of a form is the value of the button that submits it."""
    page = open_page(
        f"""<form id="it" {attributes(None, "submit")}><input id="in" name="a">
        <button value="first">First</button>
        <button id="second" value="second">Second</button>
        <button id="none">None</button></form>"""
    )
    page.locator("#second").click()
    expect(lines(page)).to_have_text(["it: second"])
    page.locator("#in").press("Enter")
    expect(lines(page)).to_have_text(["it: second", "it: first"])
    page.locator("#none").click()
    expect_at_last(page, "it: second", "it: first", "it:")
    assert requests == ["GET", "second", "first", "", "the last"]


# Values.


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ('["a", "b"]', 'it: ["a","b"]'),
        ("5", "it: 5"),
        ("false", "it: false"),
        ("undefined", "it:"),
        ("null", "it:"),
    ],
)
def test_custom_element(open_page: Open, value: str, told: str) -> None:
    """The value of a custom element that is no text is sent as its JSON."""
    page = open_page(
        f"""<script nonce="n">
          customElements.define("x-value", class extends HTMLElement {{
            get value() {{ return {value} }}
          }})
        </script><x-value id="it" {attributes(None, "change")}></x-value>"""
    )
    page.evaluate("it.dispatchEvent(new Event('change', { bubbles: true }))")
    expect_at_last(page, told)


@pytest.mark.parametrize("value", ["new Map()", "{ a: 1 }", "() => 1", "NaN"])
def test_value_that_is_lost(open_page: Open, console: list[str], value: str) -> None:
    """Any other value would be lost: the console tells, and the element can call
    again.
    """
    page = open_page(
        f"""<script nonce="n">
          window.given = {value}
          customElements.define("x-value", class extends HTMLElement {{
            get value() {{ return given }}
          }})
        </script>
        <x-value id="it" {attributes(None, "change", disable=True)}></x-value>"""
    )

    with page.expect_console_message(lambda told: "use JSON.stringify" in told.text):
        page.evaluate("it.dispatchEvent(new Event('change', { bubbles: true }))")

    page.evaluate("given = 'text'")
    expect(page.locator("#it")).not_to_have_attribute("aria-disabled", "true")
    page.evaluate("it.dispatchEvent(new Event('change', { bubbles: true }))")
    expect_at_last(page, "it: text")


@pytest.mark.parametrize("form", ["'f'", "this.closest('form')", "() => 1"])
def test_custom_button(open_page: Open, form: str) -> None:
    """A custom element that has a type and a form of its own calls at the click, with
    the form that it stands in.
    """
    page = open_page(
        f"""<script nonce="n">
          customElements.define("x-button", class extends HTMLElement {{
            get type() {{ return "submit" }}
            get form() {{ return {form} }}
          }})
        </script><form id="f"><input name="a" value="b">
        <x-button id="it" {attributes("form")}>It</x-button></form>"""
    )
    page.locator("#it").click()
    expect_at_last(page, "it: a=b")


def compose(page: Page, *texts: str, ending: str) -> None:
    """Type with an input method: a word is half made several times, then chosen."""
    keys = page.context.new_cdp_session(page)

    for text in texts:
        at = {"selectionStart": len(text), "selectionEnd": len(text)}
        keys.send("Input.imeSetComposition", {"text": text, **at})

    keys.send("Input.insertText", {"text": ending})


@pytest.mark.chromium("only its own protocol drives an input method")
@pytest.mark.parametrize("delay", [None, 50])
def test_input_method(open_page: Open, requests: list[str], delay: int | None) -> None:
    """A word that an input method makes is one input, when it is finished."""
    options = {} if delay is None else {"delay": delay}
    page = open_page(f'<input id="it" {attributes(None, "input", **options)}>')
    page.clock.install()
    page.locator("#it").focus()
    page.keyboard.type("a")
    page.clock.run_for(100)
    expect(lines(page)).to_have_text(["it: a"])
    # Another letter, and before its delay is over the word begins.
    page.keyboard.type("b")
    compose(page, "n", "に", "にh", ending="")
    page.clock.run_for(100)
    compose(page, "に", "にほ", "にほん", ending="日本")
    page.clock.run_for(100)
    expected = ["it: a", "it: ab", "it: ab日本"]
    expect(lines(page).last).to_have_text(expected[-1])
    told = lines(page).all_text_contents()
    assert [text for text in told if text not in expected] == []
    assert not any("に" in argument for argument in requests)
    page.keyboard.type("!")
    page.clock.run_for(100)
    expect(lines(page).last).to_have_text("it: ab日本!")


def test_key_of_an_input_method(open_page: Open, requests: list[str]) -> None:
    """A key that an input method takes is none for the page."""
    page = open_page(f'<input id="it" {attributes("x", "keydown")}>')
    page.locator("#it").evaluate(
        """element => element.dispatchEvent(new KeyboardEvent(
          "keydown", { bubbles: true, isComposing: true, key: "Enter" }))"""
    )
    expect_at_last(page)
    assert requests == ["GET", "the last"]


@pytest.mark.parametrize("event", ["change", "input"])
def test_change_while_disabled(
    open_page: Open, doors: Doors, requests: list[str], event: str
) -> None:
    """What is changed while the element is held back is sent when it is free, as it is
    then, and once.
    """
    page = open_page(
        f"""<select id="it" {attributes(None, event, disable=True)}>
        <option>begin<option>wait x<option>y<option>z</select>"""
    )
    page.locator("#it").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#it")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator("#it").input_value() == "z"
    doors.expect_call("x")
    assert requests == ["GET", "wait x"]
    doors.open("x")
    expect_at_last(page, "it: wait x", "it: z")
    expect(page.locator("#it")).not_to_have_attribute("aria-disabled", "true")
    assert requests == ["GET", "wait x", "z", "the last"]


# Names that hide what the script uses.

MEMBERS = (
    "closest", "dispatchEvent", "querySelector", "querySelectorAll", "append", "form",
    "getAttribute", "setAttribute", "removeAttribute", "matches", "contains", "submit",
    "getRootNode", "parentElement", "isConnected", "value", "shadowRoot", "dataset",
    "addEventListener", "constructor", "elements", "hidden", "id", "type", "name",
)  # fmt: skip
OF_DOCUMENT = (
    "currentScript", "querySelector", "querySelectorAll", "getElementById", "body",
    "createElement", "addEventListener", "dispatchEvent", "readyState", "getRootNode",
    "forms", "location", "constructor", "defaultView", "head", "documentElement",
)  # fmt: skip


def test_names_of_fields(open_page: Open, console: list[str]) -> None:
    """A form whose fields have the names of its own members calls all the same."""
    fields = "".join(f'<input name="{name}">' for name in MEMBERS)
    page = open_page(
        f"""<form id="it" method="post" {attributes("x", "submit", indicator="wait")}>
        {{{{ callback_fields() }}}}{fields}<button id="press">Press</button></form>
        <form id="wait" hidden>{fields}</form>
        <script nonce="n">
          window.heard = []
          const form = document.querySelector("#it")
          Element.prototype.addEventListener.call(
            form, "clientcallback:after", event => heard.push(event.target === form))
        </script>"""
    )
    page.evaluate("press.click()")
    expect(lines(page)).to_have_text(["[object HTMLInputElement]: x"])
    call = "ClientCallback.call('__Page', 'y', { element: document.forms[0] })"
    assert page.evaluate(call) == "y"
    assert page.evaluate("heard") == [True, True]
    assert console == []


def test_names_of_fields_in_a_post_back(open_page: Open, requests: list[str]) -> None:
    """Such a form is posted back too."""
    fields = "".join(f'<input name="{name}">' for name in MEMBERS)
    page = open_page(f'<form method="post">{{{{ callback_fields() }}}}{fields}</form>')

    with page.expect_navigation():
        page.evaluate("__doPostBack('__Page', 'y')")

    expect_at_last(page)
    assert requests == ["GET", "POST", "the last"]


def test_names_of_images(open_page: Open, console: list[str]) -> None:
    """A document whose images have the names of its own members has its calls."""
    images = "".join(f'<img src="{PIXEL}" name="{name}">' for name in OF_DOCUMENT)
    page = open_page(
        f"""{images}<script nonce="n">
          window.told = []
          ClientCallback.register("tell", result => console.log(`told ${{result}}`))
          window.addEventListener("clientcallback:after",
            event => told.push(event.detail.result))
        </script>
        <form method="post">{{{{ callback_fields() }}}}
        <button id="it" {X.replace("show", "tell")}>It</button></form>"""
    )
    assert page.evaluate("document.querySelectorAll instanceof HTMLImageElement")
    assert page.evaluate("ClientCallback.call('__Page', 'y')") == "y"

    with page.expect_console_message(lambda message: message.text == "told x"):
        page.locator("#it").click()

    assert page.evaluate("told") == ["y", "x"]
    console.remove("told x")
    assert console == []
