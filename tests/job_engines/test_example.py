"""What runs the jobs of the example ``reports``: its command for Celery, and the
processes that it has else.
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import typing as t
from collections.abc import Iterator
from datetime import date
from http.client import HTTPConnection
from pathlib import Path

import pytest
from flask import Flask

from flask_clientcallback.testing import CallbackClient

from ..helpers.jobs import wait_until
from ..load.servers import children

ROOT = Path(__file__).parents[2]
LAST_YEAR = str(date.today().year - 1)
AT_LAST = 60
"""Seconds in which all of it starts, or ends, on a busy machine."""


class Forwarded(Flask):
    """Stands for an application that another process serves.

    :param port: where it does so.
    """

    def __init__(self, port: int) -> None:
        super().__init__(__name__)
        self._port = port

    def wsgi_app(self, environ: t.Any, start_response: t.Any) -> t.Any:
        """Send a request on, and give the answer."""
        named = {
            name.removeprefix("HTTP_").replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name == "CONTENT_TYPE"
        }
        size = int(environ.get("CONTENT_LENGTH") or 0)
        connection = HTTPConnection("127.0.0.1", self._port, timeout=AT_LAST)
        body = environ["wsgi.input"].read(size)
        method = environ["REQUEST_METHOD"]
        connection.request(method, environ["PATH_INFO"], body, named)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        start_response(f"{response.status} {response.reason}", response.getheaders())
        return [content]


class Running(t.NamedTuple):
    """The command as it runs."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def answers(self) -> bool:
        """Tell whether the web server does."""
        assert self.process.poll() is None, self.log.read_text()

        with socket.socket() as asked:
            return asked.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """Run the command, with books of its own."""
    pytest.importorskip("celery")

    if shutil.which("redis-server") is None:
        pytest.skip("needs redis-server: apt-get install redis-server")

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    app = str(ROOT / "examples" / "reports")
    command = [sys.executable, "-m", "flask", "--app", app, "on-celery"]
    environment = {
        **os.environ,
        "CELERY_WORKER_LOGLEVEL": "INFO",
        "FLASK_DATABASE": str(tmp_path / "reports.sqlite"),
        "FLASK_SECONDS_PER_MONTH": "0.05",
        "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
    }
    environment.pop("PYTHONSAFEPATH", None)
    log = tmp_path / "log"

    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=tmp_path,
            env=environment,
            stdout=output,
            stderr=output,
        )

    running = Running(process, port, log)

    try:
        wait_until(running.answers, AT_LAST)
        yield running
    finally:
        process.terminate()
        process.wait(AT_LAST)


def test_report(running: Running) -> None:
    """A report is built by the worker, and found when the page is loaded again. All
    that was started ends with the command.
    """
    client = CallbackClient(Forwarded(running.port))
    page = client.get_page("/")
    page.form["year"] = LAST_YEAR
    answer = page.call.build()
    assert answer.job is not None
    report = answer.job.wait(AT_LAST).result
    assert "December</th>" in report
    assert report in client.get_page("/").text
    processes = children(running.process.pid)
    assert len(processes) == 3
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(AT_LAST) == 0
    log = running.log.read_text()
    assert "They end." in log
    # So the worker tells what it ran.
    assert "Task clientcallback.run_job" in log
    assert not any(Path(f"/proc/{pid}").exists() for pid in processes)


def test_process_that_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A report whose process cannot start is built all the same. The log tells."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "flask.py").write_text("raise MemoryError\n")
    monkeypatch.setenv("PYTHONPATH", str(broken))
    monkeypatch.syspath_prepend(ROOT / "examples")
    app = importlib.import_module("reports").create_app(
        {
            "DATABASE": str(tmp_path / "reports.sqlite"),
            "CLIENTCALLBACK_STORE": str(tmp_path / "jobs.sqlite"),
            "SECONDS_PER_MONTH": 0,
        }
    )
    page = CallbackClient(app).get_page("/")
    page.form["year"] = LAST_YEAR
    answer = page.call.build()
    assert answer.job is not None
    assert "December</th>" in answer.job.wait(AT_LAST).result
    assert f"The process of the job {answer.job.id} ended with 1" in caplog.text
