"""The application that the documentation shows for Celery."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from flask_clientcallback.testing import CallbackClient

from ..helpers.documentation import blocks
from ..helpers.documentation import run_module
from ..helpers.redis_server import running_redis

PAGE = "docs/background_jobs.rst"


def test_celery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report of the guide is built by a worker of Celery, with the result that the
    guide shows.
    """
    pytest.importorskip("celery")
    [plain] = blocks(PAGE, "app.py")
    [markup] = blocks(PAGE, "templates/reports.html")
    [celery] = blocks(PAGE, "app.py, on Celery")
    imports = plain.code[: plain.code.index("app = Flask")]
    report = plain.code[plain.code.index("@background") :]
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "reports.html").write_text(markup.code)

    with running_redis(tmp_path / "redis") as redis:
        code = f"{imports}\n{celery.code}\n\n{report}"
        code = code.replace("redis://localhost/0", redis.url())
        code = code.replace("redis://localhost/1", redis.url(1))
        monkeypatch.setitem(sys.modules, "app", types.ModuleType("app"))
        app = run_module("app", code, tmp_path).app
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(
                (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", ""))
            ),
        }
        environment.pop("PYTHONSAFEPATH", None)
        command = [sys.executable, "-m", "celery", "-A", "app:celery", "worker"]

        with (tmp_path / "log").open("wb") as log:
            worker = subprocess.Popen(
                [*command, "--concurrency=1"],
                cwd=tmp_path,
                env=environment,
                stdout=log,
                stderr=log,
            )

        try:
            answer = CallbackClient(app).get_page("/reports").callback()
            assert answer.job is not None
            assert answer.job.wait(60).result == "133782 sold in 2027."
        finally:
            worker.terminate()
            worker.wait(30)
