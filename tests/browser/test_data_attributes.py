"""Pages written with ``callback_attributes`` alone, under a policy that lets no
inline handler, no ``eval`` and no string into the document.
"""

from __future__ import annotations

import typing as t

import pytest
from playwright.sync_api import ConsoleMessage
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.clock import stop_clock
from ..helpers.strict_page import Doors
from ..helpers.strict_page import expect_at_last
from ..helpers.strict_page import lines
from ..helpers.strict_page import Open


@pytest.mark.parametrize(
    "element",
    [
        '<button id="it" ATTRIBUTES><b>It</b></button>',
        '<a id="it" href="/elsewhere" ATTRIBUTES>It</a>',
        '<input id="it" type="submit" ATTRIBUTES>',
        '<input id="it" type="image" src="data:," alt="It" ATTRIBUTES>',
    ],
)
def test_click(
    open_page: Open, console: list[str], requests: list[str], element: str
) -> None:
    """A click makes the call in the place of what the element does by itself."""
    attributes = '{{ callback_attributes(current_page, "x", "show") }}'
    form = f'<form method="post">{element.replace("ATTRIBUTES", attributes)}</form>'
    page = open_page(form)
    page.locator("#it").click()
    expect_at_last(page, "it: x")
    assert requests == ["GET", "x", "the last"]
    assert console == []


def test_inner_element(open_page: Open) -> None:
    """A click on what is inside counts as one on the element."""
    page = open_page(
        """<button id="it" {{ callback_attributes(current_page, "x", "show") }}>
          <b id="inner">It</b></button>"""
    )
    page.locator("#inner").click()
    expect_at_last(page, "it: x")


def test_change(open_page: Open) -> None:
    """Without an argument the element's value goes."""
    page = open_page(
        """<select id="it" {{ callback_attributes(
          current_page, on_result="show", event="change") }}>
          <option value="">None<option value="1">One<option value="2">Two</select>"""
    )
    page.locator("#it").select_option("Two")
    expect(lines(page)).to_have_text(["it: 2"])
    page.locator("#it").click()
    page.locator("#it").select_option("One")
    expect_at_last(page, "it: 2", "it: 1")


def test_given_argument(open_page: Open) -> None:
    """An argument goes in the place of the element's value, also an empty one."""
    page = open_page(
        """<input id="empty" {{ callback_attributes(
          current_page, "", "show", event="change") }}>
        <input id="number" {{ callback_attributes(
          current_page, 1.50, "show", event="change") }}>
        <input id="text" {{ callback_attributes(
          current_page, "<b> '\\"&amp;", "show", event="change") }}>"""
    )

    for name, expected in (("empty", ""), ("number", "1.5"), ("text", "<b> '\"&amp;")):
        page.locator(f"#{name}").fill("typed")
        page.locator(f"#{name}").blur()
        expect(lines(page).last).to_have_text(f"{name}: {expected}")


def test_delay(open_page: Open, requests: list[str]) -> None:
    """Quick typing makes one call, when it has come to rest."""
    page = open_page(
        """<input id="it" {{ callback_attributes(
          current_page, on_result="show", event="input", delay=300) }}>"""
    )
    stop_clock(page)
    field = page.locator("#it")

    for number, key in enumerate("abc"):
        field.press(key)
        # A good part of the delay passes between the keys, and before the end.
        page.clock.run_for(299)
        assert requests == ["GET"], number

    page.clock.run_for(1)
    expect(lines(page)).to_have_text(["it: abc"])
    page.clock.run_for(1000)
    expect_at_last(page, "it: abc")
    assert requests == ["GET", "abc", "the last"]


def test_submit(open_page: Open, requests: list[str]) -> None:
    """A form that is sent makes a call with its fields, and stays."""
    page = open_page(
        """<form id="it" method="post" {{ callback_attributes(
          current_page, "form", "show", event="submit") }}>
          <input id="name" name="name" required><button id="send">Send</button>
        </form>"""
    )
    page.locator("#send").click()
    page.locator("#name").fill("Ada")
    page.locator("#send").click()
    expect(lines(page)).to_have_text(["it: name=Ada"])
    page.locator("#name").fill("Grace")
    page.locator("#name").press("Enter")
    expect_at_last(page, "it: name=Ada", "it: name=Grace")
    assert requests == ["GET", "form", "form", "the last"]


