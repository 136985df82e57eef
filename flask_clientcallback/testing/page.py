"""A page as a browser holds it."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping
from functools import partial

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ..errors import ClientCallbackError
from ..protocol.addresses import address_of
from ..protocol.arguments import argument_to_post
from ..protocol.arguments import text_sent_for
from ..protocol.arguments import value_of
from ..protocol.wire import ARGUMENT_FIELD
from ..protocol.wire import EVENT_ARGUMENT_FIELD
from ..protocol.wire import EVENT_TARGET_FIELD
from ..protocol.wire import PAGE_TARGET
from ..protocol.wire import STATE_FIELD
from ..protocol.wire import TARGET_FIELD
from ..protocol.wire import VALIDATION_FIELD
from .advice import is_redirect
from .advice import why_no_script
from .answer import CallbackAnswer
from .call_arguments import SentArguments
from .calls import CallbackTarget
from .page_form import PageForm
from .page_form import PageForms
from .page_parser import PageParser
from .sending import AskedFrom
from .sending import MARKED
from .submission import press
from .submission import submit


class ClientPage:
    """A page as a browser holds it.

    .. versionadded:: 0.1
    """

    def __init__(
        self, client: FlaskClient, response: TestResponse, stages: list[str]
    ) -> None:
        parser = PageParser()
        parser.feed(response.text)
        parser.close()
        address = address_of(response.request.environ)
        self.response = response
        """The answer to the GET."""
        self.status: int = response.status_code
        """Its HTTP status."""
        self.text: str = response.text
        """The page's HTML."""
        self.stages = stages
        """The stages of the life cycle that ran, in order."""
        self.forms: PageForms = PageForms(parser.forms)
        """All forms of the page. ``forms["login"]`` is the one with this id or name."""
        self.form: PageForm = parser.form_at(address)
        """The form that a callback sends: the first with the page's
        ``callback_fields()``, otherwise the first of the page, otherwise an empty one.
        A test may change it, as a user would."""
        page = parser.page_at(address)
        self.state = page.get("state")
        """The page's signed state. A callback renews it."""
        self.events = page.get("events")
        """The signed events that the page may raise, if it has any."""
        self._rendered = page
        self._client = client
        self._asked_from = AskedFrom(client, response.request)
        self._url = page.get("url", address)
        self._parser = parser

    @property
    def call(self) -> CallbackTarget:
        """The named methods of the page: ``page.call.price("ACME", 3)`` makes the
        callback that ``ClientCallback.page.price("ACME", 3)`` makes.
        """
        return self.target()

    def target(
        self,
        control_id: str = PAGE_TARGET,
        *,
        form: PageForm | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> CallbackTarget:
        """Get the named methods of a control: ``page.target("cart").remove("pen")``.
        They return what :meth:`callback` returns. Arguments are sent by place, keyword
        arguments by name, files as files.

        :param control_id: the id of a control, or ``__Page`` for the view.
        :param form: the form that is sent, as for :meth:`callback`.
        :param headers: more headers than the protocol's.
        """
        send = partial(self._call, form=form, headers=headers)
        return CallbackTarget(control_id, send)

    def callback(
        self,
        argument: t.Any = "",
        target: str = PAGE_TARGET,
        *,
        form: PageForm | str | None = None,
        files: Mapping[str, t.Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> CallbackAnswer:
        """Make a callback, as the client script would.

        :param argument: what ``raise_callback_event`` gets.
        :param target: the id of a control, or ``__Page`` for the view.
        :param form: the form that is sent, or its id or name. Default: :attr:`form`.
        :param files: more files to send, as for :class:`~werkzeug.test.EnvironBuilder`.
        :param headers: more headers than the protocol's.
        :raises ClientCallbackError: the page renders no ``callback_scripts()``.
        :raises TypeError: the argument is a literal joined with other source.
        """
        value = value_of(argument)
        text = text_sent_for(value)
        sent = SentArguments(json.dumps(value if text is None else text), {})
        return self._call(target, sent, form=form, files=files, headers=headers)

    def post_back(
        self,
        target: str | None = None,
        argument: str | float | None = "",
        *,
        form: PageForm | str | None = None,
        **keywords: t.Any,
    ) -> ClientPage:
        """Post a form to the page, as a browser without scripts would.

        :param target: the id of the control that gets the event, as a button named
            ``__EVENTTARGET`` or ``__doPostBack`` would send it.
        :param argument: the event's argument.
        :param form: the form that is sent, as for :meth:`callback`.
        :param keywords: as for :meth:`~werkzeug.test.Client.post`.
        :raises TypeError: the argument is not text, a number or a boolean.
        :raises ValueError: a form cannot send it.
        """
        data = {**self._form_given(form).to_dict(flat=False), **self._tokens()}

        if target is not None:
            data[EVENT_TARGET_FIELD] = [target]
            data[EVENT_ARGUMENT_FIELD] = [argument_to_post(argument)]

        sent = self._asked_from.send("POST", self._url, data=data, **keywords)
        return ClientPage(self._client, *sent)

    def submit(
        self,
        button: str | None = None,
        *,
        form: PageForm | str | None = None,
        files: Mapping[str, t.Any] | None = None,
        **keywords: t.Any,
    ) -> ClientPage:
        """Submit a form, as a browser without scripts does when a button is pressed.
        ``required`` and other conditions of a control are not checked.

        :param button: the button's text, its id, its value or its ``name=value``.
            Default: the Enter key, which presses the form's first submit button, if it
            has one.
        :param form: the form of the button, or its id or name. Default: all forms are
            searched for the button, and the Enter key is pressed in :attr:`form`.
        :param files: the files that were chosen, by the names of their controls.
        :param keywords: as for :meth:`~werkzeug.test.Client.open`. With
            ``follow_redirects=True``, redirects are followed.
        :raises ClientCallbackError: there is no such button, there are several, or it
            is disabled; or the form is not sent to the application.
        """
        if not self.forms and form is None:
            raise ClientCallbackError(f"There is no form in {self!r}.")

        is_in_one = button is None or form is not None
        forms = [self._form_given(form)] if is_in_one else self.forms
        chosen, pressed = press(forms, button)
        sent = submit(
            chosen,
            pressed,
            files or {},
            [(name, self._renewed(value)) for name, value in chosen.protocol_fields],
            self._asked_from.document,
            self._parser.base,
        )
        answered = self._asked_from.send(
            sent.method, sent.address, **sent.body, **keywords
        )
        return ClientPage(self._client, *answered)

    def __repr__(self) -> str:
        location = f" to {self.response.location}" if is_redirect(self.response) else ""
        forms = "".join(
            f", form {form.id or form.name}({', '.join(form)})" for form in self.forms
        )
        told = f"{self.status} {self._asked_from.address}{location}{forms}"
        brief = told if len(told) < 200 else f"{told[:196]}..."
        return f"<{type(self).__name__} {brief}>"

    def _form_given(self, form: PageForm | str | None) -> PageForm:
        if form is None:
            return self.form

        return self.forms[form] if isinstance(form, str) else form

    def _call(
        self,
        target: str,
        arguments: SentArguments,
        *,
        form: PageForm | str | None,
        files: Mapping[str, t.Any] | None = None,
        headers: Mapping[str, str] | None,
    ) -> CallbackAnswer:
        if not self._parser.has_script:
            raise ClientCallbackError(why_no_script(self.response, self._parser))

        data: dict[str, t.Any] = {
            **self._form_given(form).to_dict(flat=False),
            TARGET_FIELD: [target],
            ARGUMENT_FIELD: [arguments.text],
            **self._tokens(),
            **arguments.files,
            **(files or {}),
        }
        marked = {**MARKED, **self._parser.csrf_headers, **(headers or {})}
        answered = self._asked_from.send("POST", self._url, data=data, headers=marked)
        answer = CallbackAnswer(*answered, self.callback)
        self.state = answer.state or self.state
        self.events = answer.events or self.events
        return answer

    def _tokens(self) -> dict[str, list[str]]:
        tokens = {STATE_FIELD: [self.state or ""]}

        if self.events is not None:
            tokens[VALIDATION_FIELD] = [self.events]

        return tokens

    def _renewed(self, token: str) -> str:
        """Give the current token for one that was rendered into a field."""
        for name, current in (("state", self.state), ("events", self.events)):
            if current is not None and token == self._rendered.get(name):
                return current

        return token
