"""The body of a request: how long it may be, of which type, and what its form holds."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wsgi import get_content_length

from ..config import HandlerOptions
from ..config import MAX_FIELDS
from ..config import Settings
from ..errors import RefusedError
from ..page.limits import find_limit
from ..page.limits import Limit
from ..protocol.form_data import lost_bytes
from ..protocol.form_data import read_fields
from ..protocol.wire import TARGET_FIELD

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Request
    from werkzeug.datastructures import FileStorage

FORM_TYPE = "application/x-www-form-urlencoded"
_MULTIPART_TYPE = "multipart/form-data"
_NOT_UTF8 = "body is not UTF-8"
_NO_FILES: ImmutableMultiDict[str, t.Any] = ImmutableMultiDict()


def type_of(asked: Request) -> str:
    """Get the media type of a body, without its parameters."""
    # Werkzeug would parse the parameters too.
    content_type: str = asked.environ.get("CONTENT_TYPE", "")
    return content_type.partition(";")[0].strip().lower()


def check_length(
    app: Flask, asked: Request, options: HandlerOptions, settings: Settings
) -> None:
    """Refuse a body that is too long, or whose length is unknown.

    :raises RefusedError: it is.
    """
    length = get_content_length(asked.environ)

    if length is None:
        raise RefusedError(411, "no Content-Length")

    limit = find_limit(app, options, settings)

    if length > limit.highest:
        raise limit.passed("bytes")

    asked.max_content_length = limit.highest


def names_target(asked: Request) -> bool:
    """Tell whether a form-encoded body may be that of a callback."""
    body = asked.get_data()

    if not body:
        return TARGET_FIELD in asked.form

    name = f"{TARGET_FIELD}=".encode()
    return body.startswith(name) or b"&" + name in body


def read_form(asked: Request, max_fields: int) -> Iterable[tuple[str, str]]:
    """Read the fields of a form.

    :raises RefusedError: the body is not a form, not UTF-8, or has too many fields.
    """
    body_type = type_of(asked)

    if "form" in asked.__dict__:
        # Whoever had it parsed may have asked for these too, which hold it.
        asked.__dict__.pop("values", None)

    if body_type == FORM_TYPE:
        body = asked.get_data()

        if not body:
            return _take_parsed(asked, max_fields)

        _check_fields(body, max_fields)
        # Werkzeug would accept text that is not UTF-8.
        asked.files = _NO_FILES  # pyright: ignore - can be set

        try:
            return read_fields(body)
        except UnicodeDecodeError as error:
            raise RefusedError(400, _NOT_UTF8) from error

    if body_type == _MULTIPART_TYPE:
        return _parse_multipart(asked, max_fields)

    raise RefusedError(415, "body is not form-encoded or multipart")


def _take_parsed(asked: Request, max_fields: int) -> list[tuple[str, str]]:
    """Take a form that other code parsed before the guard could read it."""
    fields = list(asked.form.items(multi=True))
    _check_count(len(fields), max_fields)
    length = get_content_length(asked.environ) or 0

    if length and not fields:
        raise RefusedError(
            400,
            "body has no fields left: another part of the application read it before"
            " this package could, without request.form, or it is not UTF-8",
        )

    if lost_bytes(fields, length):
        raise RefusedError(400, _NOT_UTF8)

    return fields


def _parse_multipart(asked: Request, max_fields: int) -> list[tuple[str, str]]:
    # A field may be as long as the body, whatever the limit for other forms.
    asked.max_form_memory_size = asked.max_content_length
    asked.max_form_parts = max_fields

    try:
        fields = list(asked.form.items(multi=True))
    except RequestEntityTooLarge as error:
        raise _too_many(max_fields) from error

    # It may be parsed already, within other limits.
    files = list(asked.files.items(multi=True))
    _check_count(len(fields) + len(files), max_fields)
    return fields


def keep_form(
    asked: Request,
    own: list[tuple[str, str]],
    files: list[tuple[str, FileStorage]] | None,
) -> None:
    """Leave only the page's own fields to code that asks for the form.

    :param files: the page's own files; ``None`` if there are no others.
    """
    asked.form = ImmutableMultiDict(own)  # pyright: ignore - can be set

    if files is not None:
        asked.files = ImmutableMultiDict(files)  # pyright: ignore - can be set


def check_post(
    app: Flask,
    asked: Request,
    options: HandlerOptions,
    settings: Settings,
    others: Iterable[str],
) -> None:
    """Refuse a POST to a page that accepts only its own post backs, before anybody
    reads it: Werkzeug has no limit for a form without files, and a high one for others.

    :param others: the methods that the page accepts.
    :raises RefusedError: the POST is not a form, does not tell its length, is too long,
        or has too many fields.
    """
    body_type = type_of(asked)

    if body_type not in (FORM_TYPE, _MULTIPART_TYPE):
        raise RefusedError(
            405,
            "a POST without a form, and the page takes none but its own post backs;"
            " a view that answers others has a method post",
            allowed=others,
        )

    check_length(app, asked, options, settings)

    if body_type == _MULTIPART_TYPE:
        _parse_multipart(asked, settings.max_fields)
        return

    # Older versions of Werkzeug also have another limit for a form without files.
    asked.max_form_memory_size = asked.max_content_length
    body = asked.get_data()

    if body:
        _check_fields(body, settings.max_fields)
    else:
        _check_count(len(list(asked.form.items(multi=True))), settings.max_fields)


def _check_fields(body: bytes, max_fields: int) -> None:
    if body.count(b"&") >= max_fields:
        raise _too_many(max_fields)


def _check_count(count: int, max_fields: int) -> None:
    if count > max_fields:
        raise _too_many(max_fields)


def _too_many(max_fields: int) -> RefusedError:
    return Limit(max_fields, MAX_FIELDS).passed("fields")
