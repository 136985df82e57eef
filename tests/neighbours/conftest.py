from __future__ import annotations

import importlib.util

# Only the environment "neighbours" of tox installs the packages.
if importlib.util.find_spec("apiflask") is None:
    collect_ignore_glob = ["test_*.py"]
