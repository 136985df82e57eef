"""All errors of the package. They share one base. An error that answers a request is a
Werkzeug HTTP exception too, so an ``errorhandler`` for either finds it.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from collections.abc import Mapping

from markupsafe import escape
from werkzeug.exceptions import HTTPException

from .field_errors import errors_of_form
from .field_errors import texts_by_field


class ClientCallbackError(Exception):
    """The base of all errors that this package raises.

    .. versionadded:: 0.1
    """


class ConfigurationError(ClientCallbackError, RuntimeError):
    """The application or one of its settings is not set up as it must be.

    .. versionadded:: 0.1
    """


class OutsidePageError(ClientCallbackError, RuntimeError):
    """Something that needs a page was used where there is no page.

    .. versionadded:: 0.1
    """


class RegistrationError(ClientCallbackError, RuntimeError):
    """Something was registered too late: its place in the page is already rendered, or
    its hook can no longer be awaited.

    .. versionadded:: 0.1
    """


class HandlerInterfaceError(ClientCallbackError, TypeError):
    """A class cannot be a callback handler as it is written.

    .. versionadded:: 0.1
    """


class CallbackTargetError(ClientCallbackError, LookupError):
    """A control is unknown to the page or does not handle callbacks.

    .. versionadded:: 0.1
    """


class ViewStateError(ClientCallbackError, RuntimeError):
    """The view state cannot be kept: it was changed after it was saved,
    it is too large, or it holds something that is not a JSON value.

    .. versionadded:: 0.1
    """


class StoreError(ClientCallbackError, HTTPException):
    """The store, which keeps background jobs and large view states, does not answer. A
    request that needs it gets status 503.

    .. versionadded:: 0.1
    """

    code: int | None = 503
    description: str | None = "The server cannot do this now. Try again later."


class StreamError(ClientCallbackError, RuntimeError):
    """A handler that yields its progress did something too late. Only before the first
    part can it change the headers of the answer.

    .. versionadded:: 0.1
    """


class TokenError(ClientCallbackError, ValueError):
    """A signed token is not valid.

    :param reason: why, for the log. The client never gets it.

    .. versionadded:: 0.1
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CallbackError(ClientCallbackError, HTTPException):
    """Raise this in a callback to tell the user what is wrong. The client's error
    callback gets the message unchanged.

    :param message: the text for the user.
    :param status: the HTTP status of the answer, 400 to 599. Default: 422 with
        ``fields``, otherwise 400.
    :param fields: messages for each field of the form, as in WTForms' ``form.errors``,
        nested ones too. A single string counts as a list of one. With ``fields``, the
        error's kind is ``invalid``.
    :raises TypeError: ``fields`` is not a mapping.
    :raises ValueError: the status is not 400 to 599.

    .. versionadded:: 0.1
    """

    def __init__(
        self,
        message: str,
        status: int | None = None,
        fields: Mapping[str, t.Any] | None = None,
    ) -> None:
        if status is None:
            status = 400 if fields is None else 422

        if not isinstance(status, int) or not 400 <= status <= 599:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ValueError(
                "CallbackError takes the status of an error, 400 to 599, not"
                f" {status!r}."
            )

        # Lazy translations are often written only here, when they are asked for.
        self.message: str = str(message)
        super().__init__(description=self.message)
        self.code: int | None = status
        self.status: int = status
        self.fields: dict[str, list[str]] | None = None

        if fields is not None:
            self.fields = texts_by_field(fields)

    @classmethod
    def from_form(cls, form: t.Any, message: str | None = None) -> t.Self:
        """Make the error of an invalid WTForms form. It names the fields as they were
        posted, with the form's prefix and the numbers of a ``FieldList``. In
        ``form.errors`` both are missing.

        :param form: a form that has been validated.
        :param message: the text for the user. Default: the first message of the form as
            a whole, or else WTForms' "Invalid input.".

        .. versionadded:: 0.1
        """
        fields, of_all = errors_of_form(form)
        translations = form.meta.get_translations(form)
        invalid = "Invalid input."

        if translations is not None:
            invalid = translations.gettext(invalid)

        return cls(message or next(iter(of_all), invalid), fields=fields)

    def __str__(self) -> str:
        return self.message


RefusalKind = t.Literal["rejected", "stale"]


class RefusedError(ClientCallbackError, HTTPException):
    """A request was refused: before any handler ran, or by ``validate_event()``.

    :param status: the HTTP status of the answer.
    :param reason: why, for the log and for
        :data:`~flask_clientcallback.signals.callback_rejected`. The client gets it only
        in debug mode.
    :param kind: ``rejected``, or ``stale`` if the page has to be reloaded.
    :param allowed: the HTTP methods that are allowed, if the status is 405.

    .. versionadded:: 0.1
    """

    messages: t.ClassVar[dict[RefusalKind, t.Any]] = {
        "rejected": "The request was rejected.",
        "stale": "This page is out of date. Reload it and try again.",
    }
    """The messages for the client. An application may put its own texts here, lazy
    translations too.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        kind: RefusalKind = "rejected",
        *,
        allowed: Iterable[str] = ("POST",),
    ) -> None:
        self.kind: RefusalKind = kind
        super().__init__(description=self.message)
        self.code: int | None = status
        self.status: int = status
        self.reason = reason
        self._allowed = allowed

    def get_headers(self, *args: t.Any, **keywords: t.Any) -> list[tuple[str, str]]:
        """Get the headers of an answer to a plain request."""
        headers = super().get_headers(*args, **keywords)

        if self.status == 405:
            headers.append(("Allow", ", ".join(self._allowed)))

        return headers

    def get_description(self, *args: t.Any, **keywords: t.Any) -> str:
        """Get the text of an answer to a plain request, as HTML."""
        if self.kind != "stale":
            return super().get_description(*args, **keywords)

        text = self.description or ""
        message = self.message if text.startswith(self.message) else text
        # A reload would send the post back again. A link to the same address does not.
        link = f'<a href="">{escape(message)}</a>'
        return f"<p>{link}{escape(text.removeprefix(message))}</p>"

    @property
    def message(self) -> str:
        """The message that the client gets in production."""
        # Lazy translations are written here, in the language of the request.
        return str(self.messages[self.kind])
