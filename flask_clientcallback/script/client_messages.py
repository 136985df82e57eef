"""The client script's own messages for users."""

from __future__ import annotations

from collections.abc import Mapping

from ..protocol.compact_json import encode_json
from ..spelling import find_near
from .html import text_of

MESSAGES = (
    "network",
    "timeout",
    "http",
    "server",
    "auth",
    "redirect",
    "parse",
    "too_large",
    "stale_link",
    "auth_link",
)
"""The errors without a message from the server, files that are too large to be sent,
and the texts of two links.
"""


def encode_messages(messages: Mapping[str, object] | None) -> str | None:
    """Write the messages that a page replaces, for the client script.

    :param messages: texts or lazy translations, by the names of ``MESSAGES``.
    :raises ValueError: there is no such message.
    """
    if not messages:
        return None

    for name in messages:
        if name not in MESSAGES:
            near = find_near(name, MESSAGES)
            hint = f"Is it {near}?" if near else f"There are {', '.join(MESSAGES)}."
            raise ValueError(
                f"callback_scripts() has no message {name!r} to be worded. {hint}"
            )

    return encode_json({name: text_of(text) for name, text in messages.items()})
