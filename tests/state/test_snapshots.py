"""View states that are kept in the store, seen from outside."""

from __future__ import annotations

import re
import sqlite3
import time
import typing as t
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask import render_template_string
from flask import session
from flask.views import View
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page
from flask_clientcallback import RefusedError
from flask_clientcallback.testing import CallbackAnswer
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage
from flask_clientcallback.testing import MemoryStore

from ..helpers.jobs import add as add_numbers
from ..helpers.pages import add_page
from ..helpers.pages import Page
from ..helpers.pages import TEMPLATE
from ..helpers.redis_server import running_redis

FROM = 1000
LONG = "x" * 2000
STALE = {"kind": "stale", "message": RefusedError.messages["stale"]}
AWAY = {"kind": "http", "message": "The server cannot do this now. Try again later."}


class ClockStore:
    """A store with a clock of its own, that can be away."""

    def __init__(self) -> None:
        self.now = 0.0
        self.held: dict[str, tuple[bytes, float]] = {}
        self.asked: list[str] = []
        """What it was asked for."""
        self.is_away = False

    def living(self) -> dict[str, bytes]:
        """Give what is in it now."""
        return {
            key: value for key, (value, until) in self.held.items() if until > self.now
        }

    def get(self, key: str) -> bytes | None:
        self._note("get", key)
        return self.living().get(key)

    def set(self, key: str, value: bytes, ttl: float) -> None:
        self._note("set", key)
        self.held[key] = value, self.now + ttl

    def add(self, key: str, value: bytes, ttl: float) -> bool:
        raise AssertionError("not for view states")

    def swap(self, key: str, old: bytes, new: bytes, ttl: float) -> bool:
        raise AssertionError("not for view states")

    def delete(self, key: str) -> None:
        raise AssertionError("not for view states")

    def _note(self, what: str, key: str) -> None:
        self.asked.append(what)
        assert key.startswith("clientcallback:view_state:")

        if self.is_away:
            raise ConnectionError("The store is away.")


def make_app(tmp_path: Path, store: t.Any, **config: t.Any) -> Flask:
    """Make an application that keeps large view states in a store."""
    app = Flask(__name__, instance_path=str(tmp_path))
    app.secret_key = "a secret key of the tests"
    app.test_client_class = CallbackClient
    app.config["CLIENTCALLBACK_STORE"] = store
    app.config["CLIENTCALLBACK_STORE_VIEW_STATE_FROM"] = FROM
    app.config.update(config)
    ClientCallback(app)
    add_page(app, Rows)
    add_page(app, Other, "/other")
    return app


@callback_handler
class Rows(Page):
    """Keeps rows, and does with them what it is told."""

    template = "{{ current_page.view_state.rows|length }}" + TEMPLATE
    ran: t.ClassVar[list[str]] = []

    def page_load(self) -> None:
        if not current_page.is_postback:
            current_page.view_state["rows"] = [LONG]

    def raise_callback_event(self, event_argument: str) -> t.Any:
        Rows.ran.append(event_argument)
        word, _, count = event_argument.partition(" ")
        rows = current_page.view_state["rows"]

        if word == "add":
            rows.append(LONG * int(count or 1))
        elif word == "shrink":
            rows[:] = ["short"]
        elif word == "undo":
            rows.pop()
        elif word == "fail":
            rows.append("failed")
            raise CallbackError("No.")
        elif word == "job":
            rows.append("job")
            return current_page.start_job(add_numbers, 1, 2)
        elif word == "fields":
            rows.append("fields")
            return render_template_string("{{ callback_fields() }}")

        return [len(row) for row in rows]

    def raise_postback_event(self, event_argument: str) -> None:
        current_page.view_state["rows"].append(event_argument)


class Other(Rows):
    """The same at another address."""


