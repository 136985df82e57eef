"""The methods of a class that a page may call: what each takes and gives."""

from __future__ import annotations

import inspect
import typing as t
import weakref
from functools import cached_property
from types import FunctionType
from weakref import WeakKeyDictionary

from markupsafe import Markup
from werkzeug.wrappers import Response

from ..errors import HandlerInterfaceError
from .hints import bad_hint
from .hints import parts_of
from .hints import resolve_signature
from .hints import without_aliases
from .hints import without_type
from .marks import function_of
from .marks import marked_names
from .parameters import Parameters
from .types import ResultWriter


class CallbackMethod:
    """A method that a page may call.

    :param owner: the class that it was looked up in.
    :param name: its name.
    """

    def __init__(self, owner: type, name: str) -> None:
        self.name = name
        self.qualname: str = f"{owner.__qualname__}.{name}"
        # The table of methods must not keep the class.
        self._owner = weakref.ref(owner)

    @cached_property
    def parameters(self) -> Parameters:
        """Its parameters.

        :raises HandlerInterfaceError: nothing can check one of them.
        """
        try:
            return Parameters(self.qualname, self.signature)
        except NameError as error:
            # That of a field of a class.
            raise bad_hint(self.qualname, error) from error

    @cached_property
    def result_hint(self) -> t.Any:
        """What it returns, but for a response; ``Any`` where it does not say."""
        hint = self.signature.return_annotation

        if hint is inspect.Signature.empty:
            return t.Any

        return without_type(hint, Response)

    @cached_property
    def writer(self) -> ResultWriter | None:
        """What checks and writes its result; ``None`` where it does not say what that
        is.

        :raises HandlerInterfaceError: nothing can check it.
        """
        parts = set(parts_of(self.result_hint))
        # These need no pydantic.
        is_plain = parts <= {None, type(None), Markup} or parts & {t.Any, object}

        if is_plain:
            return None

        # What jsonify() makes is a response, where the hint has one.
        takes_responses = self.result_hint != self.signature.return_annotation
        return ResultWriter(
            self.qualname, self.result_hint, takes_responses=takes_responses
        )

    @cached_property
    def signature(self) -> inspect.Signature:
        """Its signature without the object, all hints resolved.

        :raises HandlerInterfaceError: a hint is no name that is known at run time.
        """
        attribute = inspect.getattr_static(self._owner(), self.name)
        function = t.cast(FunctionType, function_of(attribute))

        try:
            signature = resolve_signature(function)
        except Exception as error:
            raise bad_hint(self.qualname, error) from error

        parameters = [
            one.replace(annotation=without_aliases(one.annotation))
            for one in signature.parameters.values()
        ]

        if not isinstance(attribute, staticmethod):
            if not parameters or parameters[0].kind not in _HOLD_OBJECTS:
                raise HandlerInterfaceError(
                    f"{self.qualname} takes no object: write self as its first"
                    " parameter, or @staticmethod above it."
                )

            del parameters[0]

        result = without_aliases(signature.return_annotation)
        return signature.replace(parameters=parameters, return_annotation=result)

    @cached_property
    def description(self) -> str:
        """The first line of its docstring."""
        text = inspect.getdoc(getattr(self._owner(), self.name)) or ""
        return text.partition("\n\n")[0].replace("\n", " ")

    def prepare(self) -> None:
        """Resolve its hints, so that mistakes in them show as the application starts.

        :raises HandlerInterfaceError: there is one.
        """
        _ = self.parameters, self.writer


_HOLD_OBJECTS = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)
"""The kinds of a parameter that ``self`` may be."""

Methods = dict[str, CallbackMethod]

_methods: WeakKeyDictionary[type, Methods] = WeakKeyDictionary()


def methods_of(owner: type) -> Methods:
    """List the methods of a class that a page may call.

    :raises HandlerInterfaceError: one of them cannot be called as it is written.
    """
    found = _methods.get(owner)

    if found is None:
        found = _methods[owner] = {
            name: CallbackMethod(owner, name) for name in marked_names(owner)
        }

    return found


def prepare_methods(owner: type) -> None:
    """Resolve the hints of all of them.

    :raises HandlerInterfaceError: one is a mistake.
    """
    for method in methods_of(owner).values():
        method.prepare()


def find_method(target: object, name: str) -> CallbackMethod | None:
    """Find a method of an object that a page may call, by its name."""
    return methods_of(type(target)).get(name)
