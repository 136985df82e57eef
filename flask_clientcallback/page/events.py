"""What a request raises: the event of a target, or a call of one of its methods."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from werkzeug.wrappers import Response as BaseResponse

from ..errors import CallbackError
from ..errors import RefusedError
from ..errors import ViewStateError
from ..globals import current_request
from ..globals import logger
from ..protocol.method_calls import split_target
from ..protocol.wire import CallbackRequest
from ..protocol.wire import JOB_TARGET
from ..protocol.wire import read_postback_event
from ..targets.interface import takes_events
from ..targets.methods import CallbackMethod
from ..targets.methods import find_method
from ..targets.types import ResultWriter
from ..work.jobs import Job
from ..work.streams import is_stream
from ..work.streams import Parts
from ..work.streams import parts_of
from ..work.streams import run_to_end
from .called_methods import call_method
from .hooks import call
from .hooks import HookAnswered
from .live_page import LivePage
from .page import jobs_of
from .results import is_streamed
from .results import name_of
from .results import read_result
from .results import value_of

if t.TYPE_CHECKING:
    from flask import Response


class Raised(t.NamedTuple):
    """How the event of a callback ended."""

    result: t.Any
    method: Callable[..., t.Any]
    """The method that gave the result."""
    writer: ResultWriter | None = None
    """Writes the result, if its method has a type hint for it."""


def raise_callback_event(
    live: LivePage, asked: CallbackRequest
) -> Raised | Parts[Raised]:
    """Raise the event of a callback, or call the method that it names, and get the
    result.

    :return: the result. If the handler yields parts, an iterator yields these first.
    :raises RefusedError: the target is unknown or not a handler.
    """
    control_id, name = split_target(asked.target)
    handler: t.Any = live.controls.find(control_id)
    method: CallbackMethod | None = None

    if name is not None and not asked.is_classic:
        method = find_method(handler, name)

    if method is None and (name is not None or not takes_events(handler)):
        if asked.target != JOB_TARGET or asked.is_classic:
            raise RefusedError(404, live.controls.explain_target(handler, name))

    # A client may send any text. Only the text of a real target is told.
    live.page.callback_target = asked.target
    app = live.page.app
    live.stages.run("raise_callback_event")
    writer = None

    if method is not None:
        result = call_method(live.page, handler, method, asked.argument, asked.files)
        raised: Callable[..., t.Any] = getattr(handler, method.name)
        writer = method.writer
    elif handler is not None:
        raised = handler.raise_callback_event
        result = call(app, raised, asked.argument)
    else:
        # A request that follows a job runs no handler of the page.
        raised = jobs_of(live.page).follow
        result = raised(asked.argument)

    owner = handler if method is None else None

    if is_stream(result):
        return _raise_in_parts(live, owner, Raised(result, raised, writer))

    ended = _get_result(live, owner, Raised(result, raised, writer))
    return _work_on(ended) if is_stream(ended.result) else ended


def _get_result(live: LivePage, owner: object | None, raised: Raised) -> Raised:
    """Get the result of an event from its second method, if there is one, in place of
    what the first one returned.

    :param owner: the object with the second method; ``None`` if there is none.
    """
    live.stages.run("get_callback_result")
    getter = getattr(owner, "get_callback_result", None)

    if getter is None:
        return raised

    if isinstance(raised.result, BaseResponse):
        logger.warning(
            "%s returned a response, which goes nowhere: %s gives the result. Return"
            " the response there, or use flask.abort().",
            name_of(raised.method),
            name_of(getter),
        )

    return Raised(call(live.page.app, getter), getter)


def _raise_in_parts(
    live: LivePage, owner: object | None, raised: Raised
) -> Parts[Raised]:
    """Do the work of an event's first method, and then of the second."""
    raised = raised._replace(result=(yield from parts_of(raised.result)))
    ended = _get_result(live, owner, raised)

    if ended is not raised and is_stream(ended.result):
        return (yield from _work_on(ended))

    return ended


def _work_on(raised: Raised) -> Parts[Raised]:
    result = yield from parts_of(raised.result)
    return raised._replace(result=result)


def raise_postback_event(live: LivePage) -> None:
    """Raise the event that a post back names, or call the method.

    :raises HookAnswered: it returned a response.
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
        raised = call(live.page.app, raise_event, event.argument)

        if is_stream(raised):
            raised = run_to_end(parts_of(raised))

        if isinstance(raised, BaseResponse):
            _answer_with(live, t.cast("Response", raised), name_of(raise_event))


def _post_call(
    live: LivePage, target: object, method: CallbackMethod, arguments: t.Any
) -> None:
    """Call a method in a post back. The page that is rendered then tells the result, or
    what is wrong.
    """
    page = live.page
    before = page.view_state.to_text()

    try:
        result = call_method(page, target, method, arguments, None)

        if is_stream(result):
            result = run_to_end(parts_of(result))
    except CallbackError as error:
        if page.view_state.to_text() != before:
            page.view_state.put_back(before)

        page.error = error
        return

    result = read_result(result, getattr(target, method.name), method.writer)

    if isinstance(result, Job):
        # If it is not over, the page gets it by find_job().
        page.result, page.error = result.result, result.error  # pyright: ignore
        return

    if isinstance(result, BaseResponse):
        _answer_with(live, t.cast("Response", result), method.qualname)

    page.result, live.returned = value_of(result), (result, method.writer)


def _answer_with(live: LivePage, response: Response, name: str) -> t.NoReturn:
    """Answer a post back with what a method returned, in place of the page."""
    raise HookAnswered(take_response(live, response), name)


def take_response(live: LivePage, response: Response) -> Response:
    """Take a handler's response as the answer.

    :raises ViewStateError: a response cannot give the page its changed state.
    """
    if 300 <= response.status_code < 400:
        return response

    if live.persister.changed:
        raise ViewStateError(
            "A callback that answers with a Response cannot hand the page a changed"
            " view state or new events. Return a value, or leave them as they were."
        )

    return live.keep_until_closed(response) if is_streamed(response) else response