@pytest.fixture(params=["memory", "sqlite", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[t.Any]:
    """What an application gives for a store of each kind."""
    if request.param == "memory":
        yield MemoryStore()
    elif request.param == "sqlite":
        yield None
    else:
        with running_redis(tmp_path) as server:
            yield server.url()


@pytest.fixture
def app(tmp_path: Path, place: t.Any) -> Flask:
    """An application with a store of each kind."""
    return make_app(tmp_path, place)


@pytest.fixture
def store() -> ClockStore:
    """A store with a clock of its own."""
    return ClockStore()


@pytest.fixture
def client(tmp_path: Path, store: ClockStore) -> CallbackClient:
    """A browser of an application with that store."""
    return CallbackClient(make_app(tmp_path, store))


@pytest.fixture
def page(client: CallbackClient) -> ClientPage:
    """A page with a large view state."""
    return client.get_page("/")


def open_page(app: Flask) -> ClientPage:
    """Get the page."""
    return CallbackClient(app).get_page("/")


def token_of(page: ClientPage) -> str:
    """Give the token that a page has."""
    assert page.state
    return page.state


def ask(page: ClientPage, argument: str, token: str) -> CallbackAnswer:
    """Make a callback with a token, as a page does that has this one."""
    now = page.state
    page.state = token
    answer = page.callback(argument)
    page.state = now
    return answer


def is_stale(answer: CallbackAnswer) -> bool:
    """Tell whether a callback was refused as of a page that is out of date."""
    if answer.error is None:
        return False

    assert (answer.status, answer.error) == (400, STALE)
    return True


def test_small_state(tmp_path: Path) -> None:
    """A small state stays in the page, and no store is made for it."""
    app = make_app(tmp_path, None, CLIENTCALLBACK_STORE_VIEW_STATE_FROM=4000)
    page = open_page(app)
    assert page.callback().result == [2000]
    assert not list(tmp_path.iterdir())
    assert page.callback("add").result == [2000, 2000]
    assert (tmp_path / "clientcallback.sqlite3").exists()
    assert page.callback().result == [2000, 2000]


@pytest.mark.parametrize(("length", "kept"), [(FROM - 1, 0), (FROM, 1)])
def test_length(tmp_path: Path, store: ClockStore, length: int, kept: int) -> None:
    """The store has a state from the very length on."""

    @callback_handler
    class Exact(Page):
        def raise_callback_event(self, event_argument: str) -> int:
            return len(current_page.view_state.setdefault("text", event_argument))

    app = make_app(tmp_path, store)
    add_page(app, Exact, "/exact")
    page = CallbackClient(app).get_page("/exact")
    text = "x" * (length - len('{"text":""}'))
    assert page.callback(text).result == len(text)
    assert len(store.living()) == kept
    assert page.callback().result == len(text)


def test_large_state(app: Flask) -> None:
    """The token of a large state is small, also when a callback changes that, and what
    it keeps is there in the next one.
    """
    page = open_page(app)
    tokens = [token_of(page)]

    for count in range(2, 6):
        assert page.callback("add 5").result == [2000] + [10_000] * (count - 1)
        tokens.append(token_of(page))

    assert page.callback().result == [2000] + [10_000] * 4
    assert token_of(page) == tokens[-1]
    assert len(set(tokens)) == 5
    assert max(map(len, tokens)) < 300


def test_limit_that_is_raised(tmp_path: Path) -> None:
    """The limit of view states holds, and may be raised beyond what a request can
    bring.
    """
    page = open_page(make_app(tmp_path, None))
    assert page.callback("add 40").error is not None
    assert page.callback().result == [2000]
    app = make_app(tmp_path, None, CLIENTCALLBACK_MAX_VIEW_STATE=4 * 1024 * 1024)
    page = open_page(app)
    assert page.callback("add 1000").result == [2000, 2_000_000]
    assert page.callback().result == [2000, 2_000_000]
    assert len(token_of(page)) < 300


def test_failed_callback(app: Flask) -> None:
    """What a failed callback changed is not there in the next one."""
    page = open_page(app)
    assert page.callback("add").result == [2000, 2000]
    assert page.callback("fail").error is not None
    assert page.callback("add").result == [2000, 2000, 2000]


def test_page_that_is_come_back_to(page: ClientPage, store: ClockStore) -> None:
    """A page that is come back to as it was rendered has the first rows, and goes on
    from there, for the whole age.
    """
    first = token_of(page)
    store.now = 10

    for _ in range(3):
        page.callback("add")
        # What was there first is there once more, and replaced again.
        page.callback("undo")

    store.now = 12 * 60 * 60 - 1
    assert ask(page, "", first).result == [2000]
    assert ask(page, "add", first).result == [2000, 2000]
    store.now += 2
    assert is_stale(ask(page, "", first))
    assert page.callback().result == [2000]


def test_renewal(
    page: ClientPage, store: ClockStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state that is renewed is kept for the whole age anew."""
    clock = time.time()
    monkeypatch.setattr(time, "time", lambda: clock + store.now)

    for _ in range(3):
        store.now += 11 * 60 * 60
        answer = page.callback()
        assert answer.result == [2000]
        assert answer.state is not None

    store.now += 60 * 60
    assert len(store.living()) == 1


def test_many_changes(page: ClientPage, store: ClockStore) -> None:
    """A hundred changes leave no more than the rendering and the last two, once the
    calls that may have been under way are over.
    """
    for turn in range(100):
        assert page.callback("undo" if turn % 2 else "add 30").error is None
        store.now += 1

    assert len(store.living()) < 70
    store.now += 60
    assert len(store.living()) == 3
    assert page.callback("add").result == [2000, 2000]


def test_many_pages(
    client: CallbackClient, page: ClientPage, store: ClockStore
) -> None:
    """Each page that is opened is kept for the whole age, whatever others do."""
    pages = [client.get_page("/") for _ in range(20)]
    page.callback("add")
    page.callback("add")
    store.now = 12 * 60 * 60 - 1
    assert all(opened.callback().result == [2000] for opened in pages)
    assert len(store.living()) == 23
    store.now += 2
    assert not store.living()


def test_states_that_shrink(page: ClientPage, store: ClockStore) -> None:
    """Nor do changes between a large state and a small one."""
    for turn in range(20):
        large = page.callback("add") if turn % 2 else page.callback("shrink")
        assert large.error is None
        store.now += 61

    assert len(store.living()) <= 3
    assert page.callback("shrink").result == [5]
    assert page.callback("add").result == [5, 2000]


def test_many_changes_in_a_file(tmp_path: Path) -> None:
    """A file grows with what calls may need that are under way, and lets that go."""
    app = make_app(tmp_path, None)
    page = open_page(app)

    for turn in range(40):
        assert page.callback("undo" if turn % 2 else "add 30").error is None

    later = "SELECT COUNT(*) FROM entries WHERE expires > ?"

    with closing(sqlite3.connect(tmp_path / "clientcallback.sqlite3")) as connection:
        [kept] = connection.execute(later, (time.time() + 61,)).fetchone()

    assert kept == 3


def test_lost_answer(page: ClientPage, store: ClockStore) -> None:
    """A page that did not get the answer of a change goes on from what it has, however
    long after.
    """
    page.callback("add")

    for _ in range(3):
        assert ask(page, "add", token_of(page)).result == [2000] * 3
        store.now += 3600

    assert page.callback().result == [2000, 2000]
    assert page.callback("add").result == [2000] * 3


def test_calls_under_way(page: ClientPage, store: ClockStore) -> None:
    """A call that is under way with what others have replaced has its state for a
    minute.
    """
    page.callback("add")
    before = token_of(page)
    page.callback("add")
    page.callback("add")
    store.now += 59
    assert ask(page, "", before).result == [2000, 2000]
    store.now += 2
    assert is_stale(ask(page, "", before))
    assert page.callback().result == [2000] * 4


def test_parallel_calls(page: ClientPage, store: ClockStore) -> None:
    """Of two calls at once each gives the page its own change, and the page may keep
    either of them, also where both are alike.
    """
    page.callback("add")
    before = token_of(page)
    answers = [ask(page, "add", before), ask(page, "add", before)]
    answers += [ask(page, "add 2", before), ask(page, "", before)]
    assert [answer.error for answer in answers] == [None] * 4
    assert answers[0].response.json is not None
    assert "renewed" not in answers[0].response.json
    assert answers[3].state is None

    # Whoever goes on from the first takes the second from nobody.
    for _ in range(3):
        page.state = answers[0].state
        page.callback("add")
        page.callback("add")
        store.now += 100

    assert ask(page, "", answers[1].state or "").result == [2000] * 3
    assert ask(page, "", answers[2].state or "").result == [2000, 2000, 4000]


def forget(store: ClockStore) -> None:
    """Lose all, as a Redis that is emptied."""
    store.held.clear()


def alter(store: ClockStore, change: t.Callable[[bytes], bytes]) -> None:
    """Change all, as who can write to the store."""
    store.held = {key: (change(held), 1e9) for key, (held, _) in store.held.items()}


DAMAGE: dict[str, t.Callable[[ClockStore], None]] = {
    "gone": forget,
    "emptied": lambda store: alter(store, lambda held: b""),
    "cut": lambda store: alter(store, lambda held: held[:-1]),
    "longer": lambda store: alter(store, lambda held: held + b" "),
    "another": lambda store: alter(store, lambda held: held.replace(b"x", b"y", 1)),
    "no ASCII": lambda store: alter(store, lambda held: held.replace(b"x", b"\xff")),
    "no JSON": lambda store: alter(store, lambda held: b"\x80\x04}"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("changes", [0, 1])
def test_state_that_is_gone_or_another(
    page: ClientPage,
    store: ClockStore,
    changes: int,
    damage: t.Callable[[ClockStore], None],
) -> None:
    """A state that is gone, or is another than the digest says, is refused as stale
    before any code of the page runs, in a callback and in a post back.
    """
    for _ in range(changes):
        page.callback("add")

    damage(store)
    Rows.ran.clear()
    assert is_stale(page.callback("add"))
    assert not page.callback("add").stages
    assert page.post_back("__Page", "x").status == 400
    assert not Rows.ran


def test_state_of_another_page(
    client: CallbackClient, page: ClientPage, store: ClockStore
) -> None:
    """What the store has of one page is not good in the place of what it has of
    another, nor are older rows of the same.
    """
    other = client.get_page("/")
    other.callback("add")
    page.callback("add 2")
    first, others_first, others, second = store.held
    held = dict(store.held)

    for key in (first, others_first, others):
        store.held[second] = held[key]
        assert is_stale(page.callback())

    store.held = held
    assert page.callback().result == [2000, 4000]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=50)
    | st.tuples(st.integers(0, 2020), st.binary(min_size=1, max_size=3))
)
def test_any_contents(
    page: ClientPage, store: ClockStore, contents: bytes | tuple[int, bytes]
) -> None:
    """Whatever is in the store is the state that was kept, or stale."""
    [(key, (text, until))] = store.held.items()

    if isinstance(contents, tuple):
        at, inserted = contents
        contents = text[:at] + inserted + text[at + len(inserted) :]

    store.held[key] = contents, until
    answer = page.callback()
    store.held[key] = text, until
    assert is_stale(answer) == (contents != text)


def test_token_of_another_address(
    client: CallbackClient, page: ClientPage, store: ClockStore
) -> None:
    """A token is good at its own address alone: the store is not asked for others."""
    other = client.get_page("/other")
    store.asked.clear()
    other.state = page.state
    assert is_stale(other.callback())
    assert not store.asked


def test_token_of_another_user(tmp_path: Path, store: ClockStore) -> None:
    """A token is good for its own user alone: the store is not asked for others."""
    app = make_app(tmp_path, store)
    clients = [CallbackClient(app), CallbackClient(app)]

    for name, client in zip(("Ada", "Eve"), clients, strict=True):
        with client.session_transaction() as held:
            held["_clientcallback"] = name

    mine, others = [client.get_page("/") for client in clients]
    mine.callback("add")
    store.asked.clear()
    others.state = mine.state
    assert is_stale(others.callback())
    assert not store.asked
    assert mine.callback().result == [2000, 2000]


def test_forged_name(page: ClientPage, store: ClockStore) -> None:
    """A token cannot be made to name another state."""
    token = token_of(page)
    payload, _, signature = token.rpartition(".")
    store.asked.clear()

    for position in range(0, len(payload), 5):
        changed = "A" if payload[position] != "A" else "B"
        forged = f"{payload[:position]}{changed}{payload[position + 1 :]}.{signature}"
        assert is_stale(ask(page, "", forged))

    assert not store.asked


def test_post_back(app: Flask) -> None:
    """A post back brings the large state to the next rendering, which is a page of its
    own; the one before can be come back to.
    """
    page = open_page(app)
    page.callback("add")
    posted = page.post_back("__Page", "posted")
    assert posted.text.startswith("3")
    assert len(token_of(posted)) < 300
    assert posted.callback("add").result == [2000, 2000, 6, 2000]
    assert page.callback().result == [2000, 2000]


def test_job(tmp_path: Path) -> None:
    """The first answer of a job brings the page the small token of what changed."""
    app = make_app(tmp_path, MemoryStore(), CLIENTCALLBACK_JOB_THREADS=1)
    page = open_page(app)
    answer = page.callback("job")
    assert answer.job is not None
    assert answer.state is not None
    assert len(answer.state) < 300
    assert answer.job.wait().result == 3
    assert page.callback().result == [2000, 3]


@callback_handler
class Streaming(Rows):
    """Yields before it changes the rows."""

    def raise_callback_event(self, event_argument: str) -> Iterator[t.Any]:
        yield "begun"
        rows = current_page.view_state["rows"]
        rows.append(event_argument)
        store = current_page.app.config["CLIENTCALLBACK_STORE"]

        if event_argument == "lose the store":
            store.is_away = True

        return len(rows)


def test_stream(tmp_path: Path, store: ClockStore) -> None:
    """The last line of a stream brings the small token of what changed; without the
    store it tells that as an error, and the page keeps what it had.
    """
    app = make_app(tmp_path, store)
    add_page(app, Streaming, "/stream")
    page = CallbackClient(app).get_page("/stream")
    headers = {"Accept": "application/vnd.clientcallback+ndjson"}
    answer = page.callback("one", headers=headers)
    assert (answer.parts, answer.result) == (["begun"], 2)
    assert answer.state is not None
    assert len(answer.state) < 300
    answer = page.callback("lose the store", headers=headers)
    assert (answer.status, answer.error) == (503, {**AWAY, "status": 503})
    store.is_away = False
    assert page.callback("two").result == 3


def test_store_that_is_away(
    client: CallbackClient,
    page: ClientPage,
    store: ClockStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without the store a large state is 503 before any code of the page runs, and good
    again when the store is back.
    """
    page.callback("add")
    store.is_away = True
    Rows.ran.clear()
    answer = page.callback("add")
    assert (answer.status, answer.error, Rows.ran) == (503, AWAY, [])
    assert page.post_back("__Page", "x").status == 503
    assert client.get_page("/").status == 503
    assert "The store does not answer: The store is away." in caplog.text
    store.is_away = False
    assert page.callback("add").result == [2000] * 3


def test_store_that_goes_away(tmp_path: Path, store: ClockStore) -> None:
    """A handler whose change cannot be kept has run, and its page is told 503 and keeps
    the state that it had, as after any error. Small states need no store.
    """
    page = open_page(make_app(tmp_path, store))
    page.callback("shrink")
    page.callback("shrink")
    store.is_away = True
    before = token_of(page)
    Rows.ran.clear()
    assert page.callback().result == [5]
    answer = page.callback("add")
    assert (answer.status, answer.error) == (503, AWAY)
    assert (Rows.ran, page.state) == (["", "add"], before)
    store.is_away = False
    assert page.callback("add").result == [5, 2000]


def test_store_of_a_plain_view(tmp_path: Path, store: ClockStore) -> None:
    """The same holds for a view that is no MethodView."""

    @callback_handler
    class Plain(View):
        def dispatch_request(self) -> str:
            current_page.view_state["rows"] = [LONG]
            return render_template_string(TEMPLATE)

        def raise_callback_event(self, event_argument: str) -> int:
            return len(current_page.view_state["rows"])

    app = make_app(tmp_path, store)
    add_page(app, Plain, "/plain")
    page = CallbackClient(app).get_page("/plain")
    assert page.callback().result == 1
    store.is_away = True
    answer = page.callback()
    assert (answer.status, answer.error) == (503, AWAY)


@pytest.mark.parametrize("config", [{}, {"CLIENTCALLBACK_STORE_VIEW_STATE_FROM": None}])
def test_not_set(tmp_path: Path, store: ClockStore, config: dict[str, t.Any]) -> None:
    """An application that does not set it asks the store for nothing, but for pages
    that were rendered while it was set.
    """
    before = open_page(make_app(tmp_path, store))
    before.callback("add")
    app = make_app(tmp_path, store, CLIENTCALLBACK_STORE_VIEW_STATE_FROM=None)

    if not config:
        del app.config["CLIENTCALLBACK_STORE_VIEW_STATE_FROM"]

    store.asked.clear()
    page = open_page(app)
    assert page.callback("add").result == [2000, 2000]
    assert page.post_back("__Page", "x").callback().result == [2000, 2000, 1]
    assert not store.asked
    page.state = before.state
    assert page.callback("add").result == [2000] * 3
    store.asked.clear()
    assert page.callback("add").result == [2000] * 4
    # The last that a callback kept is replaced by what stays in the page.
    assert store.asked == ["get", "set"]
    assert page.callback("add").result == [2000] * 5
    assert len(store.asked) == 2


def test_fields_before_scripts(tmp_path: Path, store: ClockStore) -> None:
    """A page is written to the store once, wherever its token stands."""

    @callback_handler
    class Twice(Rows):
        template = "{{ callback_scripts() }}" + TEMPLATE + "{{ callback_fields() }}"

    app = make_app(tmp_path, store)
    add_page(app, Twice, "/twice")
    page = CallbackClient(app).get_page("/twice")
    assert len(set(re.findall('data-callback-state="([^"]+)"', page.text))) <= 1
    assert store.asked == ["set"]
    store.asked.clear()
    # HTML that a callback brings has a token too, of the same state.
    assert "__VIEWSTATE" in page.callback("fields").result
    assert store.asked == ["get", "set"]
    assert page.callback().result == [2000, 6]


def test_page_of_a_known_user(tmp_path: Path, place: t.Any) -> None:
    """A page with a session is kept as any other."""
    app = make_app(tmp_path, place)
    app.add_url_rule("/begin", "begin", lambda: str(session.setdefault("a", 1)))
    client = CallbackClient(app)
    client.get("/begin")
    page = client.get_page("/")
    assert page.callback("add").result == [2000, 2000]
    assert page.callback("add").result == [2000] * 3
