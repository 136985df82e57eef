"""What a page gives to templates and to its own code."""

from __future__ import annotations

import io
import re
import typing as t

import pytest
from flask import Blueprint
from flask import Flask
from flask import render_template_string
from flask import request
from flask import session
from flask.views import MethodView
from flask_wtf import CSRFProtect

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackTargetError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import js_literal
from flask_clientcallback import RegistrationError
from flask_clientcallback import ViewStateError
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Echo
from ..helpers.pages import Page


def render(
    app: Flask,
    client: CallbackClient,
    template: str,
    path: str = "/",
    **hooks: t.Callable[[t.Any], t.Any],
) -> str:
    """Get the text of a page with a template and hooks."""
    add_page(app, type("Rendered", (Echo,), {"template": template, **hooks}))
    return client.get_page(path).text


REFERENCE = "{{ get_callback_event_reference(%s) }}"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            'current_page, "arg", "JSCallback", "context"',
            "WebForm_DoCallback('__Page',arg,JSCallback,context,null,false)",
        ),
        (
            'current_page, "arg", "JSCallback", "context", "JSError", true',
            "WebForm_DoCallback('__Page',arg,JSCallback,context,JSError,true)",
        ),
        (
            'current_page.view, "arg", "f", none',
            "WebForm_DoCallback('__Page',arg,f,null,null,false)",
        ),
        (
            '"grid", none, "f", "", none, false',
            "WebForm_DoCallback('grid',null,f,\"\",null,false)",
        ),
        (
            'current_page.find_control("grid"), "", "f"',
            "WebForm_DoCallback('grid',\"\",f,null,null,false)",
        ),
        (
            'current_page, "a"|js_literal, "f"',
            "WebForm_DoCallback('__Page',`a`,f,null,null,false)",
        ),
        (
            'current_page, ("a"|js_literal)[:0], "f"',
            "WebForm_DoCallback('__Page',\"\",f,null,null,false)",
        ),
    ],
)
def test_reference(
    app: Flask, client: CallbackClient, arguments: str, expected: str
) -> None:
    """References are ASP.NET's, and are printed as they are."""

    class Grid:
        def raise_callback_event(self, event_argument: str) -> None: ...

    def add_grid(page: t.Any) -> None:
        current_page.add_control("grid", Grid())

    text = render(app, client, REFERENCE % arguments, page_init=add_grid)
    assert text == expected


def test_reference_in_each_row(app: Flask, client: CallbackClient) -> None:
    """Each row of a table has its own argument, and is written anew."""
    template = (
        "{% for name in ('a b', 'c', 'a b') %}"
        '{{ get_callback_event_reference(current_page, name|js_literal, "f") }};'
        "{% endfor %}"
    )
    row = "WebForm_DoCallback('__Page',`{}`,f,null,null,false);".format
    expected = row("a\\u0020b") + row("c") + row("a\\u0020b")
    assert render(app, client, template) == expected


def test_reference_in_other_source(app: Flask, client: CallbackClient) -> None:
    """What a reference is put together with stays as it is."""

    def register(page: t.Any) -> None:
        script = current_page.client_script
        reference = script.get_callback_event_reference(current_page, "a", "f")
        script.register_startup_script("x", 'let b = "<" && ' + reference + ' + "&"')

    text = render(app, client, "{{ callback_scripts() }}", page_load=register)
    assert 'let b = "<" && WebForm_DoCallback(' in text
    assert text.endswith(') + "&"</script>')


def test_reference_in_python(app: Flask, client: CallbackClient) -> None:
    """The method gives what the template global gives, again and again."""
    found: list[str] = []

    def reference(page: t.Any) -> None:
        for argument in ("a", "b", "a"):
            found.append(
                current_page.client_script.get_callback_event_reference(
                    current_page, argument, "f"
                )
            )

    render(app, client, "", page_load=reference)
    assert [reference[28:29] for reference in found] == ["a", "b", "a"]


@pytest.mark.parametrize("argument", ['"nowhere"', '"label"', "none", "1"])
def test_reference_to_no_handler(
    app: Flask, client: CallbackClient, argument: str
) -> None:
    """A reference to what is no handler of the page says so."""
    app.testing = True

    def add_label(page: t.Any) -> None:
        current_page.add_control("label", object())

    with pytest.raises(CallbackTargetError):
        render(app, client, REFERENCE % f'{argument}, "a", "f"', page_init=add_label)


