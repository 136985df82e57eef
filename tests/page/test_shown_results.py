"""What a page shows of a result where no script runs: the same as the script does."""

from __future__ import annotations

import re
import typing as t
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path

import pydantic
import pytest
from flask import Flask
from flask import jsonify
from flask import render_template_string
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from flask_clientcallback import background
from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import CallbackTargetError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import Job
from flask_clientcallback import run_job
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.engine import evaluate
from ..helpers.engine import texts
from ..helpers.methods import open_page
from ..helpers.pages import Page


def place(meant: str) -> str:
    """Write a page with the place of a result."""
    return f"""<form method="post">{{{{ callback_fields() }}}}</form>
{{{{ callback_scripts() }}}}<output>{{{{ callback_result({meant}) }}}}</output>"""


class Cart:
    """A control whose methods have results."""

    @callback_method
    def add(self) -> int:
        return 2

    @callback_method
    def fail(self) -> int:
        raise CallbackError("No.")

    def raise_postback_event(self, argument: str) -> None:
        current_page.result = [1] if argument else object()


@background
def work() -> float:
    """The work of a job."""
    return 3.0


@background
def write_html() -> Markup:
    """The work of a job, whose result is HTML."""
    return Markup("<b>3</b>")


class Part(pydantic.BaseModel):
    """A part of a value."""

    a: int


@callback_handler
class Shown(Page):
    """Gives results of all kinds."""

    cart = callback_control(Cart)
    template: str = place("")
    value: t.ClassVar[t.Any] = None

    @callback_method
    def free(self) -> t.Any:
        return self.value

    @callback_method
    def day(self) -> date:
        return date(2026, 2, 28)

    @callback_method
    def price(self) -> Decimal:
        return Decimal("12.50")

    @callback_method
    def wrong(self) -> int:
        return t.cast(int, "no number")

    @callback_method
    def answered_in_part(self) -> Part:
        return t.cast(Part, jsonify(a=1, secret="s"))

    @callback_method
    def wrong_html(self) -> int:
        return t.cast(int, Markup("<b>"))

    @callback_method
    def replaced(self) -> int:
        return 1

    def page_pre_render(self) -> None:
        if current_page.callback_target == "__Page.replaced":
            current_page.result = "another"

    @callback_method
    def fragment(self) -> t.Any:
        return render_template_string("[{{ callback_result() }}]")

    @callback_method
    def answered(self) -> t.Any:
        return jsonify(a=1)

    @callback_method
    def written(self) -> Job[Markup]:
        return current_page.start_job(write_html)

    @callback_method
    def worked(self) -> Job[float]:
        return current_page.start_job(work)


def with_place(meant: str) -> type[Shown]:
    """Make a page like it, with another place of the result."""
    return type("Shown", (Shown,), {"template": place(meant)})


def shown(page: ClientPage, target: str, argument: str = "1") -> str:
    """Call a method without scripts, and read what the page shows."""
    again = page.post_back(target, argument)
    [text] = re.findall(r"<output>(.*)</output>", again.text, re.DOTALL)
    return t.cast(str, text)


@pytest.fixture
def page(app: Flask) -> ClientPage:
    """The page of them."""
    return open_page(app, Shown)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        (0, "0"),
        (False, "false"),
        (True, "true"),
        (25.0, "25"),
        (-0.0, "0"),
        (12.5, "12.5"),
        (1e-6, "0.000001"),
        (1.5e-7, "1.5e-7"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (2**53 + 1, "9007199254740992"),
        (10**400, "Infinity"),
        (-(10**400), "-Infinity"),
        ([10**400], "[null]"),
        (
            {"b": 1, "10": 2, "9": 3, "01": 4},
            "{&#34;9&#34;:3,&#34;10&#34;:2,&#34;01&#34;:4,&#34;b&#34;:1}",
        ),
        ("\ud800", "\ufffd"),
        ("<b>", "&lt;b&gt;"),
        (Markup("<b>&amp;</b>"), "<b>&amp;</b>"),
        ([1, 2.0, "\u00e9\u4eac"], "[1,2,&#34;\u00e9\u4eac&#34;]"),
        ({"a": None, "b": [True]}, "{&#34;a&#34;:null,&#34;b&#34;:[true]}"),
        ((1, "x"), "[1,&#34;x&#34;]"),
    ],
    ids=repr,
)
def test_text(
    page: ClientPage, monkeypatch: pytest.MonkeyPatch, value: object, text: str
) -> None:
    """A value is shown as the script shows it, escaped unless it is HTML."""
    monkeypatch.setattr(Shown, "value", value)
    assert shown(page, "__Page.free") == text


