"""Keys derived from an application's secret keys, and signatures made with them."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256

from itsdangerous import Signer
from itsdangerous.encoding import base64_encode
from itsdangerous.signer import SigningAlgorithm

from ..errors import TokenError

VERSION = 1
"""The version of all tokens: a token of another version is refused."""

SecretKeys = Sequence[str | bytes]
"""The key that signs, then the fallback keys."""


def derive(key: str | bytes, salt: bytes) -> bytes:
    """Derive the key for one purpose."""
    return Signer(key, salt=salt, digest_method=sha256).derive_key()


class _KeyedHMAC(SigningAlgorithm):
    """HMAC-SHA256 that takes up its key once, and not for every token."""

    def __init__(self, key: bytes) -> None:
        self._keyed = hmac.new(key, digestmod="sha256")

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        """Sign with the object's own key, which is the given one."""
        signature = self._keyed.copy()
        signature.update(value)
        return signature.digest()


def make_signers(keys: SecretKeys, salt: bytes) -> list[Signer]:
    """Derive each key once; a signer with a salt derives it for every token."""
    derived = (derive(key, salt) for key in keys)
    return [
        Signer(key, key_derivation="none", algorithm=_KeyedHMAC(key)) for key in derived
    ]


def verify(token: str, signers: Sequence[Signer]) -> tuple[bytes, bool]:
    """Get the signed text, and whether a fallback key signed it.

    :raises TokenError: none of the keys did.
    """
    if token.isascii():
        packed, _, signature = token.encode("ascii").rpartition(b".")

        # Compared as text, so that no other spelling of it is valid.
        for index, signer in enumerate(signers):
            # The same as get_signature(), as the key is derived already.
            expected = base64_encode(signer.algorithm.get_signature(b"", packed))

            if hmac.compare_digest(expected, signature):
                return packed, index > 0

    raise TokenError("forged, or signed with another key")


def digest_text(key: bytes, text: str) -> str:
    """Make a digest for a text that a token must not show, 22 characters."""
    digest = hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")
    return base64_encode(digest[:16]).decode("ascii")
