"""What ``flask callbacks`` prints."""

from __future__ import annotations

import enum
import re
import typing as t
from pathlib import Path

import pytest
from annotated_types import Gt
from annotated_types import Interval
from annotated_types import Len
from annotated_types import Lt
from annotated_types import MinLen
from annotated_types import MultipleOf
from flask import Blueprint
from flask import Flask
from flask import Response
from flask.views import MethodView
from flask.views import View
from markupsafe import Markup
from pydantic import Field
from pydantic import StringConstraints

from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback
from flask_clientcallback import FormValue
from flask_clientcallback import FromForm
from flask_clientcallback.command_line.command import callbacks

from .shop_application import create_app

FOLDER = Path(__file__).parent


def run(app: Flask) -> str:
    """Run the command without options."""
    result = app.test_cli_runner().invoke(callbacks)
    assert result.exit_code == 0, result.output
    return result.output


def overview(*views: type[View]) -> list[str]:
    """Run the command on an application of some views, and give its lines."""
    app = Flask("small")
    ClientCallback(app)

    for view in views:
        name = view.__name__.lower()
        app.add_url_rule(f"/{name}", view_func=view.as_view(name))

    return run(app).splitlines()


def test_shop() -> None:
    """Each page has a line, and each thing that a script of it can call."""
    text = run(create_app()).replace(f"{create_app.__module__}.", "app.")
    assert text == (FOLDER / "shop.txt").read_text(encoding="utf-8")


class Size(enum.Enum):
    SMALL = 1


class Named(t.NamedTuple):
    count: int


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (int, "int"),
        (None, "None"),
        (t.Any, "Any"),
        (int | None, "int | None"),
        (t.Optional[str], "str | None"),  # noqa: UP045
        (list[dict[str, Named]], "list[dict[str, Named]]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (t.Literal["a", 2, None, Size.SMALL], "'a' | 2 | None | Size.SMALL"),
        (t.NewType("Key", int), "Key"),
        (t.Callable[[int, str], None], "Callable[[int, str], None]"),
        (t.Annotated[int, Interval(ge=1, le=50)], "int 1..50"),
        (t.Annotated[int, Interval(ge=0)], "int 0.."),
        (t.Annotated[float, Field(le=1.5)], "float ..1.5"),
        (t.Annotated[int, Gt(0), Lt(9)], "int >0 <9"),
        (list[t.Annotated[int, Gt(0)]] | None, "list[int >0] | None"),
        (t.Annotated[str, MinLen(1)], "str length 1.."),
        (t.Annotated[str, Len(0, 20)], "str length ..20"),
        (t.Annotated[str, Len(5, 5)], "str length 5"),
        (t.Annotated[int, MultipleOf(5)], "int multiple of 5"),
        (t.Annotated[str, StringConstraints(pattern="^a+$")], "str /^a+$/"),
        (t.Annotated[str, Field(pattern=re.compile("b"))], "str /b/"),
        (t.Annotated[int, "any text", FormValue()], "int from form"),
        (FromForm[int | None], "int | None from form"),
        (t.Annotated[int, Gt(0), FormValue("qty")], "int >0 from form field qty"),
    ],
)
def test_hints(hint: t.Any, text: str) -> None:
    """Type hints are short, and show what they constrain."""

    def take(self: object, value: object) -> None: ...

    take.__annotations__["value"] = hint
    page = type("Page", (MethodView,), {"take": callback_method(take)})
    assert (
        overview(callback_handler(page))[1] == f"    page.take(value: {text}) -> None"
    )


def test_signatures() -> None:
    """Parameters, defaults, results and docstrings look as in Python."""

    class Unwritten:
        pass

    def decorate(method: t.Any) -> t.Any:
        return staticmethod(method)

    @callback_handler
    class Page(MethodView):
        @callback_method
        def bare(self, a, b=1, /, c=(), *, d, e="x"): ...  # type: ignore[no-untyped-def]

        @callback_method
        def named(self, *, size: Size = Size.SMALL) -> Size:
            """Say what it is: a text that
            goes on.

            More of it.
            """
            return size

        @callback_method
        def hidden(self, a=Unwritten(), b="x" * 50) -> t.Any: ...  # type: ignore[no-untyped-def]  # noqa: B008

        @callback_method
        @decorate
        def static(count: int) -> str | Response: ...  # type: ignore[empty-body]

        @callback_method
        @classmethod
        def of_class(cls, count: int) -> Markup: ...  # type: ignore[empty-body]

    assert overview(Page)[1:] == [
        "    page.bare(a, b=1, /, c=(), *, d, e='x')",
        "    page.named(*, size: Size = Size.SMALL) -> Size"
        "     Say what it is: a text that goes on.",
        "    page.hidden(a=..., b=...) -> Any",
        "    page.static(count: int) -> str | Response",
        "    page.of_class(count: int) -> Markup",
    ]


