"""Event validation: what a page did not offer does not come back."""

from __future__ import annotations

import logging
import typing as t
from contextlib import suppress

import pytest
from flask import Flask
from itsdangerous.encoding import base64_decode

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackTargetError
from flask_clientcallback import current_page
from flask_clientcallback import js_literal
from flask_clientcallback import RefusedError
from flask_clientcallback.testing import CallbackClient

from ..helpers.offers import BUY
from ..helpers.offers import check_refused
from ..helpers.offers import check_stale
from ..helpers.offers import FIELDS
from ..helpers.offers import get_page
from ..helpers.offers import get_rendered
from ..helpers.offers import Offers
from ..helpers.offers import Open
from ..helpers.offers import ran
from ..helpers.offers import recorded_reasons
from ..helpers.offers import REFERENCE
from ..helpers.offers import SCRIPTS
from ..helpers.pages import Echo
from ..helpers.pages import Page

NOT_OFFERED = (
    "the page did not offer this callback, or not with this argument: write the"
    " argument with js_literal() or into callback_attributes(), or call"
    " register_for_event_validation(); what a cache keeps of a template was offered by"
    " another page"
)
REFERENCE_TO_PAGE = 'get_callback_event_reference(current_page, %s, "f")'


@pytest.mark.parametrize(
    ("argument", "sent"),
    [
        ('"buy"|js_literal', "buy"),
        ('"a b\\"\\n</script>"|js_literal', 'a b"\n</script>'),
        ('""|js_literal', ""),
        ("none|js_literal", ""),
        ("true|js_literal", "true"),
        ("false|js_literal", "false"),
        ("5|js_literal", "5"),
        ("-0.5|js_literal", "-0.5"),
        ("100.0|js_literal", "100"),
        ("1e21|js_literal", "1e+21"),
        ("none", ""),
        ('""', ""),
    ],
)
def test_references_register(
    app: Flask, client: CallbackClient, argument: str, sent: str
) -> None:
    """What a reference sends, if that can be told, is what its handler may get."""
    page = get_rendered(app, client, REFERENCE_TO_PAGE % argument)
    assert page.callback(sent).result == sent
    ran.clear()
    check_refused(page.callback(sent + "x"))
    check_refused(page.callback(sent, target="grid"))


@pytest.mark.parametrize(
    "expression",
    [
        REFERENCE_TO_PAGE % '"name"',
        REFERENCE_TO_PAGE % '"this.value"',
        REFERENCE_TO_PAGE % "\"'name'\"",
        REFERENCE_TO_PAGE % '"\\"\\""',
        REFERENCE_TO_PAGE % "[1]|js_literal",
        "callback_attributes(current_page)",
        '"name"|js_literal',
    ],
)
def test_expressions_do_not(
    app: Flask, client: CallbackClient, expression: str
) -> None:
    """What only the browser knows is not valid by itself."""
    page = get_rendered(app, client, expression)

    for argument in ("name", "", "1", "[1]", "None", '""'):
        check_refused(page.callback(argument))


@pytest.mark.parametrize(
    "expression",
    [
        'js_literal("x") + " + y"',
        "js_literal(1) * 2",
        'js_literal("x").strip()',
    ],
)
def test_expressions_with_literals(
    app: Flask, client: CallbackClient, expression: str
) -> None:
    """A literal that became part of an expression is one no more."""
    app.testing = True
    page = get_rendered(app, client, REFERENCE_TO_PAGE % expression)
    check_refused(page.callback("x"))


@pytest.mark.parametrize(
    ("attributes", "sent"),
    [
        ('"buy"', "buy"),
        ('"<&>"', "<&>"),
        ('""', ""),
        ("5", "5"),
        ("2.0", "2"),
        ("true", "true"),
        ('"buy"|js_literal', "buy"),
        ("5|js_literal", "5"),
    ],
)
def test_attributes_register(
    app: Flask, client: CallbackClient, attributes: str, sent: str
) -> None:
    """So does the argument of an element with callback attributes."""
    page = get_rendered(app, client, f'callback_attributes("grid", {attributes})')
    assert page.callback(sent, target="grid").result == sent
    ran.clear()
    check_refused(page.callback(sent))


