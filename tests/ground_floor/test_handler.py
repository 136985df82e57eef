"""``@callback_handler``: which classes it takes, and what guards their methods."""

from __future__ import annotations

import functools
import re
import typing as t

import pytest
from flask import abort
from flask import Flask
from flask import redirect
from flask import render_template_string
from flask import request
from flask import Response
from flask import stream_with_context
from flask.views import MethodView
from flask.views import View
from werkzeug.exceptions import Gone

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import CallbackTargetError
from flask_clientcallback import current_page
from flask_clientcallback import HandlerInterfaceError
from flask_clientcallback import RefusedError
from flask_clientcallback.testing import CallbackClient

from ..helpers.offers import recorded_reasons
from ..helpers.pages import add_page
from ..helpers.pages import Counter
from ..helpers.pages import Echo
from ..helpers.pages import Page
from ..helpers.pages import TEMPLATE


def test_class_without_the_interface() -> None:
    """The error names the class and what it lacks."""
    with pytest.raises(TypeError, match=r"Lacking.*raise_callback_event"):

        @callback_handler
        class Lacking(MethodView):
            def get_callback_result(self) -> str:
                return ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("RaiseCallbackEvent", "raise_callback_event"),
        ("raiseCallbackEvent", "raise_callback_event"),
        ("raise_callback_events", "raise_callback_event"),
        ("OnLoad", "page_load"),
        ("on_load", "page_load"),
        ("Page_Load", "page_load"),
        ("page_onload", "page_load"),
        ("OnInit", "page_init"),
    ],
)
def test_class_with_another_spelling(written: str, meant: str) -> None:
    """So does what the class has in its place, be it inherited."""

    def method(self: t.Any) -> None: ...

    method.__qualname__ = f"Base.{written}"
    base = type("Base", (MethodView,), {written: method, "page_title": method})

    with pytest.raises(HandlerInterfaceError) as caught:
        callback_handler(type("Ported", (base,), {}))

    message = str(caught.value)
    assert message.startswith("Ported is marked @callback_handler and lacks")
    assert message.endswith(f" Base.{written} is probably meant to be {meant}.")


def test_class_without_anything_alike() -> None:
    """Methods that are like none of them are not named."""

    class Ordinary(MethodView):
        def load(self) -> None: ...

        def page_upload(self) -> None: ...

        on_load = "no method"

    with pytest.raises(HandlerInterfaceError) as caught:
        callback_handler(Ordinary)

    assert "probably" not in str(caught.value)


@pytest.mark.parametrize("hook", ["page_pre_init", "page_init", "page_load"])
def test_page_that_hosts_controls(
    app: Flask, client: CallbackClient, hook: str
) -> None:
    """A page may be no handler itself, where a hook may add some."""

    def add(self: t.Any) -> None:
        current_page.add_control("echo", Echo())

    add_page(app, callback_handler(type("Hosting", (Page,), {hook: add})))
    assert client.get_page("/").callback("x", target="echo").result == "x"


@pytest.mark.parametrize(
    "hook", ["page_init_complete", "page_load_complete", "page_unload"]
)
def test_page_that_cannot_host_controls(hook: str) -> None:
    """A hook that is no place to add controls does not make it one."""
    hosting = type("Hosting", (Page,), {hook: lambda self: None})

    with pytest.raises(HandlerInterfaceError, match=r"Hosting.*page_init"):
        callback_handler(hosting)

    with pytest.raises(HandlerInterfaceError, match="Hosting"):
        callback_handler(type("Hosting", (Page,), {"page_init": "no method"}))


class Hosting(Page):
    """A page without controls so far."""

    def page_init(self) -> None: ...


def test_call_to_a_page_that_hosts_controls(app: Flask, client: CallbackClient) -> None:
    """A call to such a page itself is refused, with the reason in the log."""
    add_page(app, callback_handler(Hosting))
    page = client.get_page("/")

    with recorded_reasons(app) as reasons:
        answer = page.callback("x")

    assert answer.status == 404
    assert answer.error is not None
    assert answer.error["kind"] == "rejected"
    assert reasons == ["target is not a handler: Hosting has no raise_callback_event"]


