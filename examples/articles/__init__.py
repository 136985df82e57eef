"""What articles on client callbacks show, and what their readers asked for: one
short page each.
"""

from flask import Flask
from flask import render_template
from what_to_try import show

from flask_clientcallback import ClientCallback

from .contexts import Contexts
from .early_error import EarlyError
from .external_script import ExternalScript
from .missing_interface import MissingInterface
from .no_button import NoButton
from .reused_control import ReusedControl
from .side_by_side import SideBySide

WHAT_TO_TRY = """
What readers of the articles asked for, one short page each.
Try: open each page of the list, and do what its text says.
Its code is in the file of its name: examples/articles/no_button.py, for example.
"""

PAGES = {
    "no-button": NoButton,
    "external-script": ExternalScript,
    "contexts": Contexts,
    "early-error": EarlyError,
    "missing-interface": MissingInterface,
    "reused-control": ReusedControl,
    "side-by-side": SideBySide,
}


def create_app() -> Flask:
    """Create the application."""
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="dev")
    app.config.from_prefixed_env()
    ClientCallback(app)
    app.add_url_rule("/", view_func=index)

    for name, page in PAGES.items():
        app.add_url_rule(f"/{name}", view_func=page.as_view(name))

    show(WHAT_TO_TRY)
    return app


def index() -> str:
    """List the pages. It is none itself: a plain view among the handlers."""
    return render_template("index.html", pages=PAGES)
