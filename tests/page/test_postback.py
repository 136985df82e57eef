"""Post backs: their references, their events and the order of their stages."""

from __future__ import annotations

import asyncio
import logging
import typing as t
from collections.abc import Generator

import pytest
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask.views import MethodView
from flask.views import View

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackTargetError
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage
from flask_clientcallback.typing import PostBackEventHandler

from ..helpers.aspnet import REFERENCE
from ..helpers.offers import check_stale
from ..helpers.offers import get_page
from ..helpers.offers import Grid
from ..helpers.offers import Offers
from ..helpers.offers import Open
from ..helpers.offers import ran
from ..helpers.pages import add_page
from ..helpers.pages import Echo
from ..helpers.pages import TEMPLATE

GIVEN = [
    (kind, *case[kind], case["gives"])
    for case in REFERENCE["references"]
    for kind in ("postback", "hyperlink")
    if kind in case
]
METHODS = {
    "postback": "get_postback_event_reference",
    "hyperlink": "get_postback_client_hyperlink",
}


def render(app: Flask, client: CallbackClient, *calls: str) -> list[str]:
    """Get what calls of the page's client script give in a template."""

    class Rendered(Echo):
        template = "|".join(
            f"{{{{ current_page.client_script.{call} }}}}" for call in calls
        )

        def page_init(self) -> None:
            current_page.add_control("ctl00$main:button", Grid())

    app.testing = True
    add_page(app, Rendered)
    return client.get_page("/").text.split("|")


@pytest.mark.parametrize(("kind", "target", "argument", "expected"), GIVEN)
def test_references_of_asp_net(
    app: Flask,
    client: CallbackClient,
    kind: str,
    target: str,
    argument: str,
    expected: str,
) -> None:
    """References are those that ASP.NET's own tests expect, whether the page is
    named, or given as itself or its view.
    """
    calls = [
        f"{METHODS[kind]}({control}, {argument!r})"
        for control in ("current_page", "current_page.view", repr(target))
    ]
    assert render(app, client, *calls) == [expected] * 3


@pytest.mark.parametrize("argument", ["", ", ''", ", none"])
def test_reference_without_argument(
    app: Flask, client: CallbackClient, argument: str
) -> None:
    """Without an argument, the event's is empty."""
    call = f"('ctl00$main:button'{argument})"
    assert render(app, client, *(method + call for method in METHODS.values())) == [
        "__doPostBack('ctl00$main:button','')",
        "javascript:__doPostBack('ctl00$main:button','')",
    ]


@pytest.mark.parametrize("method", METHODS.values())
def test_argument_is_text(app: Flask, client: CallbackClient, method: str) -> None:
    """The argument is data: it leaves neither its quotes nor its element."""
    [text] = render(app, client, method + "(current_page, \"');alert('\")")
    assert text.endswith(r"__doPostBack('__Page','\u0027);alert(\u0027')")


@pytest.mark.parametrize("method", METHODS.values())
@pytest.mark.parametrize("control", ["'nowhere'", "''", "none", "1"])
def test_reference_to_no_control(
    app: Flask, client: CallbackClient, method: str, control: str
) -> None:
    """A reference to what the page does not know says so."""
    with pytest.raises(CallbackTargetError, match="The page has no control"):
        render(app, client, f"{method}({control}, 'x')")


class Recorded(Open):
    """Keeps what its post-back events got, and in which stage."""

    got: t.ClassVar[list[tuple[str, str, str | None]]] = []

    def page_init(self) -> None:
        class Button:
            def __init__(self, name: str) -> None:
                self.name = name

            def raise_postback_event(self, argument: str) -> None:
                Recorded.got.append((self.name, argument, current_page.stage))

        current_page.add_control("button", Button("button"))
        current_page.add_control("ctl00$main$button", Button("nested"))
        current_page.add_control("label", object())

    def raise_postback_event(self, argument: str) -> None:
        Recorded.got.append(("view", argument, current_page.stage))


@pytest.fixture
def recorded(app: Flask, client: CallbackClient) -> ClientPage:
    """A page that keeps what its events got."""
    Recorded.got.clear()
    return get_page(app, client, Recorded)


@pytest.mark.parametrize(
    ("target", "name"),
    [("__Page", "view"), ("button", "button"), ("ctl00$main$button", "nested")],
)
@pytest.mark.parametrize("argument", ["buy", "", "a\nb", "é 'x\""])
def test_target(recorded: ClientPage, target: str, name: str, argument: str) -> None:
    """The page, a control and a nested one get their events, and no other does."""
    assert recorded.post_back(target, argument).status == 200
    assert Recorded.got == [(name, argument, "raise_postback_event")]


