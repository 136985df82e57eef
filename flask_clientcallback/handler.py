"""``@callback_handler``: a view class whose requests are life cycles of a page."""

from __future__ import annotations

import functools
import inspect
import typing as t
import weakref
from collections.abc import Callable

from flask.typing import ResponseReturnValue
from flask.views import MethodView
from flask.views import View
from werkzeug.exceptions import HTTPException

from .config import inherited_options
from .config import OPTIONS_ATTRIBUTE
from .config import SAID_ATTRIBUTE
from .errors import HandlerInterfaceError
from .globals import application
from .globals import current_request
from .request.answer import answer
from .request.answer import Method
from .request.raised_errors import note_failure
from .targets.declared_controls import check_interface
from .targets.declared_controls import prepare_targets
from .targets.interface import warn_of_misspellings
from .targets.methods import methods_of

_ViewClass = t.TypeVar("_ViewClass", bound=type[View])

_DISPATCHING = "_clientcallback_dispatching"
_RUNS_LIFE_CYCLE = "_clientcallback_runs_life_cycle"
_TAKES_POST = "_clientcallback_takes_post"


@t.overload
def callback_handler(view_class: _ViewClass, /) -> _ViewClass: ...


@t.overload
def callback_handler(
    *,
    view_state: bool = True,
    event_validation: bool = False,
    max_content_length: int | None = None,
    classic: bool | None = None,
) -> Callable[[_ViewClass], _ViewClass]: ...


def callback_handler(view_class: type[View] | None = None, /, **said: t.Any) -> t.Any:
    """Let the JavaScript of a view's page call methods of the view. In ASP.NET, a page
    implements ``ICallbackEventHandler`` for this.

    The class has methods marked :func:`.callback_method`, or it has
    ``raise_callback_event(event_argument)``. If that returns no result, it also has
    ``get_callback_result()``. A page that only has controls needs neither: it declares
    them by :func:`.callback_control`, or adds them in a hook. Each request runs the
    page's life cycle, with hooks named ``page_<stage>``. A keyword that a subclass does
    not give comes from its nearest base that gives it.

    :param view_class: a :class:`~flask.views.MethodView` or
        :class:`~flask.views.View`. Its subclasses are handlers too.
    :param view_state: whether the page keeps a view state.
    :param event_validation: whether the server refuses a callback or a post-back event
        if the page did not offer its target and argument. ASP.NET's
        ``EnableEventValidation``.
    :param max_content_length: the most bytes in the body of a callback's request.
        Default: ``CLIENTCALLBACK_MAX_CONTENT_LENGTH``.
    :param classic: whether the server answers the client scripts of ASP.NET and Mono.
        Default: ``CLIENTCALLBACK_CLASSIC``.
    :raises HandlerInterfaceError: the class lacks the interface, or requests share its
        instances. The error is a :exc:`TypeError`.
    :raises ValueError: ``max_content_length`` is not a number of bytes.

    .. versionadded:: 0.1
    """
    _SIGNATURE.bind(view_class, **said)
    limit = said.get("max_content_length")

    if limit is not None and (type(limit) is not int or limit < 1):
        raise ValueError(f"max_content_length is a number of bytes, not {limit!r}.")

    if view_class is None:
        return functools.partial(_make_handler, said=said)

    return _make_handler(view_class, said=said)


def _signature_of(function: Callable[..., t.Any]) -> inspect.Signature:
    """Join the overloads of a function. Only they have the defaults of its keywords:
    the function itself needs to know which ones were given.
    """
    bare, called = (inspect.signature(one) for one in t.get_overloads(function))
    [positional] = bare.parameters.values()
    keywords = called.parameters.values()
    return inspect.Signature([positional.replace(default=None), *keywords])


_SIGNATURE = _signature_of(callback_handler)
# For help() and editors; type checkers read the overloads.
callback_handler.__signature__ = _SIGNATURE  # type: ignore[attr-defined]


def _make_handler(view_class: _ViewClass, *, said: dict[str, t.Any]) -> _ViewClass:
    if not isinstance(view_class, type) or not issubclass(view_class, View):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise HandlerInterfaceError(
            f"@callback_handler marks a view class, a flask.views.MethodView say, not"
            f" {view_class!r}."
        )

    check_interface(view_class)
    earlier = view_class.__dict__.get(SAID_ATTRIBUTE, {})
    setattr(view_class, SAID_ATTRIBUTE, {**earlier, **said})
    _give_life_cycle(view_class)
    _reach_subclasses(view_class)
    return view_class


