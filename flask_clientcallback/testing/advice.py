"""Why a page is not what a test takes it for."""

from __future__ import annotations

from werkzeug.test import TestResponse

from ..protocol.addresses import address_of
from .page_parser import PageParser


def is_redirect(response: TestResponse) -> bool:
    """Tell whether a browser would go on from an answer."""
    return 300 <= response.status_code < 400 and "Location" in response.headers


def why_no_script(response: TestResponse, parser: PageParser) -> str:
    """Tell why a page can make no callback, and what to do."""
    if is_redirect(response):
        return (
            f"The page is a redirect to {response.location}. Log in first if that asks"
            " for it, or get the page with follow_redirects=True."
        )

    why = (
        f"The page, an answer with status {response.status_code}, has no client script,"
        " so that a browser could make no callback of it"
    )

    for first in response.history[:1]:
        here, asked = (address_of(r.request.environ) for r in (response, first))
        why += f". It is {here}, where a redirect of {asked} led"

    if response.status_code == 401 or parser.asks_for_password:
        return f"{why}: it asks for a login, so log in first."

    return f"{why}: render callback_scripts()."
