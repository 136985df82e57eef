"""One stage of the life cycle: its signal, then the hooks of the view and of its
controls.
"""

from __future__ import annotations

import difflib
import inspect
import re
import typing as t
import warnings
from collections.abc import Callable
from inspect import CO_COROUTINE
from weakref import WeakSet

from flask import Flask
from flask.typing import ResponseReturnValue

from . import signals
from .errors import RegistrationError

_STAGES = {
    name.removeprefix("page_"): (name, signal)
    for name, signal in vars(signals).items()
    if name.startswith("page_")
}
"""The name of each stage's hook, and its signal."""
_BEFORE_EVENTS = ("pre_init", "init", "init_complete", "load_state", "pre_load", "load")
HOOKS: tuple[str, ...] = tuple(name for name, _ in _STAGES.values())
"""The names of all hooks, in order."""


_METHODS = ("raise_callback_event", "get_callback_result", "raise_postback_event")
_checked: WeakSet[type] = WeakSet()


def warn_of_misspellings(target_class: type) -> None:
    """Point out methods that look like a hook or an event's method and are none,
    once for each class.
    """
    if target_class in _checked:
        return

    _checked.add(target_class)

    for name, method in vars(target_class).items():
        if not inspect.isfunction(method) or name in (*HOOKS, *_METHODS):
            continue

        # ASP.NET writes Page_Load and RaiseCallbackEvent.
        asked = re.sub(r"(?<=[a-z])_?(?=[A-Z])", "_", name).lower()
        meant = difflib.get_close_matches(asked, _METHODS, n=1, cutoff=0.9)

        if asked.startswith("page_"):
            meant += difflib.get_close_matches(asked, HOOKS, n=1, cutoff=0.8)

        if meant:
            warnings.warn_explicit(
                f"{method.__qualname__} is not called by the life cycle. Is it"
                f" {meant[0]}?",
                UserWarning,
                method.__code__.co_filename,
                method.__code__.co_firstlineno,
            )


class HookAnswered(Exception):
    """A hook ended the life cycle with a response of its own."""

    def __init__(self, response: ResponseReturnValue, hook: str) -> None:
        self.response = response
        self.hook = hook


class Staged(t.Protocol):
    """What goes through the stages."""

    app: Flask
    stage: str | None
    targets: list[object]

    @property
    def is_postback(self) -> bool: ...


def call(app: Flask, method: Callable[..., t.Any], *arguments: t.Any) -> t.Any:
    """Call a method of a view or control, which may be a coroutine function."""
    code = getattr(method, "__code__", None)

    # That of a plain method shows that there is nothing to ensure.
    if code is None or code.co_flags & CO_COROUTINE:
        method = app.ensure_sync(method)

    return method(*arguments)


def enter(page: Staged, stage: str) -> ResponseReturnValue | None:
    """Make a stage the current one, tell its signal and call its hooks.

    :return: the first response that a hook gave, or ``None``.
    """
    page.stage = stage
    name, signal = _STAGES[stage]
    app = page.app

    if signal.receivers:
        signal.send(app, _async_wrapper=app.ensure_sync, page=page)

    # A hook may add controls, whose own hooks for the stage then follow.
    for target in page.targets:
        hook = getattr(target, name, None)
        response = None if hook is None else call(app, hook)

        if response is not None:
            return t.cast("ResponseReturnValue", response)

    return None


def catch_up(page: Staged, control: object) -> None:
    """Call the hooks that a control missed because it was added late.

    :raises HookAnswered: a hook returned a response.
    :raises RegistrationError: a coroutine added it, and one of the hooks is another.
    """
    for stage in _BEFORE_EVENTS:
        if stage == page.stage:
            return

        name = _STAGES[stage][0]
        hook = getattr(control, name, None)

        if hook is None or (stage == "load_state" and not page.is_postback):
            continue

        if inspect.iscoroutinefunction(hook) and _cannot_wait(page.app):
            raise RegistrationError(
                f"{type(control).__qualname__}.{name} is due now, and a coroutine"
                " cannot wait for it in add_control(). Add the control in a hook that"
                " is no coroutine function, or before the stage of that hook."
            )

        response = call(page.app, hook)

        if response is not None:
            raise HookAnswered(response, name)


def _cannot_wait(app: Flask) -> bool:
    """Tell whether a coroutine runs, in which Flask's own way to run one fails."""
    # Here, as few applications need it and it is slow to import.
    import asyncio

    for name in ("ensure_sync", "async_to_sync"):
        if getattr(getattr(app, name), "__func__", None) is not getattr(Flask, name):
            return False

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False

    return True


def run(page: Staged, *stages: str) -> None:
    """Go through stages one after the other.

    :raises HookAnswered: a hook returned a response.
    """
    targets = page.targets
    view = targets[0]

    for stage in stages:
        name, signal = _STAGES[stage]

        # Most stages of most pages have nobody who waits for them.
        if not signal.receivers and len(targets) == 1 and not hasattr(view, name):
            page.stage = stage
            continue

        response = enter(page, stage)

        if response is not None:
            raise HookAnswered(response, name)
