"""Callbacks that are good until they are spoilt."""

from __future__ import annotations

import io
import json
import typing as t
from collections.abc import Callable
from random import Random
from urllib.parse import unquote_to_bytes
from urllib.parse import urlencode

from werkzeug.test import create_environ

from flask_clientcallback.protocol.wire import ARGUMENT_FIELD
from flask_clientcallback.protocol.wire import MARKER_ENVIRON
from flask_clientcallback.protocol.wire import PAGE_TARGET
from flask_clientcallback.protocol.wire import STATE_FIELD
from flask_clientcallback.protocol.wire import TARGET_FIELD
from flask_clientcallback.protocol.wire import VALIDATION_FIELD

from .clients import FORM_TYPE

ASKED = "what is asked"
BOUNDARY = "a-boundary"


class Sample(t.NamedTuple):
    """A page that a user has: what a good callback of it sends."""

    path: str
    cookie: str
    token: str
    events: str = ""
    """The token of the page's events, where these are validated."""
    is_classic: bool = False
    """Whether it is sent as ASP.NET's own script does."""


class Draft:
    """A callback, good at first."""

    def __init__(self, sample: Sample, random: Random) -> None:
        self.sample = sample
        self.method = "POST"
        self.path = sample.path
        self.query = ""
        self.fields = [
            ("note", "as it is"),
            (TARGET_FIELD, PAGE_TARGET),
            (ARGUMENT_FIELD, ASKED if sample.is_classic else json.dumps(ASKED)),
            (STATE_FIELD, sample.token),
            (VALIDATION_FIELD, sample.events),
        ]
        self.headers: dict[str, str | None] = {
            MARKER_ENVIRON: None if sample.is_classic else "1",
            "HTTP_COOKIE": sample.cookie,
        }
        self.spoil_bytes: list[Callable[[bytes], bytes]] = []
        self.is_multipart = not sample.is_classic and random.random() < 0.4

    def environ(self) -> dict[str, t.Any]:
        """Make the environment that a server would pass on."""
        body = self._body()
        environ = create_environ(method=self.method, query_string=self.query)
        environ["PATH_INFO"] = self.path
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["CONTENT_TYPE"] = (
            f"multipart/form-data; boundary={BOUNDARY}"
            if self.is_multipart
            else FORM_TYPE
        )

        for name, value in self.headers.items():
            environ.pop(name, None)

            if value is not None:
                environ[name] = value

        if "HTTP_TRANSFER_ENCODING" in environ:
            # As servers do, which tell where such a body ends.
            environ.pop("CONTENT_LENGTH", None)
            environ["wsgi.input_terminated"] = True

        environ["wsgi.input"] = io.BytesIO(body)
        return environ

    def _body(self) -> bytes:
        if self.is_multipart:
            body = b"".join(map(_part, self.fields)) + f"--{BOUNDARY}--\r\n".encode()
        else:
            body = urlencode(self.fields, errors="surrogatepass").encode()

        for spoil in self.spoil_bytes:
            body = spoil(body)

        return body


def has_good_tokens(environ: dict[str, t.Any], sample: Sample) -> bool:
    """Tell whether the page's tokens came along as they were issued, from its user
    and to its page, however they are written.
    """
    body = environ["wsgi.input"].getvalue()
    unquoted = unquote_to_bytes(body.replace(b"+", b" "))
    tokens = (sample.token.encode(), sample.events.encode())
    return (
        all(token in body or token in unquoted for token in tokens)
        and sample.cookie in environ.get("HTTP_COOKIE", "")
        and environ["PATH_INFO"] == sample.path
        and not environ.get("SCRIPT_NAME")
    )


def _part(field: tuple[str, str]) -> bytes:
    name, value = (text.encode("utf-8", "surrogatepass") for text in field)
    quoted = name.replace(b'"', b"%22")
    return (
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=".encode()
        + b'"%s"\r\n\r\n%s\r\n' % (quoted, value)
    )
