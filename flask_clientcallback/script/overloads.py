"""Explains a call of an ASP.NET overload that does not exist here."""

from __future__ import annotations

import functools
import inspect
import typing as t
from collections.abc import Callable

_Parameters = t.ParamSpec("_Parameters")
_Returned = t.TypeVar("_Returned")


def without_overloads(
    method: Callable[_Parameters, _Returned],
) -> Callable[_Parameters, _Returned]:
    """Refuse what ASP.NET's overloads have more: a type at the beginning, and whether
    to add script tags at the end.

    :raises TypeError: there is one of these. The message says what to write.
    """
    name = method.__name__
    parameters = inspect.signature(method).parameters
    _, first, *others = parameters

    @functools.wraps(method)
    def checked(*args: _Parameters.args, **keywords: _Parameters.kwargs) -> _Returned:
        given = (*args, *keywords.values())
        owner = next((one for one in given if isinstance(one, type)), None)

        if owner is not None:
            key = next((repr(one) for one in given if isinstance(one, str)), first)
            right = f"({owner.__name__}, {key})" if first == "key" else key
            raise TypeError(
                f"{name}() takes no type. Write {name}({', '.join((right, *others))})."
            )

        if len(args) > len(parameters):
            right = ", ".join((first, *others))
            raise TypeError(f"{name}() takes fewer arguments. Write {name}({right}).")

        return method(*args, **keywords)

    return checked
