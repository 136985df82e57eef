"""Errors that are shown in a page without any script of its author."""

from __future__ import annotations

import typing as t

import pytest
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import FromForm

from ..engines.expectations import expect
from ..helpers.bare_page import BarePage
from ..helpers.strict_page import OBSERVE

if t.TYPE_CHECKING:
    from .conftest import ServeView

FORM = """<form method="post" id="order-form">
  {{ callback_fields() }}
  <input id="name" {{ callback_field("name") }}>{{ callback_error("name") }}
  <input id="quantity" {{ callback_field("quantity", 1) }}>
  {{ callback_error("quantity") }}
  <input id="" name="">
  <button id="order" {{ callback_attributes(
    current_page, method="order", postback=True, output="at") }}>Order</button>
  <button id="break" {{ callback_attributes(current_page, method="fail") }}></button>
  <p id="any">{{ callback_error() }}</p>
</form>
<output id="at"></output>
<input id="outside">
"""


@callback_handler
class Orders(BarePage):
    """Takes orders of one to nine."""

    template = FORM

    @callback_method
    def order(self, name: FromForm[str], quantity: FromForm[int]) -> str:
        fields: dict[str, t.Any] = {}

        if not name:
            fields["name"] = ["Give a name."]

        if quantity > 9:
            fields["quantity"] = ["Too many.", "Nine at most."]

        if fields:
            raise CallbackError("Please look again.", fields=fields)

        return f"{quantity} for {name}"

    @callback_method
    def set_quantity(self, name: str, quantity: int) -> str:
        if quantity > 9:
            raise CallbackError("Not so many.", fields={"quantity": "Nine at most."})

        return f"{quantity} {name}"

    @callback_method
    def lack(self, fields: list[str]) -> None:
        raise CallbackError("It is wrong.", fields={name: "Wrong." for name in fields})

    @callback_method
    def fail(self) -> None:
        raise ZeroDivisionError

    def raise_callback_event(self, event_argument: str) -> str:
        if event_argument == "fail":
            raise CallbackError("Not today.")

        return event_argument


Open: t.TypeAlias = t.Callable[..., Page]


@pytest.fixture
def open_page(page: Page, serve_view: ServeView) -> Open:
    """Open the page, or one with another template."""
    page.add_init_script(OBSERVE)

    def open_page(template: str = FORM) -> Page:
        page.goto(serve_view(type("Opened", (Orders,), {"template": template})))
        return page

    return open_page


def place(page: Page, name: str) -> t.Any:
    """What shows the error of a field."""
    return page.locator(f'[data-callback-error="{name}"]')


def invalid(page: Page) -> list[str]:
    """The ids of the controls that are said to be invalid."""
    ids: list[str] = page.evaluate(
        """() => Array.from(document.querySelectorAll("[aria-invalid]"),
          control => `${control.id} ${control.getAttribute("aria-invalid")}`)"""
    )
    return ids


def test_fields(open_page: Open, console: list[str]) -> None:
    """Each field's messages are shown at its place, its control is marked, and the
    first of these gets the focus. The next answer takes it all away.
    """
    page = open_page()
    page.locator("#quantity").fill("12")
    page.locator("#order").click()
    expect(place(page, "quantity")).to_have_text("Too many. Nine at most.")
    expect(place(page, "name")).to_have_text("Give a name.")
    expect(place(page, "")).to_have_text("Please look again.")
    expect(page.locator("#name")).to_be_focused()
    assert invalid(page) == ["name true", "quantity true"]
    page.locator("#name").fill("Ada")
    page.locator("#order").click()
    expect(place(page, "name")).to_have_text("")
    expect(place(page, "quantity")).to_have_text("Too many. Nine at most.")
    expect(page.locator("#quantity")).to_be_focused()
    assert invalid(page) == ["quantity true"]
    page.locator("#quantity").fill("3")
    page.locator("#quantity").press("Enter")
    expect(page.locator("#at")).to_have_text("3 for Ada")

    for name in ("name", "quantity", ""):
        expect(place(page, name)).to_have_text("")

    assert invalid(page) == []
    assert [text for text in console if "Failed to load" not in text] == []
    assert page.evaluate("violations") == []


def test_types(open_page: Open) -> None:
    """What is no number is an error of its field."""
    page = open_page()
    page.locator("#name").fill("Ada")
    page.locator("#quantity").fill("many")
    page.locator("#order").click()
    expect(place(page, "quantity")).not_to_have_text("")
    expect(page.locator("#quantity")).to_be_focused()
    assert invalid(page) == ["quantity true"]


