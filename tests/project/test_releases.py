"""The page on releases tells what the metadata says."""

from __future__ import annotations

import importlib
import re
from configparser import ConfigParser

from ..helpers.documentation import read

PAGE = read("docs/releases.rst")
SETUP = ConfigParser(interpolation=None)
SETUP.read_string(read("setup.cfg"))
ROWS = dict(re.findall(r"^ {4}\* - (\S+)\n {6}- (.+)$", PAGE, re.MULTILINE))


def test_versions_of_python() -> None:
    """The versions of Python are those of the classifiers."""
    classifiers = SETUP["metadata"]["classifiers"]
    assert ROWS["Python"] == ", ".join(re.findall(r"Python :: (3\.\d+)", classifiers))


def test_versions_of_packages() -> None:
    """The oldest version of each package is the one that is required."""
    required = SETUP["options"]["install_requires"].split()
    named = {
        f"{name.lower()}>={versions.removesuffix(' and newer')}"
        for name, versions in ROWS.items()
        if versions.endswith(" and newer")
    }
    assert named == set(required)


def test_public_modules() -> None:
    """What is called public can be imported."""
    [listed] = re.findall(r"you can import from (.+?),\s+with", PAGE, re.DOTALL)
    names = re.findall(r"``([\w.]+)``", listed)
    assert len(names) > 3

    for name in names:
        assert importlib.import_module(name)


def test_placeholders() -> None:
    """What has to be replaced before the first release stands where the page says."""
    [listed] = re.findall(
        r"They all\s+end\s+in ``\.example``, in (.+?)\.\n", PAGE, re.DOTALL
    )
    named = re.findall(r"``([\w.]+)``", listed)
    assert named == ["setup.cfg", "SECURITY.rst"]

    for name in named:
        assert ".example" in read(name)

    [path] = re.findall(r"in place of\s+``(/.+?)``", PAGE)
    assert path in read("README.rst")
    assert path in read("docs/quickstart.rst")