@pytest.mark.parametrize("delay", ["None", "10"])
def test_submitter(open_page: Open, delay: str) -> None:
    """The button that was pressed is among the fields of its form."""
    page = open_page(
        f"""<form id="it" method="post" {{{{ callback_attributes(
          current_page, "form", "show", event="submit", delay={delay}) }}}}>
          <button name="pressed" value="one">One</button>
          <button name="pressed" value="two" id="two">Two</button>
        </form>"""
    )
    page.locator("#two").click()
    expect(lines(page)).to_have_text(["it: pressed=two"])
    expect_at_last(page, "it: pressed=two")


@pytest.mark.parametrize(
    "name",
    [
        "value",
        "dataset",
        "action",
        "form",
        "method",
        "matches",
        "getAttribute",
        "setAttribute",
        "removeAttribute",
    ],
)
def test_form_with_a_field_in_the_way(open_page: Open, name: str) -> None:
    """A field whose name is that of a property leads nothing astray."""
    page = open_page(
        f"""<form id="it" method="post" {{{{ callback_attributes(
          current_page, on_result="show", event="submit", disable=True) }}}}>
          <input name="{name}" value="x"><button id="send">Send</button>
        </form>"""
    )
    # Playwright's own click reads such properties.
    page.evaluate("document.getElementById('send').click()")
    expect_at_last(page, "it: ")


def test_load(open_page: Open, requests: list[str]) -> None:
    """A call may be made when the page is there."""
    page = open_page(
        """<p id="one" {{ callback_attributes(
          current_page, "x", "show", event="load") }}></p>
        <p id="two" {{ callback_attributes(
          current_page, "fail", on_error="fail", event="load") }}></p>"""
    )
    expect(lines(page)).to_have_count(2)
    assert sorted(lines(page).all_text_contents()) == [
        "one: x",
        "two: Not today. server 409",
    ]
    page.locator("#one").dispatch_event("load")
    page.locator("#last").click()
    expect(lines(page)).to_have_count(3)
    assert sorted(requests) == ["GET", "fail", "the last", "x"]


@pytest.mark.parametrize("event", ["keydown", "keyup", "focusin", "focusout"])
def test_other_events(open_page: Open, event: str) -> None:
    """Keys and focus make calls too, once each, and nothing else does."""
    page = open_page(
        f"""<input id="it" value="v" {{{{ callback_attributes(
          current_page, on_result="show", event="{event}") }}}}>"""
    )
    field = page.locator("#it")
    field.focus()
    field.press("End")
    field.press("End")
    field.blur()
    expect_at_last(page, *["it: v"] * (2 if event.startswith("key") else 1))


def test_error(open_page: Open, console: list[str]) -> None:
    """The function for errors gets the message, the element and the error."""
    page = open_page(
        """<button id="it" {{ callback_attributes(
          current_page, "fail", "show", "fail") }}>It</button>"""
    )
    page.locator("#it").click()
    expect_at_last(page, "it: Not today. server 409")
    # Chromium itself tells of each answer that is an error.
    assert [text for text in console if "status of 409" not in text] == []


def test_error_that_nobody_handles(open_page: Open) -> None:
    """Without such a function the console has it."""
    page = open_page(
        """<button id="it" {{ callback_attributes(
          current_page, "fail", "show") }}>It</button>"""
    )

    with page.expect_console_message(lambda m: "Not today." in m.text) as told:
        page.locator("#it").click()

    assert told.value.type == "error"
    expect_at_last(page)


