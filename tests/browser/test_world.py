"""The example ``world`` in a browser, and its database."""

from __future__ import annotations

import importlib
import threading
import typing as t
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page
from playwright.sync_api import Route

from ..engines.expectations import expect

if t.TYPE_CHECKING:
    from .conftest import LoadExample
    from .conftest import Serve


@pytest.fixture
def world(
    page: Page, serve: Serve, load_example: LoadExample, database_path: Path
) -> Page:
    app = load_example("world").create_app({"DATABASE": str(database_path)})
    page.goto(serve(app))
    return page


def look_up(world: Page, code: str) -> None:
    world.get_by_label("Or its ISO code").fill(code)
    world.get_by_role("button", name="Look up").click()


def test_the_country_fills_the_second_select(console: list[str], world: Page) -> None:
    country = world.get_by_label("Country")
    subdivision = world.get_by_label("Subdivision")
    expect(subdivision).to_be_disabled()

    country.select_option("Germany")
    expect(subdivision).to_be_enabled()
    expect(subdivision.locator("option")).to_have_count(17)
    expect(subdivision.locator("optgroup")).to_have_attribute("label", "Land")

    country.select_option("United Kingdom")
    expect(subdivision.locator("option[value=GB-LND]")).to_be_attached()
    expect(subdivision.locator("option[value=DE-BY]")).not_to_be_attached()

    country.select_option("Aruba")
    expect(subdivision).to_be_disabled()
    expect(subdivision).to_have_text("It has none")
    assert console == []


def test_a_choice_shows_its_details(console: list[str], world: Page) -> None:
    world.get_by_label("Country").select_option("Germany")
    world.get_by_label("Subdivision").select_option("Bayern")
    world.get_by_role("button", name="Show").click()
    details = world.locator("#details")
    expect(details.get_by_role("heading")).to_have_text("Bayern")
    expect(details.locator("dd")).to_have_text(
        ["DE-BY", "Land", "Germany", "Federal Republic of Germany", "DE · DEU · 276"]
    )
    assert console == []


def test_the_arrow_keys_look_nothing_up(console: list[str], world: Page) -> None:
    """Who walks through the places by keyboard looks up what they settle on alone."""
    recent = world.get_by_role("list", name="Recent look-ups").get_by_role("button")
    subdivision = world.get_by_label("Subdivision")
    world.get_by_label("Country").select_option("Germany")
    expect(subdivision).to_be_enabled()
    subdivision.focus()

    for _ in range(3):
        world.keyboard.press("ArrowDown")

    expect(subdivision).to_have_value("DE-BE")
    world.keyboard.press("Tab")
    world.keyboard.press("Enter")
    expect(world.locator("#details").get_by_role("heading")).to_have_text("Berlin")
    expect(recent).to_have_text(["Berlin"])
    assert console == []


def test_nothing_chosen(world: Page) -> None:
    """The button says what is missing."""
    world.get_by_label("Country").select_option("Germany")
    world.get_by_role("button", name="Show").click()
    expect(world.get_by_role("alert")).to_have_text("Choose a subdivision first.")


def test_an_error_takes_the_details_away(world: Page) -> None:
    """The details of an earlier place do not stand under an error."""
    details = world.locator("#details")
    look_up(world, "GB-LND")
    expect(details).to_be_visible()
    look_up(world, "XX-1")
    expect(world.get_by_role("alert")).to_have_text("No place has the code “XX-1”.")
    expect(details).to_be_hidden()

    look_up(world, "GB-LND")
    expect(details).to_be_visible()
    england = details.get_by_role("button", name="England")
    world.context.set_offline(True)
    england.press("Enter")
    expect(world.get_by_role("alert")).not_to_be_empty()
    expect(details).to_be_hidden()
    expect(world.get_by_label("Or its ISO code")).to_be_focused()


def test_a_country_that_fails_has_no_places(world: Page) -> None:
    """The subdivisions of an earlier country do not stay under another's error."""
    country = world.get_by_label("Country")
    subdivision = world.get_by_label("Subdivision")
    country.select_option("Germany")
    expect(subdivision).to_be_enabled()
    world.context.set_offline(True)
    country.select_option("France")
    expect(world.get_by_role("alert")).not_to_be_empty()
    expect(country).to_have_attribute("aria-invalid", "true")
    expect(subdivision).to_be_disabled()
    expect(subdivision.locator("option")).to_have_count(1)


def test_a_code_leads_to_the_place_and_on_to_what_it_is_part_of(
    console: list[str], world: Page
) -> None:
    look_up(world, " gb-lnd ")
    details = world.locator("#details")
    expect(details.get_by_role("heading")).to_have_text("London, City of")

    details.get_by_role("button", name="England").click()
    expect(details.get_by_role("heading")).to_have_text("England")
    expect(
        world.locator("#recent").get_by_role("button", name="England")
    ).to_be_focused()
    assert console == []


def test_the_view_state_remembers_the_latest_five(
    console: list[str], world: Page
) -> None:
    recent = world.get_by_role("list", name="Recent look-ups").get_by_role("button")
    names: list[str] = []

    for code, name in (
        ("CH-ZH", "Zürich"),
        ("JP-13", "Tokyo"),
        ("FR-75C", "Paris"),
        ("DE-BY", "Bayern"),
        ("IT-62", "Lazio"),
        ("US-CA", "California"),
    ):
        look_up(world, code)
        names = [name, *names][:5]
        expect(recent).to_have_text(names)

    recent.get_by_text("Tokyo").click()
    names.remove("Tokyo")
    expect(recent).to_have_text(["Tokyo", *names])
    assert console == []


