"""The file that declares an application's methods to TypeScript."""

from __future__ import annotations

import inspect
import re
import typing as t
from collections.abc import Hashable
from collections.abc import Iterable
from pathlib import Path

from markupsafe import Markup
from werkzeug.wrappers import Response

from ..targets.hints import parts_of
from ..targets.methods import CallbackMethod
from ..typing import LaterResult
from .listing import ListedPage
from .listing import ListedTarget
from .schemas import RESULT
from .schemas import Schemas
from .type_names import NAMESPACE
from .type_names import TypeNames
from .type_writer import comment_of
from .type_writer import indent
from .type_writer import Schema
from .type_writer import write_key

_CLIENT = Path(__file__).parents[1] / "static" / "clientcallback.d.ts"
_HEADING = """\
// The pages of an application, and the client script of flask_clientcallback.
// "flask callbacks --types" writes this file: do not change it, write it anew.
/* eslint-disable */

"""
_MODULE = "flask-clientcallback"
"""The module's name in an import map, by which scripts import it."""
_LATER = """\
// Found when it is asked for: not every page has the client script, and a script
// that is loaded early has it later.
const later = (find: () => any): any =>
  new Proxy(function () {}, {
    get: (_, name) => Reflect.get(find(), name),
    apply: (_, _self, values) => find()(...values),
    construct: (_, values) => new (find())(...values),
  })

const client: Client = later(() => ClientCallback)
"""
_Kind = inspect.Parameter
_TAKEN = "arguments"
_GIVEN = "result"
_RESERVED = frozenset(
    "arguments await break case catch class const continue debugger default delete do"
    " else enum eval export extends false finally for function if implements import in"
    " instanceof interface let new null package private protected public return static"
    " super switch this throw true try typeof var void while with yield".split()
)
"""Words that cannot name a parameter."""


def write_declarations(pages: Iterable[ListedPage]) -> str:
    """Write a file that declares the pages and the client script, without values.

    A script needs no import, or imports by the name in an import map.
    """
    client = _CLIENT.read_text(encoding="utf-8")
    client = re.sub(r"(?m)^(export )?declare (?!global)", r"\1", client)
    client = client.replace("declare global {", "global {")
    inner = _Declarations(list(pages)).write()
    return (
        f'{_HEADING}declare module "{_MODULE}" {{\n{indent(client, 2)}}}\n\n'
        f"declare namespace ClientCallback {{\n{indent(inner, 2)}}}\n"
    )


def write_module(pages: Iterable[ListedPage]) -> str:
    """Write a module that declares the same and exports the client script's members."""
    client = _CLIENT.read_text(encoding="utf-8")
    client = client.replace("declare const client: Client\n", _LATER)
    value = r"export const \1\2 = later(() => ClientCallback.\1)"
    client = re.sub(r"(?m)^export declare const (\w+)(.+)", value, client)
    inner = _Declarations(list(pages)).write()
    return (
        f"{_HEADING}{client}\ndeclare global {{\n  namespace ClientCallback {{\n"
        f"{indent(inner, 4)}  }}\n}}\n"
    )


