"""References to the events of a page, as its JavaScript raises them."""

from __future__ import annotations

import typing as t

from ..protocol.arguments import argument_to_post
from ..protocol.arguments import require_expression
from ..protocol.arguments import text_sent_by
from ..protocol.event_tokens import EventKind
from ..protocol.javascript import JavaScriptLiteral
from ..protocol.javascript import quote
from ..protocol.wire import JOB_TARGET
from ..state.event_validation import EventValidation
from ..targets.controls import Controls
from .registered_scripts import RegisteredScripts


class CallbackReference(str):
    """A JavaScript call, as source. Templates print it unescaped. Unlike ``Markup``, it
    does not escape other source that Python adds to it.

    .. versionadded:: 0.1
    """

    __slots__ = ()

    if t.TYPE_CHECKING:

        def __html__(self) -> str: ...
    else:
        # No function of Python's own, for the rows of a long table.
        __html__ = str.__str__


def reference_halves(
    target: str,
    client_callback: str,
    context: str | None,
    client_error_callback: str | bool | None,
    use_async: bool,
) -> tuple[str, str]:
    """Write a callback's call in two halves: before and after its argument. It is the
    call of ASP.NET's ``GetCallbackEventReference``, byte for byte. All but ``target``
    and ``use_async`` are JavaScript expressions.

    :raises TypeError: an expression is not text.
    :raises ValueError: there is no ``client_callback``.
    """
    # ASP.NET has an overload without the error's function.
    if isinstance(client_error_callback, bool):
        use_async = client_error_callback or use_async
        client_error_callback = None

    require_expression(client_callback, "client_callback")
    require_expression(context, "context")
    require_expression(client_error_callback, "client_error_callback")

    if not client_callback or client_callback.isspace():
        raise ValueError(
            "get_callback_event_reference needs client_callback, the JavaScript"
            " function that receives the result."
        )

    return (
        f"WebForm_DoCallback('{target}',",
        f",{client_callback},{expression(context)},"
        f"{client_error_callback or 'null'},{'true' if use_async else 'false'})",
    )


def postback_reference(target: str, argument: str) -> CallbackReference:
    """Write the call that posts the page back, as ASP.NET's
    ``GetPostBackEventReference``.

    :param argument: text, not an expression.
    """
    return CallbackReference(f"__doPostBack('{target}',{quote(argument)})")


def expression(source: str | None) -> str:
    """Write an optional JavaScript expression."""
    return "null" if source is None else source or '""'


