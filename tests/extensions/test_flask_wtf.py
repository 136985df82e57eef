"""Callbacks where Flask-WTF protects every POST. No view is exempt from it."""

from __future__ import annotations

import io
import re
import time
import typing as t

import pytest
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask.testing import FlaskClient
from flask_wtf import CSRFProtect
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from wtforms import FieldList
from wtforms import IntegerField
from wtforms import StringField
from wtforms.validators import InputRequired
from wtforms.validators import NumberRange

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.outcomes import check_error
from ..helpers.outcomes import check_redirect
from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import Counter
from ..helpers.pages import Page
from ..helpers.pages import TEMPLATE

FORM = "application/x-www-form-urlencoded"
FIELD = '<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">'
META = '<meta name="csrf-token" content="{{ csrf_token() }}">'


class WithField(Counter):
    """Has the token in its form, as pages with CSRFProtect do."""

    template = TEMPLATE.replace("</form>", f"{FIELD}</form>")


class WithMeta(Counter):
    """Has the token in its head, for scripts of its own."""

    template = f"{META}{TEMPLATE}"


@pytest.fixture(params=["before", "after"])
def app(request: pytest.FixtureRequest) -> Flask:
    """An application with CSRFProtect, registered before or after the package."""
    app = make_app()

    if request.param == "before":
        CSRFProtect(app)
        ClientCallback(app)
    else:
        ClientCallback(app)
        CSRFProtect(app)

    return app


@pytest.fixture
def page(app: Flask, client: CallbackClient) -> ClientPage:
    """A page that does nothing for its token."""
    add_page(app, Counter)
    return client.get_page("/")


def test_post_is_protected(app: Flask, client: FlaskClient) -> None:
    """What the tests below rest on: a POST without a token is refused."""
    app.add_url_rule("/plain", view_func=lambda: "ran", methods=["POST"])
    assert client.post("/plain").status_code == 400


def test_token_goes_along(page: ClientPage) -> None:
    """The page's scripts carry the token, for any number of callbacks."""
    assert [page.callback("x").result for _ in range(3)] == [1, 2, 3]


def test_token_goes_along_with_files(page: ClientPage) -> None:
    """So it is with files, which need another kind of body."""
    answer = page.callback("x", files={"file": (io.BytesIO(b"x"), "x.txt")})
    assert answer.result == 1


def test_token_of_the_form(app: Flask, client: CallbackClient) -> None:
    """A token that the page's form holds goes along with the form."""
    add_page(app, WithField)
    page = client.get_page("/")
    assert page.form["csrf_token"]
    # The form's is the one that counts.
    assert page.callback("x", headers={"X-CSRFToken": "forged"}).result == 1
    page.form["csrf_token"] = "forged"
    check_error(page.callback("x"), 400, "http")


def test_token_of_the_head(app: Flask, client: CallbackClient) -> None:
    """A token that the page's head holds is as good."""
    add_page(app, WithMeta)
    page = client.get_page("/")
    found = re.search('csrf-token" content="([^"]+)"', page.text)
    assert found is not None
    assert page.callback("x", headers={"X-CSRFToken": found[1]}).result == 1


@pytest.mark.parametrize(
    ("names", "written"),
    [
        (["X-My-Token"], ["X-My-Token"]),
        (["X-One", "X-Two"], ["X-One"]),
        (["X-My-Token", "x-csrftoken"], []),
        ([], []),
    ],
)
@pytest.mark.parametrize("view_class", [Counter, WithField])
def test_headers_of_the_token(
    app: Flask,
    client: CallbackClient,
    view_class: type[t.Any],
    names: list[str],
    written: list[str],
) -> None:
    """The token goes along in a header that Flask-WTF looks into. Where it looks into
    none, the form has to have it.
    """
    app.config["WTF_CSRF_HEADERS"] = names
    add_page(app, view_class)
    page = client.get_page("/")
    assert re.findall('data-callback-csrf-header="(.+?)"', page.text) == written
    is_read = bool(names) or view_class is WithField
    assert page.callback("x").result == (1 if is_read else None)


def test_token_is_not_for_handlers_only(app: Flask, client: CallbackClient) -> None:
    """A post back of the page needs the token in its form, as any other form."""
    add_page(app, WithField)
    page = client.get_page("/")
    assert page.post_back().status == 200
    del page.form["csrf_token"]
    assert page.post_back().status == 400


