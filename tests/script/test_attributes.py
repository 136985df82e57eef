"""Callback attributes: elements that make callbacks without inline scripts."""

from __future__ import annotations

import re
import typing as t
from enum import Enum
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask import render_template_string

from flask_clientcallback import CallbackTargetError
from flask_clientcallback import current_page
from flask_clientcallback.script.attributes import CLIENT_EVENTS
from flask_clientcallback.testing import CallbackClient

from ..helpers.engine import CARRIED
from ..helpers.engine import UNCARRIED
from ..helpers.offers import check_refused
from ..helpers.offers import get_page
from ..helpers.offers import get_rendered
from ..helpers.offers import Offers
from ..helpers.offers import Open
from ..helpers.offers import ran
from ..helpers.pages import add_page
from ..helpers.pages import Echo

PAGE = re.compile(' data-callback-page="([\\w-]{16})"')


class Colour(str, Enum):  # noqa: UP042
    """Text with a name, as it was written before StrEnum."""

    RED = "red"


def write(
    app: Flask, client: CallbackClient, *arguments: t.Any, **others: t.Any
) -> str:
    """Write the attributes in a page, but for the page's id."""
    app.testing = True
    written: list[str] = []

    class Attributes(Echo):
        template = ""

        def page_load(self) -> None:
            current_page.add_control("grid", Echo())
            current_page.add_control("label", object())
            script = current_page.client_script
            written.append(script.get_callback_attributes(*arguments, **others))

    add_page(app, Attributes)
    client.get_page("/")
    return PAGE.sub("", written[0], count=1)


@pytest.mark.parametrize(
    ("arguments", "others", "expected"),
    [
        (("__Page",), {}, ' data-callback-target="__Page"'),
        (("grid", ""), {}, ' data-callback-target="grid" data-callback-argument=""'),
        (
            ("grid", 5, "show", "warn"),
            {},
            ' data-callback-target="grid" data-callback-argument="5"'
            ' data-callback-on-result="show" data-callback-on-error="warn"',
        ),
        (
            ("grid",),
            {"event": "change", "policy": "latest", "group": "g", "timeout": 0},
            ' data-callback-target="grid" data-callback-event="change"'
            ' data-callback-policy="latest" data-callback-group="g"'
            ' data-callback-timeout="0"',
        ),
        (
            ("grid",),
            {"delay": 300, "indicator": "busy", "disable": True, "files": True},
            ' data-callback-target="grid" data-callback-delay="300"'
            ' data-callback-indicator="busy" data-callback-disable=""'
            ' data-callback-files=""',
        ),
        (
            ("grid",),
            {"progress": "bar", "on_progress": "part", "confirm": "Really?"},
            ' data-callback-target="grid" data-callback-on-progress="part"'
            ' data-callback-progress="bar"'
            ' data-callback-confirm="Really?"',
        ),
        (
            ("grid",),
            {"event": "click", "disable": False, "files": False},
            ' data-callback-target="grid"',
        ),
    ],
)
def test_attributes(
    app: Flask,
    client: CallbackClient,
    arguments: tuple[t.Any, ...],
    others: dict[str, t.Any],
    expected: str,
) -> None:
    """What is said stands in an attribute, and nothing else does."""
    assert write(app, client, *arguments, **others) == expected


def test_page_of_the_attributes(app: Flask, client: CallbackClient) -> None:
    """They carry the page's id, as its script, its fields and its containers do; that
    of HTML which a callback brings is the same.
    """

    class Marked(Echo):
        template = (
            "<p{{ callback_attributes(current_page) }}></p><p{{ callback_page() }}></p>"
        )

        def get(self) -> str:
            fields = "{{ callback_fields() }}{{ callback_scripts() }}"
            return render_template_string(self.template + fields)

        def raise_callback_event(self, event_argument: str) -> str:
            return render_template_string(self.template)

    add_page(app, Marked)
    pages = [client.get_page("/"), client.get_page("/")]
    ids = [PAGE.findall(page.text) for page in pages]
    assert [len(of_page) for of_page in ids] == [4, 4]
    assert [len(set(of_page)) for of_page in ids] == [1, 1]
    assert ids[0] != ids[1]
    assert PAGE.findall(pages[0].callback("").result) == ids[0][:2]


def test_template_global(app: Flask, client: CallbackClient) -> None:
    """The template global writes the same, unescaped."""
    page = get_rendered(
        app,
        client,
        'callback_attributes("grid", "a", "show", "warn", event="input", delay=9)',
        Open,
    )
    assert PAGE.sub("", page.text).endswith(
        ' data-callback-target="grid" data-callback-argument="a"'
        ' data-callback-on-result="show" data-callback-on-error="warn"'
        ' data-callback-event="input" data-callback-delay="9"'
    )


