"""Attacks made as an attacker would make them, beyond what each module's own tests
try.
"""

from __future__ import annotations

import asyncio
import base64
import io
import logging
import pickle
import string
import sys
import time
import typing as t
import zlib
from hashlib import sha256

import pytest
from flask import Flask
from flask import render_template_string
from flask import request
from flask import session
from flask.views import MethodView
from flask_login import login_user
from flask_login import LoginManager
from flask_login import UserMixin
from flask_wtf.csrf import generate_csrf
from itsdangerous import Signer

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import signals
from flask_clientcallback import ViewStateError
from flask_clientcallback.protocol.event_tokens import EventTokens
from flask_clientcallback.protocol.state_tokens import OpenedState
from flask_clientcallback.protocol.state_tokens import PageState
from flask_clientcallback.protocol.state_tokens import Tokens
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage

from ..helpers.pages import add_page
from ..helpers.pages import Counter
from ..helpers.pages import Echo
from ..helpers.pages import Page
from ..helpers.pages import TEMPLATE

KEY = "the key of these tests"
FORM = "application/x-www-form-urlencoded"
STATE_SALT = "flask_clientcallback.view_state"

ran: list[str] = []
"""What ran that must not."""


@callback_handler(event_validation=True)
class Vault(MethodView):
    """Notes all of its code that runs."""

    def get(self, number: int) -> str:
        script = current_page.client_script
        script.register_for_event_validation(current_page, "buy")
        return render_template_string(TEMPLATE)

    def page_pre_init(self) -> None:
        if current_page.is_postback:
            ran.append("hook")

    def raise_callback_event(self, event_argument: str) -> str:
        ran.append(event_argument)
        return "bought"


@pytest.fixture
def vault() -> Flask:
    """An application with several vaults, and with users."""
    app = Flask(__name__)
    app.secret_key = KEY
    app.test_client_class = CallbackClient
    ClientCallback(app, user_key=lambda: session.get("user"))
    app.add_url_rule("/vault/<int:number>", view_func=Vault.as_view("vault"))
    app.add_url_rule("/other/<int:number>", view_func=Vault.as_view("other"))
    app.add_url_rule("/login/<user>", view_func=login)
    return app


def login(user: str) -> str:
    """Log a user in."""
    session["user"] = user
    return ""


def open_vault(app: Flask, user: str | None = "ada", path: str = "/vault/1") -> t.Any:
    """Get the page of a user, in a browser of its own."""
    client = CallbackClient(app)

    if user is not None:
        client.get(f"/login/{user}")

    page = client.get_page(path)
    ran.clear()
    return page


def state_of(page: ClientPage) -> str:
    """Get a page's state, which there must be."""
    assert page.state is not None
    return page.state


def opened(state: str) -> OpenedState:
    """Read a state, as its server does."""
    return Tokens(KEY).open(state, int(time.time()), 10**6)


def issued(state: str, ago: int = 0, key: str = KEY, text: str | None = None) -> str:
    """Make a state that is like another one, but for a few facts."""
    held = opened(state)
    facts = PageState(
        held.page_id, held.location, held.user, held.text if text is None else text
    )
    return Tokens(key).issue(facts, int(time.time()) - ago)


def signed(content: bytes, key: str = KEY, salt: str = STATE_SALT) -> str:
    """Sign something that is no state, or that is the wrong way."""
    packed = base64.urlsafe_b64encode(content).rstrip(b"=")
    return Signer(key, salt=salt, digest_method=sha256).sign(packed).decode()


def bomb() -> str:
    """Make a forged state of 65 kB that would be 50 MB."""
    packed = base64.urlsafe_b64encode(zlib.compress(b"0" * 50_000_000, 9))
    forger = Signer("another key", salt=STATE_SALT, digest_method=sha256)
    return forger.sign(b"." + packed.rstrip(b"=")).decode()


class Unpickled:
    """Is noticed when it is unpickled."""

    def __reduce__(self) -> tuple[t.Any, ...]:
        return ran.append, ("unpickled",)


def csrf_token(app: Flask) -> str:
    """Make the token that Flask-WTF puts into forms."""
    with app.test_request_context():
        return t.cast(str, generate_csrf())


def session_cookie(app: Flask) -> str:
    """Make the cookie of a session."""
    client = CallbackClient(app)
    client.get("/login/ada")
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


