"""Every failure of the package. They share one base; those that answer a
request are Werkzeug HTTP exceptions too, so that an ``errorhandler`` for
either finds them.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from collections.abc import Mapping

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
    """Something that belongs to a page was used where no page is.

    .. versionadded:: 0.1
    """


class RegistrationError(ClientCallbackError, RuntimeError):
    """Something was registered after its time: its place in the page is rendered, or
    its hook cannot be waited for any more.

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
    """The store does not answer, which has background jobs and large view states. A
    request that needs it is answered with status 503.

    .. versionadded:: 0.1
    """

    code: int | None = 503
    description: str | None = "The server cannot do this now. Try again later."


class StreamError(ClientCallbackError, RuntimeError):
    """A handler that yields its progress did what belongs before the first part: the
    headers of the answer are sent with that.

    .. versionadded:: 0.1
    """


class TokenError(ClientCallbackError, ValueError):
    """A signed token is not good.

    :param reason: why, for the log. It is never told to the client.

    .. versionadded:: 0.1
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CallbackError(ClientCallbackError, HTTPException):
    """Raise this in a callback to tell the page's user what is wrong. The
    message reaches the client's error callback as it is.

    :param message: the text for the user.
    :param status: the HTTP status of the answer, 400 to 599. 400 unless
        given, 422 where there are ``fields``.
    :param fields: messages for each field of the form, as WTForms'
        ``form.errors``, nested ones too. A single string counts as a list of one.
        With it the error has the kind ``invalid``.
    :raises ValueError: the status is not that of an error.

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

        # Translated texts are often written only when they are asked for.
        self.message: str = str(message)
        super().__init__(description=self.message)
        self.code: int | None = status
        self.status: int = status
        self.fields: dict[str, list[str]] | None = None

        if fields is not None:
            self.fields = texts_by_field(fields)

    @classmethod
    def from_form(cls, form: t.Any, message: str | None = None) -> t.Self:
        """Make the error of a WTForms form that does not hold. Its fields have the
        names that were posted, with the form's prefix and the numbers of a
        ``FieldList`` as they came: ``form.errors`` has neither.

        :param form: has been validated.
        :param message: the text for the user. That of the form as a whole unless given,
            or else WTForms' "Invalid input.".

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
        :data:`~flask_clientcallback.signals.callback_rejected`. The client is
        told only in debug mode.
    :param kind: ``rejected``, or ``stale`` where the page has to be reloaded.
    :param allowed: the methods that would do, where the status is 405.

    .. versionadded:: 0.1
    """

    messages: t.ClassVar[dict[RefusalKind, t.Any]] = {
        "rejected": "The request was rejected.",
        "stale": "This page is out of date. Reload it and try again.",
    }
    """What the client is told. An application may put texts of its own here, also ones
    that are translated when they are asked for.
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

    @property
    def message(self) -> str:
        """What the client is told in production."""
        # Translated texts are written in the language of the request that asks.
        return str(self.messages[self.kind])