def test_look_ups_made_at_once_are_all_remembered(
    console: list[str], world: Page
) -> None:
    world.evaluate(
        """() => {
          for (const code of ["CH-ZH", "JP-13", "DE-BY"]) {
            lookUp(code, document.getElementById("code"))
          }
        }"""
    )
    recent = world.get_by_role("list", name="Recent look-ups").get_by_role("button")
    expect(recent).to_have_text(["Bayern", "Tokyo", "Zürich"])
    assert console == []


def test_look_ups_survive_a_post_back(world: Page) -> None:
    recent = world.get_by_role("list", name="Recent look-ups").get_by_role("button")
    look_up(world, "CH-ZH")
    expect(recent).to_have_text(["Zürich"])

    with world.expect_navigation():
        world.locator("#places").evaluate("form => form.submit()")

    expect(recent).to_have_text(["Zürich"])
    look_up(world, "JP-13")
    expect(recent).to_have_text(["Tokyo", "Zürich"])


def test_the_error_callback_shows_the_message(world: Page) -> None:
    code = world.get_by_label("Or its ISO code")
    failure = world.get_by_role("alert")
    look_up(world, "XX-1")
    expect(failure).to_have_text("No place has the code “XX-1”.")
    expect(code).to_have_attribute("aria-invalid", "true")
    expect(world.locator("#details")).to_be_hidden()

    look_up(world, "DE-BY")
    expect(world.locator("#details").get_by_role("heading")).to_have_text("Bayern")
    expect(failure).to_be_hidden()
    expect(code).not_to_have_attribute("aria-invalid", "true")


def test_languages_are_found_as_you_type(console: list[str], world: Page) -> None:
    languages = world.get_by_role("list", name="Languages found").get_by_role(
        "listitem"
    )
    world.get_by_label("Search").press_sequentially("frisian")
    expect(world.get_by_role("status")).to_have_text("3 languages")
    expect(languages).to_have_text(
        ["Eastern Frisianfrs", "Northern Frisianfrr", "Western Frisianfry"]
    )

    world.get_by_label("Include extinct").check()
    expect(world.get_by_role("status")).to_have_text("4 languages")

    world.get_by_label("Search").fill("karipuna creole")
    expect(languages).to_have_text(["Karipúna Creole Frenchkmv"])

    world.get_by_label("Search").fill("")
    expect(languages).to_have_count(0)
    assert console == []


def test_a_late_answer_never_replaces_a_newer_one(
    console: list[str], world: Page
) -> None:
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    world.route("**/*", hold_the_first)
    search = world.get_by_label("Search")
    languages = world.get_by_role("list", name="Languages found").get_by_role(
        "listitem"
    )

    with world.expect_request("**/*"):
        search.fill("fren")

    with world.expect_event("requestfailed") as failed:
        search.fill("esperanto")

    expect(languages).to_have_text(["Esperantoconstructedepo"])
    assert failed.value == held[0].request
    assert console == []


def test_an_answer_leaves_the_focus_where_it_is(world: Page) -> None:
    """Who went on to another field while a place was looked up stays there."""
    held: list[Route] = []
    world.route("**/*", lambda route: held.append(route))
    search = world.get_by_label("Search")
    world.get_by_label("Or its ISO code").fill("GB-LND")

    with world.expect_request("**/*"):
        world.keyboard.press("Enter")

    search.focus()
    (route,) = held
    route.continue_()
    expect(world.locator("#details")).to_be_visible()
    expect(search).to_be_focused()


@pytest.mark.without("webkit", "its window is at least 447 pixels wide")
def test_it_fits_a_phone(world: Page) -> None:
    world.set_viewport_size({"width": 375, "height": 667})
    look_up(world, "FR-75C")
    expect(world.locator("#details")).to_be_visible()
    world.get_by_label("Country").select_option(
        "South Georgia and the South Sandwich Islands"
    )
    world.get_by_label("Search").fill("creole")
    expect(world.get_by_role("listitem").first).to_be_visible()
    assert world.evaluate("document.documentElement.scrollWidth") == 375


def test_the_database_holds_the_world(
    load_example: LoadExample, database_path: Path
) -> None:
    load_example("world")
    module = importlib.import_module("world.database")

    with closing(module.Database(database_path)) as database:
        counts = database.counts()
        assert counts["country"] == 249
        assert counts["subdivision"] > 5000
        assert counts["language"] > 7900
        assert database.countries()[1]["name"] == "Åland Islands"
        assert database.subdivision("GB-LND")["parent_name"] == "England"
        assert database.subdivision("XX-1") is None


def test_starts_at_once_build_one_whole_database(
    load_example: LoadExample, tmp_path: Path
) -> None:
    load_example("world")
    module = importlib.import_module("world.database")
    path = tmp_path / "instance" / "world.sqlite"
    starts = [threading.Thread(target=module.build, args=(path,)) for _ in range(3)]

    for start in starts:
        start.start()

    for start in starts:
        start.join()

    assert [item.name for item in path.parent.iterdir()] == ["world.sqlite"]

    with closing(module.Database(path)) as database:
        assert database.counts()["country"] == 249


def test_an_interrupted_start_leaves_no_database(
    load_example: LoadExample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_example("world")
    module = importlib.import_module("world.database")
    path = tmp_path / "world.sqlite"

    def interrupt(connection: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "_fill", interrupt)

        with pytest.raises(KeyboardInterrupt):
            module.build(path)

    assert list(tmp_path.iterdir()) == []
    module.build(path)
    assert path.exists()
