"""The test client: events of a page, and post backs to its controls."""

from __future__ import annotations

import typing as t

import pytest
from flask import Flask
from flask import request

from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient

from ..helpers.offers import FIELDS
from ..helpers.offers import get_page
from ..helpers.offers import Offers
from ..helpers.offers import Open
from ..helpers.offers import ran
from ..helpers.offers import SCRIPTS


@pytest.mark.parametrize("template", [FIELDS + SCRIPTS, SCRIPTS + FIELDS, SCRIPTS])
def test_events(app: Flask, client: CallbackClient, template: str) -> None:
    """The events are those of the field, or else of the script."""
    page = get_page(app, client, template=template)
    assert page.events is not None
    assert f'"{page.events}"' in page.text
    assert "__EVENTVALIDATION" not in page.form


def test_page_without_events(app: Flask, client: CallbackClient) -> None:
    """A page without them sends none."""

    def raise_callback_event(page: t.Any, event_argument: str) -> str:
        return request.get_data(as_text=True)

    page = get_page(app, client, Open, raise_callback_event=raise_callback_event)
    assert page.events is None
    assert "__EVENTVALIDATION" not in page.callback().result


@pytest.mark.parametrize("base", [Offers, Open])
def test_renewed_events(app: Flask, client: CallbackClient, base: type[t.Any]) -> None:
    """What a callback renews goes along from then on."""

    def raise_callback_event(page: t.Any, event_argument: str) -> None:
        script = current_page.client_script
        script.register_for_event_validation(current_page, "more")

    page = get_page(app, client, base, raise_callback_event=raise_callback_event)
    first = page.events
    answer = page.callback("buy")
    assert answer.events is not None
    assert page.events == answer.events != first
    again = page.callback("buy")
    assert (again.events, page.events) == (None, answer.events)


def test_failed_callback_renews_nothing(app: Flask, client: CallbackClient) -> None:
    """An answer without new events leaves the page as it is."""
    page = get_page(app, client)
    first = page.events
    assert page.callback("nothing").events is None
    assert page.events == first


class Posted(Open):
    """Tells which protocol fields came back."""

    def get(self) -> t.Any:
        ran.append(
            str(
                {
                    name: request.form.getlist(name)
                    for name in ("__EVENTTARGET", "__EVENTARGUMENT", "name")
                    if name in request.form
                }
            )
        )
        return super().get()


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        ((), {}),
        (("grid",), {"__EVENTTARGET": ["grid"], "__EVENTARGUMENT": [""]}),
        (("grid", None), {"__EVENTTARGET": ["grid"], "__EVENTARGUMENT": [""]}),
        (("grid", 1.0), {"__EVENTTARGET": ["grid"], "__EVENTARGUMENT": ["1"]}),
        (("grid", "buy"), {"__EVENTTARGET": ["grid"], "__EVENTARGUMENT": ["buy"]}),
        (("", "é"), {"__EVENTTARGET": [""], "__EVENTARGUMENT": ["é"]}),
    ],
)
def test_post_back(
    app: Flask,
    client: CallbackClient,
    arguments: tuple[t.Any, ...],
    sent: dict[str, list[str]],
) -> None:
    """A post back names its target and argument where there is a target."""
    page = get_page(app, client, Posted)
    ran.clear()
    assert page.post_back(*arguments).status == 200
    assert ran[-1] == str(sent)


def test_target_of_the_form(app: Flask, client: CallbackClient) -> None:
    """A target that is given replaces what a test put into the form."""
    page = get_page(app, client, Posted)
    page.form["__EVENTTARGET"] = "other"
    page.post_back("grid", "buy")
    assert ran[-1] == str({"__EVENTTARGET": ["grid"], "__EVENTARGUMENT": ["buy"]})


def test_events_of_a_post_back(app: Flask, client: CallbackClient) -> None:
    """The page that comes back has events of its own."""
    page = get_page(app, client)
    posted = page.post_back("__Page", "buy")
    assert (posted.status, ran) == (200, ["buy"])
    assert posted.callback("buy").result == "buy"


def test_keywords_of_a_post_back(app: Flask, client: CallbackClient) -> None:
    """Other keywords are those of a request."""
    page = get_page(app, client)
    posted = page.post_back("__Page", "buy", headers={"Sec-Fetch-Site": "cross-site"})
    assert (posted.status, ran) == (403, [])
