"""Gives the answers to callbacks the protocol's form, below Flask."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from http.client import responses

from werkzeug.datastructures import Headers as HeaderMap

from ..globals import logger
from ..protocol.answers import ANSWER_HEADERS
from ..protocol.answers import CLASSIC_CONTENT_TYPE
from ..protocol.answers import CONTENT_TYPE_HEADER
from ..protocol.answers import Headers
from ..protocol.answers import redirect_body
from ..protocol.answers import STREAM_HEADERS
from ..protocol.answers import STREAM_TYPE
from ..protocol.failures import Failure
from ..protocol.failures import foreign_failure
from .exchange import Exchange
from .exchange import MARK
from .exchange import MARK_HEADER
from .responses import without_headers_of_body

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIEnvironment

_CLASSIC_CONTENT_TYPE_HEADER = ("Content-Type", CLASSIC_CONTENT_TYPE)
_STREAM_TYPE_HEADER = ("Content-Type", STREAM_TYPE)
_OURS = frozenset(("content-type", MARK, *(name.lower() for name, _ in STREAM_HEADERS)))


def complete(headers: Headers, exchange: Exchange, *, is_outermost: bool) -> Headers:
    """Set the headers of every answer, in place of others. Here they are a list: each
    header of a Response costs more than this.

    :param is_outermost: whether no other envelope, which needs the mark, is around.
    """
    if exchange.passes_through:
        completed = [h for h in headers if h[0].lower() != MARK]
    else:
        kept = [h for h in headers if h[0].lower() not in _OURS]

        if exchange.is_streamed:
            completed = [_STREAM_TYPE_HEADER, *kept, *STREAM_HEADERS]
        else:
            completed = [_content_type(exchange), *kept, *ANSWER_HEADERS]

    return completed + _mark(exchange, is_outermost)


def _mark(exchange: Exchange, is_outermost: bool) -> Headers:
    return [] if is_outermost else [(MARK_HEADER, exchange.mark)]


def _content_type(exchange: Exchange) -> tuple[str, str]:
    return CONTENT_TYPE_HEADER if exchange.is_marked else _CLASSIC_CONTENT_TYPE_HEADER


class Sender:
    """Answers a callback in place of other code.

    :param is_outermost: as for :func:`complete`.
    """

    def __init__(
        self,
        exchange: Exchange,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        is_outermost: bool,
    ) -> None:
        self._exchange = exchange
        self._is_head = environ["REQUEST_METHOD"] == "HEAD"
        self._start_response = start_response
        self._is_outermost = is_outermost

    def replace(self, status: int, headers: Headers, *, debug: bool) -> Iterable[bytes]:
        """Answer in place of code that knows nothing of callbacks.

        :param debug: whether the browser is told whose answer was replaced.
        """
        exchange = self._exchange
        kept = without_headers_of_body(headers)
        found = HeaderMap(headers)
        location = found.get("Location")
        what = (
            f"{status} with {found.get('Content-Type') or 'nothing'},"
            f" endpoint {exchange.endpoint}"
        )
        logger.debug("Replaced an answer to a callback: %s", what)

        if exchange.refused is not None:
            return self.send(exchange.refused, kept)

        if 300 <= status < 400 and location is not None and exchange.is_marked:
            return self._send_text(redirect_body(location), 200, kept)

        raised = exchange.raised

        # An error handler of the application may have changed it.
        if raised is not None and raised.status == status:
            return self.send(raised, kept)

        if exchange.error_id is None:
            logger.info("A callback was answered by somebody else: %s", what)
        else:
            logger.info("A callback raised an exception, and was answered: %s", what)

        failure = foreign_failure(status, exchange.error_id)
        return self.send(failure.explained(what) if debug else failure, kept)

    def send(self, failure: Failure, kept: Headers) -> Iterable[bytes]:
        """Answer that there is no result.

        :param kept: more headers than every answer has.
        """
        is_marked = self._exchange.is_marked
        text = failure.body() if is_marked else failure.classic_body()
        return self._send_text(text, failure.status, kept)

    def _send_text(self, text: str, status: int, kept: Headers) -> Iterable[bytes]:
        body = text.encode()
        phrase = responses.get(status, "Unknown")
        length = ("Content-Length", str(len(body)))
        mark = _mark(self._exchange, self._is_outermost)
        headers = [_content_type(self._exchange), *kept, *ANSWER_HEADERS, length, *mark]
        self._start_response(f"{status} {phrase}", headers)
        # Servers pass on the body of an answer to HEAD: it would become the beginning
        # of the next answer of the connection.
        return [] if self._is_head else [body]

    def send_strange(self) -> Iterable[bytes]:
        """Answer if the answer to another request's callback came for a page: a cache
        may have kept another visitor's.
        """
        logger.error(
            "The answer to another request's callback came for a page: a cache in the"
            " application keeps answers to POST requests. Let it keep those to GET"
            " alone."
        )
        length = ("Content-Length", "0")
        headers = [ANSWER_HEADERS[0], length]
        self._start_response("500 Internal Server Error", headers)
        return []
