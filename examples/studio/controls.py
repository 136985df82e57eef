"""The parts of the page that answer calls of their own."""

import csv
from io import BytesIO
from io import StringIO
from pathlib import PurePath
from typing import Annotated

from annotated_types import Ge
from annotated_types import Le
from annotated_types import MaxLen
from flask import current_app
from flask import Response
from flask import send_file
from markupsafe import Markup
from werkzeug.datastructures import FileStorage

from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page
from flask_clientcallback import FromForm
from flask_clientcallback import render_fragment

from .pictures import kind_of
from .pictures import Pictures

Text = Annotated[str, MaxLen(60)]
Step = Annotated[int, Ge(-1), Le(1)]


class Gallery:
    """Takes pictures, finds them, and gives a list of them."""

    message = ""

    @property
    def pictures(self) -> Pictures:
        """All pictures there are."""
        pictures: Pictures = current_app.extensions["pictures"]
        return pictures

    @callback_method
    def find(self, text: FromForm[Text] = "") -> Markup:
        """Show the pictures with a text in their title."""
        return self.show(text)

    @callback_method
    def upload(
        self, picture: FromForm[FileStorage], title: FromForm[Text] = ""
    ) -> Markup:
        """Keep a picture. Without a title it has the name of its file."""
        data = picture.read()
        kind = kind_of(data)

        if kind is None:
            raise CallbackError(
                "That is no picture.",
                fields={"picture": "Choose a PNG, JPEG or GIF."},
            )

        name = title.strip() or PurePath(picture.filename or "Untitled").stem[:60]
        added = self.pictures.add(name, kind, data)
        self.message = f"“{added.title}” is here."
        return self.show("")

    @callback_method
    def remove(self, number: int, text: FromForm[Text] = "") -> Markup:
        """Forget a picture."""
        removed = self.pictures.remove(number)

        if removed is None:
            raise CallbackError("That picture is already deleted.")

        self.message = f"“{removed.title}” is deleted."
        return self.show(text)

    @callback_method
    def download(self) -> Response:
        """Give the list of all pictures as a file."""
        text = StringIO()
        writer = csv.writer(text)
        writer.writerow(("Number", "Title", "Type", "Bytes"))
        writer.writerows(
            (picture.number, cell(picture.title), picture.kind, len(picture.data))
            for picture in self.pictures.find("")
        )
        # Spreadsheets know by the mark that it is UTF-8.
        data = BytesIO(text.getvalue().encode("utf-8-sig"))
        return send_file(
            data, "text/csv", as_attachment=True, download_name="pictures.csv"
        )

    def show(self, text: str) -> Markup:
        """Write the pictures as they are now."""
        return render_fragment(
            "gallery.html", found=self.pictures.find(text), message=self.message
        )


class Prints:
    """Counts the prints to order. The number lies in the page's view state."""

    def page_load(self) -> None:
        """Begin with none."""
        current_page.view_state.setdefault("prints", 0)

    @property
    def number(self) -> int:
        """How many there are."""
        number: int = current_page.view_state["prints"]
        return number

    @callback_method
    def change(self, step: Step) -> int:
        """Take one more, or one less."""
        current_page.view_state["prints"] = min(max(0, self.number + step), 999)
        return self.number


def cell(text: str) -> str:
    """Write a text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
