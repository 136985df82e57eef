"""Jobs of one function that meet: which of them run."""

from __future__ import annotations

import multiprocessing
import threading
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest

from flask_clientcallback import run_job
from flask_clientcallback.testing import CallbackClient
from flask_clientcallback.testing import ClientPage
from flask_clientcallback.testing import MemoryStore

from ..helpers.jobs import Answer
from ..helpers.jobs import Desk
from ..helpers.jobs import ExpiringStore
from ..helpers.jobs import follow
from ..helpers.jobs import forget_processes
from ..helpers.jobs import make_app
from ..helpers.jobs import noted
from ..helpers.jobs import poll
from ..helpers.jobs import start
from ..helpers.jobs import wait_until
from ..helpers.redis_server import running_redis

BUSY = {"kind": "server", "message": "This work is under way already."}
RACES = 10


@pytest.fixture(params=["sqlite", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """What an application writes for a store of each kind."""
    if request.param == "sqlite":
        yield str(tmp_path / "store.sqlite3")
    else:
        with running_redis(tmp_path / "redis") as server:
            yield server.url()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[ClientPage]:
    """The page of a visitor whose jobs end with the test. She has a session."""
    client = CallbackClient(make_app(tmp_path))
    begin_session(client)
    yield client.get_page("/")
    (tmp_path / "end").touch()


def begin_session(client: CallbackClient) -> None:
    """Begin the session of a user."""
    with client.session_transaction() as session:
        session["_clientcallback"] = "Ada"


def test_parallel(page: ClientPage, tmp_path: Path) -> None:
    """Jobs run side by side unless the function says otherwise."""
    answers = [start(page, "wait", str(tmp_path), name) for name in ("one", "two")]
    journal = tmp_path / "journal"
    wait_until(lambda: sorted(noted(journal)) == ["one begins", "two begins"])
    (tmp_path / "end").touch()
    assert [follow(page, one)["result"] for one in answers] == ["one", "two"]


def test_keep(page: ClientPage, tmp_path: Path) -> None:
    """With the same arguments both get the job that runs; with others, each their own;
    and a new one when it is over.
    """
    ids = [
        start(page, "keep", str(tmp_path), name)["job"]["id"]
        for name in ("one", "one", "two")
    ]
    assert ids[0] == ids[1] != ids[2]
    assert poll(page, ids[0])["status"] == 200
    (tmp_path / "end").touch()
    wait_until(lambda: poll(page, ids[0]).get("result") == "one")
    wait_until(lambda: poll(page, ids[2]).get("result") == "two")
    assert follow(page, start(page, "keep", str(tmp_path), "one"))["result"] == "one"
    begun = [line for line in noted(tmp_path / "journal") if line == "one begins"]
    assert len(begun) == 2


def test_keep_of_a_cancelled_one(page: ClientPage, tmp_path: Path) -> None:
    """One that somebody has cancelled is given to nobody, though it has not ended."""
    journal = str(tmp_path / "journal")
    first = start(page, "keep_without_yield", journal)
    wait_until(lambda: noted(tmp_path / "journal"))
    poll(page, f"{first['job']['id']} cancel")
    second = start(page, "keep_without_yield", journal)
    assert second["job"]["id"] != first["job"]["id"]
    third = start(page, "keep_without_yield", journal)
    assert third["job"]["id"] == second["job"]["id"]
    (tmp_path / "journal.end").touch()
    assert follow(page, second)["result"] == "done"


def test_replace(page: ClientPage, tmp_path: Path) -> None:
    """The older one is cancelled, and its followers are told."""
    older = start(page, "replace", str(tmp_path), "older")
    journal = tmp_path / "journal"
    wait_until(lambda: noted(journal))
    newer = start(page, "replace", str(tmp_path), "newer")
    assert follow(page, older)["error"]["kind"] == "abort"
    (tmp_path / "end").touch()
    assert follow(page, newer)["result"] == "newer"
    assert "older is left" in noted(journal)


def test_refuse(page: ClientPage, tmp_path: Path) -> None:
    """The newer one is an error, until the older is over."""
    first = start(page, "refuse", str(tmp_path), "first")
    assert start(page, "refuse", str(tmp_path), "second") == {
        "error": BUSY,
        "status": 409,
    }
    poll(page, f"{first['job']['id']} cancel")
    assert follow(page, first)["status"] == 409
    (tmp_path / "end").touch()
    third = start(page, "refuse", str(tmp_path), "third")
    assert follow(page, third)["result"] == "third"
    assert not any("second" in line for line in noted(tmp_path / "journal"))


def test_others(page: ClientPage, tmp_path: Path) -> None:
    """Another user's job, one at another address and one of another function is none
    of the same.
    """
    app = make_app(tmp_path, start_job=[].append)
    client = CallbackClient(app)
    begin_session(client)
    here = client.get_page("/")
    assert start(here, "refuse", str(tmp_path))["status"] == 200
    assert start(here, "refuse", str(tmp_path))["status"] == 409
    assert start(here, "keep", str(tmp_path))["status"] == 200
    assert start(client.get_page("/other"), "refuse", str(tmp_path))["status"] == 200
    another = CallbackClient(app).get_page("/")
    assert start(another, "refuse", str(tmp_path))["status"] == 200


def test_equal_arguments(tmp_path: Path) -> None:
    """Arguments that are equal are the same, in whatever order their members are."""
    client = CallbackClient(make_app(tmp_path, [].append))
    begin_session(client)
    page = client.get_page("/")
    ids = [
        start(page, "keep", str(tmp_path), "one", value)["job"]["id"]
        for value in (
            [{"a": 1, "b": {"c": 2, "d": 3}}],
            [{"b": {"d": 3, "c": 2}, "a": 1}],
            [{"a": 1, "b": {"c": 2, "d": 4}}],
        )
    ]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("kind", ["keep", "refuse"])
def test_job_that_does_not_begin(tmp_path: Path, kind: str) -> None:
    """Nothing is kept of a job that does not come to be."""
    store = MemoryStore()
    client = CallbackClient(make_app(tmp_path, [].append, CLIENTCALLBACK_STORE=store))
    begin_session(client)
    page = client.get_page("/")

    for _ in range(2):
        start(page, kind, str(tmp_path))

    assert sum(key.startswith("clientcallback:job:") for key in store.keys()) == 1


def test_slot_that_expires(tmp_path: Path) -> None:
    """A place that is found taken, and is free when it is looked at, is claimed."""
    handed: list[str] = []
    store = ExpiringStore("clientcallback:slot:")
    app = make_app(tmp_path, handed.append, CLIENTCALLBACK_STORE=store)
    client = CallbackClient(app)
    begin_session(client)
    page = client.get_page("/")
    ids = [start(page, "refuse", str(tmp_path))["job"]["id"] for _ in range(2)]
    assert handed == ids
    assert ids[0] != ids[1]


class ForgetfulStore(MemoryStore):
    """A store that is asked twice, as its first answer got lost, and says no."""

    def add(self, key: str, value: bytes, ttl: float) -> bool:
        super().add(key, value, ttl)
        return super().add(key, value, ttl)

    def swap(self, key: str, old: bytes, new: bytes, ttl: float) -> bool:
        super().swap(key, old, new, ttl)
        return super().swap(key, old, new, ttl)


@pytest.mark.parametrize("kind", ["keep", "refuse", "replace"])
def test_slot_whose_answer_is_lost(tmp_path: Path, kind: str) -> None:
    """A place that the store gave, and could not confirm, is the job's own."""
    handed: list[str] = []
    app = make_app(tmp_path, handed.append, CLIENTCALLBACK_STORE=ForgetfulStore())
    client = CallbackClient(app)
    begin_session(client)
    answer = start(client.get_page("/"), kind, str(tmp_path))
    assert answer["job"]["state"] == "queued"
    assert handed == [answer["job"]["id"]]


def test_taking_over_whose_answer_is_lost(tmp_path: Path) -> None:
    """A place that is taken over without a confirmation is the newer job's, and the
    older job is cancelled.
    """
    handed: list[str] = []
    app = make_app(tmp_path, handed.append, CLIENTCALLBACK_STORE=ForgetfulStore())
    client = CallbackClient(app)
    begin_session(client)
    page = client.get_page("/")
    older, newer = [start(page, "replace", str(tmp_path)) for _ in range(2)]
    assert poll(page, older["job"]["id"])["error"]["kind"] == "abort"
    assert newer["job"]["state"] == "queued"
    assert handed == [older["job"]["id"], newer["job"]["id"]]


def test_replaced_before_it_is_noted(tmp_path: Path) -> None:
    """The job that takes the place of another is found as the newest, also where it
    does so before the other is noted.
    """

    class Between(MemoryStore):
        """Lets another start one, before the first is noted."""

        thread: threading.Thread | None = None

        def set(self, key: str, value: bytes, ttl: float) -> None:
            if key.startswith("clientcallback:newest:") and self.thread is None:
                self.thread = threading.Thread(target=start_newer)
                self.thread.start()
                self.thread.join()

            super().set(key, value, ttl)

    def start_newer() -> None:
        newer.append(start(page_of(), "replace", str(tmp_path))["job"]["id"])

    def page_of() -> ClientPage:
        client = CallbackClient(app)
        begin_session(client)
        return client.get_page("/")

    newer: list[str] = []
    app = make_app(tmp_path, [].append, CLIENTCALLBACK_STORE=Between())
    assert start(page_of(), "replace", str(tmp_path))["error"]["kind"] == "abort"
    assert start(page_of(), "find", "replace")["job"]["id"] == newer[0]


Racer = tuple[ClientPage, list[str]]
"""A page, and the ids that its application hands to an engine."""


def make_racer(place: str, folder: Path, turn: int) -> Racer:
    """Make an application of its own for one that takes part in a race."""
    handed: list[str] = []
    app = make_app(folder, start_job=handed.append, CLIENTCALLBACK_STORE=place)
    # Each race has an address of its own, and so a job of its own.
    app.add_url_rule(f"/{turn}", view_func=Desk.as_view(f"desk {turn}"))
    client = CallbackClient(app)
    begin_session(client)
    return client.get_page(f"/{turn}"), handed


def race(
    racer: Racer, folder: Path, kind: str, turn: int, together: t.Any
) -> tuple[list[str], Answer]:
    """Start a job as others do at the same time, and tell what was to be run."""
    page, handed = racer
    together.wait(60)
    answer = start(page, kind, str(folder), f"turn {turn}")
    return handed, answer


def race_in_process(
    place: str, folder: str, kind: str, together: t.Any, ended: t.Any
) -> None:
    """Take part in races in a process of its own."""
    taken: list[tuple[list[str], Answer]] = []

    for turn in range(RACES):
        place_of_turn = Path(folder) / str(turn)
        racer = make_racer(place, place_of_turn, turn)
        taken.append(race(racer, place_of_turn, kind, turn, together))

    ended.put(taken)


def check(kind: str, taken: list[tuple[list[str], Answer]]) -> None:
    """See that one of those who raced has the job."""
    handed = [job_id for ids, _ in taken for job_id in ids]

    if kind == "replace":
        return

    assert len(handed) == 1, taken
    told = [answer["job"]["id"] for _, answer in taken if "job" in answer]

    if kind == "keep":
        assert told == handed * len(taken)
    else:
        assert told == handed
        refused = [answer["error"] for _, answer in taken if "error" in answer]
        assert refused == [BUSY] * (len(taken) - 1)


@pytest.mark.parametrize("kind", ["keep", "refuse", "replace"])
def test_race_of_threads(place: str, tmp_path: Path, kind: str) -> None:
    """Of several who start a job at once, in threads, one gets it."""
    together = threading.Barrier(4)

    for turn in range(RACES):
        folder = tmp_path / str(turn)
        folder.mkdir()

        taken: list[tuple[list[str], Answer]] = []

        def run(racer: Racer, turn: int, folder: Path, taken: list[t.Any]) -> None:
            taken.append(race(racer, folder, kind, turn, together))

        # Not in these threads: Werkzeug compiles each address, and threads of Python
        # 3.11 may not build syntax trees at the same time.
        racers = [make_racer(place, folder, turn) for _ in range(4)]
        # An executor may let one of them wait for another.
        threads = [
            threading.Thread(target=run, args=(racer, turn, folder, taken))
            for racer in racers
        ]

        for thread in threads:
            thread.start()

        for thread in threads:
            thread.join()

        assert len(taken) == len(threads)
        check(kind, taken)
        check_run(place, folder, kind, taken)


@pytest.mark.parametrize("kind", ["keep", "refuse", "replace"])
def test_race_of_processes(
    place: str,
    tmp_path: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of several who start a job at once, in processes, one gets it."""
    # Where the processes find this module.
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    context = multiprocessing.get_context("spawn")
    together: t.Any = context.Barrier(3)
    ended: t.Any = context.Queue()

    for turn in range(RACES):
        (tmp_path / str(turn)).mkdir()

    processes = [
        context.Process(
            target=race_in_process, args=(place, str(tmp_path), kind, together, ended)
        )
        for _ in range(3)
    ]

    for process in processes:
        process.start()

    races = [ended.get(timeout=120) for _ in processes]

    for process in processes:
        process.join(60)
        assert process.exitcode == 0

    for turn, taken in enumerate(zip(*races, strict=True)):
        check(kind, list(taken))
        check_run(place, tmp_path / str(turn), kind, list(taken))


def check_run(
    place: str, folder: Path, kind: str, taken: list[tuple[list[str], Answer]]
) -> None:
    """Run all that was to be run, and see that the work is done once."""
    app = make_app(folder, CLIENTCALLBACK_STORE=place)
    (folder / "end").touch()

    with app.app_context():
        for ids, _ in taken:
            for job_id in ids:
                run_job(job_id)

    journal = noted(folder / "journal")
    assert sum(line.endswith("begins") for line in journal) == 1, journal


def test_slot_of_a_job_that_died(tmp_path: Path) -> None:
    """A job whose process ended holds nobody up."""
    client = CallbackClient(make_app(tmp_path))
    begin_session(client)
    first = start(client.get_page("/"), "refuse", str(tmp_path), "first")
    wait_until(lambda: noted(tmp_path / "journal"))
    forget_processes(tmp_path)
    # Another application is as good as another process.
    client = CallbackClient(make_app(tmp_path))
    begin_session(client)
    page = client.get_page("/")
    second = start(page, "refuse", str(tmp_path), "second")
    assert poll(page, first["job"]["id"])["error"] == {
        "kind": "server",
        "message": "The work was interrupted.",
    }
    (tmp_path / "end").touch()
    assert follow(page, second)["result"] == "second"
    # It was thought dead, and ended after all.
    wait_until(lambda: poll(page, first["job"]["id"]).get("result") == "first")
