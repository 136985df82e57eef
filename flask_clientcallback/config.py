"""Every setting: the application's ``CLIENTCALLBACK_*`` keys, and the options of a view
class.
"""

from __future__ import annotations

import difflib
import math
import re
import typing as t
import warnings
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask.views import MethodView

from .errors import ConfigurationError

CLASSIC = "CLIENTCALLBACK_CLASSIC"
JOB_KEPT = "CLIENTCALLBACK_JOB_KEPT"
JOB_THREADS = "CLIENTCALLBACK_JOB_THREADS"
MAX_AGE = "CLIENTCALLBACK_MAX_AGE"
MAX_CONTENT_LENGTH = "CLIENTCALLBACK_MAX_CONTENT_LENGTH"
MAX_FIELDS = "CLIENTCALLBACK_MAX_FIELDS"
MAX_JOB_RESULT = "CLIENTCALLBACK_MAX_JOB_RESULT"
MAX_VIEW_STATE = "CLIENTCALLBACK_MAX_VIEW_STATE"
SERVER_TIMING = "CLIENTCALLBACK_SERVER_TIMING"
STORE = "CLIENTCALLBACK_STORE"
STORE_VIEW_STATE_FROM = "CLIENTCALLBACK_STORE_VIEW_STATE_FROM"
TIMEOUT = "CLIENTCALLBACK_TIMEOUT"
TRUSTED_ORIGINS = "CLIENTCALLBACK_TRUSTED_ORIGINS"

_PREFIX = "CLIENTCALLBACK_"
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_ORIGIN = re.compile(r"(https?)://([^/\s?#@]+)", re.IGNORECASE | re.ASCII)

