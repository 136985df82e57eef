"""Signed tokens of the events that a page may raise."""

from __future__ import annotations

import base64
import itertools
import json
import pickle
from hashlib import sha256

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from itsdangerous import Signer
from itsdangerous import URLSafeTimedSerializer

from flask_clientcallback.errors import TokenError
from flask_clientcallback.protocol.event_tokens import Events
from flask_clientcallback.protocol.event_tokens import EventTokens
from flask_clientcallback.protocol.state_tokens import PageState
from flask_clientcallback.protocol.state_tokens import Tokens

KEY = "a secret key"
NOW = 1_800_000_000
PAGE_ID = "page-id"
SALT = b"flask_clientcallback.events"

tokens = EventTokens([KEY])


def made(*pairs: tuple[str, str], by: EventTokens = tokens) -> Events:
    """Make the events of controls and arguments."""
    return {by.mark: {by.digest(by.mark, *pair) for pair in pairs}}


EVENTS = made(("__Page", "buy"), ("grid", ""))
token = tokens.issue(PAGE_ID, EVENTS)
payload, _, signature = token.rpartition(".")

any_text = st.text(st.characters(exclude_categories=()))
control_ids = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_$:-]{0,20}", fullmatch=True)
pairs = st.tuples(control_ids, any_text)


def check_refused(
    text: str, by: EventTokens = tokens, because: str = "forged, or signed with another"
) -> None:
    """See that a token does not open."""
    with pytest.raises(TokenError, match=because):
        by.open(text, PAGE_ID)


@settings(deadline=None)
@given(st.sets(pairs, max_size=8), st.text(max_size=20))
def test_round_trip(held: set[tuple[str, str]], page_id: str) -> None:
    """A token gives back the events that were signed, and shows none of them."""
    events = made(*held)
    issued = tokens.issue(page_id, events)
    assert tokens.open(issued, page_id) == (events, False)
    assert issued.replace("-", "").replace("_", "").replace(".", "").isalnum()
    assert issued.isascii()


@settings(deadline=None)
@given(pairs, pairs)
def test_digests(one: tuple[str, str], other: tuple[str, str]) -> None:
    """Events are told apart by control and argument, and by nothing else."""
    digest = tokens.digest(tokens.mark, *one)
    assert len(digest) == 8
    assert (tokens.digest(tokens.mark, *other) == digest) == (other == one)
    others = EventTokens(["another key"])
    assert others.digest(others.mark, *one) != digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "b"), ("ab", "")),
        (("a", "b"), ("b", "a")),
        (("a", ""), ("", "a")),
        (("a", "b\n"), ("a", "b")),
        (("a", "\nb"), ("a", "b")),
        (("a", "B"), ("a", "b")),
        (("a", "\0"), ("a", "")),
        (("a", "\ud800"), ("a", "?")),
        (("a", "e\u0301"), ("a", "\u00e9")),
        (("a\nb", "c"), ("a", "b\nc")),
        (("a b", "c"), ("a", " bc")),
        (("1 a", "b"), ("1", " ab")),
    ],
)
def test_digests_of_near_misses(one: tuple[str, str], other: tuple[str, str]) -> None:
    """Neither does a control's id reach into the argument, nor is text changed."""
    assert tokens.digest(tokens.mark, *one) != tokens.digest(tokens.mark, *other)


def test_digest_of_a_character_in_halves() -> None:
    """Two halves of a character are the character, as they are in the browser."""
    halves, whole = "\ud83d\ude00", "\U0001f600"
    digests = [tokens.digest(tokens.mark, "a", text) for text in (halves, whole)]
    assert digests[0] == digests[1]


def test_order_is_not_shown() -> None:
    """The same events give the same token, in whatever order they came."""
    held = [("grid", str(number)) for number in range(10)]
    assert {
        tokens.issue(PAGE_ID, made(*shuffled))
        for shuffled in (held, held[::-1], held[5:] + held[:5])
    } == {tokens.issue(PAGE_ID, made(*held))}


@pytest.mark.parametrize("position", range(len(token)))
def test_changed_byte(position: int) -> None:
    """No byte of a token can be changed, removed or doubled."""
    for replacement in ("", token[position] * 2, "A", "B", "-", "\0", "=", "é"):
        altered = token[:position] + replacement + token[position + 1 :]

        if altered != token:
            check_refused(altered)


@settings(deadline=None)
@given(st.integers(0, len(token)), st.integers(0, 3), any_text)
def test_changed_anywhere(position: int, removed: int, inserted: str) -> None:
    """Nor can anything be put in or left out, at the end included."""
    altered = token[:position] + inserted + token[position + removed :]

    if altered != token:
        check_refused(altered)


@settings(deadline=None)
@given(any_text)
def test_any_text(text: str) -> None:
    """Text that nobody signed is refused, whatever it is."""
    check_refused(text)
    check_refused(f"{text}.{signature}")
    check_refused(f"{payload}.{text}")


def test_token_of_another_page() -> None:
    """Events are good for the page they were signed for."""
    check_refused(tokens.issue("page-id2", EVENTS), because="events of another page")
    check_refused(tokens.issue("", EVENTS), because="events of another page")

    with pytest.raises(TokenError, match="events of another page"):
        tokens.open(token, "")


@pytest.mark.parametrize("key", ["another key", KEY.upper(), KEY + " ", b"\0", ""])
def test_other_key(key: str | bytes) -> None:
    """A token of another key is refused."""
    others = EventTokens([key])
    check_refused(others.issue(PAGE_ID, EVENTS))
    check_refused(token, others)


