"""The parameters of a method that a page calls, and how they get their arguments."""

from __future__ import annotations

import inspect
import typing as t
from collections.abc import Iterable
from collections.abc import Set

from ..errors import HandlerInterfaceError
from ..protocol.method_calls import is_finite
from ..typing import Translations
from .form_values import check_default
from .form_values import fields_of
from .form_values import find_form_value
from .form_values import make_reader
from .form_values import NOT_GIVEN
from .form_values import Reader
from .form_values import Sent
from .hints import MANY
from .hints import parts_of
from .messages import explain
from .messages import SURPLUS
from .types import Checker
from .types import InvalidValues
from .types import MOST_ERRORS
from .types import Path
from .types import UNTYPED

Errors = list[tuple[Path, dict[str, t.Any]]]

_Kind = inspect.Parameter
_LONGEST = 9  # digits that still are a place


class Parameters:
    """The parameters of one method.

    :param name: the method, for messages.
    :param signature: the method's, without the object, all hints resolved.
    :raises HandlerInterfaceError: it has a parameter of a kind that a call cannot give,
        or a hint that nothing checks.
    """

    def __init__(self, name: str, signature: inspect.Signature) -> None:
        self.by_name: dict[str, inspect.Parameter] = dict(signature.parameters)
        """The parameters as declared, without the object."""
        self.hints: dict[str, t.Any] = {}
        self.form_names: dict[str, str] = {}
        """The field of each parameter that is read from the form."""
        self._places: list[str] = []
        self._keyword_only: set[str] = set()
        self._unnamed: set[str] = set()
        self._lists: set[str] = set()
        self._readers: dict[str, Reader] = {}

        for key, parameter in self.by_name.items():
            self._add(name, key, parameter)

        optional = frozenset(
            key for key, of in self.by_name.items() if of.default is not _Kind.empty
        )
        self._required = self.by_name.keys() - optional
        self.checker: Checker | None = None

        if any(hint is not UNTYPED for hint in self.hints.values()):
            self.checker = Checker(name, self.hints, optional)
        """Checks all of them; ``None`` if none has a hint."""

    def _add(self, name: str, key: str, parameter: inspect.Parameter) -> None:
        if parameter.kind in (_Kind.VAR_POSITIONAL, _Kind.VAR_KEYWORD):
            raise HandlerInterfaceError(
                f"{name} takes {parameter}, which says nothing of what a page may send:"
                " give each parameter a name, and a decorator functools.wraps()."
            )

        check_default(f"{name}, {key}", parameter.default)
        hint = parameter.annotation
        hint = UNTYPED if hint is _Kind.empty else hint
        self.hints[key] = hint
        form_value = find_form_value(hint)

        if form_value is not None:
            field = form_value.name or key
            self.form_names[key] = field
            self._readers[key] = make_reader(field, hint)

        if any((t.get_origin(part) or part) in MANY for part in parts_of(hint)):
            self._lists.add(key)

        if parameter.kind is _Kind.KEYWORD_ONLY:
            self._keyword_only.add(key)
        else:
            self._places.append(key)

        if parameter.kind is _Kind.POSITIONAL_ONLY:
            self._unnamed.add(key)

    def check(self, arguments: list[t.Any], *, has_value: bool) -> None:
        """Check that the arguments of a template fit, whatever their values are.

        :param has_value: whether one more follows.
        :raises TypeError: one is missing, or there is one too many.
        """
        given: set[str] = set()

        own = ["the element's value"] if has_value else []

        for place, value in enumerate([*arguments, *own]):
            for name, _ in self._names_for(str(place), value):
                if name not in self.by_name or name in given:
                    what = name[1:] if name.startswith(".") else repr(value)
                    raise TypeError(f"The method has no parameter for {what}.")

                given.add(name)

        wanted = self._required - given - self.form_names.keys()

        if wanted:
            missing = ", ".join(name for name in self.by_name if name in wanted)
            raise TypeError(f"The method lacks arguments for {missing}.")

    def bind(
        self, sent: Sent, translations: Translations
    ) -> tuple[list[t.Any], dict[str, t.Any]]:
        """Give the arguments for the call of the method.

        :raises CallbackError: one is missing or invalid, or there is one too many.
        """
        given, surplus = self.assign(sent)
        errors: Errors = [((name,), SURPLUS) for name in surplus[:MOST_ERRORS]]
        from_form = self._readers.keys() - given.keys()

        for name in from_form:
            value = self._readers[name](sent.form)

            if value is not NOT_GIVEN:
                given[name] = value

        try:
            given = self._check(given)
        except InvalidValues as invalid:
            errors += invalid.errors

        if errors:
            named = [(self._key_of(path, from_form), error) for path, error in errors]
            raise explain(named, translations)

        return self._split(given)

    def assign(self, sent: Sent) -> tuple[dict[str, t.Any], list[str]]:
        """Assign the sent arguments to the names of parameters.

        :return: these, and the arguments without a parameter.
        """
        # No parameter's name begins with a dot.
        given: dict[str, t.Any] = {}
        surplus: list[str] = []
        arguments = sent.arguments
        members: list[tuple[str, t.Any]] = []

        if isinstance(arguments, list):
            listed = enumerate(t.cast("list[object]", arguments))
            members += ((str(place), value) for place, value in listed)
        elif isinstance(arguments, dict):
            members += t.cast("dict[str, t.Any]", arguments).items()
        else:
            surplus.append("0")

        members += sent.files.items()

        for key, value in members:
            files = sent.files.get(key, [])

            for name, item in self._names_for(key, value):
                if name not in self.by_name or name in given:
                    surplus.append(name.removeprefix("."))
                elif item is files and len(files) == 1 and name not in self._lists:
                    given[name] = files[0]
                else:
                    given[name] = item

        return given, surplus

    def _names_for(self, key: str, value: t.Any) -> Iterable[tuple[str, t.Any]]:
        """Tell which parameters get a value by its name or place. An object in the
        place after the last one has the keyword-only arguments.
        """
        if not (key.isascii() and key.isdigit() and len(key) < _LONGEST):
            return [(key if key not in self._unnamed else f".{key}", value)]

        place = int(key)

        if place < len(self._places):
            return [(self._places[place], value)]

        is_next = place == len(self._places)

        if is_next and self._keyword_only and isinstance(value, dict):
            members = t.cast("dict[str, t.Any]", value).items()
            return [(k if k in self._keyword_only else f".{k}", v) for k, v in members]

        return [(key, value)]

    def _check(self, given: dict[str, t.Any]) -> dict[str, t.Any]:
        checked, errors = given, Errors()

        if self.checker is not None:
            checked = self.checker.check(given)
        else:
            missing = self._required - given.keys()
            in_order = [name for name in self.by_name if name in missing]
            errors += [((name,), {"type": "missing"}) for name in in_order]

        # Some hints say nothing about it, and some models have their own rule.
        errors += [
            ((name,), {"type": "finite_number"})
            for name, value in given.items()
            if not is_finite(value)
        ]

        if errors:
            raise InvalidValues(errors)

        return checked

    def _key_of(self, path: Path, from_form: Set[str]) -> str:
        """Give the key for an error: the control's name if the value is from the form,
        else the path of the argument.
        """
        name, *inner = map(str, path)

        if name not in from_form:
            return ".".join((name, *inner))

        if fields_of(self.hints[name]) is None:
            return self.form_names[name]

        # An error of the whole value belongs to no control.
        return inner[0] if inner else ""

    def _split(self, given: dict[str, t.Any]) -> tuple[list[t.Any], dict[str, t.Any]]:
        """List the arguments with a place only, and those that may be named."""
        places = [
            given.pop(name, parameter.default)
            for name, parameter in self.by_name.items()
            if name in self._unnamed
        ]
        return places, given
