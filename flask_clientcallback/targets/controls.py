"""The targets of a page: which ids exist, and which object has each."""

from __future__ import annotations

import re
import typing as t

from werkzeug.local import LocalProxy

from ..errors import CallbackTargetError
from ..globals import page_proxy
from ..protocol.method_calls import method_target
from ..protocol.wire import JOB_TARGET
from ..protocol.wire import PAGE_TARGET
from ..spelling import find_near
from .declared_controls import check_control_class
from .interface import check_control_id
from .interface import takes_events
from .interface import warn_of_misspellings
from .methods import CallbackMethod
from .methods import Methods
from .methods import methods_of

_QUOTED = re.compile(r"(['\"])(.*)\1")
_LONGEST = 100
"""Of a name for which the one that is meant is looked for, in characters."""


class Controls:
    """A registry of control ids. Controls are found in no other way.

    :param page: represents the view.
    :param view: has the id ``__Page``.
    """

    def __init__(self, page: object, view: object) -> None:
        self._by_id: dict[str, object] = {PAGE_TARGET: view}
        # By identity, which is unique as long as the page exists.
        self._ids: dict[int, str] = {
            id(page): PAGE_TARGET,
            id(view): PAGE_TARGET,
            id(page_proxy): PAGE_TARGET,
        }
        self.in_order: list[object] = [view]
        """The view, then the controls as they were added, each once."""

    def add(self, control_id: str, control: object) -> bool:
        """Register a control under an id, and tell whether it is a new one."""
        control_id = check_control_id(control_id)

        if control_id == JOB_TARGET:
            raise ValueError(f"Every page has {JOB_TARGET}, for its background jobs.")

        if control_id in self._by_id:
            raise ValueError(f"The page has a control {control_id!r} already.")

        check_control_class(type(control))
        self._by_id[control_id] = control

        if id(control) in self._ids:
            return False

        self._ids[id(control)] = control_id
        self.in_order.append(control)
        warn_of_misspellings(type(control))
        return True

    def find(self, control_id: str) -> t.Any | None:
        """Get the control with an id, or ``None``."""
        return self._by_id.get(control_id)

    def known(self) -> str:
        """List the ids, for a message."""
        return ", ".join(self._by_id)

    def known_targets(self) -> str:
        """List the ids, each with the methods of its control."""
        return ", ".join(
            target
            for control_id, control in self._by_id.items()
            for target in (
                control_id,
                *(method_target(control_id, m) for m in methods_of(type(control))),
            )
        )

    def explain_target(self, handler: object, name: str | None) -> str:
        """Say why the object with an id is not a target, for a message.

        :param name: the name of the called method.
        """
        if handler is None:
            return (
                f"target unknown; known are {self.known_targets()}; controls are added"
                " in a hook such as page_init"
            )

        kind = type(handler)
        methods = methods_of(kind)

        if name is None:
            hint = f"; it has the methods {', '.join(methods)}" if methods else ""
            return (
                f"target is not a handler: {kind.__qualname__} has no"
                f" raise_callback_event{hint}"
            )

        if name in methods:
            return "a classic client script calls no named methods"

        # The name itself is the client's text, of any length.
        near = find_near(name[:_LONGEST], methods)
        hint = f", is it {near!r}" if near else ""
        return (
            f"method unknown: {kind.__qualname__} has none of this name that is marked"
            f" @callback_method{hint}; known are {self.known_targets()}"
        )

    def find_id(self, control: object) -> str | None:
        """Get the id of a control object or of the page; ``None`` if it is unknown or
        given in another way.
        """
        return self._ids.get(id(control))

    def id_of(self, control: object) -> str:
        """Get the id of a control object, of the page, or of an id itself.

        :raises CallbackTargetError: the page does not know the control.
        """
        found = self.find_id(control)

        if found is None and isinstance(control, LocalProxy):
            control = t.cast(object, control._get_current_object())
            found = self.find_id(control)

        if found is not None:
            return found

        if isinstance(control, str):
            # A member of an enumeration has a str() that is not its text.
            control_id = str.__str__(control)

            if control_id in self._by_id:
                return control_id

            # ASP.NET writes a text target as an expression, so its pages put an id in
            # quotes.
            quoted = _QUOTED.fullmatch(control_id)

            if quoted and quoted[2] in self._by_id:
                return quoted[2]

        raise CallbackTargetError(self._explain(control))

    def _explain(self, control: object) -> str:
        if control is None:
            return (
                "The page has no control None. Give current_page, a control or its id."
                " find_control() gives None for an id that is unknown; known are"
                f" {self.known()}."
            )

        name = f"of type {type(control).__name__}"

        if isinstance(control, str):
            name = repr(control)

        return (
            f"The page has no control {name}. Add it with current_page.add_control()"
            f" in a hook such as page_init; known are {self.known()}."
        )

    def callback_id_of(self, control: object) -> str:
        """Get the id of a control that handles callbacks.

        :raises CallbackTargetError: it is unknown or does not handle callbacks.
        """
        try:
            control_id = self.id_of(control)
        except CallbackTargetError:
            if isinstance(control, str) and control == JOB_TARGET:
                return JOB_TARGET

            raise

        handler = self._by_id[control_id]

        if not takes_events(handler):
            raise CallbackTargetError(
                f"The control {control_id!r}, a {type(handler).__name__}, does not"
                " handle callbacks: it has no method raise_callback_event."
                f"{_advice(methods_of(type(handler)))}"
            )

        return control_id

    def method_of(self, control: object, name: str) -> tuple[str, CallbackMethod]:
        """Get the id of a control and one of its methods.

        :raises CallbackTargetError: the page does not know the control, or the control
            has no such method.
        """
        control_id = self.id_of(control)
        handler = self._by_id[control_id]
        methods = methods_of(type(handler))

        if name not in methods:
            near = find_near(name, [*methods]) if isinstance(name, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
            hint = f" Is it {near!r}?" if near else _advice(methods)
            raise CallbackTargetError(
                f"{type(handler).__qualname__} has no method {name!r} that is marked"
                f" @callback_method.{hint}"
            )

        return control_id, methods[name]


def _advice(methods: Methods) -> str:
    if not methods:
        return ""

    return f" Name one of its methods with method=: {', '.join(methods)}."
