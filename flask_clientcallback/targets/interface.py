"""The handler interface: which methods make an object a target."""

from __future__ import annotations

import difflib
import inspect
import re
import warnings
from weakref import WeakSet

from ..signals import HOOKS

_METHODS = ("raise_callback_event", "get_callback_result", "raise_postback_event")
_checked: WeakSet[type] = WeakSet()


def handles_callbacks(target: object) -> bool:
    """Tell whether an object or a class has the handler interface."""
    return callable(getattr(target, "raise_callback_event", None))


def warn_of_misspellings(target_class: type) -> None:
    """Point out methods that look like a hook or an event's method and are none,
    once for each class.
    """
    if target_class in _checked:
        return

    _checked.add(target_class)

    for name, method in vars(target_class).items():
        if not inspect.isfunction(method) or name in HOOKS or name in _METHODS:
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
