"""Signed tokens: the page's state as it travels through the browser."""

from __future__ import annotations

import secrets
import typing as t
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from itsdangerous import BadData
from itsdangerous.encoding import base64_decode
from itsdangerous.encoding import base64_encode

from ..errors import ConfigurationError
from ..errors import TokenError
from .compact_json import decode_json
from .compact_json import encode_json
from .event_tokens import EventTokens
from .signing import derive
from .signing import digest_text
from .signing import make_signers
from .signing import verify
from .signing import VERSION

CLOCK_SKEW = 60
"""Seconds by which the clock of the server that signed may be ahead."""

_KEYS = (
    "SECRET_KEY is a text or bytes, and SECRET_KEY_FALLBACKS a list of such keys, none"
    " of them empty."
)
_STATE_SALT = b"flask_clientcallback.view_state"
_DIGEST_SALT = b"flask_clientcallback.digest"
_COMPRESS_FROM = 512
"""Bytes of text. Compressing less costs more time than it saves in transfer."""


@dataclass(frozen=True, slots=True)
class PageState:
    """The content of a state token."""

    page_id: str
    """Random, and the same as long as the browser shows the page."""
    location: str
    """The endpoint and address that the page was rendered at."""
    user: str
    """The user whom it was rendered for, as a keyed digest; empty if unknown."""
    text: str
    """The view state."""


class OpenedState(t.NamedTuple):
    """A page's state that came back and is genuine."""

    page_id: str
    location: str
    user: str
    text: str
    issued_at: int
    """Seconds since the epoch."""
    by_fallback_key: bool
    """Whether a fallback key signed it."""


def new_page_id() -> str:
    """Make up a page id, 16 characters."""
    return secrets.token_urlsafe(12)


class Tokens:
    """Signs and opens tokens with one set of secret keys.

    :param secret_key: signs, and is tried first.
    :param fallback_keys: earlier secret keys, oldest first, as Flask's
        ``SECRET_KEY_FALLBACKS``.
    """

    def __init__(
        self, secret_key: str | bytes, fallback_keys: Sequence[str | bytes] = ()
    ) -> None:
        keys = (secret_key, *reversed(fallback_keys))
        self.events: EventTokens = EventTokens(keys)
        """The tokens of events."""
        self._signers = make_signers(keys, _STATE_SALT)
        self._digest_keys = [derive(key, _DIGEST_SALT) for key in keys]

    def issue(self, state: PageState, now: int) -> str:
        """Sign the page's state and return URL-safe text.

        :param now: seconds since the epoch.
        """
        facts = encode_json([VERSION, now, state.page_id, state.location, state.user])
        return self._signers[0].sign(_pack(f"{facts}\n{state.text}")).decode("ascii")

    def open(self, token: str, now: int, max_age: int) -> OpenedState:
        """Verify a token and read its state.

        :param now: seconds since the epoch.
        :param max_age: seconds for which a token is valid.
        :raises TokenError: the token is not genuine, or too old.
        """
        packed, by_fallback_key = verify(token, self._signers)

        try:
            facts, _, text = _unpack(packed).decode("ascii").partition("\n")
            version, *rest = decode_json(facts)
        except (ValueError, TypeError, zlib.error, BadData) as error:
            # One of our keys signed it, and not as a state.
            raise TokenError("state unreadable") from error

        if version != VERSION:
            raise TokenError(f"state of token version {version}")

        issued_at, page_id, location, user = rest

        if now - issued_at > max_age:
            raise TokenError("state expired")

        if issued_at - now > CLOCK_SKEW:
            raise TokenError("state from the future")

        return OpenedState(page_id, location, user, text, issued_at, by_fallback_key)

    def digest(self, text: str) -> str:
        """Make a digest for a text that a token must not show, 22 characters."""
        return digest_text(self._digest_keys[0], text)

    def digests(self, text: str) -> list[str]:
        """Make the digest of a text under each of the keys, the newest first."""
        return [digest_text(key, text) for key in self._digest_keys]

    def is_digest_of(self, text: str, digest: str) -> bool:
        """Tell whether a digest is of a text, under any of the keys."""
        return any(digest_text(key, text) == digest for key in self._digest_keys)


class TokensCache:
    """Keeps the :class:`Tokens` of the keys seen last, as deriving keys costs
    more than signing.
    """

    def __init__(self) -> None:
        self._last: tuple[tuple[str | bytes, ...], Tokens] | None = None

    def get(
        self, secret_key: str | bytes, fallback_keys: Sequence[str | bytes]
    ) -> Tokens:
        """Get the tokens of these keys.

        :raises ConfigurationError: one of them is not a key.
        """
        # With a single text, each of its letters would be a key.
        if not isinstance(fallback_keys, (list, tuple)):
            raise ConfigurationError(_KEYS)

        keys = (secret_key, *fallback_keys)
        last = self._last

        if last is None or last[0] != keys:
            if not all(isinstance(key, (str, bytes)) and key for key in keys):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise ConfigurationError(_KEYS)

            last = self._last = (keys, Tokens(secret_key, fallback_keys))

        return last[1]


def _pack(text: str) -> bytes:
    data = text.encode("ascii")

    if len(data) >= _COMPRESS_FROM:
        # Text of 7 bits a byte becomes shorter, whatever it is.
        return b"." + base64_encode(zlib.compress(data))

    return base64_encode(data)


def _unpack(packed: bytes) -> bytes:
    if packed.startswith(b"."):
        return zlib.decompress(base64_decode(packed[1:]))

    return base64_decode(packed)
