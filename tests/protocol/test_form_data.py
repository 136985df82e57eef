"""Form-encoded bodies."""

from __future__ import annotations

import io
import typing as t
from urllib.parse import parse_qsl
from urllib.parse import quote
from urllib.parse import quote_plus
from urllib.parse import urlencode

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.wrappers import Request

from flask_clientcallback.protocol.form_data import lost_bytes
from flask_clientcallback.protocol.form_data import read_fields

texts = st.text()
latin = st.text(st.sampled_from("az09-._ \xc3\xa9\xe9\xff\xf0"))
bodies = st.text("&=+%;aF0é\x00 ").map(str.encode) | st.binary()


@given(st.lists(st.tuples(texts, texts)))
def test_fields_arrive(fields: list[tuple[str, str]]) -> None:
    """What a browser encodes is read as it was."""
    assert read_fields(urlencode(fields).encode()) == fields


@example(b"a=%C3&b=%A9")
@example(b"%")
@example(b"a=%zz+%2")
@example(b"&&=&a&=b&a==b")
@given(bodies)
def test_any_body_is_read_as_the_standard_library_does(body: bytes) -> None:
    """Every body gives the fields that :mod:`urllib` reads, or is refused as it is
    there.
    """
    try:
        expected = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(UnicodeDecodeError):
            read_fields(body)
    else:
        assert read_fields(body) == expected


def read_by_werkzeug(body: bytes) -> list[tuple[str, str]]:
    """Read a form as Werkzeug does, which puts fields of one name together."""
    environ = {
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    return list(Request(environ).form.items(multi=True))


def encode_component(text: str, *others: t.Any) -> str:
    """Encode as JavaScript's encodeURIComponent."""
    return quote(text, "!'()*~")


escapes = st.from_regex("%[0-9A-Fa-f]{2}|%|[a-z !'()*~é=&+]", fullmatch=True)
with_escapes = st.lists(escapes).map("".join)
encoders = st.sampled_from([quote_plus, encode_component])
forms = st.lists(st.tuples(with_escapes, with_escapes), min_size=1)


@example([("a", "%FF")], quote_plus)
@example([("%E9", "caf%E9")], encode_component)
@given(forms, encoders)
def test_text_that_looks_encoded_is_kept(
    fields: list[tuple[str, str]], encode: t.Callable[[str], str]
) -> None:
    """A form that is UTF-8 lacks nothing, whichever client encoded it, though its
    text be such as ``%FF``.
    """
    body = "&".join(f"{encode(n)}={encode(v)}" for n, v in fields).encode()
    assert sorted(read_by_werkzeug(body)) == sorted(fields)
    assert not lost_bytes(fields, len(body))


@example([("a", "\xff")])
@example([("caf\xe9", "")])
@example([("a", ""), ("\xa9", "")])
@given(st.lists(st.tuples(latin, latin), min_size=1))
def test_bytes_that_are_not_utf8(fields: list[tuple[str, str]]) -> None:
    """Bytes that Werkzeug wrote as text are missed where they are not UTF-8."""
    body = urlencode(fields, encoding="latin-1").encode()
    read = read_by_werkzeug(body)

    try:
        read_fields(body)
    except UnicodeDecodeError:
        assert lost_bytes(read, len(body))
    else:
        assert not lost_bytes(read, len(body))
