"""What templates get: the globals, and the page itself."""

from __future__ import annotations

import functools
import inspect
import typing as t
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping

from flask import render_template
from markupsafe import Markup

from ..globals import application
from ..protocol.javascript import js_literal
from ..script.client_script import ClientScriptManager
from ..script.references import CallbackReference
from ..spelling import find_near
from .current import current_page
from .current import find_page
from .current import get_live
from .current import get_markup
from .current import get_page
from .shown_results import show_result

if t.TYPE_CHECKING:
    from flask import Flask

_Function = t.TypeVar("_Function", bound=Callable[..., object])


def add_to_templates(app: Flask) -> None:
    """Put the globals, a filter and the page into an application's templates."""
    _template_globals(app).update(
        current_page=current_page,
        get_callback_event_reference=get_callback_event_reference,
        callback_attributes=callback_attributes,
        callback_error=callback_error,
        callback_field=callback_field,
        callback_fields=callback_fields,
        callback_page=callback_page,
        callback_result=callback_result,
        callback_scripts=callback_scripts,
        js_literal=js_literal,
        render_fragment=render_fragment,
    )
    app.add_template_filter(js_literal, "js_literal")
    app.template_context_processors.setdefault(None, []).insert(0, _page_context)


def _template_globals(app: Flask) -> dict[str, t.Any]:
    return app.jinja_env.globals


def _page_context() -> dict[str, t.Any]:
    """Give templates the page itself, as Flask does with its ``request``, unless the
    application has its own global of this name. The package's globals, which imported
    templates have too, look for the page in each row of a table.
    """
    page = find_page()

    if page is None:
        return {}

    given = _template_globals(application())
    context: dict[str, t.Any] = {}

    if given.get("current_page") is current_page:
        context["current_page"] = page

    if given.get("get_callback_event_reference") is get_callback_event_reference:
        # Jinja inspects twice what it calls, which is slow for a bound method.
        context["get_callback_event_reference"] = functools.partial(
            ClientScriptManager.get_callback_event_reference, page.client_script
        )

    return context


def _documented_as(method: Callable[..., object]) -> Callable[[_Function], _Function]:
    """Give a function the docstring and the signature of the method that it calls. It
    passes its arguments on unchanged, so they are listed in one place.
    """
    signature = inspect.signature(method, eval_str=True)
    _, *parameters = signature.parameters.values()
    signature = signature.replace(parameters=parameters)

    def describe(function: _Function) -> _Function:
        function.__doc__ = method.__doc__
        # For help() and the reference; mypy knows no such attribute of a function.
        function.__signature__ = signature  # type: ignore[attr-defined]
        return function

    return describe


@_documented_as(ClientScriptManager.get_callback_event_reference)
def get_callback_event_reference(
    control: t.Any,
    argument: str | None,
    client_callback: str,
    context: str | None = None,
    client_error_callback: str | bool | None = None,
    use_async: bool = False,
) -> CallbackReference:
    return get_page().client_script.get_callback_event_reference(
        control, argument, client_callback, context, client_error_callback, use_async
    )


def callback_fields() -> Markup:
    """Write the hidden fields that carry the page's state. They belong inside the
    ``<form>``.

    .. versionadded:: 0.1
    """
    return get_markup().fields()


def callback_page() -> Markup:
    """Write an attribute with the page's id, for a container. All calls from inside the
    container go to this page. It is for a part that is put into another page: for
    example a dialog.

    .. versionadded:: 0.1
    """
    return get_markup().container()


def callback_scripts(
    nonce: str | None = None, messages: Mapping[str, object] | None = None
) -> Markup:
    """Write the client script and the registered scripts.

    :param nonce: the nonce of this response, which admits the scripts under a
        Content-Security-Policy. Default: the scripts have none.
    :param messages: messages in the user's language, for errors without a message from
        the server: texts or lazy translations, by the kind of the error. There are
        ``network``, ``timeout``, ``http``, ``server``, ``auth``, ``redirect``,
        ``parse`` and ``too_large``, and the links ``stale_link``, to reload, and
        ``auth_link``, to log in. Default: English ones.
    :raises ValueError: a key is none of these.

    .. versionadded:: 0.1
    """
    return get_markup().scripts(nonce, messages)


@_documented_as(ClientScriptManager.get_callback_attributes)
def callback_attributes(
    control: t.Any,
    argument: str | float | None = None,
    on_result: str | None = None,
    on_error: str | None = None,
    **options: t.Any,
) -> Markup:
    if not options.keys() <= _OPTIONS:
        _refuse_options(options)

    return get_page().client_script.get_callback_attributes(
        control, argument, on_result, on_error, **options
    )


def callback_field(name: str, value: object = None) -> Markup:
    """Write the attributes of a form's field: its name, the value that was sent, and
    the connection to the place of its error.

    :param name: the field's name.
    :param value: its value if none was sent: anything that has a text. Default: the
        field is empty. A select and a textarea get their value in another way. Not for
        the value of a password.

    .. versionadded:: 0.1
    """
    return get_markup().field(name, value)


def callback_error(name: str = "") -> Markup:
    """Write the element that shows a field's error, or the message of any error.

    :param name: the field's name. Default: the empty text, for the message of any
        error.

    .. versionadded:: 0.1
    """
    return get_markup().error(name)


def callback_result(control: t.Any = None, method: str | None = None) -> Markup:
    """Write what the called method returned, where a page is posted back without
    scripts. It is what the client script shows in the ``output`` of the call: nothing
    for ``None``, JSON for a list or a dictionary, HTML for ``Markup``, from which it
    takes nothing out. Nothing if no method was called, or another one.

    :param control: the control, or ``current_page`` for the view, whose methods are
        meant. Default: any, or the view if a method is given.
    :param method: the name of the method that is meant. Default: any of the control's.
    :raises CallbackTargetError: the page does not know the control, or the control has
        no such method.
    :raises Exception: the result cannot be written as JSON, or is not what the type
        hint of its method says.

    .. versionadded:: 0.1
    """
    return show_result(get_live(), control, method)


def render_fragment(name: str, /, **context: t.Any) -> Markup:
    """Render a template as a part of a page, for the result of a callback. The browser
    inserts it as HTML. It never does this with plain text.

    :param name: the template's name.
    :param context: its variables, as keywords.

    .. versionadded:: 0.1
    """
    return Markup(render_template(name, **context))


_OPTIONS = frozenset(ClientScriptManager.get_callback_attributes.__kwdefaults__ or ())
_KEYWORDS = ("control", "argument", "on_result", "on_error", *sorted(_OPTIONS))
_OF_REFERENCES = {
    "client_callback": "on_result",
    "client_error_callback": "on_error",
    "on_success": "on_result",
}
"""Other names for the same arguments."""


def _refuse_options(options: Iterable[str]) -> t.NoReturn:
    wrong = next(name for name in options if name not in _OPTIONS)
    near = find_near(wrong, (*_KEYWORDS, *_OF_REFERENCES))
    meant = _OF_REFERENCES.get(near or "", near)
    hint = f" Is it {meant}?" if meant else f" There are {', '.join(_KEYWORDS)}."
    raise TypeError(f"callback_attributes() takes no keyword {wrong!r}.{hint}")