@pytest.mark.parametrize("sent", ["a\nb\n\nc", "a\r\nb\r\n\r\nc", "a\rb\n\rc"])
def test_line_breaks(recorded: ClientPage, sent: str) -> None:
    """Whatever line breaks a form sends, the event gets line feeds."""
    recorded.form["__EVENTTARGET"] = "button"
    recorded.form["__EVENTARGUMENT"] = sent
    assert recorded.post_back().status == 200
    assert Recorded.got == [("button", "a\nb\n\nc", "raise_postback_event")]


@pytest.mark.parametrize(
    ("target", "has_stage"),
    [
        ("label", True),
        ("nowhere", False),
        ("button.raise_postback_event", False),
        ("raise_postback_event", False),
        ("__class__", False),
        ("", False),
    ],
)
def test_target_without_events(
    recorded: ClientPage,
    caplog: pytest.LogCaptureFixture,
    target: str,
    has_stage: bool,
) -> None:
    """A control without the method is none the worse; of one that the page does
    not know, one line is told.
    """
    with caplog.at_level(logging.WARNING):
        posted = recorded.post_back(target, "buy")

    assert posted.status == 200
    assert Recorded.got == []
    assert ("raise_postback_event" in posted.stages) is has_stage
    unknown = not has_stage and target != ""
    assert len(caplog.messages) == unknown

    if unknown:
        known = "__Page, button, ctl00$main$button, label"
        assert known in caplog.messages[0]
        assert target not in caplog.messages[0].replace(known, "")


@pytest.mark.parametrize(
    ("targets", "name"),
    [
        (["", "button"], "button"),
        (["button", ""], "button"),
        (["", "", "__Page"], "view"),
        (["button", "__Page"], "view"),
        (["", ""], None),
    ],
)
def test_several_targets(
    recorded: ClientPage, targets: list[str], name: str | None
) -> None:
    """A hidden field that is empty does not hide the button that was pressed."""
    recorded.form.setlist("__EVENTTARGET", targets)
    recorded.form.setlist("__EVENTARGUMENT", ["", "buy"])
    assert recorded.post_back().status == 200
    expected = [] if name is None else [(name, "buy", "raise_postback_event")]
    assert Recorded.got == expected


def test_button(app: Flask, client: CallbackClient) -> None:
    """A button works without any script."""

    class Pressed(Recorded):
        template = (
            "<form method=post>{{ callback_fields() }}"
            "<input type=hidden name=__EVENTTARGET value=''>"
            "<button name=__EVENTTARGET value="
            "'{{ current_page.unique_id(current_page.find_control('button')) }}'>"
            "</button></form>"
        )

    Recorded.got.clear()
    page = get_page(app, client, Pressed)
    assert "<button name=__EVENTTARGET value='button'>" in page.text
    assert "__EVENTTARGET" not in page.form
    page.post_back("button")
    assert Recorded.got == [("button", "", "raise_postback_event")]


@pytest.mark.parametrize("where", ["view", "control"])
def test_coroutine(app: Flask, client: CallbackClient, where: str) -> None:
    """An event's method may be a coroutine function."""
    got: list[str] = []

    async def raise_postback_event(self: t.Any, argument: str) -> None:
        await asyncio.sleep(0)
        got.append(argument)

    methods = {"raise_postback_event": raise_postback_event}

    def page_init(page: t.Any) -> None:
        current_page.add_control("button", type("Button", (), methods)())

    members = methods if where == "view" else {"page_init": page_init}
    page = get_page(app, client, Open, **members)
    page.post_back("__Page" if where == "view" else "button", "buy")
    assert got == ["buy"]


def test_order(app: Flask, client: CallbackClient) -> None:
    """The event comes between load and load_complete, before the view's method."""
    log: list[str] = []

    class Logged(Echo):
        def post(self) -> str:
            log.append("post")
            return render_template_string(TEMPLATE)

        def raise_postback_event(self, argument: str) -> None:
            log.append(f"event {argument}")

        def page_load(self) -> None:
            log.append("load")

        def page_raise_postback_event(self) -> None:
            log.append("hook")

        def page_load_complete(self) -> None:
            log.append("load_complete")

    add_page(app, Logged)
    page = client.get_page("/")
    log.clear()
    posted = page.post_back("__Page", "buy")
    assert log == ["load", "hook", "event buy", "load_complete", "post"]
    named = {stage.replace("_", "").lower() for stage in posted.stages}
    expected = [stage.lower() for stage in REFERENCE["life_cycle"]["postback"]]
    assert named == {*expected, "raisepostbackevent"}
    stages = [stage.replace("_", "") for stage in posted.stages]
    stages.remove("raisepostbackevent")
    assert stages == expected


def test_hook_ends_the_post_back(app: Flask, client: CallbackClient) -> None:
    """A hook that answers keeps the event from its handler."""
    page = get_page(
        app, client, Open, page_raise_postback_event=lambda page: ("stopped", 409)
    )
    posted = page.post_back("__Page", "buy")
    assert (posted.status, posted.text, ran) == (409, "stopped", [])
    assert posted.stages[-2:] == ["raise_postback_event", "unload"]


