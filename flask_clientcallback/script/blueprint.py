"""The blueprint that serves the files that browsers get, and their addresses."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from flask import Blueprint
from flask import request
from flask import Response
from werkzeug.datastructures import Headers
from werkzeug.datastructures import HeaderSet
from werkzeug.http import parse_list_header

from ..globals import application
from ..globals import current_request
from ..globals import EXTENSION_NAME
from ..globals import logger
from ..protocol.addresses import page_address
from . import resources

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask

_ENDPOINT = "resource"
_FOLDER = "/_clientcallback"
_RULE = f"{_FOLDER}/<version>/<path:name>"


def make_blueprint(app: Flask) -> Blueprint:
    """Make the blueprint that serves the files to an application's browsers."""
    # Read now: if the installation is replaced later, its files differ.
    resources.get_version(app.debug)
    blueprint = Blueprint(EXTENSION_NAME, __name__)
    host = "<host>" if app.url_map.host_matching else None
    blueprint.add_url_rule(_RULE, _ENDPOINT, _serve_resource, host=host)

    if app.subdomain_matching:
        subdomain = "<subdomain>"
        blueprint.add_url_rule(_RULE, _ENDPOINT, _serve_resource, subdomain=subdomain)

    blueprint.after_request(_tell_of_others)
    return blueprint


def get_url(app: Flask, name: str) -> str:
    """Give the URL of a file, on the page's host: a browser accepts no module from
    another one.
    """
    path = f"{_FOLDER}/{resources.get_version(app.debug)}/{name}"
    # Not every server sets it if it is empty.
    return page_address(current_request().environ.get("SCRIPT_NAME", ""), path, "")


class _ResourceResponse(Response):
    """A file that shared caches may keep: it sets no cookie, not even the cookie of a
    session that each response refreshes.
    """

    is_compressed = False
    """Whether the content is sent compressed by gzip."""

    def get_wsgi_response(
        self, environ: WSGIEnvironment
    ) -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        # Not before: after_request functions, as Flask-Minify's, read it as text.
        if self.is_compressed and "Content-Encoding" not in self.headers:
            self.set_data(resources.compress(self.get_data()))
            self.content_encoding = "gzip"

        return super().get_wsgi_response(environ)

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        headers = super().get_wsgi_headers(environ)
        headers.remove("Set-Cookie")
        # Headers of other code may depend on anything but the cookie. A session adds
        # the cookie if anybody looked into it.
        vary = HeaderSet(parse_list_header(", ".join(headers.getlist("Vary"))))
        vary.discard("cookie")
        vary.add("Accept-Encoding")
        headers["Vary"] = vary.to_header()
        return headers


def _tell_of_others(response: Response) -> Response:
    """Log that another part of the application answered."""
    if not isinstance(response, _ResourceResponse):
        logger.warning(
            "Another part of the application answered a request for the client script,"
            " with status %d: let the endpoint %s.%s through before_request functions,"
            " for visitors who are not logged in too.",
            response.status_code,
            EXTENSION_NAME,
            _ENDPOINT,
        )

    return response


def _serve_resource(version: str, name: str, **place: str) -> Response:
    resource = resources.find(version, name, application().debug)

    if resource is None:
        headers = {"Cache-Control": "no-store"}
        return _ResourceResponse("Not found\n", 404, headers, "text/plain")

    response = _ResourceResponse(resource.content, content_type=resource.content_type)
    response.cache_control.public = True
    response.cache_control.max_age = 31536000
    response.cache_control.immutable = True
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.is_compressed = request.accept_encodings["gzip"] > 0
    return response
