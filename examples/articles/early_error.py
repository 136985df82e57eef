"""An exception from before the methods of the callback."""

from flask import abort
from flask import render_template
from flask.views import MethodView

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page


@callback_handler
class EarlyError(MethodView):
    """An exception raised in page_load, which reaches the error callback."""

    def page_load(self) -> None:
        if not current_page.is_callback:
            return

        match current_page.form["raised"]:
            case "CallbackError":
                raise CallbackError("The shop is closed.")
            case "abort":
                abort(403, "You are not let in.")
            case "another":
                raise RuntimeError("This stays in the log.")

    def get(self) -> str:
        return render_template("early_error.html")

    def raise_callback_event(self, event_argument: str) -> str:
        return "page_load let the call pass."
