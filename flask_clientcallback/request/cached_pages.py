"""Notices a page that was rendered for another request, which a cache has kept."""

from __future__ import annotations

import re
import typing as t

from flask import Response

from ..globals import application
from ..globals import current_request
from ..globals import logger
from ..globals import registration_of
from .exchange import exchange_of

_MARK = re.compile(rb'data-callback-page="?[\w-]{16}[" />]')
"""Each page that makes calls has this: its id. Where the id is shown as text, its
quotes are escaped."""


def warn_of_cached_page(response: Response) -> Response:
    """Warn of a page that is sent with another page's id, once for each endpoint. For
    :func:`~flask.after_this_request`: the answer is not compressed yet.
    """
    asked = current_request()

    # What this request rendered itself has its id, and a stream is not rendered yet.
    if (
        exchange_of(asked.environ).has_rendered
        or response.status_code != 200
        or response.mimetype != "text/html"
        or response.is_streamed
        or response.direct_passthrough
    ):
        return response

    endpoint = t.cast(str, asked.endpoint)
    warned = registration_of(application()).warned

    if endpoint not in warned and _MARK.search(response.get_data()):
        warned.add(endpoint)
        logger.warning(
            "A page was answered that another request rendered: a cache keeps it, and"
            " its state may be another visitor's, whose calls are refused as stale."
            " Keep no page in a cache, only parts of its template that have nothing of"
            " this package. (endpoint %s)",
            endpoint,
        )

    return response
