"""A small studio: pictures are uploaded, found, downloaded and deleted, prints counted,
a film developed and a sitting booked. Attributes call, under the strictest policy.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask import Response
from flask import send_file
from what_to_try import show

from flask_clientcallback import ClientCallback

from .pictures import Pictures
from .views import Studio

WHAT_TO_TRY = """
Uploads, downloads, a counter and a slow answer, under the strictest policy.
Try: click + quickly, and none is lost. Develop a film, and cancel it.
Add a picture, find it by its title, and delete it.
"""

MAX_BYTES = 5 * 1024 * 1024
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # The preview of a picture that is not sent yet has an address of its own.
        "img-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types clientcallback",
    )
)


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Create the application. What is uploaded lies in its memory.

    :param config: settings that go before all others.
    """
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY="dev",
        MAX_CONTENT_LENGTH=MAX_BYTES,
        CLIENTCALLBACK_MAX_CONTENT_LENGTH=MAX_BYTES,
        DEVELOPING_SECONDS=6,
    )
    app.config.from_prefixed_env()
    app.config.from_mapping(config)

    pictures = Pictures(Path(app.root_path, "static", "pictures"))
    app.extensions["pictures"] = pictures
    ClientCallback(app)
    app.add_url_rule("/", view_func=Studio.as_view("studio"))

    @app.get("/pictures/<int:number>")
    def picture(number: int) -> Response:
        found = pictures.get_or_404(number)
        return send_file(found.open(), found.kind, max_age=3600)

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    show(WHAT_TO_TRY)
    return app
