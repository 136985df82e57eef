"""The stores for data that outlives a request: a SQLite file or Redis. All is bytes
under a key, for a time. Nothing is pickled: writing there runs no code here.
"""

from __future__ import annotations

import importlib
import itertools
import os
import sqlite3
import time
import typing as t
import weakref
from pathlib import Path

from ..config import STORE
from ..errors import ConfigurationError
from ..globals import logger

_REDIS_MODULES = ("redis", "redis.backoff", "redis.retry")
_SWEEP_EACH = 64
"""The number of writes after which expired values are deleted."""
_WAIT = 10.0
"""Seconds that a writer waits for another one."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY, value BLOB NOT NULL, expires REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_by_expiry ON entries (expires);
"""
_GET = "SELECT value FROM entries WHERE key = ? AND expires > ?"
# An existing entry is overwritten in place, at half the cost of REPLACE.
_SET = """
INSERT INTO entries (key, value, expires) VALUES (?, ?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires
"""
_ADD = f"{_SET} WHERE expires <= ?"
_SWAP = """
UPDATE entries SET value = ?, expires = ? WHERE key = ? AND value = ? AND expires > ?
"""
_DELETE = "DELETE FROM entries WHERE key = ?"
_SWEEP = "DELETE FROM entries WHERE expires <= ?"
_SWAP_SCRIPT = """
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
return 1
"""

_Connections = list[sqlite3.Connection]


class SQLiteStore:
    """Keeps everything in one file, which processes and threads share. The first write
    creates it.

    :param path: the file. Only the user who runs the application may read it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # A forked process must neither use nor close its parent's connections: they
        # stay here, under the parent's number.
        self._idle: dict[int, _Connections] = {}
        self._writes = itertools.count(1)
        # Not at the end of the process: jobs may run until then.
        weakref.finalize(self, _close_own, self._idle).atexit = False

    def get(self, key: str) -> bytes | None:
        """Get a value, or ``None`` if there is none or its time is over."""
        if not self._idle.get(os.getpid()) and not self._path.exists():
            return None

        rows, _ = self._run(_GET, key, time.time())
        return rows[0][0] if rows else None

    def set(self, key: str, value: bytes, ttl: float) -> None:
        """Keep a value."""
        self._write(_SET, key, value, time.time() + ttl)

    def add(self, key: str, value: bytes, ttl: float) -> bool:
        """Keep a value if the key has none, and tell whether it had none."""
        now = time.time()
        return self._write(_ADD, key, value, now + ttl, now)

    def swap(self, key: str, old: bytes, new: bytes, ttl: float) -> bool:
        """Replace a value if it is still ``old``, and tell whether it was."""
        now = time.time()
        return self._write(_SWAP, new, now + ttl, key, old, now)

    def delete(self, key: str) -> None:
        """Delete a value."""
        self._write(_DELETE, key)

    def _write(self, statement: str, *values: t.Any) -> bool:
        """Tell whether a statement wrote anything."""
        _, count = self._run(statement, *values)

        if not next(self._writes) % _SWEEP_EACH:
            self._sweep()

        return count > 0

    def _sweep(self) -> None:
        try:
            self._run(_SWEEP, time.time())
        except (OSError, sqlite3.Error) as error:
            # The next write deletes them too, and this write is done.
            logger.debug("What is over could not be deleted: %s", error)

    def _run(self, statement: str, *values: t.Any) -> tuple[list[t.Any], int]:
        idle = self._idle.setdefault(os.getpid(), [])

        try:
            connection = idle.pop()
        except IndexError:
            connection = self._connect()

        try:
            cursor = connection.execute(statement, values)
            done = cursor.fetchall(), cursor.rowcount
        except BaseException:
            connection.close()
            raise

        idle.append(connection)
        return done

    def _connect(self) -> sqlite3.Connection:
        path = self._path
        path.parent.mkdir(parents=True, exist_ok=True)
        # SQLite gives the files beside it the same mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(
            path, timeout=_WAIT, isolation_level=None, check_same_thread=False
        )

        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise

        return connection


def _prepare(connection: sqlite3.Connection) -> None:
    until = time.monotonic() + _WAIT

    while True:
        try:
            # For a new file: with large pages, a view state needs fewer of them, each
            # of which SQLite writes by itself.
            connection.execute("PRAGMA page_size = 8192")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_SCHEMA)
            return
        except sqlite3.OperationalError:
            # SQLite does not wait for others by itself when it first changes to WAL.
            if time.monotonic() > until:
                raise

            time.sleep(0.01)


def _close_own(idle: dict[int, _Connections]) -> None:
    for connection in idle.get(os.getpid(), ()):
        connection.close()


class RedisStore:
    """Keeps everything in Redis, which several machines can share.

    :param url: its URL, as redis-py takes it.
    :raises ConfigurationError: redis-py is not installed, or the URL is not valid.
    """

    def __init__(self, url: str) -> None:
        try:
            redis, backoff, retry = map(importlib.import_module, _REDIS_MODULES)
        except ImportError as error:
            raise ConfigurationError(
                f"{STORE} names a Redis, and redis-py is not installed:"
                ' pip install "flask-clientcallback[redis]"'
            ) from error

        try:
            # A request does not wait for a Redis that is gone: the page asks again.
            self._redis: t.Any = redis.Redis.from_url(
                url,
                socket_timeout=5,
                socket_connect_timeout=2,
                retry=retry.Retry(backoff.ExponentialBackoff(cap=0.5, base=0.05), 2),
            )
        except ValueError as error:
            raise ConfigurationError(
                f"{STORE} is no URL of a Redis: {error}"
            ) from error

        disconnect = self._redis.connection_pool.disconnect
        weakref.finalize(self, disconnect).atexit = False
        self._swap = self._redis.register_script(_SWAP_SCRIPT)

    def get(self, key: str) -> bytes | None:
        """Get a value, or ``None`` if there is none or its time is over."""
        return t.cast("bytes | None", self._redis.get(key))

    def set(self, key: str, value: bytes, ttl: float) -> None:
        """Keep a value."""
        self._redis.set(key, value, px=_milliseconds(ttl))

    def add(self, key: str, value: bytes, ttl: float) -> bool:
        """Keep a value if the key has none, and tell whether it had none."""
        return bool(self._redis.set(key, value, px=_milliseconds(ttl), nx=True))

    def swap(self, key: str, old: bytes, new: bytes, ttl: float) -> bool:
        """Replace a value if it is still ``old``, and tell whether it was."""
        return bool(self._swap(keys=[key], args=[old, new, _milliseconds(ttl)]))

    def delete(self, key: str) -> None:
        """Delete a value."""
        self._redis.delete(key)


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
