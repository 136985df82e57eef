"""The address of a page, as a browser and a server read it."""

from __future__ import annotations

import re
from itertools import product
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from flask_clientcallback.protocol.addresses import address_of
from flask_clientcallback.protocol.addresses import environ_of
from flask_clientcallback.protocol.addresses import page_address

from ..helpers.engine import evaluate

HARD = [*"/.?#%\\ \"'<>^`{}|[];&=+:@a\0\t\r\n\x7f\x80\xe9\xff", "..", "%2e"]
"""What is hard to carry. A text of WSGI has a character for each byte."""
pieces = st.sampled_from(HARD) | st.characters(max_codepoint=0xFF)
texts = st.lists(pieces).map("".join)
paths = texts.map("/{}".format)

UNCHANGED_IN_PATHS = re.compile(r"(?:%[0-9A-F]{2}|[!$&'-;=@A-Z\[\]_a-z|~])+")
UNCHANGED_IN_QUERIES = re.compile(r"[!$%&(-;=?-~]*")
"""What a URL parser leaves alone, by its two sets of characters that it encodes."""
DOT_SEGMENT = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)


def parse(addresses: list[str]) -> list[str]:
    """Give what the URL parser of a JavaScript engine makes of each address."""
    origin = "http://localhost"
    found: list[str] = evaluate(addresses, f"path => new URL('{origin}' + path).href")
    return [url.removeprefix(origin) for url in found]


@pytest.mark.parametrize(
    ("path", "query", "address"),
    [
        ("/", "", "/"),
        ("", "", "/"),
        ("", "a", "/?a"),
        ("/a/b-c_d.e~f", "g=h&i", "/a/b-c_d.e~f?g=h&i"),
        ("/a b ", "a b ", "/a%20b%20?a%20b%20"),
        ("/a#b", "a#b", "/a%23b?a%23b"),
        ("/a?b", "a?b", "/a%3Fb?a?b"),
        ("/100%", "100%", "/100%25?100%"),
        ("/%2e%2E/%61", "%2e%2E/%61", "/%252e%252E/%2561?%2e%2E/%61"),
        ("/a\\b", "a\\b", "/a%5Cb?a\\b"),
        ("/a+b;c=d", "a+b;c=d", "/a+b;c=d?a+b;c=d"),
        ("/'\"<>", "'\"<>", "/'%22%3C%3E?%27%22%3C%3E"),
        ("/^`{}|[]", "^`{}|[]", "/%5E%60%7B%7D%7C%5B%5D?^`{}|[]"),
        ("/\0\t\r\n\x7f", "\0\t\r\n\x7f", "/%00%09%0D%0A%7F?%00%09%0D%0A%7F"),
        ("/\xc3\xa9\xff", "\xc3\xa9\xff", "/%C3%A9%FF?%C3%A9%FF"),
        ("//a", "", "/%2Fa"),
        ("///a//b//", "", "/%2F/a//b//"),
        ("/a/../b", "a/../b", "/a/..%2Fb?a/../b"),
        ("/a/./b", "", "/a/.%2Fb"),
        ("/a/..", "", "/a%2F.."),
        ("/a/.", "", "/a%2F."),
        ("/a/../", "", "/a/..%2F"),
        ("/../../b", "", "/..%2F..%2Fb"),
        ("/../..", "", "/..%2F.."),
        ("//..", "", "/%2F.."),
        ("/..a/...//.b", "", "/..a/...//.b"),
        ("a", "", "/a"),
    ],
)
def test_examples(path: str, query: str, address: str) -> None:
    """An address has the characters that need no other form, and encodes the rest;
    a URL parser leaves it as it is.
    """
    assert page_address("", path, query) == address
    assert parse([address]) == [address]


@pytest.mark.parametrize(
    ("script_name", "path_info", "address"),
    [
        ("/app", "/", "/app/"),
        ("/app", "", "/app"),
        ("/app/", "/a", "/app/a"),
        ("/app//", "//a", "/app//a"),
        ("/", "/a", "/a"),
        ("/app", "a", "/app/a"),
        ("app", "/a", "/app/a"),
        ("//far.example", "/a", "/%2Ffar.example/a"),
        ("/a#b/\xff", "/..", "/a%23b/%FF%2F.."),
    ],
)
def test_script_name(script_name: str, path_info: str, address: str) -> None:
    """An address begins with what the application is mounted at, without a slash at
    its end.
    """
    assert page_address(script_name, path_info, "") == address
    assert parse([address]) == [address]


@example("/..", "")
@example("/.", "")
@example("/./..//", "'")
@given(paths, texts)
def test_any_address(path: str, query: str) -> None:
    """Decoded, an address gives back path and query; it is ASCII, and has nothing that
    a URL parser would change. Only a path that is one dot segment cannot be kept.
    """
    address = page_address("", path, query)
    quoted_path, mark, quoted_query = address.partition("?")
    assert unquote_to_bytes(quoted_path) == path.encode("latin-1")
    assert unquote_to_bytes(quoted_query) == unquote_to_bytes(query.encode("latin-1"))
    assert bool(mark) == bool(query)
    assert UNCHANGED_IN_PATHS.fullmatch(quoted_path)
    assert UNCHANGED_IN_QUERIES.fullmatch(quoted_query)
    assert not address.startswith("//")

    if path not in ("/.", "/.."):
        assert not any(map(DOT_SEGMENT.fullmatch, quoted_path.split("/")))


def test_hard_addresses_in_a_url_parser() -> None:
    """A real URL parser leaves them as they are too."""
    addresses = [
        page_address("", f"/{text}", text)
        for text in map("".join, product(HARD, repeat=3))
    ]
    assert parse(addresses) == addresses


@given(paths, texts)
def test_query_that_a_browser_sent(path: str, query: str) -> None:
    """An address has the very query that a URL parser lets through."""
    first = page_address("", path, query).partition("?")[2]
    assert page_address("", path, first).partition("?")[2] == first


@given(texts, texts, texts)
def test_environment_of_the_request_s_own_address(
    script_name: str, path_info: str, query: str
) -> None:
    """The address of a request stands for the very texts that it came with."""
    asked = {
        "SCRIPT_NAME": script_name,
        "PATH_INFO": path_info,
        "QUERY_STRING": query,
    }
    assert environ_of(address_of(asked), {**asked, "REQUEST_METHOD": "GET"}) == asked


@given(paths, texts)
def test_environment_of_another_address(path: str, query: str) -> None:
    """Another address of the same application is read below its script name."""
    sent = page_address("", "/", query)[2:]
    found = environ_of(
        page_address("/app\xff", f"/x{path}", query), {"SCRIPT_NAME": "/app\xff/"}
    )
    assert found == {
        "SCRIPT_NAME": "/app\xff",
        "PATH_INFO": f"/x{path}",
        "QUERY_STRING": sent,
    }


@pytest.mark.parametrize("address", ["/apple/a?b", "/", "/ap"])
def test_environment_of_an_address_outside(address: str) -> None:
    """An address that is not below the application has no script name."""
    path, _, query = address.partition("?")
    assert environ_of(address, {"SCRIPT_NAME": "/app"}) == {
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
    }


def test_environment_that_lacks_what_is_empty() -> None:
    """A server may leave out what is empty."""
    assert address_of({}) == "/"
    assert address_of({"SCRIPT_NAME": "/app"}) == "/app"
