"""An application for other servers, which find it in this folder: as ``app`` over WSGI,
and over ASGI by each way from one to the other.
"""

from __future__ import annotations

import threading
import time
import typing as t
from collections.abc import Iterator
from pathlib import Path

from a2wsgi import WSGIMiddleware
from asgiref.wsgi import WsgiToAsgi
from flask import Flask
from flask import render_template_string
from flask import Response
from flask.views import MethodView
from starlette.applications import Starlette
from starlette.routing import Mount

from flask_clientcallback import callback_handler
from flask_clientcallback import ClientCallback

TEMPLATE = """
<!doctype html>
<form>{{ callback_fields() }}</form>
{{ callback_scripts() }}
"""
PATIENCE = 2
"""Seconds that a call waits for another one, or a stream for its reader."""

meeting = threading.Barrier(2)


@callback_handler
class Desk(MethodView):
    """Gives back what it is called with, but for two words."""

    def get(self) -> str:
        return render_template_string(TEMPLATE)

    def raise_callback_event(self, event_argument: str) -> t.Any:
        word, _, rest = event_argument.partition(" ")

        if word == "meet":
            return meet()

        return Response(stream(Path(rest))) if word == "stream" else event_argument


def meet() -> bool:
    """Wait for another call, and tell whether one came."""
    try:
        meeting.wait(PATIENCE)
    except threading.BrokenBarrierError:
        return False

    return True


def stream(read: Path) -> Iterator[str]:
    """Send a part, and then whether it was read by the time of the next."""
    yield "first\n"
    end = time.monotonic() + PATIENCE

    while not read.exists() and time.monotonic() < end:
        time.sleep(0.01)

    yield f"read {read.exists()}"


app = Flask(__name__)
app.secret_key = "a secret key of the tests"
ClientCallback(app)
app.add_url_rule("/", view_func=Desk.as_view("desk"))

asgi_app = WSGIMiddleware(app, workers=40)
over_asgiref = WsgiToAsgi(app)
mounted = Starlette(routes=[Mount("/inner", asgi_app)])
