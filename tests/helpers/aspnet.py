"""What ASP.NET itself does, as it was observed on a running server."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

REFERENCE: dict[str, t.Any] = json.loads(
    (Path(__file__).parent / "aspnet-reference.json").read_text(encoding="utf-8")
)
