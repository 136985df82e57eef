"""What a page's state is bound to, seen from outside."""

from __future__ import annotations

import re
import secrets
import typing as t

import pytest
from flask import flash
from flask import Flask
from flask import get_flashed_messages
from flask import redirect
from flask import render_template_string
from flask import request
from flask import session
from flask import stream_template_string
from flask_login import current_user
from flask_login import login_required
from flask_login import login_user
from flask_login import LoginManager
from flask_login import logout_user
from flask_login import UserMixin

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Counter
from ..helpers.pages import Echo
from ..helpers.pages import Page
from ..helpers.pages import TEMPLATE


def is_stale(answer: CallbackAnswer) -> bool:
    """Tell whether a callback was refused as of a page that is out of date."""
    assert answer.error is None or answer.status == 400
    return answer.error is not None and answer.error["kind"] == "stale"


@pytest.fixture
def user_app(app: Flask) -> Flask:
    """An application with Flask-Login and a few addresses that change who one is."""
    manager = LoginManager(app)

    class User(UserMixin):
        def __init__(self, user_id: str) -> None:
            self.id = user_id

    manager.user_loader(User)

    def login(name: str) -> str:
        login_user(User(name), remember="remember" in request.args)
        return ""

    app.add_url_rule("/login/<name>", view_func=login)
    app.add_url_rule("/logout", "logout", lambda: str(logout_user()))
    app.add_url_rule("/start", "start", lambda: str(session.setdefault("cart", [])))
    app.add_url_rule("/clear", "clear", lambda: str(session.clear()))
    add_page(app, Counter)
    return app


def test_state_of_another_page(app: Flask, client: CallbackClient) -> None:
    """State is good at the address that it was rendered at."""
    add_page(app, Echo, "/echo/<name>")
    add_page(app, Counter)

    class Named(Echo):
        def get(self, name: str) -> str:  # type: ignore[override]
            return render_template_string(TEMPLATE)

    add_page(app, Named, "/named/<name>")
    one, other = client.get_page("/named/a"), client.get_page("/named/b")
    counter = client.get_page("/")
    one.state, other.state = other.state, one.state
    assert is_stale(one.callback("x"))
    counter.state = client.get_page("/named/a").state
    assert is_stale(counter.callback("x"))
    assert not is_stale(client.get_page("/named/a?sort=1").callback("x"))


def test_query_does_not_bind(app: Flask, client: CallbackClient) -> None:
    """The callback goes to the whole address, and its query binds nothing."""

    @callback_handler
    class Query(Page):
        def raise_callback_event(self, event_argument: str) -> str:
            return request.args.get("sort", "none")

    add_page(app, Query)
    page = client.get_page("/?sort=name")
    assert page.callback().result == "name"
    other = client.get_page("/")
    other.state = page.state
    assert other.callback().result == "none"


def test_script_name(app: Flask, client: CallbackClient) -> None:
    """State of an application that is mounted elsewhere is refused."""
    add_page(app, Counter)
    page = client.get_page("/", base_url="http://localhost/one/")
    assert 'data-callback-url="/one/"' in page.text
    assert page.callback("x").result == 1
    other = client.get_page("/", base_url="http://localhost/two/")
    other.state = page.state
    assert is_stale(other.callback("x"))


def test_hosts() -> None:
    """Where the application routes by host, state is of one host."""
    app = Flask(__name__, host_matching=True, static_host="static.example")
    app.secret_key = "x"
    ClientCallback(app)

    class Hosted(Counter):
        def get(self, host: str) -> str:  # type: ignore[override]
            return super().get()

    app.add_url_rule("/", view_func=Hosted.as_view("hosted"), host="<host>")
    client = CallbackClient(app)
    page = client.get_page("/", base_url="http://one.example")
    assert page.callback("x").result == 1
    other = client.get_page("/", base_url="http://two.example")
    other.state = page.state
    assert is_stale(other.callback("x"))
    script = re.search('src="([^"]+)"', page.text)
    assert script is not None
    assert client.get(script[1], base_url="http://one.example").status_code == 200