@pytest.mark.parametrize(
    ("argument", "sent"),
    [
        ('"buy"', "buy"),
        ('"buy"|js_literal', "buy"),
        ("5", "5"),
        ("0", "0"),
        ("false", "false"),
        ("none", ""),
    ],
)
def test_values_register(
    app: Flask, client: CallbackClient, argument: str, sent: str
) -> None:
    """Arguments can be registered without a reference, for both kinds of event."""
    page = get_rendered(
        app,
        client,
        f'current_page.client_script.register_for_event_validation("grid", {argument})',
    )
    assert page.callback(sent, target="grid").result == sent
    ran.clear()
    check_refused(page.callback("sell", target="grid"))
    assert page.post_back("grid", "sell").status == 403
    assert page.post_back("grid", sent).status == 200
    assert ran == [sent]


OFFERS = {
    "get_callback_event_reference": (
        'get_callback_event_reference(%s, "buy"|js_literal, "f")',
        "buy",
        {"callback"},
    ),
    "reference of nothing": (
        'get_callback_event_reference(%s, none, "f")',
        "",
        {"callback"},
    ),
    "callback_attributes": ('callback_attributes(%s, "buy")', "buy", {"callback"}),
    "attributes that post back": (
        "callback_attributes(%s, postback=true)",
        "",
        {"callback", "postback"},
    ),
    "get_postback_event_reference": (
        'current_page.client_script.get_postback_event_reference(%s, "buy")',
        "buy",
        {"postback"},
    ),
    "post-back reference of a number": (
        "current_page.client_script.get_postback_event_reference(%s, 5)",
        "5",
        {"postback"},
    ),
    "get_postback_client_hyperlink": (
        'current_page.client_script.get_postback_client_hyperlink(%s, "buy")',
        "buy",
        {"postback"},
    ),
    "register_for_event_validation": (
        'current_page.client_script.register_for_event_validation(%s, "buy")',
        "buy",
        {"callback", "postback"},
    ),
}
AS_THE_OTHER = {
    "callback": "offered as a post-back event and came as a callback",
    "postback": "offered as a callback and came as a post-back event",
}


@pytest.mark.parametrize(
    ("target", "control"), [("__Page", "current_page"), ("grid", "'grid'")]
)
@pytest.mark.parametrize(("offer", "sent", "kinds"), OFFERS.values(), ids=OFFERS)
def test_kinds_of_events(
    app: Flask,
    client: CallbackClient,
    target: str,
    control: str,
    offer: str,
    sent: str,
    kinds: set[str],
) -> None:
    """What is offered as a callback is no post back, and the other way round."""
    page = get_rendered(app, client, offer % control)

    with recorded_reasons(app) as reasons:
        called = page.callback(sent, target=target)
        posted = page.post_back(target, sent)

    accepted = {
        kind
        for kind, status in (("callback", called.status), ("postback", posted.status))
        if status == 200
    }
    assert accepted == kinds
    assert ran == [sent] * len(kinds)
    [*told] = (
        AS_THE_OTHER[kind] for kind in ("callback", "postback") if kind not in kinds
    )
    assert len(reasons) == len(told)
    assert all(text in reason for text, reason in zip(told, reasons, strict=True))
    assert posted.stages or "postback" not in kinds


def test_both_kinds_one_after_the_other(app: Flask, client: CallbackClient) -> None:
    """An event that is offered in both ways is good in both."""
    offers = [OFFERS["get_postback_event_reference"], OFFERS["callback_attributes"]]
    both = "~".join(f"({offer})|string" % "'grid'" for offer, *_ in offers)
    page = get_rendered(app, client, both)
    assert page.callback("buy", target="grid").status == 200
    assert page.post_back("grid", "buy").status == 200


@pytest.mark.parametrize(
    "name", ["register_for_event_validation", "attributes that post back"]
)
def test_size_of_an_event_of_both_kinds(
    app: Flask, client: CallbackClient, name: str
) -> None:
    """An event that is good in both ways takes no more room than another."""
    page = get_rendered(app, client, OFFERS[name][0] % "'grid'")
    assert page.events is not None
    _, _, digests = base64_decode(page.events.rpartition(".")[0]).partition(b"\n")
    assert len(digests) == 8


@pytest.mark.parametrize("argument", ["none", "none|js_literal"])
def test_null(app: Flask, client: CallbackClient, argument: str) -> None:
    """Where a reference has no argument, the text that ASP.NET's script sends for
    null is good too, as a callback alone.
    """
    page = get_rendered(app, client, REFERENCE_TO_PAGE % argument)
    assert page.callback("null").result == "null"
    assert page.callback("").result == ""
    ran.clear()
    check_refused(page.callback("undefined"))
    assert page.post_back("__Page", "null").status == 403


