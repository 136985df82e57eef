"""What ASP.NET's names, and names with a slip, are answered with."""

from __future__ import annotations

import copy
import pickle
import typing as t

import pytest
from flask import Flask
from flask import render_template_string
from jinja2 import StrictUndefined
from jinja2 import UndefinedError

from flask_clientcallback import ClientCallback
from flask_clientcallback import ClientScriptManager
from flask_clientcallback import current_page
from flask_clientcallback import Page as PageObject
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Echo

SCRIPT = "current_page.client_script"


def on_page(app: Flask, work: t.Callable[[], t.Any]) -> t.Any:
    """Do something while a page is loaded, and give what comes of it."""
    app.testing = True
    done: list[t.Any] = []

    class Working(Echo):
        def page_load(self) -> None:
            done.append(work())

    add_page(app, Working)
    client = app.test_client()
    assert isinstance(client, CallbackClient)
    client.get_page("/")
    return done[0]


def fail(owner: object, name: str) -> AttributeError:
    """Get the error of an attribute that is not there."""
    with pytest.raises(AttributeError) as caught:
        getattr(owner, name)

    assert not hasattr(owner, name)
    assert getattr(owner, name, "default") == "default"
    return caught.value


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("IsCallback", "current_page.is_callback"),
        ("isCallback", "current_page.is_callback"),
        ("IsPostBack", "current_page.is_postback"),
        ("is_post_back", "current_page.is_postback"),
        ("ClientScript", "current_page.client_script"),
        ("ViewState", "current_page.view_state"),
        ("FindControl", "current_page.find_control"),
        ("UniqueID", "current_page.unique_id"),
        ("Form", "current_page.form"),
        ("Controls", "current_page.add_control"),
        ("Session", "flask.session"),
        ("Request", "flask.request"),
        ("SupportsXmlHttp", "current_page.supports_xml_http"),
        ("GetPostBackEventReference", f"{SCRIPT}.get_postback_event_reference"),
        ("RegisterStartupScript", f"{SCRIPT}.register_startup_script"),
        ("register_startup_script", f"{SCRIPT}.register_startup_script"),
        ("RegisterClientScriptBlock", f"{SCRIPT}.register_client_script_block"),
    ],
)
def test_names_of_the_page(app: Flask, name: str, meant: str) -> None:
    """The error of ASP.NET's name for a member of the page says how it is called."""
    error = on_page(app, lambda: fail(current_page, name))
    assert str(error) == f"'Page' object has no attribute {name!r}: it is {meant}"
    assert error.name == name


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("GetCallbackEventReference", "get_callback_event_reference"),
        ("GetPostBackEventReference", "get_postback_event_reference"),
        ("GetPostBackClientHyperlink", "get_postback_client_hyperlink"),
        ("GetWebResourceUrl", "get_web_resource_url"),
        ("RegisterStartupScript", "register_startup_script"),
        ("IsClientScriptBlockRegistered", "is_client_script_block_registered"),
        ("RegisterForEventValidation", "register_for_event_validation"),
        ("validateEvent", "validate_event"),
    ],
)
def test_names_of_the_client_script(app: Flask, name: str, meant: str) -> None:
    """So does that of a member of the ClientScriptManager."""
    error = on_page(app, lambda: fail(current_page.client_script, name))
    kind = "ClientScriptManager"
    meant = f"{SCRIPT}.{meant}"
    assert str(error) == f"{kind!r} object has no attribute {name!r}: it is {meant}"


@pytest.mark.parametrize(
    "name", ["Load", "is_callbacks", "_is_callback", "__html__", "x", "Events"]
)
@pytest.mark.parametrize("script", [False, True])
def test_names_of_nothing(app: Flask, name: str, script: bool) -> None:
    """Any other name fails in Python's own words."""

    def work() -> tuple[AttributeError, str]:
        owner = current_page.client_script if script else current_page
        return fail(owner, name), "ClientScriptManager" if script else "Page"

    error, kind = on_page(app, work)
    assert str(error) == f"{kind!r} object has no attribute {name!r}"
    assert error.name == name


def test_property_that_fails() -> None:
    """The AttributeError of what a property calls stays what it is."""
    app = Flask(__name__)
    app.secret_key = "a secret key of the tests"
    app.test_client_class = CallbackClient
    ClientCallback(app, supports_callback=lambda: t.cast(t.Any, None).capable)
    error = on_page(app, lambda: fail(current_page, "supports_callback"))
    assert str(error) == "'NoneType' object has no attribute 'capable'"


def test_copies(app: Flask) -> None:
    """Copying, and pickling as far as it went, goes as without a hint."""

    def work() -> tuple[t.Any, t.Any]:
        page = current_page._get_current_object()  # type: ignore[attr-defined]
        assert copy.copy(page).view is page.view
        script = copy.copy(page.client_script)
        assert script.get_callback_event_reference("__Page", "a", "f")
        return page, script

    on_page(app, work)

    for kind in (PageObject, ClientScriptManager):
        empty = kind.__new__(kind)
        assert type(pickle.loads(pickle.dumps(empty))) is kind
        assert vars(copy.deepcopy(empty)) == {}
        fail(empty, "_kind")


def test_names_in_a_template(app: Flask) -> None:
    """For Jinja the attribute is undefined, as any that is not there."""

    def work() -> None:
        assert render_template_string("{{ current_page.IsCallback }}") == ""
        tests = "{{ current_page.IsCallback is defined, current_page['IsCallback'] }}"
        assert render_template_string(tests).startswith("(False, ")

        with pytest.raises(UndefinedError, match="has no attribute 'FindControl'"):
            render_template_string("{{ current_page.FindControl('x') }}")

        app.jinja_env.undefined = StrictUndefined

        with pytest.raises(UndefinedError, match="has no attribute 'IsCallback'"):
            render_template_string("{{ current_page.IsCallback }}")

    on_page(app, work)


@pytest.mark.parametrize(
    ("keyword", "hint"),
    [
        ("on_sucess", "Is it on_result?"),
        ("on_success", "Is it on_result?"),
        ("onresult", "Is it on_result?"),
        ("on_eror", "Is it on_error?"),
        ("client_callback", "Is it on_result?"),
        ("client_error_callback", "Is it on_error?"),
        ("clientCallback", "Is it on_result?"),
        ("evnt", "Is it event?"),
        ("events", "Is it event?"),
        ("postBack", "Is it postback?"),
        ("Timeout", "Is it timeout?"),
        ("disabled", "Is it disable?"),
        ("x", "There are control, argument, on_result, on_error, args, confirm,"),
    ],
)
def test_keywords_of_callback_attributes(app: Flask, keyword: str, hint: str) -> None:
    """A keyword that there is not is named, with the one that is meant."""
    template = f"{{{{ callback_attributes(current_page, delay=1, {keyword}=1) }}}}"

    def work() -> TypeError:
        with pytest.raises(TypeError) as caught:
            render_template_string(template)

        return caught.value

    message = str(on_page(app, work))
    assert message.startswith(f"callback_attributes() takes no keyword '{keyword}'. ")
    assert hint in message