def test_fields(app: Flask, client: CallbackClient) -> None:
    """The fields carry the state, and only the first has an id."""
    text = render(app, client, "{{ callback_fields() }}|{{ callback_fields() }}")
    first, second = text.split("|")
    assert re.fullmatch(
        '<input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="[^"]+"'
        ' autocomplete="off" data-callback-page="[\\w-]{16}" data-callback-url="/">',
        first,
    )
    assert second == first.replace(' id="__VIEWSTATE"', "")


def test_scripts(app: Flask, client: CallbackClient) -> None:
    """The script comes first, then what was registered; once, with the nonce."""

    def register(page: t.Any) -> None:
        script = current_page.client_script
        script.register_startup_script("start", "start()")
        script.register_client_script_block("one", "let one = 1")
        script.register_client_script_block("one", "let one = 2")
        assert script.is_client_script_block_registered("one")
        assert script.is_startup_script_registered("start")
        assert not script.is_client_script_block_registered("start")
        assert not script.is_startup_script_registered("one")

    template = (
        "{{ callback_fields() }}|{{ callback_scripts('n') }}|{{ callback_scripts() }}"
    )
    text = render(app, client, template, "/?a=b&c=%22", page_load=register)
    _, scripts, again = text.split("|")
    assert re.fullmatch(
        r'<script src="/_clientcallback/[0-9a-f]{16}/clientcallback\.js"'
        r' data-callback-page="[\w-]{16}" data-callback-url="/\?a=b&amp;c=%22"'
        r' nonce="n"></script>\n'
        r'<script nonce="n">let one = 1</script>\n'
        r'<script nonce="n">start\(\)</script>',
        scripts,
    )
    assert again == ""


def test_registering_too_late(app: Flask, client: CallbackClient) -> None:
    """A script that would be lost is an error that says what to move."""
    app.testing = True

    def register(page: t.Any) -> None:
        current_page.client_script.register_startup_script("late", "x()")

    with pytest.raises(RegistrationError, match=r"'late'.*callback_scripts"):
        render(app, client, "{{ callback_scripts() }}", page_render=register)


@pytest.mark.parametrize("script", ["</script>", "<SCRIPT>x", "<!-- x"])
def test_script_that_ends_its_element(
    app: Flask, client: CallbackClient, script: str
) -> None:
    """A script that would break out of its element is an error."""
    app.testing = True

    def register(page: t.Any) -> None:
        current_page.client_script.register_client_script_block("x", script)

    with pytest.raises(ValueError, match="js_literal"):
        render(app, client, "", page_load=register)


def test_page_without_fields(app: Flask, client: CallbackClient) -> None:
    """A page needs no form: the script carries the state."""
    add_page(app, type("Bare", (Echo,), {"template": "{{ callback_scripts() }}"}))
    page = client.get_page("/")
    assert "data-callback-state=" in page.text
    assert page.callback("x").result == "x"
    assert page.stages[-4:] == ["save_state", "save_state_complete", "render", "unload"]


def test_fields_replace_the_scripts_state(app: Flask, client: CallbackClient) -> None:
    """What changes between the scripts and the fields is kept."""
    template = """
    {{ callback_scripts() }}{% set _ = current_page.view_state.update(x=1) %}
    {{ callback_fields() }}
    """

    @callback_handler
    class Between(Page):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            return current_page.view_state["x"]

    Between.template = template
    add_page(app, Between)
    assert client.get_page("/").callback().result == 1


@pytest.mark.parametrize(
    "template",
    [
        "{{ callback_fields() }}{% set _ = current_page.view_state.update(x=1) %}",
        "{{ callback_scripts() }}{% set _ = current_page.view_state.update(x=1) %}",
        "{{ callback_fields() }}{% set _ = current_page.view_state.list.append(1) %}",
        "{{ callback_scripts() }}{% set _ = current_page.view_state.list.append(1) %}",
    ],
)
def test_change_after_saving(app: Flask, client: CallbackClient, template: str) -> None:
    """A change of the view state that came too late is an error, not a loss."""
    app.testing = True

    def load(page: t.Any) -> None:
        current_page.view_state.setdefault("list", [])

    with pytest.raises(ViewStateError):
        render(app, client, template, page_load=load)


