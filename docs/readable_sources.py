"""Lets the pages be written so that a repository browser shows them too, without any of
Sphinx's roles. A link to the file of another page leads to that page. Code leads to the
reference if it names a part of the interface.
"""

from __future__ import annotations

import posixpath
import typing as t
from urllib.parse import urldefrag
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from flask_clientcallback.config import DEFAULTS

PACKAGE = "flask_clientcallback"
# Where an object of the interface is documented.
MODULES = (PACKAGE, f"{PACKAGE}.page.templates", f"{PACKAGE}.testing")
# Files at the top that a page here includes.
INCLUDED = {
    "CHANGES.rst": "changes",
    "CONTRIBUTING.rst": "contributing",
    "LICENSE.txt": "license",
    "SECURITY.rst": "reporting",
}

logger = logging.getLogger(__name__)


def resolve(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Lead links and code of a page to where they point."""
    for link in tree.findall(nodes.reference):
        address = link.get("refuri", "")
        file, place = urldefrag(address)

        if not urlsplit(address).scheme and file.endswith((".rst", ".txt")):
            lead_to_page(app, link, page, file, place)

    for literal in list(tree.findall(nodes.literal)):
        if not isinstance(literal.parent, (nodes.reference, nodes.title)):
            lead_to_member(app, literal, page)


def lead_to_page(
    app: Sphinx, link: nodes.reference, page: str, file: str, place: str
) -> None:
    """Let a link to the file of a page lead to the page."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), file))
    target = INCLUDED.get(path.removeprefix("../"), path.removesuffix(".rst"))

    if target not in app.env.all_docs:
        logger.warning("no such page: %s", file, location=link)
        return

    if place and place not in app.env.get_doctree(target).ids:
        logger.warning("no such place: %s#%s", file, place, location=link)

    address = app.builder.get_relative_uri(page, target)
    link["refuri"] = f"{address}#{place}" if place else address
    link["internal"] = True


def lead_to_member(app: Sphinx, literal: nodes.literal, page: str) -> None:
    """Let code that names a part of the interface lead to the reference."""
    name = literal.astext().removesuffix("()")
    place = find_member(app, name)

    if place is None or place[0] == page:
        return

    address = app.builder.get_relative_uri(page, place[0])
    link = nodes.reference("", "", internal=True, refuri=f"{address}#{place[1]}")
    literal.replace_self(link)
    link += literal


def find_member(app: Sphinx, name: str) -> tuple[str, str] | None:
    """Find the page and the place where a name is explained."""
    if name in DEFAULTS:
        return "configuration", name.lower().replace("_", "-")

    objects = app.env.domains.python_domain.objects

    for module in MODULES:
        found = objects.get(f"{module}.{name}")

        if found is not None:
            return found.docname, found.node_id

    return None


def setup(app: Sphinx) -> dict[str, t.Any]:
    """Resolve both as each page is written."""
    app.connect("doctree-resolved", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
