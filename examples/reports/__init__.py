"""The books of a shop: sales are imported while the page shows how far that is, and the
report of a year is made by a job that outlives the page and the web server.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask import Response
from what_to_try import show

from flask_clientcallback import ClientCallback

from . import engines
from .books import Books
from .views import Reports

WHAT_TO_TRY = """
Long work: an import that shows its progress, and a report that survives a restart.
Try: import the sales, and cancel halfway. Nothing is written down then.
Build a report, and reload the page or restart this server while it runs.
"""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types clientcallback",
    )
)


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Create the application. Its books are begun when there are none yet.

    :param config: settings that go before all others. ``BROKER`` is the address of the
        Redis through which workers of Celery get the jobs. Without it each job runs in
        a process of its own.
    """
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY="dev",
        DATABASE=str(Path(app.instance_path, "reports.sqlite")),
        CLIENTCALLBACK_STORE=str(Path(app.instance_path, "reports-jobs.sqlite")),
        BROKER=None,
        SECONDS_PER_LINE=0.02,
        SECONDS_PER_MONTH=1,
    )
    app.config.from_prefixed_env()
    app.config.from_mapping(config)

    app.extensions["books"] = Books(Path(app.config["DATABASE"]))
    ClientCallback(app, start_job=engines.choose(app))
    app.add_url_rule("/", view_func=Reports.as_view("reports"))

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    show(WHAT_TO_TRY)
    return app
