"""Real servers for the application, and what ``/proc`` says of their processes."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
import typing as t
from collections.abc import Generator
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

from .application import gate
from .application import JOURNAL_VARIABLE
from .application import LOADED

MAKE_APP = "application:make_served_app"
QUIET = 0.3
"""Seconds after which a process has closed what it is about to close."""
NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/client;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream behind {{
        server 127.0.0.1:{behind};
        keepalive 4;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            {pass_on}
        }}
    }}
}}
"""
"""A proxy that reads a request to its end before it passes it on, as nginx does
unless it is told otherwise. It keeps its connections to the server."""
HTTP = """
            proxy_pass http://behind;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
"""
PLAIN = """
            proxy_pass http://behind;
"""
"""The shortest setting that there is: HTTP/1.0, and a connection for each request."""
UWSGI = """
            include /etc/nginx/uwsgi_params;
            uwsgi_pass behind;
"""
"""How the proxy speaks to the server."""
UWSGI_PROGRAM = Path(sys.executable).parent / "uwsgi"


def wait_until(condition: t.Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds, and fail when it does not come to that."""
    end = time.monotonic() + seconds

    while not condition():
        assert time.monotonic() < end, f"Waited {seconds} seconds in vain."
        time.sleep(0.005)


class Server:
    """A server that runs."""

    def __init__(
        self, process: subprocess.Popen[bytes], port: int, folder: Path
    ) -> None:
        self.process = process
        self.port = port
        self._folder = folder

    def workers(self) -> list[int]:
        """List the process ids of the workers."""
        return children(self.process.pid)

    def journal(self) -> Iterator[tuple[int, str]]:
        """Read which worker's handler began which call."""
        path = self._folder / "journal"
        path.touch()

        with path.open() as lines:
            for line in lines:
                worker, argument = line.split()
                yield int(worker), argument

    def open_gate(self, name: str) -> None:
        """Let the handlers go on that wait there."""
        gate(self._folder, name).touch()

    def loaded(self) -> int:
        """Count the workers that were ever ready to answer."""
        return (self._folder / "log").read_text().count(LOADED)

    def kill(self, worker: int) -> float:
        """Kill a worker, and tell when it was seen dead."""
        with os.fdopen(os.pidfd_open(worker)) as watched:
            os.kill(worker, signal.SIGKILL)
            readable, _, _ = select.select([watched], [], [], 10)
            assert readable, "The worker did not die."

        return time.monotonic()

    def reload(self) -> None:
        """Have all workers replaced gracefully, and wait for it."""
        old = set(self.workers())
        os.kill(self.process.pid, signal.SIGHUP)
        wait_until(
            lambda: old.isdisjoint(self.workers()) and len(old) == len(self.workers())
        )

    def stop(self) -> int:
        """Stop gracefully, and give the status that the server ends with."""
        self.process.terminate()
        return self.process.wait(60)


@contextmanager
def gunicorn(
    worker_class: str,
    folder: Path,
    *,
    workers: int = 2,
    threads: int = 8,
    make_app: str = MAKE_APP,
    port: int = 0,
) -> Generator[Server]:
    """Serve the application with several worker processes.

    :param port: where it listens; at any free one unless given.
    """
    options = [f"{make_app}()", f"--worker-class={worker_class}"]
    options += [f"--workers={workers}", "--keep-alive=30"]

    if worker_class == "gthread":
        options.append(f"--threads={threads}")

    with gunicorn_with(options, folder, port) as server:
        wait_until(lambda: server.loaded() >= workers)
        yield server


@contextmanager
def gunicorn_with(options: list[str], folder: Path, port: int = 0) -> Generator[Server]:
    """Serve an application with these options.

    :param port: where it listens; at any free one unless given.
    """
    command = [sys.executable, "-m", "gunicorn", *options, "--no-control-socket"]

    # Calls wait at the open socket until the first worker is there.
    with socket.create_server(("127.0.0.1", port), backlog=1024) as listener:
        port = listener.getsockname()[1]
        command.append(f"--bind=fd://{listener.fileno()}")

        with _running(command, port, folder, listener.fileno()) as server:
            listener.close()
            yield server


@contextmanager
def werkzeug(folder: Path) -> Generator[Server]:
    """Serve the application with Flask's own server, for development."""
    port = _free_port()
    command = [sys.executable, "-m", "flask", "--app", MAKE_APP, "run"]

    with _running([*command, f"--port={port}"], port, folder) as server:
        wait_until(lambda: _listens(port))
        yield server


@contextmanager
def waitress(folder: Path) -> Generator[Server]:
    """Serve the application with threads of one process."""
    port = _free_port()
    command = [sys.executable, "-m", "waitress", f"--listen=127.0.0.1:{port}"]

    with _running([*command, "--call", MAKE_APP], port, folder) as server:
        wait_until(lambda: _listens(port))
        yield server


@contextmanager
def uvicorn(folder: Path) -> Generator[Server]:
    """Serve the application with threads behind an event loop."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", MAKE_APP]

    with _running(
        [*command, "--interface=wsgi", f"--port={port}"], port, folder
    ) as server:
        wait_until(lambda: _listens(port))
        yield server


@contextmanager
def uwsgi(folder: Path) -> Generator[Server]:
    """Serve the application with uWSGI's own protocol. It reads small bodies before
    the application runs, as a proxy resets connections whose body nobody read.
    """
    port = _free_port()
    command = [str(UWSGI_PROGRAM), "--master"]
    command += [f"--socket=127.0.0.1:{port}", f"--module={MAKE_APP}()", "--threads=4"]
    command += ["--post-buffering=8192", "--die-on-term", f"--virtualenv={sys.prefix}"]

    with _running(command, port, folder) as server:
        wait_until(lambda: server.loaded() > 0 and _listens(port))
        yield server


@contextmanager
def nginx(
    executable: str, behind: Server, folder: Path, pass_on: str = HTTP
) -> Generator[Server]:
    """Put a buffering proxy before a server."""
    port = _free_port()
    folder.mkdir()
    settings = folder / "nginx.conf"
    settings.write_text(
        NGINX.format(folder=folder, port=port, behind=behind.port, pass_on=pass_on)
    )
    command = [executable, "-p", str(folder), "-e", "stderr", "-c", str(settings)]

    with _running(command, port, folder) as server:
        wait_until(lambda: _listens(port))
        yield server


@contextmanager
def _running(
    command: list[str], port: int, folder: Path, *passed: int
) -> Generator[Server]:
    folder.mkdir(exist_ok=True)
    environment = {**os.environ, JOURNAL_VARIABLE: str(folder / "journal")}
    # The application is to run as in production.
    environment.pop("PYTHONDEVMODE", None)

    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=Path(__file__).parent,
            env=environment,
            stdout=log,
            stderr=log,
            pass_fds=passed,
        )

    try:
        yield Server(process, port, folder)
    finally:
        left = [process.pid, *children(process.pid)]
        process.terminate()

        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def children(pid: int) -> list[int]:
    """List the processes that a process started and that still run."""
    try:
        return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    except OSError:
        return []


def memory(pid: int) -> float:
    """Tell how much memory a process holds, in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def descriptors(pid: int) -> int:
    """Count the files and connections that a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def descriptors_at_rest(pid: int, enough: int = 0) -> int:
    """Count them when those of past requests are closed: as soon as there are few
    enough, or when no more of them are being closed.
    """
    least, since = descriptors(pid), time.monotonic()

    def is_at_rest() -> bool:
        nonlocal least, since
        now = descriptors(pid)

        if now < least:
            least, since = now, time.monotonic()

        return now <= enough or time.monotonic() > since + QUIET

    wait_until(is_at_rest)
    return least