@pytest.mark.parametrize(
    "expression",
    [
        REFERENCE_TO_PAGE % '""',
        REFERENCE_TO_PAGE % '""|js_literal',
        "current_page.client_script.register_for_event_validation(current_page, none)",
        "callback_attributes(current_page, none, postback=true)",
    ],
)
def test_no_null(app: Flask, client: CallbackClient, expression: str) -> None:
    """Elsewhere nothing sends that text."""
    page = get_rendered(app, client, expression)
    assert page.callback("").result == ""
    ran.clear()
    check_refused(page.callback("null"))


def test_register_for_the_page(app: Flask, client: CallbackClient) -> None:
    """The page, its view and its name are one control; no argument is "" ."""

    def page_load(page: t.Any) -> None:
        script = current_page.client_script
        script.register_for_event_validation(current_page)
        script.register_for_event_validation(page, "view")
        script.register_for_event_validation("__Page", "name")

    page = get_page(app, client, page_load=page_load)

    for argument in ("", "view", "name"):
        assert page.callback(argument).result == argument


@pytest.mark.parametrize(
    ("target", "argument"),
    [
        ("__Page", "Buy"),
        ("__Page", "buy "),
        ("__Page", "buy\0"),
        ("__Page", ""),
        ("__Page", "b"),
        ("__Page\nbuy", ""),
        ("grid", "buy"),
        ("", "buy"),
        ("nowhere", "buy"),
        ("__init__", "buy"),
    ],
)
def test_anything_else(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    target: str,
    argument: str,
) -> None:
    """What the page did not offer is refused before it is made, in one line."""
    page = get_page(app, client)

    with recorded_reasons(app) as reasons, caplog.at_level(logging.INFO):
        check_refused(page.callback(argument, target=target))

    assert reasons == [NOT_OFFERED]
    assert len(caplog.messages) == 1
    assert reasons[0] in caplog.messages[0]
    assert page.callback("buy").result == "buy"


def test_line_end_in_a_target(app: Flask, client: CallbackClient) -> None:
    """An argument's line end does not become one between target and argument."""
    page = get_page(app, client, template=FIELDS + SCRIPTS + REFERENCE % "a\\nb")
    answer = page.callback("b", target="__Page\na")
    assert (answer.status, answer.result, ran) == (answer.status, None, [])
    assert answer.status in (403, 404)


def change_last(token: str) -> str:
    """Change the last character of a token."""
    return token[:-1] + ("A" if token[-1] != "A" else "B")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda page, other: None, "events missing"),
        (lambda page, other: "", "events missing"),
        (lambda page, other: "x", "forged, or signed with another key"),
        (lambda page, other: change_last(page.events), "forged, or signed"),
        (lambda page, other: page.state, "forged, or signed with another key"),
        (lambda page, other: other.events, "events of another page"),
    ],
    ids=["missing", "empty", "garbage", "changed", "state", "another page's"],
)
def test_tokens(
    app: Flask,
    client: CallbackClient,
    change: t.Callable[[t.Any, t.Any], str | None],
    reason: str,
) -> None:
    """Without the very token that this page got, it has to be reloaded."""
    page = get_page(app, client)
    reloaded = client.get_page("/")
    page.events = change(page, reloaded)

    with recorded_reasons(app) as reasons:
        check_stale(page.callback("buy"))
        assert reasons[0].startswith(reason)
        posted = page.post_back("__Page", "buy")

    assert (posted.status, posted.stages, ran) == (400, [], [])
    assert reasons[1] == reasons[0]
    assert reloaded.callback("buy").result == "buy"


def test_events_in_the_place_of_the_state(app: Flask, client: CallbackClient) -> None:
    """Nor can the two tokens change their places."""
    page = get_page(app, client)
    page.state, page.events = page.events, page.state
    check_stale(page.callback("buy"))


def test_other_page_ids(app: Flask, client: CallbackClient) -> None:
    """Each GET of a page has events of its own."""
    pages = [get_page(app, client), client.get_page("/"), client.get_page("/")]
    assert len({page.events for page in pages}) == 3


