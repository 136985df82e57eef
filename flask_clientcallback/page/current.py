"""The page of the current request, for code that does not get it as an argument."""

from __future__ import annotations

from ..globals import find_live_page
from ..globals import get_live_page
from ..globals import page_proxy
from .live_page import LivePage
from .markup import PageMarkup
from .page import Page


def find_page() -> Page | None:
    """Get the page itself, or ``None`` if there is none."""
    live: LivePage | None = find_live_page()
    return None if live is None else live.page


def get_page() -> Page:
    """Get the page itself, which is quicker to use than its proxy.

    :raises OutsidePageError: there is none.
    """
    # Each row of a table asks for it.
    page: Page = get_live_page().page
    return page


def get_live() -> LivePage:
    """Get the page with all that it needs.

    :raises OutsidePageError: there is none.
    """
    live: LivePage = get_live_page()
    return live


def get_markup() -> PageMarkup:
    """Get the object that writes the page's fields and scripts.

    :raises OutsidePageError: there is no page.
    """
    return get_live().markup


# Typed as what it stands for, like Flask's own proxies.
current_page: Page = page_proxy
"""The :class:`~flask_clientcallback.Page` of the current request. ASP.NET's ``Page``.
False if there is none.

.. versionadded:: 0.1
"""
