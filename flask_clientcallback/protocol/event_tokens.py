"""Signed tokens that tell which events a page may raise."""

from __future__ import annotations

import typing as t
from hashlib import blake2b

from itsdangerous import BadData
from itsdangerous.encoding import base64_decode
from itsdangerous.encoding import base64_encode

from ..errors import TokenError
from .compact_json import decode_json
from .compact_json import encode_json
from .signing import derive
from .signing import digest_text
from .signing import make_signers
from .signing import SecretKeys
from .signing import verify
from .signing import VERSION

_TOKEN_SALT = b"flask_clientcallback.events"
_EVENT_SALT = b"flask_clientcallback.event"
EVENT_BYTES = 8
"""The bytes of one event in a token, before it is written as text."""

EventKind = t.Literal["callback", "postback", "either"]
"""How an event may be raised. ``either`` is a kind of its own, so that it takes no more
room than the others."""

Events = dict[str, set[bytes]]
"""Digests of events, by the mark of the key that they were made with."""


class EventTokens:
    """Signs and opens the tokens of events with one set of secret keys."""

    def __init__(self, keys: SecretKeys) -> None:
        self._signers = make_signers(keys, _TOKEN_SALT)
        derived = [derive(key, _EVENT_SALT) for key in keys]
        self._keys = {digest_text(key, "")[:8]: key for key in derived}
        self.mark: str = next(iter(self._keys))
        """The mark of the key for new events."""

    def digest(
        self, mark: str, kind: EventKind, control_id: str, argument: str
    ) -> bytes:
        """Make a digest of an argument that a control may get, 64 bits.

        :param mark: the mark of the key.
        """
        event = f"{kind} {len(control_id)} {control_id}{argument}"
        # If two halves of a character follow each other, a browser joins them.
        text = event.encode("utf-16-le", "surrogatepass")
        key = self._keys[mark]
        return blake2b(text, key=key, digest_size=EVENT_BYTES).digest()

    def issue(self, page_id: str, events: Events) -> str:
        """Sign the events that a page may raise and return URL-safe text."""
        counts = [[mark, len(digests)] for mark, digests in events.items()]
        facts = encode_json([VERSION, page_id, *counts]).encode("ascii")
        # Sorted, so that they do not show the order in the page.
        digests = (digest for held in events.values() for digest in sorted(held))
        packed = base64_encode(b"".join((facts, b"\n", *digests)))
        return self._signers[0].sign(packed).decode("ascii")

    def open(self, token: str, page_id: str) -> tuple[Events, bool]:
        """Verify the token of a page's events.

        :return: the events, and whether a fallback key signed them.
        :raises TokenError: the token is not genuine, or another page's.
        """
        packed, by_fallback_key = verify(token, self._signers)

        try:
            facts, _, digests = base64_decode(packed).partition(b"\n")
            version, signed_page_id, *counts = decode_json(facts.decode("ascii"))
        except (ValueError, TypeError, BadData) as error:
            # One of our keys signed it, and not as events.
            raise TokenError("events unreadable") from error

        if version != VERSION:
            raise TokenError(f"events of token version {version}")

        if signed_page_id != page_id:
            raise TokenError("events of another page")

        events: Events = {}

        for mark, count in counts:
            if mark not in self._keys:
                raise TokenError("events of a key that is gone")

            size = count * EVENT_BYTES
            held, digests = digests[:size], digests[size:]
            parts = range(0, size, EVENT_BYTES)
            events[mark] = {held[i : i + EVENT_BYTES] for i in parts}

        return events, by_fallback_key
