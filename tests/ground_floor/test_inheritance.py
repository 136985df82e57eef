"""What a class that is marked anew keeps of its bases."""

from __future__ import annotations

import inspect
import typing as t

import pytest
from flask import Flask
from flask import render_template_string
from flask.views import View
from hypothesis import given
from hypothesis import strategies as st

from flask_clientcallback import callback_handler
from flask_clientcallback import current_page
from flask_clientcallback.config import HandlerOptions
from flask_clientcallback.config import options_of
from flask_clientcallback.testing import CallbackClient

from ..helpers.offers import check_refused
from ..helpers.offers import Offers
from ..helpers.offers import ran
from ..helpers.pages import add_page
from ..helpers.pages import Page
from ..helpers.pages import TEMPLATE

DEFAULTS: dict[str, t.Any] = {
    "view_state": True,
    "event_validation": False,
    "max_content_length": None,
    "classic": None,
}
options = st.fixed_dictionaries(
    {},
    optional={
        "view_state": st.booleans(),
        "event_validation": st.booleans(),
        "max_content_length": st.none() | st.integers(1, 10**6),
        "classic": st.none() | st.booleans(),
    },
)


def marked(*bases: type[t.Any], **said: t.Any) -> type[t.Any]:
    """Make a class that is marked with some keywords."""
    made: type[t.Any] = type("Marked", bases or (Bare,), {})
    return callback_handler(**said)(made) if said else callback_handler(made)


class Bare(Page):
    """A page that is not marked yet."""

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


@pytest.mark.parametrize(
    ("said", "validates"),
    [
        ({}, True),
        ({"view_state": False}, True),
        ({"classic": True}, True),
        ({"event_validation": True}, True),
        ({"event_validation": False}, False),
    ],
    ids=str,
)
def test_event_validation(
    app: Flask, client: CallbackClient, said: dict[str, t.Any], validates: bool
) -> None:
    """A page does not lose its event validation because a subclass says something else,
    or nothing.
    """
    ran.clear()
    add_page(app, marked(Offers, **said))
    page = client.get_page("/")

    if validates:
        check_refused(page.callback("sell"))
    else:
        assert page.callback("sell").result == "sell"


@given(st.lists(options, min_size=1, max_size=4))
def test_line_of_classes(line: list[dict[str, t.Any]]) -> None:
    """Along a line of classes each keyword is what was said last of it."""
    said = dict(DEFAULTS)
    made: type[t.Any] = Bare

    for more in line:
        made = marked(made, **more)
        said |= more
        assert options_of(made) == HandlerOptions(**said)
        # One that is not marked says nothing.
        made = type("Plain", (made,), {})
        assert options_of(made) == HandlerOptions(**said)


@given(options, options, options)
def test_two_bases(
    root: dict[str, t.Any], first: dict[str, t.Any], second: dict[str, t.Any]
) -> None:
    """Of several bases each keyword is that of the nearest that says it."""
    base = marked(**root)
    both = type("Both", (marked(base, **first), marked(base, **second)), {})
    expected = HandlerOptions(**{**DEFAULTS, **root, **second, **first})
    assert options_of(both) == expected
    assert options_of(marked(both)) == expected
    assert options_of(base) == HandlerOptions(**root)


@given(options, options)
def test_marked_twice(first: dict[str, t.Any], second: dict[str, t.Any]) -> None:
    """A class that is marked twice keeps what the first mark said."""
    made = callback_handler(**second)(callback_handler(**first)(type("C", (Bare,), {})))
    assert options_of(made) == HandlerOptions(**{**first, **second})


def test_explicit_none() -> None:
    """``None`` is said too: the page goes by the application again."""
    made = marked(marked(classic=True, max_content_length=5), classic=None)
    assert (options_of(made).classic, options_of(made).max_content_length) == (None, 5)


