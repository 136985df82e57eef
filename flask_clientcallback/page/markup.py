"""What a template writes for the page: its hidden fields and its scripts."""

from __future__ import annotations

import sys
import typing as t
from collections.abc import Mapping

from markupsafe import Markup

from ..config import DEFAULTS
from ..config import MAX_CONTENT_LENGTH
from ..config import options_of
from ..config import TIMEOUT
from ..globals import current_request
from ..globals import registration_of
from ..globals import setting
from ..protocol.addresses import address_of
from ..protocol.addresses import is_rewritten
from ..protocol.wire import CSRF_HEADER
from ..protocol.wire import STATE_FIELD
from ..protocol.wire import VALIDATION_FIELD
from ..script.client_messages import encode_messages
from ..script.html import error_place
from ..script.html import hidden_field
from ..script.html import html_attributes
from ..script.html import script_element
from ..script.resources import DEBUG_SCRIPT_NAME
from ..script.resources import SCRIPT_NAME
from .limits import find_limit
from .page import Page
from .page import scripts_of
from .persister import PageStatePersister

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Response


def set_cache_headers(response: Response) -> Response:
    """Keep a page with a user's tokens out of shared caches."""
    response.vary.add("Cookie")

    if "Cache-Control" not in response.headers:
        response.cache_control.private = True

    return response


class PageMarkup:
    """Writes fields and scripts, and tells at the end what is missing.

    :param page: the page.
    :param persister: gives the page's tokens.
    """

    def __init__(self, page: Page, persister: PageStatePersister) -> None:
        self._page = page
        self._persister = persister
        self._registered = scripts_of(page)
        self._is_callback = page.is_callback
        self._has_fields = False

    def container(self) -> Markup:
        """Write ``callback_page()``: an attribute for an element whose calls all go to
        the page.
        """
        return html_attributes(data_callback_page=self._persister.page_id)

    def field(self, name: str, value: object) -> Markup:
        """Write ``callback_field()``: the attributes of a form's field."""
        shown = self._page.form.get(name, value)
        # As a browser writes NUL: a user who sent one gets no error page.
        text = None if shown is None else str(shown).replace("\0", "\ufffd")
        return html_attributes(
            name=name,
            value=text,
            aria_describedby=f"{name}-error",
            aria_invalid="true" if name in self._page.errors else None,
        )

    def error(self, name: str) -> Markup:
        """Write ``callback_error()``: the place of a field's error, or of any."""
        error = self._page.error
        text = " ".join(self._page.errors.get(name, ()))

        if not name and error is not None:
            text = error.message

        return error_place(name, text)

    def fields(self) -> Markup:
        """Write ``callback_fields()``: the page's hidden fields."""
        first = not self._has_fields
        self._has_fields = True
        persister = self._persister
        # HTML that a callback renders is never assembled into a page.
        token = persister.give_current() if self._is_callback else persister.save()
        mark = self._mark()
        fields = hidden_field(STATE_FIELD, token, with_id=first, **mark)
        events = self._save_events()

        if events is not None:
            fields += hidden_field(VALIDATION_FIELD, events, with_id=first, **mark)

        return fields + self._registered.render_fields()

    def scripts(
        self, nonce: str | None, messages: Mapping[str, object] | None
    ) -> Markup:
        """Write ``callback_scripts()``: the client script and everything registered,
        once. If no fields are rendered yet, its element carries the present state. In
        debug mode a second script follows, which warns of mistakes.

        :param nonce: the nonce that admits them under a Content-Security-Policy.
        :param messages: the client script's messages for users.
        """
        persister = self._persister
        state = (
            persister.give_current()
            if self._is_callback
            else persister.save_provisionally()
        )
        events = None if state is None else self._save_events()

        if self._registered.are_rendered:
            return Markup()

        url_of = self._page.client_script.get_web_resource_url
        csrf_token, csrf_header = _csrf_protection(self._page.app)
        script = script_element(
            nonce=nonce,
            content="",
            src=url_of(SCRIPT_NAME),
            **self._mark(),
            data_callback_state=state,
            data_callback_events=events,
            data_callback_csrf=csrf_token,
            data_callback_csrf_header=csrf_header,
            data_callback_messages=encode_messages(messages),
        )
        elements = [script]

        if self._page.app.debug:
            # Directly below, so that it sees everything that is registered.
            elements.append(script_element(nonce=nonce, src=url_of(DEBUG_SCRIPT_NAME)))

        return Markup("\n").join((*elements, *self._registered.render_scripts(nonce)))

    def _mark(self) -> dict[str, str | None]:
        """Give the attributes that tell the client script about the page."""
        app = self._page.app
        settings = registration_of(app).settings
        timeout = DEFAULTS[TIMEOUT].total_seconds() * 1000
        limit = find_limit(app, options_of(self._page.view), settings).highest
        return {
            "data_callback_page": self._persister.page_id,
            "data_callback_url": address_of(current_request().environ),
            "data_callback_stateful": "" if self._persister.is_stateful else None,
            "data_callback_timeout": _unless(timeout, settings.timeout),
            "data_callback_limit": _unless(DEFAULTS[MAX_CONTENT_LENGTH], limit),
        }

    def _save_events(self) -> str | None:
        if self._is_callback:
            return self._persister.events_token()

        return self._persister.save_events()

    def missing(self) -> list[str]:
        """Tell what the page lacks, after it is rendered completely."""
        missing: list[str] = []
        left = self._registered.left()
        rule = current_request().url_rule

        if left:
            missing.append(
                f"Registered and not in the page: {', '.join(left)}. Render"
                " callback_scripts() for scripts and arrays, callback_fields() for"
                " hidden fields."
            )

        if self._registered.need_client_script and not self._registered.are_rendered:
            missing.append(
                "The page makes callbacks and has no client script: render"
                " callback_scripts() above the scripts that use it."
            )

        if (
            self._registered.are_rendered
            and rule
            and "POST" not in (rule.methods or ())
        ):
            missing.append(
                "The rule of the page takes no POST, so that no callback can reach it:"
                " leave out its methods."
            )

        if self._registered.are_rendered and is_rewritten(current_request().environ):
            missing.append(
                "The page was asked for at another path than the application sees, and"
                " its calls go to the inner one: let what takes a prefix away from"
                " PATH_INFO add it to SCRIPT_NAME."
            )

        return missing

    def complete(self, response: Response) -> Response:
        """Do what is possible only after the whole page is rendered."""
        self._persister.complete(response)
        return set_cache_headers(response)


def _unless(default: float, value: int) -> str | None:
    """Write a number if it is not the client script's default."""
    return None if value == default else str(value)


def _csrf_protection(app: Flask) -> tuple[str | None, str | None]:
    """Get Flask-WTF's token if it protects every POST, and the name of the header that
    it looks into if this is not a usual one.
    """
    flask_wtf_csrf = sys.modules.get("flask_wtf.csrf")

    if (
        flask_wtf_csrf is None
        or "csrf" not in app.extensions
        or not setting(app, "WTF_CSRF_ENABLED", True)
    ):
        return None, None

    names: list[str] = setting(app, "WTF_CSRF_HEADERS", ())
    is_usual = CSRF_HEADER.lower() in {name.lower() for name in names}
    header = None if is_usual or not names else names[0]
    return flask_wtf_csrf.generate_csrf(), header
