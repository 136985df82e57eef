"""The store of an application, and what happens when it fails."""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Generator
from hashlib import sha256
from pathlib import Path
from types import TracebackType

from ..config import STORE
from ..errors import ConfigurationError
from ..errors import StoreError
from ..globals import logger
from ..globals import registration_of
from ..typing import Store
from .stores import RedisStore
from .stores import SQLiteStore

if t.TYPE_CHECKING:
    from flask import Flask

FILE_NAME = "clientcallback.sqlite3"
"""The file in an application's instance folder, unless it names another."""

_METHODS = ("get", "set", "add", "swap", "delete")
_REDIS_SCHEMES = ("redis", "rediss", "unix")


def open_store(given: object, instance_path: str) -> Store:
    """Open the store that an application's configuration names.

    :param given: the URL of a Redis, the path of a SQLite file or the store itself;
        ``None`` for a file in the instance folder.
    :param instance_path: this folder. A relative path begins there.
    :raises ConfigurationError: it is none of these.
    """
    if given is None:
        given = FILE_NAME

    if isinstance(given, str) and "://" in given:
        scheme = given.partition("://")[0]

        if scheme in _REDIS_SCHEMES:
            return RedisStore(given)
    elif isinstance(given, (str, Path)) and str(given):
        return SQLiteStore(Path(instance_path, given))
    elif all(callable(getattr(given, name, None)) for name in _METHODS):
        return t.cast(Store, given)

    raise ConfigurationError(
        f"{STORE} is the URL of a Redis, redis://localhost/0 say, the path of a SQLite"
        f" file, or an object with the methods {', '.join(_METHODS)}, not {given!r}."
    )


class _Failures:
    """Turns all exceptions of a store into one. One object serves all, as each access
    to the store is within it.
    """

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, Exception):
            raise StoreError() from error


_failures = _Failures()


@contextlib.contextmanager
def outage_is_logged() -> Generator[None]:
    """Log why a store did not answer, if a request fails because of it."""
    try:
        yield
    except StoreError as error:
        logger.error("The store does not answer: %s", error.__cause__)
        raise


class SharedStore:
    """A store whose failures are all a :exc:`StoreError`, and whose keys have a prefix
    of their own.

    :param store: the application's store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str) -> bytes | None:
        """Get a value, or ``None`` if there is none or its time is over."""
        with _failures:
            return self._store.get(_own(key))

    def set(self, key: str, value: bytes, ttl: float) -> None:
        """Keep a value for some seconds."""
        with _failures:
            self._store.set(_own(key), value, ttl)

    def add(self, key: str, value: bytes, ttl: float) -> bool:
        """Keep a value if the key has none, and tell whether it had none."""
        with _failures:
            return self._store.add(_own(key), value, ttl)

    def swap(self, key: str, old: bytes, new: bytes, ttl: float) -> bool:
        """Replace a value if it is still ``old``, and tell whether it was."""
        with _failures:
            return self._store.swap(_own(key), old, new, ttl)

    def delete(self, key: str) -> None:
        """Delete a value."""
        with _failures:
            self._store.delete(_own(key))


def _own(key: str) -> str:
    return f"clientcallback:{key}"


def digest(*parts: str) -> str:
    """Write a digest of texts for a key: all who see the store can read its keys."""
    return sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def store_of(app: Flask) -> SharedStore:
    """Get the store of an application. It is opened when first needed.

    :raises ConfigurationError: it names none.
    """
    registration = registration_of(app)
    made = registration.made

    if STORE not in made:
        given = registration.settings.store
        made.setdefault(STORE, SharedStore(open_store(given, app.instance_path)))

    return t.cast(SharedStore, made[STORE])
