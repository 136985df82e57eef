"""The package's own answers to callbacks, as Flask responses."""

from __future__ import annotations

import functools
import json
import secrets
import typing as t
from collections.abc import Callable

from flask import Flask
from flask import Response
from flask.json.provider import DefaultJSONProvider
from flask.json.provider import JSONProvider
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequestKeyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from ..errors import CallbackError
from ..globals import application
from ..globals import current_request
from ..globals import logger
from ..page.life_cycle import Outcome
from ..page.persister import Renewal
from ..protocol.wire import CLASSIC_CONTENT_TYPE
from ..protocol.wire import classic_result_body
from ..protocol.wire import CONTENT_TYPE
from ..protocol.wire import ErrorKind
from ..protocol.wire import Failure
from ..protocol.wire import Headers
from ..protocol.wire import kind_of_status
from ..protocol.wire import MARKER_CLASSIC
from ..protocol.wire import MARKER_HEADER
from ..protocol.wire import MARKER_RESPONSE
from ..protocol.wire import result_body
from .exchange import exchange_of


def respond(app: Flask, outcome: Outcome, *, is_classic: bool) -> Response:
    """Answer with what a callback came to.

    :param is_classic: whether a classic client script asks.
    :raises TypeError: the result cannot be written as JSON.
    """
    result, renewal = outcome

    if isinstance(result, BaseResponse):
        return _pass_through(t.cast(Response, result))

    if is_classic:
        return _respond_classic(app, _classic_body(app.json, result, renewal), 200)

    body = result_body(_encode(app.json, result), renewal.state, renewal.events)
    # The envelope adds the headers that all answers have.
    return app.response_class(body, 200, content_type=CONTENT_TYPE)


def _pass_through(response: Response) -> Response:
    """Answer with a response that a handler made itself."""
    if not 300 <= response.status_code < 400:
        response.headers[MARKER_HEADER] = MARKER_RESPONSE

    return response


def _classic_body(provider: JSONProvider, result: t.Any, renewal: Renewal) -> str:
    """Write a result as the text that a classic client script takes: that of a value
    which is none is its JSON.
    """
    text = "" if result is None else result

    if not isinstance(text, str):
        text = _encode(provider, text)

    return classic_result_body(text, renewal.events.text if renewal.events else "")


def respond_error(app: Flask, error: Exception) -> ResponseReturnValue:
    """Answer for an exception that ended the life cycle of a callback, where that says
    what the answer is. Any other is raised again, and takes Flask's usual way.
    """
    if isinstance(error, CallbackError):
        return _respond_failure(app, _failure_of(error))

    if isinstance(error, HTTPException):
        response = error.get_response(current_request().environ)

        if error.response is not None or response.status_code < 400:
            return t.cast(ResponseReturnValue, response)

        kept = [h for h in error.get_headers() if not h[0].startswith("Content-")]
        return _respond_failure(app, _failure_of(error), kept)

    error_id = secrets.token_hex(8)
    error.add_note(f"The client callback's error id is {error_id}.")
    exchange_of(current_request().environ).error_id = error_id
    raise error


def note_failure(error: HTTPException) -> None:
    """Keep the message of an error that takes Flask's usual way, for the envelope.

    :param error: what a view raised before the life cycle of a callback.
    """
    exchange = exchange_of(current_request().environ)

    if exchange.callback is not None and error.response is None:
        exchange.raised = _failure_of(error)


def _explain_missing_field(error: BadRequestKeyError) -> None:
    hint = ""

    if not current_request().form:
        hint = (
            ", nor was any other: put callback_fields() into the page's form, or name"
            " the form in the call"
        )

    logger.warning(
        "A handler asked for the form field %r: not sent%s", error.args[0], hint
    )
    error.show_exception = application().debug


def _respond_failure(
    app: Flask, failure: Failure, headers: Headers | None = None
) -> Response:
    """Answer that there is no result.

    :param headers: headers beside those of all answers.
    """
    if exchange_of(current_request().environ).is_classic:
        response = _respond_classic(app, failure.classic_body(), failure.status)
    else:
        response = app.response_class(
            failure.body(), failure.status, content_type=CONTENT_TYPE
        )

    response.headers.extend(headers or ())
    return response


def _failure_of(error: HTTPException) -> Failure:
    if isinstance(error, BadRequestKeyError):
        _explain_missing_field(error)

    if not isinstance(error, CallbackError):
        status = t.cast(int, error.code)
        return Failure(
            kind_of_status(status), status, str(error.description or error.name)
        )

    kind: ErrorKind = "auth" if error.status == 401 else "server"

    if error.fields is not None:
        kind = "invalid"

    return Failure(kind, error.status, error.message, fields=error.fields)


def _respond_classic(app: Flask, body: str, status: int) -> Response:
    response = app.response_class(body, status, content_type=CLASSIC_CONTENT_TYPE)
    response.headers[MARKER_HEADER] = MARKER_CLASSIC
    return response


@functools.lru_cache(maxsize=16)
def _make_encoder(
    default: Callable[[t.Any], t.Any], ensure_ascii: bool, sort_keys: bool
) -> Callable[[t.Any], str]:
    encoder = json.JSONEncoder(
        default=default,
        ensure_ascii=ensure_ascii,
        sort_keys=sort_keys,
        allow_nan=False,
        separators=(",", ":"),
    )
    return encoder.encode


def _encode(provider: JSONProvider, result: t.Any) -> str:
    try:
        if isinstance(provider, DefaultJSONProvider):
            if type(provider).dumps is not DefaultJSONProvider.dumps:
                return provider.dumps(result, allow_nan=False, separators=(",", ":"))

            # What that would do, but for making an encoder in each call.
            encode = _make_encoder(
                provider.default, provider.ensure_ascii, provider.sort_keys
            )
            return encode(result)

        # Another provider may write NaN all the same.
        text = provider.dumps(result)
        json.loads(text, parse_constant=_refuse_constant)
    except (TypeError, ValueError) as error:
        error.add_note("The result of the callback cannot be written as JSON.")
        raise

    return text


def _refuse_constant(name: str) -> t.NoReturn:
    raise ValueError(f"The result of a callback is JSON, which has no {name}.")