FINITE = st.floats(allow_nan=False, allow_infinity=False)
NAMES = texts | st.integers(0, 2**33).map(str)
VALUES = st.recursive(
    st.none() | st.booleans() | FINITE | st.integers() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


def test_it_is_what_the_script_shows(
    app: Flask, page: ClientPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the value is, JavaScript makes the same text of its JSON."""
    values: list[t.Any] = []
    found: list[str] = []

    @given(VALUES)
    def collect(value: t.Any) -> None:
        monkeypatch.setattr(Shown, "value", value)
        values.append(value)
        found.append(unescape(shown(page, "__Page.free")))

    collect()
    function = """text => {
      const result = JSON.parse(text)
      const shown = Object(result) === result ? JSON.stringify(result) : result ?? ""
      return String(shown).toWellFormed()
    }"""
    assert evaluate([app.json.dumps(value) for value in values], function) == found


def test_null(app: Flask, page: ClientPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object that is null as JSON is nothing, as for the script."""
    monkeypatch.setattr(app.json, "default", lambda value: None)
    monkeypatch.setattr(Shown, "value", object())
    assert shown(page, "__Page.free") == ""


def test_hints(page: ClientPage) -> None:
    """A result is written by the hint of its method, as for a script."""
    assert shown(page, "__Page.day") == "2026-02-28"
    assert shown(page, "__Page.price") == page.call.price().result == "12.50"


def test_response(page: ClientPage) -> None:
    """A response of JSON shows its value, as much of it as a hint names."""
    assert shown(page, "__Page.answered") == "{&#34;a&#34;:1}"
    assert shown(page, "__Page.answered_in_part") == "{&#34;a&#34;:1}"


def test_html_of_another_hint(app: Flask, page: ClientPage) -> None:
    """HTML is checked like any result."""
    app.config["PROPAGATE_EXCEPTIONS"] = True

    with pytest.raises(TypeError, match="which does not fit"):
        page.post_back("__Page.wrong_html")


def test_result_of_a_hook(page: ClientPage) -> None:
    """Another value that a hook puts in its place is not the method's."""
    assert shown(page, "__Page.replaced") == "another"


@pytest.mark.parametrize(
    ("start_job", "text", "html"), [(run_job, "3", "<b>3</b>"), ([].append, "", "")]
)
def test_job(tmp_path: Path, start_job: t.Any, text: str, html: str) -> None:
    """A job that is over shows its result, and HTML as HTML."""
    app = Flask(__name__, instance_path=str(tmp_path))
    app.secret_key = "x"
    app.test_client_class = CallbackClient
    ClientCallback(app, start_job=start_job)
    page = open_page(app, Shown)
    assert shown(page, "__Page.worked") == text
    assert shown(page, "__Page.written") == html


def test_results_of_events(page: ClientPage) -> None:
    """A control that takes the event itself gives the result by the page."""
    assert shown(page, "cart", "1") == "[1]"


def test_unwritable_result_of_an_event(app: Flask, page: ClientPage) -> None:
    """What cannot be written is the fault of the control."""
    app.config["PROPAGATE_EXCEPTIONS"] = True

    with pytest.raises(TypeError) as raised:
        page.post_back("cart")

    assert (
        "The result of Cart, the target 'cart', cannot be" in raised.value.__notes__[0]
    )


def test_none(page: ClientPage) -> None:
    """There is nothing before a call, after one that failed, and in a callback."""
    assert "<output></output>" in page.text
    assert shown(page, "cart.fail") == ""
    assert page.call.fragment().result == "[]"


@pytest.mark.parametrize(
    ("meant", "targets"),
    [
        ("", ["__Page.day", "cart.add", "cart"]),
        ("current_page", ["__Page.day"]),
        ("'cart'", ["cart.add", "cart"]),
        ("'cart', 'add'", ["cart.add"]),
        ("current_page, method='day'", ["__Page.day"]),
        ("method='day'", ["__Page.day"]),
        ("method='price'", []),
    ],
)
def test_which_is_meant(app: Flask, meant: str, targets: list[str]) -> None:
    """A place shows the results of a control or of one method."""
    page = open_page(app, with_place(meant))
    called = [target for target in ALL if shown(page, target)]
    assert called == targets


ALL = ["__Page.day", "cart.add", "cart"]


@pytest.mark.parametrize(
    ("meant", "message"),
    [
        ("'card'", "no control 'card'"),
        ("method='dayy'", "no method 'dayy' .+ Is it 'day'"),
        ("'cart', 'day'", "no method 'day' .+: add, fail"),
    ],
)
def test_mistakes(app: Flask, meant: str, message: str) -> None:
    """A place that nothing could ever fill is an error at once."""
    app.config["PROPAGATE_EXCEPTIONS"] = True

    with pytest.raises(CallbackTargetError, match=message):
        open_page(app, with_place(meant))


def test_wrong_result(app: Flask, page: ClientPage) -> None:
    """A result that is not what its hint says is an error, as for a script."""
    app.config["PROPAGATE_EXCEPTIONS"] = True

    with pytest.raises(
        TypeError, match=r"^Shown\.wrong\(\) returned a value of type str, which"
    ):
        page.post_back("__Page.wrong")
