"""Which file browsers get as the client script, and at which address."""

from __future__ import annotations

import gzip
import re
from hashlib import sha256

import pytest
from flask import Flask
from flask import render_template_string
from flask import Response
from flask.testing import FlaskClient

from flask_clientcallback import current_page

from ..helpers.documentation import read as documented
from ..helpers.pages import add_page
from ..helpers.pages import Echo
from ..helpers.static_files import read
from ..helpers.static_files import read_bytes
from ..helpers.static_files import read_served

SERVED = [
    (False, "clientcallback.js", "clientcallback.min.js"),
    (True, "clientcallback.js", "clientcallback.js"),
    (False, "clientcallback.mjs", "clientcallback.mjs"),
    (True, "clientcallback.mjs", "clientcallback.mjs"),
    (True, "clientcallback.debug.js", "clientcallback.debug.js"),
]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of an application whose page names all files."""

    class Naming(Echo):
        template = """
            {{ callback_scripts() }}
            <script type="module" src="{{
              current_page.client_script.get_web_resource_url("clientcallback.mjs") }}">
            </script>"""

    add_page(app, Naming)
    return app.test_client()


def addresses(client: FlaskClient) -> dict[str, str]:
    """Find the addresses that a page gives, by the name of the file."""
    found = re.findall('src="([^"]+)"', client.get("/").text)
    return {address.rpartition("/")[2]: address for address in found}


@pytest.mark.parametrize(("debug", "name", "file"), SERVED)
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_files_are_served(
    app: Flask, client: FlaskClient, debug: bool, name: str, file: str, encoding: str
) -> None:
    """The script is minified in production and as it is written in debug mode; the
    module is the same in both. What only developers need is served in debug mode.
    """
    app.debug = debug
    response = client.get(
        addresses(client)[name], headers={"Accept-Encoding": encoding}
    )
    assert response.status_code == 200
    assert response.headers.get("Content-Encoding", "identity") == encoding
    unpack = gzip.decompress if encoding == "gzip" else bytes
    assert unpack(response.data) == read_served(file)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_text_for_others(app: Flask, client: FlaskClient, encoding: str) -> None:
    """Another part of the application reads and changes the text, compressed or not."""

    @app.after_request
    def shorten(response: Response) -> Response:
        if response.mimetype == "text/javascript":
            response.set_data(f"{response.get_data(as_text=True)}// Ours")

        return response

    response = client.get(
        addresses(client)["clientcallback.js"], headers={"Accept-Encoding": encoding}
    )
    assert response.headers.get("Content-Encoding", "identity") == encoding
    assert response.headers["Content-Length"] == str(len(response.data))
    unpack = gzip.decompress if encoding == "gzip" else bytes
    expected = read_served("clientcallback.min.js")
    assert unpack(response.data) == expected + b"// Ours"


def test_encoding_of_others(app: Flask, client: FlaskClient) -> None:
    """What another part has compressed is sent as it is."""

    @app.after_request
    def encode(response: Response) -> Response:
        if response.mimetype == "text/javascript":
            response.set_data(b"shorter")
            response.content_encoding = "br"

        return response

    response = client.get(
        addresses(client)["clientcallback.js"],
        headers={"Accept-Encoding": "gzip, br"},
    )
    assert (response.data, response.content_encoding) == (b"shorter", "br")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_head(client: FlaskClient, encoding: str) -> None:
    """HEAD has the headers of GET."""
    address = addresses(client)["clientcallback.js"]
    headers = {"Accept-Encoding": encoding}
    got = client.get(address, headers=headers)
    asked = client.head(address, headers=headers)
    assert asked.data == b""
    assert [h for h in asked.headers if h[0] != "Date"] == [
        h for h in got.headers if h[0] != "Date"
    ]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], {"accept-encoding"}),
        (["Origin"], {"origin", "accept-encoding"}),
        (["Origin, X-Tenant"], {"origin", "x-tenant", "accept-encoding"}),
        (["Origin", "X-Tenant"], {"origin", "x-tenant", "accept-encoding"}),
        (["accept-encoding"], {"accept-encoding"}),
        (["Origin, Cookie"], {"origin", "accept-encoding"}),
        (["*"], {"*", "accept-encoding"}),
    ],
)
def test_vary_of_others(
    app: Flask, client: FlaskClient, given: list[str], expected: set[str], encoding: str
) -> None:
    """What others say that an answer depends on stays beside the encoding, but for the
    cookie, on which the script does not depend.
    """

    def add(response: Response) -> Response:
        for value in given:
            response.headers.add("Vary", value)

        return response

    app.after_request(add)
    address = addresses(client)["clientcallback.js"]
    response = client.get(address, headers={"Accept-Encoding": encoding})
    assert len(response.headers.getlist("Vary")) == 1
    names = response.headers["Vary"].lower().split(", ")
    assert (len(names), set(names)) == (len(expected), expected)


def test_versions(app: Flask, client: FlaskClient) -> None:
    """Each mode has addresses of its own, which are nothing in the other."""
    production = addresses(client)
    app.debug = True
    debugging = addresses(client)
    assert {*production, "clientcallback.debug.js"} == set(debugging)
    assert len(production) == 2

    for address in production.values():
        response = client.get(address)
        assert response.status_code == 404
        assert response.headers["Cache-Control"] == "no-store"

    app.debug = False
    assert addresses(client) == production
    gone = {client.get(path).status_code for path in debugging.values()}
    there = {client.get(path).status_code for path in production.values()}
    assert (gone, there) == ({404}, {200})


def test_debug_script(app: Flask) -> None:
    """In debug mode a second tag stands directly below the first, with its nonce."""

    class Registering(Echo):
        def get(self) -> str:
            script = current_page.client_script
            script.register_client_script_include("x", "/x.js")
            return render_template_string("{{ callback_scripts('n&') }}")

    add_page(app, Registering)
    client = app.test_client()
    sources: dict[bool, list[str]] = {}

    for app.debug in (False, True):
        text = client.get("/").text
        tags = re.findall(r"<script[^>]*></script>", text)
        assert text.strip() == "\n".join(tags)
        assert all(' nonce="n&amp;"' in tag for tag in tags)
        found = [re.search('src="(?:.*/)?([^"]+)"', tag) for tag in tags]
        sources[app.debug] = [name[1] for name in found if name]

    assert sources == {
        False: ["clientcallback.js", "x.js"],
        True: ["clientcallback.js", "clientcallback.debug.js", "x.js"],
    }


def test_debug_script_has_no_address(app: Flask, client: FlaskClient) -> None:
    """In production the debug script is a file that there is not."""
    address = addresses(client)["clientcallback.js"]
    beside = address.replace("clientcallback.js", "clientcallback.debug.js")
    response = client.get(beside)
    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("debug", "listed"),
    [
        (False, "clientcallback.js, clientcallback.mjs."),
        (True, "clientcallback.js, clientcallback.mjs, clientcallback.debug.js."),
    ],
)
def test_names(app: Flask, debug: bool, listed: str) -> None:
    """In production the name of the debug script is as wrong as any that there is
    not; debug mode has it.
    """
    messages: dict[str, str] = {}

    class Asking(Echo):
        def get(self) -> str:
            for name in ("clientcallback.debug.js", "clientcallback.other.js"):
                try:
                    current_page.client_script.get_web_resource_url(name)
                except ValueError as error:
                    messages[name] = str(error).replace(name, "it")

            return ""

    add_page(app, Asking)
    app.debug = debug
    assert app.test_client().get("/").status_code == 200
    message = f"The package serves no file 'it'; there are {listed}"
    assert messages.pop("clientcallback.other.js") == message
    assert list(messages.values()) == ([] if debug else [message])


@pytest.mark.parametrize("debug", [False, True])
def test_module_imports_the_script(
    app: Flask, client: FlaskClient, debug: bool
) -> None:
    """The module imports the script from beside it, where the page has it too."""
    app.debug = debug
    folders = {address.rpartition("/")[0] for address in addresses(client).values()}
    assert len(folders) == 1
    assert 'import "./clientcallback.js"' in read("clientcallback.mjs")


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("name", ["clientcallback.min.js", "clientcallback.d.mts"])
def test_other_files(app: Flask, client: FlaskClient, debug: bool, name: str) -> None:
    """No other file of the folder has an address."""
    app.debug = debug
    address = addresses(client)["clientcallback.js"]
    assert client.get(address.replace("clientcallback.js", name)).status_code == 404


@pytest.mark.parametrize("page", ["README.rst", "docs/javascript.rst"])
def test_size(client: FlaskClient, page: str) -> None:
    """The script is as small in production as both pages say."""
    [told] = re.findall(
        r"(\d),(\d{3})\s+bytes(?:\s+with|, compressed)", documented(page)
    )
    limit = int("".join(told))
    response = client.get(
        addresses(client)["clientcallback.js"], headers={"Accept-Encoding": "gzip"}
    )
    assert response.content_encoding == "gzip"
    assert limit - 100 < len(response.data) <= limit <= 7000


def test_minified_from_the_source() -> None:
    """The minified script was made from the source as it is."""
    [line] = read("clientcallback.min.js").splitlines()[:1]
    digest = sha256(read_bytes("clientcallback.js")).hexdigest()
    assert line == f"/* SHA-256 {digest} */", "Run tox -e minify."


def test_compressed_from_the_minified() -> None:
    """What is served with gzip is the minified script as it is."""
    content = gzip.decompress(read_bytes("clientcallback.min.js.gz"))
    assert content == read_served("clientcallback.min.js"), "Run tox -e minify."


def test_what_others_make_of_the_script(app: Flask, client: FlaskClient) -> None:
    """A script that another package changes is served as that made it."""

    @app.after_request
    def change(response: Response) -> Response:
        response.set_data(response.get_data() + b"// changed")
        return response

    address = addresses(client)["clientcallback.js"]
    response = client.get(address, headers={"Accept-Encoding": "gzip"})
    content = read_served("clientcallback.min.js") + b"// changed"
    assert gzip.decompress(response.data) == content
