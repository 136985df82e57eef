"""The countries of the world, their subdivisions and languages: dependent
selects, a look-up and a search as you type on one page.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from what_to_try import show

from flask_clientcallback import ClientCallback

from . import database
from . import views

WHAT_TO_TRY = """
Dependent selects, a look-up and a search as you type, on one page.
Try: choose a country, then a subdivision. Look up GB-LND, then XX-1.
Search the languages for "fri" and type on while it searches.
"""


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Create the application. Its database is built when there is none yet.

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
    app.add_url_rule("/", view_func=views.World.as_view("world"))
    show(WHAT_TO_TRY)
    return app
