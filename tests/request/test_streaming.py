"""Handlers that yield progress: what is sent when, and how the request ends."""

from __future__ import annotations

import functools
import json
import logging
import typing as t
from collections.abc import Iterator

import pytest
from flask import abort
from flask import flash
from flask import Flask
from flask import g
from flask import got_request_exception
from flask import has_request_context
from flask import jsonify
from flask import redirect
from flask import request
from flask import Response
from flask import session
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page
from flask_clientcallback import RefusedError
from flask_clientcallback import signals
from flask_clientcallback import StreamError
from flask_clientcallback.testing import CallbackClient

from ..helpers.pages import add_page
from ..helpers.pages import answering
from ..helpers.pages import Page
from ..helpers.streams import ask
from ..helpers.streams import begin
from ..helpers.streams import Journal
from ..helpers.streams import read_lines

Works = Iterator[t.Any]


class Broken(Exception):
    """Something that a handler does not expect."""


@pytest.fixture
def journal(app: Flask) -> Journal:
    """What happens in the application."""
    journal = Journal()
    journal.follow(app)
    return journal


def working(journal: Journal) -> t.Any:
    """Make what works, and tells the journal."""

    def work() -> t.Any:
        try:
            yield 0.5
            journal.append("work")
            yield 1
            return "done"
        finally:
            journal.append("end")

    return work


def error_in(line: str) -> dict[str, t.Any]:
    """Read the error that a line tells."""
    return t.cast("dict[str, t.Any]", json.loads(line)["error"])


def test_lines(app: Flask) -> None:
    """Each part is a line, one that is None an empty line, and the result the last."""

    def work() -> t.Any:
        yield 0.25
        yield
        yield {"text": "Häl\nf\u2028"}
        return [1]

    assert read_lines(app, work) == [
        '{"progress":0.25}',
        "",
        '{"progress":{"text":"H\\u00e4l\\nf\\u2028"}}',
        '{"result":[1]}',
    ]


def test_headers(app: Flask) -> None:
    """An answer in lines is not stored, and no proxy keeps a part of it back."""
    response, parts = begin(app, lambda: iter_of(1))
    list(parts)
    assert response.headers["Content-Type"] == "application/vnd.clientcallback+ndjson"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert "Content-Length" not in response.headers
    assert "X-Client-Callback-Mark" not in response.headers


def iter_of(*parts: t.Any) -> Works:
    """Make a generator of some parts."""
    yield from parts


def test_provider_that_writes_lines(app: Flask) -> None:
    """JSON that stands in several lines is one line here."""

    class Provider(type(app.json)):  # type: ignore[misc]
        def dumps(self, obj: t.Any, **keywords: t.Any) -> str:
            return json.dumps(obj, indent=2)

    app.json = Provider(app)
    part, last = read_lines(app, lambda: iter_of({"a": 1}))
    assert json.loads(part) == {"progress": {"a": 1}}
    assert json.loads(last) == {"result": None}


def test_each_part_when_it_is_there(app: Flask, journal: Journal) -> None:
    """A part is sent before the handler goes on, and the request ends after the last,
    once; the result is told after that.
    """
    view_class = answering(working(journal))
    view_class.page_unload = lambda self: journal.append("unload")
    add_page(app, view_class)
    response, parts = ask(app)
    journal.clear()
    assert next(parts) == b'{"progress":0.5}\n'
    assert journal == []
    assert next(parts) == b'{"progress":1}\n'
    assert journal == ["work"]
    assert next(parts) == b'{"result":"done"}\n'
    assert journal == ["work", "end", "unload", "teardown in order"]
    assert list(parts) == []
    response.close()
    assert len(journal) == 4
    assert not has_request_context()


@pytest.mark.parametrize(
    "headers",
    [{"Accept": "*/*"}, {"Accept": "application/vnd.clientcallback+json"}],
    ids=["all", "plain"],
)
def test_who_does_not_ask(
    app: Flask, journal: Journal, headers: dict[str, str]
) -> None:
    """Who does not ask for progress gets the plain answer when the work is done."""
    response, parts = begin(app, working(journal), **headers)
    assert journal[-3:] == ["work", "end", "teardown in order"]
    assert response.content_type == "application/vnd.clientcallback+json"
    assert b"".join(parts) == b'{"result":"done"}'


