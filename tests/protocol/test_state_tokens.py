"""Signed tokens: what opens, and what is refused."""

from __future__ import annotations

import base64
import json
import pickle
import tracemalloc
import typing as t
import zlib
from hashlib import sha256

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from itsdangerous import Signer
from itsdangerous import TimestampSigner
from itsdangerous import URLSafeSerializer
from itsdangerous import URLSafeTimedSerializer

from flask_clientcallback.errors import TokenError
from flask_clientcallback.protocol.state_tokens import new_page_id
from flask_clientcallback.protocol.state_tokens import OpenedState
from flask_clientcallback.protocol.state_tokens import PageState
from flask_clientcallback.protocol.state_tokens import Tokens
from flask_clientcallback.protocol.state_tokens import TokensCache

KEY = "a secret key"
NOW = 1_800_000_000
MAX_AGE = 3600
STATE = PageState("page-id", "greeting /", "", '{"visits":1,"name":"Ada"}')

tokens = Tokens(KEY)
token = tokens.issue(STATE, NOW)
payload, _, signature = token.rpartition(".")

any_text = st.text(st.characters(exclude_categories=()))
ascii_text = st.text(st.characters(max_codepoint=0x7F), max_size=2000)
page_states = st.builds(PageState, any_text, any_text, any_text, ascii_text)


def is_scalar_text(text: str) -> bool:
    """Tell whether JSON holds a text as it is: two lone surrogates that follow
    each other would be one character there.
    """
    units = text.encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "surrogatepass") == text


def open_token(text: str, keys: Tokens = tokens) -> OpenedState:
    """Open a token at the time when it was issued."""
    return keys.open(text, NOW, MAX_AGE)


def check_refused(text: str, keys: Tokens = tokens) -> None:
    """See that a token does not open."""
    with pytest.raises(TokenError, match="forged, or signed with another key"):
        open_token(text, keys)


def check_harmless(text: str) -> None:
    """See that a text which is nearly the token is refused, or says what was
    signed: base64 has several spellings of a signature's bytes.
    """
    try:
        opened = open_token(text)
    except TokenError:
        return

    assert text.rpartition(".")[0] == payload
    assert opened == open_token(token)


@settings(deadline=None)
@given(page_states, st.integers(0, 2**40))
def test_round_trip(state: PageState, now: int) -> None:
    """A token gives back what was signed, and when."""
    facts = (state.page_id, state.location, state.user)
    issued = tokens.issue(state, now)
    opened = tokens.open(issued, now, MAX_AGE)
    assert opened.text == state.text
    assert opened.issued_at == now
    assert not opened.by_fallback_key

    if all(map(is_scalar_text, facts)):
        assert (opened.page_id, opened.location, opened.user) == facts


@settings(deadline=None)
@given(page_states)
def test_tokens_are_safe_text(state: PageState) -> None:
    """A token consists of characters that mean nothing in HTML, forms or URLs."""
    issued = tokens.issue(state, NOW)
    assert issued.isascii()
    assert issued.replace("-", "").replace("_", "").replace(".", "").isalnum()


TRANSFORMS: dict[str, t.Callable[[str], str]] = {
    "empty": lambda text: "",
    "first dropped": lambda text: text[1:],
    "last dropped": lambda text: text[:-1],
    "first doubled": lambda text: text[0] + text,
    "last doubled": lambda text: text + text[-1],
    "reversed": lambda text: text[::-1],
    "upper case": str.upper,
    "lower case": str.lower,
    "case swapped": str.swapcase,
    "twice": lambda text: text * 2,
    "no signature": lambda text: text.rpartition(".")[0],
    "empty signature": lambda text: text.rpartition(".")[0] + ".",
    "no payload": lambda text: "." + text.rpartition(".")[2],
    "signature alone": lambda text: text.rpartition(".")[2],
    "no separator": lambda text: text.replace(".", ""),
    "other separator": lambda text: text.replace(".", ":"),
    "halves exchanged": lambda text: ".".join(text.split(".")[::-1]),
    "marked as compressed": lambda text: "." + text,
    "space before": lambda text: " " + text,
    "lone surrogate before": lambda text: "\ud800" + text,
    "lone surrogate after": lambda text: text + "\udfff",
    "NUL before": lambda text: "\0" + text,
    "quoted": lambda text: f'"{text}"',
    "first signature byte changed": lambda text: text.replace(
        f".{signature[0]}", "._" if signature[0] != "_" else ".-"
    ),
    "wide digits": lambda text: text.translate({c: c + 0xFEE0 for c in range(48, 58)}),
    "payload of another": lambda text: (
        tokens.issue(PageState("p", "l", "u", "{}"), NOW).rpartition(".")[0]
        + "."
        + text.rpartition(".")[2]
    ),
    "signature of another": lambda text: (
        text.rpartition(".")[0]
        + "."
        + tokens.issue(PageState("p", "l", "u", "{}"), NOW).rpartition(".")[2]
    ),
}


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
def test_transformed(transform: t.Callable[[str], str]) -> None:
    """A token that is not as it was signed is refused."""
    assert transform(token) != token
    check_refused(transform(token))


