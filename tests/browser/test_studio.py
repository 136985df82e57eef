"""The example ``studio`` in a browser: by mouse, by keyboard, without scripts, and on
networks as they are.
"""

from __future__ import annotations

import csv
import datetime
import random
import struct
import typing as t
import zlib
from collections.abc import Callable
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Dialog
from playwright.sync_api import FilePayload
from playwright.sync_api import Locator
from playwright.sync_api import Page

from ..engines.expectations import expect
from ..helpers.strict_page import OBSERVE

if t.TYPE_CHECKING:
    from .conftest import LoadExample
    from .conftest import Serve

ALL = 6
"""How many pictures there are in the beginning."""

TOMORROW = (datetime.date.today() + datetime.timedelta(days=1)).isoformat()

FOCUSED = """() => {
  const { activeElement: active } = document
  const shown = active.type === "file" ? active.previousElementSibling : active
  const { outlineStyle, outlineWidth } = getComputedStyle(shown)
  const isSeen = outlineStyle !== "none" && outlineWidth !== "0px"
  return [active.id || active.ariaLabel || active.textContent, isSeen]
}"""
"""The element with the focus, and whether it is seen to have it."""

Press: t.TypeAlias = Callable[[Locator], None]


def click(button: Locator) -> None:
    """Press a button with the mouse."""
    button.click()


def press_enter(button: Locator) -> None:
    """Press a button with the keyboard."""
    button.focus()
    button.press("Enter")


def draw(side: int = 8) -> bytes:
    """Make a picture that does not get shorter by compression."""
    noise = random.Random(side)
    rows = b"".join(b"\0" + noise.randbytes(side * 3) for _ in range(side))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 0)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data))
        + name
        + data
        + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def choose(page: Page, name: str, data: bytes) -> None:
    """Choose a file to upload."""
    chosen: FilePayload = {"name": name, "mimeType": "image/png", "buffer": data}
    page.locator("#picture").set_input_files(chosen)


def button(page: Page, name: str) -> Locator:
    """Find a button by its whole name."""
    return page.get_by_role("button", name=name, exact=True)


def pictures(page: Page) -> Locator:
    """Find the titles of the pictures that are shown."""
    return page.locator("#pictures strong")


@pytest.fixture
def settings() -> dict[str, float]:
    """The settings of the application: a film is soon developed."""
    return {"DEVELOPING_SECONDS": 0.05}


@pytest.fixture
def app(load_example: LoadExample, settings: dict[str, float]) -> Flask:
    """The application, with pictures of its own."""
    app: Flask = load_example("studio").create_app(settings)
    return app


@pytest.fixture
def studio(page: Page, serve: Serve, app: Flask) -> Iterator[Page]:
    """The page, just opened. That it broke no policy is seen in the end."""
    page.add_init_script(OBSERVE)
    page.goto(serve(app))
    yield page
    assert page.evaluate("violations") == []


@pytest.fixture(params=[click, press_enter], ids=["mouse", "keyboard"])
def press(request: pytest.FixtureRequest) -> Press:
    """How a user presses a button."""
    return t.cast("Press", request.param)


def answer_question(page: Page, answer: bool) -> list[str]:
    """Say yes or no to each question, and give the list that takes them up."""
    questions: list[str] = []

    def reply(dialog: Dialog) -> None:
        questions.append(dialog.message)

        if answer:
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", reply)
    return questions