def test_visitor_without_a_session(app: Flask, client: CallbackClient) -> None:
    """A visitor gets no session forced on, and the state is good without one."""
    add_page(app, Counter)
    page = client.get_page("/")
    answer = page.callback("x")
    assert answer.result == 1
    assert "Set-Cookie" not in page.response.headers
    assert "Set-Cookie" not in answer.response.headers
    # Flask says so of each answer whose session was looked at.
    assert "Cookie" not in answer.response.headers.get("Vary", "")


def test_caches(app: Flask, client: CallbackClient) -> None:
    """A page that carries tokens is its visitor's own; others stay as they are."""

    class Plain(Echo):
        template = "no tokens"

    class Cached(Echo):
        def get(self) -> t.Any:
            return super().get(), {"Cache-Control": "no-store", "Vary": "Accept"}

    class Streamed(Echo):
        def get(self) -> t.Any:
            return stream_template_string(self.template)

    for view_class in (Echo, Plain, Cached, Streamed):
        add_page(app, view_class, f"/{view_class.__name__}")

    def headers(name: str) -> tuple[str | None, list[str]]:
        found = client.get_page(f"/{name}").response
        return found.headers.get("Cache-Control"), sorted(found.vary)

    assert headers("Echo") == ("private", ["Cookie"])
    assert headers("Streamed") == ("private", ["Cookie"])
    assert headers("Plain") == (None, [])
    assert headers("Cached") == ("no-store", ["Accept", "Cookie"])


def test_session_begins_later(user_app: Flask, client: CallbackClient) -> None:
    """The page goes on working when a session begins."""
    page = client.get_page("/")
    client.get("/start")
    assert page.callback("x").result == 1
    assert page.callback("x").result == 2
    client.get("/clear")
    assert is_stale(page.callback("x"))


def test_first_visit_starts_a_session(app: Flask, client: CallbackClient) -> None:
    """So does a page whose own first GET begins it."""

    class Starting(Counter):
        def page_load(self) -> None:
            session.setdefault("visits", 1)

    add_page(app, Starting)
    page = client.get_page("/")
    assert "session=" in page.response.headers["Set-Cookie"]
    assert page.callback("x").result == 1
    assert page.callback("x").result == 2


def test_session_of_somebody_else(user_app: Flask, client: CallbackClient) -> None:
    """State that was made in one session is refused in another, and without."""
    client.get("/start")
    page = client.get_page("/")
    assert page.callback("x").result == 1
    other = CallbackClient(user_app)

    with other.session_transaction() as session:
        session["cart"] = ["pen"]

    stranger = other.get_page("/")
    stranger.state = page.state
    assert is_stale(stranger.callback("x"))
    visitor = CallbackClient(user_app).get_page("/")
    visitor.state = page.state
    assert is_stale(visitor.callback("x"))


def test_tabs_opened_at_once(user_app: Flask, client: CallbackClient) -> None:
    """Two tabs that are opened at once go on working side by side."""
    client.get("/start")
    cookie = client.get_cookie("session")
    assert cookie is not None
    first = client.get_page("/")
    # The second request left before the first answer was there.
    client.set_cookie("session", cookie.value)
    second = client.get_page("/")
    assert first.callback("x").result == 1
    assert second.callback("x").result == 1
    assert first.callback("x").result == 2


def test_flash(user_app: Flask, client: CallbackClient) -> None:
    """A flashed message that begins and ends a session changes nothing."""

    class Flashing(Counter):
        template = "{{ get_flashed_messages() }}" + TEMPLATE

        def raise_callback_event(self, event_argument: str) -> None:
            flash("Saved")
            super().raise_callback_event(event_argument)

    add_page(user_app, Flashing, "/flashing")
    user_app.add_url_rule("/go", "go", lambda: flash("Hi") or redirect("/flashing"))
    user_app.add_url_rule("/flashes", view_func=get_flashed_messages)
    page = client.get_page("/go", follow_redirects=True)
    assert "Hi" in page.text
    assert page.callback("x").result == 1
    assert client.get("/flashes").json == ["Saved"]
    assert page.callback("x").result == 2


