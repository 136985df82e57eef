"""Finds the name that is meant by another one: by ASP.NET's, or by a misspelt one."""

from __future__ import annotations

import difflib
import re
import typing as t
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

from .signals import HOOKS

METHODS = ("raise_callback_event", "get_callback_result", "raise_postback_event")
"""The methods of the handler interface, and of post-back events."""

_RAISED_BY_PAGE = (
    "pre_init",
    "init",
    "init_complete",
    "pre_load",
    "load",
    "load_complete",
    "pre_render",
    "pre_render_complete",
    "save_state_complete",
    "unload",
)
"""The stages for which ASP.NET has an event, and so a method: OnLoad for example."""
_OVERRIDDEN = {
    "CreateChildControls": "page_init",
    "LoadPageStateFromPersistenceMedium": "page_load_state",
    "LoadViewState": "page_load_state",
    "SavePageStateToPersistenceMedium": "page_save_state",
    "SaveViewState": "page_save_state",
}
"""Other methods that ASP.NET pages override. In lower case they are ordinary names."""
_ELSEWHERE = {"flask": ("request", "session")}
"""What ASP.NET's pages have, and Flask has elsewhere."""
_ALIASES = {"Controls": "add_control"}
"""ASP.NET's members whose names here differ in more than their spelling."""


def _squeeze(name: str) -> str:
    """Remove what differs between spellings of a name."""
    return name.replace("_", "").lower()


_MEANT = {
    **{_squeeze(name): name for name in (*METHODS, *HOOKS)},
    **{
        _squeeze(f"{prefix}_{stage}"): f"page_{stage}"
        for prefix in ("on", "page_on")
        for stage in _RAISED_BY_PAGE
    },
}
"""The hook or method for each squeezed name."""


def find_meant(name: str, names: Iterable[str]) -> str | None:
    """Find the name that differs only in capitals and underscores."""
    squeezed = _squeeze(name)
    return next((known for known in names if _squeeze(known) == squeezed), None)


def find_near(name: str, names: Collection[str]) -> str | None:
    """Find the same, or else the most similar name, if there is one."""
    near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.7)
    return find_meant(name, names) or next(iter(near), None)


def find_interface_name(name: str) -> str | None:
    """Find the hook or method of the handler interface that a method's name means.
    ``None`` if the name is one of them, or an ordinary one.
    """
    # A name with an underscore first is its author's own.
    if name in HOOKS or name in METHODS or name.startswith("_"):
        return None

    meant = _OVERRIDDEN.get(name) or _MEANT.get(_squeeze(name))

    if meant is not None:
        return meant

    written = re.sub(r"(?<=[a-z])_?(?=[A-Z])", "_", name).lower()
    words = written.count("_")
    [*near] = difflib.get_close_matches(written, METHODS, n=1, cutoff=0.9)
    # page_upload is not a slip for page_unload, nor page_limit for page_init.
    near += [hook for hook in HOOKS if _is_slip(written, hook)]
    return next((known for known in near if known.count("_") == words), None)


def _is_slip(written: str, meant: str) -> bool:
    """Tell whether a letter is missing or extra, or two have changed places."""
    start = 0

    while written[start : start + 1] == meant[start : start + 1] != "":
        start += 1

    one, other = written[start:], meant[start:]
    return other in (one[1:], one[1::-1] + one[2:]) or one == other[1:]


def explain_attribute(
    owner: object, name: str, places: Mapping[str, Iterable[str]]
) -> t.Any:
    """Look up an attribute that was not found, and tell which one is meant.

    :param places: members that may be meant, by the expression for their object.
    :raises AttributeError: it is still not found.
    """
    # Copying and pickling look for special names, even on an object that is not made
    # yet.
    if not name.startswith("_") and name not in dir(owner):
        for place, names in {**places, **_ELSEWHERE}.items():
            public = [known for known in names if not known.startswith("_")]
            meant = find_meant(_ALIASES.get(name, name), public)

            if meant is not None:
                kind = type(owner).__name__
                raise AttributeError(
                    f"{kind!r} object has no attribute {name!r}: it is {place}.{meant}",
                    name=name,
                    obj=owner,
                )

    # Fails with Python's own message, or with a property's.
    return object.__getattribute__(owner, name)