def _reach_subclasses(view_class: type[View]) -> None:
    """Prepare each subclass when it is created: it may override the method that runs
    the life cycle.
    """
    own = view_class.__dict__.get("__init_subclass__")

    def __init_subclass__(subclass: type[View], /, **keywords: t.Any) -> None:
        if own is None:
            super(view_class, subclass).__init_subclass__(**keywords)
        else:
            own.__get__(None, subclass)(**keywords)

        _give_life_cycle(subclass)

    # A class decorator has no other way; mypy has no type for it.
    view_class.__init_subclass__ = classmethod(__init_subclass__)  # type: ignore[assignment]


def _give_life_cycle(view_class: type[View]) -> None:
    if not view_class.init_every_request:
        raise HandlerInterfaceError(
            f"{view_class.__qualname__} sets init_every_request = False, which shares"
            " one object between all requests and would hand one user's result to"
            " another. Leave it at True in a class marked @callback_handler."
        )

    methods_of(view_class)
    setattr(view_class, OPTIONS_ATTRIBUTE, inherited_options(view_class))
    _take_post(view_class)
    warn_of_misspellings(view_class)
    dispatch = view_class.dispatch_request

    if not hasattr(dispatch, _RUNS_LIFE_CYCLE):
        wrapped = _with_life_cycle(dispatch)
        setattr(wrapped, _RUNS_LIFE_CYCLE, True)
        # In the class, so that subclasses inherit it; mypy takes it for a method alone.
        view_class.dispatch_request = wrapped  # type: ignore[method-assign]


def _take_post(view_class: type[View]) -> None:
    """Let the URLs of a view accept callbacks. The ``methods`` of the class stay as
    they are: other packages look up a method for each of them.
    """
    as_view = inspect.getattr_static(view_class, "as_view")

    if hasattr(view_class.as_view, _TAKES_POST):
        return

    @functools.wraps(view_class.as_view)
    def wrapped(cls: type[View], /, *values: t.Any, **keywords: t.Any) -> t.Any:
        # By now, everything that the type hints name exists.
        prepare_targets(cls)
        view = as_view.__get__(None, cls)(*values, **keywords)
        methods = getattr(view, "methods", None)

        if methods is None:
            # Flask assumes GET, except for a MethodView, which may lack it.
            methods = () if issubclass(cls, MethodView) else ("GET",)

        view.methods = {*methods, "POST"}
        return view

    setattr(wrapped, _TAKES_POST, True)
    # In the class, so that subclasses inherit it; mypy has no type for it.
    view_class.as_view = classmethod(wrapped)  # type: ignore[assignment]


def _with_life_cycle(dispatch: Method) -> Method:
    is_async = inspect.iscoroutinefunction(dispatch)

    @functools.wraps(dispatch)
    def dispatch_request(self: View, /, **values: t.Any) -> ResponseReturnValue:
        ensured = application().ensure_sync(dispatch) if is_async else dispatch
        proceed = functools.partial(ensured, self)

        if _DISPATCHING in self.__dict__:
            return t.cast(ResponseReturnValue, proceed(**values))

        self.__dict__[_DISPATCHING] = True

        if not isinstance(self, MethodView):
            return answer(self, proceed, **values)

        # The base classes of a MethodView may check the request in dispatch_request.
        # After that, it looks its method up on the object. The life cycle stands there
        # in the method's place.
        name = current_request().method.lower()

        if name == "head" and not hasattr(self, name):
            name = "get"

        if name in ("get", "head", "post"):
            own = self.__dict__.get(name)
            stand_in = functools.partial(_answer_instead, weakref.ref(self), name, own)
            setattr(self, name, stand_in)

        try:
            return t.cast(ResponseReturnValue, proceed(**values))
        except HTTPException as error:
            note_failure(self, error)
            raise

    return dispatch_request


def _answer_instead(
    view_reference: weakref.ref[View],
    name: str,
    own: Method | None,
    /,
    **values: t.Any,
) -> ResponseReturnValue:
    """Run the life cycle in place of a view's method.

    :param view_reference: the view, by a weak reference. The view holds this function,
        and a cycle would wait for the garbage collector in each request.
    :param own: the method that the object itself had, if any.
    """
    view = t.cast(View, view_reference())
    stand_in = view.__dict__.pop(name)
    method = own or getattr(view, name, None)
    view.__dict__[name] = stand_in
    return answer(view, method, **values)
