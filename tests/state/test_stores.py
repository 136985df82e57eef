"""The stores: what is kept in them, for how long, and who wins where several write."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sqlite3
import stat
import sys
import threading
import time
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from flask_clientcallback import ClientCallback
from flask_clientcallback import ConfigurationError
from flask_clientcallback import StoreError
from flask_clientcallback.state import stores
from flask_clientcallback.state.shared_store import open_store
from flask_clientcallback.state.shared_store import store_of
from flask_clientcallback.state.stores import SQLiteStore
from flask_clientcallback.typing import Store

from ..helpers.redis_server import running_redis

MOST = 60.0


@pytest.fixture(params=["sqlite", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """What an application writes for a store of each kind."""
    if request.param == "sqlite":
        yield str(tmp_path / "store.sqlite3")
    else:
        with running_redis(tmp_path) as server:
            yield server.url()


@pytest.fixture
def store(place: str, tmp_path: Path) -> Store:
    """A store of each kind."""
    return open_store(place, str(tmp_path))


def test_value(store: Store) -> None:
    """A value is kept as it is, and another one takes its place."""
    assert store.get("key") is None
    store.set("key", b"\x00\xff one", MOST)
    assert store.get("key") == b"\x00\xff one"
    store.set("key", b"", MOST)
    assert store.get("key") == b""
    assert store.get("other") is None


def test_delete(store: Store) -> None:
    """What is deleted is gone, and may be added again."""
    store.delete("key")
    store.set("key", b"one", MOST)
    store.delete("key")
    assert store.get("key") is None
    assert store.add("key", b"two", MOST)


def test_add(store: Store) -> None:
    """A value is added once, until it is over."""
    assert store.add("key", b"one", MOST)
    assert not store.add("key", b"two", MOST)
    assert store.get("key") == b"one"


def test_swap(store: Store) -> None:
    """A value takes the place of the one that was there, and of no other."""
    assert not store.swap("key", b"one", b"two", MOST)
    store.set("key", b"one", MOST)
    assert not store.swap("key", b"two", b"three", MOST)
    assert store.swap("key", b"one", b"two", MOST)
    assert not store.swap("key", b"one", b"three", MOST)
    assert store.get("key") == b"two"


def wait_until(condition: t.Callable[[], bool]) -> None:
    """Wait for what comes by itself."""
    until = time.monotonic() + 10

    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_time(store: Store) -> None:
    """A value that is over is none: it cannot be read or swapped, but added anew."""
    store.set("set", b"one", 0.05)
    assert store.add("added", b"one", 0.05)
    store.set("swapped", b"one", MOST)
    assert store.swap("swapped", b"one", b"two", 0.05)

    for key in ("set", "added", "swapped"):
        wait_until(lambda key=key: store.get(key) is None)
        assert not store.swap(key, b"two" if key == "swapped" else b"one", b"x", MOST)
        assert store.add(key, b"three", MOST)
        assert store.get(key) == b"three"


def race(store: Store, turn: int, name: bytes) -> list[str]:
    """Add a value and swap another, as others do at the same time."""
    won: list[str] = []

    if store.add(f"added {turn}", name, MOST):
        won.append(f"added {turn}")

    if store.swap(f"swapped {turn}", b"before", name, MOST):
        won.append(f"swapped {turn}")

    return won


def race_in_process(place: str, folder: str, name: bytes, won: t.Any) -> None:
    """Take part in a process of its own."""
    store = open_store(place, folder)
    won.put([key for turn in range(50) for key in race(store, turn, name)])


def expected() -> list[str]:
    """List what is to be won, each once."""
    return sorted(f"{way} {turn}" for way in ("added", "swapped") for turn in range(50))


def prepare(store: Store) -> None:
    """Put there what is to be swapped."""
    for turn in range(50):
        store.set(f"swapped {turn}", b"before", MOST)


def test_threads(store: Store) -> None:
    """Of threads that add or swap at once, one wins."""
    prepare(store)
    start = threading.Barrier(4)

    won: list[str] = []

    def run(name: int) -> None:
        start.wait()

        for turn in range(50):
            won.extend(race(store, turn, b"%d" % name))

    threads = [threading.Thread(target=run, args=(name,)) for name in range(4)]

    for thread in threads:
        thread.start()

    for thread in threads:
        thread.join()

    assert sorted(won) == expected()


def test_processes(
    place: str,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of processes that add or swap at once, one wins."""
    # Where the processes find this module.
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    prepare(store)
    context = multiprocessing.get_context("spawn")
    won: t.Any = context.Queue()
    processes = [
        context.Process(
            target=race_in_process, args=(place, str(tmp_path), b"%d" % name, won)
        )
        for name in range(3)
    ]

    for process in processes:
        process.start()

    keys = sorted(key for _ in processes for key in won.get(timeout=60))

    for process in processes:
        process.join(60)

    assert keys == expected()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_fork(store: Store) -> None:
    """A process that was forked writes to the store, and leaves it to the other."""
    store.set("parent", b"one", MOST)
    child = os.fork()

    if not child:
        # Nothing of the tests may run here.
        is_seen = store.get("parent") == b"one"
        store.set("child", b"two", MOST)
        os._exit(0 if is_seen else 1)

    assert os.waitpid(child, 0)[1] == 0
    assert store.get("child") == b"two"
    store.set("parent", b"three", MOST)
    assert store.get("parent") == b"three"


