"""Controls that a view's class declares: one for each request."""

from __future__ import annotations

import inspect
import typing as t
from weakref import WeakKeyDictionary
from weakref import WeakSet

from ..errors import HandlerInterfaceError
from .interface import check_control_id
from .interface import may_add_controls
from .interface import misspellings
from .interface import takes_events
from .methods import methods_of
from .methods import prepare_methods

_Control = t.TypeVar("_Control")

_declared: WeakKeyDictionary[type, dict[str, type[t.Any]]] = WeakKeyDictionary()
_checked: WeakSet[type] = WeakSet()


def callback_control(control_class: type[_Control]) -> DeclaredControl[_Control]:
    """Declare a control of a page: write ``cart = callback_control(Cart)`` in the
    view's class. Each request then makes a ``Cart()``. The page knows it as ``cart``
    before its life cycle begins. If the class or the id is not known in advance, use
    :meth:`.Page.add_control` instead.

    :param control_class: the control's class. It is called without arguments.
    :raises HandlerInterfaceError: the class needs arguments.

    .. versionadded:: 0.1
    """
    return DeclaredControl(control_class)


class DeclaredControl(t.Generic[_Control]):
    """A declared control. On a view object, the attribute is the control itself.

    .. versionadded:: 0.1
    """

    def __init__(self, control_class: type[_Control]) -> None:
        if not isinstance(control_class, type):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise HandlerInterfaceError(
                "callback_control() takes the class of a control, not"
                f" {control_class!r}. Add a control that you make yourself in a hook,"
                " with current_page.add_control()."
            )

        try:
            inspect.signature(control_class).bind()
        except ValueError:
            pass  # Python does not know its parameters
        except TypeError as error:
            raise HandlerInterfaceError(
                f"callback_control() calls {control_class.__qualname__}(), which lacks"
                f" arguments: {error}. Give them defaults, or add such a control in a"
                " hook, with current_page.add_control()."
            ) from error

        self.control_class: type[_Control] = control_class
        """The class of the control."""
        self.name: str = ""
        """The control's id: the name of the attribute."""

    def __set_name__(self, owner: type, name: str) -> None:
        check_control_id(name)
        self.name = name

    @t.overload
    def __get__(self, view: None, owner: type) -> t.Self: ...
    @t.overload
    def __get__(self, view: object, owner: type) -> _Control: ...

    def __get__(self, view: object | None, owner: type) -> t.Self | _Control:
        if view is None:
            return self

        # From now on, the view finds it here first.
        control = view.__dict__[self.name] = self.control_class()
        return control


def declared_controls(owner: type) -> dict[str, type[t.Any]]:
    """List the classes of the controls that a class declares, by their ids. The bases'
    controls come first.
    """
    known = _declared.get(owner)

    if known is not None:
        return known

    declared: dict[str, type[t.Any]] = {}
    names = dict.fromkeys(
        name
        for base in reversed(owner.__mro__)
        for name, attribute in vars(base).items()
        if isinstance(attribute, DeclaredControl)
    )

    for name in names:
        attribute: t.Any = inspect.getattr_static(owner, name)

        # Taken away.
        if attribute is None:
            continue

        if not isinstance(attribute, DeclaredControl):
            raise HandlerInterfaceError(
                f"{owner.__qualname__}.{name} overrides a control that a base class"
                f" declares: rename it, or write {name} = None to take the control"
                " away."
            )

        control: DeclaredControl[t.Any] = attribute  # pyright: ignore

        if control.name != name:
            raise HandlerInterfaceError(
                f"{owner.__qualname__}.{name} needs a callback_control() of its own,"
                " written in the class."
            )

        declared[name] = control.control_class

    _declared[owner] = declared
    return declared


def check_control_class(control_class: type) -> None:
    """Resolve the methods of a control, and check that it declares no controls itself.

    :raises HandlerInterfaceError: it does, or a method is wrong.
    """
    if control_class in _checked:
        return

    declared = declared_controls(control_class)

    if declared:
        raise HandlerInterfaceError(
            f"{control_class.__qualname__} is a control, and declares"
            f" {', '.join(declared)}: only a view's class declares controls. Let the"
            " control add its own in its hook page_init, with"
            " current_page.add_control()."
        )

    prepare_methods(control_class)
    _checked.add(control_class)


def prepare_targets(view_class: type) -> None:
    """Resolve the methods of a view and of the controls that it declares.

    :raises HandlerInterfaceError: one of them is wrong.
    """
    prepare_methods(view_class)

    for control_class in declared_controls(view_class).values():
        check_control_class(control_class)


def check_interface(view_class: type) -> None:
    """Check that a view's class has something that a page can call.

    :raises HandlerInterfaceError: it has nothing to call.
    """
    if (
        takes_events(view_class)
        or methods_of(view_class)
        or declared_controls(view_class)
        or may_add_controls(view_class)
    ):
        return

    likely = "".join(
        f" {method.__qualname__} is probably meant to be {meant}."
        for method, meant in misspellings(view_class.__mro__)
    )
    raise HandlerInterfaceError(
        f"{view_class.__qualname__} is marked @callback_handler and lacks the"
        " method raise_callback_event(event_argument). Let that return the"
        " result, or let get_callback_result() give it; or mark methods"
        " @callback_method. A page that only has controls declares them by"
        f" callback_control(), or adds them in a hook such as page_init.{likely}"
    )
