"""The public API as an application uses it. Type checkers read this file; nothing
runs it.
"""

from __future__ import annotations

import typing as t
from collections.abc import AsyncGenerator
from collections.abc import Awaitable
from collections.abc import Generator

from flask import Flask
from flask import redirect
from flask import render_template
from flask import session
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from flask.views import View
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from flask_clientcallback import background
from flask_clientcallback import BackgroundFunction
from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import CallbackReference
from flask_clientcallback import CallbackTargetError
from flask_clientcallback import ClientCallback
from flask_clientcallback import ClientCallbackError
from flask_clientcallback import ClientScriptManager
from flask_clientcallback import ConfigurationError
from flask_clientcallback import current_page
from flask_clientcallback import HandlerInterfaceError
from flask_clientcallback import JavaScriptLiteral
from flask_clientcallback import Job
from flask_clientcallback import js_literal
from flask_clientcallback import OutsidePageError
from flask_clientcallback import Page
from flask_clientcallback import RefusedError
from flask_clientcallback import RegistrationError
from flask_clientcallback import run_job
from flask_clientcallback import signals
from flask_clientcallback import StoreError
from flask_clientcallback import StreamError
from flask_clientcallback import ViewState
from flask_clientcallback import ViewStateError
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import CallbackTarget
from flask_clientcallback.testing import ClientPage
from flask_clientcallback.testing import MemoryStore
from flask_clientcallback.testing import PageForm
from flask_clientcallback.testing import PageForms
from flask_clientcallback.testing import SubmitButton
from flask_clientcallback.typing import CallbackEventHandler
from flask_clientcallback.typing import PostBackEventHandler
from flask_clientcallback.typing import RaiseCallbackEvent
from flask_clientcallback.typing import Store

# ---- Applications -------------------------------------------------------------


def user_key() -> str | None:
    name = session.get("name")
    return name if isinstance(name, str) else None


class DefaultTranslations:
    def gettext(self, string: str) -> str:
        return string

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return singular if n == 1 else plural


def create_app() -> Flask:
    app = Flask(__name__)
    app.secret_key = "a secret key"
    ClientCallback(
        app,
        user_key=user_key,
        supports_callback=lambda: True,
        translations=DefaultTranslations(),
    )
    return app


def create_app_later() -> Flask:
    extension = ClientCallback(user_key=lambda: "ada")
    app = Flask(__name__)
    t.assert_type(extension.init_app(app), None)
    return app


extension_without_arguments = ClientCallback()
extension_without_user_key = ClientCallback(Flask(__name__), user_key=None)

# ---- Handlers -----------------------------------------------------------------


@callback_handler
class Greeting(MethodView):
    result: str

    def get(self) -> str:
        return render_template("greeting.html")

    def page_load(self) -> None:
        current_page.view_state.setdefault("visits", 0)

    def raise_callback_event(self, event_argument: str) -> None:
        self.result = f"Hello {event_argument}"

    def get_callback_result(self) -> str:
        return self.result


@callback_handler(view_state=False, max_content_length=10_000)
class Upload(MethodView):
    def get(self, name: str) -> ResponseReturnValue:
        return render_template("upload.html", name=name)

    def post(self, name: str) -> ResponseReturnValue:
        return redirect("/")

    def raise_callback_event(self, event_argument: str) -> dict[str, int]:
        return {name: 1 for name in current_page.files}


@callback_handler(view_state=True, event_validation=True, classic=False)
class Plain(View):
    methods = ("GET", "POST")

    def dispatch_request(self) -> ResponseReturnValue:
        return "plain"

    async def page_init(self) -> None:
        current_page.add_control("grid", Grid())

    def page_pre_load(self) -> ResponseReturnValue | None:
        return redirect("/") if current_page.is_callback else None

    async def raise_callback_event(self, event_argument: str) -> list[str]:
        return [event_argument]


@callback_handler()
class WithoutKeywords(Greeting):
    def raise_postback_event(self, argument: str) -> None:
        self.result = argument


class Grid:
    def raise_callback_event(self, event_argument: str) -> int:
        return len(event_argument)


class AsyncGrid:
    async def raise_callback_event(self, event_argument: str) -> None: ...

    async def get_callback_result(self) -> tuple[int, str]:
        return 1, "row"


one_method: list[RaiseCallbackEvent] = [Grid(), AsyncGrid(), Greeting(), Plain()]
two_methods: list[CallbackEventHandler] = [AsyncGrid(), Greeting(), WithoutKeywords()]

# The decorator gives back the class as it is.
t.assert_type(Greeting().result, str)
t.assert_type(Upload().raise_callback_event("x"), dict[str, int])
t.assert_type(WithoutKeywords().get_callback_result(), str)
greeting_class: type[Greeting] = Greeting


def add_rules(app: Flask) -> None:
    app.add_url_rule("/", view_func=Greeting.as_view("greeting"))
    app.add_url_rule("/upload/<name>", view_func=Upload.as_view("upload"))
    app.add_url_rule("/plain", view_func=Plain.as_view("plain"))