BAD_STATES: dict[str, t.Callable[[Flask, ClientPage], str]] = {
    "none": lambda app, page: "",
    "a character changed": lambda app, page: state_of(page).swapcase(),
    "a character less": lambda app, page: state_of(page)[1:],
    "of another key": lambda app, page: issued(state_of(page), key="another"),
    "of another view": lambda app, page: open_vault(app, path="/other/1").state,
    "of another address": lambda app, page: open_vault(app, path="/vault/2").state,
    "of another user": lambda app, page: open_vault(app, "eve").state,
    "of before the login": lambda app, page: open_vault(app, None).state,
    "too old": lambda app, page: issued(state_of(page), ago=13 * 3600),
    "of a clock two minutes ahead": lambda app, page: issued(state_of(page), ago=-120),
    "the page's events": lambda app, page: page.events or "",
    "a session cookie": lambda app, page: session_cookie(app),
    "a token of Flask-WTF": lambda app, page: csrf_token(app),
    "a pickle": lambda app, page: signed(pickle.dumps(Unpickled())),
    "of another version": lambda app, page: signed(b'[2,1,"p","l","u"]\n{}'),
    "of another purpose": lambda app, page: signed(b"", salt="another"),
    "a bomb": lambda app, page: bomb(),
}


@pytest.mark.parametrize("make", BAD_STATES.values(), ids=BAD_STATES)
def test_bad_states_are_answered_alike(
    vault: Flask,
    caplog: pytest.LogCaptureFixture,
    make: t.Callable[[Flask, ClientPage], str],
) -> None:
    """Whatever is wrong with a state, the answer is the same to the byte, nothing of
    the page ran, and the log has one line.
    """
    page = open_vault(vault)
    assert page.callback("buy").result == "bought"
    good, page.state = page.state, "forged"
    plainly_forged = page.callback("buy").response
    page.state = good
    page.state = make(vault, page)
    ran.clear()
    caplog.clear()
    response = page.callback("buy").response
    assert response.status_code == 400
    assert response.get_json(force=True)["error"]["kind"] == "stale"
    assert response.data == plainly_forged.data
    assert list(response.headers) == list(plainly_forged.headers)
    assert ran == []
    [line] = caplog.messages
    assert line.isprintable()
    page.state = good
    assert page.callback("buy").result == "bought"


def test_clock_of_another_server(vault: Flask) -> None:
    """State of a server whose clock is a little ahead is good."""
    page = open_vault(vault)
    page.state = issued(state_of(page), ago=-3)
    assert page.callback("buy").result == "bought"


def seconds_of_refusal(page: ClientPage) -> float:
    """Measure how long a callback is worked on that is refused."""
    measured: list[float] = []

    for _ in range(10):
        began = time.thread_time()
        answer = page.callback("buy")
        measured.append(time.thread_time() - began)
        assert (answer.status, ran) == (400, [])

    # The others were held up by something else.
    return min(measured)


@pytest.mark.parametrize("field", ["state", "events"])
def test_forged_bomb_costs_nothing(vault: Flask, field: str) -> None:
    """A forged token that would inflate to 50 MB is refused within 5 ms of what a
    short one takes.
    """
    page = open_vault(vault)
    setattr(page, field, "forged")
    short = seconds_of_refusal(page)
    setattr(page, field, bomb())
    assert seconds_of_refusal(page) - short < 0.005


ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


@pytest.mark.parametrize("ending", ["1", "2", "3", "="])
@pytest.mark.parametrize("field", ["state", "events"])
def test_other_spellings_of_a_signature(vault: Flask, field: str, ending: str) -> None:
    """The last character of a signature has bits to spare, and base64 a padding. The
    token is not good with others.
    """
    page = open_vault(vault)
    token = getattr(page, field)
    other = token + ending

    if ending != "=":
        last = ALPHABET[ALPHABET.index(token[-1]) ^ int(ending)]
        other = token[:-1] + last
        assert decoded_signature(other) == decoded_signature(token)

    setattr(page, field, other)
    assert page.callback("buy").status == 400
    assert ran == []


def decoded_signature(token: str) -> bytes:
    """Decode a token's signature as forgiving code does."""
    return base64.urlsafe_b64decode(token.rpartition(".")[2] + "=")


