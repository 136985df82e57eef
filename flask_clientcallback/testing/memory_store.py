"""A store for tests: what is in it ends with it."""

from __future__ import annotations

import threading
import time


class MemoryStore:
    """Keeps what outlives a request in memory, for the tests of an application with
    background jobs or large view states: ``app.config["CLIENTCALLBACK_STORE"] =
    MemoryStore()``. Threads share it, and processes do not.

    .. versionadded:: 0.1
    """

    def __init__(self) -> None:
        self._entries: dict[str, tuple[bytes, float]] = {}
        self._lock = threading.Lock()
        self.writes: int = 0
        """How many times it was written to."""

    def keys(self) -> list[str]:
        """List the keys of what is there."""
        with self._lock:
            now = time.monotonic()
            return [key for key, (_, until) in self._entries.items() if until > now]

    def get(self, key: str) -> bytes | None:
        """Get a value; ``None`` where there is none, or none any more."""
        with self._lock:
            return self._find(key)

    def set(self, key: str, value: bytes, ttl: float) -> None:
        """Keep a value."""
        with self._lock:
            self._keep(key, value, ttl)

    def add(self, key: str, value: bytes, ttl: float) -> bool:
        """Keep a value, and tell whether there was none."""
        with self._lock:
            is_new = self._find(key) is None

            if is_new:
                self._keep(key, value, ttl)

            return is_new

    def swap(self, key: str, old: bytes, new: bytes, ttl: float) -> bool:
        """Put a value in the place of another, and tell whether that was there."""
        with self._lock:
            is_there = self._find(key) == old

            if is_there:
                self._keep(key, new, ttl)

            return is_there

    def delete(self, key: str) -> None:
        """Keep a value no longer."""
        with self._lock:
            self._entries.pop(key, None)

    def _find(self, key: str) -> bytes | None:
        value, until = self._entries.get(key, (None, 0.0))
        return value if until > time.monotonic() else None

    def _keep(self, key: str, value: bytes, ttl: float) -> None:
        self.writes += 1
        self._entries[key] = value, time.monotonic() + ttl
