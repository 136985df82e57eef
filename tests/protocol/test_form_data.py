"""Form-encoded bodies."""

from __future__ import annotations

from urllib.parse import parse_qsl
from urllib.parse import urlencode

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from flask_clientcallback.protocol.form_data import read_fields

texts = st.text()
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