def test_keywords_at_work(app: Flask, client: CallbackClient) -> None:
    """What two bases say holds for the requests of their common subclass."""

    @callback_handler(view_state=False)
    class Stateless(Bare):
        pass

    @callback_handler(max_content_length=2000)
    class Short(Bare):
        def raise_callback_event(self, event_argument: str) -> str:
            if event_argument == "write":
                current_page.view_state["x"] = 1

            return event_argument

    class Both(Stateless, Short):
        pass

    add_page(app, Both)
    page = client.get_page("/")
    assert page.callback("x" * 3000).status == 413
    assert page.callback("write").status == 500
    assert page.callback("x").result == "x"


def test_signature() -> None:
    """The keywords and their defaults are seen from outside."""
    first, *keywords = inspect.signature(callback_handler).parameters.values()
    assert (first.name, first.kind) == ("view_class", first.POSITIONAL_ONLY)
    assert {one.name: one.default for one in keywords} == DEFAULTS
    assert {one.kind for one in keywords} == {first.KEYWORD_ONLY}
    assert HandlerOptions() == HandlerOptions(**DEFAULTS)


def test_unknown_keyword() -> None:
    """A keyword that there is not is an error, as of any function."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'view_stat'"):
        callback_handler(view_stat=False)  # type: ignore[call-overload]


class Plain(View):
    """A view of a single method, which is not marked yet."""

    def dispatch_request(self) -> str:
        return render_template_string(TEMPLATE)

    def raise_callback_event(self, event_argument: str) -> str:
        return event_argument


class Mixin:
    """Says that it takes POST."""

    methods: t.ClassVar = ["GET", "POST"]


def taking(*methods: str) -> type[View]:
    """Make a view that takes some methods."""
    return type("Taking", (Plain,), {"methods": [*methods]})


def child(base: type[View], *methods: str) -> type[View]:
    """Make a subclass, with methods of its own if there are any."""
    return type("Child", (base,), {"methods": [*methods]} if methods else {})


m = callback_handler
VIEWS: dict[str, tuple[t.Callable[[], type[View]], bool]] = {
    "none": (lambda: m(child(Plain)), False),
    "GET": (lambda: m(taking("GET")), False),
    "POST": (lambda: m(taking("GET", "POST")), True),
    "in small letters": (lambda: m(taking("get", "post")), True),
    "marked twice": (lambda: m(m(child(Plain))), False),
    "marked twice, POST": (lambda: m(m(taking("GET", "POST"))), True),
    "base unmarked, POST": (lambda: m(child(taking("GET", "POST"))), True),
    "base unmarked, GET": (lambda: m(child(taking("GET"))), False),
    "child": (lambda: child(m(child(Plain))), False),
    "child marked": (lambda: m(child(m(child(Plain)))), False),
    "child of POST": (lambda: child(m(taking("GET", "POST"))), True),
    "child of POST marked": (lambda: m(child(m(taking("GET", "POST")))), True),
    "grandchild marked": (lambda: m(child(m(child(m(child(Plain)))))), False),
    "grandchild of POST": (lambda: m(child(m(child(m(taking("POST", "GET")))))), True),
    "child adds POST": (lambda: child(m(child(Plain)), "GET", "POST"), True),
    "child marked adds POST": (lambda: m(child(m(child(Plain)), "GET", "POST")), True),
    "child gives POST up": (lambda: child(m(taking("GET", "POST")), "GET"), False),
    "child marked gives it up": (lambda: m(child(m(taking("POST")), "GET")), False),
    "mixin": (lambda: m(type("Mixed", (Mixin, m(child(Plain))), {})), True),
    "mixin below": (lambda: type("Mixed", (m(child(Plain)), Mixin), {}), False),
}


@pytest.mark.parametrize(("make", "accepts"), VIEWS.values(), ids=VIEWS)
def test_post(
    app: Flask,
    client: CallbackClient,
    make: t.Callable[[], type[View]],
    accepts: bool,
) -> None:
    """A plain POST reaches a view that took it itself, and no other, however often it
    and its bases are marked. Callbacks reach all.
    """
    add_page(app, make())
    assert client.post("/").status_code == (200 if accepts else 405)
    assert client.get_page("/").callback("x").result == "x"
