"""Options, servers and figures of the load tests."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .figures import Figures
from .servers import gunicorn
from .servers import Server

FIGURES = pytest.StashKey[Figures]()
Serve = Callable[..., Server]
Scale = Callable[[int, int], int]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options. They are known where the tests are named:
    ``pytest tests/load --long``.
    """
    group = parser.getgroup("load")
    group.addoption(
        "--long", action="store_true", help="run the load tests in their long form"
    )
    group.addoption(
        "--soak",
        type=int,
        metavar="SECONDS",
        help="how long the soak takes (4, or 900 in the long form)",
    )


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the figures at the end."""
    text = _figures(config).write()

    if text and (_is_long(config) or config.get_verbosity() > 0):
        terminalreporter.section("figures")
        terminalreporter.write_line(text)


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Where a test puts its figures."""
    return _figures(request.config)


@pytest.fixture
def scale(request: pytest.FixtureRequest) -> Scale:
    """Chooses between the amount of the short form and that of the long one."""
    is_long = _is_long(request.config)
    return lambda short, long: long if is_long else short


@pytest.fixture
def soak_seconds(request: pytest.FixtureRequest, scale: Scale) -> int:
    """How long the soak takes."""
    wanted: int | None = request.config.getoption("--soak", None)
    return scale(4, 900) if wanted is None else wanted


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serve the application for as long as the test runs."""
    if sys.platform != "linux":
        pytest.skip("These tests look at processes in /proc, which Linux has.")

    with ExitStack() as stack:

        def serve(worker_class: str, name: str = "server", workers: int = 2) -> Server:
            folder = tmp_path / f"{worker_class}-{name}"
            return stack.enter_context(gunicorn(worker_class, folder, workers=workers))

        yield serve


@pytest.fixture
def nginx_executable() -> str:
    """The program of nginx."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

    if found is None:
        pytest.skip('nginx is not installed: "apt install nginx-light" on Debian.')

    return found


def _is_long(config: pytest.Config) -> bool:
    # The options are unknown where all tests of the project run.
    return bool(config.getoption("--long", False))


def _figures(config: pytest.Config) -> Figures:
    return config.stash.setdefault(FIGURES, Figures())
