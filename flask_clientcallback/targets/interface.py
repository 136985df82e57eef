"""The handler interface: what makes an object a target, and which ids are allowed."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Iterable
from collections.abc import Iterator
from types import FunctionType
from weakref import WeakSet

from ..spelling import find_interface_name

# It is in single quotes in a page's JavaScript; a dot begins a method's name.
_CONTROL_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_$:-]{0,199}")
_MAY_ADD_CONTROLS = ("page_pre_init", "page_init", "page_load")
_checked: WeakSet[type] = WeakSet()


def takes_events(target: object) -> bool:
    """Tell whether an object or a class has ASP.NET's handler interface."""
    return callable(getattr(target, "raise_callback_event", None))


def check_control_id(control_id: str) -> str:
    """Check that a text can be the id of a control, and return it as a plain text.

    :raises TypeError: it is not text.
    :raises ValueError: it is not allowed.
    """
    if not isinstance(control_id, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"A control's id is text, not {control_id!r}.")

    control_id = str.__str__(control_id)

    if not _CONTROL_ID.fullmatch(control_id):
        raise ValueError(
            f"{control_id!r} cannot be a control's id. Use letters, digits and"
            " _ $ : - only, 200 characters at most."
        )

    return control_id


def may_add_controls(page_class: type) -> bool:
    """Tell whether a page may have targets without being one itself."""
    return any(callable(getattr(page_class, hook, None)) for hook in _MAY_ADD_CONTROLS)


def misspellings(classes: Iterable[type]) -> Iterator[tuple[FunctionType, str]]:
    """List the methods of classes that look like a hook or an event's method but are
    none, with the name that is meant.
    """
    for target_class in classes:
        for name, method in vars(target_class).items():
            if inspect.isfunction(method):
                meant = find_interface_name(name)

                if meant is not None:
                    yield method, meant


def warn_of_misspellings(target_class: type) -> None:
    """Warn of such methods in a class and its bases, once for each of them."""
    if target_class in _checked:
        return

    classes = [base for base in target_class.__mro__ if base not in _checked]
    _checked.update(classes)

    for method, meant in misspellings(classes):
        warnings.warn_explicit(
            f"{method.__qualname__} is not called by the life cycle. Is it {meant}?",
            UserWarning,
            method.__code__.co_filename,
            method.__code__.co_firstlineno,
        )
