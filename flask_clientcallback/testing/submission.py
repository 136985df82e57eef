"""What a browser sends when a form is submitted."""

from __future__ import annotations

import io
import re
import typing as t
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from urllib.parse import quote
from urllib.parse import urlencode
from urllib.parse import urljoin
from urllib.parse import urlsplit

from werkzeug.datastructures import FileStorage

from ..errors import ClientCallbackError
from .call_arguments import named_file
from .page_form import MULTIPART
from .page_form import PageForm
from .page_form import PLAIN_TEXT
from .page_form import SubmitButton
from .page_form import URL_ENCODED

_ALL_OF_ASCII = "".join(map(chr, range(33, 127)))


def press(
    forms: Sequence[PageForm], wanted: str | None
) -> tuple[PageForm, SubmitButton | None]:
    """Find the form that is sent, and the button that it is sent with.

    :param forms: the forms to search.
    :param wanted: the button, as it is called. Default: the Enter key is pressed in the
        first form.
    :raises ClientCallbackError: a browser would send nothing; or several buttons fit.
    """
    offered = [(form, button) for form in forms for button in form.buttons]
    there = ", ".join(str(button) for _, button in offered) or "none"
    found: list[tuple[PageForm, SubmitButton | None]]

    if wanted is None:
        first = forms[0]
        found = [(first, next(iter(first.buttons), None))]
        called = "that the Enter key presses"
    else:
        found = [pair for pair in offered if pair[1].is_called(wanted)]
        called = repr(wanted)

    if not found:
        raise ClientCallbackError(
            f"There is no submit button {called}. There is: {there}."
        )

    if len(found) > 1:
        several = ", ".join(str(button) for _, button in found)
        raise ClientCallbackError(
            f"There are several submit buttons {called}: {several}. Give the id, the"
            " name=value or the form of the one that you mean."
        )

    [(form, button)] = found

    if button is not None and button.disabled:
        raise ClientCallbackError(
            f"The submit button {called} is disabled, so that a browser would send"
            f" nothing. There is: {there}."
        )

    return form, button


class Submission(t.NamedTuple):
    """A form that is sent."""

    method: str
    address: str
    """An absolute path with its query."""
    body: dict[str, t.Any]
    """As keywords of :class:`~werkzeug.test.EnvironBuilder`."""


def submit(
    form: PageForm,
    button: SubmitButton | None,
    files: Mapping[str, t.Any],
    fields: Iterable[tuple[str, str]],
    document: str,
    base: str | None = None,
) -> Submission:
    """Make the request that a browser would send.

    :param button: the pressed button.
    :param files: the chosen files, by the names of their controls.
    :param fields: more fields than the form's own.
    :param document: the URL of the page.
    :param base: the base of relative addresses, if it is not ``document``.
    :raises ClientCallbackError: it would send nothing, or to another application.
    """
    said = button or SubmitButton("")
    method = said.method or form.method
    enctype = said.enctype or form.enctype

    if method == "dialog":
        raise ClientCallbackError(
            "The form is of a dialog: a browser closes that, and sends nothing."
        )

    action = form.action if said.action is None else said.action
    address = _address_of(action.strip(), document, base)
    entries = [*fields, *form.items(multi=True), *said.fields()]
    sent = [(_crlf(name), _crlf(value)) for name, value in entries]

    if method == "post" and enctype == MULTIPART:
        return Submission("POST", address, _multipart(sent, _chosen(form, files)))

    sent += [
        (name, _name_of(file))
        for name, chosen in _chosen(form, files)
        for file in chosen
    ]

    if method == "get":
        path = address.partition("?")[0]
        return Submission("GET", f"{path}?{urlencode(sent)}", {})

    if enctype == PLAIN_TEXT:
        text = "".join(f"{name}={value}\r\n" for name, value in sent)
        return Submission("POST", address, {"data": text, "content_type": PLAIN_TEXT})

    body = {"data": urlencode(sent), "content_type": URL_ENCODED}
    return Submission("POST", address, body)


def _address_of(action: str, document: str, base: str | None) -> str:
    if not action:
        return _path_of(document)

    target = urljoin(urljoin(document, base or ""), action)

    if urlsplit(target)[:2] != urlsplit(document)[:2]:
        raise ClientCallbackError(
            f"The form is sent to {target}, which is not of this application."
        )

    return _path_of(target)


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    path = parts.path or "/"
    # Without the fragment. Other characters than ASCII are written as browsers do.
    return quote(f"{path}?{parts.query}" if parts.query else path, _ALL_OF_ASCII)


def _crlf(text: str) -> str:
    """Write line breaks as a form sends them."""
    return re.sub(r"\r\n|\r|\n", "\r\n", text)


def _chosen(
    form: PageForm, files: Mapping[str, t.Any]
) -> list[tuple[str, list[t.Any]]]:
    """List the files of each control. If none is chosen, this is the empty file that a
    browser sends.
    """
    empty = dict.fromkeys(form.file_fields)
    return [
        (name, [named_file(file) for file in _several(file)])
        for name, file in {**empty, **files}.items()
    ]


def _several(file: t.Any) -> list[t.Any]:
    if file is None:
        return [FileStorage(io.BytesIO(), filename="")]

    return file if isinstance(file, list) else [file]  # pyright: ignore


def _name_of(file: t.Any) -> str:
    name: str = t.cast(t.Any, file)[1] if isinstance(file, tuple) else file.filename
    return name


def _multipart(
    sent: list[tuple[str, str]], files: list[tuple[str, list[t.Any]]]
) -> dict[str, t.Any]:
    data: dict[str, list[t.Any]] = {}

    for name, value in sent:
        data.setdefault(name, []).append(value)

    for name, chosen in files:
        data.setdefault(name, []).extend(chosen)

    return {"data": data, "content_type": MULTIPART}
