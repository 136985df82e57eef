"""The same event, once with a refresh and once without."""

from datetime import datetime

from flask import render_template
from flask.views import MethodView

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page


@callback_handler
class SideBySide(MethodView):
    """Post back and callback, side by side."""

    def page_load(self) -> None:
        current_page.view_state.setdefault("count", 0)

    def get(self) -> str:
        return render_template("side_by_side.html", now=datetime.now())

    def raise_postback_event(self, argument: str) -> None:
        """Count. The page is rendered afterwards."""
        self.count()

    def raise_callback_event(self, event_argument: str) -> int:
        """Count. The page stays, and gets the result."""
        return self.count()

    def count(self) -> int:
        count: int = current_page.view_state["count"] + 1
        current_page.view_state["count"] = count
        return count