def test_after_a_post_back(page: Page, serve_view: ServeView) -> None:
    """The next answer also takes away what the server wrote into the page."""
    address = serve_view(Orders)
    browser = page.context.browser
    assert browser is not None
    page.goto(address)
    page.locator("#name").fill("Ada")
    page.locator("#quantity").fill("12")
    page.evaluate(
        """() => {
          const form = document.getElementById("order-form")
          const field = document.createElement("input")
          Object.assign(field, { name: "__EVENTTARGET", value: "__Page.order" })
          form.append(field)
          form.submit()
        }"""
    )
    expect(place(page, "quantity")).to_have_text("Too many. Nine at most.")
    assert invalid(page) == ["quantity true"]
    page.locator("#quantity").fill("3")
    page.locator("#order").click()
    expect(page.locator("#at")).to_have_text("3 for Ada")
    expect(place(page, "quantity")).to_have_text("")
    expect(place(page, "")).to_have_text("")
    assert invalid(page) == []


@pytest.mark.parametrize("how", ["server", "http", "network", "timeout"])
def test_any_error(open_page: Open, console: list[str], how: str) -> None:
    """The message of any error is shown, that of a lost network too, without a mark or
    a change of the focus; and not in the console.
    """
    page = open_page()
    page.locator("#outside").focus()
    # That mark is the page's own.
    page.evaluate("document.getElementById('order').setAttribute('aria-invalid', true)")

    if how == "http":
        page.route("**/*", lambda route: route.fulfill(status=502, body="Bad"))
    elif how == "network":
        page.route("**/*", lambda route: route.abort())
    elif how == "timeout":
        page.route("**/*", lambda route: None)
        page.evaluate(
            """document.getElementById("break").setAttribute(
              "data-callback-timeout", "50")"""
        )

    page.evaluate("document.getElementById('break').click()")
    expect(place(page, "")).not_to_have_text("")
    expect(page.locator("#outside")).to_be_focused()
    assert [text for text in console if "Failed to load" not in text] == []


@pytest.mark.parametrize("how", ["abort", "drop"])
def test_abort(open_page: Open, how: str) -> None:
    """What the page itself ended is no error to show, and takes none away."""
    page = open_page()
    page.locator("#break").click()
    expect(place(page, "")).not_to_have_text("")
    shown = place(page, "").text_content()
    page.evaluate(
        """() => new Promise(resolve => {
          document.addEventListener("clientcallback:before", event => {
            event.preventDefault()
          })
          document.addEventListener("clientcallback:error", () => setTimeout(resolve))
          document.getElementById("break").click()
        })"""
    )
    expect(place(page, "")).to_have_text(shown)


def test_cancelled(open_page: Open, console: list[str]) -> None:
    """A listener that cancels the event shows the error itself: nothing else does, and
    what was shown goes.
    """
    page = open_page()
    page.locator("#order").click()
    expect(place(page, "name")).to_have_text("Give a name.")
    page.evaluate(
        """document.addEventListener("clientcallback:error", event => {
          event.preventDefault()
          document.title = event.detail.error.message
        })"""
    )
    page.locator("#order").click()
    expect(page).to_have_title("Please look again.")
    expect(place(page, "name")).to_have_text("")
    expect(place(page, "")).to_have_text("")
    assert invalid(page) == []
    assert [text for text in console if "Failed to load" not in text] == []


def test_on_error(open_page: Open) -> None:
    """A function in on_error runs besides."""
    page = open_page(
        """<button id="it" {{ callback_attributes(
          current_page, None, None, "told", method="fail") }}></button>
        {{ callback_error() }}"""
    )
    page.evaluate(
        """ClientCallback.register("told", (message, element, error) => {
          document.title = `${element.id} ${error.kind}`
        })"""
    )
    page.locator("#it").click()
    expect(page).to_have_title("it server")
    expect(place(page, "")).not_to_have_text("")


@pytest.mark.parametrize(
    ("places", "fields", "is_shown"),
    [
        ([""], ["a"], True),
        (["a"], ["a"], True),
        (["a", "b"], ["a", "b"], True),
        (["a"], ["a", "b"], False),
        ([], ["a"], False),
        (["b"], [], False),
    ],
)
def test_console(
    open_page: Open,
    console: list[str],
    places: list[str],
    fields: list[str],
    *,
    is_shown: bool,
) -> None:
    """An error goes to the console unless all of it is shown."""
    written = "".join(f'{{{{ callback_error("{name}") }}}}' for name in places)
    method = f'method="lack", args=[{fields}]' if fields else 'method="fail"'
    page = open_page(
        f"""<button id="it" {{{{ callback_attributes(
          current_page, {method}) }}}}></button>{written}
        <button id="last" {{{{ callback_attributes(current_page, method="set_quantity",
          args=["last", 1], output="at") }}}}></button><output id="at"></output>"""
    )
    page.locator("#it").click()
    expect(page.locator("[aria-busy]")).to_have_count(0)
    page.locator("#last").click()
    expect(page.locator("#at")).to_have_text("1 last")
    logged = [text for text in console if "Failed to load" not in text]
    assert (logged == []) is is_shown


