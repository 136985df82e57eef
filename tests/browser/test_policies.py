"""What becomes of calls that meet, without a policy and with one."""

from __future__ import annotations

import typing as t

import pytest
from flask import render_template_string
from flask.views import MethodView
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page

from ..helpers.held import Held

if t.TYPE_CHECKING:
    from .conftest import ServeView

TEMPLATE = """<!doctype html>
<link rel="icon" href="data:,">
<form>{{ callback_fields() }}
<input id="one" {{ callback_attributes(current_page, None, "show", event="input") }}>
<input id="two" {{ callback_attributes(current_page, None, "show", event="input") }}>
</form>
{{ callback_scripts() }}
<script>
  const log = []
  const call = (argument, options, target = "__Page") =>
    ClientCallback.call(target, argument, options).then(
      result => log.push(result),
      error => log.push(`${argument} ${error.kind}`))
  ClientCallback.register("show", result => log.push(result))
  document.addEventListener("clientcallback:error", event =>
    log.push(`told ${event.detail.error.kind}`))
</script>
"""


class Other:
    """Another target."""

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


@callback_handler
class Meeting(MethodView):
    """Gives back its argument, and keeps something in the view state or does not."""

    keeps = False

    def page_load(self) -> None:
        current_page.add_control("other", Other())

        if self.keeps and not current_page.is_postback:
            current_page.view_state["kept"] = []

    def get(self) -> str:
        return render_template_string(TEMPLATE)

    def raise_callback_event(self, event_argument: str) -> str:
        if event_argument == "keep":
            current_page.view_state["kept"] = True

        if event_argument == "forget":
            current_page.view_state.clear()

        return event_argument


class Keeping(Meeting):
    """Keeps something."""

    keeps = True


@callback_handler(event_validation=True)
class Validating(Meeting):
    """Offers its events."""

    def page_load(self) -> None:
        super().page_load()

        for argument in ("keep", "a", "b"):
            script = current_page.client_script
            script.register_for_event_validation(current_page, argument)


@pytest.mark.parametrize(
    ("view_class", "policy", "meet"),
    [
        (Meeting, "", True),
        (Keeping, "", False),
        (Meeting, "policy: 'queue'", False),
        (Keeping, "policy: 'parallel'", True),
    ],
)
def test_default(
    page: Page,
    serve_view: ServeView,
    view_class: type[Meeting],
    policy: str,
    meet: bool,
) -> None:
    """Calls of a page that keeps something wait for one another, those of any other
    page do not; a policy says otherwise.
    """
    held = Held(page)
    page.goto(serve_view(view_class))
    page.evaluate(f"void call('a', {{ {policy} }}), void call('b', {{ {policy} }})")
    held.expect_only("a", *(["b"] if meet else []))
    held.let_go("a")
    page.wait_for_function("log.length === 1")
    held.wait_for("b")
    held.let_go("b")
    page.wait_for_function("log.length === 2")
    assert page.evaluate("log") == ["a", "b"]


@pytest.mark.parametrize(
    ("view_class", "change", "meet"),
    [(Meeting, "keep", False), (Keeping, "forget", True)],
)
def test_default_changes(
    page: Page,
    serve_view: ServeView,
    view_class: type[Meeting],
    change: str,
    meet: bool,
) -> None:
    """A page that begins to keep something is one that does, and one that has nothing
    left is none.
    """
    held = Held(page)
    page.goto(serve_view(view_class))
    page.evaluate(f"void call('{change}')")
    held.let_go(change)
    page.wait_for_function("log.length === 1")
    page.evaluate("void call('a'), void call('b')")
    held.expect_only("a", *(["b"] if meet else []))
    held.let_go("a")
    held.wait_for("b")
    held.let_go("b")
    page.wait_for_function("log.length === 3")
    assert page.evaluate("log") == [change, "a", "b"]


def test_default_of_typing(page: Page, serve_view: ServeView) -> None:
    """On a page that keeps something the newest input of an element replaces its older
    one, waits for its turn, and leaves those of others alone.
    """
    held = Held(page)
    page.goto(serve_view(Keeping))
    page.evaluate("void call('first')")
    held.wait_for("first")
    page.locator("#one").fill("a")
    page.locator("#two").fill("x")
    page.locator("#one").fill("ab")
    page.locator("#one").fill("abc")
    page.wait_for_function("log.length === 2")
    assert page.evaluate("log") == ["told abort", "told abort"]
    held.expect_only("first")
    held.let_go("first")
    held.expect_only("x")
    held.let_go("x")
    held.expect_only("abc")
    held.let_go("abc")
    page.wait_for_function("log.length === 5")
    assert page.evaluate("log.slice(2)") == ["first", "x", "abc"]


