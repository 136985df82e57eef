"""Pages that a cache keeps whole: the log says so, and says it of no other page."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest
from flask import abort
from flask import Flask
from flask import make_response
from flask import redirect
from flask import render_template_string
from flask import Response
from flask import stream_template_string
from flask.views import View

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import Counter
from ..helpers.pages import Echo
from ..helpers.pages import TEMPLATE

WARNING = "A page was answered that another request rendered"


def keep_first(function: Callable[..., t.Any]) -> Callable[..., t.Any]:
    """Keep the first answer of a function for everybody, as a cache does."""
    kept: list[t.Any] = []

    def cached(*values: t.Any, **keywords: t.Any) -> t.Any:
        if not kept:
            kept.append(function(*values, **keywords))

        return kept[0]

    return cached


def keep_answer(function: Callable[..., t.Any]) -> Callable[..., t.Any]:
    """Do the same with the whole response."""
    return keep_first(lambda **values: make_response(function(**values)))


class CachedView(Echo):
    decorators: t.ClassVar = [keep_first]


class CachedResponse(Echo):
    decorators: t.ClassVar = [keep_answer]


class CachedGet(Echo):
    @keep_first
    def get(self) -> str:
        return render_template_string(self.template)


class CachedTemplate(Echo):
    """What ``get`` calls is cached, and has no more than a button."""

    template = "<button{{ callback_attributes(current_page) }}>x</button>"
    render = staticmethod(keep_first(render_template_string))

    def get(self) -> str:
        return t.cast(str, self.render(self.template))


@callback_handler
class CachedPlainView(View):
    """A view that has no methods of its own for GET and POST."""

    @keep_first
    def render(self) -> str:
        return render_template_string(TEMPLATE)

    def dispatch_request(self) -> str:
        return t.cast(str, self.render())

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """List the warnings of cached pages."""
    messages = [record.getMessage() for record in caplog.records]
    return [message for message in messages if message.startswith(WARNING)]


@pytest.mark.parametrize(
    "view_class",
    [CachedView, CachedResponse, CachedGet, CachedTemplate, CachedPlainView],
)
def test_cached_page(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    view_class: type[t.Any],
) -> None:
    """The first answer out of a cache is warned of, and no other one."""
    add_page(app, view_class)
    first = client.get_page("/")
    assert told(caplog) == []
    assert client.get_page("/").text == first.text
    [message] = told(caplog)
    assert f"(endpoint {view_class.__name__.lower()})" in message
    client.get_page("/")
    assert len(told(caplog)) == 1


def test_two_cached_pages(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Each endpoint is warned of."""

    class One(Echo):
        decorators: t.ClassVar = [keep_first]

    class Two(Counter):
        decorators: t.ClassVar = [keep_first]

    for view_class, rule in ((One, "/"), (Two, "/two")):
        add_page(app, view_class, rule)

    for rule in ("/", "/two", "/", "/two"):
        client.get_page(rule)

    assert ["(endpoint one)" in told(caplog)[0], len(told(caplog))] == [True, 2]
    assert "(endpoint two)" in told(caplog)[1]


