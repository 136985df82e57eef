"""Marks the methods of a class that a page may call."""

from __future__ import annotations

import inspect
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from types import FunctionType

from flask.views import http_method_funcs
from flask.views import MethodView
from werkzeug.local import LocalProxy

from ..errors import HandlerInterfaceError
from ..signals import HOOKS
from ..spelling import METHODS

_Callable = t.TypeVar("_Callable", bound=Callable[..., t.Any])

_MARK = "_clientcallback_method"
_OF_VIEWS = frozenset(name for name in dir(MethodView) if not name.startswith("_"))
_OF_JAVASCRIPT = frozenset(
    (
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "then",
        "toJSON",
        "toLocaleString",
        "toString",
        "valueOf",
    )
)
"""What JavaScript looks up on a promise, for JSON or on any object."""
_DEPTH = 3
"""How many decorators without functools.wraps() are looked through."""


def callback_method(method: _Callable) -> _Callable:
    """Let a page call a method by its name: ``await ClientCallback.page.price("A")``,
    ``callback_attributes(current_page, method="price")``, or a plain form. The method's
    type hints convert and check its arguments and its result.

    :param method: a method of a view or a control. It may be a coroutine function, a
        ``staticmethod`` or a ``classmethod``. A generator yields its progress and
        returns its result.
    :raises HandlerInterfaceError: ``method`` is not a method.

    .. versionadded:: 0.1
    """
    function = function_of(method)

    if not _is_function(function):
        raise _refusal_of(method)

    try:
        setattr(function, _MARK, True)
    except AttributeError:
        raise _refusal_of(method) from None

    return method


def _refusal_of(given: object) -> HandlerInterfaceError:
    return HandlerInterfaceError(
        f"@callback_method marks a method, not {given!r}. Write it directly above"
        " def, or above decorators that use functools.wraps()."
    )


def marked_names(owner: type) -> Iterator[str]:
    """List the names of the methods of a class that a page may call.

    :raises HandlerInterfaceError: one of them cannot be called as it is written.
    """
    names: dict[str, None] = {}

    for base in reversed(owner.__mro__):
        for name, attribute in vars(base).items():
            if _is_marked(attribute):
                names[name] = None
            else:
                _check_hides_none(base, name, attribute)

    for name in names:
        attribute = inspect.getattr_static(owner, name)

        # Taken away.
        if attribute is None:
            continue

        if not _is_marked(attribute):
            raise HandlerInterfaceError(
                f"{owner.__qualname__}.{name} overrides a method that pages call, and"
                " is not marked @callback_method itself. Mark it too, or write"
                f" {name} = None to take the method away."
            )

        _check_name(owner, name, t.cast(FunctionType, function_of(attribute)))
        yield name


def _check_name(owner: type, name: str, function: FunctionType) -> None:
    if function.__name__ != name:
        raise HandlerInterfaceError(
            f"{owner.__qualname__}.{name} is a function named {function.__name__!r}: a"
            " method that pages call has one name, and a decorator below"
            " @callback_method uses functools.wraps()."
        )

    reason = _why_not(name)

    if reason is not None:
        raise HandlerInterfaceError(
            f"{owner.__qualname__}.{name} cannot be a method that pages call: the name"
            f" {reason}. Rename it."
        )


def _why_not(name: str) -> str | None:
    """Tell why a method cannot have a name; ``None`` if it can."""
    if name.startswith("_"):
        return "is private"

    if not name.isascii():
        return "is not ASCII"

    if name in http_method_funcs:
        return f"is that of the method which answers {name.upper()}"

    if name in (*HOOKS, *METHODS) or name in _OF_VIEWS:
        return "means something else to a view"

    return "means something else to JavaScript" if name in _OF_JAVASCRIPT else None


def function_of(attribute: object) -> object:
    """Get the function of a static or class method, or what was given."""
    while issubclass(type(attribute), (staticmethod, classmethod)):
        attribute = t.cast("staticmethod[..., t.Any]", attribute).__func__

    return attribute


def _is_function(given: object) -> bool:
    """Tell whether something is a function, or a decorated one."""
    return (
        callable(given)
        and _may_decorate(given)
        and hasattr(type(given), "__get__")
        and hasattr(given, "__name__")
    )


def _may_decorate(given: object) -> bool:
    """Tell whether something may be a decorated method. Nothing else is asked for its
    attributes, which may not exist outside of a request.
    """
    kind = type(given)
    return not issubclass(kind, (type, LocalProxy)) and (
        callable(given) or hasattr(kind, "__get__")
    )


def _is_marked(attribute: object) -> bool:
    function = function_of(attribute)
    return _is_function(function) and hasattr(function, _MARK)


def _check_hides_none(base: type, name: str, attribute: object) -> None:
    """Check that no decorator hides a mark.

    :raises HandlerInterfaceError: one does.
    """
    for function in _behind(function_of(attribute), _DEPTH):
        if function.__name__ == name and function.__qualname__.endswith(
            f"{base.__qualname__}.{name}"
        ):
            raise HandlerInterfaceError(
                "A decorator above @callback_method hides the mark of"
                f" {base.__qualname__}.{name}: let it use functools.wraps(), or write"
                " it below the mark."
            )


def _behind(wrapper: object, depth: int) -> Iterator[FunctionType]:
    """List the marked functions that a function or an object holds."""
    held: list[object] = []

    if type(wrapper) is FunctionType:
        held = [_contents(cell) for cell in wrapper.__closure__ or ()]
    elif _may_decorate(wrapper):
        held = [
            *getattr(wrapper, "__dict__", {}).values(),
            # A partial and a property keep theirs in no dictionary.
            getattr(wrapper, "func", None),
            getattr(wrapper, "fget", None),
        ]

    for inner in held:
        function = function_of(inner)

        if _is_marked(function):
            yield t.cast(FunctionType, function)
        elif depth:
            yield from _behind(function, depth - 1)


def _contents(cell: t.Any) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return None  # a name that is not bound yet