def test_typing_and_other_calls(page: Page, serve_view: ServeView) -> None:
    """An input replaces no call that is none, though the same element makes it."""
    held = Held(page)
    page.goto(serve_view(Keeping))
    page.evaluate("void call('save', { element: one })")
    page.locator("#one").fill("a")
    held.expect_only("save")
    held.let_go("save")
    held.let_go("a")
    page.wait_for_function("log.length === 2")
    assert page.evaluate("log") == ["save", "a"]


def test_default_beside_events(page: Page, serve_view: ServeView) -> None:
    """A page with events to validate that begins to keep something is one that does."""
    held = Held(page)
    page.goto(serve_view(Validating))
    page.evaluate("void call('keep')")
    held.let_go("keep")
    page.wait_for_function("log.length === 1")
    page.evaluate("void call('a'), void call('b')")
    held.expect_only("a")
    held.let_go("a")
    held.let_go("b")
    page.wait_for_function("log.length === 3")
    assert page.evaluate("log") == ["keep", "a", "b"]


@pytest.mark.parametrize("options", ["{ group: '' }", "{ group: null }", "null"])
def test_options_that_say_nothing(
    page: Page, serve_view: ServeView, options: str
) -> None:
    """Options that say nothing are as none: the calls are in the page's line."""
    held = Held(page)
    page.goto(serve_view(Keeping))
    page.evaluate(f"void call('a'), void call('b', {options})")
    held.expect_only("a")
    held.let_go("a")
    held.let_go("b")
    page.wait_for_function("log.length === 2")


def test_result_before_the_next(page: Page, serve_view: ServeView) -> None:
    """What the function of an element does with a result, the next call sends."""
    page.goto(serve_view(Keeping))
    page.evaluate(
        """() => {
          ClientCallback.register("show", result => { two.value = `told ${result}` })
          two.name = "two"
          document.addEventListener("clientcallback:before", event => {
            log.push(`${event.detail.target} ${two.value}`)
          })
        }"""
    )
    page.evaluate(
        """() => {
          one.value = "x"
          one.dispatchEvent(new Event("input", { bubbles: true }))
          call("b")
        }"""
    )
    page.wait_for_function("log.length === 3")
    assert page.evaluate("log") == ["__Page ", "__Page told x", "b"]


def test_typing_elsewhere(page: Page, serve_view: ServeView) -> None:
    """On any other page each input makes its call."""
    held = Held(page)
    page.goto(serve_view(Meeting))
    page.locator("#one").fill("a")
    page.locator("#one").fill("ab")
    held.expect_only("a", "ab")
    held.let_go("a")
    held.let_go("ab")
    page.wait_for_function("log.length === 2")
    assert sorted(page.evaluate("log")) == ["a", "ab"]


@pytest.mark.parametrize("policy", ["latest", "drop"])
@pytest.mark.parametrize("group", ["", ", group: 'g'"])
def test_target_and_group(
    page: Page, serve_view: ServeView, policy: str, group: str
) -> None:
    """Without a group only calls of the same target meet, with one all of the group's.
    That one ended is told to the page.
    """
    held = Held(page)
    page.goto(serve_view(Meeting))
    options = f"{{ policy: '{policy}'{group} }}"
    page.evaluate(f"void call('a', {options})")
    held.wait_for("a")
    page.evaluate(f"void call('b', {options}, 'other')")

    if not group:
        held.expect_only("a", "b")
        assert page.evaluate("log") == []
        page.evaluate(f"void call('c', {options})")

    page.wait_for_function("log.length === 2")
    newer = "c" if not group else "b"
    ended, goes_on = ("a", newer) if policy == "latest" else (newer, "a")
    assert page.evaluate("log") == ["told abort", f"{ended} abort"]
    held.wait_for(goes_on)
    held.let_go(goes_on)
    page.wait_for_function("log.length === 3")
    assert page.evaluate("log[2]") == goes_on


def test_wait_that_is_given_up(page: Page, serve_view: ServeView) -> None:
    """A call that ends while it waits lets nobody pass the one that it waited for."""
    held = Held(page)
    page.goto(serve_view(Keeping))
    page.evaluate(
        """() => {
          window.controller = new AbortController()
          call("a")
          call("b", controller)
          call("c")
        }"""
    )
    held.wait_for("a")
    page.evaluate("controller.abort()")
    page.wait_for_function("log.length === 2")
    assert page.evaluate("log") == ["told abort", "b abort"]
    held.expect_only("a")
    held.let_go("a")
    held.wait_for("c")
    held.let_go("c")
    page.wait_for_function("log.length === 4")
    assert page.evaluate("log.slice(2)") == ["a", "c"]