def test_errors_for_who_does_not_ask(app: Flask) -> None:
    """There an error after the first part has its own status, and the session that was
    changed is saved.
    """

    def work() -> t.Any:
        yield 1
        session["seen"] = True
        raise CallbackError("No.", 409)

    response, _ = begin(app, work, Accept="*/*")
    assert response.status_code == 409
    assert response.json == {"error": {"kind": "server", "message": "No."}}
    assert "Set-Cookie" in response.headers


def test_classic(app: Flask, journal: Journal) -> None:
    """A classic client script gets the result alone, whatever it accepts."""
    app.config["CLIENTCALLBACK_CLASSIC"] = True
    add_page(app, answering(working(journal)))
    client = t.cast(CallbackClient, app.test_client())
    state = client.get_page("/").state
    fields = {"__CALLBACKID": "__Page", "__CALLBACKPARAM": "", "__VIEWSTATE": state}
    accepted = {"Accept": "application/vnd.clientcallback+ndjson"}
    response = client.post("/", data=fields, headers=accepted)
    assert response.text == "0|done"


def test_coroutine_around_it(app: Flask, journal: Journal) -> None:
    """In a page whose own dispatch_request is a coroutine function nobody gets lines,
    and no context stays behind.
    """

    @callback_handler
    class Work(Page):
        async def dispatch_request(self, **values: t.Any) -> t.Any:
            return super().dispatch_request(**values)

        def raise_callback_event(self, event_argument: str) -> Works:
            return t.cast(Works, working(journal)())

    add_page(app, Work)
    response, _ = ask(app)
    assert response.json == {"result": "done"}
    assert journal[-1] == "teardown in order"


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (
            CallbackError("Check.", fields={"year": "Too late."}),
            422,
            {"kind": "invalid", "message": "Check.", "fields": {"year": ["Too late."]}},
        ),
        (Broken(), 500, {"kind": "server"}),
    ],
    ids=["told", "broken"],
)
def test_errors_before_the_first_part(
    app: Flask, journal: Journal, error: Exception, status: int, told: dict[str, t.Any]
) -> None:
    """What is raised before the first part is a plain answer with its own status."""

    def work() -> t.Any:
        raise error
        yield

    response, _ = begin(app, work)
    assert response.status_code == status
    assert response.json is not None
    assert {**response.json["error"], **told} == response.json["error"]
    expected = "in order" if status == 422 else "Broken"
    assert journal[-1] == f"teardown {expected}"


def test_error_handlers_before_the_first_part(app: Flask) -> None:
    """Until then the application's error handlers answer."""

    @app.errorhandler(Broken)
    def answer(error: Broken) -> ResponseReturnValue:
        return redirect("/elsewhere")

    def work() -> t.Any:
        raise Broken
        yield

    response, _ = begin(app, work)
    assert response.json == {"redirect": "/elsewhere"}


def test_generator_that_yields_nothing(app: Flask) -> None:
    """A generator that never yields gives an ordinary answer."""

    def work() -> t.Any:
        if not current_page:
            yield 1

        return "at once"

    response, _ = begin(app, work)
    assert response.content_type == "application/vnd.clientcallback+json"
    assert response.json == {"result": "at once"}


def test_first_part_that_is_no_json(app: Flask, journal: Journal) -> None:
    """A first part that cannot be written is an error of its own status, and the
    handler's end runs.
    """

    def work() -> t.Any:
        try:
            yield object()
        finally:
            journal.append("end" if current_page else "late")

    response, _ = begin(app, work)
    assert response.status_code == 500
    assert journal[-2:] == ["end", "teardown TypeError"]


