"""The size limit of a callback's request."""

from __future__ import annotations

import typing as t

from ..config import HandlerOptions
from ..config import MAX_CONTENT_LENGTH
from ..config import Settings
from ..errors import RefusedError
from ..globals import setting

if t.TYPE_CHECKING:
    from flask import Flask

_LIMIT_OF_ALL = "MAX_CONTENT_LENGTH"


class Limit(t.NamedTuple):
    """A size limit of a request."""

    highest: int
    setting: str
    """The setting behind it."""

    def passed(self, unit: str) -> RefusedError:
        """Make the refusal of a larger request."""
        reason = f"more than {self.highest} {unit}, the limit that {self.setting} sets"
        return RefusedError(413, reason)


def find_limit(app: Flask, options: HandlerOptions, settings: Settings) -> Limit:
    """Tell the limit for the body of a page's callback, in bytes."""
    if options.max_content_length is not None:
        return Limit(
            options.max_content_length, "@callback_handler(max_content_length=...)"
        )

    limit_of_all = setting(app, _LIMIT_OF_ALL)

    if limit_of_all is not None and limit_of_all < settings.max_content_length:
        return Limit(limit_of_all, _LIMIT_OF_ALL)

    return Limit(settings.max_content_length, MAX_CONTENT_LENGTH)
