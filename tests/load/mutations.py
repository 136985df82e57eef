"""What spoils a callback at random: its fields, its headers, its token, its bytes."""

from __future__ import annotations

from random import Random
from urllib.parse import quote_from_bytes
from urllib.parse import urlencode

from flask_clientcallback.protocol.wire import ARGUMENT_FIELD
from flask_clientcallback.protocol.wire import MARKER_ENVIRON
from flask_clientcallback.protocol.wire import PROTOCOL_FIELDS
from flask_clientcallback.protocol.wire import STATE_FIELD
from flask_clientcallback.protocol.wire import TARGET_FIELD
from flask_clientcallback.protocol.wire import VALIDATION_FIELD

from .clients import FORM_TYPE
from .drafts import BOUNDARY
from .drafts import Draft

METHODS = ["GET", "HEAD", "PUT", "OPTIONS", "DELETE", "TRACE", "post", "BREW"]
PATHS = [
    *("/", "//", "/page/3", "/page/", "/page/../page/1", "/none", "/enter/eve"),
    *("/validated", "/classic"),
    *("/static/x", "/_clientcallback/0/x.js", "/\xff\xfe", "/" + "x" * 9000),
]
NAMES = [*sorted(PROTOCOL_FIELDS), "__proto__", "__class__", "", "note", "\0", "é"]
TEXTS = [
    *("", " ", "\0", "\r\nSet-Cookie: a=b", "\u202e", "é\ud800", "<b>", "%00"),
    "x" * 70000,
]
ARGUMENTS = [
    *("", '"', "1", "1e999", "NaN", "null", "[]", '{"a":1}', '"\\ud800"', "[" * 50000),
    *('"' + "x" * 70000 + '"', '"\\', "'x'", '"x" ', "9" * 5000, '"a\nb"'),
]
TARGETS = ["", "__init__", "get", "dispatch_request", "a.b", "__Page.get", "__page"]
CONTENT_TYPES = [
    *("", "text/plain", "application/json", "multipart/form-data", "x", ";"),
    *("multipart/form-data; boundary=", f"{FORM_TYPE}; charset=utf-16"),
    *(f"multipart/form-data; boundary={'b' * 3000}", "multipart/mixed; boundary=a"),
]
HEADERS = {
    MARKER_ENVIRON: ["", "0", "response", "\xff"],
    "CONTENT_TYPE": CONTENT_TYPES,
    "CONTENT_LENGTH": ["", "-1", "0", "7", "1e3", "99999", "+5", "9" * 40, "\xb2"],
    "HTTP_TRANSFER_ENCODING": ["chunked", "gzip, chunked"],
    "HTTP_SEC_FETCH_SITE": ["same-origin", "same-site", "cross-site", "none", "", "?"],
    "HTTP_ORIGIN": ["null", "", "http://localhost", "https://localhost", "http://["],
    "HTTP_HOST": ["", "evil", "localhost:0", "localhost:x", "[::1", "a b", "\xff", "/"],
    "HTTP_COOKIE": ["", "session", "session=", "session=a.b.c", "=;;=", "\xff=\xfe"],
    "HTTP_CONTENT_ENCODING": ["gzip"],
    "HTTP_X_FORWARDED_HOST": ["evil"],
    "HTTP_X_HTTP_METHOD_OVERRIDE": ["GET"],
    "HTTP_ACCEPT_ENCODING": ["gzip;q=x", "*"],
    "HTTP_EXPECT": ["100-continue"],
    "HTTP_RANGE": ["bytes=0-1"],
    "HTTP_IF_NONE_MATCH": ["*"],
    "SCRIPT_NAME": ["/app", "/page"],
}


def drop_field(draft: Draft, random: Random) -> None:
    """Leave a field out."""
    if draft.fields:
        draft.fields.pop(random.randrange(len(draft.fields)))


def add_field(draft: Draft, random: Random) -> None:
    """Add a field, perhaps one that is there, perhaps very often."""
    times = random.choice([1, 1, 1, 1, 1, 1, 1, 1100])
    field = (random.choice(NAMES), random.choice(TEXTS[:-1]))
    place = random.randrange(len(draft.fields) + 1)
    draft.fields[place:place] = [random.choice([field, *draft.fields])] * times


def set_field(draft: Draft, random: Random) -> None:
    """Give a field another value, or another name."""
    name, values = random.choice(
        [(ARGUMENT_FIELD, ARGUMENTS), (TARGET_FIELD, TARGETS), ("note", TEXTS)]
    )
    value = random.choice(values)
    draft.fields = [(n, value if n == name else v) for n, v in draft.fields]
    random.shuffle(draft.fields)


def set_token(draft: Draft, random: Random) -> None:
    """Change a character of a token, or cut or lengthen it."""
    name, token = random.choice(
        [(STATE_FIELD, draft.sample.token), (VALIDATION_FIELD, draft.sample.events)]
    )
    place = random.randrange(len(token) + 1)
    character = random.choice("Aaz09-_.=+/ é\0")
    changed = random.choice(
        [
            token[:place] + character + token[place + 1 :],
            token[:place] + character + token[place:],
            token[:place],
            token[place:],
            token + character,
            token.swapcase(),
            ".".join(reversed(token.split("."))),
            draft.sample.cookie.partition("=")[2],
        ]
    )
    draft.fields = [(n, changed if n == name else v) for n, v in draft.fields]


def set_header(draft: Draft, random: Random) -> None:
    """Change, add or leave out a header."""
    name = random.choice(list(HEADERS))
    draft.headers[name] = random.choice([None, *HEADERS[name]])


def drop_marker(draft: Draft, random: Random) -> None:
    """Be an ordinary POST, perhaps without the fields that only callbacks have."""
    draft.headers[MARKER_ENVIRON] = None

    if random.random() < 0.5:
        callback_fields = (ARGUMENT_FIELD, TARGET_FIELD)
        draft.fields = [f for f in draft.fields if f[0] not in callback_fields]


def set_request_line(draft: Draft, random: Random) -> None:
    """Change the method or the address, or put the fields into its query."""
    choice = random.randrange(3)

    if choice == 0:
        draft.method = random.choice(METHODS)
    elif choice == 1:
        draft.path = random.choice(PATHS)
    else:
        draft.query = urlencode(draft.fields, errors="surrogatepass")[:9000]


def spoil_bytes(draft: Draft, random: Random) -> None:
    """Change the body as it is sent."""
    draft.spoil_bytes.append(lambda body: _spoil(body, random))


def _spoil(body: bytes, random: Random) -> bytes:
    start, end = sorted(random.choices(range(len(body) + 1), k=2))
    short = body[start : min(end, start + 20)]
    inserted = random.choice([random.randbytes(3), b"&", b"%", b"\r\n", b"--", b'"'])
    return random.choice(
        [
            body[:start] + inserted + body[start:],
            body[:start] + inserted + body[start + len(inserted) :],
            body[:start] + body[start + len(short) :],
            body[:start] + quote_from_bytes(short, safe="").encode() + body[start:],
            body[:end],
            body[start:],
            body[:end] + body[start:],
            body.replace(BOUNDARY.encode(), b"another", 1),
            random.randbytes(start),
        ]
    )


MUTATIONS = [
    *(drop_field, add_field, set_field, set_token, set_header, set_header),
    *(drop_marker, set_request_line, spoil_bytes, spoil_bytes),
]