def test_later_part_that_is_no_json(
    app: Flask, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    """A later one is the last line's, and the log says what to yield."""

    def work() -> t.Any:
        try:
            yield 1
            yield object()
        finally:
            journal.append("end" if current_page else "late")

    *_, last = read_lines(app, work)
    assert error_in(last)["status"] == 500
    assert journal[-2:] == ["end", "teardown TypeError"]
    assert "What a handler yields cannot be written as JSON" in caplog.text


def test_session_before_the_first_part(app: Flask) -> None:
    """What the session gets before the first part is saved."""

    def work() -> t.Any:
        session["name"] = "Ada"
        yield 1
        return session["name"]

    response, parts = begin(app, work)
    assert "session=" in response.headers["Set-Cookie"]
    assert list(parts)[-1] == b'{"result":"Ada"}\n'


@pytest.mark.parametrize("is_last", [True, False], ids=["last", "first"])
def test_session_after_the_first_part(
    app: Flask, journal: Journal, caplog: pytest.LogCaptureFixture, is_last: bool
) -> None:
    """A change after it, which would be lost, is an error that says what to do."""

    def work() -> t.Any:
        session["seen"] = True

        try:
            yield 1
            flash("Done.")

            if not is_last:
                yield 2

            return "done"
        finally:
            journal.append("end")

    *_, last = read_lines(app, work)
    assert error_in(last)["status"] == 500
    assert "Change it before the first yield." in caplog.text
    assert journal[-2:] == ["end", "teardown StreamError"]


def test_session_of_the_users_binding(app: Flask) -> None:
    """What tells the user from others is in the session before the first part, so that
    the new state is good.
    """

    def work() -> t.Any:
        yield 1
        current_page.view_state["count"] = current_page.view_state.get("count", 0) + 1
        return current_page.view_state["count"]

    add_page(app, answering(work))
    client = t.cast(CallbackClient, app.test_client())

    page = client.get_page("/")

    for count, name in enumerate(["Ada", "Grace"], 1):
        with client.session_transaction() as begun:
            begun["name"] = name

        assert page.callback().result == count


def test_view_state(app: Flask) -> None:
    """The view state may change until the end, and goes with the result."""

    def work() -> t.Any:
        current_page.view_state["a"] = 1
        yield 1
        current_page.view_state["b"] = 2
        yield 2
        current_page.view_state["c"] = 3

    add_page(app, answering(work))
    page = t.cast(CallbackClient, app.test_client()).get_page("/")
    answer = page.callback()
    assert answer.state is not None
    assert json.loads(answer.response.text.splitlines()[-1])["stateful"] is True
    assert all(f'"{name}"' not in "".join(map(str, answer.parts)) for name in "abc")


def test_page_of_each_part(app: Flask) -> None:
    """The page is the current one while the handler works, and not in between."""
    seen: list[bool] = []

    @app.after_request
    def look(response: Response) -> Response:
        seen.append(bool(current_page))
        return response

    def work() -> t.Any:
        yield current_page.is_callback
        yield current_page.is_callback

    response, parts = begin(app, work)

    for part, _ in zip(parts, range(2), strict=False):
        assert part == b'{"progress":true}\n'
        seen.append(bool(current_page))

    response.close()
    # One more is the page's own request.
    assert seen == [False] * 4


def test_values_of_the_address(app: Flask) -> None:
    """What a function took out of the address's values stays out."""

    @app.url_value_preprocessor
    def take(endpoint: str | None, values: dict[str, t.Any] | None) -> None:
        g.language = (values or {}).pop("language", None)

    seen: list[t.Any] = []

    @callback_handler
    class Work(Page):
        def raise_callback_event(self, event_argument: str) -> Works:
            yield 1
            seen.append((g.language, request.view_args))

    add_page(app, Work, "/<language>/")
    client = t.cast(CallbackClient, app.test_client())
    assert client.get_page("/en/").callback().parts == [1]
    assert seen == [("en", {})]


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (
            lambda: CallbackError("Check.", fields={"year": "Too late."}),
            {
                "kind": "invalid",
                "message": "Check.",
                "fields": {"year": ["Too late."]},
                "status": 422,
            },
        ),
        (
            lambda: abort(404, "No such line."),
            {"kind": "http", "message": "No such line.", "status": 404},
        ),
        (
            lambda: RefusedError(403, "not offered"),
            {
                "kind": "rejected",
                "message": "The request was rejected.",
                "status": 403,
            },
        ),
    ],
    ids=["callback error", "abort", "refused"],
)
def test_errors_that_are_told(
    app: Flask, journal: Journal, raised: t.Any, told: dict[str, t.Any]
) -> None:
    """An error that a handler tells after the first part has its status in the last
    line, and is no failure of the request.
    """

    def work() -> t.Any:
        yield 1
        raise raised()

    *_, last = read_lines(app, work)
    assert error_in(last) == told
    assert journal[-1] == "teardown in order"


@pytest.mark.parametrize("leave", [redirect, lambda to: abort(redirect(to))])
def test_redirects(app: Flask, journal: Journal, leave: t.Any) -> None:
    """A redirect is told by the last line."""

    def work() -> t.Any:
        yield 1
        return leave("/login")

    *_, last = read_lines(app, work)
    assert json.loads(last) == {"redirect": "/login"}
    assert journal[-1] == "teardown in order"


