"""A control that brings along all that it needs, so that a page only adds it."""

from flask import render_template
from flask import url_for
from flask.views import MethodView
from markupsafe import Markup

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page

STARS = ("1", "2", "3", "4", "5")


class Rating:
    """Five buttons, and a hidden field that takes the choice along with the form.

    :param label: what is rated.
    """

    def __init__(self, label: str) -> None:
        self.label = label

    @property
    def stars(self) -> str | None:
        """The choice, from the form as it is now. None if there is none yet."""
        stars = current_page.form.get(f"{self.id}$stars")
        return stars if stars in STARS else None

    @property
    def text(self) -> str:
        """The choice in words."""
        return f"{self.stars} of 5" if self.stars else "not rated"

    def page_init(self) -> None:
        self.id = current_page.unique_id(self)

    def page_pre_render(self) -> None:
        client_script = current_page.client_script
        client_script.register_hidden_field(f"{self.id}$stars", self.stars or "")
        # Both ratings register it, and the page has it once.
        client_script.register_client_script_include(
            "rating", url_for("static", filename="rating.js")
        )

    def render(self) -> Markup:
        return Markup(render_template("rating.html", rating=self, choices=STARS))

    def raise_callback_event(self, event_argument: str) -> dict[str, str]:
        if event_argument not in STARS:
            raise CallbackError("A rating has one to five stars.")

        return {
            "id": self.id,
            "stars": event_argument,
            "text": f"{event_argument} of 5",
        }


@callback_handler
class ReusedControl(MethodView):
    """A control that registers its script and a hidden field, twice on a page."""

    def page_init(self) -> None:
        self.tea = Rating("Tea")
        self.coffee = Rating("Coffee")
        current_page.add_control("tea", self.tea)
        current_page.add_control("coffee", self.coffee)

    def get(self) -> str:
        return render_template("reused_control.html", ratings=[self.tea, self.coffee])

    def raise_callback_event(self, event_argument: str) -> str:
        return f"Tea {self.tea.text}, coffee {self.coffee.text}"