@pytest.mark.parametrize("text", CARRIED)
def test_any_argument(app: Flask, client: CallbackClient, text: str) -> None:
    """Any argument stays in its attribute, and arrives as it was."""
    found: list[dict[str, str | None]] = []

    class Parser(HTMLParser):
        def handle_starttag(
            self, tag: str, attrs: list[tuple[str, str | None]]
        ) -> None:
            found.append(dict(attrs))

    Parser().feed(f"<a{write(app, client, 'grid', text)}>")
    assert found == [{"data-callback-target": "grid", "data-callback-argument": text}]


@pytest.mark.parametrize("text", UNCARRIED)
def test_argument_that_html_cannot_carry(
    app: Flask, client: CallbackClient, text: str
) -> None:
    """One that would arrive as another is refused where it is written."""
    with pytest.raises(ValueError, match="in the attribute data-callback-argument"):
        write(app, client, "grid", text)


@pytest.mark.parametrize("event", CLIENT_EVENTS)
def test_events(app: Flask, client: CallbackClient, event: str) -> None:
    """An element waits for any event that the client script listens to."""
    written = write(app, client, "grid", event=event)
    assert (f'"{event}"' in written) is (event != "click")


@pytest.mark.parametrize("event", ["", "Click", "onclick", "mouseover", "focus"])
def test_unknown_event(app: Flask, client: CallbackClient, event: str) -> None:
    """An event that nobody listens to is an error that lists those there are."""
    with pytest.raises(ValueError, match=f"no event '{event}'.*click, submit, change"):
        write(app, client, "grid", event=event)


@pytest.mark.parametrize("control", ["nowhere", "label", "", None])
def test_no_handler(app: Flask, client: CallbackClient, control: str | None) -> None:
    """So is a control that is unknown or no handler."""
    with pytest.raises(CallbackTargetError):
        write(app, client, control)


@pytest.mark.parametrize(
    "method",
    [
        "get_callback_attributes",
        "get_postback_event_reference",
        "register_for_event_validation",
    ],
)
def test_argument_with_a_name(app: Flask, client: CallbackClient, method: str) -> None:
    """Text that is a member of an enumeration registers as that text."""

    def page_load(page: t.Any) -> None:
        if not current_page.is_callback:
            getattr(current_page.client_script, method)("grid", Colour.RED)

    page = get_page(app, client, Offers, page_load=page_load)
    check_refused(page.callback("Colour.RED", target="grid"))

    if "postback" in method:
        assert page.post_back("grid", "red").status == 200
        assert ran == ["red"]
    else:
        assert page.callback("red", target="grid").result == "red"


NAMES = {
    **dict.fromkeys(
        ["on_result", "on_error", "on_progress"], r"a name.*ClientCallback\.register"
    ),
    "output": "the id of the element",
    "indicator": "the id of the element",
    "progress": "the id of a <progress>",
    "group": "a name for the calls",
}


@pytest.mark.parametrize(("option", "meaning"), NAMES.items(), ids=NAMES)
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", ValueError),
        (" ", ValueError),
        (5, TypeError),
        (True, TypeError),
        (print, TypeError),
    ],
)
def test_names_that_cannot_be(
    app: Flask,
    client: CallbackClient,
    option: str,
    meaning: str,
    name: t.Any,
    kind: type[Exception],
) -> None:
    """What names nothing is refused, as no script can find it."""
    with pytest.raises(kind, match=f"{option} is {meaning}"):
        write(app, client, "grid", **{option: name})


@pytest.mark.parametrize("option", ["timeout", "delay"])
@pytest.mark.parametrize("time", [-1, 0.5, "5", True])
def test_times_that_cannot_be(
    app: Flask, client: CallbackClient, option: str, time: t.Any
) -> None:
    """What is no whole number of milliseconds is refused."""
    with pytest.raises(ValueError, match=f"{option} is a number of milliseconds"):
        write(app, client, "grid", **{option: time})


def test_post_back(app: Flask, client: CallbackClient) -> None:
    """A button can raise the control's post-back event where no script runs."""
    assert write(app, client, "grid", postback=True, disable=True) == (
        ' name="__EVENTTARGET" value="grid" data-callback-target="grid"'
        ' data-callback-argument="" data-callback-disable=""'
    )


@pytest.mark.parametrize("argument", ["x", 5, True])
def test_post_back_with_an_argument(
    app: Flask, client: CallbackClient, argument: t.Any
) -> None:
    """A button has no room for an argument."""
    with pytest.raises(ValueError, match="a control of its own"):
        write(app, client, "grid", argument, postback=True)


def test_post_back_is_registered(app: Flask, client: CallbackClient) -> None:
    """Both ways the event is one that the page offered."""
    page = get_rendered(app, client, 'callback_attributes("grid", postback=true)')
    assert page.callback("", target="grid").result == ""
    assert page.post_back("grid").status == 200
    assert ran == ["", ""]
    ran.clear()
    check_refused(page.callback("x", target="grid"))
    assert page.post_back("grid", "x").status == 403
