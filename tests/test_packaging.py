"""The house and what leaves it: imports, sizes, metadata, the client script."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import re
from pathlib import Path

import pytest
from flask import Flask
from flask import url_for
from flask.testing import FlaskClient

import flask_clientcallback
from flask_clientcallback.protocol import wire
from flask_clientcallback.script import resources

NAME = "flask_clientcallback"
ROOT = Path(flask_clientcallback.__file__).parent
IN_SOURCE_TREE = (ROOT.parent / "setup.cfg").exists()


def test_public_names() -> None:
    """Every public name is there, listed once and in order."""
    names = flask_clientcallback.__all__
    assert names == sorted(set(names))
    assert all(hasattr(flask_clientcallback, name) for name in names)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the application."""
    return app.test_client()


def address(app: Flask, name: str) -> str:
    """Give the address of a file of the package."""
    with app.test_request_context():
        return url_for("clientcallback.resource", version=resources.VERSION, name=name)


def test_size_of_the_script(app: Flask, client: FlaskClient) -> None:
    """The client script is at most 5,000 bytes as it is served."""
    response = client.get(
        address(app, "clientcallback.js"), headers={"Accept-Encoding": "gzip"}
    )
    assert response.content_encoding == "gzip"
    assert len(response.data) <= 5000


@pytest.mark.parametrize("name", ["clientcallback.js", "clientcallback.mjs"])
def test_files_are_served(app: Flask, client: FlaskClient, name: str) -> None:
    """The files that browsers get are in the package; they lack only comments and
    indentation, which no text of theirs has.
    """
    served = client.get(address(app, name)).text.splitlines()
    types = re.compile(r"/\*\* @type [^*]*\*/ ")
    source = [
        types.sub("", line) if line not in served else line
        for line in map(str.lstrip, read_static(name).splitlines())
    ]
    left_out = [line for line in source if line not in served]
    kept = iter(source)
    assert served
    assert all(line in kept for line in served)
    assert all(line.startswith(("//", "/**", "* ", "*/")) for line in left_out)
    assert all(line.count("`") % 2 == 0 for line in served)


def read_static(name: str) -> str:
    """Read a file that browsers get."""
    files = importlib.resources.files(NAME)
    return files.joinpath("static", name).read_text(encoding="utf-8")


def script_constants() -> dict[str, str]:
    """Find the client script's text constants."""
    found = re.findall(r'^  const ([A-Z_]+) = "([^"]*)"$', script(), re.MULTILINE)
    return dict(found)


def script() -> str:
    """Read the client script."""
    return read_static("clientcallback.js")


def wire_constant(name: str) -> str | None:
    """Find the constant of the protocol that the script calls by a shorter name."""
    for candidate in (name, f"{name}_FIELD", f"{name}_HEADER"):
        value = getattr(wire, candidate, None)

        if isinstance(value, str):
            return value

    return None


@pytest.mark.parametrize("name", sorted(script_constants()))
def test_constants_of_the_script(name: str) -> None:
    """A name of the protocol is the same in the browser and on the server."""
    assert script_constants()[name] == wire_constant(name)


def test_script_has_its_constants() -> None:
    """The names that every call needs are among them."""
    assert {"ARGUMENT", "CONTENT_TYPE", "MARKER", "STATE", "TARGET"} <= set(
        script_constants()
    )


def test_script_has_no_other_fields() -> None:
    """The script writes no field whose name the server does not know."""
    fields = set(re.findall(r'"(__[A-Z]+)"', script()))
    assert fields <= wire.PROTOCOL_FIELDS
    assert set(script_constants().values()) >= fields


def test_kinds_of_the_script() -> None:
    """The script knows every kind of error that the server tells."""
    declared = read_static("clientcallback.d.ts").partition("CallbackErrorKind")[2]
    kinds = set(re.findall(r'\| "(\w+)"', declared.partition("/**")[0]))
    assert set(wire.ErrorKind.__args__) <= kinds  # type: ignore[attr-defined]


def test_typing_marker() -> None:
    """Type checkers are told that the package is typed."""
    assert importlib.resources.files(NAME).joinpath("py.typed").is_file()


if not IN_SOURCE_TREE:
    DISTRIBUTION = importlib.metadata.distribution("flask-clientcallback")

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("Name", "flask-clientcallback"),
            ("License-Expression", "BSD-3-Clause"),
            ("License-File", "LICENSE.txt"),
            ("Requires-Python", ">=3.11"),
            ("Description-Content-Type", "text/x-rst"),
        ],
    )
    def test_metadata(key: str, value: str) -> None:
        """The metadata says what the package is."""
        assert DISTRIBUTION.metadata.get_all(key) == [value]

    def test_classifiers() -> None:
        """Classifiers tell framework and types, and leave the licence alone."""
        classifiers = DISTRIBUTION.metadata.get_all("Classifier") or []
        assert {"Framework :: Flask", "Typing :: Typed"} <= set(classifiers)
        assert not any(text.startswith("License ::") for text in classifiers)

    def test_requirements() -> None:
        """What the package needs is said with lower bounds alone."""
        requirements = DISTRIBUTION.requires or []
        needed = [text for text in requirements if "extra ==" not in text]
        assert {re.split(r"[^\w-]", text)[0].lower() for text in needed} == {
            "flask",
            "werkzeug",
            "itsdangerous",
            "markupsafe",
            "blinker",
        }
        assert all(re.fullmatch(r"[\w-]+>=[\d.]+", text) for text in needed)
        assert DISTRIBUTION.metadata.get_all("Provides-Extra") is not None

    def test_installed_files() -> None:
        """Everything that the package needs is installed, and nothing else is."""
        files = {
            file.as_posix()
            for file in DISTRIBUTION.files or []
            if "__pycache__" not in file.parts
        }
        modules = {
            path.relative_to(ROOT.parent).as_posix() for path in ROOT.rglob("*.py")
        }
        assert {
            f"{NAME}/py.typed",
            f"{NAME}/static/clientcallback.js",
            f"{NAME}/static/clientcallback.mjs",
        } | modules <= files
        assert {file.partition("/")[0].partition("-")[0] for file in files} == {NAME}
