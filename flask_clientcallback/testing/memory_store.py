"""A store for tests. Its contents exist only as long as the object."""

from __future__ import annotations

import threading
import time


class MemoryStore:
    """A store in memory, for tests of an application with background jobs or large view
    states: ``app.config["CLIENTCALLBACK_STORE"] = MemoryStore()``. Threads share it,
    processes do not.

    .. versionadded:: 0.1
    """

    def __init__(self) -> None:
        self._entries: dict[str, tuple[bytes, float]] = {}
        self._lock = threading.Lock()
        self.writes: int = 0
        """The number of writes so far."""

    def keys(self) -> list[str]:
        """List the keys that have a value."""
        with self._lock:
            now = time.monotonic()
            return [key for key, (_, until) in self._entries.items() if until > now]

    def get(self, key: str) -> bytes | None:
        """Get a value, or ``None`` if there is none or its time is over."""
        with self._lock:
            return self._find(key)

    def set(self, key: str, value: bytes, ttl: float) -> None:
        """Keep a value."""
        with self._lock:
            self._keep(key, value, ttl)

    def add(self, key: str, value: bytes, ttl: float) -> bool:
        """Keep a value if the key has none, and tell whether it had none."""
        with self._lock:
            is_new = self._find(key) is None

            if is_new:
                self._keep(key, value, ttl)

            return is_new

    def swap(self, key: str, old: bytes, new: bytes, ttl: float) -> bool:
        """Replace a value if it is still ``old``, and tell whether it was."""
        with self._lock:
            is_there = self._find(key) == old

            if is_there:
                self._keep(key, new, ttl)

            return is_there

    def delete(self, key: str) -> None:
        """Delete a value."""
        with self._lock:
            self._entries.pop(key, None)

    def _find(self, key: str) -> bytes | None:
        value, until = self._entries.get(key, (None, 0.0))
        return value if until > time.monotonic() else None

    def _keep(self, key: str, value: bytes, ttl: float) -> None:
        self.writes += 1
        self._entries[key] = value, time.monotonic() + ttl
