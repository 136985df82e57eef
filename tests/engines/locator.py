"""Elements of a page, found anew whenever a test uses them."""

from __future__ import annotations

import base64
import re
import typing as t
from collections.abc import Mapping
from collections.abc import Sequence
from mimetypes import guess_type
from pathlib import Path

from . import keys
from .tab import Tab
from .tab import Waiting

Text: t.TypeAlias = "str | re.Pattern[str]"
Step: t.TypeAlias = "dict[str, t.Any]"
File: t.TypeAlias = "Mapping[str, t.Any] | Path"

EVALUATE = """async (elements, { steps, argument }) => {
  const element = elements.one(steps)
  if (!element) return elements.wait("there is no such element")
  const value = await (FUNCTION
  )(element, argument)
  return { value }
}"""


class Finder:
    """Names elements below a page, or below other elements."""

    def __init__(self, tab: Tab, steps: Sequence[Step], timeout: float) -> None:
        self.tab = tab
        self.steps = list(steps)
        self.timeout = timeout

    def _find(self, kind: str, **more: t.Any) -> Locator:
        step = {"kind": kind, **more}
        return Locator(self.tab, [*self.steps, step], self.timeout)

    def locator(self, selector: str, *, has_text: Text | None = None) -> Locator:
        """Name elements by a CSS selector."""
        found = self._find("css", css=selector)
        return found if has_text is None else found.filter(has_text=has_text)

    def get_by_role(
        self,
        role: str,
        *,
        name: Text | None = None,
        exact: bool = False,
        pressed: bool | None = None,
    ) -> Locator:
        """Name elements by what they are to a screen reader, and its name for them."""
        wanted = None if name is None else describe(name, exact)
        return self._find("role", role=role, name=wanted, pressed=pressed)

    def get_by_text(self, text: Text, *, exact: bool = False) -> Locator:
        """Name the innermost elements with a text."""
        return self._find("text", **describe(text, exact))

    def get_by_label(self, text: Text, *, exact: bool = False) -> Locator:
        """Name controls by their label."""
        return self._find("label", **describe(text, exact))


