"""What a browser would send for a select element."""

from __future__ import annotations

Attributes = dict[str, str | None]


class SelectReader:
    """The options of a select element, as they come."""

    def __init__(self, attributes: Attributes) -> None:
        self.attributes = attributes
        self.text: str = ""
        """The text of the option so far."""
        self._in_disabled_group = False
        self._open: Attributes | None = None
        self._options: list[tuple[str, bool, bool]] = []

    def begin(self, tag: str, attributes: Attributes) -> None:
        """Read the beginning of an option or of a group."""
        self.end(tag)

        if tag == "optgroup":
            self._in_disabled_group = "disabled" in attributes
        else:
            self._open = attributes
            self.text = ""

    def end(self, tag: str) -> None:
        """Read the end of an option or of a group."""
        if self._open is not None:
            said = self._open
            text = " ".join(self.text.split())
            value = (said["value"] or "") if "value" in said else text
            disabled = "disabled" in said or self._in_disabled_group
            self._options.append((value, "selected" in said, disabled))
            self._open = None

        if tag == "optgroup":
            self._in_disabled_group = False

    def chosen(self) -> list[str]:
        """List the values that are sent."""
        self.end("select")
        chosen = [option for option in self._options if option[1]]

        if "multiple" not in self.attributes:
            chosen = chosen[-1:]

            # A select that shows several options has none chosen by default.
            if not chosen and (self.attributes.get("size") or "1") in ("0", "1"):
                chosen = [option for option in self._options if not option[2]][:1]

        return [value for value, _, disabled in chosen if not disabled]