class EventReferences:
    """Writes references: the half of ASP.NET's ``ClientScriptManager`` that is about
    events.

    :param controls: the targets of the page.
    :param scripts: these are told that the page makes callbacks.
    :param events: the events that the page may raise.

    .. versionadded:: 0.1
    """

    def __init__(
        self, controls: Controls, scripts: RegisteredScripts, events: EventValidation
    ) -> None:
        self._controls = controls
        self._scripts = scripts
        self._events = events
        self._validated = events.required
        self._references: dict[tuple[t.Any, ...], CallbackReference] = {}
        self._halves: dict[tuple[t.Any, ...], tuple[str, str, str]] = {}

    def get_callback_event_reference(
        self,
        control: t.Any,
        argument: str | None,
        client_callback: str,
        context: str | None = None,
        client_error_callback: str | bool | None = None,
        use_async: bool = False,
    ) -> CallbackReference:
        """Write the JavaScript call that makes a callback. ASP.NET's
        ``GetCallbackEventReference``, byte for byte.

        All but ``control`` and ``use_async`` are JavaScript expressions, as text. The
        browser evaluates them when it makes the call. Write Python values with
        :func:`~flask_clientcallback.js_literal`.

        :param control: its ``raise_callback_event`` is called: ``current_page``, a
            control, or its id.
        :param argument: what is sent to it: ``"this.value"``. ``None`` sends the empty
            text; the client scripts of ASP.NET and Mono then send ``null``.
        :param client_callback: the function that gets the result and the context:
            ``"showPrice"``.
        :param context: what both functions also get: ``"this"``. It is not sent.
            Default: ``null``.
        :param client_error_callback: the function that gets the message of an error,
            the context and the error. Without it, the console shows the error. A
            boolean is ``use_async``, as in ASP.NET's overload without this function.
        :param use_async: whether the call is sent at once. Default ``False``: the
            page's calls of this kind run one after the other.
        :raises CallbackTargetError: the control is unknown or not a handler.
        :raises TypeError: an expression is not text.
        :raises ValueError: there is no ``client_callback``.

        .. versionadded:: 0.1
        """
        if type(control) is str:
            target = control
        else:
            found = self._controls.find_id(control)
            target = found or self._controls.callback_id_of(control)

        # A table may have one in each row, so the fast cases come first.
        kind = type(argument)

        if kind is JavaScriptLiteral:
            call = (target, client_callback, context, client_error_callback, use_async)

            try:
                halves = self._halves.get(call)
            except TypeError:
                halves = None  # for a list, say, which is no expression

            before, after, target = halves or self._write_halves(call)

            if self._validated:
                self._offer_callback(target, argument)

            source = argument or expression(argument)
            return CallbackReference("".join((before, source, after)))

        if kind is not str:
            require_expression(argument, "argument")

        key = (
            argument,
            target,
            client_callback,
            context,
            client_error_callback,
            use_async,
        )

        try:
            reference = self._references.get(key)
        except TypeError:
            reference = None

        if reference is None:
            before, after, target = self._write_halves(key[1:])
            self._offer_callback(target, argument)
            source = argument or expression(argument)
            reference = CallbackReference("".join((before, source, after)))
            self._references[key] = reference

        return reference

    def _write_halves(self, call: tuple[t.Any, ...]) -> tuple[str, str, str]:
        target = self._controls.callback_id_of(call[0])
        before, after = reference_halves(target, *call[1:])
        self._halves[call] = before, after, target
        self._scripts.need_client_script = True
        return before, after, target

    def _offer_callback(self, target: str, argument: str | None) -> None:
        sent = text_sent_by(argument)
        self._offer("callback", target, sent)

        if sent is not None and expression(argument) == "null":
            # The text that ASP.NET's script sends for it.
            self._offer("callback", target, "null")

    def _offer(self, kind: EventKind, target: str, sent: str | None) -> None:
        if self._validated and sent is not None and target != JOB_TARGET:
            self._events.register(kind, target, sent)

    def get_postback_event_reference(
        self, control: t.Any, argument: str | float | None = ""
    ) -> CallbackReference:
        r"""Write the JavaScript call that posts the page back. ASP.NET's
        ``GetPostBackEventReference``, byte for byte.

        :param control: ``current_page``, a control, or its id. It gets the event
            if it has ``raise_postback_event(argument)``.
        :param argument: a value for it, not a JavaScript expression. Its line breaks
            arrive as ``\n``. Default: the empty text.
        :raises CallbackTargetError: the page does not know the control.
        :raises TypeError: the argument is not text, a number or a boolean.
        :raises ValueError: a form cannot send it.

        .. versionadded:: 0.1
        """
        target, sent = self._controls.id_of(control), argument_to_post(argument)
        self._offer("postback", target, sent)
        return postback_reference(target, sent)

    def get_postback_client_hyperlink(
        self, control: t.Any, argument: str | float | None = ""
    ) -> CallbackReference:
        """Write the call that posts the page back as a URL for a link. ASP.NET's
        ``GetPostBackClientHyperlink``. A strict Content-Security-Policy forbids such
        URLs; a button named ``__EVENTTARGET`` needs no JavaScript.

        :param control: as for :meth:`get_postback_event_reference`.
        :param argument: as for :meth:`get_postback_event_reference`.

        .. versionadded:: 0.1
        """
        reference = self.get_postback_event_reference(control, argument)
        return CallbackReference(f"javascript:{reference}")