def test_change_after_a_callback(app: Flask, client: CallbackClient) -> None:
    """So is one when a callback's state is written."""
    app.testing = True

    class Late(Echo):
        def page_unload(self) -> None:
            if current_page.is_callback:
                current_page.view_state["x"] = 1

    add_page(app, Late)
    page = client.get_page("/")

    with pytest.raises(ViewStateError):
        page.callback("x")


def test_value_that_is_not_json(app: Flask, client: CallbackClient) -> None:
    """A value that cannot be kept is named by its key."""
    app.testing = True

    def load(page: t.Any) -> None:
        current_page.view_state["good"] = 1
        current_page.view_state["connection"] = object()

    with pytest.raises(ViewStateError, match=r"view_state\['connection'\].*object"):
        render(app, client, "{{ callback_fields() }}", page_load=load)


def test_value_that_a_callback_spoils(app: Flask, client: CallbackClient) -> None:
    """So is one that is put into a list which was saved."""

    @callback_handler
    class Spoiling(Page):
        def page_pre_render(self) -> None:
            current_page.view_state["list"] = []

        def raise_callback_event(self, event_argument: str) -> None:
            current_page.view_state["list"].append(object())

    app.testing = True
    add_page(app, Spoiling)
    page = client.get_page("/")

    with pytest.raises(ViewStateError, match=r"view_state\['list'\].*object"):
        page.callback()


def test_saved_state_lies_over_defaults(app: Flask, client: CallbackClient) -> None:
    """As in ASP.NET, what page_init sets is a default."""

    @callback_handler
    class Defaulted(Page):
        def page_init(self) -> None:
            current_page.view_state["x"] = "default"

        def page_pre_render(self) -> None:
            current_page.view_state["x"] = "saved"

        def raise_callback_event(self, event_argument: str) -> t.Any:
            return current_page.view_state["x"]

    add_page(app, Defaulted)
    page = client.get_page("/")
    answer = page.callback()
    assert (answer.result, answer.state) == ("saved", None)


@pytest.mark.parametrize(
    "expression",
    [
        "current_page.form",
        'get_callback_event_reference(current_page, "a", "f")',
        "callback_fields()",
        "callback_scripts()",
    ],
)
def test_outside_a_page(app: Flask, expression: str) -> None:
    """Outside a page, a global's error says where it works."""
    with app.test_request_context():
        with pytest.raises(RuntimeError, match="@callback_handler"):
            render_template_string("{{" + expression + "}}")

        assert render_template_string("{{ 'a b'|js_literal }}") == "`a\\u0020b`"
        assert not current_page

    with pytest.raises(RuntimeError, match="@callback_handler"):
        _ = current_page.form


def test_application_without_the_extension() -> None:
    """A page of such an application says what to call."""
    app = Flask(__name__)
    app.testing = True
    add_page(app, Echo)

    with pytest.raises(RuntimeError, match=r"ClientCallback\(app\)"):
        app.test_client().get("/")


def test_application_without_a_secret_key() -> None:
    """A page of such an application says what to set."""
    app = Flask(__name__)
    app.testing = True
    ClientCallback(app)
    add_page(app, Echo)

    with pytest.raises(RuntimeError, match="SECRET_KEY"):
        app.test_client().get("/")


def test_second_registration(app: Flask) -> None:
    """An application has client callbacks once."""
    assert "clientcallback" in app.extensions

    with pytest.raises(RuntimeError, match="once"):
        ClientCallback(app)


def test_application_factory() -> None:
    """One extension object serves several applications."""
    extension = ClientCallback()

    for name in ("one", "two"):
        app = Flask(name)
        app.secret_key = name
        extension.init_app(app)
        add_page(app, Echo)
        assert CallbackClient(app).get_page("/").callback(name).result == name


