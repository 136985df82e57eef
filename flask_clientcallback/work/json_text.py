"""Values as JSON, in the way of the application's provider."""

from __future__ import annotations

import functools
import json
import typing as t
from collections.abc import Callable

from flask.json.provider import DefaultJSONProvider
from flask.json.provider import JSONProvider

from ..protocol.compact_json import decode_strictly


@functools.lru_cache(maxsize=16)
def _make_encoder(
    default: Callable[[t.Any], t.Any], ensure_ascii: bool, sort_keys: bool
) -> Callable[[t.Any], str]:
    encoder = json.JSONEncoder(
        default=default,
        ensure_ascii=ensure_ascii,
        sort_keys=sort_keys,
        allow_nan=False,
        separators=(",", ":"),
    )
    return encoder.encode


def writer_of(provider: JSONProvider) -> Callable[[t.Any], str]:
    """Give what writes values as JSON, in the way of the application's provider. It
    raises whatever the provider raises for what it cannot write.
    """
    dumps = provider.dumps

    # An application may also have put a function of its own in the place of Flask's.
    if getattr(dumps, "__func__", None) is DefaultJSONProvider.dumps:
        default = t.cast(DefaultJSONProvider, provider)
        # What that would do, but for making an encoder in each call.
        return _make_encoder(default.default, default.ensure_ascii, default.sort_keys)

    return functools.partial(_write_strictly, dumps)


def _write_strictly(dumps: Callable[[t.Any], t.Any], value: t.Any) -> str:
    # Not every provider takes the arguments that Flask's own does, or heeds them: it
    # may write NaN all the same. Some write bytes, which Flask takes too.
    written = dumps(value)
    text = written if isinstance(written, str) else bytes(written).decode()
    decode_strictly(text)
    return str.__str__(text)


def write_value(provider: JSONProvider, value: t.Any) -> str:
    """Write a value as JSON, in the way of the application's provider.

    :raises Exception: whatever the provider raises for what it cannot write.
    """
    return writer_of(provider)(value)