@pytest.mark.parametrize("option", ["on-result", "on-error"])
@pytest.mark.parametrize(
    "name",
    ["eval", "alert", "__proto__", "constructor", "toString", "write", "", "nowhere"],
)
def test_unknown_function(
    open_page: Open, requests: list[str], name: str, option: str
) -> None:
    """Only what was registered can be named; anything else is a mistake that the
    console shows, and no call is made.
    """
    # Written by hand, as callback_attributes() refuses an empty name.
    page = open_page(
        f"""<button id="it" {{{{ callback_page() }}}} data-callback-target="__Page"
          data-callback-argument="fail" data-callback-{option}="{name}">It</button>"""
    )

    def tells(message: ConsoleMessage) -> bool:
        return message.type == "error" and f"no function {name}." in message.text

    with page.expect_console_message(tells):
        page.locator("#it").click()

    expect_at_last(page)
    assert requests == ["GET", "the last"]


def test_unknown_function_at_the_start(
    open_page: Open, requests: list[str], console: list[str]
) -> None:
    """Neither is a call made when the page is there."""
    page = open_page(
        """<p id="it" {{ callback_attributes(
          current_page, "x", "nowhere", event="load") }}></p>"""
    )
    expect_at_last(page)
    assert requests == ["GET", "the last"]
    (told,) = console
    assert "no function nowhere." in told


@pytest.mark.parametrize("event", ["click", "submit"])
def test_unknown_function_of_a_form(
    open_page: Open, requests: list[str], event: str
) -> None:
    """An element whose function nobody registered does what it would do without
    scripts: its form is sent.
    """
    attributes = f'''{{{{ callback_attributes(
      current_page, "x", "nowhere", event="{event}") }}}}'''
    of_form, of_button = (attributes, "") if event == "submit" else ("", attributes)
    page = open_page(
        f"""<form method="post" {of_form}>{{{{ callback_fields() }}}}
        <button id="it" {of_button}>It</button></form>"""
    )

    with page.expect_navigation():
        page.locator("#it").click()

    expect_at_last(page)
    assert requests == ["GET", "POST", "the last"]


def test_latest(open_page: Open) -> None:
    """A newer call ends the older one of its group, which is no error to show."""
    page = open_page(
        """<input id="it" {{ callback_attributes(
          current_page, None, "show", "fail",
          event="input", policy="latest", group="g") }}>
        <input id="other" {{ callback_attributes(
          current_page, None, "show", "fail",
          event="input", policy="latest", group="h") }}>"""
    )

    with page.expect_request(is_post):
        page.locator("#it").fill("wait for it")

    page.locator("#other").fill("b")
    expect(lines(page)).to_have_text(["other: b"])
    page.locator("#it").fill("c")
    expect_at_last(page, "other: b", "it: c")


def test_given_up_call_is_no_error(open_page: Open, console: list[str]) -> None:
    """That a newer call took its place is nothing to tell of, where no function
    wants to know.
    """
    page = open_page(
        """<input id="it" {{ callback_attributes(
          current_page, None, "show", event="input", policy="latest") }}>"""
    )

    with page.expect_request(is_post):
        page.locator("#it").fill("wait for it")

    page.locator("#it").fill("b")
    expect(lines(page)).to_have_text(["it: b"])
    expect_at_last(page, "it: b")
    assert console == []


def test_drop(open_page: Open, doors: Doors, requests: list[str]) -> None:
    """A call that meets one of its group is not made, which is no error to show."""
    page = open_page(
        """<button id="it" {{ callback_attributes(current_page, "wait x", "show",
          "fail", policy="drop", group="g") }}>It</button>
        <button id="other" {{ callback_attributes(current_page, "other", "show",
          policy="drop", group="h") }}>Other</button>"""
    )

    with page.expect_request(is_post):
        page.locator("#it").click()

    page.locator("#it").click()
    page.locator("#other").click()
    expect(lines(page)).to_have_text(["other: other"])
    doors.open("x")
    expect_at_last(page, "other: other", "it: wait x")
    assert sorted(requests) == ["GET", "other", "the last", "wait x"]


