"""Callbacks spoilt at random: no crash, and no handler run on a bad token."""

from __future__ import annotations

import json
import logging
import re
import time
import typing as t
from random import Random

import pytest
from flask import Flask
from flask import request
from flask.views import MethodView
from werkzeug.test import run_wsgi_app

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page
from flask_clientcallback.protocol.answers import CONTENT_TYPE
from flask_clientcallback.protocol.wire import MARKER_ENVIRON
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing.page_parser import PageParser

from .application import Desk
from .application import enter
from .conftest import Scale
from .drafts import ASKED
from .drafts import Draft
from .drafts import has_good_tokens
from .drafts import Sample
from .figures import Figures
from .mutations import MUTATIONS

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ran: list[str] = []
"""What handlers were asked, in the request at hand."""


@callback_handler
class Noting(Desk):
    """Notes that its handler ran. The state of one of its pages is so long that it
    is compressed.
    """

    def page_load(self) -> None:
        if request.path == "/page/2":
            current_page.view_state.setdefault("filling", "filling " * 200)

    def raise_callback_event(self, event_argument: str) -> None:
        ran.append(event_argument)
        self.argument = event_argument

    def get_callback_result(self) -> dict[str, t.Any]:
        return {"argument": self.argument, "note": current_page.form.get("note")}


@callback_handler(event_validation=True)
class Validated(Noting):
    """Admits one argument."""

    def get(self) -> str:
        script = current_page.client_script
        script.register_for_event_validation(current_page, ASKED)
        return super().get()


@callback_handler(event_validation=True, classic=True)
class Classic(Validated):
    """Answers ASP.NET's own script too."""


PAGES: dict[str, type[MethodView]] = {
    "/page/1": Noting,
    "/page/2": Noting,
    "/validated": Validated,
    "/classic": Classic,
}
VALIDATED = ("/validated", "/classic")


class Careless(MethodView):
    """Bad on purpose: runs whatever is asked, and answers in no special form."""

    def get(self) -> str:
        mark = 'data-callback-page="a page" data-callback-url="/page"'
        return f'<input name="__VIEWSTATE" value="a token" {mark}>'

    def post(self) -> str:
        ran.append(request.form["__CALLBACKPARAM"])
        return "done"


class Outcome(t.NamedTuple):
    """What became of one request."""

    number: int
    status: int
    content_type: str
    marked: bool
    good_tokens: bool
    untouched: bool
    ran: int
    ran_wrongly: bool
    """Whether a handler ran on a bad token, or with an argument that its page does
    not admit.
    """
    has_own_form: bool


class Fuzzer:
    """Sends an application spoilt callbacks of its pages."""

    def __init__(self, app: Flask, pages: dict[str, type[MethodView]]) -> None:
        self.app = app
        app.add_url_rule("/enter/<user>", view_func=enter)

        for path, view_class in pages.items():
            app.add_url_rule(path, view_func=view_class.as_view(path))

        self._samples = [
            self._get_sample(user, path) for user in ("ada", "bob") for path in pages
        ]

    def _get_sample(self, user: str, path: str) -> Sample:
        client = CallbackClient(self.app)
        client.get(f"/enter/{user}")
        parser = PageParser()
        parser.feed(client.get(path).text)
        parser.close()
        page = parser.page_at(path)
        cookie = client.get_cookie("session")
        assert cookie is not None
        return Sample(
            path,
            f"session={cookie.value}",
            page["state"],
            page.get("events", ""),
            path == "/classic",
        )

    def send(self, number: int) -> Outcome:
        """Send the request with this number, which is the same in each run."""
        random = Random(number)
        sample = random.choice(self._samples)
        mutations = random.choices(MUTATIONS, k=random.choice([0, 1, 1, 1, 2, 2, 3]))
        draft = Draft(sample, random)

        if random.random() < 0.1:
            # A token, or the session, of another page or user.
            other = random.choice(self._samples)
            place = random.choice(("token", "events", "cookie", "path"))
            draft = Draft(sample._replace(**{place: getattr(other, place)}), random)

        for mutate in mutations:
            mutate(draft, random)

        environ = draft.environ()
        good = any(has_good_tokens(environ, known) for known in self._samples)
        marked = MARKER_ENVIRON in environ
        ran.clear()
        parts, status, headers = run_wsgi_app(self.app, environ, buffered=True)
        content_type, body = headers.get("Content-Type", ""), b"".join(parts)
        admitted = environ["PATH_INFO"] not in VALIDATED or ran == [ASKED]
        return Outcome(
            number,
            int(status[:3]),
            content_type,
            marked,
            good,
            not mutations and draft.sample == sample,
            len(ran),
            bool(ran) and not (good and admitted),
            is_answer(environ, content_type, body),
        )


def is_answer(environ: WSGIEnvironment, content_type: str, body: bytes) -> bool:
    """Tell whether an answer has one of the forms that its request may get."""
    of_page = environ["PATH_INFO"] in PAGES

    if environ["REQUEST_METHOD"] == "HEAD":
        return body == b""

    if MARKER_ENVIRON in environ:
        keys = set(json.loads(body) if content_type == CONTENT_TYPE else ())
        return len(keys & {"result", "redirect", "error"}) == 1

    if of_page and content_type.startswith("text/plain"):
        return re.match(rb"e|\d+\|", body) is not None

    return content_type != CONTENT_TYPE


@pytest.fixture(autouse=True)
def no_log(caplog: pytest.LogCaptureFixture) -> None:
    """Keep refusals from filling the log."""
    caplog.set_level(logging.CRITICAL, "flask_clientcallback")


def test_fuzz(app: Flask, scale: Scale, figures: Figures) -> None:
    """No spoilt callback is answered with an error of the server, or in another form
    than the protocol's. No handler runs on a bad token, and those that are not
    spoilt succeed.
    """
    fuzzer = Fuzzer(app, PAGES)
    count = scale(2_000, 100_000)
    began = time.monotonic()
    outcomes = [fuzzer.send(number) for number in range(count)]
    seconds = time.monotonic() - began
    marked = [outcome for outcome in outcomes if outcome.marked]
    broken = [outcome for outcome in outcomes if outcome.status >= 500]
    foreign = [outcome for outcome in outcomes if not outcome.has_own_form]
    forced = [outcome for outcome in outcomes if outcome.ran_wrongly]
    untouched = [outcome for outcome in outcomes if outcome.untouched]
    figures.add(
        "Callbacks spoilt at random, in process",
        {
            "requests": count,
            "seconds": seconds,
            "requests/s": round(count / seconds),
            "marked": len(marked),
            "good tokens": sum(outcome.good_tokens for outcome in outcomes),
            "handler runs": sum(outcome.ran for outcome in outcomes),
            "run wrongly": len(forced),
            "5xx": len(broken),
            "foreign form": len(foreign),
        },
    )
    assert broken == foreign == forced == []
    assert untouched != []
    assert all(o.status == 200 and o.ran == 1 for o in untouched)


def test_carelessness_is_noticed() -> None:
    """Where a view runs whatever is asked, and no extension sees to the form of its
    answers, both are found.
    """
    bare = Flask(__name__)
    bare.secret_key = "a secret key of the tests"
    fuzzer = Fuzzer(bare, {"/page/1": Careless, "/page/2": Careless})
    outcomes = [fuzzer.send(number) for number in range(500)]
    assert any(outcome.ran_wrongly for outcome in outcomes)
    assert any(not outcome.has_own_form for outcome in outcomes)