def test_reference_to_a_page_that_hosts_controls(
    app: Flask, client: CallbackClient
) -> None:
    """A reference to it is an error that names its class."""
    app.testing = True
    template = "{{ get_callback_event_reference(current_page, 'x', 'f') }}"
    add_page(app, callback_handler(type("Bare", (Hosting,), {"template": template})))

    with pytest.raises(CallbackTargetError, match=r"'__Page', a Bare, does not handle"):
        client.get_page("/")


@pytest.mark.parametrize("marked", [object, len, "Greeting"])
def test_no_view_class(marked: t.Any) -> None:
    """Only view classes can be handlers."""
    with pytest.raises(HandlerInterfaceError, match="marks a view class"):
        callback_handler(marked)


def test_shared_instances() -> None:
    """A view whose objects are shared between requests is refused."""
    with pytest.raises(TypeError, match=r"Shared.*init_every_request"):

        @callback_handler
        class Shared(Echo):
            init_every_request = False


def test_shared_instances_of_a_subclass() -> None:
    """So is one whose subclass shares them, directly or through a mixin."""
    with pytest.raises(TypeError, match=r"Shared.*init_every_request"):

        class Shared(Echo):
            init_every_request = False

    class Mixin:
        init_every_request = False

    with pytest.raises(TypeError, match=r"Mixed.*init_every_request"):

        class Mixed(Mixin, Echo):
            pass


def test_each_request_has_an_object_of_its_own(
    app: Flask, client: CallbackClient
) -> None:
    """What a handler keeps on itself is gone with the request."""

    @callback_handler
    class Remembering(Page):
        def raise_callback_event(self, event_argument: str) -> bool:
            seen = hasattr(self, "seen")
            self.seen = True
            return seen

    add_page(app, Remembering)
    page = client.get_page("/")
    assert [page.callback().result for _ in range(3)] == [False] * 3


def test_interface_of_two_methods(app: Flask, client: CallbackClient) -> None:
    """get_callback_result gives the result, whatever the first method returns."""

    @callback_handler
    class Released(Page):
        def raise_callback_event(self, event_argument: str) -> str:
            self.argument = event_argument
            return "not this"

        def get_callback_result(self) -> str:
            return f"Hello {self.argument}"

    add_page(app, Released)
    assert client.get_page("/").callback("Ada").result == "Hello Ada"


def test_subclass_and_mixin_override_methods(
    app: Flask, client: CallbackClient
) -> None:
    """Methods overridden in a subclass or a mixin run in the life cycle."""

    class Mixin:
        def get(self) -> str:
            return f"mixin {render_template_string(TEMPLATE)}"

    class Derived(Mixin, Counter):
        def raise_callback_event(self, event_argument: str) -> None:
            current_page.view_state["count"] = 10
            super().raise_callback_event(event_argument)

    add_page(app, Derived)
    page = client.get_page("/")
    assert page.text.startswith("mixin")
    assert page.callback().result == 11
    assert page.stages.count("unload") == 1


def test_subclass_overrides_a_plain_view(app: Flask, client: CallbackClient) -> None:
    """A plain View's subclass that renders otherwise is a page all the same."""

    @callback_handler
    class Plain(View):
        def dispatch_request(self) -> str:
            return render_template_string(TEMPLATE)

        def raise_callback_event(self, event_argument: str) -> str:
            return event_argument

    class Derived(Plain):
        def dispatch_request(self) -> str:
            return f"derived {super().dispatch_request()}"

    add_page(app, Derived)
    page = client.get_page("/")
    assert page.text.startswith("derived")
    assert page.stages.count("pre_init") == 1
    assert page.callback("x").result == "x"


def test_own_init_subclass_still_runs() -> None:
    """A class that watches its subclasses goes on doing so."""
    seen: list[tuple[str, str]] = []

    @callback_handler
    class Watching(Page):
        def __init_subclass__(cls, label: str = "", **keywords: t.Any) -> None:
            super().__init_subclass__(**keywords)
            seen.append((cls.__name__, label))

        def raise_callback_event(self, event_argument: str) -> None: ...

    class Derived(Watching, label="x"):
        pass

    class Further(Derived):
        pass

    assert seen == [("Derived", "x"), ("Further", "")]
    assert "POST" in vars(Derived.as_view("derived"))["methods"]


