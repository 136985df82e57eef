"""A small shop: named methods, called by attributes and by plain forms. Not a line of
JavaScript is its own.
"""

from flask import Flask
from flask import render_template
from flask import Response
from what_to_try import show

from flask_clientcallback import ClientCallback

from .views import Shop

WHAT_TO_TRY = """
Named methods, called by attributes and by plain forms, without a script of its own.
Try: change the quantity and see the price follow. Add to the cart, and order
with the fields empty. Then switch JavaScript off and do the same.
"""


def create_app() -> Flask:
    """Create the application."""
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="dev")
    app.config.from_prefixed_env()
    ClientCallback(app)
    app.add_url_rule("/", view_func=Shop.as_view("shop"))
    app.add_url_rule("/thanks", view_func=thank, endpoint="thanks")
    app.after_request(protect)
    show(WHAT_TO_TRY)
    return app


def thank() -> str:
    """Show that the order has come."""
    return render_template("thanks.html")


def protect(response: Response) -> Response:
    """Forbid scripts in the page, and every way to make HTML of text."""
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; img-src 'self' data:; base-uri 'none';"
        " require-trusted-types-for 'script'; trusted-types clientcallback"
    )
    return response
