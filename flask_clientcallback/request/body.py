"""The body of a request: how long it may be, of which type, and what its form holds."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wsgi import get_content_length

from ..config import HandlerOptions
from ..config import Settings
from ..errors import RefusedError
from ..globals import registration_of
from ..globals import setting
from ..protocol.form_data import read_fields
from ..protocol.wire import TARGET_FIELD

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Request

FORM_TYPE = "application/x-www-form-urlencoded"
_MULTIPART_TYPE = "multipart/form-data"
_NO_FILES: ImmutableMultiDict[str, t.Any] = ImmutableMultiDict()


def type_of(asked: Request) -> str:
    """Tell the media type of a body, without its parameters."""
    # Werkzeug would take those apart too.
    content_type: str = asked.environ.get("CONTENT_TYPE", "")
    return content_type.partition(";")[0].strip().lower()


def find_limit(app: Flask, options: HandlerOptions, settings: Settings) -> int:
    """Tell how long the body of a page's callback may be, in bytes."""
    if options.max_content_length is not None:
        return options.max_content_length

    limit_of_all = setting(app, "MAX_CONTENT_LENGTH")
    limit = settings.max_content_length
    return limit if limit_of_all is None else min(limit, limit_of_all)


def check_length(
    app: Flask, asked: Request, options: HandlerOptions, settings: Settings
) -> None:
    """Refuse a body that is too long, or does not say how long it is.

    :raises RefusedError: it is.
    """
    length = get_content_length(asked.environ)

    if length is None:
        raise RefusedError(411, "no Content-Length")

    limit = find_limit(app, options, settings)

    if length > limit:
        raise RefusedError(413, f"body longer than {limit} bytes")

    asked.max_content_length = limit


def names_target(body: bytes) -> bool:
    """Tell whether a form-encoded body may be that of a callback."""
    name = f"{TARGET_FIELD}=".encode()
    return body.startswith(name) or b"&" + name in body


def read_form(asked: Request, max_fields: int) -> Iterable[tuple[str, str]]:
    """Read the fields of a form.

    :raises RefusedError: the body is no form, not UTF-8, or has too many fields.
    """
    body_type = type_of(asked)

    if body_type == FORM_TYPE:
        body = asked.get_data()
        _check_fields(body, max_fields)
        # Werkzeug would let through what is not UTF-8.
        asked.files = _NO_FILES  # pyright: ignore - can be set

        try:
            return read_fields(body)
        except UnicodeDecodeError as error:
            raise RefusedError(400, "body is not UTF-8") from error

    if body_type == _MULTIPART_TYPE:
        # A field may be as long as the body, whatever the limit for other forms.
        asked.max_form_memory_size = asked.max_content_length
        asked.max_form_parts = max_fields

        try:
            return asked.form.items(multi=True)
        except RequestEntityTooLarge as error:
            raise RefusedError(413, f"more than {max_fields} fields") from error

    raise RefusedError(415, "body is not form-encoded or multipart")


def keep_form(asked: Request, own: list[tuple[str, str]]) -> None:
    """Leave the page's own fields to all who ask for the form."""
    asked.form = ImmutableMultiDict(own)  # pyright: ignore - can be set


def check_post(app: Flask, asked: Request, options: HandlerOptions) -> None:
    """Refuse a POST to a page that takes none but its own post backs, before its
    form is parsed: Werkzeug has no limit for a form without files.

    :raises RefusedError: it is too long, or does not say how long it is.
    """
    if type_of(asked) == FORM_TYPE:
        settings = registration_of(app).settings
        check_length(app, asked, options, settings)
        _check_fields(asked.get_data(), settings.max_fields)


def _check_fields(body: bytes, max_fields: int) -> None:
    if body.count(b"&") >= max_fields:
        raise RefusedError(413, f"more than {max_fields} fields")