@pytest.mark.parametrize("given", [Blueprint("part", __name__), Flask])
def test_no_flask_application(given: t.Any) -> None:
    """What is no Flask application is refused by name, and stays as it is."""
    before = repr(vars(given))

    for initialise in (ClientCallback, ClientCallback().init_app):
        with pytest.raises(TypeError) as caught:
            initialise(given)

        assert f"for a flask.Flask, not {given!r}. A blueprint" in str(caught.value)

    assert repr(vars(given)) == before


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_resource(app: Flask, client: CallbackClient, encoding: str) -> None:
    """The script is immutable under its address, and nothing else is there."""
    text = render(app, client, "{{ callback_scripts() }}")
    found = re.search('src="([^"]+)"', text)
    assert found is not None
    address = found[1]
    response = client.get(address, headers={"Accept-Encoding": encoding})
    assert response.status_code == 200
    assert response.content_type == "text/javascript; charset=utf-8"
    assert response.cache_control.immutable
    assert "Set-Cookie" not in response.headers
    assert response.headers.get("Content-Encoding", "identity") == encoding
    assert "Accept-Encoding" in response.vary


def test_resource_with_a_session(app: Flask, client: CallbackClient) -> None:
    """A session that each response refreshes leaves the script alone: caches that
    many users share keep it.
    """

    def visit() -> str:
        session.permanent = True
        session["a"] = "b"
        return "visited"

    app.add_url_rule("/visit", view_func=visit)
    app.add_url_rule("/other", view_func=lambda: "other")
    add_page(app, type("Shown", (Echo,), {"template": "{{ callback_scripts() }}"}))
    assert "Set-Cookie" in client.get("/visit").headers
    assert "Set-Cookie" in client.get("/other").headers
    found = re.search('src="([^"]+)"', client.get("/").text)
    assert found is not None
    response = client.get(found[1])
    assert "Set-Cookie" not in response.headers
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path",
    [
        "0123456789abcdef/clientcallback.js",
        "{version}/other.js",
        "{version}/../clientcallback.js",
        "{version}/..%2fextension.py",
        "{version}/%00",
    ],
)
def test_other_resources(app: Flask, client: CallbackClient, path: str) -> None:
    """Anything else is not found, and that is not stored."""
    text = render(app, client, "{{ callback_scripts() }}")
    [version] = re.findall("/_clientcallback/(.+?)/", text)
    response = client.get("/_clientcallback/" + path.format(version=version))
    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "no-store"


def test_csrf_token(app: Flask, client: CallbackClient) -> None:
    """Where Flask-WTF protects every POST, the page carries its token."""
    app.config["WTF_CSRF_SSL_STRICT"] = False
    CSRFProtect(app)
    add_page(app, Echo)
    page = client.get_page("/")
    assert page.callback("x").result == "x"
    answer = page.callback("x", headers={"X-CSRFToken": "forged"})
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (400, "http")


def test_form(app: Flask, client: CallbackClient) -> None:
    """The form has the controls' values, without the protocol's fields, also for
    those who ask Flask.
    """

    @callback_handler
    class Form(MethodView):
        def get(self) -> dict[str, str]:
            return current_page.form.to_dict()

        def raise_callback_event(self, event_argument: str) -> t.Any:
            return sorted(current_page.form), sorted(request.form)

    class Shown(Form):
        def get(self) -> t.Any:
            return render_template_string(
                "<form>{{ callback_fields() }}<input name=a></form>"
                "{{ callback_scripts() }}"
            )

    add_page(app, Form, "/form")
    add_page(app, Shown)
    assert client.get("/form?a=b").json == {}
    assert client.get_page("/").callback().result == [["a"], ["a"]]
    answer = client.get_page("/").callback(files={"f": (io.BytesIO(b""), "f.txt")})
    assert answer.result == [["a"], ["a"]]


def test_literal_as_argument(app: Flask, client: CallbackClient) -> None:
    """A literal made in Python stands in a reference as it is."""

    def load(page: t.Any) -> None:
        current_page.client_script.register_startup_script(
            "x",
            current_page.client_script.get_callback_event_reference(
                current_page, js_literal("</script>"), "f"
            ),
        )

    text = render(app, client, "{{ callback_scripts() }}", page_load=load)
    assert "\\u003c\\u002fscript\\u003e" in text
