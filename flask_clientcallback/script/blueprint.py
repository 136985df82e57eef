"""The blueprint that serves the files that browsers get, and their addresses."""

from __future__ import annotations

import typing as t

from flask import Blueprint
from flask import request
from flask import Response
from flask import url_for
from werkzeug.datastructures import Headers
from werkzeug.http import parse_set_header

from ..globals import application
from ..globals import EXTENSION_NAME
from . import resources

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask


def make_blueprint(app: Flask) -> Blueprint:
    """Make the blueprint that serves the files to an application's browsers."""
    # Read now: an installation that is replaced later would give other files.
    resources.get_version(app.debug)
    blueprint = Blueprint(EXTENSION_NAME, __name__)
    blueprint.add_url_rule(
        "/_clientcallback/<version>/<path:name>",
        "resource",
        _serve_resource,
        host="<host>" if app.url_map.host_matching else None,
    )
    return blueprint


def get_url(app: Flask, name: str) -> str:
    """Give the address of a file, from the host of the page."""
    values: dict[str, t.Any] = {
        "version": resources.get_version(app.debug),
        "name": name,
    }

    if app.url_map.host_matching:
        values["host"] = request.host

    return url_for(f"{EXTENSION_NAME}.resource", **values)


class _ResourceResponse(Response):
    """A file that shared caches keep: it sets nobody's cookie, not even that of
    a session which each response refreshes.
    """

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        headers = super().get_wsgi_headers(environ)
        headers.remove("Set-Cookie")
        # What others set may depend on anything but the cookie, which a session adds
        # wherever somebody looked into it.
        vary = parse_set_header(", ".join(headers.getlist("Vary")))
        vary.discard("cookie")
        vary.add("Accept-Encoding")
        headers["Vary"] = vary.to_header()
        return headers


def _serve_resource(version: str, name: str, host: str | None = None) -> Response:
    resource = resources.find(version, name, application().debug)

    if resource is None:
        return Response("Not found\n", 404, {"Cache-Control": "no-store"}, "text/plain")

    response = _ResourceResponse(resource.content, content_type=resource.content_type)
    response.cache_control.public = True
    response.cache_control.max_age = 31536000
    response.cache_control.immutable = True
    response.headers["X-Content-Type-Options"] = "nosniff"

    if request.accept_encodings["gzip"] > 0:
        response.set_data(resource.compressed)
        response.content_encoding = "gzip"

    return response
