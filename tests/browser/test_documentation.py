"""What the documentation shows, in a browser."""

from __future__ import annotations

import sys
import types
import typing as t
from pathlib import Path

import pytest
from flask import Flask
from flask import render_template_string
from flask.views import MethodView
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback

from ..engines.expectations import expect
from ..helpers.documentation import blocks
from ..helpers.documentation import run_module

if t.TYPE_CHECKING:
    from .conftest import Serve


@pytest.mark.parametrize("template", [0, 1])
def test_quickstart(
    page: Page,
    serve: Serve,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    template: int,
) -> None:
    """Both ways of the quickstart greet by the button and the Enter key, and of quick
    calls none is lost from the count.
    """
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
    code = blocks("docs/quickstart.rst", "app.py")[0].code
    name = "templates/greeting.html"
    (tmp_path / "templates").mkdir()
    markup = blocks("docs/quickstart.rst", name)[template].code
    (tmp_path / name).write_text(markup, encoding="utf-8")
    page.goto(serve(run_module("app", code, tmp_path).app))
    page.fill("[name=who]", "Ada")

    for _ in range(4):
        page.press("[name=who]", "Enter")

    page.click("button")
    answer = page.locator("[name=answer]")
    expect(answer).to_have_text("Hello Ada! (5 greeted)")
    page.fill("[name=who]", "")
    page.press("[name=who]", "Enter")
    expect(answer).to_have_text("Whom shall I greet?")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_methods(
    page: Page,
    plain_page: Page,
    serve: Serve,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    has_scripts: bool,
) -> None:
    """The page of named methods orders, and tells what is wrong beside the field, with
    scripts and without; with scripts it stays where it is.
    """
    monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
    [app] = blocks("docs/methods.rst", "app.py")
    [template] = blocks("docs/methods.rst", "templates/stocks.html")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "stocks.html").write_text(template.code, encoding="utf-8")
    used = page if has_scripts else plain_page
    used.goto(serve(run_module("app", app.code, tmp_path).app))
    loads: list[str] = []
    used.on("framenavigated", lambda frame: loads.append(frame.url))
    used.select_option("[name=symbol]", "INITECH")
    used.fill("[name=quantity]", "3")
    used.click("button")
    receipt = used.locator("#receipt")
    expect(receipt).to_have_text("Ordered 3 INITECH for 12.60.")
    used.fill("[name=quantity]", "1000")
    used.click("button")
    place = used.locator("[data-callback-error=quantity]")
    expect(place).to_have_text("Number must be at most 100.")
    quantity = used.locator("[name=quantity]")
    expect(quantity).to_have_attribute("aria-invalid", "true")
    expect(quantity).to_have_value("1000")

    if has_scripts:
        expect(quantity).to_be_focused()
        [call] = [b for b in blocks("docs/methods.rst") if b.language == "javascript"]
        total = used.evaluate(f"async () => {{ {call.code}; return total }}")
        assert (total, loads) == ("37.50", [])


@callback_handler
class OutOfDate(MethodView):
    """A page that is out of date whenever it is loaded, and calls at once."""

    def get(self) -> str:
        [recipe] = blocks("docs/javascript.rst", "static/stale.js")
        template = """<!doctype html><link rel="icon" href="data:,">
          {{ callback_scripts() }}
          <script>
            document.addEventListener("clientcallback:error", event => {
              document.title = event.detail.error.kind
            })
            %s
          </script>
          <p {{ callback_attributes(current_page, "x", event="load") }}></p>"""
        text = render_template_string(template % recipe.code)
        return text.replace('data-callback-state="', 'data-callback-state="old')

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


def test_reload_when_stale(page: Page, serve: Serve) -> None:
    """The recipe loads a page anew that is out of date, and does not so for ever."""
    app = Flask(__name__)
    app.secret_key = "x"
    app.logger.disabled = True
    ClientCallback(app)
    app.add_url_rule("/", view_func=OutOfDate.as_view("page"))
    asked: list[str] = []
    page.on(
        "request",
        lambda request: (
            request.resource_type == "script" or asked.append(request.method)
        ),
    )
    page.clock.install()
    page.goto(serve(app))
    page.wait_for_function("sessionStorage.length && document.title === 'stale'")
    assert asked == ["GET", "POST", "GET", "POST"]
    page.clock.run_for(59_000)
    call = "ClientCallback.call('__Page', 'y').catch(error => error.kind)"
    assert page.evaluate(call) == "stale"
    assert asked == ["GET", "POST", "GET", "POST", "POST"]
    page.clock.run_for(2_000)

    with page.expect_navigation():
        page.evaluate(f"void {call}")
