"""Several callbacks at once, and whose answer is whose."""

from time import sleep

from flask import render_template
from flask.views import MethodView

from flask_clientcallback import callback_handler

SECONDS = {"Slow": 0.6, "Medium": 0.3, "Fast": 0}


@callback_handler
class Contexts(MethodView):
    """Several callbacks, told apart by their context."""

    def get(self) -> str:
        return render_template("contexts.html", names=SECONDS)

    def raise_callback_event(self, event_argument: str) -> str:
        sleep(SECONDS.get(event_argument, 0))
        return f"I am the answer for {event_argument}."
