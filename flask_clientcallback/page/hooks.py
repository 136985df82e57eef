"""One stage of the life cycle: its signal, then the hooks of the view and of its
controls.
"""

from __future__ import annotations

import inspect
import typing as t
from collections.abc import Callable
from contextvars import ContextVar
from inspect import CO_COROUTINE

from flask import Flask
from flask.typing import ResponseReturnValue

from ..errors import RegistrationError
from ..signals import HOOKS
from ..work.streams import is_in_coroutine

_STAGES = {name.removeprefix("page_"): (name, signal) for name, signal in HOOKS.items()}
"""The name of each stage's hook, and its signal."""
recording: ContextVar[tuple[Flask, list[str]] | None] = ContextVar(
    "clientcallback_recording", default=None
)
"""The application whose stages a test client records, and those that ran. No receiver
of the signals does this: pages that nobody listens to take a shorter way, in tests too.
"""
_BEFORE_EVENTS = ("pre_init", "init", "init_complete", "load_state", "pre_load", "load")


class HookAnswered(Exception):
    """A hook ended the life cycle with a response of its own."""

    def __init__(self, response: ResponseReturnValue, hook: str) -> None:
        self.response = response
        self.hook = hook


class Staged(t.Protocol):
    """The object that goes through the stages: a page."""

    app: Flask
    stage: str | None

    @property
    def is_postback(self) -> bool: ...


def call(
    app: Flask, method: Callable[..., t.Any], /, *arguments: t.Any, **named: t.Any
) -> t.Any:
    """Call a method of a view or control, which may be a coroutine function."""
    code = getattr(method, "__code__", None)

    # A plain method's code shows that there is nothing to ensure.
    if code is None or code.co_flags & CO_COROUTINE:
        method = app.ensure_sync(method)

    return method(*arguments, **named)


class Stages:
    """Takes one page through the stages of its life cycle.

    :param page: is told the current stage.
    :param targets: the objects with hooks: the page's view, then its controls in the
        order in which they were added.
    """

    def __init__(self, page: Staged, targets: list[object]) -> None:
        self._page = page
        self._app = page.app
        self._targets = targets
        app, recorded = recording.get() or (None, None)
        self._recorded = recorded if app is page.app else None

    def run(self, *stages: str) -> None:
        """Go through stages one after the other.

        :raises HookAnswered: a hook returned a response.
        """
        targets = self._targets
        view = targets[0]

        for stage in stages:
            name, signal = _STAGES[stage]

            # Most stages of most pages have no hook and no receiver.
            if signal.receivers or len(targets) > 1 or hasattr(view, name):
                response = self.enter(stage)

                if response is not None:
                    raise HookAnswered(response, name)
            else:
                self._begin(stage)

    def _begin(self, stage: str) -> None:
        self._page.stage = stage

        if self._recorded is not None:
            self._recorded.append(stage)

    def enter(self, stage: str) -> ResponseReturnValue | None:
        """Make a stage the current one, send its signal and call its hooks.

        :return: the first response that a hook returned, or ``None``.
        """
        self._begin(stage)
        name, signal = _STAGES[stage]
        app = self._app

        if signal.receivers:
            signal.send(app, _async_wrapper=app.ensure_sync, page=self._page)

        # A hook may add controls: their hooks for the stage then follow.
        for target in self._targets:
            hook = getattr(target, name, None)
            response = None if hook is None else call(app, hook)

            if response is not None:
                return t.cast("ResponseReturnValue", response)

        return None


def catch_up(page: Staged, control: object) -> None:
    """Call the hooks that a control missed because it was added late.

    :raises HookAnswered: a hook returned a response.
    :raises RegistrationError: a coroutine added it, and a missed hook is one too.
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
    """Tell whether a coroutine is running: Flask cannot run another one inside it."""
    for name in ("ensure_sync", "async_to_sync"):
        if getattr(getattr(app, name), "__func__", None) is not getattr(Flask, name):
            return False

    return is_in_coroutine()