# ---- The current page -----------------------------------------------------------


def use_page() -> None:
    if not current_page:
        return

    t.assert_type(current_page, Page)
    t.assert_type(current_page.view, View)
    t.assert_type(current_page.is_callback, bool)
    t.assert_type(current_page.is_postback, bool)
    t.assert_type(current_page.stage, str | None)
    t.assert_type(current_page.callback_target, str | None)
    t.assert_type(current_page.form, MultiDict[str, str])
    t.assert_type(current_page.form["name"], str)
    t.assert_type(current_page.form.getlist("name"), list[str])
    t.assert_type(current_page.files, MultiDict[str, FileStorage])
    t.assert_type(current_page.view_state, ViewState)
    t.assert_type(current_page.client_script, ClientScriptManager)
    t.assert_type(current_page.add_control("grid", Grid()), None)
    t.assert_type(current_page.unique_id(Grid()), str)
    t.assert_type(current_page.supports_callback, bool)
    t.assert_type(current_page.supports_xml_http, bool)
    grid: Grid | None = current_page.find_control("grid")
    assert grid is not None


def use_view_state(view_state: ViewState) -> None:
    view_state["rows"] = [1, (2, "x"), {"y": None}]
    view_state.update(page=1)
    rows: list[int] = view_state["rows"]
    rows.append(1)
    del view_state["rows"]
    t.assert_type(list(view_state), list[str])
    t.assert_type(len(view_state), int)
    t.assert_type("rows" in view_state, bool)
    t.assert_type(view_state.changed, bool)


def use_client_script(script: ClientScriptManager) -> None:
    t.assert_type(
        script.get_callback_event_reference(
            current_page, "arg", "JSCallback", "context", "JSError", True
        ),
        CallbackReference,
    )
    script.get_callback_event_reference("grid", None, "show")
    script.get_callback_event_reference("'grid'", "arg", "show", "context", True)
    script.get_callback_event_reference(
        Grid(), js_literal({"id": 1}), "show", client_error_callback="fail"
    )
    script.register_client_script_block("block", "function show(result) {}")
    script.register_startup_script("startup", "show(1)")
    t.assert_type(script.is_client_script_block_registered("block"), bool)
    t.assert_type(script.is_startup_script_registered("startup"), bool)
    script.register_client_script_include("include", "/grid.js")
    script.register_on_submit_statement("submit", "if (busy) return false")
    script.register_array_declaration("grids", None)
    script.register_array_declaration("grids", js_literal("grid"))
    script.register_hidden_field("page", "1")
    t.assert_type(script.is_client_script_include_registered("include"), bool)
    t.assert_type(script.is_on_submit_statement_registered("submit"), bool)
    t.assert_type(script.get_web_resource_url("clientcallback.mjs"), str)
    t.assert_type(
        script.get_postback_event_reference(Grid(), "sort"), CallbackReference
    )
    t.assert_type(script.get_postback_client_hyperlink("grid"), CallbackReference)
    t.assert_type(
        script.get_callback_attributes(
            "grid", 5, "show", event="change", policy="latest", delay=250, disable=True
        ),
        Markup,
    )
    script.register_for_event_validation("grid", "sort")
    script.validate_event(current_page)


def use_literals() -> None:
    literal = js_literal({"a": [1, None, "x"]})
    t.assert_type(literal, JavaScriptLiteral)
    markup: Markup = literal
    text: str = markup
    value: dict[str, t.Any] = literal.value
    print(text, value)


# ---- Errors ---------------------------------------------------------------------


def fail(errors: dict[str, list[str]], reason: str) -> t.NoReturn:
    if reason == "status":
        raise CallbackError("Not yours.", 403)

    if reason == "fields":
        raise CallbackError("Wrong.", fields={"name": "Missing.", "age": ("A", "B")})

    raise CallbackError(message="Wrong.", status=409, fields=errors)


def read_errors(error: CallbackError, refusal: RefusedError) -> None:
    t.assert_type(error.message, str)
    t.assert_type(error.status, int)
    t.assert_type(error.fields, dict[str, list[str]] | None)
    t.assert_type(refusal.reason, str)
    t.assert_type(refusal.status, int)
    t.assert_type(refusal.kind, t.Literal["rejected", "stale"])
    http_errors: list[HTTPException] = [error, refusal]
    print(http_errors)


every_error: list[type[ClientCallbackError]] = [
    CallbackError,
    CallbackTargetError,
    ConfigurationError,
    HandlerInterfaceError,
    OutsidePageError,
    RefusedError,
    RegistrationError,
    StreamError,
    ViewStateError,
]


def handle_errors(app: Flask) -> None:
    @app.errorhandler(ClientCallbackError)
    def handle(error: ClientCallbackError) -> ResponseReturnValue:
        return str(error), 400

    print(handle)


# ---- Signals --------------------------------------------------------------------


