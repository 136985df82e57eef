"""The package's own answers to callbacks, as Flask responses."""

from __future__ import annotations

import copy
import typing as t
from collections.abc import Iterable
from collections.abc import Iterator

from flask import Flask
from flask import Response
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from ..errors import CallbackError
from ..globals import current_request
from ..page.life_cycle import Outcome
from ..page.persister import Renewal
from ..page.results import explain_unwritable
from ..page.results import JSONResult
from ..page.results import warn_of_rounding
from ..page.results import write_result
from ..page.results import write_text
from ..protocol.answers import CLASSIC_CONTENT_TYPE
from ..protocol.answers import classic_result_body
from ..protocol.answers import CONTENT_TYPE
from ..protocol.answers import Headers
from ..protocol.answers import job_body
from ..protocol.answers import MARKER_RESPONSE
from ..protocol.answers import redirect_body
from ..protocol.answers import result_body
from ..protocol.answers import STREAM_TYPE
from ..protocol.failures import Failure
from ..protocol.wire import CallbackRequest
from ..protocol.wire import MARKER_HEADER
from ..work.jobs import ask_again_after
from ..work.jobs import failure_of_job
from ..work.jobs import Job
from ..work.jobs import record_of
from ..work.records import UNKNOWN
from .exchange import Exchange
from .exchange import MARK
from .exchange import MARK_HEADER
from .raised_errors import failure_of

_OF_THE_BODY = frozenset(
    (
        "accept-ranges",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "etag",
        "expires",
        "last-modified",
        "location",
        "transfer-encoding",
        "x-content-type-options",
        MARKER_HEADER.lower(),
        MARK,
    )
)
"""Headers that describe a body that is replaced. All others survive."""


def without_headers_of_body(headers: Iterable[tuple[str, str]]) -> Headers:
    """Leave out the headers that describe a replaced body."""
    return [header for header in headers if header[0].lower() not in _OF_THE_BODY]


def respond(app: Flask, exchange: Exchange, outcome: Outcome) -> Response:
    """Answer with the result of a callback.

    :raises TypeError: the result cannot be written as JSON.
    """
    result, renewal, method, writer = outcome

    if isinstance(result, Job):
        return _respond_job(app, exchange, result, renewal)  # pyright: ignore

    if isinstance(result, BaseResponse):
        return _pass_through(app, exchange, t.cast(Response, result))

    try:
        if exchange.is_classic:
            text = write_text(app.json, result)
        else:
            text = write_result(app.json, result, writer)
    except Exception as error:
        call = t.cast(CallbackRequest, exchange.callback)
        explain_unwritable(error, method, call.target)
        raise

    if app.debug and not exchange.is_classic:
        warn_of_rounding(text, method)

    if exchange.is_classic:
        events = renewal.events.text if renewal.events else ""
        body = classic_result_body(text, events)
    else:
        body = result_body(
            text,
            renewal.state,
            renewal.events,
            is_html=isinstance(result, Markup),
            is_stateful=renewal.is_stateful,
        )

    response = _respond(app, exchange, body, 200)

    if type(result) is JSONResult:
        response.headers.extend(without_headers_of_body(result.response.headers))
        response.call_on_close(result.response.close)

    return response


def _respond_job(
    app: Flask, exchange: Exchange, job: Job[t.Any], renewal: Renewal
) -> Response:
    """Answer with the end of a job, or with its state."""
    failure, record = failure_of_job(job), record_of(job)

    if failure is not None or record is None:
        return _respond_failure(app, exchange, failure or UNKNOWN)

    state, events, is_stateful = renewal

    if record.result is not None:
        body = result_body(
            record.result,
            state,
            events,
            is_html=record.is_html,
            is_stateful=is_stateful,
        )
    else:
        body = job_body(
            job.id,
            record.state,
            record.progress,
            ask_again_after(record),
            state,
            events,
            is_stateful=is_stateful,
        )

    return _respond(app, exchange, body, 200)


def _respond(app: Flask, exchange: Exchange, body: str, status: int) -> Response:
    """Make an answer of the package's own, with its mark. The envelope adds the headers
    that all answers have.
    """
    exchange.passes_through = False
    exchange.is_streamed = False
    content_type = CLASSIC_CONTENT_TYPE if exchange.is_classic else CONTENT_TYPE
    response = app.response_class(body, status, content_type=content_type)
    response.headers.add(MARK_HEADER, exchange.mark)
    return response


def respond_stream(app: Flask, exchange: Exchange, body: Iterator[bytes]) -> Response:
    """Answer in lines. Each line is sent as soon as it is there."""
    response = app.response_class(body, content_type=STREAM_TYPE)
    response.headers.add(MARK_HEADER, exchange.mark)
    exchange.passes_through = False
    exchange.is_streamed = True
    return response


def _pass_through(app: Flask, exchange: Exchange, response: Response) -> Response:
    """Answer with a response that a handler made itself."""
    if 300 <= response.status_code < 400:
        return _redirect(app, exchange, response)

    if exchange.is_classic:
        return response  # which the envelope replaces: the script takes text only

    exchange.passes_through = True
    # The handler may return the same object to other requests too.
    response = copy.copy(response)
    response.headers = response.headers.copy()
    response.headers[MARKER_HEADER] = MARKER_RESPONSE
    response.headers[MARK_HEADER] = exchange.mark
    return response


def _redirect(app: Flask, exchange: Exchange, response: Response) -> Response:
    """Redirect the client script, even if others handle redirects differently. A
    classic script cannot be redirected.
    """
    headers = response.get_wsgi_headers(current_request().environ)
    location = headers.get("Location")

    if location is None or exchange.is_classic:
        return response

    redirect = _respond(app, exchange, redirect_body(location), 200)
    redirect.headers.extend(without_headers_of_body(headers))
    return redirect


def respond_early(
    app: Flask, exchange: Exchange, returned: ResponseReturnValue
) -> Response:
    """Answer with the response of a hook that ended a callback: a redirect, or an error
    for the envelope.
    """
    response = app.make_response(returned)
    is_redirect = 300 <= response.status_code < 400
    return _redirect(app, exchange, response) if is_redirect else response


def respond_error(app: Flask, exchange: Exchange, error: Exception) -> Response:
    """Answer for an exception that ended the life cycle of a callback, if it has its
    own answer. Any other is raised again, and takes Flask's usual way.
    """
    if isinstance(error, CallbackError):
        return _respond_failure(app, exchange, failure_of(error))

    if isinstance(error, HTTPException):
        response = t.cast(Response, error.get_response(current_request().environ))

        if error.response is not None or response.status_code < 400:
            return respond_early(app, exchange, response)

        kept = [h for h in error.get_headers() if not h[0].startswith("Content-")]
        return _respond_failure(app, exchange, failure_of(error), kept)

    raise error


def _respond_failure(
    app: Flask, exchange: Exchange, failure: Failure, headers: Headers | None = None
) -> Response:
    """Answer that there is no result.

    :param headers: more headers than all answers have.
    """
    body = failure.classic_body() if exchange.is_classic else failure.body()
    response = _respond(app, exchange, body, failure.status)
    response.headers.extend(headers or ())
    return response