DEFAULTS: dict[str, t.Any] = {
    CLASSIC: False,
    JOB_KEPT: timedelta(hours=1),
    JOB_THREADS: 2,
    MAX_AGE: timedelta(hours=12),
    MAX_CONTENT_LENGTH: 1024 * 1024,
    MAX_FIELDS: 1000,
    MAX_JOB_RESULT: 1024 * 1024,
    MAX_VIEW_STATE: 64 * 1024,
    SERVER_TIMING: None,
    STORE: None,
    STORE_VIEW_STATE_FROM: None,
    TIMEOUT: timedelta(seconds=30),
    TRUSTED_ORIGINS: (),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one application.

    .. versionadded:: 0.1
    """

    classic: bool
    """Whether the client scripts of ASP.NET and Mono are answered."""
    job_kept: int
    """Seconds for which a background job is kept after its end."""
    job_threads: int
    """Threads of a process that run background jobs; 0 to run them in place."""
    max_age: int
    """Seconds for which a page's state is good."""
    max_content_length: int
    """The most bytes in the body of a callback's request."""
    max_fields: int
    """The most fields in the body of a callback's request."""
    max_job_result: int
    """The most bytes of a background job's result."""
    max_view_state: int
    """The most bytes of a view state before compression, with 8 for each event."""
    server_timing: bool | None
    """Whether browsers get the times of the stages; ``None``: only in debug mode."""
    store: t.Any
    """The store for data that outlives a request; ``None`` for a file in the instance
    folder.
    """
    store_view_state_from: int | None
    """From so many bytes on, the store keeps a view state; ``None`` for never."""
    timeout: int
    """Milliseconds after which the client script gives up a call."""
    trusted_origins: frozenset[str]
    """Other origins whose pages may make callbacks and post backs."""

    @classmethod
    def from_config(cls, config: Mapping[str, t.Any]) -> Settings:
        """Read an application's configuration.

        :raises ConfigurationError: a value is not valid.
        """
        for key in config:
            if key.startswith(_PREFIX) and key not in DEFAULTS:
                near = difflib.get_close_matches(key, DEFAULTS, n=1, cutoff=0.85)
                hint = f" Is it {near[0]}?" if near else ""
                warnings.warn(f"There is no setting {key}.{hint}", stacklevel=2)

        return cls(
            classic=_boolean(CLASSIC, config),
            job_kept=int(_seconds(JOB_KEPT, config)),
            job_threads=_count(JOB_THREADS, config, "threads"),
            max_age=int(_seconds(MAX_AGE, config)),
            max_content_length=_positive(MAX_CONTENT_LENGTH, config, "bytes"),
            max_fields=_positive(MAX_FIELDS, config, "fields"),
            max_job_result=_positive(MAX_JOB_RESULT, config, "bytes"),
            max_view_state=_positive(MAX_VIEW_STATE, config, "bytes"),
            server_timing=_boolean_or_none(SERVER_TIMING, config),
            store=config.get(STORE, DEFAULTS[STORE]),
            store_view_state_from=_bytes_or_none(STORE_VIEW_STATE_FROM, config),
            timeout=round(_seconds(TIMEOUT, config) * 1000),
            trusted_origins=_origins(TRUSTED_ORIGINS, config),
        )


def _positive(key: str, config: Mapping[str, t.Any], unit: str) -> int:
    value = config.get(key, DEFAULTS[key])
    _require_number(key, value, value, unit)
    return int(value)


def _bytes_or_none(key: str, config: Mapping[str, t.Any]) -> int | None:
    return None if config.get(key) is None else _positive(key, config, "bytes")


def _count(key: str, config: Mapping[str, t.Any], unit: str) -> int:
    value = config.get(key, DEFAULTS[key])
    _require_number(key, value or 1, value, unit)
    return int(value)


def _seconds(key: str, config: Mapping[str, t.Any]) -> float:
    value = config.get(key, DEFAULTS[key])
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    _require_number(key, seconds, value, "seconds or a timedelta, at least one second")
    return t.cast(float, seconds)


def _require_number(key: str, number: object, value: object, unit: str) -> None:
    if (
        isinstance(number, bool)
        or not isinstance(number, (int, float))
        or not 1 <= number < math.inf
    ):
        raise ConfigurationError(f"{key} is a number of {unit}, not {value!r}.")


def _boolean(key: str, config: Mapping[str, t.Any]) -> bool:
    value = config.get(key, DEFAULTS[key])

    if not isinstance(value, bool):
        raise ConfigurationError(f"{key} is True or False, not {value!r}.")

    return value


def _boolean_or_none(key: str, config: Mapping[str, t.Any]) -> bool | None:
    value = config.get(key, DEFAULTS[key])

    if value is not None and not isinstance(value, bool):
        raise ConfigurationError(f"{key} is True, False or None, not {value!r}.")

    return value


def _origins(key: str, config: Mapping[str, t.Any]) -> frozenset[str]:
    value = config.get(key, DEFAULTS[key])
    origins: list[t.Any] = [None]

    if isinstance(value, (list, tuple, set, frozenset)):
        origins = list(t.cast("Iterable[object]", value))

    known: set[str] = set()

    for origin in origins:
        parts = _ORIGIN.fullmatch(origin) if isinstance(origin, str) else None

        if parts is None or not origin.isascii():
            raise ConfigurationError(
                f"{key} is a list of origins, such as 'https://shop.example' or"
                " 'http://localhost:8000' without a path, with an international name"
                f" as browsers send it, 'https://xn--...' say, not {value!r}."
            )

        known.add(origin_of(*parts.groups()))

    return frozenset(known)


def origin_of(scheme: str, host: str) -> str:
    """Write an origin as browsers send it: in lower case, without the scheme's default
    port.
    """
    scheme = scheme.lower()
    return f"{scheme}://{host.removesuffix(_DEFAULT_PORTS.get(scheme, ''))}".lower()


OPTIONS_ATTRIBUTE = "_clientcallback_options"
"""Where a view class holds its :class:`HandlerOptions`."""

SAID_ATTRIBUTE = "_clientcallback_said"
"""Where a view class holds the keywords of its own mark, without its bases'."""


def accepts_post(view_class: type[t.Any]) -> bool:
    """Tell whether a handler's class accepts POST itself, besides callbacks."""
    if issubclass(view_class, MethodView):
        return hasattr(view_class, "post")

    return "POST" in {method.upper() for method in view_class.methods or ()}


@dataclass(frozen=True, slots=True)
class HandlerOptions:
    """The keywords of :func:`~flask_clientcallback.callback_handler`."""

    view_state: bool = True
    """Whether the page keeps a view state."""
    max_content_length: int | None = None
    """The most bytes in the body of a callback's request, if the page has its own
    limit."""
    event_validation: bool = False
    """Whether each callback and post-back event must be registered."""
    classic: bool | None = None
    """Whether the client scripts of ASP.NET and Mono are answered, if the page decides
    this itself."""


def inherited_options(view_class: type[t.Any]) -> HandlerOptions:
    """Merge the options of a view class and its bases. For each keyword, the nearest
    class that gives it counts.
    """
    said: dict[str, t.Any] = {}

    for base in reversed(view_class.__mro__):
        said.update(base.__dict__.get(SAID_ATTRIBUTE, ()))

    return HandlerOptions(**said)


def options_of(page: object) -> HandlerOptions:
    """Get the options of a handler's class, or of an object of it."""
    return t.cast(HandlerOptions, getattr(page, OPTIONS_ATTRIBUTE))
