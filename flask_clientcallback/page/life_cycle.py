"""The order of a page's stages in a GET, a post back and a callback, as in ASP.NET."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from ..globals import current_request
from ..globals import logger
from ..protocol.wire import CallbackRequest
from ..protocol.wire import JOB_TARGET
from ..targets.types import ResultWriter
from ..work.jobs import Job
from ..work.streams import Parts
from .events import raise_callback_event
from .events import raise_postback_event
from .events import Raised
from .events import take_response
from .live_page import LivePage
from .markup import set_cache_headers
from .page import Page
from .page import scripts_of_if_any
from .persister import NOTHING
from .persister import Renewal
from .results import is_streamed
from .results import name_of
from .results import read_result

if t.TYPE_CHECKING:
    from flask import Response


class Outcome(t.NamedTuple):
    """How a callback ended."""

    result: t.Any
    renewal: Renewal
    """The tokens that the page gets."""
    method: Callable[..., t.Any]
    """The method that gave the result."""
    writer: ResultWriter | None
    """Writes the result, if its method has a type hint for it."""


def render(
    live: LivePage, method: Callable[[], ResponseReturnValue]
) -> ResponseReturnValue:
    """Run the stages of a GET or a post back. The template's ``callback_fields()`` runs
    the stages of saving; the end of the page's life runs ``unload``.

    :param method: the view's own method.
    :raises HookAnswered: a hook answered instead.
    """
    # A streamed response can no longer change the session.
    live.persister.keep_user()
    _begin(live)
    live.stages.run("pre_render", "pre_render_complete")
    response = method()
    error = live.page.error

    if error is not None:
        response = live.page.app.make_response(response)

        if response.status_code == 200:
            response.status_code = error.status

    if is_streamed(response):
        stream = response = live.keep_until_closed(response)
        # Before its headers are sent, it is unknown whether tokens come.
        set_cache_headers(stream)
        live.persister.begin_stream()
    else:
        response = _complete(live, response)

    live.stages.run("render")
    return response


def run_callback(live: LivePage, asked: CallbackRequest) -> Outcome | Parts[Outcome]:
    """Run the stages of a callback.

    :return: how it ended. If the handler yields parts of its work, an iterator yields
        these first.
    :raises HookAnswered: a hook answered instead.
    :raises RefusedError: the target is unknown or not a handler.
    :raises TypeError: the result contains a response.
    :raises ViewStateError: the result is a response, which cannot give the page its
        changed state.
    """
    _begin(live)
    # What hooks register in every cycle is in the page already.
    registered = scripts_of_if_any(live.page)
    since = 0 if registered is None else registered.count
    raised = raise_callback_event(live, asked)

    if isinstance(raised, Raised):
        return _end(live, asked, since, raised)

    return _end_in_parts(live, asked, since, raised)


def _end_in_parts(
    live: LivePage, asked: CallbackRequest, since: int, parts: Parts[Raised]
) -> Parts[Outcome]:
    raised = yield from parts
    return _end(live, asked, since, raised)


def _end(live: LivePage, asked: CallbackRequest, since: int, raised: Raised) -> Outcome:
    result, method, writer = raised
    live.page.view_state.close("The view state is saved: the callback is over.")

    result = read_result(result, method, writer)

    if isinstance(result, BaseResponse):
        result, renewal = take_response(live, t.cast("Response", result)), NOTHING
    elif isinstance(result, Job):
        renewal = _renew_for_job(live, asked, method)
    elif asked.is_classic:
        renewal = live.persister.renew_classic()
    else:
        renewal = live.persister.renew()

    if scripts_of_if_any(live.page) is not None or isinstance(result, BaseResponse):
        _tell_what_is_left(live.page, since, result)

    return Outcome(result, renewal, method, writer)


def _renew_for_job(
    live: LivePage, asked: CallbackRequest, method: Callable[..., t.Any]
) -> Renewal:
    if asked.is_classic:
        raise TypeError(
            f"{name_of(method)} gave a Job as its result, which a classic client script"
            " cannot follow. Call it from a page with callback_scripts()."
        )

    if asked.target == JOB_TARGET:
        return live.persister.renew_as_it_came()

    return live.persister.renew()


def _begin(live: LivePage) -> None:
    page, run = live.page, live.stages.run
    live.add_declared_controls()
    run("pre_init", "init", "init_complete")

    if page.is_postback:
        live.persister.restore()
        run("load_state")

    run("pre_load", "load")

    if page.is_postback and not page.is_callback:
        raise_postback_event(live)

    run("load_complete")


def _complete(live: LivePage, response: ResponseReturnValue) -> ResponseReturnValue:
    make_response = live.page.app.make_response

    if live.persister.is_rendered:
        live.persister.check_saved()
        response = live.markup.complete(make_response(response))

    for missing in live.markup.missing():
        response = make_response(response)

        # An answer that is not a page may well lack all of it.
        if response.mimetype == "text/html" and response.status_code == 200:
            logger.warning("%s (endpoint %s)", missing, current_request().endpoint)

    return response


def _tell_what_is_left(page: Page, since: int, result: t.Any) -> None:
    endpoint = current_request().endpoint

    def tell() -> None:
        registered = scripts_of_if_any(page)
        left = registered.left(since) if registered is not None else None

        if left:
            logger.warning(
                "Registered in a callback, which renders no page: %s. Register it in a"
                " hook such as page_load; or render it in the HTML that the callback"
                " returns, with callback_scripts() for scripts and arrays,"
                " callback_fields() for hidden fields; or return a value and let a"
                " function of the page act on it. (endpoint %s)",
                ", ".join(left),
                endpoint,
            )

    if isinstance(result, BaseResponse) and is_streamed(result):
        # Its template may render them yet.
        result.call_on_close(tell)
    else:
        tell()
