"""Type hints: their parts, the types that they name, and their mistakes."""

from __future__ import annotations

import inspect
import types
import typing as t
from collections.abc import AsyncGenerator
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Sequence

from ..errors import HandlerInterfaceError

MANY = (list, tuple, set, frozenset, Sequence)
"""The types with several values."""
_UNIONS = (t.Union, types.UnionType)


def resolve_signature(function: Callable[..., t.Any]) -> inspect.Signature:
    """Get the signature of a function. Text in its hints is replaced by what it names
    in the function's module, even if a decorator wrote the signature.
    """
    signature = inspect.signature(function)
    given = {
        key: parameter.annotation
        for key, parameter in signature.parameters.items()
        if parameter.annotation is not inspect.Parameter.empty
    }

    if signature.return_annotation is not inspect.Signature.empty:
        given["return"] = signature.return_annotation

    names: dict[str, t.Any] = getattr(inspect.unwrap(function), "__globals__", {})
    # get_type_hints() reads a function, no mapping; this one is never called.
    holder: t.Any = lambda: None  # noqa: E731
    holder.__annotations__ = given
    hints = t.get_type_hints(holder, names, include_extras=True)
    parameters = [
        parameter.replace(annotation=hints.get(key, parameter.annotation))
        for key, parameter in signature.parameters.items()
    ]
    result = hints.get("return", signature.return_annotation)
    return signature.replace(parameters=parameters, return_annotation=result)


def parts_of(hint: t.Any) -> tuple[t.Any, ...]:
    """List the types of a union, or the only one, without their annotations."""
    origin = t.get_origin(hint)

    if origin in (t.Annotated, t.Required, t.NotRequired):
        return parts_of(t.get_args(hint)[0])

    if origin in _UNIONS:
        return tuple(part for one in t.get_args(hint) for part in parts_of(one))

    return (hint,)


def without_type(hint: t.Any, unwanted: type) -> t.Any:
    """Remove the subclasses of a type from a union; ``Any`` if nothing is left."""
    if t.get_origin(hint) in _UNIONS:
        members = t.get_args(hint)
        left = [part for part in members if not is_class_of(part, unwanted)]
        return union_of(left) if left else t.Any

    return t.Any if is_class_of(hint, unwanted) else hint


def returned_by(hint: t.Any, *, is_stream: bool) -> t.Any:
    """Get the type of a function's result from its hint: for a generator, the type that
    it returns at its end.

    :param is_stream: whether the function is a generator. Its hint may also be an
        iterator, without more.
    """
    origin = t.get_origin(hint) or hint

    if origin is AsyncGenerator:
        return None

    if origin is Generator:
        given = t.get_args(hint)
        # Two of the three have a default since Python 3.13.
        return given[2] if len(given) == 3 else None if given else t.Any

    return t.Any if is_stream else hint


def without_aliases(hint: t.Any) -> t.Any:
    """Resolve an alias that the statement ``type`` made."""
    if t.get_origin(hint) is not None:
        return _change_parts(hint, without_aliases)

    value = getattr(hint, "__value__", None)
    return without_aliases(value) if value and _is_resolved(value) else hint


def _is_resolved(hint: t.Any) -> bool:
    """Tell whether a hint contains no text, which only its alias can resolve."""
    origin = t.get_origin(hint)
    members = t.get_args(hint)

    if origin is t.Annotated:
        members = members[:1]

    is_text = isinstance(hint, (str, t.ForwardRef))
    return origin is t.Literal or (not is_text and all(map(_is_resolved, members)))


def union_of(members: Iterable[t.Any]) -> t.Any:
    """Make a union of hints."""
    # The operator joins two, but this list may have one.
    return t.Union[tuple(members)]  # noqa: UP007


def _change_parts(hint: t.Any, change: Callable[[t.Any], t.Any]) -> t.Any:
    """Change the annotated type, or the members of a union; keep any other hint."""
    origin, members = t.get_origin(hint), t.get_args(hint)

    if origin is t.Annotated:
        return t.Annotated[(change(members[0]), *members[1:])]

    return union_of(map(change, members)) if origin in _UNIONS else hint


def is_class_of(part: t.Any, of: type) -> bool:
    """Tell whether a hint is a class, and a subclass of another."""
    # The arguments of a generic class say nothing here.
    kind = t.get_origin(part) or part
    return isinstance(kind, type) and issubclass(kind, of)


def replacer(old: type, new: t.Any) -> Callable[[t.Any], t.Any]:
    """Make a function that replaces a type by another, anywhere in a hint."""

    def replace(hint: t.Any) -> t.Any:
        if hint is old:
            return new

        origin: t.Any = t.get_origin(hint)

        if origin in MANY:
            make: t.Any = origin
            return make[tuple(map(replace, t.get_args(hint)))]

        return _change_parts(hint, replace)

    return replace


def bad_hint(name: str, error: Exception) -> HandlerInterfaceError:
    """Say why the type hints of a method cannot be used."""
    if isinstance(error, NameError):
        return HandlerInterfaceError(
            f"The type hints of {name} name {error.name}, which is not known at run"
            " time: import it outside of TYPE_CHECKING, and define it in the module."
        )

    text: str = getattr(error, "message", str(error))
    return HandlerInterfaceError(f"There is no use for a type hint of {name}: {text}")
