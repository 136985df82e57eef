"""The life cycles of a page: full for a GET and a post back, partial for a
callback, each in ASP.NET's order.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterator

from flask import has_app_context
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from .controls import handles_callbacks
from .errors import RefusedError
from .globals import bind_page
from .globals import current_request
from .globals import logger
from .globals import unbind_page
from .page import Page
from .page import set_cache_headers
from .stages import call
from .stages import enter
from .stages import run
from .wire import CallbackRequest
from .wire import read_postback_event

_Answer = t.TypeVar("_Answer")


def live(page: Page, body: Callable[[], _Answer]) -> _Answer:
    """Run the work of one life cycle. Whatever comes of it, the page is unloaded
    and no longer current, so that an error page cannot hand out its state.
    """
    bind_page(page)

    try:
        return body()
    except BaseException:
        abandoned, page.stream = page.stream, None

        if abandoned is not None:
            abandoned.close()

        raise
    finally:
        if page.stream is None:
            try:
                enter(page, "unload")
            finally:
                unbind_page()


def render(
    page: Page, method: Callable[[], ResponseReturnValue]
) -> ResponseReturnValue:
    """Run the stages of a GET or a post back.

    :param method: the view's own method.
    :raises HookAnswered: a hook answered instead.
    """
    # A response that is streamed can no longer change the session.
    page.persister.keep_user()
    _begin(page)
    run(page, "pre_render", "pre_render_complete")
    response = until_closed(page, method())

    if page.stream is None:
        response = _complete(page, response)

    run(page, "render")
    return response


def run_callback(page: Page, asked: CallbackRequest) -> t.Any:
    """Run the stages of a callback and give its result.

    :raises HookAnswered: a hook answered instead.
    :raises RefusedError: the target is unknown or not a handler.
    """
    _begin(page)
    handler: t.Any = page.find_control(asked.target)

    if not handles_callbacks(handler):
        known = page.known_controls()
        raise RefusedError(
            404,
            f"target unknown, or not a handler; known are {known}; controls are added"
            " in a hook such as page_init",
        )

    run(page, "raise_callback_event")
    result = call(page.app, handler.raise_callback_event, asked.argument)
    run(page, "get_callback_result")
    get_callback_result = getattr(handler, "get_callback_result", None)

    if get_callback_result is not None:
        result = call(page.app, get_callback_result)

    return result


def until_closed(page: Page, response: ResponseReturnValue) -> ResponseReturnValue:
    """Keep the page while a response is streamed: its unload is then when the
    response is closed. Any other response is given back as it is.
    """
    if not _is_streamed(response):
        return response

    page.stream = page.app.make_response(response)

    if not page.is_callback:
        # Whether tokens come is not known before its headers are sent.
        set_cache_headers(page.stream)
        page.persister.begin_stream()

    page.stream.call_on_close(lambda: _unload_streamed(page))
    return page.stream


def _complete(page: Page, response: ResponseReturnValue) -> ResponseReturnValue:
    if page.persister.is_rendered:
        page.persister.check_saved()
        response = page.complete(page.app.make_response(response))

    for missing in page.missing():
        response = page.app.make_response(response)

        # Another answer than a page may well lack all of it.
        if response.mimetype == "text/html" and response.status_code == 200:
            logger.warning("%s (endpoint %s)", missing, current_request().endpoint)

    return response


def _is_streamed(response: t.Any) -> bool:
    body: t.Any = response

    if isinstance(response, tuple):
        body = response[0]  # pyright: ignore[reportUnknownVariableType]

    if isinstance(body, BaseResponse):
        # A file is passed to the server as it is: it needs no page, and its
        # response is never closed.
        return body.is_streamed and not body.direct_passthrough

    return isinstance(body, Iterator)


def _begin(page: Page) -> None:
    run(page, "pre_init", "init", "init_complete")

    if page.is_postback:
        page.persister.restore()
        run(page, "load_state")

    run(page, "pre_load", "load")

    if page.is_postback and not page.is_callback:
        _raise_postback_event(page)

    run(page, "load_complete")


def _raise_postback_event(page: Page) -> None:
    control_id, argument = read_postback_event(current_request().form)

    if not control_id:
        return

    target = page.find_control(control_id)

    if target is None:
        known = page.known_controls()
        logger.warning("A post back names an unknown control; known are %s", known)
        return

    run(page, "raise_postback_event")
    raise_postback_event = getattr(target, "raise_postback_event", None)

    if raise_postback_event is None:
        logger.info("The control %s has no raise_postback_event", control_id)
    else:
        call(page.app, raise_postback_event, argument)


def _unload_streamed(page: Page) -> None:
    if page.stream is None:
        return  # abandoned, and unloaded already

    page.stream = None

    with page.app.app_context():
        live(page, page.persister.check_saved)

    if has_app_context():
        unbind_page()