def book(page: Page, press: Press, name: str, email: str, day: str) -> None:
    """Fill in the form, and send it."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Day").fill(day)
    press(button(page, "Book"))


def test_upload(studio: Page, press: Press, console: list[str]) -> None:
    """A picture is previewed, sent, shown in the gallery and told; then the form is
    ready for the next one.
    """
    preview = studio.locator("#preview")
    expect(preview).to_be_hidden()
    choose(studio, "cat.png", draw())
    expect(preview).to_be_visible()
    expect(studio.locator("#chosen")).to_have_text("cat.png, 1 kB")
    assert (
        preview.evaluate("image => image.decode().then(() => image.naturalWidth)") == 8
    )
    studio.get_by_label("Title").fill("A cat")
    press(button(studio, "Upload"))
    expect(pictures(studio).first).to_have_text("A cat")
    expect(studio.locator("#uploaded")).to_have_text(
        f"“A cat” is here. {ALL + 1} pictures."
    )
    image = studio.locator("#pictures img").first
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 8
    expect(preview).to_be_hidden()
    expect(studio.get_by_label("Title")).to_have_value("")
    expect(studio.locator("#sent")).to_be_hidden()
    assert console == []


def test_upload_in_a_search(studio: Page) -> None:
    """A picture is uploaded while others are looked for, which stay the shown ones."""
    studio.get_by_label("Find a picture").fill("har")
    expect(pictures(studio)).to_have_text(["Harbour"])
    choose(studio, "harp.png", draw())
    button(studio, "Upload").click()
    expect(studio.locator("#uploaded")).to_have_text(
        f"“harp” is here. {ALL + 1} pictures."
    )
    expect(pictures(studio)).to_have_text(["harp", "Harbour"])


def test_no_picture(studio: Page) -> None:
    """What is no picture is told beside the field, whatever its name says."""
    choose(studio, "cat.png", b"no picture")
    button(studio, "Upload").click()
    expect(studio.locator("#picture-error")).to_have_text("Choose a PNG, JPEG or GIF.")
    expect(studio.locator("#picture")).to_have_attribute("aria-invalid", "true")
    expect(studio.locator("#picture")).to_be_focused()
    expect(pictures(studio)).to_have_count(ALL)


@pytest.mark.parametrize(
    "settings", [{"CLIENTCALLBACK_MAX_CONTENT_LENGTH": 10_000}], ids=["narrow"]
)
def test_too_long(studio: Page, console: list[str]) -> None:
    """A picture that is too long is refused at once, and told."""
    requests: list[str] = []
    studio.on("request", lambda request: requests.append(request.method))
    choose(studio, "cat.png", draw(64))
    button(studio, "Upload").click()
    expect(studio.get_by_role("alert").filter(visible=True)).not_to_be_empty()
    assert "POST" not in requests
    assert console == []


def test_download(studio: Page, press: Press) -> None:
    """The list of pictures is saved under its name, for any spreadsheet."""
    choose(studio, "x.png", draw())
    studio.get_by_label("Title").fill("=1+1")
    button(studio, "Upload").click()
    expect(pictures(studio)).to_have_count(ALL + 1)

    with studio.expect_download() as started:
        press(button(studio, "Download the list (CSV)"))

    assert started.value.suggested_filename == "pictures.csv"

    with open(started.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))

    assert rows[0] == ["Number", "Title", "Type", "Bytes"]
    assert len(rows) == ALL + 2
    assert rows[1][:3] == ["7", "'=1+1", "image/png"]


def test_search(studio: Page, console: list[str]) -> None:
    """Pictures are found while you type, told in one sentence, and the field keeps the
    focus.
    """
    field = studio.get_by_label("Find a picture")
    field.focus()
    studio.keyboard.type("har")
    expect(pictures(studio)).to_have_text(["Harbour"])
    expect(studio.locator("#told")).to_have_text("1 picture.")
    expect(field).to_be_focused()
    studio.keyboard.type("x")
    expect(studio.locator("#told")).to_have_text("No pictures.")
    field.fill("")
    expect(pictures(studio)).to_have_count(ALL)
    assert console == []


def test_quick_clicks(studio: Page, press: Press, console: list[str]) -> None:
    """No press is lost, however quickly they come, and none makes less than none."""
    number = studio.locator("#prints")

    for _ in range(12):
        press(button(studio, "One print more"))

    for _ in range(2):
        press(button(studio, "One print less"))

    expect(number).to_have_text("10")
    expect(studio.locator("[aria-busy]")).to_have_count(0)

    for _ in range(11):
        press(button(studio, "One print less"))

    expect(number).to_have_text("0")
    expect(studio.locator("[aria-busy]")).to_have_count(0)
    press(button(studio, "One print more"))
    expect(number).to_have_text("1")
    assert console == []


def test_film(studio: Page, press: Press) -> None:
    """A film is developed, and it is told when it is ready."""
    press(button(studio, "Develop a film"))
    expect(studio.locator("#developed")).to_have_text(
        "Your film is ready: 36 pictures."
    )
    expect(button(studio, "Cancel")).to_be_hidden()
    expect(button(studio, "Develop a film")).not_to_have_attribute(
        "aria-disabled", "true"
    )


@pytest.mark.parametrize("settings", [{"DEVELOPING_SECONDS": 8}], ids=["slow"])
def test_cancel(studio: Page, press: Press, console: list[str]) -> None:
    """A film can be cancelled; other calls do not wait for it meanwhile; and the focus
    is not lost.
    """
    develop, developed = button(studio, "Develop a film"), studio.locator("#developed")
    press(develop)
    expect(studio.get_by_role("progressbar", name="Developing")).to_be_visible()
    press_enter(develop)
    press(button(studio, "One print more"))
    expect(studio.locator("#prints")).to_have_text("1")
    expect(developed).to_have_text("Developing…")
    press(button(studio, "Cancel"))
    expect(developed).to_have_text("Cancelled.")
    expect(studio.get_by_role("progressbar")).to_have_count(0)
    # The second press made no other call.
    expect(studio.locator("[aria-busy]")).to_have_count(0)
    expect(develop).to_be_focused()
    assert console == []


def test_booking(studio: Page, press: Press) -> None:
    """What is wrong stands beside each field, the first of which has the focus, until
    all is well.
    """
    book(studio, press, "A", "ada", "2020-02-29")
    name, email = studio.get_by_label("Name"), studio.get_by_label("E-mail")
    expect(studio.locator("#name-error")).to_have_text(
        "Field must be at least 2 characters long."
    )
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    book(studio, press, "Ada", "ada", "2020-02-29")
    expect(studio.locator("#email-error")).to_have_text("That is no e-mail address.")
    expect(studio.locator("#day-error")).to_have_text("That day is over.")
    expect(studio.locator("#name-error")).to_be_hidden()
    expect(email).to_be_focused()
    book(studio, press, "Ada", "ada@example.org", TOMORROW)
    expect(studio.locator("#booked")).to_contain_text(
        "Thank you, Ada. We expect one person"
    )
    expect(studio.locator("[aria-invalid=true]")).to_have_count(0)


def test_deletion(studio: Page, press: Press, console: list[str]) -> None:
    """A picture is deleted when the user says yes, and the focus stays nearby."""
    questions = answer_question(studio, True)
    press(button(studio, "Delete Forest"))
    expect(pictures(studio)).to_have_count(ALL - 1)
    assert questions == ["Delete “Forest”?"]
    expect(studio.locator("#told")).to_have_text(
        f"“Forest” is deleted. {ALL - 1} pictures."
    )
    expect(studio.locator("#pictures")).to_be_focused()
    assert console == []


def test_no_deletion(studio: Page, press: Press) -> None:
    """If the user says no, nothing is deleted."""
    questions = answer_question(studio, False)
    press(button(studio, "Delete Forest"))
    press(button(studio, "One print more"))
    expect(studio.locator("#prints")).to_have_text("1")
    assert questions == ["Delete “Forest”?"]
    expect(pictures(studio)).to_have_count(ALL)


def test_deleted_elsewhere(studio: Page, app: Flask) -> None:
    """What somebody else deleted first is told at the top of the page."""
    answer_question(studio, True)
    app.extensions["pictures"].remove(1)
    button(studio, "Delete Dawn").click()
    told = studio.get_by_role("alert").filter(visible=True)
    expect(told).to_have_text("That picture is already deleted.")
    expect(told).to_be_in_viewport()


def test_tab_key(studio: Page) -> None:
    """The Tab key gets to everything in the order of the page, and it is seen where."""
    reached: list[str] = []

    while "Book" not in reached:
        studio.keyboard.press("Tab")
        name, is_seen = studio.evaluate(FOCUSED)
        assert is_seen, name

        # The parts of a date follow one another.
        if name not in reached[-1:]:
            assert name not in reached
            reached.append(name)

    assert reached == [
        "text",
        "Find",
        *(f"delete-{number}" for number in range(ALL, 0, -1)),
        "Download the list (CSV)",
        "One print less",
        "One print more",
        "develop",
        "picture",
        "title",
        "Upload",
        "name",
        "email",
        "day",
        "guests",
        "Book",
    ]


def test_without_scripts(plain_page: Page, serve: Serve, app: Flask) -> None:
    """All of it works by posts of its forms too."""
    plain_page.goto(serve(app))
    plain_page.get_by_label("Find a picture").fill("har")
    button(plain_page, "Find").click()
    expect(pictures(plain_page)).to_have_text(["Harbour"])
    button(plain_page, "Delete Harbour").click()
    expect(plain_page.locator("#summary")).to_have_text(
        "“Harbour” is deleted. No pictures."
    )
    choose(plain_page, "cat.png", draw())
    button(plain_page, "Upload").click()
    expect(pictures(plain_page).first).to_have_text("cat")
    choose(plain_page, "cat.png", b"no picture")
    button(plain_page, "Upload").click()
    expect(plain_page.locator("#picture-error")).to_have_text(
        "Choose a PNG, JPEG or GIF."
    )
    button(plain_page, "One print more").click()
    expect(plain_page.locator("#prints")).to_have_text("1")
    button(plain_page, "Develop a film").click()
    expect(plain_page.locator("#developed")).to_contain_text("Your film is ready")
    book(plain_page, click, "Ada", "ada", TOMORROW)
    expect(plain_page.locator("#email-error")).to_have_text(
        "That is no e-mail address."
    )
    plain_page.get_by_label("E-mail").fill("ada@example.org")
    button(plain_page, "Book").click()
    expect(plain_page.locator("#booked")).to_contain_text("Thank you, Ada.")
    expect(plain_page.locator("#prints")).to_have_text("1")

    with plain_page.expect_download() as started:
        button(plain_page, "Download the list (CSV)").click()

    assert started.value.suggested_filename == "pictures.csv"


USES: dict[str, Callable[[Page], None]] = {
    "find": lambda page: page.get_by_label("Find a picture").fill("har"),
    "delete": lambda page: button(page, "Delete Forest").click(),
    "download": lambda page: button(page, "Download the list (CSV)").click(),
    "count": lambda page: button(page, "One print more").click(),
    "upload": lambda page: button(page, "Upload").click(),
    "book": lambda page: book(page, click, "Ada", "ada@example.org", TOMORROW),
}
"""What calls by attributes, and tells its errors so."""


@pytest.mark.parametrize("use", USES)
def test_no_network(studio: Page, use: str, console: list[str]) -> None:
    """Without a network each part tells so on the screen, keeps what was typed, and
    works again when the network is back.
    """
    answer_question(studio, True)
    choose(studio, "cat.png", draw())
    # It moves what stands below it.
    expect(studio.locator("#preview")).to_be_visible()
    studio.context.set_offline(True)
    USES[use](studio)
    told = studio.get_by_role("alert").filter(visible=True)
    expect(told).to_have_count(1)
    expect(told).not_to_be_empty()
    expect(told).to_be_in_viewport()
    expect(studio.locator("[aria-busy], [aria-disabled]")).to_have_count(0)
    expect(studio.get_by_role("progressbar")).to_have_count(0)
    expect(studio.locator("#chosen")).to_contain_text("cat.png")
    # The browser itself tells that it is offline.
    assert all("ERR_INTERNET_DISCONNECTED" in line for line in console)
    studio.context.set_offline(False)
    USES[use](studio)

    if use == "find":
        button(studio, "Find").click()

    expect(told).to_have_count(0)


def test_no_network_in_the_darkroom(studio: Page) -> None:
    """Without a network the darkroom tells so in its own place."""
    studio.context.set_offline(True)
    button(studio, "Develop a film").click()
    expect(studio.locator("#developed")).to_have_text("The server cannot be reached.")
    studio.context.set_offline(False)
    button(studio, "Develop a film").click()
    expect(studio.locator("#developed")).to_contain_text("Your film is ready")


@pytest.fixture
def debugged(app: Flask, serve: Serve, page: Page) -> Page:
    """The page in debug mode, which can simulate failures."""
    app.debug = True
    page.goto(serve(app))
    return page


@pytest.mark.parametrize("failure", ["network", "http", "server"])
def test_failing_answers(debugged: Page, failure: str) -> None:
    """If one in ten answers fails, each failure is told, and no more is lost."""
    told = debugged.get_by_role("alert").filter(visible=True)
    shown = 0

    for number in range(20):
        fails = number % 10 == 4
        simulation = {"latency": 20, **({"failure": failure} if fails else {})}
        debugged.evaluate("it => ClientCallback.simulate(it)", simulation)
        button(debugged, "One print more").click()

        if fails:
            expect(told).to_have_count(1)
            expect(told).not_to_be_empty()
        else:
            shown += 1
            expect(debugged.locator("#prints")).to_have_text(str(shown))
            expect(told).to_have_count(0)


def test_slow_answer(debugged: Page) -> None:
    """While an answer is slow, something on the screen says so."""
    debugged.evaluate("ClientCallback.simulate({ latency: 2500 })")
    debugged.get_by_label("Find a picture").fill("har")
    expect(debugged.get_by_text("Looking…")).to_be_visible()
    expect(pictures(debugged)).to_have_text(["Harbour"])
    expect(debugged.get_by_text("Looking…")).to_be_hidden()
