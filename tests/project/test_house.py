"""The plan of the house: wings over a ground floor, and what each may import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import flask_clientcallback

NAME = "flask_clientcallback"
ROOT = Path(flask_clientcallback.__file__).parent

HOUSE = """\
field_errors errors typing signals spelling config
protocol/ javascript arguments compact_json form_data addresses failures method_calls \
    wire answers signing event_tokens state_tokens
globals
targets/ interface hints types form_values messages parameters marks methods \
    declared_controls controls forms
state/ stores shared_store snapshots view_state user binding event_validation
work/ streams json_text background records life_signs reports running runners jobs \
    overlap starting
script/ html client_messages resources blueprint overloads registered_scripts \
    references attributes client_script
page/ limits hooks persister page results markup live_page shown_results \
    called_methods events life_cycle current templates
request/ exchange refusals body cached_pages guard timing raised_errors responses \
    conclusions streaming answer sender envelope
handler extension __init__
command_line/ listing hints overview type_writer schemas type_names typescript command
testing/ memory_store select_reader page_form form_reader page_parser advice answer \
    call_arguments calls submission sending page client plugin
"""
"""A line is a wing, or a part of the ground floor. A module imports only those that
stand before it.
"""


def rooms(plan: str) -> Iterator[str]:
    """List the modules of a plan in its order, a wing's own ``__init__`` last."""
    for line in plan.splitlines():
        first, *others = line.split()

        if first.endswith("/"):
            wing = first.removesuffix("/")
            yield from (f"{wing}.{name}" for name in others)
            yield wing
        else:
            yield from (first, *others)


ROOMS = list(rooms(HOUSE))
WINGS = [room for room in ROOMS if (ROOT / room).is_dir()]


def path_of(room: str) -> Path:
    """Give the file of a module, or the ``__init__`` of a wing."""
    path = ROOT.joinpath(*room.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def imports(room: str) -> Iterator[tuple[str, str]]:
    """List a module's imports, also those for types only: from where, which name."""
    package = [*room.split("."), ""] if room in WINGS else room.split(".")

    for node in ast.walk(ast.parse(path_of(room).read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""

            if node.level:
                parents = package[: len(package) - node.level]
                source = ".".join((NAME, *parents, *filter(None, [source])))

            yield from ((source, alias.name) for alias in node.names)


def doors(room: str) -> Iterator[tuple[str, str]]:
    """List what a module imports of the package: which module, and which name."""
    for source, name in imports(room):
        if source.partition(".")[0] != NAME:
            continue

        found = source.removeprefix(NAME).removeprefix(".") or "__init__"
        inner = name if found == "__init__" else f"{found}.{name}"
        # A name of the package or of a wing may be one of its modules.
        yield (inner, "") if inner in ROOMS else (found, name)


def test_every_room_is_in_the_plan() -> None:
    """The plan has the files that there are."""
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in ROOT.rglob("*.py")
    }
    assert len(ROOMS) == len(set(ROOMS))
    assert {file.removesuffix(".__init__") for file in files} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_imports_stand_before(room: str) -> None:
    """A module imports only what stands before it, also for types."""
    assert {found for found, _ in doors(room)} <= set(ROOMS[: ROOMS.index(room)])


@pytest.mark.parametrize("room", ROOMS)
def test_doors_are_public_names(room: str) -> None:
    """A module imports no private name of another, and nothing of a wing's
    ``__init__``, which only says what the wing is.
    """
    for found, name in doors(room):
        assert not name.startswith("_")
        assert found not in WINGS


def test_imports_are_seen() -> None:
    """The imports that the tests go by are really found."""
    assert ("errors", "RefusedError") in set(doors("request.guard"))
    assert ("protocol.wire", "STATE_FIELD") in set(doors("page.markup"))
    assert ("page.hooks", "call") in set(doors("page.events"))
    assert ("script.resources", "") in set(doors("script.blueprint"))
    assert ("testing.client", "CallbackClient") in set(doors("testing"))
    assert ("flask", "Flask") in set(imports("page.hooks"))


@pytest.mark.parametrize("room", [r for r in ROOMS if r.startswith("protocol")])
def test_protocol_knows_no_application(room: str) -> None:
    """What is signed and sent is taken from bytes, text and plain values alone."""
    sources = {source.partition(".")[0] for source, _ in imports(room)}
    assert "flask" not in sources
    assert {found for found, _ in doors(room)} <= {
        "errors",
        "typing",
        *(name for name in ROOMS if name.startswith("protocol.")),
    }


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_are_small(room: str) -> None:
    """A module can be read at a sitting."""
    assert len(path_of(room).read_text().splitlines()) <= 250
