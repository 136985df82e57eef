"""The first page of every article on client callbacks: a text box, a button, and
a method of the page that answers.
"""

from datetime import datetime

from flask import Flask
from flask import render_template
from flask.views import MethodView
from what_to_try import show

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import ClientCallback
from flask_clientcallback import current_page

WHAT_TO_TRY = """
A page calls two methods of its view, as in ASP.NET.
Try: type your name and press the button, or the Enter key.
Leave the name empty: the error stands beside the field.
"""


@callback_handler
class Hello(MethodView):
    """Shows the page, and answers its JavaScript."""

    def get(self) -> str:
        """Show the page."""
        return render_template("hello.html")

    def page_load(self) -> None:
        """Give the page the function ``UseCallBack``, which calls this object."""
        client_script = current_page.client_script
        reference = client_script.get_callback_event_reference(
            current_page, "arg", "JSCallback", "context", "JSError"
        )
        client_script.register_client_script_block(
            "UseCallBack", f"function UseCallBack(arg, context) {{ {reference} }}"
        )

    def raise_callback_event(self, event_argument: str) -> None:
        """Take what the page sent."""
        self.name = event_argument.strip()

        if not self.name:
            raise CallbackError("Type your name first.")

    def get_callback_result(self) -> str:
        """Give what ``JSCallback`` gets."""
        return f"Hello {self.name}, it is {datetime.now():%H:%M}"


def create_app() -> Flask:
    """Create the application."""
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="dev")
    app.config.from_prefixed_env()
    ClientCallback(app)
    app.add_url_rule("/", view_func=Hello.as_view("hello"))
    show(WHAT_TO_TRY)
    return app