def test_answer_before_the_view(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A page that the application keeps itself is warned of, also where it is
    compressed on its way out.
    """
    add_page(app, Echo)
    kept: list[bytes] = []
    app.before_request(lambda: kept[0] if kept else None)

    @app.after_request
    def compress(response: Response) -> Response:
        kept.append(response.get_data())
        response.set_data(b"compressed")
        return response

    for _ in range(2):
        assert client.get("/").data == b"compressed"

    assert len(told(caplog)) == 1


def test_stream_before_the_view(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A stream that the application sends in a page's place stays a stream."""
    add_page(app, Echo)
    parts = iter(['<b data-callback-page="AAAAAAAAAAAAAAAA">', "x"])
    app.before_request(lambda: Response(parts, mimetype="text/html"))
    response = client.get("/")
    assert list(parts) != []
    response.close()
    assert told(caplog) == []


def test_cached_answer_to_a_post_back(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """So is the page that a post back gets in place of its own."""

    class Posted(Echo):
        template = f"{TEMPLATE}{{{{ current_page.is_postback }}}}"

        @keep_first
        def post(self) -> str:
            return render_template_string(self.template)

    add_page(app, Posted)

    for count in (0, 1):
        page = client.get_page("/")
        answer = client.post("/", data={"__VIEWSTATE": page.state})
        assert answer.text.endswith("True")
        assert len(told(caplog)) == count


@callback_handler
class Streamed(Echo):
    def get(self) -> t.Any:
        return stream_template_string(self.template)


class Gathered(Streamed):
    """A decorator reads what ``get`` streams."""

    def get(self) -> t.Any:
        return Response(super().get())

    @staticmethod
    def gather(function: Callable[..., t.Any]) -> Callable[..., t.Any]:
        def gathered(**values: t.Any) -> t.Any:
            response = function(**values)
            response.make_sequence()
            return response

        return gathered

    decorators: t.ClassVar = [gather]


class Outer(Echo):
    """Has nothing of its own, and another page in it."""

    def get(self) -> t.Any:
        return f"<main>{Echo.as_view('echo')()}</main>"


class Part(Echo):
    template = "<div{{ callback_page() }}>{{ request.args }}</div>"


class Shown(Echo):
    """Shows what the attribute looks like."""

    template = "{{ '<div data-callback-page=\"AAAAAAAAAAAAAAAA\">' }}"


class Replaced(Echo):
    """A hook renders the page."""

    def page_render(self) -> t.Any:
        return render_template_string(self.template)

    def get(self) -> str:
        return ""


class Data(Echo):
    """Answers with a text of another type."""

    def get(self) -> t.Any:
        return Response('<b data-callback-page="AAAAAAAAAAAAAAAA">', mimetype="x/y")


class Gone(Echo):
    """Answers with an error."""

    def get(self) -> t.Any:
        return '<b data-callback-page="AAAAAAAAAAAAAAAA">', 410


class Moved(Echo):
    def get(self) -> t.Any:
        return redirect("/elsewhere")


class Missing(Echo):
    def get(self) -> t.Any:
        abort(404)


class Sent(Echo):
    """A file, which goes past Flask to the server."""

    def get(self) -> t.Any:
        parts = [b'<b data-callback-page="AAAAAAAAAAAAAAAA">']
        return Response(parts, direct_passthrough=True, mimetype="text/html")


@pytest.mark.parametrize(
    "view_class",
    [
        *(Echo, Counter, Streamed, Gathered, Outer, Part, Shown, Replaced),
        *(Data, Gone, Moved, Missing, Sent),
    ],
)
def test_other_pages(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    view_class: type[t.Any],
) -> None:
    """No page is warned of that this request rendered, or that has no id of a page."""
    add_page(app, view_class)

    for _ in range(2):
        client.get("/").close()
        client.post("/").close()

    assert told(caplog) == []


def test_cached_part(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A cached part of a page that has its own fields is no cached page."""
    render = keep_first(lambda: "news")
    app.add_template_global(render, "read_news")

    class Partly(Echo):
        template = f"{{{{ read_news() }}}}{TEMPLATE}"

    add_page(app, Partly)
    assert client.get_page("/").text != client.get_page("/").text
    assert told(caplog) == []


def test_callbacks_of_a_cached_page(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer to a callback is no page."""

    @callback_handler
    class Html(Echo):
        def raise_callback_event(self, event_argument: str) -> t.Any:
            assert current_page.is_callback
            return Response('<b data-callback-page="AAAAAAAAAAAAAAAA">')

    add_page(app, Html)
    answer = client.get_page("/").callback("x")
    assert "data-callback-page" in answer.response.text
    assert told(caplog) == []
