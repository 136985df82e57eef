"""The answer to one request to a page."""

from __future__ import annotations

import functools
import typing as t
from collections.abc import Callable

from flask import Flask
from flask import Request
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from flask.views import View
from werkzeug.exceptions import MethodNotAllowed

from ..config import accepts_post
from ..config import CLASSIC
from ..config import options_of
from ..errors import RefusedError
from ..errors import StoreError
from ..globals import application
from ..globals import current_request
from ..globals import logger
from ..globals import registration_of
from ..page.hooks import HookAnswered
from ..page.life_cycle import Outcome
from ..page.life_cycle import render
from ..page.life_cycle import run_callback
from ..page.live_page import LivePage
from ..page.page import RequestKind
from ..protocol.method_calls import names_method
from ..protocol.wire import CallbackRequest
from ..protocol.wire import EVENT_TARGET_FIELD
from ..protocol.wire import JOB_TARGET
from ..protocol.wire import read_postback_event
from ..protocol.wire import STATE_FIELD
from ..protocol.wire import TARGET_FIELD
from ..protocol.wire import VALIDATION_FIELD
from ..state.binding import StateBinding
from ..state.event_validation import EventValidation
from .conclusions import respond_failed
from .conclusions import respond_hook
from .exchange import Exchange
from .exchange import exchange_of
from .guard import check_origin
from .guard import methods_beside_post
from .raised_errors import note_failure
from .refusals import report
from .responses import respond
from .streaming import respond_in_parts

Method = Callable[..., t.Any]


def answer(
    view: View, method: Method | None, /, **values: t.Any
) -> ResponseReturnValue:
    """Answer a request that has reached the view's own method.

    :param method: this method; ``None`` if the view has none.
    :param values: the arguments from the URL, for the method.
    """
    app, asked = application(), current_request()
    exchange = exchange_of(asked.environ)
    state = StateBinding(app, asked, exchange.session)

    if not exchange.begin_page(type(view)):
        return _answer_inner_page(app, asked, view, method, values, state)

    call = exchange.callback

    try:
        if call is not None:
            return _answer_callback(app, exchange, view, call, state)

        if asked.method == "POST":
            return _answer_post(app, view, method, values, asked, state)

        own = t.cast(Method, method)
        return _answer_page(app, asked, view, "get", own, values, state)
    except HookAnswered as answered:
        if call is None:
            return answered.response

        return respond_hook(app, exchange, answered)
    except RefusedError as refusal:
        report(refusal)
        raise
    except StoreError as error:
        # The error concerns the view state, so no page exists yet that could tell it.
        note_failure(view, error)
        raise
    finally:
        exchange.end_page()


def _answer_inner_page(
    app: Flask,
    asked: Request,
    view: View,
    method: Method | None,
    values: dict[str, t.Any],
    state: StateBinding,
) -> ResponseReturnValue:
    """Render a page whose view is called by another view. The request's call, state and
    event are not meant for this page.
    """
    if asked.method == "POST" and isinstance(view, MethodView):
        method = getattr(view, "get", None)

    if method is None:
        raise MethodNotAllowed(valid_methods=methods_beside_post(asked))

    try:
        return _answer_page(app, asked, view, "get", method, values, state)
    except HookAnswered as answered:
        return answered.response


def _answer_post(
    app: Flask,
    view: View,
    method: Method | None,
    values: dict[str, t.Any],
    asked: Request,
    state: StateBinding,
) -> ResponseReturnValue:
    own = method if accepts_post(type(view)) else None

    if TARGET_FIELD in asked.form:
        raise RefusedError(
            400,
            f"{TARGET_FIELD} in a POST that the client script did not send; pages"
            f" answer those of other scripts where {CLASSIC} = True, or their class is"
            " marked @callback_handler(classic=True)",
        )

    token = asked.form.get(STATE_FIELD)

    if token is not None:
        check_origin(asked, registration_of(app).settings)
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

        raise MethodNotAllowed(valid_methods=methods_beside_post(asked))

    return _answer_page(app, asked, view, kind, method, values, state)


def _answer_page(
    app: Flask,
    asked: Request,
    view: View,
    kind: RequestKind,
    method: Method,
    values: dict[str, t.Any],
    state: StateBinding,
) -> ResponseReturnValue:
    options = options_of(view)
    events = EventValidation(state, required=options.event_validation)

    if kind == "postback":
        form = asked.form
        events.restore(form.get(VALIDATION_FIELD), page_stays=False)

        if events.required:
            target, argument, arguments = read_postback_event(form)

            if names_method(target):
                events.check_call(target, arguments)
            elif target:
                events.check(target, argument)

        state.begin_page()

    keeps_state = options.view_state
    ensured = app.ensure_sync(method)

    returned: t.Any = None

    try:
        with LivePage(app, view, kind, state, events, keeps_state=keeps_state) as live:
            returned = render(live, functools.partial(ensured, **values))
            return t.cast(ResponseReturnValue, returned)
    finally:
        # A stream is rendered later, when somebody reads it.
        if state.is_named or getattr(returned, "is_streamed", False):
            exchange_of(asked.environ).has_rendered = True


def _answer_callback(
    app: Flask,
    exchange: Exchange,
    view: View,
    call: CallbackRequest,
    state: StateBinding,
) -> ResponseReturnValue:
    state.open(call.state)
    options = options_of(view)
    events = EventValidation(state, required=options.event_validation)
    events.restore(call.events, page_stays=True)

    if events.required and call.target != JOB_TARGET:
        if names_method(call.target) and not call.is_classic:
            events.check_call(call.target, call.argument, has_files=bool(call.files))
        else:
            events.check(call.target, call.argument)

    keeps_state = options.view_state
    live = LivePage(app, view, "callback", state, events, keeps_state=keeps_state)

    try:
        with live:
            ran = run_callback(live, call)

            if isinstance(ran, Outcome):
                return respond(app, exchange, ran)

            return respond_in_parts(app, exchange, live, ran)
    except Exception as error:
        return respond_failed(app, exchange, live, error)