@pytest.mark.parametrize(
    ("target", "argument", "status"),
    [
        ("__Page", "buy", 200),
        ("__Page", "sell", 403),
        ("__Page", "", 403),
        ("grid", "buy", 403),
        ("nowhere", "buy", 403),
    ],
)
def test_post_back_events(
    app: Flask, client: CallbackClient, target: str, argument: str, status: int
) -> None:
    """A post back's event is checked before the page is made, like a callback's."""
    page = get_rendered(
        app,
        client,
        'current_page.client_script.get_postback_event_reference(current_page, "buy")',
    )

    with recorded_reasons(app) as reasons:
        posted = page.post_back(target, argument)

    assert posted.status == status
    refused = status == 403
    assert ran == ([] if refused else ["buy"])
    assert bool(posted.stages) is not refused
    assert len(reasons) == refused


def test_post_back_without_an_event(app: Flask, client: CallbackClient) -> None:
    """A form that names no target has nothing to be checked."""
    page = get_page(app, client)
    posted = page.post_back()
    assert posted.status == 200
    assert posted.callback("buy").result == "buy"


@pytest.mark.parametrize("events", ["forged", None])
def test_post_back_with_a_bad_token(
    app: Flask, client: CallbackClient, events: str | None
) -> None:
    """A bad token is refused before the view's own method runs."""

    def post(page: t.Any) -> t.Any:
        ran.append("post")
        return page.get()

    page = get_page(app, client, post=post)
    page.events = events
    posted = page.post_back()
    assert (posted.status, ran) == (400, [])


def test_post_back_offers_anew(app: Flask, client: CallbackClient) -> None:
    """A page that was posted back may raise what it offers now, as in ASP.NET."""

    class Changing(Offers):
        def page_load(self) -> None:
            offer = "after" if current_page.is_postback else "before"
            script = current_page.client_script
            script.register_for_event_validation(current_page, offer)

    page = get_page(app, client, Changing)
    posted = page.post_back()
    assert posted.callback("after").result == "after"
    ran.clear()
    check_refused(posted.callback("before"))


@callback_handler(event_validation=True)
class Growing(Page):
    """Offers another argument with each callback."""

    template = FIELDS + SCRIPTS + REFERENCE % "1"

    def raise_callback_event(self, event_argument: str) -> str:
        following = str(int(event_argument) + 1)
        script = current_page.client_script
        script.register_for_event_validation(current_page, following)
        return following


def test_register_in_a_callback(app: Flask, client: CallbackClient) -> None:
    """What a callback registers is valid from then on, and not before."""
    page = get_page(app, client, Growing)
    check_refused(page.callback("2"))
    first = page.events
    answer = page.callback("1")
    assert (answer.result, answer.events) == ("2", page.events)
    assert page.events != first
    assert answer.state is None
    assert page.callback("2").result == "3"
    again = page.callback("1")
    assert (again.result, again.events) == ("2", None)
    page.events = first
    check_refused(page.callback("2"))


def test_answer_without_events(app: Flask, client: CallbackClient) -> None:
    """Events that nothing was added to are not sent."""

    class Again(Offers):
        def page_load(self) -> None:
            script = current_page.client_script
            script.register_for_event_validation(current_page, "buy")
            current_page.view_state["loaded"] = current_page.is_callback

    page = get_page(app, client, Again)
    answer = page.callback("buy")
    told = answer.response.get_json(force=True)
    assert set(told) == {"result", "viewState", "stateful"}
    assert answer.events is None


def test_response_cannot_carry_events(app: Flask, client: CallbackClient) -> None:
    """A handler's own Response has no place for new events."""
    app.testing = True

    class Downloading(Growing):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            super().raise_callback_event(event_argument)
            return app.make_response("download")

    page = get_page(app, client, Downloading)

    with pytest.raises(RuntimeError, match="new events"):
        page.callback("1")


@callback_handler
class Checking(Page):
    """Checks events by itself."""

    template = FIELDS + SCRIPTS

    def page_load(self) -> None:
        if not current_page.is_callback and self.registers:
            script = current_page.client_script
            script.register_for_event_validation(current_page, "buy")

    registers = True

    def raise_callback_event(self, event_argument: str) -> str:
        current_page.client_script.validate_event(current_page, event_argument)
        ran.append(event_argument)
        return event_argument


