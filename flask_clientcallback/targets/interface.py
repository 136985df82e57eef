"""The handler interface: what makes an object a target, and what its id may be."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Iterable
from collections.abc import Iterator
from types import FunctionType
from weakref import WeakSet

from ..spelling import find_interface_name

# Stands between single quotes in a page's JavaScript; a dot separates a method's name.
_CONTROL_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_$:-]{0,199}")
_MAY_ADD_CONTROLS = ("page_pre_init", "page_init", "page_load")
_checked: WeakSet[type] = WeakSet()


def takes_events(target: object) -> bool:
    """Tell whether an object or a class has ASP.NET's handler interface."""
    return callable(getattr(target, "raise_callback_event", None))


def check_control_id(control_id: str) -> str:
    """See that a text can be the id of a control, and give it as nothing but text.

    :raises TypeError: it is no text.
    :raises ValueError: it cannot.
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
    """Tell whether a page may have targets although it is none itself."""
    return any(callable(getattr(page_class, hook, None)) for hook in _MAY_ADD_CONTROLS)


def misspellings(classes: Iterable[type]) -> Iterator[tuple[FunctionType, str]]:
    """List the methods of classes that look like a hook or an event's method and are
    none, with what is meant.
    """
    for target_class in classes:
        for name, method in vars(target_class).items():
            if inspect.isfunction(method):
                meant = find_interface_name(name)

                if meant is not None:
                    yield method, meant


def warn_of_misspellings(target_class: type) -> None:
    """Point out such methods of a class and of those it inherits from, once for each
    of them.
    """
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