@pytest.mark.parametrize("position", range(len(payload)))
def test_changed_payload(position: int) -> None:
    """No byte of the payload can be changed, removed or doubled."""
    for replacement in ("", token[position] * 2, "A", "B", "\0", "=", "é"):
        altered = token[:position] + replacement + token[position + 1 :]

        if altered != token:
            check_refused(altered)


@pytest.mark.parametrize("position", range(len(signature) - 1))
def test_changed_signature(position: int) -> None:
    """Nor any of the signature, except for the spare bits of its last one."""
    for replacement in ("", signature[position] * 2, "A", "B", "-", "_"):
        altered = signature[:position] + replacement + signature[position + 1 :]

        if altered != signature:
            check_refused(f"{payload}.{altered}")


@settings(deadline=None)
@given(st.integers(0, len(token)), st.integers(0, 3), any_text)
def test_changed_anywhere(position: int, removed: int, inserted: str) -> None:
    """No change anywhere lets a token say something else."""
    check_harmless(token[:position] + inserted + token[position + removed :])


@settings(deadline=None)
@given(st.text(st.sampled_from("=.-_\n \0Aa")))
def test_changed_end(end: str) -> None:
    """Nor does anything that follows it, trailing "=" above all."""
    check_harmless(token + end)


@pytest.mark.parametrize("count", range(1, 8))
def test_trailing_equals_signs(count: int) -> None:
    """Trailing "=" never raises anything but a TokenError."""
    check_harmless(token + "=" * count)
    check_harmless(token[:-1] + "=" * count)


@settings(deadline=None)
@given(any_text)
def test_any_text(text: str) -> None:
    """Text that nobody signed is refused, whatever it is."""
    check_refused(text)
    check_refused(f"{text}.{signature}")
    check_refused(f".{text}.")


@pytest.mark.parametrize("key", ["another key", KEY.upper(), KEY + " ", b"\0", ""])
def test_other_key(key: str | bytes) -> None:
    """A token of another key is refused."""
    check_refused(Tokens(key).issue(STATE, NOW))
    check_refused(token, Tokens(key))


def test_key_as_bytes() -> None:
    """A key is the same as text and as bytes."""
    assert Tokens(KEY.encode()).issue(STATE, NOW) == token


def test_fallback_keys() -> None:
    """A key that is about to be given up still opens, and that is told."""
    keys = Tokens("new", ["oldest", KEY])
    assert open_token(token, keys).by_fallback_key
    assert open_token(Tokens("oldest").issue(STATE, NOW), keys).by_fallback_key
    check_refused(Tokens("removed").issue(STATE, NOW), keys)


def test_current_key_signs() -> None:
    """New tokens are signed with the current key."""
    issued = Tokens("new", [KEY]).issue(STATE, NOW)
    assert not open_token(issued, Tokens("new", [KEY])).by_fallback_key
    assert not open_token(issued, Tokens("new")).by_fallback_key
    check_refused(issued)


@pytest.mark.parametrize("age", [0, 1, MAX_AGE - 1, MAX_AGE])
def test_young_enough(age: int) -> None:
    """A token is good up to its maximum age."""
    assert tokens.open(token, NOW + age, MAX_AGE).issued_at == NOW


@pytest.mark.parametrize("age", [MAX_AGE + 1, MAX_AGE * 2, 10**9])
def test_too_old(age: int) -> None:
    """A token that is older is refused."""
    with pytest.raises(TokenError, match="expired"):
        tokens.open(token, NOW + age, MAX_AGE)


@pytest.mark.parametrize("ahead", [1, 3, 60])
def test_clock_skew(ahead: int) -> None:
    """The clock of the server that signed may be a little ahead."""
    assert tokens.open(token, NOW - ahead, MAX_AGE).issued_at == NOW


@pytest.mark.parametrize("ahead", [61, 3600, NOW])
def test_too_far_ahead(ahead: int) -> None:
    """A token from further in the future is refused."""
    with pytest.raises(TokenError, match="future"):
        tokens.open(token, NOW - ahead, MAX_AGE)


def test_token_of_another_version() -> None:
    """What another version of the protocol signed is refused."""
    signer = Signer(KEY, salt="flask_clientcallback.view_state", digest_method=sha256)

    def signed(version: int) -> str:
        facts = json.dumps([version, NOW, "page-id", "greeting /", ""])
        packed = base64.urlsafe_b64encode(f"{facts}\n{{}}".encode()).rstrip(b"=")
        return signer.sign(packed).decode()

    assert open_token(signed(1)).text == "{}"

    with pytest.raises(TokenError, match="version 2"):
        open_token(signed(2))


def session_cookie() -> str:
    """Make a cookie of Flask's session."""
    app = Flask(__name__)
    app.secret_key = KEY
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return t.cast(str, serializer.dumps({"_user_id": "1"}))