class Bare(MethodView):
    """Has no method for a request but a callback."""

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


class Rendering(View):
    """Is no MethodView."""

    def dispatch_request(self) -> str:
        return ""

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


class Listed(Rendering):
    """Says itself what it takes."""

    methods: t.ClassVar[list[str]] = ["put"]


@pytest.mark.parametrize(
    ("view_class", "own", "taken"),
    [
        (type("Getting", (Bare,), {"get": Page.get}), {"GET"}, {"GET", "HEAD"}),
        (Bare, None, set()),
        (Rendering, None, {"GET", "HEAD"}),
        (Listed, ["put"], {"PUT"}),
    ],
)
def test_methods_of_others(
    app: Flask, view_class: type[View], own: t.Any, taken: set[str]
) -> None:
    """A page's address takes a POST more than the class, whose methods others look up,
    OpenAPI packages say. So does that of a subclass.
    """

    class Derived(callback_handler(type("Marked", (view_class,), {}))):  # type: ignore[misc]
        pass

    add_page(app, Derived)
    assert Derived.methods == own
    [rule] = app.url_map.iter_rules("derived")
    assert rule.methods == {*taken, "OPTIONS", "POST"}


def test_own_way_to_a_view(app: Flask, client: CallbackClient) -> None:
    """A class that makes its view another way takes callbacks all the same."""

    class Wrapping(Echo):
        @classmethod
        def as_view(cls, name: str, *values: t.Any, **keywords: t.Any) -> t.Any:
            made = super().as_view(name, *values, **keywords)
            view: t.Any = functools.wraps(made)(lambda **values: made(**values))
            view.methods = ["GET"]
            return view

    add_page(app, Wrapping)
    assert client.get_page("/").callback("x").result == "x"


def test_permission_check_in_a_base_class(app: Flask, client: CallbackClient) -> None:
    """A check in dispatch_request guards callbacks too."""

    class Checked(MethodView):
        def dispatch_request(self, **values: t.Any) -> t.Any:
            if "X-Key" not in request.headers:
                abort(403)

            return super().dispatch_request(**values)

    ran: list[str] = []

    @callback_handler
    class Guarded(Checked):
        def get(self) -> str:
            return render_template_string(TEMPLATE)

        def raise_callback_event(self, event_argument: str) -> str:
            ran.append(event_argument)
            return event_argument

    add_page(app, Guarded)
    page = client.get_page("/", headers={"X-Key": "1"})
    answer = page.callback("x")
    assert answer.status == 403
    assert answer.error is not None
    assert answer.stages == []
    assert ran == []
    assert page.callback("x", headers={"X-Key": "1"}).result == "x"


CHECKS: dict[str, tuple[t.Callable[[], t.Any], int, dict[str, t.Any]]] = {
    "abort": (lambda: abort(403, "Not for you."), 403, {"kind": "http"}),
    "response": (
        lambda: abort(Response("<p>Not for you.", 403)),
        403,
        {"kind": "http", "message": "Forbidden."},
    ),
    "response of an error": (
        lambda: raise_error(Gone(response=Response("<p>Not for you.", 410))),
        410,
        {"kind": "http", "message": "Gone."},
    ),
    "error": (
        lambda: raise_error(CallbackError("Not for you.", 402)),
        402,
        {"kind": "server"},
    ),
    "fields": (
        lambda: raise_error(CallbackError("Not for you.", fields={"a": "No."})),
        422,
        {"kind": "invalid", "fields": {"a": ["No."]}},
    ),
    "login": (lambda: abort(401, "Not for you."), 401, {"kind": "auth"}),
}


def raise_error(error: Exception) -> t.NoReturn:
    """Raise an error in an expression."""
    raise error