def test_queue(open_page: Open, doors: Doors) -> None:
    """A call that meets one of its group waits for it."""
    page = open_page(
        """<button id="it" {{ callback_attributes(current_page, "wait x", "show",
          policy="queue") }}>It</button>
        <button id="next" {{ callback_attributes(current_page, "y", "show",
          policy="queue") }}>Next</button>"""
    )
    page.locator("#it").click()
    page.locator("#next").click()
    expect_at_last(page)
    doors.open("x")
    expect(lines(page)).to_have_text(["last: the last", "it: wait x", "next: y"])


def test_timeout(open_page: Open) -> None:
    """A call is given up after the time that the element names."""
    page = open_page(
        """<button id="it" {{ callback_attributes(current_page, "wait x", "show",
          "fail", timeout=50) }}>It</button>"""
    )
    page.locator("#it").click()
    expect_at_last(page, "it: The server did not answer in time. timeout 0")


def test_disable(open_page: Open, doors: Doors, requests: list[str]) -> None:
    """While its call runs the element makes no other, and keeps the focus."""
    page = open_page(
        """<form method="post"><button id="it" {{ callback_attributes(current_page,
          "wait x", "show", disable=True) }}>It</button></form>"""
    )
    button = page.locator("#it")

    with page.expect_request(is_post):
        button.click()

    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_be_focused()
    assert button.evaluate("button => button.disabled") is False
    # Playwright waits until an element is enabled, a user does not.
    button.click(force=True)
    button.press("Enter")
    doors.open("x")
    expect(lines(page)).to_have_text(["it: wait x"])
    expect(button).not_to_have_attribute("aria-disabled", "true")
    expect(button).to_be_focused()
    button.click()
    expect(lines(page)).to_have_text(["it: wait x"] * 2)
    expect_at_last(page, "it: wait x", "it: wait x")
    assert requests == ["GET", "wait x", "wait x", "the last"]


def test_disable_after_an_error(open_page: Open) -> None:
    """An error lets the element go as well."""
    page = open_page(
        """<button id="it" {{ callback_attributes(current_page, "fail", "show",
          "fail", disable=True) }}>It</button>"""
    )

    for count in (1, 2):
        page.locator("#it").click()
        expect(lines(page)).to_have_count(count)
        expect(page.locator("#it")).not_to_have_attribute("aria-disabled", "true")


def test_indicator(open_page: Open, doors: Doors) -> None:
    """An indicator is shown while a call takes longer than a moment."""
    page = open_page(
        """<button id="it" {{ callback_attributes(current_page, "wait x", "show",
          indicator="shown") }}>It</button>
        <button id="quick" {{ callback_attributes(current_page, "x", "show",
          indicator="shown") }}>Quick</button>
        <p id="shown" hidden>Working</p>"""
    )
    stop_clock(page)
    indicator = page.locator("#shown")
    page.locator("#quick").click()
    expect(lines(page)).to_have_text(["quick: x"])
    # The call is over, so that its moment never comes.
    page.clock.run_for(1000)
    expect(indicator).to_be_hidden()

    with page.expect_request(is_post):
        page.locator("#it").click()

    page.clock.run_for(100)
    expect(indicator).to_be_hidden()
    page.clock.run_for(400)
    expect(indicator).to_be_visible()
    doors.open("x")
    expect(lines(page)).to_have_text(["quick: x", "it: wait x"])
    expect(indicator).to_be_hidden()


def test_indicator_after_an_error(open_page: Open, doors: Doors) -> None:
    """An error hides the indicator too."""
    page = open_page(
        """<button id="it" {{ callback_attributes(current_page, "wait x", "show",
          "fail", timeout=600, indicator="shown") }}>It</button>
        <p id="shown" hidden>Working</p>"""
    )
    stop_clock(page)
    page.locator("#it").click()
    page.clock.run_for(500)
    expect(page.locator("#shown")).to_be_visible()
    page.clock.run_for(500)
    expect(lines(page)).to_have_count(1)
    expect(page.locator("#shown")).to_be_hidden()