class Locator(Finder):
    """Elements by how they are found."""

    def __repr__(self) -> str:
        return f"<Locator {self.steps}>"

    @property
    def first(self) -> Locator:
        """The first of them."""
        return self.nth(0)

    @property
    def last(self) -> Locator:
        """The last of them."""
        return self.nth(-1)

    def nth(self, index: int) -> Locator:
        """One of them, from zero."""
        return self._find("nth", index=index)

    def filter(
        self, *, has_text: Text | None = None, visible: bool | None = None
    ) -> Locator:
        """Those with a text, and those that are seen or not."""
        wanted = None if has_text is None else describe(has_text, False)
        return self._find("filter", text=wanted, seen=visible)

    def all(self) -> list[Locator]:
        """One for each that is there."""
        return [self.nth(index) for index in range(self.count())]

    # What is there now.

    def count(self) -> int:
        """Count them."""
        return t.cast("int", self._ask("count"))

    def states(self, attribute: str | None = None) -> list[dict[str, t.Any]]:
        """Tell all about each of them."""
        states = self._ask("states", attribute=attribute)
        return t.cast("list[dict[str, t.Any]]", states)

    def all_text_contents(self) -> list[str]:
        """Give the text of each of them."""
        return t.cast("list[str]", self._ask("texts"))

    def all_inner_texts(self) -> list[str]:
        """Give the text of each of them, as it is shown."""
        return [state["inner"] for state in self.states()]

    def is_visible(self) -> bool:
        """Tell whether it is there and seen."""
        return any(state["visible"] for state in self.states()[:1])

    def _ask(self, method: str, **more: t.Any) -> t.Any:
        argument = {"steps": self.steps, **more}
        script = f"(elements, argument) => elements.{method}(argument)"
        return self.tab.until(lambda: self.tab.use(script, argument), self.timeout)

    # What is there, sooner or later.

    def _do(self, method: str, **more: t.Any) -> t.Any:
        return self._ask(method, **more)["value"]

    def _read(self, name: str, attribute: str | None = None) -> t.Any:
        return self._do("read", attribute=attribute)[name]

    def text_content(self) -> str | None:
        """Give its text."""
        return t.cast("str", self._read("text"))

    def inner_text(self) -> str:
        """Give its text as it is shown."""
        return t.cast("str", self._read("inner"))

    def inner_html(self) -> str:
        """Give its HTML."""
        return t.cast("str", self._do("html"))

    def input_value(self) -> str:
        """Give the value of a control."""
        return t.cast("str", self._read("value"))

    def get_attribute(self, name: str) -> str | None:
        """Give an attribute."""
        return t.cast("str | None", self._read("attribute", name))

    def is_checked(self) -> bool:
        """Tell whether a box is checked."""
        return bool(self._read("checked"))

    def is_disabled(self) -> bool:
        """Tell whether it is disabled."""
        return bool(self._read("disabled"))

    def is_enabled(self) -> bool:
        """Tell whether it is not disabled."""
        return not self.is_disabled()

    def bounding_box(self) -> dict[str, float]:
        """Give its place in the window."""
        return t.cast("dict[str, float]", self._do("box"))

    def evaluate(self, expression: str, argument: t.Any = None) -> t.Any:
        """Call a function with the element."""
        script = EVALUATE.replace("FUNCTION", expression, 1)
        given = {"steps": self.steps, "argument": argument}
        answer = self.tab.until(lambda: self.tab.use(script, given), self.timeout)
        return answer["value"]

    def evaluate_all(self, expression: str, argument: t.Any = None) -> t.Any:
        """Call a function with a list of them."""
        script = (
            f"(e, {{ steps, argument }}) => ({expression})(e.find(steps), argument)"
        )
        return self.tab.use(script, {"steps": self.steps, "argument": argument})

    def wait_for(self, *, state: str = "visible") -> None:
        """Wait until it is in a state."""

        def look() -> None:
            found = self.states()
            seen = [one for one in found if one["visible"]]
            reached = {
                "attached": bool(found),
                "detached": not found,
                "hidden": not seen,
                "visible": bool(seen),
            }

            if not reached[state]:
                raise Waiting(f"it is not {state}")

        self.tab.until(look, self.timeout, repr(self))

    # What a user does.

    def click(
        self,
        *,
        modifiers: Sequence[str] = (),
        position: Mapping[str, float] | None = None,
        force: bool = False,
    ) -> None:
        """Click on its middle or another place of it, once nothing lies above that."""
        self._point(1, modifiers, force, position)

    def dblclick(self) -> None:
        """Click on its middle twice."""
        self._point(2, (), False)

    def hover(self) -> None:
        """Move the pointer to its middle."""
        self._point(0, (), False)

    def _point(
        self,
        clicks: int,
        held: Sequence[str],
        force: bool,
        position: Mapping[str, float] | None = None,
    ) -> None:
        place, before = None, {}

        # What is chosen, or comes late, may still move it.
        while place != before:
            before = place
            place = self._do("point", force=force, hover=not clicks, position=position)

        actions = keys.point(place["x"], place["y"], clicks=clicks, held=held)
        self.tab.act(actions, leads=bool(clicks) and place["leads"])

    def check(self) -> None:
        """Click on a box that is not checked."""
        self.set_checked(True)

    def uncheck(self) -> None:
        """Click on a box that is checked."""
        self.set_checked(False)

    def set_checked(self, checked: bool) -> None:
        """Click on a box whose state is another one."""
        if self.is_checked() != checked:
            self.click()

    def focus(self) -> None:
        """Give it the focus."""
        self._do("focus")

    def blur(self) -> None:
        """Take the focus from it."""
        self.evaluate("element => element.blur()")

    def fill(self, value: str) -> None:
        """Type a text in the place of what a field holds."""
        self._do("fill", text=value)

    def clear(self) -> None:
        """Take away what a field holds."""
        self.fill("")

    def press(self, key: str) -> None:
        """Press a key with the focus there."""
        self._do("focus")
        self.tab.act(keys.press(key))

    def press_sequentially(self, text: str) -> None:
        """Press the key of each character with the focus there."""
        self._do("focus")
        self.tab.act(keys.write(text))

    type = press_sequentially

    def select_option(self, value: str | Sequence[str]) -> list[str]:
        """Choose options by their value or their text."""
        values = [value] if isinstance(value, str) else list(value)
        return t.cast("list[str]", self._do("select", values=values))

    def set_input_files(self, files: File | Sequence[File]) -> None:
        """Choose files."""
        chosen = [files] if isinstance(files, Mapping | Path) else files
        self._do("files", files=[encode(one) for one in chosen])

    def dispatch_event(
        self, type: str, event_init: Mapping[str, t.Any] | None = None
    ) -> None:
        """Let an event happen to it."""
        self._do("dispatch", name=type, values=event_init or {})


def describe(text: Text, exact: bool) -> Step:
    """Say which texts are meant."""
    if isinstance(text, str):
        return {"text": text, "exact": exact}

    flags = "i" if text.flags & re.IGNORECASE else ""
    return {"text": text.pattern, "flags": flags}


def encode(file: File) -> dict[str, str]:
    """Write a file as JSON can."""
    if isinstance(file, Path):
        kind, _ = guess_type(file.name)
        content = file.read_bytes()
        file = {"name": file.name, "mimeType": kind or "", "buffer": content}

    content = base64.b64encode(file["buffer"]).decode()
    return {"name": file["name"], "type": file["mimeType"], "content": content}
