"""A page without a script of its own, under the strict policy."""

from __future__ import annotations

import typing as t

from flask import render_template_string
from flask import Response
from flask.views import MethodView

from .strict_page import POLICY

HEAD = """<!doctype html>
<link rel="icon" href="data:,">
{{ callback_scripts("n") }}
"""


class BarePage(MethodView):
    """Renders its template, also when it is posted back."""

    template: t.ClassVar[str] = ""
    policy: t.ClassVar[str] = POLICY

    def get(self) -> Response:
        text = render_template_string(HEAD + self.template)
        return Response(text, headers={"Content-Security-Policy": self.policy})

    def post(self) -> Response:
        return self.get()
