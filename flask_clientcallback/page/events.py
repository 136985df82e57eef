"""What a request raises: the event of a target, or a call of one of its methods."""

from __future__ import annotations

import inspect
import typing as t
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping

from werkzeug.wrappers import Response as BaseResponse

from ..errors import CallbackError
from ..errors import RefusedError
from ..errors import ViewStateError
from ..globals import current_request
from ..globals import logger
from ..globals import registration_of
from ..protocol.method_calls import split_target
from ..protocol.wire import CallbackRequest
from ..protocol.wire import read_postback_event
from ..targets.form_values import FormFields
from ..targets.form_values import Sent
from ..targets.interface import takes_events
from ..targets.methods import CallbackMethod
from ..targets.methods import find_method
from ..targets.methods import methods_of
from ..targets.types import ResultWriter
from .hooks import call
from .hooks import HookAnswered
from .live_page import LivePage
from .page import Page
from .results import is_streamed
from .results import JSONResult
from .results import read_result

if t.TYPE_CHECKING:
    from flask import Response


class Raised(t.NamedTuple):
    """What the event of a callback came to."""

    result: t.Any
    method: Callable[..., t.Any]
    """Gave the result."""
    writer: ResultWriter | None = None
    """Writes it, where its method says what it is."""


def raise_callback_event(live: LivePage, asked: CallbackRequest) -> Raised:
    """Raise the event of a callback, or call the method that it names, and get the
    result.

    :raises RefusedError: the target is unknown or not a handler.
    """
    control_id, name = split_target(asked.target)
    handler: t.Any = live.controls.find(control_id)
    method: CallbackMethod | None = None

    if name is not None and not asked.is_classic:
        method = find_method(handler, name)

    if method is None and (name is not None or not takes_events(handler)):
        raise RefusedError(404, _explain_target(live, handler, name))

    # A client may send any text: only that of a target is told.
    live.page.callback_target = asked.target
    app, run = live.page.app, live.stages.run
    run("raise_callback_event")

    if method is not None:
        result = _call_method(live.page, handler, method, asked.argument, asked.files)
        run("get_callback_result")
        return Raised(result, getattr(handler, method.name), method.writer)

    raised: Callable[..., t.Any] = handler.raise_callback_event
    result = call(app, raised, asked.argument)
    run("get_callback_result")
    get_callback_result = getattr(handler, "get_callback_result", None)

    if get_callback_result is not None:
        return Raised(call(app, get_callback_result), get_callback_result)

    return Raised(result, raised)


def _explain_target(live: LivePage, handler: object, name: str | None) -> str:
    if handler is not None and name is None:
        kind = type(handler)
        methods = ", ".join(methods_of(kind))
        hint = f"; it has the methods {methods}" if methods else ""
        return (
            f"target is not a handler: {kind.__qualname__} has no"
            f" raise_callback_event{hint}"
        )

    return (
        f"target unknown; known are {live.controls.known_targets()}; controls are added"
        " in a hook such as page_init"
    )


def raise_postback_event(live: LivePage) -> None:
    """Raise the event that a post back names, or call the method.

    :raises HookAnswered: the method returned a response.
    :raises RefusedError: its arguments are not JSON.
    """
    event = read_postback_event(current_request().form)

    if not event.target:
        return

    control_id, name = split_target(event.target)
    target: t.Any = live.controls.find(control_id)

    method = None if name is None else find_method(target, name)

    if target is None or (name is not None and method is None):
        known = live.controls.known_targets()
        logger.warning("A post back names an unknown target; known are %s", known)
        return

    live.page.callback_target = event.target
    live.stages.run("raise_postback_event")

    if method is not None:
        _post_call(live, target, method, event.arguments)
        return

    raise_event = getattr(target, "raise_postback_event", None)

    if raise_event is None:
        logger.info("The control %s has no raise_postback_event", control_id)
    else:
        call(live.page.app, raise_event, event.argument)


def _post_call(
    live: LivePage, target: object, method: CallbackMethod, arguments: t.Any
) -> None:
    """Call a method in a post back: the page that is rendered then tells the result, or
    what is wrong.
    """
    page = live.page
    before = page.view_state.to_text()

    try:
        result = _call_method(page, target, method, arguments, None)
    except CallbackError as error:
        if page.view_state.to_text() != before:
            page.view_state.put_back(before)

        page.error = error
        return

    result = read_result(result, getattr(target, method.name), method.writer)

    if isinstance(result, BaseResponse):
        response = take_response(live, t.cast("Response", result))
        raise HookAnswered(response, method.qualname)

    page.result = result.value if type(result) is JSONResult else result


def _call_method(
    page: Page,
    target: object,
    method: CallbackMethod,
    arguments: t.Any,
    files: Mapping[str, list[t.Any]] | None,
) -> t.Any:
    sent = Sent(arguments, files or {}, FormFields(page.form, page.files))
    translations = registration_of(page.app).translations

    try:
        places, named = method.parameters.bind(sent, translations)
    except CallbackError as error:
        # Users see the messages in the page; a developer whose script lacks an argument
        # looks here.
        if page.app.debug:
            logger.warning("%s got invalid input: %s", method.qualname, error.fields)

        raise

    # By the attribute, so that every decorator of it holds.
    result = call(page.app, getattr(target, method.name), *places, **named)

    # A plain decorator of a coroutine function hands out the coroutine.
    if inspect.isawaitable(result):
        return page.app.ensure_sync(_wait_for)(result)

    return result


def take_response(live: LivePage, response: Response) -> Response:
    """Take the response of a handler for its answer.

    :raises ViewStateError: it cannot hand the page what changed.
    """
    if 300 <= response.status_code < 400:
        return response

    if live.persister.changed:
        raise ViewStateError(
            "A callback that answers with a Response cannot hand the page a changed"
            " view state or new events. Return a value, or leave them as they were."
        )

    return live.keep_until_closed(response) if is_streamed(response) else response


async def _wait_for(result: Awaitable[t.Any]) -> t.Any:
    return await result
