"""The extension: what it puts into an application."""

from __future__ import annotations

from flask import Flask

from .errors import ConfigurationError
from .globals import EXTENSION_NAME
from .globals import Registration
from .page.templates import add_to_templates
from .request.envelope import Envelope
from .request.guard import admit
from .request.timing import StageTimer
from .script.blueprint import make_blueprint
from .typing import StartJob
from .typing import SupportsCallback
from .typing import Translations
from .typing import Untranslated
from .typing import UserKey


class ClientCallback:
    """Client callbacks for Flask applications. The object itself keeps no data of an
    application or a request.

    :param app: the application, unless :meth:`init_app` gets it later.
    :param user_key: a function that returns the key of the user to whom the page's
        state is bound, or ``None``. Default: Flask-Login's user and the session.
    :param supports_callback: a function that tells whether the browser of the current
        request can make callbacks, for :attr:`Page.supports_callback`. Default: all
        can.
    :param start_job: a function that gets the id of a background job. It arranges a
        call of :func:`~flask_clientcallback.run_job` with this id, for example by
        Celery's ``task.delay``. Default: threads of the process run jobs.
    :param translations: an object that translates WTForms' messages, which invalid
        arguments get too: for example ``flask_wtf.i18n.translations``.

    .. versionadded:: 0.1
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        user_key: UserKey | None = None,
        supports_callback: SupportsCallback | None = None,
        start_job: StartJob | None = None,
        translations: Translations | None = None,
    ) -> None:
        for name, given in (
            ("user_key", user_key),
            ("supports_callback", supports_callback),
            ("start_job", start_job),
        ):
            if given is not None and not callable(given):
                raise TypeError(f"{name} is a function, not {given!r}.")

        needed = ("gettext", "ngettext")

        if translations is not None and not all(
            callable(getattr(translations, name, None)) for name in needed
        ):
            raise TypeError(
                "translations is an object with gettext() and ngettext(), not"
                f" {translations!r}."
            )

        self._user_key = user_key
        self._supports_callback = supports_callback
        self._start_job = start_job
        self._translations = translations or Untranslated()

        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Add the client script, the template globals and the protocol to an
        application.

        :param app: the application.
        :raises ConfigurationError: the application has them already.
        :raises TypeError: ``app`` is not a Flask application.

        .. versionadded:: 0.1
        """
        if not isinstance(app, Flask):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(
                f"ClientCallback is for a flask.Flask, not {app!r}. A blueprint has the"
                " client callbacks of the application that it is registered on."
            )

        if EXTENSION_NAME in app.extensions:
            raise ConfigurationError(
                f"The application {app.name!r} has client callbacks already. Create"
                " ClientCallback(app), or call init_app(app), once."
            )

        app.extensions[EXTENSION_NAME] = Registration(
            self._user_key,
            self._supports_callback,
            self._translations,
            self._start_job,
        )
        app.register_blueprint(make_blueprint(app))
        app.url_value_preprocessors.setdefault(None, []).insert(0, admit)
        # The last one: those of the application may want to read them.
        StageTimer(app)
        add_to_templates(app)
        # Flask's documentation wraps it so; mypy takes it for a method alone.
        app.wsgi_app = Envelope(app.wsgi_app, app)  # type: ignore[method-assign]
