"""The requests that a page's script would send, ready to be made again and again."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Callable
from io import BytesIO

from competitors import ARGUMENT
from competitors import Competitor
from competitors import FORM
from competitors import HAND_MADE
from competitors import OURS
from competitors import quote
from competitors import serializer
from competitors import SIGNED
from competitors import STATE
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.datastructures import MultiDict
from werkzeug.test import EnvironBuilder
from werkzeug.test import run_wsgi_app

if t.TYPE_CHECKING:
    from werkzeug.test import Client

URL = "/offers/"
BROWSER_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en",
    "Origin": "http://localhost",
    "Referer": "http://localhost/offers/",
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Site": "same-origin",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101",
}

Call = Callable[[], bytes]


def make_call(competitor: Competitor, *, with_session: bool) -> Call:
    """Prepare a competitor's request and give the function that makes it.

    :param with_session: whether the browser sends a session cookie.
    """
    app = competitor.application(with_session=with_session)
    client = app.test_client()

    if with_session:
        with client.session_transaction() as session:
            session["visitor"] = "Ada"

    fields, headers = _protocol(competitor, client)

    if with_session:
        cookie = client.get_cookie("session")
        assert cookie is not None
        headers["Cookie"] = f"session={cookie.value}"

    builder = EnvironBuilder(
        URL,
        method="POST",
        data={**FORM, **fields},
        headers=Headers(BROWSER_HEADERS | headers),
    )
    call = repeatable(app, builder.get_environ())
    _check(competitor, app, builder, visitor="Ada" if with_session else "You")
    return call


def _protocol(
    competitor: Competitor, client: Client
) -> tuple[dict[str, str], dict[str, str]]:
    """Get the fields and headers that a competitor needs beside the form."""
    if competitor is OURS:
        page = client.get(URL).text
        state = re.search(r'name="__VIEWSTATE"[^>]* value="([^"]+)"', page)
        assert state is not None
        return {
            "__CALLBACKID": "__Page",
            "__CALLBACKPARAM": json.dumps(ARGUMENT),
            "__VIEWSTATE": state[1],
        }, {"X-Client-Callback": "1"}

    fields = {"argument": ARGUMENT}

    if competitor in (SIGNED, HAND_MADE):
        fields["state"] = str(serializer.dumps(STATE))

    if competitor is HAND_MADE:
        return fields, {"X-CSRFToken": client.get(URL).text}

    return fields, {}


def repeatable(app: Flask, environ: dict[str, t.Any]) -> Call:
    """Give the function that makes a request again, and reads the answer to its end."""
    body = environ["wsgi.input"].read()

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: t.Any = None
    ) -> t.Any:
        pass

    def call() -> bytes:
        parts: t.Any = app({**environ, "wsgi.input": BytesIO(body)}, start_response)
        answer = b"".join(parts)

        if hasattr(parts, "close"):
            parts.close()

        return answer

    return call


def _check(
    competitor: Competitor, app: Flask, builder: EnvironBuilder, *, visitor: str
) -> None:
    """See that a competitor does its job before it is timed."""
    parts, status, _ = run_wsgi_app(app, builder.get_environ())
    answer = b"".join(parts)
    expected = quote(ARGUMENT, MultiDict(FORM), STATE, visitor)

    if status != "200 OK" or json.loads(answer)["result"] != expected:
        raise SystemExit(f"{competitor.name} answers {status}: {answer!r}")