def test_validate_event(app: Flask, client: CallbackClient) -> None:
    """A handler can check its argument without the class saying so."""
    page = get_page(app, client, Checking)
    assert page.events
    assert page.callback("buy").result == "buy"

    with recorded_reasons(app) as reasons:
        answer = page.callback("sell")

    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (403, "rejected")
    assert reasons == [NOT_OFFERED]
    assert ran == ["buy"]


@pytest.mark.parametrize(
    "value", ["5", 5, 5.0, js_literal(5), js_literal("5")], ids=ascii
)
def test_validate_a_value(app: Flask, client: CallbackClient, value: t.Any) -> None:
    """A value is checked as the text that is sent for it."""
    valid: list[bool] = []

    class Numbered(Open):
        def page_load(self) -> None:
            script = current_page.client_script

            if not current_page.is_callback:
                script.register_for_event_validation("grid", value)
                return

            script.validate_event("grid", value)
            valid.append(True)

    assert get_page(app, client, Numbered).callback("5", target="grid").result == "5"
    assert valid == [True]


TEXT = "'a\\r\\nb\\rc'"
"""Line breaks of all kinds, as a template writes them."""


@pytest.mark.parametrize(
    ("expression", "in_callback", "posted"),
    [
        (f'callback_attributes("grid", {TEXT})', 200, 403),
        (
            f"get_callback_event_reference(current_page, js_literal({TEXT}), 'f')",
            200,
            403,
        ),
        (
            "current_page.client_script.get_postback_event_reference"
            f"(current_page, {TEXT})",
            403,
            200,
        ),
        (
            "current_page.client_script.register_for_event_validation"
            f"(current_page, {TEXT})",
            200,
            200,
        ),
    ],
)
def test_line_breaks(
    app: Flask,
    client: CallbackClient,
    expression: str,
    in_callback: int,
    posted: int,
) -> None:
    """What is offered is good as a callback brings it, and as a post back does."""
    page = get_rendered(app, client, expression)
    target = "grid" if '"grid"' in expression else "__Page"
    assert page.callback("a\r\nb\rc", target=target).status == in_callback
    assert page.post_back(target, "a\r\nb\rc").status == posted
    assert set(ran) <= {"a\r\nb\rc", "a\nb\nc"}
    assert len(ran) == [in_callback, posted].count(200)


@pytest.mark.parametrize(
    "method", ["register_for_event_validation", "get_postback_event_reference"]
)
def test_validate_line_breaks(app: Flask, client: CallbackClient, method: str) -> None:
    """An event that was offered with line breaks is valid with the same."""
    valid: list[str] = []

    class Lines(Open):
        def page_load(self) -> None:
            getattr(current_page.client_script, method)(current_page, "a\r\nb")

        def raise_postback_event(self, argument: str) -> None:
            for text in ("a\r\nb", argument):
                current_page.client_script.validate_event(current_page, text)
                valid.append(text)

    page = get_page(app, client, callback_handler(event_validation=True)(Lines))
    assert page.post_back("__Page", "a\r\nb").status == 200
    assert valid == ["a\r\nb", "a\nb"]


LONG_ID = 763496797023900253
"""A number that JavaScript would round."""


@pytest.mark.parametrize(
    "expression",
    [
        'callback_attributes("grid", id)',
        'current_page.client_script.get_postback_event_reference("grid", id)',
        'current_page.client_script.register_for_event_validation("grid", id)',
    ],
)
def test_integer_with_all_its_digits(
    app: Flask, client: CallbackClient, expression: str
) -> None:
    """A long number that the page offers as an argument is offered as it is."""
    page = get_rendered(app, client, expression.replace("id)", f"{LONG_ID})"))
    check_refused(page.callback(str(LONG_ID + 1), target="grid"))

    if "postback" not in expression:
        assert page.callback(LONG_ID, target="grid").result == str(LONG_ID)

    if "callback_attributes" not in expression:
        assert page.post_back("grid", LONG_ID).status == 200

    assert set(ran) == {str(LONG_ID)}

    if "register" not in expression:
        assert str(LONG_ID) in page.text


@pytest.mark.parametrize(
    ("events", "status", "kind"), [("forged", 400, "stale"), (None, 403, "rejected")]
)
def test_validate_event_with_a_bad_token(
    app: Flask, client: CallbackClient, events: str | None, status: int, kind: str
) -> None:
    """There, a page without events has none, and forged ones are stale."""
    page = get_page(app, client, Checking)
    page.events = events
    answer = page.callback("buy")
    assert answer.error is not None
    assert (answer.status, answer.error["kind"], ran) == (status, kind, [])
    assert bool(answer.stages) is (events is None)