@pytest.mark.parametrize(("check", "status", "told"), CHECKS.values(), ids=CHECKS)
def test_message_of_a_check(
    app: Flask,
    client: CallbackClient,
    check: t.Callable[[], t.Any],
    status: int,
    told: dict[str, t.Any],
) -> None:
    """What a check says reaches the page, as it does from a handler. Only a whole
    response is not looked into.
    """

    class Guarded(Echo):
        def dispatch_request(self, **values: t.Any) -> t.Any:
            if request.method == "POST":
                check()

            return super().dispatch_request(**values)

    add_page(app, Guarded)
    answer = client.get_page("/").callback("x")
    assert (answer.status, answer.stages) == (status, [])
    assert answer.error == {"message": "Not for you.", **told}


def test_error_handler_for_a_check(app: Flask, client: CallbackClient) -> None:
    """An error handler of the application may still make something else of it."""

    class Guarded(Echo):
        def dispatch_request(self, **values: t.Any) -> t.Any:
            if request.method == "POST":
                abort(403, "Not for you.")

            return super().dispatch_request(**values)

    answers: list[t.Any] = [redirect("/login"), ("<p>Gone", 410), ("<p>No", 403)]
    app.register_error_handler(403, lambda error: answers.pop(0))
    add_page(app, Guarded)
    page = client.get_page("/")
    assert page.callback("x").redirect == "/login"
    assert page.callback("x").error == {"kind": "http", "message": "Gone."}
    assert page.callback("x").error == {"kind": "http", "message": "Not for you."}


