"""What a browser without scripts sends, which the test client's cases say too."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from playwright.sync_api import Browser
from playwright.sync_api import Page

from ..helpers.form_controls import CONTROLS
from ..helpers.form_controls import FORMS
from ..helpers.submits import add_recorder
from ..helpers.submits import Case
from ..helpers.submits import CASES
from .conftest import Serve


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_submit(
    app: Flask, serve: Serve, browser: Browser, engine: str, case: Case
) -> None:
    """The browser sends what the case says."""
    if engine == "firefox" and ["b", "Submit"] in case.fields:
        # What it calls a button that has no name of its own.
        case = case._replace(fields=[["b", "Submit Query"]])

    got = add_recorder(app, case.html)
    base = serve(app)

    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{base}/page?x=%20y")

        if 'id="go"' in case.html:
            page.locator("#go").click()
        else:
            page.locator("#enter").press("Enter")

        page.get_by_text("Recorded").wait_for()

    assert got == [case]


FIELDS = (
    """form => [...new FormData(form)].filter(item => typeof item[1] === "string")"""
)


@pytest.mark.parametrize(("controls", "items"), CONTROLS.values(), ids=CONTROLS)
def test_controls(page: Page, controls: str, items: list[tuple[str, str]]) -> None:
    """A form has the fields that the cases of the test client say."""
    page.set_content(f"<form method=post>{controls}</form>")
    sent: list[t.Any] = page.locator("form").first.evaluate(FIELDS)
    kept = [tuple(item) for item in sent if item[0] != "__EVENTTARGET"]
    assert kept == items


@pytest.mark.parametrize(("template", "names"), FORMS.values(), ids=FORMS)
def test_controls_of_each_form(
    page: Page, template: str, names: list[list[str]]
) -> None:
    """Each form has the controls that those cases say."""
    page.set_content(template)
    sent = [form.evaluate(FIELDS) for form in page.locator("form").all()]
    assert [[name for name, _ in fields] for fields in sent] == names