@pytest.mark.parametrize(
    "make",
    [lambda: Response("text"), lambda: jsonify(1), lambda: Response(iter(["a", "b"]))],
    ids=["text", "json", "stream"],
)
def test_responses(
    app: Flask,
    journal: Journal,
    caplog: pytest.LogCaptureFixture,
    make: t.Callable[[], Response],
) -> None:
    """A response cannot be the result of a stream, and the log says so."""

    def work() -> t.Any:
        yield 1
        return make()

    *_, last = read_lines(app, work)
    assert error_in(last)["status"] == 500
    assert journal[-1] == "teardown StreamError"
    assert "Answering.raise_callback_event is a Response, and" in caplog.text


def test_exceptions(
    app: Flask, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception after the first part is logged, sent to Flask's signal and this
    package's, and told with its id.
    """
    seen: list[tuple[str, t.Any]] = []

    def note(sender: Flask, exception: Exception, **extra: t.Any) -> None:
        seen.append(("flask", type(exception)))
        assert has_request_context()

    def note_own(sender: Flask, error_id: str, **extra: t.Any) -> None:
        seen.append(("own", error_id))

    got_request_exception.connect(note, app)
    signals.callback_error.connect(note_own, app)

    def work() -> t.Any:
        yield 1
        raise Broken

    *_, last = read_lines(app, work)
    told = error_in(last)
    assert (told["kind"], told["status"]) == ("server", 500)
    assert seen == [("own", told["id"]), ("flask", Broken)]
    assert journal[-1] == "teardown Broken"
    [record] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert "Exception on / [POST]" in record.getMessage()
    assert told["id"] in caplog.text
    assert "Broken" in caplog.text


def test_exceptions_in_debug_mode(app: Flask) -> None:
    """Debug mode tells message and traceback."""
    app.debug = True

    def work() -> t.Any:
        yield 1
        raise Broken("here")

    *_, last = read_lines(app, work)
    told = error_in(last)
    assert told["message"] == "Broken: here"
    assert "in work" in told["traceback"]


@pytest.mark.parametrize("setting", ["TESTING", "PROPAGATE_EXCEPTIONS"])
def test_exceptions_that_go_on(app: Flask, journal: Journal, setting: str) -> None:
    """Where Flask lets exceptions go on, so does a stream, when the request has
    ended.
    """
    app.config[setting] = True

    def work() -> t.Any:
        yield 1
        raise Broken

    response, parts = begin(app, work)
    next(parts)

    with pytest.raises(Broken):
        next(parts)

    assert journal[-1] == "teardown Broken"
    response.close()
    assert not has_request_context()


def test_error_handlers(app: Flask, journal: Journal) -> None:
    """An error handler of the application cannot answer any more: its status is told,
    and the exception counts as handled.
    """

    @app.errorhandler(Broken)
    def answer(error: Broken) -> ResponseReturnValue:
        return "<p>Later.</p>", 503

    def work() -> t.Any:
        yield 1
        raise Broken

    *_, last = read_lines(app, work)
    told = error_in(last)
    assert (told["kind"], told["status"]) == ("http", 503)
    assert journal[-1] == "teardown in order"


def test_error_handler_that_redirects(app: Flask) -> None:
    """A redirect of one is told too."""

    @app.errorhandler(Broken)
    def answer(error: Broken) -> ResponseReturnValue:
        return redirect("/elsewhere")

    def work() -> t.Any:
        yield 1
        raise Broken

    *_, last = read_lines(app, work)
    assert json.loads(last) == {"redirect": "/elsewhere"}


@pytest.mark.parametrize("returned", ["text", redirect("/login")], ids=["text", "to"])
def test_hook_that_answers(app: Flask, returned: t.Any) -> None:
    """A hook after the work that ends the callback is told by the last line."""

    @callback_handler
    class Work(Page):
        def raise_callback_event(self, event_argument: str) -> Works:
            yield 1

        def page_get_callback_result(self) -> t.Any:
            return returned

    add_page(app, Work)
    _, parts = ask(app)
    last = json.loads(list(parts)[-1])

    if returned == "text":
        assert (last["error"]["kind"], last["error"]["status"]) == ("http", 502)
    else:
        assert last == {"redirect": "/login"}


@pytest.mark.parametrize("place", ["request", "appcontext"])
def test_commit_that_fails(
    app: Flask, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    """An exception at the end of the request, in a commit say, is told in the place of
    the result.
    """

    def work() -> t.Any:
        g.is_changed = True
        yield 1

    def commit(error: BaseException | None) -> None:
        if error is None and "is_changed" in g:
            raise Broken

    getattr(app, f"teardown_{place}")(commit)
    part, last = read_lines(app, work)
    assert part == '{"progress":1}'
    assert error_in(last)["status"] == 500
    assert "Exception on / [POST]" in caplog.text
    assert not has_request_context()


def test_commit_that_fails_and_goes_on(app: Flask) -> None:
    """Where Flask lets exceptions go on, so does one at the end of the request."""
    app.testing = True

    @app.teardown_request
    def commit(error: BaseException | None) -> None:
        if error is None and request.method == "POST":
            raise Broken

    _, parts = begin(app, lambda: iter_of(1))
    next(parts)

    with pytest.raises(Broken):
        next(parts)

    assert not has_request_context()


def test_unload_that_fails(app: Flask, journal: Journal) -> None:
    """An exception as the page is unloaded is one of the callback."""
    view_class = answering(lambda: iter_of(1))

    def unload(self: t.Any) -> None:
        if current_page.is_callback:
            raise Broken

    view_class.page_unload = unload
    add_page(app, view_class)
    _, parts = ask(app)
    assert error_in(list(parts)[-1].decode())["id"]
    assert journal[-1] == "teardown Broken"


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_caller_who_goes(app: Flask, journal: Journal, taken: int) -> None:
    """If the caller goes, the work ends where it is, with GeneratorExit in the handler
    and at the end of the request, also where no part was taken.
    """

    def work() -> t.Any:
        try:
            yield 1
            yield 2
            journal.append("never")
        except GeneratorExit:
            journal.append(f"gone, {current_page.stage}")
            raise

    response, parts = begin(app, work)
    journal.clear()

    for _ in range(taken):
        next(parts)

    response.close()
    assert journal == ["gone, raise_callback_event", "teardown GeneratorExit"]
    assert not has_request_context()


def fail_at_the_end() -> t.Any:
    """Fail as the work ends."""
    try:
        yield 1
    finally:
        raise Broken


async def fail_at_the_end_of_async() -> t.Any:
    """Do the same in an asynchronous generator."""
    try:
        yield 1
    finally:
        raise Broken


@pytest.mark.parametrize("work", [fail_at_the_end, fail_at_the_end_of_async])
def test_failure_as_the_caller_goes(
    app: Flask,
    journal: Journal,
    caplog: pytest.LogCaptureFixture,
    work: t.Callable[[], t.Any],
) -> None:
    """What the handler raises as it ends is logged, and what the end of the request is
    told.
    """
    response, _ = begin(app, work)
    response.close()
    assert journal[-1] == "teardown Broken"
    assert "Exception on / [POST]" in caplog.text


def test_failure_that_goes_on_as_the_caller_goes(app: Flask, journal: Journal) -> None:
    """Where Flask lets exceptions go on, so does that one, when the request has
    ended.
    """
    app.testing = True

    def work() -> t.Any:
        try:
            yield 1
        finally:
            raise Broken

    response, _ = begin(app, work)

    with pytest.raises(Broken):
        response.close()

    assert journal[-1] == "teardown Broken"
    assert not has_request_context()


def test_what_ends_the_process(app: Flask, journal: Journal) -> None:
    """What ends the process, or the server's thread, ends the work and the request too,
    and goes on.
    """

    def work() -> t.Any:
        try:
            yield 1
            raise SystemExit
        finally:
            journal.append("end")

    response, parts = begin(app, work)
    journal.clear()
    next(parts)

    with pytest.raises(SystemExit):
        next(parts)

    response.close()
    assert journal == ["end", "teardown SystemExit"]
    assert not has_request_context()


def read_body(response: Response) -> Response:
    """Read what is sent, as extensions do that change it."""
    response.get_data()
    return response


def test_body_that_is_read(app: Flask, journal: Journal) -> None:
    """Where something reads the body inside of the request, all of it is sent at once,
    and the request ends once.
    """
    app.after_request(read_body)
    lines = read_lines(app, working(journal))
    assert lines == ['{"progress":0.5}', '{"progress":1}', '{"result":"done"}']
    assert journal[-3:] == ["work", "end", "teardown in order"]


def test_told_error_in_a_body_that_is_read(app: Flask, journal: Journal) -> None:
    """There too an error that is told is the last line, and the request no failure."""
    app.after_request(read_body)

    def work() -> t.Any:
        yield 1
        raise CallbackError("No.", 409)

    *_, last = read_lines(app, work)
    assert error_in(last)["status"] == 409
    assert journal[-1] == "teardown in order"


def test_exception_in_a_body_that_is_read(app: Flask, journal: Journal) -> None:
    """There an exception leaves the stream, so that the request fails with it."""
    app.after_request(read_body)

    def work() -> t.Any:
        yield 1
        raise Broken

    response, _ = begin(app, work)
    assert response.status_code == 500
    assert response.content_type == "application/vnd.clientcallback+json"
    assert response.json is not None
    assert response.json["error"]["id"]
    assert journal[-1] == "teardown Broken"


class Interrupted(BaseException):
    """What ends more than the work, as a time-out of gevent may."""


def interrupted(*parts: t.Any) -> t.Any:
    """Give some parts, and be interrupted at the end of the work."""
    try:
        yield from parts
    finally:
        raise Interrupted


@pytest.mark.parametrize(
    ("parts", "is_left"), [([1, 2], True), ([1], False), ([1, object()], False)]
)
def test_interruption_at_the_end(
    app: Flask, journal: Journal, parts: list[t.Any], is_left: bool
) -> None:
    """What interrupts the end of the work leaves it, and the request ends all the same:
    where the caller goes, where the work ends by itself, and where a part is no JSON.
    """
    response, answer = begin(app, lambda: interrupted(*parts))
    next(answer)

    with pytest.raises(Interrupted):
        if is_left:
            response.close()
        else:
            next(answer)

    assert journal[-1] == "teardown Interrupted"
    assert not has_request_context()
    response.close()


def test_interruption_of_the_unloading(app: Flask, journal: Journal) -> None:
    """Nor does one in a hook that runs after the last part."""

    def work() -> t.Any:
        yield 1
        return 2

    def unload(self: t.Any) -> None:
        if current_page.is_callback:
            raise Interrupted

    view_class = answering(work)
    view_class.page_unload = unload
    add_page(app, view_class)
    response, answer = ask(app)
    next(answer)

    with pytest.raises(Interrupted):
        next(answer)

    assert journal[-1] == "teardown Interrupted"
    assert not has_request_context()
    response.close()


def test_answer_that_is_replaced(app: Flask, journal: Journal) -> None:
    """If something else is sent in its place, the work ends, and the request."""

    @app.after_request
    def replace(response: Response) -> Response:
        return Response("no", 503) if request.method == "POST" else response

    response, _ = begin(app, working(journal))
    response.close()
    assert response.status_code == 503
    assert journal[-2:] == ["end", "teardown GeneratorExit"]
    assert not has_request_context()


def test_body_that_is_replaced(app: Flask, journal: Journal) -> None:
    """If another body is sent with its headers, the work ends as that is closed."""

    @app.after_request
    def replace(response: Response) -> Response:
        if request.method == "GET":
            return response

        return Response("{}", headers=response.headers)

    response, _ = begin(app, working(journal))
    response.close()
    assert journal[-2:] == ["end", "teardown GeneratorExit"]
    assert not has_request_context()


def test_answer_that_fails(app: Flask, journal: Journal) -> None:
    """If the answer is lost in an exception, the work ends, and the request."""

    @app.after_request
    def fail(response: Response) -> Response:
        if request.method == "POST":
            raise Broken

        return response

    response, _ = begin(app, working(journal))
    assert response.status_code == 500
    assert journal[-2:] == ["end", "teardown GeneratorExit"]
    assert not has_request_context()


def test_second_try(app: Flask, journal: Journal) -> None:
    """A decorator may try the view again: the work of the first try ends."""

    def twice(view: t.Any) -> t.Any:
        @functools.wraps(view)
        def wrapped(**values: t.Any) -> t.Any:
            view(**values)
            return view(**values)

        return wrapped

    view_class: type[MethodView] = answering(working(journal))
    view_class.decorators = [twice]
    add_page(app, view_class)
    response, parts = ask(app)
    journal.clear()
    assert len(list(parts)) == 3
    response.close()
    assert journal == ["work", "end", "teardown in order"]
    assert not has_request_context()


def test_error_to_catch(app: Flask) -> None:
    """What a stream refuses is an error of the package, for an error handler."""

    @app.errorhandler(StreamError)
    def answer(error: StreamError) -> ResponseReturnValue:
        return "", 501

    def work() -> t.Any:
        yield 1
        session["a"] = 1

    *_, last = read_lines(app, work)
    assert error_in(last)["status"] == 501
