"""The pages of an application, and what their JavaScript can call."""

from __future__ import annotations

import dataclasses
import typing as t

from flask import Flask
from werkzeug.routing import Rule

from ..config import HandlerOptions
from ..config import OPTIONS_ATTRIBUTE
from ..config import options_of
from ..protocol.wire import PAGE_TARGET
from ..targets.declared_controls import declared_controls
from ..targets.interface import takes_events
from ..targets.methods import CallbackMethod
from ..targets.methods import methods_of


class ListedTarget(t.NamedTuple):
    """A view or a declared control."""

    control_id: str
    """``__Page`` stands for the view."""
    owner: type
    """Its class."""

    @property
    def methods(self) -> list[CallbackMethod]:
        """Its methods that are marked, in the order of the class."""
        return [*methods_of(self.owner).values()]

    @property
    def takes_events(self) -> bool:
        """Whether it has ``raise_callback_event``."""
        return takes_events(self.owner)


class ListedPage(t.NamedTuple):
    """A view that is marked ``@callback_handler``, under one of its endpoints."""

    endpoint: str
    addresses: list[str]
    """The rules of its URLs, the shortest first, each with its host if it has one."""
    view_class: type
    targets: list[ListedTarget]
    """The view first, then the controls that it declares."""

    @property
    def options(self) -> dict[str, object]:
        """Its options that differ from the defaults."""
        options = options_of(self.view_class)
        values = {
            field.name: getattr(options, field.name)
            for field in dataclasses.fields(HandlerOptions)
        }
        usual = dataclasses.asdict(HandlerOptions())
        return {name: value for name, value in values.items() if value != usual[name]}


def list_pages(app: Flask) -> list[ListedPage]:
    """List the pages of an application by their endpoints."""
    pages: list[ListedPage] = []

    for endpoint, view in sorted(app.view_functions.items()):
        view_class = getattr(view, "view_class", None)

        if view_class is None or not hasattr(view_class, OPTIONS_ATTRIBUTE):
            continue

        rules = (rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
        addresses = sorted({_address_of(rule, app) for rule in rules}, key=_by_length)
        controls = declared_controls(view_class)
        targets = [
            ListedTarget(PAGE_TARGET, view_class),
            *(ListedTarget(name, owner) for name, owner in controls.items()),
        ]
        pages.append(ListedPage(endpoint, addresses, view_class, targets))

    return pages


def _by_length(address: str) -> tuple[int, str]:
    return len(address), address


def _address_of(rule: Rule, app: Flask) -> str:
    if app.url_map.host_matching:
        return f"{rule.host or ''}{rule.rule}"

    if rule.subdomain:
        # Without a server name, no such address is ever found.
        return f"{rule.subdomain}.{app.config['SERVER_NAME'] or ''}{rule.rule}"

    return rule.rule
