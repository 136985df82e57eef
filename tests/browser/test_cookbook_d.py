"""Recipes of the cookbook: questions, flash messages and translations."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from playwright.sync_api import Page

from flask_clientcallback import RefusedError

from ..engines.expectations import expect
from ..helpers.console import without_statuses
from ..helpers.cookbook import load_recipe

if t.TYPE_CHECKING:
    from .conftest import Picture
    from .conftest import Serve


def notes_of(page: Page) -> t.Any:
    return page.locator("#notes li")


def test_confirm(page: Page, serve: Serve, tmp_path: Path, console: list[str]) -> None:
    """A note is deleted if the visitor says yes, and stays if not."""
    questions: list[str] = []
    answers = iter([False, True])

    def answer(dialog: t.Any) -> None:
        questions.append(dialog.message)
        dialog.accept() if next(answers) else dialog.dismiss()

    page.on("dialog", answer)
    page.goto(serve(load_recipe("confirm", tmp_path)))
    button = page.get_by_role("button", name="Delete Order ink")
    button.click()
    expect(notes_of(page)).to_have_count(3)
    button.click()
    expect(notes_of(page)).to_have_count(2)
    expect(page.locator("#notes")).not_to_contain_text("Order ink")
    expect(page.locator("#notes")).to_be_focused()
    assert questions == ["Delete the note “Order ink”?"] * 2
    assert without_statuses(console) == []


def test_confirm_without_scripts(
    plain_page: Page, serve: Serve, tmp_path: Path, picture: Picture
) -> None:
    """The page that comes back asks, and keeps or deletes the note."""
    plain_page.goto(serve(load_recipe("confirm", tmp_path)))
    button = plain_page.get_by_role("button", name="Delete Order ink")
    button.click()
    keep = plain_page.get_by_role("link", name="Keep it")
    plain_page.set_viewport_size({"width": 720, "height": 300})
    picture(plain_page, "cookbook/confirm")
    keep.click()
    expect(keep).to_have_count(0)
    expect(notes_of(plain_page)).to_have_count(3)
    button.click()
    plain_page.get_by_role("button", name="Yes, delete it").click()
    expect(notes_of(plain_page)).to_have_count(2)
    expect(plain_page.locator("#notes")).not_to_contain_text("Order ink")


def test_flash_messages(
    page: Page, serve: Serve, tmp_path: Path, console: list[str], picture: Picture
) -> None:
    """A message stands in the page without a reload, until the next one; that of a
    method which redirects stands in the next page.
    """
    page.goto(serve(load_recipe("flash_messages", tmp_path)))
    page.evaluate("void (window.stays = true)")
    success, warning = page.locator(".success"), page.locator(".warning")
    invite = page.get_by_role("button", name="Invite")
    email = page.get_by_label("E-mail address")
    email.fill("ada@example.com")
    invite.click()
    expect(success).to_have_text("ada@example.com was invited.")
    email.fill("grace@example.com")
    invite.click()
    expect(success).to_have_text("grace@example.com was invited.")
    page.set_viewport_size({"width": 720, "height": 380})
    picture(page, "cookbook/flash_messages")
    invite.click()
    expect(warning).to_have_text("grace@example.com was invited before.")
    expect(success).to_have_count(0)
    email.fill("grace")
    invite.click()
    expect(page.locator("[data-callback-error=email]")).to_have_text(
        "That is no e-mail address."
    )
    expect(email).to_be_focused()
    assert page.evaluate("window.stays")
    page.get_by_role("button", name="Start over").click()
    expect(warning).to_have_text("Nobody is invited any more.")
    assert page.evaluate("window.stays") is None
    email.fill("ada@example.com")
    invite.click()
    expect(success).to_have_text("ada@example.com was invited.")
    expect(warning).to_have_count(0)
    assert without_statuses(console) == []


def test_flash_messages_without_scripts(
    plain_page: Page, serve: Serve, tmp_path: Path
) -> None:
    """The page that comes back has the message once."""
    plain_page.goto(serve(load_recipe("flash_messages", tmp_path)))
    plain_page.get_by_label("E-mail address").fill("ada@example.com")
    plain_page.get_by_role("button", name="Invite").click()
    expect(plain_page.locator(".success")).to_have_text("ada@example.com was invited.")
    plain_page.get_by_role("button", name="Start over").click()
    expect(plain_page.locator(".warning")).to_have_text("Nobody is invited any more.")
    expect(plain_page.locator(".success")).to_have_count(0)


@pytest.fixture
def theatre(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the page in German, whatever the browser speaks."""
    pytest.importorskip("flask_babel")
    frontend = pytest.importorskip("babel.messages.frontend")
    monkeypatch.setattr(RefusedError, "messages", dict(RefusedError.messages))
    app = load_recipe("translations", tmp_path)
    compile_texts = ["pybabel", "-q", "compile", "-d", str(tmp_path / "translations")]
    frontend.CommandLineInterface().run(compile_texts)
    inner = app.wsgi_app

    def in_german(environ: t.Any, start_response: t.Any) -> t.Any:
        environ["HTTP_ACCEPT_LANGUAGE"] = "de"
        return inner(environ, start_response)

    app.wsgi_app = in_german  # type: ignore[method-assign]
    return serve(app)


def test_translations(
    page: Page, theatre: str, console: list[str], picture: Picture
) -> None:
    """The page, the methods, the fields, refusals and the script speak German."""
    page.goto(theatre)
    expect(page.get_by_role("heading")).to_have_text("Heute Abend im Theater")
    seats = page.get_by_label("Plätze")
    book = page.get_by_role("button", name="Buchen")
    of_field = page.locator("[data-callback-error=seats]")
    error = page.locator('[data-callback-error=""]')
    seats.fill("7")
    book.click()
    expect(of_field).to_have_text("Zahl kann höchstens 6 sein.")
    expect(error).to_have_text("Ungültige Eingabe.")
    page.set_viewport_size({"width": 720, "height": 240})
    picture(page, "cookbook/translations")
    seats.fill("2")
    book.click()
    expect(page.locator("#booked")).to_have_text("Sie haben 2 Plätze.")
    seats.fill("5")
    book.click()
    expect(error).to_have_text("Nur 4 Plätze sind frei.")
    page.route("**/*", lambda route: route.abort())
    book.click()
    expect(error).to_have_text("Keine Verbindung. Bitte noch einmal versuchen.")
    page.unroute_all()
    assert without_statuses(console) == []


def test_translations_without_scripts(plain_page: Page, theatre: str) -> None:
    """The pages that come back are German too."""
    plain_page.goto(theatre)
    plain_page.get_by_label("Plätze").fill("1")
    plain_page.get_by_role("button", name="Buchen").click()
    expect(plain_page.locator("#booked")).to_have_text("Sie haben 1 Platz.")
    plain_page.get_by_label("Plätze").fill("0")
    plain_page.get_by_role("button", name="Buchen").click()
    expect(plain_page.locator("[data-callback-error=seats]")).to_have_text(
        "Zahl muss mindestens 1 sein."
    )
