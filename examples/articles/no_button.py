"""A callback that no button makes."""

from datetime import datetime

from flask import render_template
from flask.views import MethodView

from flask_clientcallback import callback_handler


@callback_handler
class NoButton(MethodView):
    """A callback without a button: on load, on a timer, on a key."""

    def get(self) -> str:
        return render_template("no_button.html")

    def raise_callback_event(self, event_argument: str) -> str:
        return f"{event_argument} at {datetime.now():%H:%M:%S}"
