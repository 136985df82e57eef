"""The settings of nginx and gunicorn that the page on deployment shows."""

from __future__ import annotations

import http.client
import json
import re
import sys
import typing as t
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from flask_clientcallback.protocol.wire import MARKER_HEADER

from ..helpers.documentation import blocks
from ..helpers.documentation import code_with
from .clients import FORM_TYPE
from .servers import gunicorn_with
from .servers import nginx

pytestmark = pytest.mark.skipif(
    sys.platform != "linux",
    reason="These tests look at processes in /proc, which Linux has.",
)

PAGE = "docs/deployment.rst"
BEHIND = "http://127.0.0.1:8000"
SHOP = "shop.example"
VIEW = """

from flask import render_template_string
from flask.views import MethodView
from flask_clientcallback import callback_handler


@callback_handler
class View(MethodView):
    def get(self):
        return render_template_string("{{ callback_scripts() }}{{ callback_fields() }}")

    def raise_callback_event(self, event_argument):
        return event_argument


app.add_url_rule("/", view_func=View.as_view("view"))
"""


@pytest.fixture
def port(tmp_path: Path, nginx_executable: str) -> Iterator[int]:
    """Serve a page with these settings, and give nginx's port."""
    [code] = blocks(PAGE, "app.py")
    served = tmp_path / "served"
    served.mkdir()
    served.joinpath("app.py").write_text(code.code + VIEW, encoding="utf-8")
    [_, *given] = code_with(PAGE, "gunicorn --bind").split()
    options = [option for option in given if not option.startswith("--bind=")]
    assert len(options) == len(given) - 1
    block = code_with(PAGE, "server_name")
    [location] = re.findall(r"location / \{\n(.+?)\n *\}", block, re.DOTALL)
    assert f"proxy_pass {BEHIND};" in location
    passed_on = location.replace(BEHIND, "http://behind")

    with (
        gunicorn_with([*options, f"--chdir={served}"], served) as server,
        nginx(nginx_executable, server, tmp_path / "nginx", passed_on) as proxy,
    ):
        yield proxy.port


def ask(
    port: int, fields: dict[str, str] | None = None, **headers: str
) -> tuple[int, str]:
    """Ask nginx for the page, or make a callback."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = None if fields is None else urlencode(fields)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    method = "GET" if fields is None else "POST"

    if fields is not None:
        sent |= {MARKER_HEADER: "1", "Content-Type": FORM_TYPE}

    try:
        connection.request(method, "/", body, {"Host": SHOP, **sent})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Origin": f"http://{SHOP}"}, 200, id="own"),
        pytest.param({"Origin": "http://evil.example"}, 403, id="other"),
        pytest.param(
            {"Origin": "http://evil.example", "X_Forwarded_Host": "evil.example"},
            403,
            id="forged host",
        ),
        pytest.param(
            {"Origin": f"https://{SHOP}", "X_Forwarded_Proto": "https"},
            403,
            id="forged scheme",
        ),
    ],
)
def test_documented_proxy(port: int, headers: dict[str, str], status: int) -> None:
    """A browser that sends only its ``Origin`` is known, and nobody can forge one."""
    _, text = ask(port)
    [state] = re.findall(r'name="?__VIEWSTATE"?[^>]* value="([^"]+)"', text)
    fields = {"__CALLBACKID": "__Page", "__CALLBACKPARAM": '"x"', "__VIEWSTATE": state}
    got, answer = ask(port, fields, **headers)
    told: t.Any = json.loads(answer)
    assert got == status
    assert told.get("result") == ("x" if status == 200 else None)
