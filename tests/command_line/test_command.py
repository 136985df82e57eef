"""The options of ``flask callbacks``, and the command as users run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.views import MethodView

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback
from flask_clientcallback.command_line.command import callbacks

from ..helpers.documentation import blocks
from ..helpers.installed import as_installed

PAGE = "docs/command_line.rst"


@callback_handler
class Page(MethodView):
    @callback_method
    def go(self) -> None: ...


@pytest.fixture
def app() -> Flask:
    """An application with one page."""
    app = Flask(__name__)
    ClientCallback(app)
    app.add_url_rule("/", view_func=Page.as_view("page"))
    return app


def run(app: Flask, *arguments: object) -> Result:
    """Run the command."""
    return app.test_cli_runner().invoke(callbacks, [*map(str, arguments)])


def test_writes_types(app: Flask, tmp_path: Path) -> None:
    """The file is written, in folders that need not be there, and again."""
    path = tmp_path / "client" / "types" / "callbacks.d.ts"

    for _ in range(2):
        result = run(app, "--types", path)
        assert (result.exit_code, result.output) == (0, f"Wrote {path}: 1 page.\n")
        assert b"go(): Promise<null>" in path.read_bytes()
        assert b"\r" not in path.read_bytes()

    app.add_url_rule("/other", view_func=Page.as_view("other"))
    assert run(app, "--types", path).output == f"Wrote {path}: 2 pages.\n"


@pytest.mark.parametrize(
    ("name", "is_module"),
    [
        ("callbacks.d.ts", False),
        ("callbacks.d.mts", False),
        ("callbacks.txt", False),
        ("callbacks.ts", True),
        ("callbacks.mts", True),
        ("d.ts", True),
    ],
)
def test_module(app: Flask, tmp_path: Path, name: str, is_module: bool) -> None:
    """What TypeScript compiles is a module, which also exports values."""
    run(app, "--types", tmp_path / name)
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert ("\nexport const page" in text) == is_module
    assert ("\ndeclare module " in text) != is_module
    assert "go(): Promise<null>" in text
    assert run(app, "--types", tmp_path / name, "--check").exit_code == 0


def test_check(app: Flask, tmp_path: Path) -> None:
    """A file that is up to date passes, also with the line ends of Windows."""
    path = tmp_path / "callbacks.d.ts"
    run(app, "--types", path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    before = path.read_bytes()
    result = run(app, "--types", path, "--check")
    assert (result.exit_code, result.output) == (0, f"{path} is up to date: 1 page.\n")
    assert path.read_bytes() == before


def test_check_finds_changes(app: Flask, tmp_path: Path) -> None:
    """A file that is out of date fails, and stays as it is."""
    path = tmp_path / "callbacks.d.ts"
    run(app, "--types", path)
    before = path.read_bytes()
    app.add_url_rule("/other", view_func=Page.as_view("other"))
    result = run(app, "--types", path, "--check")
    assert result.exit_code == 1
    assert result.output == (
        f"Error: {path} is out of date. Run: flask callbacks --types {path}\n"
    )
    assert path.read_bytes() == before


def test_check_of_no_file(app: Flask, tmp_path: Path) -> None:
    """A file that is not there fails, and neither it nor its folder is made."""
    path = tmp_path / "client" / "callbacks.d.ts"
    result = run(app, "--types", path, "--check")
    assert result.exit_code == 1
    assert f"{path} is not there. Run: flask callbacks --types {path}" in result.output
    assert not path.parent.exists()


def test_check_alone(app: Flask) -> None:
    """Without a file there is nothing to check."""
    result = run(app, "--check")
    assert result.exit_code == 2
    assert "--check goes with --types FILE" in result.output


@pytest.mark.parametrize("check", [False, True])
def test_no_file(app: Flask, tmp_path: Path, check: bool) -> None:
    """What can be no file is told in a line."""
    (tmp_path / "file").write_bytes(b"\xff")
    name = "file" if check else "file/callbacks.d.ts"
    result = run(app, "--types", tmp_path / name, *["--check"] * check)
    assert result.exit_code == 1
    assert f"Cannot {'read' if check else 'write'} {tmp_path / name}: " in result.output
    assert "Traceback" not in result.output


def test_documentation(tmp_path: Path) -> None:
    """The application of the documentation gives the output that stands there."""
    environment = as_installed(tmp_path)
    [code] = [block.code for block in blocks(PAGE, "app.py")]
    (tmp_path / "app.py").write_text(code, encoding="utf-8")
    consoles = [block.code for block in blocks(PAGE) if block.language == "console"]
    shown = "".join(consoles)
    assert shown.count("$ flask callbacks") == 3

    for block in shown.split("$ flask ")[1:]:
        command, _, output = block.partition("\n")
        done = subprocess.run(
            [sys.executable, "-m", "flask", *command.split()],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.stdout + done.stderr == output.rstrip("\n") + "\n"

    declared = (tmp_path / "client" / "callbacks.d.ts").read_text(encoding="utf-8")
    [types] = [block.code for block in blocks(PAGE, "client/callbacks.d.ts, its end")]
    assert declared.endswith(types.rstrip("\n") + "\n")
