"""The test client: the forms of a page, and which of them a callback sends."""

from __future__ import annotations

import copy
import html
import typing as t

import pytest
from flask import Flask
from flask import redirect
from flask import render_template_string

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage
from flask_clientcallback.testing import PageForm

from ..helpers.form_controls import FORMS
from ..helpers.pages import add_page
from ..helpers.pages import Page


@callback_handler
class Fields(Page):
    """Gives back the fields that it got."""

    def raise_callback_event(self, event_argument: str) -> list[list[str]]:
        return [list(item) for item in current_page.form.items(multi=True)]


def get(app: Flask, client: CallbackClient, template: str) -> ClientPage:
    """Get a page of a template."""
    template += SCRIPTS
    add_page(app, type("Templated", (Fields,), {"template": template}))
    return client.get_page("/")


SCRIPTS = "{{ callback_scripts() }}"
SEARCH = '<form id="search"><input name="q" value="all"></form>'
ORDER = (
    '<form name="order" method="post">{{ callback_fields() }}'
    '<input name="symbol" value="ACME"></form>'
)


@pytest.mark.parametrize(
    ("template", "fields"),
    [
        (SEARCH + ORDER, [["symbol", "ACME"]]),
        (ORDER + SEARCH, [["symbol", "ACME"]]),
        (ORDER + ORDER.replace("ACME", "XYZ"), [["symbol", "ACME"]]),
        ("{{ callback_fields() }}" + ORDER, [["symbol", "ACME"]]),
        ("{{ callback_fields() }}" + SEARCH + ORDER, [["symbol", "ACME"]]),
        (SEARCH + SEARCH.replace("all", "none"), [["q", "all"]]),
        ("{{ callback_fields() }}" + SEARCH, [["q", "all"]]),
        (
            f'{SEARCH}<form><input name="a" value="1">{SCRIPTS}',
            [["a", "1"]],
        ),
        ('{{ callback_fields() }}<input name="a" value="1">', []),
        (f"{SCRIPTS}{SEARCH}<template>{ORDER}</template>", [["q", "all"]]),
        (f"{SCRIPTS}{SEARCH}<p data-callback-ignore>{ORDER}</p>", [["q", "all"]]),
        (
            f'{SEARCH}<form id="f">{{{{ callback_fields()|replace("type", '
            "'form=\"g\" type'|safe) }}</form><form id=g><input name=a></form>",
            [["a", ""]],
        ),
    ],
)
def test_form_of_the_page(
    app: Flask, client: CallbackClient, template: str, fields: list[list[str]]
) -> None:
    """A callback sends the first form with the page's fields, else the first form."""
    page = get(app, client, template)
    assert [list(item) for item in page.form.items(multi=True)] == fields
    assert page.callback().result == fields


def test_form_of_another_page(app: Flask, client: CallbackClient) -> None:
    """The form of another page's fields is not the page's."""
    add_page(app, type("Part", (Fields,), {"template": SEARCH}), "/part")

    @callback_handler
    class Whole(Fields):
        def get(self) -> str:
            part = client.get_page("/other").text
            return part + render_template_string(ORDER + SCRIPTS)

    other = ORDER.replace("symbol", "other")
    add_page(app, type("Other", (Fields,), {"template": other}), "/other")
    add_page(app, Whole)
    page = client.get_page("/")
    assert len(page.forms) == 2
    assert page.callback().result == [["symbol", "ACME"]]


@pytest.mark.parametrize(("template", "names"), FORMS.values(), ids=FORMS)
def test_controls_of_each_form(
    app: Flask, client: CallbackClient, template: str, names: list[list[str]]
) -> None:
    """Each form has the controls that a browser says are its."""
    assert [list(form) for form in get(app, client, template).forms] == names


def test_forms(app: Flask, client: CallbackClient) -> None:
    """Forms are found by place, id or name, and an id goes before a name."""
    named = '<form name="search" method="POST"><input name="x"></form>'
    page = get(app, client, named + SEARCH + ORDER)
    assert page.forms["search"] is page.forms[1]
    assert page.forms["order"] is page.forms[-1] is page.form
    assert list(page.forms) == list(page.forms[:]) == [*page.forms[:1], *page.forms[1:]]
    assert [form.method for form in page.forms] == ["post", "get", "post"]
    assert (page.form.name, page.forms[1].id) == ("order", "search")

    with pytest.raises(LookupError, match="are 'search', 'search', 'order'"):
        page.forms["login"]

    with pytest.raises(LookupError, match="are none"):
        client.get_page("/nowhere").forms["login"]

    with pytest.raises(IndexError):
        page.forms[3]


@pytest.mark.parametrize("by", [1, "search", "form"])
def test_form_of_a_callback(app: Flask, client: CallbackClient, by: t.Any) -> None:
    """A callback sends another form where that is given."""
    page = get(app, client, ORDER + SEARCH)
    page.forms["search"]["q"] = "some"
    form = page.forms[1] if by == 1 else "search" if by == "search" else PageForm()
    expected = [] if by == "form" else [["q", "some"]]
    assert page.callback(form=form).result == expected
    assert page.callback().result == [["symbol", "ACME"]]


def test_form_of_a_post_back(app: Flask, client: CallbackClient) -> None:
    """A post back sends another form where that is given."""
    page = get(app, client, ORDER + SEARCH + "{{ current_page.form.to_dict() }}")
    page.forms["search"]["q"] = "some"
    assert "{'q': 'some'}" in html.unescape(page.post_back(form="search").text)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies_of_a_form(
    app: Flask, client: CallbackClient, copied: t.Callable[[PageForm], PageForm]
) -> None:
    """A copy is sent as the form is, with values of its own."""
    page = get(app, client, '<form method="post" action="/x" id="f"><input name="a">')
    form = copied(page.form)
    form["a"] = "1"
    form.add("a", "2")
    assert (form.method, form.action, form.id) == ("post", "/x", "f")
    assert page.form.getlist("a") == [""]
    assert page.callback(form=form).result == [["a", "1"], ["a", "2"]]


def test_repr(app: Flask, client: CallbackClient) -> None:
    """A page tells its status, its address and its forms."""
    page = get(
        app, client, ORDER + SEARCH + "<form><input name=a><input name=b></form>"
    )
    told = "<ClientPage 200 /, form order(symbol), form search(q), form (a, b)>"
    assert repr(page) == told
    assert repr(page.form) == "PageForm([('symbol', 'ACME')])"
    assert repr(page.forms[:1]) == "PageForms([PageForm([('symbol', 'ACME')])])"
    assert repr(client.get_page("/x?a=b")) == "<ClientPage 404 /x?a=b>"
    page.form.update({"x" * 1000: "y"})
    assert len(repr(page)) < 220


def test_repr_of_a_redirect(app: Flask, client: CallbackClient) -> None:
    """A page that is a redirect tells where it leads."""
    app.add_url_rule("/old", "old", lambda: redirect("/new"))
    assert repr(client.get_page("/old")) == "<ClientPage 302 /old to /new>"
