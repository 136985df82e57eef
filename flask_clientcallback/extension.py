"""The extension: what it puts into an application."""

from __future__ import annotations

import functools
import typing as t

from flask import Blueprint
from flask import current_app
from flask import Flask
from flask import request
from flask import Response
from markupsafe import Markup
from werkzeug.datastructures import Headers

from .errors import ConfigurationError
from .globals import application
from .globals import EXTENSION_NAME
from .globals import Registration
from .page.current import current_page
from .page.current import find_page
from .page.current import get_markup
from .page.current import get_page
from .protocol.javascript import CallbackReference
from .protocol.javascript import js_literal
from .request import guard
from .request.envelope import Envelope
from .script import resources
from .script.client_script import ClientScriptManager
from .typing import SupportsCallback
from .typing import UserKey

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class ClientCallback:
    """Client callbacks for Flask applications. The object itself keeps nothing
    of an application or of a request.

    :param app: the application, unless :meth:`init_app` gets it later.
    :param user_key: gives the key of the user whom the page's state is bound
        to, or ``None``, in place of Flask-Login's user and the session.
    :param supports_callback: tells whether the browser of the current request
        can make callbacks, for :attr:`Page.supports_callback`. All can unless
        given.

    .. versionadded:: 0.1
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        user_key: UserKey | None = None,
        supports_callback: SupportsCallback | None = None,
    ) -> None:
        for name, given in (
            ("user_key", user_key),
            ("supports_callback", supports_callback),
        ):
            if given is not None and not callable(given):
                raise TypeError(f"{name} is a function, not {given!r}.")

        self._user_key = user_key
        self._supports_callback = supports_callback

        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Put the client script, the template globals and the protocol into an
        application.

        :param app: the application.
        :raises ConfigurationError: it has them already.

        .. versionadded:: 0.1
        """
        if EXTENSION_NAME in app.extensions:
            raise ConfigurationError(
                f"The application {app.name!r} has client callbacks already. Create"
                " ClientCallback(app), or call init_app(app), once."
            )

        app.extensions[EXTENSION_NAME] = Registration(
            self._user_key, self._supports_callback
        )
        app.register_blueprint(_make_blueprint(app.url_map.host_matching))
        app.url_value_preprocessors.setdefault(None, []).insert(0, guard.admit)
        _template_globals(app).update(
            current_page=current_page,
            get_callback_event_reference=get_callback_event_reference,
            callback_attributes=callback_attributes,
            callback_fields=callback_fields,
            callback_scripts=callback_scripts,
            js_literal=js_literal,
        )
        app.add_template_filter(js_literal, "js_literal")
        app.template_context_processors.setdefault(None, []).insert(0, _page_context)
        # Flask's documentation wraps it so; mypy takes it for a method alone.
        app.wsgi_app = Envelope(app.wsgi_app, app)  # type: ignore[method-assign]


def _template_globals(app: Flask) -> dict[str, t.Any]:
    return app.jinja_env.globals


def _page_context() -> dict[str, t.Any]:
    """Give templates the page itself, as Flask does with its ``request``, where the
    application has no global of its own under the name. The package's globals, which
    imported templates have too, look for the page in each row of a table.
    """
    page = find_page()

    if page is None:
        return {}

    given = _template_globals(application())
    context: dict[str, t.Any] = {}

    if given.get("current_page") is current_page:
        context["current_page"] = page

    if given.get("get_callback_event_reference") is get_callback_event_reference:
        # Jinja looks twice into what it calls, which takes long with a bound method.
        context["get_callback_event_reference"] = functools.partial(
            ClientScriptManager.get_callback_event_reference, page.client_script
        )

    return context


def get_callback_event_reference(
    control: t.Any,
    argument: str | None,
    client_callback: str,
    context: str | None = None,
    client_error_callback: str | None = None,
    use_async: bool = False,
) -> CallbackReference:
    """Template global: see
    :meth:`ClientScriptManager.get_callback_event_reference`.

    .. versionadded:: 0.1
    """
    return get_page().client_script.get_callback_event_reference(
        control, argument, client_callback, context, client_error_callback, use_async
    )


def callback_fields() -> Markup:
    """Template global: write the hidden fields that carry the page's state.
    Usually inside the ``<form>``.

    .. versionadded:: 0.1
    """
    return get_markup().fields()


def callback_scripts(nonce: str | None = None) -> Markup:
    """Template global: write the client script and what was registered.

    :param nonce: admits them under a Content-Security-Policy.

    .. versionadded:: 0.1
    """
    return get_markup().client_script(nonce)


def callback_attributes(
    control: t.Any,
    argument: str | float | None = None,
    on_result: str | None = None,
    on_error: str | None = None,
    **options: t.Any,
) -> Markup:
    """Template global: see :meth:`ClientScriptManager.get_callback_attributes`.

    .. versionadded:: 0.1
    """
    return get_page().client_script.get_callback_attributes(
        control, argument, on_result, on_error, **options
    )


def _make_blueprint(host_matching: bool) -> Blueprint:
    blueprint = Blueprint(EXTENSION_NAME, __name__)
    blueprint.add_url_rule(
        "/_clientcallback/<version>/<path:name>",
        "resource",
        _serve_resource,
        host="<host>" if host_matching else None,
    )
    return blueprint


class _ResourceResponse(Response):
    """A file that shared caches keep: it sets nobody's cookie, not even that of
    a session which each response refreshes.
    """

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        headers = super().get_wsgi_headers(environ)
        headers.remove("Set-Cookie")
        headers["Vary"] = "Accept-Encoding"
        return headers


def _serve_resource(version: str, name: str, host: str | None = None) -> Response:
    resource = resources.find(version, name, current_app.debug)

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
