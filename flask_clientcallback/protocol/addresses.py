"""The address of a page, as a browser and a server both read it."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping
from urllib.parse import quote
from urllib.parse import unquote_to_bytes

_NAMES = ("SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")
_PATH_CHARACTERS = "/!$&'()*+,:;=@"
_QUERY_CHARACTERS = "!$%&()*+,/:;=?@[\\]^`{|}"
"""The characters that stay unencoded, besides letters, digits and ``-._~``. A URL
parser encodes the apostrophe in a query, but not in a path.
"""
_JOINING_SLASH = re.compile(
    r"(?<=\A/)/"  # Two at the beginning say a host, and servers make one of them.
    r"|(?<=/\.)/|(?<=/\.\.)/"  # With a dot segment before it, that would be resolved.
    r"|(?!\A)/(?=\.\.?\Z)"  # Nor may a dot segment be the last.
)
"""A slash that a browser or a server would change."""


def page_address(script_name: str, path_info: str, query_string: str) -> str:
    """Write the address that a request came to: an absolute path with its query, in
    ASCII. A browser's URL parser leaves it as it is, and a server decodes it to the
    same path and query. The parameters are texts of the WSGI environment, each
    character of which stands for a byte.

    :param script_name: the path that the application is mounted at.
    :param path_info: the path below it.
    :param query_string: the query, percent-encoded as far as the client did so.
    """
    if path_info and not path_info.startswith("/"):
        path_info = f"/{path_info}"

    path = quote(
        script_name.rstrip("/") + path_info, _PATH_CHARACTERS, encoding="latin-1"
    )

    if not path.startswith("/"):
        path = f"/{path}"

    # The paths "/." and "/.." have no address: their only slash has to stay, and a dot
    # segment is one in each spelling. No browser can have asked for them.
    path = _JOINING_SLASH.sub("%2F", path)

    if not query_string:
        return path

    return f"{path}?{quote(query_string, _QUERY_CHARACTERS, encoding='latin-1')}"


def address_of(environ: Mapping[str, t.Any]) -> str:
    """Write the address that a request came to, as :func:`page_address` does.

    :param environ: the request's WSGI environment.
    """
    return page_address(*(environ.get(name, "") for name in _NAMES))


def is_rewritten(environ: Mapping[str, t.Any]) -> bool:
    """Tell whether something on the server changed the path, so that the written
    address differs from the requested one.

    :param environ: the request's WSGI environment.
    """
    asked: str | None = environ.get("REQUEST_URI") or environ.get("RAW_URI")

    if asked is None or not asked.startswith("/"):
        return False

    path = unquote_to_bytes(asked.partition("?")[0]).decode("latin-1")
    seen: str = environ.get("SCRIPT_NAME", "").rstrip("/") + environ.get(
        "PATH_INFO", ""
    )
    # A proxy may have removed a prefix that the application knows.
    return not seen.endswith(path)


def environ_of(address: str, asked: Mapping[str, t.Any]) -> dict[str, str]:
    """Get the script name, path and query that a server reads from an address, as texts
    of the WSGI environment.

    :param address: an address as :func:`page_address` writes it.
    :param asked: the environment of a request to this server. If the request came to
        the address, the result has exactly its texts.
    """
    if address == address_of(asked):
        return {name: asked.get(name, "") for name in _NAMES}

    quoted_path, _, query_string = address.partition("?")
    path = unquote_to_bytes(quoted_path).decode("latin-1")
    script_name = asked.get("SCRIPT_NAME", "").rstrip("/")

    if not f"{path}/".startswith(f"{script_name}/"):
        # It is outside of the path that the request came to.
        script_name = ""

    texts = script_name, path.removeprefix(script_name), query_string
    return dict(zip(_NAMES, texts, strict=True))
