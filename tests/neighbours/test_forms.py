"""Forms beside Flask-WTF's protection."""

from __future__ import annotations

import pytest
from flask_wtf import CSRFProtect

from flask_clientcallback import ClientCallback
from flask_clientcallback.testing import CallbackClient

from ..helpers.outcomes import make_app
from ..helpers.pages import add_page
from ..helpers.pages import Echo
from .documented import documented


@pytest.mark.parametrize("has_field", [True, False])
def test_field(has_field: bool) -> None:
    """A form needs the field if it is posted back. A call by the script does not."""
    form = documented("csrf_token()")
    [field] = [line for line in form.splitlines() if "csrf_token" in line]

    class View(Echo):
        template = (form if has_field else form.replace(field, "")) + (
            "{{ callback_scripts() }}"
        )

        def post(self) -> str:
            return "It arrived."

    app = make_app()
    CSRFProtect(app)
    ClientCallback(app)
    add_page(app, View)
    page = CallbackClient(app).get_page("/")
    posted = page.submit("Send")
    assert posted.status == (200 if has_field else 400)
    assert ("It arrived." if has_field else "The CSRF token is missing.") in posted.text
    assert page.callback("x").result == "x"
