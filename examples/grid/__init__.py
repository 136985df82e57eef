"""The countries of the world in a grid that is sorted and paged without a refresh,
and by post back where there are no scripts.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask import Response
from what_to_try import show
from world import database

from flask_clientcallback import ClientCallback

from . import views

WHAT_TO_TRY = """
A control with its own controls: a grid of countries that is sorted, paged and opened.
Try: click a heading, a country, and the buttons below the grid.
Switch JavaScript off and do the same: each button posts the page back.
"""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Create the application. The example ``world`` lends it its database.

    :param config: settings that go before all others.
    """
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY="dev", DATABASE=str(Path(app.instance_path, "world.sqlite"))
    )
    app.config.from_prefixed_env()
    app.config.from_mapping(config)

    database.build(Path(app.config["DATABASE"]))
    database.init_app(app)
    ClientCallback(app)
    app.add_url_rule("/", view_func=views.Countries.as_view("countries"))
    app.after_request(set_policy)
    show(WHAT_TO_TRY)
    return app


def set_policy(response: Response) -> Response:
    """Let the page run no script but those in files of its own."""
    response.headers["Content-Security-Policy"] = POLICY
    return response
