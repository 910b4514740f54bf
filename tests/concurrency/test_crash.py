"""After ``kill -9`` of the emulator under load, acknowledged writes exist and no write exists in part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Event

import pytest
from werkzeug.test import TestResponse

from tests.support.app import Client
from tests.support.concurrency import TIMEOUT
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp
from tests.support.mutants import RespondsTooEarly, WritesOneByOne
from tools.local.dynamodb import DynamoDBEmulator

WRITERS = 4
MIN_ACKNOWLEDGED = 60
KILLS = 3
CATS_PER_KILL = 10
_runs = count()
CREATED, MISSING = Counter(record=1, history=1), Counter[str]()


def put(client: Client, name: str) -> TestResponse:
    """Create a cat with PUT."""
    return client.put(f"/cats/{name}", {"description": f"This is {name}."}, if_none_match="*")


def post(client: Client, name: str) -> TestResponse:
    """Create a cat with POST and an Idempotency-Key."""
    cat = {"name": name, "description": f"This is {name}."}
    return client.post("/cats", cat, idempotency_key=name)


@dataclass
class WriteLoad:
    """Writers that create cats until the store fails or the load is stopped."""

    name: str
    attempted: list[str] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)
    """The ETag of each cat whose creation was acknowledged."""
    enough: Event = field(default_factory=Event)
    stopped: Event = field(default_factory=Event)

    def write(self, client: Client, writer: int) -> int:
        """Create cats until a request fails, and return the status of its response."""
        send = (put, post)[writer % 2]
        for number in count():
            name = f"{self.name}-{writer}-{number}"
            self.attempted.append(name)
            response = send(client, name)
            if response.status_code == 201:
                self.acknowledged[name] = response.headers["ETag"]
            if len(self.acknowledged) >= MIN_ACKNOWLEDGED:
                self.enough.set()
            if response.status_code != 201 or self.stopped.is_set():
                return response.status_code
        raise AssertionError


def kill_under_load(cafe: EngineApp, engine: DynamoDBEmulator) -> None:
    """Kill the emulator under load, start it again, and check the cats."""
    load, written, killed = WriteLoad(f"load{next(_runs)}"), Event(), Event()

    def wait_for_kill() -> None:
        written.set()
        killed.wait(TIMEOUT)

    with _writing(cafe, load) as writers:
        assert load.enough.wait(TIMEOUT)
        # One writer has just committed and gets its response after the kill; the others are at any point.
        cafe.table.after_write = wait_for_kill
        assert written.wait(TIMEOUT)
        engine.kill()
        killed.set()
        assert {writer.result() for writer in writers} <= {503}, "a write without success is a 503"
    engine.start()
    _check(cafe, load)


def kill_repeatedly(cafe: EngineApp, engine: DynamoDBEmulator) -> None:
    """Kill the emulator several times: not every kill reveals every defect."""
    for _ in range(KILLS):
        kill_under_load(cafe, engine)


@contextmanager
def _writing(cafe: EngineApp, load: WriteLoad) -> Iterator[list[Future[int]]]:
    with ThreadPoolExecutor(WRITERS) as threads:
        try:
            yield [threads.submit(load.write, client, index) for index, client in enumerate(cafe.clients(WRITERS))]
        finally:
            load.stopped.set()


def _check(cafe: EngineApp, load: WriteLoad) -> None:
    client = cafe.staff
    assert len(load.acknowledged) >= MIN_ACKNOWLEDGED
    for name in load.attempted:
        response = client.get(f"/cats/{name}")
        etag = load.acknowledged.get(name, response.headers.get("ETag") if response.status_code == 200 else None)
        assert response.headers.get("ETag") == etag, "an acknowledged cat exists"
        assert cafe.count_items(name) == (CREATED if etag else MISSING), "a cat exists with its history or not at all"
    for name in load.attempted:
        if int(name.split("-")[1]) % 2:
            response = post(client, name)
            assert response.status_code == 201, "a repeated POST with its Idempotency-Key is a 201"
            assert cafe.count_items(name) == CREATED, "an acknowledged cat exists once"


def test_acknowledged_writes_survive_a_kill_and_none_is_partial(
    killable_engine: DynamoDBEmulator, make_app: MakeEngineApp
) -> None:
    kill_repeatedly(make_app(killable_engine), killable_engine)


def test_clients_that_retry_lose_and_duplicate_nothing(
    killable_engine: DynamoDBEmulator, make_app: MakeEngineApp
) -> None:
    cafe = make_app(killable_engine)
    written, restarted = [Event() for _ in range(KILLS)], [Event() for _ in range(KILLS)]

    def write(client: Client, writer: int) -> None:
        for number in range(CATS_PER_KILL * KILLS):
            if number % CATS_PER_KILL == CATS_PER_KILL // 2:
                restarted[number // CATS_PER_KILL].wait(TIMEOUT)
            _retry_until_created(client, f"cat-{writer}-{number}")

    clients = cafe.clients(WRITERS)
    with ThreadPoolExecutor(WRITERS) as threads:
        cafe.table.after_write = written[0].set
        writers = [threads.submit(write, client, index) for index, client in enumerate(clients)]
        for event, next_event, restart in zip(written, [*written[1:], Event()], restarted, strict=True):
            assert event.wait(TIMEOUT)
            killable_engine.kill()
            killable_engine.start()
            cafe.table.after_write = next_event.set
            restart.set()
        for writer in writers:
            writer.result()
    names = [f"cat-{writer}-{number}" for writer in range(WRITERS) for number in range(CATS_PER_KILL * KILLS)]
    assert [name for name in names if cafe.count_items(name) != CREATED] == []


def _retry_until_created(client: Client, name: str) -> None:
    for _ in range(1000):
        status = post(client, name).status_code
        if status == 201:
            return
        assert status == 503
    raise TimeoutError(name)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (WritesOneByOne, "a cat exists with its history or not at all"),
        (RespondsTooEarly, "an acknowledged cat exists|a write without success"),
    ],
)
def test_partial_or_unfinished_write_is_detected(
    killable_engine: DynamoDBEmulator, make_app: MakeEngineApp, table: type[InstrumentedTable], message: str
) -> None:
    with pytest.raises(AssertionError, match=message):
        kill_repeatedly(make_app(killable_engine, table), killable_engine)
