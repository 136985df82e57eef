"""The page: a gallery, a counter, a slow answer and a form."""

from datetime import date
from time import sleep
from typing import Annotated

from annotated_types import Ge
from annotated_types import Le
from annotated_types import MaxLen
from annotated_types import MinLen
from flask import current_app
from flask import render_template
from flask.views import MethodView

from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page
from flask_clientcallback import FromForm

from .controls import Gallery
from .controls import Prints

Text = Annotated[str, MinLen(2), MaxLen(80)]
Guests = Annotated[int, Ge(1), Le(6)]


@callback_handler
class Studio(MethodView):
    """Shows the page, develops films and books sittings."""

    gallery = callback_control(Gallery)
    prints = callback_control(Prints)
    developed = ""
    booked = ""

    def get(self) -> str:
        """Show the page, also when it is posted back."""
        return render_template(
            "studio.html", page=self, text=current_page.form.get("text", "")
        )

    @callback_method
    def develop(self) -> str:
        """Develop a film, which takes its time."""
        sleep(current_app.config["DEVELOPING_SECONDS"])
        self.developed = "Your film is ready: 36 pictures."
        return self.developed

    @callback_method
    def book(
        self,
        name: FromForm[Text],
        email: FromForm[Text],
        day: FromForm[date],
        guests: FromForm[Guests],
    ) -> str:
        """Book a sitting, and tell what is wrong with each field."""
        fields = {}

        if "@" not in email:
            fields["email"] = "That is no e-mail address."

        if day < date.today():
            fields["day"] = "That day is over."

        if fields:
            raise CallbackError("Look at the fields again.", fields=fields)

        people = "one person" if guests == 1 else f"{guests} people"
        self.booked = f"Thank you, {name}. We expect {people} on {day:%d %B %Y}."
        return self.booked