def test_events_do_not_hang_on_the_text_of_the_state(
    app: Flask, client: CallbackClient
) -> None:
    """A page's events are good with each state that the page has got, the earlier
    ones too.
    """

    @callback_handler(event_validation=True)
    class Counting(Counter):
        def page_load(self) -> None:
            script = current_page.client_script
            script.register_for_event_validation(current_page, "count")

    add_page(app, Counting)
    page = client.get_page("/")
    first = page.state, page.events
    assert [page.callback("count").result for _ in range(2)] == [1, 2]
    assert (page.state != first[0], page.events) == (True, first[1])
    page.state = first[0]
    assert page.callback("count").result == 1


def test_events_of_before_a_post_back(app: Flask, client: CallbackClient) -> None:
    """What a page offered before it was posted back is not good for what came of it,
    with whichever state.
    """

    @callback_handler(event_validation=True)
    class Changing(Echo):
        def page_load(self) -> None:
            offer = "after" if current_page.is_postback else "before"
            script = current_page.client_script
            script.register_for_event_validation(current_page, offer)

    add_page(app, Changing)
    page = client.get_page("/")
    posted = page.post_back()
    assert page.callback("before").result == "before"
    assert posted.callback("after").result == "after"
    posted.events = page.events
    assert posted.callback("before").status == 400


def test_replay(app: Flask, client: CallbackClient) -> None:
    """A call may be sent again, and with an earlier state of its page. Who keeps in
    the state what must happen once is told so.
    """
    add_page(app, Counter)
    page = client.get_page("/")
    first = page.state
    assert [page.callback("x").result for _ in range(3)] == [1, 2, 3]
    page.state = first
    assert page.callback("x").result == 1


SIGNED = {
    "__class__": {"__init__": {"__globals__": "x"}},
    "__class__.__init__.__globals__": 1,
    "__dict__": {"template": "x"},
    "raise_callback_event": "x",
    "template": "x",
    "view": {"template": "x"},
}


def test_signed_state_is_only_data(app: Flask, client: CallbackClient) -> None:
    """Names in a state that is signed well name nothing but values of the state."""

    class Reading(Echo):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            return [dict(current_page.view_state), vars(self).get("template")]

    app.secret_key = KEY
    add_page(app, Reading)
    page = client.get_page("/")
    text = app.json.dumps(SIGNED)
    page.state = issued(state_of(page), text=text)
    assert page.callback("x").result == [SIGNED, None]
    assert page.post_back().text.count("<form") == 1


def call_with_state_of(old: Flask, new: Flask, *hosts: str) -> CallbackAnswer:
    """Make a callback with a state that another application with the same key gave
    out, each at its host.
    """
    pages: list[ClientPage] = []

    for app, host in zip((old, new), hosts, strict=True):
        app.secret_key = KEY
        ClientCallback(app)
        pages.append(CallbackClient(app).get_page("/", base_url=f"http://{host}"))

    pages[1].state = pages[0].state
    return pages[1].callback("x")


@pytest.mark.parametrize(("new", "status"), [("one", 200), ("other", 400)])
def test_state_of_another_endpoint(new: str, status: int) -> None:
    """State is of one endpoint, also where another has its address by now."""
    apps = Flask(__name__), Flask(__name__)

    for app, endpoint in zip(apps, ("one", new), strict=True):
        app.add_url_rule("/", view_func=Echo.as_view(endpoint))

    assert call_with_state_of(*apps, "localhost", "localhost").status == status


@pytest.mark.parametrize(("owner", "status"), [("ada", 200), ("eve", 400)])
def test_state_of_another_subdomain(owner: str, status: int) -> None:
    """Where the application routes by subdomain, state is of one."""

    class Owned(Echo):
        def get(self, owner: str) -> str:  # type: ignore[override]
            return super().get()

    apps = (
        Flask(__name__, subdomain_matching=True),
        Flask(__name__, subdomain_matching=True),
    )

    for app in apps:
        app.config["SERVER_NAME"] = "shop.example"
        app.add_url_rule("/", view_func=Owned.as_view("page"), subdomain="<owner>")

    hosts = "ada.shop.example", f"{owner}.shop.example"
    assert call_with_state_of(*apps, *hosts).status == status