@pytest.mark.parametrize("token", ["", "forged", "foreign", "state"])
def test_wrong_token(app: Flask, page: ClientPage, token: str) -> None:
    """Flask-WTF's HTML page becomes one error, and the page goes on working."""
    foreign = CallbackClient(app).get_page("/")
    found = re.search('data-callback-csrf="([^"]+)"', foreign.text)
    assert found is not None and page.state is not None
    sent = {"foreign": found[1], "state": page.state}.get(token, token)
    answer = page.callback("x", headers={"X-CSRFToken": sent})
    check_error(answer, 400, "http")
    assert answer.error == {"kind": "http", "message": "Bad Request."}
    assert page.callback("x").result == 1


def test_missing_token(page: ClientPage, client: CallbackClient) -> None:
    """So does that of a request without any token."""
    data = {
        "__CALLBACKID": "__Page",
        "__CALLBACKPARAM": '"x"',
        "__VIEWSTATE": page.state,
    }
    response = client.post("/", data=data, headers={"X-Client-Callback": "1"})
    check_error(CallbackAnswer(response, []), 400, "http")


def test_expired_token(page: ClientPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does that of a page which is older than its token may be."""
    later = time.time() + 3601
    monkeypatch.setattr(time, "time", lambda: later)
    check_error(page.callback("x"), 400, "http")


def test_page_after_expiry(
    page: ClientPage, client: CallbackClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading the page again helps."""
    later = time.time() + 3601
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.get_page("/").callback("x").result == 1


def test_session_that_ended(page: ClientPage, client: CallbackClient) -> None:
    """So does that of a page whose session ended."""
    client.delete_cookie("session")
    check_error(page.callback("x"), 400, "http")


@pytest.mark.parametrize(
    ("own", "status", "kind"),
    [(200, 502, "http"), (400, 400, "http"), (401, 401, "auth"), (403, 403, "http")],
)
def test_own_page_for_csrf_errors(
    app: Flask, client: CallbackClient, own: int, status: int, kind: str
) -> None:
    """So does the page that the application itself has for such an error."""

    @app.errorhandler(CSRFError)
    def show(error: CSRFError) -> tuple[str, int]:
        return f"<h1>{error.description}</h1>", own

    add_page(app, Counter)
    page = client.get_page("/")
    answer = page.callback("x", headers={"X-CSRFToken": "forged"})
    check_error(answer, status, kind)


def test_redirect_for_csrf_errors(app: Flask, client: CallbackClient) -> None:
    """Where the application sends such requests elsewhere, the browser goes."""
    app.register_error_handler(CSRFError, lambda error: redirect("/again"))
    add_page(app, Counter)
    page = client.get_page("/")
    answer = page.callback("x", headers={"X-CSRFToken": "forged"})
    check_redirect(answer, "/again")


def test_stale_state(page: ClientPage) -> None:
    """A good token makes no bad state good."""
    page.state = "forged"
    check_error(page.callback("x"), 400, "stale")


def test_another_site(page: ClientPage) -> None:
    """Nor does it let another site call."""
    answer = page.callback("x", headers={"Sec-Fetch-Site": "cross-site"})
    check_error(answer, 403, "rejected")


@pytest.mark.parametrize("token", [None, "forged"])
@pytest.mark.parametrize("multipart", [False, True])
def test_many_fields(
    app: Flask, client: CallbackClient, token: str | None, multipart: bool
) -> None:
    """The limit of fields holds before Flask-WTF reads the form, and whatever it
    would say of it.
    """
    app.config["CLIENTCALLBACK_MAX_FIELDS"] = 100
    add_page(app, Counter)
    page = client.get_page("/")
    headers = {} if token is None else {"X-CSRFToken": token}
    files = {"file": (io.BytesIO(b"x"), "x.txt")} if multipart else None
    page.form.update({f"f{i}": "" for i in range(100)})
    answer = page.callback("x", headers=headers, files=files)
    check_error(answer, 413, "rejected")


@pytest.mark.parametrize("token", [None, "forged"])
def test_long_body(page: ClientPage, token: str | None) -> None:
    """So does that of the body's length."""
    page.form["name"] = "x" * 1_100_000
    headers = {} if token is None else {"X-CSRFToken": token}
    check_error(page.callback("x", headers=headers), 413, "rejected")


def test_no_content_length(page: ClientPage, client: CallbackClient) -> None:
    """So does that a body has a length."""
    response = client.post(
        "/",
        input_stream=io.BytesIO(b"x" * 100),
        content_type=FORM,
        headers={"X-Client-Callback": "1", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    check_error(CallbackAnswer(response, []), 411, "rejected")


class OrderForm(FlaskForm):
    """A form whose errors are shown in the page."""

    name = StringField(validators=[InputRequired("Enter a name.")])
    count = IntegerField(validators=[NumberRange(1, 9, "From 1 to 9.")])


class Order(Page):
    """Validates its form in a callback."""

    template = TEMPLATE.replace(
        "</form>", "{{ form.hidden_tag() }}{{ form.count() }}</form>"
    )

    def get(self) -> str:
        return render_template_string(self.template, form=OrderForm())

    def raise_callback_event(self, event_argument: str) -> t.Any:
        form = OrderForm()

        if not form.validate_on_submit():
            raise CallbackError("Check the form.", fields=form.errors)

        return [form.name.data, form.count.data]


callback_handler(Order)


def fill(page: ClientPage, name: str, count: str) -> None:
    """Fill in the form of an order."""
    page.form["name"] = name
    page.form["count"] = count


def test_form(app: Flask, client: CallbackClient) -> None:
    """A FlaskForm reads and checks the fields of a callback."""
    add_page(app, Order)
    page = client.get_page("/")
    fill(page, "Ada", "3")
    assert page.callback("x").result == ["Ada", 3]


def test_form_errors(app: Flask, client: CallbackClient) -> None:
    """The messages of its fields are the error's."""
    add_page(app, Order)
    page = client.get_page("/")
    fill(page, "", "30")
    answer = page.callback("x")
    assert answer.status == 422
    assert answer.error == {
        "kind": "invalid",
        "message": "Check the form.",
        "fields": {"name": ["Enter a name."], "count": ["From 1 to 9."]},
    }


def test_form_without_protection_of_all() -> None:
    """A FlaskForm checks its own token where CSRFProtect is not registered."""
    app = make_app()
    ClientCallback(app)
    add_page(app, Order)
    page = CallbackClient(app).get_page("/")
    assert "data-callback-csrf" not in page.text
    fill(page, "Ada", "3")
    assert page.callback("x").result == ["Ada", 3]
    page.form["csrf_token"] = "forged"
    answer = page.callback("x")
    assert answer.error is not None
    assert answer.error["fields"] == {"csrf_token": ["The CSRF token is invalid."]}


def test_errors_of_a_list(app: Flask, client: CallbackClient) -> None:
    """The messages for the entries of a FieldList are texts for the user too."""

    class ListForm(FlaskForm):
        names = FieldList(StringField(validators=[InputRequired("Enter a name.")]))

    @callback_handler
    class Listed(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            form = ListForm()
            assert not form.validate()
            raise CallbackError("Check the form.", fields=form.errors)

    add_page(app, Listed)
    page = client.get_page("/")
    page.form.update({"names-0": "", "names-1": "Ada"})
    answer = page.callback("x")
    assert answer.error is not None
    assert answer.error["fields"] == {"names-0": ["Enter a name."]}


def secure_page(app: Flask, client: CallbackClient) -> ClientPage:
    """Get a page over https."""
    add_page(app, Counter)
    return client.get_page("/", base_url="https://localhost")


def test_https(app: Flask, client: CallbackClient) -> None:
    """Over https Flask-WTF asks for the referrer, which a browser sends."""
    page = secure_page(app, client)
    headers = {"Referer": "https://localhost/"}
    assert page.callback("x", headers=headers).result == 1


@pytest.mark.parametrize(
    "referrer", ["https://evil.example/", "http://localhost/", "https://localhost:8/"]
)
def test_foreign_referrer(app: Flask, client: CallbackClient, referrer: str) -> None:
    """A request from elsewhere is one error."""
    page = secure_page(app, client)
    answer = page.callback("x", headers={"Referer": referrer})
    check_error(answer, 400, "http")


def test_https_in_a_test(app: Flask, client: CallbackClient) -> None:
    """The test client sends the referrer as a browser does."""
    assert secure_page(app, client).callback("x").result == 1
