"""Which functions can run in the background, and with which arguments."""

from __future__ import annotations

import functools
import inspect
import typing as t
from pathlib import Path

import pytest
from flask import Flask

from flask_clientcallback import background
from flask_clientcallback import current_page
from flask_clientcallback.testing import CallbackClient

from ..helpers.jobs import add
from ..helpers.jobs import count
from ..helpers.jobs import later
from ..helpers.pages import add_page
from ..helpers.pages import answering


def test_called(app: Flask) -> None:
    """Called, it is what it was: a function, a generator function, a coroutine
    function.
    """
    assert add(1, other=2) == 3
    parts = count(2)
    assert inspect.isgenerator(parts)
    assert list(parts) == [0, 0.5]
    waiting = later("x")
    assert inspect.iscoroutine(waiting)
    waiting.close()
    assert add.__name__ == "add"
    assert (add.__doc__ or "").startswith("Add two")
    assert repr(add) == "<BackgroundFunction tests.helpers.jobs.add>"


def test_place() -> None:
    """A function that cannot be found by its name in another process is refused."""

    def inner() -> None:
        """Stands in a function."""

    class Holder:
        def method(self) -> None:
            """Stands in a class."""

    for function in (inner, Holder.method, lambda: None):
        with pytest.raises(TypeError, match="stands in a module"):
            background(function)

    nothing: t.Any = 7

    for given in (nothing, Holder, functools.partial(add, 1)):
        with pytest.raises(TypeError, match="marks a function"):
            background(given)


def test_overlap_that_is_none() -> None:
    """An overlap that there is not is refused, with those that there are."""
    none: t.Any = "queue"

    with pytest.raises(ValueError, match="parallel, keep, replace, refuse"):
        background(overlap=none)


def run(app: Flask, work: t.Callable[[], t.Any]) -> None:
    """Do something in a handler, which lets exceptions out."""
    app.testing = True
    add_page(app, answering(work))
    CallbackClient(app).get_page("/").callback("")


@pytest.mark.parametrize(
    "value",
    [
        {1, 2},
        (1, 2),
        b"bytes",
        {1: "one"},
        [{"deep": object()}],
        float("nan"),
        current_page,
    ],
    ids=["set", "tuple", "bytes", "key", "deep", "nan", "proxy"],
)
def test_argument_that_is_no_json_value(
    app: Flask, tmp_path: Path, value: t.Any
) -> None:
    """An argument that another process would get as another one is refused at once."""
    app.config["CLIENTCALLBACK_STORE"] = tmp_path / "store"
    start: t.Any = lambda: current_page.start_job(add, value)  # noqa: E731

    with pytest.raises(TypeError, match="takes JSON values"):
        run(app, start)

    assert not (tmp_path / "store").exists()


def test_argument_that_holds_itself(app: Flask, tmp_path: Path) -> None:
    """An argument without an end is refused."""
    app.config["CLIENTCALLBACK_STORE"] = tmp_path / "store"
    endless: list[t.Any] = []
    endless.append(endless)
    start: t.Any = lambda: current_page.start_job(later, endless)  # noqa: E731

    with pytest.raises(TypeError, match="holds itself"):
        run(app, start)


def test_arguments_that_do_not_fit(app: Flask, tmp_path: Path) -> None:
    """A function that does not take the arguments says so at once."""
    app.config["CLIENTCALLBACK_STORE"] = tmp_path / "store"
    call: t.Any = add
    start: t.Any = lambda: current_page.start_job(call)  # noqa: E731

    name = "tests.helpers.jobs.add does not take these arguments: missing a required"

    with pytest.raises(TypeError, match=name):
        run(app, start)


@pytest.mark.parametrize("which", ["start_job", "find_job"])
def test_function_that_is_not_marked(app: Flask, tmp_path: Path, which: str) -> None:
    """A function that is not marked is refused, with what to write."""
    app.config["CLIENTCALLBACK_STORE"] = tmp_path / "store"

    with pytest.raises(TypeError, match=r"run is not marked @background\."):
        run(app, lambda: getattr(current_page, which)(run))