def test_controls() -> None:
    """Declared controls are shown with what they have, inherited ones too, and what a
    class takes away is not.
    """

    class Grid:
        @callback_method
        def sort(self, by: str) -> None: ...

        def raise_callback_event(self, event_argument: str) -> None:
            """Show more."""

    class Base(MethodView):
        grid = callback_control(Grid)
        gone = callback_control(Grid)

        @callback_method
        def save(self) -> None: ...

    @callback_handler
    class Page(Base):
        gone = None  # type: ignore[assignment]
        save = None  # type: ignore[assignment]

    assert overview(Page)[1:] == [
        '    target("grid").sort(by: str) -> None',
        '    call("grid", event_argument)     Show more.',
    ]


def test_addresses() -> None:
    """A page has one entry for each endpoint, with all its URLs."""

    @callback_handler
    class Page(View):
        def dispatch_request(self) -> str:
            return ""

        def raise_callback_event(self, event_argument: str) -> None: ...

    app = Flask("small")
    ClientCallback(app)
    app.add_url_rule("/page/<name>", view_func=Page.as_view("page"))
    app.add_url_rule("/page", endpoint="page", defaults={"name": "x"})
    app.add_url_rule("/other", view_func=Page.as_view("other"))
    outer = Blueprint("outer", __name__, url_prefix="/outer")
    inner = Blueprint("inner", __name__, url_prefix="/inner")
    inner.add_url_rule("/", view_func=Page.as_view("page"))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    app.view_functions["no_rule"] = Page.as_view("no_rule")
    heads = [" ".join(line.split()[:-1]) for line in run(app).splitlines()[::2]]
    assert heads == [
        "no_rule (no URL)",
        "other /other",
        "outer.inner.page /outer/inner/",
        "page /page, /page/<name>",
    ]


@callback_handler
class Hosted(MethodView):
    @callback_method
    def go(self) -> None: ...


def test_hosts() -> None:
    """An address has its host where the application routes by hosts."""
    app = Flask("small", host_matching=True, static_host="static.example")
    ClientCallback(app)
    app.add_url_rule("/", view_func=Hosted.as_view("page"), host="<name>.example")
    assert run(app).startswith("page  <name>.example/  ")


def test_subdomains() -> None:
    """An address has its subdomain."""
    app = Flask("small", subdomain_matching=True)
    app.config["SERVER_NAME"] = "shop.example"
    ClientCallback(app)
    app.add_url_rule("/a", view_func=Hosted.as_view("page"), subdomain="admin")
    app.add_url_rule("/b", endpoint="page")
    assert run(app).startswith("page  /b, admin.shop.example/a  ")


def test_options() -> None:
    """What a page was told is shown where it is not what holds anyway."""
    event_page = Hosted.__dict__["go"]

    @callback_handler(view_state=False, event_validation=True, classic=False)
    class Page(MethodView):
        go = event_page

    @callback_handler(view_state=True, max_content_length=5)
    class Child(Page):
        pass

    lines = overview(Page, Child)
    assert lines[2].endswith("(view_state=False, event_validation=True, classic=False)")
    assert lines[0].endswith(
        "Child  (max_content_length=5, event_validation=True, classic=False)"
    )


def test_decorated_views() -> None:
    """A view inside of decorators is found, as it is found for callbacks."""
    import functools

    def decorate(view: t.Any) -> t.Any:
        @functools.wraps(view)
        def decorated(**values: t.Any) -> t.Any:
            return view(**values)

        return decorated

    @callback_handler
    class Page(Hosted):
        decorators: t.ClassVar[list[t.Any]] = [decorate]

    app = Flask("small")
    ClientCallback(app)
    app.add_url_rule("/a", view_func=Page.as_view("a"))
    app.add_url_rule("/b", view_func=decorate(Hosted.as_view("b")))
    assert [line.split()[0] for line in run(app).splitlines()[::2]] == ["a", "b"]


def test_dynamic_controls() -> None:
    """A page that has only what its hooks add says so."""

    @callback_handler
    class Page(MethodView):
        def page_init(self) -> None: ...

    @callback_handler
    class WithMethods(Hosted):
        def page_load(self) -> None: ...

    assert overview(Page)[1:] == ["    (what the controls have that its hooks add)"]
    assert overview(WithMethods)[1:] == ["    page.go() -> None"]


def test_no_pages() -> None:
    """Without a page the command says how to make one."""
    app = Flask("small")
    ClientCallback(app)
    app.add_url_rule("/", view_func=lambda: "")
    text = run(app)
    assert text.startswith("The application has no page that makes callbacks.")
    assert "@callback_handler" in text


def test_missing_extension() -> None:
    """An application without the extension is told to create it."""
    app = Flask("small")
    app.add_url_rule("/", view_func=Hosted.as_view("page"))
    result = app.test_cli_runner().invoke(callbacks)
    assert "write ClientCallback(app)" in result.output
    assert "\npage  /  " in result.output
