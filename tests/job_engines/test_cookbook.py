"""The recipe of the cookbook for a background job, on Celery."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from flask_clientcallback.testing import CallbackClient

from ..helpers.cookbook import page_of
from ..helpers.documentation import import_file
from ..helpers.documentation import write_files
from ..helpers.jobs import wait_until
from ..helpers.redis_server import running_redis

ROOT = Path(__file__).parents[2]
MODULES = ("app", "tasks")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the files of the recipe, which are imported from there."""
    pytest.importorskip("celery")
    write_files(page_of("background_job_on_celery"), tmp_path)
    path = tmp_path / "app.py"
    code = path.read_text(encoding="utf-8")
    assert code.count('"SECONDS": 2') == 1
    path.write_text(code.replace('"SECONDS": 2', '"SECONDS": 0'), encoding="utf-8")
    before = {name: sys.modules.pop(name, None) for name in MODULES}
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path

    for name, module in before.items():
        sys.modules.pop(name, None)

        if module is not None:
            sys.modules[name] = module


def load(folder: Path) -> Flask:
    """Import the application as a web server does when it starts."""
    for name in MODULES:
        sys.modules.pop(name, None)

    app = import_file("tasks", folder / "tasks.py").app
    assert isinstance(app, Flask)
    return app


def test_celery(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker builds the report, which the next web server shows. No worker is needed
    to begin one, or to cancel it.
    """
    path = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))

    with running_redis(folder / "redis") as redis, (folder / "log").open("wb") as log:
        monkeypatch.setenv("REDIS", redis.url().removesuffix("/0"))
        environment = {**os.environ, "PYTHONPATH": path}
        environment.pop("PYTHONSAFEPATH", None)
        client = CallbackClient(load(folder))
        page = client.get_page("/")
        cancelled = page.call.build().job
        assert cancelled is not None
        assert cancelled.state == "queued"
        assert page.call.stop().result == "Cancelled."
        job = page.call.build().job
        assert job is not None
        cookie = client.get_cookie("session")
        assert cookie is not None
        later = CallbackClient(load(folder))
        later.set_cookie("session", cookie.value)
        assert f'data-callback-argument="{job.id}"' in later.get_page("/").text
        command = [sys.executable, "-m", "celery", "-A", "tasks:celery", "worker"]
        worker = subprocess.Popen(
            [*command, "--concurrency=1"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
        )

        try:
            shown = "Your last report: 675 orders in 2027."
            wait_until(lambda: shown in later.get_page("/").text, 60)
        finally:
            worker.terminate()
            worker.wait(30)

        assert cancelled.look().error["kind"] == "abort"
