"""Keys by the names that Playwright has, as W3C WebDriver takes them."""

from __future__ import annotations

import typing as t

from .driver import Action

KEYS = {
    "Alt": "\ue00a",
    "ArrowDown": "\ue015",
    "ArrowLeft": "\ue012",
    "ArrowRight": "\ue014",
    "ArrowUp": "\ue013",
    "Backspace": "\ue003",
    "Control": "\ue009",
    "ControlOrMeta": "\ue009",
    "Delete": "\ue017",
    "End": "\ue010",
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Home": "\ue011",
    "Meta": "\ue03d",
    "PageDown": "\ue00f",
    "PageUp": "\ue00e",
    "Shift": "\ue008",
    "Space": " ",
    "Tab": "\ue004",
}


def press(combination: str) -> list[Action]:
    """Press a key while others are held, as in ``Shift+Tab``."""
    *held, last = combination.split("+") if len(combination) > 1 else [combination]
    names = [KEYS.get(name, name) for name in (*held, last)]
    down = [{"type": "keyDown", "value": name} for name in names]
    up = [{"type": "keyUp", "value": name} for name in reversed(names)]
    return _keyboard([*down, *up])


def write(text: str) -> list[Action]:
    """Press the key of each character."""
    values = [KEYS["Enter"] if one == "\n" else one for one in text]
    kinds = ("keyDown", "keyUp")
    return _keyboard([{"type": kind, "value": v} for v in values for kind in kinds])


def point(x: float, y: float, *, clicks: int, held: t.Sequence[str]) -> list[Action]:
    """Move the pointer to a place of the window, and press its button there.

    :param held: the names of keys that are held meanwhile.
    """
    place = {"origin": "viewport", "x": x, "y": y, "duration": 0}
    steps: list[dict[str, t.Any]] = [{"type": "pointerMove", **place}]

    for _ in range(clicks):
        steps += [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]

    names = [KEYS[name] for name in held]
    pauses = [{"type": "pause"} for _ in names]
    mouse = {
        "type": "pointer",
        "id": "mouse",
        "parameters": {"pointerType": "mouse"},
        "actions": [*pauses, *steps, *pauses],
    }

    if not names:
        return [mouse]

    down = [{"type": "keyDown", "value": name} for name in names]
    up = [{"type": "keyUp", "value": name} for name in names]
    waits = [{"type": "pause"} for _ in steps]
    return [*_keyboard([*down, *waits, *up]), mouse]


def _keyboard(actions: list[dict[str, str]]) -> list[Action]:
    return [{"type": "key", "id": "keys", "actions": actions}]