def test_validate_event_where_none_is_registered(
    app: Flask, client: CallbackClient
) -> None:
    """A page that registers nothing carries no token, and may raise nothing."""
    page = get_page(app, client, Checking, registers=False)
    assert page.events is None
    assert "__EVENTVALIDATION" not in page.text
    assert page.callback("buy").status == 403
    assert ran == []


@pytest.mark.parametrize("control", ["nowhere", "", "__page", None])
@pytest.mark.parametrize("method", ["register_for_event_validation", "validate_event"])
def test_unknown_control(
    app: Flask, client: CallbackClient, method: str, control: str | None
) -> None:
    """A control that the page does not know is an error, registered or checked."""
    app.testing = True

    def page_load(page: t.Any) -> None:
        getattr(current_page.client_script, method)(control, "x")

    with pytest.raises(CallbackTargetError, match="The page has no control"):
        get_page(app, client, page_load=page_load)


KINDS: dict[str, tuple[t.Callable[[t.Any], object], set[str]]] = {
    "callback": (
        lambda script: script.get_callback_attributes("grid", "buy"),
        {"callback"},
    ),
    "postback": (
        lambda script: script.get_postback_event_reference("grid", "buy"),
        {"postback"},
    ),
    "either": (
        lambda script: script.register_for_event_validation("grid", "buy"),
        {"callback", "postback"},
    ),
}


@pytest.mark.parametrize(("offer", "kinds"), KINDS.values(), ids=KINDS)
def test_validate_event_of_a_kind(
    app: Flask,
    client: CallbackClient,
    offer: t.Callable[[t.Any], object],
    kinds: set[str],
) -> None:
    """A handler checks an event of the kind of the request that it answers."""
    valid: set[str] = set()

    class Asking(Offers):
        def page_load(self) -> None:
            script = current_page.client_script

            if not current_page.is_postback:
                offer(script)
                script.register_for_event_validation("grid", "start")
                return

            with suppress(RefusedError):
                script.validate_event("grid", "buy")
                valid.add("callback" if current_page.is_callback else "postback")

    page = get_page(app, client, Asking)
    assert page.callback("start", target="grid").result == "start"
    assert page.post_back("grid", "start").status == 200
    assert valid == kinds


@pytest.mark.parametrize("later", ["callback", "postback", "either"])
@pytest.mark.parametrize("first", ["callback", "postback", "either"])
def test_register_a_kind_in_a_callback(
    app: Flask, client: CallbackClient, first: str, later: str
) -> None:
    """An answer brings new events where the callback offered more than the page did."""

    class Adding(Offers):
        def page_load(self) -> None:
            if not current_page.is_callback:
                KINDS[first][0](current_page.client_script)

        def raise_callback_event(self, event_argument: str) -> str:
            KINDS[later][0](current_page.client_script)
            return event_argument

    page = get_page(app, client, Adding)
    answer = page.callback("buy")
    known, added = KINDS[first][1], KINDS[later][1]
    assert (answer.events is None) is (added <= known)
    called = page.callback("buy", target="grid").status == 200
    posted = page.post_back("grid", "buy").status == 200
    assert (called, posted) == tuple(
        kind in known | added for kind in ("callback", "postback")
    )


def test_validate_event_in_a_get(app: Flask, client: CallbackClient) -> None:
    """What a page offers only now has not come back."""
    errors: list[int] = []

    def page_load(page: t.Any) -> None:
        script = current_page.client_script
        script.register_for_event_validation("grid", "buy")

        with pytest.raises(RefusedError) as caught:
            script.validate_event("grid", "buy")

        errors.append(caught.value.status)

    get_page(app, client, Open, page_load=page_load)
    assert errors == [403]


def test_validation_switched_off(app: Flask, client: CallbackClient) -> None:
    """A class that does not ask for it has no token, and gets any argument."""
    page = get_page(app, client, Echo, template=FIELDS + SCRIPTS + BUY)
    assert page.events is None
    assert "__EVENTVALIDATION" not in page.text
    assert "data-callback-events" not in page.text
    assert page.callback("anything").result == "anything"
    ran.clear()
    page.events = "forged"
    check_stale(page.callback("anything"))
