"""Fields of a form and the places of their errors, in a template."""

from __future__ import annotations

import json
import re
import typing as t

import pytest
from flask import Flask
from markupsafe import Markup

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import FromForm
from flask_clientcallback import OutsidePageError
from flask_clientcallback import render_fragment
from flask_clientcallback.page.templates import callback_error
from flask_clientcallback.page.templates import callback_field
from flask_clientcallback.testing import ClientPage

from ..helpers.methods import open_page
from ..helpers.pages import Page

HOSTILE = ['"><script>alert(1)</script>', "' onfocus=x '", "&quot;&amp;", "a\nb\u2028"]


@callback_handler
class Shop(Page):
    """Has methods that fail."""

    @callback_method
    def order(self, quantity: FromForm[int]) -> None: ...

    @callback_method
    def fail(self, message: str) -> None:
        raise CallbackError(message)

    @callback_method
    def refuse(self, name: str, texts: list[str]) -> None:
        raise CallbackError("Look at <this>.", fields={name: texts})


def rendered(
    app: Flask, source: str
) -> tuple[ClientPage, t.Callable[[ClientPage], str]]:
    """Get a page with some source, and what reads that from an answer."""
    page_of = "<form>{{ callback_fields() }}</form>{{ callback_scripts() }}[%s]"
    page = open_page(app, Shop, page_of % source)

    def read(answer: ClientPage) -> str:
        return answer.text[answer.text.rindex("</script>[") + 10 : -1]

    return page, read


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("'quantity'", ' name="quantity" aria-describedby="quantity-error"'),
        (
            "'quantity', 1",
            ' name="quantity" value="1" aria-describedby="quantity-error"',
        ),
        (
            "'quantity', ''",
            ' name="quantity" value="" aria-describedby="quantity-error"',
        ),
        (
            "'quantity', 0",
            ' name="quantity" value="0" aria-describedby="quantity-error"',
        ),
        (
            "'a-0-b', '<&\"'",
            ' name="a-0-b" value="&lt;&amp;&#34;" aria-describedby="a-0-b-error"',
        ),
        (
            "'a', '<b>'|safe",
            ' name="a" value="&lt;b&gt;" aria-describedby="a-error"',
        ),
    ],
)
def test_field(app: Flask, arguments: str, expected: str) -> None:
    """A field has its name, its value and what describes it."""
    page, read = rendered(app, f"{{{{ callback_field({arguments}) }}}}")
    assert read(page) == expected


@pytest.mark.parametrize("value", ["7", "x", "", *HOSTILE])
def test_value_as_sent(app: Flask, value: str) -> None:
    """After a post back a field holds what was sent, and says whether that holds."""
    page, read = rendered(app, "{{ callback_field('quantity', 1) }}")
    page.form["quantity"] = value
    again = page.post_back("__Page.order")
    is_good = value == "7"
    assert again.status == (200 if is_good else 422)
    text = read(again)
    assert ('aria-invalid="true"' in text) is not is_good
    [written] = re.findall(r' value="([^"]*)"', text)
    assert Markup(written).unescape() == value
    assert "<script>alert" not in again.text


def test_value_that_was_not_sent(app: Flask) -> None:
    """One that was not sent has the value that it begins with."""
    page, read = rendered(app, "{{ callback_field('quantity', 1) }}")
    again = page.post_back("__Page.order")
    assert again.status == 422
    assert ' value="1"' in read(again) and "aria-invalid" in read(again)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            "'quantity'",
            '<span data-callback-error="quantity" id="quantity-error"></span>',
        ),
        ("", '<span data-callback-error="" role="alert"></span>'),
        (
            "'a\"<'",
            '<span data-callback-error="a&#34;&lt;" id="a&#34;&lt;-error"></span>',
        ),
    ],
)
def test_place_of_an_error(app: Flask, arguments: str, expected: str) -> None:
    """The place of an error is there before there is one."""
    page, read = rendered(app, f"{{{{ callback_error({arguments}) }}}}")
    assert read(page) == expected


def test_errors_in_their_places(app: Flask) -> None:
    """After a post back each place shows its own error, and one shows the message."""
    names = ("", "'name'", "'other'")
    source = "".join(f"{{{{ callback_error({name}) }}}}" for name in names)
    page, read = rendered(app, source)
    again = page.post_back('__Page.refuse["name", ["One <b>.", "Two."]]')
    assert again.status == 422
    assert read(again) == (
        '<span data-callback-error="" role="alert">Look at &lt;this&gt;.</span>'
        '<span data-callback-error="name" id="name-error">One &lt;b&gt;. Two.</span>'
        '<span data-callback-error="other" id="other-error"></span>'
    )
    fine = again.post_back()
    assert fine.status == 200
    assert "Look at" not in fine.text and "One" not in fine.text


@pytest.mark.parametrize("message", HOSTILE)
def test_message_is_text(app: Flask, message: str) -> None:
    """A message is text, whatever it is."""
    page, read = rendered(app, "{{ callback_error() }}")

    again = page.post_back(f"__Page.fail{json.dumps([message])}")
    assert again.status == 400
    [written] = re.findall(r"<span[^>]*>([^<]*)</span>", read(again))
    assert Markup(written).unescape() == message


def test_error_of_the_whole_form(app: Flask) -> None:
    """An error that is no field's shows as the message alone."""
    page, read = rendered(app, "{{ callback_error() }}")
    again = page.post_back('__Page.refuse["", ["Too late."]]')
    assert "Look at &lt;this&gt;." in read(again)


@pytest.mark.parametrize("function", [callback_field, callback_error])
def test_outside_a_page(app: Flask, function: t.Callable[..., t.Any]) -> None:
    """There are no fields where there is no page."""
    with app.test_request_context(), pytest.raises(OutsidePageError):
        function("quantity")


def test_fragment(app: Flask, tmp_path: t.Any) -> None:
    """A part of a page is a template, which has the page at hand."""
    (tmp_path / "row.html").write_text(
        "<tr>{{ name }}{{ current_page.view.__class__.__name__ }}"
        "{{ render_fragment('cell.html', name=name) }}"
    )
    (tmp_path / "cell.html").write_text("<td>{{ name }}")
    app.template_folder = str(tmp_path)

    class Rows(Shop):
        @callback_method
        def row(self, name: str) -> Markup:
            return render_fragment("row.html", name=name)

    answer = open_page(app, Rows).callback(["<b>"], "__Page.row")
    assert answer.result == "<tr>&lt;b&gt;Rows<td>&lt;b&gt;"
    assert answer.response.json["html"] is True
