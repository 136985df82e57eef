"""Forms as clients send them."""

from __future__ import annotations

import io
import typing as t

from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
TYPES = [FORM, MULTIPART]


def encode(fields: dict[str, t.Any], content_type: str) -> dict[str, t.Any]:
    """Give what a test client sends a form with; what is bytes goes as a file. The
    client itself would leave a file open where the form is long.
    """
    if content_type == FORM:
        return {"data": fields}

    data = {
        name: FileStorage(io.BytesIO(value), "a.bin")
        if isinstance(value, bytes)
        else value
        for name, value in fields.items()
    }
    stream, _, boundary = stream_encode_multipart(data, use_tempfile=False)
    content_type = f"{content_type}; boundary={boundary}"
    return {"data": stream.read(), "content_type": content_type}


def numbered(count: int, value: str | bytes = "x") -> dict[str, t.Any]:
    """Make so many fields."""
    return {f"f{number}": value for number in range(count)}