def test_login(user_app: Flask, client: CallbackClient) -> None:
    """State of before a login, of another user or of before a logout is stale."""
    visitor = client.get_page("/")
    client.get("/login/ada")
    assert is_stale(visitor.callback("x"))
    page = client.get_page("/")
    assert page.callback("x").result == 1
    client.get("/logout")
    assert is_stale(page.callback("x"))
    client.get("/login/grace")
    assert is_stale(page.callback("x"))
    client.get("/login/ada")
    assert page.callback("x").result == 2


def test_login_after_a_session(user_app: Flask, client: CallbackClient) -> None:
    """So is state of a session in which somebody logged in since."""
    client.get("/start")
    page = client.get_page("/")
    assert not is_stale(page.callback("x"))
    client.get("/login/ada")
    assert is_stale(page.callback("x"))


def test_login_binds_alone(user_app: Flask, client: CallbackClient) -> None:
    """A user's state is good in another session of the same user."""
    client.get("/login/ada")
    page = client.get_page("/")
    client.delete_cookie("session")
    client.get("/login/ada")
    assert page.callback("x").result == 1


def test_remembered_login(user_app: Flask, client: CallbackClient) -> None:
    """A login that only its cookie remembers is the same user."""
    client.get("/login/ada?remember=1")
    page = client.get_page("/")
    client.delete_cookie("session")
    assert page.callback("x").result == 1
    remembered = client.get_page("/")
    client.get("/login/ada")
    assert remembered.callback("x").result == 1
    client.delete_cookie("session")
    client.set_cookie("remember_token", "grace|forged")
    assert is_stale(page.callback("x"))


def test_login_id_is_not_shown(user_app: Flask, client: CallbackClient) -> None:
    """The state does not show who the user is."""
    import base64

    client.get("/login/ada.lovelace@example.com")
    state = client.get_page("/").state or ""
    payload = state.split(".")[0]
    assert b"ada" not in base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))


def test_login_required(user_app: Flask, client: CallbackClient) -> None:
    """A login that ended in an open page is told to it."""

    class Private(Counter):
        decorators: t.ClassVar = [login_required]

        def get_callback_result(self) -> t.Any:
            return [current_user.get_id(), super().get_callback_result()]

    user_app.login_manager.login_view = "login_page"  # type: ignore[attr-defined]
    user_app.add_url_rule("/login", "login_page", lambda: "Log in")
    add_page(user_app, Private, "/private")
    client.get("/login/ada")
    page = client.get_page("/private")
    assert page.callback("x").result == ["ada", 1]
    client.get("/logout")
    answer = page.callback("x")
    assert (answer.redirect or "").startswith("/login?next=")


def test_user_key() -> None:
    """An application may tell itself who its users are."""
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app, user_key=lambda: request.headers.get("X-User"))
    add_page(app, Counter)
    client = CallbackClient(app)
    page = client.get_page("/", headers={"X-User": "ada"})
    assert page.callback("x", headers={"X-User": "ada"}).result == 1
    assert is_stale(page.callback("x", headers={"X-User": "grace"}))
    assert is_stale(page.callback("x"))
    visitor = client.get_page("/")
    assert visitor.callback("x").result == 1
    assert is_stale(visitor.callback("x", headers={"X-User": "ada"}))


@pytest.mark.parametrize("clears", [False, True])
def test_key_in_the_session(clears: bool) -> None:
    """A user whom only a value of the session tells is told by ``user_key``, or by
    clearing the session with each login and logout.
    """
    app = Flask(__name__)
    app.secret_key = "x"
    ClientCallback(app, user_key=None if clears else lambda: session.get("user"))

    def log_in(user: str) -> str:
        if clears:
            session.clear()

        session["user"] = user
        return user

    def log_out() -> str:
        if clears:
            session.clear()

        session.pop("user", None)
        return "nobody"

    app.add_url_rule("/login/<user>", "login", log_in)
    app.add_url_rule("/logout", "logout", log_out)
    add_page(app, Counter)
    client = CallbackClient(app)
    client.get("/login/ann")
    page = client.get_page("/")
    assert page.callback("x").result == 1
    client.get("/logout")
    assert is_stale(page.callback("x"))
    client.get("/login/bob")
    assert is_stale(page.callback("x"))