def connect(app: Flask) -> None:
    @signals.page_load.connect_via(app)
    def loaded(sender: Flask, page: Page, **extra: t.Any) -> None:
        t.assert_type(page.view_state, ViewState)

    @signals.callback_rejected.connect
    def rejected(sender: Flask, reason: str, **extra: t.Any) -> None:
        print(reason)

    async def failed(
        sender: Flask,
        page: Page,
        exception: Exception,
        error_id: str | None,
        **extra: t.Any,
    ) -> None:
        print(exception, error_id)

    signals.callback_error.connect(failed, app)
    print(loaded, rejected)


# ---- Tests of an application -----------------------------------------------------


def use_test_client(app: Flask) -> None:
    client = CallbackClient(app)
    page = client.get_page("/", headers={"Accept": "text/html"})
    t.assert_type(page, ClientPage)
    t.assert_type(page.status, int)
    t.assert_type(page.text, str)
    t.assert_type(page.state, str | None)
    t.assert_type(page.stages, list[str])
    t.assert_type(page.form, PageForm)
    as_mapping: MultiDict[str, str] = page.form
    t.assert_type(page.form["name"], str)
    t.assert_type(page.form.copy(), PageForm)
    t.assert_type(page.form.buttons, list[SubmitButton])
    t.assert_type(page.forms, PageForms)
    t.assert_type(page.forms["login"], PageForm)
    t.assert_type(page.forms[0], PageForm)
    t.assert_type(page.forms[1:], PageForms)
    t.assert_type(page.response, TestResponse)
    t.assert_type(page.events, str | None)
    t.assert_type(page.post_back(), ClientPage)
    t.assert_type(page.post_back("grid", "sort"), ClientPage)
    t.assert_type(page.submit("Order", form=page.forms[0]), ClientPage)
    t.assert_type(page.submit(form="login", follow_redirects=True), ClientPage)
    t.assert_type(page.call, CallbackTarget)
    t.assert_type(page.call.price("ACME", quantity=3), CallbackAnswer)
    t.assert_type(page.target("cart", form="login").remove("pen"), CallbackAnswer)
    print(as_mapping, page.callback("x", form=page.form))

    page.form["name"] = "Ada"
    answer = page.callback("x", "grid", headers={"X-A": "1"}, files=None)
    t.assert_type(answer, CallbackAnswer)
    t.assert_type(answer.status, int)
    t.assert_type(answer.stages, list[str])
    t.assert_type(answer.error, dict[str, t.Any] | None)
    t.assert_type(answer.redirect, str | None)
    t.assert_type(answer.state, str | None)
    t.assert_type(answer.events, str | None)
    t.assert_type(answer.response, TestResponse)
    result: list[int] = answer.result
    print(result)


def use_protocols(handler: CallbackEventHandler, button: PostBackEventHandler) -> None:
    button.raise_postback_event("x")
    raised: t.Any | Awaitable[t.Any] = handler.raise_callback_event("x")
    result: t.Any | Awaitable[t.Any] = handler.get_callback_result()
    print(raised, result)


# ---- Background jobs ----------------------------------------------------------


@background
def add(one: int, other: int = 0) -> int:
    return one + other


@background(overlap="keep")
def build_report(year: int) -> Generator[float, None, dict[str, str]]:
    yield 0.5
    return {"text": str(year)}


@background()
async def fetch(url: str) -> str | None:
    return url


@background(overlap="refuse")
async def fetch_all(urls: list[str]) -> AsyncGenerator[float, None]:
    for done in range(len(urls)):
        yield done / len(urls)


def jobs() -> None:
    t.assert_type(current_page.start_job(add, 1, other=2), Job[int])
    job = current_page.start_job(build_report, 2027)
    t.assert_type(job, Job[dict[str, str]])
    t.assert_type(current_page.find_job(build_report), Job[dict[str, str]] | None)
    t.assert_type(current_page.start_job(fetch, "/"), Job[str | None])
    t.assert_type(current_page.start_job(fetch_all, ["/"]), Job[None])
    t.assert_type(job.id, str)
    t.assert_type(job.is_over, bool)
    t.assert_type(job.result, dict[str, str] | None)
    t.assert_type(job.error, CallbackError | None)
    t.assert_type(add(1), int)
    t.assert_type(build_report(2027), Generator[t.Any, t.Any, dict[str, str]])
    job.cancel()
    job.refresh()

    if job.state == "interrupted":
        raise StoreError

    current_page.start_job(add)  # type: ignore[call-arg] # pyright: ignore
    current_page.start_job(add, "1")  # type: ignore[arg-type] # pyright: ignore
    current_page.start_job(user_key)  # type: ignore[arg-type] # pyright: ignore


def marked(function: BackgroundFunction[[int], int, int]) -> str:
    return function.full_name


def store_of_tests() -> Store:
    return MemoryStore()


def engines(app: Flask) -> None:
    ClientCallback(app, start_job=run_job)
    ClientCallback(app, start_job=lambda job_id: len(job_id))
    ClientCallback(app, start_job=len)