def test_login_in_a_handler(app: Flask, client: CallbackClient) -> None:
    """State that a visitor's page gets from a handler which logs somebody in is not
    that user's.
    """
    manager = LoginManager(app)

    class User(UserMixin):
        id = "ada"

    manager.user_loader(lambda user_id: User())

    class Entering(Counter):
        def raise_callback_event(self, event_argument: str) -> None:
            super().raise_callback_event(event_argument)
            login_user(User())

    add_page(app, Entering)
    page = client.get_page("/")
    answer = page.callback("x")
    assert (answer.result, answer.state is None) == (1, False)
    answer = page.callback("x")
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (400, "stale")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost"])
@pytest.mark.parametrize("path", ["/", "/nowhere"])
def test_preflight(app: Flask, client: CallbackClient, path: str, origin: str) -> None:
    """Who asks whether another site's script may call is not told that it may."""
    app.config["CLIENTCALLBACK_TRUSTED_ORIGINS"] = ["http://evil.example"]
    stages: list[str] = []

    @signals.page_pre_init.connect_via(app)
    def note(sender: Flask, **extra: t.Any) -> None:
        stages.append("pre_init")

    add_page(app, Echo)
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-client-callback",
    }
    response = client.options(path, headers=asked)
    assert response.status_code == (200 if path == "/" else 404)
    allowed = [n for n in response.headers.keys() if n.lower().startswith("access-")]
    assert (allowed, stages) == ([], [])


CHUNKED: dict[str, t.Any] = {
    "input_stream": io.BytesIO(b""),
    "environ_overrides": {"wsgi.input_terminated": True},
    "headers": {"Transfer-Encoding": "chunked"},
}


@pytest.mark.parametrize(
    ("keywords", "status"),
    [
        ({"data": "a=" + "x" * 1024 * 1024}, 413),
        ({"data": "&".join(f"{n}=" for n in range(1001))}, 413),
        ({"data": "&".join(f"{n}=" for n in range(1000))}, 405),
        (CHUNKED, 411),
        ({"data": "a=b"}, 405),
    ],
    ids=["long", "many fields", "enough fields", "chunked", "short"],
)
def test_post_to_a_page_that_takes_none(
    app: Flask, client: CallbackClient, keywords: dict[str, t.Any], status: int
) -> None:
    """What such a page gets is not parsed beyond the limits of callbacks."""
    add_page(app, Echo)
    response = client.post("/", content_type=FORM, **keywords)
    assert response.status_code == status


def test_post_to_a_page_that_takes_it(app: Flask, client: CallbackClient) -> None:
    """A view that takes POST itself has limits of its own."""

    class Taking(Echo):
        def post(self) -> str:
            return str(len(request.form))

    # Older versions of Werkzeug have a limit for a form without files, too.
    app.config["MAX_FORM_MEMORY_SIZE"] = 4 * 1024 * 1024
    add_page(app, Taking)
    data = "&".join(f"{n}=" for n in range(2000))
    assert client.post("/", data=data, content_type=FORM).text == "2000"
    data = "a=" + "x" * 2 * 1024 * 1024
    assert client.post("/", data=data, content_type=FORM).text == "1"


def put_below(app: Flask, middleware: t.Any) -> None:
    """Let a middleware answer in the application's place, below the package."""
    app.wsgi_app._wsgi_app = middleware  # type: ignore[attr-defined]


def crash(environ: t.Any, start_response: t.Any) -> t.Any:
    """Be a middleware that crashes."""
    raise ZeroDivisionError("a secret")