def test_indicator_of_several_calls(open_page: Open, doors: Doors) -> None:
    """An indicator stays until the last of the calls that it stands for is over."""
    page = open_page(
        """<button id="it" {{ callback_attributes(current_page, "wait x", "show",
          indicator="shown") }}>It</button>
        <button id="other" {{ callback_attributes(current_page, "wait y", "show",
          indicator="shown") }}>Other</button>
        <p id="shown" hidden>Working</p>"""
    )
    stop_clock(page)
    page.locator("#it").click()
    page.locator("#other").click()
    page.clock.run_for(500)
    expect(page.locator("#shown")).to_be_visible()
    doors.open("x")
    expect(lines(page)).to_have_text(["it: wait x"])
    expect(page.locator("#shown")).to_be_visible()
    doors.open("y")
    expect(lines(page)).to_have_text(["it: wait x", "other: wait y"])
    expect(page.locator("#shown")).to_be_hidden()


def test_busy(open_page: Open, doors: Doors) -> None:
    """An element is busy until the last of its calls is over."""
    page = open_page(
        """<input id="it" {{ callback_attributes(
          current_page, None, "show", "fail", event="input") }}>"""
    )
    field = page.locator("#it")
    expect(field).not_to_have_attribute("aria-busy", "true")

    for value in ("wait a", "wait b", "wait c"):
        with page.expect_request(is_post):
            field.fill(value)

        expect(field).to_have_attribute("aria-busy", "true")

    for count, door in enumerate("bca", start=1):
        assert field.get_attribute("aria-busy") == "true", door
        doors.open(door)
        expect(lines(page)).to_have_count(count)

    expect(field).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("[aria-busy]")).to_have_count(0)


@pytest.mark.parametrize("argument", ["wait x", "fail wait x"])
def test_busy_element_of_a_call(open_page: Open, doors: Doors, argument: str) -> None:
    """A script's call makes the element busy that it names, until its end."""
    page = open_page('<p id="it">It</p>')
    paragraph = page.locator("#it")
    page.evaluate(
        """argument => {
          const element = document.getElementById("it")
          const done = () => write(`done ${element.hasAttribute("aria-busy")}`)
          ClientCallback.call("__Page", argument, {element}).then(done, done)
          write(`busy ${element.getAttribute("aria-busy")}`)
        }""",
        argument,
    )
    doors.open("x")
    expect(lines(page)).to_have_text(["busy true", "done false"])
    expect(paragraph).not_to_have_attribute("aria-busy", "true")


def test_busy_element_of_an_event(open_page: Open, doors: Doors) -> None:
    """Without one it is the element whose event is being handled."""
    page = open_page('<button id="it">It</button>')
    page.evaluate(
        """() => document.getElementById("it").addEventListener("click", () =>
          WebForm_DoCallback("__Page", "wait x", write, null, null, true))"""
    )
    page.locator("#it").click()
    expect(page.locator("[aria-busy=true]")).to_have_id("it")
    doors.open("x")
    expect(lines(page)).to_have_text(["wait x"])
    expect(page.locator("[aria-busy]")).to_have_count(0)


@pytest.mark.parametrize(
    ("option", "expected"), [("files=True", "upload=text"), ("files=False", "")]
)
def test_files(open_page: Open, option: str, expected: str) -> None:
    """Files go along where the element says so."""
    page = open_page(
        f"""<form><input type="file" id="file" name="upload">
        <button id="it" {{{{ callback_attributes(
          current_page, "files", "show", {option}) }}}}>It</button></form>"""
    )
    page.locator("#file").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"text"}
    )
    page.locator("#it").click()
    expect_at_last(page, f"it: {expected}")


def test_form_of_the_element(open_page: Open) -> None:
    """The fields are those of the element's own form, as they are now."""
    page = open_page(
        """<form id="one"><input name="a" value="1"></form>
        <form><input id="b" name="b" value="2"><button id="it" name="c" value="3"
          {{ callback_attributes(current_page, "form", "show") }}>It</button></form>
        <button id="of-one" form="one" {{ callback_attributes(
          current_page, "form", "show") }}>Of one</button>"""
    )
    page.locator("#b").fill("now")
    page.locator("#it").click()
    expect(lines(page)).to_have_text(["it: b=now c=3"])
    page.locator("#of-one").click()
    expect_at_last(page, "it: b=now c=3", "of-one: a=1")