def test_file_is_made_late(tmp_path: Path) -> None:
    """The file is there with the first write, for nobody else to read."""
    path = tmp_path / "instance" / "store.sqlite3"
    store = SQLiteStore(path)
    assert store.get("key") is None
    assert not path.parent.exists()
    store.set("key", b"one", MOST)
    files = list(path.parent.iterdir())
    assert path in files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_file_has_a_log(tmp_path: Path) -> None:
    """Who reads does not wait for who writes."""
    path = tmp_path / "store.sqlite3"
    store = SQLiteStore(path)
    store.set("key", b"one", MOST)
    writer = sqlite3.connect(path, isolation_level=None)
    assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    writer.execute("BEGIN IMMEDIATE")
    assert store.get("key") == b"one"
    writer.execute("ROLLBACK")
    writer.close()


def test_file_does_not_grow(tmp_path: Path) -> None:
    """What is over is deleted with every 64th write."""
    path = tmp_path / "store.sqlite3"
    store = SQLiteStore(path)

    for number in range(62):
        store.set(f"over {number}", b"x", -1)

    def count() -> int:
        reader = sqlite3.connect(path)

        with reader:
            [found] = reader.execute("SELECT count(*) FROM entries").fetchone()

        reader.close()
        return int(found)

    store.set("good", b"x", MOST)
    assert count() == 63
    store.set("good", b"y", MOST)
    assert count() == 1
    assert store.get("good") == b"y"


def test_sweep_that_fails(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What is over and cannot be deleted spoils no write, and is left for later."""
    caplog.set_level(logging.DEBUG, "flask_clientcallback")
    path = tmp_path / "store.sqlite3"
    store = SQLiteStore(path)

    for number in range(63):
        store.set(f"over {number}", b"x", -1)

    other = sqlite3.connect(path)
    other.execute(
        "CREATE TRIGGER busy BEFORE DELETE ON entries"
        " BEGIN SELECT RAISE(ABORT, 'busy'); END"
    )
    assert store.add("good", b"x", MOST)
    assert "busy" in caplog.text
    assert other.execute("SELECT count(*) FROM entries").fetchone() == (64,)
    other.execute("DROP TRIGGER busy")

    for _ in range(64):
        store.set("good", b"y", MOST)

    assert other.execute("SELECT count(*) FROM entries").fetchone() == (1,)
    other.close()


def test_statement_that_fails(tmp_path: Path) -> None:
    """A file that is no database is an error, each time."""
    path = tmp_path / "store.sqlite3"
    path.write_bytes(b"no database, but long enough to be taken for one" * 20)
    store = SQLiteStore(path)

    for _ in range(2):
        with pytest.raises(sqlite3.DatabaseError):
            store.set("key", b"one", MOST)


def test_file_that_is_spoilt(tmp_path: Path) -> None:
    """A file whose entries somebody took away is an error, and then is used again."""
    path = tmp_path / "store.sqlite3"
    store = SQLiteStore(path)
    store.set("key", b"one", MOST)
    other = sqlite3.connect(path)
    other.execute("DROP TABLE entries")
    other.close()

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        store.set("key", b"two", MOST)

    store.set("key", b"three", MOST)
    assert store.get("key") == b"three"


def test_file_that_another_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that another process keeps for itself is an error after a while."""
    monkeypatch.setattr(stores, "_WAIT", 0.1)
    path = tmp_path / "store.sqlite3"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    store = SQLiteStore(path)

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        store.set("key", b"one", MOST)

    other.execute("ROLLBACK")
    other.close()
    store.set("key", b"two", MOST)
    assert store.get("key") == b"two"


def test_file_that_another_begins(tmp_path: Path) -> None:
    """A store that begins waits for another process that writes to the file."""
    path = tmp_path / "store.sqlite3"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    later = threading.Timer(0.3, other.execute, ["ROLLBACK"])
    later.start()
    store = SQLiteStore(path)
    store.set("key", b"one", MOST)
    assert store.get("key") == b"one"
    later.join()
    other.close()


def make_app(tmp_path: Path, given: object) -> Flask:
    """Make an application whose configuration names a store."""
    app = Flask(__name__, instance_path=str(tmp_path))
    app.secret_key = "a secret key of the tests"
    app.config["CLIENTCALLBACK_STORE"] = given
    ClientCallback(app)
    return app


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (None, "clientcallback.sqlite3"),
        ("jobs.sqlite3", "jobs.sqlite3"),
        (Path("other") / "jobs", "other/jobs"),
    ],
    ids=["none", "text", "path"],
)
def test_file_of_an_application(tmp_path: Path, given: object, name: str) -> None:
    """The file is in the instance folder, unless the application names another."""
    app = make_app(tmp_path, given)

    with app.app_context():
        store = store_of(app)
        assert store is store_of(app)
        store.set("key", b"one", MOST)

    assert (tmp_path / name).is_file()
    assert SQLiteStore(tmp_path / name).get("clientcallback:key") == b"one"