def test_marks_only_with_a_place(open_page: Open) -> None:
    """A control without a place for its error is left alone, as the page may mark it by
    a script of its own.
    """
    page = open_page(
        """<form><input id="a" name="a" aria-invalid="true"><input id="b" name="b">
        <button id="it" type="button" {{ callback_attributes(
          current_page, method="lack", args=[["b"]]) }}></button>
        {{ callback_error() }}</form>"""
    )
    page.locator("#it").click()
    expect(place(page, "")).to_have_text("It is wrong.")
    assert invalid(page) == ["a true"]


def test_calls_of_scripts(open_page: Open) -> None:
    """A call of a script marks and shows nothing, takes nothing away, and leaves the
    focus to who types.
    """
    page = open_page()
    page.locator("#order").click()
    expect(place(page, "name")).to_have_text("Give a name.")
    page.locator("#outside").focus()
    told = page.evaluate(
        """async () => {
          const form = document.getElementById("order-form")
          form.elements.name.value = "Ada"
          document.getElementById("quantity").value = 12
          const page = ClientCallback.page.with({ form })
          return page.order().catch(error => error.fields)
        }"""
    )
    assert "quantity" in told
    expect(place(page, "name")).to_have_text("Give a name.")
    expect(place(page, "quantity")).to_have_text("")
    expect(page.locator("#outside")).to_be_focused()
    assert invalid(page) == ["name true"]


@pytest.mark.parametrize("on_error", ["null", "reportElsewhere"])
def test_ported_calls(open_page: Open, console: list[str], on_error: str) -> None:
    """The error of a call by ASP.NET's function is shown beside the button that makes
    it, whether a function gets it too, and the next result takes it away.
    """
    page = open_page(
        FORM.replace(
            "{{ callback_error() }}",
            """<button type="button" id="ported"></button>{{ callback_error() }}""",
        )
        + '<p id="elsewhere"></p>'
    )
    page.evaluate(
        f"""() => {{
          const reportElsewhere = message => {{
            document.getElementById("elsewhere").textContent = message
          }}
          const write = result => {{
            document.getElementById("at").textContent = result
          }}
          document.getElementById("ported").onclick = () =>
            WebForm_DoCallback("__Page", window.how, write, null, {on_error}, true)
          window.how = "fail"
        }}"""
    )
    page.locator("#ported").click()
    expect(place(page, "")).to_have_text("Not today.")
    expect(page.locator("#elsewhere")).to_have_text(
        "" if on_error == "null" else "Not today."
    )
    page.evaluate("window.how = 'work'")
    page.locator("#ported").click()
    expect(page.locator("#at")).to_have_text("work")
    expect(place(page, "")).to_have_text("")
    assert [text for text in console if "Failed to load" not in text] == []


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_ported_calls_without_an_element(
    open_page: Open, console: list[str], is_cancelled: bool
) -> None:
    """The error of one that no event makes is shown in the page's place, unless a
    listener takes it; without a place it is written to the console.
    """
    page = open_page('{{ callback_error() }}<p id="told"></p>')
    page.evaluate(
        f"""() => {{
          document.addEventListener("clientcallback:error", event => {{
            document.getElementById("told").textContent = event.detail.error.message
            if ({str(is_cancelled).lower()}) event.preventDefault()
          }})
          setTimeout(() => WebForm_DoCallback("__Page", "fail", null, null, null, true))
        }}"""
    )
    expect(page.locator("#told")).to_have_text("Not today.")
    expect(place(page, "")).to_have_text("" if is_cancelled else "Not today.")
    assert [text for text in console if "Failed to load" not in text] == []
    written = page.evaluate(
        """() => new Promise(resolve => {
          document.querySelector("[data-callback-error]").remove()
          const written = []
          console.error = error => written.push(error.message)
          document.addEventListener("clientcallback:error", () => {
            setTimeout(resolve, 0, written)
          })
          WebForm_DoCallback("__Page", "fail", null, null, null, true)
        })"""
    )
    assert written == ([] if is_cancelled else ["Not today."])


ROWS = """<table>{% for name in ("pen", "ink") %}<tr>
  <td><input id="{{ name }}" name="quantity" value="1" {{ callback_attributes(
    current_page, method="set_quantity", args=[name], value=True, event="change",
    output="at") }}>{{ callback_error("quantity") }}{% endfor %}</table>
  {{ callback_error() }}<output id="at"></output>"""


