"""What ``flask callbacks`` prints."""

from __future__ import annotations

import inspect
import json
import typing as t
from collections.abc import Iterable
from collections.abc import Iterator

from ..protocol.wire import PAGE_TARGET
from ..targets.interface import may_add_controls
from .hints import write_signature
from .listing import ListedPage
from .listing import ListedTarget

NO_PAGES = """\
The application has no page that makes callbacks. Mark a view class @callback_handler,
and add it with app.add_url_rule("/", view_func=Shop.as_view("shop")).
"""
_GAP = " " * 5


def write_overview(pages: Iterable[ListedPage]) -> str:
    """Write what the JavaScript of pages can call, one line for each."""
    return "\n".join("\n".join(_lines_of(page)) for page in pages) + "\n"


def _lines_of(page: ListedPage) -> Iterator[str]:
    view_class = page.view_class
    addresses = ", ".join(page.addresses) or "(no URL)"
    head = [
        page.endpoint,
        addresses,
        f"{view_class.__module__}.{view_class.__qualname__}",
    ]

    if page.options:
        said = ", ".join(f"{name}={value!r}" for name, value in page.options.items())
        head.append(f"({said})")

    yield "  ".join(head)
    lines = [line for target in page.targets for line in _lines_of_target(target)]

    if not lines and may_add_controls(view_class):
        lines = ["(what the controls have that its hooks add)"]

    yield from (f"    {line}" for line in lines)


def _lines_of_target(target: ListedTarget) -> Iterator[str]:
    name = json.dumps(target.control_id)
    proxy = "page" if target.control_id == PAGE_TARGET else f"target({name})"

    for method in target.methods:
        call = f"{proxy}.{method.name}{write_signature(method)}"
        yield _GAP.join(filter(None, (call, method.description)))

    if target.takes_events:
        owner: t.Any = target.owner
        text = inspect.getdoc(owner.raise_callback_event) or ""
        call = f"call({name}, event_argument)"
        yield _GAP.join(filter(None, (call, _first_line(text))))


def _first_line(text: str) -> str:
    return text.partition("\n\n")[0].replace("\n", " ")
