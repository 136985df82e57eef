"""WTForms forms of a page: one object for a request, and errors as they were posted."""

from __future__ import annotations

import io
import typing as t

import pytest
from flask import Flask
from flask import render_template_string
from flask_wtf import CSRFProtect
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from flask_wtf.file import FileRequired
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField
from wtforms import FieldList
from wtforms import Form
from wtforms import FormField
from wtforms import IntegerField
from wtforms import StringField
from wtforms.validators import InputRequired
from wtforms.validators import NumberRange
from wtforms.validators import ValidationError

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import OutsidePageError
from flask_clientcallback import page_form
from flask_clientcallback import validated_form
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.methods import call
from ..helpers.methods import errors_of
from ..helpers.methods import open_page
from ..helpers.pages import Page

REQUIRED = ["This field is required."]


class LineForm(Form):
    """One line of an order."""

    product = StringField(validators=[InputRequired()])
    quantity = IntegerField(validators=[NumberRange(1, 100)])


class OrderForm(Form):
    """An order."""

    name = StringField(validators=[InputRequired()])
    lines = FieldList(FormField(LineForm), min_entries=1)
    mails = FieldList(StringField(validators=[InputRequired()]))
    address = FormField(LineForm)

    def validate(self, extra_validators: t.Any = None) -> bool:
        if not super().validate(extra_validators):
            return False

        if self.name.data == "nobody":
            self.form_errors.append("Nobody orders nothing.")
            return False

        return True


TEMPLATE = """
{% set form = page_form() %}
<form method="post">
{{ callback_fields() }}
{{ form.csrf_token if form.csrf_token }}
{% for field in form if field.name != "csrf_token" %}<input name="{{ field.name }}">
{% endfor %}
</form>{{ callback_scripts() }}
{{ current_page.error }}|{{ current_page.result }}|{{ form.errors }}
"""


def page_for(app: Flask, form_class: type[t.Any], **keywords: t.Any) -> ClientPage:
    """Get a page that orders by a form."""
    app.jinja_env.globals["page_form"] = lambda: page_form(form_class, **keywords)

    @callback_handler
    class Orders(Page):
        @callback_method
        def order(self) -> str:
            form = validated_form(form_class, **keywords)
            assert form is page_form(form_class, **keywords)
            return f"ordered {form.name.data}"

    return open_page(app, Orders, TEMPLATE)


GOOD = {
    "name": "Ada",
    "lines-0-product": "pen",
    "lines-0-quantity": "1",
    "address-product": "x",
    "address-quantity": "1",
}


def test_form_that_holds(app: Flask) -> None:
    """A method gets the form when it holds."""
    page = page_for(app, OrderForm)
    page.form = MultiDict(GOOD)
    assert call(page, "order") == "ordered Ada"


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"name": ""}, {"name": REQUIRED}),
        (
            {"address-product": "", "address-quantity": "0"},
            {
                "address-product": REQUIRED,
                "address-quantity": ["Number must be between 1 and 100."],
            },
        ),
        (
            {
                "lines-0-product": None,
                "lines-0-quantity": None,
                "lines-1-product": "pen",
                "lines-1-quantity": "0",
                "lines-12-product": "",
                "lines-12-quantity": "1",
            },
            {
                "lines-1-quantity": ["Number must be between 1 and 100."],
                "lines-12-product": REQUIRED,
            },
        ),
        (
            {
                "mails_old-1": "x",
                "mails-old-1": "x",
                "mails-3x": "x",
                "mails": "x",
                "mails-4": "",
            },
            {"mails-4": REQUIRED},
        ),
        (
            {"mails-2": "", "mails-10": "x", "mails-7": ""},
            {"mails-2": REQUIRED, "mails-7": REQUIRED},
        ),
    ],
)
@pytest.mark.parametrize("prefix", ["", "first"])
def test_names_that_were_posted(
    app: Flask,
    changes: dict[str, str | None],
    errors: dict[str, list[str]],
    prefix: str,
) -> None:
    """Errors have the names of controls, with the form's prefix, and with the numbers
    of a list whose rows were removed.
    """
    page = page_for(app, OrderForm, **({"prefix": prefix} if prefix else {}))
    before = f"{prefix}-" if prefix else ""
    changed = {k: v for k, v in {**GOOD, **changes}.items() if v is not None}
    page.form = MultiDict({f"{before}{key}": value for key, value in changed.items()})
    found = errors_of(page.callback([], "__Page.order"))
    assert found == {f"{before}{key}": texts for key, texts in errors.items()}


def test_error_of_the_form(app: Flask) -> None:
    """What is wrong with the form as a whole is the message."""
    page = page_for(app, OrderForm)
    page.form = MultiDict({**GOOD, "name": "nobody"})
    answer = page.callback([], "__Page.order")
    assert answer.error == {
        "kind": "invalid",
        "message": "Nobody orders nothing.",
        "fields": {},
    }


def test_message(app: Flask) -> None:
    """The message is WTForms' own, or what the author says."""
    form = OrderForm(MultiDict({"name": ""}))
    form.validate()
    assert CallbackError.from_form(form).message == "Invalid input."
    assert CallbackError.from_form(form, "Look again.").message == "Look again."
    assert CallbackError.from_form(form).status == 422
    # Outside of a request nothing was posted.
    assert CallbackError.from_form(form).fields == {
        "name": REQUIRED,
        "lines-0-product": REQUIRED,
        "lines-0-quantity": ["Number must be between 1 and 100."],
        "address-product": REQUIRED,
        "address-quantity": ["Number must be between 1 and 100."],
    }