def test_fallback_keys() -> None:
    """A key that is about to be given up still opens, and its events still hold."""
    rotated = EventTokens(["new", KEY, "oldest"])
    events, by_fallback_key = rotated.open(token, PAGE_ID)
    assert by_fallback_key
    assert events == EVENTS
    assert rotated.mark != tokens.mark
    [(mark, digests)] = events.items()
    assert rotated.digest(mark, "__Page", "buy") in digests
    assert rotated.digest(rotated.mark, "__Page", "buy") not in digests


def test_current_key_signs() -> None:
    """A renewed token is signed with the current key, old events and all."""
    rotated = EventTokens(["new", KEY])
    both = {**EVENTS, **made(("grid", "new"), by=rotated)}
    issued = rotated.issue(PAGE_ID, both)
    assert rotated.open(issued, PAGE_ID) == (both, False)
    check_refused(issued)


def test_key_that_is_gone() -> None:
    """Events of a key that is no longer known cannot be told any more."""
    rotated = EventTokens(["new", KEY])
    mine = made(("grid", "new"), by=rotated)

    for events in ({**EVENTS, **mine}, {**mine, **EVENTS}, EVENTS):
        issued = rotated.issue(PAGE_ID, events)
        check_refused(issued, EventTokens(["new"]), "events of a key that is gone")

    issued = rotated.issue(PAGE_ID, mine)
    assert EventTokens(["new"]).open(issued, PAGE_ID) == (mine, False)


def test_key_as_bytes() -> None:
    """A key is the same as text and as bytes."""
    assert EventTokens([KEY.encode()]).issue(PAGE_ID, EVENTS) == token


def test_size() -> None:
    """An argument takes 12 characters at most, however long it is."""
    sizes = {
        count: len(
            tokens.issue(PAGE_ID, made(*(("grid", f"{n}" * 100) for n in range(count))))
        )
        for count in (0, 1, 10_000)
    }
    assert sizes[10_000] - sizes[0] <= 12 * 10_000
    assert sizes[1] - sizes[0] <= 12 + 10
    assert sizes[0] < 100


def test_large_token_opens() -> None:
    """Many events come back as they were."""
    events = made(*(("grid", str(number)) for number in range(10_000)))
    assert len(events[tokens.mark]) == 10_000
    issued = tokens.issue(PAGE_ID, events)
    assert tokens.open(issued, PAGE_ID) == (events, False)


def session_cookie() -> str:
    """Make a cookie of Flask's session."""
    app = Flask(__name__)
    app.secret_key = KEY
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return str(serializer.dumps({"_user_id": "1"}))


STATE = Tokens(KEY).issue(PageState(PAGE_ID, "page /", "", "{}"), NOW)
FOREIGN = {
    "state": STATE,
    "session cookie": session_cookie(),
    "Flask-WTF token": URLSafeTimedSerializer(KEY, salt="wtf-csrf-token").dumps("x"),
    "salt of states": Signer(
        KEY, salt="flask_clientcallback.view_state", digest_method=sha256
    )
    .sign(payload)
    .decode(),
    "salt of digests": Signer(
        KEY, salt="flask_clientcallback.event", digest_method=sha256
    )
    .sign(payload)
    .decode(),
    "default salt": Signer(KEY).sign(payload).decode(),
    "underived key": Signer(KEY, key_derivation="none", digest_method=sha256)
    .sign(payload)
    .decode(),
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_signed_for_another_purpose(text: str) -> None:
    """What the same key signed for another purpose is no events."""
    check_refused(text)


def test_events_are_no_state() -> None:
    """Nor is a token of events a page's state."""
    assert Tokens(KEY).open(STATE, NOW, 60).page_id == PAGE_ID

    with pytest.raises(TokenError, match="forged"):
        Tokens(KEY).open(token, NOW, 60)


def signed(content: bytes) -> str:
    """Sign what is no token of events as if it were one."""
    packed = base64.urlsafe_b64encode(content).rstrip(b"=")
    return Signer(KEY, salt=SALT, digest_method=sha256).sign(packed).decode()


def test_signing_for_these_tests() -> None:
    """What the tests below sign is good where its content is."""
    mark, digests = next(iter(EVENTS.items()))
    facts = json.dumps([1, PAGE_ID, [mark, 2]]).encode()
    assert tokens.open(signed(facts + b"\n" + b"".join(sorted(digests))), PAGE_ID) == (
        EVENTS,
        False,
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"x",
        b"1",
        b"null",
        b"[]",
        b"[1]",
        b'"1"',
        b"\xff\xfe\n",
        b'{"__class__": 1}',
        pickle.dumps(print),
        b'["flask_clientcallback"]\n{}',
        b"\0" * 1000,
    ],
)
def test_garbage_with_a_good_signature(content: bytes) -> None:
    """What the key signed and is no list of events is refused like any other."""
    check_refused(signed(content), because="events unreadable")


def test_payload_that_is_not_base64() -> None:
    """So is what cannot be decoded at all."""
    text = Signer(KEY, salt=SALT, digest_method=sha256).sign("A").decode()
    check_refused(text, because="events unreadable")


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_token_of_another_version(version: object) -> None:
    """What another version of the protocol signed is refused."""
    content = json.dumps([version, PAGE_ID, "anything"]).encode() + b"\n"
    check_refused(signed(content), because="token version")


@pytest.mark.parametrize(
    ("one", "other"), [*itertools.permutations(["x", "y", "z"], 2)]
)
def test_marks(one: str, other: str) -> None:
    """The mark of a key is short, shows nothing of it, and is no other's."""
    assert len(EventTokens([one]).mark) == 8
    assert EventTokens([one]).mark != EventTokens([other]).mark
    assert EventTokens([one, other]).mark == EventTokens([one]).mark