def test_crash_below_tells_nothing(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A crash that Flask does not see is told in general, and is in the log once."""
    add_page(app, Echo)
    page = client.get_page("/")
    put_below(app, crash)
    answer = page.callback("x")
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (500, "server")
    assert set(answer.error) == {"kind", "message"}
    assert "secret" not in answer.response.text
    assert len(caplog.records) == 1
    assert "a secret" in caplog.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_crash_below_of_an_ordinary_request(
    app: Flask, client: CallbackClient, method: str
) -> None:
    """What is no callback crashes as it did without the package."""
    put_below(app, crash)

    with pytest.raises(ZeroDivisionError):
        client.open("/", method=method)


def test_crash_below_is_propagated(app: Flask, client: CallbackClient) -> None:
    """Where exceptions are to leave the application, they do."""
    app.config["PROPAGATE_EXCEPTIONS"] = True
    add_page(app, Echo)
    page = client.get_page("/")
    put_below(app, crash)

    with pytest.raises(ZeroDivisionError):
        page.callback("x")


class ClosedBody(list[bytes]):
    """A body that knows whether it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


def test_answer_from_below(app: Flask, client: CallbackClient) -> None:
    """An answer that a middleware began anew is the later one. Its body is closed,
    and no cache keeps what stands in its place.
    """
    add_page(app, Echo)
    page = client.get_page("/")
    body = ClosedBody([b"<h1>busy</h1>"])

    def answer(environ: t.Any, start_response: t.Any) -> ClosedBody:
        start_response("200 OK", [("Content-Type", "text/html")])
        headers = [("Cache-Control", "public, max-age=60"), ("ETag", '"1"')]

        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            start_response("503 Service Unavailable", headers, sys.exc_info())

        return body

    put_below(app, answer)
    answered = page.callback("x")
    assert answered.error == {"kind": "http", "message": "Service Unavailable."}
    assert answered.status == 503
    assert answered.response.headers.getlist("Cache-Control") == ["no-store"]
    assert "ETag" not in answered.response.headers
    assert body.closed


def test_coroutines_that_hear_of_failures(app: Flask, client: CallbackClient) -> None:
    """Receivers of refusals and errors may be coroutine functions."""
    heard: list[str] = []

    async def refused(sender: Flask, reason: str, **extra: t.Any) -> None:
        await asyncio.sleep(0)
        heard.append(reason)

    async def failed(sender: Flask, exception: Exception, **extra: t.Any) -> None:
        await asyncio.sleep(0)
        heard.append(str(exception))

    @callback_handler
    class Failing(Page):
        def raise_callback_event(self, event_argument: str) -> None:
            raise CallbackError(event_argument)

    add_page(app, Failing)
    page = client.get_page("/")

    with (
        signals.callback_rejected.connected_to(refused, app),
        signals.callback_error.connected_to(failed, app),
    ):
        page.callback("No.")
        page.state = "forged"
        page.callback("No.")

    assert len(heard) == 2
    assert heard[0] == "No."


def test_coroutine_as_a_result(app: Flask, client: CallbackClient) -> None:
    """A handler that forgot to await something is an error, not its name."""

    async def look_up() -> str:
        return "found"

    coroutine = look_up()

    class Forgetful(Echo):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            return coroutine

    add_page(app, Forgetful)
    answer = client.get_page("/").callback("x")
    coroutine.close()
    assert answer.status == 500
    assert "coroutine" not in answer.response.text


@pytest.mark.parametrize("debug", [False, True])
def test_type_of_a_result(app: Flask, client: CallbackClient, debug: bool) -> None:
    """The type of a result that is no JSON is named in debug mode alone."""

    class Secretive:
        pass

    class Telling(Echo):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            return Secretive()

    app.debug = debug
    add_page(app, Telling)
    answer = client.get_page("/").callback("x")
    assert answer.error is not None
    assert (answer.status, answer.error["kind"]) == (500, "server")
    assert ("Secretive" in answer.error["message"]) is debug
    assert ("Secretive" in answer.response.text) is debug


def test_resource_is_what_it_says(app: Flask, client: CallbackClient) -> None:
    """A browser takes the script for nothing else."""
    add_page(app, Echo)
    address = client.get_page("/").text.split('src="')[1].partition('"')[0]
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_order_of_events_is_not_shown() -> None:
    """Many events give one token, in whatever order a page offers them."""
    tokens = EventTokens([KEY])
    made = [tokens.digest(tokens.mark, "callback", "grid", str(n)) for n in range(1000)]
    issued = {
        tokens.issue("page", {tokens.mark: set(order)})
        for order in (made, made[::-1], sorted(made), made[500:] + made[:500])
    }
    assert len(issued) == 1


def test_change_after_the_fields(app: Flask, client: CallbackClient) -> None:
    """The view state is closed when its fields are rendered, so that the error comes
    from where the change is.
    """
    caught: list[ViewStateError] = []

    class Late(Echo):
        def get(self) -> str:
            text = super().get()

            with pytest.raises(ViewStateError) as error:
                current_page.view_state["late"] = 1

            caught.append(error.value)
            return text

    add_page(app, Late)
    assert client.get_page("/").callback("x").result == "x"
    assert len(caught) == 1


@pytest.mark.parametrize("target", ["nowhere\r\nforged", "\0", "\u202e", "__init__"])
def test_log_of_an_unknown_post_back(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    target: str,
) -> None:
    """A post back that names what is not there leaves nothing of it in the log."""
    add_page(app, Echo)
    page = client.get_page("/")

    with caplog.at_level(logging.INFO, "flask_clientcallback"):
        assert page.post_back(target).status == 200

    [line] = caplog.messages
    assert line.isprintable()
    assert target not in line
