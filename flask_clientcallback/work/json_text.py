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
    """Make a function that writes values as JSON, as the application's provider does.
    It raises what the provider raises for a value that it cannot write.
    """
    dumps = provider.dumps

    # An application may also have replaced Flask's function by its own.
    if getattr(dumps, "__func__", None) is DefaultJSONProvider.dumps:
        default = t.cast(DefaultJSONProvider, provider)
        # The same as that function, but without making an encoder in each call.
        return _make_encoder(default.default, default.ensure_ascii, default.sort_keys)

    return functools.partial(_write_strictly, dumps)


def _write_strictly(dumps: Callable[[t.Any], t.Any], value: t.Any) -> str:
    # Not every provider accepts Flask's arguments, or obeys them: it may still write
    # NaN. Some write bytes, which Flask takes too.
    written = dumps(value)
    text = written if isinstance(written, str) else bytes(written).decode()
    decode_strictly(text)
    return str.__str__(text)


def write_value(provider: JSONProvider, value: t.Any) -> str:
    """Write a value as JSON, in the way of the application's provider.

    :raises Exception: what the provider raises for a value that it cannot write.
    """
    return writer_of(provider)(value)