def test_exception_in_an_event(app: Flask, client: CallbackClient) -> None:
    """An exception takes Flask's usual way, and the page is unloaded."""

    def raise_postback_event(page: t.Any, argument: str) -> None:
        raise LookupError(argument)

    app.register_error_handler(LookupError, lambda error: (f"no {error}", 410))
    page = get_page(app, client, Open, raise_postback_event=raise_postback_event)
    posted = page.post_back("__Page", "buy")
    assert (posted.status, posted.text) == (410, "no buy")
    assert posted.stages[-2:] == ["raise_postback_event", "unload"]


def test_event_without_state(app: Flask, client: CallbackClient) -> None:
    """A POST without the page's state is no post back, and raises no event."""

    class Posted(Recorded):
        def post(self) -> str:
            return f"{current_page.is_postback}"

    Recorded.got.clear()
    get_page(app, client, Posted)
    response = client.post("/", data={"__EVENTTARGET": "button"})
    assert (response.text, Recorded.got) == ("False", [])


def test_event_in_a_callback(app: Flask, client: CallbackClient) -> None:
    """A callback is no post back: the fields of one raise no event."""
    Recorded.got.clear()
    page = get_page(app, client, Recorded)
    page.form["__EVENTTARGET"] = "button"
    page.form["__EVENTARGUMENT"] = "buy"
    answer = page.callback("x")
    assert (answer.result, Recorded.got) == ("x", [])
    assert "raise_postback_event" not in answer.stages


def test_event_in_the_query(app: Flask, client: CallbackClient) -> None:
    """A target in the address is not looked at."""
    Recorded.got.clear()
    page = get_page(app, client, Recorded)
    page.post_back(query_string={"__EVENTTARGET": "button"})
    assert Recorded.got == []


@pytest.mark.parametrize("base", [MethodView, View])
def test_view_without_post(
    app: Flask, client: CallbackClient, base: type[View]
) -> None:
    """A view that has no post is rendered again when its own state comes back."""

    def render_page(page: t.Any) -> str:
        ran.append(f"{current_page.is_postback} {current_page.form.get('name')}")
        return render_template_string(TEMPLATE)

    def raise_callback_event(page: t.Any, event_argument: str) -> None: ...

    name = "get" if base is MethodView else "dispatch_request"
    members = {name: render_page, "raise_callback_event": raise_callback_event}
    plain = type("Plain", (base,), members)
    ran.clear()
    add_page(app, callback_handler(plain))
    posted = client.get_page("/").post_back()
    assert (posted.status, ran) == (200, ["False None", "True Ada"])
    assert posted.callback("x").status == 200
    assert client.post("/", data={"name": "Eve"}).status_code == 405
    assert len(ran) == 2


def test_state_of_another_page(app: Flask, client: CallbackClient) -> None:
    """A post back with bad state reaches neither event nor method."""
    page = get_page(app, client, Offers)
    page.state = "forged"
    posted = page.post_back("__Page", "buy")
    assert (posted.status, posted.stages, ran) == (400, [], [])
    check_stale(page.callback("buy"))


def test_post_back_from_elsewhere(app: Flask, client: CallbackClient) -> None:
    """Nor does one that another site's page sends."""
    page = get_page(app, client, Open)
    posted = page.post_back("__Page", "buy", headers={"Origin": "http://evil.example"})
    assert (posted.status, posted.stages, ran) == (403, [], [])


def answer_to(argument: str) -> object:
    """Make what a method returns."""
    return redirect(argument) if argument else "nothing"


class Plain:
    """A control whose event may lead to another page."""

    def raise_postback_event(self, argument: str) -> object:
        return answer_to(argument)


class Coroutine:
    """The same, by a coroutine function."""

    async def raise_postback_event(self, argument: str) -> object:
        await asyncio.sleep(0)
        return answer_to(argument)


class Parts:
    """The same, by a generator."""

    def raise_postback_event(self, argument: str) -> Generator[float, None, object]:
        yield 0.5
        return answer_to(argument)


@pytest.mark.parametrize("kind", [Plain, Coroutine, Parts])
def test_redirect_of_an_event(
    app: Flask, client: CallbackClient, kind: type[PostBackEventHandler]
) -> None:
    """A response that the event's method returns is the answer. All else is not."""

    class Left(Echo):
        def page_init(self) -> None:
            current_page.add_control("leaving", kind())

    add_page(app, Left)
    page = client.get_page("/")
    fields = {"__VIEWSTATE": page.state, "__EVENTTARGET": "leaving"}
    gone = client.post("/", data={**fields, "__EVENTARGUMENT": "/next"})
    assert (gone.status_code, gone.location) == (302, "/next")
    assert client.post("/", data=fields).status_code == 200
