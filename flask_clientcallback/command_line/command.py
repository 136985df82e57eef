"""The command ``flask callbacks``."""

from __future__ import annotations

import re
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from ..globals import EXTENSION_NAME
from .listing import list_pages
from .overview import NO_PAGES
from .overview import write_overview
from .typescript import write_declarations
from .typescript import write_module

_MODULE_NAME = re.compile(r"(?<!\.d)\.m?ts$")
"""The files that TypeScript compiles, instead of only reading types from them."""


@click.command("callbacks", short_help="Show what JavaScript can call in each page.")
@click.option(
    "--types",
    "path",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the types for TypeScript into a file, client/callbacks.d.ts say. A"
    " file such as client/callbacks.ts also exports what the client script has.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Only see that this file is up to date, and exit with 1 if it is not.",
)
@with_appcontext
def callbacks(path: Path | None, check: bool) -> None:
    """Show what JavaScript can call in each page of the application."""
    pages = list_pages(current_app)

    if EXTENSION_NAME not in current_app.extensions:
        click.echo(
            "The application answers no callbacks yet: write ClientCallback(app).",
            err=True,
        )

    if path is not None:
        is_module = _MODULE_NAME.search(path.name) is not None
        text = write_module(pages) if is_module else write_declarations(pages)
        count = f"{len(pages)} page{'' if len(pages) == 1 else 's'}"

        if check:
            _check(path, text)
            click.echo(f"{path} is up to date: {count}.")
        else:
            _write(path, text)
            click.echo(f"Wrote {path}: {count}.")
    elif check:
        raise click.UsageError("--check goes with --types FILE: it checks that file.")
    else:
        click.echo(write_overview(pages) if pages else NO_PAGES, nl=False)


def _check(path: Path, text: str) -> None:
    try:
        # Whatever line ends this machine uses.
        written = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        written = None
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"Cannot read {path}: {error}") from error

    if written != text:
        state = "is not there" if written is None else "is out of date"
        raise click.ClickException(
            f"{path} {state}. Run: flask callbacks --types {path}"
        )


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise click.ClickException(f"Cannot write {path}: {error}") from error