class Memory:
    """A store of an application's own."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.fails = False

    def get(self, key: str) -> bytes | None:
        if self.fails:
            raise OSError("gone")

        return self.held.get(key)

    def set(self, key: str, value: bytes, ttl: float) -> None:
        self.held[key] = value

    def add(self, key: str, value: bytes, ttl: float) -> bool:
        return self.held.setdefault(key, value) is value

    def swap(self, key: str, old: bytes, new: bytes, ttl: float) -> bool:
        is_there = self.held.get(key) == old

        if is_there:
            self.held[key] = new

        return is_there

    def delete(self, key: str) -> None:
        self.held.pop(key, None)


def test_store_of_the_application(tmp_path: Path) -> None:
    """An object with the five methods is a store, and all keys begin alike."""
    memory = Memory()
    app = make_app(tmp_path, memory)

    with app.app_context():
        store = store_of(app)
        store.set("one", b"1", MOST)
        assert store.add("two", b"2", MOST)
        assert store.swap("two", b"2", b"3", MOST)
        assert store.get("two") == b"3"
        store.set("three", b"", MOST)
        store.delete("three")

    assert memory.held == {"clientcallback:one": b"1", "clientcallback:two": b"3"}


def test_store_that_fails(tmp_path: Path) -> None:
    """Whatever a store raises is an error of the package, with status 503."""
    memory = Memory()
    memory.fails = True
    app = make_app(tmp_path, memory)

    with app.app_context(), pytest.raises(StoreError) as raised:
        store_of(app).get("key")

    assert raised.value.code == 503
    assert isinstance(raised.value.__cause__, OSError)


@pytest.mark.parametrize(
    "given", ["memcached://localhost", "", 7, object(), "redis://localhost:x/0"]
)
def test_no_store(tmp_path: Path, given: object) -> None:
    """What is no store is refused, with what there is."""
    if str(given).startswith("redis"):
        pytest.importorskip("redis")

    with pytest.raises(ConfigurationError, match="CLIENTCALLBACK_STORE is"):
        open_store(given, str(tmp_path))


def test_redis_that_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without redis-py the error says what to install."""
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(ConfigurationError) as raised:
        open_store("redis://localhost/0", str(tmp_path))

    assert 'pip install "flask-clientcallback[redis]"' in str(raised.value)


def test_redis_that_is_gone(tmp_path: Path) -> None:
    """A Redis that does not answer is an error within a moment."""
    with running_redis(tmp_path) as server:
        store = open_store(server.url(), str(tmp_path))
        store.set("key", b"one", MOST)
        server.stop()
        begun = time.monotonic()

        with pytest.raises(Exception, match="refused"):
            store.get("key")

        assert time.monotonic() - begun < 5
        server.start()
        assert store.get("key") == b"one"