def test_element_that_comes_later(open_page: Open) -> None:
    """An element that a script adds needs no more than its attributes."""
    page = open_page(
        """<template id="later"><button id="it" {{ callback_attributes(
          current_page, "x", "show") }}>It</button></template>"""
    )
    page.evaluate(
        "document.body.append(document.getElementById('later').content.cloneNode(true))"
    )
    page.locator("#it").click()
    expect_at_last(page, "it: x")


@pytest.mark.parametrize("event", ["click", "change", "input"])
def test_checkbox(open_page: Open, event: str) -> None:
    """A checkbox is checked all the same, and its form says so."""
    page = open_page(
        f"""<form><input type="checkbox" name="box" id="it" {{{{ callback_attributes(
          current_page, "form", "show", event="{event}") }}}}></form>"""
    )
    page.locator("#it").click()
    expect(lines(page)).to_have_text(["it: box=on"])
    expect(page.locator("#it")).to_be_checked()
    page.locator("#it").click()
    expect_at_last(page, "it: box=on", "it: ")
    expect(page.locator("#it")).not_to_be_checked()


def test_event_of_another_kind(open_page: Open, requests: list[str]) -> None:
    """Only the event that the element waits for makes a call, and other events
    do what they always do.
    """
    page = open_page(
        """<a id="it" href="#target" {{ callback_attributes(
          current_page, "x", "show", event="keyup") }}>It</a>
        <p id="target">Target</p>"""
    )
    page.locator("#it").click()
    page.wait_for_url("**/#target")
    assert requests == ["GET"]
    page.locator("#it").press("a")
    expect_at_last(page, "it: x")


def test_key_does_what_it_does(open_page: Open) -> None:
    """A key that makes a call still moves the focus."""
    page = open_page(
        """<button id="it" {{ callback_attributes(
          current_page, "x", "show", event="keydown") }}>It</button>"""
    )
    page.locator("#it").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#last")).to_be_focused()
    expect_at_last(page, "it: x")


@pytest.mark.parametrize(
    ("event", "element"),
    [
        ("click", '<button id="it" type="button" ATTRIBUTES>It</button>'),
        ("submit", '<form ATTRIBUTES><button id="it">It</button></form>'),
    ],
)
def test_event_that_another_listener_cancels(
    open_page: Open, requests: list[str], event: str, element: str
) -> None:
    """A listener that asks "Are you sure?" may keep the call from being made."""
    attributes = (
        f'{{{{ callback_attributes(current_page, "x", "show", event="{event}") }}}}'
    )
    page = open_page(
        f'<div id="around">{element.replace("ATTRIBUTES", attributes)}</div>'
    )
    page.evaluate(
        """event => document.getElementById("around").addEventListener(
          event, event => event.preventDefault())""",
        event,
    )
    page.locator("#it").click()
    expect_at_last(page)
    assert requests == ["GET", "the last"]


@pytest.mark.without("webkit", "its driver opens no page by a click with a key")
def test_link_that_is_opened_elsewhere(open_page: Open, requests: list[str]) -> None:
    """A click that asks for a new tab opens one, and makes no call."""
    page = open_page(
        """<a id="it" href="#target" {{ callback_attributes(
          current_page, "x", "show") }}>It</a>"""
    )

    with page.context.expect_page() as opened:
        page.locator("#it").click(modifiers=["ControlOrMeta"])

    # Chromium may never end to close what has not begun to load.
    opened.value.wait_for_load_state()
    opened.value.close()
    expect_at_last(page)
    assert "the last" in requests
    assert "x" not in requests


def test_policy_is_in_force(page: Page, open_page: Open) -> None:
    """What violates the policy is reported where these tests look for it."""
    open_page("")
    page.evaluate("try { document.body.innerHTML = '<p>' } catch {}")
    assert page.evaluate("violations.splice(0)") == ["require-trusted-types-for"]


def is_post(request: t.Any) -> bool:
    """Tell whether a request is a callback's."""
    return t.cast(str, request.method) == "POST"