@pytest.mark.parametrize("around", ["{}", "<form>{}</form>"])
def test_rows(open_page: Open, around: str) -> None:
    """Of places with the same name the closest is taken, so that each row has its own;
    who changed a field and went on keeps the focus.
    """
    page = open_page(around.format(ROWS))
    places = place(page, "quantity")
    page.locator("#ink").fill("12")
    page.locator("#pen").focus()
    expect(places).to_have_text(["", "Nine at most."])
    expect(place(page, "")).to_have_text("Not so many.")
    expect(page.locator("#pen")).to_be_focused()
    assert invalid(page) == ["ink true"]
    page.locator("#pen").fill("5")
    page.locator("#ink").focus()
    expect(page.locator("#at")).to_have_text("5 pen")
    expect(places).to_have_text(["", ""])
    assert invalid(page) == []


def test_other_forms(open_page: Open) -> None:
    """The errors of a form are shown and taken away in it and outside of forms, never
    in another form.
    """
    page = open_page(
        """{% for name in ("one", "two") %}<form id="{{ name }}">
          <input id="{{ name }}-a" name="a">{{ callback_error("a") }}
          <button id="{{ name }}-it" type="button" {{ callback_attributes(
            current_page, method="lack", args=[["a", "b"]]) }}></button></form>
        {% endfor %}<form id="three"><button id="three-it" type="button" {{
          callback_attributes(current_page, method="lack", args=[["a"]])
          }}></button></form>{{ callback_error("b") }}{{ callback_error() }}"""
    )
    page.locator("#two-it").click()
    expect(place(page, "a")).to_have_text(["", "Wrong."])
    expect(place(page, "b")).to_have_text("Wrong.")
    page.locator("#one-it").click()
    expect(place(page, "a")).to_have_text(["Wrong.", "Wrong."])
    assert invalid(page) == ["one-a true", "two-a true"]
    page.locator("#three-it").click()
    expect(place(page, "b")).to_have_text("")
    expect(place(page, "")).to_have_text("It is wrong.")
    expect(place(page, "a")).to_have_text(["Wrong.", "Wrong."])


def test_without_a_form(open_page: Open) -> None:
    """An element without a form shows its message where there is room for it, in a form
    too; the fields of that form are not its own.
    """
    page = open_page(
        """<button id="it" {{ callback_attributes(
          current_page, method="lack", args=[["a"]]) }}></button>
        <form><input id="a" name="a">{{ callback_error("a") }}{{ callback_error() }}
        </form>"""
    )
    page.locator("#it").click()
    expect(place(page, "")).to_have_text("It is wrong.")
    expect(place(page, "a")).to_have_text("")
    assert invalid(page) == []


def test_html_of_others(open_page: Open) -> None:
    """What others wrote shows no errors, and none of its fields is marked."""
    page = open_page(
        """<form><p data-callback-ignore><input id="theirs" name="a">
          <b data-callback-error="a"></b><b data-callback-error=""></b></p>
        <input id="a" name="a">{{ callback_error("a") }}
        <button id="it" type="button" {{ callback_attributes(
          current_page, method="lack", args=[["a"]]) }}></button></form>"""
    )
    page.locator("#it").click()
    expect(place(page, "a")).to_have_text(["", "Wrong."])
    expect(place(page, "")).to_have_text("")
    assert invalid(page) == ["a true"]


def test_names_of_any_letters(open_page: Open) -> None:
    """The name of a field may have quotes, brackets and backslashes."""
    name = "a\\\\'[]\\\""
    page = open_page(
        f"""{{% set name = "{name}" %}}<input id="a" {{{{ callback_field(name) }}}}>
        {{{{ callback_error(name) }}}}<button id="it" {{{{ callback_attributes(
          current_page, method="lack", args=[[name]]) }}}}></button>"""
    )
    page.locator("#it").click()
    expect(page.locator("[data-callback-error]")).to_have_text("Wrong.")
    assert invalid(page) == ["a true"]


def test_shadow_root(open_page: Open) -> None:
    """The places and controls of a shadow root are those of the elements in it."""
    page = open_page(
        """<input name="a" id="light">{{ callback_error("a") }}
        <div><template shadowrootmode="open"><input name="a" id="dark">
          {{ callback_error("a") }}<button id="it" {{ callback_attributes(
            current_page, method="lack", args=[["a"]]) }}></button></template></div>"""
    )
    page.locator("#it").click()
    expect(place(page, "a")).to_have_text(["", "Wrong."])
    expect(page.locator("#dark")).to_have_attribute("aria-invalid", "true")
    assert invalid(page) == []


def test_hidden_field(open_page: Open) -> None:
    """A hidden field of the same name, as a checkbox may have, takes no focus."""
    page = open_page(
        """<form><input type="hidden" name="a" value="no">
        <input type="checkbox" id="a" name="a"><input id="empty" name="">
        {{ callback_error("a") }}{{ callback_error() }}
        <button id="it" type="button" {{ callback_attributes(
          current_page, method="lack", args=[["a"]]) }}></button></form>"""
    )
    page.locator("#it").click()
    expect(page.locator("#a")).to_be_focused()
    assert invalid(page) == ["a true"]