def test_user_key_of_another_type() -> None:
    """A key that is no text is an error that says so."""
    app = Flask(__name__)
    app.secret_key = "x"
    app.testing = True
    ClientCallback(app, user_key=lambda: 7)  # type: ignore[arg-type, return-value]
    add_page(app, Counter)

    with pytest.raises(RuntimeError, match="user_key"):
        CallbackClient(app).get_page("/")


def test_keys(app: Flask, client: CallbackClient) -> None:
    """A key that becomes a fallback is good until it is removed."""
    add_page(app, Echo)
    add_page(app, Counter, "/counter")
    client.get("/")
    app.secret_key = "old"
    page, other = client.get_page("/"), client.get_page("/")
    app.secret_key = "new"
    app.config["SECRET_KEY_FALLBACKS"] = ["older", "old"]
    answer = page.callback("x")
    assert answer.result == "x"
    assert answer.state is not None, "the page gets a state of the new key"
    app.config["SECRET_KEY_FALLBACKS"] = []
    assert page.callback("x").result == "x"
    assert is_stale(other.callback("x"))


def test_keys_and_users(user_app: Flask, client: CallbackClient) -> None:
    """A user's state is good under a fallback key too."""
    client.get("/login/ada")
    page = client.get_page("/")
    user_app.config["SECRET_KEY_FALLBACKS"] = [user_app.secret_key]
    user_app.secret_key = "new"
    assert page.callback("x").result == 1


@pytest.mark.parametrize(
    ("age", "stale", "renewed"), [(5, 0, 0), (51, 0, 1), (101, 1, 0)]
)
def test_age(
    app: Flask,
    client: CallbackClient,
    monkeypatch: pytest.MonkeyPatch,
    age: int,
    stale: int,
    renewed: int,
) -> None:
    """State is renewed after half its maximum age, and refused after all of it."""
    import time

    app.config["CLIENTCALLBACK_MAX_AGE"] = 100
    add_page(app, Echo)
    page = client.get_page("/")
    later = time.time() + age
    monkeypatch.setattr(time, "time", lambda: later)
    answer = page.callback("x")
    assert is_stale(answer) == bool(stale)
    assert (answer.state is not None) == bool(renewed)


def test_signed_anew_or_changed(app: Flask, client: CallbackClient) -> None:
    """An answer names the tokens that are only signed anew, which must not undo what
    another call changed.
    """

    class Changing(Echo):
        def page_load(self) -> None:
            self.offer("first")

            if not current_page.is_callback:
                self.offer("rendered")

        def offer(self, argument: str) -> None:
            script = current_page.client_script
            script.register_for_event_validation(current_page, argument)

        def raise_callback_event(self, event_argument: str) -> None:
            if event_argument in ("second", "rendered"):
                self.offer(event_argument)
            elif event_argument:
                current_page.view_state["x"] = event_argument

    add_page(app, Changing)
    state, events = "viewState", "eventValidation"

    for arguments, expected in (
        (("", ""), [(state, events, "renewed", state, events), ()]),
        (("x", "x"), [(state, events, "renewed", events), ()]),
        (("second", "second"), [(state, events, "renewed", state), ()]),
        (
            ("", "rendered", "rendered"),
            [
                (state, events, "renewed", state, events),
                (events, "renewed", events),
                (),
            ],
        ),
    ):
        page = client.get_page("/")
        app.config["SECRET_KEY_FALLBACKS"] = [app.secret_key]
        app.secret_key = secrets.token_hex()
        told: list[tuple[str, ...]] = []

        for argument in arguments:
            answer = page.callback(argument).response.get_json(force=True)
            assert answer.pop("result") is None
            assert answer.pop("stateful", argument == "x") is (argument == "x")
            told.append((*answer, *answer.get("renewed", ())))

        assert told == expected


def test_large_view_state(app: Flask, client: CallbackClient) -> None:
    """State beyond the limit is an error when it is issued."""

    class Growing(Echo):
        def raise_callback_event(self, event_argument: str) -> None:
            current_page.view_state["x"] = "y" * 70_000

    add_page(app, Growing)
    page = client.get_page("/")
    answer = page.callback("x")
    assert (answer.status, answer.state) == (500, None)
