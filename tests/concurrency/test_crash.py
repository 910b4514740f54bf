"""kill -9 of the engine in a storm of writes: what was acknowledged is there, and nothing is there by halves."""

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
from tests.support.concurrency import PATIENCE
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp
from tests.support.mutants import RespondsTooEarly, WritesOneByOne
from tools.local.dynamodb import DynamoDBEmulator

WRITERS = 4
ENOUGH = 60
KILLS = 3
HERD = 10
_storms = count()
NEW, NOTHING = Counter(record=1, history=1), Counter[str]()


def put(caller: Client, name: str) -> TestResponse:
    """Create a cat with PUT."""
    return caller.put(f"/cats/{name}", {"description": f"She is {name}."}, if_none_match="*")


def post(caller: Client, name: str) -> TestResponse:
    """Create a cat with POST, under an Idempotency-Key of her own."""
    cat = {"name": name, "description": f"She is {name}."}
    return caller.post("/cats", cat, idempotency_key=name)


@dataclass
class Storm:
    """Some writers who create one cat after the other, until the store does not answer or all is over."""

    name: str
    tried: list[str] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)
    """The ETag of each cat of whom a writer was told that she is there."""
    enough: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)

    def write(self, caller: Client, writer: int) -> int:
        """Create cats until one of them is not acknowledged, and return what was answered then."""
        send = (put, post)[writer % 2]
        for number in count():
            name = f"{self.name}-{writer}-{number}"
            self.tried.append(name)
            answer = send(caller, name)
            if answer.status_code == 201:
                self.acknowledged[name] = answer.headers["ETag"]
            if len(self.acknowledged) >= ENOUGH:
                self.enough.set()
            if answer.status_code != 201 or self.over.is_set():
                return answer.status_code
        raise AssertionError


def what_is_acknowledged_survives(cafe: EngineApp, engine: DynamoDBEmulator) -> None:
    """Kill the engine in a storm: what was acknowledged is there; the rest is there as a whole, or not at all."""
    storm, effect, dead = Storm(f"storm{next(_storms)}"), Event(), Event()

    def happened() -> None:
        effect.set()
        dead.wait(PATIENCE)

    with _writing(cafe, storm) as writers:
        assert storm.enough.wait(PATIENCE)
        # One writer has just had an effect and will be told when the engine is dead; the others are anywhere.
        cafe.table.after_effect = happened
        assert effect.wait(PATIENCE)
        engine.kill()
        dead.set()
        assert {writer.result() for writer in writers} <= {503}, "whoever is not told of a success is told of none"
    engine.start()
    _check(cafe, storm)


def every_kill_is_survived(cafe: EngineApp, engine: DynamoDBEmulator) -> None:
    """Kill it several times: what one kill happens not to show, another does."""
    for _ in range(KILLS):
        what_is_acknowledged_survives(cafe, engine)


@contextmanager
def _writing(cafe: EngineApp, storm: Storm) -> Iterator[list[Future[int]]]:
    with ThreadPoolExecutor(WRITERS) as threads:
        try:
            yield [threads.submit(storm.write, caller, place) for place, caller in enumerate(cafe.clients(WRITERS))]
        finally:
            storm.over.set()


def _check(cafe: EngineApp, storm: Storm) -> None:
    caller = cafe.staff
    assert len(storm.acknowledged) >= ENOUGH
    for name in storm.tried:
        there = caller.get(f"/cats/{name}")
        told = storm.acknowledged.get(name, there.headers.get("ETag") if there.status_code == 200 else None)
        assert there.headers.get("ETag") == told, "what was acknowledged is there"
        assert cafe.count_items(name) == (NEW if told else NOTHING), "she is there with her history, or not at all"
    for name in storm.tried:
        if int(name.split("-")[1]) % 2:
            again = post(caller, name)
            assert again.status_code == 201, "whoever asks again under the same key is told that she is there"
            assert cafe.count_items(name) == NEW, "what was acknowledged is there, once"


def test_what_is_acknowledged_survives_a_kill_and_nothing_is_there_by_halves(
    killable_engine: DynamoDBEmulator, make_app: MakeEngineApp
) -> None:
    every_kill_is_survived(make_app(killable_engine), killable_engine)


def test_clients_who_try_again_lose_nothing_and_make_nothing_twice_whatever_dies(
    killable_engine: DynamoDBEmulator, make_app: MakeEngineApp
) -> None:
    cafe = make_app(killable_engine)
    effects, revived = [Event() for _ in range(KILLS)], [Event() for _ in range(KILLS)]

    def persist(caller: Client, writer: int) -> None:
        for number in range(HERD * KILLS):
            if number % HERD == HERD // 2:
                revived[number // HERD].wait(PATIENCE)
            _insist(caller, f"cat-{writer}-{number}")

    callers = cafe.clients(WRITERS)
    with ThreadPoolExecutor(WRITERS) as threads:
        cafe.table.after_effect = effects[0].set
        writers = [threads.submit(persist, caller, place) for place, caller in enumerate(callers)]
        for effect, following, event in zip(effects, [*effects[1:], Event()], revived, strict=True):
            assert effect.wait(PATIENCE)
            killable_engine.kill()
            killable_engine.start()
            cafe.table.after_effect = following.set
            event.set()
        for writer in writers:
            writer.result()
    herd = [f"cat-{writer}-{number}" for writer in range(WRITERS) for number in range(HERD * KILLS)]
    assert [name for name in herd if cafe.count_items(name) != NEW] == []


def _insist(caller: Client, name: str) -> None:
    """Ask again until she is there, as a client does who is told to come back."""
    for _ in range(1000):
        status = post(caller, name).status_code
        if status == 201:
            return
        assert status == 503
    raise TimeoutError(name)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (WritesOneByOne, "she is there with her history, or not at all"),
        (RespondsTooEarly, "what was acknowledged is there|whoever is not told of a success"),
    ],
)
def test_a_store_that_writes_by_halves_or_answers_too_early_is_caught(
    killable_engine: DynamoDBEmulator, make_app: MakeEngineApp, table: type[InstrumentedTable], told: str
) -> None:
    with pytest.raises(AssertionError, match=told):
        every_kill_is_survived(make_app(killable_engine, table), killable_engine)
