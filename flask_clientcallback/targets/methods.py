"""The methods of a class that a page may call: their parameters and results."""

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
from ..typing import LaterResult
from .hints import bad_hint
from .hints import is_class_of
from .hints import parts_of
from .hints import resolve_signature
from .hints import returned_by
from .hints import union_of
from .hints import without_aliases
from .hints import without_type
from .marks import function_of
from .marks import marked_names
from .parameters import Parameters
from .types import ResultWriter


class CallbackMethod:
    """A method that a page may call.

    :param owner: the class in which it was looked up.
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

        :raises HandlerInterfaceError: one of them cannot be checked.
        """
        try:
            return Parameters(self.qualname, self.signature)
        except NameError as error:
            # The hint of a class's field.
            raise bad_hint(self.qualname, error) from error

    @cached_property
    def returned_hint(self) -> t.Any:
        """The type of its result, at the end of a generator; ``Any`` without a hint."""
        hint = self.signature.return_annotation
        function = inspect.unwrap(t.cast(FunctionType, function_of(self._attribute)))

        if inspect.isasyncgenfunction(function):
            return None

        if hint is inspect.Signature.empty:
            return t.Any

        is_stream = inspect.isgeneratorfunction(function)
        return without_aliases(returned_by(hint, is_stream=is_stream))

    @cached_property
    def result_hint(self) -> t.Any:
        """The same, without a response and a job."""
        return without_type(without_type(self.returned_hint, Response), LaterResult)

    @cached_property
    def writer(self) -> ResultWriter | None:
        """Checks and writes its result; ``None`` if the result has no hint.

        :raises HandlerInterfaceError: it cannot be checked.
        """
        # The result of jsonify() is a response, if the hint includes one.
        given = self.returned_hint
        takes_responses = without_type(given, Response) != given
        return self._writer_of(self.result_hint, takes_responses)

    @cached_property
    def final_hint(self) -> t.Any:
        """The type that a page gets at last: for a job, the result of the job's
        function; ``LaterResult`` if the hint does not tell this.
        """
        parts = parts_of(self.returned_hint)
        jobs = [part for part in parts if is_class_of(part, LaterResult)]

        if not jobs:
            return self.result_hint

        gives = [(*t.get_args(job), LaterResult)[0] for job in jobs]
        others = () if self.result_hint is t.Any else (self.result_hint,)
        return union_of([*gives, *others])

    @cached_property
    def final_writer(self) -> ResultWriter | None:
        """The writer of the final result."""
        if self.final_hint is self.result_hint:
            return self.writer

        return self._writer_of(self.final_hint, takes_responses=False)

    def _writer_of(self, hint: t.Any, takes_responses: bool) -> ResultWriter | None:
        parts = set(parts_of(hint))
        # These need no pydantic.
        is_plain = parts <= {None, type(None), Markup} or parts & _UNKNOWN

        if is_plain:
            return None

        return ResultWriter(self.qualname, hint, takes_responses=takes_responses)

    @property
    def _attribute(self) -> t.Any:
        return inspect.getattr_static(self._owner(), self.name)

    @cached_property
    def signature(self) -> inspect.Signature:
        """Its signature without the object, all hints resolved.

        :raises HandlerInterfaceError: a hint is not a name known at run time.
        """
        attribute = self._attribute
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
        """Resolve its hints, so that mistakes in them show when the application starts.

        :raises HandlerInterfaceError: there is one.
        """
        _ = self.parameters, self.writer


_UNKNOWN = {t.Any, object, LaterResult}
"""The hints that say nothing about a value."""

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
    """Resolve the hints of all these methods.

    :raises HandlerInterfaceError: one of them is wrong.
    """
    for method in methods_of(owner).values():
        method.prepare()


def find_method(target: object, name: str) -> CallbackMethod | None:
    """Find a method of an object that a page may call, by its name."""
    return methods_of(type(target)).get(name)
