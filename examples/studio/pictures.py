"""The pictures, in the memory of the application: it forgets them when it ends."""

from dataclasses import dataclass
from io import BytesIO
from itertools import count
from math import ceil
from pathlib import Path
from threading import Lock

from flask import abort

KINDS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}
"""The types of picture that are taken, by what their bytes begin with."""

LIMIT = 12


@dataclass(frozen=True)
class Picture:
    """A picture.

    :param kind: its content type.
    """

    number: int
    title: str
    kind: str
    data: bytes

    @property
    def size(self) -> str:
        """How long it is, for people to read."""
        kilobytes = ceil(len(self.data) / 1000)
        return f"{kilobytes / 1000:.1f} MB" if kilobytes >= 1000 else f"{kilobytes} kB"

    def open(self) -> BytesIO:
        """Give its bytes as a file."""
        return BytesIO(self.data)


class Pictures:
    """All pictures, the newest first. The oldest goes when there are too many.

    :param folder: the drawings to begin with.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = Lock()
        self._numbers = count(1)
        self._pictures: dict[int, Picture] = {}

        for path in sorted(folder.glob("*.svg")):
            self.add(path.stem.capitalize(), "image/svg+xml", path.read_bytes())

    def add(self, title: str, kind: str, data: bytes) -> Picture:
        """Keep a picture."""
        with self._lock:
            number = next(self._numbers)
            picture = self._pictures[number] = Picture(number, title, kind, data)

            if len(self._pictures) > LIMIT:
                del self._pictures[min(self._pictures)]

            return picture

    def remove(self, number: int) -> Picture | None:
        """Forget a picture, and give it. None if there is none of this number."""
        with self._lock:
            return self._pictures.pop(number, None)

    def find(self, text: str) -> list[Picture]:
        """List the pictures with a text in their title, the newest first."""
        with self._lock:
            pictures = list(self._pictures.values())

        wanted = text.strip().casefold()
        return [
            picture
            for picture in reversed(pictures)
            if wanted in picture.title.casefold()
        ]

    def get_or_404(self, number: int) -> Picture:
        """Give a picture, or end the request."""
        with self._lock:
            return self._pictures.get(number) or abort(404)


def kind_of(data: bytes) -> str | None:
    """Tell the content type of a picture by its bytes. None if it is not taken."""
    return next((kind for start, kind in KINDS.items() if data.startswith(start)), None)