def test_missing_field_of_a_check(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A field that a check misses is named in the log; that of a plain request is
    not this package's matter.
    """

    class Guarded(Echo):
        def dispatch_request(self, **values: t.Any) -> t.Any:
            assert request.form["key"]

    add_page(app, Guarded, "/guarded")
    add_page(app, Echo)
    page = client.get_page("/")
    page._url = "/guarded"
    assert page.callback("x").status == 400
    assert "'key': not sent" in caplog.text
    caplog.clear()
    assert client.get("/guarded").status_code == 400
    assert caplog.messages == []


def test_permission_check_in_a_subclass(app: Flask, client: CallbackClient) -> None:
    """A check that a subclass adds guards callbacks too."""

    class Guarded(Echo):
        def dispatch_request(self, **values: t.Any) -> t.Any:
            if request.method == "POST":
                abort(403)

            return super().dispatch_request(**values)

    add_page(app, Guarded)
    answer = client.get_page("/").callback("x")
    assert (answer.status, answer.result, answer.stages) == (403, None, [])


def test_decorators(app: Flask, client: CallbackClient) -> None:
    """The view's decorators guard callbacks too."""

    def closed(view: t.Any) -> t.Any:
        def decorated(**values: t.Any) -> t.Any:
            if request.method == "POST":
                abort(401)

            return view(**values)

        return decorated

    add_page(app, type("Closed", (Echo,), {"decorators": [closed]}))
    answer = client.get_page("/").callback("x")
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (401, "auth")


def test_url_values_of_any_name(app: Flask, client: CallbackClient) -> None:
    """An address may have variables of any name."""

    class Named(Echo):
        def get(self, view: str, method: str, values: str) -> str:  # type: ignore[override]
            return view + method + values + render_template_string(TEMPLATE)

    add_page(app, Named, "/<view>/<method>/<values>")
    page = client.get_page("/a/b/c")
    assert page.text.startswith("abc")
    assert page.callback("x").result == "x"


def test_view_without_get(app: Flask, client: CallbackClient) -> None:
    """A view that shows no page refuses to, also when it is posted back to."""

    @callback_handler
    class Bare(MethodView):
        def raise_callback_event(self, event_argument: str) -> None: ...

    class Posting(Bare):
        def post(self) -> str:
            return render_template_string(TEMPLATE)

    add_page(app, Bare, "/bare")
    add_page(app, Posting)
    assert client.get("/bare").status_code == 405
    assert client.get("/").status_code == 405
    state = re.search('value="([^"]+)"', client.post("/").text)
    assert state is not None
    assert client.post("/", data={"__VIEWSTATE": state[1]}).status_code == 200
    assert client.post("/bare", data={"__VIEWSTATE": state[1]}).status_code == 400


def test_url_values(app: Flask, client: CallbackClient) -> None:
    """The view's method gets the address's values, in a post back too."""

    class Named(Echo):
        def get(self, name: str) -> str:  # type: ignore[override]
            return name + render_template_string(TEMPLATE)

    add_page(app, Named, "/<name>")
    page = client.get_page("/ada")
    assert page.text.startswith("ada")
    assert page.post_back().text.startswith("ada")
    assert page.callback("x").result == "x"


def test_plain_post_to_a_view_without_post(app: Flask, client: CallbackClient) -> None:
    """A view that did not take POST goes on refusing it."""
    add_page(app, Echo)
    response = client.post("/", data={"name": "Ada"})
    assert response.status_code == 405
    assert sorted(response.allow) == ["GET", "HEAD", "OPTIONS"]


@callback_handler
class Posted(Echo):
    """Takes POST itself."""

    def post(self) -> str:
        state = dict(current_page.view_state)
        return f"posted {current_page.form['name']} {current_page.is_postback} {state}"

    def page_pre_render(self) -> None:
        current_page.view_state["seen"] = True


def test_post_of_the_view(app: Flask, client: CallbackClient) -> None:
    """A plain POST goes to the view's post, with the page's state if it has it."""
    add_page(app, Posted)
    page = client.get_page("/")
    page.form["name"] = "Grace"
    assert page.post_back().text == "posted Grace True {'seen': True}"
    response = client.post("/", data={"name": "Ada"})
    assert response.text == "posted Ada False {'seen': True}"


def test_json_post_of_the_view(app: Flask, client: CallbackClient) -> None:
    """A POST without a form reaches the view's post as it came."""

    class Json(Echo):
        def post(self) -> t.Any:
            return request.get_json()

    add_page(app, Json)
    assert client.post("/", json={"a": 1}).json == {"a": 1}


@pytest.mark.parametrize("state", ["", "forged"])
def test_post_with_bad_state(app: Flask, client: CallbackClient, state: str) -> None:
    """Bad state is never a run of post with an empty state."""
    add_page(app, Posted)
    page = client.get_page("/")
    page.state = state
    posted = page.post_back()
    assert (posted.status, posted.stages) == (400, [])


def test_cross_site_post_back(app: Flask, client: CallbackClient) -> None:
    """A post back that carries state passes the origin check."""
    add_page(app, Posted)
    page = client.get_page("/")
    assert page.post_back(headers={"Sec-Fetch-Site": "cross-site"}).status == 403
    assert page.post_back(headers={"Sec-Fetch-Site": "same-origin"}).status == 200


def test_post_back_without_post_runs_get(app: Flask, client: CallbackClient) -> None:
    """A view without post renders itself again, with its state."""

    class Rendered(Echo):
        def get(self) -> str:
            count = current_page.view_state.get("count", 0) + 1
            current_page.view_state["count"] = count
            return f"{count} {current_page.is_postback}{super().get()}"

    add_page(app, Rendered)
    page = client.get_page("/")
    assert page.text.startswith("1 False")
    assert page.post_back().text.startswith("2 True")


def test_unmarked_callback_fields(app: Flask, client: CallbackClient) -> None:
    """The protocol's fields without its header never give the page."""
    add_page(app, Echo)
    page = client.get_page("/")
    data = {"__CALLBACKID": "__Page", "__CALLBACKPARAM": '"x"'}
    response = client.post("/", data={**data, "__VIEWSTATE": page.state})
    assert response.status_code == 400


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_protocol_fields_in_the_query(
    app: Flask, client: CallbackClient, method: str
) -> None:
    """Protocol fields in the address are not looked at."""
    add_page(app, Echo)
    query = "/?__CALLBACKID=__Page&__CALLBACKPARAM=%22x%22"
    assert client.open(query, method=method).status_code == 200


def test_other_methods_are_left_alone(app: Flask, client: CallbackClient) -> None:
    """A view's other methods run without a page."""

    class Deleting(Echo):
        def delete(self) -> str:
            return f"deleted {bool(current_page)}"

    add_page(app, Deleting)
    assert client.delete("/").text == "deleted False"


def test_explicit_methods(app: Flask, client: CallbackClient) -> None:
    """A plain View that names POST among its methods takes it itself."""

    @callback_handler
    class Plain(View):
        methods: t.ClassVar = ["GET", "POST"]

        def dispatch_request(self) -> str:
            return f"{request.method}{render_template_string(TEMPLATE)}"

        def raise_callback_event(self, event_argument: str) -> str:
            return event_argument

    add_page(app, Plain)
    assert client.post("/").text.startswith("POST")
    assert client.get_page("/").callback("x").result == "x"


def test_view_state_switched_off(app: Flask, client: CallbackClient) -> None:
    """Such a page keeps nothing, and its token is still required."""

    @callback_handler(view_state=False)
    class Stateless(Page):
        def raise_callback_event(self, event_argument: str) -> str:
            if event_argument:
                current_page.view_state["x"] = 1

            return "fine"

    add_page(app, Stateless)
    page = client.get_page("/")
    assert page.callback("").result == "fine"
    answer = page.callback("write")
    assert answer.status == 500
    page.state = None
    assert page.callback("").status == 400


@pytest.mark.parametrize("limit", [0, -1, 1.5, "5", True])
def test_limit_that_is_none(limit: t.Any) -> None:
    """The limit of a view is a whole number of bytes."""
    with pytest.raises(ValueError, match="max_content_length is a number of bytes"):
        callback_handler(max_content_length=limit)


def test_limit_of_a_view(app: Flask, client: CallbackClient) -> None:
    """A view may take larger requests than the application, or smaller ones."""

    @callback_handler(max_content_length=300_000)
    class Large(Page):
        def raise_callback_event(self, event_argument: str) -> int:
            return len(event_argument)

    app.config["CLIENTCALLBACK_MAX_CONTENT_LENGTH"] = 10_000
    add_page(app, Large)
    add_page(app, Echo, "/small")
    argument = "x" * 20_000
    assert client.get_page("/").callback(argument).result == 20_000
    assert client.get_page("/small").callback(argument).status == 413


def test_misspelt_hook() -> None:
    """A method that looks like a hook and is none is pointed out where it stands."""
    with pytest.warns(
        UserWarning, match=r"page_laod is not called.*page_load"
    ) as caught:

        @callback_handler
        class Misspelt(Echo):
            def page_laod(self) -> None: ...

            def page_title(self) -> str:
                return "no hook at all"

    assert {warning.filename for warning in caught} == {__file__}


def test_misspelt_hook_of_a_base_class() -> None:
    """So is one that is inherited, once for all that inherit it."""

    class Ported:
        def OnLoad(self) -> None: ...

        def on_loaded_data(self) -> None: ...

    with pytest.warns(UserWarning) as caught:

        @callback_handler
        class First(Ported, Echo): ...

        class Second(Ported, Echo): ...

        class Third(First): ...

    assert [str(warning.message).partition(".")[2] for warning in caught] == [
        "<locals>.Ported.OnLoad is not called by the life cycle. Is it page_load?"
    ]


def test_dispatch_after_the_view_returned(app: Flask, client: CallbackClient) -> None:
    """A view that dispatches in a stream runs its life cycle, and checks the state."""
    ran: list[bool] = []

    @callback_handler
    class Late(Page):
        def dispatch_request(self, **values: t.Any) -> Response:
            def parts() -> t.Iterator[str]:
                yield "late "
                dispatched = super(Late, self).dispatch_request(**values)
                yield app.make_response(dispatched).get_data(as_text=True)

            return Response(stream_with_context(parts()))

        def post(self) -> str:
            ran.append(bool(current_page))
            return "posted"

        def raise_callback_event(self, event_argument: str) -> None: ...

    add_page(app, Late)
    assert "__VIEWSTATE" in client.get("/").text

    with pytest.raises(RefusedError):
        client.post("/", data={"__VIEWSTATE": "forged"}).get_data()

    assert ran == []
    assert client.post("/", data={"name": "Ada"}).text == "late posted"
    assert ran == [True]


def test_method_of_the_object_itself(app: Flask, client: CallbackClient) -> None:
    """A method that the view object has of its own is the one that runs."""

    @callback_handler
    class Own(Page):
        def __init__(self) -> None:
            self.get = lambda: f"own, {bool(current_page)}"  # type: ignore[method-assign]

        def raise_callback_event(self, event_argument: str) -> None: ...

    add_page(app, Own)
    assert client.get("/").text == "own, True"
