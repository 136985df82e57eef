"""An answer in lines: the parts of a handler's work, and at last its outcome."""

from __future__ import annotations

import functools
import typing as t
from collections.abc import Callable

from werkzeug.wrappers import Response as BaseResponse

from ..errors import StreamError
from ..globals import current_context
from ..globals import current_request
from ..globals import current_session
from ..page.life_cycle import Outcome
from ..page.live_page import LivePage
from ..page.results import JSONResult
from ..page.results import name_of
from ..protocol.answers import stream_line
from ..protocol.answers import STREAM_TYPE
from ..protocol.failures import crash_failure
from ..work.json_text import writer_of
from ..work.streams import is_in_coroutine
from ..work.streams import Parts
from ..work.streams import run_to_end
from ..work.streams import write_part
from .conclusions import conclude_lines
from .conclusions import report_crash
from .exchange import Exchange
from .raised_errors import log_crash
from .raised_errors import propagates
from .responses import respond
from .responses import respond_stream

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Response
    from flask.sessions import SessionMixin


def respond_in_parts(
    app: Flask, exchange: Exchange, live: LivePage, steps: Parts[Outcome]
) -> Response:
    """Answer with the parts of a handler's work as they come, if the caller asks for
    them; otherwise with the outcome.

    :param steps: yields the parts, and returns the outcome.
    """
    try:
        part = next(steps)
    except StopIteration as ended:
        return respond(app, exchange, ended.value)

    accepted = current_request().environ.get("HTTP_ACCEPT", "")
    is_asked = STREAM_TYPE in accepted and exchange.is_marked

    # If a coroutine entered Flask's contexts, they could not be left again.
    if not is_asked or is_in_coroutine():
        return respond(app, exchange, run_to_end(steps))

    body = CallbackStream(app, exchange, live, steps, part)
    return respond_stream(app, exchange, body)


class CallbackStream:
    """The body of an answer that is sent while the handler works. Page and request last
    until then: functions for the end of a request run after the last part.

    Created while the page is the current one and the request can still end in an error.

    :param live: the page.
    :param steps: yields the other parts, and returns the outcome.
    :param part: the first one.
    :raises Exception: the part cannot be written.
    """

    def __init__(
        self,
        app: Flask,
        exchange: Exchange,
        live: LivePage,
        steps: Parts[Outcome],
        part: t.Any,
    ) -> None:
        if exchange.stream is not None:
            # The body of an earlier try.
            exchange.stream.close()

        self._app = app
        self._exchange = exchange
        self._live = live
        self._steps = steps
        self._session: SessionMixin | None = None
        self._write = writer_of(app.json)

        try:
            self._line: str | None = write_part(part, self._write)
        except Exception:
            steps.close()
            raise

        # Later, nothing can be written there.
        live.persister.keep_user()
        asked = current_request()
        self._environ = asked.environ
        self._context = current_context()
        values = asked.view_args
        # Flask removes one of them when the view has returned.
        self._context.push()
        # It also matches the URL again: others may have changed the result of that.
        asked.view_args = values
        live.go_on()
        exchange.stream = self

    def __iter__(self) -> t.Self:
        return self

    def __next__(self) -> bytes:
        line, self._line = self._line, None

        if line is None:
            if self._exchange.stream is not self:
                raise StopIteration

            line = self._advance()

        return line.encode()

    def close(self) -> None:
        """End the work, as the caller has gone."""
        if self._exchange.stream is self:
            self._line = None
            self._give_up(GeneratorExit("The caller has gone."))

    def _advance(self) -> str:
        try:
            return write_part(self._next_part(), self._write)
        except StopIteration as ended:
            return self._end(functools.partial(self._respond, ended.value))
        except Exception as error:
            return self._end(functools.partial(self._fail, error))
        except BaseException as error:
            self._give_up(error)
            raise

    def _next_part(self) -> t.Any:
        # If code inside the request reads the body, the session is yet to be saved.
        if not self._exchange.has_begun:
            return self._live.advance(self._steps)

        session = self._session

        if session is None:
            session = self._session = current_session()
            session.modified = False

        try:
            part = self._live.advance(self._steps)
        except StopIteration as ended:
            self._check_session(session.modified)
            raise ended

        self._check_session(session.modified)
        return part

    def _check_session(self, is_modified: bool) -> None:
        if is_modified:
            raise StreamError(
                "The session was changed after the first part of a stream, and its"
                " cookie is sent already. Change it before the first yield."
            )

    def _respond(self, outcome: Outcome) -> Response:
        result = outcome.result
        is_redirect = 300 <= getattr(result, "status_code", 0) < 400

        if isinstance(result, (BaseResponse, JSONResult)) and not is_redirect:
            raise StreamError(
                f"The result of {name_of(outcome.method)} is a Response, and the"
                " headers of the answer are sent with the first part. Return a value,"
                " the address of a download say."
            )

        return respond(self._app, self._exchange, outcome)

    def _fail(self, error: Exception) -> t.NoReturn:
        # The handler's end may still do something, with the page as the current one.
        self._steps.close()
        raise error

    def _end(self, end: Callable[[], Response]) -> str:
        """End page and request, and write the line that tells the outcome."""
        app, exchange = self._app, self._exchange
        error: Exception | None = None

        try:
            text = conclude_lines(app, exchange, self._live, end)
        except Exception as raised:
            error = raised
            failure = crash_failure(error, exchange.error_id, debug=app.debug)
            text = failure.body(has_status=True)
        except BaseException as raised:
            self._leave(raised)
            raise

        try:
            self._leave(error)
        except Exception as raised:
            if propagates(app):
                raise

            log_crash(app, self._environ, raised)
            text = crash_failure(raised, None, debug=app.debug).body(has_status=True)
        else:
            if error is not None and (propagates(app) or not exchange.has_begun):
                raise error

        return stream_line(text)

    def _give_up(self, error: BaseException) -> None:
        """End the work before its end.

        :param error: the end of the request gets it, unless another one follows.
        """
        try:
            with self._live:
                self._steps.close()
        except Exception as raised:
            report_crash(self._app, raised)
            self._leave(raised)

            if propagates(self._app):
                raise
        except BaseException as raised:
            self._leave(raised)
            raise
        else:
            self._leave(error)

    def _leave(self, error: BaseException | None) -> None:
        """Let the request end.

        :param error: the functions that run then get it.
        """
        exchange = self._exchange
        # The request holds both, and this holds the request: a cycle.
        exchange.stream = None
        # The last line was made from an answer that was not sent itself.
        exchange.is_streamed = True
        self._context.pop(error)