class _Declarations:
    """The methods of pages, and their types.

    :param pages: in the order in which they are written.
    """

    def __init__(self, pages: list[ListedPage]) -> None:
        self._pages = pages
        targets = {target.owner: target for page in pages for target in page.targets}
        methods = [method for target in targets.values() for method in target.methods]
        adapters: dict[Hashable, t.Any] = {}

        for method in methods:
            if method.parameters.checker:
                adapters[method, _TAKEN] = method.parameters.checker.adapter

            if method.final_writer:
                adapters[method, _GIVEN] = method.final_writer.adapter

        # Both have all types, so that a type has the same key in both.
        self._arguments = Schemas(adapters, "validation")
        self._results = Schemas(adapters, "serialization")
        self._names = TypeNames(
            self._arguments,
            self._results,
            (
                [
                    self._argument(method, name)
                    for method in methods
                    if method.parameters.checker
                    for name in method.parameters.by_name
                ],
                [self._result(method) for method in methods if method.final_writer],
            ),
        )

    def _argument(self, method: CallbackMethod, name: str) -> Schema:
        return self._arguments.field((method, _TAKEN), name)

    def _result(self, method: CallbackMethod) -> Schema:
        return self._results.field((method, _GIVEN), RESULT)

    def write(self) -> str:
        """Write the content of the namespace."""
        types = self._names.write()
        pages = "\n".join(map(self._write_page, self._pages))
        text = f"interface Pages {{\n{indent(pages, 2)}}}\n"

        if types:
            text = f"namespace {NAMESPACE} {{\n{indent(types, 2)}}}\n\n{text}"

        return text

    def _write_page(self, page: ListedPage) -> str:
        [view, *controls] = page.targets
        targets = "".join(
            f"{comment_of(target.owner)}{write_key(target.control_id)}:"
            f" {self._write_methods(target)}\n"
            for target in controls
        )
        members = f"page: {self._write_methods(view)}\ntargets: {_braces(targets)}\n"
        comment = comment_of(page.view_class)
        return f"{comment}{write_key(page.endpoint)}: {_braces(members)}\n"

    def _write_methods(self, target: ListedTarget) -> str:
        return _braces(
            "".join(
                f"{comment_of(getattr(target.owner, method.name))}"
                f"{self._write_method(method)}\n"
                for method in target.methods
            )
        )

    def _write_method(self, method: CallbackMethod) -> str:
        # Without quotes, this would construct an object, and not name a method.
        name = '"new"' if method.name == "new" else method.name
        parameters = ", ".join(self._write_parameters(method))
        return f"{name}({parameters}): Promise<{self._write_result(method)}>"

    def _write_parameters(self, method: CallbackMethod) -> list[str]:
        """Write the parameters, the keyword-only ones as one object."""
        parameters = method.parameters.by_name.values()
        named = [one for one in parameters if one.kind is _Kind.KEYWORD_ONLY]
        written = [
            (
                one.name,
                self._write_type(method, one.name),
                self._is_optional(method, one),
            )
            for one in parameters
            if one not in named
        ]

        if named:
            members = "; ".join(
                f"{one.name}{'?' if self._is_optional(method, one) else ''}:"
                f" {self._write_type(method, one.name)}"
                for one in named
            )
            is_optional = all(self._is_optional(method, one) for one in named)
            taken = method.parameters.by_name
            name = next(n for n in ("options", "named", "named_") if n not in taken)
            written.append((name, f"{{ {members} }}", is_optional))

        texts: list[str] = []
        may_end = True

        for name, text, is_optional in reversed(written):
            may_end = may_end and is_optional
            key = f"{name}_" if name in _RESERVED else name

            if may_end:
                texts.append(f"{key}?: {text}")
            else:
                texts.append(f"{key}: {text}{' | undefined' if is_optional else ''}")

        return texts[::-1]

    def _is_optional(
        self, method: CallbackMethod, parameter: inspect.Parameter
    ) -> bool:
        is_from_form = parameter.name in method.parameters.form_names
        return is_from_form or parameter.default is not _Kind.empty

    def _write_type(self, method: CallbackMethod, name: str) -> str:
        if not method.parameters.checker:
            return "unknown"

        schema = self._argument(method, name)
        return self._arguments.write(schema, self._names.of_argument)

    def _write_result(self, method: CallbackMethod) -> str:
        parts = parts_of(method.returned_hint)
        is_response = [isinstance(p, type) and issubclass(p, Response) for p in parts]
        texts = ["Response"] if any(is_response) else []

        if method.final_writer:
            schema = self._result(method)
            texts.insert(0, self._results.write(schema, self._names.of_result))
        elif not all(is_response):
            others = {_PLAIN.get(part, "any") for part in parts_of(method.final_hint)}
            known = [*sorted(others, reverse=True), *texts]
            texts = next(([w] for w in ("unknown", "any") if w in others), known)

        return " | ".join(texts)


_PLAIN: dict[t.Any, str] = {
    None: "null",
    type(None): "null",
    Markup: "string",
    LaterResult: "unknown",
}
"""The results that need no pydantic."""


def _braces(members: str) -> str:
    return f"{{\n{indent(members, 2)}}}" if members else "{}"