FOREIGN = {
    "session cookie": session_cookie(),
    "Flask-WTF token": URLSafeTimedSerializer(KEY, salt="wtf-csrf-token").dumps("x"),
    "serializer": t.cast(str, URLSafeSerializer(KEY).dumps([1])),
    "payload of another salt": Signer(KEY, salt="x", digest_method=sha256)
    .sign(payload)
    .decode(),
    "payload of the default salt": Signer(KEY).sign(payload).decode(),
    "payload with a timestamp": TimestampSigner(KEY).sign(payload).decode(),
    "underived key": Signer(KEY, key_derivation="none", digest_method=sha256)
    .sign(payload)
    .decode(),
    "digest": f"{payload}.{tokens.digest(payload)}",
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_signed_for_another_purpose(text: str) -> None:
    """What the same key signed for another purpose is no state."""
    check_refused(text)


def test_forged_bomb_is_not_inflated() -> None:
    """Nothing is decompressed before its signature is verified."""
    bomb = zlib.compress(b"0" * 50_000_000, 9)
    text = "." + base64.urlsafe_b64encode(bomb).decode().rstrip("=")
    forged = Signer("another key").sign(text).decode()
    assert 60_000 < len(forged) < 70_000
    tracemalloc.start()

    try:
        check_refused(forged)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 1_000_000


def packed_length(length: int) -> tuple[bool, int]:
    """Tell whether a state with a text of a length is compressed, and how long
    what was packed is before that.
    """
    packed = tokens.issue(PageState("p", "l", "u", "x" * length), NOW)
    body = packed.rpartition(".")[0]
    compressed = body.startswith(".")
    content = base64.urlsafe_b64decode(body.lstrip(".") + "===")
    return compressed, len(zlib.decompress(content) if compressed else content)


def test_compression() -> None:
    """From 512 bytes on a state is compressed."""
    packed = [packed_length(length) for length in range(1000)]
    assert {compressed for compressed, size in packed if size < 512} == {False}
    assert {compressed for compressed, size in packed if size >= 512} == {True}


@pytest.mark.parametrize("length", [511, 512, 5000, 65_536, 1_000_000])
def test_compressed_states_open(length: int) -> None:
    """What was compressed comes back as it was."""
    state = PageState("p", "l", "u", "ab" * (length // 2))
    issued = tokens.issue(state, NOW)
    assert len(issued) < length
    assert open_token(issued).text == state.text


@settings(deadline=None)
@given(any_text, any_text)
def test_digests(text: str, other: str) -> None:
    """A digest tells texts apart without showing them."""
    digest = tokens.digest(text)
    assert len(digest) == 22
    assert tokens.is_digest_of(text, digest)
    assert (tokens.digest(other) == digest) == (other == text)
    assert tokens.is_digest_of(other, digest) == (other == text)
    assert Tokens("another key").digest(text) != digest


def test_digests_of_fallback_keys() -> None:
    """A digest is still good under a key that is about to be given up."""
    digest = tokens.digest("ada")
    keys = Tokens("new", [KEY])
    assert keys.digest("ada") != digest
    assert keys.is_digest_of("ada", digest)
    assert not keys.is_digest_of("eve", digest)
    assert not Tokens("new").is_digest_of("ada", digest)


def test_page_ids() -> None:
    """Page ids are short, safe in a URL, and never the same."""
    ids = {new_page_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(page_id) for page_id in ids} == {16}


def test_cache() -> None:
    """The same keys give the same tokens, other keys give others."""
    cache = TokensCache()
    first = cache.get(KEY, [])
    assert cache.get(KEY, []) is first
    assert cache.get(KEY, ()) is first
    assert open_token(token, first) == open_token(token)

    rotated = cache.get("new", [KEY])
    assert rotated is not first
    assert cache.get("new", [KEY]) is rotated
    assert open_token(token, rotated).by_fallback_key

    alone = cache.get("new", [])
    assert alone is not rotated
    check_refused(token, alone)


def test_cache_of_changed_list() -> None:
    """A list of fallback keys that is changed in place counts as other keys."""
    cache = TokensCache()
    fallback_keys: list[str | bytes] = []
    check_refused(token, cache.get("new", fallback_keys))
    fallback_keys.append(KEY)
    assert open_token(token, cache.get("new", fallback_keys)).by_fallback_key


@pytest.mark.parametrize(
    "data",
    [
        base64.urlsafe_b64encode(pickle.dumps(print)).rstrip(b"="),
        base64.urlsafe_b64encode(b'[2,1,"p","l","u","more"]\n{}').rstrip(b"="),
        base64.urlsafe_b64encode(b'{"__class__": 1}').rstrip(b"="),
        b".AAAA",
        b"A",
        b"",
    ],
)
def test_signed_but_no_state(data: bytes) -> None:
    """What the key signed and is no state is refused like any other."""
    salt = "flask_clientcallback.view_state"
    signer = Signer("key", salt=salt, digest_method=sha256)

    with pytest.raises(TokenError):
        Tokens("key").open(signer.sign(data).decode("latin-1"), 1, 10)
