"""What sanitizers leave of HTML that calls, or pretends to be a page."""

from __future__ import annotations

import typing as t

import bleach
import nh3
import pytest

BUTTON = '<b data-callback-target="__Page" data-callback-page="x">text</b>'
FIELD = '<input name="__VIEWSTATE" data-callback-page="x" data-callback-url="/">'


@pytest.mark.parametrize("clean", [nh3.clean, bleach.clean], ids=["nh3", "bleach"])
def test_defaults(clean: t.Callable[[str], str]) -> None:
    """The defaults of nh3 and of bleach leave no such attribute, and no field."""
    assert clean(BUTTON) == "<b>text</b>"
    assert "<input" not in clean(FIELD)
