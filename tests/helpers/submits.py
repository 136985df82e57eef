"""Forms, and what a browser sends when they are submitted."""

from __future__ import annotations

import typing as t

from flask import Flask
from flask import request
from flask import Response

URL_ENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


class Case(t.NamedTuple):
    """A page whose button with the id "go" is pressed, or the Enter key in its control
    with the id "enter"; and what comes of it.
    """

    html: str
    path: str
    fields: list[list[str]]
    method: str = "POST"
    query: str = ""
    mimetype: str = URL_ENCODED
    files: t.Sequence[list[str]] = ()


GO = '<button id="go">Go</button>'

CASES = {
    "post": Case(
        f'<form method="post"><input name="a" value="1">{GO}</form>',
        "/page",
        [["a", "1"]],
        query="x=%20y",
    ),
    "get": Case(
        f'<form><input name="a" value="é &"><input name="b" value="2">{GO}</form>',
        "/page",
        [],
        "GET",
        "a=%C3%A9+%26&b=2",
        "",
    ),
    "get elsewhere": Case(
        f'<form action="/other?q=1#f"><input name="a" value="1">{GO}</form>',
        "/other",
        [],
        "GET",
        "a=1",
        "",
    ),
    "unknown method": Case(
        f"<form method=put><input name=a>{GO}</form>", "/page", [], "GET", "a=", ""
    ),
    "method in capitals": Case(f"<form method=POST action=/x>{GO}</form>", "/x", []),
    "relative address": Case(
        f'<form method="post" action=" sub/b?c=d ">{GO}</form>',
        "/sub/b",
        [],
        query="c=d",
    ),
    "query alone": Case(
        f'<form method="post" action="?c=d">{GO}</form>', "/page", [], query="c=d"
    ),
    "fragment alone": Case(
        f'<form method="post" action="#f">{GO}</form>', "/page", [], query="x=%20y"
    ),
    "dots in the address": Case(
        f'<form method="post" action="/a/./../b">{GO}</form>', "/b", []
    ),
    "base": Case(
        f'<base href="/deep/down"><form method="post" action="here">{GO}</form>',
        "/deep/here",
        [],
    ),
    "base without an action": Case(
        f'<base href="/deep/down"><form method="post">{GO}</form>',
        "/page",
        [],
        query="x=%20y",
    ),
    "address beyond ASCII": Case(
        f'<form method="post" action="/ü b%2Fc?d=é">{GO}</form>',
        "/ü b/c",
        [],
        query="d=%C3%A9",
    ),
    "button with a name": Case(
        '<form method="post" action="/x"><input name="a" value="1">'
        '<button name="b" value="2">No</button>'
        '<button name="b" value="3" id="go">Go</button></form>',
        "/x",
        [["a", "1"], ["b", "3"]],
    ),
    "button with a name alone": Case(
        '<form method="post" action="/x"><button name="b" id="go">Go</button></form>',
        "/x",
        [["b", ""]],
    ),
    "input as a button": Case(
        '<form method="post" action="/x"><input type="submit" name="b" id="go"></form>',
        "/x",
        [["b", "Submit"]],
    ),
    "image": Case(
        '<form method="post" action="/x"><input name="a">'
        '<input type="image" name="b" value="1" id="enter"></form>',
        "/x",
        [["a", ""], ["b.x", "0"], ["b.y", "0"]],
    ),
    "button's own address and method": Case(
        '<form action="/x"><input name="a" value="1"><button id="go" formmethod="post"'
        ' formaction="/y" formenctype="multipart/form-data">Go</button></form>',
        "/y",
        [["a", "1"]],
        mimetype=MULTIPART,
    ),
    "button's own empty address": Case(
        '<form method="post" action="/x"><button id="go" formaction="">Go</button>',
        "/page",
        [],
        query="x=%20y",
    ),
    "button elsewhere": Case(
        '<form method="post" action="/x" id="f"><input name="a" value="1"></form>'
        '<form action="/y"><button form="f" id="go" name="b" value="2">Go</button>',
        "/x",
        [["a", "1"], ["b", "2"]],
    ),
    "enter": Case(
        '<form method="post" action="/x"><input name="a" id="enter">'
        '<button type="button" name="b" value="1">No</button>'
        '<button name="b" value="2">Go</button><button name="b" value="3">No</button>',
        "/x",
        [["a", ""], ["b", "2"]],
    ),
    "enter without a button": Case(
        '<form method="post" action="/x"><input name="a" value="1" id="enter"></form>',
        "/x",
        [["a", "1"]],
    ),
    "line breaks": Case(
        '<form method="post" action="/x"><textarea name="a">b\nc\n</textarea>'
        '<input type="hidden" name="d\ne" value="f&#13;g">' + GO,
        "/x",
        [["a", "b\r\nc\r\n"], ["d\r\ne", "f\r\ng"]],
    ),
    "line breaks in parts": Case(
        '<form method="post" action="/x" enctype="multipart/form-data">'
        '<textarea name="a">b\nc</textarea>' + GO,
        "/x",
        [["a", "b\r\nc"]],
        mimetype=MULTIPART,
    ),
    "file": Case(
        '<form method="post" action="/x" enctype="multipart/form-data">'
        '<input type="file" name="a"><input name="b" value="1">' + GO,
        "/x",
        [["b", "1"]],
        mimetype=MULTIPART,
        files=(["a", "", ""],),
    ),
    "file in a form that sends none": Case(
        '<form method="post" action="/x"><input type="file" name="a">' + GO,
        "/x",
        [["a", ""]],
    ),
    "plain text": Case(
        '<form method="post" action="/x" enctype="text/plain">'
        '<input name="a" value="1 &"><input name="b" value="2">' + GO,
        "/x",
        [["", "a=1 &\r\nb=2\r\n"]],
        mimetype="text/plain",
    ),
    "protocol's fields": Case(
        '<form method="post" action="/x"><input type="hidden" name="__EVENTTARGET">'
        '<button name="__EVENTTARGET" value="cart.remove[&#34;pen&#34;]" id="go">x',
        "/x",
        [["__EVENTTARGET", ""], ["__EVENTTARGET", 'cart.remove["pen"]']],
    ),
}


PAGES = ("/page?", "/page?x=%20y")


def add_recorder(app: Flask, html: str) -> list[Case]:
    """Let an application have a page at "/page", and record what is sent to any
    address.
    """
    got: list[Case] = []

    def record(path: str) -> Response:
        if path == "favicon.ico" or (
            request.method == "GET" and request.full_path in PAGES
        ):
            return Response(html, content_type="text/html; charset=utf-8")

        fields = [list(item) for item in request.form.items(multi=True)]

        if request.mimetype == "text/plain":
            fields.append(["", request.get_data(as_text=True)])

        files = tuple(
            [name, file.filename or "", file.read().decode()]
            for name, file in request.files.items(multi=True)
        )
        query = request.query_string.decode()
        got.append(
            Case(
                html,
                request.path,
                fields,
                request.method,
                query,
                request.mimetype,
                files,
            )
        )
        return Response("<p>Recorded", content_type="text/html; charset=utf-8")

    app.add_url_rule("/<path:path>", view_func=record, methods=["GET", "POST"])
    return got
