"""JSON without white space."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from flask_clientcallback.protocol.compact_json import decode_json
from flask_clientcallback.protocol.compact_json import encode_json

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_values_come_back(value: t.Any) -> None:
    """A value is written without white space, and read as it was."""
    assert decode_json(encode_json(value)) == value


@example("")
@example(" ")
@example(' "a"\n')
@example('"a"b')
@example("[1,")
@example("nul")
@given(st.text('[]{}",:0.-e1ntrufalse \n\\') | values.map(json.dumps))
def test_any_text_is_read_as_the_standard_library_does(text: str) -> None:
    """Every text gives what :mod:`json` reads, or is refused as it is there."""
    try:
        expected = json.loads(text)
    except ValueError as error:
        with pytest.raises(ValueError, match=r".") as caught:
            decode_json(text)

        assert str(caught.value) == str(error)
    else:
        assert decode_json(text) == expected


def test_deep_nesting_is_refused() -> None:
    """A text that is nested too deeply is an error, and no crash."""
    with pytest.raises(RecursionError):
        decode_json("[" * 100_000)
