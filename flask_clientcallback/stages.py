"""One stage of the life cycle: its signal, then the view's hook."""

from __future__ import annotations

import typing as t

from flask.typing import ResponseReturnValue

from . import signals

if t.TYPE_CHECKING:
    from flask import Flask
    from flask.views import View

_SIGNALS = {
    name: signal for name, signal in vars(signals).items() if name.startswith("page_")
}


class HookAnswered(Exception):
    """A hook ended the life cycle with a response of its own."""

    def __init__(self, response: ResponseReturnValue) -> None:
        self.response = response


class Staged(t.Protocol):
    """What goes through the stages."""

    app: Flask
    view: View
    stage: str | None


def enter(page: Staged, stage: str) -> ResponseReturnValue | None:
    """Make a stage the current one, tell its signal and call its hook.

    :return: the hook's response, or ``None``.
    """
    page.stage = stage
    name = f"page_{stage}"
    signal = _SIGNALS[name]
    app = page.app

    if signal.receivers:
        signal.send(app, _async_wrapper=app.ensure_sync, page=page)

    hook = getattr(page.view, name, None)

    if hook is None:
        return None

    return t.cast("ResponseReturnValue | None", app.ensure_sync(hook)())


def run(page: Staged, *stages: str) -> None:
    """Go through stages one after the other.

    :raises HookAnswered: a hook returned a response.
    """
    for stage in stages:
        response = enter(page, stage)

        if response is not None:
            raise HookAnswered(response)