def test_translated_message() -> None:
    """It is in the form's language."""

    class German(OrderForm):
        class Meta:
            locales = ("de",)
            cache_translations = False

    form = German(MultiDict({"name": ""}))
    form.validate()
    error = CallbackError.from_form(form)
    assert error.message == "Ung\u00fcltige Eingabe."
    assert error.fields is not None
    assert error.fields["name"] == ["Dieses Feld wird ben\u00f6tigt."]


def test_untranslated_message() -> None:
    """A form may have no translations at all."""

    class Plain(OrderForm):
        class Meta:
            locales = False

    form = Plain(MultiDict({"name": ""}))
    form.validate()
    assert CallbackError.from_form(form).message == "Invalid input."


def test_error_of_a_list(app: Flask) -> None:
    """An error of a list itself has the list's name."""

    def refuse(form: Form, field: t.Any) -> None:
        raise ValidationError("Too few.")

    class Many(Form):
        name = StringField()
        mails = FieldList(StringField(), validators=[refuse])

    page = page_for(app, Many)
    page.form = MultiDict({"name": "x", "mails-3": "y"})
    assert errors_of(page.callback([], "__Page.order")) == {"mails": ["Too few."]}


class Order(FlaskForm):
    """An order that is protected."""

    name = StringField(validators=[InputRequired()])


def test_csrf(app: Flask) -> None:
    """Flask-WTF's protection works, with the token in the form or in the header."""
    CSRFProtect(app)
    page = page_for(app, Order)
    assert page.form["csrf_token"]
    page.form["name"] = "Ada"
    assert call(page, "order") == "ordered Ada"
    page.form["name"] = ""
    assert errors_of(page.callback([], "__Page.order")) == {"name": REQUIRED}
    page.form["csrf_token"] = "forged"
    assert page.callback([], "__Page.order", headers={"X-CSRFToken": "x"}).status == 400


def test_csrf_of_the_form_alone(app: Flask) -> None:
    """So it does where only the form has it."""
    page = page_for(app, Order)
    page.form["name"] = "Ada"
    assert call(page, "order") == "ordered Ada"
    page.form["csrf_token"] = "forged"
    assert [*errors_of(page.callback([], "__Page.order"))] == ["csrf_token"]


def test_post_back(app: Flask) -> None:
    """The template that renders the page again has the form with its errors."""
    page = page_for(app, Order)
    again = page.post_back("__Page.order")
    assert again.status == 422
    assert "Invalid input.|None|" in again.text
    assert "{&#39;name&#39;: [&#39;This field is required.&#39;]}" in again.text
    page.form["name"] = "Ada"
    again = page.post_back("__Page.order")
    assert again.status == 200
    assert "None|ordered Ada|{}" in again.text


def test_files(app: Flask) -> None:
    """A form has the page's files too."""

    class Upload(FlaskForm):
        name = FileField(validators=[FileRequired()])

    page = page_for(app, Upload)
    assert [*errors_of(page.callback([], "__Page.order"))] == ["name"]
    files = {"name": (io.BytesIO(b"x"), "a.txt")}
    answer = page.callback([], "__Page.order", files=files)
    assert answer.result.startswith("ordered <FileStorage: 'a.txt'")


def test_what_is_a_form(app: Flask) -> None:
    """A form has what was posted, which may be nothing; an address has no form."""

    class Plain(Form):
        name = StringField(default="default")
        gift = BooleanField(default=True)

    @callback_handler
    class Orders(Page):
        def get(self) -> str:
            form = page_form(Plain)
            told = f"{form.name.data} {form.gift.data}"
            return render_template_string("{{ callback_fields() }}") + told

        post = get

        @callback_method
        def order(self) -> bool:
            return bool(page_form(Plain).gift.data)

    app.add_url_rule("/", view_func=Orders.as_view("orders"))
    client = t.cast(CallbackClient, app.test_client())
    page = client.get_page("/?name=Ada")
    assert page.text.endswith("default True")
    assert page.post_back().text.endswith("default False")
    assert client.post("/", data={"name": "Ada"}).text.endswith("Ada False")


def test_several_forms(app: Flask) -> None:
    """Forms of two classes, or with two prefixes, are two objects; the next request has
    its own.
    """
    seen: list[t.Any] = []

    class Other(OrderForm): ...

    @callback_handler
    class Orders(Page):
        @callback_method
        def order(self) -> bool:
            forms = [
                page_form(OrderForm),
                page_form(Other),
                page_form(OrderForm, prefix="a"),
                page_form(OrderForm, prefix="b"),
            ]
            seen.extend(forms)
            return page_form(OrderForm, prefix="a") is forms[2]

    page = open_page(app, Orders)
    assert call(page, "order") is True
    assert call(page, "order") is True
    assert len({id(form) for form in seen}) == 8


@pytest.mark.parametrize("function", [page_form, validated_form])
def test_outside_a_page(app: Flask, function: t.Callable[..., t.Any]) -> None:
    """There is no form where there is no page."""
    with app.test_request_context(), pytest.raises(OutsidePageError):
        function(OrderForm)
