"""What one request to a page is answered with."""

from __future__ import annotations

import functools
import secrets
import typing as t
from collections.abc import Callable

from flask import Request
from flask import Response
from flask.typing import ResponseReturnValue
from flask.views import View
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Rule
from werkzeug.wrappers import Response as BaseResponse

from .binding import StateBinding
from .config import accepts_post
from .config import CLASSIC
from .config import options_of
from .errors import RefusedError
from .errors import ViewStateError
from .event_validation import EventValidation
from .globals import application
from .globals import current_request
from .globals import logger
from .globals import registration
from .guard import check_origin
from .guard import check_post
from .guard import report
from .life_cycle import live
from .life_cycle import render
from .life_cycle import run_callback
from .life_cycle import until_closed
from .page import Page
from .page import RequestKind
from .responses import respond
from .responses import respond_classic
from .responses import respond_error
from .signals import callback_error
from .stages import HookAnswered
from .wire import CallbackRequest
from .wire import ERROR_ID_ENVIRON
from .wire import EVENT_TARGET_FIELD
from .wire import MARKER_HEADER
from .wire import MARKER_RESPONSE
from .wire import read_postback_event
from .wire import REQUEST_ENVIRON
from .wire import STATE_FIELD
from .wire import TARGET_FIELD
from .wire import VALIDATION_FIELD

Method = Callable[..., t.Any]


def answer(
    view: View, method: Method | None, /, **values: t.Any
) -> ResponseReturnValue:
    """Answer a request that has come as far as the view's own method.

    :param method: that method; ``None`` where the view has none.
    :param values: what the address says, for the method.
    """
    asked = current_request()
    state = StateBinding(registration())

    call: CallbackRequest | None = asked.environ.get(REQUEST_ENVIRON)

    try:
        if call is not None:
            return _answer_callback(view, call, state)

        if asked.method == "POST":
            return _answer_post(view, method, values, asked, state)

        return _render(view, "get", t.cast(Method, method), values, state)
    except HookAnswered as answered:
        if call is not None:
            logger.info(
                "%s ended a callback; only a redirect or an error may.", answered.hook
            )

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
    own = method if accepts_post(type(view)) else None

    if own is None:
        check_post(asked, options_of(view))

    if TARGET_FIELD in asked.form:
        raise RefusedError(
            400,
            f"{TARGET_FIELD} in a POST that the client script did not send; pages"
            f" answer those of other scripts where {CLASSIC} = True, or their class is"
            " marked @callback_handler(classic=True)",
        )

    token = asked.form.get(STATE_FIELD)

    if token is not None:
        check_origin(asked, registration().settings)
        state.open(token)
        method = method or getattr(view, "get", None)
        kind: RequestKind = "postback"
    else:
        method = own
        kind = "get"

    if method is None:
        if EVENT_TARGET_FIELD in asked.form:
            logger.warning(
                "A post back came without view state: put callback_fields() into its"
                " form."
            )

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
    options = options_of(view)
    events = EventValidation(state, required=options.event_validation)

    if kind == "postback":
        form = current_request().form
        events.restore(form.get(VALIDATION_FIELD), page_stays=False)

        if events.required:
            control_id, argument = read_postback_event(form)

            if control_id:
                events.check(control_id, argument)

        state.begin_page()

    page = Page(view, kind, state, events, options)
    ensured = application().ensure_sync(method)
    return live(page, lambda: render(page, functools.partial(ensured, **values)))


def _answer_callback(
    view: View, call: CallbackRequest, state: StateBinding
) -> ResponseReturnValue:
    state.open(call.state)
    options = options_of(view)
    events = EventValidation(state, required=options.event_validation)
    events.restore(call.events, page_stays=True)

    if events.required:
        events.check(call.target, call.argument)

    page = Page(view, "callback", state, events, options)

    try:
        return live(page, lambda: _result(page, call))
    except (HookAnswered, RefusedError):
        raise
    except Exception as error:
        return _failed(page, error)


def _result(page: Page, call: CallbackRequest) -> ResponseReturnValue:
    result = run_callback(page, call)
    renewal = page.persister.renew()

    if isinstance(result, BaseResponse):
        return _pass_through(page, t.cast(Response, result))

    if call.is_classic:
        if page.view_state.changed:
            logger.info("A classic client script cannot take a changed view state.")

        return respond_classic(result, page.persister.events_token())

    return respond(result, renewal)


def _pass_through(page: Page, response: Response) -> ResponseReturnValue:
    """Answer with a response that a handler made itself."""
    if 300 <= response.status_code < 400:
        return response

    if page.persister.changed:
        raise ViewStateError(
            "A callback that answers with a Response cannot hand the page a changed"
            " view state or new events. Return a value, or leave them as they were."
        )

    kept = t.cast(Response, until_closed(page, response))
    kept.headers[MARKER_HEADER] = MARKER_RESPONSE
    return kept


def _failed(page: Page, error: Exception) -> ResponseReturnValue:
    """Answer for a life cycle that ended in an exception, or let that take
    Flask's usual way.
    """
    app = application()
    callback_error.send(app, _async_wrapper=app.ensure_sync, page=page, exception=error)

    response = respond_error(error)

    if response is not None:
        return response

    error_id = secrets.token_hex(8)
    error.add_note(f"The client callback's error id is {error_id}.")
    current_request().environ[ERROR_ID_ENVIRON] = error_id
    raise error
