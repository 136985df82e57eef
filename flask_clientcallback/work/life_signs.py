"""Shows and finds out whether the process that runs a background job is alive."""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import threading
import time
import typing as t
from collections import Counter
from collections.abc import Generator
from weakref import WeakSet

from ..errors import StoreError
from ..globals import logger
from ..globals import registration_of
from ..state.shared_store import store_of

if t.TYPE_CHECKING:
    from flask import Flask

    from ..state.shared_store import SharedStore

EACH = 5.0
"""Seconds after which a process shows again that it is alive."""
GOOD_FOR = 20.0
"""Seconds after which a process without a sign is taken for dead. C code may hold
Python's lock for a while, and then no sign can be shown.
"""
_AGAIN_AFTER = 0.25
"""Seconds after which a store that does not answer is asked again."""
_SECOND_LOOK_AFTER = 0.5
"""Seconds between two looks: a store that failed may not have the sign yet."""
_LOOK_GOOD_FOR = 60.0
_ALL_JOBS = b"1"
"""The sign of a process of an older version, which does not name its jobs."""


class LifeSign:
    """Shows that this process is alive, and which jobs it has, as long as it has any.
    It uses one key in the store for all of them.

    :param store: shared with the processes that look.
    """

    def __init__(self, store: SharedStore) -> None:
        self.process: str = secrets.token_hex(8)
        """The name of the process in the records of its jobs."""
        self.number: int = os.getpid()
        """The number of the process, which is another one in a fork."""
        self._store = store
        self._jobs: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._wake = threading.Event()
        self._is_shown = False
        self._is_kept = True
        self._has_ended = False
        _signs.add(self)

    @contextlib.contextmanager
    def having(self, job_id: str) -> Generator[t.Self]:
        """Show that the process has a job, inside the ``with`` statement.

        :raises RuntimeError: the system has no thread for it.
        """
        self.add(job_id)

        try:
            yield self
        finally:
            self.remove(job_id)

    def add(self, job_id: str) -> None:
        """Show that the process has a job, until it is removed as often as added.

        :raises RuntimeError: the system has no thread for it.
        """
        with self._lock:
            if not self._is_shown:
                threading.Thread(
                    target=self._go_on, name="clientcallback life sign", daemon=True
                ).start()
                self._is_shown = True

            self._jobs[job_id] += 1
            is_new = self._jobs[job_id] == 1 and not self._has_ended

        # Before a record names the process.
        if is_new and not self._show():
            self._wake.set()

    def remove(self, job_id: str) -> None:
        """Stop showing it, from the next time on."""
        with self._lock:
            self._jobs[job_id] -= 1

            if not self._jobs[job_id]:
                del self._jobs[job_id]

    def _go_on(self) -> None:
        while True:
            self._wake.wait(EACH if self._is_kept else _AGAIN_AFTER)
            self._wake.clear()

            with self._lock:
                if self._has_ended:
                    return

                if not self._jobs:
                    self._is_shown = False
                    self._take_away()
                    return

            self._show()

    def _show(self) -> bool:
        """Write the present jobs, and tell whether the store took them."""
        # No thread writes an older list after a newer one.
        with self._writing:
            with self._lock:
                jobs = " ".join(self._jobs)

            try:
                self._store.set(_key(self.process), jobs.encode(), GOOD_FOR)
            except StoreError as error:
                if self._is_kept:
                    logger.warning("The store does not answer: %s", error.__cause__)

                self._is_kept = False
            else:
                self._is_kept = True

            if self._has_ended:
                self._take_away()

            return self._is_kept

    def _take_away(self) -> None:
        # Without a store, it goes by itself.
        with contextlib.suppress(StoreError):
            self._store.delete(_key(self.process))

    def stop(self) -> None:
        """Stop showing that the process is alive: it ends."""
        with self._lock:
            is_shown, self._is_shown = self._is_shown, True
            self._has_ended = True
            self._wake.set()

            if is_shown:
                self._take_away()


def _key(process: str) -> str:
    return f"process:{process}"


_signs: WeakSet[LifeSign] = WeakSet()


@atexit.register
def _stop_all() -> None:
    for sign in list(_signs):
        if sign.number == os.getpid():
            sign.stop()


def life_sign_of(app: Flask) -> LifeSign:
    """Get the life sign of this process, for an application's jobs."""
    made = registration_of(app).made
    key = f"life sign {os.getpid()}"

    if key not in made:
        made.setdefault(key, LifeSign(store_of(app)))

    return t.cast(LifeSign, made[key])


class Watch:
    """Looks for the signs of other processes.

    :param store: shared with these processes.
    """

    def __init__(self, store: SharedStore) -> None:
        self._store = store
        self._silent_since: dict[str, float] = {}

    def is_silent(self, process: str, job_id: str) -> bool:
        """Tell whether a process shows no sign of a job, even at a second look. This
        waits a moment, unless another wait within the last minute was in vain.
        """
        silent = self._look_for(process, job_id)

        if silent is None:
            self._silent_since.pop(process, None)
            self._silent_since.pop(job_id, None)
            return False

        now = time.monotonic()
        since = self._silent_since.get(silent)

        if since is None or now - since > _LOOK_GOOD_FOR:
            time.sleep(_SECOND_LOOK_AFTER)
            silent = self._look_for(process, job_id)

            if silent is None:
                return False

            # Only the latest ones are looked for again.
            recent = list(self._silent_since.items())[-100:]
            self._silent_since = {**dict(recent), silent: now}

        return True

    def _look_for(self, process: str, job_id: str) -> str | None:
        """Name what shows no sign: the process or only the job; ``None`` if both do."""
        shown = self._store.get(_key(process))

        if shown is None:
            return process

        has_it = shown == _ALL_JOBS or job_id.encode() in shown.split()
        return None if has_it else job_id


def watch_of(app: Flask) -> Watch:
    """Get the object that looks for others' signs, for an application's jobs."""
    made = registration_of(app).made

    if "watch" not in made:
        made.setdefault("watch", Watch(store_of(app)))

    return t.cast(Watch, made["watch"])
