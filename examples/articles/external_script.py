"""A callback from a script file, in a template that extends another."""

from flask import render_template
from flask.views import MethodView

from flask_clientcallback import callback_handler


@callback_handler
class ExternalScript(MethodView):
    """A callback from an external script file, under template inheritance."""

    def get(self) -> str:
        return render_template("external_script.html")

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument[::-1]
