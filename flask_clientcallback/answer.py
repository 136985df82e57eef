"""What one request to a page is answered with."""

from __future__ import annotations

import functools
import json
import secrets
import typing as t
from collections.abc import Callable

from flask import Request
from flask import Response
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from flask.views import View
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Rule
from werkzeug.wrappers import Response as BaseResponse

from .binding import StateBinding
from .config import HandlerOptions
from .config import OPTIONS_ATTRIBUTE
from .errors import CallbackError
from .errors import RefusedError
from .errors import ViewStateError
from .globals import application
from .globals import current_request
from .globals import registration
from .guard import check_origin
from .guard import report
from .life_cycle import live
from .life_cycle import render
from .life_cycle import run_callback
from .life_cycle import until_closed
from .page import Page
from .page import RequestKind
from .signals import callback_error
from .stages import HookAnswered
from .wire import CallbackRequest
from .wire import CONTENT_TYPE
from .wire import ERROR_ID_ENVIRON
from .wire import ErrorKind
from .wire import Failure
from .wire import Headers
from .wire import kind_of_status
from .wire import MARKER_ENVIRON
from .wire import MARKER_HEADER
from .wire import MARKER_RESPONSE
from .wire import REQUEST_ENVIRON
from .wire import result_body
from .wire import STATE_FIELD
from .wire import TARGET_FIELD

Method = Callable[..., t.Any]

ACCEPTS_POST = "_clientcallback_accepts_post"
"""Where a view class that is no MethodView says whether it took POST itself."""


def answer(
    view: View, method: Method | None, /, **values: t.Any
) -> ResponseReturnValue:
    """Answer a request that has come as far as the view's own method.

    :param method: that method; ``None`` where the view has none.
    :param values: what the address says, for the method.
    """
    asked = current_request()
    state = StateBinding(registration())

    try:
        if MARKER_ENVIRON in asked.environ:
            return _answer_callback(view, asked, state)

        if asked.method == "POST":
            return _answer_post(view, method, values, asked, state)

        return _render(view, "get", t.cast(Method, method), values, state)
    except HookAnswered as answered:
        return answered.response
    except RefusedError as refusal:
        report(refusal)
        raise


def _answer_post(
    view: View,
    method: Method | None,
    values: dict[str, t.Any],
    asked: Request,
    state: StateBinding,
) -> ResponseReturnValue:
    if TARGET_FIELD in asked.form:
        raise RefusedError(
            400, f"{TARGET_FIELD} in a POST that the client script did not send"
        )

    token = asked.form.get(STATE_FIELD)

    if token is not None:
        check_origin(asked)
        state.open(token)
        method = method or getattr(view, "get", None)
        kind: RequestKind = "postback"
    else:
        kind = "get"

        if not isinstance(view, MethodView) and not getattr(view, ACCEPTS_POST):
            method = None

    if method is None:
        rule = t.cast(Rule, asked.url_rule)
        allowed = (rule.methods or set()) - {"POST"}
        raise MethodNotAllowed(valid_methods=sorted(allowed))

    return _render(view, kind, method, values, state)


def _render(
    view: View,
    kind: RequestKind,
    method: Method,
    values: dict[str, t.Any],
    state: StateBinding,
) -> ResponseReturnValue:
    page = Page(view, kind, state, _options(view))
    ensured = application().ensure_sync(method)
    return live(page, lambda: render(page, functools.partial(ensured, **values)))


def _answer_callback(
    view: View, asked: Request, state: StateBinding
) -> ResponseReturnValue:
    call: CallbackRequest = asked.environ[REQUEST_ENVIRON]
    state.open(call.state)
    page = Page(view, "callback", state, _options(view))

    try:
        return live(page, lambda: _result(page, call))
    except (HookAnswered, RefusedError):
        raise
    except Exception as error:
        return _failed(page, error)


def _options(view: View) -> HandlerOptions:
    return t.cast(HandlerOptions, getattr(view, OPTIONS_ATTRIBUTE))


def _result(page: Page, call: CallbackRequest) -> ResponseReturnValue:
    result = run_callback(page, call)
    state = page.renewed_state()

    if not isinstance(result, BaseResponse):
        return _respond(result_body(result, _encode, state), 200)

    if 300 <= result.status_code < 400:
        return t.cast(Response, result)

    if page.view_state.changed:
        raise ViewStateError(
            "A callback that answers with a Response cannot hand the page a changed"
            " view state. Return a value, or leave the view state as it was."
        )

    response = t.cast(Response, until_closed(page, t.cast(Response, result)))
    response.headers[MARKER_HEADER] = MARKER_RESPONSE
    return response


def _encode(result: t.Any) -> str:
    provider = application().json

    try:
        if isinstance(provider, DefaultJSONProvider):
            return provider.dumps(result, allow_nan=False, separators=(",", ":"))

        # Another provider may write NaN all the same.
        text = provider.dumps(result)
        json.loads(text, parse_constant=_refuse_constant)
    except (TypeError, ValueError) as error:
        error.add_note("The result of the callback cannot be written as JSON.")
        raise

    return text


def _refuse_constant(name: str) -> t.NoReturn:
    raise ValueError(f"The result of a callback is JSON, which has no {name}.")


def _failed(page: Page, error: Exception) -> ResponseReturnValue:
    """Answer for a life cycle that ended in an exception, or let that take
    Flask's usual way.
    """
    app = application()
    callback_error.send(app, _async_wrapper=app.ensure_sync, page=page, exception=error)

    if isinstance(error, CallbackError):
        return _respond_failure(_failure_of(error))

    if isinstance(error, HTTPException):
        response = error.get_response(current_request().environ)

        if error.response is not None or response.status_code < 400:
            return t.cast(ResponseReturnValue, response)

        status = response.status_code
        message = str(error.description or error.name)
        kept = [h for h in error.get_headers() if not h[0].startswith("Content-")]
        return _respond_failure(Failure(kind_of_status(status), status, message), kept)

    error_id = secrets.token_hex(8)
    error.add_note(f"The client callback's error id is {error_id}.")
    current_request().environ[ERROR_ID_ENVIRON] = error_id
    raise error


def _failure_of(error: CallbackError) -> Failure:
    kind: ErrorKind = "auth" if error.status == 401 else "server"

    if error.fields is not None:
        kind = "invalid"

    return Failure(kind, error.status, error.message, fields=error.fields)


def _respond_failure(failure: Failure, headers: Headers | None = None) -> Response:
    return _respond(failure.body(), failure.status, headers)


def _respond(body: str, status: int, headers: Headers | None = None) -> Response:
    # The envelope adds the headers that all answers have.
    response = application().response_class(body, status, content_type=CONTENT_TYPE)
    response.headers.extend(headers or ())
    return response
